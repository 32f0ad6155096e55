"""The adapter that a description describes: a system whose methods are flows (see `clmcrm.ports.systems`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from clmcrm.adapters.declared import feed
from clmcrm.adapters.declared.description import Description, KindMap
from clmcrm.adapters.declared.lookups import Reader
from clmcrm.adapters.declared.wire import Wire
from clmcrm.adapters.declared.writing import Writer
from clmcrm.adapters.held_kinds import held_kind
from clmcrm.drivers.budgets import Budget
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import TerminalError, Unsupported
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import (
    Atomicity,
    Capabilities,
    Creating,
    Feed,
    Outcome,
    Page,
    Precondition,
    Seen,
    Write,
)

_NO_SECRETS: Final[Mapping[str, Secret]] = {}


class DeclaredSystem:
    """The described system, signed with `secrets` (by the names that the description gives them).

    `address` overrides the description's own. Raises `InvalidRecord` for one that is none, and for a missing secret.

    >>> from clmcrm.adapters.declared.reading import read_description
    >>> crm = DeclaredSystem(read_description('''
    ...     system = "acme"
    ...     address = "https://crm.example/v1"
    ...     [kinds.account]
    ...     key = "id"
    ...     list = { path = "/accounts", rows = "data" }
    ...     one = { path = "/accounts/{key}" }
    ...     fields = { name = "company" }
    ... '''))
    >>> crm, sorted(crm.capabilities.kinds), crm.capabilities.feed.value
    (DeclaredSystem('acme', 'https://crm.example/v1'), ['account'], 'none')
    """

    def __init__(
        self, described: Description, secrets: Mapping[str, Secret] = _NO_SECRETS, *, address: str | None = None
    ) -> None:
        self._described = described
        self._wire = Wire(described, secrets, address)
        self._reader = Reader(self._wire)
        self._writer = Writer(self._wire, self._reader, described.writing)
        self._capabilities = capabilities_of(described)

    def __repr__(self) -> str:
        """Which and where, never with what."""
        return f"DeclaredSystem({self.system!r}, {self._wire.address!r})"

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return self._described.system

    @property
    def capabilities(self) -> Capabilities:
        """What the system can and cannot do, as described."""
        return self._capabilities

    @property
    def described(self) -> Description:
        """The description itself."""
        return self._described

    @property
    def origins(self) -> Mapping[str, str]:
        """What a transport is given, so that it sends to this address alone."""
        return {self.system: self._wire.address}

    @property
    def wire(self) -> Wire:
        """What makes its calls."""
        return self._wire

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`; everything each time where the list takes no instant."""
        return (yield from feed.changes(self.held(kind), self._wire, cursor))

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys as they are now."""
        return (yield from self._reader.read(self.held(kind), keys))

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The record that carries our key `mark`, a live one first; None when there is none.

        Raises `Unsupported` where there is no way to ask.
        """
        held = self.held(kind)
        if not self._capabilities.marks:
            raise Unsupported(self.system, "marks", f"the description says no way to find a {kind} by our key")
        return (yield from self._reader.find(held, mark))

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; raises `TerminalError` for more than `batch_size` of them."""
        most = self._described.limits.batch_size
        if len(writes) > most:
            raise TerminalError(self.system, f"{len(writes)} writes in one go, at most {most} are taken")
        return (yield from self._writer.write(writes, self._described.kinds))

    def held(self, kind: str) -> KindMap:
        """How the system keeps `kind`; raises `TerminalError` for one it does not."""
        return held_kind(self.system, self._described.kinds, kind)


def budgets_of(described: Description) -> list[Budget]:
    """The rate windows, for the desk of the driver that runs the system."""
    return [
        Budget(vendor=described.system, size=rate.size, per=timedelta(seconds=rate.seconds))
        for rate in described.limits.windows
    ]


def capabilities_of(described: Description) -> Capabilities:
    """What the description lets the engine rely on: the weakest of its kinds counts for all."""
    kinds, writing = described.kinds, described.writing
    creates = frozenset(name for name, kind in kinds.items() if kind.create is not None)
    marks = bool(creates) and all(kinds[name].find is not None and kinds[name].mark is not None for name in creates)
    creating = Creating(writing.creating)
    if not marks and creating in (Creating.UNIQUE, Creating.LOOKUP):
        creating = Creating.NONE
    return Capabilities(
        kinds=frozenset(kinds),
        creates=creates,
        feed=Feed.TIMESTAMP if all(kind.list.since_param for kind in kinds.values()) else Feed.NONE,
        precondition=Precondition.NONE if writing.precondition == "none" else Precondition.ROW,
        atomicity=Atomicity.ITEM,
        tells_deletes=all(kind.list.tells_gone for kind in kinds.values()),
        tells_merges=all(kind.list.tells_gone and kind.merged_into is not None for kind in kinds.values()),
        marks=marks,
        creating=creating,
        longest_processing=timedelta(seconds=writing.longest_processing_s),
        visible_lag=timedelta(seconds=writing.visible_lag_s),
        overlap=timedelta(seconds=max(kind.list.overlap_s for kind in kinds.values())),
        key_window=timedelta(seconds=writing.key_window_s),
        batch_size=described.limits.batch_size,
        holds={name: kind.written for name, kind in kinds.items()},
    )
