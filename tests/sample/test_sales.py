"""Won sales give drafts, some offers contradict contracts in force, and the rest is clean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clmcrm.bridge.checks import check_opportunity, check_quote
from clmcrm.bridge.findings import Finding
from clmcrm.bridge.initiation import Draft, initiate
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.stages import Stage
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote, quote_problems
from clmcrm.sample.company import Company, country_of, in_clm_keys

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LEGAL_FACTS = {"governing_place", "signatories"}


def sale_of(company: Company, key: str) -> Opportunity:
    return next(sale for sale in company.opportunities if sale.id == key)


def awaiting(company: Company) -> list[Opportunity]:
    return [sale for sale in company.opportunities if sale.is_won and sale.contract is None]


def draft_of(company: Company, sale: Opportunity) -> Draft:
    account = next(account for account in company.accounts_crm if account.id == sale.account)
    quote = next((q for q in company.quotes if q.opportunity == sale.id and q.accepted_on), None)
    return initiate(sale, AT, "pell", account=account, quote=quote)


def found_in(company: Company, offer: Opportunity | Quote) -> tuple[Finding, ...]:
    country, mapped = country_of(company, offer), in_clm_keys(company, offer)
    if isinstance(mapped, Quote):
        return check_quote(mapped, company.contracts, company.today, country=country)
    return check_opportunity(mapped, company.contracts, company.today, country=country)


def test_won_sales_wait_for_their_contract(company: Company) -> None:
    assert len(awaiting(company)) == 6
    won_before = {sale.id for sale in company.baseline_crm.opportunities if sale.is_won and sale.contract is None}
    assert won_before == set()


def test_complete_wishes_leave_only_the_facts_of_legal_open(company: Company) -> None:
    missing = {sale.id: {m.field for m in draft_of(company, sale).missing} for sale in awaiting(company)}
    assert [key for key, fields in missing.items() if fields == LEGAL_FACTS] == [
        "O-711", "O-712", "O-713", "O-714", "O-716",
    ]  # fmt: skip


def test_incomplete_wishes_give_a_draft_with_reasons(company: Company) -> None:
    draft = draft_of(company, sale_of(company, "O-715"))
    assert stage_of(draft.contract, company.today).stage is Stage.DRAFT
    fields = {m.field for m in draft.missing}
    assert {"effective_on", "lines", "term", "renewal", "notice"} <= fields
    assert all(m.why and m.owner for m in draft.missing)


def test_full_wishes_have_discount_ramp_people_and_addresses(company: Company) -> None:
    contract = draft_of(company, sale_of(company, "O-711")).contract
    assert [str(line.quantity) for line in contract.lines] == ["400", "600", "600", "3"]
    assert [str(line.price) for line in contract.lines[:3]] == ["4.90 EUR", "4.90 EUR", "4.80 EUR"]
    assert str(contract.lines[0].discount) == "0.1"
    assert len(contract.people) == 2
    assert contract.billing_address is not None
    assert contract.service_address is not None
    assert contract.billing_address.country == contract.service_address.country == "ES"


@pytest.mark.parametrize(
    ("key", "contract", "what"),
    [
        ("O-721", "CT-007", "the price is below the agreed one"),
        ("O-722", "CT-009", "the discount is above the agreed one"),
        ("O-723", "CT-002", "the product is promised exclusively to another customer"),
        ("O-724", "CT-012", "the price undercuts P-2011, who was promised the best one"),
        ("O-725", "CT-011", "the payment terms are not the agreed ones"),
        ("O-726", "CT-017", "the contract to be replaced is still in force at the new start"),
        ("O-727", "CT-024", "the frame agreement it is made under has ended"),
    ],
)
def test_open_sale_contradicts_a_contract(company: Company, key: str, contract: str, what: str) -> None:
    sale = sale_of(company, key)
    assert sale.is_open
    assert [(finding.contract, finding.what.en) for finding in found_in(company, sale)] == [(contract, what)]


def test_other_sales_contradict_nothing(company: Company) -> None:
    contradicting = {f"O-72{n}" for n in range(1, 8)}
    clean = [s for s in company.opportunities if s.id not in contradicting and (s.is_open or s in awaiting(company))]
    assert len(clean) >= 10
    assert {sale.id: found_in(company, sale) for sale in clean if found_in(company, sale)} == {}


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("Q-801", ["the currency is not the agreed one"]),
        (
            "Q-802",
            [
                "the price undercuts P-2011, who was promised the best one",
                "the payment terms are not the agreed ones",
            ],
        ),
        ("Q-803", ["the price after discount is under the agreed floor"]),
        ("Q-804", []),
        ("Q-805", []),
        ("Q-806", []),
    ],
)
def test_quote_says_what_it_contradicts(company: Company, key: str, what: list[str]) -> None:
    quote = next(quote for quote in company.quotes if quote.id == key)
    assert [finding.what.en for finding in found_in(company, quote)] == what


def test_one_quote_does_not_add_up(company: Company) -> None:
    wrong = [(quote.id, problem.expected) for quote in company.quotes for problem in quote_problems(quote)]
    assert wrong == [("Q-806", "21600.00 CHF")]
