"""A Navigator of ours: agreements in pages of a token, one by one, and the ways in which a reply can be wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request

ACCOUNT: Final = "5c9f7a1e-0000-4000-8000-000000000001"
TOKEN: Final = "token-of-the-fake"  # noqa: S105 - a token of a fake is no secret
ORIGIN: Final = "https://api-d.docusign.com"
HOSTILE: Final = ("html", "torn", "error in 200", "list", "foreign link", "endless", "no token", "no data")
_NOW: Final = "2026-01-15T09:30:00Z"
_FIRST: Final = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


class FakeNavigator:
    """An account's agreements as its `rows`; a page holds what is asked for, and no more than `most`.

    `methods` are those of the requests it was sent.

    >>> FakeNavigator([]).answer(Request(method="GET", path=f"/v1/accounts/{ACCOUNT}/agreements")).status
    401
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], *, most: int = 100, origin: str = ORIGIN) -> None:
        self.rows: list[dict[str, Any]] = [dict(copy.deepcopy(row)) for row in rows]
        self.hostile = ""
        self.methods: set[str] = set()
        self._most, self._origin, self._number, self._edits = most, origin, 0, 0

    def entered(self, row: Mapping[str, Any]) -> str:
        """Somebody in DocuSign adds an agreement; its id, which Navigator gives."""
        self._edits += 1
        key = f"7a1e0000-0000-4000-8000-{self._edits:012d}"
        self.rows.append({**copy.deepcopy(dict(row)), "id": key, "metadata": {"created_at": self._moment()}})
        return key

    def edited(self, key: str, row: Mapping[str, Any]) -> None:
        """Somebody in DocuSign sets values of an agreement, and single provisions; raises `KeyError` for none."""
        self._edits += 1
        kept = self._row(key)
        told = copy.deepcopy(dict(row))
        provisions = {**kept.get("provisions", {}), **told.pop("provisions", {})}
        kept.update(told, provisions=provisions, metadata={**kept["metadata"], "modified_at": self._moment()})

    def deleted(self, key: str) -> None:
        """Somebody in DocuSign removes an agreement; raises `KeyError` for one that is not there."""
        self.rows.remove(self._row(key))

    def _row(self, key: str) -> dict[str, Any]:
        found = next((row for row in self.rows if row.get("id") == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def _moment(self) -> str:
        return (_FIRST + timedelta(seconds=self._edits)).isoformat()

    def answer(self, request: Request) -> Reply:
        """What Navigator replies; each reply says when it was made, as Navigator's does."""
        self._number += 1
        self.methods.add(request.method)
        if request.header("authorization") != f"Bearer {TOKEN}":
            return _reply(401, {"error": "Unauthorized", "code": 401, "timestamp": _NOW})
        parts = urlsplit(request.path)
        query = dict(parse_qsl(parts.query))
        match request.method, parts.path.strip("/").split("/"):
            case "GET", ["v1", "accounts", account, "agreements"] if account == ACCOUNT:
                return self._spoilt(self._page(query))
            case "GET", ["v1", "accounts", account, "agreements", key] if account == ACCOUNT:
                row = next((one for one in self.rows if one.get("id") == key), None)
                return self._spoilt(self._shown(row)) if row is not None else _missing()
            case _:
                return _missing()

    def _page(self, query: Mapping[str, str]) -> dict[str, Any]:
        size, start = min(int(query.get("limit", "25")), self._most), int(query.get("ctoken", "0"))
        rows = [self._shown(row) for row in self.rows[start : start + size]]
        address = f"{self._origin}/v1/accounts/{ACCOUNT}/agreements?limit={size}"
        links: dict[str, Any] = {"self": {"href": f"{address}&ctoken={start}"}}
        if start + size < len(self.rows):
            links["next"] = {"href": f"{address}&ctoken={start + size}"}
        meta = {"page_limit": size, "request_id": f"r-{self._number}", "response_timestamp": _NOW}
        return {"data": rows, "response_metadata": {**meta, "response_duration_ms": 7}, "_links": links}

    def _shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        passing = {"request_id": f"r-{self._number}", "response_timestamp": _NOW, "response_duration_ms": self._number}
        return {**row, "metadata": {**row.get("metadata", {}), **passing}}

    def _spoilt(self, told: dict[str, Any]) -> Reply:
        text = json.dumps(told)
        match self.hostile:
            case "html":
                return Reply(status=200, headers={"Content-Type": "text/html"}, body=b"<!DOCTYPE html>")
            case "torn":
                text = text[: len(text) // 2]
            case "error in 200":
                text = '{"error": "Internal", "code": 500}'
            case "list":
                text = f"[{text}]"
            case "foreign link":
                text = json.dumps({**told, "_links": {"next": {"href": "https://evil.example/v1?ctoken=1"}}})
            case "endless":
                text = json.dumps({**told, "_links": {"next": {"href": f"{self._origin}/v1?ctoken=1"}}})
            case "no token":
                text = json.dumps({**told, "_links": {"next": {"href": f"{self._origin}/v1?page=2"}}})
            case "no data":
                text = "{}"
            case _:
                pass
        return Reply(status=200, headers={"Content-Type": "application/json"}, body=text.encode())


def _missing() -> Reply:
    return _reply(404, {"error": "Not Found", "code": 404, "timestamp": _NOW})


def _reply(status: int, told: Mapping[str, Any]) -> Reply:
    return Reply(status=status, headers={"Content-Type": "application/problem+json"}, body=json.dumps(told).encode())
