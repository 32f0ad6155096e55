"""Nothing is typed in again: every field of a draft has a source, and every field of a sale has a destination."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest

from clmcrm.bridge.initiation import Draft, initiate, linked_back
from clmcrm.bridge.wishes import QUOTE_STAYS, STAYS
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind, Relation
from clmcrm.clm.templates import Template
from clmcrm.codec.records import from_json, to_json
from clmcrm.crm.lines import OpportunityLine, QuoteLine, SalesLine
from clmcrm.crm.opportunity import Opportunity, OpportunityKind, OpportunityStage
from clmcrm.crm.quote import Quote
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.parties.addresses import Address
from clmcrm.parties.contacts import Contact, PersonRole, PersonRoleKind
from clmcrm.values.ids import (
    AccountId,
    ContactId,
    ContractId,
    LineId,
    OpportunityId,
    OrgUnitId,
    ProductId,
    QuoteId,
    TemplateId,
    UserId,
)
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier

NOON: Final = datetime(2026, 11, 2, 12, tzinfo=UTC)
PARIS, LYON, LILLE = (Address(city=city, country="FR") for city in ("Paris", "Lyon", "Lille"))

LINE = OpportunityLine(
    id=LineId("1"), product=ProductId("P-1"), description="seats", quantity=Decimal(10),
    unit_price=UnitPrice("9.90", "EUR"), discount=Decimal("0.1"), recurs_every=Tenor(months=1),
)  # fmt: skip
SALE = Opportunity(
    id=OpportunityId("O-9"), name="Licences", account=AccountId("A-1"), owner=UserId("U-1"), unit=OrgUnitId("W"),
    stage=OpportunityStage.WON, amount=Money(1200, "EUR"), recurring_amount=Money(100, "EUR"),
    recurring_every=Tenor(months=1), lines=(LINE,), contract_kind_wanted="sales", start_wanted_on=date(2027, 1, 1),
    initial_term=Tenor(years=2), minimum_term=Tenor(years=1), renewal_wanted="tacit", renewal_term=Tenor(years=1),
    max_renewals=3, notice_wanted=Tenor(months=3), payment_within=Tenor(days=45), payment_terms="45 days net",
    special_terms="no press release", purchase_order="PO-7", language="fr", seller=OrgUnitId("OWN"),
    contacts=(PersonRole(contact=ContactId("K-1"), role=PersonRoleKind.SIGNATORY),), renews=ContractId("C-0"),
    billing_account=AccountId("A-9"), billing_address=PARIS, shipping_address=LYON,
)  # fmt: skip
ADA = Contact(id=ContactId("K-1"), given_name="Ada", family_name="Byron", job_title="director")
DURAND = Account(id=AccountId("A-1"), name="Durand", legal_name="Durand SAS", billing_address=LILLE)
QUOTE = Quote(
    id=QuoteId("Q-1"), opportunity=SALE.id, currency="EUR", stated_total=Money(1100, "EUR"),
    lines=(QuoteLine(id=LineId("q1"), unit_price=UnitPrice(8, "EUR")),), notice_wanted=Tenor(months=2),
)  # fmt: skip
TEMPLATES = (
    Template(id=TemplateId("T-en"), name="sale", kind=ContractKind.SALES, language="en", body="x"),
    Template(id=TemplateId("T-nda"), name="nda", kind=ContractKind.NDA, language="fr", body="x"),
    Template(id=TemplateId("T-fr"), name="vente", kind=ContractKind.SALES, language="fr", body="x"),
)
RECORDS: Final[dict[str, Any]] = {
    "opportunity O-9": SALE, "quote Q-1": QUOTE, "account A-1": DURAND, "contact K-1": ADA,
    "template T-fr": TEMPLATES[2],
}  # fmt: skip


def drafted(**more: Any) -> Draft:
    return initiate(SALE, NOON, "crm", account=DURAND, contacts=[ADA], templates=TEMPLATES, **more)


def filled(contract: Contract) -> set[str]:
    return {a.name for a in attrs.fields(Contract) if getattr(contract, a.name) != a.default} - {"provenance"}


@pytest.mark.parametrize("quote", [None, QUOTE])
def test_pain_21_every_field_of_the_contract_traces_to_fields_that_hold_it(quote: Quote | None) -> None:
    made = drafted(quote=quote).contract
    traces = {trace.field: trace for trace in made.provenance}
    assert len(traces) == len(made.provenance)
    assert set(traces) == filled(made)
    for name, trace in traces.items():
        if name == "events":
            assert trace.observed_at == NOON
            continue
        named = [RECORDS[source] for source in trace.source.split(", ")]
        fields = (trace.span or "").split(", ")
        assert all(any(hasattr(record, field) for record in named) for field in fields), (name, trace)
        held = [getattr(record, field) for record in named for field in fields if hasattr(record, field)]
        assert any(value not in (None, ()) for value in held), (name, trace)


COPIED: Final = {
    "title": "name", "counterparty": "account", "owner": "owner", "parent": "renews", "own_unit": "seller",
    "effective_on": "start_wanted_on", "special_terms": "special_terms", "purchase_order": "purchase_order",
    "billing_address": "billing_address", "service_address": "shipping_address", "people": "contacts",
    "total_value": "amount", "recurring_value": "recurring_amount",
}  # fmt: skip


@pytest.mark.parametrize(("field", "source"), COPIED.items())
def test_what_is_copied_is_the_same(field: str, source: str) -> None:
    assert getattr(drafted().contract, field) == getattr(SALE, source)


def test_what_is_worked_out_is_the_sale_s_own() -> None:
    made = drafted().contract
    assert made.annual_value == Money(1200, "EUR")
    assert made.names_in_text == ("Durand SAS",)
    assert [(s.name, s.title) for s in made.signatories] == [("Ada Byron", "director")]
    assert [(type(c).__name__, c.quote or getattr(c, "answer", "")) for c in made.clauses] == [
        ("PaymentClause", "45 days net"), ("ClauseFact", "A-9"),
    ]  # fmt: skip


CHANGED: Final[dict[str, Any]] = {
    "id": OpportunityId("O-10"), "name": "other", "account": AccountId("A-2"), "owner": UserId("U-2"),
    "unit": OrgUnitId("V"), "kind": OpportunityKind.EXPANSION, "amount": Money(1, "EUR"),
    "recurring_amount": Money(1, "EUR"), "recurring_every": Tenor(years=1), "renews": ContractId("C-8"),
    "quote": QuoteId("Q-8"), "lines": (attrs.evolve(LINE, quantity=Decimal(11)),), "contract_kind_wanted": "lease",
    "start_wanted_on": date(2028, 1, 1), "initial_term": Tenor(years=3), "minimum_term": Tenor(years=2),
    "renewal_wanted": "express", "renewal_term": Tenor(years=2), "max_renewals": 1, "notice_wanted": Tenor(months=1),
    "payment_within": Tenor(days=30), "payment_terms": "at once", "special_terms": "none", "purchase_order": "PO-8",
    "billing_address": LILLE, "shipping_address": LILLE, "language": "en", "seller": OrgUnitId("X"),
    "billing_account": AccountId("A-8"), "contacts": (PersonRole(contact=ContactId("K-2")),),
}  # fmt: skip


def test_every_field_of_a_sale_arrives_or_stays_for_a_reason() -> None:
    names = {a.name for a in attrs.fields(Opportunity)}
    assert names == set(CHANGED) | (set(STAYS) & names)
    assert not set(CHANGED) & set(STAYS)
    of_quote = set(CHANGED) | set(STAYS) | set(QUOTE_STAYS) | {"opportunity", "stated_total"}
    assert {a.name for a in attrs.fields(Quote)} <= of_quote


@pytest.mark.parametrize("field", sorted(set(CHANGED) - {"unit", "recurring_every"}))
def test_a_change_of_the_sale_changes_the_draft(field: str) -> None:
    changed = attrs.evolve(SALE, **{field: CHANGED[field]})
    assert initiate(changed, NOON, "crm").contract != initiate(SALE, NOON, "crm").contract


@pytest.mark.parametrize("field", ["unit", "recurring_every"])
def test_so_does_one_that_another_field_stood_in_front_of(field: str) -> None:
    before = attrs.evolve(SALE, seller=None)
    changed = attrs.evolve(before, **{field: CHANGED[field]})
    assert initiate(changed, NOON, "crm").contract != initiate(before, NOON, "crm").contract


LINE_CHANGES: Final[dict[str, Any]] = {
    "id": LineId("2"), "product": ProductId("P-2"), "description": "other", "quantity": Decimal(11), "unit": "seat",
    "unit_price": UnitPrice(8, "EUR"), "list_price": UnitPrice(12, "EUR"), "discount": Decimal("0.2"),
    "discount_amount": Money(1, "EUR"), "tax": Decimal("0.2"), "price_model": PriceModel.FLAT,
    "recurs_every": Tenor(years=1), "term": Tenor(years=1), "service_first_day": date(2027, 2, 1),
    "service_last_day": date(2027, 9, 1), "billing_anchor_on": date(2027, 1, 5), "in_advance": False,
    "ramp_key": "r", "parent_line": LineId("9"),
}  # fmt: skip
LINE_OTHERWISE: Final = {"tiers", "ramp", "position", "provenance", "refs", "extras"}


def test_every_field_of_a_line_is_spoken_of() -> None:
    assert {a.name for a in attrs.fields(SalesLine)} == set(LINE_CHANGES) | LINE_OTHERWISE


@pytest.mark.parametrize("field", LINE_CHANGES)
def test_a_change_of_a_line_changes_the_draft(field: str) -> None:
    changed = attrs.evolve(SALE, lines=(attrs.evolve(LINE, **{field: LINE_CHANGES[field]}),))
    assert initiate(changed, NOON, "crm").contract.lines != initiate(SALE, NOON, "crm").contract.lines


def test_tiers_arrive_as_a_price_clause() -> None:
    tiers = (PriceTier(price=UnitPrice(1, "EUR")),)
    line = attrs.evolve(LINE, unit_price=None, discount=None, price_model=PriceModel.VOLUME, tiers=tiers)
    made = initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm").contract
    assert tiers in [getattr(clause, "tiers", None) for clause in made.clauses]


def test_the_quote_goes_before_the_sale_field_by_field() -> None:
    made = drafted(quote=QUOTE).contract
    traced = {trace.field: trace.source for trace in made.provenance}
    assert (traced["notice"], traced["renewal"], traced["lines"]) == ("quote Q-1", "opportunity O-9", "quote Q-1")
    assert made.total_value == QUOTE.stated_total
    assert made.purchase_order == SALE.purchase_order


def test_wishes_that_belong_together_are_never_mixed() -> None:
    quote = attrs.evolve(QUOTE, renewal_wanted="express", renewal_term=Tenor(months=6))
    renewal = drafted(quote=quote).contract.renewal
    assert getattr(renewal, "times", 0) is None  # the sale's three renewals were those of a tacit one


def test_the_template_fits_kind_and_language() -> None:
    assert drafted().contract.template == "T-fr"
    german = initiate(attrs.evolve(SALE, language="de"), NOON, "crm", templates=TEMPLATES)
    assert german.contract.template is None
    (missing,) = [m for m in german.missing if m.field == "template"]
    assert (missing.owner, missing.reason.fr) == ("legal", "aucun modèle de type sales en de")


def test_who_has_to_say_what_is_missing_is_named() -> None:
    bare = Opportunity(id=OpportunityId("O-1"), name="bare", stage=OpportunityStage.WON, owner=UserId("U-7"))
    missing = {m.field: m for m in initiate(bare, NOON, "crm").missing}
    assert missing["counterparty"].person == "U-7"
    assert missing["governing_place"].person is None
    assert all(m.reason.fr != m.reason.en for m in missing.values())


def test_an_expansion_stands_under_the_contract_it_adds_to() -> None:
    made = initiate(attrs.evolve(SALE, kind=OpportunityKind.EXPANSION), NOON, "crm").contract
    assert (made.parent, made.relation) == ("C-0", Relation.UNDER)


def test_the_link_back_is_made_once_and_never_to_another_contract() -> None:
    made = drafted().contract
    once = linked_back(SALE, made)
    assert once.contract == made.id
    assert linked_back(once, made) == once
    with pytest.raises(InvalidRecord, match="C-other"):
        _ = linked_back(attrs.evolve(SALE, contract=ContractId("C-other")), made)
    with pytest.raises(InvalidRecord, match="O-9"):
        _ = linked_back(attrs.evolve(SALE, id=OpportunityId("O-8")), made)


def test_a_draft_survives_being_written_down() -> None:
    made = drafted(quote=QUOTE).contract
    assert from_json(Contract, to_json(made)) == made
