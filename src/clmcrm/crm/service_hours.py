"""Working time of a service: when its clock runs, how much of it has passed, and when so much will have.

The rule of the file: instants are compared in UTC, so that an hour is an hour on the day the clocks change;
hours of the day are those of the service's own zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from clmcrm.calendars.calendar import EVERY_DAY, HolidayCalendar
from clmcrm.calendars.months import add_days
from clmcrm.errors import InvalidRecord
from clmcrm.values.instants import in_utc
from clmcrm.values.validators import count, each, instance, instant, maybe, positive_count, text

_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)
_DAY_MINUTES: Final = 24 * 60
_LAST_WEEKDAY: Final = 6
_FURTHEST: Final = timedelta(days=3660)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


@frozen(kw_only=True)
class OpenHours:
    """On a `weekday` (0 is Monday) the service works from minute `opens` to `closes` of the local day.

    Minutes count from midnight, 540 is 9:00 and 1440 the end of the day; `closes` itself is outside.
    """

    weekday: int = field(validator=count)
    opens: int = field(validator=count)
    closes: int = field(validator=positive_count)

    def __attrs_post_init__(self) -> None:
        if self.weekday > _LAST_WEEKDAY:
            raise InvalidRecord("OpenHours", "weekday", self.weekday, "0 (Monday) to 6 (Sunday)")
        if not self.opens < self.closes <= _DAY_MINUTES:
            raise InvalidRecord("OpenHours", "closes", self.closes, f"{self.opens + 1} to {_DAY_MINUTES}")


@frozen(kw_only=True)
class ServiceHours:
    """The hours of a service in its `zone` ("Europe/Paris"), and the `calendar` of the days it works at all.

    A day counts when it has hours and the calendar does not close it. Of hours that the clocks skip, only what the
    clocks show counts; what begins or ends at a time they show twice does so the first time. Raises `InvalidRecord`
    for an unknown zone, no hours, or hours of one day that overlap.

    >>> office = office_hours("Europe/Paris", 9, 17)
    >>> friday = datetime.fromisoformat("2026-05-08T16:00+02:00")
    >>> office.instant_after(friday, 120).isoformat()
    '2026-05-11T10:00:00+02:00'
    """

    zone: str = field(validator=text)
    hours: tuple[OpenHours, ...] = field(validator=each(instance(OpenHours)))
    calendar: HolidayCalendar = field(default=EVERY_DAY)

    def __attrs_post_init__(self) -> None:
        try:
            _ = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise InvalidRecord("ServiceHours", "zone", self.zone, "a zone such as Europe/Paris") from unknown
        spans = sorted((h.weekday, h.opens, h.closes) for h in self.hours)
        if not spans:
            raise InvalidRecord("ServiceHours", "hours", (), "at least one day with hours")
        for before, after in pairwise(spans):
            if before[0] == after[0] and after[1] < before[2]:
                raise InvalidRecord("ServiceHours", "hours", after, "hours that do not overlap")

    def minutes_between(self, begin: datetime, end: datetime, pauses: Sequence[ClockPause] = ()) -> int:
        """The whole working minutes from `begin` to `end`, pauses taken out; 0 when `end` is not later."""
        return self.worked_between(begin, end, pauses) // _MINUTE

    def worked_between(self, begin: datetime, end: datetime, pauses: Sequence[ClockPause] = ()) -> timedelta:
        """The working time from `begin` to `end` to the microsecond, pauses taken out; none when `end` is not later."""
        stretches = self._runs(begin, end, pauses)
        return sum((closes - opens for opens, closes in stretches), timedelta(0))

    def instant_after(self, begin: datetime, minutes: int, pauses: Sequence[ClockPause] = ()) -> datetime:
        """The instant at which `minutes` of working time have passed since `begin`, in the service's zone.

        Pauses that are not over stop the clock for good. Raises `InvalidRecord` when it never comes within ten
        years: the calendar closes every day, a pause does not end, or the year 9999 does; and for `minutes` that are no
        whole number of zero or more.
        """
        given: object = minutes
        if not isinstance(given, int) or isinstance(given, bool) or given < 0:
            raise InvalidRecord("ServiceHours", "minutes", given, "a whole number of zero or more")
        left = minutes * _MINUTE
        start = in_utc(begin, "begin")
        far = start + min(_FURTHEST, _LAST - start)
        for opens, closes in self._runs(begin, far, pauses):
            if closes - opens >= left:
                return (opens + left).astimezone(ZoneInfo(self.zone))
            left -= closes - opens
        raise InvalidRecord("ServiceHours", "pauses", len(pauses), f"{minutes} working minutes within ten years")

    def _runs(
        self, begin: datetime, end: datetime, pauses: Sequence[ClockPause]
    ) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of working time between the two instants, in UTC and in order."""
        begin, end = in_utc(begin, "begin"), in_utc(end, "end")
        first, last = self._day_of(begin), self._day_of(end)
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            for opens, closes in self._open_on(date.fromordinal(ordinal)):
                yield from _without(max(opens, begin), min(closes, end), pauses)

    def _day_of(self, at: datetime) -> date:
        """The local day of an instant; where that lies outside the years 1 to 9999, the first or the last day."""
        try:
            return at.astimezone(ZoneInfo(self.zone)).date()
        except OverflowError:
            return date.min if at.year == 1 else date.max

    def _open_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        mine = sorted((h.opens, h.closes) for h in self.hours if h.weekday == day.weekday())
        if mine and self.calendar.why_closed(day) is None:
            for opens, closes in mine:
                yield self._at(day, opens), self._at(day, closes)

    def _at(self, day: date, minute: int) -> datetime:
        """The instant of a minute of the local day, in UTC; of one the clocks skip, the instant they skip it."""
        if minute == _DAY_MINUTES and day == date.max:
            # No day comes after it, so that its end is told from its last minute.
            return min(self._at(day, minute - 1), _LAST - _MINUTE) + _MINUTE
        if minute == _DAY_MINUTES:
            day, minute = add_days(day, 1), 0
        zone = ZoneInfo(self.zone)
        local = datetime.combine(day, time(minute // 60, minute % 60), zone)
        found = in_utc(local)
        if day in {date.min, date.max} or _reads(found, zone) == _reads(local, zone):
            return found
        # The first reading of a skipped time lies after the skip, the second one before it (PEP 495).
        return _skip_between(local.replace(fold=1), found, zone)


def _reads(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of `zone` show at the instant."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _skip_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between the two at which the clocks of `zone` go forward, to the second, in UTC."""
    first, late = before.astimezone(UTC), after.astimezone(UTC)
    offset = first.astimezone(zone).utcoffset()
    while late - first > _SECOND:
        middle = first + (late - first) // _SECOND // 2 * _SECOND
        first, late = (middle, late) if middle.astimezone(zone).utcoffset() == offset else (first, middle)
    return late


@frozen(kw_only=True)
class ClockPause:
    """The clock stood still from `from_at` to `until_at` (None: it still does), for a reason (`why`)."""

    from_at: datetime = field(validator=instant)
    until_at: datetime | None = field(default=None, validator=maybe(instant))
    why: str = ""

    def __attrs_post_init__(self) -> None:
        if self.until_at is not None and in_utc(self.until_at) < in_utc(self.from_at):
            raise InvalidRecord("ClockPause", "until_at", self.until_at, f"{self.from_at} or later")

    def stands_at(self, at: datetime) -> bool:
        """Whether the clock stands still at `at`: from the first instant to the one before the last."""
        now = in_utc(at)
        return in_utc(self.from_at) <= now and (self.until_at is None or now < in_utc(self.until_at))


def _without(opens: datetime, closes: datetime, pauses: Sequence[ClockPause]) -> Iterator[tuple[datetime, datetime]]:
    """What is left of a stretch when the pauses are taken out of it."""
    here = opens
    for stops, pause in sorted(((in_utc(p.from_at), p) for p in pauses), key=lambda pair: pair[0]):
        if stops >= closes:
            break
        if stops > here:
            yield here, stops
        if pause.until_at is None:
            return
        here = max(here, in_utc(pause.until_at))
    if here < closes:
        yield here, closes


def office_hours(
    zone: str, opens: int, closes: int, *, weekdays: Sequence[int] = range(5), calendar: HolidayCalendar = EVERY_DAY
) -> ServiceHours:
    """The same whole hours on each of `weekdays` (Monday to Friday by default): 9 and 17 are 9:00 to 17:00.

    >>> len(office_hours("Europe/Paris", 0, 24, weekdays=range(7)).hours)
    7
    """
    hours = tuple(OpenHours(weekday=day, opens=opens * 60, closes=closes * 60) for day in weekdays)
    return ServiceHours(zone=zone, hours=hours, calendar=calendar)
