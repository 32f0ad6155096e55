"""Accounts, contacts, units and users refuse what they cannot hold, and say what would be right."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest

from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account, AccountKind
from clmcrm.parties.addresses import Address
from clmcrm.parties.contacts import Channel, Consent, Contact, PersonRole, Phone, may_contact
from clmcrm.parties.org_units import OrgUnit
from clmcrm.parties.users import User
from clmcrm.values.ids import AccountId, ContactId, Ref

ACCOUNT: dict[str, Any] = {"id": "a1", "name": "Durand"}
CONTACT: dict[str, Any] = {"id": "c1", "name": "Ada Byron"}
UNIT: dict[str, Any] = {"id": "u1", "name": "Sales"}
USER: dict[str, Any] = {"id": "s1", "name": "Sam"}


@pytest.mark.parametrize(
    ("record", "good", "field", "bad"),
    [
        (Account, ACCOUNT, "id", ""),
        (Account, ACCOUNT, "name", "  "),
        (Account, ACCOUNT, "kind", "customer"),
        (Account, ACCOUNT, "email", "no address"),
        (Account, ACCOUNT, "email", "two@signs@example.org"),
        (Account, ACCOUNT, "country", "France"),
        (Account, ACCOUNT, "country", "fr"),
        (Account, ACCOUNT, "language", "french, mostly"),
        (Account, ACCOUNT, "employees", -1),
        (Account, ACCOUNT, "employees", True),
        (Account, ACCOUNT, "revenue", 1000),
        (Account, ACCOUNT, "parent", "a1"),
        (Account, ACCOUNT, "merged_into", "a1"),
        (Account, ACCOUNT, "billing_address", "12 rue Bleue"),
        (Account, ACCOUNT, "created_on", datetime(2026, 1, 1, tzinfo=UTC)),
        (Account, ACCOUNT, "tags", ["a list"]),
        (Account, ACCOUNT, "active", 1),
        (Contact, CONTACT, "name", ""),
        (Contact, CONTACT, "emails", ("ada",)),
        (Contact, CONTACT, "phones", ("+33 1",)),
        (Contact, CONTACT, "consents", (True,)),
        (Contact, CONTACT, "reports_to", "c1"),
        (Contact, CONTACT, "merged_into", "c1"),
        (OrgUnit, UNIT, "parent", "u1"),
        (OrgUnit, UNIT, "kind", "team"),
        (User, USER, "manager", "s1"),
        (User, USER, "email", "sam"),
        (User, USER, "active", None),
    ],
)
def test_a_bad_value_is_refused_with_its_field(record: type, good: dict[str, Any], field: str, bad: object) -> None:
    assert record(**good)
    with pytest.raises(InvalidRecord) as refusal:
        record(**{**good, field: bad})
    assert refusal.value.field == field
    assert refusal.value.expected


def test_an_unlisted_currency_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="ISO 4217"):
        Account(**ACCOUNT, currency="EURO")


def test_a_contact_without_any_name_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="whole name"):
        Contact(id=ContactId("c1"), emails=("ada@example.org",))


def test_the_whole_name_of_the_source_wins_over_its_parts() -> None:
    person = Contact(id=ContactId("c"), name="Countess Lovelace", given_name="Ada", family_name="King")
    assert person.full_name == "Countess Lovelace"
    assert Contact(id=ContactId("c"), family_name="King").full_name == "King"


@pytest.mark.parametrize("record", [Account, Address, Contact, Consent, PersonRole, Phone, OrgUnit, User])
def test_annotations_can_be_read_at_run_time(record: type[attrs.AttrsInstance]) -> None:
    assert attrs.resolve_types(record) is record
    assert not any(isinstance(attribute.type, str) for attribute in attrs.fields(record))


def test_records_carry_other_systems_keys() -> None:
    account = Account(id=AccountId("a"), name="D", kind=AccountKind.CUSTOMER, refs=(Ref("hubspot", "companies", "7"),))
    found = account.ref("hubspot")
    assert found is not None
    assert found.key == "7"
    assert account.ref("salesforce") is None


EMAIL_YES = Consent(channel=Channel.EMAIL, given=True, purpose="newsletter", on=date(2026, 1, 1))
EMAIL_NO = Consent(channel=Channel.EMAIL, given=False)


@pytest.mark.parametrize(
    ("consents", "purpose", "expected"),
    [
        ((), "newsletter", None),
        ((EMAIL_YES,), "newsletter", True),
        ((EMAIL_YES,), "survey", None),
        ((EMAIL_YES,), None, None),
        ((EMAIL_NO,), "newsletter", False),
        ((EMAIL_YES, EMAIL_NO), "newsletter", False),
    ],
)
def test_consent_is_never_assumed_and_refusal_prevails(
    consents: tuple[Consent, ...], purpose: str | None, expected: bool | None
) -> None:
    person = Contact(**CONTACT, consents=consents)
    assert may_contact(person, Channel.EMAIL, purpose) is expected


def test_an_address_shows_only_what_is_stated() -> None:
    assert str(Address()) == ""
    assert str(Address(city="Paris", country_name="la France")) == "Paris, la France"
