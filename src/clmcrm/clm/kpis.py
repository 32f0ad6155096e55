"""Figures of the contract side: how long a contract takes, and whether its approvals came in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.events import Approved, Requested, SentForSignature, Signed
from clmcrm.values.figures import Figure, LeftOut
from clmcrm.values.partial import Unknown


def cycle_time(contracts: Iterable[Contract]) -> Figure:
    """Mean days from the request to the last signature, each by the day its event was recorded.

    Contracts that were not requested here, or not signed yet, are left out by name.
    """
    days: list[int] = []
    left_out: list[LeftOut] = []
    for contract in contracts:
        requested = [e.at.date() for e in contract.events if isinstance(e, Requested)]
        signed = [e.at.date() for e in contract.events if isinstance(e, Signed)]
        if requested and signed:
            days.append((max(signed) - requested[0]).days)
        else:
            reason = "not signed yet" if requested else "its request was not recorded here"
            left_out.append(LeftOut(record=str(contract), reason=reason))
    return Figure(
        name="cycle time",
        value=Decimal(sum(days)) / len(days) if days else Unknown("no contract has both a request and a signature"),
        unit="days",
        formula="mean of (day of the last signature - day of the request)",
        population=len(days),
        left_out=tuple(left_out),
    )


def approval_compliance(contracts: Iterable[Contract]) -> Figure:
    """The share (0 to 1) of the contracts sent for signature that had been approved before.

    Contracts never sent for signature are not in the population.
    """
    sent = [c for c in contracts if any(isinstance(e, SentForSignature) for e in c.events)]
    approved = 0
    for contract in sent:
        kinds = [type(e) for e in contract.events]
        approved += Approved in kinds[: kinds.index(SentForSignature)]
    return Figure(
        name="approval compliance",
        value=Decimal(approved) / len(sent) if sent else Unknown("no contract was sent for signature"),
        unit="share",
        formula="contracts approved before they were sent for signature / contracts sent for signature",
        population=len(sent),
    )


def dispute_count(disputes: Iterable[Dispute], as_of: date) -> Figure:
    """How many of the disputes are open on `as_of`."""
    found = list(disputes)
    return Figure(
        name="open disputes",
        value=Decimal(sum(1 for dispute in found if dispute.open_on(as_of))),
        unit="disputes",
        formula="disputes raised on or before the day and not closed by it",
        population=len(found),
    )
