"""From one of HubSpot's records to what the port shows, extras and merges included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.hubspot.kinds import MERGED, HubSpotKind, row_properties
from clmcrm.adapters.hubspot.marks import mark_of
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import Properties, instant, text
from clmcrm.adapters.hubspot.wire import VENDOR
from clmcrm.adapters.trees import tree_in
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json, Seen

Row = Mapping[str, Any]

_UNKNOWN: Final = "(no id)"


def seen(held: HubSpotKind, row: Row, portal: Portal, more: Mapping[str, Json]) -> Seen:
    """The record as the port shows it; `more` are the fields that come from associations.

    A record with a value that nobody can read is shown with the reason (`unreadable`), and the others go on.
    """
    key = str(row.get("id") or _UNKNOWN)
    blank = Seen(kind=held.kind, key=key, fields={}, gone=row.get("archived") is True)
    try:
        properties = row_properties(row)
        blank = evolve(blank, mark=mark_of(text(properties, held.key)))
        updated = str(row.get("updatedAt") or properties.get(held.modified) or "")
        return evolve(
            blank,
            fields=canonical(held, properties, portal) | dict(more),
            version=updated,
            changed_at=instant(updated) if updated else None,
            gone=blank.gone or (held.carrier and text(properties, held.key) is None),
        )
    except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError, InvalidRecord) as problem:
        return evolve(blank, unreadable=f"{held.object} {key}: {problem}")


def canonical(held: HubSpotKind, properties: Properties, portal: Portal) -> dict[str, Json]:
    """The canonical fields of these properties; raises `ValueError` for a value that nobody can read."""
    fields = held.shown(properties, portal)
    for name, raw in held.custom.items():
        fields[name] = text(properties, raw)
    if held.carried:
        extras: list[Json] = [
            {"system": VENDOR, "field": raw, "raw": value}
            for raw in held.carried
            if (value := text(properties, raw)) is not None
        ]
        fields["extras"] = extras
    return fields


def merged_away(held: HubSpotKind, row: Row) -> list[Seen]:
    """The records that were merged into this one, as gone: the survivor itself names them."""
    told = text(tree_in(row.get("properties")), MERGED)
    survivor = str(row.get("id") or _UNKNOWN)
    return [
        Seen(kind=held.kind, key=key, fields={}, gone=True, merged_into=survivor)
        for key in dict.fromkeys((told or "").split(";"))
        if key and key != survivor
    ]


def live_only(found: Sequence[Row]) -> list[Row]:
    """The rows that are not archived."""
    return [row for row in found if row.get("archived") is not True]
