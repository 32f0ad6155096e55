"""What happens to a contract, as facts that are added and never changed.

Each event carries `at`, the instant it was recorded, and `by`, the system or person that says so. Where
the day it takes effect differs, the event carries that day too. A contract's stage is computed from its
events and a date (`clmcrm.clm.lifecycle`), never stored.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

import attrs
from attrs import field, frozen

from clmcrm.clm.approval_steps import ApprovalStep, Approver
from clmcrm.clm.kinds import Party
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId, AmendmentId, ContractId, OpportunityId
from clmcrm.values.partial import NOT_STATED, DayFact, PartialDate, Unknown, known
from clmcrm.values.validators import count, each, instance, instant, maybe, member, plain_date, text


def _after_a_day(event: object, part: attrs.Attribute[date], value: date) -> None:
    """A day that has a day before it, on which the contract that it replaces ends."""
    plain_date(event, part, value)
    if value == date.min:
        raise InvalidRecord(type(event).__name__, part.name, value, "a day after 0001-01-01")


@frozen
class Event:
    """A fact: recorded at `at`, vouched for by `by`, with a `note` for people."""

    at: datetime = field(validator=instant)
    by: str = field(validator=text)
    note: str = field(default="", kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day from which it counts: the day it speaks of, or the one it was recorded on."""
        return self.at.date()


@frozen
class Requested(Event):
    """Somebody asked for a contract; `opportunity` is the won deal it comes from (None: not from one)."""

    opportunity: OpportunityId | None = field(default=None, kw_only=True)


@frozen
class RecordedAsExecuted(Event):
    """The contract entered the repository already executed; how it came about is not recorded here."""


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


@frozen
class Redrafted(Event):
    """The text was changed: approvals given before it are void."""


@frozen
class TurnPassed(Event):
    """The pen went `to` the other side."""

    to: Party = field(default=Party.COUNTERPARTY, validator=member(Party), kw_only=True)


@frozen
class SentForSignature(Event):
    """The text went out to the signatories."""


