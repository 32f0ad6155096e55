"""The contract lifecycle as one table: from which stages, by which event, under which guards, to where.

Rules of the table:

- A row whose cause is an event class moves the contract when such an event is added. A row whose cause is
  a `Consequence` follows from the facts and the date, and is never recorded.
- A target of None leaves the contract in its stage.
- One row at most holds for a stage and an event; its guards must all be silent.
- Nothing leaves `archived`. What has ended by itself may still be replaced by a successor.

Sources for the stages and events: the published charts of Salesforce Contracts, HubSpot commerce contracts,
Ironclad records and FINOS CDM agreement events; each of their statuses is a projection of this one.
"""

from __future__ import annotations

from typing import Final

from clmcrm.clm import approval_guards as a
from clmcrm.clm import events as e
from clmcrm.clm import guards as g
from clmcrm.clm.charts import Chart, Charts, Consequence, Transition
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.stages import ACTIVE, PRE_ACTIVE, TERMINAL, AnyStage, Stage


def _from(*stages: AnyStage) -> frozenset[AnyStage]:
    return frozenset(stages)


TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition(_from(Stage.NEW), e.Requested, Stage.DRAFT, (g.parties_known,)),
    Transition(_from(Stage.NEW), e.RecordedAsExecuted, Stage.SIGNED),
    Transition(
        _from(Stage.DRAFT),
        e.SubmittedForApproval,
        Stage.IN_APPROVAL,
        (g.parties_known, g.facts_of_its_kind_stated, a.content_is_the_present_one, a.steps_can_be_taken),
    ),
    Transition(
        _from(Stage.IN_APPROVAL),
        e.Approved,
        None,
        (a.approval_counts, a.approves_current_version, a.content_is_unchanged),
    ),
    Transition(_from(Stage.IN_APPROVAL), Consequence.ALL_APPROVED, Stage.NEGOTIATING),
    Transition(_from(Stage.IN_APPROVAL), e.Rejected, Stage.REJECTED, (g.reason_given, a.rejection_counts)),
    Transition(_from(Stage.IN_APPROVAL), e.ApprovalDelegated, None, (a.delegation_holds,)),
    Transition(_from(Stage.IN_APPROVAL), e.DelegationRevoked, None, (a.delegation_is_theirs_to_end,)),
    Transition(_from(Stage.IN_APPROVAL), e.ApprovalEscalated, None, (a.step_can_be_escalated,)),
    Transition(_from(Stage.IN_APPROVAL), e.Recalled, Stage.DRAFT),
    Transition(_from(Stage.REJECTED, Stage.NEGOTIATING, Stage.SIGNATURE_DECLINED), e.Redrafted, Stage.DRAFT),
    Transition(_from(Stage.NEGOTIATING), e.TurnPassed, None, (g.holds_the_pen,)),
    Transition(_from(Stage.NEGOTIATING), e.SentForSignature, Stage.AWAITING_SIGNATURE, (a.approvals_hold,)),
    Transition(_from(Stage.AWAITING_SIGNATURE), e.Signed, None, (g.signs_once, g.signer_is_named)),
    Transition(_from(Stage.AWAITING_SIGNATURE), Consequence.ALL_SIGNED, Stage.SIGNED),
    Transition(_from(Stage.AWAITING_SIGNATURE), e.SignatureDeclined, Stage.SIGNATURE_DECLINED, (g.reason_given,)),
    Transition(_from(Stage.AWAITING_SIGNATURE), e.SignatureWithdrawn, Stage.NEGOTIATING, (g.reason_given,)),
    Transition(
        _from(Stage.SIGNED, Stage.UNKNOWN),
        e.Activated,
        Stage.IN_EFFECT,
        (g.conditions_are_met, g.effective_date_reached),
    ),
    Transition(_from(Stage.IN_EFFECT), e.Activated, None),
    Transition(_from(Stage.SIGNED), e.ConditionMet, None, (g.condition_is_open,)),
    Transition(_from(Stage.SIGNED), Consequence.EFFECTIVE_DATE_REACHED, Stage.IN_EFFECT),
    Transition(_from(Stage.IN_EFFECT), e.Suspended, Stage.SUSPENDED, (g.reason_given,)),
    Transition(_from(Stage.SUSPENDED), e.Resumed, Stage.IN_EFFECT),
    Transition(_from(Stage.IN_EFFECT), e.PartyLeft, Stage.UNASSIGNED),
    Transition(_from(Stage.IN_EFFECT, Stage.UNASSIGNED), e.PartyAssigned, Stage.IN_EFFECT, (g.assignment_allowed,)),
    Transition(ACTIVE | _from(Stage.SIGNED), e.AmendmentAccepted, None),
    Transition(ACTIVE, e.NonRenewalNotified, None, (g.renewal_can_be_stopped, g.notice_window_is_open)),
    Transition(ACTIVE, e.RenewalAgreed, None, (g.renewal_can_be_agreed,)),
    Transition(ACTIVE, e.CureDemanded, None, (g.reason_given,)),
    Transition(ACTIVE | _from(Stage.SIGNED), e.Terminated, None, (g.termination_allowed, g.cure_period_over)),
    Transition(ACTIVE | _from(Stage.SIGNED), Consequence.TERMINATION_REACHED, Stage.TERMINATED),
    Transition(ACTIVE, Consequence.TERM_ENDED, Stage.EXPIRED),
    Transition(_from(Stage.IN_EFFECT), e.Rescinded, Stage.RESCINDED, (g.reason_given,)),
    Transition(ACTIVE | _from(Stage.EXPIRED), e.Superseded, None),
    Transition(ACTIVE | _from(Stage.EXPIRED), e.Novated, None),
    Transition(ACTIVE | _from(Stage.EXPIRED), Consequence.REPLACEMENT_REACHED, Stage.SUPERSEDED),
    Transition(ACTIVE | _from(Stage.EXPIRED), Consequence.NOVATION_REACHED, Stage.NOVATED),
    Transition(_from(Stage.EXPIRED), e.PerformanceContinued, None),
    Transition(ACTIVE, e.Completed, Stage.COMPLETED, (g.all_norms_discharged,)),
    Transition(PRE_ACTIVE, e.Canceled, Stage.CANCELED, (g.not_signed_by_all,)),
    Transition(TERMINAL, e.Archived, Stage.ARCHIVED, (g.no_hold_lasts,)),
)
"""The whole table, in the order in which its rows are tried."""

