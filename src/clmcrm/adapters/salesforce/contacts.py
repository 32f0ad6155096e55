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
    found: list[Json] = []
    for kind, at in PHONES.items():
        number = shown_value(at, "text", row.get(at))
        if number is not None:
            found.append({"number": number} if kind == PhoneKind.OFFICE else {"number": number, "kind": kind})
    return {"phones": found}


def _phones_sent(fields: Fields, org: OrgSettings) -> dict[str, Any]:
    del org
    made: dict[str, Any] = dict.fromkeys(PHONES.values())
    given = fields["phones"] or []
    if not isinstance(given, list):
        raise Misfit("phones", "are no list")
    for one in given:
        number = one.get("number") if isinstance(one, dict) else None
        kind = one.get("kind") or PhoneKind.OFFICE.value if isinstance(one, dict) else ""
        at = PHONES.get(str(kind))
        if at is None or number is None:
            raise Misfit("phones", f"{one!r} is no number of a known kind"[:200])
        if made[at] is not None:
            raise Misfit("phones", f"hold two numbers of the kind {kind}; a contact of Salesforce has one")
        made[at] = sent_value("phones", "text", number)
    return made


def _consents(row: Row, org: OrgSettings) -> dict[str, Json]:
    del org
    refused = [channel for channel, at in REFUSALS.items() if shown_value(at, "flag", row.get(at)) is True]
    return {"consents": [{"channel": channel, "given": False} for channel in refused]}


def _consents_sent(fields: Fields, org: OrgSettings) -> dict[str, Any]:
    del org
    made: dict[str, Any] = dict.fromkeys(REFUSALS.values(), False)
    given = fields["consents"] or []
    for one in given if isinstance(given, list) else [given]:
        told = one if isinstance(one, dict) else {}
        at = REFUSALS.get(str(told.get("channel")))
        if at is None or told.get("given") is not False or told.keys() - {"channel", "given"}:
            raise Misfit("consents", f"{one!r} has no place; Salesforce keeps refusals of mail, fax and calls"[:200])
        made[at] = True
    return made
