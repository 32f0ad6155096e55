"""The sample holds what it promises: how much of everything, and that all of it hangs together and is invented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from clmcrm.codec.records import from_fields, to_fields
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.parties.hierarchy import Hierarchy
from clmcrm.ports.records import Json, Kind
from clmcrm.sample.company import SAMPLE_TODAY, Company, Holdings, load_company
from clmcrm.values.rates import RateTable
from clmcrm.values.record import Record

# Kept for fiction by ARCEP (FR), BNetzA (DE), Ofcom (GB), NANPA (US) and PTS (SE).
FICTIONAL = re.compile(
    r"\+33 (1 99 00|2 61 91|3 53 01|4 65 71|5 36 49|6 39 98) \d\d \d\d"
    r"|\+49 (30 23125|40 66969|69 90009|221 4710|89 99998) \d{3}"
    r"|\+44 (20 7946 0\d{3}|131 496 0\d{3}|1632 960\d{3}|7700 900\d{3})"
    r"|\+1 \d{3}-555-01\d\d"
    r"|\+46 8 465 004 \d\d"
)


def texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)


def records(company: Company) -> list[Record]:
    held = [company.crm, company.clm, company.baseline_crm, company.baseline_clm]
    found = [r for one in held for r in (*one.org_units, *one.accounts, *one.contacts, *one.opportunities)]
    own = (*company.contracts, *company.users, *company.products, *company.quotes, *company.disputes)
    return [*found, *own]


def ids(some: tuple[Record, ...]) -> list[str]:
    return [cast("str", to_fields(record)["id"]) for record in some]


def test_there_is_as_much_as_promised(company: Company) -> None:
    assert 58 <= len(company.contracts) <= 62
    assert 28 <= len(company.accounts_crm) <= 36
    assert 28 <= len(company.accounts_clm) <= 36
    assert 36 <= len(company.contacts) <= 44
    assert len(company.org_units) == 8
    assert 8 <= len(company.users) <= 12
    assert 32 <= len(company.opportunities) <= 38
    assert len(company.quotes) == 6
    assert len(company.disputes) == 5
    assert company.today == SAMPLE_TODAY


def test_opportunities_are_open_won_and_lost(company: Company) -> None:
    stages = [o.stage for o in company.opportunities]
    assert sum(o.is_open for o in company.opportunities) >= 10
    assert stages.count(OpportunityStage.WON) >= 15
    assert stages.count(OpportunityStage.LOST) == 5


def test_loading_twice_gives_the_same_values(company: Company) -> None:
    again = load_company()
    assert again is not company
    assert again == company


def test_every_key_is_given_once(company: Company) -> None:
    for held in (company.crm, company.clm):
        for some in (held.org_units, held.accounts, held.contacts, held.opportunities, held.contracts):
            assert len(set(ids(some))) == len(some)
    for others in (company.users, company.products, company.quotes, company.disputes):
        assert len(set(ids(others))) == len(others)


def dangling(held: Holdings, company: Company) -> list[str]:
    """The references of one system's records to what that system does not hold."""
    accounts, contacts, units = (set(ids(some)) for some in (held.accounts, held.contacts, held.org_units))
    users = set(ids(company.users))
    wanted: list[tuple[str, str | None, set[str]]] = [
        *((u.id, u.parent, units) for u in held.org_units),
        *((u.id, u.manager, users) for u in held.org_units),
        *((a.id, a.parent, accounts) for a in held.accounts),
        *((a.id, a.unit, units) for a in held.accounts),
        *((a.id, a.owner, users) for a in held.accounts),
        *((c.id, c.account, accounts) for c in held.contacts),
        *((c.id, c.reports_to, contacts) for c in held.contacts),
        *((o.id, o.account, accounts) for o in held.opportunities),
        *((o.id, o.unit, units) for o in held.opportunities),
        *((o.id, o.owner, users) for o in held.opportunities),
        *((o.id, role.contact, contacts) for o in held.opportunities for role in o.contacts),
        *((c.id, c.counterparty, accounts) for c in held.contracts),
        *((c.id, c.own_unit, units) for c in held.contracts),
        *((c.id, c.owner, users) for c in held.contracts),
        *((c.id, role.contact, contacts) for c in held.contracts for role in c.people),
        *((c.id, c.parent, set(ids(held.contracts))) for c in held.contracts),
    ]
    return [f"{who} names {whom}" for who, whom, known in wanted if whom is not None and whom not in known]


def test_every_reference_leads_to_a_record_of_the_same_system(company: Company) -> None:
    for held in (company.crm, company.clm, company.baseline_crm, company.baseline_clm):
        assert dangling(held, company) == []


