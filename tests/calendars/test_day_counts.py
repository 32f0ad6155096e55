"""Day counts are exact, add up where they should, and treat February as their text says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clmcrm.calendars.day_counts import (
    DayCount,
    counted_days,
    days_ratio,
    year_fraction,
)
from clmcrm.calendars.months import nth
from clmcrm.calendars.payment_periods import PaymentPeriods
from clmcrm.errors import DateRuleError, InvalidRecord
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
ADDITIVE = [
    DayCount.ACT_ACT_ISDA,
    DayCount.ACT_360,
    DayCount.ACT_364,
    DayCount.ACT_365F,
    DayCount.ACT_365_25,
    DayCount.NL_360,
    DayCount.NL_365,
]


@given(st.tuples(DAYS, DAYS, DAYS).map(sorted), st.sampled_from(ADDITIVE))
def test_parts_add_up_to_the_whole(days: list[date], convention: DayCount) -> None:
    one, two, three = days
    parts = year_fraction(convention, one, two) + year_fraction(convention, two, three)
    assert parts == year_fraction(convention, one, three)


@given(DAYS, st.integers(1, 30))
def test_whole_years_count_as_whole_years(first: date, years: int) -> None:
    last = nth(first, Tenor(years=years), 1)
    if first.day <= 28:
        for convention in (DayCount.THIRTY_360_ISDA, DayCount.THIRTY_E_360, DayCount.THIRTY_U_360):
            assert year_fraction(convention, first, last) == years
    begin = date(first.year, 1, 1)
    assert year_fraction(DayCount.ACT_ACT_ISDA, begin, date(begin.year + years, 1, 1)) == years


@given(DAYS, st.sampled_from((1, 3, 6, 12)), st.integers(0, 20), st.booleans())
def test_each_regular_payment_period_is_its_share_of_a_year_under_icma(
    first: date, months: int, k: int, at_the_end: bool
) -> None:
    if first.day > 28:
        return
    frequency = Tenor(months=months)
    one, other = nth(first, frequency, k), nth(first, frequency, k + 1)
    periods = PaymentPeriods(
        next_payment_on=other, last_payment_on=other if at_the_end else date.max, frequency=frequency
    )
    found = year_fraction(DayCount.ACT_ACT_ICMA, one, other, periods=periods)
    assert found == Fraction(months, 12)


@pytest.mark.parametrize(
    ("convention", "first", "last", "terms", "expect"),
    [
        # The four ways to end a February: 28 Feb to 31 March 2026, and from its end to its end.
        (DayCount.THIRTY_360_ISDA, date(2026, 2, 28), date(2026, 3, 31), {}, 33),
        (DayCount.THIRTY_E_360, date(2026, 2, 28), date(2026, 3, 31), {}, 32),
        (DayCount.THIRTY_E_360_ISDA, date(2026, 2, 28), date(2026, 3, 31), {}, 30),
        (DayCount.THIRTY_U_360, date(2026, 2, 28), date(2026, 3, 31), {"month_end_rule": True}, 30),
        (DayCount.THIRTY_U_360, date(2026, 2, 28), date(2026, 3, 31), {}, 33),
        (DayCount.THIRTY_U_360, date(2025, 2, 28), date(2028, 2, 29), {"month_end_rule": True}, 1080),
        (DayCount.THIRTY_360_ISDA, date(2025, 2, 28), date(2028, 2, 29), {}, 1081),
        (DayCount.THIRTY_E_360_ISDA, date(2025, 2, 28), date(2028, 2, 29), {}, 1080),
        (DayCount.ACT_365F, date(2024, 2, 28), date(2024, 3, 1), {}, 2),
        (DayCount.ONE_ONE, date(2024, 2, 28), date(2024, 3, 1), {}, 1),
        (DayCount.THIRTY_360_PSA, date(2026, 2, 28), date(2026, 3, 31), {}, 30),
        (DayCount.THIRTY_360_PSA, date(2025, 2, 28), date(2028, 2, 29), {}, 1079),
        (DayCount.THIRTY_E_PLUS_360, date(2026, 2, 28), date(2026, 3, 31), {}, 33),
        (DayCount.THIRTY_E_365, date(2026, 2, 28), date(2026, 3, 31), {}, 30),
        (DayCount.NL_360, date(2024, 2, 28), date(2024, 3, 1), {}, 1),
    ],
)
def test_the_days_each_convention_counts(
    convention: DayCount, first: date, last: date, terms: dict[str, bool], expect: int
) -> None:
    assert counted_days(convention, first, last, month_end_rule=terms.get("month_end_rule", False)) == expect


def _leap_days(days: Iterable[date]) -> int:
    return sum((day.month, day.day) == (2, 29) for day in days)


def _between(first: date, last: date) -> list[date]:
    """The days from the first to before the last."""
    return [first + timedelta(days=n) for n in range((last - first).days)]


@given(DAYS, st.integers(0, 4000))
@example(date(2024, 2, 28), 1)
@example(date(2024, 2, 29), 1461)
def test_29_februaries_are_counted_as_one_by_one(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    leap = _leap_days(day + timedelta(days=1) for day in _between(first, last))
    assert counted_days(DayCount.NL_365, first, last) == length - leap
    assert year_fraction(DayCount.ACT_365_ACTUAL, first, last) == Fraction(length, 366 if leap else 365)


@given(DAYS, st.integers(0, 4000))
@example(date(2024, 2, 29), 365)
@example(date(2003, 2, 28), 1826)
def test_under_afb_whole_years_are_taken_off_the_end(first: date, length: int) -> None:
    end, years = first + timedelta(days=length), 0
    last = end
    while nth(end, Tenor(years=1), -years - 1) >= first:
        years += 1
        last = nth(end, Tenor(years=1), -years)
    rest = _between(first, last)
    expect = years + Fraction(len(rest), 366 if _leap_days(rest) else 365)
    assert year_fraction(DayCount.ACT_ACT_AFB, first, end) == expect


@given(DAYS, st.integers(0, 30), st.integers(0, 364))
def test_the_years_of_the_period_itself_are_whole_and_the_rest_is_less_than_one(
    first: date, years: int, more: int
) -> None:
    begun = nth(first, Tenor(years=1), years)
    found = year_fraction(DayCount.ACT_ACT_YEAR, first, begun + timedelta(days=more))
    assert found // 1 == years
    assert found % 1 in (Fraction(more, 365), Fraction(more, 366))


def test_february_is_not_thirty_days_long_at_maturity() -> None:
    first, last = date(2025, 8, 31), date(2026, 2, 28)
    periods = PaymentPeriods(next_payment_on=last, last_payment_on=last, frequency=Tenor(months=6))
    assert counted_days(DayCount.THIRTY_E_360_ISDA, first, last) == 180
    assert counted_days(DayCount.THIRTY_E_360_ISDA, first, last, periods=periods) == 178


@given(DAYS, st.sampled_from(list(DayCount)))
@example(date(2026, 2, 28), DayCount.THIRTY_E_360_ISDA)
def test_a_period_of_no_days_is_nothing(day: date, convention: DayCount) -> None:
    periods = PaymentPeriods(next_payment_on=day, last_payment_on=day, frequency=Tenor(months=1))
    expect = 1 if convention is DayCount.ONE_ONE else 0
    assert year_fraction(convention, day, day, periods=periods) == expect


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(DateRuleError, match="before it begins"):
        year_fraction(DayCount.ACT_360, date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(DateRuleError, match="needs the payment periods"):
        year_fraction(DayCount.ACT_ACT_ICMA, date(2026, 1, 1), date(2026, 7, 1))
    with pytest.raises(DateRuleError, match="ACT/365L from 2026-01-01 needs the payment periods"):
        year_fraction(DayCount.ACT_365L, date(2026, 1, 1), date(2026, 7, 1))
    with pytest.raises(DateRuleError, match="must both have an end"):
        days_ratio(Span(date(2026, 1, 1)), Span(date(2026, 1, 1), date(2026, 1, 1)))


@pytest.mark.parametrize("frequency", [Tenor(days=30), Tenor(months=5), Tenor(years=2), Tenor(weeks=2)])
def test_payment_periods_divide_a_year(frequency: Tenor) -> None:
    with pytest.raises(InvalidRecord, match="divide a year"):
        PaymentPeriods(next_payment_on=date.max, last_payment_on=date.max, frequency=frequency)


@pytest.mark.parametrize("convention", [DayCount.ACT_ACT_ICMA, DayCount.ACT_365L])
@pytest.mark.parametrize("last", [date(2026, 4, 1), date(2030, 1, 1)])
def test_days_beyond_the_payment_that_ends_them_are_refused(convention: DayCount, last: date) -> None:
    """The days after the payment were left out without a word: half a year was a quarter."""
    periods = PaymentPeriods(next_payment_on=date(2026, 4, 1), last_payment_on=last, frequency=Tenor(months=6))
    first_day = date(2026, 1, 1)
    assert year_fraction(convention, first_day, date(2026, 4, 1), periods=periods) > 0
    with pytest.raises(DateRuleError, match="after the payment on 2026-04-01"):
        _ = year_fraction(convention, first_day, date(2026, 4, 2), periods=periods)


def test_a_schedule_does_not_end_before_its_next_payment() -> None:
    with pytest.raises(InvalidRecord, match="last_payment_on"):
        _ = PaymentPeriods(
            next_payment_on=date(2026, 4, 1), last_payment_on=date(2026, 3, 31), frequency=Tenor(months=6)
        )
