"""A won opportunity becomes a contract with nothing typed in again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from clmcrm.bridge.initiation import initiate, linked_back
from clmcrm.clm.clauses import ClauseFact, PaymentClause
from clmcrm.clm.kinds import ContractKind, Relation
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.price_clauses import TieredPriceClause
from clmcrm.clm.stages import Stage
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause
from clmcrm.crm.lines import OpportunityLine, QuoteLine, RampStep
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.crm.quote import Quote
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
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
    UserId,
)
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import NOT_STATED, PartialDate, Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier
from making import at

NOON = at("2026-11-02")
LINE = OpportunityLine(
    id=LineId("1"), product=ProductId("P-1"), description="seats", quantity=Decimal(10),
    unit_price=UnitPrice("9.90", "EUR"), discount=Decimal("0.1"), recurs_every=Tenor(months=1),
    ramp=(RampStep(first_day=date(2027, 6, 1), quantity=Decimal(20)),),
)  # fmt: skip
SALE = Opportunity(
    id=OpportunityId("O-9"), name="Licences", account=AccountId("A-1"), owner=UserId("U-1"),
    stage=OpportunityStage.WON, amount=Money(1200, "EUR"), lines=(LINE,),
    contract_kind_wanted="sales", start_wanted_on=date(2027, 1, 1), initial_term=Tenor(years=2),
    renewal_wanted="tacit", renewal_term=Tenor(years=1), max_renewals=3, notice_wanted=Tenor(months=3),
    payment_within=Tenor(days=45), special_terms="no press release", purchase_order="PO-7", language="fr",
    contacts=(PersonRole(contact=ContactId("K-1")),), renews=ContractId("C-0"),
)  # fmt: skip


def test_every_field_of_the_sale_arrives_and_names_where_it_came_from() -> None:
    made = initiate(SALE, NOON, "crm").contract
    assert made.id == "C-O-9"
    assert (made.title, made.kind, made.counterparty, made.owner) == ("Licences", ContractKind.SALES, "A-1", "U-1")
    assert made.term == TermClause(initial=Tenor(years=2))
    assert made.renewal == RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1), times=3)
    assert made.notice == NoticeClause(length=Tenor(months=3))
    assert PaymentClause(days=45) in made.clauses
    assert (made.special_terms, made.purchase_order, made.languages) == ("no press release", "PO-7", ("fr",))
    assert (made.parent, made.relation) == ("C-0", Relation.RENEWS)
    assert (made.total_value, made.people) == (Money(1200, "EUR"), SALE.contacts)
    assert {trace.source for trace in made.provenance} == {"opportunity O-9", "request by crm"}


def test_asking_twice_gives_the_same_contract() -> None:
    assert initiate(SALE, NOON, "crm") == initiate(SALE, NOON, "crm")


def test_price_discount_quantity_and_ramp_are_not_lost_on_the_way() -> None:
    """Pain 21."""
    first, second = initiate(SALE, NOON, "crm").contract.lines
    assert (first.quantity, first.price, first.discount) == (Decimal(10), UnitPrice("9.90", "EUR"), Decimal("0.1"))
    assert first.last_day == date(2027, 5, 31)
    assert (second.quantity, second.first_day, second.price) == (Decimal(20), date(2027, 6, 1), first.price)
    assert first.amount == LINE.net_amount


def test_the_accepted_quote_goes_before_the_sale() -> None:
    line = QuoteLine(id=LineId("q1"), unit_price=UnitPrice(8, "EUR"))
    optional = QuoteLine(id=LineId("q2"), unit_price=UnitPrice(5, "EUR"), is_optional=True)
    quote = Quote(
        id=QuoteId("Q-1"), opportunity=SALE.id, currency="EUR", lines=(line, optional),
        initial_term=Tenor(years=1), payment_terms="30 days net",
    )  # fmt: skip
    made = initiate(SALE, NOON, "crm", quote=quote).contract
    assert [one.id for one in made.lines] == ["q1"]
    assert made.term == TermClause(initial=Tenor(years=1))
    assert ClauseFact(category="Payment terms", answer="30 days net") in made.clauses
    assert {t.source for t in made.provenance if t.field == "lines"} == {"quote Q-1"}


def test_the_quote_says_who_buys_who_sells_and_who_owns_it() -> None:
    quote = Quote(
        id=QuoteId("Q-1"), opportunity=SALE.id, currency="EUR", account=AccountId("A-2"), owner=UserId("U-2"),
        unit=OrgUnitId("W-2"),
    )  # fmt: skip
    sale = attrs.evolve(SALE, unit=OrgUnitId("W-1"))
    made, silent = initiate(sale, NOON, "crm", quote=quote).contract, attrs.evolve(quote, account=None, owner=None)
    assert (made.counterparty, made.owner, made.own_unit) == ("A-2", "U-2", "W-2")
    assert {t.source for t in made.provenance if t.field in {"counterparty", "owner", "own_unit"}} == {"quote Q-1"}
    made = initiate(sale, NOON, "crm", quote=attrs.evolve(silent, unit=None)).contract
    assert (made.counterparty, made.owner, made.own_unit) == ("A-1", "U-1", "W-1")


def test_another_account_never_lends_its_name() -> None:
    other = Account(id=AccountId("A-7"), name="Other", legal_name="Other SA")
    with pytest.raises(InvalidRecord, match=r"A-7.*A-1"):
        _ = initiate(SALE, NOON, "crm", account=other)


def test_clauses_name_each_record_they_came_from() -> None:
    quote = Quote(id=QuoteId("Q-1"), opportunity=SALE.id, currency="EUR", payment_within=Tenor(days=10))
    sale = attrs.evolve(SALE, billing_account=AccountId("A-9"))
    (trace,) = [t for t in initiate(sale, NOON, "crm", quote=quote).contract.provenance if t.field == "clauses"]
    assert (trace.source, trace.span) == ("quote Q-1, opportunity O-9", "payment_within, billing_account")


def test_one_who_is_to_sign_and_is_not_known_is_missing() -> None:
    roles = tuple(PersonRole(contact=ContactId(k), role=PersonRoleKind.SIGNATORY) for k in ("K-1", "K-2", "K-1"))
    ada = Contact(id=ContactId("K-1"), given_name="Ada", family_name="Byron")
    draft = initiate(attrs.evolve(SALE, contacts=roles), NOON, "crm", contacts=[ada])
    assert [s.name for s in draft.contract.signatories] == ["Ada Byron"]
    lacking = [m for m in draft.missing if m.field == "signatories" and "K-2" in m.why]
    assert [(m.owner, m.person) for m in lacking] == [("sales", "U-1")]


def test_a_quote_of_another_sale_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="O-8"):
        _ = initiate(SALE, NOON, "crm", quote=Quote(id=QuoteId("Q"), opportunity=OpportunityId("O-8"), currency="EUR"))


@pytest.mark.parametrize("stage", [s for s in OpportunityStage if s is not OpportunityStage.WON])
def test_only_a_won_sale_becomes_a_contract(stage: OpportunityStage) -> None:
    with pytest.raises(TransitionNotAllowed):
        _ = initiate(attrs.evolve(SALE, stage=stage), NOON, "crm")


def test_what_is_missing_is_named_with_the_one_who_can_say_it() -> None:
    bare = Opportunity(id=OpportunityId("O-1"), name="bare", stage=OpportunityStage.WON)
    draft = initiate(bare, NOON, "crm")
    assert not draft.complete
    assert {(m.field, m.owner) for m in draft.missing} == {
        ("counterparty", "sales"), ("effective_on", "sales"), ("lines", "sales"), ("governing_place", "legal"),
        ("signatories", "legal"), ("term", "sales and legal"), ("renewal", "sales and legal"),
        ("notice", "sales and legal"),
    }  # fmt: skip
    assert isinstance(draft.contract.term, Unknown)  # unknown for a reason, never guessed


TIERS = (PriceTier(price=UnitPrice(1, "EUR"), up_to=Decimal(10)), PriceTier(price=UnitPrice("0.5", "EUR")))


def test_a_line_priced_by_tiers_becomes_its_price_clause() -> None:
    line = OpportunityLine(id=LineId("t"), product=ProductId("P"), price_model=PriceModel.GRADUATED, tiers=TIERS)
    draft = initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm")
    assert TieredPriceClause(product=ProductId("P"), model=PriceModel.GRADUATED, tiers=TIERS) in draft.contract.clauses
    assert not [m for m in draft.missing if m.field == "lines"]


def test_a_discount_on_tiers_is_agreed_tier_by_tier() -> None:
    line = OpportunityLine(
        id=LineId("t"), product=ProductId("P"), price_model=PriceModel.GRADUATED, tiers=TIERS,
        discount=Decimal("0.125"), service_first_day=date(2027, 1, 1), term=Tenor(years=1),
    )  # fmt: skip
    (clause,) = [
        one for one in initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm").contract.clauses
        if isinstance(one, TieredPriceClause)
    ]  # fmt: skip
    assert [tier.price for tier in clause.tiers] == [UnitPrice("0.875", "EUR"), UnitPrice("0.4375", "EUR")]
    assert clause.valid == Span(date(2027, 1, 1), date(2027, 12, 31))
    assert clause.amount(Decimal(20)) == attrs.evolve(line, quantity=Decimal(20)).net_amount


def test_what_the_clause_of_tiers_cannot_say_is_said() -> None:
    """Pain 21: nothing of a line is lost on the way without a word."""
    bare = OpportunityLine(id=LineId("t"), product=ProductId("P"), price_model=PriceModel.GRADUATED, tiers=TIERS)
    stated: dict[str, Any] = {
        "description": "calls", "quantity": Decimal(20), "unit": "call", "list_price": UnitPrice(2, "EUR"),
        "discount": Decimal("0.1"), "discount_amount": Money(1, "EUR"), "tax": Decimal("0.2"),
        "recurs_every": Tenor(months=1), "term": Tenor(years=1), "service_first_day": date(2027, 2, 1),
        "service_last_day": date(2027, 9, 1), "billing_anchor_on": date(2027, 1, 5), "in_advance": False,
        "ramp": (RampStep(first_day=date(2027, 6, 1), quantity=Decimal(30)),), "parent_line": LineId("9"),
        "product": ProductId("Q"), "price_model": PriceModel.VOLUME,
    }  # fmt: skip
    beside = {"id", "position", "unit_price", "tiers", "ramp_key", "provenance", "refs", "extras"}
    assert set(stated) | beside == {part.name for part in attrs.fields(OpportunityLine)}
    before = initiate(attrs.evolve(SALE, lines=(bare,)), NOON, "crm")
    for name, value in stated.items():
        told = initiate(attrs.evolve(SALE, lines=(attrs.evolve(bare, **{name: value}),)), NOON, "crm")
        assert (told.contract, told.missing) != (before.contract, before.missing), name
    monthly = attrs.evolve(bare, recurs_every=Tenor(months=1), quantity=Decimal(20))
    missing = initiate(attrs.evolve(SALE, lines=(monthly,)), NOON, "crm").missing
    (said,) = [lacking.why for lacking in missing if lacking.field == "lines"]
    assert str(said) == "line t is priced by tiers, and their clause has no room for its quantity, rhythm"


def test_tiers_that_no_price_can_hold_less_their_discount_are_reported() -> None:
    """A third off, as a host's own division gives it: 28 digits, and one more for half a euro."""
    line = OpportunityLine(
        id=LineId("t"), product=ProductId("P"), price_model=PriceModel.GRADUATED, tiers=TIERS,
        discount=Decimal(1) / Decimal(3),
    )  # fmt: skip
    draft = initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm")
    assert not any(isinstance(one, TieredPriceClause) for one in draft.contract.clauses)
    said = [str(lacking.why) for lacking in draft.missing if lacking.field == "lines"]
    assert "line t is priced by tiers, which less its discount have more digits than a price holds" in said