LIFECYCLE: Final = Chart("contract", TRANSITIONS)
"""The standard chart."""

_NDA: Final = LIFECYCLE.adding(
    Transition(_from(Stage.DRAFT), e.SentForSignature, Stage.AWAITING_SIGNATURE, (g.no_approval_is_asked_for,)),
    name="nda",
)
_EMPLOYMENT: Final = LIFECYCLE.without(
    # Work is owed in person: nobody takes the place of the employee.
    e.PartyLeft,
    e.PartyAssigned,
    e.Novated,
    Consequence.NOVATION_REACHED,
    name="employment",
).guarding(e.Terminated, g.reason_given)
_REGULATORY: Final = LIFECYCLE.without(
    # An authority's terms are not negotiated, and no party rescinds them.
    e.TurnPassed,
    e.Rescinded,
    name="regulatory",
)
_PARTNERSHIP: Final = LIFECYCLE.adding(
    # A partner may leave while performance rests.
    Transition(_from(Stage.SUSPENDED), e.PartyLeft, Stage.UNASSIGNED),
    name="partnership",
)

CHARTS: Final = Charts(
    standard=LIFECYCLE,
    by_kind={
        ContractKind.NDA: _NDA,
        ContractKind.EMPLOYMENT: _EMPLOYMENT,
        ContractKind.REGULATORY: _REGULATORY,
        ContractKind.PARTNERSHIP: _PARTNERSHIP,
    },
)
"""The chart of each kind; sales, procurement and leases follow the standard one, and differ in the facts
they need (`clmcrm.clm.guards.NEEDED_FACTS`)."""
