"""Which agreed days an adjustment may move into a window of due days.

The rule of the file: no adjustment carries a day over an open one, so a calendar is asked about a day outside the
window only where everything between them is closed, or not known.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.adjustments import Convention
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import month_number
from clmcrm.errors import OutsideCoverage
from clmcrm.values.span import Span

_LONGEST_MONTH: Final = 31
_IN_THE_MONTH: Final = frozenset(
    {Convention.MODIFIED_FOLLOWING, Convention.MODIFIED_PRECEDING, Convention.MODIFIED_FOLLOWING_BI_MONTHLY}
)


def around(window: Span, convention: Convention) -> Span:
    """The window with the month before and after it, from which an adjustment may move a day into it."""
    margin = 0 if convention is Convention.NONE else _LONGEST_MONTH
    first_day, last_day = window.first_day.toordinal() - margin, (window.last_day or date.max).toordinal() + margin
    return Span(date.fromordinal(max(1, first_day)), date.fromordinal(min(date.max.toordinal(), last_day)))


def may_reach(day: date, window: Span, convention: Convention, calendar: HolidayCalendar | None) -> bool:
    """Whether the agreed `day`, once adjusted, may lie in the window; without a calendar, whether it lies there.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> monday = Span(date(2026, 5, 11), date(2026, 5, 11))
    >>> days = [date(2026, 5, day) for day in (8, 9, 10, 11, 12)]
    >>> [may_reach(day, monday, Convention.FOLLOWING, MONDAY_TO_FRIDAY) for day in days]
    [False, True, True, True, False]
    """
    last_day = window.last_day or date.max
    if window.first_day <= day <= last_day:
        return True
    early = day < window.first_day
    if calendar is None or convention in (Convention.NONE, Convention.PRECEDING if early else Convention.FOLLOWING):
        return False
    edge = window.first_day if early else last_day
    between = range(day.toordinal(), edge.toordinal(), 1 if early else -1)
    if len(between) > _LONGEST_MONTH:
        return False
    known = [_open(date.fromordinal(n), calendar) for n in between]
    if any(known):
        return False
    # What is not known of the days between may be anything, but a month without an open day.
    return not (None in known and convention in _IN_THE_MONTH and month_number(day) != month_number(edge))


def _open(day: date, calendar: HolidayCalendar) -> bool | None:
    """Whether `day` counts; None where the calendar's data does not reach it."""
    try:
        return calendar.why_closed(day) is None
    except OutsideCoverage:
        return None
