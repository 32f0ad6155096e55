"""Contacts as Salesforce keeps them: the object Contact.

| canonical field | in `Contact` |
| --- | --- |
| `given_name`, `family_name`, `salutation` | FirstName, LastName (never empty), Salutation |
| `job_title`, `department`, `description` | Title, Department, Description |
| `account`, `reports_to`, `owner`, `lead_source` | AccountId, ReportsToId, OwnerId, LeadSource |
| `emails` | Email: one; a second one is refused |
| `phones` | Phone, MobilePhone, HomePhone, Fax, OtherPhone: one of each kind |
| `address` | the five fields Mailing... |
| `consents` | HasOptedOutOfEmail, HasOptedOutOfFax, DoNotCall: refusals; a consent has no place |
| `created_on` | the day of CreatedDate in UTC: kept by Salesforce |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from clmcrm.adapters.contact_fields import consents_sent, consents_shown, phones_sent, phones_shown
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import sent_value, shown_value, texts
from clmcrm.adapters.salesforce.addresses import AddressPart
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.parts import Column, Part, PartOf
from clmcrm.parties.contacts import Channel, PhoneKind
from clmcrm.ports.records import Fields, Json

OBJECT: Final = "Contact"
PHONES: Final = {
    PhoneKind.OFFICE.value: "Phone",
    PhoneKind.MOBILE.value: "MobilePhone",
    PhoneKind.HOME.value: "HomePhone",
    PhoneKind.FAX.value: "Fax",
    PhoneKind.OTHER.value: "OtherPhone",
}
REFUSALS: Final = {
    Channel.EMAIL.value: "HasOptedOutOfEmail",
    Channel.FAX.value: "HasOptedOutOfFax",
    Channel.PHONE.value: "DoNotCall",
}
Row = Mapping[str, Any]


def contact_parts(org: OrgSettings) -> tuple[Part, ...]:
    """The parts of a contact in that org."""
    return (
        Column(name="given_name", at="FirstName"),
        Column(name="family_name", at="LastName"),
        Column(name="salutation", at="Salutation"),
        Column(name="job_title", at="Title"),
        Column(name="department", at="Department"),
        Column(name="description", at="Description", form="long"),
        Column(name="account", at="AccountId", form="key"),
        Column(name="reports_to", at="ReportsToId", form="key"),
        Column(name="owner", at="OwnerId", form="key"),
        Column(name="lead_source", at="LeadSource"),
        Column(name="created_on", at="CreatedDate", form="day", written=False),
        PartOf(names=("emails",), reads=("Email",), show=_emails, send=_emails_sent),
        PartOf(names=("phones",), reads=tuple(PHONES.values()), show=_phones, send=_phones_sent),
        PartOf(names=("consents",), reads=tuple(REFUSALS.values()), show=_consents, send=_consents_sent),
        AddressPart(name="address", prefix="Mailing", codes=org.country_codes),
    )


def _emails(row: Row, org: OrgSettings) -> dict[str, Json]:
    del org
    value = shown_value("Email", "text", row.get("Email"))
    return {"emails": [] if value is None else [value]}


def _emails_sent(fields: Fields, org: OrgSettings) -> dict[str, Any]:
    del org
    given = texts("emails", fields["emails"])
    if len(given) > 1:
        raise Misfit("emails", f"are {len(given)}; a contact of Salesforce has one")
    return {"Email": sent_value("emails", "text", given[0]) if given else None}


def _phones(row: Row, org: OrgSettings) -> dict[str, Json]:
    del org
    return phones_shown(row, PHONES)


def _phones_sent(fields: Fields, org: OrgSettings) -> dict[str, Any]:
    del org
    return phones_sent(fields["phones"], PHONES, "Salesforce")


def _consents(row: Row, org: OrgSettings) -> dict[str, Json]:
    del org
    return consents_shown(row, REFUSALS)


def _consents_sent(fields: Fields, org: OrgSettings) -> dict[str, Any]:
    del org
    return consents_sent(fields["consents"], REFUSALS, "Salesforce keeps refusals of mail, fax and calls")