def test_tiers_without_a_product_are_reported_and_not_dropped_silently() -> None:
    line = OpportunityLine(id=LineId("t"), price_model=PriceModel.GRADUATED, tiers=TIERS)
    draft = initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm")
    assert any("priced by tiers" in m.why for m in draft.missing)


def test_a_flat_price_is_not_multiplied_by_the_quantity() -> None:
    line = attrs.evolve(LINE, price_model=PriceModel.FLAT, ramp=(), discount=None)
    (made,) = initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm").contract.lines
    assert made.amount == line.net_amount == Money("9.90", "EUR")


def test_a_step_of_a_flat_price_is_for_more_units_and_no_more_money() -> None:
    line = attrs.evolve(LINE, price_model=PriceModel.FLAT, discount=None)
    first, second = initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm").contract.lines
    assert [first.amount, second.amount] == [Money("9.90", "EUR")] * 2
    assert (first.unit, second.unit) == ("flat for 10 units", "flat for 20 units")


# (the line's own days, what its piece or pieces are: id, quantity, days)
STEPPED = [
    ((None, None), [("1", 10, None, date(2027, 5, 31)), ("1/1", 20, date(2027, 6, 1), None)]),
    ((date(2027, 6, 1), None), [("1", 20, date(2027, 6, 1), None)]),
    ((date(2027, 9, 1), date(2027, 12, 31)), [("1", 20, date(2027, 9, 1), date(2027, 12, 31))]),
    ((date(2027, 1, 1), date(2027, 3, 31)), [("1", 10, date(2027, 1, 1), date(2027, 3, 31))]),
    ((date(2027, 1, 1), date(2027, 5, 31)), [("1", 10, date(2027, 1, 1), date(2027, 5, 31))]),
    ((date(2027, 1, 1), date(2027, 6, 1)),
     [("1", 10, date(2027, 1, 1), date(2027, 5, 31)), ("1/1", 20, date(2027, 6, 1), date(2027, 6, 1))]),
]  # fmt: skip


