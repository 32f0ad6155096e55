"""What must be known of a plan before any of it is carried out: its pairs as they are now, who writes what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from clmcrm.ports.journal import Journal, burying
from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import SIDES, Side
from clmcrm.sync.directory import Directory, referred
from clmcrm.sync.ownership import KindRules
from clmcrm.sync.referrers import Referrers, referrers
from clmcrm.sync.steps import Op, Plan, Step


def current_pairs(todo: Plan, journal: Journal) -> dict[str, Agreed]:
    """The pairs of the plan as the journal has them now."""
    pairs: dict[str, set[str]] = {}
    for step in todo.steps:
        pairs.setdefault(step.kind, set()).add(step.pair)
    found = (known for kind, wanted in sorted(pairs.items()) for known in journal.agreed(kind, wanted))
    return {known.link.pair: known for known in found}


def moved_on(todo: Plan, current: Mapping[str, Agreed]) -> frozenset[str]:
    """The pairs the journal knows otherwise than the plan did."""
    pairs = {step.pair for step in todo.steps}
    known = ((pair, current.get(pair), todo.before.get(pair)) for pair in pairs)
    return frozenset(pair for pair, now, then in known if now is not then and now != then)


def pointed_at(step: Step, rules: KindRules) -> tuple[str, ...]:
    """The pairs that what a step writes points at, sorted; most steps have no field for a reference."""
    if rules.referring.isdisjoint([change.name for change in step.changes]):
        return ()
    return referred(step.fields, rules)


def directory_for(todo: Plan, journal: Journal, pairs: Mapping[str, Agreed]) -> Directory | None:
    """The links of the plan's pairs and of those its steps refer to; None where no step refers to any."""
    wanted: dict[str, set[str]] = {}
    for step in todo.steps:
        rules = todo.rules.of(step.kind)
        named = pointed_at(step, rules) if step.op.remote else ()
        for kind in set(rules.references.values()) if named else ():
            wanted.setdefault(kind, set()).update(named)
    if not wanted:
        return None
    found = Directory(known.link for known in pairs.values())
    for kind, others in sorted(wanted.items()):
        for known in journal.agreed(kind, others - set(pairs)):
            found.add(known.link)
    return found


def pointing_at_changed(todo: Plan, journal: Journal, pairs: Mapping[str, Agreed]) -> Referrers:
    """What points at the pairs that get another record by this plan: it may mean two different ones afterwards.

    A merge leads a key to another pair, and what points there under that key with it; nothing can be done about that
    while the pair it led to has no record on that side, and no feed tells when it has one again.
    """
    changed: dict[str, set[str]] = {}
    for step in todo.steps:
        known = pairs.get(step.pair)
        if known is not None and _gets_another(known.link, step):
            changed.setdefault(step.kind, set()).add(step.pair)
    found: Referrers = {}
    for kind, wanted in sorted(changed.items()):
        found |= referrers(journal, todo.rules, kind, wanted)
    return found


def _gets_another(before: Link, step: Step) -> bool:
    """Whether the pair gets a record that is neither the one it has, nor one it had, nor what that was merged into."""
    after = step.link
    for side in SIDES:
        was, now = before.key(side), after.key(side)
        if now is None:
            if step.op is Op.CREATE and step.side is side:
                return True
        elif now != was and (side, now) not in before.aliases and (was is None or (side, was) not in after.aliases):
            return True
    return False


def with_letters(todo: Plan, journal: Journal) -> frozenset[str]:
    """The pairs to be written to of which a dead letter tells, or may: of the others no history is read."""
    pairs = {step.pair for step in todo.steps if step.op.remote}
    return journal.buried(pairs) if burying(journal) else frozenset(pairs)


def writing_sides(todo: Plan) -> dict[tuple[str, str], set[Side]]:
    """On which sides each field is still to be written, of the pairs that more than one step is about."""
    steps = Counter([step.pair for step in todo.steps])
    sides: dict[tuple[str, str], set[Side]] = {}
    if len(steps) == len(todo.steps):
        return sides
    for step in todo.steps:
        if step.side is not None and steps[step.pair] > 1:
            for change in step.changes:
                sides.setdefault((step.pair, change.name), set()).add(step.side)
    return sides


def carrying_steps(todo: Plan) -> dict[str, set[str]]:
    """Which steps have yet to carry each decision out."""
    steps: dict[str, set[str]] = {}
    for step in todo.steps:
        for key in step.decisions:
            steps.setdefault(key, set()).add(step.step_key)
    return steps
