"""What the parts of one run delete and overwrite, added up: the guard judges them as the one run they are.

Or a side that was emptied would be archived whole, a few records at a time. While a run is in parts the sum stands in
the journal, beside the cursors, under a name that is no kind's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, frozen

from clmcrm.ports.journal import Journal, keyed
from clmcrm.ports.records import CRM
from clmcrm.sync.ownership import Rules
from clmcrm.sync.reports import Ended, Report
from clmcrm.sync.steps import DELETES, Plan, Step, harm_of

_ENDED: Final = "ended"
"""Those of the deleted pairs that the journal counts no more."""


@frozen
class HarmSoFar:
    """What the earlier parts of a run did, by kind; nothing at the beginning of one."""

    journal: Journal
    done: dict[str, Counter[str]]

    @classmethod
    def of(cls, journal: Journal, rules: Rules) -> HarmSoFar:
        """What the journal knows of it."""
        told = {kind.kind: journal.cursor(CRM, _name(kind.kind)) for kind in rules}
        return cls(journal, {kind: Counter(json.loads(text)) for kind, text in told.items() if text})

    def judging(self, todo: Plan, coming: Mapping[str, int]) -> Plan:
        """The plan of the next part, judged by its guard with the earlier ones and the deletes that are `coming`."""
        if not (self.done or coming):
            return todo
        elsewhere, known = dict[tuple[str, str], int](), dict(todo.known)
        for (kind, harm), count in todo.harm.items():
            done = self.done.get(kind, Counter[str]())
            more = elsewhere[kind, harm] = done[harm] + (coming.get(kind, 0) if harm == DELETES else 0)
            if count + more >= todo.rules.of(kind).guard_floor:
                known[kind] = _pairs(self.journal, kind) + done[_ENDED]
        return evolve(todo, elsewhere=elsewhere, known=known)

    def begin(self, todo: Plan) -> None:
        """Count all that the plan is about to do: its process may die before it can say what it did."""
        self._count(todo, todo.steps)

    def end(self, report: Report) -> None:
        """Count what was done, or may have been: what was put off is planned, and counted, again."""
        lines = (line for line in report.lines if line.ended in (Ended.DONE, Ended.AMBIGUOUS))
        self._count(report.plan, (line.step for line in lines))

    def forget(self) -> None:
        """Nothing is left to do, or a person has answered for it."""
        if self.done:
            self._keep({kind: Counter() for kind in self.done})

    def _count(self, todo: Plan, steps: Iterable[Step]) -> None:
        sums = {kind: Counter(self.done.get(kind, Counter[str]())) for kind, _ in todo.harm}
        for step in steps:
            harm = harm_of(step)
            if harm:
                sums[step.kind].update([harm, _ENDED] if step.link.ended else [harm])
        if sums:
            self._keep(sums)

    def _keep(self, sums: dict[str, Counter[str]]) -> None:
        with self.journal.transaction():
            for kind, counts in sorted(sums.items()):
                self.journal.save_cursor(CRM, _name(kind), json.dumps(counts, sort_keys=True) if counts else "")


def _name(kind: str) -> str:
    return f"{kind}: harm of a run in parts"


def _pairs(journal: Journal, kind: str) -> int:
    if keyed(journal):
        return journal.count(kind)
    return sum(not known.link.ended for known in journal.agreed(kind))
