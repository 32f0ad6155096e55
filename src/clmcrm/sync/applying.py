"""Carries a plan out: every write is recorded before it is sent and acknowledged in one transaction after.

A run that dies anywhere leaves either an open step, which the next run looks up before any retry, or the
truth. Nothing is written when the plan is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from clmcrm.errors import AdapterError, PlanRefused
from clmcrm.ports.journal import Agreed, Entry, Hint, Journal, Link
from clmcrm.ports.records import Fields, Precondition, Remove, Seen, Side, Write
from clmcrm.ports.systems import RecordSystem
from clmcrm.sync.acknowledging import acknowledged, concerns, entry, note_entry, read_back
from clmcrm.sync.directory import Directory, hints_of, referred
from clmcrm.sync.reports import Ended, Line, Report
from clmcrm.sync.sending import Answer, check_first, send, write_of
from clmcrm.sync.steps import Op, Plan, Step

Clock: TypeAlias = Callable[[], datetime]
"""Tells the present instant, with a time zone: the caller's, so that a run can be repeated."""

JOURNAL_BATCH: Final = 1000


def apply(
    todo: Plan,
    writers: Mapping[Side, RecordSystem],
    journal: Journal,
    *,
    clock: Clock,
    yes: bool = False,
    percent: int | None = None,
    hints: Iterable[Hint] = (),
) -> Report:
    """Carry `todo` out and say what became of every step; `hints` are settled where nothing is left to do.

    Raises `PlanRefused` when the plan exceeds its guard (`percent` stands in for each kind's) and `yes` is
    not given. What a system refuses is a line in the report, never an exception.
    """
    refusal = todo.refusal(percent)
    if refusal is not None and not yes:
        raise PlanRefused(f"{refusal}; apply it with yes=True if that is meant")
    run = _Run(todo, writers, journal, clock)
    silent = [step for step in todo.steps if not step.op.remote]
    for start in range(0, len(silent), JOURNAL_BATCH):
        run.keep(silent[start : start + JOURNAL_BATCH])
    for batch in run.batches():
        run.send(batch)
    run.settle(hints)
    return run.report()


