"""An e-signature service in memory: the twin that tests run against, and whose recipients are moved by hand.

Every sending, act and end gives a fact and moves the feed; nothing is signed by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Final

from attrs import evolve, field, frozen

from clmcrm.adapters.memory import ticking_clock
from clmcrm.clm.signature import (
    Recipient,
    RecipientFact,
    RecipientState,
    RequestFact,
    RequestState,
    SignatureFact,
    SignatureLevel,
    SignatureRequest,
)
from clmcrm.clm.signature_certificate import CompletionCertificate, completion_certificate
from clmcrm.clm.signature_standing import ENDED, signature_standing
from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.records import to_fields
from clmcrm.errors import TerminalError, Unsupported
from clmcrm.ports.esign import EsignCapabilities, SignedFiles, Touched
from clmcrm.ports.records import Outcome, Result

PAGE_SIZE: Final = 100
_LONGEST: Final = 18
MEMORY_ESIGN: Final = EsignCapabilities(levels=frozenset({SignatureLevel.SIMPLE, SignatureLevel.ADVANCED}))
"""What the service in memory can do unless it is told otherwise."""


@frozen(kw_only=True)
class _Sent:
    """One request as the service keeps it; `number` is that of its last change."""

    key: str
    request: SignatureRequest
    document: bytes
    number: int
    facts: tuple[SignatureFact, ...] = field(default=())


class MemoryEsign:
    """An e-signature service in memory; `sign`, `view` and `decline` are what recipients do.

    >>> MemoryEsign().find("R-1") is None
    True
    """

    def __init__(
        self,
        capabilities: EsignCapabilities = MEMORY_ESIGN,
        *,
        clock: Callable[[], datetime] | None = None,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._capabilities = capabilities
        self._clock = clock or ticking_clock()
        self._page_size = page_size
        self._sent: dict[str, _Sent] = {}
        self._keys: dict[str, str] = {}
        self._number = 0

    @property
    def system(self) -> str:
        """The service's name in refs and reports."""
        return "memory-esign"

    @property
    def capabilities(self) -> EsignCapabilities:
        """What it can and cannot do."""
        return self._capabilities

    # What the port asks for.

    def send(self, request: SignatureRequest, document: bytes) -> Outcome:
        """One outcome; see `EsignPort.send`."""
        before = self._keys.get(request.id)
        if before is not None:
            return self._bound(self._sent[before], request, document)
        why = self._objection(request, document)
        if why:
            return Outcome(result=Result.REFUSED, why=why)
        return self._opened(request, document)

    def find(self, request_id: str) -> str | None:
        """The key of what was sent under our id, or None."""
        return self._keys.get(request_id)

    def facts(self, key: str) -> tuple[SignatureFact, ...]:
        """Everything that happened to this request."""
        return self._looked_at(key).facts

    def touched(self, cursor: str | None) -> Touched:
        """The requests changed since; raises `TerminalError` for a cursor it never gave, or where it has no feed."""
        if not self._capabilities.feed:
            raise Unsupported(self.system, "feed", "it does not tell which requests changed")
        if cursor is not None and (not cursor.isdecimal() or len(cursor) > _LONGEST):
            raise TerminalError(self.system, f"{cursor[:80]!r} is no cursor of the feed")
        for key in tuple(self._sent):
            _ = self._looked_at(key)
        since = 0 if cursor is None else int(cursor)
        told = sorted((sent for sent in self._sent.values() if sent.number > since), key=lambda sent: sent.number)
        page = told[: self._page_size]
        return Touched(
            keys=tuple(sent.key for sent in page),
            cursor=str(page[-1].number if page else since),
            more=len(told) > len(page),
        )

    def cancel(self, key: str, reason: str) -> Outcome:
        """One outcome; see `EsignPort.cancel`."""
        if key not in self._sent:
            return Outcome(result=Result.MISSING, why=f"there is no request {key}")
        if not self._capabilities.cancels:
            return Outcome(result=Result.REFUSED, key=key, why="requests cannot be cancelled here")
        _ = self._looked_at(key)  # what has reached its end has expired, and is not voided after it
        state = self._state(key)
        if state is RequestState.COMPLETED:
            return Outcome(result=Result.REFUSED, key=key, why="it is complete: the signatures exist")
        if state not in ENDED and state is not RequestState.DECLINED:
            self._tell(key, RequestState.VOIDED, reason=reason)
        return Outcome(result=Result.DONE, key=key)

    def files(self, key: str) -> SignedFiles | None:
        """The signed document and its certificate; None while the request is not complete."""
        sent = self._looked_at(key)
        document = sent.document + b"\n% signed: " + key.encode()
        signed = SignedFiles(document=document)
        proof = completion_certificate(
            sent.request, sent.facts, system=self.system, key=key, signed_sha256=signed.sha256
        )
        if not isinstance(proof, CompletionCertificate):
            return None
        if not self._capabilities.certificates:
            return signed
        return evolve(signed, certificate=canonical_text(to_fields(proof)).encode())

    # What recipients do.

    def view(self, key: str, email: str) -> None:
        """A recipient opens the document."""
        _ = self._act(key, email, RecipientState.VIEWED)

    def sign(self, key: str, email: str) -> None:
        """A recipient signs; the last one completes the request, others pass it on."""
        recipient = self._act(key, email, RecipientState.COMPLETED, level=True)
        sent = self._sent[key]
        if signature_standing(sent.request, sent.facts).complete:
            self._tell(key, RequestState.COMPLETED)
        else:
            self._pass_on(key, recipient.order)

    def decline(self, key: str, email: str, reason: str) -> None:
        """A recipient refuses, which ends the request."""
        _ = self._act(key, email, RecipientState.DECLINED, reason=reason)
        self._tell(key, RequestState.DECLINED, reason=reason)

    # How it is done.

    def _bound(self, sent: _Sent, request: SignatureRequest, document: bytes) -> Outcome:
        if (sent.request, sent.document) == (request, document):
            return Outcome(result=Result.BOUND, key=sent.key)
        why = f"another request was sent under the id {request.id}"
        return Outcome(result=Result.REUSED, key=sent.key, why=why)

    def _objection(self, request: SignatureRequest, document: bytes) -> str:
        able = self._capabilities
        levels = {request.level_of(recipient) for recipient in request.recipients}
        for wrong, why in (
            (sha256(document).hexdigest() != request.sha256, "the document does not have the fingerprint asked for"),
            (not any(recipient.must_act for recipient in request.recipients), "nobody is asked to act"),
            (bool(levels - able.levels), f"signatures of the level {', '.join(sorted(levels))} are not collected here"),
            (any(r.role not in able.roles for r in request.recipients), "a role is asked for that is not known here"),
            (not able.orders and len({r.order for r in request.recipients}) > 1, "no order is kept among recipients"),
            (request.expires_at is not None and request.expires_at <= self._clock(), "it has expired already"),
        ):
            if wrong:
                return why
        return ""

    def _opened(self, request: SignatureRequest, document: bytes) -> Outcome:
        key = f"envelope-{len(self._sent) + 1}"
        self._sent[key] = _Sent(key=key, request=request, document=document, number=0)
        self._keys[request.id] = key
        self._tell(key, RequestState.SENT)
        self._pass_on(key, -1)
        return Outcome(result=Result.DONE, key=key)

    def _looked_at(self, key: str) -> _Sent:
        sent = self._sent.get(key)
        if sent is None:
            raise TerminalError(self.system, f"there is no request {key}")
        ends = sent.request.expires_at
        open_still = self._state(key) not in {*ENDED, RequestState.COMPLETED, RequestState.DECLINED}
        if ends is not None and open_still and self._clock() >= ends:
            self._tell(key, RequestState.EXPIRED)
        return self._sent[key]

    def _state(self, key: str) -> RequestState:
        return signature_standing(self._sent[key].request, self._sent[key].facts).state

    def _act(self, key: str, email: str, state: RecipientState, *, reason: str = "", level: bool = False) -> Recipient:
        sent = self._looked_at(key)
        waiting = signature_standing(sent.request, sent.facts).waiting_for
        recipient = next((r for r in waiting if r.email.lower() == email.lower()), None)
        if recipient is None:
            raise TerminalError(self.system, f"it is not the turn of {email} in {key}")
        stated = sent.request.level_of(recipient) if level else None
        self._add(key, self._fact(sent, recipient, state, reason=reason, level=stated))
        return recipient

    def _pass_on(self, key: str, order: int) -> None:
        """Send it to those who come next after `order`."""
        sent = self._sent[key]
        waiting = signature_standing(sent.request, sent.facts).waiting_for
        for recipient in waiting:
            if recipient.order > order:
                self._add(key, self._fact(sent, recipient, RecipientState.SENT))

    def _fact(
        self,
        sent: _Sent,
        recipient: Recipient,
        state: RecipientState,
        *,
        reason: str = "",
        level: SignatureLevel | None = None,
    ) -> RecipientFact:
        return RecipientFact(
            at=self._clock(), system=self.system, raw=state.value, event=self._next_event(), reason=reason,
            sha256=sent.request.sha256, email=recipient.email, recipient=recipient.id, state=state,
            name=recipient.name, level=level,
        )  # fmt: skip

    def _tell(self, key: str, state: RequestState, *, reason: str = "") -> None:
        sent = self._sent[key]
        fact = RequestFact(
            at=self._clock(), system=self.system, raw=state.value, event=self._next_event(), reason=reason,
            sha256=sent.request.sha256, state=state,
        )  # fmt: skip
        self._add(key, fact)

    def _next_event(self) -> str:
        self._number += 1
        return str(self._number)

    def _add(self, key: str, fact: SignatureFact) -> None:
        sent = self._sent[key]
        self._sent[key] = evolve(sent, facts=(*sent.facts, fact), number=self._number)
