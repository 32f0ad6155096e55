"""The changelog of the fake: what became of a record, as version 1 of the API tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from clmcrm.testing.closed.description import is_list, is_tree
from clmcrm.testing.vendors.pipedrive.listing import paged
from clmcrm.testing.vendors.pipedrive.records import Record


def past_of(record: Record, query: Mapping[str, str]) -> dict[str, Any]:
    """A page of the changes of a record."""
    told = [_changed(record.object, one) for one in record.past]
    ranked = {id(one): place for place, one in enumerate(told)}
    return paged(told, lambda one: one, query, key=lambda one: ranked[id(one)])


def _changed(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """A change as version 1 tells it: the keys of version 1, and every value a text."""
    keys = {"emails": "email", "phones": "phone", **({"owner_id": "user_id"} if name == "deals" else {})}
    code = str(one["field_key"])
    return {
        **one, "field_key": keys.get(code, code), "old_value": _said(one["old_value"]),
        "new_value": _said(one["new_value"]),
    }  # fmt: skip


def _said(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    if is_tree(value):
        return cast("str | None", value.get("value"))
    if is_list(value):
        return ",".join(str(_said(one) if is_tree(one) else one) for one in value) or None
    return None if value is None else str(value)
