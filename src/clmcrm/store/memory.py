"""A journal that forgets everything when the process ends: for trials, previews and tests.

It keeps the same texts as the one in SQLite, and rolls back as truly.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias, TypeVar

from attrs import define, field

from clmcrm.ports.journal import DEAD_LETTER
from clmcrm.ports.kept import Agreed, Entry, Hint, Link
from clmcrm.ports.records import SIDES, Fields, Side
from clmcrm.store.encoding import agreed_of, agreed_text, decoded, encoded, entry_of, merged_hint

_K = TypeVar("_K")
_V = TypeVar("_V")
_Place: TypeAlias = tuple[str, Side, str]
"""A kind, a side and a system's key."""


@define
class _Tables:
    """Everything that is kept, as text."""

    agreed: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str])
    keys: dict[_Place, frozenset[str]] = field(factory=dict[_Place, frozenset[str]])
    places: dict[tuple[str, str], tuple[_Place, ...]] = field(factory=dict[tuple[str, str], tuple[_Place, ...]])
    cursors: dict[tuple[Side, str], str] = field(factory=dict[tuple[Side, str], str])
    entries: list[tuple[str, str, str, str]] = field(factory=list[tuple[str, str, str, str]])
    steps: dict[str, str] = field(factory=dict[str, str])
    decisions: dict[str, str] = field(factory=dict[str, str])
    hints: dict[tuple[str, Side, str], Hint] = field(factory=dict[tuple[str, Side, str], Hint])
    number: int = 0

    def copy(self) -> _Tables:
        """A copy that later changes do not touch: all values are immutable."""
        return _Tables(
            agreed=dict(self.agreed),
            keys=dict(self.keys),
            places=dict(self.places),
            cursors=dict(self.cursors),
            entries=list(self.entries),
            steps=dict(self.steps),
            decisions=dict(self.decisions),
            hints=dict(self.hints),
            number=self.number,
        )

    @property
    def content(self) -> tuple[object, ...]:
        """All that is kept, to be compared with what is kept later; of the hints' numbers only their order."""
        hints = sorted(self.hints.values(), key=lambda hint: hint.number)
        return (
            dict(self.agreed), dict(self.cursors), len(self.entries), dict(self.steps), dict(self.decisions),
            [(hint.kind, hint.side, hint.key, hint.gone, hint.merged_into) for hint in hints],
        )  # fmt: skip


