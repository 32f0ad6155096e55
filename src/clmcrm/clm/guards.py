"""The conditions of the lifecycle, one named function each: a reason to refuse, or an empty text.

A guard sees the contract, its standing before the event, and the event. It never changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from clmcrm.calendars.months import forward
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.clauses import Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import opens_on
from clmcrm.clm.events import (
    ConditionMet,
    Event,
    Ground,
    HoldPlaced,
    HoldReleased,
    NonRenewalNotified,
    PartyAssigned,
    RenewalAgreed,
    Signed,
    Terminated,
    TurnPassed,
)
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.notice import day_given, notice_case
from clmcrm.clm.notice_case import NoticeCase, admissible_ends
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.standing import Standing, unsigned
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind, TerminationRight
from clmcrm.values.partial import Unknown, known, why_not

Guard: TypeAlias = Callable[[Contract, Standing, Event], str]

NEEDED_FACTS: Final[Mapping[ContractKind, tuple[str, ...]]] = {
    ContractKind.EMPLOYMENT: ("effective_on",),
    ContractKind.LEASE: ("effective_on", "term"),
    ContractKind.REGULATORY: ("governing_place",),
}
"""The fields that a contract of a kind must state before it goes to those who approve it."""


def reason_given(_contract: Contract, _standing: Standing, event: Event) -> str:
    """The event says why (its note)."""
    return "" if event.note.strip() else "a reason (note) is missing"


def parties_known(contract: Contract, _standing: Standing, _event: Event) -> str:
    """The contract names its counterparty."""
    return "" if contract.counterparty or contract.names_in_text else "the counterparty is missing"


def facts_of_its_kind_stated(contract: Contract, _standing: Standing, _event: Event) -> str:
    """The contract states what one of its kind must state."""
    missing = [name for name in NEEDED_FACTS.get(contract.kind, ()) if _unstated(getattr(contract, name))]
    return f"a contract of the kind {contract.kind.value} needs: {', '.join(missing)}" if missing else ""


def _unstated(value: object) -> bool:
    return isinstance(value, Unknown) or value in (None, "", ())


def holds_the_pen(_contract: Contract, standing: Standing, event: Event) -> str:
    """The turn passes to the other side, not to the one who holds the draft already."""
    if isinstance(event, TurnPassed) and event.to not in (Party.OWN, Party.COUNTERPARTY):
        return f"the pen is held by one side, own or counterparty, not by {event.to.value}"
    if isinstance(event, TurnPassed) and event.to is standing.pen:
        return f"{event.to.value} holds the pen already"
    return ""


def signs_once(contract: Contract, standing: Standing, _event: Event) -> str:
    """Somebody still has to sign."""
    return "" if unsigned(contract, standing) else "everybody has signed"


def signer_is_named(contract: Contract, standing: Standing, event: Event) -> str:
    """The signer is one of the named signatories of that side, and has not signed before."""
    if not isinstance(event, Signed) or not event.signer:
        return ""
    if (event.side, event.signer) in standing.signed:
        return f"{event.signer} has signed for {event.side.value} already"
    named = [person.name for person in contract.signatories if person.side is event.side]
    if not named or event.signer in named:
        return ""
    return f"{event.signer} is no signatory of {event.side.value}; named are: {', '.join(named)}"


def no_approval_is_asked_for(contract: Contract, _standing: Standing, _event: Event) -> str:
    """No role has to approve a contract of this kind, unless the contract names one."""
    needed = ", ".join(contract.approvals_needed)
    return f"it has to be approved first by: {needed}" if needed else ""


def condition_is_open(contract: Contract, standing: Standing, event: Event) -> str:
    """The condition is one of the contract's, and was not met before."""
    if not isinstance(event, ConditionMet):
        return ""
    if event.condition not in contract.conditions_precedent:
        named = ", ".join(contract.conditions_precedent) or "none"
        return f"{event.condition!r} is no condition of the contract; its conditions are: {named}"
    return f"{event.condition!r} was met before" if event.condition in dict(standing.conditions_met) else ""


def no_hold_lasts(contract: Contract, _standing: Standing, _event: Event) -> str:
    """No legal hold is on the contract, by everything on record: a zone's date makes none a day late."""
    holds: set[str] = set()
    for event in not_undone(contract.events):
        if isinstance(event, HoldPlaced):
            holds.add(event.hold)
        elif isinstance(event, HoldReleased):
            holds.discard(event.hold)
    return f"under legal hold: {', '.join(sorted(holds))}" if holds else ""


def not_signed_by_all(contract: Contract, standing: Standing, _event: Event) -> str:
    """At least one signature is missing: what everybody has signed is terminated, not canceled."""
    return "" if unsigned(contract, standing) else "everybody has signed"


def effective_date_reached(contract: Contract, _standing: Standing, event: Event) -> str:
    """The effective date is known and has come."""
    fact = getattr(event, "effective_on", None)
    day = known(fact) if fact is not None else None
    day = day or known(contract.effective_on)
    if day is None:
        return f"the effective date is not known: {why_not(contract.effective_on)}"
    return "" if day <= event.at.date() else f"the effective date, {day}, has not come"


def conditions_are_met(contract: Contract, standing: Standing, event: Event) -> str:
    """Every condition precedent was met, or the event says where it is recorded that they were met or waived (note)."""
    met = dict(standing.conditions_met)
    still_open = ", ".join(condition for condition in contract.conditions_precedent if condition not in met)
    if not still_open or event.note.strip():
        return ""
    return f"conditions to be met first: {still_open}; where they were met or waived, say where it is recorded (note)"


