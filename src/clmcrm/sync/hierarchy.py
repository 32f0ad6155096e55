"""References between records: parents before children, no circle, nothing that points nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from clmcrm.ports.records import Json, Side
from clmcrm.sync.arbitration import Conflict
from clmcrm.sync.directory import referred
from clmcrm.sync.draft import Draft
from clmcrm.sync.merge import ABSENT
from clmcrm.sync.ownership import KindRules
from clmcrm.sync.steps import FieldChange, Op, Step, plain
from clmcrm.values.problems import Problem


def ordered_creates(draft: Draft) -> tuple[Step, ...]:
    """The creations whose references can all be filled, each after those it points at; the rest is reported.

    They come in waves (all that need nothing, all that need only those, ...), each sorted by pair, so that
    a wave can travel in full batches and the order is always the same.
    """
    needs = {pair: _needs(draft, step) for pair, step in draft.creates.items()}
    possible = _possible(draft, needs)
    order = _waves(possible, needs)
    for pair in sorted(possible - set(order)):
        _hold(draft, pair, "takes part in a circle of references, or hangs on one", needs[pair])
    return tuple(draft.creates[pair] for pair in order)


def fillable(draft: Draft, created: Iterable[Step]) -> None:
    """Take out of the updates what points at a record that `side` neither has nor gets; report it."""
    coming = {(step.pair, step.side) for step in created}
    for place, step in enumerate(draft.steps):
        side = step.side
        if side is None or not step.changes:
            continue
        rules = draft.rules.of(step.kind)
        if rules.referring.isdisjoint([change.name for change in step.changes]):
            continue
        found = {change.name: _gaps(draft, change, side, rules, coming) for change in step.changes}
        missing = {name: gaps for name, gaps in found.items() if gaps}
        for name, gaps in sorted(missing.items()):
            draft.doubt(step.link, _dangling(step.pair, name, side, gaps))
        if missing:
            draft.steps[place] = step.without(missing)
    draft.steps[:] = [s for s in draft.steps if s.changes or s.decisions or s.op not in (Op.UPDATE, Op.SETTLE)]


def break_circles(draft: Draft, parents: Mapping[str, Json], name: str, kind: str) -> None:
    """Turn every change of the self-reference `name` that would close a circle into a conflict.

    `parents` are the agreed values by pair; the changes of the draft are laid over them.
    """
    changes = {step.pair: c for step in draft.steps for c in step.changes if c.name == name and step.kind == kind}
    if not changes:
        return
    new = {step.pair: step.fields.get(name) for step in draft.creates.values() if step.kind == kind}
    after = {**parents, **new, **{pair: plain(c.value) for pair, c in changes.items()}}
    for pair in sorted(set(changes) & _circling(after, changes)):
        change = changes[pair]
        for place, step in enumerate(draft.steps):
            if step.pair == pair:
                draft.steps[place] = step.without((name,))
        conflict = Conflict(
            pair=pair,
            kind=kind,
            name=name,
            base=parents.get(pair),
            left=plain(change.crm),
            right=plain(change.clm),
            decides=draft.rules.of(kind).rule(name).decides,
            why=f"{change.value!r} would close a circle of {name}",
        )
        link = next(step.link for step in draft.steps if step.pair == pair)
        draft.ask(link, conflict)


def _waves(possible: Collection[str], needs: Mapping[str, set[str]]) -> list[str]:
    users: dict[str, list[str]] = {}
    for pair in possible:
        for parent in needs[pair]:
            users.setdefault(parent, []).append(pair)
    left = {pair: len(needs[pair]) for pair in possible}
    wave, order = sorted(pair for pair in possible if not left[pair]), list[str]()
    while wave:
        order += wave
        freed: list[str] = []
        for user in (user for pair in wave for user in users.get(pair, ())):
            left[user] -= 1
            if not left[user]:
                freed.append(user)
        wave = sorted(freed)
    return order


def _needs(draft: Draft, step: Step) -> set[str]:
    """The pairs a creation points at that its side does not have yet."""
    side = step.side
    if side is None:
        return set()
    pairs = referred(step.fields, draft.rules.of(step.kind))
    return {pair for pair in pairs if draft.directory.key_of(pair, side) is None}


def _possible(draft: Draft, needs: Mapping[str, set[str]]) -> set[str]:
    """The creations left once those that point nowhere, and those that wait for them, are held back."""
    possible = set(needs)
    while True:
        stuck = {
            pair: missing
            for pair in possible
            if (missing := {p for p in needs[pair] if not _coming(draft, p, pair, possible)})
        }
        if not stuck:
            return possible
        for pair, missing in sorted(stuck.items()):
            _hold(draft, pair, "points at a record that is not there", missing)
        possible -= set(stuck)


def _coming(draft: Draft, parent: str, pair: str, possible: Collection[str]) -> bool:
    return parent in possible and draft.creates[parent].side is draft.creates[pair].side


def _hold(draft: Draft, pair: str, what: str, others: Iterable[str]) -> None:
    step = draft.creates[pair]
    side = step.side or Side.CLM
    listed = ", ".join(sorted(others))
    problem = Problem(
        where=pair,
        field=_fields_naming(draft, step, set(others)),
        value=listed,
        what=f"{what}: {side.other.upper()} {step.link.key(side.other)!r} is not created on the {side.upper()} yet",
        expected="the record it points at, on both sides",
    )
    draft.doubt(step.link, problem)


def _fields_naming(draft: Draft, step: Step, others: set[str]) -> str:
    rules = draft.rules.of(step.kind)
    names = [n for n, v in step.fields.items() if others & set(referred({n: v}, rules))]
    return ", ".join(sorted(names))


def _gaps(
    draft: Draft,
    change: FieldChange,
    side: Side,
    rules: KindRules,
    coming: Collection[tuple[str, Side | None]],
) -> tuple[str, ...]:
    if change.value is ABSENT:
        return ()
    pairs = referred({change.name: change.value}, rules)
    return tuple(p for p in pairs if draft.directory.key_of(p, side) is None and (p, side) not in coming)


def _dangling(pair: str, name: str, side: Side, gaps: tuple[str, ...]) -> Problem:
    return Problem(
        where=pair,
        field=name,
        value=", ".join(gaps),
        what=f"points at a record the {side.upper()} does not have: the field is left as it is",
        expected="the record it points at, on both sides",
    )


def _circling(parents: Mapping[str, Json], starts: Iterable[str]) -> set[str]:
    """The pairs that come back to themselves by way of their parents."""
    circling: set[str] = set()
    for start in starts:
        path: list[str] = []
        met: set[str] = set()
        pair: Json = start
        while isinstance(pair, str) and pair not in met and pair not in circling:
            met.add(pair)
            path.append(pair)
            pair = parents.get(pair)
        if isinstance(pair, str) and pair in met:
            circling.update(path[path.index(pair) :])
    return circling
