"""What every e-signature service is asked for the same way: that a request goes out once, and as it was approved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from clmcrm.clm.signature import SignatureRequest
from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.records import to_fields
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Outcome, Result

MOST_REMEMBERED: Final = 10_000
NOT_LET_IN: Final = 401
"""The status of a sending that says nothing of the request: the key or the token is not accepted (any more)."""

_DAY: Final = timedelta(days=1)
_LATE: Final = timedelta(hours=1)
_KINDS: Final = ((b"%PDF-", "pdf"), (b"PK\x03\x04", "docx"))


def id_bytes(*parts: str) -> bytes:
    r"""The bytes that a fingerprint of our id is made of; raises `InvalidRecord` for a text that has none.

    >>> id_bytes("acme", "R-1")
    b'acme\x00R-1'
    """
    try:
        return chr(0).join(parts).encode()
    except UnicodeEncodeError:
        raise InvalidRecord("SignatureRequest", "id", parts[-1], "text without half a surrogate pair") from None


def reason_objection(reason: str, most: int | None = None) -> str:
    """Why a reason for cancelling is not taken, with at most `most` characters (None: any number); empty when it is.

    >>> reason_objection("superseded", 200), reason_objection(" ")
    ('', 'a reason has at least one character')
    """
    if not reason.strip() or (most is not None and len(reason) > most):
        return "a reason has at least one character" if most is None else f"a reason has 1 to {most} characters"
    halves = any("\ud800" <= letter <= "\udfff" for letter in reason)
    return "a reason is text without half a surrogate pair" if halves else ""


def print_of(request: SignatureRequest) -> str:
    """The fingerprint of a request: who signs what, in which order and until when."""
    return sha256(canonical_text(to_fields(request)).encode()).hexdigest()


def kind_of(document: bytes) -> str:
    """Whether a document is a "pdf" or a "docx", by its first bytes; empty for anything else.

    >>> kind_of(b"%PDF-1.7"), kind_of(b"text")
    ('pdf', '')
    """
    return next((kind for start, kind in _KINDS if document.startswith(start)), "")


def is_document_of(request: SignatureRequest, document: bytes) -> bool:
    """Whether the document is the one that the request names by its fingerprint."""
    return sha256(document).hexdigest() == request.sha256


def document_objections(request: SignatureRequest, document: bytes, service: str) -> Iterator[str]:
    """What keeps any service from sending the document: another fingerprint, nobody who acts, another kind of file."""
    if not is_document_of(request, document):
        yield "the document does not have the fingerprint asked for"
    if not any(recipient.must_act for recipient in request.recipients):
        yield "nobody is asked to act"
    for recipient in request.recipients:
        # A service tells the address without its spaces, and what is told would be nobody's.
        if recipient.email != recipient.email.strip():
            yield f"{recipient.email!r} is an address with spaces around it"
    if not kind_of(document):
        yield f"the document is neither a PDF nor a DOCX; {service} would convert it to something nobody approved"


def sent_before(request: SignatureRequest, document: bytes, *, key: str, kept: str) -> Outcome:
    """The outcome where something was sent under our id: BOUND to `key` when its fingerprint `kept` is ours."""
    if kept == print_of(request) and is_document_of(request, document):
        return Outcome(result=Result.BOUND, key=key)
    return Outcome(result=Result.REUSED, key=key, why=f"another request was sent under the id {request.id}")


def whole_days(request: SignatureRequest, now: datetime, service: str) -> int | str | None:
    """How many days a request stays open: None for no end of its own, a text when that cannot be said.

    Such a service counts whole days from the sending. They are counted down, so that nobody signs after the end asked
    for; an end that is missed by less than an hour counts as met.

    >>> from clmcrm.values.ids import ContractId
    >>> noon = datetime.fromisoformat("2026-05-07T12:00:00+00:00")
    >>> asked = SignatureRequest(id="R", contract=ContractId("C"), sha256="0" * 64, recipients=(),
    ...                          expires_at=noon + timedelta(days=2, hours=20))
    >>> whole_days(asked, noon, "Acme"), whole_days(asked, noon + timedelta(days=2), "Acme")
    (2, 'it ends within a day; Acme counts whole days')
    """
    if request.expires_at is None:
        return None
    left = request.expires_at - now
    if left <= timedelta(0):
        return "it has expired already"
    days = (left + _LATE - timedelta.resolution) // _DAY  # missed by a whole hour is missed
    return days if days >= 1 else f"it ends within a day; {service} counts whole days"


class JustSent:
    """What this process sent lately: lists are late, and what was sent a moment ago must not be sent again meanwhile.

    It only adds to what is looked up; another process, or a later one, waits for the lists instead.
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._sent: dict[str, tuple[str, SignatureRequest]] = {}

    def remember(self, request: SignatureRequest, key: str) -> None:
        """Keep that the request went out as `key`; the oldest is forgotten when there are too many."""
        while len(self._sent) >= self._most:
            _ = self._sent.pop(next(iter(self._sent)), None)
        self._sent[request.id] = key, request

    def key(self, request_id: str) -> str | None:
        """The key of what was sent under our id; None when it is not remembered."""
        return self._sent[request_id][0] if request_id in self._sent else None

    def outcome(self, request: SignatureRequest, document: bytes) -> Outcome | None:
        """The outcome of sending it again; None when it is not remembered."""
        if request.id not in self._sent:
            return None
        key, kept = self._sent[request.id]
        return sent_before(request, document, key=key, kept=print_of(kept))
