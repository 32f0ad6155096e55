"""How the fake PandaDoc answers: its paths, its late list, its limits by the minute, and its own errors."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from clmcrm.adapters.memory import ticking_clock
from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.pandadoc.documents import POSSIBLE, Document, named
from clmcrm.testing.vendors.pandadoc.errors import Refused, conflict, invalid, not_found
from clmcrm.testing.vendors.pandadoc.lists import Lists
from clmcrm.testing.vendors.pandadoc.requests import body_of, parts_of

KEY: Final = "key-of-the-fake"
ORIGIN: Final = "https://api.pandadoc.com"
MEMBER: Final[dict[str, Any]] = {
    "user_id": named("user"), "membership_id": named("member"), "email": "sync@example.org", "first_name": "Sync",
    "last_name": "", "is_active": True, "workspace": named("workspace"), "workspace_name": "Acme", "role": "Admin",
    "email_verified": True, "user_license": "Full", "date_created": "2025-01-01T00:00:00.000000Z",
    "date_modified": "2025-01-01T00:00:00.000000Z",
}  # fmt: skip

_MINUTE: Final = timedelta(minutes=1)
_LIMITS: Final = {"create": 50, "send": 200, "details": 300, "list": 2000, "download": 300, "other": 100}
_SANDBOX: Final = 10


class FakePandaDoc:
    """A workspace with its documents.

    `lag` is how late its list is and `rendering` how long a document takes to be made, both by `clock`. `sandbox`:
    the key is the sandbox's. `administrator`: the key may read audit trails. `hostile` spoils answers to GET, and
    `pages` are what public addresses serve, where a document is made from one.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] | None = None,
        *,
        lag: timedelta = timedelta(seconds=30),
        rendering: timedelta = timedelta(seconds=4),
        sandbox: bool = False,
        administrator: bool = True,
    ) -> None:
        self.clock = clock or ticking_clock()
        self.documents: dict[str, Document] = {}
        self.pages: dict[str, bytes] = {}
        self.hostile = ""
        self.lose_next_reply = False
        self.approval = False
        self.files_ready = True
        self.throttled = 0
        self.administrator = administrator
        self._rendering, self._sandbox = rendering, sandbox
        self.lists = Lists(self.clock, lag)
        self._calls: dict[str, deque[datetime]] = {}

    # What people do.

    def view(self, key: str, email: str) -> None:
        """A recipient opens the document."""
        self.documents[key].view(email)

    def sign(self, key: str, email: str) -> None:
        """A recipient signs."""
        self.documents[key].sign(email)

    def decline(self, key: str, email: str, reason: str) -> None:
        """A recipient refuses."""
        self.documents[key].decline(email, reason)

    # What PandaDoc answers.

    def answer(self, request: Request) -> Reply:
        """What PandaDoc replies."""
        parts = urlsplit(request.path)
        path = parts.path.strip("/").split("/")
        if request.header("authorization") not in (f"API-Key {KEY}", f"Bearer {KEY}"):
            return self._json(401, {"type": "authentication_error", "detail": "Authentication credentials are wrong."})
        if self._too_many(_bucket(request.method, path)):
            self.throttled += 1
            return self._json(429, {"type": "throttled", "detail": "Request was throttled."})
        for document in self.documents.values():
            document.settle()
        try:
            told = self._told(request, path, parse_qsl(parts.query, keep_blank_values=True))
        except Refused as refused:
            return self._json(refused.status, refused.told)
        return self._replied(request.method, told)

    def _replied(self, method: str, told: Any) -> Reply:  # noqa: ANN401 - JSON, bytes
        if self.lose_next_reply and method != "GET":
            self.lose_next_reply = False
            return self._reply(504, b"<html>", "text/html")
        if isinstance(told, bytes):
            return self._reply(200, told, "application/pdf")
        if told is None:
            return self._reply(202 if method == "GET" else 204, b"", "application/json", {"Retry-After": "5"})
        return self._spoiled(told) if method == "GET" and self.hostile else self._json(200, told)

    def _told(self, request: Request, path: list[str], query: list[tuple[str, str]]) -> Any:  # noqa: ANN401 - JSON, bytes
        match request.method, path:
            case "GET", ["public", "v1", "documents"]:
                return self.lists.page(query)
            case "POST", ["public", "v1", "documents"]:
                return self._made(request)
            case "GET", ["public", "v1", "members", "current"]:
                return MEMBER
            case "GET", ["public", "v1", "documents", "linked-objects"]:
                return self._of_linked(dict(query))
            case method, ["public", version, "documents", key, *step]:
                return self._of(method, self._there(key), (version, *step), request, dict(query))
            case _:
                raise not_found()

    def _of(
        self, method: str, document: Document, step: tuple[str, ...], request: Request, query: dict[str, str]
    ) -> Any:  # noqa: ANN401 - JSON, bytes
        match method, step:
            case "GET", ("v2", "audit-trail"):
                return self._trail(document, query)
            case "GET", (_, *what):
                return self._shown(document, "".join(what))
            case "DELETE", ("v1",):
                document.deleted = True
                return document.changed()
            case "POST" | "PATCH", ("v1" | "v2", what):
                return self._changed(document, what, body_of(request))
            case _:
                raise not_found()

    def _changed(self, document: Document, what: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        match what:
            case "send":
                _in(document, "document.draft", "document.approved")
                document.send(body)
                return {**document.row, "recipients": document.recipients}
            case "status":
                if body["status"] not in POSSIBLE.get(document.status, set()):
                    raise conflict(document)
                return document.by_hand(body["status"], body.get("note", ""))
            case "fields":
                _in(document, "document.draft")
                for given in body.get("fields", []):
                    if given.get("assigned_to") not in [one["id"] for one in document.recipients]:
                        raise invalid(assigned_to="there is no such recipient")
                    document.add_field(given)
                return {"fields": document.fields}
            case "settings":
                document.settings |= body
                return document.settings
            case "auto-reminders":
                document.reminders |= body
                return document.reminders
            case "linked-objects":
                return self._linked(document, body)
            case _:
                raise not_found()

    def _made(self, request: Request) -> dict[str, Any]:
        parts = parts_of(request)
        data: dict[str, Any] = json.loads(parts["data"]) if "data" in parts else body_of(request)
        content = parts.get("file") or self.pages.get(data.get("url", ""), b"")
        if not content and "template_uuid" not in data:
            raise invalid(file="No file was submitted.")
        if not data.get("name") or any("@" not in (r.get("email") or "") for r in data.get("recipients", [])):
            raise invalid(recipients="Enter a valid email address.")
        key, now = named("document", len(self.documents)), self.clock()
        document = Document(
            id=key, data=data, content=content, clock=self.clock, keep=self.lists.keep, created=now,
            made_at=now + self._rendering, approval=self.approval,
        )  # fmt: skip
        self.documents[key] = document
        link = {"rel": "status", "href": f"{ORIGIN}/public/v1/documents/{key}", "type": "GET"}
        return {**document.row, "links": [link], "info_message": "Poll the Document Status method."}

    def _there(self, key: str) -> Document:
        document = self.documents.get(key)
        if document is None or document.deleted or not document.known:
            raise not_found()
        return document

    def _shown(self, document: Document, what: str) -> Any:  # noqa: ANN401 - JSON, bytes
        if what.startswith("download"):
            return self._file(document, what)
        if document.status == "document.uploaded" and what:
            raise conflict(document)
        shown: dict[str, Any] = {
            "": document.row, "details": document.details, "fields": {"fields": document.fields},
            "linked-objects": {"linked_objects": document.linked}, "settings": document.settings,
            "auto-reminders": document.reminders,
        }  # fmt: skip
        if what not in shown:
            raise not_found()
        return shown[what]

    def _trail(self, document: Document, query: dict[str, str]) -> dict[str, Any]:
        if not self.administrator:
            raise Refused(403, "permissions_error", "You do not have permission to perform this action.")
        first = int(query.get("offset", "0"))
        told = document.trail[first : first + int(query.get("limit", "20"))]
        shown = [{**one, "ip_address": "hidden"} for one in told] if self._sandbox else told
        return {"count": len(document.trail), "results": shown}

    def _file(self, document: Document, what: str) -> bytes | None:
        if what == "download-protected" and self._sandbox:
            raise Refused(401, "authentication_error", "This endpoint works with a production key only.")
        if what == "download-protected" and document.status not in ("document.completed", "document.paid"):
            raise conflict(document)
        return b"%PDF-1.7\n% signed " + document.id.encode() + b"\n%%EOF\n" if self.files_ready else None

    def _linked(self, document: Document, body: dict[str, Any]) -> dict[str, Any]:
        if any(one["provider"] == body["provider"] for one in document.linked):
            raise invalid(provider="The document is linked to this provider already.")
        made = {**body, "id": named(document.id, *sorted(body.values()))}
        document.linked.append(made)
        document.changed()
        return made

    def _of_linked(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        asked = {name: query.get(name) for name in ("provider", "entity_type", "entity_id")}
        if not all(asked.values()):
            raise invalid(provider="This field is required.")
        return [
            {name: one.row[name] for name in ("id", "status", "date_created")}
            for one in self.documents.values()
            if not one.deleted and any(asked.items() <= linked.items() for linked in one.linked)
        ]

    def _too_many(self, bucket: str) -> bool:
        now, calls = self.clock(), self._calls.setdefault(bucket, deque())
        while calls and calls[0] + _MINUTE <= now:
            _ = calls.popleft()
        if len(calls) >= (_SANDBOX if self._sandbox else _LIMITS[bucket]):
            return True
        calls.append(now)
        return False

    def _spoiled(self, told: Any) -> Reply:  # noqa: ANN401 - JSON
        text = json.dumps(told)
        match self.hostile:
            case "html":
                return self._reply(200, b"<!DOCTYPE html>", "text/html")
            case "torn":
                text = text[: len(text) // 2]
            case "error in 200":
                text = '{"type": "request_error", "detail": "try later"}'
            case "list":
                text = "[]"
            case _:
                text = "{}"
        return self._reply(200, text.encode(), "application/json")

    def _json(self, status: int, told: Any) -> Reply:  # noqa: ANN401 - JSON
        return self._reply(status, json.dumps(told).encode(), "application/json")

    def _reply(self, status: int, body: bytes, kind: str, more: Mapping[str, str] | None = None) -> Reply:
        headers = {"Content-Type": kind, "Date": format_datetime(self.clock(), usegmt=True), **(more or {})}
        return Reply(status=status, headers=headers, body=body)


def _in(document: Document, *states: str) -> None:
    if document.status not in states:
        raise conflict(document)


def _bucket(method: str, path: list[str]) -> str:
    step = path[-1]
    if method == "POST" and step == "documents":
        return "create"
    if step in ("send", "details"):
        return step
    if step in ("download", "download-protected"):
        return "download"
    return "list" if method in ("GET", "DELETE") and len(path) in (3, 4) else "other"
