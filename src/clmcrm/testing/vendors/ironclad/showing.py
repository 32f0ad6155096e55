"""How the fake shows an object: with what Ironclad adds and computes, and addresses as text unless asked otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

from clmcrm.testing.vendors.ironclad.company import ENTITIES, RECORDS, WORKFLOWS, Company

_UNITS: Final = (("years", "Y"), ("months", "M"), ("weeks", "W"), ("days", "D"))


def shown(company: Company, place: str, told: dict[str, Any], *, addresses: bool) -> dict[str, Any]:
    """The object as a reply holds it."""
    whole = {name: one for name, one in told.items() if one is not None}
    if place == WORKFLOWS:
        form = company.forms.get(whole["template"], {})
        return whole | {"schema": {name: {"type": kind, "displayName": name} for name, kind in form.items()}}
    properties = {name: _typed(one, addresses=addresses) for name, one in whole.get("properties", {}).items()}
    whole["properties"] = properties
    if place == ENTITIES:
        return whole
    return {"attachments": {}, "links": [], **whole, **_status(company, whole)} if place == RECORDS else whole


def _typed(one: dict[str, Any], *, addresses: bool) -> dict[str, Any]:
    value = one.get("value")
    if addresses or one.get("type") != "address" or not isinstance(value, dict):
        return one
    told: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] # an address
    parts = [*told.get("lines", []), *(told.get(name) for name in ("locality", "region", "postcode", "country"))]
    return {**one, "value": ", ".join(part for part in parts if part)}


def _status(company: Company, whole: Mapping[str, Any]) -> dict[str, Any]:
    """The status, with a length of time that is another one every day."""
    left = (company.now.date().toordinal()) % 300
    known = "effectiveDate" in whole["properties"]
    status = {"status": "active", "enhancedStatus": "active", "remainingDuration": f"P{left}D"}
    return {"contractStatus": status if known else {"status": "indeterminate", "enhancedStatus": "unknown"}}


def described(company: Company) -> dict[str, Any]:
    """The schema of records."""
    properties = {
        name: {"displayName": name, "type": kind, "visible": True} for name, kind in company.properties.items()
    }
    return {"recordTypes": company.types, "properties": properties, "attachments": {}, "links": {}}


def in_plain(value: object) -> object:
    """A duration of a launch form as a record writes it."""
    if not isinstance(value, dict):
        return value
    told: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] # any JSON object
    return "P" + "".join(f"{told[name]}{unit}" for name, unit in _UNITS if told.get(name))


def written(value: object) -> str:
    """JSON with exact numbers.

    >>> written({"amount": Decimal("10.10")})
    '{"amount":10.10}'
    """
    if isinstance(value, dict):
        told: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] # any JSON object
        return "{" + ",".join(f"{encode_basestring(name)}:{written(one)}" for name, one in told.items()) + "}"
    if isinstance(value, list | tuple):
        items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] # any JSON list
        return "[" + ",".join(map(written, items)) + "]"
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
