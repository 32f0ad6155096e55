"""Month steps are anchored, and a notice is counted by inverting the forward rule."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clmcrm.calendars.months import (
    CalendarUnit,
    add_days,
    add_months,
    backward,
    days_in_months,
    end_of,
    forward,
    is_month_end,
    latest_start,
    month_end,
    month_number,
    nth,
)
from clmcrm.errors import DateRuleError
from clmcrm.values.tenor import Tenor

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
TENORS = st.builds(
    Tenor,
    years=st.integers(0, 3),
    months=st.integers(0, 30),
    weeks=st.integers(0, 5),
    days=st.integers(1, 90),
) | st.builds(Tenor, months=st.integers(1, 60))


def length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


@given(DAYS, st.integers(1, 12), st.integers(0, 100))
@example(date(2024, 1, 31), 1, 1)
@example(date(2024, 2, 29), 12, 1)
def test_anchored_series_never_drifts(anchor: date, step: int, k: int) -> None:
    day = nth(anchor, Tenor(months=step), k)
    months = anchor.year * 12 + anchor.month - 1 + k * step
    assert (day.year, day.month - 1) == divmod(months, 12)
    assert day.day == min(anchor.day, length(day))


@given(DAYS, TENORS)
@example(date(2018, 9, 30), Tenor(months=6))
@example(date(2023, 2, 28), Tenor(months=1))
@example(date(2024, 3, 1), Tenor(months=1, days=1))
def test_latest_start_equals_brute_force(last_day: date, tenor: Tenor) -> None:
    day = backward(last_day, tenor) + timedelta(days=40)
    while forward(day, tenor) > last_day:
        day -= timedelta(days=1)
    assert latest_start(last_day, tenor) == day


def test_latest_start_holds_for_every_day_of_four_years() -> None:
    tenors = [Tenor(months=m) for m in (1, 2, 3, 6, 11, 12)] + [Tenor(months=1, days=d) for d in (1, 15, 31)]
    for offset in range(4 * 365 + 1):
        last_day = date(2023, 1, 1) + timedelta(days=offset)
        for tenor in tenors:
            found = latest_start(last_day, tenor)
            assert forward(found, tenor) <= last_day < forward(found + timedelta(days=1), tenor)


@given(DAYS, TENORS, st.integers(-40, 40))
def test_forward_and_backward_are_steps_of_one(day: date, tenor: Tenor, k: int) -> None:
    assert forward(day, tenor) == nth(day, tenor, 1)
    assert backward(day, tenor) == nth(day, tenor, -1)
    assert nth(day, Tenor(days=1), k) == day + timedelta(days=k)


@pytest.mark.parametrize(
    ("unit", "day", "expect"),
    [
        (CalendarUnit.MONTH, date(2024, 2, 1), date(2024, 2, 29)),
        (CalendarUnit.QUARTER, date(2026, 1, 1), date(2026, 3, 31)),
        (CalendarUnit.QUARTER, date(2026, 12, 31), date(2026, 12, 31)),
        (CalendarUnit.HALF_YEAR, date(2026, 6, 30), date(2026, 6, 30)),
        (CalendarUnit.HALF_YEAR, date(2026, 7, 1), date(2026, 12, 31)),
        (CalendarUnit.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_end_of_a_calendar_unit(unit: CalendarUnit, day: date, expect: date) -> None:
    assert end_of(unit, day) == expect


@given(st.dates())
def test_month_end_agrees_with_the_standard_library(day: date) -> None:
    assert month_end(day) == day.replace(day=length(day))
    assert is_month_end(day) == (day.day == length(day))


@given(st.dates(), st.integers(-120_000, 120_000))
@example(date(9999, 12, 1), 1)
@example(date(1, 1, 31), -1)
def test_a_month_outside_the_calendar_is_a_typed_error(day: date, k: int) -> None:
    inside = 12 <= day.year * 12 + day.month - 1 + k <= 9999 * 12 + 11
    if inside:
        assert add_months(day, k).year in range(1, 10_000)
    else:
        with pytest.raises(DateRuleError, match="1 to 9999"):
            add_months(day, k)


@pytest.mark.parametrize(
    ("day", "tenor"),
    [(date.max, Tenor(days=1)), (date.max, Tenor(years=10_000)), (date(9999, 12, 1), Tenor(weeks=10**9))],
)
def test_a_day_after_the_last_is_a_typed_error(day: date, tenor: Tenor) -> None:
    with pytest.raises(DateRuleError):
        forward(day, tenor)


def test_a_day_before_the_first_is_a_typed_error() -> None:
    with pytest.raises(DateRuleError):
        add_days(date.min, -1)
    with pytest.raises(DateRuleError):
        latest_start(date(1, 3, 1), Tenor(months=3))
    with pytest.raises(DateRuleError):
        latest_start(date(1, 1, 3), Tenor(days=3))


def test_an_instant_is_refused_rather_than_cut_to_its_day() -> None:
    with pytest.raises(DateRuleError, match="zone"):
        month_number(datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    with pytest.raises(DateRuleError, match="zone"):
        add_months(datetime(2026, 1, 31, 23, 30, tzinfo=UTC), 1)
    with pytest.raises(DateRuleError, match="zone"):
        latest_start(datetime(2026, 1, 31, 23, 30, tzinfo=UTC), Tenor(days=3))


@given(st.integers(0, 130), st.dates(date(1890, 1, 1), date(2110, 12, 31)))
@example(2, date(2025, 12, 31))
@example(1, date(2026, 1, 30))
@example(97, date(1896, 3, 1))
def test_so_many_months_have_no_fewer_and_no_more_days(count: int, first: date) -> None:
    fewest, most = days_in_months(count)
    assert fewest <= (add_months(first, count) - first).days <= most


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 6, 11, 12, 13, 24, 47, 48, 96, 97, 120, 1200])
def test_both_bounds_are_reached(count: int) -> None:
    firsts = (date(year, month, 1) for year in range(1600, 2001) for month in range(1, 13))
    lengths = {(add_months(first, count) - first).days for first in firsts}
    assert (min(lengths), max(lengths)) == days_in_months(count)


def test_the_calendar_repeats_after_400_years() -> None:
    assert days_in_months(4800) == (146_097, 146_097)
    assert days_in_months(4801) == (146_097 + 28, 146_097 + 31)
