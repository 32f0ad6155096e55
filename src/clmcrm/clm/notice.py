"""When a notice must be given, and what a notice that was given does.

`next_notice_deadline` answers from the term that is running now, not from the first one; a notice that
comes too late for one end takes effect at the next end it can still reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Final

import attrs
from attrs import frozen

from clmcrm.calendars.calendar import CalendarSource, HolidayCalendar
from clmcrm.calendars.months import CalendarUnit, end_of, forward, month_number
from clmcrm.calendars.regimes.record import Regime
from clmcrm.clm.clauses import (
    EndMeaning,
    NoticeClause,
    NoticeReference,
    RenewalClause,
    RenewalKind,
    TermClause,
)
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, NoDeadline, Purpose, last_day_under, opens_on
from clmcrm.clm.events import AnyEvent, NonRenewalNotified, Novated, Superseded, Terminated, Undone
from clmcrm.clm.explaining import explained, length_words
from clmcrm.clm.governing_regime import governing_regime, named_clause
from clmcrm.clm.renewals import TermPlan, legal_last_day, term_plan
from clmcrm.clm.versions import as_amended
from clmcrm.errors import OutsideCoverage, UnknownCalendar
from clmcrm.values.partial import Unknown, known
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step, Wording

_ONE_DAY: Final = timedelta(days=1)
_YEAR: Final = Tenor(years=1)
UNIT_ENDS: Final = {
    NoticeReference.END_OF_MONTH: CalendarUnit.MONTH,
    NoticeReference.END_OF_QUARTER: CalendarUnit.QUARTER,
    NoticeReference.END_OF_HALF_YEAR: CalendarUnit.HALF_YEAR,
    NoticeReference.END_OF_YEAR: CalendarUnit.YEAR,
}
"""The references that are ends of the calendar's own units."""
BY_CONSENT: Final = frozenset({RenewalKind.EXPRESS, RenewalKind.MUTUAL, RenewalKind.OPTION})
"""The renewals that do not come by themselves: silence ends the contract."""


@frozen(kw_only=True)
class NoticeCase:
    """What a contract's notices are decided by: its terms, its clauses, the law and the calendar.

    `begins` is the first day on which a notice can exist, the earlier of signature and effect (None: not
    known). `calendar` is that of the governing place (None: none was given, or there is none).
    """

    plan: TermPlan
    clause: NoticeClause
    renewal: RenewalClause
    law: Regime | None
    calendar: HolidayCalendar | None
    begins: date | None

    @property
    def by_consent(self) -> bool:
        """Whether the notice is what renews, and not what stops the renewal."""
        return self.renewal.kind in BY_CONSENT

    @property
    def open_ended(self) -> bool:
        """Whether, once the initial term is over, the contract may be left without waiting for an end."""
        return (
            self.plan.indefinite
            or self.plan.initial_last_day is None
            or (self.clause.reference is NoticeReference.ANY_TIME and not self.by_consent)
        )

    def last_day(self, end: date) -> date:
        """The last day for a notice about `end`; raises `OutsideCoverage` (see `last_day_under`)."""
        return last_day_under(self.clause, end, self.law, self.calendar)


def notice_case(contract: Contract, calendars: CalendarSource | None = None) -> NoticeCase | NoDeadline | Unknown:
    """What decides the contract's notices as it stands, or why there is none to decide.

    Amendments and later events are not looked at: pass `as_known(contract, day)` for a day's view.
    """
    renewal, clause = contract.renewal, contract.notice
    if isinstance(renewal, Unknown):
        return Unknown(f"the renewal is not known: {renewal.reason}", renewal.raw)
    plan = term_plan(contract)
    if isinstance(plan, Unknown):
        return plan
    if renewal.kind is RenewalKind.NONE and plan.initial_last_day is not None:
        return _none(contract, "it is not renewed: it ends by itself", "pas de reconduction : il prend fin seul")
    if isinstance(clause, Unknown):
        return Unknown(f"the notice period is not known: {clause.reason}", clause.raw)
    law = governing_regime(contract, clause)
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
    )


def as_known(contract: Contract, as_of: date) -> Contract:
    """The contract as it stood on `as_of` by what had been recorded until then, amendments applied.

    An event taken back by `Undone` is left out; asking about a past day never sees what came later.
    """
    events = standing_events(contract, as_of)
    seen = contract if len(events) == len(contract.events) else attrs.evolve(contract, events=events)
    return as_amended(seen, as_of) if seen.amendments else seen


