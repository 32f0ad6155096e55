"""Every column of a table goes from Dataverse into our record and back unchanged; what is left out is documented."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dataverse_suite import ORG, ORIGIN, TABLES, crm_of, driver_of

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.adapters.dataverse import accounts, contacts, opportunities
from clmcrm.adapters.dataverse.extras import BOOKKEEPING
from clmcrm.adapters.dataverse.losses import loss_table, losses
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.codec.records import from_fields
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.parties.accounts import AccountKind
from clmcrm.ports.records import Kind, Update
from clmcrm.testing.vendors.dataverse.answering import FakeDataverse
from clmcrm.testing.vendors.dataverse.data import EnvironmentData
from clmcrm.testing.vendors.dataverse.tables import CUSTOM, ColumnSaid, TableSaid
from clmcrm.testing.vendors.serving import InProcess

KINDS = (Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY)
OWN = "own_text:String:80 own_number:Decimal own_day:DateTime:date own_choice:Picklist own_friend:Lookup:contact"
SPECIAL: dict[str, Any] = {
    "statecode": 1, "statuscode": 2, "customertypecode": 7, "salesstage": 2, "address1_country": "FR",
    "closeprobability": 40, "emailaddress1": "ada@example.org", "emailaddress2": "b@example.org",
    "emailaddress3": "c@example.org",
}  # fmt: skip
SALE = {"statecode": 2, "statuscode": 5}
"""Lost, and for another reason than the first one of that state."""


def filled(data: EnvironmentData, one: ColumnSaid) -> Any:
    """Some value for a column of that type."""
    values: dict[str, Any] = {
        "Boolean": True, "Integer": 7, "BigInt": 7, "Picklist": 3, "Decimal": Decimal("2.5"), "Double": Decimal("1.5"),
        "Money": Decimal("1250.75"), "Uniqueidentifier": "00000000-0000-0000-0000-0000000000aa",
        "DateTime": "2026-05-07" if one.day else "2026-05-07T08:30:00Z",
    }  # fmt: skip
    if one.is_lookup:
        target = one.targets[-1]
        if target == "transactioncurrency":
            return target, data.currencies["USD"]
        known = {"account": {"name": "another"}, "contact": {"lastname": "another"}}
        return target, data.insert(target, known[target]) if target in known else f"{7:08x}-0000-0000-0000-{7:012x}"
    return SPECIAL.get(one.name, values.get(one.type, f"{one.name} x"[: one.length or 40]))


def environment(kind: Kind) -> tuple[EnvironmentData, TableSaid]:
    custom = {**CUSTOM, TABLES[kind]: f"{CUSTOM[TABLES[kind]]} {OWN}"}
    data = EnvironmentData(custom=custom)
    return data, data.tables[TABLES[kind]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_comes_back_unchanged(kind: Kind) -> None:
    data, said = environment(kind)
    fake = FakeDataverse(data)
    written = [one for one in said.columns.values() if one.updated and one.of is None and one.type != "Virtual"]
    written = [one for one in written if one.name not in BOOKKEEPING and not one.unique]
    values = {one.name: filled(data, one) for one in written}
    values |= SALE if kind == Kind.OPPORTUNITY else {}
    key = data.insert(said.name, {"name": "first"} if kind != Kind.CONTACT else {"lastname": "first"})
    data.update(said.name, key, values)
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    (seen,) = driver.run(crm.read(kind, [key]))
    assert not seen.unreadable
    _ = from_fields(RECORDS[kind], {**{n: v for n, v in seen.fields.items() if v is not None}, "id": key})
    row = data.live(said.name, key)
    before = dict(row)
    for one in written:  # emptied, so that only what we write back is there afterwards
        if one.name not in ("statecode", "statuscode"):
            row[one.name] = False if one.type == "Boolean" else None
    row.update(statecode=0, statuscode=1)
    fields = {name: value for name, value in seen.fields.items() if name not in losses(kind, ORG)}
    (now,) = driver.run(crm.read(kind, [key]))
    (outcome,) = driver.run(crm.write([Update(kind=kind, key=key, fields=fields, expected=now.version)]))
    assert outcome.ok, outcome.why
    after = data.live(said.name, key)
    assert {name: (before[name], after[name]) for name in values if before[name] != after[name]} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_table_is_empty_but_for_what_is_documented(kind: Kind) -> None:
    """Of the columns that can be read each is mapped, among the extras, or named as kept by Dataverse for itself."""
    data, said = environment(kind)
    driver, crm = driver_of(InProcess(FakeDataverse(data), ORIGIN)), crm_of()
    held = driver.run(crm.reader.held(kind))
    homes = {at for part in held.parts for at in part.columns}
    readable = {one.name for one in said.columns.values() if one.of is None and one.type != "Virtual"}
    bases = {name for name in readable if name.endswith("_base")}
    assert readable - homes - BOOKKEEPING - bases - {ORG.key, said.id} == set()


def test_the_page_names_every_loss() -> None:
    page = Path(__file__).parents[3] / "docs" / "howto" / "connect_dataverse.md"
    assert loss_table(ORG) in page.read_text(encoding="utf-8")


def test_the_tables_are_total_over_dataverses_own_options() -> None:
    assert set(accounts.KINDS) == set(range(1, 13))
    assert set(accounts.KINDS.values()) <= {one.value for one in AccountKind}
    assert set(accounts.INDUSTRIES) == set(range(1, 34))
    assert set(opportunities.STAGES) == set(range(4))
    assert set(opportunities.STAGES.values()) <= {one.value for one in OpportunityStage}
    assert len(contacts.PHONES) == 5


@pytest.mark.parametrize(
    ("state", "status", "stage", "word"),
    [(0, 1, None, "open"), (0, 1, 1, "discovery"), (0, 2, 1, "on hold"), (1, 3, 3, "won"), (2, 4, None, "lost"),
     (2, 5, 0, "lost"), (0, 1, 77, "open"), (9, 9, None, "unknown")],
)  # fmt: skip
def test_a_stage_is_read_from_state_status_and_stage(state: int, status: int, stage: int | None, word: str) -> None:
    data = EnvironmentData()
    key = data.insert("opportunity", {"name": "S"})
    data.live("opportunity", key).update(statecode=state, statuscode=status, salesstage=stage)
    (seen,) = driver_of(InProcess(FakeDataverse(data), ORIGIN)).run(crm_of().read(Kind.OPPORTUNITY, [key]))
    raw = f"{state}/{status}/{'' if stage is None else stage}"
    assert (seen.fields["stage"], seen.fields["stage_raw"]) == (word, raw)


def test_an_unknown_option_is_kept_beside_the_canonical_word() -> None:
    data = EnvironmentData()
    key = data.insert("account", {"name": "A", "customertypecode": 100_000_001, "industrycode": 100_000_002})
    (seen,) = driver_of(InProcess(FakeDataverse(data), ORIGIN)).run(crm_of().read(Kind.ACCOUNT, [key]))
    assert (seen.fields["kind"], seen.fields["kind_raw"]) == ("other", "100000001")
    assert seen.fields["industry"] == "100000002"


def test_a_column_of_the_orgs_own_is_a_home_for_a_canonical_field() -> None:
    fake = FakeDataverse(EnvironmentData(custom={**CUSTOM, "account": f"{CUSTOM['account']} acme_vat:String:20"}))
    org = OrgSettings(currency="EUR", custom={"account": {"vat_number": "acme_vat"}})
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of(org)
    key = fake.data.insert("account", {"name": "A"})
    (seen,) = driver.run(crm.read(Kind.ACCOUNT, [key]))
    write = Update(kind=Kind.ACCOUNT, key=key, fields={"vat_number": "FR1"}, expected=seen.version)
    (outcome,) = driver.run(crm.write([write]))
    assert outcome.ok
    assert fake.data.live("account", key)["acme_vat"] == "FR1"
    assert "vat_number" in crm.capabilities.holds["account"]


def test_a_column_that_the_user_may_not_see_is_not_shown_and_refused_by_name() -> None:
    fake = FakeDataverse()
    del fake.data.tables["account"].columns["websiteurl"]  # type: ignore[attr-defined] # column security
    key = fake.data.insert("account", {"name": "A"})
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    (seen,) = driver.run(crm.read(Kind.ACCOUNT, [key]))
    assert "website" not in seen.fields
    write = Update(kind=Kind.ACCOUNT, key=key, fields={"website": "x"}, expected=seen.version)
    (outcome,) = driver.run(crm.write([write]))
    assert "website" in outcome.why


def test_a_contact_of_a_contact_has_no_account_and_keeps_its_parent() -> None:
    data = EnvironmentData()
    parent = data.insert("contact", {"lastname": "Parent"})
    key = data.insert("contact", {"lastname": "Child", "parentcustomerid": ("contact", parent)})
    (seen,) = driver_of(InProcess(FakeDataverse(data), ORIGIN)).run(crm_of().read(Kind.CONTACT, [key]))
    assert seen.fields["account"] is None
    extras = {one["field"]: one["raw"] for one in seen.fields["extras"]}  # type: ignore[index,union-attr,call-overload] # a list
    assert extras["parentcustomerid"] == f"contact/{parent}"


def test_without_extras_only_mapped_columns_are_asked_for() -> None:
    fake = FakeDataverse()
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of(OrgSettings(currency="EUR", extras=False))
    key = fake.data.insert("account", {"name": "A", "fax": "1", "revenue": Decimal(5)})
    (seen,) = driver.run(crm.read(Kind.ACCOUNT, [key]))
    assert "extras" not in seen.fields
    assert seen.fields["revenue"] == {"amount": "5.00", "currency": "EUR"}
    asked = fake.asked[-1].body.decode()
    assert "fax" not in asked
    assert "accountid,clmcrm_key,modifiedon" in asked
