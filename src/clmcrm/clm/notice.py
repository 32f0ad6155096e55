"""When a notice must be given, and what a notice that was given does.

`next_notice_deadline` answers from the term that is running now, not from the first one; a notice that
comes too late for one end takes effect at the next end it can still reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Final

from clmcrm.calendars.calendar import CalendarSource, HolidayCalendar
from clmcrm.calendars.months import CalendarUnit, end_of, forward, month_number
from clmcrm.clm.clauses import (
    EndMeaning,
    NoticeClause,
    NoticeReference,
    RenewalClause,
    RenewalKind,
    TermClause,
)
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, NoDeadline, Purpose, explained, last_day_for
from clmcrm.clm.events import NonRenewalNotified, Novated, Superseded, Terminated
from clmcrm.clm.renewals import TermPlan, legal_last_day, term_plan
from clmcrm.clm.versions import as_amended
from clmcrm.errors import UnknownCalendar
from clmcrm.values.partial import Unknown, known
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step, Wording

_ONE_DAY: Final = timedelta(days=1)
_YEAR: Final = Tenor(years=1)
_UNIT_ENDS: Final = {
    NoticeReference.END_OF_MONTH: CalendarUnit.MONTH,
    NoticeReference.END_OF_QUARTER: CalendarUnit.QUARTER,
    NoticeReference.END_OF_HALF_YEAR: CalendarUnit.HALF_YEAR,
    NoticeReference.END_OF_YEAR: CalendarUnit.YEAR,
}
_BY_CONSENT: Final = frozenset({RenewalKind.EXPRESS, RenewalKind.MUTUAL, RenewalKind.OPTION})


def next_notice_deadline(
    contract: Contract, as_of: date, calendars: CalendarSource | None = None
) -> Deadline | NoDeadline | Unknown:
    """The next last day for a notice that is on or after `as_of`.

    `NoDeadline` says why there is nothing to watch for (notice served, no renewal, last permitted renewal
    reached); `Unknown` says which clause or date is missing. `calendars` finds the calendar of the place
    whose law governs the contract, to say whether the day is a business day; without it nothing is said.
    """
    current = as_amended(contract, as_of)
    settled = _settled(current, as_of)
    if settled is not None:
        return settled
    found = _clauses(current)
    if isinstance(found, Unknown | NoDeadline):
        return found
    plan, clause, renewal = found
    calendar = calendar_of(current, calendars)
    last: date | None = None
    for end in _ends(plan, clause, renewal, as_of):
        if last_day_for(clause, end) >= as_of:
            return explain_deadline(current, plan, clause, end, calendar)
        last = end
    return _none_left(current, clause, renewal, last)


def first_notice_deadline(
    contract: Contract, calendars: CalendarSource | None = None
) -> Deadline | NoDeadline | Unknown:
    """The deadline of the initial term, whether or not it has passed; as `next_notice_deadline` otherwise."""
    found = _clauses(contract)
    if isinstance(found, Unknown | NoDeadline):
        return found
    plan, clause, renewal = found
    for end in _ends(plan, clause, renewal, date.min):
        return explain_deadline(contract, plan, clause, end, calendar_of(contract, calendars))
    return _none_left(contract, clause, renewal, None)


def end_after_notice(contract: Contract, given_on: date) -> date | Unknown:
    """The contract's last day if notice is given (received, where receipt counts) on `given_on`.

    A notice too late for one end takes effect at the next one it reaches. `Unknown` with the reason when
    the clauses do not allow an answer.
    """
    found = _clauses(contract)
    if isinstance(found, NoDeadline):
        return Unknown(found.reason.en)
    if isinstance(found, Unknown):
        return found
    plan, clause, renewal = found
    for end in _ends(plan, clause, renewal, given_on):
        if last_day_for(clause, end) >= given_on:
            return end
    if renewal.kind is RenewalKind.INDEFINITE or plan.initial_last_day is None:
        return forward(given_on, clause.length)
    final = _final_end(plan)
    return final if final is not None else Unknown("no end that this notice could reach")


def last_day_in_force(contract: Contract, as_of: date) -> date | Unknown | None:
    """The contract's last day by what was recorded up to `as_of`; None while no end is in sight.

    The earliest of: a termination, a replacement, the end a served notice reaches, the end of the last
    term there can be. `Unknown` when the clauses do not say.
    """
    ends = _recorded_ends(contract, as_of)
    plan = term_plan(as_amended(contract, as_of))
    if isinstance(plan, Unknown):
        return min(ends) if ends else plan
    final = _final_end(plan)
    known_ends = ends if final is None else [*ends, final]
    return min(known_ends) if known_ends else None


def notices_served(contract: Contract, as_of: date) -> tuple[NonRenewalNotified, ...]:
    """The notices of non-renewal recorded on or before `as_of`, oldest first."""
    return tuple(e for e in contract.events if isinstance(e, NonRenewalNotified) and e.at.date() <= as_of)


def calendar_of(contract: Contract, calendars: CalendarSource | None) -> HolidayCalendar | None:
    """The calendar of the place whose law governs the contract, or of its country; None when there is none.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> calendar_of(Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA), None) is None
    True
    """
    if calendars is None or contract.governing_place is None:
        return None
    for place in (contract.governing_place, contract.governing_place.partition("-")[0]):
        try:
            return calendars.calendar_for(place)
        except UnknownCalendar:
            continue
    return None


def explain_deadline(
    contract: Contract,
    plan: TermPlan,
    clause: NoticeClause,
    end: date,
    calendar: HolidayCalendar | None,
) -> Deadline:
    """The explained deadline of a notice about the end `end`."""
    renewal = contract.renewal
    by_consent = isinstance(renewal, RenewalClause) and renewal.kind in _BY_CONSENT
    leaving = plan.indefinite or plan.initial_last_day is None
    purpose = Purpose.RENEW if by_consent else Purpose.LEAVE if leaving else Purpose.STOP_RENEWAL
    term = contract.term
    stated = isinstance(term, TermClause) and isinstance(term.ends_on, date)
    unsaid = stated and isinstance(term, TermClause) and term.end_means is EndMeaning.UNSAID
    return explained(
        contract.id,
        clause,
        end,
        purpose,
        end_unsaid=unsaid and clause.reference not in _UNIT_ENDS,
        calendar=calendar,
        before=_term_steps(contract, plan, end),
    )


def _clauses(contract: Contract) -> tuple[TermPlan, NoticeClause, RenewalClause] | NoDeadline | Unknown:
    """The three clauses a deadline needs, or why there is none."""
    renewal, clause = contract.renewal, contract.notice
    if isinstance(renewal, Unknown):
        return Unknown(f"the renewal is not known: {renewal.reason}", renewal.raw)
    plan = term_plan(contract)
    if isinstance(plan, Unknown):
        return plan
    if renewal.kind is RenewalKind.NONE:
        return _none(contract, "it is not renewed: it ends by itself", "pas de reconduction : il prend fin seul")
    if isinstance(clause, Unknown):
        return Unknown(f"the notice period is not known: {clause.reason}", clause.raw)
    return plan, clause, renewal


def _settled(contract: Contract, as_of: date) -> NoDeadline | None:
    """Why the question no longer arises: a served notice, a termination, a replacement."""
    ends = _recorded_ends(contract, as_of)
    if not ends:
        return None
    return _none(contract, f"its end on {min(ends)} is already settled", f"sa fin au {min(ends)} est déjà acquise")


def _recorded_ends(contract: Contract, as_of: date) -> list[date]:
    ends: list[date] = []
    for event in contract.events:
        if event.at.date() > as_of:
            continue
        if isinstance(event, Terminated):
            ends.append(event.last_day)
        elif isinstance(event, Superseded | Novated):
            ends.append(event.from_day - _ONE_DAY)
        elif isinstance(event, NonRenewalNotified):
            given_on = event.received_on or event.served_on
            end = end_after_notice(as_amended(contract, given_on), given_on)
            if not isinstance(end, Unknown):
                ends.append(end)
    return ends


def _final_end(plan: TermPlan) -> date | None:
    """The last day of the last term there can be; None when there is no such term."""
    if plan.indefinite or plan.initial_last_day is None:
        return None
    if plan.length is None or plan.times == 0:
        return plan.initial_last_day
    term = None if plan.times is None else plan.term(plan.times)
    return None if term is None else term.last_day


def _ends(plan: TermPlan, clause: NoticeClause, renewal: RenewalClause, day: date) -> Iterator[date]:
    """The ends on or after `day` that a notice can aim at, earliest first."""
    initial = plan.initial_last_day
    if clause.reference in _UNIT_ENDS:
        return _unit_ends(_UNIT_ENDS[clause.reference], max(day, initial or day))
    if clause.reference is NoticeReference.ANNIVERSARY:
        return _anniversaries(plan, max(day, initial or day))
    if clause.reference is NoticeReference.ANY_TIME:
        return iter(() if initial is None or initial < day else (initial,))
    if renewal.kind in _BY_CONSENT:
        return _consent_ends(plan, renewal, day)
    return _term_ends(plan, day)


def _term_ends(plan: TermPlan, day: date) -> Iterator[date]:
    """The ends of terms that would be followed by another one."""
    index = plan.index_on(day)
    if index is None:
        return
    for k in count(index):
        term, following = plan.term(k), plan.term(k + 1)
        if term is None or term.last_day is None or following is None:
            return
        yield term.last_day


def _consent_ends(plan: TermPlan, renewal: RenewalClause, day: date) -> Iterator[date]:
    """The end of the last term agreed so far, if one more may be agreed."""
    agreed = plan.times or 0
    if renewal.times is not None and agreed >= renewal.times:
        return
    term = plan.term(agreed)
    if term is not None and term.last_day is not None and term.last_day >= day:
        yield term.last_day


def _unit_ends(unit: CalendarUnit, day: date) -> Iterator[date]:
    while True:
        end = end_of(unit, day)
        yield end
        day = end + _ONE_DAY


def _anniversaries(plan: TermPlan, day: date) -> Iterator[date]:
    """The days before the anniversaries of the first day."""
    first_day = known(plan.first_day)
    if first_day is None:
        return
    for k in count(max(1, (month_number(day) - month_number(first_day)) // 12)):
        end = legal_last_day(first_day, _YEAR.times(k))
        if end >= day:
            yield end


def _term_steps(contract: Contract, plan: TermPlan, end: date) -> tuple[Step, ...]:
    first_day = known(plan.first_day)
    steps: list[Step] = []
    if first_day is not None:
        steps.append(Step(first_day, Wording("the contract takes effect", "le contrat prend effet")))
    initial = plan.initial_last_day
    if initial is not None:
        steps.append(_initial_step(contract, initial))
    if end != initial and plan.length is not None and initial is not None:
        index = plan.index_on(end)
        steps.append(
            Step(
                end,
                Wording(
                    f"renewal {index} of {plan.length.words} ends, counted from the first term",
                    f"la reconduction n° {index} de {plan.length.said('fr')} échoit, comptée depuis le premier terme",
                ),
            )
        )
    elif end != initial:
        steps.append(Step(end, Wording("the next end that may be chosen", "la prochaine échéance possible")))
    return tuple(steps)


def _initial_step(contract: Contract, initial: date) -> Step:
    term = contract.term
    # Where the term stands in the contract, or that nobody stated it and it was assumed.
    cited = f" ({term.citation})" if isinstance(term, TermClause) and term.citation else ""
    if isinstance(term, TermClause) and isinstance(term.ends_on, date):
        return Step(
            initial,
            Wording(f"the initial term ends, as stated{cited}", f"le terme initial échoit, comme indiqué{cited}"),
        )
    length = term.initial if isinstance(term, TermClause) else None
    words = length.words if length else "the agreed length"
    said = length.said("fr") if length else "durée convenue"
    return Step(
        initial,
        Wording(
            f"the initial term of {words} ends, its first day counted{cited}",
            f"le terme initial ({said}) échoit, premier jour compris{cited}",
        ),
    )


def _none(contract: Contract, en: str, fr: str) -> NoDeadline:
    return NoDeadline(contract=contract.id, reason=Wording(en, fr))


def _none_left(contract: Contract, clause: NoticeClause, renewal: RenewalClause, passed: date | None) -> NoDeadline:
    """Why no end is left to aim at."""
    open_ended = renewal.kind is RenewalKind.INDEFINITE or (
        isinstance(contract.term, TermClause) and not isinstance(contract.term.ends_on, date)
        and contract.term.initial is None
    )  # fmt: skip
    if open_ended:
        return _none(
            contract,
            f"it runs without an end: notice of {clause.length.words} may be given on any day",
            f"il court sans terme : un préavis de {clause.length.said('fr')} peut être donné à tout moment",
        )
    if passed is not None:
        late = last_day_for(clause, passed)
        return _none(
            contract,
            f"the last deadline was {late}, for the term ending {passed}",
            f"la dernière date limite était le {late}, pour le terme échéant le {passed}",
        )
    return _none(
        contract,
        "the last permitted renewal has been reached",
        "la dernière reconduction permise est atteinte",
    )