class MemoryJournal:
    """A `Journal` in memory.

    >>> journal = MemoryJournal()
    >>> journal.save_cursor(Side.CRM, "account", "17")
    >>> journal.cursor(Side.CRM, "account"), journal.cursor(Side.CLM, "account")
    ('17', None)
    """

    def __init__(self) -> None:
        self._tables = _Tables()

    def agreed(self, kind: str, pairs: Collection[str] | None = None) -> Iterator[Agreed]:
        """Every pair of `kind`, ordered by pair; only these `pairs` when given."""
        kept = self._tables.agreed
        found = [pair for known, pair in kept if known == kind] if pairs is None else set(pairs)
        for pair, text in [(pair, kept[kind, pair]) for pair in sorted(found) if (kind, pair) in kept]:
            yield agreed_of(text, f"pair {pair}")

    def leading_to(self, kind: str, side: Side, keys: Collection[str]) -> Iterator[Agreed]:
        """The pairs of `kind` whose key on `side` is one of these, or whose aliases name one; ordered by pair."""
        pairs = {pair for key in keys for pair in self._tables.keys.get((kind, side, key), ())}
        yield from self.agreed(kind, pairs)

    def one_sided(self, kind: str) -> Iterator[Agreed]:
        """The pairs of `kind` that have a record on one side alone, ordered by pair."""
        for known in self.agreed(kind):
            if (known.link.crm is None) is not (known.link.clm is None):
                yield known

    def count(self, kind: str) -> int:
        """How many pairs of `kind` there are, without those that have ended."""
        return sum(not known.link.ended for known in self.agreed(kind))

    def cursor(self, side: Side, kind: str) -> str | None:
        """Where the last pull ended; None before the first."""
        return self._tables.cursors.get((side, kind))

    def hints(self, kind: str) -> Iterator[Hint]:
        """The records of `kind` that are not settled, oldest hint first."""
        found = (hint for hint in self._tables.hints.values() if hint.kind == kind)
        yield from sorted(found, key=lambda hint: hint.number)

    def history(self, pair: str | None = None) -> Iterator[Entry]:
        """The history, oldest first; of one pair when it is given."""
        for at, known, what, facts in list(self._tables.entries):
            if pair is None or known == pair:
                yield entry_of(at, known, what, facts)

    def buried(self, pairs: Collection[str]) -> frozenset[str]:
        """Those of these pairs whose history has a dead letter, replaced since or not."""
        return frozenset(pair for _, pair, what, _ in self._tables.entries if what == DEAD_LETTER and pair in pairs)

    def open_steps(self) -> Iterator[tuple[str, Fields]]:
        """Steps begun and not ended, oldest first."""
        for key, text in list(self._tables.steps.items()):
            yield key, decoded(text, f"open step {key}")

    def decisions(self) -> Iterator[tuple[str, Fields]]:
        """Decisions not yet applied, ordered by key."""
        for key, text in sorted(self._tables.decisions.items()):
            yield key, decoded(text, f"decision {key}")

    def kinds(self) -> tuple[str, ...]:
        """Every kind with a pair or a hint, sorted."""
        return tuple(sorted({kind for kind, _ in self._tables.agreed} | {kind for kind, _, _ in self._tables.hints}))

    def cursors(self) -> Iterator[tuple[Side, str, str]]:
        """Every cursor, ordered by side and kind."""
        for (side, kind), cursor in sorted(self._tables.cursors.items()):
            yield side, kind, cursor

    def transaction(self) -> AbstractContextManager[None]:
        """All that is saved inside is saved together, or not at all when the block raises."""
        return self._together()

    @contextmanager
    def _together(self) -> Generator[None, None, None]:
        before = self._tables.copy()
        try:
            yield
        except BaseException:
            self._tables = before
            raise

    def save_agreed(self, agreed: Iterable[Agreed]) -> None:
        """Insert or replace these pairs."""
        for each in agreed:
            link = each.link
            self._forget(link.kind, link.pair)
            self._tables.agreed[link.kind, link.pair] = agreed_text(each)
            places = tuple((link.kind, side, key) for side, key in _named(link))
            self._tables.places[link.kind, link.pair] = places
            for place in places:
                self._tables.keys[place] = self._tables.keys.get(place, frozenset()) | {link.pair}

    def save_cursor(self, side: Side, kind: str, cursor: str) -> None:
        """Remember where the pull ended."""
        self._tables.cursors[side, kind] = cursor

    def save_hints(self, hints: Iterable[Hint]) -> None:
        """Remember these records as changed."""
        with self.transaction():
            for hint in hints:
                self._tables.number += 1
                place = (hint.kind, hint.side, hint.key)
                old = self._tables.hints.get(place)
                self._tables.hints[place] = merged_hint(old, hint, self._tables.number)

    def end_hints(self, numbers: Iterable[int]) -> None:
        """Forget the hints of these numbers."""
        ended = frozenset(numbers)
        kept = {place: hint for place, hint in self._tables.hints.items() if hint.number not in ended}
        self._tables.hints = kept

    def save_entries(self, entries: Iterable[Entry]) -> None:
        """Append lines to the history."""
        self._tables.entries.extend([(e.at.isoformat(), e.pair, e.what, encoded(e.facts)) for e in entries])

    def begin_steps(self, steps: Iterable[tuple[str, Fields]]) -> None:
        """Record steps before they are sent."""
        new = {key: encoded(fields) for key, fields in steps}
        _put_last(self._tables.steps, new)

    def end_steps(self, keys: Sequence[str]) -> None:
        """Forget steps that were acknowledged or given up."""
        for key in keys:
            _ = self._tables.steps.pop(key, None)

    def save_decision(self, key: str, decision: Fields) -> None:
        """Keep a person's decision, replacing an earlier one."""
        self._tables.decisions[key] = encoded(decision)

    def end_decisions(self, keys: Sequence[str]) -> None:
        """Forget decisions that were applied."""
        for key in keys:
            _ = self._tables.decisions.pop(key, None)

    def set_aside(self, kind: str, pairs: Sequence[str]) -> None:
        """Forget the agreed values of pairs that no longer exist."""
        for pair in pairs:
            self._forget(kind, pair)

    def _forget(self, kind: str, pair: str) -> None:
        _ = self._tables.agreed.pop((kind, pair), None)
        for place in self._tables.places.pop((kind, pair), ()):
            self._tables.keys[place] -= {pair}


def _named(link: Link) -> set[tuple[Side, str]]:
    """Every key that leads to the pair: its own and its aliases."""
    own = ((side, link.key(side)) for side in SIDES)
    return {*link.aliases, *((side, key) for side, key in own if key is not None)}


def _put_last(table: dict[_K, _V], new: dict[_K, _V]) -> None:
    """Enter rows at the end, also when their key was there before."""
    for key, value in new.items():
        _ = table.pop(key, None)
        table[key] = value
