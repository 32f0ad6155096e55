"""Tryton as a CRM: parties, opportunities with the lines of their sales, and terms as attachments.

Every method is a flow: it asks the server and returns what the port promises (see `clmcrm.ports.systems`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final

from attrs import evolve

from clmcrm.adapters.each_by_itself import check_size
from clmcrm.adapters.extras import EXTRAS, Carry
from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.adapters.tryton import opportunities, parties
from clmcrm.adapters.tryton.kinds import KINDS, TrytonKind
from clmcrm.adapters.tryton.reading import Reader
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.wire import VENDOR, failure_in, wrote
from clmcrm.adapters.tryton.writing import Writer
from clmcrm.adapters.typed_failures import in_types
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Atomicity, Capabilities, Creating, Feed, Kind, Outcome, Page, Precondition, Seen, Write

PAGE: Final = 2000
BATCH: Final = 1000
"""A call is one transaction: a thousand parties take Tryton some seconds."""
FILES_AT_ONCE: Final = 20
"""How many records a call tells or takes when their files come along: one may have megabytes."""
OVERLAP: Final = timedelta(minutes=10)
"""Longer than the longest transaction that a Tryton is expected to have open."""

CREATES: Final = frozenset[str]({Kind.ACCOUNT, Kind.CONTRACT_TERMS})
"""What we create there; opportunities are made and moved by people, with Tryton's own buttons."""


class TrytonCrm:
    """The CRM side of a Tryton, asked through `session`.

    `accounts` is the domain of the parties that count as accounts, in Tryton's own form (empty: all of them,
    employees and one's own company included): `[["categories.name", "=", "Customer"]]`. `overlap` is how far
    back each pull reads again: it must exceed the longest transaction of the server. `page` is how many
    records a page of the feed holds, `batch` how many are written in one call. `carry` is what the records' extras
    hold besides what is always carried: files (then a page and a batch have 20 records at most), and the ids of
    records that name this one; what Tryton computes and lets be written is always carried.
    """

    def __init__(
        self,
        session: TrytonSession,
        *,
        accounts: Sequence[object] = (),
        overlap: timedelta = OVERLAP,
        page: int = PAGE,
        batch: int = BATCH,
        carry: Collection[Carry] = (),
    ) -> None:
        told = {**KINDS, Kind.ACCOUNT: evolve(KINDS[Kind.ACCOUNT], domain=tuple(accounts))}
        kinds = {kind: evolve(held, carry=frozenset(carry)) for kind, held in told.items()}
        if Carry.FILES in carry:
            page, batch = min(page, FILES_AT_ONCE), min(batch, FILES_AT_ONCE)
        self._session, self._kinds = session, kinds
        self._reader = Reader(session, kinds, page=page, overlap=overlap)
        self._writer = Writer(session, self._reader, CREATES)
        self._capabilities = Capabilities(
            kinds=frozenset(KINDS),
            creates=CREATES,
            feed=Feed.TIMESTAMP,
            precondition=Precondition.ROW,
            atomicity=Atomicity.ITEM,
            tells_merges=True,
            creating=Creating.LOOKUP,
            longest_processing=overlap,
            overlap=overlap,
            batch_size=batch,
            holds={Kind.ACCOUNT: parties.WRITABLE | {EXTRAS}, Kind.OPPORTUNITY: opportunities.SHOWN | {EXTRAS}},
        )

    @property
    def session(self) -> TrytonSession:
        """Whom it asks."""
        return self._session

    @property
    def kinds(self) -> Mapping[str, TrytonKind]:
        """How each kind lives there."""
        return self._kinds

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> Capabilities:
        """What a Tryton can and cannot do."""
        return self._capabilities

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`, deletions with it once the log proves them."""
        return in_types(VENDOR, self._reader.changes(kind, cursor), failure_in)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that the log proves deleted is shown as gone."""
        return in_types(VENDOR, self._reader.read(kind, keys), failure_in)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The live record that carries our key `mark`; None when there is none, or the kind carries none."""
        found = yield from in_types(VENDOR, self._reader.marked(kind, [mark]), failure_in)
        return found.get(mark)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; raises `TerminalError` for more than `batch_size` of them.

        Raises `AmbiguousError` for a refusal of the whole call when others of the batch were carried out.
        """
        check_size(VENDOR, writes, self._capabilities.batch_size)
        writing = in_types(VENDOR, self._writer.write(writes), failure_in)
        return (yield from in_doubt_once_written(VENDOR, writing, wrote, of=(TerminalError,)))