def test_users_work_for_units_that_exist(company: Company) -> None:
    units, users = {u.id for u in company.org_units}, {u.id for u in company.users}
    assert {u.unit for u in company.users} <= units
    assert {u.manager for u in company.users} - {None} <= users


def test_every_line_is_of_a_known_product(company: Company) -> None:
    known = {product.id for product in company.products}
    sold = {line.product for sale in company.opportunities for line in sale.lines}
    offered = {line.product for quote in company.quotes for line in quote.lines}
    agreed = {line.product for contract in company.contracts for line in contract.lines} - {None}
    assert sold | offered <= known
    assert agreed <= known


def test_contracts_and_their_opportunities_name_each_other(company: Company) -> None:
    sales = {o.id: o for o in company.opportunities}
    contracts = {c.id: c for c in company.contracts}
    joined = [o for o in company.opportunities if o.contract is not None]
    assert len(joined) >= 10
    for sale in joined:
        assert sale.contract is not None
        contract = contracts[sale.contract]
        assert contract.opportunity == sale.id
        assert contract.counterparty == company.keys.in_clm(Kind.ACCOUNT, sale.account or "")
    assert {c.opportunity for c in company.contracts} - {None} <= sales.keys()
    assert {o.renews for o in company.opportunities} - {None} <= contracts.keys()


def test_quotes_name_opportunities_of_the_same_account(company: Company) -> None:
    sales = {o.id: o for o in company.opportunities}
    for quote in company.quotes:
        assert quote.opportunity is not None
        assert sales[quote.opportunity].account == quote.account
    named = {o.quote for o in company.opportunities} - {None}
    assert named <= {quote.id for quote in company.quotes}


def test_groups_have_parents_and_no_circles(company: Company) -> None:
    groups = Hierarchy({a.id: a.parent for a in company.accounts_crm})
    assert groups.circles() == ()
    heads = {groups.root(a.id) for a in company.accounts_crm if a.parent}
    assert len(heads) >= 4
    assert max(len(groups.descendants(head)) for head in heads) >= 2


def test_every_record_survives_the_codec(company: Company) -> None:
    for record in records(company):
        assert from_fields(type(record), to_fields(record)) == record


def test_every_address_in_the_net_is_invented(company: Company) -> None:
    found = [text for record in records(company) for text in texts(to_fields(record))]
    mails = {text for text in found if "@" in text}
    sites = {text for text in found if "://" in text}
    assert len(mails) >= 40
    assert len(sites) >= 25
    assert [m for m in mails if not m.endswith(".example")] == []
    assert [s for s in sites if not s.endswith(".example")] == []


def test_every_telephone_number_is_kept_for_fiction(company: Company) -> None:
    numbers = {a.phone for held in (company.crm, company.clm, company.baseline_crm) for a in held.accounts}
    numbers |= {phone.number for held in (company.crm, company.clm) for c in held.contacts for phone in c.phones}
    numbers |= {user.phone for user in company.users}
    stated = {number for number in numbers if number is not None}
    assert len(stated) >= 40
    assert [number for number in stated if FICTIONAL.fullmatch(number) is None] == []


def test_no_bank_account_is_in_the_sample(company: Company) -> None:
    iban = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}")
    found = [text for record in records(company) for text in texts(to_fields(record))]
    assert [text for text in found if iban.search(text)] == []


def test_every_currency_of_the_contracts_can_be_converted(company: Company) -> None:
    table = RateTable(company.rates)
    amounts = [line.amount for contract in company.contracts for line in contract.lines]
    assert {amount.currency.code for amount in amounts} == {"EUR", "GBP", "USD", "CHF", "JPY", "SEK", "PLN"}
    for amount in amounts:
        assert table.convert(amount, "EUR", company.today).money.currency.code == "EUR"
    assert {rate.by for rate in company.rates} == {"sample rates"}
    assert all(rate.on <= company.today for rate in company.rates)


def happened(sale: Opportunity) -> bool:
    return sale.closed_on is not None and sale.closed_on <= SAMPLE_TODAY


def test_what_has_happened_lies_before_the_day_and_what_is_expected_after(company: Company) -> None:
    assert all(event.at.date() <= company.today for c in company.contracts for event in c.events)
    assert all(happened(sale) for sale in company.opportunities if sale.is_closed)
    open_sales = [sale for sale in company.opportunities if sale.is_open]
    assert all(sale.closed_on is None for sale in open_sales)
    assert all(sale.expected_close_on and sale.expected_close_on >= company.today for sale in open_sales)
    assert all(sale.created_on and sale.created_on <= company.today for sale in company.opportunities)
