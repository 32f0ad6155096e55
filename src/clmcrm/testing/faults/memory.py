"""The journal of a history: in memory, dying before and after a commit, losing what was not synchronised."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from clmcrm.ports.journal import Agreed, Entry
from clmcrm.ports.records import Side
from clmcrm.store.encoding import agreed_of, entry_of
from clmcrm.store.memory import MemoryJournal
from clmcrm.testing.faults.world import World

UNSYNCED: Final = 3
"""How many commits a journal that does not synchronise loses at most when the power goes."""

_read: Final = lru_cache(maxsize=4096)(agreed_of)
_line: Final = lru_cache(maxsize=4096)(entry_of)
"""A history reads the same texts again and again."""


class RigJournal(MemoryJournal):
    """A `Journal` whose process may die at each commit; without `synchronous` it loses the last commits then."""

    synchronous = True

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self._inside = False
        self._last: list[Any] = [self._tables]

    def agreed(self, kind: str, pairs: Collection[str] | None = None) -> Iterator[Agreed]:
        """Every pair of `kind`, ordered by pair; only these `pairs` when given."""
        found = self._tables.agreed
        if pairs is None:
            names = sorted(pair for known, pair in found if known == kind)
        else:
            names = sorted(pair for pair in set(pairs) if (kind, pair) in found)
        return iter([_read(found[kind, pair], pair) for pair in names])

    def leading_to(self, kind: str, side: Side, keys: Collection[str]) -> Iterator[Agreed]:
        """The pairs whose key on `side` is one of these, or whose aliases name one."""
        for known in self.agreed(kind):
            link = known.link
            if link.key(side) in keys or any(other is side and key in keys for other, key in link.aliases):
                yield known

    def history(self, pair: str | None = None) -> Iterator[Entry]:
        """The history, oldest first; of one pair when it is given."""
        lines = self._tables.entries
        return iter([_line(*line) for line in lines if pair is None or line[1] == pair])

    def one_sided(self, kind: str) -> Iterator[Agreed]:
        """The pairs that have no record on one of the sides."""
        return (known for known in self.agreed(kind) if known.link.crm is None or known.link.clm is None)

    def count(self, kind: str) -> int:
        """How many pairs of `kind` there are."""
        return sum(known == kind for known, _ in self._tables.agreed)

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """All or nothing; inside another it is a part of that one."""
        if self._inside:
            yield
            return
        before: Any = self._tables.copy()
        self._inside = True
        try:
            yield
            self._world.point("a commit")
        except BaseException:
            self._tables = before
            raise
        finally:
            self._inside = False
        if not self.synchronous:
            self._last = [*self._last[1 - UNSYNCED :], before]
        self._world.point("after a commit")

    def reopen(self) -> None:
        """What a new process finds."""
        if not self.synchronous:
            self._tables = self._world.dice.choice(self._last).copy()
            self._last = [self._tables]
