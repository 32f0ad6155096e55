"""Every field of an object goes from Salesforce into our record and back unchanged; what is left out is documented."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from salesforce_suite import NEW, ORG, ORIGIN, crm_of, driver_of, fake_org

from clmcrm.adapters.salesforce.crm import SalesforceCrm
from clmcrm.adapters.salesforce.kinds import BOOKKEEPING, FORMS, kinds_of
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.ports.records import Json, Kind, Update
from clmcrm.testing.vendors.salesforce.answering import FakeSalesforce
from clmcrm.testing.vendors.salesforce.data import CUSTOM, OrgData
from clmcrm.testing.vendors.salesforce.objects import FieldSaid
from clmcrm.testing.vendors.salesforce.querying import written
from clmcrm.testing.vendors.serving import InProcess

NEEDED: dict[str, dict[str, str]] = {Kind.OPPORTUNITY: NEW}
KINDS: dict[str, str] = {Kind.ACCOUNT: "Account", Kind.CONTACT: "Contact", Kind.OPPORTUNITY: "Opportunity"}
OWN = {name: f"{said} Own_Text__c:string:80 Own_Number__c:double Own_Day__c:date" for name, said in CUSTOM.items()}


def filled(data: OrgData, one: FieldSaid) -> Any:
    """Some value for a field of that type."""
    values: dict[str, Any] = {
        "boolean": True, "int": 7, "double": 48, "currency": 1250, "percent": 25, "date": "2026-05-07",
        "datetime": "2026-05-07T08:30:00+00:00", "email": "ada@example.org", "url": "https://example.org",
    }  # fmt: skip
    if one.name in ("ParentId", "AccountId"):
        return data.insert("Account", {"Name": "another"})
    if one.name in ("ReportsToId", "ContactId"):
        return data.insert("Contact", {"LastName": "another"})
    if one.type == "reference":
        return "005000000000002AAA"
    special = {"CurrencyIsoCode": "USD", "StageName": "Negotiation/Review", "Type": "Prospect", **NEW}
    return special.get(one.name, values.get(one.type, f"{one.name} x"[: one.length or 40]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_comes_back_unchanged(kind: str) -> None:
    fake = FakeSalesforce(OrgData(multi_currency=True, custom=OWN))
    said = fake.data.objects[KINDS[kind]]
    values = {one.name: filled(fake.data, one) for one in said.fields.values() if one.written and one.type != "address"}
    values.pop("clmcrm_Key__c", None)
    key = fake.data.insert(said.name, values)
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    (seen,) = driver.run(crm.read(kind, [key]))
    assert not seen.unreadable
    before = dict(fake.data.live(said.name, key))
    for name in values:  # emptied, so that only what we write back is there afterwards
        if not said.fields[name].required:
            fake.data.live(said.name, key)[name] = False if said.fields[name].type == "boolean" else None
    kept = {"merged_into", "created_on", "stage_since", "forecast_category", "lines", "contacts", "consents"}
    fields = {name: value for name, value in seen.fields.items() if name not in kept and name != "closed_on"}
    if kind == Kind.CONTACT:
        fields["consents"] = seen.fields["consents"]
    (now,) = driver.run(crm.read(kind, [key]))
    (outcome,) = driver.run(crm.write([Update(kind=kind, key=key, fields=fields, expected=now.version)]))
    assert outcome.ok, outcome.why
    after = fake.data.live(said.name, key)
    lost = {name: (before[name], after[name]) for name in values if before[name] != after[name]}
    assert lost == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_table_is_empty_but_for_what_is_documented(kind: str) -> None:
    fake = fake_org()
    said = fake.data.objects[KINDS[kind]]
    key = fake.data.insert(
        said.name, {"LastName": "A"} if kind == Kind.CONTACT else {"Name": "A", **NEEDED.get(kind, {})}
    )
    row = fake.data.live(said.name, key)
    row.update({one.name: row[one.name] or _any(one) for one in said.fields.values() if one.name != "IsDeleted"})
    (seen,) = driver_of(InProcess(fake, ORIGIN)).run(crm_of().read(kind, [key]))
    assert not seen.unreadable
    mapped = {at for part in kinds_of(ORG)[kind].parts for at in part.reads}
    extras = {one["field"] for one in seen.fields["extras"]}  # type: ignore[index,union-attr,call-overload] # a list
    gathering = {one.name for one in said.fields.values() if one.type not in FORMS}  # their parts are mapped
    assert set(said.fields) - mapped - extras - BOOKKEEPING - {ORG.key_field} - gathering == set()
    page = (Path(__file__).parents[3] / "docs" / "howto" / "connect_salesforce.md").read_text(encoding="utf-8")
    assert [name for name in sorted(BOOKKEEPING) if name not in page] == []


def _any(one: FieldSaid) -> Any:
    values: dict[str, Any] = {"int": 1, "double": 1, "currency": 1, "percent": 1, "date": "2026-05-07"}
    if one.type == "datetime":
        return OrgData().now
    return True if one.type == "boolean" else values.get(one.type, "005000000000002AAA"[: one.length or 18])


def test_a_field_of_the_orgs_own_is_a_home_for_a_canonical_one() -> None:
    own = {**CUSTOM, "Account": f"{CUSTOM['Account']} VAT__c:string:20"}
    fake = FakeSalesforce(OrgData(multi_currency=True, custom=own))
    org = OrgSettings(currency="EUR", multi_currency=True, custom={"account": {"vat_number": "VAT__c"}})
    driver = driver_of(InProcess(fake, ORIGIN))
    crm = type(crm_of())(crm_of().session, org)
    key = fake.data.insert("Account", {"Name": "A"})
    (seen,) = driver.run(crm.read(Kind.ACCOUNT, [key]))
    (outcome,) = driver.run(
        crm.write([Update(kind=Kind.ACCOUNT, key=key, fields={"vat_number": "FR1"}, expected=seen.version)])
    )
    assert outcome.ok
    assert fake.data.live("Account", key)["VAT__c"] == "FR1"
    assert "vat_number" in crm.capabilities.holds["account"]


TYPED = (
    "Active__c:boolean Since__c:date Erased__c:datetime Seats__c:int Rate__c:double Tax__c:string:20 Made__c:string:9!"
)


@pytest.mark.parametrize(
    ("at", "stored", "shown", "other"),
    [
        ("Active__c", True, True, False),
        ("Since__c", "2026-05-07", "2026-05-07", "2026-12-31"),
        ("Erased__c", datetime(2026, 5, 7, 10, tzinfo=UTC), "2026-05-07T10:00:00+00:00", "2026-05-08T10:00:00+00:00"),
        ("Seats__c", 12, 12, 13),
        ("Rate__c", Decimal("1.50"), "1.5", "2.25"),
        ("Tax__c", "FR1", "FR1", "FR2"),
        ("Made__c", "x", "x", None),
    ],
)
def test_a_field_of_the_orgs_own_has_the_form_that_the_org_says(at: str, stored: Any, shown: Json, other: Json) -> None:
    """A checkbox is true or false and a moment an instant, whatever canonical field it is a home for."""
    own = {**CUSTOM, "Account": f"{CUSTOM['Account']} {TYPED}"}
    fake = FakeSalesforce(OrgData(multi_currency=True, custom=own))
    org = OrgSettings(currency="EUR", multi_currency=True, custom={"account": {"vat_number": at}})
    driver, crm = driver_of(InProcess(fake, ORIGIN)), SalesforceCrm(crm_of().session, org)
    key = fake.data.insert("Account", {"Name": "A"})
    fake.data.rows["Account"][key][at] = stored
    (seen,) = driver.run(crm.read(Kind.ACCOUNT, [key]))
    assert (seen.fields["vat_number"], seen.unreadable) == (shown, "")
    change = Update(
        kind=Kind.ACCOUNT, key=key, fields={"vat_number": "y" if other is None else other}, expected=seen.version
    )
    (outcome,) = driver.run(crm.write([change]))
    if other is None:
        assert outcome.why == "vat_number: Salesforce keeps it by itself"
        return
    assert outcome.ok, outcome.why
    (again,) = driver.run(crm.read(Kind.ACCOUNT, [key]))
    assert again.fields["vat_number"] == other


def test_a_field_that_the_user_may_not_see_is_not_shown_and_refused_by_name() -> None:
    fake = fake_org()
    fields = fake.data.objects["Account"].fields
    hidden = fields["Website"]
    del fields["Website"]  # type: ignore[attr-defined] # field-level security
    key = fake.data.insert("Account", {"Name": "A"})
    driver, crm = driver_of(InProcess(fake, ORIGIN)), crm_of()
    (seen,) = driver.run(crm.read(Kind.ACCOUNT, [key]))
    assert "website" not in seen.fields
    (outcome,) = driver.run(
        crm.write([Update(kind=Kind.ACCOUNT, key=key, fields={"website": "x"}, expected=seen.version)])
    )
    assert "website" in outcome.why
    assert hidden.name in outcome.why
    assert written(None) is None
