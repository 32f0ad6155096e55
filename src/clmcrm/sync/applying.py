"""Carries a plan out: every write is recorded before it is sent and acknowledged in one transaction after.

A run that dies anywhere leaves either an open step, which the next run looks up before any retry, or the
truth. Nothing is written when the plan is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from attrs import evolve

from clmcrm.errors import AdapterError, PlanRefused
from clmcrm.ports.calls import Flow, answered, finished, together
from clmcrm.ports.journal import DEAD_LETTER, Agreed, Entry, Hint, Journal, Link
from clmcrm.ports.records import Feed, Fields, Remove, Seen, Side, Update, Write
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.acknowledging import acknowledged, concerns, ends_of, entry, note_entry, read_back
from clmcrm.sync.auditing import Shown, audited, lossy, plainly_shown
from clmcrm.sync.deeds import idempotency_key
from clmcrm.sync.directory import Directory, hints_of
from clmcrm.sync.groundwork import (
    carrying_steps,
    current_pairs,
    links_needed,
    moved_on,
    pointed_at,
    with_letters,
    writing_sides,
)
from clmcrm.sync.lineup import alive
from clmcrm.sync.merge import blank
from clmcrm.sync.open_steps import OpenStep, keep_open
from clmcrm.sync.outbox import Outbox
from clmcrm.sync.reports import Ended, Line, Report
from clmcrm.sync.reviews import questions
from clmcrm.sync.sending import Answer, check_first, send, write_of
from clmcrm.sync.steps import Note, Op, Plan, Step
from clmcrm.sync.undelivered import DeadLetter, last_letters

Clock: TypeAlias = Callable[[], datetime]
"""Tells the present instant, with a time zone: the caller's, so that a run can be repeated."""

JOURNAL_BATCH: Final = 1000


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
    for batches in run.rounds():
        yield from run.send(batches)
    run.settle(hints)
    return run.report()


_Item: TypeAlias = tuple[Step, Write]
_Sent: TypeAlias = tuple[list[Answer], dict[str, Seen], tuple[Note, ...]]


