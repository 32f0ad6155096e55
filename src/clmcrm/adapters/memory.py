"""A CRM and a CLM in memory: the twins that tests run against, able to be as limited as any vendor.

Every capability can be switched, so that an engine is tried against a system without a feed, without a
precondition, without marks. Time is counted in seconds from a fixed instant unless a clock is given.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from attrs import evolve

from clmcrm.adapters.catalogue import FIELDS
from clmcrm.adapters.remembered_keys import RememberedKeys
from clmcrm.adapters.rows import Row
from clmcrm.adapters.shelf import PAGE_SIZE, ShelfSystem
from clmcrm.errors import Unsupported
from clmcrm.ports.clm import CLM_KINDS
from clmcrm.ports.crm import CRM_KINDS
from clmcrm.ports.records import NO_TIME, Capabilities, Fields, Json, Outcome, Result, Write
from clmcrm.ports.systems import Past

_FIRST_INSTANT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_ONE_SECOND: Final = timedelta(seconds=1)


class MemoryShelf:
    """Rows in memory; what is kept and what is given out are copies, so that nobody edits behind its back."""

    def __init__(self, *, history: bool = False) -> None:
        """`history`: keep every value a field had, too."""
        self._past: dict[tuple[str, str], list[Past]] | None = {} if history else None
        self._rows: dict[tuple[str, str], Row] = {}
        self._marks: dict[tuple[str, str], str] = {}
        self._log: dict[str, list[tuple[int, str]]] = {}
        self._number = 0
        self._undo: list[Callable[[], object]] | None = None

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """All that is kept inside is kept together; when the block raises, everything is as before."""
        outer, number = self._undo, self._number
        self._undo = []
        try:
            yield
        except BaseException:
            for undo in reversed(self._undo):
                _ = undo()
            self._number = number
            raise
        else:
            if outer is not None:
                outer.extend(self._undo)
        finally:
            self._undo = outer

    def next_number(self) -> int:
        """One more than the last."""
        self._number += 1
        return self._number

    def row(self, kind: str, key: str) -> Row | None:
        """The row of that key, removed ones included."""
        found = self._rows.get((kind, key))
        return None if found is None else _copy(found)

    def marked(self, kind: str, mark: str) -> Row | None:
        """The row created under `mark`, removed ones included."""
        key = self._marks.get((kind, mark))
        return None if key is None else self.row(kind, key)

    def keep(self, row: Row) -> None:
        """Insert the row, or replace the one of its key."""
        place, log = (row.kind, row.key), self._log.setdefault(row.kind, [])
        before, marked = self._rows.get(place), row.mark is not None and (row.kind, row.mark) not in self._marks
        self._rows[place] = _copy(row)
        log.append((row.number, row.key))
        if self._past is not None:
            self._past.setdefault(place, []).extend(_values_changed(row, before))
        if marked:
            self._marks[row.kind, cast("str", row.mark)] = row.key
        if self._undo is not None:
            self._undo.append(lambda: self._take_back(row, before, marked=marked))

    def _take_back(self, row: Row, before: Row | None, *, marked: bool) -> None:
        _ = self._log[row.kind].pop()
        if self._past is not None and (changed := len(_values_changed(row, before))):
            del self._past[row.kind, row.key][-changed:]
        if marked:
            del self._marks[row.kind, cast("str", row.mark)]
        if before is None:
            del self._rows[row.kind, row.key]
        else:
            self._rows[row.kind, row.key] = before

    def after(self, kind: str, number: int, limit: int | None = None) -> list[Row]:
        """The rows of `kind` above `number`, in the order of their numbers; at most `limit`."""
        log, found = self._log.get(kind, []), list[Row]()
        for place in range(bisect_right(log, number, key=lambda entry: entry[0]), len(log)):
            at, key = log[place]
            row = self._rows[kind, key]
            if row.number != at:  # changed again since: told at its later place
                continue
            found.append(_copy(row))
            if len(found) == limit:
                break
        return found

    def past(self, kind: str, key: str) -> tuple[Past, ...]:
        """Every value that the record's fields had, the oldest first; none where no history is kept."""
        return () if self._past is None else tuple(self._past.get((kind, key), ()))


