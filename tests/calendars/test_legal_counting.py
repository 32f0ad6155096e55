from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY, HolidayTable
from clmcrm.calendars.legal_counting import (
    latest_notice_day,
    moved,
    nth_open_day,
    period_last_day,
    with_least_open_days,
)
from clmcrm.calendars.legal_time import after, before_clear, before_nth, notice_latest, term_last_day
from clmcrm.calendars.months import forward
from clmcrm.calendars.regimes.known import REGIMES
from clmcrm.calendars.regimes.record import Regime, WhenClosed
from clmcrm.errors import DateRuleError
from clmcrm.values.tenor import Tenor

ONE_DAY = timedelta(days=1)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
amounts = st.tuples(st.integers(0, 2), st.integers(0, 13), st.integers(0, 6), st.integers(0, 95))
periods = amounts.filter(any).map(lambda n: Tenor(years=n[0], months=n[1], weeks=n[2], days=n[3]))
holidays = st.frozensets(st.dates(date(2025, 1, 1), date(2026, 12, 31)), max_size=30)


def brute_force(last_day: date, period: Tenor) -> date:
    """The latest day whose period ends by the last day, found by trying day after day."""
    day = last_day
    while forward(day, period) > last_day:
        day -= ONE_DAY
    return day


@given(days, periods)
def test_the_notice_deadline_is_the_latest_day_that_brute_force_finds(last_day: date, period: Tenor) -> None:
    assert latest_notice_day(last_day, period) == brute_force(last_day, period)


@given(days, periods, st.sampled_from(REGIMES))
def test_the_explained_notice_deadline_is_the_plain_one(last_day: date, period: Tenor, law: Regime) -> None:
    plain = latest_notice_day(last_day, period, law.backward.when_closed, MONDAY_TO_FRIDAY)
    assert notice_latest(last_day, period, law=law, calendar=MONDAY_TO_FRIDAY).day == plain


@given(days, periods, holidays)
def test_counting_backwards_never_moves_a_day_later(event: date, period: Tenor, closed: frozenset[date]) -> None:
    calendar = HolidayTable(name="x", place="x", holidays=dict.fromkeys(closed, "holiday"))
    for law in REGIMES:
        for operation in (before_nth, before_clear, notice_latest):
            stays = operation(event, period, law=law, calendar=calendar, when_closed=WhenClosed.STAYS).day
            assert operation(event, period, law=law, calendar=calendar).day <= stays
            with pytest.raises(DateRuleError, match="never moves later"):
                _ = operation(event, period, law=law, calendar=calendar, when_closed=WhenClosed.NEXT)


@given(days, periods)
def test_counting_forwards_never_moves_a_day_earlier(event: date, period: Tenor) -> None:
    for law in REGIMES:
        moved_or_not = after(event, period, law=law, calendar=MONDAY_TO_FRIDAY)
        assert moved_or_not.day >= forward(event, period)


@given(days, periods)
def test_the_last_step_with_a_day_arrives_at_the_answer(event: date, period: Tenor) -> None:
    for law in REGIMES:
        for result in (
            after(event, period, law=law, calendar=MONDAY_TO_FRIDAY),
            before_nth(event, period, law=law, calendar=MONDAY_TO_FRIDAY),
            before_clear(event, period, law=law, calendar=MONDAY_TO_FRIDAY),
            notice_latest(event, period, law=law, calendar=MONDAY_TO_FRIDAY),
            term_last_day(event, period, law=law),
        ):
            assert [step.day for step in result.steps if step.day is not None][-1] == result.day


@given(days, periods)
def test_a_term_whose_first_day_counts_ends_before_the_corresponding_day(first_day: date, term: Tenor) -> None:
    last_day = period_last_day(first_day, term, first_day_counted=True)
    corresponding = forward(first_day, term)
    assert last_day in {corresponding - ONE_DAY, corresponding}
    clipped = forward(first_day, Tenor(months=term.whole_months)) if term.whole_months else first_day
    assert (last_day == corresponding) is (clipped.day < first_day.day)


# BGB § 188 (2), (3): the day before the corresponding one; where that day is missing, the month's last.
TERMS = [
    (date(2026, 1, 1), Tenor(months=1), date(2026, 1, 31)),
    (date(2026, 1, 31), Tenor(months=1), date(2026, 2, 28)),
    (date(2026, 1, 30), Tenor(months=1), date(2026, 2, 28)),
    (date(2026, 1, 29), Tenor(months=1), date(2026, 2, 28)),
    (date(2026, 1, 28), Tenor(months=1), date(2026, 2, 27)),
    (date(2024, 2, 29), Tenor(years=1), date(2025, 2, 28)),
    (date(2026, 3, 1), Tenor(days=14), date(2026, 3, 14)),
    (date(2026, 3, 2), Tenor(weeks=1), date(2026, 3, 8)),
]


@pytest.mark.parametrize(("first_day", "term", "last_day"), TERMS)
def test_a_counted_first_day_shortens_the_term_by_one_day(first_day: date, term: Tenor, last_day: date) -> None:
    assert period_last_day(first_day, term, first_day_counted=True) == last_day


@given(days, st.integers(-40, 40).filter(bool))
def test_open_days_are_counted_one_by_one(start: date, n: int) -> None:
    day = nth_open_day(start, n, MONDAY_TO_FRIDAY)
    between = (start + ONE_DAY, day) if n > 0 else (day, start - ONE_DAY)
    span = range((between[1] - between[0]).days + 1)
    assert sum((between[0] + k * ONE_DAY).weekday() < 5 for k in span) == abs(n)
    assert day.weekday() < 5


def test_a_day_that_moves_needs_a_calendar() -> None:
    with pytest.raises(DateRuleError, match="needs a calendar"):
        _ = latest_notice_day(date(2026, 3, 31), Tenor(months=1), WhenClosed.PREVIOUS)


def test_there_is_no_zeroth_open_day() -> None:
    with pytest.raises(DateRuleError, match="0th"):
        _ = nth_open_day(date(2026, 3, 31), 0, MONDAY_TO_FRIDAY)


def test_a_day_moves_as_told() -> None:
    saturday = date(2026, 2, 28)
    assert moved(saturday, WhenClosed.STAYS, MONDAY_TO_FRIDAY) == saturday
    assert moved(saturday, WhenClosed.NEXT, MONDAY_TO_FRIDAY) == date(2026, 3, 2)
    assert moved(saturday, WhenClosed.PREVIOUS, MONDAY_TO_FRIDAY) == date(2026, 2, 27)


def test_a_period_is_stretched_to_hold_its_working_days_in_either_direction() -> None:
    friday, monday = date(2026, 5, 8), date(2026, 5, 11)
    assert with_least_open_days(friday, monday, 2, MONDAY_TO_FRIDAY) == date(2026, 5, 12)
    assert with_least_open_days(monday, friday + ONE_DAY, 2, MONDAY_TO_FRIDAY) == date(2026, 5, 7)
    assert with_least_open_days(friday, monday, 0, MONDAY_TO_FRIDAY) == monday
