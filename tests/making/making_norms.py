"""Duties, powers and entries for the tests of norms, on one contract that runs without an end in sight."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.norms import entries as n
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.obligation_standings import ObligationStanding
from clmcrm.clm.norms.power_standings import PowerStanding
from clmcrm.clm.obligations import DueOn, Obligation, ObligationKind
from clmcrm.clm.powers import AllowsStepIn, Power, PowerKind
from clmcrm.clm.remedies import PowerId
from clmcrm.values.ids import ContractId, ObligationId
from clmcrm.values.money import Money
from making import at, contract

DUE = date(2026, 3, 10)
SIGNED = date(2024, 5, 20)


def march(day: int) -> date:
    """A day of March 2026."""
    return date(2026, 3, day)


def noon(day: date) -> datetime:
    """Noon of a day, in UTC."""
    return at(day.isoformat())


def duty(**changes: object) -> Obligation:
    """The counterparty owes us 1000 EUR on 10 March 2026, changed as asked."""
    facts: dict[str, object] = {
        "id": ObligationId("B-1"), "kind": ObligationKind.PAYMENT, "title": "fee", "obligor": Party.COUNTERPARTY,
        "obligee": Party.OWN, "due": DueOn(day=DUE), "amount": Money(1000, "EUR"),
    }  # fmt: skip
    return Obligation(**(facts | changes))  # type: ignore[arg-type] # a test may pass what a record refuses


def power(**changes: object) -> Power:
    """We may step in, once, changed as asked."""
    facts: dict[str, object] = {
        "id": PowerId("P-1"), "kind": PowerKind.STEP_IN, "title": "step in", "holder": Party.OWN,
        "against": Party.COUNTERPARTY, "consequence": AllowsStepIn(),
    }  # fmt: skip
    return Power(**(facts | changes))  # type: ignore[arg-type] # a test may pass what a record refuses


def holding(*norms: Obligation | Power, **changes: object) -> Contract:
    """A contract in effect from 1 June 2024 that holds the norms."""
    duties = tuple(norm for norm in norms if isinstance(norm, Obligation))
    powers = tuple(norm for norm in norms if isinstance(norm, Power))
    facts: dict[str, object] = {"obligations": duties, "powers": powers, "executed_on": SIGNED}
    return advance(contract(**(facts | changes)), e.RecordedAsExecuted(at("2024-05-20"), "archive"))


def ledger(*entries: n.AnyEntry) -> NormLedger:
    """The ledger of that contract."""
    return NormLedger(contract=ContractId("C-1"), entries=entries)


def performed(
    on: date, share: str = "1", *, known: date | None = None, norm: str = "B-1", **more: object
) -> n.Performed:
    """A share performed on a day, recorded that day or on `known`."""
    facts: dict[str, object] = {"at": noon(known or on), "by": "ann", "norm": norm, "on": on, "share": Decimal(share)}
    return n.Performed(**(facts | more))  # type: ignore[arg-type] # the facts are checked by the record


def notified(on: date, *, norm: str = "B-1", of: date | None = None) -> n.BreachNotified:
    """The breach notified on a day."""
    return n.BreachNotified(at=noon(on), by="ann", norm=norm, on=on, of=of)


def discharged(on: date, side: Party = Party.OWN, *, norm: str = "B-1", how: str = "waived") -> n.Discharged:
    """The norm given up on a day."""
    return n.Discharged(at=noon(on), by="ann", norm=norm, on=on, side=side, how=n.Discharge(how))


def suspended(day: date, clocks: e.ClockEffect = e.ClockEffect.SHIFT, *, norm: str = "B-1") -> n.NormSuspended:
    """The norm suspended from a day on."""
    return n.NormSuspended(at=noon(day), by="ann", norm=norm, from_day=day, clocks=clocks)


def resumed(day: date, *, norm: str = "B-1") -> n.NormResumed:
    """The norm taken up again from a day on."""
    return n.NormResumed(at=noon(day), by="ann", norm=norm, from_day=day)


def used(on: date, side: Party = Party.OWN, **more: object) -> n.PowerExercised:
    """The power used on a day."""
    facts: dict[str, object] = {"at": noon(on), "by": "ann", "norm": "P-1", "on": on, "side": side}
    return n.PowerExercised(**(facts | more))  # type: ignore[arg-type] # the facts are checked by the record


def standing(of: Contract, told: NormLedger, as_of: date, known_on: date | None = None) -> ObligationStanding:
    """The first occurrence of the first duty on a day."""
    return norms_of(of, told, as_of, known_on).obligations[0]


def power_on(of: Contract, told: NormLedger, as_of: date, known_on: date | None = None) -> PowerStanding:
    """The first power on a day."""
    return norms_of(of, told, as_of, known_on).powers[0]