def standing_events(contract: Contract, as_of: date) -> tuple[AnyEvent, ...]:
    """The events recorded on or before `as_of` that were not taken back by then, oldest first."""
    kept: list[AnyEvent] = []
    for event in contract.events:
        if event.at.date() > as_of:
            continue
        if isinstance(event, Undone):
            del kept[-1:]
        else:
            kept.append(event)
    return tuple(kept)


def next_notice_deadline(
    contract: Contract, as_of: date, calendars: CalendarSource | None = None
) -> Deadline | NoDeadline | Unknown:
    """The next last day for a notice that is on or after `as_of`.

    `NoDeadline` says why there is nothing to watch for (notice served, no renewal, last permitted renewal
    reached); `Unknown` says which clause or date is missing. `calendars` finds the calendar of the place
    whose law governs the contract, to say whether the day is a business day; without it nothing is said.
    """
    current = as_known(contract, as_of)
    settled = _settled(current, calendars)
    if settled is not None:
        return settled
    case = notice_case(current, calendars)
    if not isinstance(case, NoticeCase):
        return case
    from_day = as_of if case.begins is None else max(as_of, case.begins)
    last: date | None = None
    try:
        for end in admissible_ends(case, from_day):
            if case.last_day(end) >= from_day:
                return _explained(current, case, end)
            last = end
    except OutsideCoverage as outside:
        return Unknown(f"the last day under {named_clause(case.clause)} cannot be said: {outside}")
    return _none_left(current, case, last)


def first_notice_deadline(
    contract: Contract, calendars: CalendarSource | None = None
) -> Deadline | NoDeadline | Unknown:
    """The deadline of the initial term, whether or not it has passed; as `next_notice_deadline` otherwise.

    `NoDeadline` where a notice longer than the term would have been due before the contract began.
    """
    case = notice_case(contract, calendars)
    if not isinstance(case, NoticeCase):
        return case
    for end in admissible_ends(case, date.min):
        found = _explained(contract, case, end)
        if isinstance(found, Deadline) and case.begins is not None and found.last_day < case.begins:
            return _before_it_began(contract, case, found.last_day)
        return found
    return _none_left(contract, case, None)


def end_after_notice(contract: Contract, given_on: date, calendars: CalendarSource | None = None) -> date | Unknown:
    """The contract's last day if notice is given (received, where receipt counts) on `given_on`.

    A notice too late for one end takes effect at the next one it reaches. `Unknown` with the reason when
    the clauses do not allow an answer, or the notice came before its window opened.
    """
    case = notice_case(contract, calendars)
    if isinstance(case, NoDeadline):
        plan = term_plan(contract)
        final = None if isinstance(plan, Unknown) else plan.final_day
        return final or Unknown(case.reason.en)
    if isinstance(case, Unknown):
        return case
    try:
        for end in admissible_ends(case, given_on):
            if case.last_day(end) >= given_on:
                return _unless_premature(case, end, given_on)
    except OutsideCoverage as outside:
        return Unknown(f"the last day under {named_clause(case.clause)} cannot be said: {outside}")
    return _open_end(case, given_on)


def last_day_in_force(
    contract: Contract, as_of: date, calendars: CalendarSource | None = None
) -> date | Unknown | None:
    """The contract's last day by what was recorded up to `as_of`; None while no end is in sight.

    The earliest of: a termination, a replacement, the end a served notice reaches, the end of the last
    term there can be. `Unknown` when the clauses do not say.
    """
    known_then = as_known(contract, as_of)
    ends, unsure = _recorded_ends(known_then, calendars)
    plan = term_plan(known_then)
    if isinstance(plan, Unknown):
        return min(ends) if ends else plan
    if not ends and unsure is not None:
        return unsure
    if plan.final_day is not None:
        ends.append(plan.final_day)
    return min(ends) if ends else None


def settled_end(contract: Contract, calendars: CalendarSource | None = None) -> date | None:
    """The last day that the contract's recorded events settle (as `as_known` leaves them); None: none yet."""
    ends, _ = _recorded_ends(contract, calendars) if contract.events else ([], None)
    return min(ends) if ends else None


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


