"""Journeys, cases and loyalty: where things stand follows from what happened and a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.activity import Activity
from clmcrm.crm.case import Case, Entitlement, SlaState, resolution_state, response_state
from clmcrm.crm.journey import (
    Journey,
    JourneyState,
    JourneyStep,
    Travel,
    standing,
    step_taken,
    travellers_due,
)
from clmcrm.crm.loyalty import LoyaltyEntry, LoyaltyProgram, LoyaltyTier, balance
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.ids import AccountId, ActivityId, CaseId, EntitlementId, JourneyId, LeadId

WELCOME = Journey(
    id=JourneyId("j"),
    name="Welcome",
    steps=(JourneyStep(name="mail", action="write"), JourneyStep(name="call", action="call", wait_days=7)),
)
DAY = date(2026, 1, 1)


def travel(*taken: date, left_on: date | None = None) -> Travel:
    return Travel(journey=JourneyId("j"), lead=LeadId("l"), entered_on=DAY, taken=taken, left_on=left_on)


@pytest.mark.parametrize(
    ("here", "as_of", "state", "due_on"),
    [
        (travel(), DAY, JourneyState.DUE, DAY),
        (travel(DAY), date(2026, 1, 7), JourneyState.WAITING, date(2026, 1, 8)),
        (travel(DAY), date(2026, 1, 8), JourneyState.DUE, date(2026, 1, 8)),
        (travel(DAY, date(2026, 1, 9)), date(2026, 1, 9), JourneyState.FINISHED, None),
        (travel(left_on=date(2026, 1, 5)), date(2026, 1, 5), JourneyState.LEFT, None),
        (travel(left_on=date(2026, 1, 5)), date(2026, 1, 4), JourneyState.DUE, DAY),
    ],
)
def test_a_traveller_stands_where_days_and_steps_put_him(
    here: Travel, as_of: date, state: JourneyState, due_on: date | None
) -> None:
    found = standing(WELCOME, here, as_of)
    assert (found.state, found.due_on) == (state, due_on)


def test_a_step_is_taken_on_its_day_and_not_before() -> None:
    after_mail = step_taken(WELCOME, travel(), DAY)
    with pytest.raises(TransitionNotAllowed, match="call is due on 2026-01-08"):
        step_taken(WELCOME, after_mail, date(2026, 1, 7))
    done = step_taken(WELCOME, after_mail, date(2026, 1, 10))
    assert done.taken == (DAY, date(2026, 1, 10))
    with pytest.raises(TransitionNotAllowed, match="finished"):
        step_taken(WELCOME, done, date(2026, 2, 1))


def test_only_travellers_of_this_journey_fall_due() -> None:
    other = Travel(journey=JourneyId("k"), lead=LeadId("l"), entered_on=DAY)
    found = travellers_due(WELCOME, [travel(), other, travel(DAY)], DAY)
    assert [(t.taken, s.name) for t, s in found] == [((), "mail")]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"lead": None}, "contact"),
        ({"account": "a"}, "contact"),
        ({"taken": (date(2025, 1, 1),)}, "taken"),
        ({"taken": (date(2026, 3, 1), date(2026, 2, 1))}, "taken"),
    ],
)
def test_an_impossible_travel_is_refused(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        Travel(**{"journey": "j", "lead": "l", "entered_on": DAY, **facts})
    assert refusal.value.field == field


def test_a_journey_needs_steps_with_their_own_names() -> None:
    for steps in ((), (WELCOME.steps[0], WELCOME.steps[0])):
        with pytest.raises(InvalidRecord):
            Journey(id=JourneyId("j"), name="J", steps=steps)


NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("due", "done", "stopped", "seen", "state"),
    [
        (None, None, False, NOON, SlaState.NOT_PROMISED),
        (NOON, None, False, NOON, SlaState.RUNNING),
        (NOON, None, False, NOON + HOUR, SlaState.OVERDUE),
        (NOON, None, True, NOON + HOUR, SlaState.STOPPED),
        (NOON, NOON, False, NOON, SlaState.MET),
        (NOON, NOON + HOUR, False, NOON + HOUR, SlaState.LATE),
        (NOON, NOON + HOUR, True, NOON + 2 * HOUR, SlaState.LATE),
        (NOON, NOON + HOUR, False, NOON - HOUR, SlaState.RUNNING),
    ],
)
def test_a_promised_time_is_judged_by_what_happened_until_then(
    due: datetime | None, done: datetime | None, stopped: bool, seen: datetime, state: SlaState
) -> None:
    answered = Case(id=CaseId("k"), response_due_at=due, responded_at=done, is_stopped=stopped)
    solved = Case(id=CaseId("k"), resolution_due_at=due, closed_at=done, is_stopped=stopped)
    assert response_state(answered, seen) is state
    assert resolution_state(solved, seen) is state


def test_an_entitlement_covers_both_its_ends_while_cases_are_left() -> None:
    gold = Entitlement(
        id=EntitlementId("e"),
        name="Gold",
        account=AccountId("a"),
        first_day=DAY,
        last_day=date(2026, 12, 31),
    )
    days = (date(2025, 12, 31), DAY, date(2026, 12, 31), date(2027, 1, 1))
    assert [gold.covers(day) for day in days] == [False, True, True, False]
    spent = Entitlement(id=EntitlementId("e"), name="Gold", account=AccountId("a"), cases_left=0)
    assert not spent.covers(DAY)


def test_a_task_is_overdue_from_the_day_after_unless_done() -> None:
    task = Activity(id=ActivityId("t"), due_on=DAY)
    assert not task.overdue(DAY)
    assert task.overdue(DAY + timedelta(days=1))
    assert not Activity(id=ActivityId("t"), due_on=DAY, is_done=True).overdue(date.max)


def entry(points: int, on: date = DAY, last_day: date | None = None) -> LoyaltyEntry:
    return LoyaltyEntry(account=AccountId("a"), points=points, on=on, last_day=last_day, reason="order")


def test_points_that_lapse_first_are_spent_first() -> None:
    entries = [entry(100), entry(100, last_day=date(2026, 6, 30)), entry(-80, date(2026, 3, 1))]
    summer = balance(entries, date(2026, 6, 30))
    assert (summer.points, summer.lapsed) == (120, 0)
    july = balance(entries, date(2026, 7, 1))
    assert (july.points, july.lapsed) == (100, 20)


def test_lapsed_points_cannot_be_spent() -> None:
    entries = [entry(100, last_day=date(2026, 6, 30)), entry(-100, date(2026, 7, 1))]
    found = balance(entries, date(2026, 7, 1))
    assert (found.points, found.lapsed) == (0, 100)
    assert "spends 100 points more" in str(found.problems[0])


ENTRIES = st.lists(
    st.builds(
        lambda points, day, keeps: entry(
            points,
            DAY + timedelta(days=day),
            DAY + timedelta(days=day + keeps) if points > 0 and keeps else None,
        ),
        st.integers(-50, 50).filter(bool),
        st.integers(0, 20),
        st.integers(0, 20),
    ),
    max_size=10,
)


@given(ENTRIES, st.integers(0, 50), st.randoms(use_true_random=False))
def test_no_point_is_lost_or_made_whatever_the_order(entries: list[LoyaltyEntry], day: int, random: Any) -> None:
    as_of = DAY + timedelta(days=day)
    found = balance(entries, as_of)
    happened = [e.points for e in entries if e.on <= as_of]
    earned, spent = sum(p for p in happened if p > 0), -sum(p for p in happened if p < 0)
    lacking = sum(int(p.what.split()[1]) for p in found.problems)
    assert found.points + found.lapsed == earned - (spent - lacking)
    shuffled = list(entries)
    random.shuffle(shuffled)
    again = balance(shuffled, as_of)
    assert (again.points, again.lapsed) == (found.points, found.lapsed)


def test_a_tier_is_reached_at_its_points() -> None:
    tiers = (LoyaltyTier(name="silver", points=100), LoyaltyTier(name="gold", points=200))
    program = LoyaltyProgram(name="Club", tiers=tiers)
    assert [program.tier(points) for points in (99, 100, 199, 200)] == [None, tiers[0], tiers[0], tiers[1]]
    with pytest.raises(InvalidRecord):
        LoyaltyProgram(name="Club", tiers=tiers[::-1])


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"points": 0}, "points"),
        ({"points": True}, "points"),
        ({"points": "5"}, "points"),
        ({"account": None}, "account"),
        ({"contact": "c"}, "account"),
        ({"points": -5, "last_day": date(2026, 2, 1)}, "last_day"),
        ({"last_day": date(2025, 1, 1)}, "last_day"),
    ],
)
def test_an_impossible_entry_is_refused(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        LoyaltyEntry(**{"account": "a", "points": 5, "on": DAY, "reason": "order", **facts})
    assert refusal.value.field == field
