"""A negotiation for the tests: two people of ours, one of the other side, a playbook, and a contract that moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from clmcrm.clm import events as e
from clmcrm.clm.clauses import LiabilityCap, PaymentClause
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.negotiation import Redline
from clmcrm.clm.negotiation_entries import Conceded, Negotiation, RedlineProposed
from clmcrm.clm.playbook import Playbook, Position, Topic
from clmcrm.clm.positions import LiabilityWithin, PaymentWithin
from clmcrm.values.ids import ContractId
from clmcrm.values.money import Money
from clmcrm.values.wording import Wording
from making import contract

START: Final = datetime(2026, 5, 4, 9, tzinfo=UTC)
OWN, OTHER = Party.OWN, Party.COUNTERPARTY
HATS: Final = {"ann": ("sales",), "bob": ("sales", "legal"), "dan": ("cfo",)}


def hour(count: float) -> datetime:
    """So many hours after the negotiation's first instant."""
    return START + timedelta(hours=count)


def moment(at: float | datetime) -> datetime:
    """An instant as it is, or so many hours after the first."""
    return at if isinstance(at, datetime) else hour(at)


def within(days: int, *roles: str) -> Position:
    return Position(
        words=Wording(f"{days} days", f"{days} jours"), condition=PaymentWithin(days=days), conceded_by=roles
    )


PAYMENT: Final = Topic(
    name="payment",
    preferred=within(30),
    fallbacks=(within(45, "sales"), within(60, "legal")),
    walk_away=Wording("payment later than 60 days", "paiement à plus de 60 jours"),
    beyond_by=("cfo",),
)
LIABILITY: Final = Topic(
    name="liability",
    preferred=Position(
        words=Wording("a cap of 100,000 EUR", "un plafond de 100 000 EUR"),
        condition=LiabilityWithin(at_most=Money(100_000, "EUR")),
    ),
    walk_away=Wording("a higher cap or none", "un plafond plus haut ou aucun"),
)
PLAYBOOK: Final = Playbook(id="P", title="sales", topics=(PAYMENT, LIABILITY))


def paying(days: int) -> PaymentClause:
    return PaymentClause(days=days, citation="art. 5")


def capped(amount: int, currency: str = "EUR") -> LiabilityCap:
    return LiabilityCap(of=OWN, amount=Money(amount, currency), citation="art. 8")


def negotiated(**changes: object) -> Contract:
    """A contract that is being negotiated; our side has held the pen since `START`."""
    found = contract(**changes)
    for event in (e.Requested(hour(0), "ann"), e.SubmittedForApproval(hour(1), "ann"), e.Approved(hour(2), "eve")):
        found = advance(found, event)
    return found


def record(*entries: object) -> Negotiation:
    return Negotiation(contract=ContractId("C-1"), entries=entries)  # type: ignore[arg-type] # checked by the record


LATER: Final = Redline(citation="art. 5", before="within 30 days", after="within 60 days", topic="payment")


def asked(at: float | datetime = 3, side: Party = OTHER, key: str = "R1", **changes: object) -> RedlineProposed:
    facts: dict[str, object] = {"at": moment(at), "by": "cat", "side": side, "redline": key, "change": LATER}
    return RedlineProposed(**(facts | changes))  # type: ignore[arg-type] # a test may pass what a record refuses


def conceded(position: int | None, by: str = "ann", at: float | datetime = 4, **changes: object) -> Conceded:
    facts: dict[str, object] = {"topic": "payment", "citation": "art. 5", "redline": "R1"}
    facts |= {"at": moment(at), "by": by, "side": OWN, "position": position}
    return Conceded(**(facts | changes))  # type: ignore[arg-type] # a test may pass what a record refuses
