"""Pipedrive as a CRM: organizations, persons, deals with their products, and terms written back.

Every method is a flow: it asks Pipedrive and returns what the port promises (see `clmcrm.ports.systems`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from clmcrm.adapters.each_by_itself import check_size
from clmcrm.adapters.pipedrive.changelog import past
from clmcrm.adapters.pipedrive.kinds import kinds
from clmcrm.adapters.pipedrive.reading import Reader
from clmcrm.adapters.pipedrive.rows import MOST_LISTED
from clmcrm.adapters.pipedrive.session import PipedriveSession
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.adapters.pipedrive.wire import VENDOR
from clmcrm.adapters.pipedrive.writing import Writer
from clmcrm.adapters.pipedrive.writing_terms import TermsWriter
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

MOST: Final = 20
"""How many writes a batch holds: each is a call of its own, and the smallest plan allows twenty in two seconds."""

OVERLAP: Final = timedelta(minutes=5)
VISIBLE_LAG: Final = timedelta(seconds=30)
"""How long a new record may take to be found by our key: the search is an index of its own."""

SWEEP: Final = timedelta(hours=6)
LONGEST_PROCESSING: Final = timedelta(minutes=2)
NO_CUSTOM: Final[Mapping[str, Mapping[str, str]]] = {}

CREATES: Final = frozenset[str]({Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY, Kind.CONTRACT_TERMS})


class PipedriveCrm:
    """The CRM side of a company in Pipedrive, asked through `session`.

    `terms` is where contract terms are written back to: the deal or the organization. `custom` names text fields of
    the company's own, by kind and canonical field, by name or by key: `{"account": {"legal_name": "Legal name"}}`.
    `overlap` is how far back each pull reads again; `sweep` how often all organizations and persons are looked
    through, which finds those in the bin (None: never; then their deletions are not told); `page` how many records a
    page of the feed holds, 500 at most. `audit` says that after each write the changelog is read for an edit that was
    overwritten: twenty tokens a record; without it such an edit is lost in silence, and plans say so.
    """

    def __init__(
        self,
        session: PipedriveSession,
        *,
        terms: TermsPlace = TermsPlace.DEAL,
        custom: Mapping[str, Mapping[str, str]] = NO_CUSTOM,
        overlap: timedelta = OVERLAP,
        visible_lag: timedelta = VISIBLE_LAG,
        sweep: timedelta | None = SWEEP,
        page: int = MOST_LISTED,
        audit: bool = True,
    ) -> None:
        held = kinds(terms, custom)
        self._session = session
        self._reader = Reader(session, held, page=min(page, MOST_LISTED), overlap=overlap, sweep=sweep)
        self._writer = Writer(session, self._reader, TermsWriter(session, terms), CREATES)
        self._capabilities = Capabilities(
            kinds=frozenset(held),
            creates=CREATES,
            feed=Feed.TIMESTAMP,
            precondition=Precondition.NONE,
            atomicity=Atomicity.ITEM,
            tells_deletes=sweep is not None,
            creating=Creating.LOOKUP,
            longest_processing=LONGEST_PROCESSING,
            visible_lag=visible_lag,
            overlap=overlap,
            history=audit,
            batch_size=MOST,
            holds={name: one.holds for name, one in held.items() if one.holds is not None},
        )

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> Capabilities:
        """What a Pipedrive can and cannot do."""
        return self._capabilities

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`, what is in the bin and archived deals with it."""
        return self._reader.changes(kind, cursor)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one in the bin is shown as gone."""
        return self._reader.read(kind, keys)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The live record that carries our key `mark`; None when there is none."""
        return self._reader.find(kind, mark)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; raises `TerminalError` for more than `batch_size` of them."""
        check_size(VENDOR, writes, MOST)
        return (yield from self._writer.write(writes))

    def past(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Past, ...]]:
        """The values of these records' fields, oldest first; a deal's products have no past."""
        return past(self._session, self._reader, kind, keys)
