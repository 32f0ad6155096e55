"""DocuSign as the e-signature service: sent once, told from lists, voided, and its signed document with the proof.

Source: eSignature REST API 2.1, developers.docusign.com: Envelopes (create, listStatusChanges, update,
listAuditEvents), EnvelopeDocuments (get).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from clmcrm.adapters.docusign.audit import audited
from clmcrm.adapters.docusign.definition import GROUPS, Sending, days_open, definition, objection
from clmcrm.adapters.docusign.feed import keys_of, place_of
from clmcrm.adapters.docusign.listing import MOST, Listing
from clmcrm.adapters.docusign.marks import PRINT, is_guid, mark_of
from clmcrm.adapters.docusign.reading import completed, facts_of, version_of
from clmcrm.adapters.docusign.session import DocuSignSession, read_or_refuse
from clmcrm.adapters.docusign.statuses import envelope_state
from clmcrm.adapters.docusign_wire import VENDOR, NoSuchEnvelope, RefusedByDocuSign
from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.adapters.sent_once import NOT_LET_IN, JustSent, reason_objection, sent_before
from clmcrm.adapters.server_clock import server_time
from clmcrm.adapters.trees import Tree, number, trees_of, word
from clmcrm.clm.signature import RequestState, SignatureFact, SignatureRequest
from clmcrm.clm.signature_standing import ENDED
from clmcrm.errors import AmbiguousError, InvalidRecord, TerminalError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.esign import EsignCapabilities, SignedFiles, Touched
from clmcrm.ports.records import Creating, Outcome, Result

LAG: Final = timedelta(seconds=60)
"""How long an envelope may take to show in lists (DocuSign names no bound; 30 to 60 seconds are reported)."""
OVERLAP: Final = timedelta(minutes=5)
HISTORY: Final = datetime(2003, 1, 1, tzinfo=UTC)
"""DocuSign's beginning: the bound of a list that is to hold everything."""
LONGEST_REASON: Final = 200
"""The most characters of a reason for voiding."""

_KEPT_TRAILS: Final = 10_000
_OVER: Final = frozenset({*ENDED, RequestState.DECLINED})


