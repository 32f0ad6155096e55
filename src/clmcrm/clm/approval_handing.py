"""Who may approve for somebody else: what is delegated, taken back and escalated in a round of approval.

The rules of the file: a delegation is made by the giver, or by one whom the register lets name a stand-in; it is
never passed on, so that there are no chains and no loops; it goes to nobody who wrote the text. A step is
escalated to those alone that it names, and after its last day only; where that is counted in business days it takes
a calendar: see `clmcrm.clm.approval_desk`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.clm.approval_round import Round
from clmcrm.clm.approval_steps import Delegation, plain_name
from clmcrm.clm.events import ApprovalDelegated, ApprovalEscalated, DelegationRevoked
from clmcrm.errors import DateRuleError

HandingCheck: TypeAlias = Callable[[Round, ApprovalDelegated], str]
"""A rule: why a delegation is refused, or an empty text."""


def is_given_by_its_owner(now: Round, event: ApprovalDelegated) -> str:
    """Nobody gives away what another may approve, unless the register lets them name a stand-in."""
    people = now.people
    if people.is_one(event.by, event.giver):
        return ""
    if people.may_name_stand_in(event.by, event.giver) and not people.is_one(event.by, event.to):
        return ""
    return f"{event.by} may not let {event.to} approve for {event.giver}"


def is_between_two_approvers(now: Round, event: ApprovalDelegated) -> str:
    """The two are different people, both declared where any are."""
    if now.people.is_one(event.giver, event.to):
        return f"{event.giver} and {event.to} are the same person"
    stranger = next((who for who in (event.giver, event.to) if not now.people.knows(who)), "")
    return f"{stranger} is not among the approvers of this round" if stranger else ""


def is_not_over(_now: Round, event: ApprovalDelegated) -> str:
    """It is in force on the day it is recorded, or later."""
    return "" if event.last_day >= event.at.date() else f"it was over on {event.last_day}"


def goes_to_no_author(now: Round, event: ApprovalDelegated) -> str:
    """Those who wrote the text approve it for nobody, and let nobody approve it for them."""
    author = next((who for who in (event.to, event.giver) if now.is_author(who)), "")
    return f"{author} is an author of the text" if author else ""


def is_not_passed_on(now: Round, event: ApprovalDelegated) -> str:
    """Nobody gives away while acting for another, nor to one who has given away: no chain, no loop."""
    new = Delegation(event.giver, event.to, event.first_day, event.last_day)
    at_once = [one for one in now.delegations if one.overlaps(new)]
    for one in at_once:
        if now.people.is_one(one.to, new.giver):
            loop = " and back: a loop" if now.people.is_one(one.giver, new.to) else ""
            return f"{one.giver} has delegated to {new.giver} until {one.last_day}, and that is not passed on{loop}"
        if now.people.is_one(one.giver, new.to):
            return f"{new.to} has delegated to {one.to} until {one.last_day}, and cannot act for {new.giver}"
    return ""


HANDING_CHECKS: Final[tuple[HandingCheck, ...]] = (
    is_given_by_its_owner,
    is_between_two_approvers,
    is_not_over,
    goes_to_no_author,
    is_not_passed_on,
)
"""What a delegation has to pass, in the order in which it is told."""


def why_not_delegated(now: Round, event: ApprovalDelegated) -> str:
    """The first rule that the delegation breaks; an empty text when it holds."""
    return next((why for check in HANDING_CHECKS if (why := check(now, event))), "")


def why_not_revoked(now: Round, event: DelegationRevoked) -> str:
    """Why the delegation cannot be ended so: there is none, or it is not the recorder's to end."""
    if not now.between(event.giver, event.to):
        return f"{event.giver} has delegated nothing to {event.to}"
    if now.people.may_name_stand_in(event.by, event.giver) or now.people.is_one(event.by, event.to):
        return ""
    return f"{event.by} may not end what {event.giver} delegated to {event.to}"


def why_not_escalated(now: Round, event: ApprovalEscalated) -> str:
    """Why the step cannot be escalated so, its deadline aside: it is not open, or does not name `to`."""
    step = now.step(event.step)
    if step is None or step not in now.open_steps:
        waiting = ", ".join(one.name for one in now.open_steps) or "none"
        return f"{event.step} is no open step of this round; open now: {waiting}"
    if step.within is None and step.business_days is None:
        return f"the step {step.name} has no deadline"
    if plain_name(event.to) not in map(plain_name, step.escalates_to):
        return f"the step {step.name} is escalated to: {', '.join(step.escalates_to) or 'nobody'}"
    if any(name == step.name and plain_name(to) == plain_name(event.to) for name, to in now.escalated):
        return f"the step {step.name} is escalated to {event.to} already"
    return ""


def why_too_soon(now: Round, event: ApprovalEscalated, calendar: HolidayCalendar | None = None) -> str:
    """Why the step's deadline has not passed; empty when it has, and where it takes a calendar that was not given."""
    step = now.step(event.step)
    if step is None or (step.business_days is not None and calendar is None):
        return ""
    try:
        last_day = step.last_day(now.reached_on(step), calendar)
    except DateRuleError as unknown:
        return f"the deadline of {step.name} cannot be told: {unknown}"
    over = last_day is None or event.at.date() > last_day
    return "" if over else f"the step {step.name} may be taken until {last_day}"