@pytest.mark.parametrize(("days", "pieces"), STEPPED)
def test_a_step_never_makes_a_line_longer_or_a_piece_without_a_day(days: tuple[Any, Any], pieces: list[Any]) -> None:
    line = attrs.evolve(LINE, service_first_day=days[0], service_last_day=days[1])
    draft = initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm")
    assert [(one.id, one.quantity, one.first_day, one.last_day) for one in draft.contract.lines] == pieces
    too_late = days[1] is not None and days[1] < date(2027, 6, 1)
    said = [m.why for m in draft.missing if m.field == "lines"]
    assert said == ([f"line 1 ends on {days[1]}, before its step of 2027-06-01"] if too_late else [])


@pytest.mark.parametrize(
    ("unit", "model", "expect"),
    [
        ("seats", PriceModel.FLAT, "flat for 10 seats"),
        (None, PriceModel.FLAT, "flat for 10 units"),
        ("seats", PriceModel.PER_UNIT, "seats"),
        (None, PriceModel.PER_UNIT, ""),
    ],
)
def test_what_a_price_is_for_is_said_as_the_sale_says_it(unit: str | None, model: PriceModel, expect: str) -> None:
    line = attrs.evolve(LINE, price_model=model, ramp=(), discount=None, unit=unit, quantity=Decimal(10))
    (made,) = initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm").contract.lines
    assert made.unit == expect


