"""A promise that contradicts a contract in force is found before it is made; silence means it does not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from clmcrm.bridge.account_view import account_view
from clmcrm.bridge.checks import check_opportunity, check_quote
from clmcrm.bridge.feedback import contract_terms
from clmcrm.clm import events as e
from clmcrm.clm.clauses import AnyClause, PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.price_clauses import PriceClause, VolumeCommitment
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind
from clmcrm.crm.lines import OpportunityLine, QuoteLine
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.crm.quote import Quote
from clmcrm.parties.accounts import Account
from clmcrm.values.ids import AccountId, ContractId, LineId, OpportunityId, ProductId, QuoteId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.problems import Severity
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording
from making import at, contract

TODAY = date(2026, 1, 15)
SEAT = ProductId("seat")
PRICE = PriceClause(product=SEAT, price=UnitPrice(10, "EUR"), citation="annex 2")


def in_force(*clauses: AnyClause, **changes: Any) -> Contract:
    return advance(contract(clauses=clauses, **changes), e.RecordedAsExecuted(at("2024-05-20"), "archive"))


def quote(price: str = "10", discount: str = "0", currency: str = "EUR", **changes: Any) -> Quote:
    line = QuoteLine(id=LineId("1"), product=SEAT, unit_price=UnitPrice(price, currency), discount=Decimal(discount))
    base = Quote(id=QuoteId("Q-1"), account=AccountId("A-1"), currency=currency, lines=(line,))
    return attrs.evolve(base, **changes)


OTHER: dict[str, Any] = {"id": ContractId("C-2"), "counterparty": AccountId("A-2")}
EXCLUSIVE = Restriction(kind=RestrictionKind.EXCLUSIVITY, territories=("FR",), products=(SEAT,), citation="art. 4")
FAVOURED = Restriction(kind=RestrictionKind.MOST_FAVOURED_CUSTOMER, citation="art. 5")

LIMITED = attrs.evolve(PRICE, max_discount=Decimal("0.1"))
FLOORED = attrs.evolve(PRICE, floor=UnitPrice(9, "EUR"))
LAPSED = attrs.evolve(PRICE, valid=Span(date(2024, 6, 1), date(2025, 12, 31)))
GERMANY = Restriction(kind=RestrictionKind.TERRITORY, territories=("DE",))

# (what the contract says, the quote, what must be found; "" for silence)
CASES = [
    pytest.param((PRICE,), {}, quote(), "", id="the agreed price"),
    pytest.param((PRICE,), {}, quote("9"), "below the agreed one", id="a lower price"),
    pytest.param((PRICE,), {}, quote("11"), "above the agreed one", id="a higher price"),
    pytest.param((PRICE,), {}, quote(currency="USD"), "the currency is not", id="another currency"),
    pytest.param((LIMITED,), {}, quote(discount="0.1"), "", id="allowed"),
    pytest.param(
        (LIMITED,), {}, quote(discount="0.2"), "discount is above", id="too much"
    ),
    pytest.param(
        (FLOORED,), {}, quote(discount="0.2"), "under the agreed floor", id="floor"
    ),
    pytest.param(
        (LAPSED,), {}, quote(), "no longer valid", id="old"
    ),
    pytest.param(
        (attrs.evolve(PRICE, valid=Span(date(2024, 6, 1), date(2026, 12, 31))),), {}, quote(), "", id="still valid"
    ),
    pytest.param((PaymentClause(days=30),), {}, quote(payment_within=Tenor(days=60)), "payment terms", id="payment"),
    pytest.param((PaymentClause(days=30),), {}, quote(payment_within=Tenor(days=30)), "", id="agreed payment"),
    pytest.param((EXCLUSIVE,), OTHER, quote(), "promised exclusively", id="exclusive to another"),
    pytest.param((EXCLUSIVE,), {}, quote(), "", id="exclusive to this customer"),
    pytest.param((attrs.evolve(EXCLUSIVE, territories=("DE",)),), OTHER, quote(), "", id="exclusive elsewhere"),
    pytest.param(
        (attrs.evolve(EXCLUSIVE, binds=Party.COUNTERPARTY),), OTHER, quote(), "", id="exclusivity binds them, not us"
    ),
    pytest.param((PRICE, FAVOURED), OTHER, quote("8"), "undercuts", id="most favoured customer"),
    pytest.param((PRICE, FAVOURED), OTHER, quote("10"), "", id="not undercut"),
    pytest.param(
        (GERMANY,), {}, quote(), "outside the agreed", id="territory"
    ),
    pytest.param(
        (Restriction(kind=RestrictionKind.PRODUCT, products=(SEAT,)),), {}, quote(), "is restricted", id="product"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("clauses", "changes", "offered", "found"), CASES)
def test_contradictions_are_found_and_nothing_else(
    clauses: tuple[AnyClause, ...], changes: dict[str, Any], offered: Quote, found: str
) -> None:
    findings = check_quote(offered, [in_force(*clauses, **changes)], TODAY, country="FR")
    if not found:
        assert findings == ()
    else:
        assert len(findings) == 1
        assert found in findings[0].what.en
        assert findings[0].offered.en
        assert findings[0].agreed.en
        assert findings[0].advice.en


def test_a_finding_names_clause_and_both_values() -> None:
    """Pain 22."""
    (finding,) = check_quote(quote("9"), [in_force(PRICE)], TODAY)
    assert str(finding) == (
        "quote Q-1: the price is below the agreed one (price of seat 9 EUR; C-1, annex 2: 10 EUR). "
        "Use the agreed price, or amend the contract first."
    )


def test_an_unknown_country_is_a_warning_to_look_at() -> None:
    (finding,) = check_quote(quote(), [in_force(EXCLUSIVE, **OTHER)], TODAY, country=None)
    assert finding.severity is Severity.WARNING


def test_the_other_customer_is_called_by_name_where_it_is_known() -> None:
    promised = [in_force(EXCLUSIVE, **OTHER)]
    (named,) = check_quote(quote(), promised, TODAY, country="FR", names={AccountId("A-2"): "Martin"})
    (bare,) = check_quote(quote(), promised, TODAY, country="FR")
    assert (named.agreed.en, bare.agreed.en) == ("exclusive to Martin in FR", "exclusive to A-2 in FR")


def test_a_contract_that_is_not_in_force_contradicts_nothing() -> None:
    assert check_quote(quote("9"), [contract(clauses=(PRICE,))], TODAY) == ()
    ended = in_force(PRICE, renewal=RenewalClause(kind=RenewalKind.NONE))
    assert check_quote(quote("9"), [ended], TODAY) == ()


def sale(**changes: Any) -> Opportunity:
    line = OpportunityLine(id=LineId("1"), product=SEAT, unit_price=UnitPrice(10, "EUR"))
    base = Opportunity(
        id=OpportunityId("O"), name="more", account=AccountId("A-1"), lines=(line,), stage=OpportunityStage.PROPOSAL
    )
    return attrs.evolve(base, **changes)


def test_a_replacement_cannot_start_before_the_running_contract_can_end() -> None:
    running = in_force()
    (finding,) = check_opportunity(sale(renews=running.id, start_wanted_on=date(2026, 3, 1)), [running], TODAY)
    assert "still in force" in finding.what.en
    stopped = advance(running, e.NonRenewalNotified(at("2026-01-10"), "x", side=Party.OWN, served_on=date(2026, 1, 10)))
    assert check_opportunity(sale(renews=running.id, start_wanted_on=date(2026, 6, 1)), [stopped], TODAY) == ()


def test_an_expired_frame_agreement_is_named() -> None:
    frame = in_force(renewal=RenewalClause(kind=RenewalKind.NONE))
    (finding,) = check_opportunity(sale(renews=frame.id), [frame], TODAY)
    assert "has ended" in finding.what.en


def test_the_salesperson_sees_prices_commitments_restrictions_and_dates() -> None:
    line = ContractLine(id=LineId("1"), description="seats", price=UnitPrice(10, "EUR"), recurrence=Tenor(months=1))
    commitment = VolumeCommitment(per=Tenor(years=1), quantity=Decimal(500), unit="seats", citation="art. 3")
    seen = contract_terms(in_force(PRICE, EXCLUSIVE, commitment, PaymentClause(days=30), lines=(line,)), TODAY)
    assert (seen.stage, seen.notice_by, seen.renews_on) == ("in_effect", date(2026, 2, 28), date(2026, 6, 1))
    assert seen.notice_reason is not None
    assert "3 months from 2026-02-28 run out" in seen.notice_reason.en
    assert seen.prices == (Wording("seat: 10 EUR (annex 2)", "seat : 10 EUR (annex 2)"),)
    assert [one.en for one in seen.commitments] == ["they buy at least 500 seats per 1 year (art. 3)"]
    assert seen.restrictions == (
        Wording(
            "exclusivity binds us in FR for seat (art. 4)",
            "exclusivité, nous oblige, territoires : FR, produits : seat (art. 4)",
        ),
    )
    assert (seen.payment_days, seen.annual_value) == (30, (Money(120, "EUR"),))


def test_the_view_of_an_account_joins_both_sides() -> None:
    account = Account(id=AccountId("A-1"), name="Durand")
    view = account_view(
        account, TODAY, opportunities=[sale(id=OpportunityId("O2")), sale()], contracts=[in_force(PRICE)]
    )
    assert [o.id for o in view.opportunities] == ["O", "O2"]
    assert [t.id for t in view.contracts] == ["C-1"]
    assert view.findings == ()
