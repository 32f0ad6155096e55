"""Figures of the contract side: how long a contract takes, and how well its dates are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from attrs import frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.events import Approved, Requested, SentForSignature, Signed


@frozen(kw_only=True)
class Tally:
    """A figure over contracts: its `value` in `unit` (None when nothing could be counted).

    `counted` is how many records went in; `left_out` names those that could not and why.
    """

    name: str
    formula: str
    unit: str
    value: Decimal | None
    counted: int
    left_out: tuple[tuple[str, str], ...] = ()


def cycle_time(contracts: Iterable[Contract]) -> Tally:
    """Mean days from the request to the last signature, both by the day their event was recorded."""
    days: list[int] = []
    left_out: list[tuple[str, str]] = []
    for contract in contracts:
        requested = [e.at.date() for e in contract.events if isinstance(e, Requested)]
        signed = [e.at.date() for e in contract.events if isinstance(e, Signed)]
        if requested and signed:
            days.append((max(signed) - requested[0]).days)
        else:
            left_out.append((contract.id, "not requested here" if not requested else "not signed yet"))
    return Tally(
        name="cycle time",
        formula="mean of (day of the last signature - day of the request)",
        unit="days",
        value=Decimal(sum(days)) / len(days) if days else None,
        counted=len(days),
        left_out=tuple(left_out),
    )


def approval_compliance(contracts: Iterable[Contract]) -> Tally:
    """The share of contracts sent for signature that had been approved before, 0 to 1."""
    sent = [c for c in contracts if any(isinstance(e, SentForSignature) for e in c.events)]
    approved = 0
    for contract in sent:
        kinds = [type(e) for e in contract.events]
        approved += Approved in kinds[: kinds.index(SentForSignature)]
    return Tally(
        name="approval compliance",
        formula="contracts approved before they were sent for signature / contracts sent for signature",
        unit="share",
        value=Decimal(approved) / len(sent) if sent else None,
        counted=len(sent),
    )


def dispute_count(disputes: Iterable[Dispute], as_of: date) -> Tally:
    """How many disputes are open on `as_of`."""
    found = list(disputes)
    return Tally(
        name="open disputes",
        formula="disputes raised on or before the day and not closed by it",
        unit="disputes",
        value=Decimal(sum(1 for dispute in found if dispute.open_on(as_of))),
        counted=len(found),
    )
