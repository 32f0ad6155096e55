"""How long a period is as a share of a year: twenty day count conventions, exact.

The rule of the file: a period runs from `first_day`, which counts, to `next_first_day`, which does not;
results are `Fraction`s, so that parts add up to the whole, and rounding happens once, in the money. Names
and rules follow the ISDA 2006 Definitions, section 4.16, the ISDA memorandum of 1999 on ACT/ACT, and the
FpML day count schemes.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from clmcrm.calendars.actual_days import (
    act_365_actual,
    act_365l,
    act_act_afb,
    act_act_icma,
    act_act_isda,
    act_act_year,
    leap_days_passed,
)
from clmcrm.calendars.months import is_month_end
from clmcrm.calendars.payment_periods import PaymentPeriods
from clmcrm.errors import DateRuleError
from clmcrm.values.span import Span

_FEBRUARY: Final = 2
_MONTH: Final = 30
_MONTHS_IN_YEAR: Final = 12


class DayCount(StrEnum):
    """A convention, by the name the market writes."""

    ONE_ONE = "1/1"
    ACT_ACT_ISDA = "ACT/ACT ISDA"
    ACT_ACT_ICMA = "ACT/ACT ICMA"
    ACT_360 = "ACT/360"
    ACT_364 = "ACT/364"
    ACT_365F = "ACT/365F"
    ACT_365_25 = "ACT/365.25"
    THIRTY_360_ISDA = "30/360 ISDA"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"
    THIRTY_U_360 = "30U/360"
    ACT_ACT_AFB = "ACT/ACT AFB"
    ACT_ACT_YEAR = "ACT/ACT Year"
    ACT_365_ACTUAL = "ACT/365 Actual"
    ACT_365L = "ACT/365L"
    NL_360 = "NL/360"
    NL_365 = "NL/365"
    THIRTY_360_PSA = "30/360 PSA"
    THIRTY_E_PLUS_360 = "30E+/360"
    THIRTY_E_365 = "30E/365"


def year_fraction(
    convention: DayCount,
    first_day: date,
    next_first_day: date,
    *,
    periods: PaymentPeriods | None = None,
    month_end_rule: bool = False,
) -> Fraction:
    """The share of a year from `first_day` (counted) to `next_first_day` (not counted), exactly.

    ACT/ACT ICMA and ACT/365L need `periods`. 30E/360 ISDA treats the end of February as the 30th unless `periods`
    says that it is the last payment. 30U/360 treats two ends of February so only under `month_end_rule`. Raises
    `DateRuleError` for dates out of order, a missing `periods`, or days that lie beyond the payment they name.

    >>> year_fraction(DayCount.ACT_360, date(2026, 1, 1), date(2026, 7, 1))
    Fraction(181, 360)
    >>> year_fraction(DayCount.THIRTY_E_360, date(2026, 1, 31), date(2026, 2, 28))
    Fraction(7, 90)
    """
    _refuse_reversed(first_day, next_first_day)
    if convention is DayCount.ONE_ONE:
        return Fraction(1)
    if convention in _BY_DATES:
        return _BY_DATES[convention](first_day, next_first_day)
    if convention in _BY_PERIODS:
        if periods is None:
            raise DateRuleError(f"{convention.value} from {first_day} needs the payment periods it lies in")
        if next_first_day > periods.next_payment_on:
            paid = periods.next_payment_on
            raise DateRuleError(f"the period ends on {next_first_day}, after the payment on {paid} that should end it")
        return _BY_PERIODS[convention](first_day, next_first_day, periods)
    days = counted_days(convention, first_day, next_first_day, periods=periods, month_end_rule=month_end_rule)
    return days / _YEARS[convention]


_THIRTIES: Final = {
    DayCount.THIRTY_360_ISDA,
    DayCount.THIRTY_E_360,
    DayCount.THIRTY_E_360_ISDA,
    DayCount.THIRTY_U_360,
    DayCount.THIRTY_360_PSA,
    DayCount.THIRTY_E_PLUS_360,
    DayCount.THIRTY_E_365,
}
_WITHOUT_LEAP_DAYS: Final = {DayCount.NL_360, DayCount.NL_365}
_BY_DATES: Final = {
    DayCount.ACT_ACT_ISDA: act_act_isda,
    DayCount.ACT_ACT_AFB: act_act_afb,
    DayCount.ACT_ACT_YEAR: act_act_year,
    DayCount.ACT_365_ACTUAL: act_365_actual,
}
_BY_PERIODS: Final = {DayCount.ACT_ACT_ICMA: act_act_icma, DayCount.ACT_365L: act_365l}
_YEARS: Final = {
    DayCount.ACT_360: Fraction(360),
    DayCount.ACT_364: Fraction(364),
    DayCount.ACT_365F: Fraction(365),
    DayCount.ACT_365_25: Fraction(1461, 4),
    DayCount.NL_360: Fraction(360),
    DayCount.NL_365: Fraction(365),
    **dict.fromkeys(_THIRTIES, Fraction(360)),
    DayCount.THIRTY_E_365: Fraction(365),
}
BY_PAYMENT_PERIODS: Final = frozenset(_BY_PERIODS)
"""The conventions that need to know the payment periods."""


def counted_days(
    convention: DayCount,
    first_day: date,
    next_first_day: date,
    *,
    periods: PaymentPeriods | None = None,
    month_end_rule: bool = False,
) -> int:
    """The days the convention counts from `first_day` to `next_first_day`; 1 for 1/1.

    The 30/360 family counts 30 days a month, NL/360 and NL/365 no 29 February, all others the days of the calendar;
    no day is no days.

    >>> counted_days(DayCount.THIRTY_360_ISDA, date(2026, 1, 31), date(2026, 3, 31))
    60
    """
    _refuse_reversed(first_day, next_first_day)
    if convention is DayCount.ONE_ONE:
        return 1
    if convention in _WITHOUT_LEAP_DAYS:
        return (next_first_day - first_day).days - leap_days_passed(first_day, next_first_day)
    if convention not in _THIRTIES or first_day == next_first_day:
        return (next_first_day - first_day).days
    at_maturity = periods is not None and next_first_day == periods.last_payment_on
    one, other = _as_thirty(
        convention, first_day, next_first_day, month_end_rule=month_end_rule, at_maturity=at_maturity
    )
    months = (next_first_day.year - first_day.year) * _MONTHS_IN_YEAR + next_first_day.month - first_day.month
    return months * _MONTH + other - one


def _refuse_reversed(first_day: date, next_first_day: date) -> None:
    if next_first_day < first_day:
        raise DateRuleError(f"the period ends on {next_first_day}, before it begins on {first_day}")


def _is_february_end(day: date) -> bool:
    return day.month == _FEBRUARY and is_month_end(day)


def _as_thirty(
    convention: DayCount, one: date, other: date, *, month_end_rule: bool, at_maturity: bool
) -> tuple[int, int]:
    """The day numbers that the two dates count as in months of thirty days."""
    first, second = min(one.day, _MONTH), min(other.day, _MONTH)
    if convention is DayCount.THIRTY_E_360:
        return first, second
    if convention is DayCount.THIRTY_E_PLUS_360:
        return first, other.day  # a 31st is the first of the next month
    if convention is DayCount.THIRTY_E_365:
        return _MONTH if is_month_end(one) else first, _MONTH if is_month_end(other) else second
    if convention is DayCount.THIRTY_E_360_ISDA:
        first = _MONTH if _is_february_end(one) else first
        return first, _MONTH if _is_february_end(other) and not at_maturity else second
    if convention is DayCount.THIRTY_U_360 and month_end_rule and _is_february_end(one):
        return _MONTH, _MONTH if _is_february_end(other) else second
    if convention is DayCount.THIRTY_360_PSA and _is_february_end(one):
        first = _MONTH
    return first, second if first == _MONTH else other.day


def days_ratio(new: Span, old: Span) -> Fraction:
    """How many times as long `new` is as `old`, in days with both ends counted: the factor of co-terming.

    A line that is brought to another end keeps its price per day. Raises `DateRuleError` when a span has no
    end.

    >>> old = Span(date(2004, 9, 1), date(2005, 2, 28))
    >>> days_ratio(Span(date(2005, 3, 1), date(2005, 12, 31)), old)
    Fraction(306, 181)
    """
    if new.days is None or old.days is None:
        raise DateRuleError(f"{new} and {old} must both have an end to be compared in days")
    return Fraction(new.days, old.days)
