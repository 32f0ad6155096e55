"""What the journal keeps once a step is acknowledged: agreed values move only for fields both sides have.

A side's own spelling of a value, read back after the write, is remembered beside the agreed one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from clmcrm.ports.journal import Journal, keyed
from clmcrm.ports.kept import Agreed, Entry, Hint, Link
from clmcrm.ports.records import CLM, CRM, Fields, Json, Seen, Side
from clmcrm.sync.lineup import alive
from clmcrm.sync.merge import ABSENT, blank
from clmcrm.sync.ownership import KindRules
from clmcrm.sync.step_text import step_facts
from clmcrm.sync.steps import FieldChange, Note, Op, Step
from clmcrm.values.json_text import strange


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
    was: Fields = kept.base if kept else {}
    moved = step.changes if moves is None else [change for change in step.changes if change.name in moves]
    new = {change.name: change.value for change in moved if change.value is not ABSENT}
    base: Fields = {**was, **new}
    sides: list[Fields] = []
    for side, before_it in ((CRM, kept.shown_crm if kept else was), (CLM, kept.shown_clm if kept else was)):
        told = _told(moved, side, shown.get(side) if shown else None, own=step.side is side)
        sides.append(base if before_it is was and _alike(told, new) else {**before_it, **told})
    extras: Fields = before.extras if before else {}
    return Agreed(link=link, base=base, shown_crm=sides[0], shown_clm=sides[1], extras=extras)


def read_back(step: Step, seen: Seen | None, version: str, rules: KindRules) -> Fields:
    """What the written side shows of the step's fields; what was sent, when it moved on since `version`.

    References are kept as pairs: they have one spelling. So is what was sent where it is shown as no journal can keep
    it: the next run looks at the record, and names it.
    """
    sent = step.fields
    if seen is None or seen.version != version:
        return sent
    return {n: v if n in rules.referring else _kept(seen.fields.get(n, v), v) for n, v in sent.items()}


def _kept(shown: Json, sent: Json) -> Json:
    return sent if shown is not sent and strange(shown, "") is not None else shown


def as_made(seen: Seen | None, version: str, sent: Fields) -> bool:
    """Whether a created record still is as it was made; where no version says so, by what was sent."""
    if seen is None or not alive(seen):
        return False
    if version:
        return seen.version == version
    return all(blank(value) or sent.get(name) == value for name, value in seen.fields.items())


def ended_before(step: Step, key: str, seen: Seen | None) -> bool:
    """Whether what answers a creation is the record that ended with the pair, and is still not there again."""
    return step.op is Op.CREATE and step.side is not None and (step.side, key) in step.link.aliases and not alive(seen)


def held_by(journal: Journal, kind: str, side: Side, keys: Collection[str]) -> dict[str, str]:
    """Which pair has each of these records of `side`; one that no pair has is left out.

    A journal that does not find pairs by a system's key is read through.
    """
    found = journal.leading_to(kind, side, keys) if keyed(journal) else journal.agreed(kind)
    held = ((known.link.key(side), known.link.pair) for known in found)
    return {key: pair for key, pair in held if key is not None and key in keys}


def ends_of(step: Step, seen: Seen) -> tuple[Hint, ...]:
    """The hint at a created record that has ended since: it may have been told to nobody who knew the record."""
    if step.side is None or not (seen.gone or seen.merged_into):
        return ()
    return (Hint(kind=step.kind, side=step.side, key=seen.key, gone=True, merged_into=seen.merged_into),)


def entry(step: Step, at: datetime, what: str = "", why: str = "", *, text: str | None = None) -> Entry:
    """The history line of a step; `text` is the step as JSON, where that is at hand."""
    facts = {**step.as_fields(), "why": why} if why else step_facts(step, text)
    return Entry(at=at, pair=step.pair, what=what or step.op.value, facts=facts)


def note_entry(note: Note, at: datetime) -> Entry:
    """The history line of an edit that gave way."""
    return Entry(at=at, pair=note.pair, what="note", facts=note.as_fields())


def _told(changes: Iterable[FieldChange], side: Side, written: Fields | None, *, own: bool) -> dict[str, Json]:
    """What `side` shows of the changed fields: as read back, as `own` write had it, or as the plan saw it."""
    told: dict[str, Json] = {}
    for change in changes:
        if written is not None and change.name in written:
            told[change.name] = written[change.name]
            continue
        value = change.value if own else change.crm if side is CRM else change.clm
        if value is not ABSENT:
            told[change.name] = value
    return told


def _alike(told: Fields, new: Fields) -> bool:
    """Whether a side shows just what was agreed, to the letter: 1 and True are equal, and are not the same.

    Then one mapping stands for both, and the journal has one text to write. Lists and mappings are not looked into.
    """
    return told == new and all(value is new[name] or isinstance(value, str) for name, value in told.items())
