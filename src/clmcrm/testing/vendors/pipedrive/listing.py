"""Lists of records: what is asked in the query, page by page, with a cursor that nobody but Pipedrive reads."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from clmcrm.testing.vendors.pipedrive.fields import CONTACT_SYNC, STANDARD, STATUSES, moment_of
from clmcrm.testing.vendors.pipedrive.records import Record, Records, stamp
from clmcrm.testing.vendors.pipedrive.refusals import invalid

MOST: Final = 500
MOST_IDS: Final = 100
MOST_CODES: Final = 15
Query = Mapping[str, str]

_KNOWN: Final = frozenset(
    {"ids", "updated_since", "updated_until", "sort_by", "sort_direction", "limit", "cursor", "custom_fields",
     "include_fields", "owner_id", "org_id", "person_id", "status", "api_token"}
)  # fmt: skip
_OPTIONAL: Final = {
    "deals": ("products_count",), "organizations": ("people_count",), "persons": ("open_deals_count",)
}  # fmt: skip


def told(records: Records, record: Record, query: Query) -> dict[str, Any]:
    """A record as version 2 tells it, with the custom fields that were asked for (all by default)."""
    shown: dict[str, Any] = {"id": record.id}
    for name in STANDARD[record.object]:
        if name in CONTACT_SYNC and record.object == "persons" and not records.contact_sync:
            continue
        shown[name] = record.values.get(name)
    shown["update_time"] = stamp(record.updated)
    shown["is_deleted"] = record.deleted_at is not None
    codes = _codes(query.get("custom_fields", ""))
    every = records.customs[record.object]
    shown["custom_fields"] = {
        code: record.customs.get(code) for code in every if not codes or code in codes
    }  # fmt: skip
    for name in _split(query.get("include_fields", "")):
        if name not in _OPTIONAL[record.object]:
            raise invalid(f"include_fields: Unknown value '{name}'")
        shown[name] = len(record.products) if name == "products_count" else 0
    return shown


def page(records: Records, object_name: str, query: Query, *, archived: bool = False) -> dict[str, Any]:
    """The envelope of a list; raises `Refused` for what is asked wrongly."""
    strange = sorted(query.keys() - _KNOWN)
    if strange:
        raise invalid(f"Unknown key '{strange[0]}'")
    found = [one for one in records.shown(object_name) if _fits(one, object_name, query, archived=archived)]
    by, down = query.get("sort_by", "id"), query.get("sort_direction", "asc") == "desc"
    if by not in ("id", "update_time", "add_time"):
        raise invalid(f"sort_by: Unknown value '{by}'")
    found.sort(key=lambda one: _place(one, by), reverse=down)
    return paged(found, lambda one: told(records, one, query), query, key=lambda one: one.id)


def paged(
    found: Sequence[Any], tell: Callable[[Any], Any], query: Query, *, key: Callable[[Any], Any]
) -> dict[str, Any]:
    """A page of items in their order, from the one after the cursor on."""
    limit = number("limit", query.get("limit", "100"))
    if not 1 <= limit <= MOST:
        raise invalid(f"limit: must be between 1 and {MOST}")
    start = 0
    if "cursor" in query:
        last = _after(query["cursor"])
        places = [place for place, one in enumerate(found) if key(one) == last]
        start = places[0] + 1 if places else next((p for p, one in enumerate(found) if key(one) > last), len(found))
    some = found[start : start + limit]
    more = len(found) > start + limit
    cursor = _cursor(key(some[-1])) if more else None
    return {"success": True, "data": [tell(one) for one in some], "additional_data": {"next_cursor": cursor}}


def number(name: str, said: str) -> int:
    """A whole number of a query; raises `Refused` for none."""
    if not said.isascii() or not said.isdigit():
        raise invalid(f"{name}: The value is not a valid 'integer'")
    return int(said)


def _fits(record: Record, object_name: str, query: Query, *, archived: bool) -> bool:
    ids = _split(query.get("ids", ""))
    if len(ids) > MOST_IDS:
        raise invalid(f"ids: at most {MOST_IDS}")
    if ids and record.id not in [number("ids", one) for one in ids]:
        return False
    if not _status_fits(record, object_name, query):
        return False
    if object_name == "deals" and (record.values.get("is_archived") is True) is not archived:
        return False
    since, until = query.get("updated_since"), query.get("updated_until")
    updated = record.updated.replace(microsecond=0)
    if since is not None and updated < moment_of("updated_since", since):
        return False
    if until is not None and updated >= moment_of("updated_until", until):
        return False
    return all(
        str(record.values.get(name)) == query[name] for name in ("owner_id", "org_id", "person_id") if name in query
    )


def _status_fits(record: Record, object_name: str, query: Query) -> bool:
    wanted = _split(query.get("status", ""))
    if wanted and object_name != "deals":
        raise invalid("Unknown key 'status'")
    for one in wanted:
        if one not in (*STATUSES, "deleted"):
            raise invalid(f"status: Unknown value '{one}'")
    if record.deleted_at is not None:
        return "deleted" in wanted
    return not wanted or record.values.get("status") in wanted


def _place(record: Record, by: str) -> tuple[str, int]:
    said = {"id": "", "update_time": stamp(record.updated), "add_time": str(record.values.get("add_time"))}[by]
    return said, record.id


def _codes(said: str) -> list[str]:
    found = _split(said)
    if len(found) > MOST_CODES:
        raise invalid(f"custom_fields: a maximum of {MOST_CODES} keys is allowed")
    return found


def _split(said: str) -> list[str]:
    return [one for one in said.split(",") if one]


def _cursor(last: Any) -> str:  # noqa: ANN401 - what items are sorted by
    return base64.urlsafe_b64encode(json.dumps({"field": "id", "fieldValue": last, "id": last}).encode()).decode()


def _after(cursor: str) -> Any:  # noqa: ANN401 - what items are sorted by
    try:
        return json.loads(base64.urlsafe_b64decode(cursor))["id"]
    except (ValueError, KeyError, TypeError):
        raise invalid("cursor: is not valid") from None
