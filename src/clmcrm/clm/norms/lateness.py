"""How late an occurrence is: calendar days, business days of a given calendar, and the level reached.

Frozen days are never late; days in dispute count as late and do not escalate. No calendar is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from clmcrm.calendars.adjustments import business_days
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import add_days
from clmcrm.clm.norms.clocks import Rest, counted
from clmcrm.clm.norms.dispute_region import Contested, open_on
from clmcrm.clm.norms.obligation_walk import Breach
from clmcrm.errors import OutsideCoverage
from clmcrm.values.partial import Unknown


@frozen(kw_only=True)
class Lateness:
    """The late `days` in order, and the `business` days of them, or why they cannot be told."""

    days: tuple[date, ...]
    business: tuple[date, ...] | Unknown

    @property
    def overdue(self) -> int | Unknown:
        """How many business days late."""
        return self.business if isinstance(self.business, Unknown) else len(self.business)

    def level(self, thresholds: tuple[int, ...], cases: Iterable[Contested]) -> int | Unknown:
        """How many of the thresholds, in overdue business days, are reached outside disputes."""
        if not thresholds:
            return 0
        if isinstance(self.business, Unknown):
            return self.business
        told = tuple(cases)
        days = sum(not open_on(told, day) for day in self.business)
        return sum(days >= threshold for threshold in thresholds)


def lateness(
    breach: Breach | None, until: date, rests: Iterable[Rest], calendar: HolidayCalendar | None = None
) -> Lateness:
    """The days late up to and with `until`; none without a breach.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> broken = Breach(since=date(2026, 3, 11), last_allowed=date(2026, 3, 10))
    >>> found = lateness(broken, date(2026, 3, 16), (), MONDAY_TO_FRIDAY)
    >>> len(found.days), found.overdue
    (6, 4)
    """
    if breach is None:
        return Lateness(days=(), business=())
    eve = add_days(breach.since, -1)  # what fell due before it bound is late only from then on
    days = tuple(
        date.fromordinal(n)
        for run in counted(eve, until, rests)
        for n in range(run.first_day.toordinal(), (run.last_day or run.first_day).toordinal() + 1)
    )
    if not days:
        return Lateness(days=(), business=())
    if calendar is None:
        return Lateness(days=days, business=Unknown("business days need a calendar, and none was given"))
    try:
        opened = business_days(eve, until, calendar)
    except OutsideCoverage as outside:
        return Lateness(days=days, business=Unknown(str(outside)))
    return Lateness(days=days, business=tuple(sorted(set(days) & set(opened))))
