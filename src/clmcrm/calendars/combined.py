"""Calendars made of other calendars: open where all are, open where any is, or with another working week.

The rule of the file: the parts stay visible. Name, place and version of the result list those of its
parts, the coverage is what all parts cover, and the reason for a closed day names the part that closes it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import SUNDAY, WEEKEND, HolidayCalendar, Purpose, weekdays
from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import flag, member, text

_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _joined(words: list[str]) -> str:
    return " + ".join(dict.fromkeys(words))


@frozen(kw_only=True)
class CombinedCalendar:
    """Several calendars as one: closed when any part is, or only when every part is (`closed_by_all`)."""

    name: str = field(validator=text)
    parts: tuple[HolidayCalendar, ...]
    closed_by_all: bool = field(default=False, validator=flag)
    purpose: Purpose = field(default=Purpose.CONTRACT, validator=member(Purpose))

    def __attrs_post_init__(self) -> None:
        if not self.parts:
            raise InvalidRecord("CombinedCalendar", "parts", self.parts, "at least one calendar")

    @property
    def place(self) -> str:
        """The places of the parts."""
        return _joined([part.place for part in self.parts])

    @property
    def version(self) -> str:
        """The versions of the parts' data."""
        return _joined([part.version for part in self.parts])

    @property
    def first_day(self) -> date:
        """The first day that every part covers."""
        return max(part.first_day for part in self.parts)

    @property
    def last_day(self) -> date:
        """The last day that every part covers."""
        return min(part.last_day for part in self.parts)

    def why_closed(self, day: date) -> str | None:
        """Why `day` does not count, or None; raises `OutsideCoverage` where any part has no data."""
        return self._together([part.why_closed(day) for part in self.parts])

    def closed_by_holiday(self, day: date) -> str | None:
        """As `why_closed`, by the holidays of the parts alone: a weekday that a part closes is no reason here."""
        return self._together([_holiday_on(part, day) for part in self.parts])

    def _together(self, reasons: list[str | None]) -> str | None:
        pairs = zip(self.parts, reasons, strict=True)
        said = [f"{why} ({part.place})" for part, why in pairs if why is not None]
        closed = len(said) == len(reasons) if self.closed_by_all else bool(said)
        return "; ".join(said) if closed else None


def _holiday_on(calendar: HolidayCalendar, day: date) -> str | None:
    """Why `calendar` does not count `day`, unless that is for its weekday alone."""
    if isinstance(calendar, CombinedCalendar):
        return calendar.closed_by_holiday(day)
    reason = calendar.why_closed(day)
    # strftime speaks the process's own language, so both spellings of the weekday are known here.
    return None if reason in {_NAMES[day.weekday()], f"{day:%A}"} else reason


def open_when_all(*calendars: HolidayCalendar) -> CombinedCalendar:
    """A calendar on which a day counts only when it counts on every one of `calendars`.

    >>> from clmcrm.calendars.calendar import HolidayTable
    >>> fr = HolidayTable(name="FR", place="FR", holidays={date(2026, 7, 14): "Bastille Day"})
    >>> us = HolidayTable(name="US", place="US", holidays={date(2026, 9, 7): "Labor Day"})
    >>> open_when_all(fr, us).why_closed(date(2026, 7, 14))
    'Bastille Day (FR)'
    """
    name = " and ".join(calendar.name for calendar in calendars) or "nothing"
    return CombinedCalendar(name=name, parts=calendars)


def open_when_any(*calendars: HolidayCalendar) -> CombinedCalendar:
    """A calendar on which a day counts when it counts on at least one of `calendars`.

    >>> from clmcrm.calendars.calendar import HolidayTable
    >>> fr = HolidayTable(name="FR", place="FR", holidays={date(2026, 7, 14): "Bastille Day"})
    >>> us = HolidayTable(name="US", place="US")
    >>> open_when_any(fr, us).why_closed(date(2026, 7, 14)) is None
    True
    """
    name = " or ".join(calendar.name for calendar in calendars) or "nothing"
    return CombinedCalendar(name=name, parts=calendars, closed_by_all=True)


@frozen(kw_only=True)
class WorkingWeek:
    """The holidays of another calendar under a working week of its own (`closed_weekdays`, 0 is Monday).

    `holidays` answers for every day; where its reason is no more than the weekday's English name
    ("Saturday"), the day is closed only if this week closes it. A holiday on a Saturday stays a holiday. Of a combined
    calendar each part is asked for its holidays.
    """

    name: str = field(validator=text)
    holidays: HolidayCalendar
    closed_weekdays: frozenset[int] = field(validator=weekdays)

    @property
    def purpose(self) -> Purpose:
        """The purpose of the calendar the holidays come from."""
        return self.holidays.purpose

    @property
    def place(self) -> str:
        """The place of the calendar the holidays come from."""
        return self.holidays.place

    @property
    def version(self) -> str:
        """The version of the holidays' data."""
        return self.holidays.version

    @property
    def first_day(self) -> date:
        """The first day the holidays cover."""
        return self.holidays.first_day

    @property
    def last_day(self) -> date:
        """The last day the holidays cover."""
        return self.holidays.last_day

    def why_closed(self, day: date) -> str | None:
        """Why `day` does not count, or None; raises `OutsideCoverage` where the holidays have no data."""
        weekday = day.weekday()
        closed = _NAMES[weekday] if weekday in self.closed_weekdays else None
        return _holiday_on(self.holidays, day) or closed


def jours_ouvres(holidays: HolidayCalendar) -> WorkingWeek:
    """Business days in the French sense: Monday to Friday without the holidays of `holidays`.

    >>> from clmcrm.calendars.calendar import HolidayTable
    >>> fr = HolidayTable(name="FR legal", place="FR", holidays={date(2026, 5, 1): "Labour Day"})
    >>> jours_ouvres(fr).why_closed(date(2026, 5, 2))
    'Saturday'
    """
    return WorkingWeek(name=f"{holidays.place}-ouvre", holidays=holidays, closed_weekdays=WEEKEND)


def jours_ouvrables(holidays: HolidayCalendar) -> WorkingWeek:
    """Working days including Saturday: every day but Sunday and the holidays of `holidays`.

    >>> from clmcrm.calendars.calendar import HolidayTable
    >>> fr = HolidayTable(name="FR legal", place="FR", holidays={date(2026, 8, 15): "Assumption"})
    >>> ouvrables = jours_ouvrables(fr)
    >>> ouvrables.why_closed(date(2026, 8, 8)) is None, ouvrables.why_closed(date(2026, 8, 15))
    (True, 'Assumption')
    """
    return WorkingWeek(name=f"{holidays.place}-ouvrable", holidays=holidays, closed_weekdays=frozenset({SUNDAY}))
