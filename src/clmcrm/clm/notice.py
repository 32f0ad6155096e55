"""When a notice must be given, and what a notice that was given does.

`next_notice_deadline` answers from the term that is running now, not from the first one; a notice that
comes too late for one end takes effect at the next end it can still reach.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import attrs

from clmcrm.calendars.calendar import CalendarSource, HolidayCalendar
from clmcrm.calendars.legal_counting import reached
from clmcrm.calendars.months import forward
from clmcrm.calendars.regimes.known import regimes_of
from clmcrm.clm.chronicle import chronicle
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, NoDeadline, Purpose, opens_on
from clmcrm.clm.delivery import deemed_received
from clmcrm.clm.events import NonRenewalNotified, Novated, Superseded, Terminated
from clmcrm.clm.explaining import explained
from clmcrm.clm.governing_regime import governing_regime, named_clause
from clmcrm.clm.hindsight import as_recorded, standing_events
from clmcrm.clm.notice_case import UNIT_ENDS, NoticeCase, admissible_ends, end_read_otherwise
from clmcrm.clm.notice_steps import why_no_calendar
from clmcrm.clm.notice_words import before_it_began, no_deadline, none_left, term_steps
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.term_clauses import NoticeClause, NoticeEffect, RenewalKind, TermClause
from clmcrm.clm.term_plans import TermPlan
from clmcrm.clm.versions import as_amended
from clmcrm.errors import OutsideCoverage, UnknownCalendar
from clmcrm.values.days import check_days
from clmcrm.values.partial import Unknown, known, why_not
from clmcrm.values.tenor import Tenor

_ONE_DAY: Final = timedelta(days=1)
_YEAR: Final = Tenor(years=1)


def notice_case(contract: Contract, calendars: CalendarSource | None = None) -> NoticeCase | NoDeadline | Unknown:
    """What decides the contract's notices as it stands, or why there is none to decide.

    Amendments and later events are not looked at: pass `as_known(contract, day)` for a day's view.
    """
    renewal, clause = contract.renewal, contract.notice
    if isinstance(renewal, Unknown):
        return Unknown(f"the renewal is not known: {renewal.reason}", renewal.raw)
    regimes = regimes_of(calendars)
    plan = term_plan(contract, regimes)
    if isinstance(plan, Unknown):
        return plan
    if renewal.kind is RenewalKind.NONE and plan.initial_last_day is not None:
        return no_deadline(contract, "it is not renewed: it ends by itself", "pas de reconduction : il prend fin seul")
    if isinstance(clause, Unknown):
        return Unknown(f"the notice period is not known: {clause.reason}", clause.raw)
    law = governing_regime(contract, clause, regimes)
    if isinstance(law, Unknown):
        return law
    begins = [day for day in (known(contract.executed_on), known(contract.effective_on)) if day is not None]
    return NoticeCase(
        plan=plan,
        clause=clause,
        renewal=renewal,
        law=law,
        calendar=calendar_of(contract, calendars),
        begins=min(begins) if begins else None,
        no_calendar=why_no_calendar(contract.governing_place, given=calendars is not None),
    )


def next_notice_deadline(
    contract: Contract, as_of: date, calendars: CalendarSource | None = None, *, known_on: date | None = None
) -> Deadline | NoDeadline | Unknown:
    """The next last day for a notice that is on or after `as_of`, by what was recorded by `known_on` (None: `as_of`).

    `NoDeadline` says why there is nothing to watch for (notice served, no renewal, last permitted renewal
    reached); `Unknown` says which clause or date is missing. `calendars` finds the calendar of the place
    whose law governs the contract, to say whether the day is a business day; without it nothing is said.
    """
    check_days("next_notice_deadline", as_of=as_of)
    if known_on is not None:
        check_days("next_notice_deadline", known_on=known_on)
    recorded = as_recorded(contract, as_of, known_on)
    settled = _settled(recorded, calendars)
    if settled is not None:
        return settled
    current = as_amended(recorded, as_of)
    case = notice_case(current, calendars)
    if not isinstance(case, NoticeCase):
        return case
    from_day = as_of if case.begins is None else max(as_of, case.begins)
    try:
        for end in admissible_ends(case, _first_in_reach(case, from_day)):
            last_day = case.last_day(end)
            if last_day >= from_day:
                return _explained(current, case, end, last_day)
        return none_left(current, case, next(reversed([*admissible_ends(case, from_day)]), None))
    except OutsideCoverage as outside:
        return Unknown(f"the last day under {named_clause(case.clause)} cannot be said: {outside}")


def _first_in_reach(case: NoticeCase, day: date) -> date:
    """No end before this day can be reached by a notice on `day`: its period runs out at the earliest then."""
    return max(day, forward(day, case.clause.length) - _ONE_DAY)


def first_notice_deadline(
    contract: Contract, calendars: CalendarSource | None = None
) -> Deadline | NoDeadline | Unknown:
    """The deadline of the initial term, whether or not it has passed; as `next_notice_deadline` otherwise.

    `NoDeadline` where a notice longer than the term would have been due before the contract began.
    """
    case = notice_case(contract, calendars)
    if not isinstance(case, NoticeCase):
        return case
    try:
        end = _first_end(case)
        if isinstance(end, Unknown):
            return Unknown(f"{end.reason}: {why_not(contract.effective_on)}")
        if end is None:
            return none_left(contract, case, None)
        found = _explained(contract, case, end, case.last_day(end))
    except OutsideCoverage as outside:
        return Unknown(f"the last day under {named_clause(case.clause)} cannot be said: {outside}")
    if isinstance(found, Deadline) and case.begins is not None and found.last_day < case.begins:
        return before_it_began(contract, case, found.last_day)
    return found


def _first_end(case: NoticeCase) -> date | Unknown | None:
    """The first end a notice can aim at; without an initial term to wait for, the first that one can reach."""
    if case.plan.open_from is not None or case.by_consent or case.clause.reference not in UNIT_ENDS:
        return next(admissible_ends(case, date.min), None)
    begins = case.begins
    if begins is None:
        return Unknown("the first day is not known")
    return next(
        (end for end in admissible_ends(case, _first_in_reach(case, begins)) if case.last_day(end) >= begins), None
    )


def end_after_notice(contract: Contract, given_on: date, calendars: CalendarSource | None = None) -> date | Unknown:
    """The contract's last day if notice is given (sent, where dispatch counts; else received) on `given_on`.

    A notice too late for one end takes effect at the next one it reaches. `Unknown` with the reason when
    the clauses do not allow an answer, or the notice came before its window opened.
    """
    check_days("end_after_notice", given_on=given_on)
    case = notice_case(contract, calendars)
    if isinstance(case, NoDeadline):
        plan = term_plan(contract, regimes_of(calendars))
        final = None if isinstance(plan, Unknown) else plan.final_day
        return final or Unknown(case.reason.en)
    if isinstance(case, Unknown):
        return case
    # Ends that no period begun on that day can reach are not looked at: a calendar may know nothing of their days.
    start = given_on if reached(given_on, case.clause.length) is None else _first_in_reach(case, given_on)
    try:
        for end in admissible_ends(case, start):
            if case.last_day(end) >= given_on:
                return _unless_premature(case, end, given_on)
        return _open_end(case, given_on)
    except OutsideCoverage as outside:
        return Unknown(f"the last day under {named_clause(case.clause)} cannot be said: {outside}")


def last_day_in_force(
    contract: Contract, as_of: date, calendars: CalendarSource | None = None
) -> date | Unknown | None:
    """The contract's last day by what was recorded up to `as_of`; None while no end is in sight.

    The earliest of: a termination, a replacement, the end a served notice reaches, the end of the last
    term there can be. `Unknown` when the clauses do not say.
    """
    check_days("last_day_in_force", as_of=as_of)
    recorded = as_recorded(contract, as_of)
    ends, unsure = _recorded_ends(recorded, calendars)
    plan = term_plan(as_amended(recorded, as_of), regimes_of(calendars))
    if isinstance(plan, Unknown):
        return min(ends) if ends else plan
    unsure = unsure or plan.unsure
    if not ends and unsure is not None:
        return unsure
    if plan.final_day is not None and plan.unsure is None:
        ends.append(plan.final_day)
    return min(ends) if ends else None


def settled_end(contract: Contract, calendars: CalendarSource | None = None) -> date | None:
    """The last day that the contract's recorded events settle (as `as_recorded` leaves them); None: none yet.

    A notice reaches the end that it reached by the text of its own day, whatever is amended or agreed later.
    """
    ends, _ = _recorded_ends(contract, calendars) if contract.events else ([], None)
    return min(ends) if ends else None


def day_given(contract: Contract, notice: NonRenewalNotified, calendars: CalendarSource | None = None) -> date:
    """The day on which the notice counts as given: when it was sent where the clause says that dispatch counts.

    Elsewhere the day it arrived. Where its arrival is not known, the day it was sent, or, where receipt counts and
    the clause says when a letter is deemed received, that day.

    >>> from datetime import UTC, datetime
    >>> from clmcrm.clm.kinds import ContractKind, Party
    >>> from clmcrm.values.ids import ContractId
    >>> posted = NoticeClause(length=Tenor(months=3), effect=NoticeEffect.DISPATCH)
    >>> lease = Contract(id=ContractId("C"), title="t", kind=ContractKind.LEASE, notice=posted)
    >>> letter = NonRenewalNotified(datetime(2026, 3, 2, tzinfo=UTC), "ann", side=Party.OWN,
    ...                             served_on=date(2026, 2, 27), received_on=date(2026, 3, 2))
    >>> str(day_given(lease, letter)), letter.happened_on
    ('2026-02-27', datetime.date(2026, 3, 2))
    """
    clause = contract.notice
    if not isinstance(clause, NoticeClause) or clause.effect is NoticeEffect.UNSAID:
        return notice.happened_on
    if clause.effect is NoticeEffect.DISPATCH:
        return notice.served_on
    return notice.received_on or deemed_received(clause, notice.served_on, calendar_of(contract, calendars))


def notices_served(contract: Contract, as_of: date) -> tuple[NonRenewalNotified, ...]:
    """The notices of non-renewal recorded on or before `as_of` and not taken back, oldest first."""
    return tuple(e for e in standing_events(contract, as_of) if isinstance(e, NonRenewalNotified))


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


def _explained(contract: Contract, case: NoticeCase, end: date, last_day: date) -> Deadline | Unknown:
    plan, clause, term = case.plan, case.clause, contract.term
    leaving = plan.indefinite or plan.initial_last_day is None
    purpose = Purpose.RENEW if case.by_consent else Purpose.LEAVE if leaving else Purpose.STOP_RENEWAL
    return explained(
        contract.id,
        clause,
        end,
        last_day,
        purpose,
        other_end=end_read_otherwise(case, term, end) if isinstance(term, TermClause) else None,
        calendar=case.calendar,
        law=case.law,
        term_first_day=_first_day_of_term(plan, end) if _may_exceed(clause.length, plan.length) else None,
        before=term_steps(contract, case, end),
        no_calendar=case.no_calendar,
    )


def _may_exceed(notice: Tenor, term: Tenor | None) -> bool:
    """Whether a notice of this length can be longer than a term: no month has more than 31 days, or under 28."""
    if term is None:
        return True
    longest = 31 * notice.whole_months + notice.loose_days
    return longest >= 28 * term.whole_months + term.loose_days


def _first_day_of_term(plan: TermPlan, end: date) -> date | None:
    index = plan.index_on(end)
    if index == 0:
        return known(plan.first_day)
    before = None if index is None else plan.end_of(index - 1)
    return None if before is None else before + _ONE_DAY


def _settled(contract: Contract, calendars: CalendarSource | None) -> NoDeadline | None:
    """Why the question no longer arises: a served notice, a termination, a replacement."""
    end = settled_end(contract, calendars)
    if end is None:
        return None
    return no_deadline(contract, f"its end on {end} is already settled", f"sa fin au {end} est déjà acquise")


def _recorded_ends(contract: Contract, calendars: CalendarSource | None) -> tuple[list[date], Unknown | None]:
    """The ends that the events bring about, and why a notice that was served may not bring one about."""
    ends: list[date] = []
    unsure: Unknown | None = None
    for event in contract.events:
        if isinstance(event, Terminated):
            ends.append(event.last_day)
        elif isinstance(event, Superseded | Novated):
            ends.append(event.from_day - _ONE_DAY)
        elif isinstance(event, NonRenewalNotified):
            then = _when_given(contract, event)
            day = day_given(then, event, calendars)
            end = end_after_notice(then, day, calendars)
            if isinstance(end, Unknown):
                unsure = Unknown(f"notice was given on {day}, but the end it reaches is not known: {end.reason}")
            else:
                ends.append(end)
    return ends, unsure


def _when_given(contract: Contract, notice: NonRenewalNotified) -> Contract:
    """The contract by what counted when the notice was given, amendments applied."""
    told = [event for _, event in chronicle(contract, contract.events)]
    then = attrs.evolve(contract, events=tuple(told[: told.index(notice) + 1]))
    return as_amended(then, notice.happened_on)


def _unless_premature(case: NoticeCase, end: date, given_on: date) -> date | Unknown:
    opens = opens_on(case.clause, end, case.law)
    if opens is None or opens <= given_on:
        return end
    return Unknown(f"{named_clause(case.clause)} opens its window for {end} on {opens}, after {given_on}")


def _open_end(case: NoticeCase, given_on: date) -> date | Unknown:
    """The end a notice reaches where it need not wait for one, or that of the last term there can be."""
    plan, final = case.plan, case.plan.final_day
    if case.open_ended:
        runs_out = forward(given_on, case.clause.length)
        end = max(runs_out, plan.open_from or runs_out)
        # Clear days, or a law that moves a closed day back, make the notice late for this end too.
        latest = final or date.max
        while end < latest and case.last_day(end) < given_on:
            end += _ONE_DAY
        return min(end, latest)
    return final if final is not None else Unknown("no end that this notice could reach")