def all_norms_discharged(contract: Contract, _standing: Standing, _event: Event) -> str:
    """Nothing is owed that does not survive the contract.

    What was done stands in the ledger of norms, which a contract does not hold: with duties on record it is
    `clmcrm.clm.norms.completion.completed` that looks there.
    """
    owed = ", ".join(one.id for one in contract.obligations if not one.survives)
    return f"its ledger says whether {owed} is discharged: record it by norms.completion.completed" if owed else ""


def termination_allowed(contract: Contract, _standing: Standing, event: Event) -> str:
    """For convenience only with a right to it in force, its notice and the minimum term; for cause with a reason."""
    if not isinstance(event, Terminated) or event.ground is Ground.MUTUAL:
        return ""
    if event.ground is Ground.CAUSE:
        return "" if event.note.strip() else "the cause (note) is missing"
    rights = _rights(contract, event, for_cause=False)
    if not rights:
        return "no clause lets this side terminate for convenience"
    given_on = event.at.date()
    ends = [given_on if right.notice is None else forward(given_on, right.notice) for right in rights]
    if min(ends) > event.last_day:
        return f"the notice agreed runs until {min(ends)}, later than {event.last_day}"
    return _within_minimum(contract, event)


def _within_minimum(contract: Contract, event: Terminated) -> str:
    """Why the end is too early for the minimum term, before which nobody may leave; empty where it is not."""
    plan = term_plan(contract)
    minimum = None if isinstance(plan, Unknown) else plan.minimum
    early = minimum is not None and event.last_day < minimum
    return f"nobody may leave before the minimum term ends on {minimum}" if early else ""


def cure_period_over(contract: Contract, standing: Standing, event: Event) -> str:
    """Where the right to terminate for cause gives time to cure, the cure was asked for and the time is up."""
    if not isinstance(event, Terminated) or event.ground is not Ground.CAUSE:
        return ""
    cures = [right.cure for right in _rights(contract, event, for_cause=True)]
    periods = [cure for cure in cures if cure is not None]
    if not periods or len(periods) < len(cures):
        return ""
    asked = [demand.served_on for demand in standing.cures_demanded if _may(demand.side, event.side)]
    if not asked:
        return f"a cure within {periods[0].words} has to be asked for first (CureDemanded)"
    over = min(forward(min(asked), cure) for cure in periods)
    up = min(event.at.date(), event.last_day) > over
    return "" if up else f"the other side may still cure until {over}"


def _rights(contract: Contract, event: Terminated, *, for_cause: bool) -> list[TerminationRight]:
    """The side's rights to terminate that have come into force by the day the termination is recorded."""
    return [
        clause
        for clause in contract.clauses
        if isinstance(clause, TerminationRight)
        and clause.for_cause is for_cause
        and _may(clause.by, event.side)
        and clause.begun_by(event.at.date())
    ]


def renewal_can_be_agreed(contract: Contract, _standing: Standing, event: Event) -> str:
    """The contract has renewals that must be agreed, one is left, and this side may use it."""
    renewal = contract.renewal
    if isinstance(renewal, Unknown):
        return f"the renewal is not known: {renewal.reason}"
    if renewal.kind not in (RenewalKind.EXPRESS, RenewalKind.MUTUAL, RenewalKind.OPTION):
        return f"a {renewal.kind.value} renewal is not agreed by an event"
    if isinstance(event, RenewalAgreed) and not _may(renewal.by, event.side):
        return f"the option belongs to {renewal.by.value}"
    plan = term_plan(contract)
    used = 0 if isinstance(plan, Unknown) else plan.times or 0
    return "the last permitted renewal has been used" if renewal.times is not None and used >= renewal.times else ""


def renewal_can_be_stopped(contract: Contract, _standing: Standing, _event: Event) -> str:
    """There is a renewal, or a contract without an end, that a notice can stop."""
    renewal = contract.renewal
    if isinstance(renewal, RenewalClause) and renewal.kind is RenewalKind.NONE:
        return "it is not renewed: there is nothing to stop"
    return ""


def notice_window_is_open(contract: Contract, _standing: Standing, event: Event) -> str:
    """The notice does not come before its window opens: one that is early reaches no end."""
    case = notice_case(contract)
    if not isinstance(event, NonRenewalNotified) or not isinstance(case, NoticeCase):
        return ""
    day = day_given(contract, event)
    reached = next((end for end in admissible_ends(case, day) if case.last_day(end) >= day), None)
    opens = None if reached is None else opens_on(case.clause, reached, case.law)
    return "" if opens is None or opens <= day else f"the window for {reached} opens only on {opens}"


def assignment_allowed(contract: Contract, _standing: Standing, event: Event) -> str:
    """Where assignment is restricted, the consent is on record (note)."""
    restricted = any(
        isinstance(clause, Restriction)
        and clause.kind is RestrictionKind.NO_ASSIGNMENT
        and clause.holds_on(event.at.date())
        for clause in contract.clauses
    )
    if isinstance(event, PartyAssigned) and restricted and not event.note.strip():
        return "assignment needs consent; say where it is recorded (note)"
    return ""


def _may(holder: Party, side: Party) -> bool:
    return holder in (Party.EITHER, side) or side is Party.BOTH
