"""How the terms of a contract follow from its clauses: the first one, each renewal, and where there is no end.

A term's last day is the legal one, the first day counted (BGB 188(2)-(3), the same in the United Kingdom): a
month from 31 January ends on 28 February, a year from 1 March on 28 (29) February. What the clauses leave open
is `Unknown` with its reason.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from clmcrm.calendars.regimes.known import BUILT_IN_REGIMES, Regimes
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.contract_facts import contract_facts
from clmcrm.clm.days_found import DayFound, day_of
from clmcrm.clm.events import RenewalAgreed
from clmcrm.clm.term_clauses import EndMeaning, RenewalClause, RenewalKind, TermClause
from clmcrm.clm.term_plans import Term, TermPlan, counted_last_day
from clmcrm.errors import DateRuleError
from clmcrm.values.days import check_days
from clmcrm.values.partial import NOT_STATED, Perpetual, Unknown, known, why_not
from clmcrm.values.tenor import Tenor

_ONE_DAY: Final = timedelta(days=1)


def legal_last_day(first_day: date, length: Tenor) -> date:
    """The last day of a term of `length` that begins on `first_day`, the first day counted.

    The day before the corresponding day; where the month has no such day, its last one (BGB 188(2)-(3)).

    >>> legal_last_day(date(2025, 1, 31), Tenor(months=1)), legal_last_day(date(2025, 3, 1), Tenor(years=1))
    (datetime.date(2025, 2, 28), datetime.date(2026, 2, 28))
    """
    return counted_last_day(first_day, length.whole_months, length.loose_days)


def term_plan(contract: Contract, regimes: Regimes = BUILT_IN_REGIMES) -> TermPlan | Unknown:
    """How the contract's terms follow one another, or `Unknown` with the reason why that cannot be said.

    Amendments are not applied here: pass `clmcrm.clm.versions.as_amended(contract, day)` for a day's view.
    `regimes` are those that the contract's expressions of days may name.
    """
    clause = contract.term
    if isinstance(clause, Unknown):
        return Unknown(f"the term is not known: {clause.reason}", clause.raw)
    by_rule = None if clause.until is None else day_of(clause.until, contract_facts(contract, regimes), regimes=regimes)
    initial = _initial_last_day(contract, clause, by_rule)
    if isinstance(initial, Unknown):
        return initial
    minimum = _minimum_last_day(contract, clause)
    if isinstance(minimum, Unknown):
        return minimum
    renewal = contract.renewal
    length = renewal.length if isinstance(renewal, RenewalClause) and renewal.kind in _FIXED_LENGTH else None
    from_start = known(contract.effective_on) if not _stated(clause) else None
    joined = from_start is not None and length is not None and _same_unit(clause.initial, length)
    return TermPlan(
        first_day=contract.effective_on,
        initial_last_day=initial,
        length=length,
        times=_times(contract),
        indefinite=isinstance(renewal, RenewalClause) and renewal.kind is RenewalKind.INDEFINITE,
        anchor=from_start if joined else None,
        offset=clause.initial if joined else None,
        minimum=minimum,
        steps=by_rule.steps if isinstance(by_rule, DayFound) else (),
        unsure=_unsure(renewal, initial),
    )


def terms(contract: Contract, until: date, regimes: Regimes = BUILT_IN_REGIMES) -> tuple[Term, ...] | Unknown:
    """The initial term and every renewal that begins on or before `until`, as if no notice were given.

    `Unknown` with the reason when the clauses do not allow an answer. A contract that has ended earlier is
    cut by `clmcrm.clm.notice.last_day_in_force`. `regimes` as in `term_plan`.
    """
    check_days("terms", until=until)
    plan = term_plan(contract, regimes)
    if isinstance(plan, Unknown):
        return plan
    result: list[Term] = []
    term = plan.term(0)
    while term is not None and (not result or (known(term.first_day) or until) <= until):
        result.append(term)
        term = plan.term(term.index + 1)
    return tuple(result)


_FIXED_LENGTH: Final = frozenset({RenewalKind.TACIT, RenewalKind.EXPRESS, RenewalKind.MUTUAL, RenewalKind.OPTION})


def _stated(clause: TermClause) -> bool:
    return clause.until is not None or isinstance(clause.ends_on, date)


def _initial_last_day(
    contract: Contract, clause: TermClause, by_rule: DayFound | Unknown | None
) -> date | Unknown | None:
    """The initial term's last day; None when it has no end."""
    stated = known(clause.ends_on)
    first_day = known(contract.effective_on)
    if by_rule is not None:
        return _ruled_end(clause, by_rule, first_day)
    if stated is not None:
        return _checked_end(clause, stated, first_day)
    if clause.initial is None:
        return None if isinstance(clause.ends_on, Perpetual) else _why_endless(clause)
    if first_day is None:
        return Unknown(f"the first day is not known: {why_not(contract.effective_on)}")
    return _counted_end(clause, "the initial term", first_day, clause.initial)


