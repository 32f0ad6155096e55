"""Which days count: the calendar protocol, a table of holidays, and calendars combined.

A calendar has a *purpose* (legal, bank, contract) and a *place*, and names the version of its data: a
bank calendar is not a calendar of legal holidays, and the same rule on another one gives another date.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Final, Protocol, runtime_checkable

import attrs
from attrs import field, frozen

from clmcrm.errors import InvalidRecord, OutsideCoverage
from clmcrm.values.days import check_days
from clmcrm.values.validators import describe, member, plain_date, text
from clmcrm.values.wording import weekday_name

SATURDAY: Final = 5
SUNDAY: Final = 6
WEEKEND: Final = frozenset({SATURDAY, SUNDAY})


_DAYS_IN_WEEK: Final = 7


def weekdays(inst: object, attribute: attrs.Attribute[Any], value: frozenset[int]) -> None:
    """A validator for a frozen set of weekdays; a Sunday numbered 7 would be open without a word."""
    given: object = value
    if not isinstance(given, frozenset) or not value <= frozenset(range(_DAYS_IN_WEEK)):
        expected = "a frozenset of weekdays, 0 (Monday) to 6 (Sunday)"
        raise InvalidRecord(describe(inst), attribute.name, value, expected)


def _named_days(inst: object, attribute: attrs.Attribute[Any], value: dict[date, str]) -> None:
    """A validator for holidays: an instant as a key would match no day, and the holiday be open."""
    for day in value:
        plain_date(inst, attribute, day)


class Purpose(StrEnum):
    """What a calendar is for."""

    LEGAL = "legal"
    BANK = "bank"
    CONTRACT = "contract"


@runtime_checkable
class HolidayCalendar(Protocol):
    """What the date rules ask of a calendar; any object with these members will do."""

    @property
    def name(self) -> str:
        """The name results show, for example "FR legal holidays"."""
        ...

    @property
    def purpose(self) -> Purpose:
        """What the calendar is for."""
        ...

    @property
    def place(self) -> str:
        """ISO 3166 code, with the subdivision where it matters ("FR", "DE-BY"), or an institution ("EU")."""
        ...

    @property
    def version(self) -> str:
        """The version of the data, recorded in every result."""
        ...

    @property
    def first_day(self) -> date:
        """The first day the data covers."""
        ...

    @property
    def last_day(self) -> date:
        """The last day the data covers."""
        ...

    def why_closed(self, day: date) -> str | None:
        """Why `day` does not count ("Saturday", "Ascension Day"), or None when it is a business day.

        Raises `OutsideCoverage` for a day the data says nothing about.
        """
        ...


@runtime_checkable
class CalendarSource(Protocol):
    """Finds the calendar of a place: the library's own catalogue, a package's, or the host's."""

    def calendar_for(self, place: str, purpose: Purpose = Purpose.LEGAL) -> HolidayCalendar:
        """The calendar for `place` ("FR", "DE-BY"); raises `UnknownCalendar` when there is none."""
        ...


@frozen(kw_only=True)
class HolidayTable:
    """A calendar of named holidays and closed weekdays (0 is Monday; Saturday and Sunday by default).

    Raises `InvalidRecord` for a weekday that is none, and for a holiday with a time of day.

    >>> table = HolidayTable(name="office", place="FR", holidays={date(2026, 5, 1): "Labour Day"})
    >>> table.why_closed(date(2026, 5, 1)), table.why_closed(date(2026, 5, 4))
    ('Labour Day', None)
    """

    name: str = field(validator=text)
    purpose: Purpose = field(default=Purpose.CONTRACT, validator=member(Purpose))
    place: str = field(validator=text)
    version: str = field(default="given by the caller", validator=text)
    holidays: dict[date, str] = field(factory=dict[date, str], hash=False, repr=False, validator=_named_days)
    closed_weekdays: frozenset[int] = field(default=WEEKEND, validator=weekdays)
    first_day: date = field(default=date.min, validator=plain_date)
    last_day: date = field(default=date.max, validator=plain_date)

    def why_closed(self, day: date) -> str | None:
        """Why `day` does not count, or None when it is a business day; raises `OutsideCoverage`."""
        if not self.first_day <= day <= self.last_day:
            raise OutsideCoverage(self.name, day, self.first_day, self.last_day)
        holiday = self.holidays.get(day)
        if holiday is not None:
            return holiday
        return weekday_name(day) if day.weekday() in self.closed_weekdays else None


def is_business_day(day: date, calendar: HolidayCalendar) -> bool:
    """Whether `day` counts on `calendar`; raises `OutsideCoverage` for a day it says nothing about."""
    check_days("is_business_day", day=day)
    return calendar.why_closed(day) is None


EVERY_DAY: Final = HolidayTable(name="every day counts", place="anywhere", closed_weekdays=frozenset())
MONDAY_TO_FRIDAY: Final = HolidayTable(name="Monday to Friday, no holidays", place="anywhere")
