"""The journal of a history: in memory, dying before and after a commit, losing what was not synchronised."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any, Final

from clmcrm.ports.kept import Agreed, Entry
from clmcrm.ports.records import Side
from clmcrm.store.encoding import agreed_of, entry_of
from clmcrm.store.memory import MemoryJournal
from clmcrm.testing.faults.world import PowerCutError, World

UNSYNCED: Final = 3
"""How many commits a journal that does not synchronise loses at most when the power goes."""

_read: Final = lru_cache(maxsize=4096)(agreed_of)
_line: Final = lru_cache(maxsize=4096)(entry_of)
"""A history reads the same texts again and again."""


class _Transaction:
    """The outermost transaction of a journal; a class, because a generator takes twice as long to enter and leave."""

    def __init__(self, journal: RigJournal) -> None:
        self._journal = journal
        self._before: Any = None

    def __enter__(self) -> None:
        self._before = self._journal.begin()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._journal.commit(self._before)
        else:
            self._journal.undo(self._before)


_PART: Final = nullcontext()
"""A transaction inside another."""


class RigJournal(MemoryJournal):
    """A `Journal` whose process may die at each commit; without `synchronous` it loses the last commits then."""

    synchronous = True

    def __init__(self, world: World) -> None:
        super().__init__()
        self.inside = False
        self._world = world
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
        """The pairs that have a record on one side alone."""
        return (known for known in self.agreed(kind) if (known.link.crm is None) is not (known.link.clm is None))

    def count(self, kind: str) -> int:
        """How many pairs of `kind` there are, without those that have ended."""
        return sum(not known.link.ended for known in self.agreed(kind))

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; inside another it is a part of that one."""
        return _PART if self.inside else _Transaction(self)

    @property
    def content(self) -> tuple[object, ...]:
        """All that it keeps, to be compared with what it keeps later."""
        return self._tables.content

    def begin(self) -> Any:  # noqa: ANN401 - the tables, which are the journal's own affair
        """Begin a transaction: what would stand again if it failed."""
        self.inside = True
        return self._tables.copy()

    def commit(self, before: Any) -> None:  # noqa: ANN401 - as above
        """End it, if the process lives to; then it may die too."""
        try:
            self._world.point("a commit")
        except PowerCutError:
            self.undo(before)
            raise
        self.inside = False
        if not self.synchronous:
            self._last = [*self._last[1 - UNSYNCED :], before]
        self._world.point("after a commit")

    def undo(self, before: Any) -> None:  # noqa: ANN401 - as above
        """What was saved since its beginning was never saved."""
        self.inside, self._tables = False, before

    def reopen(self) -> None:
        """What a new process finds."""
        if not self.synchronous:
            self._tables = self._world.dice.choice(self._last).copy()
            self._last = [self._tables]