def explain_deadline(
    contract: Contract,
    plan: TermPlan,
    clause: NoticeClause,
    end: date,
    calendar: HolidayCalendar | None,
) -> Deadline | Unknown:
    """The explained deadline of a notice about the end `end`; `Unknown` as `explained`."""
    renewal = contract.renewal
    law = governing_regime(contract, clause)
    if isinstance(law, Unknown):
        return law
    if isinstance(renewal, Unknown):
        return Unknown(f"the renewal is not known: {renewal.reason}", renewal.raw)
    case = NoticeCase(plan=plan, clause=clause, renewal=renewal, law=law, calendar=calendar, begins=None)
    return _explained(contract, case, end)


def admissible_ends(case: NoticeCase, day: date) -> Iterator[date]:
    """The ends on or after `day` that a notice can aim at, earliest first; none before the minimum term.

    Nothing is counted here: an end is admissible or not, whatever the notice period.
    """
    plan, reference = case.plan, case.clause.reference
    if case.by_consent:
        return _consent_ends(plan, case.renewal, day)
    start = max(day, plan.open_from or day)
    if reference in UNIT_ENDS:
        return _until_final(plan, _unit_ends(UNIT_ENDS[reference], start))
    if reference is NoticeReference.ANNIVERSARY:
        return _until_final(plan, _anniversaries(plan, start))
    if case.open_ended:
        first = plan.open_from
        return _until_final(plan, iter(() if first is None or first < day else (first,)))
    return _term_ends(plan, day)


def _explained(contract: Contract, case: NoticeCase, end: date) -> Deadline | Unknown:
    plan, clause, term = case.plan, case.clause, contract.term
    leaving = plan.indefinite or plan.initial_last_day is None
    purpose = Purpose.RENEW if case.by_consent else Purpose.LEAVE if leaving else Purpose.STOP_RENEWAL
    stated = isinstance(term, TermClause) and isinstance(term.ends_on, date)
    unsaid = stated and isinstance(term, TermClause) and term.end_means is EndMeaning.UNSAID
    index = plan.index_on(end)
    return explained(
        contract.id,
        clause,
        end,
        purpose,
        end_unsaid=unsaid and clause.reference not in UNIT_ENDS and end != plan.minimum,
        calendar=case.calendar,
        law=case.law,
        term_first_day=_first_day_of_term(plan, index),
        before=_term_steps(contract, case, end, index),
    )


def _first_day_of_term(plan: TermPlan, index: int | None) -> date | None:
    if index == 0:
        return known(plan.first_day)
    before = None if index is None else plan.end_of(index - 1)
    return None if before is None else before + _ONE_DAY


def _settled(contract: Contract, calendars: CalendarSource | None) -> NoDeadline | None:
    """Why the question no longer arises: a served notice, a termination, a replacement."""
    end = settled_end(contract, calendars)
    if end is None:
        return None
    return _none(contract, f"its end on {end} is already settled", f"sa fin au {end} est déjà acquise")


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
            given_on = event.received_on or event.served_on
            end = end_after_notice(as_amended(contract, given_on), given_on, calendars)
            if isinstance(end, Unknown):
                unsure = Unknown(f"notice was given on {given_on}, but the end it reaches is not known: {end.reason}")
            else:
                ends.append(end)
    return ends, unsure


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
        return min(max(runs_out, plan.open_from or runs_out), final or date.max)
    return final if final is not None else Unknown("no end that this notice could reach")


def _until_final(plan: TermPlan, ends: Iterator[date]) -> Iterator[date]:
    """The ends before the one at which the contract ends by itself, if there is one."""
    final = plan.final_day
    for end in ends:
        if final is not None and end >= final:
            return
        yield end


def _term_ends(plan: TermPlan, day: date) -> Iterator[date]:
    """The ends of terms that would be followed by another one, from the minimum term's on."""
    index = plan.index_on(max(day, plan.minimum or day))
    if index is None:
        return
    for k in count(index):
        end = plan.end_of(k) if plan.has_end(k + 1) else None
        if end is None:
            return
        yield end


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


