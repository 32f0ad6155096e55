"""What a batch leaves in the journal, gathered and then saved table by table: few statements, one commit."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed, Entry


@define
class Outbox:
    """The saves of one transaction; the last word about a pair counts. `flush` belongs inside the transaction."""

    journal: Journal
    _pairs: dict[tuple[str, str], Agreed | None] = field(factory=dict[tuple[str, str], Agreed | None], init=False)
    _entries: list[Entry] = field(factory=list[Entry], init=False)
    _steps: list[str] = field(factory=list[str], init=False)
    _decisions: list[str] = field(factory=list[str], init=False)

    def save(self, agreed: Agreed) -> None:
        """Insert or replace a pair."""
        self._pairs[agreed.link.kind, agreed.link.pair] = agreed

    def set_aside(self, kind: str, pair: str) -> None:
        """Forget a pair that no longer exists."""
        self._pairs[kind, pair] = None

    def tell(self, entries: Iterable[Entry]) -> None:
        """Append lines to the history."""
        self._entries += entries

    def end_step(self, key: str) -> None:
        """Forget a step that was acknowledged."""
        self._steps.append(key)

    def end_decisions(self, keys: Iterable[str]) -> None:
        """Forget decisions that were applied."""
        self._decisions += keys

    def flush(self) -> None:
        """Save it all, and begin anew."""
        self.journal.save_agreed(agreed for agreed in self._pairs.values() if agreed is not None)
        for (kind, pair), agreed in self._pairs.items():
            if agreed is None:
                self.journal.set_aside(kind, [pair])
        self.journal.save_entries(self._entries)
        self.journal.end_steps(self._steps)
        self.journal.end_decisions(self._decisions)
        self._pairs, self._entries, self._steps, self._decisions = {}, [], [], []