@frozen
class Signed(Event):
    """One signatory signed for `side` on `signed_on` (the day in the signatory's own zone)."""

    side: Party = field(validator=member(Party), kw_only=True)
    signer: str = field(default="", kw_only=True)
    signed_on: date | None = field(default=None, validator=maybe(plain_date), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day of the signature, as far as it is known."""
        return self.signed_on or self.at.date()


@frozen
class SignatureDeclined(Event):
    """A signatory refused to sign, for a reason (`note`)."""


@frozen
class SignatureWithdrawn(Event):
    """The request for signature expired, was voided or was called back."""


@frozen
class Activated(Event):
    """The contract took effect on `effective_on` (the effective date it states, when not given)."""

    effective_on: DayFact = field(default=NOT_STATED, validator=instance(date, PartialDate, Unknown), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day it took effect, where the event says so."""
        return known(self.effective_on) or self.at.date()


@frozen
class ConditionMet(Event):
    """One of the contract's conditions precedent was met on `on`; `condition` is its text in the contract."""

    condition: str = field(validator=text, kw_only=True)
    on: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day it was met."""
        return self.on


class ClockEffect(StrEnum):
    """What a suspension does to the dates that were running."""

    SHIFT = "shift"
    FREEZE = "freeze"
    NONE = "none"


@frozen
class Suspended(Event):
    """Performance was suspended from `from_day`, with a declared effect on running dates."""

    from_day: date = field(validator=plain_date, kw_only=True)
    clocks: ClockEffect = field(default=ClockEffect.NONE, validator=member(ClockEffect), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The first day of it."""
        return self.from_day


@frozen
class Resumed(Event):
    """Performance was taken up again on `from_day`."""

    from_day: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The first day of it."""
        return self.from_day


@frozen
class PartyLeft(Event):
    """A party left without a successor yet."""

    side: Party = field(default=Party.COUNTERPARTY, validator=member(Party), kw_only=True)


@frozen
class PartyAssigned(Event):
    """The place of a party was taken by the account `to`."""

    to: AccountId = field(validator=text, kw_only=True)


@frozen
class AmendmentAccepted(Event):
    """An amendment, written against version `base_version`, took effect on `effective_on`."""

    amendment: AmendmentId = field(validator=text, kw_only=True)
    base_version: int = field(validator=count, kw_only=True)
    effective_on: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day from which the amended text holds."""
        return self.effective_on


@frozen
class NonRenewalNotified(Event):
    """`side` gave notice that the contract shall not be renewed.

    `served_on` is the day it was sent; `received_on` the day it arrived (None: not known to have arrived).
    """

    side: Party = field(validator=member(Party), kw_only=True)
    served_on: date = field(validator=plain_date, kw_only=True)
    received_on: date | None = field(default=None, validator=maybe(plain_date), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day it arrived, or was sent where its arrival is not known."""
        return self.received_on or self.served_on


@frozen
class RenewalAgreed(Event):
    """A renewal that does not come by itself was agreed, or an option used: one further term begins.

    `served_on` is the day the one who may renew said so.
    """

    side: Party = field(validator=member(Party), kw_only=True)
    served_on: date = field(validator=plain_date, kw_only=True)


@frozen
class CureDemanded(Event):
    """`side` told the other of a breach (`note`) on `served_on` and asked for it to be cured."""

    side: Party = field(validator=member(Party), kw_only=True)
    served_on: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day it was served."""
        return self.served_on


class Ground(StrEnum):
    """Why a contract is ended early."""

    CONVENIENCE = "convenience"
    CAUSE = "cause"
    MUTUAL = "mutual"


@frozen
class Terminated(Event):
    """The contract ends early: `last_day` is its last day in force."""

    ground: Ground = field(validator=member(Ground), kw_only=True)
    last_day: date = field(validator=plain_date, kw_only=True)
    side: Party = field(default=Party.EITHER, validator=member(Party), kw_only=True)


@frozen
class Rescinded(Event):
    """The contract was undone from the start on a legal ground (`note`)."""


@frozen
class Superseded(Event):
    """The contract was replaced by `successor` from `from_day` on."""

    successor: ContractId = field(validator=text, kw_only=True)
    from_day: date = field(validator=_after_a_day, kw_only=True)


@frozen
class Novated(Event):
    """The contract was extinguished by `successor`, with other parties, from `from_day` on."""

    successor: ContractId = field(validator=text, kw_only=True)
    from_day: date = field(validator=_after_a_day, kw_only=True)


@frozen
class PerformanceContinued(Event):
    """The parties went on after the end, from `from_day` on, without a new agreement."""

    from_day: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The first day of it."""
        return self.from_day


@frozen
class Completed(Event):
    """Everything owed has been done."""


@frozen
class Canceled(Event):
    """Given up before everybody had signed."""


@frozen
class Archived(Event):
    """Put away under the retention policy."""


@frozen
class HoldPlaced(Event):
    """Nothing of the contract may be destroyed while the hold named `hold` lasts (`note` says why)."""

    hold: str = field(validator=text, kw_only=True)


@frozen
class HoldReleased(Event):
    """The hold named `hold` is over."""

    hold: str = field(validator=text, kw_only=True)


@frozen
class DataReviewed(Event):
    """`by` compared the record with the document and vouches for it."""


@frozen
class LinkedToCrm(Event):
    """The contract was tied to its record in the CRM: the `key` that `system` has for it."""

    system: str = field(validator=text, kw_only=True)
    key: str = field(validator=text, kw_only=True)


@frozen
class UnlinkedFromCrm(Event):
    """The tie to the record in the CRM was cut, or that record is gone (`note`)."""


@frozen
class CrmConflictFound(Event):
    """The CRM and the contract say different things about `what`, and a person must decide."""

    what: str = field(validator=text, kw_only=True)


@frozen
class CrmConflictSettled(Event):
    """What holds about `what` was decided (`note`)."""

    what: str = field(validator=text, kw_only=True)


@frozen
class HostEvent(Event):
    """Something that only the host's own chart knows, by its `name`; `facts` are named texts of the host's.

    `from_day` is the day from which it counts (None: the day it was recorded on).
    """

    name: str = field(validator=text, kw_only=True)
    facts: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)
    from_day: date | None = field(default=None, validator=maybe(plain_date), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day from which it counts."""
        return self.from_day or self.at.date()


@frozen
class Undone(Event):
    """An event was a mistake and is taken back: `what`, or the last event still standing (None)."""

    what: Event | None = field(default=None, validator=maybe(instance(Event)), kw_only=True)


AnyEvent: TypeAlias = (
    Requested | RecordedAsExecuted | SubmittedForApproval | Approved | Rejected | Recalled | Redrafted
    | ApprovalDelegated | DelegationRevoked | ApprovalEscalated
    | TurnPassed | SentForSignature | Signed | SignatureDeclined | SignatureWithdrawn | Activated
    | Suspended | Resumed | PartyLeft | PartyAssigned | AmendmentAccepted | NonRenewalNotified
    | RenewalAgreed | CureDemanded | Terminated | Rescinded | Superseded | Novated | PerformanceContinued
    | Completed | Canceled | Archived | ConditionMet | HoldPlaced | HoldReleased | DataReviewed | LinkedToCrm
    | UnlinkedFromCrm | CrmConflictFound | CrmConflictSettled | HostEvent | Undone
)  # fmt: skip
"""Every event a contract can carry."""
