"""Every row of the chart of an obligation, tried through the public reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

import pytest
from making_norms import (
    DUE,
    discharged,
    duty,
    holding,
    ledger,
    march,
    noon,
    notified,
    performed,
    resumed,
    standing,
    suspended,
)

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.day_expressions import After, OnDay, OnFact
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.norms import entries as n
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.diagrams import obligation_dot, obligation_edges, obligation_mermaid
from clmcrm.clm.norms.obligation_chart import (
    CAUSE_WORDS,
    FINAL,
    OBLIGATION_CHART,
    OPEN,
    Cause,
    ObligationState,
    causes_from,
    move_for,
)
from clmcrm.clm.norms.obligation_standings import Phase
from clmcrm.clm.obligations import DueOn, Obligation, Performance, Proposal
from clmcrm.clm.remedies import CureStart
from clmcrm.values.ids import DisputeId, ObligationId
from clmcrm.values.partial import PartialDate, Unknown
from clmcrm.values.tenor import Tenor
from making import at, contract

S = ObligationState
WEEK = Tenor(days=7)
PROPOSED = Proposal(source="a reader", span="p. 4, chars 120-188")
CURABLE = {"cure": WEEK}
ON_NOTICE = {"cure": WEEK, "cure_from": CureStart.NOTICE}
CONDITIONAL = {"antecedent": OnFact(name="accepted")}
Case: TypeAlias = tuple[Mapping[str, object], tuple[n.AnyEntry, ...], date, S]


def reviewed(kind: type[n.Confirmed | n.Dismissed], day: int) -> n.AnyEntry:
    return kind(at=noon(march(day)), by="ria", norm="B-1")


def accepted(day: int) -> n.Happened:
    return n.Happened(at=noon(march(day)), by="ann", fact="accepted", on=march(day))


ROWS: dict[str, Case] = {
    "proposed": ({"proposal": PROPOSED}, (), march(1), S.PROPOSED),
    "proposed, confirm": ({"proposal": PROPOSED}, (reviewed(n.Confirmed, 2),), march(3), S.IN_EFFECT),
    "proposed, dismiss": ({"proposal": PROPOSED}, (reviewed(n.Dismissed, 2),), march(30), S.DISMISSED),
    "pending: the antecedent is not true": (CONDITIONAL, (), march(5), S.PENDING),
    "pending, antecedent true": (CONDITIONAL, (accepted(4),), march(5), S.IN_EFFECT),
    "pending, the due day passes first": (CONDITIONAL, (), march(11), S.LAPSED),
    "pending, antecedent true too late": (CONDITIONAL, (accepted(12),), march(13), S.LAPSED),
    "pending, antecedent deadline passed": (
        CONDITIONAL | {"antecedent_deadline": OnDay(day=march(3))}, (accepted(4),), march(5), S.LAPSED,
    ),
    "in effect, performed in full": ({}, (performed(march(10)),), march(20), S.FULFILLED),
    "in effect, performed within the grace": ({"grace": WEEK}, (performed(march(17)),), march(20), S.FULFILLED),
    "in effect, performed in part": ({}, (performed(march(2), "0.4"),), march(10), S.PART_PERFORMED),
    "part and part are the whole": (
        {}, (performed(march(2), "0.4"), performed(march(9), "0.6")), march(10), S.FULFILLED,
    ),
    "in effect on the due day": ({}, (), march(10), S.IN_EFFECT),
    "in effect, deadline passed": ({}, (), march(11), S.BREACHED),
    "in effect in the grace": ({"grace": WEEK}, (), march(17), S.IN_EFFECT),
    "in effect, grace passed": ({"grace": WEEK}, (), march(18), S.BREACHED),
    "part performed, deadline passed": ({}, (performed(march(2), "0.4"),), march(11), S.BREACHED),
    "breached, performed in the cure period": (CURABLE, (performed(march(17)),), march(17), S.CURED),
    "breached, cure expired": (CURABLE, (), march(18), S.UNCURED),
    "uncured, performed": (CURABLE, (performed(march(18)),), march(18), S.LATE_FULFILLED),
    "breached, cured before any notice": (ON_NOTICE, (performed(march(30)),), march(30), S.CURED),
    "breached, never notified": (ON_NOTICE, (), date(2027, 3, 1), S.BREACHED),
    "breached, notice, cure runs": (ON_NOTICE, (notified(march(15)),), march(22), S.BREACHED),
    "breached, notice, cure expired": (ON_NOTICE, (notified(march(15)),), march(23), S.UNCURED),
    "breached, no cure agreed, performed": ({}, (performed(march(12)),), march(12), S.LATE_FULFILLED),
    "breached, no cure agreed, the day of the notice": ({}, (notified(march(15)),), march(15), S.BREACHED),
    "breached, no cure agreed, after the notice": ({}, (notified(march(15)),), march(16), S.UNCURED),
    "in effect, suspended": ({}, (suspended(march(5)),), march(30), S.SUSPENDED),
    "breached, suspended": ({}, (suspended(march(15)),), march(30), S.SUSPENDED),
    "suspended, resumed: back to in effect": ({}, (suspended(march(5)), resumed(march(8))), march(8), S.IN_EFFECT),
    "suspended, resumed: back to breached": ({}, (suspended(march(15)), resumed(march(18))), march(18), S.BREACHED),
    "suspended, performed all the same": ({}, (suspended(march(5)), performed(march(7))), march(7), S.FULFILLED),
    "in effect, waived": ({}, (discharged(march(5)),), march(30), S.DISCHARGED),
    "breached, released": ({}, (discharged(march(15), how="released"),), march(30), S.DISCHARGED),
    "breached, set off": ({}, (discharged(march(15), how="set_off"),), march(30), S.DISCHARGED),
    "suspended, excused for good": (
        {}, (suspended(march(5)), discharged(march(6), how="force_majeure")), march(30), S.DISCHARGED,
    ),
    "the debtor cannot waive": ({}, (discharged(march(5), Party.COUNTERPARTY),), march(11), S.BREACHED),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_row_of_the_chart_leads_where_it_says(row: str) -> None:
    changes, entries, as_of, state = ROWS[row]
    assert standing(holding(duty(**changes)), ledger(*entries), as_of).state is state


def terminated(of: Contract, last_day: date) -> Contract:
    ending = e.Terminated(at("2026-03-01"), "ann", ground=e.Ground.MUTUAL, last_day=last_day)
    return advance(of, ending)


@pytest.mark.parametrize(
    ("survives", "last_day", "state"),
    [(False, 5, S.TERMINATED), (True, 5, S.BREACHED), (False, 20, S.TERMINATED), (True, 20, S.BREACHED)],
)
def test_what_does_not_survive_ends_with_the_contract(survives: bool, last_day: int, state: S) -> None:
    ended = terminated(holding(duty(survives=survives)), march(last_day))
    found = standing(ended, ledger(), march(25))
    assert found.state is state
    assert (found.breach is not None) is (survives or last_day == 20), "the breach is kept although it ended"


def test_nothing_is_in_effect_before_the_contract_is() -> None:
    later = holding(duty(), effective_on=march(5), executed_on=march(1))
    assert standing(later, ledger(), march(4)).state is S.PENDING
    assert standing(later, ledger(), march(5)).state is S.IN_EFFECT


def test_what_is_due_before_the_effective_date_binds_from_signature() -> None:
    later = holding(duty(), effective_on=march(20), executed_on=march(1))
    assert standing(later, ledger(), march(1)).state is S.IN_EFFECT
    assert standing(later, ledger(), march(11)).state is S.BREACHED


def test_a_draft_binds_nobody_and_says_so() -> None:
    draft = holding(duty())
    draft = type(draft)(id=draft.id, title="draft", kind=draft.kind, obligations=draft.obligations)
    found = standing(draft, ledger(), march(20))
    assert found.state is S.PENDING
    assert "not in effect" in found.why.en


def test_a_duty_binds_from_the_day_the_last_condition_precedent_was_met() -> None:
    waiting = holding(duty(), effective_on=march(1), executed_on=Unknown("lost"), conditions_precedent=("permit",))
    met = advance(waiting, e.ConditionMet(noon(march(20)), "clm", condition="permit", on=march(20)))
    assert standing(met, ledger(), march(19)).breach is None
    found = standing(met, ledger(), march(21)).breach
    assert found is not None
    assert found.since == march(20)


def test_a_duty_of_a_contract_that_was_terminated_before_it_took_effect_is_not_breached() -> None:
    waiting = holding(duty(), effective_on=march(1), executed_on=Unknown("lost"), conditions_precedent=("permit",))
    ending = e.Terminated(noon(march(5)), "clm", ground=e.Ground.MUTUAL, last_day=march(15))
    found = standing(advance(waiting, ending), ledger(), march(25))
    assert found.breach is None
    assert found.state is S.TERMINATED


def test_what_is_counted_from_a_performance_does_not_see_a_later_one() -> None:
    first = duty(performances=(Performance(on=march(9), for_due=DUE),))
    second = duty(id=ObligationId("B-2"), due=DueOn(day=After(start=OnFact(name="done:B-1"), length=WEEK)))
    both = holding(first, second)
    found = [norms_of(both, ledger(), march(day)).obligations[1].due_on for day in (8, 9)]
    assert isinstance(found[0], Unknown)
    assert found[1] == march(16)


@pytest.mark.parametrize(
    ("first", "entries"),
    [
        (duty(), (performed(march(9), of=march(1)),)),
        (duty(proposal=Proposal(source="a reader")), (performed(march(9)),)),
        (duty(), (discharged(march(5)), performed(march(9)))),
    ],
)
def test_a_performance_without_a_place_sets_nothing_off(first: Obligation, entries: tuple[n.AnyEntry, ...]) -> None:
    second = duty(id=ObligationId("B-2"), due=DueOn(day=After(start=OnFact(name="done:B-1"), length=WEEK)))
    found = norms_of(holding(first, second), ledger(*entries), march(20))
    assert [each.entry for each in found.ignored] == [entries[-1]]
    assert [each.done for each in found.obligations] == [0, 0]
    assert isinstance(found.obligations[1].due_on, Unknown)


def test_duties_that_wait_for_one_another_are_set_off_one_by_one() -> None:
    """Listed last first: each falls due a week after the one before it was done, and the parts of each add up."""
    names = [ObligationId(f"B-{k}") for k in (4, 3, 2)]
    later = [
        duty(id=name, due=DueOn(day=After(start=OnFact(name=f"done:B-{k}"), length=WEEK)))
        for k, name in zip((3, 2, 1), names, strict=True)
    ]
    told = ledger(
        performed(march(2), "0.5"), performed(march(3), "0.5"), performed(march(9), norm="B-2"),
        performed(march(10), norm="B-3"),
    )  # fmt: skip
    chain = holding(*later, duty())
    found = {each.obligation: each.due_on for each in norms_of(chain, told, march(20)).obligations}
    assert found == {"B-1": DUE, "B-2": march(10), "B-3": march(16), "B-4": march(17)}
    for name, due_on in found.items():
        (only,) = norms_of(chain, told, march(20), only=name).obligations
        assert only.due_on == due_on


def test_what_does_not_bind_yet_is_never_overdue() -> None:
    draft = contract(obligations=(duty(),))
    for day, phase in ((9, Phase.UPCOMING), (10, Phase.DUE_TODAY), (11, None)):
        assert standing(draft, ledger(), march(day)).phase is phase
    assert standing(holding(duty()), ledger(), march(11)).phase is Phase.OVERDUE


@pytest.mark.parametrize(
    ("due", "state"),
    [
        (DueOn(day=PartialDate(year=2026, month=3)), S.IN_EFFECT),
        (DueOn(day=After(start=OnFact(name="accepted"), length=WEEK)), S.PENDING),
    ],
)
def test_an_unknown_due_day_is_unknown_with_its_reason(due: DueOn, state: S) -> None:
    found = standing(holding(duty(due=due)), ledger(), march(30))
    assert found.state is state
    assert isinstance(found.due_on, Unknown)
    assert found.phase is None
    assert found.breach is None


def test_a_trigger_that_happens_gives_the_day_and_the_life_begins() -> None:
    waiting = duty(due=DueOn(day=After(start=OnFact(name="accepted"), length=WEEK)))
    found = standing(holding(waiting), ledger(accepted(2)), march(9))
    assert (found.state, found.due_on) == (S.IN_EFFECT, march(9))
    assert standing(holding(waiting), ledger(accepted(2)), march(10)).state is S.BREACHED


def test_a_dispute_may_be_opened_in_every_state_and_moves_none() -> None:
    for changes, entries, as_of, state in ROWS.values():
        opened = n.DisputeOpened(at=noon(march(1)), by="bob", norm="B-1", on=march(1), dispute=DisputeId("D-1"))
        found = standing(holding(duty(**changes)), ledger(*entries, opened), as_of)
        assert found.state is state
        # An entry waits where nobody has confirmed that there is a duty at all; the dispute is flagged there too.
        assert found.disputes == ("D-1",)


def test_every_state_is_reached_by_the_table_and_every_cause_has_a_row() -> None:
    reached = {row.target for row in OBLIGATION_CHART} | {S.PROPOSED}
    assert set(S) <= reached
    assert {row.cause for row in OBLIGATION_CHART} == set(Cause) == set(CAUSE_WORDS)


def test_no_state_has_two_rows_for_one_cause() -> None:
    pairs = [(source, row.cause) for row in OBLIGATION_CHART for source in row.sources]
    assert len(pairs) == len(set(pairs))


def test_nothing_leads_out_of_a_final_state() -> None:
    assert all(causes_from(state) == () for state in FINAL)
    assert all(move_for(state, cause) is None for state in FINAL for cause in Cause)
    assert FINAL.isdisjoint(OPEN)


def test_the_drawings_hold_every_move() -> None:
    drawn, dot = obligation_mermaid(), obligation_dot()
    assert drawn.count("-->") == len(obligation_edges()) + 2
    for source, target, label in obligation_edges():
        assert f"    {source} --> {target}: {label}" in drawn
        assert f'    {source} -> {target} [label="{label}"];' in dot


def test_a_condition_is_said_once() -> None:
    with pytest.raises(ValueError, match="antecedent"):
        _ = duty(antecedent=OnFact(name="accepted"), condition_fact="accepted")


def test_the_old_condition_fact_is_read_as_an_antecedent() -> None:
    conditional: Obligation = duty(condition_fact="accepted")
    assert standing(holding(conditional), ledger(), march(5)).state is S.PENDING
    assert standing(holding(conditional), ledger(accepted(4)), march(5)).state is S.IN_EFFECT
