"""A journal that forgets everything when the process ends: for trials, previews and tests.

It keeps the same texts as the one in SQLite, and rolls back as truly.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from attrs import define, field

from clmcrm.ports.journal import Agreed, Entry, Hint
from clmcrm.ports.records import Fields, Side
from clmcrm.store.encoding import agreed_of, agreed_text, decoded, encoded, entry_of, merged_hint

_K = TypeVar("_K")
_V = TypeVar("_V")


@define
class _Tables:
    """Everything that is kept, as text."""

    agreed: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str])
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
            cursors=dict(self.cursors),
            entries=list(self.entries),
            steps=dict(self.steps),
            decisions=dict(self.decisions),
            hints=dict(self.hints),
            number=self.number,
        )


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
        wanted = None if pairs is None else frozenset(pairs)
        for (known, pair), text in sorted(self._tables.agreed.items()):
            if known == kind and (wanted is None or pair in wanted):
                yield agreed_of(text, f"pair {pair}")

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

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """All that is saved inside is saved together, or not at all when the block raises."""
        before = self._tables.copy()
        try:
            yield
        except BaseException:
            self._tables = before
            raise

    def save_agreed(self, agreed: Iterable[Agreed]) -> None:
        """Insert or replace these pairs."""
        self._tables.agreed.update({(a.link.kind, a.link.pair): agreed_text(a) for a in agreed})

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
            _ = self._tables.agreed.pop((kind, pair), None)


def _put_last(table: dict[_K, _V], new: dict[_K, _V]) -> None:
    """Enter rows at the end, also when their key was there before."""
    for key, value in new.items():
        _ = table.pop(key, None)
        table[key] = value
