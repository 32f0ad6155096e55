"""Takes back what earlier runs wrote: compensating steps, worked out from the journal and shown before they are sent.

An undo is a plan like any other: it writes with preconditions, is refused when it goes too far, and can be
undone itself. A value that somebody has changed since is left alone and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from clmcrm.errors import AdapterError, InvalidRecord
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed, Entry
from clmcrm.ports.records import Fields, Json, Seen, Side
from clmcrm.ports.systems import RecordSystem
from clmcrm.sync.directory import Directory
from clmcrm.sync.lineup import alive
from clmcrm.sync.merge import ABSENT, Value
from clmcrm.sync.ownership import KindRules, Rules
from clmcrm.sync.steps import FieldChange, Op, Plan, Step, step_of
from clmcrm.values.problems import Problem
from clmcrm.values.validators import instant

_WRITTEN: Final = frozenset({*(op.value for op in Op if op.remote), "reconciled", "adopted"})
"""The lines of steps that were carried out: acknowledged at once, found to have happened, or so by a person's word."""


@frozen(kw_only=True)
class Written:
    """One step that a run carried out, and when."""

    step: Step
    at: datetime = field(validator=instant)


def written(journal: Journal, *, pair: str | None = None, since: datetime | None = None) -> tuple[Written, ...]:
    """What was written to either system, newest first; of one pair, or at `since` and after, when given.

    A write whose reply was lost is among it from when it was found to have happened, or adopted. Raises `InvalidRecord`
    for a `since` without a time zone.
    """
    if since is not None and since.utcoffset() is None:
        raise InvalidRecord("written", "since", since, "an instant with a time zone")
    lines = [line for line in journal.history(pair) if line.what in _WRITTEN and (since is None or line.at >= since)]
    return tuple(Written(step=step_of(line.facts), at=line.at) for line in reversed(lines))


def undo(chosen: Iterable[Written], systems: Mapping[Side, RecordSystem], journal: Journal, rules: Rules) -> Plan:
    """The plan that takes `chosen` (newest first) back; nothing is written.

    A changed field gets the value it had before; a record that was created is archived if nobody has edited
    it; the other side keeps what it has, and the next runs leave the difference alone until one side is
    edited again. What cannot be taken back is a problem of the plan: a value that was changed since, one
    that was not seen before, an archived record, a record that is gone or cannot be read.
    """
    agreed = {known.link.pair: known for kind in rules for known in journal.agreed(kind.kind)}
    work = _Undo(systems=systems, rules=rules, agreed=agreed, directory=Directory(a.link for a in agreed.values()))
    for each in chosen:
        work.take_back(each)
    return work.plan()


def undo_entry(steps: Iterable[Step], *, by: str, why: str, at: datetime) -> tuple[Entry, ...]:
    """The history lines that say who took it back and why, one per step; the caller saves them."""
    return tuple(
        Entry(at=at, pair=step.pair, what="undo", facts={**step.as_fields(), "by": by, "why": why}) for step in steps
    )


@define
class _Target:
    """One record on one side as it will be, field by field."""

    step: Step
    seen: Seen
    now: dict[str, Json]
    wanted: dict[str, FieldChange] = field(factory=dict[str, FieldChange])
    remove: str = ""


