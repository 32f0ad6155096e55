"""Counting months on the calendar: 31 January and one month is the last day of February.

The rule of the file: a date of a series is always its *anchor* plus k times the step, never the date
before it plus one step (31 January, 28 February, 28 March is the classic drift). Whole months are counted
before days (French avis of 6.11.2025, 25-70.018; BGB 189), and a day the month does not have becomes the
last one it has (BGB 188(3), EU Reg. 1182/71 art. 3). A date outside years 1 to 9999 is a `DateRuleError`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import cache
from itertools import accumulate
from typing import Final

from clmcrm.errors import DateRuleError
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY: Final = 1
_SHORTEST: Final = 28
_FIRST_MONTH: Final = 12  # January of year 1, counted as year * 12 + month - 1
_LAST_MONTH: Final = 9999 * 12 + 11
_LAST_ORDINAL: Final = date.max.toordinal()
_CYCLE_MONTHS: Final = 400 * 12
_CYCLE_DAYS: Final = 146_097


class CalendarUnit(StrEnum):
    """A stretch of the calendar that has an end of its own."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"


_UNIT_MONTHS: Final = {
    CalendarUnit.MONTH: 1,
    CalendarUnit.QUARTER: 3,
    CalendarUnit.HALF_YEAR: 6,
    CalendarUnit.YEAR: 12,
}


def month_number(day: date) -> int:
    """The month of `day` as one number that grows by one each month: year * 12 + month - 1.

    Raises `DateRuleError` for a `datetime`: which day an instant falls on depends on the zone.

    >>> month_number(date(2026, 1, 31)) - month_number(date(2025, 12, 1))
    1
    """
    if isinstance(day, datetime):
        raise _no_day(day)
    return day.year * 12 + day.month - 1


def _no_day(instant: datetime) -> DateRuleError:
    return DateRuleError(f"{instant} is an instant; choose its day in the zone of the party setting the time")


def month_length(month: int) -> int:
    """How many days month number `month` has (see `month_number`).

    >>> month_length(2024 * 12 + 1)
    29
    """
    year, index = divmod(month, 12)
    if index == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _LENGTHS[index]


@cache
def days_in_months(count: int) -> tuple[int, int]:
    """The fewest and the most days that `count` whole months can have, from whatever day they are counted.

    >>> days_in_months(1), days_in_months(3), days_in_months(6), days_in_months(12)
    ((28, 31), (89, 92), (181, 184), (365, 366))
    """
    cycles, rest = divmod(count, _CYCLE_MONTHS)
    days = _days_before()
    lengths = [days[start + rest] - days[start] for start in range(_CYCLE_MONTHS)]
    return cycles * _CYCLE_DAYS + min(lengths), cycles * _CYCLE_DAYS + max(lengths)


@cache
def _days_before() -> tuple[int, ...]:
    """How many days two cycles of the calendar have before each of their months: it repeats after 400 years."""
    return tuple(accumulate((month_length(month) for month in range(2 * _CYCLE_MONTHS)), initial=0))


def day_in_month(month: int, day: int) -> date:
    """Day `day` (1 to 31) of month number `month`, or the month's last day when it is shorter.

    Raises `DateRuleError` for a month outside years 1 to 9999.

    >>> day_in_month(2026 * 12 + 1, 31)
    datetime.date(2026, 2, 28)
    """
    if not _FIRST_MONTH <= month <= _LAST_MONTH:
        raise DateRuleError(f"the date would lie in year {month // 12}; expected a year from 1 to 9999")
    year, index = divmod(month, 12)
    return date(year, index + 1, day if day <= _SHORTEST else min(day, month_length(month)))


def add_days(day: date, days: int) -> date:
    """`day` plus `days` (negative goes back); raises `DateRuleError` outside years 1 to 9999, or for a `datetime`.

    >>> add_days(date(2026, 2, 27), 2)
    datetime.date(2026, 3, 1)
    """
    if isinstance(day, datetime):
        raise _no_day(day)
    ordinal = day.toordinal() + days
    if not 1 <= ordinal <= _LAST_ORDINAL:
        raise DateRuleError(f"{day} and {days} days lies outside years 1 to 9999")
    return date.fromordinal(ordinal)


