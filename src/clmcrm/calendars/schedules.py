"""The dates of a contract's periods: regular ones, the odd one at an end, and the days they are due.

The rule of the file: `PeriodicSchedule` is what the parties wrote and `resolve` turns it into a `Schedule`
of dates, with the dates before and after the business day adjustment side by side. The model is that of
OpenGamma Strata (frequency, stub, roll, adjustment, explicit regular dates, ends adjusted on their own).
What contradicts itself raises `ContradictorySchedule` with the dates concerned; nothing is shortened,
merged or moved in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from attrs import evolve, field, frozen

from clmcrm.calendars.adjustments import Convention, adjust
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.regular_dates import counted_back, counted_on, tolerated
from clmcrm.calendars.resolved_periods import Schedule, SchedulePeriod
from clmcrm.calendars.rolls import NO_ROLL, Roll
from clmcrm.calendars.stubs import Stub, implied_roll, remaining_stub
from clmcrm.errors import ContradictorySchedule, InvalidRecord
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import instance, maybe, member, plain_date


@frozen(kw_only=True)
class PeriodicSchedule:
    """The periods as agreed: from `first_day` up to, not including, `next_first_day`, every `frequency`.

    `frequency` None means one single period. `stub` says where an odd period may stand (None: nowhere,
    unless `first_regular` or `last_regular` or `roll` imply it); `roll` the day of the month the series
    returns to (None: taken from the dates). `END_OF_MONTH` is advice: it holds only if the dates really are
    month ends. `convention` adjusts every date, `first_convention` and `last_convention` the two ends where
    they differ (None: the same). `first_regular` and `last_regular` are the boundaries of explicit stubs.
    `override_first_day` replaces the first day once all else is computed.

    All dates are unadjusted; a date that was given already adjusted is recognised as the roll day it came
    from. Raises `ContradictorySchedule` for dates out of order, `InvalidRecord` for a frequency of months
    and days together.
    """

    first_day: date = field(validator=plain_date)
    next_first_day: date = field(validator=plain_date)
    frequency: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    stub: Stub | None = field(default=None, validator=maybe(member(Stub)))
    roll: Roll | None = field(default=None, validator=maybe(instance(Roll)))
    convention: Convention = field(default=Convention.NONE, validator=member(Convention))
    first_convention: Convention | None = field(default=None, validator=maybe(member(Convention)))
    last_convention: Convention | None = field(default=None, validator=maybe(member(Convention)))
    first_regular: date | None = field(default=None, validator=maybe(plain_date))
    last_regular: date | None = field(default=None, validator=maybe(plain_date))
    override_first_day: date | None = field(default=None, validator=maybe(plain_date))
    override_convention: Convention = field(default=Convention.NONE, validator=member(Convention))

    def __attrs_post_init__(self) -> None:
        if self.frequency is not None and self.frequency.whole_months and self.frequency.loose_days:
            # Counted on and counted back, such a step gives different dates.
            raise InvalidRecord("PeriodicSchedule", "frequency", str(self.frequency), "months or days, not both")
        _in_order("first_day", self.first_day, "next_first_day", self.next_first_day, strict=True)
        first_name = "first_day" if self.override_first_day is None else "override_first_day"
        first = self.first_day if self.override_first_day is None else self.override_first_day
        _in_order(first_name, first, "next_first_day", self.next_first_day, strict=True)
        _in_order(first_name, first, "first_regular", self.first_regular)
        _in_order(first_name, first, "last_regular", self.last_regular)
        _in_order("first_regular", self.first_regular, "last_regular", self.last_regular)
        _in_order("first_regular", self.first_regular, "next_first_day", self.next_first_day)
        _in_order("last_regular", self.last_regular, "next_first_day", self.next_first_day)


def _in_order(early: str, one: date | None, late: str, other: date | None, *, strict: bool = False) -> None:
    if one is not None and other is not None and (one > other or (strict and one == other)):
        relation = "before" if strict else "on or before"
        raise ContradictorySchedule(f"{early} {one} must lie {relation} {late} {other}")


@frozen
class _Calendars:
    """The calendar of every boundary between the ends, and those of the first and the last one."""

    inner: HolidayCalendar
    first: HolidayCalendar
    last: HolidayCalendar


def resolve(
    agreed: PeriodicSchedule,
    calendar: HolidayCalendar,
    *,
    first_calendar: HolidayCalendar | None = None,
    last_calendar: HolidayCalendar | None = None,
    combine: bool = False,
) -> Schedule:
    """The schedule's periods, adjusted on `calendar`.

    `first_calendar` and `last_calendar` are those on which the first and the last boundary are adjusted
    where they differ, as their conventions may (None: `calendar`). Two dates that fall on the same day
    after adjustment raise `ContradictorySchedule`; with `combine` the earlier of the two is dropped and the
    periods around it become one. Raises `OutsideCoverage` where the calendar has no data.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> agreed = PeriodicSchedule(
    ...     first_day=date(2026, 1, 31), next_first_day=date(2026, 4, 30), frequency=Tenor(months=1),
    ...     convention=Convention.MODIFIED_FOLLOWING)
    >>> for period in resolve(agreed, MONDAY_TO_FRIDAY).periods:
    ...     print(period.unadjusted_first_day, period.first_day)
    2026-01-31 2026-01-30
    2026-02-28 2026-02-27
    2026-03-31 2026-03-31
    """
    calendars = _Calendars(calendar, first_calendar or calendar, last_calendar or calendar)
    unadjusted, roll = _unadjusted(agreed, calendars)
    adjusted = _adjusted(agreed, unadjusted, calendars)
    pairs = list(zip(unadjusted, adjusted, strict=True))
    if combine:
        # Of two boundaries on the same day the later one stays.
        kept = [one for one, other in pairwise(pairs) if one[1] != other[1]]
        pairs = [*kept, pairs[-1]]
    _refuse_repeats("unadjusted", [day for day, _ in pairs])
    _refuse_repeats("adjusted", [day for _, day in pairs])
    periods = tuple(_period(one, other, agreed.frequency, roll) for one, other in pairwise(pairs))
    if not periods:
        raise ContradictorySchedule(f"every date falls on {pairs[0][1]} once adjusted: no period is left")
    return Schedule(periods=periods, roll=roll)


def _refuse_repeats(kind: str, days: Sequence[date]) -> None:
    for one, other in pairwise(days):
        if one >= other:
            relation = "twice" if one == other else f"before {other}"
            raise ContradictorySchedule(f"the {kind} date {one} comes {relation}; combine periods if meant")


def _period(one: tuple[date, date], other: tuple[date, date], frequency: Tenor | None, roll: Roll) -> SchedulePeriod:
    on_roll = roll.matches(one[0])
    regular = frequency is None or (on_roll and roll.following(one[0], frequency) == other[0])
    return SchedulePeriod(
        unadjusted_first_day=one[0],
        unadjusted_next_first_day=other[0],
        first_day=one[1],
        next_first_day=other[1],
        is_stub=not regular,
    )


def _adjusted(agreed: PeriodicSchedule, unadjusted: Sequence[date], calendars: _Calendars) -> list[date]:
    first_convention = agreed.first_convention or agreed.convention
    last_convention = agreed.last_convention or agreed.convention
    if agreed.override_first_day is None:
        first = adjust(agreed.first_day, first_convention, calendars.first)
    else:
        first = adjust(agreed.override_first_day, agreed.override_convention, calendars.first)
    inner = [adjust(day, agreed.convention, calendars.inner) for day in unadjusted[1:-1]]
    return [first, *inner, adjust(agreed.next_first_day, last_convention, calendars.last)]


def _before_adjustment(day: date, roll: Roll | None, convention: Convention, calendar: HolidayCalendar) -> date:
    """The roll's day that `day` was adjusted from, or `day` itself when it was not."""
    if roll is None or roll.matches(day):
        return day
    candidate = roll.adjusted(day)
    return candidate if adjust(candidate, convention, calendar) == day else day


