"""What happens to a contract, as facts that are added and never changed.

Each event carries `at`, the instant it was recorded, and `by`, the system or person that says so. Where
the day it takes effect differs, the event carries that day too. A contract's stage is computed from its
events and a date (`clmcrm.clm.lifecycle`), never stored.
Each part of that life has its module; their names stand here as well, so that one line imports them all.
"""

from __future__ import annotations

from typing import TypeAlias

from clmcrm.clm.events.approving import (
    ApprovalDelegated,
    ApprovalEscalated,
    Approved,
    DelegationRevoked,
    Recalled,
    Rejected,
    SubmittedForApproval,
)
from clmcrm.clm.events.base import Event
from clmcrm.clm.events.drafting import (
    Canceled,
    RecordedAsExecuted,
    Redrafted,
    Requested,
    SentForSignature,
    SignatureDeclined,
    SignatureWithdrawn,
    Signed,
    TurnPassed,
)
from clmcrm.clm.events.ending import Completed, Ground, Novated, PerformanceContinued, Rescinded, Superseded, Terminated
from clmcrm.clm.events.in_force import (
    Activated,
    AmendmentAccepted,
    ClockEffect,
    ConditionMet,
    CureDemanded,
    NonRenewalNotified,
    PartyAssigned,
    PartyLeft,
    RenewalAgreed,
    Resumed,
    Suspended,
)
from clmcrm.clm.events.keeping import (
    Archived,
    CrmConflictFound,
    CrmConflictSettled,
    DataReviewed,
    HoldPlaced,
    HoldReleased,
    HostEvent,
    LinkedToCrm,
    Undone,
    UnlinkedFromCrm,
)

__all__ = [
    "Activated",
    "AmendmentAccepted",
    "AnyEvent",
    "ApprovalDelegated",
    "ApprovalEscalated",
    "Approved",
    "Archived",
    "Canceled",
    "ClockEffect",
    "Completed",
    "ConditionMet",
    "CrmConflictFound",
    "CrmConflictSettled",
    "CureDemanded",
    "DataReviewed",
    "DelegationRevoked",
    "Event",
    "Ground",
    "HoldPlaced",
    "HoldReleased",
    "HostEvent",
    "LinkedToCrm",
    "NonRenewalNotified",
    "Novated",
    "PartyAssigned",
    "PartyLeft",
    "PerformanceContinued",
    "Recalled",
    "RecordedAsExecuted",
    "Redrafted",
    "Rejected",
    "RenewalAgreed",
    "Requested",
    "Rescinded",
    "Resumed",
    "SentForSignature",
    "SignatureDeclined",
    "SignatureWithdrawn",
    "Signed",
    "SubmittedForApproval",
    "Superseded",
    "Suspended",
    "Terminated",
    "TurnPassed",
    "Undone",
    "UnlinkedFromCrm",
]

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
