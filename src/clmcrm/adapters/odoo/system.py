"""What both sides of an Odoo have in common: how kinds are read and written, and what Odoo can and cannot do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final

from attrs import evolve

from clmcrm.adapters.each_by_itself import check_size
from clmcrm.adapters.extras import Carry
from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.adapters.odoo.kinds import OdooKind
from clmcrm.adapters.odoo.reading import Reader
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.wire import VENDOR, failure_in, wrote
from clmcrm.adapters.odoo.writing import Writer
from clmcrm.adapters.typed_failures import in_types
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Atomicity, Capabilities, Creating, Feed, Outcome, Page, Precondition, Seen, Write

PAGE: Final = 2000
BATCH: Final = 1000
"""A call is one transaction: a thousand partners take Odoo some seconds, and are locked as long."""
FILES_AT_ONCE: Final = 20
"""How many records a call tells or takes when their files come along: an image may have megabytes."""
OVERLAP: Final = timedelta(minutes=10)
"""Longer than the longest transaction that an Odoo is expected to have open."""


class OdooSystem:
    """The `kinds` that one side of an Odoo holds, asked through `session`; `holds` are their canonical fields.

    `carry` is what is carried in their extras besides what each record itself stores.
    """

    def __init__(
        self,
        session: OdooSession,
        kinds: Sequence[OdooKind],
        *,
        holds: Mapping[str, frozenset[str]],
        overlap: timedelta,
        page: int,
        batch: int,
        carry: Collection[Carry] = (),
    ) -> None:
        self._kinds = {one.kind: evolve(one, carry=frozenset(carry)) for one in kinds}
        if Carry.FILES in carry:
            page, batch = min(page, FILES_AT_ONCE), min(batch, FILES_AT_ONCE)
        self._reader = Reader(session, self._kinds, page=page, overlap=overlap)
        self._writer = Writer(self._reader)
        self._capabilities = Capabilities(
            kinds=frozenset(one.kind for one in kinds),
            creates=frozenset(one.kind for one in kinds if one.created is not None),
            feed=Feed.TIMESTAMP,
            # Read and compared just before the write: that narrows the gap and does not close it.
            precondition=Precondition.NONE,
            atomicity=Atomicity.ITEM,
            creating=Creating.UNIQUE,
            longest_processing=overlap,
            overlap=overlap,
            batch_size=batch,
            holds=holds,
        )

    @property
    def session(self) -> OdooSession:
        """Whom it asks."""
        return self._reader.session

    @property
    def kinds(self) -> Mapping[str, OdooKind]:
        """How each kind lives there."""
        return self._kinds

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> Capabilities:
        """What an Odoo can and cannot do."""
        return self._capabilities

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`; with the last page, what is proven deleted."""
        return in_types(VENDOR, self._reader.changes(kind, cursor), failure_in)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that is proven deleted is shown as gone."""
        return in_types(VENDOR, self._reader.read(kind, keys), failure_in)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The live record that was created under our key `mark`; None when there is none."""
        return in_types(VENDOR, self._reader.find(kind, mark), failure_in)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; raises `TerminalError` for more than `batch_size` of them.

        Raises `AmbiguousError` for a refusal of the whole call when others of the batch were carried out.
        """
        check_size(VENDOR, writes, self._capabilities.batch_size)
        writing = in_types(VENDOR, self._writer.write(writes), failure_in)
        return (yield from in_doubt_once_written(VENDOR, writing, wrote, of=(TerminalError,)))