def _unadjusted(agreed: PeriodicSchedule, calendars: _Calendars) -> tuple[list[date], Roll]:
    roll, convention, calendar = agreed.roll, agreed.convention, calendars.inner
    first, last = agreed.first_day, agreed.next_first_day
    # A first day that is adjusted on its own account says nothing about the roll, except a month end.
    if roll is not None and (agreed.first_convention is Convention.NONE or roll.is_end_of_month):
        first = _before_adjustment(first, roll, convention, calendar)
    last = _before_adjustment(last, roll, agreed.last_convention or convention, calendars.last)
    first_regular, last_regular = agreed.first_regular, agreed.last_regular
    start = first if first_regular is None else _before_adjustment(first_regular, roll, convention, calendar)
    end = last if last_regular is None else _before_adjustment(last_regular, roll, convention, calendar)
    return _boundaries(agreed, first, start, end, last)


def _boundaries(agreed: PeriodicSchedule, first: date, start: date, end: date, last: date) -> tuple[list[date], Roll]:
    """Every boundary: `first`, the regular ones from `start` to `end`, and `last`."""
    opening = first if agreed.override_first_day is None else agreed.override_first_day
    roll = _applied_roll(agreed, start, end)
    if start == last or end == first:
        return [opening, last], roll
    if agreed.frequency is None:
        if start != first or end != last:
            raise ContradictorySchedule(
                f"explicit stubs at {start} and {end} need a frequency: {first} to {last} is one period"
            )
        return [opening, last], roll
    stub = remaining_stub(agreed.stub, agreed.roll, first=first, start=start, end=end, last=last)
    anchor = _overridden_anchor(agreed, roll, start)
    if stub.is_initial:
        regular = counted_back(anchor, end, agreed.frequency, roll, stub)
    else:
        if end == last:
            stub = tolerated(stub, anchor, end, agreed.frequency, roll)
        regular = counted_on(anchor, end, agreed.frequency, roll, stub, after_stub=start != first)
    before = [opening] if start != first else []
    if not before:
        regular[0] = opening
    return [*before, *regular, *([last] if end != last else [])], roll


