"""The conditions of approval in the lifecycle, one named function each: a reason to refuse, or an empty text.

They look at the contract as it is now. What can be told from the recorded events alone is judged by
`clmcrm.clm.approval_round`, and once more whenever those are added up.
"""

from __future__ import annotations

from clmcrm.clm.approval_handing import why_not_delegated, why_not_escalated, why_not_revoked
from clmcrm.clm.approval_round import Round, begun, why_not_counted, why_not_rejected
from clmcrm.clm.approval_seating import left_without, places_of
from clmcrm.clm.approval_steps import ApprovalMode, ApprovalStep
from clmcrm.clm.content import content_hash
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import (
    ApprovalDelegated,
    ApprovalEscalated,
    Approved,
    DelegationRevoked,
    Event,
    Rejected,
    SubmittedForApproval,
)
from clmcrm.clm.guards import no_approval_is_asked_for
from clmcrm.clm.standing import Standing, round_of, unapproved
from clmcrm.errors import InvalidRecord


def content_is_the_present_one(contract: Contract, _standing: Standing, event: Event) -> str:
    """What is submitted is the content that the contract has now."""
    if not isinstance(event, SubmittedForApproval):
        return ""
    if event.content:
        present = content_hash(contract)
        wrong = f"it submits the content {event.content[:8]}, the contract's is {present[:8]}"
        return "" if event.content == present else wrong
    return "steps are submitted without the content they are for" if event.steps or event.approvers else ""


def steps_can_be_taken(contract: Contract, standing: Standing, event: Event) -> str:
    """Each step has its own name and enough approvers besides the authors; no role the contract names is left out."""
    if not isinstance(event, SubmittedForApproval) or not (event.steps or event.approvers):
        return ""
    names = [step.name for step in event.steps]
    if len(set(names)) < len(names):
        return f"two steps have one name: {', '.join(names)}"
    left_out = [role for role in contract.approvals_needed if not any(step.requires(role) for step in event.steps)]
    if event.steps and left_out:
        return f"the contract asks for an approval that no step asks for: {', '.join(left_out)}"
    try:
        now = begun(contract, event, standing.authors, standing.rounds + 1, event.at.date())
    except InvalidRecord as wrong:
        return str(wrong)
    return next((why for step in now.steps if (why := nobody_can_take(now, step))), "")


def nobody_can_take(now: Round, step: ApprovalStep) -> str:
    """Why the declared approvers cannot complete a step of the round; empty when they can, or none are declared.

    Nobody approves twice in a round: whom the steps listed before it cannot do without is not there for this one,
    unless either may be escalated.
    """
    if not now.people.declared:
        return ""
    places = places_of(now, step)
    empty = [seat for seat, able in places if not able]
    if empty and step.mode is ApprovalMode.ALL:
        return f"in the step {step.name} nobody but the author can approve as {', '.join(empty)}"
    able = set[str]().union(*(who for _, who in places))
    if len(able) < len(places) and step.mode is not ApprovalMode.ALL:
        return f"the step {step.name} needs {len(places)}, {len(able)} can approve"
    seats = left_without(now, step)
    return f"in the step {step.name} nobody is left to approve as {seats}: nobody approves twice" if seats else ""


def approves_current_version(contract: Contract, standing: Standing, event: Event) -> str:
    """The approval is for the text that is on the table."""
    current = contract.version + standing.version
    if isinstance(event, Approved) and not standing_is_bound(standing) and event.version != current:
        return f"the approval is for version {event.version}, the text is version {current}"
    return ""


def content_is_unchanged(contract: Contract, standing: Standing, _event: Event) -> str:
    """The content is still the one that was submitted: what is approved dies when it changes."""
    now = standing.round
    if now is None or not now.content:
        return ""
    present = content_hash(contract)
    changed = f"the content has changed since it was submitted: {now.content[:8]} then, {present[:8]} now"
    return "" if present == now.content else changed


def approval_counts(contract: Contract, standing: Standing, event: Event) -> str:
    """The approval breaks no rule of its round (`clmcrm.clm.approval_round.CHECKS`)."""
    return why_not_counted(round_of(contract, standing), event) if isinstance(event, Approved) else ""


def rejection_counts(contract: Contract, standing: Standing, event: Event) -> str:
    """One who rejects has a seat in an open step of the round."""
    return why_not_rejected(round_of(contract, standing), event) if isinstance(event, Rejected) else ""


def delegation_holds(contract: Contract, standing: Standing, event: Event) -> str:
    """The delegation breaks no rule (`clmcrm.clm.approval_handing.HANDING_CHECKS`)."""
    return why_not_delegated(round_of(contract, standing), event) if isinstance(event, ApprovalDelegated) else ""


def delegation_is_theirs_to_end(contract: Contract, standing: Standing, event: Event) -> str:
    """The delegation exists, and its giver, its delegate or a namer of stand-ins ends it."""
    return why_not_revoked(round_of(contract, standing), event) if isinstance(event, DelegationRevoked) else ""


def step_can_be_escalated(contract: Contract, standing: Standing, event: Event) -> str:
    """The step is open, has a deadline, and names the one it is escalated to."""
    return why_not_escalated(round_of(contract, standing), event) if isinstance(event, ApprovalEscalated) else ""


def approvals_hold(contract: Contract, standing: Standing, event: Event) -> str:
    """Every step of the round is complete, for the content that the contract has now.

    Where no round was begun, because the chart asks for none, no role that the contract names is passed over.
    """
    if standing.round is None:
        return no_approval_is_asked_for(contract, standing, event)
    lacking = unapproved(contract, standing)
    if lacking:
        return f"not approved by: {', '.join(lacking)}"
    return content_is_unchanged(contract, standing, event)


def standing_is_bound(standing: Standing) -> bool:
    """Whether the present round's approvals are for a content."""
    return standing.round is not None and standing.round.bound