def _term_steps(contract: Contract, case: NoticeCase, end: date, index: int | None) -> tuple[Step, ...]:
    plan, first_day = case.plan, known(case.plan.first_day)
    steps: list[Step] = []
    if first_day is not None:
        steps.append(Step(first_day, _TAKES_EFFECT))
    initial = plan.initial_last_day
    steps += plan.steps
    if initial is not None:
        steps.append(_initial_step(contract, initial))
    if plan.minimum is not None and not case.by_consent:
        steps.append(
            Step(
                plan.minimum,
                Wording("nobody may leave before the minimum term ends", "nul ne peut partir avant la durée minimale"),
            )
        )
    if end == initial:
        return tuple(steps)
    if plan.length is None or initial is None or case.clause.reference in _OWN_ENDS:
        steps.append(Step(end, Wording("the next end that may be chosen", "la prochaine échéance possible")))
        return tuple(steps)
    length = length_words(plan.length)
    steps.append(
        Step(
            end,
            Wording(
                f"renewal {index} of {length.en} ends, counted from the first term",
                f"la reconduction n° {index} de {length.fr} échoit, comptée depuis le premier terme",
            ),
        )
    )
    if case.begins is not None and (initial - case.begins).days <= _most_days(case.clause.length):
        steps += _out_of_reach(case, initial)
    return tuple(steps)


_TAKES_EFFECT: Final = Wording("the contract takes effect", "le contrat prend effet")
_OWN_ENDS: Final = frozenset({*UNIT_ENDS, NoticeReference.ANNIVERSARY, NoticeReference.ANY_TIME})


def _most_days(length: Tenor) -> int:
    """No period of this length, with what the law may add, is longer than that many days."""
    return 31 * length.whole_months + length.loose_days + 31


def _out_of_reach(case: NoticeCase, initial: date) -> list[Step]:
    late = case.last_day(initial)
    if case.begins is None or late >= case.begins:
        return []
    wording = Wording(
        f"notice for the initial term, ending {initial}, was due by this day, before the contract began on "
        f"{case.begins}: it could not be given",
        f"la notification pour le terme initial, échéant le {initial}, était due ce jour au plus tard, avant "
        f"le début du contrat le {case.begins} : elle n'était pas possible",
    )
    return [Step(late, wording)]


def _initial_step(contract: Contract, initial: date) -> Step:
    term = contract.term
    # Where the term stands in the contract, or that nobody stated it and it was assumed.
    cited = f" ({term.citation})" if isinstance(term, TermClause) and term.citation else ""
    if isinstance(term, TermClause) and term.until is not None:
        return Step(initial, Wording("the initial term ends, by that rule", "le terme initial échoit, selon la règle"))
    if isinstance(term, TermClause) and isinstance(term.ends_on, date):
        return Step(
            initial,
            Wording(f"the initial term ends, as stated{cited}", f"le terme initial échoit, comme indiqué{cited}"),
        )
    length = term.initial if isinstance(term, TermClause) else None
    words = length_words(length) if length else Wording("the agreed length", "durée convenue")
    return Step(
        initial,
        Wording(
            f"the initial term of {words.en} ends, its first day counted{cited}",
            f"le terme initial ({words.fr}) échoit, premier jour compris{cited}",
        ),
    )


def _none(contract: Contract, en: str, fr: str) -> NoDeadline:
    return NoDeadline(contract=contract.id, reason=Wording(en, fr))


def _before_it_began(contract: Contract, case: NoticeCase, late: date) -> NoDeadline:
    length = case.clause.length
    return _none(
        contract,
        f"notice of {length.words} would have been due by {late}, before the contract began on {case.begins}",
        f"un préavis de {length.said('fr')} aurait été dû le {late} au plus tard, avant le début du contrat le "
        f"{case.begins}",
    )


def _none_left(contract: Contract, case: NoticeCase, passed: date | None) -> NoDeadline:
    """Why no end is left to aim at."""
    clause, final = case.clause, case.plan.final_day
    if case.open_ended and final is None:
        return _none(
            contract,
            f"it runs without an end: notice of {clause.length.words} may be given on any day",
            f"il court sans terme : un préavis de {clause.length.said('fr')} peut être donné à tout moment",
        )
    if passed is not None:
        late = case.last_day(passed)
        if case.begins is not None and late < case.begins:
            return _before_it_began(contract, case, late)
        return _none(
            contract,
            f"the last deadline was {late}, for the term ending {passed}",
            f"la dernière date limite était le {late}, pour le terme échéant le {passed}",
        )
    if final is not None and case.plan.minimum is not None and case.plan.minimum >= final:
        return _none(
            contract,
            f"nobody may leave before {case.plan.minimum}, and it ends by itself on {final}",
            f"nul ne peut partir avant le {case.plan.minimum}, et il prend fin seul le {final}",
        )
    return _none(
        contract,
        "the last permitted renewal has been reached",
        "la dernière reconduction permise est atteinte",
    )
