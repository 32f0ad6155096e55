"""The main job end to end: a sale won in Dynamics becomes a contract, its terms come back, twice is once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from dataverse_suite import ORG, ORIGIN, crm_of, driver_of

from clmcrm.adapters.dataverse.crm import DataverseCrm
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.embedded import EmbeddedClm
from clmcrm.clm.contract import Contract
from clmcrm.codec.records import from_fields
from clmcrm.drivers.driver import Driver
from clmcrm.errors import TransientError
from clmcrm.liaison.main_job import Joined, Run, carry_out_flow, join
from clmcrm.liaison.views import stated
from clmcrm.ports.records import Create, Kind, Remove, Result, Update
from clmcrm.store.memory import MemoryJournal
from clmcrm.testing.vendors.dataverse.answering import FakeDataverse
from clmcrm.testing.vendors.dataverse.data import EnvironmentData
from clmcrm.testing.vendors.dataverse.guarded import JudgedEnvironment, judged
from clmcrm.testing.vendors.dataverse.tables import CUSTOM
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.testing.ways import now

AS_OF = date(2026, 12, 1)


class Company:
    """A company with Dynamics on one side and our own CLM on the other."""

    def __init__(self, org: OrgSettings = ORG, data: EnvironmentData | None = None) -> None:
        self.judge: JudgedEnvironment = judged(FakeDataverse(data))
        self.data: EnvironmentData = self.judge.fake.data
        self.driver: Driver = driver_of(InProcess(self.judge if data is None else self.judge.fake, ORIGIN))
        self.crm: DataverseCrm = crm_of(org)
        self.clm = EmbeddedClm(":memory:")
        self.joined: Joined = join(self.crm, self.clm, MemoryJournal(), AS_OF)

    def settle(self) -> Run:
        self.data.pass_time(timedelta(minutes=5))
        run = self.driver.run(carry_out_flow(self.joined, clock=now))
        assert not self.judge.refused, self.judge.refused[0]
        return run

    def add(self, table: str, **values: Any) -> str:
        self.data.pass_time()
        return self.data.insert(table, values)

    def won(self, account: str) -> str:
        sale = self.add(
            "opportunity", name="Maintenance 2027", parentaccountid=("account", account), salesstage=3,
            estimatedclosedate="2026-11-20",
        )  # fmt: skip
        product = self.add("product", name="maintenance")
        of = ("opportunity", sale)
        _ = self.add(
            "opportunityproduct", opportunityid=of, productid=("product", product), quantity=Decimal(12),
            priceperunit=Decimal("99.50"), sequencenumber=1,
        )  # fmt: skip
        _ = self.add(
            "opportunityproduct", opportunityid=of, quantity=Decimal("1.5"), priceperunit=Decimal(400),
            productdescription="set-up", sequencenumber=2,
        )  # fmt: skip
        self.data.update("opportunity", sale, {"statecode": 1, "statuscode": 3, "actualclosedate": "2026-11-20"})
        return sale

    def contracts(self) -> list[Contract]:
        seen = self.clm.changes(Kind.CONTRACT, None).seen
        return [from_fields(Contract, {**stated(one.fields), "id": one.key}) for one in seen]

    def row(self, table: str, key: str) -> dict[str, Any]:
        return self.data.rows[table][key]


def test_a_sale_won_there_becomes_a_contract_and_its_terms_come_back() -> None:
    company = Company()
    account = company.add("account", name="Durand", address1_city="Paris")
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
    assert company.row("opportunity", sale)["clmcrm_contract"] == contract.id
    (terms,) = company.data.rows["clmcrm_contractterm"].values()
    assert terms["clmcrm_accountid"] == ("account", account)
    assert "title: Maintenance 2027" in terms["clmcrm_words"]
    versions = company.data.version
    calls = company.judge.fake.calls
    again = company.settle()
    assert (again.written, again.settled) == (0, True)
    assert company.data.version == versions  # nothing was written there
    assert company.judge.fake.calls - calls < 12


def test_fields_travel_both_ways_and_a_merge_and_a_deletion_are_seen() -> None:
    company = Company()
    first, second = company.add("account", name="Petit"), company.add("account", name="Petit SARL", telephone1="01")
    contact = company.add("contact", lastname="Byron", firstname="Ada", parentcustomerid=("account", first))
    assert company.settle().settled
    company.data.update("account", first, {"name": "Petit & Cie"})
    run = company.settle()
    mine = {one.fields["name"]: one for one in company.clm.changes(Kind.ACCOUNT, None).seen if not one.gone}
    assert "Petit & Cie" in mine
    assert run.settled
    company.data.merge("account", second, first)
    company.data.delete("contact", contact)
    _ = company.settle()
    assert company.settle().written == 0


def with_terms_on_opportunities() -> Company:
    own = {
        **CUSTOM,
        "opportunity": f"{CUSTOM['opportunity']} acme_stage:String:40 acme_title:String:255",
        "clmcrm_contractterm": f"{CUSTOM['clmcrm_contractterm']} acme_shown:String:255",
    }
    org = evolve(
        ORG, terms_shown={"title": "acme_shown"}, terms_on_opportunity={"stage": "acme_stage", "title": "acme_title"}
    )
    return Company(org, EnvironmentData(custom=own))


def test_terms_are_not_refused_because_the_environment_takes_no_more_for_now() -> None:
    company = with_terms_on_opportunities()
    account = company.add("account", name="Durand")
    sale = company.won(account)
    write = Create(
        kind=Kind.CONTRACT_TERMS, mark="t", fields={"title": "Other", "account": account, "opportunity": sale}
    )
    for kind in (Kind.OPPORTUNITY, Kind.CONTRACT_TERMS):  # the descriptions of the tables, once
        _ = company.driver.run(company.crm.read(kind, [sale]))
    company.judge.fake.held_back = 1
    with pytest.raises(TransientError, match=f"not shown on opportunity {sale}: 0x80072326"):
        _ = company.driver.run(company.crm.write([write]))
    (outcome,) = company.driver.run(company.crm.write([write]))
    assert outcome.result is Result.DONE
    assert company.row("opportunity", sale)["acme_title"] == "Other"


def test_terms_of_more_opportunities_than_a_batch_takes_are_shown_on_all_of_them() -> None:
    company = with_terms_on_opportunities()
    company.crm = crm_of(company.crm.org, batch_size=2_000)
    account = company.add("account", name="Durand")
    sales = [company.add("opportunity", name=f"N{n}", parentaccountid=("account", account)) for n in range(1_001)]
    writes = [
        Create(kind=Kind.CONTRACT_TERMS, mark=sale, fields={"title": sale, "account": account, "opportunity": sale})
        for sale in sales
    ]
    assert {one.result for one in company.driver.run(company.crm.write(writes))} == {Result.DONE}
    assert all(company.row("opportunity", sale)["acme_title"] == sale for sale in sales)


def test_single_terms_stand_in_columns_of_their_own_where_the_org_wants_them() -> None:
    company = with_terms_on_opportunities()
    sale = company.won(company.add("account", name="Durand"))
    assert company.settle().settled
    row = company.row("opportunity", sale)
    assert (row["acme_stage"], row["acme_title"]) == ("draft", "Maintenance 2027")
    (terms,) = company.data.rows["clmcrm_contractterm"].values()
    assert terms["acme_shown"] == "Maintenance 2027"
    assert company.settle().written == 0
    key = terms["clmcrm_contracttermid"]
    (seen,) = company.driver.run(company.crm.read(Kind.CONTRACT_TERMS, [key]))
    company.data.delete("opportunity", sale)
    change = Update(kind=Kind.CONTRACT_TERMS, key=key, fields={"title": "Other"}, expected=seen.version)
    (outcome,) = company.driver.run(company.crm.write([change]))
    assert outcome.result is Result.REFUSED
    assert f"not shown on opportunity {sale}: 0x80040217" in outcome.why
    assert terms["acme_shown"] == "Maintenance 2027"


def test_terms_that_are_removed_empty_the_columns_of_their_opportunity_and_outlive_it_by_nothing() -> None:
    company = with_terms_on_opportunities()
    account = company.add("account", name="Durand")
    sales = [company.won(account) for _ in range(3)]
    made = [
        Create(
            kind=Kind.CONTRACT_TERMS, mark=f"t:{sale}", fields={"title": "T", "account": account, "opportunity": sale}
        )
        for sale in sales
    ]
    keys = [one.key for one in company.driver.run(company.crm.write(made))]
    company.data.delete("opportunity", sales[1])
    seen = company.driver.run(company.crm.read(Kind.CONTRACT_TERMS, keys))
    ended = [Remove(kind=Kind.CONTRACT_TERMS, key=one.key, expected=one.version) for one in seen]
    instead = Create(
        kind=Kind.CONTRACT_TERMS, mark="t:new", fields={"title": "New", "account": account, "opportunity": sales[2]}
    )
    assert {one.result for one in company.driver.run(company.crm.write([instead, *ended]))} == {Result.DONE}
    assert [company.row("opportunity", sales[place])["acme_title"] for place in (0, 2)] == [None, "New"]
    assert [row["acme_shown"] for row in company.data.rows["clmcrm_contractterm"].values()] == ["New"]


def test_an_edit_there_and_an_edit_here_are_a_conflict_and_nothing_is_overwritten() -> None:
    company = Company()
    account = company.add("account", name="Moreau", websiteurl="https://moreau.example")
    assert company.settle().settled
    (mine,) = company.clm.changes(Kind.ACCOUNT, None).seen
    _ = company.clm.edit(Kind.ACCOUNT, mine.key, {"website": "https://here.example"})
    company.data.pass_time()
    company.data.update("account", account, {"websiteurl": "https://there.example"})
    _ = company.settle()
    shown = {
        company.row("account", account)["websiteurl"],
        company.clm.read(Kind.ACCOUNT, [mine.key])[0].fields["website"],
    }
    assert shown <= {"https://here.example", "https://there.example"}


def test_a_pause_beyond_the_token_reads_everything_anew_and_writes_nothing() -> None:
    company = Company()
    _ = company.won(company.add("account", name="Durand"))
    assert company.settle().settled
    company.data.pass_time(timedelta(days=9))
    run = company.settle()
    assert (run.settled, run.written) == (True, 0)
    assert len(company.contracts()) == 1
