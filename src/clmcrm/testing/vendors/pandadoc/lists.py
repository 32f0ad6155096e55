"""The list of the fake PandaDoc: late by some seconds, filtered and ordered as it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from clmcrm.testing.vendors.pandadoc.documents import Document
from clmcrm.testing.vendors.pandadoc.errors import invalid

MOST: Final = 100
_ORDERS: Final = {
    "date_created": "date_created", "date_modified": "date_modified", "date_status_changed": "date_modified",
    "name": "name", "status": "status",
}  # fmt: skip
_BOUNDS: Final = {
    "modified_from": ("date_modified", True), "modified_to": ("date_modified", False),
    "created_from": ("date_created", True), "created_to": ("date_created", False),
}  # fmt: skip


class Lists:
    """What the list shows, as it stood `lag` ago by `clock`."""

    def __init__(self, clock: Callable[[], datetime], lag: timedelta) -> None:
        self._clock, self._lag = clock, lag
        self._seen: dict[str, list[tuple[datetime, dict[str, Any]]]] = {}

    def keep(self, document: Document) -> None:
        """Keep what a document looks like from its last change on."""
        shown = {"row": document.row, "metadata": document.data.get("metadata") or {}, "deleted": document.deleted}
        self._seen.setdefault(document.id, []).append((document.modified, shown))

    def page(self, query: list[tuple[str, str]]) -> dict[str, Any]:
        """One page; a filter by metadata is told either way that the description allows."""
        told = dict(query)
        count, page = _whole(told, "count", 50), _whole(told, "page", 1)
        if not 1 <= count <= MOST:
            raise invalid(count=f"Ensure this value is between 1 and {MOST}.")
        order = told.get("order_by", "date_status_changed")
        if order.lstrip("-") not in _ORDERS:
            raise invalid(order_by="value is not a valid enumeration member")
        told_marks = (name.removeprefix("metadata_").partition("=") for name in _metadata(query))
        marks = {name: value for name, _, value in told_marks}
        rows = [one["row"] for one in self._now() if _fits(one, told, marks)]
        rows.sort(key=lambda row: (row[_ORDERS[order.lstrip("-")]], row["id"]), reverse=order.startswith("-"))
        return {"results": [_row(row) for row in rows[(page - 1) * count : page * count]]}

    def _now(self) -> list[dict[str, Any]]:
        at = self._clock() - self._lag
        found = [next((shown for since, shown in reversed(seen) if since <= at), None) for seen in self._seen.values()]
        return [one for one in found if one is not None]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: told for name, told in row.items() if name != "uuid"}


def _metadata(query: list[tuple[str, str]]) -> list[str]:
    return [value for name, value in query if name == "metadata"] + [
        f"{name}={value}" for name, value in query if name.startswith("metadata_")
    ]


def _fits(one: dict[str, Any], told: dict[str, str], marks: dict[str, str]) -> bool:
    row: dict[str, Any] = one["row"]
    if one["deleted"] != (told.get("deleted", "").lower() == "true") or told.get("id", row["id"]) != row["id"]:
        return False
    if not all(str(one["metadata"].get(name)).lower() == value.lower() for name, value in marks.items()):
        return False
    for bound, (name, least) in _BOUNDS.items():
        if bound in told and (row[name] >= told[bound]) is not least:
            return False
    return True


def _whole(told: dict[str, str], name: str, default: int) -> int:
    try:
        return int(told.get(name, default))
    except ValueError:
        raise invalid(**{name: "A valid integer is required."}) from None
