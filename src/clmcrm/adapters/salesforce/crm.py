"""Salesforce as a CRM: accounts, contacts, opportunities with their lines, and terms as contracts.

Every method is a flow: it asks the org and returns what the port promises (see `clmcrm.ports.systems`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from clmcrm.adapters.each_by_itself import check_size
from clmcrm.adapters.salesforce.bulk import POLL
from clmcrm.adapters.salesforce.deletions import LAG
from clmcrm.adapters.salesforce.history import past_of
from clmcrm.adapters.salesforce.kinds import seen_of
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.reading import Reader
from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.adapters.salesforce.wire import VENDOR, Usage
from clmcrm.adapters.salesforce.writing import Writer
from clmcrm.drivers.budgets import Budget
from clmcrm.errors import InvalidRecord, Unsupported
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Atomicity, Capabilities, Creating, Feed, Kind, Outcome, Page, Precondition, Seen, Write
from clmcrm.ports.systems import Past

PAGE: Final = 2_000
BATCH: Final = 200
OVERLAP: Final = timedelta(minutes=10)
"""Longer than a transaction of Salesforce's may take."""
_TRAVELLING: Final = (Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY)


def budgets() -> list[Budget]:
    """How often a driver may ask whether a bulk job is done: every five seconds."""
    return [Budget(vendor=VENDOR, bucket=POLL, size=1, per=timedelta(seconds=5))]


class SalesforceCrm:
    """The CRM side of an org, asked through `session`; `org` says what its fields are called.

    With `precondition` ROW every change of a record depends on its last change (24 records in a call); with NONE
    200 records go in a call, and `history` says that the org tracks field history, so that an overwritten edit is
    told at least. `batch_size` above 200 lets the adapter cut batches itself; from `bulk_from` new records of one
    kind in a batch on, they go by a bulk job (None: never). `in_flight` batches may go side by side: records of one
    account in two of them wait for one another (UNABLE_TO_LOCK_ROW), hence one unless you say otherwise.

    `overlap` is how far back each pull reads again, `page` how many records a page of the feed holds. With
    `accept_gap` a pull goes on although deletions of a time before the log of 15 days are not known.

    >>> crm = SalesforceCrm(SalesforceSession("https://acme.my.salesforce.com"), OrgSettings(currency="EUR"))
    >>> crm.capabilities.precondition.value, sorted(map(str, crm.capabilities.creates))
    ('row', ['account', 'contact', 'contract_terms'])
    """

    def __init__(
        self,
        session: SalesforceSession,
        org: OrgSettings,
        *,
        precondition: Precondition = Precondition.ROW,
        history: bool = False,
        batch_size: int = BATCH,
        bulk_from: int | None = None,
        in_flight: int = 1,
        overlap: timedelta = OVERLAP,
        page: int = PAGE,
        accept_gap: bool = False,
    ) -> None:
        if not 1 <= page <= PAGE:
            raise InvalidRecord("SalesforceCrm", "page", page, f"1 to {PAGE}")
        self.session, self.org = session, org
        self._reader = Reader(session, org, page=page, overlap=overlap, accept_gap=accept_gap)
        self._writer = Writer(self._reader, precondition, bulk_from)
        known = {kind: self._reader.known(kind) for kind in self._reader.kinds}
        self._capabilities = Capabilities(
            kinds=self._reader.kinds,
            creates=frozenset(kind for kind, held in known.items() if held.created),
            feed=Feed.TIMESTAMP,
            precondition=precondition,
            atomicity=Atomicity.ITEM,
            tells_merges=True,
            creating=Creating.UNIQUE,
            longest_processing=overlap,
            visible_lag=LAG,
            overlap=overlap,
            history=history,
            batch_size=batch_size,
            in_flight=in_flight,
            holds={str(kind): known[kind].names | ({"extras"} if org.extras else set[str]()) for kind in _TRAVELLING},
        )

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> Capabilities:
        """What the org can and cannot do."""
        return self._capabilities

    @property
    def usage(self) -> Usage | None:
        """The calls of the last 24 hours as the last reply told them; None before the first."""
        return self.session.usage

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`, deletions and merges with the last page.

        Raises `TerminalError` when deletions since the cursor are not known any more (see `accept_gap`).
        """
        return self._reader.changes(kind, cursor)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one in the recycle bin is shown as gone."""
        return self._reader.read(kind, keys)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The record that carries our key `mark`, a live one before one in the recycle bin; None when there is none."""
        held = yield from self._reader.held(kind)
        found = yield from self._reader.marked(held, [mark], deleted=True)
        return seen_of(held, found[mark], self._reader.org) if mark in found else None

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; raises `TerminalError` for more than `batch_size` of them."""
        check_size(VENDOR, writes, self._capabilities.batch_size)
        return (yield from self._writer.write(writes))

    def past(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Past, ...]]:
        """The values of these records' fields as far as the org tracks them, the present one last.

        Raises `Unsupported` unless the adapter was made with `history`.
        """
        if not self._capabilities.history:
            raise Unsupported(VENDOR, "history", "field history is not switched on for this adapter (`history`)")
        return past_of(self._reader, kind, keys)
