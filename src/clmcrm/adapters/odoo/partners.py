"""Accounts and contacts as Odoo keeps them: both are `res.partner`, a company or a person at one.

| canonical field | in `res.partner` |
| --- | --- |
| `name`, `email`, `phone`, `website` | the fields of that name; a partner that is archived is shown as gone |
| `vat_number`, `registration_number` | vat, company_registry |
| `language` | lang, among the languages that are installed |
| `parent` (account), `account` (contact) | parent_id |
| `owner`, `industry`, `tags` | user_id, industry_id, category_id: shown, not written |
| `billing_address` (account), `address` (contact) | street, street2, zip, city, state_id, country_id |
| `shipping_address` | the first child of type "delivery" |
| `job_title` | function |
| `emails`, `phones` (contact) | email; phone, and mobile up to series 18 |

A partner has no legal name apart from its name, no turnover and no number of employees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from clmcrm.adapters.contact_fields import phone_shown
from clmcrm.adapters.field_forms import ill_formed
from clmcrm.adapters.odoo.codes import Codes
from clmcrm.adapters.odoo.plain import Row, key, named, parts, said, tag_of
from clmcrm.ports.records import Fields, Json

MODEL: Final = "res.partner"
COMPANIES: Final = (["is_company", "=", True], ["ref_company_ids", "=", False])
"""Companies that are none of our own."""
PEOPLE: Final = (["is_company", "=", False], ["type", "=", "contact"], ["partner_share", "=", True])
"""Persons who are no users of this Odoo."""

_ADDRESS: Final[Mapping[str, Any]] = {
    "street": {}, "street2": {}, "zip": {}, "city": {},
    "state_id": {"fields": {"name": {}}}, "country_id": {"fields": {"code": {}}},
}  # fmt: skip
_BOTH: Final[Mapping[str, Any]] = {
    "name": {}, "active": {}, "email": {}, "phone": {}, "mobile": {}, "website": {}, "lang": {}, "parent_id": {},
    "user_id": {}, "category_id": {"fields": {"name": {}}}, "create_date": {}, "write_date": {}, **_ADDRESS,
}  # fmt: skip
COMPANY_SPEC: Final[Mapping[str, Any]] = {
    **_BOTH, "vat": {}, "company_registry": {}, "industry_id": {"fields": {"name": {}}},
    "child_ids": {"fields": {"type": {}, "name": {}, **_ADDRESS}},
}  # fmt: skip
PERSON_SPEC: Final[Mapping[str, Any]] = {**_BOTH, "function": {}}

_TEXTS: Final = {
    "name": "name", "email": "email", "phone": "phone", "website": "website", "vat_number": "vat",
    "registration_number": "company_registry", "job_title": "function",
}  # fmt: skip
_DELIVERY: Final = "delivery"
_STREETS: Final = 2

_PLACE: Final = frozenset(_ADDRESS)
COMPANY_WRITTEN: Final = (
    frozenset(
        {"name", "email", "phone", "website", "vat", "company_registry", "lang", "parent_id", "child_ids", "active"}
    )
    | _PLACE
)
"""The fields of a company that canonical ones are written to; all others that can be written are carried."""
PERSON_WRITTEN: Final = (
    frozenset({"name", "email", "phone", "mobile", "function", "lang", "parent_id", "active"}) | _PLACE
)

ACCOUNT_WRITABLE: Final = frozenset(
    {
        "name", "email", "phone", "website", "vat_number", "registration_number", "language", "parent",
        "billing_address", "shipping_address",
    }
)  # fmt: skip
"""Apart from `extras`."""
ACCOUNT_SHOWN: Final = ACCOUNT_WRITABLE | {"owner", "industry", "tags", "created_on"}
CONTACT_WRITABLE: Final = frozenset({"name", "account", "emails", "phones", "job_title", "language", "address"})
CONTACT_SHOWN: Final = CONTACT_WRITABLE | {"owner", "tags", "created_on"}


def account_fields(row: Row) -> dict[str, Json]:
    """The canonical fields of a company, empty ones as None."""
    delivery = _delivery(row)
    return {
        **_common(row),
        "email": said(row.get("email")),
        "phone": said(row.get("phone")),
        "website": said(row.get("website")),
        "vat_number": said(row.get("vat")),
        "registration_number": said(row.get("company_registry")),
        "industry": named(row, "industry_id"),
        "parent": key(row.get("parent_id")),
        "billing_address": _address(row),
        "shipping_address": None if delivery is None else _address(delivery),
    }


def contact_fields(row: Row) -> dict[str, Json]:
    """The canonical fields of a person, empty ones as None."""
    email = said(row.get("email"))
    numbers = [(said(row.get("phone")), "office"), (said(row.get("mobile")), "mobile")]
    return {
        **_common(row),
        "account": key(row.get("parent_id")),
        "emails": [email] if email else [],
        "phones": [phone_shown(number, kind) for number, kind in numbers if number],
        "job_title": said(row.get("function")),
        "address": _address(row),
    }


def _common(row: Row) -> dict[str, Json]:
    created = said(row.get("create_date"))
    return {
        "name": said(row.get("name")) or f"partner {row['id']}",
        "language": tag_of(said(row.get("lang"))),
        "owner": key(row.get("user_id")),
        "tags": cast("Json", sorted(name for one in parts(row, "category_id") if (name := said(one.get("name"))))),
        "created_on": created[:10] if created else None,
    }


def is_gone(row: Row) -> bool:
    """Whether the partner is archived."""
    return row.get("active") is False


def _delivery(row: Row) -> Row | None:
    found = [one for one in parts(row, "child_ids") if one.get("type") == _DELIVERY]
    return min(found, key=lambda one: int(one["id"]), default=None)


def _address(row: Row) -> Json:
    told: dict[str, Json] = {
        "lines": [line for name in ("street", "street2") if (line := said(row.get(name)))],
        "city": said(row.get("city")),
        "postal_code": said(row.get("zip")),
        "region": named(row, "state_id"),
        "country": named(row, "country_id", "code"),
    }
    return {name: value for name, value in told.items() if value} or None


def new_account(fields: Fields, codes: Codes) -> dict[str, Any]:
    """The values of a new company."""
    return {"is_company": True, **changed_account({}, fields, codes)}


def new_contact(fields: Fields, codes: Codes) -> dict[str, Any]:
    """The values of a new person."""
    return {"is_company": False, "type": "contact", **changed_contact({}, fields, codes)}


def changed_account(row: Row, fields: Fields, codes: Codes) -> dict[str, Any]:
    """The values to write so that the company shows `fields`."""
    values = _changed(fields)
    if "parent" in fields:
        values["parent_id"] = _id(fields["parent"])
    if "language" in fields:
        values["lang"] = codes.language(fields["language"])
    if "billing_address" in fields:
        values.update(_address_values(fields["billing_address"], codes))
    if "shipping_address" in fields:
        values["child_ids"] = _delivery_command(_delivery(row), fields["shipping_address"], codes)
    return {name: value for name, value in values.items() if value != []}


def changed_contact(_row: Row, fields: Fields, codes: Codes) -> dict[str, Any]:
    """The values to write so that the person shows `fields`."""
    values = _changed(fields)
    if "account" in fields:
        values["parent_id"] = _id(fields["account"])
    if "language" in fields:
        values["lang"] = codes.language(fields["language"])
    if "address" in fields:
        values.update(_address_values(fields["address"], codes))
    if "emails" in fields:
        values["email"] = next(iter(cast("Sequence[str]", fields["emails"] or ())), False)
    if "phones" in fields:
        told = {str(one.get("kind") or "office"): one["number"] for one in _phones(fields)}
        values["phone"] = next((number for kind, number in told.items() if kind != "mobile"), False)
        if codes.has_mobile:
            values["mobile"] = told.get("mobile", False)
    return values


def _phones(fields: Fields) -> Sequence[Mapping[str, Any]]:
    return cast("Sequence[Mapping[str, Any]]", fields["phones"] or ())


def _changed(fields: Fields) -> dict[str, Any]:
    return {own: fields[name] or False for name, own in _TEXTS.items() if name in fields}


def _id(value: Json) -> int | bool:
    return int(value) if isinstance(value, str) else False


def _delivery_command(there: Row | None, told: Json, codes: Codes) -> list[list[Any]]:
    if told is None:
        return [] if there is None else [[2, there["id"], 0]]
    values = _address_values(told, codes)
    return [[0, 0, {"type": _DELIVERY, **values}]] if there is None else [[1, there["id"], values]]


def _address_values(told: Json, codes: Codes) -> dict[str, Any]:
    fields: Fields = told if isinstance(told, dict) else {}
    lines = [*cast("Sequence[str]", fields.get("lines") or ()), "", ""]
    country = codes.country(fields.get("country"))
    return {
        "street": lines[0] or False,
        "street2": lines[1] or False,
        "zip": fields.get("postal_code") or False,
        "city": fields.get("city") or False,
        "state_id": codes.region(country, fields.get("region")),
        "country_id": country,
    }


def unwritable_account(row: Row | None, fields: Fields, codes: Codes) -> str | None:
    """Why these fields of a company cannot be written, in words; None when they can."""
    return ill_formed(fields) or _unwritable(row, fields, codes, ACCOUNT_WRITABLE, "company")


def unwritable_contact(row: Row | None, fields: Fields, codes: Codes) -> str | None:
    """Why these fields of a person cannot be written, in words; None when they can."""
    ill = ill_formed(fields)
    if ill is not None:
        return ill
    emails = cast("Sequence[str]", fields.get("emails") or ())
    if len(emails) > 1:
        return f"emails: a person of Odoo has one address, not {len(emails)}"
    kinds = [str(one.get("kind") or "office") for one in (_phones(fields) if "phones" in fields else ())]
    room = ["office", "mobile"] if codes.has_mobile else ["office"]
    if len(kinds) > len(set(kinds)) or not set(kinds) <= set(room):
        return f"phones: a person of Odoo has room for {' and '.join(room)}, not for {', '.join(kinds)}"
    return _unwritable(row, fields, codes, CONTACT_WRITABLE, "person")


def _unwritable(row: Row | None, fields: Fields, codes: Codes, writable: frozenset[str], what: str) -> str | None:
    for name, value in fields.items():
        if name not in writable:
            return f"a {what} of Odoo has no place for {name}, or keeps it by itself"
        why = None if value is None else _unfit(name, value, codes)
        if why is not None:
            return f"{name}: {why}"
    if (row is None or "name" in fields) and not fields.get("name"):
        return f"name is empty; a {what} of Odoo needs one"
    return None


def _unfit(name: str, value: Json, codes: Codes) -> str | None:
    if name in _TEXTS and not isinstance(value, str):
        return f"{value!r} is no text"
    if name in ("parent", "account") and not _is_key(value):
        return f"{value!r} is no key of Odoo's"
    if name == "language" and codes.language(value) is False:
        return f"{value!r} is not installed in Odoo"
    return _unwritable_address(cast("Fields", value), codes) if name.endswith("address") else None


def _is_key(value: Json) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()


def _unwritable_address(told: Fields, codes: Codes) -> str | None:
    lines = cast("Sequence[str]", told.get("lines") or ())
    if len(lines) > _STREETS:
        return f"an address of Odoo has {_STREETS} lines for the street, not {len(lines)}"
    if told.get("country_name"):
        return f"{told['country_name']!r} is no code of a country"
    country = codes.country(told.get("country"))
    if told.get("country") and country is False:
        return f"Odoo does not know the country {told['country']}"
    if told.get("region") and codes.region(country, told["region"]) is False:
        return f"Odoo does not know the region {told['region']!r} of {told.get('country') or 'no country'}"
    return None