@define(kw_only=True)
class _Undo:
    """One undo being worked out."""

    systems: Mapping[Side, RecordSystem]
    rules: Rules
    agreed: Mapping[str, Agreed]
    directory: Directory
    targets: dict[tuple[str, Side], _Target] = field(factory=dict[tuple[str, Side], _Target])
    problems: list[Problem] = field(factory=list[Problem])

    def take_back(self, each: Written) -> None:
        """Add what takes one step back."""
        step = each.step
        if step.op is Op.REMOVE:
            self.leave(step, "record", step.key, "was archived", "restored in its own system")
            return
        target = self.target(step)
        if target is None or step.side is None:
            return
        changed = [change for change in step.changes if not self.still(target, step, change)]
        if step.op is Op.CREATE:
            if changed:
                names = ", ".join(change.name for change in changed)
                self.leave(step, names, target.seen.key, "was edited since it was created", "left alone")
            else:
                target.remove = f"undone: it was created on {each.at.date()}"
            return
        for change in step.changes:
            if change in changed:
                self.leave(step, change.name, target.now.get(change.name), "was changed since", "left alone")
            elif change.seen(step.side) is ABSENT:
                self.leave(step, change.name, None, "was not shown before it was written", "a value to go back to")
            else:
                self.want(target, step, change, f"undone: it was written on {each.at.date()}")

    def target(self, step: Step) -> _Target | None:
        """The record the step was about, as it is now; None, with a problem, when it cannot be taken back."""
        known, side = self.agreed.get(step.pair), step.side
        key = known.link.key(side) if known is not None and side is not None else None
        if known is None or side is None or key is None:
            self.leave(step, "record", step.key, "is linked no longer", "left alone")
            return None
        if (step.pair, side) not in self.targets:
            seen = self.read(step.kind, side, key)
            if seen is None:
                self.leave(step, "record", key, "cannot be read", "the record as it is now")
                return None
            now = dict(self.canonical(seen, side, self.rules.of(step.kind)))
            self.targets[step.pair, side] = _Target(step, seen, now)
        return self.targets[step.pair, side]

    def still(self, target: _Target, step: Step, change: FieldChange) -> bool:
        """Whether the record still has what the step wrote, in our spelling or in its own."""
        if step.side is None:
            return False
        now = target.now.get(change.name)
        known = self.agreed[step.pair]
        own = known.shown(step.side).get(change.name, ABSENT)
        return now == change.value or (now == own and known.base.get(change.name) == change.value)

    def want(self, target: _Target, step: Step, change: FieldChange, why: str) -> None:
        """Have the field go back to what it was before the step; from what it is now."""
        side, before = step.side, change.seen(step.side) if step.side else ABSENT
        if side is None or before is ABSENT:
            return
        first = target.wanted.get(change.name)
        current: Value = first.seen(side) if first else target.now.get(change.name, ABSENT)
        other = self.other(step, change.name, side)
        crm, clm = (current, other) if side is Side.CRM else (other, current)
        target.wanted[change.name] = FieldChange(name=change.name, value=before, crm=crm, clm=clm, why=why)
        target.now[change.name] = before

    def other(self, step: Step, name: str, side: Side) -> Value:
        """What the opposite side shows of the field now."""
        key = self.agreed[step.pair].link.key(side.other)
        seen = self.read(step.kind, side.other, key) if key else None
        if seen is None:
            return ABSENT
        return self.canonical(seen, side.other, self.rules.of(step.kind)).get(name, ABSENT)

    def read(self, kind: str, side: Side, key: str) -> Seen | None:
        """The living record; None when there is none or its system does not answer."""
        try:
            found = self.systems[side].read(kind, [key]) if side in self.systems else ()
        except AdapterError:
            return None
        return next((seen for seen in found if seen.key == key and alive(seen)), None)

    def canonical(self, seen: Seen, side: Side, rules: KindRules) -> Fields:
        """The record's fields with pairs in the place of references."""
        return self.directory.canonical(seen.fields, side, rules)

    def leave(self, step: Step, name: str, value: object, what: str, expected: str) -> None:
        """Say that something is not taken back."""
        where = f"{step.pair} on the {step.side.upper()}" if step.side else step.pair
        shown = "" if value is None else str(value)
        self.problems.append(Problem(where=where, field=name, value=shown, what=what, expected=expected))

    def plan(self) -> Plan:
        """All of it: values first, then what was created, parts before the records they belong to."""
        steps = [step for target in self.targets.values() if (step := self.step(target)) is not None]
        places = {kind.kind: -place for place, kind in enumerate(self.rules)}
        steps.sort(key=lambda step: (step.op is Op.REMOVE, places[step.kind], step.pair, step.side or ""))
        kinds = [known.link.kind for known in self.agreed.values()]
        return Plan(
            rules=self.rules,
            steps=tuple(steps),
            problems=tuple(self.problems),
            before={step.pair: self.agreed[step.pair] for step in steps},
            known={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        )

    def step(self, target: _Target) -> Step | None:
        """The compensating step; None when nothing of the record is taken back."""
        old, seen = target.step, target.seen
        side, link = old.side, self.agreed[old.pair].link
        if side is None:
            return None
        if target.remove:
            link = link.with_alias(side, seen.key).with_key(side, None)
            return Step(
                op=Op.REMOVE, pair=old.pair, kind=old.kind, side=side, key=seen.key, expected=seen.version,
                link=link, why=target.remove,
            )  # fmt: skip
        changes = tuple(change for _, change in sorted(target.wanted.items()))
        if not changes:
            return None
        return Step(
            op=Op.UPDATE, pair=old.pair, kind=old.kind, side=side, key=seen.key, expected=seen.version,
            changes=changes, link=link,
        )  # fmt: skip
