"""What a holiday is: a name, a rule for its day in each year, the text that sets it, and what replaces it.

A holiday holds on the days on which its source is in force: a holiday introduced in 2019 is a rule whose
source begins in 2019, never a branch in the code.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias

from attrs import field, frozen

from clmcrm.calendars.easter import easter_sunday
from clmcrm.values.source import Source
from clmcrm.values.validators import instance, member, plain_date
from clmcrm.values.wording import Wording


@frozen
class Fixed:
    """The same day of the same month every year."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """The day in `year`.

        >>> Fixed(12, 25).in_year(2026)
        datetime.date(2026, 12, 25)
        """
        return date(year, self.month, self.day)


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

    n: int
    weekday: int
    month: int

    def in_year(self, year: int) -> date:
        """The day in `year`.

        >>> NthWeekday(-1, 0, 5).in_year(2026)
        datetime.date(2026, 5, 25)
        """
        if self.n > 0:
            first = date(year, self.month, 1)
            return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.n - 1))
        next_month = date(year + self.month // 12, self.month % 12 + 1, 1)
        last = next_month - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - self.weekday) % 7 + 7 * (-self.n - 1))


@frozen
class WeekdayBefore:
    """The last such weekday (0 is Monday) strictly before a day of the year."""

    weekday: int
    month: int
    day: int

    def in_year(self, year: int) -> date:
        """The day in `year`.

        >>> WeekdayBefore(2, 11, 23).in_year(2026)
        datetime.date(2026, 11, 18)
        """
        eve = date(year, self.month, self.day) - timedelta(days=1)
        return eve - timedelta(days=(eve.weekday() - self.weekday) % 7)


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
