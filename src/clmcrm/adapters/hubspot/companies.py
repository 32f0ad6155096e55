"""Accounts as HubSpot keeps them: companies.

| canonical field | property |
| --- | --- |
| `name`, `website`, `phone`, `industry`, `description` | name, website, phone, industry, description |
| `kind`, `kind_raw` | type |
| `employees`, `revenue` | numberofemployees, annualrevenue (in the account's own currency) |
| `billing_address` | address, address2, city, state, zip, country |
| `owner` | hubspot_owner_id |
| `parent` | the association child to parent company |
| `created_on` | createdate, the day in the account's time zone |

A company has no legal name, register number or tax number unless the account keeps properties for them.
"""

from __future__ import annotations

from typing import Final, cast

from clmcrm.adapters.field_forms import unkept_address
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import (
    EMPTY,
    Properties,
    Sent,
    Unwritable,
    amount,
    day_there,
    sent_amount,
    sent_count,
    sent_list,
    sent_object,
    sent_text,
    text,
    whole,
)
from clmcrm.parties.accounts import AccountKind
from clmcrm.ports.records import Fields, Json

OBJECT: Final = "companies"
MODIFIED: Final = "hs_lastmodifieddate"

TEXTS: Final = {
    "name": "name",
    "website": "website",
    "phone": "phone",
    "industry": "industry",
    "description": "description",
    "owner": "hubspot_owner_id",
}
"""Canonical fields that are one text property each."""

KINDS: Final = {
    "PROSPECT": AccountKind.PROSPECT,
    "PARTNER": AccountKind.PARTNER,
    "RESELLER": AccountKind.RESELLER,
    "VENDOR": AccountKind.SUPPLIER,
    "OTHER": AccountKind.OTHER,
}
"""Every standard value of `type`; an account's own values are kept verbatim as `kind_raw`."""

RAW_KINDS: Final = {kind: raw for raw, kind in KINDS.items()}

STREET: Final = ("address", "address2")
PLACES: Final = {"city": "city", "region": "state", "postal_code": "zip", "country": "country"}
ADDRESS: Final = (*STREET, *PLACES.values())

MAPPED: Final = (*TEXTS.values(), "type", "numberofemployees", "annualrevenue", *ADDRESS, "createdate")
CARRIED: Final = (
    "domain", "about_us", "founded_year", "is_public", "lifecyclestage", "hs_lead_status", "timezone",
    "total_money_raised", "web_technologies", "closedate", "facebook_company_page", "googleplus_page",
    "linkedin_company_page", "linkedinbio", "twitterhandle", "twitterbio", "twitterfollowers",
    "facebookfans", "hs_ideal_customer_profile", "hs_logo_url", "hs_quick_context",
)  # fmt: skip
"""Standard properties without a canonical home: shown in `extras`, and written back from there."""

WRITABLE: Final = frozenset({*TEXTS, "kind", "kind_raw", "employees", "revenue", "billing_address", "parent", "extras"})

_CODE: Final = 2


def shown(properties: Properties, portal: Portal) -> dict[str, Json]:
    """The canonical fields, empty ones as None; raises `ValueError` for a value that nobody can read."""
    fields: dict[str, Json] = {name: text(properties, raw) for name, raw in TEXTS.items()}
    fields["name"] = fields["name"] or text(properties, "domain") or "(no name)"
    raw = text(properties, "type")
    fields["kind_raw"] = raw
    fields["kind"] = None if raw is None or raw not in KINDS else KINDS[raw].value
    count, turnover = text(properties, "numberofemployees"), text(properties, "annualrevenue")
    fields["employees"] = None if count is None else whole(count)
    fields["revenue"] = None if turnover is None or not portal.currency else amount(turnover, portal.currency)
    fields["billing_address"] = address_shown(properties)
    created = text(properties, "createdate")
    fields["created_on"] = None if created is None else day_there(created, portal.zone)
    return fields


def changed(fields: Fields, portal: Portal) -> Sent:
    """The properties to write so that the company shows `fields`; raises `Unwritable` for what it cannot."""
    sent: Sent = {}
    for name, value in fields.items():
        raw = TEXTS.get(name)
        if raw is not None:
            sent[raw] = sent_text(value, name)
        elif name == "employees":
            sent["numberofemployees"] = sent_count(value, name)
        elif name == "revenue":
            sent["annualrevenue"] = _turnover(value, portal)
        elif name == "billing_address":
            sent.update(address_sent(value, name))
        elif name in ("kind", "kind_raw"):
            sent["type"] = _kind(fields)
    return sent


def address_shown(properties: Properties) -> dict[str, Json] | None:
    """The address in parts; None when none of them is stated."""
    lines = [line for name in STREET for line in str(properties.get(name) or "").splitlines() if line.strip()]
    found: dict[str, Json] = {"lines": cast("Json", lines)} if lines else {}
    for part, name in PLACES.items():
        value = text(properties, name)
        if value is not None:
            is_code = part == "country" and len(value) == _CODE and value.isascii() and value.isalpha()
            known = part != "country" or (is_code and value.isupper())
            found[part if known else "country_name"] = value
    return found or None


def address_sent(value: Json, name: str) -> Sent:
    """The properties of an address, the empty ones too: an address is written whole."""
    told = sent_object(value, name)
    lines = [sent_text(line, f"{name}.lines") for line in sent_list(told.get("lines"), f"{name}.lines")]
    sent = {"address": lines[0] if lines else EMPTY, "address2": "\n".join(lines[1:])}
    bent = unkept_address(told)
    if bent is not None:
        raise Unwritable(f"{name}: {bent}")
    for part, raw in PLACES.items():
        told_part = told.get(part) if part != "country" else told.get("country") or told.get("country_name")
        sent[raw] = sent_text(told_part, f"{name}.{part}")
    return sent


def _turnover(value: Json, portal: Portal) -> str:
    said, code = sent_amount(value, "revenue")
    if code is not None and code != portal.currency:
        raise Unwritable(f"revenue is in {code}; HubSpot keeps it in the account's own currency, {portal.currency}")
    return said


def _kind(fields: Fields) -> str:
    """The type to write: the verbatim word where both are given, for the kind only says what it means."""
    if fields.get("kind_raw"):
        return sent_text(fields["kind_raw"], "kind_raw")
    value = sent_text(fields.get("kind"), "kind")
    raw = RAW_KINDS.get(AccountKind(value)) if value in _KIND_VALUES else None
    if value and raw is None:
        raise Unwritable(f"kind is {value!r}; a company's type has no such value")
    return raw or EMPTY


_KIND_VALUES: Final = frozenset(kind.value for kind in AccountKind)
