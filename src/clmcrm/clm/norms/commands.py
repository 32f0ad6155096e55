"""What using a power, or a remedy, asks of the host: a typed command, returned and never carried out here.

`event_of` gives the contract event for `clmcrm.clm.lifecycle.advance` where there is one; the other commands
are the host's to carry out. The `id` is derived from the facts, so that the same command is known again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias

from attrs import frozen

from clmcrm.calendars.months import forward
from clmcrm.clm.events import AnyEvent, Ground, PartyAssigned, RenewalAgreed, Terminated
from clmcrm.clm.kinds import Party
from clmcrm.clm.norms.entries import PowerExercised
from clmcrm.clm.obligations import DueOn, Obligation, ObligationKind
from clmcrm.clm.powers import (
    AllowsAudit,
    AllowsStepIn,
    AssignsPlace,
    EndsContract,
    Power,
    RenewsTerm,
    ResetsPrice,
)
from clmcrm.clm.remedies import NewDuty
from clmcrm.values.ids import AccountId, ContractId, LineId, ObligationId
from clmcrm.values.money import UnitPrice
from clmcrm.values.tenor import Tenor


@frozen(kw_only=True)
class TerminateContract:
    """End the contract, with `last_day` as its last day in force."""

    id: str
    contract: ContractId
    side: Party
    ground: Ground
    last_day: date
    note: str


@frozen(kw_only=True)
class RenewTerm:
    """Let one further term begin; the holder said so on `served_on`."""

    id: str
    contract: ContractId
    side: Party
    served_on: date


@frozen(kw_only=True)
class AssignContract:
    """Let the account `to` take the place of `side`."""

    id: str
    contract: ContractId
    side: Party
    to: AccountId
    note: str


@frozen(kw_only=True)
class ResetPrice:
    """Charge `price` from `from_day` on; `line` None: see the power's words."""

    id: str
    contract: ContractId
    line: LineId | None
    price: UnitPrice
    from_day: date


@frozen(kw_only=True)
class StartAudit:
    """Begin an audit by `side` on `from_day`."""

    id: str
    contract: ContractId
    side: Party
    from_day: date


@frozen(kw_only=True)
class StepIn:
    """Let `side` do the work in the other's place from `from_day` on."""

    id: str
    contract: ContractId
    side: Party
    from_day: date


@frozen(kw_only=True)
class AddObligation:
    """Add `obligation` to the contract, unless one of that id is there already."""

    id: str
    contract: ContractId
    obligation: Obligation


Command: TypeAlias = TerminateContract | RenewTerm | AssignContract | ResetPrice | StartAudit | StepIn | AddObligation
"""Everything a host may be asked to do."""


def command_for(contract: ContractId, power: Power, used: PowerExercised, number: int = 1) -> Command | None:
    """The command of one use of a power; None where it lacks what the consequence needs (`lacking`).

    Its id is the same whenever it is asked for: the power, the day, and behind the first use of a day its `number`.
    """
    own = f"{power.id}@{used.on}" if number == 1 else f"{power.id}@{used.on}/{number}"
    side, day = used.side, used.on
    found: Command | None = None
    match power.consequence:
        case EndsContract(ground=ground, notice=notice):
            found = TerminateContract(
                id=own,
                contract=contract,
                side=side,
                ground=ground,
                last_day=_later(day, notice),
                note=used.note or power.title,
            )
        case RenewsTerm():
            found = RenewTerm(id=own, contract=contract, side=side, served_on=day)
        case AssignsPlace() if used.to is not None:
            found = AssignContract(id=own, contract=contract, side=side, to=used.to, note=used.note)
        case ResetsPrice(line=line, after=after) if used.price is not None:
            found = ResetPrice(id=own, contract=contract, line=line, price=used.price, from_day=_later(day, after))
        case AllowsAudit(after=after):
            found = StartAudit(id=own, contract=contract, side=side, from_day=_later(day, after))
        case AllowsStepIn():
            found = StepIn(id=own, contract=contract, side=side, from_day=day)
        case NewDuty() as duty:
            found = duty_command(contract, own, duty, day, obligor=power.against, obligee=power.holder)
        case _:
            pass
    return found


def lacking(power: Power, used: PowerExercised) -> str:
    """What a use of the power must say besides, in words; an empty text when nothing is missing."""
    if isinstance(power.consequence, AssignsPlace) and used.to is None:
        return "to whom (to)"
    if isinstance(power.consequence, ResetsPrice) and used.price is None:
        return "at which price (price)"
    return ""


def duty_command(
    contract: ContractId, own: str, duty: NewDuty, day: date, *, obligor: Party, obligee: Party
) -> AddObligation:
    """The further duty that arose on `day`, under the derived id `own`."""
    obligation = Obligation(
        id=ObligationId(own),
        kind=ObligationKind.OTHER if duty.amount is None else ObligationKind.PAYMENT,
        title=duty.title,
        obligor=obligor,
        obligee=obligee,
        due=DueOn(day=forward(day, duty.within)),
        amount=duty.amount,
    )
    return AddObligation(id=own, contract=contract, obligation=obligation)


def event_of(command: Command, at: datetime, by: str) -> AnyEvent | None:
    """The event that carries the command out through `advance`; None where no event does.

    An assignment of our own place is none: a contract's event names a successor of the counterparty.
    """
    match command:
        case TerminateContract():
            return Terminated(
                at, by, ground=command.ground, last_day=command.last_day, side=command.side, note=command.note
            )
        case RenewTerm():
            return RenewalAgreed(at, by, side=command.side, served_on=command.served_on)
        case AssignContract(side=Party.COUNTERPARTY):
            return PartyAssigned(at, by, to=command.to, note=command.note)
        case _:
            return None


def _later(day: date, after: Tenor | None) -> date:
    return day if after is None else forward(day, after)
