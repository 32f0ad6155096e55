"""An Acme in memory, behind the transport that the drivers use: what the adapter is tried against."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from clmcrm.ports.calls import Call, Reply

PAGE: Final = 10
BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)


class AcmeServer:
    """Rows by table and id; every change gets the next revision, which is also its place in the feed."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}
        self._revision = 0

    def send(self, call: Call, within: timedelta) -> Reply:
        """Acme's reply to a call; it never takes long."""
        del within
        body = json.loads(call.body or b"{}")
        _, _, path = urlsplit(call.url).path.partition("/api/")
        table, _, rest = path.partition("/")
        if table == "orders":
            return _reply({"done": [self._done(order) for order in body["orders"]]})
        if rest == "changes":
            return self._changes(table, body["since"])
        if rest == "rows":
            found = (self._rows.get((table, key)) for key in dict.fromkeys(body["ids"]))
            return _reply({"rows": [row for row in found if row]})
        _, _, reference = rest.partition("by-reference/")
        return _reply({"rows": [row for row in [self._referred(table, unquote(reference))] if row]})

    def _changes(self, table: str, since: str | None) -> Reply:
        if since is not None and not since.isdecimal():
            return Reply(status=400, body=f"{since!r} is no place in the feed".encode())
        after = int(since or 0)
        of_table = (row for (name, _), row in self._rows.items() if name == table and int(row["revision"]) > after)
        told = sorted(of_table, key=lambda row: int(row["revision"]))
        page = told[:PAGE]
        cursor = page[-1]["revision"] if page else str(after)
        return _reply({"rows": page, "cursor": cursor, "more": len(told) > len(page)})

    def _referred(self, table: str, reference: str) -> dict[str, Any] | None:
        rows = (row for (name, _), row in self._rows.items() if name == table)
        return next((row for row in rows if row["reference"] == reference), None)

    def _done(self, order: Mapping[str, Any]) -> dict[str, str]:
        table = order["table"]
        if order["do"] == "insert":
            return self._inserted(table, order["reference"], order["values"])
        row = self._rows.get((table, order["id"]))
        if row is None or row["removed"]:
            return {"result": "missing", "because": f"{table} has no {order['id']}"}
        if row["revision"] != order["if"]:
            return {"result": "stale", "id": row["id"], "because": f"revision {row['revision']} is current"}
        if order["do"] == "remove":
            return self._kept(table, {**row, "removed": True})
        return self._kept(table, {**row, "values": {**row["values"], **order["values"]}})

    def _inserted(self, table: str, reference: str, values: Mapping[str, Any]) -> dict[str, str]:
        row = self._referred(table, reference)
        if row is not None:
            return {"result": "bound", "id": row["id"], "revision": row["revision"]}
        key = f"{table[:1].upper()}{self._revision + 1}"
        return self._kept(table, {"id": key, "reference": reference, "values": values, "removed": False})

    def _kept(self, table: str, row: Mapping[str, Any]) -> dict[str, str]:
        self._revision += 1
        at = BEGAN + timedelta(seconds=self._revision)
        self._rows[table, row["id"]] = {**row, "revision": str(self._revision), "at": at.isoformat()}
        return {"result": "done", "id": row["id"], "revision": str(self._revision)}


def _reply(said: Mapping[str, Sequence[object] | object]) -> Reply:
    return Reply(status=200, body=json.dumps(said, ensure_ascii=False).encode())
