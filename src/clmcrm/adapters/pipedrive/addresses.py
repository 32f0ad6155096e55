"""Addresses as Pipedrive keeps them: one line for people (`value`), and its parts, found by a map service or given.

Ours are written in parts, and the line is put together from them. What the map service adds (district, flat, the
formatted line) has no place in an address of ours: it is carried in `extras`, and lost when the address changes.
"""

from __future__ import annotations

from typing import Final, cast

from clmcrm.adapters.field_forms import is_country_code, unkept_address
from clmcrm.adapters.pipedrive.plain import Body, Row, Unwritable, sent_list, sent_object, sent_text, text
from clmcrm.ports.records import Json

PLACES: Final = {"city": "locality", "region": "admin_area_level_1", "postal_code": "postal_code", "country": "country"}


def address_shown(address: Row) -> dict[str, Json] | None:
    """The address in parts; None when none of them is stated."""
    found: dict[str, Json] = {}
    lines = _lines(address)
    if lines:
        found["lines"] = cast("Json", lines)
    for part, name in PLACES.items():
        value = text(address, name)
        if value is not None:
            found[part if part != "country" or is_country_code(value) else "country_name"] = value
    return found or None


def _lines(address: Row) -> list[str]:
    """Street and number as the line for people puts them; the line itself where no part is told."""
    route, house = text(address, "route"), text(address, "street_number")
    said = text(address, "value") or ""
    if route is None:
        if any(text(address, name) for name in PLACES.values()):
            return [house] if house else []
        return [said] if said else []
    street = route.split("\n")
    if house is None:
        return street
    after = f"{route} {house}"
    return [after if after in said else f"{house} {route}"]


def address_sent(value: Json, name: str) -> Body | None:
    """The address to send, whole; None for none. Raises `Unwritable`."""
    told = sent_object(value, name)
    lines = [sent_text(line, f"{name}.lines") or "" for line in sent_list(told.get("lines"), f"{name}.lines")]
    bent = unkept_address(told, lambda line: line.split("\n"))
    if bent is not None:
        raise Unwritable(f"{name}: {bent}")
    parts: Body = {}
    for part, raw in PLACES.items():
        given = told.get("country") or told.get("country_name") if part == "country" else told.get(part)
        parts[raw] = sent_text(given, f"{name}.{part}")
    if not any(lines) and not any(parts.values()):
        return None
    town = " ".join(one for one in (parts["postal_code"], parts["locality"]) if one)
    line = ", ".join(one for one in (*lines, town, parts["admin_area_level_1"], parts["country"]) if one)
    street = {"route": "\n".join(lines)} if any(lines) else {}
    return {"value": line, **street, **{raw: given for raw, given in parts.items() if given is not None}}
