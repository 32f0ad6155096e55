"""The events of an approval, made from what they are about, so that nobody copies a fingerprint by hand."""

from __future__ import annotations

from datetime import datetime

import attrs

from clmcrm.clm.approval_policy import NO_FACTS, ApprovalFacts, ApprovalNeeded, ApprovalPolicy, approvals_needed
from clmcrm.clm.approval_round import Round
from clmcrm.clm.approval_steps import ApprovalStep
from clmcrm.clm.content import content_hash
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import Approved, Rejected, SubmittedForApproval
from clmcrm.errors import InvalidRecord
from clmcrm.values.wording import Wording


def submission(
    contract: Contract,
    policy: ApprovalPolicy,
    at: datetime,
    by: str,
    *,
    facts: ApprovalFacts = NO_FACTS,
    note: str = "",
) -> SubmittedForApproval:
    """The event that submits `contract` as it stands to whom `policy` asks for, on the day of `at`."""
    needed = approvals_needed(contract, policy, at.date(), facts)
    return SubmittedForApproval(
        at,
        by,
        note=note,
        content=content_hash(contract),
        steps=tuple(map(_recorded, needed)),
        approvers=policy.approvers,
    )


def approval(now: Round, step: str, at: datetime, by: str, *, role: str = "", on_behalf_of: str = "") -> Approved:
    """The event that approves `step` of the round `now`, for the content that was submitted with it.

    Raises `InvalidRecord` for a step that the round does not have. Whether it counts is for `advance` to say.
    """
    if now.step(step) is None:
        raise InvalidRecord(f"round {now.number}", "step", step, ", ".join(one.name for one in now.steps))
    return Approved(at, by, step=step, role=role, content=now.content, round=now.number, on_behalf_of=on_behalf_of)


def rejection(now: Round, step: str, at: datetime, by: str, note: str, *, role: str = "") -> Rejected:
    """The event that rejects the draft in `step` of the round `now`, for the reason in `note`."""
    return Rejected(at, by, note=note, step=step, role=role, content=now.content, round=now.number)


def _recorded(needed: ApprovalNeeded) -> ApprovalStep:
    """The step as it is submitted: with the reasons it is asked for, where it states none of its own."""
    if needed.step.why:
        return needed.step
    en, fr = ("; ".join(said) for said in zip(*((why.en, why.fr) for why in needed.reasons), strict=True))
    return attrs.evolve(needed.step, why=Wording(en, fr))
