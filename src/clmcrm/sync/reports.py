"""What became of every step: nothing that was planned goes unmentioned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.ports.kept import Agreed
from clmcrm.ports.records import Fields, Side
from clmcrm.sync.directory import hints_of
from clmcrm.sync.steps import Plan, Step
from clmcrm.values.validators import member


class Ended(StrEnum):
    """How a step ended."""

    DONE = "done"
    BOUND = "bound"
    """The record was there under our mark: it is linked, and merged in the next run."""
    STALE = "stale"
    """The record, or the journal, had moved on: planned anew in the next run."""
    MISSING = "missing"
    """There is no such record: looked into in the next run."""
    REFUSED = "refused"
    """The system does not take these values: a dead letter, until the record changes or is replayed."""
    AMBIGUOUS = "ambiguous"
    """It is not known whether it happened: the step stays open and is looked up before any retry."""
    DEFERRED = "deferred"
    """The system could not be reached: nothing happened, tried in the next run."""
    WAITING = "waiting"
    """Nothing was sent: what it refers to could not be created, its side has no writer, its earlier sending is not
    settled, or it was refused before and nothing has changed since."""

    __hash__ = str.__hash__

    @property
    def settled(self) -> bool:
        """Whether the next run need not look at the record again."""
        return self in _SETTLED


_SETTLED: Final = frozenset({Ended.DONE, Ended.REFUSED})


@frozen(kw_only=True)
class Line:
    """What became of one step; `why` in the system's words where it was not done."""

    step: Step
    ended: Ended = field(validator=member(Ended))
    key: str | None = None
    why: str = ""

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.ended}: {self.step}" + (f" [{self.why}]" if self.why else "")


@frozen(kw_only=True)
class Report:
    """The outcome of a plan, one line per step.

    `reconciled` counts the steps of an earlier run that were looked up first, `parked` names those that
    only a person can settle, `lossy` the sides that offer no precondition: an edit made there between our
    reading and our writing cannot be seen. `more` says that changed records were left for the next run.
    """

    plan: Plan = field(repr=False)
    lines: tuple[Line, ...] = ()
    reconciled: int = 0
    parked: tuple[str, ...] = ()
    lossy: tuple[Side, ...] = ()
    more: bool = False

    @property
    def counts(self) -> Mapping[Ended, int]:
        """How many steps ended how; every ending is there, also with zero."""
        found = Counter(line.ended for line in self.lines)
        return {ended: found[ended] for ended in Ended}

    @property
    def written(self) -> int:
        """How many records were written to in either system."""
        return sum(line.step.op.remote and line.ended is Ended.DONE for line in self.lines)

    @property
    def complete(self) -> bool:
        """Whether every step was done and nothing waits for a person."""
        done = all(line.ended is Ended.DONE for line in self.lines)
        return done and not self.parked and not self.plan.conflicts and not self.plan.problems

    def as_fields(self) -> Fields:
        """The report as plain JSON."""
        return {
            "lines": [
                {
                    "step": dict(line.step.as_fields()),
                    "ended": line.ended.value,
                    "key": line.key,
                    "why": line.why,
                }
                for line in self.lines
            ],
            "reconciled": self.reconciled,
            "parked": list(self.parked),
            "lossy": [side.value for side in self.lossy],
        }


def to_look_at_again(lines: Iterable[Line], pairs: Mapping[str, Agreed]) -> frozenset[tuple[str, Side, str]]:
    """The records (kind, side, key) of the steps that are not settled.

    `pairs` are the plan's as the journal has them.
    """
    found: set[tuple[str, Side, str]] = set()
    for line in lines:
        if not line.ended.settled:
            link, known = line.step.link, pairs.get(line.step.pair)
            # A removal's own link is empty already: what it was about is known by the pair.
            both = (*hints_of(link), *(hints_of(known.link) if known else ()))
            found |= {(hint.kind, hint.side, hint.key) for hint in both}
            if line.step.side and line.key:
                found.add((link.kind, line.step.side, line.key))
    return frozenset(found)
