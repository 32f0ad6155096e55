"""On which days an obligation is due: its occurrences, each with the agreed day and the adjusted one side by side.

The rule of the file: a day that is not known is an `Unknown` that names the missing fact, and what is counted
from itself in a circle is unknown too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.adjustments import Convention, adjust
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import forward, month_number, nth
from clmcrm.calendars.reasoning import why_closed
from clmcrm.calendars.regimes.known import BUILT_IN_REGIMES, Regimes
from clmcrm.clm.day_expressions import DayExpression, Expression, Facts, names_in
from clmcrm.clm.days_found import day_of
from clmcrm.clm.due_windows import around, may_reach
from clmcrm.clm.obligations import (
    DueAfter,
    DueEvery,
    DueOn,
    Obligation,
    Performance,
    Trigger,
    antecedent_of,
    done_on,
)
from clmcrm.errors import DateRuleError, InvalidRecord
from clmcrm.values.days import check_days
from clmcrm.values.ids import ObligationId
from clmcrm.values.money import Money
from clmcrm.values.partial import DayFact, Unknown, known, why_not
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step, Wording


@frozen(kw_only=True)
class Occurrence:
    """One due day: `agreed_on` as counted, `due_on` after adjustment, `late_after` with the grace added."""

    obligation: ObligationId
    title: str
    agreed_on: date
    due_on: date
    late_after: date
    amount: Money | None
    steps: tuple[Step, ...]


@frozen(kw_only=True)
class Anchors:
    """What obligations of one contract are counted from.

    Its days, each a fact that may be unknown (`last_day` None: no end in sight), and its `others`: the
    obligations that one may be counted from. `facts` are further named days that expressions speak of.
    """

    executed_on: DayFact
    effective_on: DayFact
    last_day: DayFact | None
    others: tuple[Obligation, ...] = ()
    facts: Facts = field(factory=Facts)


def occurrences(
    obligation: Obligation,
    first_day: date,
    last_day: date,
    *,
    anchors: Anchors,
    calendar: HolidayCalendar | None = None,
    regimes: Regimes = BUILT_IN_REGIMES,
) -> tuple[Occurrence, ...] | Unknown:
    """Every occurrence whose due day lies from `first_day` to `last_day`, both inside, in order.

    `regimes` are those that expressions may name. `Unknown` names the missing day. Raises `InvalidRecord`
    when an adjustment is agreed and no `calendar` is given, and `OutsideCoverage` where its data ends before a day
    that the answer hangs on. No run of closed days is taken to be longer than a month.
    """
    check_days("occurrences", first_day=first_day, last_day=last_day)
    asked = _Question(anchors, calendar, regimes)
    owed_from = asked.owed_from(obligation)
    if isinstance(owed_from, Unknown):
        return owed_from
    if first_day > last_day:
        return ()
    window = Span(first_day, last_day)
    days = asked.agreed_days(obligation, around(window, obligation.convention))
    if isinstance(days, Unknown):
        return days
    near = [day for day in days if day >= owed_from and may_reach(day, window, obligation.convention, calendar)]
    found = [_occurrence(obligation, day, asked.steps, calendar) for day in near]
    return tuple(o for o in found if first_day <= o.due_on <= last_day)


def agreed_day(
    obligation: Obligation,
    anchors: Anchors,
    calendar: HolidayCalendar | None = None,
    *,
    regimes: Regimes = BUILT_IN_REGIMES,
) -> date | Unknown:
    """The agreed day of an obligation that is due once; `Unknown` for one that recurs or lacks a fact."""
    if isinstance(obligation.due, DueEvery):
        return Unknown(f"{obligation.id} recurs: it has no single day")
    days = _Question(anchors, calendar, regimes).agreed_days(obligation, Span(date.min, date.max))
    return days if isinstance(days, Unknown) else days[0]


def performances_for(
    obligation: Obligation, occurrence: Occurrence, last_day: DayFact | None = None
) -> tuple[Performance, ...]:
    """The obligation's own performances that are for `occurrence`, named by its agreed day or by the day it is due.

    Of a series, a day that is agreed for another occurrence names that one: where what was agreed for the weekend is
    due on Monday, too, what was done for Monday is done once. `last_day` is the contract's (None: no end in sight),
    after which nothing is agreed.
    """
    due, agreed_on = obligation.due, occurrence.agreed_on
    days = {agreed_on, occurrence.due_on}
    if isinstance(due, DueEvery) and occurrence.due_on != agreed_on:
        bounds = [due.last_day, _end_for(obligation, last_day), occurrence.due_on]
        series = _series(due, occurrence.due_on, min(day for day in bounds if day is not None))
        days -= {*series} - {agreed_on}
    return tuple(p for p in obligation.performances if p.for_due in days)


class _Question:
    """One question about due days: what they are counted from, and the steps that were taken."""

    def __init__(self, anchors: Anchors, calendar: HolidayCalendar | None, regimes: Regimes) -> None:
        self._anchors = anchors
        self._calendar = calendar
        self._regimes = regimes
        self.steps: tuple[Step, ...] = ()

    def owed_from(self, obligation: Obligation) -> date | Unknown:
        """The day from which the obligation is owed: that of its condition, if it has one."""
        antecedent = antecedent_of(obligation)
        if antecedent is None:
            return date.min
        facts = self.facts_for(antecedent, frozenset({obligation.id}))
        found = day_of(antecedent, facts, self._calendar, regimes=self._regimes)
        if not isinstance(found, Unknown):
            return found.day
        said = obligation.condition or obligation.condition_fact or "its antecedent"
        return Unknown(f"{obligation.id} is owed only on a condition ({said}): {found.reason}")

    def agreed_days(
        self, obligation: Obligation, window: Span, seen: frozenset[ObligationId] = frozenset()
    ) -> tuple[date, ...] | Unknown:
        """The days as agreed, before any adjustment; `seen` are the obligations that led here."""
        due, anchors = obligation.due, self._anchors
        if isinstance(due, DueOn):
            if isinstance(due.day, Expression):
                return self._expressed(obligation, due.day, seen)
            return _one(due.day, f"the due day of {obligation.id}")
        if isinstance(due, DueAfter):
            return self._after(obligation, due, seen)
        bounds = [due.last_day, _end_for(obligation, anchors.last_day), window.last_day]
        return _series(due, window.first_day, min(day for day in bounds if day is not None))

    def fact(self, name: str, seen: frozenset[ObligationId]) -> DayFact:
        """A named fact: the contract's days, "due:ID" and "done:ID" of another obligation, or one given."""
        anchors = self._anchors
        if name == "last_day":
            return anchors.last_day or Unknown("the contract has no end in sight")
        own = {"executed_on": anchors.executed_on, "effective_on": anchors.effective_on}
        kind, _, key = name.partition(":")
        other = next((o for o in anchors.others if o.id == key), None)
        if other is None or kind not in ("due", "done"):
            return own.get(name) or anchors.facts[name]
        if kind == "done":
            return done_on(other)
        if other.id in seen:
            return Unknown(f"{other.id} is counted from what is counted from it in turn")
        if isinstance(other.due, DueEvery):
            return Unknown(f"{other.id} recurs: it has no single day")
        days = self.agreed_days(other, Span(date.min, date.max), seen)
        return days if isinstance(days, Unknown) else days[0]

    def facts_for(self, day: DayExpression, seen: frozenset[ObligationId]) -> Facts:
        """The facts that the expression speaks of."""
        return Facts({name: self.fact(name, seen) for name in names_in(day)})

    def _expressed(
        self, obligation: Obligation, day: DayExpression, seen: frozenset[ObligationId]
    ) -> tuple[date, ...] | Unknown:
        facts = self.facts_for(day, seen | {obligation.id})
        found = day_of(day, facts, self._calendar, regimes=self._regimes)
        if isinstance(found, Unknown):
            return Unknown(f"the due day of {obligation.id} is not known: {found.reason}")
        self.steps = found.steps
        return (found.day,)

    def _after(
        self, obligation: Obligation, due: DueAfter, seen: frozenset[ObligationId]
    ) -> tuple[date, ...] | Unknown:
        if due.trigger is Trigger.OBLIGATION:
            return self._after_other(obligation, due, seen | {obligation.id})
        fact = {
            Trigger.EXECUTION: self._anchors.executed_on,
            Trigger.EFFECTIVE_DATE: self._anchors.effective_on,
            Trigger.END: self._anchors.last_day or Unknown("the contract has no end in sight"),
        }[due.trigger]
        start = _one(fact, f"the {due.trigger.value.replace('_', ' ')} {obligation.id} is counted from")
        return start if isinstance(start, Unknown) else _within(obligation, start[0], due.within)

    def _after_other(
        self, obligation: Obligation, due: DueAfter, seen: frozenset[ObligationId]
    ) -> tuple[date, ...] | Unknown:
        other = next((o for o in self._anchors.others if o.id == due.obligation), None)
        if other is None:
            return Unknown(f"{obligation.id} is counted from {due.obligation}, which the contract does not hold")
        if other.id in seen:
            return Unknown(f"{obligation.id} is counted from {other.id}, which is counted from it in turn")
        if isinstance(other.due, DueEvery):
            return Unknown(f"{obligation.id} is counted from {other.id}, which recurs: it has no single day")
        start = self.agreed_days(other, Span(date.min, date.max), seen)
        return start if isinstance(start, Unknown) else _within(obligation, start[0], due.within)


