"""Dropbox Sign as the e-signature service: sent once, told by lists, and the signed document.

Its cancelling keeps no reason and removes the request, so that nobody could tell afterwards what became of it:
requests are not cancelled here. Source: developers.hellosign.com, API reference 3.0.0; "search on list endpoints".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.dropbox_sign.listing import follows, meta_of, place_of, rows_of
from clmcrm.adapters.dropbox_sign.reading import facts_of, version_of
from clmcrm.adapters.dropbox_sign.wire import VENDOR, DropboxSignSession, NoSuchRequest, is_key, moment
from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.adapters.sent_once import (
    NOT_LET_IN,
    JustSent,
    document_objections,
    id_bytes,
    kind_of,
    print_of,
    sent_before,
)
from clmcrm.adapters.server_clock import server_time
from clmcrm.adapters.trees import Tree, is_list, is_tree, word
from clmcrm.clm.signature import Recipient, RecipientRole, SignatureFact, SignatureLevel, SignatureRequest
from clmcrm.errors import AmbiguousError, InvalidRecord, MalformedReply, RefusedError, TerminalError
from clmcrm.ports.calls import Flow
from clmcrm.ports.esign import EsignCapabilities, SignedFiles, Touched
from clmcrm.ports.records import Creating, Outcome, Result
from clmcrm.values.validators import flag, text

LAG: Final = timedelta(seconds=60)
"""How long a request may take to be found ("a minor delay", says the documentation, and no bound)."""
MOST: Final = 100
PRINT: Final = "clmcrm_print"
REQUEST: Final = "clmcrm_request"
SENDER: Final = "clmcrm_sender"
NOT_CANCELLED: Final = "Dropbox Sign keeps no reason of a cancelling and removes the request; a person does it there"

TOGETHER: Final = 25
"""Requests that are looked up together: what may be sent in a minute."""

_LONGEST: Final = 255
_MOST_PAGES: Final = 10


@frozen(kw_only=True)
class Sending:
    """How requests are sent.

    `sender` names this installation among others that use the account; `subject` may hold "{contract}", the
    contract's id; `test` requests have no effect in law.
    """

    sender: str = field(default="clmcrm", validator=text)
    subject: str = field(default="Signature: {contract}", validator=text)
    message: str = ""
    test: bool = field(default=False, validator=flag)


class DropboxSignEsign:
    """The signature requests that `sending.sender` sends from one account; `page` is how many are listed at a time.

    Raises `InvalidRecord` for a page that Dropbox Sign does not list.
    """

    def __init__(
        self, session: DropboxSignSession, sending: Sending | None = None, *, page: int = MOST, lag: timedelta = LAG
    ) -> None:
        if not 1 <= page <= MOST:
            raise InvalidRecord("DropboxSignEsign", "page", page, f"1 to {MOST}")
        self._session, self._sending, self._page, self._lag = session, sending or Sending(), page, lag
        self._just_sent = JustSent()

    @property
    def system(self) -> str:
        """The service's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> EsignCapabilities:
        """What it can and cannot do."""
        return EsignCapabilities(
            levels=frozenset({SignatureLevel.SIMPLE}), creating=Creating.LOOKUP, visible_lag=self._lag,
            cancels=False, certificates=False,
        )  # fmt: skip

    def send(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        """One outcome; see `EsignPort.send`. A look-up and a call that sends."""
        found = yield from self._found([request.id])
        return (yield from self._sent(request, document, found.get(request.id)))

    def send_all(self, requests: Sequence[tuple[SignatureRequest, bytes]]) -> Flow[tuple[Outcome, ...]]:
        """One outcome for each request, in order; as many are looked up together as may be sent in a minute.

        A sending that fails ends it, as `AmbiguousError` when others were sent before it: asking again once lists
        show them (`capabilities.visible_lag`) binds those.
        """
        return (yield from in_doubt_once_written(VENDOR, self._all_sent(requests)))

    def _all_sent(self, requests: Sequence[tuple[SignatureRequest, bytes]]) -> Flow[tuple[Outcome, ...]]:
        outcomes: list[Outcome] = []
        for first in range(0, len(requests), TOGETHER):
            several = requests[first : first + TOGETHER]
            found = yield from self._found([request.id for request, _ in several])
            for request, document in several:
                outcomes.append((yield from self._sent(request, document, found.get(request.id))))
        return tuple(outcomes)

    def _sent(self, request: SignatureRequest, document: bytes, before: Tree | None) -> Flow[Outcome]:
        if before is not None:
            key = word(before, "signature_request_id")
            return sent_before(request, document, key=key, kept=str(meta_of(before).get(PRINT)))
        again = self._just_sent.outcome(request, document)
        if again is not None:
            return again
        why = next(_objections(request, document, self._now()), "")
        if why:
            return Outcome(result=Result.REFUSED, why=why)
        files = {"files[0]": (f"{request.document or request.contract}.{kind_of(document)}", document)}
        try:
            made = yield from self._session.send("signature_request/send", _fields(request, self._sending), files)
        except RefusedError as refused:
            if refused.status == NOT_LET_IN:
                raise
            return Outcome(result=Result.REFUSED, why=refused.what)
        except NoSuchRequest as refused:
            return Outcome(result=Result.REFUSED, why=str(refused))
        key = word(_request(made), "signature_request_id")
        if not is_key(key):
            raise AmbiguousError(VENDOR, f"it took {request.id} and named no request; look it up by its id")
        self._just_sent.remember(request, key)
        return Outcome(result=Result.DONE, key=key)

    def find(self, request_id: str) -> Flow[str | None]:
        """The key of what was sent under our id, or None; the oldest of several."""
        found = (yield from self._found([request_id])).get(request_id)
        return self._just_sent.key(request_id) if found is None else word(found, "signature_request_id")

    def facts(self, key: str) -> Flow[tuple[SignatureFact, ...]]:
        """Everything it tells of the request; raises `TerminalError` for a key it never gave."""
        return facts_of((yield from self._known(key)), self._now())

    def signature_request(self, key: str) -> Flow[Tree]:
        """The request as Dropbox Sign shows it; raises `TerminalError` as `facts`."""
        return (yield from self._known(key))

    def touched(self, cursor: str | None) -> Flow[Touched]:
        """The requests whose state is another one than when they were last told; every pull lists them all."""
        page, told, seen = place_of(cursor)
        answer = yield from self._listed(page, "", size=self._page)
        rows = [row for row in rows_of(answer) if meta_of(row).get(SENDER) == self._sending.sender]
        now = self._now()
        states = {word(row, "signature_request_id"): version_of(row, now) for row in rows}
        fresh = tuple(key for key, state in states.items() if told.get(key) != state)
        more = follows(answer, page, self._page)
        seen = {**seen, **states}
        place: list[Any] = [page + 1, told, seen] if more else [1, seen, {}]
        return Touched(keys=fresh, cursor=json.dumps(place, separators=(",", ":")), more=more)

    def cancel(self, key: str, reason: str) -> Flow[Outcome]:
        """REFUSED: see `NOT_CANCELLED`."""
        del reason
        yield from ()
        return Outcome(result=Result.REFUSED, key=key, why=NOT_CANCELLED)

    def files(self, key: str) -> Flow[SignedFiles | None]:
        """The signed document, whose last pages are the audit trail; None while it is not complete.

        Raises `TransientError` while Dropbox Sign prepares it, and `TerminalError` once it was destroyed.
        """
        if (yield from self._known(key)).get("is_complete") is not True:
            return None
        try:
            document = yield from self._session.pdf(f"signature_request/files/{key}", {"file_type": "pdf"})
        except NoSuchRequest as gone:
            raise TerminalError(VENDOR, f"the signed file of {key}: {gone}") from None
        return SignedFiles(document=document)

    # How it is done.

    def _known(self, key: str) -> Flow[Tree]:
        missing = TerminalError(VENDOR, f"there is no signature request {key}, or it was removed")
        if not is_key(key):
            raise missing
        try:
            return _request((yield from self._session.get(f"signature_request/{key}")))
        except NoSuchRequest:
            raise missing from None

    def _found(self, request_ids: Sequence[str]) -> Flow[dict[str, Tree]]:
        """The oldest request under each of our ids, by the id; those that were not sent are left out."""
        marks = {_mark(self._sending.sender, own): own for own in request_ids}
        query, found = " OR ".join(f"metadata:{mark}" for mark in marks), dict[str, Tree]()
        for page in range(1, _MOST_PAGES + 1):
            answer = yield from self._listed(page, query, size=MOST)
            for row in rows_of(answer):
                told = meta_of(row)
                if not is_tree(row.get("metadata")) or (REQUEST not in told and SENDER in told):
                    key = word(row, "signature_request_id")
                    raise MalformedReply(VENDOR, "signature_requests", f"request {key} is shown without its metadata")
                own = marks.get(str(told.get(REQUEST)))
                if own is not None:
                    found[own] = min(found.get(own, row), row, key=_made)
            if not follows(answer, page, MOST):
                return found
        raise MalformedReply(VENDOR, "signature_requests", "a list that does not keep to the ids asked for")

    def _listed(self, page: int, query: str, *, size: int) -> Flow[Tree]:
        asked = {"page": str(page), "page_size": str(size)}
        try:
            answer = yield from self._session.get(
                "signature_request/list", {**asked, **({"query": query} if query else {})}
            )
        except NoSuchRequest as none:
            raise MalformedReply(VENDOR, "signature_requests", f"no list of requests: {none}") from None
        if not is_list(answer.get("signature_requests")):
            raise MalformedReply(VENDOR, "signature_requests", f"no list of requests: {sorted(answer)[:5]}")
        return answer

    def _now(self) -> datetime:
        now = server_time(self._session.last_date)
        if now is None:
            raise TerminalError(VENDOR, f"its replies carry no readable date ({self._session.last_date!r})")
        return now


def _objections(request: SignatureRequest, document: bytes, now: datetime) -> Iterator[str]:
    yield from document_objections(request, document, "Dropbox Sign")
    if request.expires_at is not None and request.expires_at <= now:
        yield "it has expired already"
    if request.remind_after is not None:
        yield "reminders are the account's own setting in Dropbox Sign"
    addresses = [one.email.strip().lower() for one in request.recipients]
    if len(set(addresses)) < len(addresses):
        yield "two recipients have one address; Dropbox Sign tells recipients apart by their address"
    for one in request.recipients:
        yield from _objections_to(one, request)


def _objections_to(one: Recipient, request: SignatureRequest) -> Iterator[str]:
    if one.role not in (RecipientRole.SIGNER, RecipientRole.COPY):
        yield f"{one.email}: there is no role {one.role.value} in Dropbox Sign"
    level = request.level_of(one)
    if level is not SignatureLevel.SIMPLE:
        yield f"{one.email}: signatures of the level {level.value} are not collected through this adapter"
    if one.authentication is not None:
        yield f"{one.email}: {one.authentication.value} needs a number or a code, which the request does not hold"
    if not one.required:
        yield f"{one.email}: Dropbox Sign has no signer whose act may be left out"
    if max(len(one.name), len(one.email)) > _LONGEST:
        yield f"{one.email}: name and address have at most {_LONGEST} characters"


def _fields(request: SignatureRequest, sending: Sending) -> list[tuple[str, str]]:
    """The form's fields; lists and objects are JSON in a part of their own, as Dropbox Sign's client sends them."""
    subject = sending.subject.replace("{contract}", request.contract)
    people = [one for one in request.recipients if one.role is RecipientRole.SIGNER]
    orders = sorted({one.order for one in people})
    signers = [{"name": o.name, "email_address": o.email, "order": orders.index(o.order)} for o in people]
    copies = [one.email for one in request.recipients if one.role is RecipientRole.COPY]
    marks = {REQUEST: _mark(sending.sender, request.id), PRINT: print_of(request), SENDER: sending.sender}
    told = [("title", subject), ("subject", subject), ("signers", _json(signers)), ("metadata", _json(marks))]
    if sending.message:
        told.append(("message", sending.message))
    if copies:
        told.append(("cc_email_addresses", _json(copies)))
    if request.expires_at is not None:
        told.append(("expires_at", str(int(request.expires_at.timestamp()))))
    return [*told, ("allow_decline", "true"), ("allow_reassign", "false"), ("test_mode", _json(sending.test))]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _mark(sender: str, request_id: str) -> str:
    """Our id as a word that a search takes as itself: letters and digits alone."""
    return f"clmcrm{sha256(id_bytes(sender, request_id)).hexdigest()}"


def _made(request: Tree) -> datetime:
    return moment(request, "created_at") or datetime.max.replace(tzinfo=UTC)


def _request(answer: Tree) -> Tree:
    found = answer.get("signature_request")
    if not is_tree(found):
        raise MalformedReply(VENDOR, "signature_request", f"no signature request: {sorted(answer)[:5]}")
    return found
