"""The fake's public API: who asks what, and what Ironclad replies, errors in its own form included.

A test makes it hostile by `override`, which may answer a request in its place, and by `lose_replies`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.ironclad.checking import Objection, check_properties, missing, wrong
from clmcrm.testing.vendors.ironclad.company import (
    ENTITIES,
    OBLIGATIONS,
    RECORDS,
    WORKFLOWS,
    Company,
)
from clmcrm.testing.vendors.ironclad.formulas import MalformedFormula, read_formula
from clmcrm.testing.vendors.ironclad.showing import described, shown, written
from clmcrm.testing.vendors.ironclad.workflows import completed, launch_form, launched, updated

ORIGIN: Final = "https://na1.ironcladapp.com"
TOKEN: Final = "ic-canary-7f3b9"  # noqa: S105 - a canary, looked for in every output
CLIENT: Final = ("client-of-the-fake", "secret-canary-of-the-fake")
USER: Final = "legal@acme.example"
LIFETIME: Final = 21_600

_BASE: Final = "/public/api/v1"
_MINUTE: Final = timedelta(minutes=1)
_MOST: Final = 100

Answer = tuple[int, Any]


class FakeIronclad:
    """A company's Ironclad; `limits` are calls in a minute by bucket, as published (empty: none is counted)."""

    def __init__(self, company: Company | None = None, *, limits: Mapping[str, int] | None = None) -> None:
        self.company = Company() if company is None else company
        self.tokens = {TOKEN}
        self.scopes_missing: set[str] = set()
        self.asked: list[Request] = []
        self.lose_replies = 0
        self.override: Callable[[Request], Reply | None] = lambda _request: None
        self._limits = dict(limits or {})
        self._calls: dict[str, deque[datetime]] = {}

    def answer(self, request: Request) -> Reply:
        """What Ironclad replies."""
        self.asked.append(request)
        told = self.override(request)
        if told is not None:
            return told
        parts = urlsplit(request.path)
        if parts.path == "/oauth/token":
            return self._reply(*self._token(request))
        try:
            status, value = self._answered(request, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)))
        except Objection as objection:
            status, value = objection.status, objection.told
        if self.lose_replies and request.method != "GET":
            self.lose_replies -= 1
            return Reply(status=504, headers={"Content-Type": "text/html"}, body=b"<html>timeout</html>")
        return self._reply(status, value)

    def _reply(self, status: int, value: object, headers: Mapping[str, str] | None = None) -> Reply:
        body = b"" if value is None else written(value).encode()
        told = {
            "Content-Type": "application/json; charset=utf-8",
            "Date": format_datetime(self.company.now, usegmt=True),
        }
        return Reply(status=status, headers={**told, **(headers or {})}, body=body)

    def _token(self, request: Request) -> Answer:
        try:
            sent: dict[str, Any] = json.loads(request.body)
        except ValueError:
            sent = {}
        if sent.get("grant_type") != "client_credentials" or not sent.get("scope"):
            return 400, {"error": "invalid_request", "error_description": "missing grant type or scope"}
        if (sent.get("client_id"), sent.get("client_secret")) != CLIENT:
            return 401, {"error": "invalid_client", "error_description": "invalid client"}
        token = f"{TOKEN}-{len(self.tokens)}"
        self.tokens.add(token)
        told = {"token_type": "Bearer", "access_token": token, "expires_in": LIFETIME, "scope": sent["scope"]}
        return 200, told

    def _answered(self, request: Request, path: str, query: dict[str, str]) -> Answer:
        if (request.header("authorization") or "").removeprefix("Bearer ") not in self.tokens:
            raise Objection(401, "UNAUTHORIZED", "invalid authentication token")
        if not (request.header("x-as-user-email") or request.header("x-as-user-id")):
            raise Objection(400, "MISSING_PARAM", "missing user header", "x-as-user-email")
        if not path.startswith(f"{_BASE}/"):
            raise missing(path)
        names = [unquote(one) for one in path.removeprefix(f"{_BASE}/").split("/")]
        self._counted(request.method, names[0])
        self._allowed(request.method, names)
        sent = self._sent(request)
        self.company.pass_time(timedelta(milliseconds=1))
        if names[0] == WORKFLOWS:
            return self._workflows(request.method, names[1:], query, sent)
        if names[0] == "workflow-schemas" and len(names) == 2 and query.get("form") == "launch":  # noqa: PLR2004 - an id
            return 200, launch_form(self.company, names[1])
        if names == [RECORDS, "metadata"]:
            return 200, described(self.company)
        if names == [ENTITIES, "relationship-types"]:
            return 200, [{"id": own, "name": name, "displayName": name} for own, name in self.company.relations.items()]
        if names[0] in (RECORDS, ENTITIES, OBLIGATIONS):
            return self._objects(names[0], request.method, names[1:], query, sent)
        raise missing(path)

    def _sent(self, request: Request) -> Any:  # noqa: ANN401 - any JSON value
        try:
            return json.loads(request.body, parse_float=Decimal) if request.body else {}
        except ValueError:
            raise wrong("malformed JSON") from None

    def _counted(self, method: str, first: str) -> None:
        kind = "read" if method == "GET" else "write"
        bucket = f"{first}-{kind}" if first in (WORKFLOWS, RECORDS) else "others"
        if bucket in self._limits:
            calls = self._calls.setdefault(bucket, deque())
            while calls and self.company.now - calls[0] >= _MINUTE:
                _ = calls.popleft()
            if len(calls) >= self._limits[bucket]:
                raise Objection(429, "TOO_MANY_REQUESTS", "rate limit exceeded")
            calls.append(self.company.now)

    def _allowed(self, method: str, names: list[str]) -> None:
        if f"{method} {names[0]}" in self.scopes_missing or names[0] in self.scopes_missing:
            raise Objection(403, "FORBIDDEN", f"insufficient scope for {method} {names[0]}")
        if len(names) > 1 and names[1] in self.company.hidden:
            raise Objection(403, "FORBIDDEN", "access forbidden")

    # Records, entities, obligations.

    def _objects(self, place: str, method: str, names: list[str], query: dict[str, str], sent: Any) -> Answer:  # noqa: ANN401 - JSON; one return for each route
        if not names:
            if method == "GET":
                return 200, self._list(place, query)
            if method == "POST" and place != OBLIGATIONS:
                return (200 if place == RECORDS else 201), self._one_shown(place, self._made(place, sent), query)
        elif len(names) == 1:
            told = self._found(place, names[0], method)
            if method == "GET":
                return 200, self._one_shown(place, told, query)
            if method == "PATCH" and place != OBLIGATIONS:
                return 200, self._one_shown(place, self._patched(place, told, sent), query)
            if method == "DELETE" and place != OBLIGATIONS:
                self.company.delete(told["id"])
                return 204, None
        raise Objection(405, "NOT_ALLOWED", f"{method} is not allowed here")

    def _found(self, place: str, own: str, method: str) -> dict[str, Any]:
        try:
            told = self.company.one(own)
        except KeyError:
            told = {}
        if not told or self.company.place_of(own) != place:
            raise missing(own, 400 if place == RECORDS and method == "GET" else 404)
        return told

    def _one_shown(self, place: str, told: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        return shown(self.company, place, told, addresses=place != RECORDS or query.get("addressAsObject") == "true")

    def _list(self, place: str, query: dict[str, str]) -> dict[str, Any]:
        page, size = int(query.get("page", "0")), int(query.get("pageSize", "20"))
        if not 1 <= size <= _MOST or page < 0:
            raise wrong("pageSize must be 1 to 100", "pageSize")
        found = self.company.listed(place)
        if "lastUpdated" in query:
            since = datetime.fromisoformat(query["lastUpdated"])
            found = [one for one in found if datetime.fromisoformat(one["lastUpdated"]) >= since]
        if "filter" in query:
            try:
                condition = read_formula(query["filter"])
            except MalformedFormula as malformed:
                raise wrong(f"invalid filter: {malformed}", "filter") from None
            found = [one for one in found if condition(partial(_looked_up, one))]
        if place == WORKFLOWS:
            statuses = query.get("status", "active").split(",")
            found = [one for one in found if one["status"] in statuses]
        elif query.get("sortField") == "lastUpdated":
            found.sort(key=lambda one: one["lastUpdated"], reverse=query.get("sortDirection", "DESC") == "DESC")
        rows = found[page * size : (page + 1) * size]
        return {
            "page": page, "pageSize": size, "count": len(found),
            "list": [self._one_shown(place, one, query) for one in rows],
        }  # fmt: skip

    def _made(self, place: str, sent: dict[str, Any]) -> dict[str, Any]:
        if not sent.get("name"):
            raise Objection(400, "MISSING_PARAM", "missing required parameter", "name")
        known = self.company.properties if place == RECORDS else self.company.entity_properties
        check_properties(sent.get("properties", {}), known)
        told: dict[str, Any] = {"name": sent["name"], "properties": sent.get("properties", {})}
        if place == RECORDS:
            told["type"] = self._type(sent.get("type"))
        else:
            told |= {"status": sent.get("status", "ACTIVE").lower(), "namedTypeIds": self._relations(sent)}
        return self.company.add(place, told | self._parent(place, sent.get("parent")))

    def _patched(self, place: str, told: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
        known = self.company.properties if place == RECORDS else self.company.entity_properties
        check_properties(sent.get("addProperties", {}), known)
        removed = sent.get("removeProperties", ())
        properties = {n: one for n, one in told["properties"].items() if n not in removed} | sent.get(
            "addProperties", {}
        )
        values: dict[str, Any] = {"properties": properties, "name": sent.get("name") or told["name"]}
        if place == RECORDS and "type" in sent:
            values["type"] = self._type(sent["type"])
        if place == ENTITIES:
            values["status"] = sent.get("status", told["status"]).lower()
            values["namedTypeIds"] = self._relations(sent) or told["namedTypeIds"]
        if sent.get("removeParent"):
            values |= {"parentId": None, "parentLinkType": None}
        return self.company.edit(told["id"], **values, **self._parent(place, sent.get("setParent")))

    def _type(self, name: object) -> str:
        if name not in self.company.types:
            raise wrong(f"unknown record type {name}", "type")
        return str(name)

    def _relations(self, sent: dict[str, Any]) -> list[str]:
        keys = sent.get("relationshipTypeKey", [])
        by_key = {name: own for own, name in self.company.relations.items()}
        unknown = [key for key in keys if key not in by_key]
        if unknown or len(keys) > 1:
            raise wrong(f"invalid relationship type {keys}", "relationshipTypeKey")
        return [by_key[key] for key in keys]

    def _parent(self, place: str, sent: dict[str, Any] | None) -> dict[str, Any]:
        if sent is None:
            return {}
        if self.company.place_of(sent["recordId"]) != place:
            raise missing(sent["recordId"], 400)
        return {"parentId": sent["recordId"], "parentLinkType": sent.get("parentLinkType")}

    # Workflows.

    def _workflows(self, method: str, names: list[str], query: dict[str, str], sent: Any) -> Answer:  # noqa: ANN401 - JSON
        if not names:
            return (
                (200, self._list(WORKFLOWS, query))
                if method == "GET"
                else (200, self._one_shown(WORKFLOWS, launched(self.company, sent), {}))
            )
        told = self._found(WORKFLOWS, names[0], method)
        if names[1:] == ["attributes"] and method == "PATCH":
            return 200, self._one_shown(WORKFLOWS, updated(self.company, told, sent), query)
        if names[1:] == ["cancel"] and method == "POST":
            if told["status"] not in ("active", "paused"):
                raise Objection(400, "INVALID_STATE", f"workflow is {told['status']}")
            _ = self.company.edit(told["id"], status="cancelled", isCancelled=True)
            return 204, None
        if names[1:] or method != "GET":
            raise Objection(405, "NOT_ALLOWED", f"{method} is not allowed here")
        return 200, self._one_shown(WORKFLOWS, told, query)

    # What people do.

    def complete(self, own: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - typed properties
        """A workflow is reviewed, signed and archived: its record, with the attributes as properties."""
        return completed(self.company, own, properties)


def _looked_up(one: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON value
    if "attributes" in one:
        return one["attributes"].get(name)
    typed = one.get("properties", {}).get(name)
    return one.get(name) if typed is None else typed.get("value")
