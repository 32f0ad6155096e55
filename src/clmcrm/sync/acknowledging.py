"""What the journal keeps once a step is acknowledged: agreed values move only for fields both sides have.

A side's own spelling of a value, read back after the write, is remembered beside the agreed one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from clmcrm.ports.journal import Agreed, Entry, Hint, Link
from clmcrm.ports.records import SIDES, Fields, Json, Seen, Side
from clmcrm.sync.merge import ABSENT, Value
from clmcrm.sync.ownership import KindRules
from clmcrm.sync.steps import FieldChange, Note, Op, Step


def acknowledged(
    before: Agreed | None,
    step: Step,
    link: Link,
    *,
    shown: Mapping[Side, Fields] | None = None,
    moves: Collection[str] | None = None,
) -> Agreed:
    """The pair after `step`: `moves` are the fields both sides have now (None: all of the step's).

    `shown` is what a side that was written to shows of them; of a side that was not, it is what was seen
    when the plan was made.
    """
    kept = None if step.fresh else before
    base: dict[str, Json] = dict(kept.base) if kept else {}
    sides: dict[Side, dict[str, Json]] = {s: dict(kept.shown(s)) if kept else {} for s in SIDES}
    for change in step.changes:
        if moves is not None and change.name not in moves:
            continue
        _put(base, change.name, change.value)
        for side in SIDES:
            written = (shown or {}).get(side)
            _put(sides[side], change.name, _seen(change, side, written, own=step.side is side))
    extras: Fields = before.extras if before else {}
    return Agreed(link=link, base=base, shown_crm=sides[Side.CRM], shown_clm=sides[Side.CLM], extras=extras)


def read_back(step: Step, seen: Seen | None, version: str, rules: KindRules) -> Fields:
    """What the written side shows of the step's fields; what was sent, when it moved on since `version`.

    References are kept as pairs: they have one spelling.
    """
    sent = step.fields
    if seen is None or seen.version != version:
        return sent
    roots = {path.partition(".")[0] for path in rules.references}
    return {n: v if n in roots else seen.fields.get(n, v) for n, v in sent.items()}


def ends_of(step: Step, seen: Seen) -> tuple[Hint, ...]:
    """The hint at a created record that has ended since: it may have been told to nobody who knew the record."""
    if step.side is None or not (seen.gone or seen.merged_into):
        return ()
    return (Hint(kind=step.kind, side=step.side, key=seen.key, gone=True, merged_into=seen.merged_into),)


def entry(step: Step, at: datetime, what: str = "", why: str = "") -> Entry:
    """The history line of a step."""
    facts = {**step.as_fields(), **({"why": why} if why else {})}
    return Entry(at=at, pair=step.pair, what=what or step.op.value, facts=facts)


def note_entry(note: Note, at: datetime) -> Entry:
    """The history line of an edit that gave way."""
    return Entry(at=at, pair=note.pair, what="note", facts=note.as_fields())


def concerns(note: Note, step: Step) -> bool:
    """Whether the note is about what the step did."""
    named = any(change.name == note.name for change in step.changes)
    return note.pair == step.pair and (named or step.op is Op.REMOVE)


def _seen(change: FieldChange, side: Side, written: Fields | None, *, own: bool) -> Value:
    if written is not None and change.name in written:
        return written[change.name]
    return change.value if own else change.seen(side)


def _put(fields: dict[str, Json], name: str, value: Value) -> None:
    if value is not ABSENT:
        fields[name] = value
