"""PandaDoc as the e-signature service: sent once, told by lists and trails, voided, and its signed file.

PandaDoc makes a document some seconds after it took the file: how one goes out stands in `dispatch`.
Source: PandaDoc/pandadoc-openapi-specification 8.8.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.adapters.pandadoc.audit import audited
from clmcrm.adapters.pandadoc.definition import Sending
from clmcrm.adapters.pandadoc.dispatch import Dispatch
from clmcrm.adapters.pandadoc.feed import place_of
from clmcrm.adapters.pandadoc.listing import MOST, Listing
from clmcrm.adapters.pandadoc.reading import DELETED, facts_of, is_complete, version_of, was_sent
from clmcrm.adapters.pandadoc.statuses import UNSENT, VOIDED, status_of
from clmcrm.adapters.pandadoc.wire import VENDOR, InAnotherState, NoSuchDocument, PandaDocSession, is_key
from clmcrm.adapters.sent_once import reason_objection
from clmcrm.adapters.trees import Tree, word
from clmcrm.clm.signature import RequestState, SignatureFact, SignatureRequest
from clmcrm.clm.signature_standing import ENDED
from clmcrm.errors import InvalidRecord, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Flow
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
        self._dispatch = Dispatch(session, self._sending, self._listing)
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
        """One outcome; see `EsignPort.send`.

        Raises `TransientError` while a document that was there before is not yet to be sent, and `AmbiguousError` once
        PandaDoc took one: no list need show it, so ask again after `capabilities.visible_lag`.
        """
        return (yield from in_doubt_once_written(VENDOR, self._dispatch.send(request, document)))

    def send_all(self, requests: Sequence[tuple[SignatureRequest, bytes]]) -> Flow[tuple[Outcome, ...]]:
        """One outcome for each request, in order: while one is made the next is handed over.

        A sending that fails ends it, as `AmbiguousError` when others were begun before it: asking again once lists
        show them (`capabilities.visible_lag`) binds what was sent and goes on with the rest.
        """
        return (yield from in_doubt_once_written(VENDOR, self._dispatch.send_all(requests)))

    def find(self, request_id: str) -> Flow[str | None]:
        """The document that was sent under our id, or None; one that nobody received was not sent."""
        found = yield from self._listing.sent_before(request_id)
        if found is None or not was_sent(found):
            return self._dispatch.key(request_id)
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
        why = reason_objection(reason)
        if why:
            return Outcome(result=Result.REFUSED, key=key, why=why)
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


def _over(key: str, document: Tree) -> Outcome | None:
    """The outcome of cancelling a document that is over; None for one that is not."""
    if document.get(DELETED) is True:
        return Outcome(result=Result.DONE, key=key)
    state = status_of(word(document, "status"))
    if is_complete(document):
        return Outcome(result=Result.REFUSED, key=key, why="it is complete: the signatures exist")
    return Outcome(result=Result.DONE, key=key) if state in _OVER else None