def _overridden_anchor(agreed: PeriodicSchedule, roll: Roll, start: date) -> date:
    """The day the regular periods run from: the override where the roll was meant for it alone."""
    override = agreed.override_first_day
    if override is None or agreed.roll is None or agreed.first_regular is not None:
        return start
    return override if roll.matches(override) and not roll.matches(start) else start


def _applied_roll(agreed: PeriodicSchedule, start: date, end: date) -> Roll:
    if agreed.frequency is None:
        return agreed.roll or NO_ROLL
    if agreed.roll is None or agreed.roll == NO_ROLL:
        return implied_roll(agreed.stub, start, end, agreed.frequency, prefer_month_end=False)
    if agreed.roll.is_end_of_month:
        implied = implied_roll(agreed.stub, start, end, agreed.frequency, prefer_month_end=True)
        return agreed.roll if implied == NO_ROLL else implied
    return agreed.roll


def with_first_day(
    agreed: PeriodicSchedule,
    first_day: date,
    calendar: HolidayCalendar,
    *,
    last_calendar: HolidayCalendar | None = None,
) -> PeriodicSchedule:
    """The same schedule beginning on `first_day`, which is taken as adjusted: later dates do not move.

    `calendar` and `last_calendar` as in `resolve`.

    For a term that is shortened or extended at its beginning: the periods are then counted back from the
    end, so the new odd period stands first. Raises `ContradictorySchedule` when `first_day` lies after the
    end.

    >>> from clmcrm.calendars.calendar import EVERY_DAY
    >>> agreed = PeriodicSchedule(
    ...     first_day=date(2026, 1, 17), next_first_day=date(2026, 3, 17), frequency=Tenor(months=1))
    >>> moved = with_first_day(agreed, date(2026, 1, 4), EVERY_DAY)
    >>> [day.isoformat() for day in resolve(moved, EVERY_DAY).unadjusted]
    ['2026-01-04', '2026-01-17', '2026-02-17', '2026-03-17']
    """
    stub, last_regular = agreed.stub, agreed.last_regular
    if stub is None or stub in {Stub.NONE, Stub.BOTH}:
        stub = Stub.SMART_INITIAL
    elif stub.is_final:
        last_regular = last_regular or _last_regular(agreed, _Calendars(calendar, calendar, last_calendar or calendar))
        stub = stub if last_regular is None else Stub.SMART_INITIAL
    return evolve(
        agreed,
        first_day=first_day,
        first_convention=Convention.NONE,
        first_regular=None,
        last_regular=last_regular,
        override_first_day=None,
        stub=stub,
    )


def _last_regular(agreed: PeriodicSchedule, calendars: _Calendars) -> date | None:
    """The boundary before the last one; None when there is a single period."""
    _, *inner, _ = _unadjusted(agreed, calendars)[0]
    return inner[-1] if inner else None
