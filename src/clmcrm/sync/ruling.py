"""What was decided about a field's merge: by a person, by a committee once for all, or by how the field may pass."""

from __future__ import annotations

from attrs import evolve

from clmcrm.ports.records import Side
from clmcrm.sync.draft import Draft
from clmcrm.sync.lineup import Lined
from clmcrm.sync.merge import ABSENT, Merged, Verdict, blank, decided
from clmcrm.sync.ownership import KindRules, Passage
from clmcrm.sync.standing import Case, answering


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
    return merged if len(passing) == len(merged.writes) else evolve(merged, writes=tuple(passing))