def test_a_line_ends_with_its_own_term() -> None:
    line = attrs.evolve(LINE, ramp=(), term=Tenor(months=6))
    (made,) = initiate(attrs.evolve(SALE, lines=(line,)), NOON, "crm").contract.lines
    assert made.last_day == date(2027, 6, 30)


@pytest.mark.parametrize(
    ("stated", "last_day"),
    [
        ({}, None),
        ({"service_first_day": date(2027, 2, 1)}, date(2027, 7, 31)),
        ({"service_last_day": date(2027, 9, 1)}, date(2027, 9, 1)),
    ],
)
def test_a_term_that_nobody_can_count_is_not_lost_in_silence(stated: dict[str, Any], last_day: date | None) -> None:
    """Pain 21: without a first day a line of six months would go on as long as the contract."""
    line = attrs.evolve(LINE, ramp=(), term=Tenor(months=6), **stated)
    for unknown in (NOT_STATED, PartialDate(year=2027, month=3)):
        draft = initiate(attrs.evolve(SALE, lines=(line,), start_wanted_on=unknown), NOON, "crm")
        assert [one.last_day for one in draft.contract.lines] == [last_day]
        lost = [] if stated else ["line 1 runs for 6 months, and no first day says from when"]
        assert [one.why for one in draft.missing if one.field == "lines"] == lost


def test_the_account_s_address_is_used_where_the_sale_states_none() -> None:
    account = Account(id=AccountId("A-1"), name="Durand", billing_address=Address(city="Paris"))
    made = initiate(SALE, NOON, "crm", account=account).contract
    assert made.billing_address == Address(city="Paris")
    assert {t.source for t in made.provenance if t.field == "billing_address"} == {"account A-1"}


@pytest.mark.parametrize(("field", "value"), [("contract_kind_wanted", "barter"), ("renewal_wanted", "maybe")])
def test_a_wish_nobody_knows_is_refused_with_what_is_known(field: str, value: str) -> None:
    wish: dict[str, Any] = {field: value}
    with pytest.raises(InvalidRecord, match=f"Opportunity O-9: {field}"):
        _ = initiate(attrs.evolve(SALE, **wish), NOON, "crm")
    quote = Quote(id=QuoteId("Q-1"), opportunity=SALE.id, currency="EUR", **wish)
    with pytest.raises(InvalidRecord, match=f"Quote Q-1: {field}"):
        _ = initiate(SALE, NOON, "crm", quote=quote)


def test_the_draft_begins_its_life_as_a_draft() -> None:
    assert stage_of(initiate(SALE, NOON, "crm").contract, date(2026, 11, 2)).stage is Stage.DRAFT


def test_the_sale_names_the_contract_that_came_of_it() -> None:
    assert linked_back(SALE, initiate(SALE, NOON, "crm").contract).contract == "C-O-9"
