"""What suspensions and events beyond control do to running days: moved, stopped, or left alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_norms import duty, holding, ledger, march, noon, performed, power, power_on, resumed, standing, suspended

from clmcrm.calendars.adjustments import Convention
from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.clauses import ForceMajeureClause
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.norms import entries as n
from clmcrm.clm.norms.clocks import Rest, counted, disjoint, rested, run_out
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.obligation_chart import ObligationState
from clmcrm.clm.norms.power_chart import PowerState
from clmcrm.clm.powers import EndsContract, PowerKind
from clmcrm.clm.remedies import PowerId
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AmendmentId
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording
from making import at

SHIFT, FREEZE, NONE = e.ClockEffect.SHIFT, e.ClockEffect.FREEZE, e.ClockEffect.NONE
WHY = Wording("suspended", "suspendue")


def rest(first: int, last: int | None, clocks: e.ClockEffect) -> Rest:
    return Rest(span=Span(march(first), None if last is None else march(last)), clocks=clocks, why=WHY)


@pytest.mark.parametrize(
    ("first", "back", "clocks", "due", "last"),
    [
        # Due on the 10th, five days of grace. Resting from the 4th to the 8th: five days.
        (4, 9, SHIFT, 15, 20),
        (4, 9, FREEZE, 10, 15),
        (4, 9, NONE, 10, 15),
        # The due day lies inside: it moves by the whole length, or comes on the day of resumption.
        (8, 13, SHIFT, 15, 20),
        (8, 13, FREEZE, 13, 18),
        (8, 13, NONE, 10, 15),
        # The grace was running: what was left of it runs on.
        (12, 15, SHIFT, 10, 18),
        (12, 15, FREEZE, 10, 18),
        (12, 15, NONE, 10, 15),
        # The last day allowed had passed.
        (16, 20, SHIFT, 10, 15),
        (16, 20, FREEZE, 10, 15),
    ],
)
def test_the_declared_effect_decides_what_becomes_of_the_days(
    first: int, back: int, clocks: e.ClockEffect, due: int, last: int
) -> None:
    told = ledger(suspended(march(first), clocks), resumed(march(back)))
    found = standing(holding(duty(grace=Tenor(days=5))), told, march(28))
    assert (found.due_on, found.last_allowed) == (march(due), march(last))
    assert found.breach is not None
    assert found.breach.since == march(last + 1)


@pytest.mark.parametrize(("clocks", "late"), [(SHIFT, 10), (FREEZE, 6), (NONE, 10)])
def test_frozen_days_do_not_count_as_late(clocks: e.ClockEffect, late: int) -> None:
    told = ledger(suspended(march(14), clocks), resumed(march(18)))
    assert standing(holding(duty()), told, march(20)).late_days == late


@pytest.mark.parametrize("clocks", [SHIFT, FREEZE])
def test_a_running_cure_stands_still_during_a_suspension(clocks: e.ClockEffect) -> None:
    told = ledger(suspended(march(14), clocks), resumed(march(18)))
    found = standing(holding(duty(cure=Tenor(days=7))), told, march(21))
    assert found.cure_until == march(21)
    assert found.state is ObligationState.BREACHED


def test_a_suspension_that_still_runs_leaves_the_day_open_with_its_reason() -> None:
    found = standing(holding(duty()), ledger(suspended(march(5))), march(30))
    assert isinstance(found.due_on, Unknown)
    assert "suspended since 2026-03-05" in found.due_on.reason
    assert (found.state, found.since) == (ObligationState.SUSPENDED, march(5))


def test_a_suspension_without_effect_on_days_hides_the_breach_until_it_ends() -> None:
    of = holding(duty())
    told = ledger(suspended(march(5), NONE), resumed(march(20)))
    during = standing(of, told, march(15))
    assert (during.state, during.breach is not None) == (ObligationState.SUSPENDED, True)
    assert standing(of, told, march(20)).state is ObligationState.BREACHED


def test_the_suspension_of_the_contract_suspends_its_duties_with_the_effect_it_declares() -> None:
    of = advance(
        holding(duty()), e.Suspended(at("2026-03-04"), "ann", from_day=march(4), clocks=SHIFT, note="by agreement")
    )
    of = advance(of, e.Resumed(at("2026-03-09"), "ann", from_day=march(9)))
    during, after = standing(of, ledger(), march(6)), standing(of, ledger(), march(9))
    assert (during.state, during.since) == (ObligationState.SUSPENDED, march(4))
    assert after.since == standing(of, ledger(), march(3)).since  # of the state that it had covered
    assert standing(of, ledger(), march(9)).due_on == march(15)


def test_a_moved_day_is_adjusted_again_and_never_back_into_the_suspension() -> None:
    rests = disjoint([rest(4, 7, SHIFT)])  # four days: the 10th becomes Saturday the 14th
    assert rested(march(10), rests, Convention.FOLLOWING, MONDAY_TO_FRIDAY) == march(16)
    assert rested(march(10), rests, Convention.PRECEDING, MONDAY_TO_FRIDAY) == march(13)
    frozen = disjoint([rest(9, 13, FREEZE)])  # the day of resumption is a Saturday
    assert rested(march(10), frozen, Convention.PRECEDING, MONDAY_TO_FRIDAY) == march(16)


def test_where_two_suspensions_overlap_the_stronger_effect_holds() -> None:
    found = disjoint([rest(1, 10, NONE), rest(4, 6, FREEZE), rest(6, 8, SHIFT), rest(9, None, SHIFT)])
    shown = [(r.span.first_day.day, r.span.last_day and r.span.last_day.day, r.clocks) for r in found]
    assert shown == [(1, 3, NONE), (4, 5, FREEZE), (6, None, SHIFT)]


DAY = st.integers(0, 60).map(lambda k: date(2026, 1, 1) + timedelta(days=k))


@st.composite
def rests(draw: st.DrawFn) -> Rest:
    first = draw(DAY)
    last = first + timedelta(days=draw(st.integers(0, 20)))
    return Rest(span=Span(first, last), clocks=draw(st.sampled_from(e.ClockEffect)), why=WHY)


@given(st.lists(rests(), max_size=5))
def test_disjoint_suspensions_give_each_day_its_strongest_effect(given_rests: list[Rest]) -> None:
    found = disjoint(given_rests)
    for k in range(90):
        day = date(2026, 1, 1) + timedelta(days=k)
        effects = {r.clocks for r in given_rests if day in r.span}
        strongest = next((c for c in (SHIFT, FREEZE, NONE) if c in effects), None)
        assert [r.clocks for r in found if day in r.span] == ([] if strongest is None else [strongest])


@given(st.lists(rests(), max_size=4), DAY, st.integers(0, 30))
def test_a_clock_runs_exactly_its_length_in_days_that_count(given_rests: list[Rest], start: date, length: int) -> None:
    told = disjoint(given_rests)
    last = run_out(start, start + timedelta(days=length), told)
    assert isinstance(last, date)
    run = [start + timedelta(days=k) for k in range(1, (last - start).days + 1)]
    assert sum(not any(day in r.span for r in told if r.clocks is not NONE) for day in run) == length


@given(st.lists(rests(), max_size=4), DAY, st.integers(0, 60))
def test_late_days_are_those_outside_every_freeze(given_rests: list[Rest], after: date, length: int) -> None:
    told, until = disjoint(given_rests), after + timedelta(days=length)
    days = [after + timedelta(days=k) for k in range(1, length + 1)]
    late = [day for day in days if not any(day in r.span for r in told if r.clocks is FREEZE)]
    runs = counted(after, until, told)
    assert [day for day in days if any(day in run for run in runs)] == late
    assert sum(run.days or 0 for run in runs) == len(late)


FLOOD = ForceMajeureClause(clocks=SHIFT, notify_within=Tenor(days=3), long_stop=Tenor(days=20), opens=PowerId("P-1"))
CITED = attrs.evolve(FLOOD, citation="art. 12")
ENDS = power(kind=PowerKind.TERMINATE, consequence=EndsContract(ground=e.Ground.CAUSE), holder=Party.EITHER)


def flood(notified_on: int, *norms: str, side: Party = Party.COUNTERPARTY) -> n.ForceMajeureInvoked:
    return n.ForceMajeureInvoked(
        at=noon(march(notified_on)), by="bob", event="flood", side=side, from_day=march(4),
        notified_on=march(notified_on), norms=norms,
    )  # fmt: skip


def dry(day: int) -> n.ForceMajeureEnded:
    return n.ForceMajeureEnded(at=noon(march(day)), by="bob", event="flood", from_day=march(day))


@pytest.mark.parametrize(("told_on", "due"), [(7, 16), (8, 12)])
def test_relief_counts_from_the_event_when_notified_in_time_and_else_from_the_notice(told_on: int, due: int) -> None:
    """ICC Force Majeure Clause 2020, paragraph 5."""
    of = holding(duty(), ENDS, clauses=(FLOOD,))
    assert standing(of, ledger(flood(told_on), dry(10)), march(30)).due_on == march(due)


def test_nothing_is_excused_before_it_is_notified() -> None:
    of = holding(duty(), ENDS, clauses=(FLOOD,))
    assert standing(of, ledger(flood(7)), march(6)).state is ObligationState.IN_EFFECT
    assert standing(of, ledger(flood(7)), march(7)).state is ObligationState.SUSPENDED


def test_only_the_duties_of_the_side_that_is_prevented_rest() -> None:
    ours = duty(obligor=Party.OWN, obligee=Party.COUNTERPARTY)
    assert standing(holding(ours, clauses=(FLOOD,)), ledger(flood(5)), march(6)).state is ObligationState.IN_EFFECT
    other = flood(5, "B-2")
    of = holding(duty(), duty(id="B-2"), clauses=(FLOOD,))
    states = [s.state for s in norms_of(of, ledger(other), march(6)).obligations]
    assert states == [ObligationState.IN_EFFECT, ObligationState.SUSPENDED]


def test_after_the_long_stop_the_power_to_end_the_contract_opens() -> None:
    of = holding(duty(), ENDS, clauses=(FLOOD,))
    assert power_on(of, ledger(flood(5)), march(24)).state is PowerState.DORMANT
    assert power_on(of, ledger(flood(5)), march(25)).state is PowerState.EXERCISABLE
    assert power_on(of, ledger(flood(5), dry(20)), march(30)).state is PowerState.DORMANT


def test_without_a_clause_an_event_beyond_control_changes_nothing_and_is_listed() -> None:
    reading = norms_of(holding(duty()), ledger(flood(5), dry(8)), march(20))
    assert reading.obligations[0].due_on == march(10)
    assert [str(each.why.en) for each in reading.ignored] == [
        "the contract says nothing about events beyond control"
    ] * 2


def with_change(of: Contract, effective_on: date, **change: Any) -> Contract:
    """The contract with an amendment, recorded on 2 January 2026."""
    amendment = Amendment(id=AmendmentId("A"), title="change", base_version=0, effective_on=effective_on, **change)
    accepted = e.AmendmentAccepted(
        at("2026-01-02"), "clm", amendment=amendment.id, base_version=0, effective_on=effective_on
    )
    return attrs.evolve(of, amendments=(amendment,), events=(*of.events, accepted))


@pytest.mark.parametrize(
    ("of", "due"),
    [
        # agreed by an amendment before the event, and after it
        (with_change(holding(duty(), ENDS), march(4), adds=(FLOOD,)), 16),
        (with_change(holding(duty(), ENDS), march(5), adds=(FLOOD,)), 10),
        # dropped before the event, and after it: the relief there was is not taken back
        (with_change(holding(duty(), ENDS, clauses=(CITED,)), march(4), drops_citations=("art. 12",)), 10),
        (with_change(holding(duty(), ENDS, clauses=(CITED,)), march(20), drops_citations=("art. 12",)), 16),
        # a clause with a first day of its own
        (holding(duty(), ENDS, clauses=(attrs.evolve(FLOOD, first_day=march(4)),)), 16),
        (holding(duty(), ENDS, clauses=(attrs.evolve(FLOOD, first_day=march(5)),)), 10),
    ],
)
def test_relief_is_that_of_the_clause_in_force_when_the_event_began(of: Contract, due: int) -> None:
    reading = norms_of(of, ledger(flood(7), dry(10)), march(30))
    assert reading.obligations[0].due_on == march(due)
    assert [each.why.en for each in reading.ignored][:1] == (
        [] if due == 16 else ["the contract says nothing about events beyond control"]
    )


def test_the_long_stop_of_an_amendment_opens_its_power() -> None:
    of = with_change(holding(duty(), ENDS), date(2026, 2, 1), adds=(FLOOD,))
    assert power_on(of, ledger(flood(5)), march(24)).state is PowerState.DORMANT
    assert power_on(of, ledger(flood(5)), march(25)).state is PowerState.EXERCISABLE


def test_an_event_is_notified_after_it_began_and_a_long_stop_names_its_power() -> None:
    with pytest.raises(InvalidRecord, match="notified_on"):
        _ = flood(3)
    with pytest.raises(InvalidRecord, match="a power exactly when"):
        _ = ForceMajeureClause(long_stop=Tenor(days=20))


def test_an_entry_that_ends_nothing_is_listed() -> None:
    reading = norms_of(holding(duty(), clauses=(FLOOD,)), ledger(resumed(march(3)), dry(4)), march(5))
    assert len(reading.ignored) == 2
    assert performed(march(5)).touches == {"B-1"}
