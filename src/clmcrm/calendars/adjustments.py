"""Moving a day off a weekend or a holiday, and counting business days, on a calendar the caller names.

The rule of the file: an adjustment moves payments and deliveries. It never moves a legal deadline: that is
for the regime to say (counted backwards, France, Germany and the EU do not move the day at all).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from clmcrm.calendars.calendar import SUNDAY, HolidayCalendar, is_business_day
from clmcrm.calendars.months import add_days, month_end
from clmcrm.errors import DateRuleError
from clmcrm.values.days import check_days

_FIRST_HALF: Final = 15
# A year without one open day is a mistake in the calendar, not a long holiday.
_LONGEST_CLOSURE: Final = 366


class Convention(StrEnum):
    """Where a day goes that is no business day (the names of FpML and ISDA)."""

    NONE = "none"
    FOLLOWING = "following"
    PRECEDING = "preceding"
    MODIFIED_FOLLOWING = "modified following"
    MODIFIED_PRECEDING = "modified preceding"
    MODIFIED_FOLLOWING_BI_MONTHLY = "modified following, half month"
    NEAREST = "nearest"


class AmountBasis(StrEnum):
    """Which dates give a period its length when amounts are prorated (ACTUS "CS" and "SC").

    Contracts calculate first unless they say otherwise: a holiday then moves the payment, not the price.
    """

    CALCULATE_THEN_SHIFT = "calculate, then shift"
    SHIFT_THEN_CALCULATE = "shift, then calculate"


def _search(day: date, step: int, calendar: HolidayCalendar) -> date:
    candidate = day
    for _ in range(_LONGEST_CLOSURE):
        if is_business_day(candidate, calendar):
            return candidate
        candidate = add_days(candidate, step)
    raise DateRuleError(f"calendar {calendar.name} has no business day within a year of {day}")


def following(day: date, calendar: HolidayCalendar) -> date:
    """The first business day on or after `day`; raises `OutsideCoverage` past the calendar's data.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> following(date(2026, 5, 9), MONDAY_TO_FRIDAY)
    datetime.date(2026, 5, 11)
    """
    return _search(day, 1, calendar)


def preceding(day: date, calendar: HolidayCalendar) -> date:
    """The last business day on or before `day`; raises `OutsideCoverage` past the calendar's data.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> preceding(date(2026, 5, 9), MONDAY_TO_FRIDAY)
    datetime.date(2026, 5, 8)
    """
    return _search(day, -1, calendar)


def _unmoved(day: date, calendar: HolidayCalendar) -> date:  # noqa: ARG001 - one signature for every rule
    return day


def _modified_following(day: date, calendar: HolidayCalendar) -> date:
    moved = following(day, calendar)
    return moved if moved.month == day.month else preceding(day, calendar)


def _modified_preceding(day: date, calendar: HolidayCalendar) -> date:
    moved = preceding(day, calendar)
    return moved if moved.month == day.month else following(day, calendar)


def _half_month(day: date, calendar: HolidayCalendar) -> date:
    moved = following(day, calendar)
    crosses = moved.month != day.month or day.day <= _FIRST_HALF < moved.day
    return preceding(day, calendar) if crosses else moved


def _nearest(day: date, calendar: HolidayCalendar) -> date:
    if is_business_day(day, calendar):
        return day
    forward = day.weekday() in {SUNDAY, 0}
    return following(day, calendar) if forward else preceding(day, calendar)


_RULES: Final = {
    Convention.NONE: _unmoved,
    Convention.FOLLOWING: following,
    Convention.PRECEDING: preceding,
    Convention.MODIFIED_FOLLOWING: _modified_following,
    Convention.MODIFIED_PRECEDING: _modified_preceding,
    Convention.MODIFIED_FOLLOWING_BI_MONTHLY: _half_month,
    Convention.NEAREST: _nearest,
}


def adjust(day: date, convention: Convention, calendar: HolidayCalendar) -> date:
    """`day` moved by `convention`; a business day stays where it is.

    "Modified" stays inside the month (and, half-month, does not cross from the 15th to the 16th); "nearest"
    goes on from Sunday and Monday and back from any other day. Raises `OutsideCoverage` where the calendar
    has no data, and `DateRuleError` where it has no business day within a year.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> adjust(date(2026, 5, 31), Convention.MODIFIED_FOLLOWING, MONDAY_TO_FRIDAY)
    datetime.date(2026, 5, 29)
    """
    check_days("adjust", day=day)
    return _RULES[convention](day, calendar)


def nth_business_day(day: date, n: int, calendar: HolidayCalendar) -> date:
    """The `n`-th business day after `day`, which is not counted itself; a negative `n` goes back.

    `n` = 0 gives `day` unchanged, open or closed.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> nth_business_day(date(2026, 5, 8), 3, MONDAY_TO_FRIDAY)
    datetime.date(2026, 5, 13)
    """
    step = 1 if n > 0 else -1
    for _ in range(abs(n)):
        day = _search(add_days(day, step), step, calendar)
    return day


def business_days(after: date, last_day: date, calendar: HolidayCalendar) -> tuple[date, ...]:
    """The business days of `(after, last_day]`: `after` itself is not among them, `last_day` may be.

    Empty when `last_day` is `after` or earlier.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> [day.day for day in business_days(date(2026, 5, 7), date(2026, 5, 12), MONDAY_TO_FRIDAY)]
    [8, 11, 12]
    """
    days = map(date.fromordinal, range(after.toordinal() + 1, last_day.toordinal() + 1))
    return tuple(day for day in days if is_business_day(day, calendar))


def count_business_days(after: date, last_day: date, calendar: HolidayCalendar) -> int:
    """How many business days lie in `(after, last_day]`; negative when `last_day` lies before `after`.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> count_business_days(date(2026, 5, 8), date(2026, 5, 15), MONDAY_TO_FRIDAY)
    5
    """
    if last_day < after:
        return -len(business_days(last_day, after, calendar))
    return len(business_days(after, last_day, calendar))


def last_business_day(day: date, calendar: HolidayCalendar) -> date:
    """The last business day of the month of `day`; raises `DateRuleError` for a month without one.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> last_business_day(date(2026, 5, 1), MONDAY_TO_FRIDAY)
    datetime.date(2026, 5, 29)
    """
    found = preceding(month_end(day), calendar)
    if found.month != day.month:
        raise DateRuleError(f"calendar {calendar.name} has no business day in {day:%Y-%m}")
    return found
