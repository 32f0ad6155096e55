"""Finds edits that a write without a precondition overwrote, from the past values a system tells.

It cannot prevent the overwriting; it makes sure that it never stays silent: the value is kept as a note.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from clmcrm.ports.calls import Flow, answered
from clmcrm.ports.kept import Agreed
from clmcrm.ports.records import Fields, Json, Precondition, Side
from clmcrm.ports.systems import AnySystem, Past, TellsPast
from clmcrm.sync.merge import ABSENT, Value, blank
from clmcrm.sync.steps import FieldChange, Note, Step

Shown: TypeAlias = Mapping[str, Value]
"""What a side last showed, by field; `ABSENT` for what cannot be compared with what it tells."""

ARCHIVED = "edited between our reading and our archiving: the system takes no precondition"
WHY = "edited between our reading and our writing, and overwritten: the system takes no precondition"


def lossy(system: AnySystem) -> bool:
    """Whether an edit made between our reading and our writing can be lost there without anyone seeing it."""
    able = system.capabilities
    return able.precondition is Precondition.NONE and not (able.history and isinstance(system, TellsPast))


def tells_past(system: AnySystem) -> bool:
    """Whether there is anything to ask: it takes no precondition, and tells its past."""
    able = system.capabilities
    return able.precondition is not Precondition.ROW and able.history and isinstance(system, TellsPast)


def audited(
    system: AnySystem,
    kind: str,
    written: Mapping[str, tuple[Step, Fields]],
    archived: Mapping[str, tuple[Step, Shown]] | None = None,
) -> Flow[tuple[Note, ...]]:
    """The edits that writes covered, where the system has no precondition but tells the past.

    `written` are the updates done and what was sent, by the record's key; `archived` the removals done and
    what their records last showed. Raises what the port raises.
    """
    gone = archived or {}
    asked = sorted({*written, *gone})
    if not asked or not tells_past(system) or not isinstance(system, TellsPast):
        return ()
    told = yield from answered(system.past(kind, asked))
    notes: list[Note] = []
    for key, (step, sent) in sorted(written.items()):
        if step.side is not None:
            notes += overwritten(step, step.side, sent, [past for past in told if past.key == key])
    for key, (step, shown) in sorted(gone.items()):
        if step.side is not None:
            notes += archived_with(step, step.side, shown, [past for past in told if past.key == key])
    return tuple(notes)


def plainly_shown(known: Agreed, side: Side, references: Collection[str] = ()) -> Shown:
    """What `side` last showed of a pair; `ABSENT` for these `references`, which the journal keeps in other words."""
    roots = {path.partition(".")[0] for path in references}
    return {**known.shown(side), **dict.fromkeys(roots, ABSENT)}


def archived_with(step: Step, side: Side, shown: Shown, told: Iterable[Past]) -> tuple[Note, ...]:
    """The last values of an archived record that differ from what `side` last showed: edits that went with it.

    Where nothing is known of what it showed (the journal was lost, or the field was never agreed on: a person is still
    asked about it), the last value may be an edit: one note too many is no loss. What is `ABSENT` is not compared.

    >>> from clmcrm.ports.kept import Link
    >>> from clmcrm.sync.steps import Op
    >>> step = Step(op=Op.REMOVE, pair="p", kind="account", link=Link(pair="p", kind="account"))
    >>> told = [Past(key="L1", name="phone", value=value) for value in ("1", "by hand")]
    >>> [note.value for note in archived_with(step, Side.CLM, {"phone": "1"}, told)]
    ['by hand']
    """
    last = {past.name: past.value for past in told}
    return tuple(
        Note(pair=step.pair, kind=step.kind, name=name, side=side, value=value, why=ARCHIVED)
        for name, value in sorted(last.items())
        if not shown or (value != shown[name] and shown[name] is not ABSENT if name in shown else not blank(value))
    )


def overwritten(step: Step, side: Side, sent: Mapping[str, Json], told: Iterable[Past]) -> tuple[Note, ...]:
    """The edits of the step's record that the write of `sent` on `side` covered, oldest first per field.

    `told` are the values of the record's fields, oldest first, as `TellsPast.past` gives them.

    >>> from clmcrm.ports.kept import Link
    >>> from clmcrm.sync.steps import Op
    >>> change = FieldChange(name="phone", value="2", clm="1")
    >>> step = Step(op=Op.UPDATE, pair="p", kind="account", link=Link(pair="p", kind="account"), changes=(change,))
    >>> told = [Past(key="L1", name="phone", value=value) for value in ("1", "by hand", "2")]
    >>> [note.value for note in overwritten(step, Side.CLM, {"phone": "2"}, told)]
    ['by hand']
    """
    values: dict[str, list[Json]] = {}
    for past in told:
        values.setdefault(past.name, []).append(past.value)
    notes: list[Note] = []
    for change in step.changes:
        if change.name in sent:
            covered = _covered(values.get(change.name, ()), sent[change.name], change, side)
            notes += (_note(step, change, side, value) for value in covered)
    return tuple(notes)


def _covered(values: Sequence[Json], ours: Json, change: FieldChange, side: Side) -> list[Json]:
    """The values between the one we had seen and the one we wrote.

    A system that spells what it is given in its own way does not tell which value is ours: then all but the
    present one count as covered, since one note too many is no loss. Where it spells ours as what we had seen, and
    shows another one now, the last that looks like that may be ours: the one before it is what we had seen.
    """
    before = list(values)
    while ours in values and before and before[-1] != ours:
        _ = before.pop()  # edits after our write are no loss: the next run sees them
    covered: list[Json] = []
    seen = change.seen(side)
    maybe_ours = ours not in values and _alike(seen, ours) and before[-1:] != [seen]
    for value in reversed(before[:-1]):
        if maybe_ours and value == seen:
            maybe_ours = False
        elif value == seen or seen is ABSENT:
            break
        else:
            covered.append(value)
    else:
        # What we had seen is not told at all: only the one value just before ours is certain to be new.
        covered = covered[:1]
    return covered[::-1]


def _alike(seen: Value, ours: Json) -> bool:
    """Whether two texts differ in nothing but capitals, spaces and signs: the ways in which systems spell."""
    return isinstance(seen, str) and isinstance(ours, str) and _bare(seen) == _bare(ours)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _note(step: Step, change: FieldChange, side: Side, value: Json) -> Note:
    kept = None if change.value is ABSENT else change.value
    return Note(pair=step.pair, kind=step.kind, name=change.name, side=side, value=value, kept=kept, why=WHY)
