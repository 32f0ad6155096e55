"""The days of one occurrence: from when it is owed, when due, the last day allowed, the first day uncured.

Each is a day or the reason why it is not known; a suspension that is still running leaves open what it
touches. Nothing is assumed of a calendar: an adjustment without one is refused where occurrences are made.
"""

from __future__ import annotations

from datetime import date

from attrs import frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import add_days, forward
from clmcrm.clm.day_expressions import DayExpression, Expression, Facts
from clmcrm.clm.days_found import day_of
from clmcrm.clm.due_days import Occurrence
from clmcrm.clm.norms.clocks import Rest, rested, run_out
from clmcrm.clm.norms.contract_life import ContractLife
from clmcrm.clm.obligations import DueAfter, DueOn, Obligation, antecedent_of
from clmcrm.clm.remedies import CureStart
from clmcrm.values.partial import Unknown


@frozen(kw_only=True)
class ObligationClock:
    """The days that decide one occurrence.

    `owed_from` is the day it takes effect, `lapses_from` the day on which a condition that has not come true
    has come too late (None: no condition). `due_on` and `last_allowed` (grace included) are after
    suspensions.
    """

    owed_from: date | Unknown
    lapses_from: date | None
    due_on: date | Unknown
    last_allowed: date | Unknown
    rests: tuple[Rest, ...]

    @property
    def breach_from(self) -> date | None:
        """The first day on which not having performed is a breach; None while that is not known."""
        if isinstance(self.last_allowed, Unknown) or isinstance(self.owed_from, Unknown):
            return None
        # What fell due before it bound is overdue from the first day it does.
        return max(add_days(self.last_allowed, 1), self.owed_from)


def obligation_clock(
    obligation: Obligation,
    occurrence: Occurrence | Unknown,
    life: ContractLife,
    *,
    rests: tuple[Rest, ...] = (),
    facts: Facts | None = None,
    calendar: HolidayCalendar | None = None,
) -> ObligationClock:
    """The days of `occurrence` with the (disjoint) `rests`, its condition looked up in `facts`."""
    due_on, last_allowed = _due(obligation, occurrence, rests, calendar)
    owed_from, lapses_from = _owed(obligation, occurrence, life, facts or Facts(), calendar)
    return ObligationClock(
        owed_from=owed_from,
        lapses_from=lapses_from,
        due_on=due_on,
        last_allowed=last_allowed,
        rests=rests,
    )


def _due(
    obligation: Obligation,
    occurrence: Occurrence | Unknown,
    rests: tuple[Rest, ...],
    calendar: HolidayCalendar | None,
) -> tuple[date | Unknown, date | Unknown]:
    if isinstance(occurrence, Unknown):
        return occurrence, occurrence
    due_on = rested(occurrence.due_on, rests, obligation.convention, calendar)
    if isinstance(due_on, Unknown):
        return due_on, due_on
    last = due_on if obligation.grace is None else forward(due_on, obligation.grace)
    return due_on, run_out(due_on, last, rests)


def _owed(
    obligation: Obligation,
    occurrence: Occurrence | Unknown,
    life: ContractLife,
    facts: Facts,
    calendar: HolidayCalendar | None,
) -> tuple[date | Unknown, date | None]:
    agreed_on = occurrence if isinstance(occurrence, Unknown) else occurrence.agreed_on
    binds = life.binds_from(agreed_on)
    deadline = _day(obligation.antecedent_deadline, facts, calendar)
    too_late = [add_days(deadline, 1)] if isinstance(deadline, date) else []
    if isinstance(agreed_on, Unknown) and _waits_for_trigger(obligation):
        return agreed_on, min(too_late, default=None)
    antecedent = antecedent_of(obligation)
    if antecedent is None:
        return binds, None
    if isinstance(agreed_on, date):
        too_late.append(add_days(agreed_on, 1))
    true_on = _day(antecedent, facts, calendar)
    lapses_from = min(too_late, default=None)
    if isinstance(true_on, date) and lapses_from is not None and true_on >= lapses_from:
        return Unknown(f"its condition came true on {true_on}, too late"), lapses_from
    if isinstance(true_on, date):
        return (max(true_on, binds) if isinstance(binds, date) else binds), None
    return true_on or Unknown("its condition has not come true"), lapses_from


def _waits_for_trigger(obligation: Obligation) -> bool:
    """Whether the due day is counted from something that may still happen, rather than not being known."""
    due = obligation.due
    return isinstance(due, DueAfter) or (isinstance(due, DueOn) and isinstance(due.day, Expression))


def _day(expression: DayExpression | None, facts: Facts, calendar: HolidayCalendar | None) -> date | Unknown | None:
    if expression is None:
        return None
    found = day_of(expression, facts, calendar)
    return found if isinstance(found, Unknown) else found.day


def cure_until(obligation: Obligation, clock: ObligationClock, notified_on: date | None) -> date | Unknown | None:
    """The last day on which a breach, notified on `notified_on` (None: not), can still be cured.

    None where the period has not begun. Without a period it is the day of the notice itself. What fell due before it
    bound is cured from the day it binds.
    """
    breach_from = clock.breach_from
    counted_from = clock.last_allowed if breach_from is None else add_days(breach_from, -1)
    if obligation.cure is None or obligation.cure_from is CureStart.NOTICE:
        if notified_on is None:
            return None
        counted_from = notified_on
    if obligation.cure is None or isinstance(counted_from, Unknown):
        return counted_from
    return run_out(counted_from, forward(counted_from, obligation.cure), clock.rests)
