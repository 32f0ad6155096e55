"""What was decided about a field's merge: by a person, by a committee once for all, or by how the field may pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from clmcrm.ports.records import SIDES, Side
from clmcrm.sync.arbitration import DISTINCT, PAIRING, Decision
from clmcrm.sync.draft import Draft, journal_step
from clmcrm.sync.lineup import Lined, Lineup
from clmcrm.sync.merge import ABSENT, Merged, Verdict, blank, decided
from clmcrm.sync.ownership import FieldRule, KindRules, Passage
from clmcrm.sync.standing import Case, answering
from clmcrm.sync.steps import Op, plain
from clmcrm.values.problems import Problem


def ruled(draft: Draft, lined: Lined, merged: Merged, used: dict[str, str]) -> Merged:
    """The merge as a person decided it, where one did."""
    views = merged.views
    decision = draft.decision(lined.pair, merged.name, views.crm, views.clm)
    if decision is None:
        return _standing(draft, lined, merged)
    used[merged.name] = decision.key
    return decided(merged, decision.value, f"{decision.by} decided: {decision.why}")


def _standing(draft: Draft, lined: Lined, merged: Merged) -> Merged:
    """The merge as a committee decided such cases once for all, where one did."""
    if merged.verdict is not Verdict.CONFLICT:
        return merged
    case = next((case for case in Case if merged.why.startswith(case.value)), Case.REVIEWED)
    rule = answering(draft.rules.standing, lined.link.kind, merged.name, case)
    value = ABSENT if rule is None else merged.views.now(rule.takes)
    if rule is None or value is ABSENT:
        return merged
    other = rule.takes.other
    settled = decided(merged, value, rule.reason)
    gives_way = merged.views.changed(other) and merged.views.now(other) != value
    return evolve(settled, overruled=other if gives_way else None)


def passed(merged: Merged, rules: KindRules, *, let_pass: bool) -> Merged:
    """The merge without the writes that may not pass; a conflict where a person must let one pass."""
    if merged.verdict is Verdict.CONFLICT or not merged.writes:
        return merged
    rule = rules.rule(merged.name)
    passing: list[Side] = []
    for side in merged.writes:
        passage = rule.passage(side)
        if passage is Passage.REVIEW and not let_pass:
            why = f"every value that goes to the {side.upper()} is decided by a person"
            return evolve(merged, verdict=Verdict.CONFLICT, value=ABSENT, writes=(), overruled=None, why=why)
        free = passage in (Passage.OPEN, Passage.REVIEW)
        if free or (passage is Passage.IF_BLANK and blank(merged.views.now(side))):
            passing.append(side)
    through = merged if len(passing) == len(merged.writes) else evolve(merged, writes=tuple(passing))
    return _noted(through, rule)


def _noted(merged: Merged, rule: FieldRule) -> Merged:
    """The merge, naming the side of which it overwrites a value that might never pass to the other side."""
    if merged.overruled is not None or merged.verdict is Verdict.DECIDED:
        return merged
    for side in merged.writes:
        had, other = merged.views.now(side), side.other
        stopped = rule.passage(other) in (Passage.CLOSED, Passage.IF_BLANK)
        if stopped and not blank(had) and had not in (merged.views.before(other), merged.value):
            why = f"{merged.why}; what the {side.upper()} had may not pass to the {other.upper()}"
            return evolve(merged, overruled=side, why=why)
    return merged


def withheld(draft: Draft, lined: Lined, merged: Merged, written: Sequence[Side], used: Mapping[str, str]) -> Merged:
    """The merge, telling of a side that goes on differing from what a person decided: that may not pass there."""
    for side in SIDES if merged.name in used else ():
        now = merged.views.now(side)
        if side not in written and now != merged.value:
            keeps = f"it may not pass to the {side.upper()}, which keeps its own"
            what, expected = f"was decided, but {keeps}", "a decision for what it has, or rules that let the other pass"
            problem = Problem(where=lined.pair, field=merged.name, value=str(plain(now)), what=what, expected=expected)
            draft.problems.append(problem)
            merged = evolve(merged, why=f"{merged.why}; {keeps}")
    return merged


def end_unasked(draft: Draft, lineups: Sequence[Lineup]) -> None:
    """End the decisions whose question has gone away, each with its reason: a later one is not theirs to answer.

    Of a pair whose records are all shown everything is judged: what is neither carried out nor asked is over.
    So is what was said of a record that is paired by now.
    """
    open_still = {conflict.key for conflict in draft.conflicts}
    open_still.update(key for step in draft.steps for key in step.decisions)
    links = {step.pair: step.link for step in draft.steps if not step.op.remote}
    for key, decision in sorted(draft.decisions.items()):
        about, _, name = key.rpartition("#")
        pair = _pair_of(draft, about) if name == PAIRING else about
        lined = next((lineup.lined[pair] for lineup in lineups if pair in lineup.lined), None)
        if lined is None or key in open_still or not _judged(draft, lined):
            continue
        asked = _paired(draft, lined, about, decision) if name == PAIRING else f"{name} is asked no more"
        if not asked:
            continue
        why = f"{asked}; {decision.by} had decided: {decision.why}"
        step = journal_step(Op.SETTLE, lined, links.get(lined.pair, lined.link), why, decisions=(key,))
        # Values agreed before count no more for whoever comes first: they are not to be dropped once again.
        draft.steps.append(evolve(step, fresh=False))


def _pair_of(draft: Draft, record: str) -> str | None:
    kind, side, key = record.split(":", 2)
    return draft.directory.pair_of(Side(side), kind, key)


def _paired(draft: Draft, lined: Lined, record: str, decision: Decision) -> str:
    """Why nothing is asked of a record that has its counterpart by now, empty where it has none.

    A word that says otherwise is told of once: it is not kept for the day on which the two part.
    """
    _, side, key = record.split(":", 2)
    link, other = lined.link, lined.link.key(Side(side).other)
    if other is None or link.key(Side(side)) != key:
        return ""
    paired = f"is paired with {other}"
    if decision.value != other:
        said = "another record" if decision.value == DISTINCT else str(decision.value)
        what = f"{paired}, while {decision.by} had decided that it is {said}"
        expected = "the two taken apart in their systems, and then a decision"
        draft.problems.append(Problem(where=record, field=PAIRING, value=other, what=what, expected=expected))
    return f"{record} {paired}"


def _judged(draft: Draft, lined: Lined) -> bool:
    whole = all(lined.link.key(side) is None or lined.seen[side] is not None for side in SIDES)
    return whole and lined.pair not in draft.creates
