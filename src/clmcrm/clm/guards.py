"""The conditions of the lifecycle, one named function each: a reason to refuse, or an empty text.

A guard sees the contract, its standing before the event, and the event. It never changes anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from clmcrm.calendars.months import forward
from clmcrm.clm.clauses import RenewalClause, RenewalKind, Restriction, RestrictionKind, TerminationRight
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import (
    Approved,
    Event,
    Ground,
    PartyAssigned,
    RenewalAgreed,
    Terminated,
    TurnPassed,
)
from clmcrm.clm.kinds import Party
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.standing import Standing, unsigned
from clmcrm.values.partial import Unknown, known, why_not

Guard: TypeAlias = Callable[[Contract, Standing, Event], str]


def reason_given(_contract: Contract, _standing: Standing, event: Event) -> str:
    """The event says why (its note)."""
    return "" if event.note.strip() else "a reason (note) is missing"


def parties_known(contract: Contract, _standing: Standing, _event: Event) -> str:
    """The contract names its counterparty."""
    return "" if contract.counterparty or contract.names_in_text else "the counterparty is missing"


def approver_is_not_sole_author(_contract: Contract, standing: Standing, event: Event) -> str:
    """The one who drafted the text is not the one who approves it."""
    return "the author cannot approve their own text" if event.by == standing.author else ""


def approves_once(_contract: Contract, standing: Standing, event: Event) -> str:
    """Nobody approves the same text twice, in whichever hat."""
    approved = any(person == event.by for person, _ in standing.approvals)
    return f"{event.by} has approved this text already" if approved else ""


def approves_current_version(contract: Contract, standing: Standing, event: Event) -> str:
    """The approval is for the text that is on the table."""
    current = contract.version + standing.version
    if isinstance(event, Approved) and event.version != current:
        return f"the approval is for version {event.version}, the text is version {current}"
    return ""


def holds_the_pen(_contract: Contract, standing: Standing, event: Event) -> str:
    """The turn passes to the other side, not to the one who holds the draft already."""
    if isinstance(event, TurnPassed) and event.to is standing.pen:
        return f"{event.to.value} holds the pen already"
    return ""


def signs_once(contract: Contract, standing: Standing, _event: Event) -> str:
    """Somebody still has to sign."""
    return "" if unsigned(contract, standing) else "everybody has signed"


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


def termination_allowed(contract: Contract, _standing: Standing, event: Event) -> str:
    """For convenience only with a right to it and its notice; for cause with a reason; by agreement freely."""
    if not isinstance(event, Terminated) or event.ground is Ground.MUTUAL:
        return ""
    if event.ground is Ground.CAUSE:
        return "" if event.note.strip() else "the cause (note) is missing"
    rights = [
        clause
        for clause in contract.clauses
        if isinstance(clause, TerminationRight) and not clause.for_cause and _may(clause.by, event.side)
    ]
    if not rights:
        return "no clause lets this side terminate for convenience"
    given_on = event.at.date()
    ends = [given_on if right.notice is None else forward(given_on, right.notice) for right in rights]
    if min(ends) > event.last_day:
        return f"the notice agreed runs until {min(ends)}, later than {event.last_day}"
    return ""


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


def assignment_allowed(contract: Contract, _standing: Standing, event: Event) -> str:
    """Where assignment is restricted, the consent is on record (note)."""
    restricted = any(isinstance(c, Restriction) and c.kind is RestrictionKind.NO_ASSIGNMENT for c in contract.clauses)
    if isinstance(event, PartyAssigned) and restricted and not event.note.strip():
        return "assignment needs consent; say where it is recorded (note)"
    return ""


def _may(holder: Party, side: Party) -> bool:
    return holder in (Party.EITHER, side) or side is Party.BOTH