def _values_changed(row: Row, before: Row | None) -> list[Past]:
    """The values of the row that are new."""
    was: Fields = {} if before is None else before.fields
    return [
        Past(key=row.key, name=name, value=_copied(value))
        for name, value in row.fields.items()
        if name not in was or was[name] != value
    ]


def _copy(row: Row) -> Row:
    return evolve(row, fields={name: _copied(value) for name, value in row.fields.items()})


def _copied(value: Json) -> Json:
    if isinstance(value, list):
        return [_copied(item) for item in value]
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value


def ticking_clock(first: datetime = _FIRST_INSTANT, step: timedelta = _ONE_SECOND) -> Callable[[], datetime]:
    """A clock that moves on by `step` each time it is read, and by nothing else.

    >>> clock = ticking_clock()
    >>> (clock() - clock()).total_seconds()
    -1.0
    """
    now = first - step

    def read() -> datetime:
        nonlocal now
        now += step
        return now

    return read


class MemorySystem(ShelfSystem):
    """A record system in memory, with the capabilities it is given.

    A kind that `capabilities.holds` lists takes those fields and no others; with a `key_window` it remembers
    idempotency keys; with `history` it tells past values.
    """

    def __init__(
        self,
        system: str,
        capabilities: Capabilities,
        *,
        clock: Callable[[], datetime] | None = None,
        known: Mapping[str, frozenset[str]] = FIELDS,
        page_size: int = PAGE_SIZE,
    ) -> None:
        clock = clock or ticking_clock()
        known = {**known, **capabilities.holds}
        self._told = MemoryShelf(history=capabilities.history)
        super().__init__(system, capabilities, self._told, clock=clock, known=known, page_size=page_size)
        window = capabilities.key_window
        self._keys = None if window == NO_TIME else RememberedKeys(window, clock)

    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        """The values of these records' fields, oldest first; raises `Unsupported` unless `capabilities.history`."""
        self._hold(kind)
        if not self.capabilities.history:
            raise Unsupported(self.system, "history", "it keeps no past values")
        return tuple(past for key in dict.fromkeys(keys) for past in self._told.past(kind, key))

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """One outcome per write, in order; a write under a remembered key is not done again."""
        before = {} if self._keys is None else self._keys.kept(writes)
        outcomes = super().write(writes)
        if self._keys is not None:
            for write, outcome in zip(writes, outcomes, strict=True):
                if not outcome.ok and outcome.result is not Result.REUSED:
                    self._keys.take_back(write, before)
        return outcomes

    def _written(self, write: Write) -> Outcome:
        if self._keys is None:
            return super()._written(write)
        known = self._keys.outcome(write)
        if known is not None:
            return known
        outcome = super()._written(write)
        self._keys.remember(write, outcome)
        return outcome


MEMORY_CRM: Final = Capabilities(kinds=frozenset(CRM_KINDS), creates=frozenset(CRM_KINDS), tells_merges=True)
"""What the CRM in memory can do unless it is told otherwise: everything."""

MEMORY_CLM: Final = Capabilities(kinds=frozenset(CLM_KINDS), creates=frozenset(CLM_KINDS), tells_merges=True)
"""What the CLM in memory can do unless it is told otherwise: everything."""


class MemoryCrm(MemorySystem):
    """A CRM in memory.

    >>> crm = MemoryCrm()
    >>> seen = crm.add("account", {"name": "Durand"})
    >>> crm.changes("account", None).seen == (seen,)
    True
    """

    def __init__(
        self,
        capabilities: Capabilities = MEMORY_CRM,
        *,
        clock: Callable[[], datetime] | None = None,
        page_size: int = PAGE_SIZE,
    ) -> None:
        super().__init__("memory-crm", capabilities, clock=clock, page_size=page_size)


class MemoryClm(MemorySystem):
    """A CLM in memory.

    >>> MemoryClm().changes("contract", None).seen
    ()
    """

    def __init__(
        self,
        capabilities: Capabilities = MEMORY_CLM,
        *,
        clock: Callable[[], datetime] | None = None,
        page_size: int = PAGE_SIZE,
    ) -> None:
        super().__init__("memory-clm", capabilities, clock=clock, page_size=page_size)
