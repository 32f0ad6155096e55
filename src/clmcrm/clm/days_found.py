"""The day that an expression comes to, with every step that led there, or the fact that is missing.

The rule of the file: a missing fact is never replaced by a guess, though the bound that is certain is told. Lengths
are counted by the law an expression names, and by the bare count where it names none.
"""

from __future__ import annotations

from datetime import date
from typing import Final, TypeAlias

from attrs import frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.legal_counting import nth_open_day, period_last_day
from clmcrm.calendars.legal_moments import nth_working_day
from clmcrm.calendars.legal_results import LegalDay
from clmcrm.calendars.legal_time import after, notice_latest
from clmcrm.calendars.months import (
    CalendarUnit,
    add_days,
    day_in_month,
    end_of,
    forward,
    latest_start,
    month_end,
    month_number,
    nth,
)
from clmcrm.calendars.regimes.known import BUILT_IN_REGIMES, Regimes
from clmcrm.clm.day_expressions import (
    EFFECTIVE_ON,
    After,
    Anniversary,
    Before,
    DayExpression,
    EarlierOf,
    EndOf,
    EndOfContractYear,
    Facts,
    LastDayOfMonth,
    LaterOf,
    NoLaterThan,
    NthWorkingDay,
    OnDay,
    OnFact,
)
from clmcrm.errors import DateRuleError
from clmcrm.values.partial import DayFact, Unknown, known, why_not
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step, Wording, day_words

_YEAR: Final = Tenor(years=1)
_FRENCH_UNITS: Final = {
    CalendarUnit.MONTH: "du mois",
    CalendarUnit.QUARTER: "du trimestre",
    CalendarUnit.HALF_YEAR: "du semestre",
    CalendarUnit.YEAR: "de l'année civile",
}


@frozen(kw_only=True)
class DayFound:
    """A day with the steps that led to it, the last of which arrives at it."""

    day: date
    steps: tuple[Step, ...]


@frozen
class _Means:
    """What an expression is counted with: the calendar of its place, if one was given, and the regimes."""

    calendar: HolidayCalendar | None
    regimes: Regimes


def day_of(
    expression: DayExpression,
    facts: Facts,
    calendar: HolidayCalendar | None = None,
    *,
    regimes: Regimes = BUILT_IN_REGIMES,
) -> DayFound | Unknown:
    """The day the expression comes to, or `Unknown` naming the fact, calendar or regime it lacks.

    `calendar` is where working days are counted (None: the expression's law says, or it is not known);
    `regimes` are those it may name.

    >>> from clmcrm.calendars.months import CalendarUnit
    >>> signed = Facts({"executed_on": date(2026, 1, 31)})
    >>> found = day_of(EndOf(unit=CalendarUnit.QUARTER, of=After(start=OnFact(name="executed_on"),
    ...     length=Tenor(months=2))), signed)
    >>> for step in found.steps: print(step.said("en"))
    2026-01-31: 'executed_on' is Saturday 31 January 2026
    2026-03-31: 2 months later is Tuesday 31 March 2026
    2026-03-31: the quarter of that day ends on Tuesday 31 March 2026
    >>> print(day_of(OnFact(name="event:acceptance"), signed))
    unknown: 'event:acceptance' is not recorded
    """
    try:
        return _found(expression, facts, _Means(calendar, regimes))
    except DateRuleError as error:
        return Unknown(f"the rule cannot be applied: {error}")


def _found(expression: DayExpression, facts: Facts, by: _Means) -> DayFound | Unknown:
    match expression:
        case OnDay():
            return _fact(expression.day, Wording("the stated day", "le jour indiqué"))
        case OnFact():
            name = expression.name
            return _fact(facts[name], Wording(f"{name!r}", f"« {name} »"))
        case EarlierOf() | LaterOf() | NoLaterThan():
            return _chosen(expression, facts, by)
        case EndOfContractYear():
            first = _found(OnFact(name=EFFECTIVE_ON), facts, by)
            return first if isinstance(first, Unknown) else _contract_year(expression, first)
        case After():
            below: DayExpression = expression.start
        case Before():
            below = expression.end
        case _:
            below = expression.of
    start = _found(below, facts, by)
    return start if isinstance(start, Unknown) else _derived(expression, start, by)


def _fact(fact: DayFact, what: Wording) -> DayFound | Unknown:
    day = known(fact)
    if day is None:
        reason = why_not(fact)
        return Unknown(reason if what.en in reason else f"{what.en}: {reason}")
    return DayFound(day=day, steps=(_step(day, f"{what.en} is {{}}", f"{what.fr} : {{}}"),))


