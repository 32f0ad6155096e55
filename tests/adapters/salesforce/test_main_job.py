"""The main job end to end: a sale won in Salesforce becomes a contract, its terms come back, twice is once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from salesforce_suite import ORG, ORIGIN, crm_of, driver_of, fake_org

from clmcrm.adapters.embedded import EmbeddedClm
from clmcrm.adapters.salesforce.crm import SalesforceCrm
from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.clm.contract import Contract
from clmcrm.codec.records import from_fields
from clmcrm.drivers.driver import Driver
from clmcrm.liaison.main_job import Joined, Run, carry_out_flow, join
from clmcrm.liaison.views import stated
from clmcrm.ports.records import Create, Json, Kind, Precondition, Remove, Result, Update
from clmcrm.store.memory import MemoryJournal
from clmcrm.testing.vendors.salesforce.data import CUSTOM, OrgData
from clmcrm.testing.vendors.salesforce.guarded import JudgedOrg, judged
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.testing.ways import now

AS_OF = date(2026, 12, 1)


class Company:
    """A company with Salesforce on one side and our own CLM on the other."""

    def __init__(self, precondition: Precondition) -> None:
        self.judge: JudgedOrg = judged(fake_org())
        self.data: OrgData = self.judge.org.data
        self.driver: Driver = driver_of(InProcess(self.judge, ORIGIN))
        self.crm: SalesforceCrm = crm_of(precondition=precondition, overlap=timedelta(minutes=1))
        self.clm = EmbeddedClm(":memory:")
        self.joined: Joined = join(self.crm, self.clm, MemoryJournal(), AS_OF)

    def settle(self) -> Run:
        self.data.pass_time(timedelta(minutes=5))
        run = self.driver.run(carry_out_flow(self.joined, clock=now))
        assert not self.judge.refused, self.judge.refused[0]
        return run

    def add(self, name: str, **values: Any) -> str:
        self.data.pass_time()
        return self.data.insert(name, values)

    def won(self, account: str) -> str:
        sale = self.add(
            "Opportunity", Name="Maintenance 2027", AccountId=account, StageName="Negotiation/Review",
            CloseDate="2026-11-20",
        )  # fmt: skip
        product = self.add("Product2", Name="maintenance")
        _ = self.add(
            "OpportunityLineItem", OpportunityId=sale, Product2Id=product, Quantity=12, UnitPrice=Decimal("99.50")
        )
        _ = self.add(
            "OpportunityLineItem", OpportunityId=sale, Quantity=Decimal("1.5"), UnitPrice=400, Description="set-up"
        )
        self.data.update("Opportunity", sale, {"StageName": "Closed Won"})
        return sale

    def contracts(self) -> list[Contract]:
        seen = self.clm.changes(Kind.CONTRACT, None).seen
        return [from_fields(Contract, {**stated(one.fields), "id": one.key}) for one in seen]

    def row(self, name: str, key: str) -> dict[str, Any]:
        return self.data.rows[name][key]


@pytest.mark.parametrize("precondition", list(Precondition))
def test_a_sale_won_there_becomes_a_contract_and_its_terms_come_back(precondition: Precondition) -> None:
    company = Company(precondition)
    account = company.add("Account", Name="Durand", BillingCity="Paris")
    sale = company.won(account)
    run = company.settle()
    assert run.settled
    assert not run.problems
    (contract,) = company.contracts()
    assert contract.opportunity == sale
    assert [(line.description, line.quantity, str(line.price)) for line in contract.lines] == [
        ("maintenance", Decimal(12), "99.50 EUR"),
        ("set-up", Decimal("1.5"), "400.00 EUR"),
    ]
    assert company.row("Opportunity", sale)["clmcrm_Contract__c"] == contract.id
    (terms,) = company.data.rows["Contract"].values()
    assert terms["AccountId"] == account
    assert "title: Maintenance 2027" in terms["Description"]
    assert terms["Status"] == "Draft"
    calls = company.judge.org.calls
    again = company.settle()
    assert (again.written, again.settled) == (0, True)
    assert company.judge.org.calls - calls < 40


@pytest.mark.parametrize("precondition", list(Precondition))
def test_fields_travel_both_ways_and_a_merge_and_a_deletion_are_seen(precondition: Precondition) -> None:
    company = Company(precondition)
    first, second = company.add("Account", Name="Petit"), company.add("Account", Name="Petit SARL", Phone="01")
    contact = company.add("Contact", LastName="Byron", FirstName="Ada", AccountId=first, Email="ada@petit.example")
    assert company.settle().settled
    company.data.pass_time()
    company.data.update("Account", first, {"Name": "Petit & Cie"})
    run = company.settle()
    mine = {one.fields["name"]: one for one in company.clm.changes(Kind.ACCOUNT, None).seen if not one.gone}
    assert "Petit & Cie" in mine
    assert run.settled
    company.data.merge("Account", second, first)
    company.data.delete("Contact", contact)
    run = company.settle()
    assert company.settle().written == 0


def with_terms_on_opportunities() -> tuple[Company, SalesforceCrm]:
    company = Company(Precondition.ROW)
    own = {
        **CUSTOM,
        "Opportunity": f"{CUSTOM['Opportunity']} Stage_Of_It__c:string:40 Terms_Title__c:string:255",
        "Contract": f"{CUSTOM['Contract']} Shown__c:string:255",
    }
    company.data = company.judge.org.data = OrgData(multi_currency=True, custom=own)
    org = evolve(
        ORG,
        terms_shown={"title": "Shown__c"},
        terms_on_opportunity={"stage": "Stage_Of_It__c", "title": "Terms_Title__c"},
    )
    return company, SalesforceCrm(SalesforceSession(ORIGIN), org, overlap=timedelta(minutes=1))


def test_of_several_contracts_of_one_opportunity_in_a_call_the_last_is_shown_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    company, crm = with_terms_on_opportunities()
    account = company.add("Account", Name="Durand")
    sale = company.won(account)
    update, touched = OrgData.update, list[str]()

    def noted(data: OrgData, name: str, key: str, values: Any) -> None:
        touched.append(key)
        update(data, name, key, values)

    monkeypatch.setattr(OrgData, "update", noted)  # a collection that names a record twice is refused
    of: dict[str, Json] = {"account": account, "opportunity": sale}
    two = [Create(kind=Kind.CONTRACT_TERMS, mark=f"t:{n}", fields={**of, "title": f"T{n}"}) for n in (1, 2)]
    assert {one.result for one in company.driver.run(crm.write(two))} == {Result.DONE}
    assert (touched, company.row("Opportunity", sale)["Terms_Title__c"]) == ([sale], "T2")


def test_single_terms_stand_on_the_contract_and_on_the_opportunity_where_the_org_wants_them() -> None:
    company, crm = with_terms_on_opportunities()
    company.joined = join(crm, company.clm, MemoryJournal(), AS_OF)
    sale = company.won(company.add("Account", Name="Durand"))
    assert company.settle().settled
    row = company.row("Opportunity", sale)
    assert (row["Stage_Of_It__c"], row["Terms_Title__c"]) == ("draft", "Maintenance 2027")
    (terms,) = company.data.rows["Contract"].values()
    assert terms["Shown__c"] == "Maintenance 2027"
    assert company.settle().written == 0
    company.data.busy[sale] = 99
    (seen,) = company.driver.run(crm.read(Kind.CONTRACT_TERMS, [terms["Id"]]))
    change = Update(kind=Kind.CONTRACT_TERMS, key=seen.key, fields={"title": "Other"}, expected=seen.version)
    (outcome,) = company.driver.run(crm.write([change]))
    assert (outcome.result, outcome.key) == (Result.STALE, terms["Id"])
    assert f"not shown on opportunity {sale}: UNABLE_TO_LOCK_ROW" in outcome.why
    assert terms["Shown__c"] == "Maintenance 2027"


def test_terms_that_are_removed_empty_the_fields_of_their_opportunity_and_outlive_it_by_nothing() -> None:
    company, crm = with_terms_on_opportunities()
    account = company.add("Account", Name="Durand")
    sales = [company.won(account) for _ in range(3)]
    made = [
        Create(
            kind=Kind.CONTRACT_TERMS, mark=f"t:{sale}", fields={"title": "T", "account": account, "opportunity": sale}
        )
        for sale in sales
    ]
    keys = [one.key for one in company.driver.run(crm.write(made))]
    company.data.delete("Opportunity", sales[1])
    seen = company.driver.run(crm.read(Kind.CONTRACT_TERMS, keys))
    ended = [Remove(kind=Kind.CONTRACT_TERMS, key=one.key, expected=one.version) for one in seen]
    instead = Create(
        kind=Kind.CONTRACT_TERMS, mark="t:new", fields={"title": "New", "account": account, "opportunity": sales[2]}
    )
    assert {one.result for one in company.driver.run(crm.write([instead, *ended]))} == {Result.DONE}
    assert [company.row("Opportunity", sales[place])["Terms_Title__c"] for place in (0, 2)] == [None, "New"]
    assert [row["Shown__c"] for row in company.data.rows["Contract"].values() if not row["IsDeleted"]] == ["New"]


def test_terms_whose_opportunity_somebody_is_writing_are_no_dead_letter_and_come_later() -> None:
    company, crm = with_terms_on_opportunities()
    company.joined = join(crm, company.clm, MemoryJournal(), AS_OF)
    sale = company.won(company.add("Account", Name="Durand"))
    company.data.busy[sale] = 99
    _ = company.settle()
    assert not company.data.rows["Contract"]
    company.data.busy[sale] = 0
    assert company.settle().settled
    assert company.row("Opportunity", sale)["Terms_Title__c"] == "Maintenance 2027"
    ((terms,), (contract,)) = company.data.rows["Contract"].values(), company.clm.changes(Kind.CONTRACT, None).seen
    assert terms["Shown__c"] == "Maintenance 2027"
    _ = company.clm.edit(Kind.CONTRACT, contract.key, {"title": "Another"})
    company.data.busy[sale] = 99
    _ = company.settle()
    assert company.row("Opportunity", sale)["Terms_Title__c"] == "Maintenance 2027"
    company.data.busy[sale] = 0
    assert company.settle().settled
    assert (company.row("Opportunity", sale)["Terms_Title__c"], terms["Shown__c"]) == ("Another", "Another")


def test_an_edit_there_and_an_edit_here_are_a_conflict_and_nothing_is_overwritten() -> None:
    company = Company(Precondition.ROW)
    account = company.add("Account", Name="Moreau", Website="https://moreau.example")
    assert company.settle().settled
    (mine,) = company.clm.changes(Kind.ACCOUNT, None).seen
    _ = company.clm.edit(Kind.ACCOUNT, mine.key, {"website": "https://here.example"})
    company.data.pass_time()
    company.data.update("Account", account, {"Website": "https://there.example"})
    _ = company.settle()
    shown = {
        company.row("Account", account)["Website"],
        company.clm.read(Kind.ACCOUNT, [mine.key])[0].fields["website"],
    }
    assert shown <= {"https://here.example", "https://there.example"}
