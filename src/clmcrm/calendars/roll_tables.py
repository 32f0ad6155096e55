"""Long series of dates, fast: the same dates as one by one, read from tables made once per calendar.

The rule of the file: a shortcut may not have an opinion. Each entry of a table is computed by `nth` and
`adjust`; where an entry cannot be (no data, no business day), the series is computed date by date and fails
on the date concerned. A calendar is a value: one that changes after its first use here is not read again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable
from datetime import date
from functools import lru_cache
from typing import Final, cast

from clmcrm.calendars.adjustments import Convention, adjust
from clmcrm.calendars.calendar import EVERY_DAY, HolidayCalendar
from clmcrm.calendars.months import day_in_month, month_number, nth
from clmcrm.errors import DateRuleError
from clmcrm.values.tenor import Tenor

# Tables cover whole decades, so that neighbouring series share them; a longer series is computed singly.
_DECADE: Final = 10
_LONGEST_TABLE: Final = 200
_TABLES_KEPT: Final = 64
_LAST_YEAR: Final = 9999
_LONGEST_SERIES: Final = 1_000_000


class _RollTable:
    """The adjusted day of every day of some years, and of every month for each day of the month."""

    def __init__(self, calendar: HolidayCalendar, convention: Convention, first: int, last: int) -> None:
        self._calendar, self._convention = calendar, convention
        self._last_month, self._last_ordinal = last * 12 + 11, date(last, 12, 31).toordinal()
        self.first_month, self.first_ordinal = first * 12, date(first, 1, 1).toordinal()
        self._days: list[date | None] = []
        self._months: dict[int, list[date | None]] = {}
        self.has_gaps = False

    def _adjusted(self, day: date) -> date | None:
        try:
            return adjust(day, self._convention, self._calendar)
        except DateRuleError:
            self.has_gaps = True
            return None

    def days(self) -> list[date | None]:
        """One entry per day, from 1 January of the first year; None where none can be computed."""
        if not self._days:
            ordinals = range(self.first_ordinal, self._last_ordinal + 1)
            self._days = [self._adjusted(date.fromordinal(ordinal)) for ordinal in ordinals]
        return self._days

    def months(self, day: int) -> list[date | None]:
        """One entry per month, from the first year's January: its `day`, clipped and adjusted."""
        found = self._months.get(day)
        if found is None:
            months = range(self.first_month, self._last_month + 1)
            found = [self._adjusted(day_in_month(month, day)) for month in months]
            self._months[day] = found
        return found


@lru_cache(maxsize=_TABLES_KEPT)
def _table(calendar: HolidayCalendar, convention: Convention, first: int, last: int) -> _RollTable:
    return _RollTable(calendar, convention, first, last)


def _length(anchor: date, tenor: Tenor, count: int | None, last_day: date | None) -> int:
    """How many dates of the series are wanted; both limits may be given."""
    if count is None and last_day is None:
        raise DateRuleError(f"the series from {anchor} every {tenor} needs a count or a last day")
    if count is not None and count < 0:
        raise DateRuleError(f"the series from {anchor} cannot have {count} dates")
    if last_day is None:
        return count or 0
    fitting = _fitting(anchor, tenor, last_day)
    return fitting if count is None else min(count, fitting)


def _fitting(anchor: date, tenor: Tenor, last_day: date) -> int:
    """How many dates of the series lie on or before `last_day`."""
    if last_day < anchor:
        return 0
    months, days = tenor.whole_months, tenor.loose_days
    if not months:
        return (last_day - anchor).days // days + 1
    most = (month_number(last_day) - month_number(anchor)) // months
    if not days:
        return most + (nth(anchor, tenor, most) <= last_day)
    # No step is shorter than 28 days a month, which keeps the search inside the calendar.
    most = min(most, (last_day - anchor).days // (28 * months + days))
    return bisect_right(range(most + 1), last_day, key=lambda k: nth(anchor, tenor, k))


def anchored_dates(
    anchor: date, tenor: Tenor, *, count: int | None = None, last_day: date | None = None
) -> tuple[date, ...]:
    """The series `anchor` + k * `tenor`: `count` dates of it, or all up to `last_day` (inside), or both.

    Raises `DateRuleError` without either limit, or outside years 1 to 9999.

    >>> [day.isoformat() for day in anchored_dates(date(2026, 1, 31), Tenor(months=1), count=3)]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    """
    return adjusted_dates(anchor, tenor, Convention.NONE, EVERY_DAY, count=count, last_day=last_day)


def adjusted_dates(
    anchor: date,
    tenor: Tenor,
    convention: Convention,
    calendar: HolidayCalendar,
    *,
    count: int | None = None,
    last_day: date | None = None,
) -> tuple[date, ...]:
    """The series `anchor` + k * `tenor`, each date adjusted on `calendar`; its limits apply before that.

    The same as `adjust(nth(anchor, tenor, k), convention, calendar)` for k = 0, 1, 2, ... with dates that
    fall together kept apart, so that date k stays date k. Raises what these raise, and `DateRuleError` for a
    series without a limit or of more than a million dates.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> days = adjusted_dates(
    ...     date(2026, 1, 31), Tenor(months=1), Convention.FOLLOWING, MONDAY_TO_FRIDAY, count=3)
    >>> [day.isoformat() for day in days]
    ['2026-02-02', '2026-03-02', '2026-03-31']
    """
    length = _length(anchor, tenor, count, last_day)
    if length > _LONGEST_SERIES:
        raise DateRuleError(f"{length} dates from {anchor} every {tenor}: at most {_LONGEST_SERIES}")
    if not length:
        return ()
    final = nth(anchor, tenor, length - 1)
    table = _table_for(anchor, final, convention, calendar)
    read = None if table is None else _read(table, anchor, tenor, length)
    if read is None:
        return tuple(adjust(nth(anchor, tenor, k), convention, calendar) for k in range(length))
    return read


def _table_for(first: date, final: date, convention: Convention, calendar: HolidayCalendar) -> _RollTable | None:
    """The table that covers both days; None where a table would not pay or the calendar has no hash."""
    if final.year - first.year > _LONGEST_TABLE or not isinstance(calendar, Hashable):
        return None
    try:
        _ = hash(calendar)
    except TypeError:
        return None
    first_year = max(1, first.year - first.year % _DECADE)
    last_year = min(_LAST_YEAR, final.year - final.year % _DECADE + _DECADE - 1)
    if convention is Convention.NONE:
        return _table(EVERY_DAY, convention, first_year, last_year)
    return _table(calendar, convention, first_year, last_year)


def _read(table: _RollTable, anchor: date, tenor: Tenor, length: int) -> tuple[date, ...] | None:
    """The series as the table has it; None where one of its dates cannot be computed."""
    months, days = tenor.whole_months, tenor.loose_days
    if not days:
        begin = month_number(anchor) - table.first_month
        found = table.months(anchor.day)[begin : begin + months * length : months]
    elif not months:
        begin = anchor.toordinal() - table.first_ordinal
        found = table.days()[begin : begin + days * length : days]
    else:
        every, base = table.days(), table.first_ordinal
        found = [every[nth(anchor, tenor, k).toordinal() - base] for k in range(length)]
    # A table without gaps holds dates alone, so the check of each entry is spared.
    whole = not table.has_gaps or None not in found
    return cast("tuple[date, ...]", tuple(found)) if whole else None