class _Run:
    """One application of one plan."""

    def __init__(self, todo: Plan, writers: Mapping[Side, RecordSystem], journal: Journal, clock: Clock) -> None:
        self._todo, self._writers, self._journal, self._clock = todo, writers, journal, clock
        self._lines: list[Line] = []
        self._down: set[Side] = set()
        self._lossy: set[Side] = set()
        self._shown: dict[str, dict[Side, Fields]] = {}
        self._pairs = _current(todo, journal)
        self._stale = _moved_on(todo, self._pairs)
        self._directory = Directory(_links(todo, journal, self._pairs))
        self._unwritten = _writing_sides(todo)
        self._carried = _carrying_steps(todo)

    def keep(self, steps: Sequence[Step]) -> None:
        """The steps that only the journal takes, in one transaction."""
        with self._journal.transaction():
            for step in steps:
                if not self._skipped(step):
                    self._done(step, step.link)
                    self._line(step, Answer(ended=Ended.DONE))

    def batches(self) -> Iterator[list[Step]]:
        """The remote steps in order, as many of one kind and side at a time as its system takes.

        A step that refers to a record of the same batch begins a new one: it needs that record's key.
        """
        batch: list[Step] = []
        for step in self._todo.steps:
            if not step.op.remote:
                continue
            if batch and not self._together(batch, step):
                yield batch
                batch = []
            batch.append(step)
        if batch:
            yield batch

    def send(self, steps: Sequence[Step]) -> None:
        """One batch: recorded, sent, acknowledged."""
        first = steps[0]
        system = self._writers.get(first.side) if first.side else None
        ready = [(s, write) for s in steps if (write := self._write(s, system)) is not None]
        if system is None or not ready:
            return
        ready = self._checked(system, ready)
        with self._journal.transaction():
            self._journal.begin_steps(self._opened(step, write) for step, write in ready)
        answers = send(system, [write for _, write in ready])
        read = self._read_back(system, ready, answers)
        with self._journal.transaction():
            for (step, _), answer in zip(ready, answers, strict=True):
                self._acknowledge(step, answer, read.get(answer.key))

    def settle(self, hints: Iterable[Hint]) -> None:
        """Forget the hints at records that nothing is left to do about."""
        unsettled = set(self._todo.waiting)
        for line in self._lines:
            if not line.ended.settled:
                link = line.step.link
                unsettled |= {(hint.kind, hint.side, hint.key) for hint in hints_of(link)}
                if line.step.side and line.key:
                    unsettled.add((link.kind, line.step.side, line.key))
        with self._journal.transaction():
            self._journal.end_hints(h.number for h in hints if (h.kind, h.side, h.key) not in unsettled)

    def report(self) -> Report:
        """What became of every step."""
        return Report(plan=self._todo, lines=tuple(self._lines), lossy=tuple(sorted(self._lossy)))

    def _line(self, step: Step, answer: Answer) -> None:
        key = answer.key or step.key
        self._lines.append(Line(step=step, ended=answer.ended, key=key, why=answer.why))

    def _skipped(self, step: Step) -> bool:
        if step.pair not in self._stale:
            return False
        self._line(step, Answer(ended=Ended.STALE, why="the journal has moved on since the plan was made"))
        return True

    def _together(self, batch: Sequence[Step], step: Step) -> bool:
        first = batch[0]
        if (first.op, first.side, first.kind) != (step.op, step.side, step.kind):
            return False
        system = self._writers.get(first.side) if first.side else None
        if system is not None and len(batch) >= system.capabilities.batch_size:
            return False
        needed = referred(step.fields, self._todo.rules.of(step.kind))
        return not any(other.pair in needed for other in batch)

    def _write(self, step: Step, system: RecordSystem | None) -> Write | None:
        """The write of a step, or None when it cannot be sent: then its line says why."""
        if self._skipped(step):
            return None
        obstacle = self._obstacle(step, system)
        if obstacle is None and step.side is not None:
            try:
                rules = self._todo.rules.of(step.kind)
                return write_of(step, self._directory.native(step.fields, step.side, rules))
            except KeyError as missing:
                why = f"it refers to {missing.args[0]}, which could not be created"
                obstacle = Answer(ended=Ended.WAITING, why=why)
        if obstacle is not None:
            self._line(step, obstacle)
            if obstacle.ended is Ended.REFUSED:
                self._bury(step, obstacle.why)
        return None

    def _obstacle(self, step: Step, system: RecordSystem | None) -> Answer | None:
        if system is None:
            return Answer(ended=Ended.WAITING, why=f"no writer for the {step.side}")
        if step.side in self._down:
            return Answer(ended=Ended.DEFERRED, why=f"{system.system} could not be reached")
        if step.op is Op.CREATE and step.kind not in system.capabilities.creates:
            return Answer(ended=Ended.REFUSED, why=f"{system.system} cannot create a record of this kind")
        return None

    def _checked(self, system: RecordSystem, ready: list[tuple[Step, Write]]) -> list[tuple[Step, Write]]:
        side = ready[0][0].side
        if side is not None and system.capabilities.precondition is Precondition.NONE:
            self._lossy.add(side)
        try:
            moved = check_first(system, [write for _, write in ready])
        except AdapterError as error:
            moved = [Answer(ended=Ended.DEFERRED, why=str(error)) for _ in ready]
        for (step, _), answer in zip(ready, moved, strict=True):
            if answer is not None:
                self._line(step, answer)
        return [item for item, answer in zip(ready, moved, strict=True) if answer is None]

    def _opened(self, step: Step, write: Write) -> tuple[str, Fields]:
        sent = {} if isinstance(write, Remove) else dict(write.fields)
        return step.step_key, {
            "step": dict(step.as_fields()),
            "sent": sent,
            "notes": [dict(note.as_fields()) for note in self._todo.notes if concerns(note, step)],
            "at": self._clock().isoformat(),
        }

    def _read_back(
        self, system: RecordSystem, ready: Sequence[tuple[Step, Write]], answers: Sequence[Answer]
    ) -> dict[str, Seen]:
        """How the written records look now, by key; nothing when the system does not answer."""
        done = [
            answer.key or step.key or ""
            for (step, _), answer in zip(ready, answers, strict=True)
            if answer.ended is Ended.DONE and step.op is not Op.REMOVE
        ]
        try:
            return {seen.key: seen for seen in system.read(ready[0][0].kind, done)} if done else {}
        except AdapterError:
            return {}

    def _acknowledge(self, step: Step, answer: Answer, seen: Seen | None) -> None:
        self._line(step, answer)
        if answer.ended is Ended.AMBIGUOUS:
            return
        self._journal.end_steps([step.step_key])
        if answer.ended is Ended.DONE:
            self._written(step, answer, seen)
        elif answer.ended is Ended.BOUND:
            self._bound(step, answer)
        elif answer.ended is Ended.REFUSED:
            self._bury(step, answer.why)
        elif answer.ended is Ended.DEFERRED and step.side is not None:
            self._down.add(step.side)

    def _written(self, step: Step, answer: Answer, seen: Seen | None) -> None:
        side = step.side
        if side is None:
            return
        rules = self._todo.rules.of(step.kind)
        shown = self._shown.setdefault(step.pair, {})
        shown[side] = {**shown.get(side, {}), **read_back(step, seen, answer.version, rules)}
        for change in step.changes:
            self._unwritten[step.pair, change.name].discard(side)
        link = step.link.with_key(side, answer.key) if step.op is Op.CREATE else step.link
        self._done(step, link)

    def _bound(self, step: Step, answer: Answer) -> None:
        """A record was there under our mark, with values we have not seen: link it, merge it next time."""
        if step.side is not None:
            link = step.link.with_key(step.side, answer.key)
            self._save(Agreed(link=link, base={}))
            self._journal.save_entries([entry(step, self._clock(), "bound")])

    def _done(self, step: Step, link: Link) -> None:
        """Keep what the step brought about: the pair, the history, and decisions that are carried out."""
        now = self._clock()
        if link.crm is None and link.clm is None:
            self._journal.set_aside(step.kind, [step.pair])
        else:
            moves = {c.name for c in step.changes if not self._unwritten.get((step.pair, c.name))}
            shown = self._shown.get(step.pair)
            self._save(acknowledged(self._pairs.get(step.pair), step, link, shown=shown, moves=moves))
        notes = [note_entry(note, now) for note in self._todo.notes if concerns(note, step)]
        self._journal.save_entries([entry(step, now), *notes])
        self._end_decisions(step)

    def _save(self, pair: Agreed) -> None:
        self._journal.save_agreed([pair])
        self._pairs[pair.link.pair] = pair
        self._directory.add(pair.link)

    def _end_decisions(self, step: Step) -> None:
        for key in step.decisions:
            self._carried[key].discard(step.step_key)
        self._journal.end_decisions([key for key in step.decisions if not self._carried[key]])

    def _bury(self, step: Step, why: str) -> None:
        """A dead letter: kept with all of its context, and not sent again as it stands."""
        letter: Entry = entry(step, self._clock(), "dead letter", why)
        self._journal.save_entries([letter])


