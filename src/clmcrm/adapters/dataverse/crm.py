"""Dynamics 365 as a CRM: accounts, contacts, opportunities with their lines, and terms in a table of our own.

Every method is a flow: it asks the environment and returns what the port promises (see `clmcrm.ports.systems`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from clmcrm.adapters.dataverse.kinds import seen_of
from clmcrm.adapters.dataverse.multipart import MOST
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.reading import Reader
from clmcrm.adapters.dataverse.session import DataverseSession
from clmcrm.adapters.dataverse.wire import VENDOR
from clmcrm.adapters.dataverse.writing import Writer
from clmcrm.adapters.each_by_itself import check_size
from clmcrm.drivers.budgets import Budget
from clmcrm.errors import InvalidRecord
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Atomicity, Capabilities, Creating, Feed, Kind, Outcome, Page, Precondition, Seen, Write

PAGE: Final = 5_000
"""How many rows a page of a delta has at most."""
_USUAL: Final = 1_000
_REQUESTS: Final = 6_000
_WINDOW: Final = timedelta(minutes=5)
_TRAVELLING: Final = (Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY)


def budgets() -> list[Budget]:
    """The service protection limit of requests: 6,000 in five minutes for a user and a web server."""
    return [Budget(vendor=VENDOR, size=_REQUESTS, per=_WINDOW)]


class DataverseCrm:
    """The CRM side of an environment, asked through `session`; `org` says what its own columns are called.

    `page` is how many rows a page of the feed holds: up to 5,000, and 1,000 unless you say otherwise, since a row with
    all its columns has some kilobytes. `batch_size` above 1,000 lets the adapter cut batches itself; `in_flight`
    batches may go side by side.

    >>> crm = DataverseCrm(DataverseSession("https://acme.crm4.dynamics.com"), OrgSettings(currency="EUR"))
    >>> crm.capabilities.precondition.value, crm.capabilities.feed.value, crm.capabilities.batch_size
    ('row', 'delta', 1000)
    """

    def __init__(
        self,
        session: DataverseSession,
        org: OrgSettings,
        *,
        page: int = _USUAL,
        batch_size: int = MOST,
        in_flight: int = 1,
    ) -> None:
        if not 1 <= page <= PAGE:
            raise InvalidRecord("DataverseCrm", "page", page, f"1 to {PAGE}")
        self.session, self.org = session, org
        self.reader = Reader(session, org, page=page)
        self._writer = Writer(self.reader)
        known = {kind: self.reader.known(kind) for kind in self.reader.kinds}
        self._capabilities = Capabilities(
            kinds=self.reader.kinds,
            creates=self.reader.kinds,
            feed=Feed.DELTA,
            precondition=Precondition.ROW,
            atomicity=Atomicity.ITEM,
            tells_merges=True,
            creating=Creating.UNIQUE,
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
        """What the environment can and cannot do."""
        return self._capabilities

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`, deletions on proof.

        A cursor that has expired begins anew with everything that is there: nothing is told as deleted for that.
        """
        return self.reader.changes(kind, cursor)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that was merged away is shown as gone."""
        return self.reader.read(kind, keys)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The record that carries our key `mark`; None when there is none."""
        held = yield from self.reader.held(kind)
        found = yield from self.reader.marked(held, [mark])
        rows = yield from self.reader.lined(held, [found[mark]] if mark in found else [])
        return seen_of(held, rows[0], self.reader.ground) if rows else None

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; raises `TerminalError` for more than `batch_size` of them."""
        check_size(VENDOR, writes, self._capabilities.batch_size)
        return (yield from self._writer.write(writes))
