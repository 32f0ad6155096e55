"""The search of the fake: it may lag behind, and keeps organizations and persons that are in the bin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from clmcrm.testing.vendors.pipedrive.listing import paged
from clmcrm.testing.vendors.pipedrive.records import Records
from clmcrm.testing.vendors.pipedrive.refusals import invalid

ITEMS: Final = {"organization": "organizations", "person": "persons", "deal": "deals"}


def found(records: Records, query: Mapping[str, str]) -> dict[str, Any]:
    """The search of one field's values: case counts, the bin's organizations and persons are found as well."""
    name, code, term = ITEMS.get(query.get("entity_type", "")), query.get("field", ""), query.get("term", "")
    if name is None or not term or query.get("match", "exact") not in ("exact", "beginning", "middle"):
        raise invalid("term, entity_type, match: is not valid")
    known = records.customs[name].get(code)
    if known is None or known.type not in ("varchar", "varchar_auto", "text", "phone", "double"):
        raise invalid(f"field: '{code}' cannot be searched")
    rows: list[dict[str, Any]] = []
    for record in records.of(name).values():
        shown = records.indexed(record)
        value = None if shown is None else shown.get(code)
        binned = name == "deals" and record.deleted_at is not None
        if isinstance(value, str) and not binned and _matches(value, term, query.get("match", "exact")):
            rows.append({"id": record.id, code: value})
    return paged(rows, lambda one: one, query, key=lambda one: one["id"])


def _matches(value: str, term: str, how: str) -> bool:
    return {"exact": value == term, "beginning": value.startswith(term), "middle": term in value}[how]
