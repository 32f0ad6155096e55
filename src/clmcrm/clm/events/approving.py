"""Rounds of approval: a draft is submitted, approved or rejected, and who may do so is handed on."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from clmcrm.clm.approval_steps import ApprovalStep, Approver
from clmcrm.clm.events.base import Event
from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import count, each, instance, plain_date, text


@frozen
class SubmittedForApproval(Event):
    """The draft was put to those who must approve it: a new round of approval begins.

    `content` is the fingerprint of what is to be approved (`clmcrm.clm.content`), `steps` who has to approve it
    in which order, `approvers` who may and which accounts are theirs. Without steps, each role that the contract
    names has to approve, once; without a content, the approvals are bound to the contract's version only.
    """

    content: str = field(default="", kw_only=True)
    steps: tuple[ApprovalStep, ...] = field(default=(), validator=each(instance(ApprovalStep)), kw_only=True)
    approvers: tuple[Approver, ...] = field(default=(), validator=each(instance(Approver)), kw_only=True)


@frozen
class Approved(Event):
    """`by` approved the content of `version`; `role` is the hat it was given in.

    `round`, `content` and `step` say what it was given for: the how-manieth submission (from 1; 0: not said),
    the fingerprint submitted and the step of it. `on_behalf_of` is the one who let `by` approve (empty: nobody).
    """

    version: int = field(default=0, validator=count, kw_only=True)
    role: str = field(default="", kw_only=True)
    step: str = field(default="", kw_only=True)
    content: str = field(default="", kw_only=True)
    round: int = field(default=0, validator=count, kw_only=True)
    on_behalf_of: str = field(default="", kw_only=True)


@frozen
class Rejected(Event):
    """`by` refused the draft, for a reason (`note`); the rest is said as by an approval."""

    role: str = field(default="", kw_only=True)
    step: str = field(default="", kw_only=True)
    content: str = field(default="", kw_only=True)
    round: int = field(default=0, validator=count, kw_only=True)
    on_behalf_of: str = field(default="", kw_only=True)


@frozen
class ApprovalDelegated(Event):
    """`giver` lets `to` approve for them in this round, from `first_day` to `last_day`, both inside."""

    giver: str = field(validator=text, kw_only=True)
    to: str = field(validator=text, kw_only=True)
    first_day: date = field(validator=plain_date, kw_only=True)
    last_day: date = field(validator=plain_date, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise InvalidRecord("ApprovalDelegated", "last_day", self.last_day, f"{self.first_day} or later")


@frozen
class DelegationRevoked(Event):
    """What `giver` let `to` approve is over: `giver` took it back, or `to` gave it back."""

    giver: str = field(validator=text, kw_only=True)
    to: str = field(validator=text, kw_only=True)


@frozen
class ApprovalEscalated(Event):
    """The deadline of `step` has passed: `to`, a role or a person that the step names, may conclude it."""

    step: str = field(validator=text, kw_only=True)
    to: str = field(validator=text, kw_only=True)


@frozen
class Recalled(Event):
    """The author took the draft back from approval."""