def _within(obligation: Obligation, start: date, length: Tenor) -> tuple[date, ...] | Unknown:
    try:
        return (forward(start, length),)
    except DateRuleError as beyond:
        return Unknown(f"the due day of {obligation.id}, {length.words} after {start}, cannot be told: {beyond}")


def _one(fact: DayFact, what: str) -> tuple[date, ...] | Unknown:
    day = known(fact)
    return Unknown(f"{what} is not known: {why_not(fact)}") if day is None else (day,)


def _end_for(obligation: Obligation, last_day: DayFact | None) -> date | None:
    """The contract's last day where it ends the obligation; None where it does not, or is not known."""
    return None if obligation.survives or last_day is None else known(last_day)


def _series(due: DueEvery, first_day: date, last_day: date) -> tuple[date, ...]:
    """The days of the series up to `last_day`, from a little before `first_day` (adjustment may move one in)."""
    days: list[date] = []
    for k in count(_first_index(due, first_day)):
        if due.times is not None and k >= due.times:
            break
        try:
            day = nth(due.first_on, due.every, k)
        except DateRuleError:
            break  # it would lie beyond the calendar, and so after every last day
        if day > last_day:
            break
        days.append(day)
    return tuple(days)


def _first_index(due: DueEvery, first_day: date) -> int:
    """A number at or a little before the first date of the series that can matter; closed form."""
    if due.every.whole_months:
        passed = month_number(first_day) - month_number(due.first_on) - 2
        return max(0, passed * 30 // (due.every.whole_months * 31 + due.every.loose_days))
    return max(0, (first_day - due.first_on).days // due.every.loose_days - 15)


_CLOSED: Final = Wording("no business day", "jour non ouvré")
_FRENCH: Final[Mapping[Convention, str]] = {
    Convention.NONE: "sans report",
    Convention.FOLLOWING: "jour ouvré suivant",
    Convention.PRECEDING: "jour ouvré précédent",
    Convention.MODIFIED_FOLLOWING: "jour ouvré suivant, sauf changement de mois",
    Convention.MODIFIED_PRECEDING: "jour ouvré précédent, sauf changement de mois",
    Convention.MODIFIED_FOLLOWING_BI_MONTHLY: "jour ouvré suivant, sauf changement de quinzaine",
    Convention.NEAREST: "jour ouvré le plus proche",
}
"""Where each convention moves a day, for a French reader; the English names are those of FpML and ISDA."""


def _occurrence(
    obligation: Obligation, day: date, before: tuple[Step, ...], calendar: HolidayCalendar | None
) -> Occurrence:
    steps = [*before, Step(day, Wording(f"{obligation.title}: the agreed day", f"{obligation.title} : jour convenu"))]
    due_on = day
    if obligation.convention is not Convention.NONE:
        if calendar is None:
            raise InvalidRecord(
                f"Obligation {obligation.id}", "convention", obligation.convention.value, "a calendar to adjust on"
            )
        due_on = adjust(day, obligation.convention, calendar)
        if due_on != day:
            closed = why_closed(day, calendar) or _CLOSED
            steps.append(
                Step(
                    due_on,
                    Wording(
                        f"{day} does not count ({closed.en}, {calendar.name}): {obligation.convention}",
                        f"le {day} ne compte pas ({closed.fr}, {calendar.name}) : {_FRENCH[obligation.convention]}",
                    ),
                )
            )
    late_after = due_on if obligation.grace is None else forward(due_on, obligation.grace)
    return Occurrence(
        obligation=obligation.id,
        title=obligation.title,
        agreed_on=day,
        due_on=due_on,
        late_after=late_after,
        amount=obligation.amount,
        steps=tuple(steps),
    )
