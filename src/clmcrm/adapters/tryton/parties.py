"""Accounts as Tryton keeps them: a party with its addresses, contact mechanisms and identifiers.

| canonical field | in Tryton |
| --- | --- |
| `name` | `party.party` name; a party that is not active is shown as gone |
| `merged_into` | `replaced_by` |
| `email`, `phone`, `website` | the first contact mechanism of that type |
| `billing_address`, `shipping_address` | the first address marked for invoices, for deliveries (or the first) |
| `vat_number` | the identifier of type `eu_vat` |
| `language` | `lang` |
| `currency` | `customer_currency` |

One address may serve for both uses. When one of them changes, the other keeps it: the first gets an address of its own.
A party has no legal name apart from its name: `legal_name` is not shown, so it is neither read nor lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from clmcrm.adapters.field_forms import unkept_address
from clmcrm.adapters.tryton.versions import STAMP, stamps, version_of
from clmcrm.ports.records import Fields, Json, Kind, Seen

MODEL: Final = "party.party"
MARKED: Final = "clmcrm:"
"""How an identifier begins that carries our key for a party that we created."""
VAT: Final = "eu_vat"
PARTS: Final = {
    "addresses": "party.address",
    "contact_mechanisms": "party.contact_mechanism",
    "identifiers": "party.identifier",
}
MECHANISMS: Final = {"email": ("email",), "phone": ("phone", "mobile"), "website": ("website",)}
ADDRESSES: Final = {"billing_address": "invoice", "shipping_address": "delivery"}
WRITTEN: Final = frozenset({"name", "active", "lang", "customer_currency", *PARTS})
"""The fields of a party that canonical ones are written to; all others that can be written are carried."""
READ: Final = (
    "name", "active", "replaced_by", "create_date", "last_modified_at", "lang.code", "customer_currency.code", STAMP,
    "addresses.street", "addresses.postal_code", "addresses.city", "addresses.country.code", "addresses.invoice",
    "addresses.delivery", "addresses.active", "addresses.sequence", f"addresses.{STAMP}",
    "addresses.subdivision.name",
    "contact_mechanisms.type", "contact_mechanisms.value", "contact_mechanisms.active",
    "contact_mechanisms.sequence", f"contact_mechanisms.{STAMP}",
    "identifiers.type", "identifiers.code", f"identifiers.{STAMP}",
)  # fmt: skip
"""The fields that are asked for, one dot for each related record."""

Row = Mapping[str, Any]


def shown(row: Row) -> Seen:
    """The party as an account, its version, and the key of ours it was created under."""
    into = row["replaced_by"]
    return Seen(
        kind=Kind.ACCOUNT,
        key=str(row["id"]),
        fields=account_fields(row),
        version=version_of(stamps(MODEL, row, PARTS)),
        mark=_mark(row),
        gone=not row["active"],
        merged_into=None if into is None else str(into),
        changed_at=cast("datetime | None", row["last_modified_at"]),
    )


def account_fields(row: Row) -> dict[str, Json]:
    """The canonical fields, empty ones as None."""
    fields: dict[str, Json] = {"name": row["name"] or f"party {row['id']}"}
    for name, types in MECHANISMS.items():
        found = mechanism(row, types)
        fields[name] = None if found is None else found["value"]
    for name, flag in ADDRESSES.items():
        found = address(row, flag)
        fields[name] = None if found is None else _address(found)
    vat = identifier(row, VAT)
    fields["vat_number"] = None if vat is None else vat["code"]
    fields["language"] = _of(row, "lang", "code")
    fields["currency"] = _of(row, "customer_currency", "code")
    fields["created_on"] = row["create_date"].date().isoformat() if row["create_date"] else None
    return fields


def parts_of(row: Row, name: str) -> list[Row]:
    """The parts in the order the user sees: by sequence, then by id."""
    found = cast("Sequence[Row]", row.get(f"{name}.") or ())
    live = [part for part in found if part.get("active", 1)]
    return sorted(live, key=lambda part: (part.get("sequence") is None, part.get("sequence") or 0, part["id"]))


def mechanism(row: Row, types: Sequence[str]) -> Row | None:
    """The first contact mechanism of these types."""
    return next((part for part in parts_of(row, "contact_mechanisms") if part["type"] in types), None)


def address(row: Row, flag: str) -> Row | None:
    """The first address marked for that use; for invoices, the first of all when none is marked."""
    found = parts_of(row, "addresses")
    marked = next((part for part in found if part[flag]), None)
    return marked if marked is not None or flag != "invoice" else next(iter(found), None)


def identifier(row: Row, kind: str) -> Row | None:
    """The first identifier of that type."""
    return next((part for part in parts_of(row, "identifiers") if part["type"] == kind), None)


def _mark(row: Row) -> str | None:
    codes = [str(part["code"]) for part in parts_of(row, "identifiers") if part["type"] is None]
    return next((code.removeprefix(MARKED) for code in codes if code.startswith(MARKED)), None)


def _of(row: Row, name: str, inner: str) -> Json:
    found = row.get(f"{name}.")
    return None if found is None else found[inner]


def _address(part: Row) -> dict[str, Json]:
    street = [line.strip() for line in str(part["street"] or "").splitlines() if line.strip()]
    parts: dict[str, Json] = {
        "lines": cast("Json", street),
        "city": part["city"],
        "postal_code": part["postal_code"],
        "region": _of(part, "subdivision", "name"),
        "country": _of(part, "country", "code"),
    }
    return {name: value for name, value in parts.items() if value}


def created(
    mark: str, fields: Fields, countries: Mapping[str, int], lookups: Mapping[str, int | None]
) -> dict[str, Any]:
    """The values of a new party that carries our key."""
    values: dict[str, Any] = {"identifiers": [["create", [{"code": f"{MARKED}{mark}"}]]]}
    empty: Row = {}
    for name, change in changed(empty, fields, countries, lookups).items():
        values[name] = values[name] + change if name in values else change
    return values


def changed(
    row: Row, fields: Fields, countries: Mapping[str, int], lookups: Mapping[str, int | None]
) -> dict[str, Any]:
    """The values to write so that the party shows `fields`; parts are written where they are.

    `countries` are the ids of the countries by code, `lookups` those of languages and currencies.
    """
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "name":
            values[name] = value
        elif name == "language":
            values["lang"] = lookups[f"lang:{value}"] if value else None
        elif name == "currency":
            values["customer_currency"] = lookups[f"currency:{value}"] if value else None
        elif name in MECHANISMS:
            kind = MECHANISMS[name][0]
            values.setdefault("contact_mechanisms", []).extend(
                _part(mechanism(row, MECHANISMS[name]), None if value is None else {"value": value}, {"type": kind})
            )
        elif name in ADDRESSES:
            told = None if value is None else _address_values(cast("Fields", value), countries)
            commands = values.setdefault("addresses", [])
            # What one address is told for both of its uses is told once.
            commands.extend([one for one in _moved(row, fields, name, told) if one not in commands])
        elif name == "vat_number":
            told = None if value is None else {"code": value}
            values.setdefault("identifiers", []).extend(_part(identifier(row, VAT), told, {"type": VAT}))
    return values


def _moved(row: Row, fields: Fields, name: str, values: dict[str, Any] | None) -> list[list[Any]]:
    """The commands that make the address of one use what it should be, and leave that of the other one alone."""
    flag = ADDRESSES[name]
    there = address(row, flag)
    if there is None or name != _leaving(row, fields):
        return _part(there, values, {flag: True})
    off = [["write", [there["id"]], {flag: False}]] if there[flag] else []
    return [*off, *_part(None, values, {flag: True})]


def _leaving(row: Row, fields: Fields) -> str | None:
    """Which of two uses with one address gets one of its own; None where they have two, or stay alike."""
    billing, shipping = (address(row, flag) for flag in ADDRESSES.values())
    if billing is None or shipping is None or billing["id"] != shipping["id"]:
        return None
    wanted = {name: fields.get(name, _address(billing)) for name in ADDRESSES}
    if wanted["billing_address"] == wanted["shipping_address"]:
        return None
    stays = wanted["shipping_address"] is not None and (
        "shipping_address" not in fields or wanted["billing_address"] is None
    )
    return "billing_address" if stays else "shipping_address"


def _part(there: Row | None, values: dict[str, Any] | None, new: dict[str, Any]) -> list[list[Any]]:
    """The command that makes a part what it should be: written, created, or switched off."""
    if there is None:
        return [] if values is None else [["create", [{**new, **values}]]]
    if values is None:
        return [["delete", [there["id"]]]]
    return [["write", [there["id"]], values]]


def _address_values(fields: Fields, countries: Mapping[str, int]) -> dict[str, Any]:
    lines = cast("Sequence[str]", fields.get("lines") or ())
    country = fields.get("country")
    return {
        "street": "\n".join(lines) or None,
        "city": fields.get("city"),
        "postal_code": fields.get("postal_code"),
        "country": None if country is None else countries[str(country)],
    }


WRITABLE: Final = frozenset({"name", "language", "currency", "vat_number", *MECHANISMS, *ADDRESSES})
"""The canonical fields that can be written; Tryton keeps the others by itself, or has no place for them."""


def unwritable(fields: Fields, countries: Mapping[str, int], lookups: Mapping[str, int | None]) -> str | None:
    """Why these fields cannot be written, in words; None when they can."""
    for name, value in fields.items():
        if name not in WRITABLE:
            return f"a party of Tryton has no place for {name}"
        if name in ADDRESSES and value is not None:
            told = cast("Fields", value)
            country, region = told.get("country"), told.get("region") or told.get("country_name")
            if country is not None and str(country) not in countries:
                return f"{name}: Tryton does not know the country {country}; load its countries"
            bent = unkept_address({"lines": told.get("lines")})
            if bent is not None:
                return f"{name}: {bent}"
            if region is not None:
                return f"{name}: {region!r} is no code that an address of Tryton can hold"
        if name in ("language", "currency") and value is not None:
            key = f"{'lang' if name == 'language' else 'currency'}:{value}"
            if lookups.get(key) is None:
                return f"{name}: Tryton does not know {value}"
    return None
