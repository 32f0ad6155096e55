"""What a holiday is: a name, a rule for its day in each year, the text that sets it, and what replaces it.

A holiday holds on the days on which its source is in force: a holiday introduced in 2019 is a rule whose
source begins in 2019, never a branch in the code.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

import attrs
from attrs import field, frozen

from clmcrm.calendars.easter import easter_sunday
from clmcrm.calendars.months import month_length
from clmcrm.errors import InvalidRecord
from clmcrm.values.source import Source
from clmcrm.values.validators import instance, member, plain_date
from clmcrm.values.wording import Wording

_LEAP_YEAR: Final = 2000


def _whole(first: int, last: int, expected: str) -> Callable[[Any, attrs.Attribute[Any], int], None]:
    """A validator for a whole number from `first` to `last`, other than 0 where that lies between them."""
    accepted = frozenset(range(first, last + 1)) - ({0} if first < 0 else set())

    def validator(inst: object, attribute: attrs.Attribute[Any], value: int) -> None:
        given: object = value
        if type(given) is not int or value not in accepted:
            raise InvalidRecord(type(inst).__name__, attribute.name, value, expected)

    return validator


def _day_of_month(inst: Fixed | WeekdayBefore, attribute: attrs.Attribute[Any], value: int) -> None:
    last = month_length(_LEAP_YEAR * 12 + inst.month - 1)
    _whole(1, last, f"a day of month {inst.month}, 1 to {last}")(inst, attribute, value)


_month: Final = _whole(1, 12, "a month, 1 to 12")
_weekday: Final = _whole(0, 6, "a weekday, 0 (Monday) to 6 (Sunday)")
_nth: Final = _whole(-5, 5, "1 to 5 from the beginning of the month, -1 to -5 from its end")


def _day(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if 0 < day <= month_length(year * 12 + month - 1) else None


@frozen
class Fixed:
    """The same day of the same month every year."""

    month: int = field(validator=_month)
    day: int = field(validator=_day_of_month)

    def in_year(self, year: int) -> date | None:
        """The day in `year`; None for 29 February in a year without one.

        >>> Fixed(12, 25).in_year(2026), Fixed(2, 29).in_year(2026)
        (datetime.date(2026, 12, 25), None)
        """
        return _day(year, self.month, self.day)


@frozen
class FromEaster:
    """A number of days after Easter Sunday (before it when negative)."""

    days: int

    def in_year(self, year: int) -> date:
        """The day in `year`.

        >>> FromEaster(39).in_year(2026)
        datetime.date(2026, 5, 14)
        """
        return easter_sunday(year) + timedelta(days=self.days)


@frozen
class NthWeekday:
    """The n-th weekday (0 is Monday) of a month; n = -1 is the last one."""

    n: int = field(validator=_nth)
    weekday: int = field(validator=_weekday)
    month: int = field(validator=_month)

    def in_year(self, year: int) -> date | None:
        """The day in `year`; None where the month has no fifth one.

        >>> NthWeekday(-1, 0, 5).in_year(2026), NthWeekday(5, 0, 2).in_year(2026)
        (datetime.date(2026, 5, 25), None)
        """
        if self.n > 0:
            first = date(year, self.month, 1)
            return _day(year, self.month, 1 + (self.weekday - first.weekday()) % 7 + 7 * (self.n - 1))
        last = date(year, self.month, month_length(year * 12 + self.month - 1))
        return _day(year, self.month, last.day - (last.weekday() - self.weekday) % 7 + 7 * (self.n + 1))


@frozen
class WeekdayBefore:
    """The last such weekday (0 is Monday) strictly before a day of the year."""

    weekday: int = field(validator=_weekday)
    month: int = field(validator=_month)
    day: int = field(validator=_day_of_month)

    def in_year(self, year: int) -> date | None:
        """The day in `year`; None for 29 February in a year without one.

        >>> WeekdayBefore(2, 11, 23).in_year(2026)
        datetime.date(2026, 11, 18)
        """
        before = _day(year, self.month, self.day)
        if before is None:
            return None
        return before - timedelta(days=(before.weekday() - self.weekday - 1) % 7 + 1)


@frozen
class Once:
    """One single day, set for one occasion."""

    day: date = field(validator=plain_date)

    def in_year(self, year: int) -> date | None:
        """The day, or None in every other year.

        >>> Once(date(2023, 5, 8)).in_year(2024) is None
        True
        """
        return self.day if self.day.year == year else None


DayRule: TypeAlias = Fixed | FromEaster | NthWeekday | WeekdayBefore | Once


class Substitute(StrEnum):
    """What happens to a holiday that falls on a Saturday or Sunday."""

    NONE = "none"
    NEXT_WEEKDAY = "next weekday that is no holiday itself"
    NEAREST_WEEKDAY = "Friday before a Saturday, Monday after a Sunday"


@frozen(kw_only=True)
class HolidayRule:
    """A holiday: its `name`, the rule for its day, its `source`, and its substitute on a weekend.

    `except_years` are years in which another rule moved it.
    """

    name: Wording = field(validator=instance(Wording))
    on: DayRule
    source: Source = field(validator=instance(Source))
    substitute: Substitute = field(default=Substitute.NONE, validator=member(Substitute))
    except_years: frozenset[int] = frozenset()

    def in_year(self, year: int) -> date | None:
        """The holiday's own day in `year` (not its substitute), or None when it does not hold then."""
        if year in self.except_years:
            return None
        day = self.on.in_year(year)
        return day if day is not None and self.source.in_force(day) else None


@frozen(kw_only=True)
class Holiday:
    """One holiday of one year: the `day` kept free, its `name`, the `source`.

    `replaces` is the weekend day it stands in for, None when it is kept on its own day.
    """

    day: date = field(validator=plain_date)
    name: Wording
    source: Source
    replaces: date | None = None
