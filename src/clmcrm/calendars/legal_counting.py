"""The bare counting behind legal deadlines: dates in, dates out, no words; `legal_time` explains them.

Use these in bulk; use `clmcrm.calendars.legal_time` where a person must be able to check the answer.
"""

from __future__ import annotations

from datetime import date

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import add_days, add_months, forward, latest_start
from clmcrm.calendars.regimes.record import WhenClosed
from clmcrm.errors import DateRuleError
from clmcrm.values.tenor import Tenor


def period_last_day(event: date, period: Tenor, *, first_day_counted: bool = False) -> date:
    """The last day of `period`: `event` itself is not counted unless `first_day_counted`.

    Counting the first day, the period ends the day before the corresponding one; where the month lacks
    that day, on the month's last day (BGB § 188 (2), (3)). Raises `DateRuleError` beyond year 9999.

    >>> period_last_day(date(2026, 4, 4), Tenor(months=1))
    datetime.date(2026, 5, 4)
    >>> [str(period_last_day(date(2026, 1, day), Tenor(months=1), first_day_counted=True)) for day in (1, 31)]
    ['2026-01-31', '2026-02-28']
    """
    if not first_day_counted:
        return forward(event, period)
    corresponding = add_months(event, period.whole_months)
    day_is_missing = corresponding.day < event.day
    return add_days(corresponding, period.loose_days - (0 if day_is_missing else 1))


def reached(start: date, period: Tenor) -> date | None:
    """The day that `period`, counted forward from `start`, comes to; None when that lies beyond year 9999.

    >>> reached(date(2026, 11, 30), Tenor(months=1)), reached(date(9999, 12, 1), Tenor(months=1))
    (datetime.date(2026, 12, 30), None)
    """
    try:
        return forward(start, period)
    except DateRuleError:
        return None


def moved(day: date, when_closed: WhenClosed, calendar: HolidayCalendar) -> date:
    """`day`, or the nearest open day after or before it when it is closed and `when_closed` moves it.

    Raises `OutsideCoverage` where the calendar's data ends.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> moved(date(2026, 2, 28), WhenClosed.NEXT, MONDAY_TO_FRIDAY)
    datetime.date(2026, 3, 2)
    """
    if when_closed is WhenClosed.STAYS:
        return day
    step = 1 if when_closed is WhenClosed.NEXT else -1
    while calendar.why_closed(day) is not None:
        day = add_days(day, step)
    return day


def nth_open_day(start: date, n: int, calendar: HolidayCalendar) -> date:
    """The n-th open day after `start`, which is not counted; before it when `n` is negative.

    Raises `DateRuleError` for n = 0 and `OutsideCoverage` where the calendar's data ends.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> nth_open_day(date(2023, 10, 20), -4, MONDAY_TO_FRIDAY)
    datetime.date(2023, 10, 16)
    """
    if n == 0:
        raise DateRuleError("there is no 0th open day; expected 1 or more, or -1 or less")
    step, left, day = (1 if n > 0 else -1), abs(n), start
    while left:
        day = add_days(day, step)
        left -= calendar.why_closed(day) is None
    return day


def nth_open_day_from(start: date, n: int, calendar: HolidayCalendar) -> date:
    """The n-th open day from `start` on, which is counted where it is open; back from it when `n` is negative.

    Raises as `nth_open_day`.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> [nth_open_day_from(date(2026, 5, day), 2, MONDAY_TO_FRIDAY).day for day in (8, 9)]
    [11, 12]
    """
    if n == 0 or calendar.why_closed(start) is not None:
        return nth_open_day(start, n, calendar)
    step = 1 if n > 0 else -1
    return start if n == step else nth_open_day(start, n - step, calendar)


def with_least_open_days(
    event: date, day: date, least: int, calendar: HolidayCalendar, *, event_counted: bool = False
) -> date:
    """`day`, moved away from `event` until the days from `event` to it hold `least` open ones.

    `event` itself is not among them, unless it is counted.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> with_least_open_days(date(2026, 5, 8), date(2026, 5, 11), 2, MONDAY_TO_FRIDAY)
    datetime.date(2026, 5, 12)
    """
    if not least:
        return day
    forwards = day > event or (event_counted and day == event)
    count = nth_open_day_from if event_counted else nth_open_day
    needed = count(event, least if forwards else -least, calendar)
    return max(day, needed) if forwards else min(day, needed)


def latest_notice_day(
    last_day: date,
    period: Tenor,
    when_closed: WhenClosed = WhenClosed.STAYS,
    calendar: HolidayCalendar | None = None,
) -> date:
    """The latest day d with `forward(d, period) <= last_day`, without an explanation.

    `when_closed` moves a closed day (back, in the United States and Italy) and then needs a `calendar`,
    else `DateRuleError`. Never later than the day before moving, unless `when_closed` says NEXT.

    >>> latest_notice_day(date(2018, 9, 30), Tenor(months=6))
    datetime.date(2018, 3, 31)
    """
    day = latest_start(last_day, period)
    if when_closed is WhenClosed.STAYS:
        return day
    if calendar is None:
        raise DateRuleError(f"a day that moves ({when_closed.value}) needs a calendar; none was given")
    return moved(day, when_closed, calendar)
