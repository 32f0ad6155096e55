"""How long a contract took from the request to the last signature, and how much of it in which phase.

The rule of the file: every day between the two belongs to exactly one phase, the one the last event before
it began; so the phases always sum to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from attrs import frozen

from clmcrm.clm import events as e
from clmcrm.clm.approval_record import was_approved
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.standing import still_to_sign


class CyclePhase(StrEnum):
    """What a contract on its way to the signature waits for."""

    DRAFTING = "drafting"
    APPROVAL = "approval"
    NEGOTIATION = "negotiation"
    SIGNATURE = "signature"


_BEGINS: Final[dict[type[e.Event], CyclePhase]] = {
    e.Requested: CyclePhase.DRAFTING,
    e.Redrafted: CyclePhase.DRAFTING,
    e.Recalled: CyclePhase.DRAFTING,
    e.Rejected: CyclePhase.DRAFTING,
    e.SubmittedForApproval: CyclePhase.APPROVAL,
    e.TurnPassed: CyclePhase.NEGOTIATION,
    e.SignatureWithdrawn: CyclePhase.NEGOTIATION,
    e.SignatureDeclined: CyclePhase.NEGOTIATION,
    e.SentForSignature: CyclePhase.SIGNATURE,
}

_UNAPPROVED: Final = frozenset({CyclePhase.DRAFTING, CyclePhase.APPROVAL})
_SIGNATURES_VOID: Final = (e.Redrafted, e.SignatureWithdrawn, e.SignatureDeclined)


@frozen(kw_only=True)
class Cycle:
    """From `requested_on` to `signed_on`, the day the last needed signature was recorded; days by phase."""

    requested_on: date
    signed_on: date
    days_in: dict[CyclePhase, int]

    @property
    def days(self) -> int:
        """All days together; 0 when it was signed on the day of the request."""
        return (self.signed_on - self.requested_on).days


def cycle_of(contract: Contract) -> Cycle | str:
    """The contract's way to the signature, or why it cannot be told, in words.

    Each event counts by the day it was recorded, in its own zone; what was taken back does not count.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> cycle_of(Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA))
    'its request was not recorded here'
    """
    events = not_undone(contract.events, date.max)
    requested_on = next((event.at.date() for event in events if isinstance(event, e.Requested)), None)
    if requested_on is None:
        return "its request was not recorded here"
    signed_on = _signed_on(contract, events)
    if signed_on is None:
        return "not signed by everybody yet"
    if signed_on < requested_on:
        return "it was signed before it was requested"
    return Cycle(
        requested_on=requested_on,
        signed_on=signed_on,
        days_in=_days_in(contract, events, requested_on, signed_on),
    )


def _signed_on(contract: Contract, events: Iterable[e.Event]) -> date | None:
    signed: list[tuple[Party, str]] = []
    for event in events:
        if isinstance(event, _SIGNATURES_VOID):
            signed.clear()
        elif isinstance(event, e.Signed):
            signed.append((event.side, event.signer))
            if not still_to_sign(contract, tuple(signed)):
                return event.at.date()
    return None


def _days_in(
    contract: Contract, events: Sequence[e.AnyEvent], requested_on: date, signed_on: date
) -> dict[CyclePhase, int]:
    days = dict.fromkeys(CyclePhase, 0)
    phase, since = CyclePhase.DRAFTING, requested_on
    for place, event in enumerate(events, 1):
        day = min(max(event.at.date(), since), signed_on)
        nxt = _BEGINS.get(type(event))
        if isinstance(event, e.Approved) and phase in _UNAPPROVED and was_approved(contract, events[:place]):
            nxt = CyclePhase.NEGOTIATION  # the last one that was needed
        if nxt is not None:
            days[phase] += (day - since).days
            phase, since = nxt, day
    days[phase] += (signed_on - since).days
    return days
