"""Looks up what became of steps whose outcome is not known, before anything is tried again.

A creation is looked up by our mark, and sent again under its mark or key where the system inserts only once;
an update is looked up by what the record shows. Where a slow system may still carry the call out, the step rests
until that is over, counted from the send. What cannot be looked up is parked for a person: it is never sent again
blindly.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import evolve, frozen

from clmcrm.errors import AdapterError
from clmcrm.ports.calls import Flow, answered, finished
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import NO_TIME, SIDES, Creating, Json, Precondition, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.acknowledging import acknowledged, ended_before, ends_of, entry, held_by, note_entry
from clmcrm.sync.arbitration import conflict_key
from clmcrm.sync.auditing import Shown, audited, plainly_shown
from clmcrm.sync.directory import hints_of
from clmcrm.sync.keeping import Clock
from clmcrm.sync.lineup import alive
from clmcrm.sync.open_steps import OpenStep, keep_open, open_steps_in
from clmcrm.sync.reports import Ended
from clmcrm.sync.sending import send
from clmcrm.sync.steps import Note, Op, Step

NO_QUARANTINE = NO_TIME


@frozen(kw_only=True)
class Reconciled:
    """How many open steps were `settled`, which still wait (`held`), and which only a person can settle."""

    settled: int = 0
    held: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()


@frozen
class _Found:
    """What a look-up says: the record, or that it is too early (`held`) or impossible (`parked`) to say.

    `whole` says that the system made the record from what was sent, and not only that one stands under our mark.
    """

    seen: Seen | None = None
    whole: bool = False
    held: bool = False
    parked: bool = False
    reused: bool = False


_HELD = _Found(held=True)
_PARKED = _Found(parked=True)
_REUSED = _Found(parked=True, reused=True)
_NOTHING = _Found()


def reconcile(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    *,
    clock: Clock,
    quarantine: timedelta = NO_QUARANTINE,
) -> Reconciled:
    """Look every open step up and close it with what is found.

    A step that may still be carried out rests until the longer of `quarantine` and what its system declares
    has passed since it was *sent*. A system that does not answer leaves its steps open.
    """
    return finished(reconcile_flow(systems, journal, clock=clock, quarantine=quarantine))


def reconcile_flow(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    *,
    clock: Clock,
    quarantine: timedelta = NO_QUARANTINE,
) -> Flow[Reconciled]:
    """The same as `reconcile`, as a flow for a driver."""
    settled, held, parked = 0, list[str](), list[str]()
    for waiting in _timed(journal, clock()):
        system = systems.get(waiting.step.side) if waiting.step.side else None
        if system is None:
            held.append(waiting.step_key)
            continue
        try:
            found = yield from _looked_up(system, waiting, journal, clock(), quarantine)
            covered = yield from _covered(system, waiting, found.seen, journal)
        except AdapterError:
            found, covered = _HELD, ()
        if found.reused:
            with journal.transaction():
                keep_open(journal, [evolve(waiting, reused=True)])
        if found.held or found.parked:
            (held if found.held else parked).append(waiting.step_key)
            continue
        _close(journal, waiting, found, clock(), covered)
        settled += 1
    return Reconciled(settled=settled, held=tuple(held), parked=tuple(parked))


def _timed(journal: Journal, now: datetime) -> tuple[OpenStep, ...]:
    """The open steps. One whose sender died before it could say when it sent is counted from now on."""
    steps = open_steps_in(journal)
    unknown = [step.sent_by(now) for step in steps if step.sent_at is None]
    if not unknown:
        return steps
    with journal.transaction():
        keep_open(journal, unknown)
    known = {step.step_key: step for step in unknown}
    return tuple(known.get(step.step_key, step) for step in steps)


def _looked_up(
    system: AnySystem, waiting: OpenStep, journal: Journal, now: datetime, quarantine: timedelta
) -> Flow[_Found]:
    since = now - (waiting.sent_at or now)
    slow = since < max(quarantine, system.capabilities.quarantine)
    if waiting.step.op is not Op.CREATE:
        return (yield from _changed(system, waiting.step, slow=slow))
    if system.capabilities.creation is Creating.NONE:
        return _PARKED
    if system.capabilities.creation is Creating.KEYED:
        return (yield from _keyed(system, waiting, journal, now))
    return (yield from _created(system, waiting, journal, young=since < quarantine, slow=slow))


def _changed(system: AnySystem, step: Step, *, slow: bool) -> Flow[_Found]:
    if system.capabilities.precondition is Precondition.NONE and slow:
        return _HELD  # a late old write would overtake a newer one, and nothing would stop it
    rows = yield from answered(system.read(step.kind, [step.key or ""]))
    seen = next((seen for seen in rows if seen.key == step.key), None)
    if slow and seen is not None and seen.version == step.expected:
        return _HELD  # its precondition still holds: a late arrival would be carried out behind our back
    return _Found(seen)


def _created(system: AnySystem, waiting: OpenStep, journal: Journal, *, young: bool, slow: bool) -> Flow[_Found]:
    step = waiting.step
    seen = yield from answered(system.find(step.kind, step.pair))
    if seen is not None and ended_before(step, seen.key, seen):
        seen = None
    if seen is not None and _is_anothers(journal, step, seen.key):
        # Planned anew, the answer says whose it is; where that might insert it twice, a person looks.
        return _PARKED if system.capabilities.creation is Creating.LOOKUP else _NOTHING
    if seen is not None or not slow:
        return _Found(seen)
    if young or system.capabilities.creation is Creating.LOOKUP:
        return _HELD
    with journal.transaction():  # it rests anew from this attempt, also where nobody lives to tell when that was
        keep_open(journal, [waiting.sent_by(None)])
    # Whatever the record it came from becomes meanwhile: once it stands under our mark, a late arrival finds it.
    return (yield from _sent_again(system, waiting, journal))


def _keyed(system: AnySystem, waiting: OpenStep, journal: Journal, now: datetime) -> Flow[_Found]:
    """The same body under the same key, while the system remembers the key; then a person must look.

    Nothing else tells what an earlier attempt made: only that the system does not take these values says that there is
    nothing.
    """
    if waiting.reused or now - waiting.at >= system.capabilities.key_window:
        return _PARKED
    return (yield from _sent_again(system, waiting, journal, unjudged=_HELD))


def _is_anothers(journal: Journal, step: Step, key: str) -> bool:
    """Whether the record belongs to another pair: one record is in one pair."""
    return step.side is not None and held_by(journal, step.kind, step.side, [key]).get(key, step.pair) != step.pair


def _sent_again(system: AnySystem, waiting: OpenStep, journal: Journal, *, unjudged: _Found = _NOTHING) -> Flow[_Found]:
    """The same write once more, where the system inserts it only once; `unjudged` where the call is refused."""
    [answer] = yield from send(system, [waiting.write])
    if answer.reused:
        return _REUSED
    if answer.ended is Ended.REFUSED:
        return _NOTHING if answer.judged else unjudged
    if answer.ended not in (Ended.DONE, Ended.BOUND):
        return _HELD
    kind = waiting.step.kind
    rows = yield from answered(system.read(kind, [answer.key]))
    made = next((seen for seen in rows if seen.key == answer.key), Seen(kind=kind, key=answer.key, fields={}))
    if ended_before(waiting.step, made.key, next(iter(rows), None)) or _is_anothers(journal, waiting.step, made.key):
        return _NOTHING
    return _Found(made, whole=answer.ended is Ended.DONE)


def _covered(system: AnySystem, waiting: OpenStep, seen: Seen | None, journal: Journal) -> Flow[tuple[Note, ...]]:
    """The edits that a write whose reply was lost has overwritten, where the system tells the past."""
    step = waiting.step
    if step.op is Op.REMOVE and step.side is not None and step.key is not None and not alive(seen):
        shown = _last_shown(next(iter(journal.agreed(step.kind, [step.pair])), None), step.side)
        return (yield from audited(system, step.kind, {}, {step.key: (step, shown)}))
    if step.op is not Op.UPDATE or step.key is None:
        return ()
    # Also when the record has ended since: its past is told all the same.
    return (yield from audited(system, step.kind, {step.key: (step, waiting.sent)}))


def _last_shown(known: Agreed | None, side: Side) -> Shown:
    """What `side` last showed of a pair; nothing where no journal tells it.

    Which fields refer is not known here: a reference kept in other words would be noted for nothing.
    """
    if known is None:
        return {}
    return plainly_shown(known, side, [name for name, value in known.shown(side).items() if _names_a_pair(value)])


def _names_a_pair(value: Json) -> bool:
    return isinstance(value, str) and any(f":{side.value}:" in value for side in SIDES)


def _close(journal: Journal, waiting: OpenStep, found: _Found, now: datetime, covered: tuple[Note, ...] = ()) -> None:
    """Acknowledge what was found to have happened, and have both records read again."""
    step, seen = waiting.step, found.seen
    before = next(iter(journal.agreed(step.kind, [step.pair])), None)
    moves = _moves(waiting, before, found)
    removed = step.op is Op.REMOVE and not alive(seen)
    with journal.transaction():
        journal.end_steps([waiting.step_key])
        # A removal's own link is empty already: what it was about is known by the pair.
        journal.save_hints(hints_of(_link(step, before)))
        if removed:
            journal.save_agreed([Agreed(link=(step.link if before is None else before.link).at_its_end(), base={})])
        elif seen is not None and (moves or step.op is Op.CREATE):
            keep_found(journal, waiting, before, seen.key, moves)
            journal.save_hints(ends_of(step, seen))
        journal.save_entries(note_entry(note, now) for note in covered)
        if removed or moves or (step.op is Op.CREATE and seen is not None):
            journal.save_entries([entry(step, now, "reconciled", "it had happened")])
        # An edit that gave way and stands no longer is noted, however the system spells what replaced it.
        gave_way = [n for n in waiting.notes if removed or n.name in moves or not _stands(n, seen)]
        journal.save_entries(note_entry(note, now) for note in gave_way)


def _stands(note: Note, seen: Seen | None) -> bool:
    return seen is not None and seen.fields.get(note.name) == note.value


def keep_found(journal: Journal, waiting: OpenStep, before: Agreed | None, key: str, moves: set[str]) -> None:
    """Link the pair to the record `key` that a step is known to have written, in the transaction under way."""
    step = waiting.step
    if step.side is None:
        return
    link = _link(step, before)
    after = acknowledged(before, step, link.with_key(step.side, key), moves=moves)
    journal.save_agreed([after])
    journal.save_hints((*hints_of(after.link), *waiting.pointing))


def _link(step: Step, before: Agreed | None) -> Link:
    """The pair's link as the journal has it; the step's own where there is none, or the pair had ended before."""
    return step.link if before is None or before.link.ended else before.link


def _moves(waiting: OpenStep, before: Agreed | None, found: _Found) -> set[str]:
    """The fields of the step that the record shows to have been written."""
    step, seen = waiting.step, found.seen
    if seen is None or step.op is Op.REMOVE:
        return set()
    if step.op is Op.CREATE:
        # A creation happens whole: later edits of the record differ from what was sent, and merge as edits. One that
        # has ended is paired too, and judged like any other that ends; but it may have ended in a time of which the
        # journal is lost, and never have held what was sent: then that counts as edited since.
        whole = found.whole or alive(seen)
        return {c.name for c in step.changes if whole or seen.fields.get(c.name) == waiting.sent.get(c.name)}
    if before is None or not alive(seen):
        return set()
    # What a person decided may have to be written to both sides: it is simply planned again.
    decided = {name for name in waiting.sent if conflict_key(step.pair, name) in step.decisions}
    return {n for n, value in waiting.sent.items() if n not in decided and seen.fields.get(n) == value}