def _current(todo: Plan, journal: Journal) -> dict[str, Agreed]:
    """The pairs of the plan as the journal has them now."""
    pairs: dict[str, set[str]] = {}
    for step in todo.steps:
        pairs.setdefault(step.kind, set()).add(step.pair)
    found = (known for kind, wanted in sorted(pairs.items()) for known in journal.agreed(kind, wanted))
    return {known.link.pair: known for known in found}


def _moved_on(todo: Plan, current: Mapping[str, Agreed]) -> frozenset[str]:
    """The pairs the journal knows otherwise than the plan did."""
    pairs = {step.pair for step in todo.steps}
    return frozenset(pair for pair in pairs if current.get(pair) != todo.before.get(pair))


def _links(todo: Plan, journal: Journal, pairs: Mapping[str, Agreed]) -> Iterator[Link]:
    """The links of the plan's pairs and of those its steps refer to."""
    yield from (known.link for known in pairs.values())
    wanted: dict[str, set[str]] = {}
    for step in todo.steps:
        rules = todo.rules.of(step.kind)
        named = referred(step.fields, rules) if step.op.remote else ()
        for kind in set(rules.references.values()):
            wanted.setdefault(kind, set()).update(named)
    for kind, others in sorted(wanted.items()):
        yield from (known.link for known in journal.agreed(kind, others - set(pairs)))


def _writing_sides(todo: Plan) -> dict[tuple[str, str], set[Side]]:
    """On which sides each field of each pair is still to be written."""
    sides: dict[tuple[str, str], set[Side]] = {}
    for step in todo.steps:
        for change in step.changes:
            if step.side is not None:
                sides.setdefault((step.pair, change.name), set()).add(step.side)
    return sides


def _carrying_steps(todo: Plan) -> dict[str, set[str]]:
    """Which steps have yet to carry each decision out."""
    steps: dict[str, set[str]] = {}
    for step in todo.steps:
        for key in step.decisions:
            steps.setdefault(key, set()).add(step.step_key)
    return steps
