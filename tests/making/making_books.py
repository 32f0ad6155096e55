"""Books of sales and contracts for the tests of figures: made by chance from a seed, bad records among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final, TypeVar

from hypothesis import settings

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute, DisputeOutcome
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.obligations import DueOn, Obligation, ObligationKind, Performance
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind, TermClause
from clmcrm.crm.campaign import CostItem
from clmcrm.crm.lead import Lead, LeadStatus
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.parties.accounts import Account
from clmcrm.values.exact import shifted
from clmcrm.values.ids import AccountId, ContractId, DisputeId, LeadId, LineId, ObligationId, OpportunityId, UserId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.rates import Rate
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor


def a_part(of: int) -> settings:
    """One in `of` of the examples the profile asks for: books are slow, and the nightly profile stays harder."""
    return settings(max_examples=max(1, settings().max_examples // of))


PERIOD: Final = Span(date(2026, 1, 1), date(2026, 6, 30))
TODAY: Final = date(2026, 7, 15)
BEGIN: Final = date(2025, 7, 1)
T = TypeVar("T")


@dataclass
class Book:
    """One company's records, and the rates of two years."""

    seed: int
    leads: list[Lead] = field(default_factory=list)
    sales: list[Opportunity] = field(default_factory=list)
    costs: list[CostItem] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def made_book(seed: int, *, size: int = 60) -> Book:
    """The book of `seed`, the same at every call."""
    chance = Random(seed)  # noqa: S311 - no secret: the seed is printed and repeats the book
    book = Book(seed)
    book.rates = list(_rates(chance))
    book.accounts = _accounts(chance)
    book.leads = [_lead(chance, n) for n in range(size)]
    book.sales = [_sale(chance, n, book.accounts) for n in range(size)]
    book.costs = [_cost(chance, n) for n in range(size // 6)]
    book.contracts = [_contract(chance, n, book.accounts) for n in range(size)]
    book.disputes = [_dispute(chance, n) for n in range(size // 3)]
    return book


def day(chance: Random, days: int = 420) -> date:
    return BEGIN + timedelta(days=chance.randrange(days))


def sometimes(chance: Random, value: T, one_in: int = 12) -> T | None:
    """`value`, or None once in a while: a record that does not state it."""
    return None if chance.randrange(one_in) == 0 else value


def _rates(chance: Random) -> list[Rate]:
    days = [date(2025, 10, 1) + timedelta(days=30 * n) for n in range(12)]
    return [
        Rate(source=code, target="EUR", on=on, factor=shifted(Decimal(chance.randrange(6000, 14000)), -4), by="test")
        for on in days
        for code in ("USD", "GBP")
    ]


def _accounts(chance: Random) -> list[Account]:
    """Twelve accounts: some head a group, some stand below one."""
    accounts: list[Account] = []
    for n in range(12):
        parent = AccountId(f"A{chance.randrange(n)}") if n > 3 and chance.randrange(2) else None
        accounts.append(Account(id=AccountId(f"A{n}"), name=f"account {n}", parent=parent))
    return accounts


def _money(chance: Random, *, low: int = 0) -> Money:
    code = chance.choice(["EUR", "EUR", "EUR", "USD", "GBP", "CHF"])
    return Money(shifted(Decimal(chance.randrange(low, 2_000_000)), -2), code)


def _lead(chance: Random, n: int) -> Lead:
    return Lead(
        id=LeadId(f"L{n}"),
        name=f"lead {n}",
        status=chance.choice(list(LeadStatus)),
        owner=sometimes(chance, UserId(f"U{chance.randrange(3)}")),
        created_on=sometimes(chance, day(chance)),
    )


def _sale(chance: Random, n: int, accounts: list[Account]) -> Opportunity:
    stage = chance.choice([OpportunityStage.WON] * 4 + [OpportunityStage.LOST] * 3 + list(OpportunityStage))
    closed = stage in {OpportunityStage.WON, OpportunityStage.LOST}
    return Opportunity(
        id=OpportunityId(f"O{n}"),
        name=f"sale {n}",
        account=sometimes(chance, chance.choice(accounts).id),
        stage=stage,
        amount=sometimes(chance, _money(chance, low=-20_000)),
        created_on=sometimes(chance, day(chance, 300)),
        closed_on=sometimes(chance, day(chance), 20) if closed else None,
    )


def _cost(chance: Random, n: int) -> CostItem:
    amount = Money(shifted(Decimal(chance.randrange(500_000)), -2), chance.choice(["EUR", "USD", "GBP"]))
    return CostItem(label=f"cost {n}", amount=amount, on=sometimes(chance, date(2026, 1, 1) + timedelta(days=n * 20)))


def _contract(chance: Random, n: int, accounts: list[Account]) -> Contract:
    effective = sometimes(chance, day(chance, 400).replace(day=chance.randrange(1, 28)), 15)
    executed = chance.randrange(3) == 0
    facts: dict[str, object] = {} if effective is None else {"effective_on": effective}
    roles = tuple(chance.sample(["legal", "finance", "sales"], chance.randrange(3)))
    return Contract(
        id=ContractId(f"C{n}"),
        title="supply",
        kind=chance.choice([ContractKind.SALES, ContractKind.SALES, ContractKind.NDA]),
        counterparty=sometimes(chance, chance.choice(accounts).id, 15),
        approvals_needed=roles,
        term=TermClause(initial=Tenor(months=chance.choice([6, 12, 24]))),
        renewal=RenewalClause(kind=RenewalKind.NONE),
        lines=tuple(_line(chance, k) for k in range(chance.randrange(3))),
        obligations=tuple(_obligation(chance, k, effective) for k in range(chance.randrange(3))) if executed else (),
        events=_executed(chance, effective) if executed else _history(chance, roles),
        **facts,  # type: ignore[arg-type] # only the effective day
    )


def _line(chance: Random, k: int) -> ContractLine:
    code = chance.choice(["EUR", "EUR", "USD", "GBP", "CHF"])
    return ContractLine(
        id=LineId(f"K{k}"),
        description="seats",
        quantity=Decimal(chance.randrange(1, 9)),
        price=UnitPrice(shifted(Decimal(chance.randrange(50_000)), -2), code),
        recurrence=chance.choice([None, Tenor(months=1), Tenor(months=3), Tenor(years=1), Tenor(weeks=1)]),
    )


def _obligation(chance: Random, k: int, effective: date | None) -> Obligation:
    due = max(day(chance), effective or BEGIN)
    parts = [
        Performance(on=due + timedelta(days=chance.randrange(-40, 40)), for_due=due, share=shifted(Decimal(share), -2))
        for share in chance.choice([(), (100,), (100,), (50, 50), (40,)])
    ]
    return Obligation(
        id=ObligationId(f"B{k}"),
        kind=ObligationKind.DELIVERY,
        title="deliver",
        obligor=chance.choice([Party.OWN, Party.COUNTERPARTY]),
        obligee=Party.COUNTERPARTY,
        due=DueOn(day=due),
        grace=chance.choice([None, Tenor(days=10)]),
        survives=True,
        performances=tuple(parts),
    )


def _executed(chance: Random, effective: date | None) -> tuple[e.AnyEvent, ...]:
    recorded = at((effective or BEGIN) + timedelta(days=chance.randrange(20)))
    return (e.RecordedAsExecuted(recorded, "clm"),)


def _history(chance: Random, roles: tuple[str, ...]) -> tuple[e.AnyEvent, ...]:
    """A way to the signature, broken off anywhere; some forget an approval or redraft after it."""
    when = day(chance, 330)

    def next_at() -> datetime:
        nonlocal when
        when += timedelta(days=chance.randrange(9))
        return at(when)

    told: list[e.AnyEvent] = [e.Requested(next_at(), "crm")] if chance.randrange(8) else []
    told.append(e.SubmittedForApproval(next_at(), "ada"))
    given = roles or ("anyone",)
    told += [e.Approved(next_at(), f"head of {role}", role=role) for role in given if chance.randrange(8)]
    if chance.randrange(5) == 0:
        told.append(e.Redrafted(next_at(), "ada"))
        told += [e.Approved(next_at(), f"head of {role}", role=role) for role in given if chance.randrange(2)]
    if chance.randrange(2):
        told.append(e.TurnPassed(next_at(), "ada"))
    told.append(e.SentForSignature(next_at(), "ada"))
    told += [e.Signed(next_at(), "sign", side=side) for side in (Party.OWN, Party.COUNTERPARTY)]
    return tuple(told[: chance.choice([len(told)] * 3 + [chance.randrange(len(told) + 1)])])


def _dispute(chance: Random, n: int) -> Dispute:
    opened = day(chance)
    closed = None if chance.randrange(2) else opened + timedelta(days=chance.randrange(200))
    return Dispute(
        id=DisputeId(f"D{n}"),
        contract=ContractId(f"C{n}"),
        subject="late",
        raised_by=Party.OWN,
        opened_on=opened,
        closed_on=closed,
        outcome=None if closed is None else DisputeOutcome.SETTLED,
        amount=sometimes(chance, _money(chance), 3),
    )
