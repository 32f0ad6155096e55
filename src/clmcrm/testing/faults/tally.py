"""What many trials came to, tier by tier: the figures that a run prints."""

from __future__ import annotations

from attrs import define, field

from clmcrm.testing.faults.history import Told

COLUMNS = ("tier", "seeds", "faults", "kills", "duplicates", "lost edits", "divergent", "idle writes", "told losses")
WORST = 20
"""How many violations are printed with their seed; the rest is counted."""


@define(kw_only=True)
class Tally:
    """Sums over the trials of one `tier`; `violations` name the seed of each trial that was not clean."""

    tier: str
    seeds: int = 0
    faults: int = 0
    kills: int = 0
    duplicates: int = 0
    lost: int = 0
    divergent: int = 0
    idle: int = 0
    told: int = 0
    violations: list[str] = field(factory=list[str])

    def add(self, told: Told) -> None:
        """Count one more trial."""
        verdict = told.verdict
        self.seeds += 1
        self.faults += told.faults
        self.kills += told.crashes
        self.duplicates += len(verdict.duplicates)
        self.lost += len(verdict.lost)
        self.divergent += len(verdict.divergent)
        self.idle += verdict.idle
        self.told += len(verdict.told)
        if not verdict.clean:
            what = [*verdict.duplicates, *verdict.lost, *verdict.divergent][:3]
            self.violations.append(f"seed {told.seed}: {'; '.join(what)}; {verdict.idle} idle writes")

    def merge(self, other: Tally) -> None:
        """Count the trials of another tally of the same tier as well."""
        for name in ("seeds", "faults", "kills", "duplicates", "lost", "divergent", "idle", "told"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.violations += other.violations

    def row(self) -> tuple[str, ...]:
        """The figures as text, in the order of `COLUMNS`."""
        figures = (
            self.seeds,
            self.faults,
            self.kills,
            self.duplicates,
            self.lost,
            self.divergent,
            self.idle,
            self.told,
        )
        return (self.tier, *(str(figure) for figure in figures))


def table(tallies: list[Tally]) -> str:
    """The figures as a table of plain text.

    >>> print(table([Tally(tier="simulated", seeds=2)]).splitlines()[0])
    tier       seeds  faults  kills  duplicates  lost edits  divergent  idle writes  told losses
    """
    rows = [COLUMNS, *(tally.row() for tally in tallies)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)
