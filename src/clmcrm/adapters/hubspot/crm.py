"""HubSpot as a CRM: companies, contacts, deals with their line items, and terms written back.

Every method is a flow: it asks HubSpot and returns what the port promises (see `clmcrm.ports.systems`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from clmcrm.adapters.each_by_itself import check_size
from clmcrm.adapters.hubspot.batches import MOST
from clmcrm.adapters.hubspot.histories import past
from clmcrm.adapters.hubspot.kinds import kinds
from clmcrm.adapters.hubspot.loading import Loader
from clmcrm.adapters.hubspot.reading import Reader
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.adapters.hubspot.wire import VENDOR
from clmcrm.adapters.hubspot.writing import Writer
from clmcrm.adapters.hubspot.writing_terms import TermsWriter
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import (
    Atomicity,
    Capabilities,
    Creating,
    Feed,
    Kind,
    Outcome,
    Page,
    Precondition,
    Seen,
    Write,
)
from clmcrm.ports.systems import Past

PAGE: Final = 1_000
"""How many records a page of the feed holds: five searches and one read of associations."""

OVERLAP: Final = timedelta(minutes=5)
VISIBLE_LAG: Final = timedelta(seconds=30)
"""How long a change may take to show in searches: HubSpot says "a few moments"."""

SWEEP: Final = timedelta(hours=6)
LONGEST_PROCESSING: Final = timedelta(minutes=2)
IN_FLIGHT: Final = 4
NO_CUSTOM: Final[Mapping[str, Mapping[str, str]]] = {}

CREATES: Final = frozenset[str]({Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY, Kind.CONTRACT_TERMS})


class HubSpotCrm:
    """The CRM side of a HubSpot account, asked through `session`.

    `terms` is where contract terms are written back to: the deal, the company, or contracts of HubSpot's own, where
    the account has them. `custom` names text properties of the account's own, by kind and canonical field:
    `{"account": {"legal_name": "legal_name"}}`. `overlap` is how far back each pull reads again, `sweep` how often
    associations are looked through by themselves (None: never; a webhook of associations tells the same), `page` how
    many records a page of the feed holds.
    """

    def __init__(
        self,
        session: HubSpotSession,
        *,
        terms: TermsPlace = TermsPlace.DEAL,
        custom: Mapping[str, Mapping[str, str]] = NO_CUSTOM,
        overlap: timedelta = OVERLAP,
        visible_lag: timedelta = VISIBLE_LAG,
        sweep: timedelta | None = SWEEP,
        page: int = PAGE,
    ) -> None:
        held = kinds(terms, custom)
        self._session = session
        self._reader = Reader(session, held, page=page, overlap=overlap, sweep=sweep)
        self._writer = Writer(session, self._reader, TermsWriter(session, terms), CREATES)
        self._capabilities = Capabilities(
            kinds=frozenset(held),
            creates=CREATES,
            feed=Feed.TIMESTAMP,
            precondition=Precondition.NONE,
            atomicity=Atomicity.ITEM,
            tells_merges=True,
            creating=Creating.UNIQUE,
            longest_processing=LONGEST_PROCESSING,
            visible_lag=visible_lag,
            overlap=overlap,
            history=True,
            batch_size=MOST,
            in_flight=IN_FLIGHT,
            holds={name: one.holds for name, one in held.items() if one.holds is not None},
        )

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> Capabilities:
        """What a HubSpot account can and cannot do."""
        return self._capabilities

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`, archived and merged records and moved associations with it."""
        return self._reader.changes(kind, cursor)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that is archived or was merged away is shown as gone."""
        return self._reader.read(kind, keys)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The live record that carries our key `mark`; None when there is none."""
        return self._reader.find(kind, mark)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; raises `TerminalError` for more than `batch_size` of them."""
        check_size(VENDOR, writes, MOST)
        return (yield from self._writer.write(writes))

    def loader(self, kind: str) -> Loader:
        """What loads records of `kind` for the first time, overwriting those that carry our key already."""
        return Loader(self._session, self._reader, kind)

    def past(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Past, ...]]:
        """The values of these records' fields, oldest first; associations have no past."""
        return past(self._session, self._reader, kind, keys)
