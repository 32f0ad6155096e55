"""Ironclad as a CLM: entities are the accounts, records and the workflows before them the contracts.

A won opportunity becomes a workflow where a launch form is given (`launching`), since a record is an executed
contract, and nobody has signed this one yet. When the workflow is completed, Ironclad makes its record; the contract
stays the same one, under the workflow's key, and is read and written there from then on. Without a launch form a
contract is put into the repository at once, which fits one that was signed elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta, tzinfo
from typing import Final

from clmcrm.adapters.each_by_itself import check_size
from clmcrm.adapters.ironclad import accounts, contracts
from clmcrm.adapters.ironclad.declared import Shapes
from clmcrm.adapters.ironclad.duties import Duties
from clmcrm.adapters.ironclad.reading import MOST, Reader
from clmcrm.adapters.ironclad.session import IroncladSession
from clmcrm.adapters.ironclad.wire import VENDOR
from clmcrm.adapters.ironclad.writing import Launching, Writer
from clmcrm.clm.kinds import ContractKind
from clmcrm.errors import InvalidRecord
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Atomicity, Capabilities, Creating, Feed, Kind, Outcome, Page, Precondition, Seen, Write

BATCH: Final = 50
"""How many writes are taken at a time: their keys fit one formula, and 50 calls are a quarter of a minute's."""
OVERLAP: Final = timedelta(minutes=5)
LAG: Final = timedelta(seconds=30)
"""How late lists may be; Ironclad does not say, so it is taken to be as long as this."""
PROCESSING: Final = timedelta(minutes=2)
DEFAULT_TYPE: Final = "contract"

_NO_TYPES: Final[Mapping[str, str]] = {}


class IroncladClm:
    """A company's Ironclad, asked through `session`.

    `launching` says by which launch forms a contract is begun (None: it becomes a record at once). `types` says which
    kind of ours each of the company's record types is ("nda": "nda"); `default_type` is the type of a new record of
    which nothing says another. `account_properties` and `contract_properties` give canonical fields properties of the
    company's own; `relations` says which kind of account each relationship type is. `zone` is where the company's
    midnights are (None: a day is as it is written). `duties` shows obligations on their contracts (None: not read).
    `overlap`, `visible_lag`, `page` and `batch` are how far back a feed is read again, how late lists may be, how many
    rows a page has, and how many writes are taken.
    """

    def __init__(
        self,
        session: IroncladSession,
        *,
        launching: Launching | None = None,
        types: Mapping[str, str] = _NO_TYPES,
        default_type: str = DEFAULT_TYPE,
        account_properties: Mapping[str, str] = _NO_TYPES,
        contract_properties: Mapping[str, str] = _NO_TYPES,
        relations: Mapping[str, str] = accounts.KINDS,
        zone: tzinfo | None = None,
        duties: Duties | None = None,
        overlap: timedelta = OVERLAP,
        visible_lag: timedelta = LAG,
        page: int = MOST,
        batch: int = BATCH,
        in_flight: int = 1,
    ) -> None:
        _check(account_properties, accounts.PROPERTY_TYPES, "account_properties")
        _check(contract_properties, contracts.TYPES, "contract_properties")
        unknown = sorted(set(types.values()) - {kind.value for kind in ContractKind})
        if unknown:
            raise InvalidRecord("IroncladClm", "types", unknown[0], f"one of {', '.join(ContractKind)}")
        if not 1 <= page <= MOST:
            raise InvalidRecord("IroncladClm", "page", page, f"1 to {MOST}")
        by_template = {} if launching is None else {own: kind for kind, own in launching.templates.items()}
        shapes = Shapes(
            entity=accounts.account_shape(relations, account_properties, zone),
            record=contracts.contract_shape(types, contract_properties, default_type=default_type, zone=zone),
            workflow=None
            if launching is None
            else contracts.workflow_shape(by_template, contract_properties, zone=zone),
        )
        overlap = max(overlap, visible_lag)  # what shows late is not stepped over
        self._reader = Reader(session, shapes, page=page, overlap=overlap, duties=duties)
        self._writer = Writer(self._reader, launching, default_type)
        self._capabilities = Capabilities(
            kinds=frozenset({Kind.ACCOUNT, Kind.CONTRACT}),
            creates=frozenset({Kind.ACCOUNT, Kind.CONTRACT}),
            feed=Feed.TIMESTAMP,
            # Read and compared just before the write: that narrows the gap and does not close it.
            precondition=Precondition.NONE,
            atomicity=Atomicity.ITEM,
            # An archived entity and a cancelled workflow are told; what was deleted only the webhook tells.
            tells_deletes=False,
            creating=Creating.LOOKUP,
            longest_processing=PROCESSING,
            visible_lag=visible_lag,
            overlap=overlap,
            batch_size=batch,
            in_flight=in_flight,
            holds={Kind.ACCOUNT: accounts.HOLDS, Kind.CONTRACT: contracts.HOLDS},
        )

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> Capabilities:
        """What an Ironclad can and cannot do."""
        return self._capabilities

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`; archived entities and cancelled workflows as gone."""
        return self._reader.changes(kind, cursor)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that is not there is left out, one that may not be read is unreadable."""
        return self._reader.read(kind, keys)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The live record that was created under our key `mark`; None when there is none."""
        return self._reader.find(kind, mark)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; raises `TerminalError` for more than `batch_size` of them."""
        check_size(VENDOR, writes, self._capabilities.batch_size)
        return (yield from self._writer.write(writes))


def _check(properties: Mapping[str, str], known: Mapping[str, str], what: str) -> None:
    for name in properties:
        if name not in known:
            raise InvalidRecord("IroncladClm", what, name, f"one of {', '.join(sorted(known))}")