def add_months(day: date, k: int) -> date:
    """The same day `k` months later (earlier when negative), clipped to the end of a shorter month.

    >>> add_months(date(2024, 1, 31), 1), add_months(date(2024, 3, 31), -1)
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 29))
    """
    return day_in_month(month_number(day) + k, day.day)


def nth(anchor: date, tenor: Tenor, k: int) -> date:
    """Date number `k` of the series: `anchor` plus `k` times `tenor`, counted from the anchor itself.

    `k` = 0 is the anchor; a negative `k` goes back. Months are counted before days.

    >>> [nth(date(2024, 1, 31), Tenor(months=1), k).isoformat() for k in range(4)]
    ['2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30']
    """
    months, days = tenor.whole_months * k, tenor.loose_days * k
    moved = day_in_month(month_number(anchor) + months, anchor.day)
    return add_days(moved, days) if days else moved


def forward(day: date, tenor: Tenor) -> date:
    """`day` plus `tenor`: whole months first (clipped to the month's end), then days.

    >>> forward(date(2026, 1, 31), Tenor(months=1, days=1))
    datetime.date(2026, 3, 1)
    """
    moved, days = day_in_month(month_number(day) + tenor.whole_months, day.day), tenor.loose_days
    return add_days(moved, days) if days else moved


def backward(day: date, tenor: Tenor) -> date:
    """`day` minus `tenor`: whole months first, then days.

    This is plain subtraction. It is NOT the way to a notice deadline: use `latest_start`, which gives the
    latest day from which the period still runs out in time.

    >>> backward(date(2018, 9, 30), Tenor(months=6)), latest_start(date(2018, 9, 30), Tenor(months=6))
    (datetime.date(2018, 3, 30), datetime.date(2018, 3, 31))
    """
    return nth(day, tenor, -1)


def latest_start(last_day: date, tenor: Tenor) -> date:
    """The latest day d with `forward(d, tenor)` on or before `last_day`, in closed form.

    The inverse of the forward rule, as Cass. 3e civ. 8.3.2018, 17-11.312 counts a notice: where the month
    of `last_day` is complete, every day of the earlier month still arrives in time.

    >>> latest_start(date(2026, 2, 28), Tenor(months=1)), latest_start(date(2026, 12, 31), Tenor(days=30))
    (datetime.date(2026, 1, 31), datetime.date(2026, 12, 1))
    """
    days = tenor.loose_days
    arrival = add_days(last_day, -days) if days else last_day
    month = month_number(arrival)
    day = 31 if arrival.day == month_length(month) else arrival.day
    return day_in_month(month - tenor.whole_months, day)


def tile(anchor: date, tenor: Tenor, k: int) -> Span:
    """Billing period number `k` (from 0): from date k of the series to the day before date k + 1.

    Periods tile without gap or overlap, so a month from 31 January ends on 27 February. The *legal* month
    that begins on 31 January ends on the 28th (BGB 188(3)): that is a term, not a tile.

    >>> str(tile(date(2023, 1, 31), Tenor(months=1), 0)), str(tile(date(2023, 1, 31), Tenor(months=1), 1))
    ('2023-01-31/2023-02-27', '2023-02-28/2023-03-30')
    """
    return Span(nth(anchor, tenor, k), add_days(nth(anchor, tenor, k + 1), -1))


def month_end(day: date) -> date:
    """The last day of the month of `day`.

    >>> month_end(date(2026, 2, 3))
    datetime.date(2026, 2, 28)
    """
    return day_in_month(month_number(day), 31)


def is_month_end(day: date) -> bool:
    """Whether `day` is the last day of its month.

    >>> is_month_end(date(2024, 2, 28))
    False
    """
    return day.day == month_length(month_number(day))


def end_of(unit: CalendarUnit, day: date) -> date:
    """The last day of the calendar month, quarter, half-year or year that `day` lies in.

    >>> end_of(CalendarUnit.QUARTER, date(2026, 5, 7)), end_of(CalendarUnit.HALF_YEAR, date(2026, 7, 1))
    (datetime.date(2026, 6, 30), datetime.date(2026, 12, 31))
    """
    size = _UNIT_MONTHS[unit]
    month = month_number(day)
    return day_in_month(month - month % size + size - 1, 31)
