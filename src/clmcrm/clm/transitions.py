"""The contract lifecycle as one table: from which stages, by which event, under which guards, to where.

Rules of the table:

- A row whose cause is an event class moves the contract when such an event is added. A row whose cause is
  a `Consequence` follows from the facts and the date, and is never recorded.
- A target of None leaves the contract in its stage.
- The first row that fits the stage and the event is the one that holds; its guards must all be silent.
- Nothing leaves `archived`. What has ended by itself may still be replaced by a successor.

Sources for the stages and events: the published charts of Salesforce Contracts, HubSpot commerce contracts,
Ironclad records and FINOS CDM agreement events; each of their statuses is a projection of this one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

from attrs import frozen

from clmcrm.clm import events as e
from clmcrm.clm import guards as g
from clmcrm.clm.standing import ACTIVE, PRE_ACTIVE, TERMINAL, Stage


class Consequence(StrEnum):
    """What follows from the facts and the date without an event of its own."""

    ALL_APPROVED = "last needed approval given"
    ALL_SIGNED = "everybody signed"
    EFFECTIVE_DATE_REACHED = "effective date reached"
    TERM_ENDED = "last term ended"
    TERMINATION_REACHED = "termination date reached"
    REPLACEMENT_REACHED = "replacement date reached"
    NOVATION_REACHED = "novation date reached"


Cause: TypeAlias = type[e.Event] | Consequence


@frozen
class Transition:
    """One row of the table."""

    sources: frozenset[Stage]
    cause: Cause
    target: Stage | None
    guards: tuple[g.Guard, ...] = ()

    @property
    def label(self) -> str:
        """The cause as people read it: an event's name, or what follows."""
        return self.cause.value if isinstance(self.cause, Consequence) else self.cause.__name__


def _from(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition(_from(Stage.NEW), e.Requested, Stage.DRAFT, (g.parties_known,)),
    Transition(_from(Stage.NEW), e.RecordedAsExecuted, Stage.SIGNED),
    Transition(_from(Stage.DRAFT), e.SubmittedForApproval, Stage.IN_APPROVAL, (g.parties_known,)),
    Transition(
        _from(Stage.IN_APPROVAL),
        e.Approved,
        None,
        (g.approver_is_not_sole_author, g.approves_once, g.approves_current_version),
    ),
    Transition(_from(Stage.IN_APPROVAL), Consequence.ALL_APPROVED, Stage.NEGOTIATING),
    Transition(_from(Stage.IN_APPROVAL), e.Rejected, Stage.REJECTED, (g.reason_given,)),
    Transition(_from(Stage.IN_APPROVAL), e.Recalled, Stage.DRAFT),
    Transition(_from(Stage.REJECTED, Stage.NEGOTIATING, Stage.SIGNATURE_DECLINED), e.Redrafted, Stage.DRAFT),
    Transition(_from(Stage.NEGOTIATING), e.TurnPassed, None, (g.holds_the_pen,)),
    Transition(_from(Stage.NEGOTIATING), e.SentForSignature, Stage.AWAITING_SIGNATURE),
    Transition(_from(Stage.AWAITING_SIGNATURE), e.Signed, None, (g.signs_once,)),
    Transition(_from(Stage.AWAITING_SIGNATURE), Consequence.ALL_SIGNED, Stage.SIGNED),
    Transition(_from(Stage.AWAITING_SIGNATURE), e.SignatureDeclined, Stage.SIGNATURE_DECLINED, (g.reason_given,)),
    Transition(_from(Stage.AWAITING_SIGNATURE), e.SignatureWithdrawn, Stage.NEGOTIATING, (g.reason_given,)),
    Transition(_from(Stage.SIGNED, Stage.UNKNOWN), e.Activated, Stage.IN_EFFECT, (g.effective_date_reached,)),
    Transition(_from(Stage.IN_EFFECT), e.Activated, None),
    Transition(_from(Stage.SIGNED), Consequence.EFFECTIVE_DATE_REACHED, Stage.IN_EFFECT),
    Transition(_from(Stage.IN_EFFECT), e.Suspended, Stage.SUSPENDED, (g.reason_given,)),
    Transition(_from(Stage.SUSPENDED), e.Resumed, Stage.IN_EFFECT),
    Transition(_from(Stage.IN_EFFECT), e.PartyLeft, Stage.UNASSIGNED),
    Transition(_from(Stage.IN_EFFECT, Stage.UNASSIGNED), e.PartyAssigned, Stage.IN_EFFECT, (g.assignment_allowed,)),
    Transition(ACTIVE | _from(Stage.SIGNED), e.AmendmentAccepted, None),
    Transition(ACTIVE, e.NonRenewalNotified, None, (g.renewal_can_be_stopped,)),
    Transition(ACTIVE, e.RenewalAgreed, None, (g.renewal_can_be_agreed,)),
    Transition(ACTIVE | _from(Stage.SIGNED), e.Terminated, None, (g.termination_allowed,)),
    Transition(ACTIVE, Consequence.TERMINATION_REACHED, Stage.TERMINATED),
    Transition(ACTIVE, Consequence.TERM_ENDED, Stage.EXPIRED),
    Transition(_from(Stage.IN_EFFECT), e.Rescinded, Stage.RESCINDED, (g.reason_given,)),
    Transition(ACTIVE | _from(Stage.EXPIRED), e.Superseded, None),
    Transition(ACTIVE | _from(Stage.EXPIRED), e.Novated, None),
    Transition(ACTIVE | _from(Stage.EXPIRED), Consequence.REPLACEMENT_REACHED, Stage.SUPERSEDED),
    Transition(ACTIVE | _from(Stage.EXPIRED), Consequence.NOVATION_REACHED, Stage.NOVATED),
    Transition(ACTIVE, e.Completed, Stage.COMPLETED),
    Transition(PRE_ACTIVE, e.Canceled, Stage.CANCELED, (g.not_signed_by_all,)),
    Transition(TERMINAL, e.Archived, Stage.ARCHIVED),
)

"""The whole table, in the order in which its rows are tried."""


def transition_for(stage: Stage, event: e.Event) -> Transition | None:
    """The row that holds for `event` in `stage`, or None when the stage has no such move."""
    return next((row for row in TRANSITIONS if stage in row.sources and row.cause is type(event)), None)


def possible_from(stage: Stage) -> tuple[str, ...]:
    """The names of the events that `stage` has a row for, in the table's order."""
    return tuple(row.label for row in TRANSITIONS if stage in row.sources and not isinstance(row.cause, Consequence))
