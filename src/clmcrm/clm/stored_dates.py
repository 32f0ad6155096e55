"""Dates that a system stored though they follow from others: recomputed, compared and flagged.

The rule of the file: a stored derived date is never trusted and never overwritten. Where it differs from
what the clauses give, a `Problem` shows both and the rule, and a person decides.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.calendars.regimes.known import regimes_of
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, NoDeadline
from clmcrm.clm.hindsight import as_known, as_recorded
from clmcrm.clm.notice import first_notice_deadline, next_notice_deadline, settled_end
from clmcrm.clm.renewals import legal_last_day, term_plan
from clmcrm.clm.term_clauses import EndMeaning, TermClause
from clmcrm.values.partial import DayFact, PartialDate, Unknown, known
from clmcrm.values.problems import Problem, Severity
from clmcrm.values.validators import instance, maybe, text

_ONE_DAY: Final = timedelta(days=1)


@frozen(kw_only=True)
class StoredDates:
    """What `system` stores for one contract: its notice date, its end, its renewal date (None: it has none).

    The renewal date is the first day of the next term.
    """

    system: str = field(validator=text)
    notice_on: DayFact | None = field(default=None, validator=maybe(instance(date, PartialDate, Unknown)))
    ends_on: DayFact | None = field(default=None, validator=maybe(instance(date, PartialDate, Unknown)))
    renews_on: DayFact | None = field(default=None, validator=maybe(instance(date, PartialDate, Unknown)))


def stored_date_problems(
    contract: Contract, stored: StoredDates, as_of: date, calendars: CalendarSource | None = None
) -> tuple[Problem, ...]:
    """What is wrong with the stored dates on `as_of`, one problem each; empty when they follow from the clauses.

    A difference is an error; what cannot be checked, because the clauses or the stored date are not fully
    known, is a note with that reason.

    >>> from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind
    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> from clmcrm.values.tenor import Tenor
    >>> yearly = Contract(
    ...     id=ContractId("C"), title="t", kind=ContractKind.SALES, effective_on=date(2024, 6, 1),
    ...     term=TermClause(initial=Tenor(years=1)),
    ...     renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1)),
    ...     notice=NoticeClause(length=Tenor(months=3), citation="art. 9.2"),
    ... )
    >>> stored = StoredDates(system="navigator", notice_on=date(2025, 2, 28))
    >>> for problem in stored_date_problems(yearly, stored, date(2026, 1, 15)): print(problem)
    contract C: navigator notice date '2025-02-28' is the deadline of the first term, not of the running one; \
