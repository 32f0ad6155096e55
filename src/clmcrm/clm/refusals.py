"""Why an event is refused in the stage a contract is in, and which events that stage has room for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from clmcrm.clm.approval_desk import ApprovalDesk, desk_refusal
from clmcrm.clm.approval_guards import approvals_hold
from clmcrm.clm.approval_steps import People
from clmcrm.clm.charts import Chart, name_of
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import (
    AmendmentAccepted,
    ApprovalDelegated,
    ApprovalEscalated,
    Approved,
    DelegationRevoked,
    Event,
    Rejected,
    SentForSignature,
    SubmittedForApproval,
    Undone,
)
from clmcrm.clm.folding import ANY_TIME
from clmcrm.clm.mandates import Mandate, not_entitled
from clmcrm.clm.regions import region_refusal
from clmcrm.clm.stages import Phase, Stage
from clmcrm.clm.standing import Standing, unapproved, unsigned
from clmcrm.clm.versions import as_amended, current_version
from clmcrm.errors import InvalidRecord, StaleBase
from clmcrm.values.partial import why_not


def no_mandate(contract: Contract, event: Event, mandates: Iterable[Mandate] | None) -> tuple[str, ...]:
    """Why the event's author may not do it; empty when they may, and where `mandates` is None: not looked at."""
    why = "" if mandates is None else not_entitled(mandates, contract, event)
    return (why,) if why else ()


def house_refuses(contract: Contract, standing: Standing, event: Event, desk: ApprovalDesk | None) -> tuple[str, ...]:
    """Why the house's desk of approvals refuses the event; empty when it does not, or is None: not looked at."""
    why = desk_refusal(contract, standing, event, desk)
    return (why,) if why else ()


def possible_in(contract: Contract, chart: Chart, standing: Standing) -> tuple[str, ...]:
    """The names of the events that the stage of `standing` has room for."""
    stage = standing.stage
    undo = ("Undone",) if stage.phase is not Phase.ARCHIVED and not_undone(contract.events) else ()
    names = chart.possible_from(stage)
    sent = SentForSignature.__name__ in names and contract.events
    if sent and approvals_hold(contract, standing, contract.events[-1]):
        names = tuple(name for name in names if name != SentForSignature.__name__)
    return names + undo


_APPROVAL_ACTS: Final = (Approved, Rejected, ApprovalDelegated, DelegationRevoked, ApprovalEscalated)


def _not_theirs_to_undo(contract: Contract, event: Event) -> str:
    """What an approver said is taken back by nobody else."""
    kept = not_undone(contract.events)
    last = kept[-1] if kept else None
    if not isinstance(last, _APPROVAL_ACTS):
        return ""
    registers = (one.approvers for one in reversed(kept) if isinstance(one, SubmittedForApproval))
    people = People(next(registers, ()))
    return "" if people.is_one(last.by, event.by) else f"only {last.by} can take back their own {name_of(last)}"


def refusals(contract: Contract, chart: Chart, standing: Standing, event: Event) -> tuple[str, ...] | None:
    """None when the event is allowed; otherwise why not (empty when the stage has no such move at all)."""
    if isinstance(event, Undone):
        if "Undone" not in possible_in(contract, chart, standing):
            return ()
        why = _not_theirs_to_undo(contract, event)
        return (why,) if why else None
    if type(event) in ANY_TIME:
        why = region_refusal(contract, event)
        return (why,) if why else None
    row = chart.row_for(standing.stage, event)
    if row is None:
        return ()
    seen = as_amended(contract, standing.day)
    reasons = tuple(reason for guard in row.guards if (reason := guard(seen, standing, event)))
    return reasons or None


def waiting_for(contract: Contract, standing: Standing) -> tuple[str, ...]:
    """What the present stage is waiting for, where that explains a refusal."""
    if standing.stage is Stage.AWAITING_SIGNATURE:
        return (f"unsigned: {', '.join(unsigned(contract, standing))}",)
    if standing.stage is Stage.IN_APPROVAL:
        return (f"not approved by: {', '.join(unapproved(contract, standing))}",)
    if standing.stage is Stage.UNKNOWN:
        return (f"the effective date is not known: {why_not(contract.effective_on)}",)
    return ()


def check_base(contract: Contract, event: AmendmentAccepted) -> None:
    """Raise `StaleBase` for an amendment written against an earlier version, `InvalidRecord` for one not there."""
    amendment = next((a for a in contract.amendments if a.id == event.amendment), None)
    if amendment is None:
        ids = ", ".join(a.id for a in contract.amendments) or "none"
        raise InvalidRecord(str(contract), "amendment", event.amendment, f"one of the contract's amendments: {ids}")
    current = current_version(contract)
    if event.base_version != current or amendment.base_version != current:
        raise StaleBase(str(contract), min(event.base_version, amendment.base_version), current)
