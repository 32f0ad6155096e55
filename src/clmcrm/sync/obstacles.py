"""What keeps a step from being sent: no system or none that can, an earlier refusal, an earlier sending still open."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import define, field

from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed
from clmcrm.ports.records import Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.directory import hints_of
from clmcrm.sync.reports import Ended
from clmcrm.sync.sending import Answer
from clmcrm.sync.steps import Op, Step
from clmcrm.sync.undelivered import DeadLetter, last_letters


@define(kw_only=True)
class Obstacles:
    """What stands in the way of the steps of one run.

    `pairs` are the plan's as the journal has them, `buried` those of which a dead letter tells or may, `waiting` the
    records (kind, side, key) that are looked at again next time, `listed` says that all are; `opened` are the keys of
    the steps that were open before; `down` are the sides that could not be reached.
    """

    journal: Journal
    pairs: Mapping[str, Agreed]
    buried: Collection[str]
    waiting: frozenset[tuple[str, Side, str]]
    listed: bool
    opened: Collection[str] = ()
    down: set[Side] = field(factory=set[Side])

    def before(self, step: Step, system: AnySystem | None) -> Answer | None:
        """What keeps the step from being sent to `system`, as its answer; None when nothing does."""
        if system is None:
            return Answer(ended=Ended.WAITING, why=f"no writer for the {step.side}")
        if step.step_key in self.opened:  # the plan is applied once more, or late: nobody knows what the first time did
            return Answer(ended=Ended.WAITING, why="its earlier sending is not settled: pull and plan again")
        letter = self._refused_before(step) if step.pair in self.buried else None
        if letter is not None:
            return Answer(ended=Ended.WAITING, why=f"refused before, and nothing has changed since: {letter.why}")
        if step.side in self.down:
            return Answer(ended=Ended.DEFERRED, why=f"{system.system} could not be reached")
        if step.op is Op.CREATE and step.kind not in system.capabilities.creates:
            return Answer(ended=Ended.REFUSED, why=f"{system.system} cannot create a record of this kind")
        return None

    def _refused_before(self, step: Step) -> DeadLetter | None:
        """The dead letter that says the same as the step, where its record is looked at in every run."""
        if not (self.listed or self._waits(step)):
            return None
        letter = next(
            (each for each in last_letters(self.journal.history(step.pair)) if each.step.side is step.side), None
        )
        same = letter is not None and (letter.step.op, letter.step.fields) == (step.op, step.fields)
        return letter if same else None

    def _waits(self, step: Step) -> bool:
        """Whether the plan has a record of the step's pair looked at again."""
        known = self.pairs.get(step.pair)
        looked_at = hints_of(known.link if known else step.link) if self.waiting else ()
        return any((hint.kind, hint.side, hint.key) in self.waiting for hint in looked_at)
