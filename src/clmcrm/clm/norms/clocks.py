"""What a suspension does to running days: SHIFT moves them, FREEZE stops the clocks, NONE lets them run.

- SHIFT: a day that had not come when the suspension began moves by its whole length.
- FREEZE: the days inside are not counted. A day that falls inside comes on the day of resumption; grace,
  cure and lateness stand still.
- NONE: nothing moves; the norm merely rests.

Where suspensions overlap, the strongest effect of a day holds, in the order above. One that is still running
leaves the days it touches unknown: how long it lasts decides them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.adjustments import Convention, adjust, following
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import add_days
from clmcrm.clm.events import ClockEffect
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.validators import instance, member
from clmcrm.values.wording import Wording

_STRENGTH: Final = (ClockEffect.NONE, ClockEffect.FREEZE, ClockEffect.SHIFT)
_ONE_DAY: Final = timedelta(days=1)


@frozen(kw_only=True)
class Rest:
    """Days on which a norm rests (`span` without an end: it still does), with the effect, and why."""

    span: Span = field(validator=instance(Span))
    clocks: ClockEffect = field(validator=member(ClockEffect))
    why: Wording = field(validator=instance(Wording))


def disjoint(rests: Iterable[Rest]) -> tuple[Rest, ...]:
    """The same days without overlap, oldest first, each with the strongest effect that covers it."""
    given = list(rests)
    edges = {rest.span.first_day for rest in given}
    edges |= {day for rest in given if (day := rest.span.next_first_day) is not None}
    found: list[Rest] = []
    for first_day in sorted(edges):
        covering = [rest for rest in given if first_day in rest.span]
        if covering:
            strongest = max(covering, key=lambda rest: _STRENGTH.index(rest.clocks))
            after = min((day for day in edges if day > first_day), default=None)
            last_day = None if after is None else after - _ONE_DAY
            _join(found, Rest(span=Span(first_day, last_day), clocks=strongest.clocks, why=strongest.why))
    return tuple(found)


def resting_on(rests: Iterable[Rest], day: date) -> Rest | None:
    """The suspension that covers `day`, or None."""
    return next((rest for rest in rests if day in rest.span), None)


def rested(
    day: date, rests: Iterable[Rest], convention: Convention, calendar: HolidayCalendar | None
) -> date | Unknown:
    """Where a day that was agreed comes to lie after the (disjoint) suspensions, adjusted again if it moved.

    `Unknown` while a suspension that touches it is still running.
    """
    for rest in rests:
        first_day, last_day = rest.span.first_day, rest.span.last_day
        if rest.clocks is ClockEffect.NONE or first_day > day:
            continue
        if last_day is None:
            return _undecided(rest)
        if rest.clocks is ClockEffect.SHIFT:
            day = _adjusted(add_days(day, rest.span.days or 0), last_day, convention, calendar)
        elif day <= last_day:
            day = _adjusted(last_day + _ONE_DAY, last_day, convention, calendar)
    return day


def run_out(start: date, last_day: date, rests: Iterable[Rest]) -> date | Unknown:
    """The last day of a clock that runs from the day after `start` to `last_day`, suspensions not counted.

    `Unknown` while one that touches it is still running.
    """
    for rest in rests:
        inside = max(rest.span.first_day, add_days(start, 1))
        stopped = rest.clocks is not ClockEffect.NONE and inside <= last_day
        if not stopped or (rest.span.last_day is not None and rest.span.last_day < inside):
            continue
        if rest.span.last_day is None:
            return _undecided(rest)
        last_day = add_days(last_day, (rest.span.last_day - inside).days + 1)
    return last_day


def counted(after: date, last_day: date, rests: Iterable[Rest]) -> tuple[Span, ...]:
    """The days of `(after, last_day]` that count as late: those outside every FREEZE, as runs of days."""
    if last_day <= after:
        return ()
    runs: list[Span] = []
    begin = add_days(after, 1)
    for rest in disjoint(rests):
        frozen_to = rest.span.last_day or last_day
        if rest.clocks is not ClockEffect.FREEZE or frozen_to < begin or rest.span.first_day > last_day:
            continue
        if rest.span.first_day > begin:
            runs.append(Span(begin, rest.span.first_day - _ONE_DAY))
        begin = add_days(frozen_to, 1)
    return (*runs, Span(begin, last_day)) if begin <= last_day else tuple(runs)


def _join(found: list[Rest], rest: Rest) -> None:
    last = found[-1] if found else None
    if last is not None and last.clocks is rest.clocks and last.span.next_first_day == rest.span.first_day:
        found[-1] = Rest(span=Span(last.span.first_day, rest.span.last_day), clocks=rest.clocks, why=last.why)
    else:
        found.append(rest)


def _adjusted(day: date, resting_to: date, convention: Convention, calendar: HolidayCalendar | None) -> date:
    if convention is Convention.NONE or calendar is None:
        return day
    moved = adjust(day, convention, calendar)
    # A rule that goes back must not lead back into the suspension.
    return moved if moved > resting_to else following(day, calendar)


def _undecided(rest: Rest) -> Unknown:
    return Unknown(f"{rest.why.en} since {rest.span.first_day}; the day depends on how long it lasts")
