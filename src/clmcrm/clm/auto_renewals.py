"""Renewals that nobody decided: the contract went on because no one said otherwise in time.

The rule of the file: a renewal was decided when something about it was recorded between the first day of
the term before and the last day on which notice could still be given; a note that came later decided nothing. Where
the notice is longer than a term, that day lies before the term, and the deadline before it is where deciding begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final

from attrs import frozen

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import NoDeadline
from clmcrm.clm.figure_definitions import RENEWED_BY_OMISSION
from clmcrm.clm.hindsight import as_known, standing_events
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.notice import notice_case
from clmcrm.clm.notice_case import NoticeCase, admissible_ends
from clmcrm.clm.renewals import terms
from clmcrm.clm.stages import ACTIVE
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind
from clmcrm.clm.term_plans import Term, TermKind
from clmcrm.errors import OutsideCoverage
from clmcrm.values.days import check_days
from clmcrm.values.exact import round_to
from clmcrm.values.figures import Figure, LeftOut
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import Unknown, known
from clmcrm.values.span import Span

RENEWAL_DECIDED: Final = "renewal_decided"
"""The name of the host event that says somebody decided to let the contract go on."""

_ONE_DAY: Final = timedelta(days=1)
_DECISIONS: Final = (e.RenewalAgreed, e.AmendmentAccepted, e.NonRenewalNotified)


@frozen(kw_only=True)
class TacitRenewal:
    """The tacit renewal of `contract` from `first_day` on.

    `decide_by` is the last day on which notice could still be given, or the old term's last day where no
    notice is agreed; `decided_on` the day a decision was recorded in time (None: it went on by omission).
    """

    contract: ContractId
    first_day: date
    decide_by: date
    decided_on: date | None


def tacit_renewals(
    contract: Contract, period: Span, as_of: date, calendars: CalendarSource | None = None
) -> tuple[TacitRenewal, ...] | Unknown:
    """The tacit renewals of `contract` that began in `period`, by `as_of` at the latest; `Unknown` says why not.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> nda = Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA)
    >>> print(tacit_renewals(nda, Span(date(2026, 1, 1)), date(2026, 6, 1)))
    unknown: the term is not known: the record does not state it
    """
    until = min(as_of, period.last_day or as_of)
    current = as_known(contract, until)
    begun = terms(current, until)
    if isinstance(begun, Unknown):
        return begun
    found: list[TacitRenewal] = []
    for before, term in pairwise(begun):
        first_day = known(term.first_day)
        if first_day is not None and first_day in period and _is_tacit(contract, term, first_day):
            found.append(_renewal(contract, before, first_day, calendars))
    return tuple(found)


def _is_tacit(contract: Contract, term: Term, first_day: date) -> bool:
    clause = as_known(contract, first_day).renewal
    tacit = isinstance(clause, RenewalClause) and clause.kind is RenewalKind.TACIT
    return tacit and term.kind is TermKind.RENEWAL and stage_of(contract, first_day).stage in ACTIVE


def _renewal(contract: Contract, before: Term, first_day: date, calendars: CalendarSource | None) -> TacitRenewal:
    old_end = before.last_day or first_day
    from_day = known(before.first_day) or date.min
    case = notice_case(as_known(contract, from_day), calendars)
    decide_by = _deadline(case, old_end) or old_end
    if decide_by < from_day:
        earlier = _deadline(case, from_day - _ONE_DAY)
        from_day = date.min if earlier is None else earlier + _ONE_DAY
    days = (event.at.date() for event in standing_events(contract, decide_by) if _decides(event))
    decided_on = next((day for day in days if from_day <= day), None)
    return TacitRenewal(contract=contract.id, first_day=first_day, decide_by=decide_by, decided_on=decided_on)


def _deadline(case: NoticeCase | NoDeadline | Unknown, end: date) -> date | None:
    """The last day for a notice about `end`; None where there is none, it is not known, or nothing had begun yet."""
    if not isinstance(case, NoticeCase) or next(admissible_ends(case, end), None) != end:
        return None
    try:
        last_day = case.last_day(end)
    except OutsideCoverage:
        return None
    return None if case.begins is not None and last_day < case.begins else last_day


def _decides(event: e.Event) -> bool:
    return isinstance(event, _DECISIONS) or (isinstance(event, e.HostEvent) and event.name == RENEWAL_DECIDED)


def renewed_by_omission(
    contracts: Iterable[Contract], period: Span, as_of: date, calendars: CalendarSource | None = None
) -> Figure:
    """How many tacit renewals began in `period` (by `as_of`) without any decision recorded in time.

    The population is every tacit renewal that began. A decision is an agreed renewal, an amendment, a notice,
    or the host event named `RENEWAL_DECIDED`.

    >>> str(renewed_by_omission([], Span(date(2026, 1, 1)), date(2026, 6, 1)).value)
    '0'
    """
    check_days("renewed_by_omission", as_of=as_of)
    omitted = population = 0
    left_out: list[LeftOut] = []
    for contract in contracts:
        renewals = tacit_renewals(contract, period, as_of, calendars)
        if isinstance(renewals, Unknown):
            left_out.append(LeftOut(record=str(contract), reason=renewals.reason))
            continue
        population += len(renewals)
        omitted += sum(renewal.decided_on is None for renewal in renewals)
    return RENEWED_BY_OMISSION.result(round_to(Fraction(omitted), 0), "renewals", population, left_out)
