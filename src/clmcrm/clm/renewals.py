"""The terms of a contract: the first one, each renewal, and what follows when there is no end.

Terms are counted from the contract's own first day and never from the term before, so that nothing
drifts over month ends. A term's last day is the legal one, the first day counted (BGB 188(2)-(3), the
same in the United Kingdom): a month from 31 January ends on 28 February, a year from 1 March on 28 (29)
February. The closed forms below need no loop over terms, however old the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen

from clmcrm.calendars.months import add_days, day_in_month, month_number
from clmcrm.calendars.regimes.known import BUILT_IN_REGIMES, Regimes
from clmcrm.clm.contract import Contract
from clmcrm.clm.contract_facts import contract_facts
from clmcrm.clm.days_found import DayFound, day_of
from clmcrm.clm.events import RenewalAgreed
from clmcrm.clm.term_clauses import EndMeaning, RenewalClause, RenewalKind, TermClause
from clmcrm.values.partial import NOT_STATED, DayFact, Perpetual, Unknown, known, why_not
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step

_ONE_DAY: Final = timedelta(days=1)
_MONTH_END: Final = 31


class TermKind(StrEnum):
    """What sort of term it is."""

    INITIAL = "initial"
    RENEWAL = "renewal"
    INDEFINITE = "indefinite"


@frozen(kw_only=True)
class Term:
    """One dated span of a contract's life.

    `index` is 0 for the initial term and counts renewals from 1. `first_day` is a fact (it may be unknown
    when only the end is stated); `last_day` is inside, None for a term without an end.
    """

    index: int
    kind: TermKind
    first_day: DayFact
    last_day: date | None

    @property
    def span(self) -> Span | None:
        """The days of the term; None when its first day is not known."""
        first_day = known(self.first_day)
        return None if first_day is None else Span(first_day, self.last_day)

    @property
    def next_first_day(self) -> date | None:
        """The day after the last one; None for a term without an end."""
        return None if self.last_day is None else self.last_day + _ONE_DAY


@frozen(kw_only=True)
class TermPlan:
    """How the terms of one contract follow one another, ready to answer for any day.

    `first_day` may be unknown; `initial_last_day` is None when the first term has no end. `length` is each
    renewal's length (None: no renewal of a fixed length), `times` how many renewals there can be (None:
    no limit), `indefinite` whether the contract goes on without an end after the initial term. `anchor` and
    `offset` are what renewals are counted from: the end of renewal k is `anchor` + `offset` + k lengths.
    `minimum` is the last day before which nobody may leave (None: none is agreed beyond the terms), `steps`
    how the initial term's last day was found where it follows from a rule.
    """

    first_day: DayFact
    initial_last_day: date | None
    length: Tenor | None
    times: int | None
    indefinite: bool
    anchor: date | None
    offset: Tenor | None
    minimum: date | None = None
    steps: tuple[Step, ...] = ()

    @property
    def final_day(self) -> date | None:
        """The last day of the last term there can be; None when there is no such term."""
        if self.indefinite or self.initial_last_day is None:
            return None
        if self.length is None or self.times == 0:
            return self.initial_last_day
        return None if self.times is None else self._last_day(self.times)

    @property
    def open_from(self) -> date | None:
        """The earliest day the contract may end on: the initial term's last, or the minimum's; None: any."""
        if self.initial_last_day is None or self.minimum is None:
            return self.initial_last_day or self.minimum
        return max(self.initial_last_day, self.minimum)

    def term(self, index: int) -> Term | None:
        """Term number `index` (0 the initial one); None when the contract never has such a term."""
        if index == 0:
            kind = TermKind.INDEFINITE if self.initial_last_day is None else TermKind.INITIAL
            return Term(index=0, kind=kind, first_day=self.first_day, last_day=self.initial_last_day)
        if self.initial_last_day is None:
            return None
        if self.indefinite:
            begins = self.initial_last_day + _ONE_DAY
            return Term(index=1, kind=TermKind.INDEFINITE, first_day=begins, last_day=None) if index == 1 else None
        if self.length is None or (self.times is not None and index > self.times):
            return None
        return Term(
            index=index,
            kind=TermKind.RENEWAL,
            first_day=self._last_day(index - 1) + _ONE_DAY,
            last_day=self._last_day(index),
        )

    def end_of(self, index: int) -> date | None:
        """The last day of term number `index`; None when there is no such term, or it has no end."""
        return self._last_day(index) if self.has_end(index) else None

    def has_end(self, index: int) -> bool:
        """Whether there can be a term number `index`, and one with an end."""
        if self.initial_last_day is None:
            return False
        if index == 0:
            return True
        return not self.indefinite and self.length is not None and (self.times is None or index <= self.times)

    def index_on(self, day: date) -> int | None:
        """The number of the term `day` lies in, as if no notice were ever given.

        0 for a day before the contract begins; None after the last term there can be.
        """
        if self.initial_last_day is None or day <= self.initial_last_day:
            return 0
        if self.indefinite:
            return 1
        found = next(self.ends_from(day), None)
        return None if found is None else found[0]

    def ends_from(self, day: date) -> Iterator[tuple[int, date]]:
        """The terms that end on or after `day`, as (number, last day), earliest first.

        Closed form: the count of months (or days) gives the first number, and seldom one that is too low.
        """
        if self.initial_last_day is None:
            return
        if day <= self.initial_last_day:
            yield 0, self.initial_last_day
        index = max(1, self._lowest(day))
        while self.has_end(index):
            last_day = self._last_day(index)
            if last_day >= day:
                yield index, last_day
            index += 1

    def _lowest(self, day: date) -> int:
        """The number of the term `day` lies in, or a lower one where months and days are mixed."""
        if self.length is None or self.initial_last_day is None:
            return 0
        months, days = self.length.whole_months, self.length.loose_days
        if not months:
            return -((self.initial_last_day - day).days // days)
        short = month_number(self.initial_last_day) - month_number(day)
        if not days:
            return -(short // months)
        # A month and its share of days are longer than 30 days and these: the quotient is never too high.
        return -(short + 1) * 30 // (months * 30 + days)

    def _last_day(self, index: int) -> date:
        """The last day of term `index`, 0 for the initial one."""
        assert self.initial_last_day is not None  # noqa: S101 - both callers have checked it
        length, offset = self.length, self.offset
        if index == 0 or length is None:
            return self.initial_last_day
        months, days = length.whole_months * index, length.loose_days * index
        if offset is not None:
            months, days = months + offset.whole_months, days + offset.loose_days
        return _legal_last_day(self.anchor or self.initial_last_day + _ONE_DAY, months, days)


def legal_last_day(first_day: date, length: Tenor) -> date:
    """The last day of a term of `length` that begins on `first_day`, the first day counted.

    The day before the corresponding day; where the month has no such day, its last one (BGB 188(2)-(3)).

    >>> legal_last_day(date(2025, 1, 31), Tenor(months=1)), legal_last_day(date(2025, 3, 1), Tenor(years=1))
    (datetime.date(2025, 2, 28), datetime.date(2026, 2, 28))
    """
    return _legal_last_day(first_day, length.whole_months, length.loose_days)


def _legal_last_day(first_day: date, months: int, days: int) -> date:
    month, day = month_number(first_day) + months, first_day.day
    if days:
        return add_days(day_in_month(month, day), days - 1)
    # The day before the first of a month is the last of the one before.
    return day_in_month(month, day - 1) if day > 1 else day_in_month(month - 1, _MONTH_END)


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
    )


def terms(contract: Contract, until: date, regimes: Regimes = BUILT_IN_REGIMES) -> tuple[Term, ...] | Unknown:
    """The initial term and every renewal that begins on or before `until`, as if no notice were given.

    `Unknown` with the reason when the clauses do not allow an answer. A contract that has ended earlier is
    cut by `clmcrm.clm.notice.last_day_in_force`. `regimes` as in `term_plan`.
    """
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
    return legal_last_day(first_day, clause.initial)


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
    return legal_last_day(first_day, clause.minimum)


def _checked_end(clause: TermClause, stated: date, first_day: date | None) -> date | Unknown:
    last_day = stated - _ONE_DAY if clause.end_means is EndMeaning.FIRST_DAY_AFTER else stated
    if first_day is not None and last_day < first_day:
        return Unknown(f"the stated end {stated} lies before the first day {first_day}")
    return last_day


def _why_endless(clause: TermClause) -> Unknown:
    if clause.ends_on == NOT_STATED:
        return Unknown("neither a length nor an end of the initial term is stated")
    return Unknown(f"the end of the initial term is not known: {why_not(clause.ends_on)}")


def _times(contract: Contract) -> int | None:
    """How many renewals there can be: as agreed when tacit, as many as were agreed when not."""
    renewal = contract.renewal
    if isinstance(renewal, Unknown) or renewal.kind is RenewalKind.NONE:
        return 0
    if renewal.kind in (RenewalKind.TACIT, RenewalKind.INDEFINITE):
        return renewal.times
    agreed = sum(1 for event in contract.events if isinstance(event, RenewalAgreed))
    return agreed if renewal.times is None else min(agreed, renewal.times)


def _same_unit(initial: Tenor | None, length: Tenor) -> bool:
    """Whether both are whole months or both are days, so that they add up exactly from one anchor."""
    if initial is None:
        return False
    months = bool(initial.whole_months) == bool(length.whole_months)
    return months and bool(initial.loose_days) == bool(length.loose_days)