def _counted_end(clause: TermClause, what: str, first_day: date, length: Tenor) -> date | Unknown:
    try:
        return legal_last_day(first_day, length)
    except DateRuleError:
        return Unknown(f"{_named(clause)}: {what} of {length.words} from {first_day} ends after year 9999")


def _ruled_end(clause: TermClause, by_rule: DayFound | Unknown, first_day: date | None) -> date | Unknown:
    if isinstance(by_rule, Unknown):
        return Unknown(f"{_named(clause)} ends the term by a rule that lacks a fact: {by_rule.reason}")
    if first_day is not None and by_rule.day < first_day:
        return Unknown(f"{_named(clause)} ends the term on {by_rule.day}, before the first day {first_day}")
    return by_rule.day


def _named(clause: TermClause) -> str:
    return f"the term clause ({clause.citation})" if clause.citation else "the term clause"


def _minimum_last_day(contract: Contract, clause: TermClause) -> date | Unknown | None:
    """The last day before which nobody may leave; None where no minimum is agreed."""
    if clause.minimum is None:
        return None
    first_day = known(contract.effective_on)
    if first_day is None:
        why = why_not(contract.effective_on)
        return Unknown(f"{_named(clause)} has a minimum of {clause.minimum.words}; its first day is not known: {why}")
    return _counted_end(clause, "the minimum", first_day, clause.minimum)


def _checked_end(clause: TermClause, stated: date, first_day: date | None) -> date | Unknown:
    after = clause.end_means is EndMeaning.FIRST_DAY_AFTER
    if after and stated == date.min:
        return Unknown(f"the stated end {stated} is the first day there is: no term can end before it")
    last_day = stated - _ONE_DAY if after else stated
    if first_day is not None and last_day < first_day:
        return Unknown(f"the stated end {stated} lies before the first day {first_day}")
    return last_day


def _why_endless(clause: TermClause) -> Unknown:
    if clause.ends_on == NOT_STATED:
        return Unknown("neither a length nor an end of the initial term is stated")
    return Unknown(f"the end of the initial term is not known: {why_not(clause.ends_on)}")


def _unsure(renewal: RenewalClause | Unknown, initial_last_day: date | None) -> Unknown | None:
    """Why nobody knows what follows the initial term; None where that is known, silence being no renewal."""
    if not isinstance(renewal, Unknown) or not renewal.raw.strip() or initial_last_day is None:
        return None
    return Unknown(f"whether it is renewed after {initial_last_day} is not known: {renewal.reason}", renewal.raw)


def _times(contract: Contract) -> int | None:
    """How many renewals there can be: as agreed when tacit, as many as were agreed when not."""
    renewal = contract.renewal
    if isinstance(renewal, Unknown) or renewal.kind is RenewalKind.NONE:
        return 0
    if renewal.kind in (RenewalKind.TACIT, RenewalKind.INDEFINITE):
        return renewal.times
    agreed = sum(1 for event in not_undone(contract.events) if isinstance(event, RenewalAgreed))
    return agreed if renewal.times is None else min(agreed, renewal.times)


def _same_unit(initial: Tenor | None, length: Tenor) -> bool:
    """Whether both are whole months or both are days, so that they add up exactly from one anchor."""
    if initial is None:
        return False
    months = bool(initial.whole_months) == bool(length.whole_months)
    return months and bool(initial.loose_days) == bool(length.loose_days)
