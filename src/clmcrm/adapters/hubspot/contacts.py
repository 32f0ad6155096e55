"""Contacts as HubSpot keeps them.

| canonical field | property |
| --- | --- |
| `given_name`, `family_name`, `salutation`, `job_title` | firstname, lastname, salutation, jobtitle |
| `emails` | email, then hs_additional_emails (which HubSpot adds by itself) |
| `phones` | phone (office), mobilephone, fax |
| `address` | address, city, state, zip, country |
| `language`, `owner` | hs_language, hubspot_owner_id |
| `consents` | hs_email_optout |
| `account` | the association to the primary company |
| `name` | the address, for a contact that has no name |
| `created_on` | createdate, the day in the account's time zone |
"""

from __future__ import annotations

from typing import Final, cast

from clmcrm.adapters.contact_fields import phone_shown
from clmcrm.adapters.hubspot.companies import PLACES, address_sent, address_shown
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import (
    EMPTY,
    Properties,
    Sent,
    Unwritable,
    day_there,
    sent_list,
    sent_object,
    sent_text,
    text,
)
from clmcrm.adapters.trees import list_in, tree_in
from clmcrm.parties.contacts import PhoneKind
from clmcrm.ports.records import Fields, Json

OBJECT: Final = "contacts"
MODIFIED: Final = "lastmodifieddate"
"""Contacts have a name of their own for it; a search for the other one silently finds nothing."""

TEXTS: Final = {
    "given_name": "firstname",
    "family_name": "lastname",
    "salutation": "salutation",
    "job_title": "jobtitle",
    "language": "hs_language",
    "owner": "hubspot_owner_id",
}
PHONES: Final = {
    PhoneKind.OFFICE.value: "phone",
    PhoneKind.MOBILE.value: "mobilephone",
    PhoneKind.FAX.value: "fax",
}
MAPPED: Final = (
    *TEXTS.values(), "email", "hs_additional_emails", *PHONES.values(), "address", *PLACES.values(), "hs_email_optout",
    "createdate",
)  # fmt: skip
CARRIED: Final = (
    "company", "website", "lifecyclestage", "hs_lead_status", "industry", "annualrevenue", "numemployees",
    "date_of_birth", "gender", "marital_status", "military_status", "degree", "field_of_study", "graduation_date",
    "school", "seniority", "start_date", "relationship_status", "work_email", "twitterhandle", "hs_persona",
    "hs_buying_role", "hs_legal_basis", "hs_timezone", "hs_linkedin_url", "job_function", "message", "company_size",
)  # fmt: skip
"""Standard properties without a canonical home: shown in `extras`, and written back from there."""

WRITABLE: Final = frozenset({*TEXTS, "emails", "phones", "address", "account", "extras"})


def shown(properties: Properties, portal: Portal) -> dict[str, Json]:
    """The canonical fields, empty ones as None; raises `ValueError` for a value that nobody can read."""
    fields: dict[str, Json] = {name: text(properties, raw) for name, raw in TEXTS.items()}
    first, others = text(properties, "email"), text(properties, "hs_additional_emails")
    emails = [*([first] if first else []), *(others.split(";") if others else [])]
    fields["emails"] = cast("Json", [one for one in dict.fromkeys(emails) if one])
    phones = [(kind, text(properties, raw)) for kind, raw in PHONES.items()]
    fields["phones"] = [phone_shown(said, kind) for kind, said in phones if said is not None]
    fields["address"] = address_shown({**properties, "address2": None})
    if fields["given_name"] is None and fields["family_name"] is None:
        fields["name"] = first or "(no name)"
    refused = text(properties, "hs_email_optout")
    fields["consents"] = [{"channel": "email", "given": False}] if refused == "true" else []
    created = text(properties, "createdate")
    fields["created_on"] = None if created is None else day_there(created, portal.zone)
    return fields


def changed(fields: Fields, portal: Portal) -> Sent:
    """The properties to write so that the contact shows `fields`; raises `Unwritable` for what it cannot."""
    del portal
    sent: Sent = {}
    for name, value in fields.items():
        raw = TEXTS.get(name)
        if raw is not None:
            sent[raw] = value if type(value) is str and value.isascii() else sent_text(value, name)
        elif name == "emails":
            sent["email"] = _email(value)
        elif name == "phones":
            sent.update(_phones(value))
        elif name == "address":
            sent.update(_address(value))
    return sent


def _email(value: Json) -> str:
    emails = sent_list(value, "emails")
    if len(emails) > 1:
        raise Unwritable(
            f"emails has {len(emails)} addresses; HubSpot adds further ones by itself, only one is written"
        )
    return sent_text(emails[0], "emails") if emails else EMPTY


def _phones(value: Json) -> Sent:
    sent: Sent = dict.fromkeys(PHONES.values(), EMPTY)
    for phone in sent_list(value, "phones"):
        told = sent_object(phone, "phones")
        raw = PHONES.get(str(told.get("kind") or PhoneKind.OFFICE.value))
        if raw is None or sent[raw]:
            raise Unwritable(f"phones: {phone!r} has no place; a contact has one of each: {', '.join(PHONES)}")
        if told.get("number") is None:
            raise Unwritable(f"phones has {phone!r}; expected a number")
        sent[raw] = sent_text(told["number"], "phones.number")
    return sent


def _address(value: Json) -> Sent:
    sent = address_sent(value, "address")
    if sent.pop("address2"):
        sent["address"] = "\n".join(str(line) for line in list_in(tree_in(value).get("lines")))
    return sent