expected 2026-02-28 (3 months before the end of the term; the contract, art. 9.2)
    """
    current = as_known(contract, as_of)
    settled = settled_end(as_recorded(contract, as_of), calendars)
    end = _running_end(current, as_of, settled, calendars)
    found = [
        _notice_problem(contract, stored, as_of, calendars),
        _end_problem(contract, stored, end),
        _renewal_problem(contract, stored, _next_first_day(current, as_of, settled, calendars)),
        *term_contradictions(current),
    ]
    return tuple(problem for problem in found if problem is not None)


def term_contradictions(contract: Contract) -> tuple[Problem, ...]:
    """A stated end that does not follow from the stated length, though the contract states both.

    The end may be stated as the last day or as the first day after (`EndMeaning`): what is left open
    is not held against it.
    """
    term, first_day = contract.term, known(contract.effective_on)
    if not isinstance(term, TermClause) or term.initial is None or first_day is None:
        return ()
    stated = known(term.ends_on)
    if stated is None:
        return ()
    ours = legal_last_day(first_day, term.initial)
    allowed = {
        EndMeaning.LAST_DAY: (ours,),
        EndMeaning.FIRST_DAY_AFTER: (ours + _ONE_DAY,),
        EndMeaning.UNSAID: (ours, ours + _ONE_DAY),
    }[term.end_means]
    if stated in allowed:
        return ()
    what = f"does not follow from {term.initial.words} from {first_day}"
    where = f"contract {contract.number or contract.id}"
    place = f" ({term.citation})" if term.citation else ""
    return (Problem(where=where, field=f"stated end{place}", value=str(stated), what=what, expected=_either(allowed)),)


def _notice_problem(
    contract: Contract, stored: StoredDates, as_of: date, calendars: CalendarSource | None
) -> Problem | None:
    if stored.notice_on is None:
        return None
    name = f"{stored.system} notice date"
    theirs = known(stored.notice_on)
    ours = next_notice_deadline(contract, as_of, calendars)
    if theirs is None or isinstance(ours, Unknown):
        return _unchecked(contract, name, stored.notice_on, ours if isinstance(ours, Unknown) else None)
    if isinstance(ours, NoDeadline):
        return _wrong(contract, name, theirs, "stands where there is no deadline", ours.reason.en)
    if theirs == ours.last_day:
        return None
    expected = f"{ours.last_day} ({ours.rule.name}; {ours.rule.source})"
    return _wrong(contract, name, theirs, _how_it_differs(contract, theirs, ours, calendars), expected)


def _how_it_differs(contract: Contract, theirs: date, ours: Deadline, calendars: CalendarSource | None) -> str:
    first = first_notice_deadline(contract, calendars)
    if isinstance(first, Deadline) and theirs == first.last_day:
        return "is the deadline of the first term, not of the running one"
    if ours.safe_day <= theirs <= ours.latest_arguable:
        return f"holds only under another reading ({ours.safe_day} to {ours.latest_arguable} are arguable)"
    days = (theirs - ours.last_day).days
    return f"is {abs(days)} days too {'late' if days > 0 else 'early'} by the clauses"


def _running_end(
    contract: Contract, as_of: date, settled: date | None, calendars: CalendarSource | None
) -> date | Unknown | None:
    """The last day of the term that runs on `as_of`, or that the events have `settled`; None without an end."""
    if settled is not None:
        return settled
    plan = term_plan(contract, regimes_of(calendars))
    if isinstance(plan, Unknown):
        return plan
    index = plan.index_on(as_of)
    return plan.unsure or plan.final_day if index is None else plan.end_of(index)


def _next_first_day(
    contract: Contract, as_of: date, settled: date | None, calendars: CalendarSource | None
) -> date | Unknown | None:
    """The first day of the term after the one that runs on `as_of`; None where none follows or will come to be."""
    plan = term_plan(contract, regimes_of(calendars))
    if isinstance(plan, Unknown):
        return plan
    index = plan.index_on(as_of)
    following = None if index is None else plan.term(index + 1)
    begins = None if following is None else known(following.first_day)
    return None if begins is None or (settled is not None and settled < begins) else begins


def _end_problem(contract: Contract, stored: StoredDates, ours: date | Unknown | None) -> Problem | None:
    if stored.ends_on is None:
        return None
    name, theirs = f"{stored.system} end", known(stored.ends_on)
    if theirs is None or isinstance(ours, Unknown):
        return _unchecked(contract, name, stored.ends_on, ours if isinstance(ours, Unknown) else None)
    if ours is None:
        return _wrong(contract, name, theirs, "is a false end: the contract runs until notice", "no end")
    if theirs == ours:
        return None
    expected = f"{ours}, the last day of the running term"
    if (theirs - ours).days == 1:
        return _wrong(contract, name, theirs, "is the first day after the term", expected, severity=Severity.NOTE)
    return _wrong(contract, name, theirs, "does not follow from the clauses", expected)


def _renewal_problem(contract: Contract, stored: StoredDates, ours: date | Unknown | None) -> Problem | None:
    if stored.renews_on is None:
        return None
    name, theirs = f"{stored.system} renewal date", known(stored.renews_on)
    if theirs is None or isinstance(ours, Unknown):
        return _unchecked(contract, name, stored.renews_on, ours if isinstance(ours, Unknown) else None)
    if ours is None:
        return _wrong(contract, name, theirs, "stands where no further term begins", "none")
    if theirs == ours:
        return None
    if theirs == ours - _ONE_DAY:
        return _wrong(contract, name, theirs, "is the last day of the running term", str(ours), severity=Severity.NOTE)
    return _wrong(contract, name, theirs, "does not follow from the clauses", str(ours))


def _wrong(
    contract: Contract, name: str, theirs: date, what: str, expected: str, *, severity: Severity = Severity.ERROR
) -> Problem:
    where = f"contract {contract.number or contract.id}"
    return Problem(where=where, field=name, value=str(theirs), what=what, expected=expected, severity=severity)


def _unchecked(contract: Contract, name: str, theirs: DayFact, why: Unknown | None) -> Problem:
    where = f"contract {contract.number or contract.id}"
    reason = why.reason if why is not None else "the stored date is not fully known"
    return Problem(
        where=where, field=name, value=str(theirs), what=f"cannot be checked: {reason}", severity=Severity.NOTE
    )


def _either(days: tuple[date, ...]) -> str:
    return " or ".join(str(day) for day in days)
