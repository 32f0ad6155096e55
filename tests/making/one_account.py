"""One account with something of everything: a group, people, sales, contracts, duties, disputes, invoices."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from clmcrm.bridge.account_inputs import InvoiceSeen
from clmcrm.bridge.account_view import AccountRecords
from clmcrm.clm import events as e
from clmcrm.clm.clauses import PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.kinds import ContractKind, Party, Relation
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.obligations import DueOn, Obligation, ObligationKind
from clmcrm.clm.price_clauses import PriceClause, TieredPriceClause, VolumeCommitment
from clmcrm.clm.prices.windows import Purchase
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.crm.activity import Activity, ActivityKind
from clmcrm.crm.case import Case, CaseStatus
from clmcrm.crm.lines import OpportunityLine, QuoteLine
from clmcrm.crm.opportunity import Opportunity, OpportunityKind, OpportunityStage
from clmcrm.crm.quote import Quote, QuoteStatus
from clmcrm.crm.satisfaction import Survey, SurveyAnswer
from clmcrm.parties.accounts import Account, AccountKind
from clmcrm.parties.addresses import Address
from clmcrm.parties.contacts import Contact
from clmcrm.values.ids import (
    AccountId,
    ActivityId,
    CaseId,
    ContactId,
    ContractId,
    DisputeId,
    LineId,
    ObligationId,
    OpportunityId,
    ProductId,
    QuoteId,
    UserId,
)
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier

DAY: Final = date(2026, 1, 15)
SEAT, CALL = ProductId("seat"), ProductId("call")
DURAND = Account(
    id=AccountId("A-1"), name="Durand & Fils <SAS>", parent=AccountId("A-0"), country="FR", kind=AccountKind.CUSTOMER,
    billing_address=Address(city="Paris", country="FR"),
)  # fmt: skip
GROUP = Account(id=AccountId("A-0"), name="Groupe Durand", country="FR", kind=AccountKind.CUSTOMER)
SISTER = Account(id=AccountId("A-2"), name="Durand Logistik", parent=AccountId("A-0"), country="DE")
STRANGER = Account(id=AccountId("A-9"), name="Martin")


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00+00:00").astimezone(UTC)


def in_force(contract: Contract, since: str = "2024-05-20") -> Contract:
    return advance(contract, e.RecordedAsExecuted(noon(since), "archive"))


def _euros(amount: str) -> UnitPrice:
    return UnitPrice(amount, "EUR")


FRAME = in_force(
    Contract(
        id=ContractId("C-1"), number="2024-17", title="Frame agreement", kind=ContractKind.SALES,
        counterparty=DURAND.id, opportunity=OpportunityId("O-0"), effective_on=date(2024, 6, 1),
        term=TermClause(initial=Tenor(years=1), citation="art. 8"),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1), citation="art. 9.1"),
        notice=NoticeClause(length=Tenor(months=3), reference=NoticeReference.END_OF_TERM, citation="art. 9.2"),
        clauses=(
            PriceClause(product=SEAT, price=_euros("10"), max_discount=Decimal("0.1"), citation="annex 2",
                        valid=Span(date(2024, 6, 1), date(2026, 12, 31))),
            TieredPriceClause(product=CALL, model=PriceModel.GRADUATED, citation="annex 3", tiers=(
                PriceTier(up_to=Decimal(1000), price=_euros("0.02")), PriceTier(price=_euros("0.015")))),
            VolumeCommitment(per=Tenor(years=1), quantity=Decimal(1200), unit="seats", product=SEAT,
                             shortfall=_euros("8"), citation="art. 3"),
            PaymentClause(days=30, citation="art. 5"),
            Restriction(kind=RestrictionKind.EXCLUSIVITY, territories=("FR",), products=(SEAT,), citation="art. 4"),
        ),
        lines=(ContractLine(id=LineId("1"), description="seats", product=SEAT, price=_euros("10"),
                            quantity=Decimal(100), recurrence=Tenor(months=1)),),
        obligations=(
            Obligation(id=ObligationId("B-1"), kind=ObligationKind.REPORT, title="usage report",
                       obligor=Party.OWN, obligee=Party.COUNTERPARTY, due=DueOn(day=date(2026, 2, 10)),
                       citation="art. 11"),
            Obligation(id=ObligationId("B-2"), kind=ObligationKind.PAYMENT, title="set-up fee",
                       obligor=Party.COUNTERPARTY, obligee=Party.OWN, due=DueOn(day=date(2025, 12, 1)),
                       amount=Money(5000, "EUR"), citation="art. 6"),
        ),
    )
)  # fmt: skip
AMENDMENT = in_force(
    Contract(
        id=ContractId("C-2"), title="Statement of work", kind=ContractKind.SALES, counterparty=DURAND.id,
        parent=FRAME.id, relation=Relation.UNDER, effective_on=date(2025, 3, 1),
        term=TermClause(initial=Tenor(years=3)), renewal=RenewalClause(kind=RenewalKind.NONE),
        lines=(ContractLine(id=LineId("1"), description="support", price=UnitPrice("250", "USD"),
                            recurrence=Tenor(months=1)),),
    ),
    "2025-02-20",
)  # fmt: skip
ELSEWHERE = in_force(
    Contract(
        id=ContractId("C-3"), title="Supply Germany", kind=ContractKind.SALES, counterparty=SISTER.id,
        effective_on=date(2025, 1, 1), term=TermClause(initial=Tenor(years=2)),
        renewal=RenewalClause(kind=RenewalKind.NONE),
    ),
    "2024-12-15",
)  # fmt: skip

RECORDS: Final = AccountRecords(
    accounts=(GROUP, DURAND, SISTER, STRANGER),
    contacts=(
        Contact(id=ContactId("K-1"), account=DURAND.id, given_name="Ada", family_name="Byron", job_title="director",
                emails=("ada@durand.example",)),
        Contact(id=ContactId("K-2"), account=SISTER.id, name="Grace Hopper", reports_to=ContactId("K-1")),
        Contact(id=ContactId("K-9"), account=STRANGER.id, name="Somebody Else"),
    ),
    activities=(
        Activity(id=ActivityId("T-1"), kind=ActivityKind.MEETING, subject="review of the year", account=DURAND.id,
                 started_at=noon("2025-12-10"), owner=UserId("U-1")),
        Activity(id=ActivityId("T-2"), kind=ActivityKind.TASK, subject="send the offer", account=DURAND.id,
                 due_on=date(2026, 1, 10)),
        Activity(id=ActivityId("T-3"), kind=ActivityKind.CALL, subject="first call", account=DURAND.id,
                 started_at=noon("2025-06-01"), is_done=True),
    ),
    opportunities=(
        Opportunity(id=OpportunityId("O-1"), name="200 more seats", account=DURAND.id, amount=Money(24_000, "EUR"),
                    stage=OpportunityStage.PROPOSAL, kind=OpportunityKind.EXPANSION, renews=FRAME.id,
                    expected_close_on=date(2026, 3, 31), next_step="demonstration",
                    lines=(OpportunityLine(id=LineId("1"), product=SEAT, unit_price=_euros("9")),)),
    ),
    quotes=(
        Quote(id=QuoteId("Q-1"), number="Q-2026-1", account=DURAND.id, currency="EUR", status=QuoteStatus.SENT,
              last_valid_day=date(2026, 2, 28), stated_total=Money(24_000, "EUR"), payment_within=Tenor(days=60),
              lines=(QuoteLine(id=LineId("1"), product=SEAT, unit_price=_euros("10")),)),
    ),
    cases=(
        Case(id=CaseId("S-1"), subject="invoices arrive late", account=DURAND.id, status=CaseStatus.WORKING,
             opened_at=noon("2025-11-20"), contract=FRAME.id, dispute=DisputeId("D-1")),
    ),
    contracts=(FRAME, AMENDMENT, ELSEWHERE),
    disputes=(
        Dispute(id=DisputeId("D-1"), contract=FRAME.id, subject="set-up fee contested", raised_by=Party.COUNTERPARTY,
                opened_on=date(2025, 12, 20), obligation=ObligationId("B-2"), amount=Money(5000, "EUR"),
                citation="art. 6", case=CaseId("S-1")),
    ),
    invoices=(
        InvoiceSeen(id="F-1", account=DURAND.id, contract=FRAME.id, amount=Money(1000, "EUR"),
                    issued_on=date(2025, 11, 1), due_on=date(2025, 12, 1)),
        InvoiceSeen(id="F-2", account=DURAND.id, contract=AMENDMENT.id, amount=Money(250, "USD"),
                    issued_on=date(2026, 1, 1), due_on=date(2026, 1, 31)),
        InvoiceSeen(id="F-3", account=DURAND.id, amount=Money(1000, "EUR"), issued_on=date(2025, 10, 1),
                    due_on=date(2025, 11, 1), paid_on=date(2025, 11, 20)),
    ),
    satisfaction=(SurveyAnswer(account=DURAND.id, survey=Survey.NPS, score=8, on=date(2025, 12, 12)),),
    purchases={FRAME.id: (Purchase(on=date(2025, 9, 1), quantity=Decimal(450), product=SEAT),)},
)  # fmt: skip
