"""Looks up what became of steps whose outcome is not known, before anything is tried again.

A creation is looked up by our mark, an update by what the record shows. What cannot be looked up is
parked for a person: it is never sent again blindly.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from attrs import field, frozen

from clmcrm.errors import AdapterError
from clmcrm.ports.journal import Agreed, Entry, Journal
from clmcrm.ports.records import Fields, Json, Seen, Side
from clmcrm.ports.systems import RecordSystem
from clmcrm.sync.acknowledging import acknowledged, entry, note_entry
from clmcrm.sync.applying import Clock
from clmcrm.sync.arbitration import conflict_key
from clmcrm.sync.directory import hints_of
from clmcrm.sync.lineup import alive
from clmcrm.sync.steps import Note, Op, Step, note_of, step_of

NO_QUARANTINE = timedelta(0)


@frozen(kw_only=True)
class Reconciled:
    """How many open steps were `settled`, which still wait (`held`), and which only a person can settle."""

    settled: int = 0
    held: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()


@frozen(kw_only=True)
class OpenStep:
    """A step that was sent and not acknowledged.

    `sent` is what was sent, in the side's own keys, `notes` the edits that gave way to it, `at` when.
    """

    step_key: str
    step: Step
    sent: Fields = field(factory=dict[str, Json])
    notes: tuple[Note, ...] = ()
    at: datetime


def open_steps_in(journal: Journal) -> tuple[OpenStep, ...]:
    """The open steps, oldest first."""
    found = journal.open_steps()
    return tuple(
        OpenStep(
            step_key=key,
            step=step_of(cast("Fields", facts["step"])),
            sent=cast("Fields", facts["sent"]),
            notes=tuple(note_of(note) for note in cast("list[Fields]", facts["notes"])),
            at=datetime.fromisoformat(str(facts["at"])),
        )
        for key, facts in found
    )


def reconcile(
    systems: Mapping[Side, RecordSystem],
    journal: Journal,
    *,
    clock: Clock,
    quarantine: timedelta = NO_QUARANTINE,
) -> Reconciled:
    """Look every open step up and close it with what is found.

    A creation that is not found stays open until `quarantine` has passed since it was *sent*: a slow
    system may still carry it out. A system that does not answer leaves its steps open.
    """
    settled, held, parked = 0, list[str](), list[str]()
    for waiting in open_steps_in(journal):
        system = systems.get(waiting.step.side) if waiting.step.side else None
        if system is None:
            held.append(waiting.step_key)
            continue
        if waiting.step.op is Op.CREATE and not system.capabilities.marks:
            parked.append(waiting.step_key)
            continue
        try:
            seen = _look_up(system, waiting.step)
        except AdapterError:
            held.append(waiting.step_key)
            continue
        young = clock() - waiting.at < quarantine
        if waiting.step.op is Op.CREATE and seen is None and young:
            held.append(waiting.step_key)
            continue
        _close(journal, waiting, seen, clock())
        settled += 1
    return Reconciled(settled=settled, held=tuple(held), parked=tuple(parked))


def give_up(journal: Journal, step_key: str, *, by: str, why: str, at: datetime) -> None:
    """Close a parked step by a person's word: its records are read and planned anew.

    Raises `KeyError` when no such step is open.
    """
    found = {waiting.step_key: waiting for waiting in open_steps_in(journal)}
    step = found[step_key].step
    with journal.transaction():
        journal.end_steps([step_key])
        journal.save_hints(hints_of(step.link))
        facts: Fields = {**step.as_fields(), "by": by, "why": why}
        journal.save_entries([Entry(at=at, pair=step.pair, what="given up", facts=facts)])


def _look_up(system: RecordSystem, step: Step) -> Seen | None:
    if step.op is Op.CREATE:
        return system.find(step.kind, step.pair)
    return next((seen for seen in system.read(step.kind, [step.key or ""]) if seen.key == step.key), None)


def _close(journal: Journal, waiting: OpenStep, seen: Seen | None, now: datetime) -> None:
    """Acknowledge what was found to have happened, and have both records read again."""
    step = waiting.step
    before = next(iter(journal.agreed(step.kind, [step.pair])), None)
    moves = _moves(waiting, before, seen)
    removed = step.op is Op.REMOVE and not alive(seen)
    with journal.transaction():
        journal.end_steps([waiting.step_key])
        journal.save_hints(hints_of(step.link))
        if removed:
            journal.set_aside(step.kind, [step.pair])
        elif moves and seen is not None and step.side is not None:
            link = step.link if before is None else before.link
            after = acknowledged(before, step, link.with_key(step.side, seen.key), moves=moves)
            journal.save_agreed([after])
            journal.save_hints(hints_of(after.link))
        if removed or moves:
            notes = [note for note in waiting.notes if removed or note.name in moves]
            found = entry(step, now, "reconciled", "it had happened")
            journal.save_entries([found, *(note_entry(note, now) for note in notes)])


def _moves(waiting: OpenStep, before: Agreed | None, seen: Seen | None) -> set[str]:
    """The fields of the step that the record shows to have been written."""
    step = waiting.step
    if seen is None or step.op is Op.REMOVE or not alive(seen):
        return set()
    if step.op is Op.CREATE:
        # A creation happens whole: later edits of the record differ from what was sent, and merge as edits.
        return {change.name for change in step.changes}
    if before is None:
        return set()
    # What a person decided may have to be written to both sides: it is simply planned again.
    decided = {name for name in waiting.sent if conflict_key(step.pair, name) in step.decisions}
    return {n for n, value in waiting.sent.items() if n not in decided and seen.fields.get(n) == value}