class DocuSignEsign:
    """The envelopes that `sending.sender` sends from one account.

    `history` bounds how far back lists reach, `page` is how many envelopes are listed at a time, `audit` says
    whether the audit trail is read too: it tells addresses and corrections, and costs a call for each envelope
    that changed. Raises `InvalidRecord` for a page that DocuSign does not list.
    """

    def __init__(
        self,
        session: DocuSignSession,
        sending: Sending | None = None,
        *,
        history: datetime = HISTORY,
        page: int = MOST,
        audit: bool = True,
        lag: timedelta = LAG,
        overlap: timedelta = OVERLAP,
    ) -> None:
        if not 1 <= page <= MOST:
            raise InvalidRecord("DocuSignEsign", "page", page, f"1 to {MOST}")
        self._session, self._sending, self._audit = session, sending or Sending(), audit
        self._history, self._lag, self._overlap = history, lag, max(lag, overlap)
        self._listing = Listing(session, self._sending.sender, history, page)
        self._just_sent = JustSent()
        self._trails: dict[str, tuple[str, tuple[SignatureFact, ...]]] = {}

    @property
    def system(self) -> str:
        """The service's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> EsignCapabilities:
        """What it can and cannot do: our id is looked up, since DocuSign does not promise to refuse a second."""
        return EsignCapabilities(
            levels=self._sending.levels, roles=frozenset(GROUPS), creating=Creating.LOOKUP, visible_lag=self._lag
        )

    def send(self, request: SignatureRequest, document: bytes) -> Flow[Outcome]:
        """One outcome; see `EsignPort.send`. Two look-ups and one call that sends."""
        found = yield from self._listing.sent_before([request.id])
        return (yield from self._sent(request, document, found.get(request.id)))

    def send_all(self, requests: Sequence[tuple[SignatureRequest, bytes]]) -> Flow[tuple[Outcome, ...]]:
        """One outcome for each request, in order; looked up together, so that each costs little more than a call.

        A sending that fails ends it, as `AmbiguousError` when others were sent before it: asking again once lists
        show them (`capabilities.visible_lag`) binds those.
        """
        return (yield from in_doubt_once_written(VENDOR, self._all_sent(requests)))

    def _all_sent(self, requests: Sequence[tuple[SignatureRequest, bytes]]) -> Flow[tuple[Outcome, ...]]:
        found = yield from self._listing.sent_before([request.id for request, _ in requests])
        outcomes: list[Outcome] = []
        for request, document in requests:
            outcomes.append((yield from self._sent(request, document, found.get(request.id))))
        return tuple(outcomes)

    def find(self, request_id: str) -> Flow[str | None]:
        """The envelope that was sent under our id, or None."""
        found = yield from self._listing.sent_before([request_id])
        return word(found[request_id], "envelopeId") if request_id in found else self._just_sent.key(request_id)

    def facts(self, key: str) -> Flow[tuple[SignatureFact, ...]]:
        """Everything DocuSign tells of the envelope; raises `TerminalError` for a key it never gave."""
        envelope = yield from self._known(key)
        return (yield from self._told(envelope))

    def facts_of(self, keys: Sequence[str]) -> Flow[dict[str, tuple[SignatureFact, ...]]]:
        """The same for many envelopes, by key, listed together; a key that no list shows is left out."""
        listed = yield from self._listing.by_keys([key for key in keys if is_guid(key)])
        told: dict[str, tuple[SignatureFact, ...]] = {}
        for key, envelope in listed.items():
            told[key] = yield from self._told(envelope)
        return told

    def envelope(self, key: str) -> Flow[Tree]:
        """The envelope as DocuSign shows it, with recipients and custom fields; raises `TerminalError` as `facts`."""
        return (yield from self._known(key))

    def touched(self, cursor: str | None) -> Flow[Touched]:
        """The envelopes about which there is something new since `cursor`."""
        touched, _ = yield from self.news(cursor)
        return touched

    def news(self, cursor: str | None) -> Flow[tuple[Touched, dict[str, tuple[SignatureFact, ...]]]]:
        """The same with what the list tells of each, audit trails left out: a thousand envelopes in one call."""
        place = place_of(cursor)
        page = yield from self._listing.page(place.query(self._history, self._overlap), skip=place.skip)
        fresh = place.fresh(page.rows, self._overlap)
        after = place.after(page, self._session.last_date, self._overlap)
        facts = {word(row, "envelopeId"): facts_of(row, self._sending.providers) for row in fresh}
        return Touched(keys=keys_of(fresh), cursor=after.text(), more=not after.ended), facts

    def cancel(self, key: str, reason: str) -> Flow[Outcome]:
        """One outcome; see `EsignPort.cancel`."""
        why = reason_objection(reason, LONGEST_REASON)
        if why:
            return Outcome(result=Result.REFUSED, key=key, why=why)
        try:
            envelope = yield from self._listing.one(_guid(key))
            if not _is_over(envelope):
                envelope = yield from self._voided(key, reason)
        except NoSuchEnvelope:
            return Outcome(result=Result.MISSING, why=f"there is no envelope {key}")
        if completed(envelope):
            return Outcome(result=Result.REFUSED, key=key, why="it is complete: the signatures exist")
        if _state(envelope) in _OVER:
            return Outcome(result=Result.DONE, key=key)
        return Outcome(result=Result.REFUSED, key=key, why=word(envelope, "clmcrm_why") or word(envelope, "status"))

    def files(self, key: str) -> Flow[SignedFiles | None]:
        """The signed document without the certificate, and the certificate; None while it is not complete."""
        envelope = yield from self._known(key)
        if not completed(envelope):
            return None
        there = f"envelopes/{key}/documents"
        document = yield from read_or_refuse(self._session.pdf(f"{there}/combined", {"certificate": "false"}))
        certificate = yield from read_or_refuse(self._session.pdf(f"{there}/certificate"))
        return SignedFiles(document=document, certificate=certificate)

    def templates(self) -> Flow[tuple[tuple[str, str], ...]]:
        """The account's templates, each as its id and its name: what `Sending.template` may be."""
        found: list[tuple[str, str]] = []
        while True:
            query = {"count": "100", "start_position": str(len(found)), "order_by": "name"}
            answer = yield from read_or_refuse(self._session.get("templates", query))
            page = [(word(one, "templateId"), word(one, "name")) for one in trees_of(answer, "envelopeTemplates")]
            found += page
            if not page or len(found) >= (number(answer, "totalSetSize") or 0):
                return tuple(found)

    # How it is done.

    def _sent(self, request: SignatureRequest, document: bytes, before: Tree | None) -> Flow[Outcome]:
        if before is not None:
            key = word(before, "envelopeId")
            return sent_before(request, document, key=key, kept=mark_of(before, PRINT))
        again = self._just_sent.outcome(request, document)
        if again is not None:
            return again
        why = objection(request, document, self._sending)
        days = days_open(request, self._now())
        if why or isinstance(days, str):
            return Outcome(result=Result.REFUSED, why=why or str(days))
        body = definition(request, document, self._sending, days)
        try:
            made = yield from self._session.send("POST", "envelopes", body, effect=Effect.ONCE)
        except RefusedByDocuSign as refused:
            if refused.status == NOT_LET_IN:
                raise refused.error() from None
            return Outcome(result=Result.REFUSED, why=str(refused))
        key = word(made, "envelopeId")
        if not is_guid(key):
            raise AmbiguousError(VENDOR, f"it took {request.id} and named no envelope; look it up by its id")
        self._just_sent.remember(request, key)
        return Outcome(result=Result.DONE, key=key)

    def _now(self) -> datetime:
        """DocuSign's own clock, as its last reply stated it."""
        now = server_time(self._session.last_date)
        if now is None:
            raise TerminalError(VENDOR, f"its replies carry no readable date ({self._session.last_date!r})")
        return now

    def _known(self, key: str) -> Flow[Tree]:
        try:
            return (yield from self._listing.one(_guid(key)))
        except NoSuchEnvelope:
            raise TerminalError(VENDOR, f"there is no envelope {key}") from None

    def _told(self, envelope: Tree) -> Flow[tuple[SignatureFact, ...]]:
        """Facts of the envelope and of its trail; a trail is read again only when the envelope changed."""
        facts = facts_of(envelope, self._sending.providers)
        if not self._audit:
            return facts
        key, version = word(envelope, "envelopeId"), version_of(envelope)
        kept = self._trails.get(key)
        if kept is None or kept[0] != version:
            trail = yield from read_or_refuse(self._session.get(f"envelopes/{key}/audit_events"))
            kept = version, audited(envelope, trail)
            while len(self._trails) >= _KEPT_TRAILS:
                _ = self._trails.pop(next(iter(self._trails)), None)
            self._trails[key] = kept
        return (*facts, *kept[1])

    def _voided(self, key: str, reason: str) -> Flow[Tree]:
        """The envelope after it was voided, or as it is when it could not be; voiding twice does nothing more."""
        body: Mapping[str, str] = {"status": "voided", "voidedReason": reason}
        try:
            _ = yield from self._session.send("PUT", f"envelopes/{key}", body, effect=Effect.KEYED)
        except RefusedByDocuSign as refused:
            # It may have ended since the list was written: what it is now decides.
            return {**(yield from self._listing.fresh(key)), "clmcrm_why": str(refused)}
        return {"envelopeId": key, "status": "voided"}


def _guid(key: str) -> str:
    if not is_guid(key):
        raise NoSuchEnvelope(key)
    return key


def _state(envelope: Tree) -> object:
    return envelope_state(word(envelope, "status"))


def _is_over(envelope: Tree) -> bool:
    return completed(envelope) or _state(envelope) in _OVER