class _Run:
    """One application of one plan."""

    def __init__(
        self, todo: Plan, writers: Mapping[Side, AnySystem], journal: Journal, clock: Clock, tenant: str
    ) -> None:
        self._todo, self._writers, self._journal, self._clock = todo, writers, journal, clock
        self._tenant = tenant
        self._lines: list[Line] = []
        self._down: set[Side] = set()
        self._waiting = frozenset(todo.waiting)
        self._listed = any(system.capabilities.feed is Feed.NONE for system in writers.values())
        self._lossy: set[Side] = set()
        self._shown: dict[str, dict[Side, Fields]] = {}
        self._pairs = current_pairs(todo, journal)
        self._stale = moved_on(todo, self._pairs)
        self._directory = Directory(links_needed(todo, journal, self._pairs))
        self._unwritten = writing_sides(todo)
        self._carried = carrying_steps(todo)
        self._buried = with_letters(todo, journal) if self._listed or self._waiting else frozenset[str]()
        self._outbox = Outbox(journal)
        self._notes: dict[str, list[Note]] = {}
        for note in todo.notes:
            self._notes.setdefault(note.pair, []).append(note)

    def keep(self, steps: Sequence[Step]) -> None:
        """The steps that only the journal takes, in one transaction."""
        with self._journal.transaction():
            for step in steps:
                if not self._skipped(step):
                    self._done(step, step.link)
                    self._line(step, Answer(ended=Ended.DONE))
            self._outbox.flush()

    def rounds(self) -> Iterator[list[list[Step]]]:
        """The batches in order, as many at a time as may go side by side.

        Within a round nothing refers to what the same round creates, and every batch goes to the same side.
        """
        round_: list[list[Step]] = []
        for batch in self._batches():
            if round_ and not self._beside(round_, batch):
                yield round_
                round_ = []
            round_.append(batch)
        if round_:
            yield round_

    def _batches(self) -> Iterator[list[Step]]:
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

    def send(self, batches: Sequence[Sequence[Step]]) -> Flow[None]:
        """Some batches side by side: recorded, sent, acknowledged."""
        side = batches[0][0].side
        system = self._writers.get(side) if side else None
        ready: list[list[_Item]] = []
        for steps in batches:
            items = [(s, write) for s in steps if (write := self._write(s, system)) is not None]
            if system is not None and items:
                items = yield from self._checked(system, items)
            if items:
                ready.append(items)
        if system is None or not ready:
            with self._journal.transaction():
                self._outbox.flush()
            return
        opened = [[self._opened(step, write) for step, write in items] for items in ready]
        with self._journal.transaction():
            keep_open(self._journal, [each for batch in opened for each in batch])
            self._outbox.flush()
        done = yield from together([self._sent(system, items) for items in ready])
        with self._journal.transaction():
            for batch, (answers, read, notes) in zip(opened, done, strict=True):
                self._outbox.tell(note_entry(note, self._clock()) for note in notes)
                for each, answer in zip(batch, answers, strict=True):
                    self._acknowledge(each, answer, read.get(answer.key))
            self._outbox.flush()

    def settle(self, hints: Iterable[Hint]) -> None:
        """Forget the hints at records that nothing is left to do about."""
        unsettled = set(self._waiting)
        for line in self._lines:
            if not line.ended.settled:
                link, known = line.step.link, self._pairs.get(line.step.pair)
                # A removal's own link is empty already: what it was about is known by the pair.
                both = (*hints_of(link), *(hints_of(known.link) if known else ()))
                unsettled |= {(hint.kind, hint.side, hint.key) for hint in both}
                if line.step.side and line.key:
                    unsettled.add((link.kind, line.step.side, line.key))
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

    def _skipped(self, step: Step) -> bool:
        if step.pair not in self._stale:
            return False
        self._line(step, Answer(ended=Ended.STALE, why="the journal has moved on since the plan was made"))
        return True

    def _beside(self, round_: Sequence[Sequence[Step]], batch: Sequence[Step]) -> bool:
        first = round_[0][0]
        system = self._writers.get(first.side) if first.side else None
        if system is None or len(round_) >= system.capabilities.in_flight or first.side is not batch[0].side:
            return False
        coming = {step.pair for steps in round_ for step in steps}
        return not any(
            step.pair in coming or not coming.isdisjoint(pointed_at(step, self._todo.rules.of(step.kind)))
            for step in batch
        )

    def _together(self, batch: Sequence[Step], step: Step) -> bool:
        first = batch[0]
        if (first.op, first.side, first.kind) != (step.op, step.side, step.kind):
            return False
        system = self._writers.get(first.side) if first.side else None
        if system is not None and len(batch) >= system.capabilities.batch_size:
            return False
        needed = pointed_at(step, self._todo.rules.of(step.kind))
        return not needed or not any(other.pair in needed for other in batch)

    def _write(self, step: Step, system: AnySystem | None) -> Write | None:
        """The write of a step, or None when it cannot be sent: then its line says why."""
        if self._skipped(step):
            return None
        obstacle = self._obstacle(step, system)
        if obstacle is None and step.side is not None:
            try:
                rules = self._todo.rules.of(step.kind)
                fields = self._directory.native(step.fields, step.side, rules)
                return write_of(step, fields, idempotency_key(self._tenant, step, fields))
            except KeyError as missing:
                why = f"it refers to {missing.args[0]}, which could not be created"
                obstacle = Answer(ended=Ended.WAITING, why=why)
        if obstacle is not None:
            self._line(step, obstacle)
            if obstacle.ended is Ended.REFUSED:
                self._bury(step, obstacle.why)
        return None

    def _obstacle(self, step: Step, system: AnySystem | None) -> Answer | None:
        if system is None:
            return Answer(ended=Ended.WAITING, why=f"no writer for the {step.side}")
        letter = self._refused_before(step)
        if letter is not None:
            return Answer(ended=Ended.WAITING, why=f"refused before, and nothing has changed since: {letter.why}")
        if step.side in self._down:
            return Answer(ended=Ended.DEFERRED, why=f"{system.system} could not be reached")
        if step.op is Op.CREATE and step.kind not in system.capabilities.creates:
            return Answer(ended=Ended.REFUSED, why=f"{system.system} cannot create a record of this kind")
        return None

    def _refused_before(self, step: Step) -> DeadLetter | None:
        """The dead letter that says the same as the step, where its record is looked at in every run."""
        if step.pair not in self._buried or not (self._listed or self._waits(step)):
            return None
        letter = next(
            (each for each in last_letters(self._journal.history(step.pair)) if each.step.side is step.side), None
        )
        same = letter is not None and (letter.step.op, letter.step.fields) == (step.op, step.fields)
        return letter if same else None

    def _waits(self, step: Step) -> bool:
        """Whether the plan has a record of the step's pair looked at again."""
        known = self._pairs.get(step.pair)
        looked_at = hints_of(known.link if known else step.link) if self._waiting else ()
        return any((hint.kind, hint.side, hint.key) in self._waiting for hint in looked_at)

    def _checked(self, system: AnySystem, ready: list[_Item]) -> Flow[list[_Item]]:
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
            notes=tuple(note for note in self._notes.get(step.pair, ()) if concerns(note, step)),
            at=self._clock(),
            idempotency_key=write.idempotency_key,
        )

    def _sent(self, system: AnySystem, items: Sequence[_Item]) -> Flow[_Sent]:
        """What became of one batch, how its records look now, and what the write covered."""
        answers = yield from send(system, [write for _, write in items])
        read = yield from self._read_back(system, items, answers)
        try:
            notes = yield from self._audited(system, items, answers)
        except AdapterError as error:
            # What a write covered is known only once the past is told: until then it is not acknowledged.
            return [_unaudited(step, answer, error) for (step, _), answer in zip(items, answers, strict=True)], read, ()
        return answers, read, notes

    def _audited(self, system: AnySystem, items: Sequence[_Item], answers: Sequence[Answer]) -> Flow[tuple[Note, ...]]:
        """Where there is no precondition but a history: the edits that were covered."""
        done = {
            answer.key or step.key or "": (step, write.fields)
            for (step, write), answer in zip(items, answers, strict=True)
            if answer.ended is Ended.DONE and isinstance(write, Update)
        }
        archived = {
            step.key or "": (step, self._last_shown(step))
            for (step, write), answer in zip(items, answers, strict=True)
            if answer.ended is Ended.DONE and isinstance(write, Remove)
        }
        kind = items[0][0].kind
        notes = yield from audited(system, kind, done, archived)
        local = self._todo.rules.of(kind).local
        return tuple(note for note in notes if note.name not in local)

    def _last_shown(self, step: Step) -> Shown:
        """What the side of a removal last showed, apart from references; nothing where no journal tells it."""
        known = self._pairs.get(step.pair)
        references = self._todo.rules.of(step.kind).references
        return {} if known is None or step.side is None else plainly_shown(known, step.side, references)

    def _read_back(self, system: AnySystem, ready: Sequence[_Item], answers: Sequence[Answer]) -> Flow[dict[str, Seen]]:
        """How the written records look now, by key; nothing when the system does not answer.

        An update whose answer showed the record is not read again. A creation is: its record may have ended
        before anybody knew its key.
        """
        shown: dict[str, Seen] = {}
        unread: list[str] = []
        for (step, _), answer in zip(ready, answers, strict=True):
            if answer.ended is Ended.DONE and step.op is not Op.REMOVE:
                key = answer.key or step.key or ""
                if answer.shown is not None and step.op is Op.UPDATE:
                    shown[key] = answer.shown
                else:
                    unread.append(key)
        if unread:
            try:
                rows = yield from answered(system.read(ready[0][0].kind, unread))
            except AdapterError:
                return shown
            shown.update((seen.key, seen) for seen in rows)
        return shown

    def _acknowledge(self, opened: OpenStep, answer: Answer, seen: Seen | None) -> None:
        step = opened.step
        self._line(step, answer)
        if answer.ended is Ended.AMBIGUOUS:
            # Whatever was sent was sent before now: the quarantine counts from here, not from the intent.
            keep_open(self._journal, [evolve(opened.sent_by(self._clock()), reused=answer.reused)])
            return
        self._outbox.end_step(step.step_key)
        if answer.ended is Ended.DONE:
            self._written(opened, answer, seen)
        elif answer.ended is Ended.BOUND:
            self._bound(step, answer)
        elif answer.ended is Ended.REFUSED:
            self._bury(step, answer.why)
        elif answer.ended is Ended.DEFERRED and step.side is not None:
            self._down.add(step.side)

    def _written(self, opened: OpenStep, answer: Answer, seen: Seen | None) -> None:
        step = opened.step
        side = step.side
        if side is None:
            return
        rules = self._todo.rules.of(step.kind)
        shown = self._shown.setdefault(step.pair, {})
        shown[side] = {**shown.get(side, {}), **read_back(step, seen, answer.version, rules)}
        for change in step.changes:
            self._unwritten[step.pair, change.name].discard(side)
        link = step.link.with_key(side, answer.key) if step.op is Op.CREATE else step.link
        if step.op is Op.CREATE and answer.key and not _as_made(seen, answer, opened.sent):
            # It changed or ended before we knew its key, and that may have been told to nobody: look at it again.
            self._journal.save_hints([Hint(kind=step.kind, side=side, key=answer.key)])
            self._journal.save_hints(() if seen is None else ends_of(step, seen))
        self._done(step, link)

    def _bound(self, step: Step, answer: Answer) -> None:
        """A record was there under our mark, with values we have not seen: link it, merge it next time."""
        if step.side is not None:
            link = step.link.with_key(step.side, answer.key)
            self._save(Agreed(link=link, base={}))
            self._outbox.tell([entry(step, self._clock(), "bound")])

    def _done(self, step: Step, link: Link) -> None:
        """Keep what the step brought about: the pair, the history, and decisions that are carried out."""
        now = self._clock()
        if link.crm is None and link.clm is None:
            self._outbox.set_aside(step.kind, step.pair)
        else:
            moves = {c.name for c in step.changes if not self._unwritten.get((step.pair, c.name))}
            shown = self._shown.get(step.pair)
            self._save(acknowledged(self._pairs.get(step.pair), step, link, shown=shown, moves=moves))
        notes = [note_entry(note, now) for note in self._notes.get(step.pair, ()) if concerns(note, step)]
        self._outbox.tell([entry(step, now), *notes])
        if step.decisions:
            self._end_decisions(step)

    def _save(self, pair: Agreed) -> None:
        self._outbox.save(pair)
        self._pairs[pair.link.pair] = pair
        self._directory.add(pair.link)

    def _end_decisions(self, step: Step) -> None:
        for key in step.decisions:
            self._carried[key].discard(step.step_key)
        self._outbox.end_decisions([key for key in step.decisions if not self._carried[key]])

    def _bury(self, step: Step, why: str) -> None:
        """A dead letter: kept with all of its context, and not sent again as it stands."""
        letter: Entry = entry(step, self._clock(), DEAD_LETTER, why)
        self._outbox.tell([letter])


def _as_made(seen: Seen | None, answer: Answer, sent: Fields) -> bool:
    """Whether a created record still is as it was made; where no version says so, by what was sent."""
    if seen is None or not alive(seen):
        return False
    if answer.version:
        return seen.version == answer.version
    return all(blank(value) or sent.get(name) == value for name, value in seen.fields.items())


def _unaudited(step: Step, answer: Answer, error: AdapterError) -> Answer:
    """The answer of a write that may have covered an edit, when the system does not tell its past."""
    if answer.ended is not Ended.DONE or step.op is Op.CREATE:
        return answer
    return evolve(answer, ended=Ended.AMBIGUOUS, why=f"done, but what it may have covered is not known: {error}")
