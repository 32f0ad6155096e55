"""Carries a plan out: every write is recorded before it is sent and acknowledged in one transaction after.

A run that dies leaves an open step, which the next run looks up before any retry, or the truth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from attrs import evolve

from clmcrm.errors import AdapterError, PlanRefused
from clmcrm.ports.calls import Flow, finished, together
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed, Hint
from clmcrm.ports.records import Feed, Remove, Seen, Side, Write
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.acknowledging import ended_before
from clmcrm.sync.arbitration import PAIRING, conflict_key
from clmcrm.sync.auditing import lossy
from clmcrm.sync.deeds import idempotency_key
from clmcrm.sync.exchange import Item, exchanged
from clmcrm.sync.groundwork import moved_on, with_letters
from clmcrm.sync.keeping import Clock, Keeping
from clmcrm.sync.obstacles import Obstacles
from clmcrm.sync.open_steps import OpenStep, keep_open
from clmcrm.sync.reports import Ended, Line, Report, to_look_at_again
from clmcrm.sync.reviews import questions
from clmcrm.sync.rounds import rounds_of
from clmcrm.sync.sending import Answer, check_first, write_of
from clmcrm.sync.step_text import step_text
from clmcrm.sync.steps import Op, Plan, Step

JOURNAL_BATCH: Final = 1000

_MOVED_ON: Final = "the journal has moved on since the plan was made"
_DECIDED_ANEW: Final = "it was decided anew since the plan was made"


def apply(
    todo: Plan,
    writers: Mapping[Side, AnySystem],
    journal: Journal,
    *,
    clock: Clock,
    yes: bool = False,
    percent: int | None = None,
    hints: Iterable[Hint] = (),
    tenant: str = "",
) -> Report:
    """Carry `todo` out and say what became of every step; `hints` are settled where nothing is left to do.

    `tenant` enters every idempotency key. Raises `PlanRefused` when the plan exceeds its guard (`percent`
    stands in for each kind's) and `yes` is not given. What a system refuses is a line in the report, never
    an exception.
    """
    flow = apply_flow(todo, writers, journal, clock=clock, yes=yes, percent=percent, hints=hints, tenant=tenant)
    return finished(flow)


def apply_flow(
    todo: Plan,
    writers: Mapping[Side, AnySystem],
    journal: Journal,
    *,
    clock: Clock,
    yes: bool = False,
    percent: int | None = None,
    hints: Iterable[Hint] = (),
    tenant: str = "",
) -> Flow[Report]:
    """The same as `apply`, as a flow for a driver: batches that do not depend on each other go side by side."""
    refusal = todo.refusal(percent)
    if refusal is not None and not yes:
        raise PlanRefused(f"{refusal}; apply it with yes=True if that is meant")
    run = _Run(todo, writers, journal, clock, tenant)
    silent = [step for step in todo.steps if not step.op.remote]
    for start in range(0, len(silent), JOURNAL_BATCH):
        run.keep(silent[start : start + JOURNAL_BATCH])
    for batches in rounds_of(todo, writers):
        yield from run.send(batches)
    run.settle(hints)
    return run.report()


class _Run:
    """One application of one plan."""

    def __init__(
        self, todo: Plan, writers: Mapping[Side, AnySystem], journal: Journal, clock: Clock, tenant: str
    ) -> None:
        self._todo, self._writers, self._journal, self._clock = todo, writers, journal, clock
        self._tenant = tenant
        self._lines: list[Line] = []
        self._lossy: set[Side] = set()
        self._keeping = Keeping(todo, journal, clock)
        self._stale = dict.fromkeys(moved_on(todo, self._keeping.pairs), _MOVED_ON)
        waiting = frozenset(todo.waiting)
        listed = any(system.capabilities.feed is Feed.NONE for system in writers.values())
        buried = with_letters(todo, journal) if listed or waiting else frozenset[str]()
        self._obstacles = Obstacles(
            journal=journal, pairs=self._keeping.pairs, buried=buried, waiting=waiting, listed=listed,
            opened=frozenset() if todo.idle else frozenset(key for key, _ in journal.open_steps()),
        )  # fmt: skip

    def keep(self, steps: Sequence[Step]) -> None:
        """The steps that only the journal takes, in one transaction."""
        with self._journal.transaction():
            self._meet_decisions(steps)
            for step in steps:
                if not self._skipped(step):
                    self._keeping.done(step, step.link)
                    self._line(step, Answer(ended=Ended.DONE))
            self._keeping.flush()

    def send(self, batches: Sequence[Sequence[Step]]) -> Flow[None]:
        """Some batches side by side: recorded, sent, acknowledged."""
        side = batches[0][0].side
        system = self._writers.get(side) if side else None
        ready: list[list[Item]] = []
        self._meet_decisions([step for steps in batches for step in steps])
        for steps in batches:
            items = [(s, write) for s in steps if (write := self._write(s, system)) is not None]
            if system is not None and items:
                items = yield from self._checked(system, items)
            if items:
                ready.append(items)
        if system is None or not ready:
            with self._journal.transaction():
                self._keeping.flush()
            return
        opened = [[self._opened(step, write) for step, write in items] for items in ready]
        with self._journal.transaction():
            keep_open(self._journal, [each for batch in opened for each in batch])
            self._keeping.flush()
        done = yield from together([exchanged(system, items, self._keeping.last_shown) for items in ready])
        with self._journal.transaction():
            for batch, (answers, read, notes) in zip(opened, done, strict=True):
                local = self._todo.rules.of(batch[0].step.kind).local
                self._keeping.note(note for note in notes if note.name not in local)
                self._keeping.meet_holders((each.step, answer) for each, answer in zip(batch, answers, strict=True))
                for each, answer in zip(batch, answers, strict=True):
                    self._acknowledge(each, answer, read.get(answer.key))
            self._keeping.flush()

    def settle(self, hints: Iterable[Hint]) -> None:
        """Forget the hints at records that nothing is left to do about."""
        unsettled = self._obstacles.waiting | to_look_at_again(self._lines, self._keeping.pairs)
        settled = [h.number for h in hints if (h.kind, h.side, h.key) not in unsettled]
        if not settled and not self._todo.conflicts:
            return
        with self._journal.transaction():
            self._journal.save_entries(questions(self._todo.conflicts, self._journal, self._clock()))
            self._journal.end_hints(settled)

    def report(self) -> Report:
        """What became of every step."""
        return Report(plan=self._todo, lines=tuple(self._lines), lossy=tuple(sorted(self._lossy)))

    def _line(self, step: Step, answer: Answer) -> None:
        key = answer.key or step.key
        self._lines.append(Line(step=step, ended=answer.ended, key=key, why=answer.why))

    def _meet_decisions(self, steps: Sequence[Step]) -> None:
        """Leave to the next run what a person decided otherwise since the plan was made."""
        newer = self._keeping.taken_anew()
        if newer:
            self._stale |= {step.pair: _DECIDED_ANEW for step in steps if _follows(step, newer)}

    def _skipped(self, step: Step) -> bool:
        why = self._stale.get(step.pair)
        if why is None:
            return False
        self._line(step, Answer(ended=Ended.STALE, why=why))
        return True

    def _write(self, step: Step, system: AnySystem | None) -> Write | None:
        """The write of a step, or None when it cannot be sent: then its line says why."""
        if self._skipped(step):
            return None
        obstacle = self._obstacles.before(step, system)
        if obstacle is None and step.side is not None:
            fields = step.fields
            try:
                if self._keeping.directory is not None:
                    fields = self._keeping.directory.native(fields, step.side, self._todo.rules.of(step.kind))
                return write_of(step, fields, idempotency_key(self._tenant, step, fields))
            except KeyError as missing:
                why = f"it refers to {missing.args[0]}, which could not be created"
                obstacle = Answer(ended=Ended.WAITING, why=why)
        if obstacle is not None:
            self._line(step, obstacle)
            if obstacle.ended is Ended.REFUSED:
                self._keeping.bury(step, obstacle.why)
        return None

    def _checked(self, system: AnySystem, ready: list[Item]) -> Flow[list[Item]]:
        side = ready[0][0].side
        if side is not None and lossy(system):
            self._lossy.add(side)
        try:
            moved = yield from check_first(system, [write for _, write in ready])
        except AdapterError as error:
            moved = [Answer(ended=Ended.DEFERRED, why=str(error)) for _ in ready]
        for (step, _), answer in zip(ready, moved, strict=True):
            if answer is not None:
                self._line(step, answer)
        return [item for item, answer in zip(ready, moved, strict=True) if answer is None]

    def _opened(self, step: Step, write: Write) -> OpenStep:
        return OpenStep(
            step_key=step.step_key,
            step=step,
            sent={} if isinstance(write, Remove) else dict(write.fields),
            notes=self._keeping.notes_of(step),
            at=self._clock(),
            idempotency_key=write.idempotency_key,
            text=step_text(step),
            pointing=self._keeping.pointing.get(step.pair, ()),
        )

    def _acknowledge(self, opened: OpenStep, answer: Answer, seen: Seen | None) -> None:
        step = opened.step
        if ended_before(step, answer.key, seen):
            why = f"it answers with {answer.key}, which has ended there: restore it, or free our key"
            answer = Answer(ended=Ended.REFUSED, key=answer.key, why=why)
        elif (other := self._keeping.other_holder(step, answer)) is not None:
            why = f"it answers {step.pair} with {answer.key}, which belongs to {other}: merge the two, or free our key"
            answer = Answer(ended=Ended.REFUSED, key=answer.key, why=why)
        self._line(step, answer)
        if answer.ended is Ended.AMBIGUOUS:
            # Whatever was sent was sent before now: the quarantine counts from here, not from the intent.
            keep_open(self._journal, [evolve(opened.sent_by(self._clock()), reused=answer.reused)])
            return
        self._keeping.end_step(step)
        if answer.ended is Ended.DONE:
            self._keeping.written(opened, answer, seen)
        elif answer.ended is Ended.BOUND:
            self._keeping.bound(step, answer)
        elif answer.ended is Ended.REFUSED:
            self._keeping.bury(step, answer.why)
            if ended_before(step, answer.key, seen):  # it stands alone until that record comes back
                self._keeping.save(Agreed(link=step.link, base={}))
        elif answer.ended is Ended.DEFERRED and step.side is not None:
            self._obstacles.down.add(step.side)


def _follows(step: Step, decisions: Collection[str]) -> bool:
    """Whether the step follows from one of these; from a decision on a pairing may all other pairings of the kind."""
    if step.op not in (Op.BIND, Op.CREATE):
        return any(key in decisions for key in step.decisions)
    start, end = f"{step.kind}:", conflict_key("", PAIRING)
    return any(key in step.decisions or (key.startswith(start) and key.endswith(end)) for key in decisions)
