"""PandaDoc as the e-signature service: made, then sent once, told by lists and trails, voided, and its signed file.

Sending takes several steps, since PandaDoc makes a document some seconds after it took the file. Each step is found
again by our id: a sending that broke off is gone on with, and only what nobody received is ever sent.
Source: PandaDoc/pandadoc-openapi-specification 8.8.0; developers.pandadoc.com, "reliable document workflow".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from clmcrm.adapters.pandadoc.audit import audited
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
from clmcrm.adapters.pandadoc.feed import place_of
from clmcrm.adapters.pandadoc.listing import MOST, Listing
from clmcrm.adapters.pandadoc.reading import DELETED, facts_of, is_complete, version_of, was_sent
from clmcrm.adapters.pandadoc.statuses import BROKEN, SENDABLE, UNSENT, VOIDED, WAITING, status_of
from clmcrm.adapters.pandadoc.wire import SENDING, VENDOR, InAnotherState, NoSuchDocument, PandaDocSession, is_key
from clmcrm.adapters.sent_once import JustSent, sent_before
from clmcrm.adapters.server_clock import server_time
from clmcrm.adapters.trees import Tree, tree_of, word
from clmcrm.clm.signature import RequestState, SignatureFact, SignatureRequest
from clmcrm.clm.signature_standing import ENDED
from clmcrm.errors import AmbiguousError, InvalidRecord, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.esign import EsignCapabilities, SignedFiles, Touched
from clmcrm.ports.records import Creating, Outcome, Result

LAG: Final = timedelta(seconds=60)
"""How long a document may take to show in lists (PandaDoc names no bound)."""
OVERLAP: Final = timedelta(minutes=5)

_KEPT_TRAILS: Final = 10_000
_OVER: Final = frozenset({*ENDED, RequestState.DECLINED})
_UNSEEN: Final = frozenset({*UNSENT, "document.sent"})
"""Statuses in which the trail holds nothing of a recipient yet."""


class PandaDocEsign:
    """The documents that `sending.sender` sends from one workspace.

    `page` is how many documents are listed at a time. `audit` says whether the audit trail is read too, which
    alone tells views, refusals, reasons and addresses: a call for each document that changed, with a key of an
    administrator. `sandbox`: the key is the sandbox's, which may not fetch the protected file. Raises
    `InvalidRecord` for a page that PandaDoc does not list.
    """

    def __init__(
        self,
        session: PandaDocSession,
        sending: Sending | None = None,
        *,
        page: int = MOST,
        audit: bool = True,
        sandbox: bool = False,
        lag: timedelta = LAG,
        overlap: timedelta = OVERLAP,
    ) -> None:
        if not 1 <= page <= MOST:
            raise InvalidRecord("PandaDocEsign", "page", page, f"1 to {MOST}")
        self._session, self._sending, self._page = session, sending or Sending(), page
        self._audit, self._lag, self._overlap = audit, lag, max(lag, overlap)
        self._download = "download" if sandbox else "download-protected"
        self._listing = Listing(session, self._sending.sender, page)
        self._begun, self._just_sent = JustSent(), JustSent()
        self._trails: dict[str, tuple[str, tuple[SignatureFact, ...]]] = {}

    @property
    def system(self) -> str:
        """The service's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> EsignCapabilities:
        """What it can and cannot do: our id is looked up, and the certificate is the signed file's last page."""
        return EsignCapabilities(
            levels=self._sending.levels, creating=Creating.LOOKUP, visible_lag=self._lag, certificates=False
        )

    def send(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        """One outcome; see `EsignPort.send`. Raises `TransientError` while the document is not yet to be sent."""
        before = yield from self._listing.sent_before(request.id)
        if before is not None:
            return (yield from self._gone_on(request, document, before))
        again = self._just_sent.outcome(request, document)
        if again is not None:
            return again
        begun = self._begun.outcome(request, document) or (yield from self._taken(request, document))
        return (yield from self._finished(request, begun.key)) if begun.ok else begun

    def find(self, request_id: str) -> Flow[str | None]:
        """The document that was sent under our id, or None; one that nobody received was not sent."""
        found = yield from self._listing.sent_before(request_id)
        if found is None or not was_sent(found):
            return self._just_sent.key(request_id)
        return word(found, "id")

    def facts(self, key: str) -> Flow[tuple[SignatureFact, ...]]:
        """Everything PandaDoc tells of the document; raises `TerminalError` for a key it never gave."""
        document = yield from self._known(key)
        facts = facts_of(document)
        if not self._audit or document.get(DELETED) is True or word(document, "status") in _UNSEEN:
            return facts
        version, kept = version_of(document), self._trails.get(key)
        if kept is None or kept[0] != version:
            kept = version, audited(document, (yield from self._listing.trail(key)))
            while len(self._trails) >= _KEPT_TRAILS:
                _ = self._trails.pop(next(iter(self._trails)), None)
            self._trails[key] = kept
        return (*facts, *kept[1])

    def document(self, key: str) -> Flow[Tree]:
        """The document as PandaDoc shows it, in detail; raises `TerminalError` as `facts`."""
        return (yield from self._known(key))

    def touched(self, cursor: str | None) -> Flow[Touched]:
        """The documents about which there is something new since `cursor`, deleted ones among them."""
        place = place_of(cursor)
        rows = yield from self._listing.rows(place.query(self._overlap))
        after = place.after(rows, self._page, self._session.last_date, self._overlap)
        return Touched(keys=place.fresh(rows), cursor=after.text(), more=not after.ended)

    def cancel(self, key: str, reason: str) -> Flow[Outcome]:
        """One outcome; see `EsignPort.cancel`. The reason is kept in the trail; recipients are told by mail."""
        if not reason.strip():
            return Outcome(result=Result.REFUSED, key=key, why="a reason has at least one character")
        try:
            document = yield from self._shown(key)
        except NoSuchDocument:
            return Outcome(result=Result.MISSING, why=f"there is no document {key}")
        over = _over(key, document)
        if over is not None:
            return over
        body = {"status": VOIDED, "note": reason, "notify_recipients": not self._sending.silent}
        try:
            _ = yield from self._session.change("PATCH", f"v1/documents/{key}/status", body)
        except (InAnotherState, NoSuchDocument, RefusedError) as refused:
            # It may have ended since it was looked at: what it is now decides.
            why = refused.what if isinstance(refused, RefusedError) else str(refused)
            now = _over(key, (yield from self._known(key)))
            return Outcome(result=Result.REFUSED, key=key, why=why) if now is None else now
        return Outcome(result=Result.DONE, key=key)

    def files(self, key: str) -> Flow[SignedFiles | None]:
        """The signed document, whose last page is the certificate; None while it is not complete."""
        document = yield from self._known(key)
        if not is_complete(document):
            return None
        try:
            return SignedFiles(document=(yield from self._session.pdf(f"v1/documents/{key}/{self._download}")))
        except (NoSuchDocument, InAnotherState) as refused:
            raise TerminalError(VENDOR, f"the signed file of {key}: {refused}") from None

    # How it is done.

    def _taken(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        """DONE when PandaDoc took the document, which nobody receives yet."""
        why = next(objections(request, document, self._sending, self._now()), "")
        if why:
            return Outcome(result=Result.REFUSED, why=why)
        data, files = parts_of(request, document, self._sending)
        try:
            made = yield from self._session.upload("v1/documents?upload", [("data", data)], files)
        except RefusedError as refused:
            return Outcome(result=Result.REFUSED, why=refused.what)
        except (NoSuchDocument, InAnotherState) as refused:
            return Outcome(result=Result.REFUSED, why=str(refused))
        key = word(made, "id")
        if not is_key(key):
            raise AmbiguousError(VENDOR, f"it took {request.id} and named no document; look it up by its id")
        self._begun.remember(request, key)
        return Outcome(result=Result.DONE, key=key)

    def _gone_on(self, request: SignatureRequest, document: bytes, before: Tree) -> Flow[Outcome]:
        """What becomes of a document that is there already: bound, or, where nobody received it, sent."""
        key, status = word(before, "id"), word(before, "status")
        if status in BROKEN:
            return _broken(key, status)
        outcome = sent_before(request, document, key=key, kept=word(tree_of(before, "metadata"), PRINT))
        if not outcome.ok or was_sent(before):
            return outcome
        return (yield from self._finished(request, key))

    def _finished(self, request: SignatureRequest, key: str) -> Flow[Outcome]:
        """From a document that PandaDoc took to one that is sent."""
        status = yield from self._listing.made(key)
        if status in BROKEN:
            return _broken(key, status)
        if status in WAITING:
            raise TransientError(VENDOR, f"document {key} is {status}: somebody in PandaDoc goes on with it")
        if status not in SENDABLE:
            return Outcome(result=Result.BOUND, key=key)
        try:
            why = "" if status == "document.approved" else (yield from self._prepared(request, key))
            if why:
                return Outcome(result=Result.REFUSED, why=why)
            answer = yield from self._session.change(
                "POST", f"v1/documents/{key}/send", mail_of(request, self._sending), bucket=SENDING
            )
            status = word(answer, "status")
        except (InAnotherState, NoSuchDocument, RefusedError) as refused:
            # Sent a second time after a lost reply, it is in another state than before.
            status = yield from self._status(key)
            if status in UNSENT:
                why = refused.what if isinstance(refused, RefusedError) else str(refused)
                return Outcome(result=Result.REFUSED, why=f"draft {key} is not sent: {why}")
        if status in WAITING:
            raise TransientError(VENDOR, f"document {key} is {status}: somebody in PandaDoc goes on with it")
        self._just_sent.remember(request, key)
        return Outcome(result=Result.DONE, key=key)

    def _prepared(self, request: SignatureRequest, key: str) -> Flow[str]:
        """Give a draft its fields, its end and its reminders; why it must not be sent, empty when it may."""
        days = days_open(request, self._now())
        if isinstance(days, str):
            return days
        details = yield from self._listing.details(key)
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
            _ = yield from self._session.change("PATCH", f"v2/documents/{key}/settings", settings)
        if reminders:
            _ = yield from self._session.change("PATCH", f"v1/documents/{key}/auto-reminders", reminders)
        return ""

    def _status(self, key: str) -> Flow[str]:
        try:
            return (yield from self._listing.status(key))
        except NoSuchDocument:
            raise TerminalError(VENDOR, f"document {key} is not there any more") from None

    def _shown(self, key: str) -> Flow[Tree]:
        """A document in detail, or its row among the deleted ones; raises `NoSuchDocument`."""
        if not is_key(key):
            raise NoSuchDocument(key)
        try:
            return (yield from self._listing.details(key))
        except InAnotherState as state:
            raise TransientError(VENDOR, f"document {key} shows no details yet: {state}") from None
        except NoSuchDocument:
            gone = yield from self._listing.deleted(key)
            if gone is None:
                raise
            return gone

    def _known(self, key: str) -> Flow[Tree]:
        try:
            return (yield from self._shown(key))
        except NoSuchDocument:
            raise TerminalError(VENDOR, f"there is no document {key}") from None

    def _now(self) -> datetime:
        """PandaDoc's own clock, as its last reply stated it."""
        now = server_time(self._session.last_date)
        if now is None:
            raise TerminalError(VENDOR, f"its replies carry no readable date ({self._session.last_date!r})")
        return now


def _broken(key: str, status: str) -> Outcome:
    return Outcome(
        result=Result.REFUSED, why=f"document {key} is {status}: nobody received it; send it under another id"
    )


def _over(key: str, document: Tree) -> Outcome | None:
    """The outcome of cancelling a document that is over; None for one that is not."""
    if document.get(DELETED) is True:
        return Outcome(result=Result.DONE, key=key)
    state = status_of(word(document, "status"))
    if is_complete(document):
        return Outcome(result=Result.REFUSED, key=key, why="it is complete: the signatures exist")
    return Outcome(result=Result.DONE, key=key) if state in _OVER else None
