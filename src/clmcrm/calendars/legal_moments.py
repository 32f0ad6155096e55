"""Moments that the law names: a window before a day, the n-th working day, mid-month, a number of hours.

As in `legal_time`, each answer carries the rule that decided and its steps.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.legal_counting import moved, nth_open_day, reached
from clmcrm.calendars.legal_results import LegalDay, LegalInstant, LegalWindow
from clmcrm.calendars.months import add_days, day_in_month, forward, latest_start
from clmcrm.calendars.reasoning import Reasoning, length, said, why_closed
from clmcrm.calendars.regimes.record import Regime, WhenClosed
from clmcrm.errors import DateRuleError
from clmcrm.values.source import Source
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step, Wording

_HALF_MONTH_DAYS: Final = 15
_MIDDLE: Final = 15
_HOUR: Final = timedelta(hours=1)
_MONTHS: Final = range(1, 13)


class NamedDay(StrEnum):
    """A day of a month that a contract calls by its place."""

    BEGINNING = "beginning"
    MIDDLE = "middle"
    END = "end"


_NUMBERS: Final = {NamedDay.BEGINNING: 1, NamedDay.MIDDLE: _MIDDLE, NamedDay.END: 31}


def window(reference: date, outer: Tenor, inner: Tenor, *, source: Source) -> LegalWindow:
    """The span from `outer` to `inner` before `reference`, both ends inside; no end is moved.

    First day: the earliest from which `outer`, counted forward, reaches `reference`. Last day: the latest
    from which `inner` does not go beyond it. Raises `DateRuleError` when `outer` is the shorter one.

    >>> from clmcrm.values.source import Authority
    >>> law = Source(citation="C. conso art. L215-1", authority=Authority.STATUTE)
    >>> str(window(date(2026, 10, 31), Tenor(months=3), Tenor(months=1), source=law).span)
    '2026-07-31/2026-09-30'
    """
    first_day = add_days(latest_start(add_days(reference, -1), outer), 1)
    last_day = latest_start(reference, inner)
    if last_day < first_day:
        raise DateRuleError(f"the window opens {outer} before and closes {inner} before; expected a longer opening")
    closes = length(inner)
    steps = (
        Step(reference, said("the reference day is {0}", "le jour de référence est le {0}", reference)),
        Step(
            first_day,
            _opening(first_day, outer, reference),
        ),
        Step(
            last_day,
            said(
                f"{{0}} is the last day from which {closes.en} end by {{1}} ({source})",
                f"le {{0}} est le dernier jour à partir duquel {closes.fr} finissent au plus tard le {{1}} "
                f"({source.citation})",
                last_day,
                forward(last_day, inner),
            ),
        ),
    )
    return LegalWindow(span=Span(first_day, last_day), source=source, steps=steps)


def _opening(first_day: date, outer: Tenor, reference: date) -> Wording:
    opens, end = length(outer), reached(first_day, outer)
    if end is None:
        en, fr = "go beyond", "dépassent"
    else:
        en, fr = "reach", "atteignent"
    return said(
        f"{{0}} is the first day from which {opens.en} {en} {{1}}",
        f"le {{0}} est le premier jour à partir duquel {opens.fr} {fr} le {{1}}",
        first_day,
        end or reference,
    )


def nth_working_day(year: int, month: int, n: int, *, law: Regime, calendar: HolidayCalendar | None = None) -> LegalDay:
    """The n-th working day of a month (1 to 12).

    Without a calendar, the legal one of the law's place is assumed with the weekdays that the law counts:
    in Germany Saturday is a working day here (BGH VIII ZR 206/04). A calendar that is given decides alone.
    Raises `DateRuleError` when the month has fewer working days, or there is no such month.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> nth_working_day(2002, 6, 3, law=regime("DE_BGB")).day
    datetime.date(2002, 6, 4)
    """
    number = _month_number(year, month)
    eve = add_days(day_in_month(number, 1), -1)
    if n < 1:
        raise DateRuleError(f"there is no working day number {n}; expected 1 or more")
    reasons = Reasoning(law)
    used = reasons.rely_on(calendar, eve, closed_weekdays=law.working_day.closed_weekdays)
    day = nth_open_day(eve, n, used)
    if day > day_in_month(number, 31):
        raise DateRuleError(f"{year}-{month:02} has fewer than {n} working days by {used.name}")
    reasons.apply(
        law.working_day.rule,
        day,
        said(f"working day number {n} is {{0}}", f"le jour ouvrable numéro {n} est le {{0}}", day),
    )
    return reasons.conclude(day, day)


def named_day(year: int, month: int, which: NamedDay, *, law: Regime) -> LegalDay:
    """The beginning, middle or end of a month; raises `DateRuleError` where the law does not define them.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> named_day(2026, 2, NamedDay.END, law=regime("DE_BGB")).day
    datetime.date(2026, 2, 28)
    """
    if law.named_days is None:
        raise DateRuleError(f"{law.name} does not define the {which.value} of a month")
    reasons = Reasoning(law)
    day = day_in_month(_month_number(year, month), _NUMBERS[which])
    reasons.apply(law.named_days, day, said("that is {0}", "c'est le {0}", day))
    return reasons.conclude(day, day)


def half_months(count: int, *, law: Regime) -> Tenor:
    """`count` half months as the law counts them: fifteen days each, which are counted after whole months.

    Raises `DateRuleError` where the law does not define half a month.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> str(half_months(1, law=regime("DE_BGB")))
    'P15D'
    """
    if law.half_month is None:
        raise DateRuleError(f"{law.name} does not define half a month")
    return Tenor(days=_HALF_MONTH_DAYS * count)


def hours(
    event: datetime,
    count: int,
    *,
    law: Regime,
    calendar: HolidayCalendar | None = None,
    from_next_hour: bool | None = None,
) -> LegalInstant:
    """The instant at which a period of `count` hours from `event` ends, in the zone of `event`.

    Hours are elapsed time, so that a change of clocks within the period moves the clock time of its end:
    give `event` in the zone of the party setting the time. `from_next_hour` leaves out the hour of the
    event; None leaves that to the law. Raises `DateRuleError` for a naive instant, fewer than one
    hour, or an end beyond year 9999.

    >>> from zoneinfo import ZoneInfo
    >>> from clmcrm.calendars.regimes.known import regime
    >>> event = datetime(2007, 11, 2, 10, 23, tzinfo=ZoneInfo("America/New_York"))
    >>> hours(event, 72, law=regime("US_FRCP6")).at.isoformat()
    '2007-11-05T09:23:00-05:00'
    """
    if event.utcoffset() is None:
        raise DateRuleError(f"{event} has no time zone; give the zone of the party setting the time")
    if count < 1:
        raise DateRuleError(f"a period of {count} hours; expected 1 or more")
    reasons = Reasoning(law)
    rule = law.hours
    skip_hour = rule.from_next_hour if from_next_hour is None else from_next_hour
    start = _next_hour(event) if skip_hour else event
    reasons.note(
        Wording(
            f"the event is at {event.isoformat()}; hours run from {start.isoformat()}",
            f"l'événement est à {event.isoformat()} ; les heures courent à partir de {start.isoformat()}",
        ),
        event.date(),
    )
    end = _elapsed(start, count)
    ended = Wording(
        f"{count} hours of elapsed time end at {end.isoformat()}",
        f"{count} heures écoulées finissent à {end.isoformat()}",
    )
    reasons.apply(rule.rule, end.date(), ended)
    if rule.when_closed is not WhenClosed.STAYS:
        end = _same_clock_time(reasons, end, rule.when_closed, calendar)
    return LegalInstant(
        at=end,
        law=law.name,
        rule=reasons.settle(event.date()),
        steps=tuple(reasons.steps),
        calendar=reasons.calendar_words,
    )


def _month_number(year: int, month: int) -> int:
    if month not in _MONTHS:
        raise DateRuleError(f"there is no month {month}; expected 1 to 12")
    return year * 12 + month - 1


def _next_hour(event: datetime) -> datetime:
    # By elapsed time too: where clocks go back by half an hour, the full hour shown before may be another one.
    past = timedelta(minutes=event.minute, seconds=event.second, microseconds=event.microsecond)
    return _elapsed(event, 1, past)


def _elapsed(start: datetime, count: int, less: timedelta = timedelta(0)) -> datetime:
    try:
        return (start.astimezone(UTC) + count * _HOUR - less).astimezone(start.tzinfo)
    except OverflowError:
        raise _outside(start, f"{count} hours later") from None


def _outside(at: datetime, when: str) -> DateRuleError:
    return DateRuleError(f"{at.isoformat()} and {when} do not both lie in years 1 to 9999")


def _same_clock_time(
    reasons: Reasoning, end: datetime, when_closed: WhenClosed, calendar: HolidayCalendar | None
) -> datetime:
    """`end`, or the same clock time on the next open day."""
    used = reasons.rely_on(calendar, end.date())
    reason = why_closed(end.date(), used)
    if reason is None:
        return end
    day = moved(end.date(), when_closed, used)
    # Through UTC and back: a clock time that the change of clocks skips becomes the one after the gap.
    try:
        later = datetime.combine(day, end.timetz()).astimezone(UTC).astimezone(end.tzinfo)
    except OverflowError:
        raise _outside(end, f"the same time on {day}") from None
    reasons.apply(
        reasons.law.hours.rule,
        day,
        said(
            f"{{0}} does not count ({reason.en}); the period ends at the same time on {{1}}",
            f"le {{0}} ne compte pas ({reason.fr}) ; le délai finit à la même heure le {{1}}",
            end.date(),
            day,
        ),
    )
    return later
