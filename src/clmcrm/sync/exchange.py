"""One batch at one system: what became of every item, how the records look now, and which edits were covered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from attrs import evolve

from clmcrm.errors import AdapterError
from clmcrm.ports.calls import Flow, answered
from clmcrm.ports.records import Remove, Seen, Update, Write
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.auditing import Shown, audited, tells_past
from clmcrm.sync.reports import Ended
from clmcrm.sync.sending import Answer, send
from clmcrm.sync.steps import Note, Op, Step

Item: TypeAlias = tuple[Step, Write]
Exchanged: TypeAlias = tuple[list[Answer], dict[str, Seen], tuple[Note, ...]]
"""The answers in order, the records by key, the edits."""


def exchanged(system: AnySystem, items: Sequence[Item], last_shown: Callable[[Step], Shown]) -> Flow[Exchanged]:
    """Send a batch, read its records back, and ask what it covered.

    `last_shown` tells what the record of a removal last showed.
    """
    answers = yield from send(system, [write for _, write in items])
    read = yield from _read_back(system, items, answers)
    if not tells_past(system):
        return answers, read, ()
    try:
        notes = yield from _covered(system, items, answers, last_shown)
    except AdapterError as error:
        # What a write covered is known only once the past is told: until then it is not acknowledged.
        return [_unaudited(step, answer, error) for (step, _), answer in zip(items, answers, strict=True)], read, ()
    return answers, read, notes


def _covered(
    system: AnySystem, items: Sequence[Item], answers: Sequence[Answer], last_shown: Callable[[Step], Shown]
) -> Flow[tuple[Note, ...]]:
    done = {
        answer.key or step.key or "": (step, write.fields)
        for (step, write), answer in zip(items, answers, strict=True)
        if answer.ended is Ended.DONE and isinstance(write, Update)
    }
    archived = {
        step.key or "": (step, last_shown(step))
        for (step, write), answer in zip(items, answers, strict=True)
        if answer.ended is Ended.DONE and isinstance(write, Remove)
    }
    return (yield from audited(system, items[0][0].kind, done, archived))


def _read_back(system: AnySystem, items: Sequence[Item], answers: Sequence[Answer]) -> Flow[dict[str, Seen]]:
    """How the written records look now, by key; nothing when the system does not answer.

    An update whose answer showed the record is not read again. A creation is: its record may have ended
    before anybody knew its key.
    """
    shown: dict[str, Seen] = {}
    unread: list[str] = []
    for (step, _), answer in zip(items, answers, strict=True):
        bound = answer.ended is Ended.BOUND and bool(step.link.aliases)  # it may be what ended before
        if (answer.ended is Ended.DONE and step.op is not Op.REMOVE) or bound:
            key = answer.key or step.key or ""
            if answer.shown is not None and step.op is Op.UPDATE:
                shown[key] = answer.shown
            else:
                unread.append(key)
    if unread:
        try:
            rows = yield from answered(system.read(items[0][0].kind, unread))
        except AdapterError:
            return shown
        shown.update((seen.key, seen) for seen in rows)
    return shown


def _unaudited(step: Step, answer: Answer, error: AdapterError) -> Answer:
    """The answer of a write that may have covered an edit, when the system does not tell its past."""
    if answer.ended is not Ended.DONE or step.op is Op.CREATE:
        return answer
    return evolve(answer, ended=Ended.AMBIGUOUS, why=f"done, but what it may have covered is not known: {error}")
