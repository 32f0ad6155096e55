"""The days a recurrence rule names, one after the other (RFC 5545).

The rule of the file: it always ends. A rule that names no day is found out by trying as many periods as
the calendar takes to repeat itself (400 years are a whole number of weeks), and nothing is searched beyond
the last day asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from clmcrm.calendars.months import month_length, month_number
from clmcrm.calendars.recurrence import Frequency, Recurrence, WeekdayRule, completed

_Test = Callable[[date], bool]
_LAST_ORDINAL: Final = date.max.toordinal()
_LAST_MONTH: Final = month_number(date.max)
_HALF_WEEK: Final = 3
# The Gregorian calendar repeats after 400 years: so many periods without a day, and none will come.
_WHOLE_CYCLE: Final = {
    Frequency.YEARLY: 400,
    Frequency.MONTHLY: 4_800,
    Frequency.WEEKLY: 20_871,
    Frequency.DAILY: 146_097,
}
_MOST_DAYS: Final = {Frequency.YEARLY: 366, Frequency.MONTHLY: 31, Frequency.WEEKLY: 7, Frequency.DAILY: 1}
"""How many days a period has at most: there is no second position in a day."""


def occurrences(rule: Recurrence, last_day: date | None = None) -> Iterator[date]:
    """The rule's days in order, none after `last_day` (inside; None: as far as the rule goes).

    A rule with neither COUNT nor UNTIL goes on to the year 9999: take as many as are needed.

    >>> rule = Recurrence(first_day=date(2026, 1, 31), frequency=Frequency.MONTHLY, count=3)
    >>> [day.isoformat() for day in occurrences(rule)]
    ['2026-01-31', '2026-03-31', '2026-05-31']
    """
    full = completed(rule)
    if full.positions and min(map(abs, full.positions)) > _MOST_DAYS[full.frequency]:
        return
    limit = min(day for day in (full.last_day, last_day, date.max) if day is not None)
    tests = _tests(full)
    given, barren = 0, 0
    for candidates in _periods(full, limit):
        days = _chosen(candidates, tests, full.positions)
        barren = 0 if days else barren + 1
        if barren > _WHOLE_CYCLE[full.frequency]:
            return
        for day in days:
            if day > limit:
                return
            if day >= full.first_day:
                yield day
                given += 1
                if given == full.count:
                    return


def gives_no_day(rule: Recurrence) -> bool:
    """Whether the rule names no day at all, as on 30 February.

    >>> gives_no_day(Recurrence(
    ...     first_day=date(2026, 1, 1), frequency=Frequency.YEARLY, months=(2,), month_days=(30,)))
    True
    """
    return next(occurrences(rule), None) is None


def _periods(rule: Recurrence, limit: date) -> Iterator[range]:
    """The days of each period the rule looks at, as ranges of ordinals, until one begins after `limit`."""
    last = limit.toordinal()
    first = rule.first_day.toordinal()
    if rule.frequency in {Frequency.DAILY, Frequency.WEEKLY}:
        length = 7 if rule.frequency is Frequency.WEEKLY else 1
        begin = first - (rule.first_day.weekday() - rule.week_start) % 7 if length > 1 else first
        for ordinal in range(begin, last + 1, length * rule.interval):
            yield range(max(1, ordinal), min(ordinal + length, _LAST_ORDINAL + 1))
        return
    size = 12 if rule.frequency is Frequency.YEARLY else 1
    month = month_number(rule.first_day)
    month -= month % size
    while month <= _LAST_MONTH and (begin := _month_begin(month)) <= last:
        yield range(begin, _month_begin(month + size))
        month += size * rule.interval


def _new_year(year: int) -> int:
    """The ordinal of 1 January."""
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 + 1


def _month_begin(month: int) -> int:
    year, index = divmod(month, 12)
    return _new_year(year) + sum(month_length(year * 12 + i) for i in range(index))


def _chosen(candidates: range, tests: list[_Test], positions: tuple[int, ...]) -> list[date]:
    days = [date.fromordinal(ordinal) for ordinal in candidates]
    for fits in tests:
        days = [day for day in days if fits(day)]
    if not positions:
        return days
    indexes = {p - 1 if p > 0 else len(days) + p for p in positions}
    return [day for index, day in enumerate(days) if index in indexes]


def _tests(rule: Recurrence) -> list[_Test]:
    """What a day must pass, cheapest first; made once for all the days of a rule."""
    tests: list[_Test] = []
    if months := frozenset(rule.months):
        tests.append(lambda day: day.month in months)
    if month_days := frozenset(rule.month_days):
        tests.append(lambda day: day.day in month_days or _from_month_end(day) in month_days)
    if rule.weekdays:
        tests.append(lambda day: any(_is_weekday(rule, weekday, day) for weekday in rule.weekdays))
    if year_days := frozenset(rule.year_days):
        tests.append(lambda day: not year_days.isdisjoint(_year_days(day)))
    if weeks := frozenset(rule.week_numbers):
        tests.append(lambda day: not weeks.isdisjoint(_week_numbers(day, rule.week_start)))
    return tests


def _from_month_end(day: date) -> int:
    """The day of the month counted from its end: -1 is the last."""
    return day.day - month_length(month_number(day)) - 1


def _year_days(day: date) -> tuple[int, int]:
    """The day of the year, from its beginning and from its end."""
    ordinal = day.toordinal()
    return ordinal - _new_year(day.year) + 1, ordinal - _new_year(day.year + 1)


def _is_weekday(rule: Recurrence, weekday: WeekdayRule, day: date) -> bool:
    if day.weekday() != weekday.weekday:
        return False
    # The RFC gives numbers a meaning in months and years only; elsewhere every such weekday counts.
    if weekday.nth == 0 or rule.frequency in {Frequency.DAILY, Frequency.WEEKLY}:
        return True
    in_month = rule.frequency is Frequency.MONTHLY or rule.months
    begin, end = (day.day, _from_month_end(day)) if in_month else _year_days(day)
    return weekday.nth in {(begin - 1) // 7 + 1, -((-end - 1) // 7 + 1)}


def _week_one(year: int, week_start: int) -> int:
    """The ordinal on which week 1 begins: the first week with four days or more in the year."""
    begin = _new_year(year)
    offset = (begin - 1 - week_start) % 7
    return begin - offset if offset <= _HALF_WEEK else begin + 7 - offset


def _week_numbers(day: date, week_start: int) -> tuple[int, int]:
    """The week of the day's week-year, from its beginning and from its end."""
    ordinal, year = day.toordinal(), day.year
    if ordinal < _week_one(year, week_start):
        year -= 1
    elif ordinal >= _week_one(year + 1, week_start):
        year += 1
    begin, end = _week_one(year, week_start), _week_one(year + 1, week_start)
    number = (ordinal - begin) // 7 + 1
    return number, number - (end - begin) // 7 - 1
