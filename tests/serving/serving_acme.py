"""A stateful fake of an invented vendor, over a real socket: paging in four ways, entity tags, archives, refusals.

It is honest about what it is: it knows nothing of clmcrm, and answers as `examples/declared/acme.toml` says it does.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from clmcrm.adapters.declared.members import exact_json

TOKEN = "canary-acme-7f3e91"  # noqa: S105 - a canary, looked for in every output
Row = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
KINDS = ("companies", "people", "units", "deals", "terms")


class Acme:
    """The vendor's data. `override` may answer a request (method, path and query) instead of the fake."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.rows: dict[str, dict[str, Row]] = {kind: {} for kind in KINDS}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.override: Callable[[str, str], Answer | None] = lambda _method, _target: None
        self._number = 0
        self._lock = threading.Lock()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Status, headers and body."""
        with self._lock:
            self.requests.append((method, target, headers))
            told = self.override(method, target)
            if told is not None:
                return told
            if headers.get("authorization") != f"Bearer {self.token}":
                return _error(401, f"the token {headers.get('authorization', '')} is not known here")
            parts = urlsplit(target)
            names = [unquote(name) for name in parts.path.split("/")[2:]]
            if not names or names[0] not in self.rows or len(names) > 2:
                return _error(404, "no such thing")
            query = dict(parse_qsl(parts.query))
            sent = json.loads(body, parse_float=Decimal) if body else None
            if len(names) == 1:
                return self._list(parts.path, names[0], query) if method == "GET" else self._create(names[0], sent)
            return self._one(method, names[0], names[1], headers, sent)

    def _list(self, path: str, kind: str, query: dict[str, str]) -> Answer:
        rows = list(self.rows[kind].values())
        if "ids" in query:
            return _ok({"data": [row for row in rows if str(row["id"]) in query["ids"].split(",")]})
        if "external_id" in query:  # without regard to case, as many are
            wanted = query["external_id"].lower()
            return _ok({"data": [row for row in rows if str(row.get("external_id")).lower() == wanted]})
        size = int(query.get("limit", "10"))
        since = query.get("updated_from", "").replace("Z", "+00:00")
        if since:
            rows = [row for row in rows if _time(row) >= datetime.fromisoformat(since)]
        if kind in ("companies", "terms"):
            rows.sort(key=lambda row: (_time(row), row["id"]))
            if "after_id" in query:
                place = (datetime.fromisoformat(since), int(query["after_id"]))
                rows = [row for row in rows if (_time(row), row["id"]) > place]
            return _ok({"data": rows[:size]})
        rows.sort(key=lambda row: row["id"])
        first = (int(query.get("page", "1")) - 1) * size + int(query.get("cursor", "0"))
        shown, more = rows[first : first + size], len(rows) > first + size
        if kind == "people":
            return _ok({"data": shown, "paging": {"next": str(first + size) if more else None}})
        link = f"{path}?{urlencode({**query, 'cursor': first + size})}"
        return _ok({"data": shown}, {"Link": f'<{link}>; rel="next"'} if more and kind == "deals" else {})

    def _create(self, kind: str, sent: Any) -> Answer:
        if any(row.get("external_id") == sent.get("external_id") for row in self.rows[kind].values()):
            return _error(409, "external_id is taken")
        if "refuse" in json.dumps(sent, default=str):
            return _error(422, "Acme's own words: this cannot be")
        self._number += 1
        row = {"id": self._number, "score": Decimal("0.70"), "created": "2026-01-15", **sent, "archived": False}
        self.rows[kind][str(row["id"])] = self._touched(row)
        return _ok({"data": row}, status=201)

    def _one(self, method: str, kind: str, key: str, headers: dict[str, str], sent: Row | None) -> Answer:
        row = self.rows[kind].get(key)
        if row is None or (row["archived"] and method != "GET"):
            return _error(404, "no such thing")
        if method == "GET":
            return _ok({"data": row})
        if headers.get("if-match") != f'"{row["revision"]}"':
            return _error(412, "somebody was faster")
        if "refuse" in json.dumps(sent, default=str):
            return _error(422, "Acme's own words: this cannot be")
        if method == "DELETE":
            sent = {"archived": True}
        changed = {"id": row["id"], **(sent or {})} if method == "PUT" else {**row, **(sent or {})}
        self.rows[kind][key] = self._touched(changed)
        return _ok({"data": changed}) if method != "DELETE" else (204, {}, b"")

    def _touched(self, row: Row) -> Row:
        self._number += 1
        row["revision"] = f"r{self._number}"
        row["updated_at"] = datetime.now(UTC).replace(microsecond=0).isoformat()
        return row


def _time(row: Row) -> datetime:
    return datetime.fromisoformat(row["updated_at"])


def _ok(value: object, headers: dict[str, str] | None = None, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json", **(headers or {})}, exact_json(value).encode()


def _error(status: int, message: str) -> Answer:
    return _ok({"error": {"message": message}}, status=status)


@contextmanager
def serving_acme(acme: Acme) -> Iterator[str]:
    """Serve it on loopback; the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, told, content = acme.answer(self.command, self.path, headers, body)
            self.send_response(status)
            for name, value in told.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            _ = self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
