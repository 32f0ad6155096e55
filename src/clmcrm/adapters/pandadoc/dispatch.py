"""How a document goes out: the file, looks until it is made, its fields, end and reminders, and then the mail.

Each step is found again by our id: a sending that broke off is gone on with, and only what nobody received is ever
sent. Source: developers.pandadoc.com, "reliable document workflow".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from clmcrm.adapters.pandadoc.definition import (
    PRINT,
    Sending,
    days_open,
    fields_at,
    mail_of,
    objections,
    parts_of,
    reminders_of,
    settings_of,
    without_field,
)
from clmcrm.adapters.pandadoc.listing import Listing
from clmcrm.adapters.pandadoc.reading import was_sent
from clmcrm.adapters.pandadoc.statuses import APPROVED, BROKEN, MADE, SENDABLE, WAITING
from clmcrm.adapters.pandadoc.wire import (
    SENDING,
    VENDOR,
    InAnotherState,
    NoSuchDocument,
    PandaDocSession,
    is_key,
)
from clmcrm.adapters.sent_once import NOT_LET_IN, JustSent, sent_before
from clmcrm.adapters.server_clock import server_time
from clmcrm.adapters.trees import Tree, tree_of, word
from clmcrm.clm.signature import SignatureRequest
from clmcrm.errors import AmbiguousError, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Outcome, Result

TOGETHER: Final = 50
"""Documents that are made together: what PandaDoc takes in a minute."""


class Dispatch:
    """Sends the documents of one workspace; what it sent lately it remembers, for lists are late."""

    def __init__(self, session: PandaDocSession, sending: Sending, listing: Listing) -> None:
        self._session, self._sending, self._listing = session, sending, listing
        self._begun, self._just_sent = JustSent(), JustSent()

    def key(self, request_id: str) -> str | None:
        """The key of what was sent under our id lately; None when it is not remembered."""
        return self._just_sent.key(request_id)

    def send(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        """One outcome; raises `TransientError` while the document is not yet to be sent."""
        (begun,) = yield from self._begun_together([(request, document)])
        return (yield from self._finished(request, begun)) if isinstance(begun, str) else begun

    def send_all(self, requests: Sequence[tuple[SignatureRequest, bytes]]) -> Flow[tuple[Outcome, ...]]:
        """One outcome for each request, in order: while one is made the next is handed over."""
        outcomes: list[Outcome] = []
        for first in range(0, len(requests), TOGETHER):
            several = requests[first : first + TOGETHER]
            begun = yield from self._begun_together(several)
            for (request, _), one in zip(several, begun, strict=True):
                done = (yield from self._finished(request, one, by_now=True)) if isinstance(one, str) else one
                outcomes.append(done)
        return tuple(outcomes)

    def _begun_together(self, several: Sequence[tuple[SignatureRequest, bytes]]) -> Flow[list[str | Outcome]]:
        """For each the key of a document that is to be sent, or what became of the request already.

        The deleted documents are asked for after all others: what is deleted meanwhile is found among the one or
        the other.
        """
        begun: dict[int, str | Outcome] = {}
        for place, (request, document) in enumerate(several):
            before = yield from self._listing.kept(request.id)
            if before is not None:
                begun[place] = self._gone_on(request, document, before)
        others = [place for place in range(len(several)) if place not in begun]
        none_gone = len(others) > 1 and (yield from self._listing.none_sent_is_deleted())
        for place in others:
            request, document = several[place]
            gone = None if none_gone else (yield from self._listing.gone(request.id))
            if gone is None:
                begun[place] = yield from self._handed_over(request, document)
            else:
                begun[place] = Outcome(result=Result.BOUND, key=word(gone, "id"))
        return [begun[place] for place in range(len(several))]

    def _handed_over(self, request: SignatureRequest, document: bytes) -> Flow[str | Outcome]:
        """The key of a document that PandaDoc took, now or lately, or what became of the request."""
        sent = self._just_sent.outcome(request, document)
        if sent is not None:
            return sent
        begun = self._begun.outcome(request, document) or (yield from self._taken(request, document))
        return begun.key if begun.ok else begun

    def _taken(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        """DONE when PandaDoc took the document, which nobody receives yet."""
        why = next(objections(request, document, self._sending, self._now()), "")
        if why:
            return Outcome(result=Result.REFUSED, why=why)
        data, files = parts_of(request, document, self._sending)
        try:
            made = yield from self._session.upload("v1/documents?upload", [("data", data)], files)
        except RefusedError as refused:
            if refused.status == NOT_LET_IN:
                raise
            return Outcome(result=Result.REFUSED, why=refused.what)
        except (NoSuchDocument, InAnotherState) as refused:
            return Outcome(result=Result.REFUSED, why=str(refused))
        key = word(made, "id")
        if not is_key(key):
            raise AmbiguousError(VENDOR, f"it took {request.id} and named no document; look it up by its id")
        self._begun.remember(request, key)
        return Outcome(result=Result.DONE, key=key)

    def _gone_on(self, request: SignatureRequest, document: bytes, before: Tree) -> str | Outcome:
        """What becomes of a document that is there already: bound, or, where nobody received it, sent by its key."""
        key, status = word(before, "id"), word(before, "status")
        if status in BROKEN:
            return _broken(key, status)
        outcome = sent_before(request, document, key=key, kept=word(tree_of(before, "metadata"), PRINT))
        return outcome if not outcome.ok or was_sent(before) else key

    def _finished(self, request: SignatureRequest, key: str, *, by_now: bool = False) -> Flow[Outcome]:
        """From a document that PandaDoc took to one that is sent; `by_now` it should be made."""
        try:
            document = yield from self._listing.made(key, by_now=by_now)
        except NoSuchDocument:
            raise TerminalError(VENDOR, f"document {key} is not there any more") from None
        status = word(document, "status")
        if status in BROKEN:
            return _broken(key, status)
        _held_back(key, status)
        if status not in SENDABLE:
            if was_sent(document):
                return Outcome(result=Result.BOUND, key=key)
            raise TransientError(VENDOR, f"document {key} is {status} still; ask again")
        try:
            why = "" if status == APPROVED else (yield from self._prepared(request, document))
            if why:
                return Outcome(result=Result.REFUSED, why=why)
            answer = yield from self._session.change(
                "POST", f"v1/documents/{key}/send", mail_of(request, self._sending), bucket=SENDING
            )
            status = word(answer, "status")
            if not status:
                raise AmbiguousError(VENDOR, f"its answer to sending {key} shows no status; send it again")
        except (InAnotherState, NoSuchDocument, RefusedError) as refused:
            return (yield from self._not_taken(key, refused))
        _held_back(key, status)
        if not was_sent({"id": key, "status": status}):
            raise AmbiguousError(VENDOR, f"its answer to sending {key} shows {status}; send it again")
        self._just_sent.remember(request, key)
        return Outcome(result=Result.DONE, key=key)

    def _not_taken(self, key: str, refused: InAnotherState | NoSuchDocument | RefusedError) -> Flow[Outcome]:
        """The outcome of a sending that is refused: sent a second time after a lost reply, it is in another state."""
        status = yield from self._status(key)
        if status == MADE:
            raise TransientError(VENDOR, f"document {key} is {status} once more; ask again") from None
        _held_back(key, status)  # by an approval that goes on with it: it is not refused
        if was_sent({"id": key, "status": status}):
            return Outcome(result=Result.BOUND, key=key)  # by another sending, or by ours before its reply was lost
        why = refused.what if isinstance(refused, RefusedError) else str(refused)
        return Outcome(result=Result.REFUSED, why=f"draft {key} is not sent: {why}")

    def _prepared(self, request: SignatureRequest, details: Tree) -> Flow[str]:
        """Give a draft its fields, its end and its reminders; why it must not be sent, empty when it may."""
        key, days = word(details, "id"), days_open(request, self._now())
        if isinstance(days, str):
            return days
        without, spot = without_field(request, details), self._sending.spot
        if without and (spot is None or not all(without.values())):
            names = ", ".join(f"{{signature:{role}}}" for role in without)
            return (
                f"draft {key} has nothing to sign for {', '.join(without)}: put {names} into the document, or set spot"
            )
        if without and spot is not None:
            body = fields_at(spot, without)
            _ = yield from self._session.change("POST", f"v1/documents/{key}/fields", body, effect=Effect.ONCE)
        settings, reminders = settings_of(request, days), reminders_of(request)
        if settings:
            yield from self._set(f"v2/documents/{key}/settings", settings)
        if reminders:
            yield from self._set(f"v1/documents/{key}/auto-reminders", reminders)
        return ""

    def _set(self, path: str, asked: Tree) -> Flow[None]:
        """Set what is asked; nothing is sent whose end or reminders PandaDoc's answer does not show."""
        answer = yield from self._session.change("PATCH", path, asked)
        missing = sorted(name for name, value in asked.items() if answer.get(name) != value)
        if missing:
            raise AmbiguousError(VENDOR, f"its answer to PATCH {path} does not show {', '.join(missing)} as asked")

    def _status(self, key: str) -> Flow[str]:
        try:
            return (yield from self._listing.status(key))
        except NoSuchDocument:
            raise TerminalError(VENDOR, f"document {key} is not there any more") from None

    def _now(self) -> datetime:
        """PandaDoc's own clock, as its last reply stated it."""
        now = server_time(self._session.last_date)
        if now is None:
            raise TerminalError(VENDOR, f"its replies carry no readable date ({self._session.last_date!r})")
        return now


def _held_back(key: str, status: str) -> None:
    if status in WAITING:
        raise TransientError(VENDOR, f"document {key} is {status}: somebody in PandaDoc goes on with it")


def _broken(key: str, status: str) -> Outcome:
    return Outcome(
        result=Result.REFUSED, why=f"document {key} is {status}: nobody received it; send it under another id"
    )
