"""What the house asks of an approval besides the record: its policy, and the calendar that deadlines run on.

The rule of the file: with a desk, nothing is submitted but what the policy asks for, to those whom the register
names, and nothing goes out for signature that was not submitted so. Without one, the events are judged by
what they say of themselves.
"""

from __future__ import annotations

from datetime import date

import attrs
from attrs import field, frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.clm.approval_handing import is_given_by_its_owner, why_too_soon
from clmcrm.clm.approval_policy import NO_FACTS, ApprovalFacts, ApprovalPolicy, approvals_needed
from clmcrm.clm.approval_round import Given, Round
from clmcrm.clm.approval_steps import ApprovalStep, People, plain_name
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import (
    AnyEvent,
    ApprovalDelegated,
    ApprovalEscalated,
    Event,
    SentForSignature,
    SubmittedForApproval,
)
from clmcrm.clm.standing import Standing
from clmcrm.values.validators import instance


@frozen(kw_only=True)
class ApprovalDesk:
    """The `policy`, the `facts` it needs, and the `calendar` of business days (None: none are counted)."""

    policy: ApprovalPolicy = field(validator=instance(ApprovalPolicy))
    facts: ApprovalFacts = NO_FACTS
    calendar: HolidayCalendar | None = None


def desk_refusal(contract: Contract, standing: Standing, event: Event, desk: ApprovalDesk | None) -> str:
    """Why the house does not let `event` be recorded; an empty text when it does.

    An escalation is looked at without a desk too: its deadline must have passed.
    """
    if isinstance(event, ApprovalEscalated):
        return _not_overdue(standing, event, desk)
    if desk is None:
        return ""
    if isinstance(event, SubmittedForApproval):
        return _not_as_asked(contract, event, desk)
    return _unsubmitted(contract, standing, event, desk) if isinstance(event, SentForSignature) else ""


def _not_as_asked(contract: Contract, event: SubmittedForApproval, desk: ApprovalDesk) -> str:
    if not event.content:
        return "the policy asks for the content to be submitted with its fingerprint"
    if event.approvers != desk.policy.approvers:
        return f"the approvers submitted are not those of the policy {desk.policy.name}"
    return _other_steps(contract, event.steps, event.at.date(), desk)


def _other_steps(contract: Contract, steps: tuple[ApprovalStep, ...], day: date, desk: ApprovalDesk) -> str:
    asked = tuple(one.step for one in approvals_needed(contract, desk.policy, day, desk.facts))
    if [_bare(step) for step in steps] == [_bare(step) for step in asked]:
        return ""
    names = ", ".join(step.name for step in asked) or "no step"
    given = ", ".join(step.name for step in steps) or "no step"
    return f"the policy {desk.policy.name} asks for other steps: {names}; submitted are: {given}"


def _bare(step: ApprovalStep) -> ApprovalStep:
    """A step without its reason, which may be worded anew."""
    return attrs.evolve(step, why="")


def _unsubmitted(contract: Contract, standing: Standing, event: SentForSignature, desk: ApprovalDesk) -> str:
    now = standing.round
    if now is None:
        asked = approvals_needed(contract, desk.policy, event.at.date(), desk.facts)
        names = ", ".join(one.step.name for one in asked)
        return f"it has to be approved first: {names}" if names else ""
    if not now.bound:
        return f"it was not submitted under the policy {desk.policy.name}: submit it again"
    asked_then = approvals_needed(contract, desk.policy, now.submitted_on, desk.facts)
    steps = now.steps if asked_then else ()
    return _other_steps(contract, steps, now.submitted_on, desk) or _not_entitled(contract, now, desk)


def _not_entitled(contract: Contract, now: Round, desk: ApprovalDesk) -> str:
    """Whose approval the register, as it is today, does not bear out."""
    people, seen = People(desk.policy.approvers), set[str]()
    handed = _since_submission(contract)
    for one in now.given:
        step = now.step(one.step)
        is_role = step is not None and one.seat in now.seats_of(step) and one.seat not in step.people
        if not people.knows(one.person) or not people.knows(one.principal):
            return f"{one.person} is not among the approvers of the policy {desk.policy.name}"
        if is_role and not people.is_declared(one.seat) and not people.holds(one.principal, one.seat):
            return f"{one.principal} does not hold the role {one.seat} that the step {one.step} was approved in"
        who = {people.person(one.person), people.person(one.principal)}
        if who & seen or any(people.person(author) in who for author in now.authors):
            return f"{one.person} approved twice, or wrote the text"
        why = _not_handed_on(one, now, handed, desk)
        if why:
            return why
        seen |= who
    return ""


def _since_submission(contract: Contract) -> list[AnyEvent]:
    kept = not_undone(contract.events)
    begun = (place for place, event in enumerate(kept) if isinstance(event, SubmittedForApproval))
    return kept[max(begun, default=0) :]


def _not_handed_on(one: Given, now: Round, events: list[AnyEvent], desk: ApprovalDesk) -> str:
    """Why an approval given for another, or in a seat that an escalation added, is not borne out."""
    today = attrs.evolve(now, people=People(desk.policy.approvers))
    step = now.step(one.step)
    if not today.people.is_one(one.person, one.principal) and not any(_lets(each, one, today) for each in events):
        return f"{one.person} approved for {one.principal}, and nobody who may let others do so had let them"
    if step is None or not step.seats or one.seat in step.seats:
        return ""
    escalations = [each for each in events if isinstance(each, ApprovalEscalated) and each.step == one.step]
    why = [_too_soon(now, each, desk) for each in escalations if plain_name(each.to) == plain_name(one.seat)]
    return "" if "" in why else "; ".join(why)


def _lets(event: AnyEvent, one: Given, today: Round) -> bool:
    """Whether it is a delegation by which the approval was given, made by one whom the register lets."""
    if not isinstance(event, ApprovalDelegated) or is_given_by_its_owner(today, event):
        return False
    people, in_force = today.people, event.first_day <= one.day <= event.last_day
    return in_force and people.is_one(event.giver, one.principal) and people.is_one(event.to, one.person)


def _not_overdue(standing: Standing, event: ApprovalEscalated, desk: ApprovalDesk | None) -> str:
    return "" if standing.round is None else _too_soon(standing.round, event, desk)  # without one, the guard says so


def _too_soon(now: Round, event: ApprovalEscalated, desk: ApprovalDesk | None) -> str:
    step, calendar = now.step(event.step), None if desk is None else desk.calendar
    if step is not None and step.business_days is not None and calendar is None:
        return f"the deadline of {step.name} is counted in business days, and no calendar was given"
    return why_too_soon(now, event, calendar)
