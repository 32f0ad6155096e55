"""Where calendars come from: a host may answer with its own, with the library's, or with a package's."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from clmcrm.calendars.calendar import HolidayCalendar, Purpose


@runtime_checkable
class CalendarSource(Protocol):
    """Finds the calendar for a place and a purpose."""

    def calendar_for(self, place: str, purpose: Purpose = Purpose.LEGAL) -> HolidayCalendar:
        """The calendar for `place` ("FR", "DE-BY"); raises `UnknownCalendar` when there is none."""
        ...
