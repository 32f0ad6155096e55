"""Cases and loyalty: where things stand follows from what happened and a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.activity import Activity
from clmcrm.crm.case import Case, CaseStatus, Entitlement, SlaState, resolution_state, response_state
from clmcrm.crm.loyalty import LoyaltyEntry, LoyaltyProgram, LoyaltyTier, balance
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId, ActivityId, CaseId, EntitlementId

DAY = date(2026, 1, 1)
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


@pytest.mark.parametrize("status", [CaseStatus.RESOLVED, CaseStatus.CLOSED])
def test_a_case_that_is_over_since_nobody_says_when_is_not_overdue(status: CaseStatus) -> None:
    over = Case(id=CaseId("k"), resolution_due_at=NOON, status=status)
    assert [resolution_state(over, at) for at in (NOON, NOON + HOUR)] == [SlaState.UNKNOWN] * 2
    assert resolution_state(Case(id=CaseId("k"), status=status), NOON) is SlaState.NOT_PROMISED
    unanswered = Case(id=CaseId("k"), response_due_at=NOON, status=status)
    assert [response_state(unanswered, at) for at in (NOON, NOON + HOUR)] == [SlaState.UNKNOWN] * 2


@pytest.mark.parametrize(("closed", "state"), [(NOON, SlaState.MET), (NOON + HOUR, SlaState.UNKNOWN)])
def test_a_case_is_answered_at_the_latest_when_it_ends(closed: datetime, state: SlaState) -> None:
    case = Case(id=CaseId("k"), response_due_at=NOON, closed_at=closed)
    assert response_state(case, NOON + HOUR) is state


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
    assert "spends 1 point more" in str(balance([entry(-1, date(2026, 7, 1))], date(2026, 7, 1)).problems[0])


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


@given(ENTRIES, st.integers(0, 50))
def test_a_balance_is_what_a_clerk_holds_point_by_point(entries: list[LoyaltyEntry], day: int) -> None:
    purse: list[date] = []  # the last day of each point
    lapsed = 0
    for on in (DAY + timedelta(days=n) for n in range(day + 1)):
        lapsed += sum(last < on for last in purse)
        purse = sorted(last for last in purse if last >= on)
        today = [e for e in entries if e.on == on]
        purse += [e.last_day or date.max for e in today for _ in range(max(e.points, 0))]
        purse = sorted(purse)[sum(max(-e.points, 0) for e in today) :]
    found = balance(entries, DAY + timedelta(days=day))
    assert (found.points, found.lapsed) == (len(purse), lapsed)


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