def _chosen(expression: EarlierOf | LaterOf | NoLaterThan, facts: Facts, by: _Means) -> DayFound | Unknown:
    parts = (expression.day, expression.limit) if isinstance(expression, NoLaterThan) else expression.of
    answers = [_found(part, facts, by) for part in parts]
    found = [answer for answer in answers if isinstance(answer, DayFound)]
    missing = [answer.reason for answer in answers if isinstance(answer, Unknown)]
    latest = isinstance(expression, LaterOf)
    choose = max if latest else min
    if missing:
        # What is certain is told: the answer cannot lie beyond the days that are known.
        bound = f"{choose(f.day for f in found)} or {'later' if latest else 'earlier'}; " if found else ""
        return Unknown(bound + "; ".join(missing))
    best = choose(found, key=lambda one: one.day)
    en, fr = ("the later", "le plus tardif") if latest else ("the earlier", "le plus proche")
    if isinstance(expression, NoLaterThan):
        en, fr = "no later than the limit", "au plus tard à la limite"
    others = ", ".join(one.day.isoformat() for one in found if one is not best)
    last = _step(best.day, f"{en} of it and {others}: {{}}", f"{fr}, entre lui et {others} : {{}}")
    return DayFound(day=best.day, steps=(*(step for one in found for step in one.steps), last))


def _contract_year(expression: EndOfContractYear, first: DayFound) -> DayFound:
    day = period_last_day(first.day, _YEAR.times(expression.year), first_day_counted=True)
    number = expression.year
    last = _step(day, f"contract year {number} ends on {{}}", f"l'année contractuelle {number} finit le {{}}")
    return DayFound(day=day, steps=(*first.steps, last))


_Derived: TypeAlias = After | Before | EndOf | Anniversary | LastDayOfMonth | NthWorkingDay


def _derived(expression: _Derived, start: DayFound, by: _Means) -> DayFound | Unknown:
    day = start.day
    match expression:
        case After(length=length, regime=None):
            counted = expression.first_day_counted
            day = period_last_day(day, length, first_day_counted=counted)
            en = f"{length.words} that begin with it end on {{}}" if counted else f"{length.words} later is {{}}"
            fr = f"{length.said('fr')} à compter de ce jour compris : {{}}"
            last = _step(day, en, fr if counted else f"{length.said('fr')} plus tard : {{}}")
        case Before(length=length, regime=None):
            day = latest_start(day, length)
            last = _step(
                day,
                f"the latest day from which {length.words} run out by then ({forward(day, length)}) is {{}}",
                f"dernier jour d'où {length.said('fr')} expirent à temps ({forward(day, length)}) : {{}}",
            )
        case After() | Before():
            return _by_law(expression, start, by)
        case EndOf(unit=unit):
            day = end_of(unit, day)
            last = _step(
                day, f"the {unit.value} of that day ends on {{}}", f"fin {_FRENCH_UNITS[unit]} de ce jour : {{}}"
            )
        case LastDayOfMonth():
            day = month_end(day)
            last = _step(day, "its month ends on {}", "fin de ce mois : {}")
        case Anniversary(number=number):
            day = nth(day, _YEAR, number)
            last = _step(day, f"anniversary number {number} is {{}}", f"anniversaire n° {number} : {{}}")
        case NthWorkingDay():
            return _working_day(expression, start, by)
    return DayFound(day=day, steps=(*start.steps, last))


def _by_law(expression: After | Before, start: DayFound, by: _Means) -> DayFound:
    law = by.regimes.named(expression.regime or "")
    if isinstance(expression, Before):
        return _joined(start, notice_latest(start.day, expression.length, law=law, calendar=by.calendar))
    counted = expression.first_day_counted
    found = after(start.day, expression.length, law=law, calendar=by.calendar, first_day_counted=counted)
    return _joined(start, found)


def _joined(start: DayFound, found: LegalDay) -> DayFound:
    return DayFound(day=found.day, steps=(*start.steps, *found.steps))


def _working_day(expression: NthWorkingDay, start: DayFound, by: _Means) -> DayFound | Unknown:
    number, month = expression.number, month_number(start.day)
    if expression.regime is not None and not expression.from_end:
        law = by.regimes.named(expression.regime)
        return _joined(start, nth_working_day(start.day.year, start.day.month, number, law=law, calendar=by.calendar))
    calendar = by.calendar
    if calendar is None:
        return Unknown(f"working day {number} of {start.day:%Y-%m} needs a calendar, and none was given")
    edge = add_days(day_in_month(month, 31), 1) if expression.from_end else add_days(day_in_month(month, 1), -1)
    day = nth_open_day(edge, -number if expression.from_end else number, calendar)
    if month_number(day) != month:
        raise DateRuleError(f"{start.day:%Y-%m} has fewer than {number} working days by {calendar.name}")
    source = f"({calendar.name}, {calendar.version})"
    end_en, end_fr = (" from the end", " depuis la fin") if expression.from_end else ("", "")
    last = _step(
        day,
        f"working day {number}{end_en} of its month is {{}} {source}",
        f"jour ouvré n° {number}{end_fr} de ce mois : {{}} {source}",
    )
    return DayFound(day=day, steps=(*start.steps, last))


def _step(day: date, en: str, fr: str) -> Step:
    return Step(day, Wording(en.format(day_words(day)), fr.format(day_words(day, "fr"))))
