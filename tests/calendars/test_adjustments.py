"""Adjustments stay where the convention says, and business days are counted in (after, last_day]."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.adjustments import (
    Convention,
    adjust,
    business_days,
    count_business_days,
    last_business_day,
    nth_business_day,
)
from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY, HolidayTable, is_business_day
from clmcrm.errors import DateRuleError, OutsideCoverage

MAY = {date(2026, 5, day): "holiday" for day in (1, 8, 14, 25)}
FRANCE = HolidayTable(name="France", place="FR", holidays=MAY)
NEVER = HolidayTable(name="never open", place="nowhere", closed_weekdays=frozenset(range(7)))
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
MOVING = st.sampled_from([c for c in Convention if c is not Convention.NONE])


@given(DAYS, MOVING)
def test_an_adjusted_day_is_open_and_stays_when_adjusted_again(day: date, convention: Convention) -> None:
    moved = adjust(day, convention, FRANCE)
    assert is_business_day(moved, FRANCE)
    assert adjust(moved, convention, FRANCE) == moved
    if is_business_day(day, FRANCE):
        assert moved == day


@given(DAYS)
def test_modified_conventions_stay_in_the_month(day: date) -> None:
    for convention in (Convention.MODIFIED_FOLLOWING, Convention.MODIFIED_PRECEDING):
        assert adjust(day, convention, FRANCE).month == day.month
    half = adjust(day, Convention.MODIFIED_FOLLOWING_BI_MONTHLY, FRANCE)
    assert (half.month, half.day <= 15) == (day.month, day.day <= 15)


@pytest.mark.parametrize(
    ("day", "convention", "expect"),
    [
        (date(2026, 5, 9), Convention.NONE, date(2026, 5, 9)),
        (date(2026, 5, 14), Convention.FOLLOWING, date(2026, 5, 15)),
        (date(2026, 5, 10), Convention.PRECEDING, date(2026, 5, 7)),
        (date(2026, 5, 31), Convention.MODIFIED_FOLLOWING, date(2026, 5, 29)),
        (date(2026, 5, 2), Convention.MODIFIED_PRECEDING, date(2026, 5, 4)),
        (date(2026, 5, 9), Convention.NEAREST, date(2026, 5, 7)),
        (date(2026, 5, 10), Convention.NEAREST, date(2026, 5, 11)),
        (date(2026, 5, 25), Convention.NEAREST, date(2026, 5, 26)),
        # QuantLib and Strata agree on this one: the 15th is a Saturday.
        (date(2014, 11, 15), Convention.MODIFIED_FOLLOWING_BI_MONTHLY, date(2014, 11, 14)),
    ],
)
def test_each_convention(day: date, convention: Convention, expect: date) -> None:
    assert adjust(day, convention, FRANCE) == expect


@given(DAYS, st.integers(0, 60))
def test_the_count_excludes_the_first_day_and_includes_the_last(after: date, length: int) -> None:
    last_day = after + timedelta(days=length)
    days = business_days(after, last_day, FRANCE)
    assert count_business_days(after, last_day, FRANCE) == len(days)
    assert count_business_days(last_day, after, FRANCE) == -len(days)
    assert after not in days
    assert (last_day in days) == (length > 0 and is_business_day(last_day, FRANCE))
    assert all(nth_business_day(after, n, FRANCE) == day for n, day in enumerate(days, 1))


@given(DAYS, st.integers(1, 60))
def test_the_nth_business_day_can_be_walked_back(day: date, n: int) -> None:
    start = adjust(day, Convention.FOLLOWING, FRANCE)
    assert nth_business_day(nth_business_day(start, n, FRANCE), -n, FRANCE) == start
    assert nth_business_day(day, 0, FRANCE) == day


def test_a_calendar_that_never_opens_is_a_typed_error() -> None:
    with pytest.raises(DateRuleError, match="never open has no business day"):
        adjust(date(2026, 5, 9), Convention.FOLLOWING, NEVER)


def test_a_month_that_never_opens_has_no_last_business_day() -> None:
    august = dict.fromkeys([date(2026, 8, day) for day in range(1, 32)], "summer")
    with pytest.raises(DateRuleError, match="2026-08"):
        last_business_day(date(2026, 8, 3), HolidayTable(name="closed", place="FR", holidays=august))


def test_nothing_is_guessed_outside_the_calendars_data() -> None:
    short = HolidayTable(name="2026", place="FR", last_day=date(2026, 12, 31), first_day=date(2026, 1, 1))
    with pytest.raises(OutsideCoverage):
        adjust(date(2027, 1, 1), Convention.FOLLOWING, short)


def test_the_ends_of_time_are_typed_errors() -> None:
    # 31 December 9999 is a Friday, so the search has to start from a day that is made a holiday.
    closed = HolidayTable(name="closed", place="FR", holidays={date.max: "the end"})
    with pytest.raises(DateRuleError):
        adjust(date.max, Convention.FOLLOWING, closed)
    assert adjust(date.max, Convention.FOLLOWING, MONDAY_TO_FRIDAY) == date.max
