"""One HubSpot account, as its API shows it: what is asked where, and what is answered.

Switches make it hostile in ways that have been seen: a lagging search, conflicts that refuse a whole batch, replies
that are lost, pages for people, links to elsewhere, merges that make a new record.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final, cast
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import define, field

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.hubspot import pipelines
from clmcrm.testing.vendors.hubspot.associations import Associations
from clmcrm.testing.vendors.hubspot.objects import Objects, is_archived
from clmcrm.testing.vendors.hubspot.records import Clock, Record, Records
from clmcrm.testing.vendors.hubspot.refusals import Refused, answer, invalid
from clmcrm.testing.vendors.hubspot.schema import Schema

TOKEN: Final = "pat-eu1-canary-4f1b"  # noqa: S105 - a canary, looked for in every output
_SECOND: Final = timedelta(seconds=1)
_TEN_SECONDS: Final = timedelta(seconds=10)
Query = Mapping[str, list[str]]


@define
class Windows:
    """Rate windows: how many calls in ten seconds, and searches in one; None: as many as one likes."""

    calls: int | None = None
    searches: int | None = None
    seen: deque[datetime] = field(factory=deque[datetime])
    searched: deque[datetime] = field(factory=deque[datetime])

    def refuse(self, now: datetime, *, search: bool) -> str | None:
        """The policy that a request breaks; None when it breaks none."""
        for most, seen, per, policy in (
            (self.searches if search else None, self.searched, _SECOND, "SECONDLY"),
            (None if search else self.calls, self.seen, _TEN_SECONDS, "TEN_SECONDLY_ROLLING"),
        ):
            while seen and seen[0] <= now - per:
                _ = seen.popleft()
            if most is not None:
                if len(seen) >= most:
                    return policy
                seen.append(now)
        return None


class HubSpotAccount:
    """The account. `currencies` begins with its own; `override` may answer a request instead of it (None: it does).

    `search_lag` is how late search shows a change, `merges_mint` says that a merge makes a new record,
    `conflicts_whole` that a conflict over a unique value refuses a whole batch, `trace` that results name their
    input, `contracts` that the account has contracts of its own.
    """

    def __init__(
        self, *, search_lag: timedelta = timedelta(0), currencies: tuple[str, ...] = ("EUR", "USD", "JPY", "TND"),
        zone: str = "Europe/Paris", page_link: str = "https://elsewhere.example/next", contracts: bool = True,
    ) -> None:  # fmt: skip
        self.clock = Clock()
        self.schema = Schema()
        self.records = Records(self.schema, self.clock, search_lag)
        self.links = Associations(self.records)
        self.objects = Objects(self.records, self.links, currencies)
        self.windows = Windows()
        self.tokens = {TOKEN}
        self.refresh_tokens: dict[str, str] = {}
        self.scopes_missing: set[str] = set()
        self.override: Callable[[Request], Reply | None] = lambda _request: None
        self.lose_replies = 0
        self.asked: list[tuple[str, str]] = []
        self.page_link, self.contracts = page_link, contracts
        self._zone, self._currencies = zone, currencies
        self._issued = 0

    def answer(self, request: Request) -> Reply:
        """What HubSpot replies."""
        self.clock.tick()
        parts = urlsplit(request.path)
        path = [unquote(name) for name in parts.path.split("/")[1:]]
        self.asked.append((request.method, parts.path))
        told = self.override(request)
        if told is not None:
            return told
        headers = {"Date": format_datetime(self.clock.now.replace(microsecond=0), usegmt=True)}
        try:
            self._admit(request, path)
            status, value = self._route(request.method, path, parse_qs(parts.query), self._body(request, path))
        except Refused as refused:
            return refused.reply(headers)
        if self.lose_replies and request.method == "POST" and status in (200, 201, 204, 207):
            self.lose_replies -= 1
            return Reply(status=502, headers=headers, body=b"<html>Bad gateway</html>")
        return Reply(status=status, headers=headers) if value is None else answer(value, headers, status)

    # What people do in HubSpot by hand.

    def add(self, object_type: str, **properties: str) -> Record:
        """Somebody makes a record by hand."""
        self.clock.tick()
        return self.objects.create(object_type, properties)

    def edit(self, object_type: str, key: str, **properties: str) -> None:
        """Somebody edits a record by hand."""
        self.clock.tick()
        self.objects.update(self.records.live(object_type, key), properties)

    def delete(self, object_type: str, key: str) -> None:
        """Somebody deletes a record by hand."""
        self.clock.tick()
        self.records.archive(self.records.live(object_type, key))

    def merge(self, object_type: str, loser: str, survivor: str) -> Record:
        """Somebody merges two records by hand; the one that is left."""
        self.clock.tick()
        return self.objects.merge(object_type, loser, survivor)

    def need(self, object_type: str, name: str, *, unique: bool = False, kind: str = "string") -> None:
        """An administrator adds a property."""
        _ = self.schema.add(object_type, {"name": name, "type": kind, "hasUniqueValue": unique})

    # What is asked.

    def _admit(self, request: Request, path: list[str]) -> None:
        if path[:2] == ["oauth", "v1"]:
            return
        token = (request.header("authorization") or "").removeprefix("Bearer ")
        if token not in self.tokens:
            message = f"Authentication credentials not found. The token {token[:4]} is not known"
            raise Refused(401, "INVALID_AUTHENTICATION", message)
        policy = self.windows.refuse(self.clock.now, search=path[-1] == "search")
        if policy is not None:
            raise Refused(
                429, "RATE_LIMITS", f"You have reached your {policy.lower()} limit.", context={"policy": [policy]}
            )
        for name in self.scopes_missing & set(path):
            scope = f"crm.objects.{name}.{'read' if request.method == 'GET' else 'write'}"
            raise Refused(
                403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.",
                context={"requiredGranularScopes": [scope]},
            )  # fmt: skip

    def _body(self, request: Request, path: list[str]) -> dict[str, Any]:
        if not request.body or path[:1] == ["oauth"]:
            return {"form": parse_qs(request.body.decode("latin-1"))}
        try:
            found: object = json.loads(request.body)
        except ValueError:
            raise invalid("Invalid input JSON") from None
        if not isinstance(found, dict):
            raise invalid("Invalid input JSON: an object expected")
        return cast("dict[str, Any]", found)

    def _route(  # noqa: PLR0911 - one line for each address
        self, method: str, path: list[str], query: Query, body: dict[str, Any]
    ) -> tuple[int, Any]:
        match method, path:
            case "GET", ["account-info", "v3", "details"]:
                return 200, self._details()
            case "GET", ["crm", "v3", "pipelines", "deals"]:
                return 200, pipelines.told()
            case "POST", ["oauth", "v1", "token"]:
                return 200, self._token(body["form"])
            case "GET", ["crm", "v3", "properties", name, key]:
                return 200, self.schema.one(self._known(name), key).told()
            case "GET", ["crm", "v3", "properties", name]:
                return 200, {"results": [one.told() for one in self.schema.of(self._known(name)).values()]}
            case "POST", ["crm", "v3", "properties", name]:
                return 201, self.schema.add(self._known(name), body).told()
            case _, ["crm", "v3", "objects", name, *rest]:
                return self._object(method, self._known(name), rest, query, body)
            case _, ["crm", "objects", "2026-09", name, *rest]:
                return self._object(method, self._known(name), rest, query, body, partial=False)
            case "POST", ["crm", "v4", "associations", source, target, "batch", *deed]:
                return self._associations(self._known(source), self._known(target), "/".join(deed), body)
            case _:
                raise Refused(404, "OBJECT_NOT_FOUND", f"{method} /{'/'.join(path)}: no such resource")

    def _known(self, name: str) -> str:
        if name == "contracts" and not self.contracts:
            raise Refused(403, "MISSING_SCOPES", "The account does not have access to this object.")
        _ = self.schema.of(name)
        return name

    def _object(  # noqa: PLR0911 - one line for each address
        self, method: str, name: str, rest: list[str], query: Query, body: dict[str, Any], *, partial: bool = True
    ) -> tuple[int, Any]:
        match method, rest:
            case "POST", ["search"]:
                return 200, self.objects.search(name, body, self.page_link)
            case "POST", ["merge"]:
                return 200, self.objects.merged_by(name, body)
            case "POST", ["batch", deed]:
                return self.objects.batch(name, deed, body, archived=is_archived(query), partial=partial)
            case "GET", []:
                return 200, self.objects.listed(name, query, self.page_link)
            case "POST", []:
                return 201, self.objects.created(name, body)
            case "GET", [key]:
                return 200, self.objects.shown_by(name, key, query)
            case "PATCH", [key]:
                return 200, self.objects.patched(name, key, body)
            case "DELETE", [key]:
                self.records.archive(self.records.live(name, key))
                return 204, None
            case _:
                raise Refused(405, "VALIDATION_ERROR", f"{method} is not supported here")

    def _associations(self, source: str, target: str, deed: str, body: dict[str, Any]) -> tuple[int, Any]:
        inputs = cast("list[dict[str, Any]]", body.get("inputs") or [])
        if len(inputs) > 1_000:  # noqa: PLR2004 - the documented limit
            raise invalid("inputs: at most 1000")
        results: list[Any] = []
        errors: list[Any] = []
        for one in inputs:
            try:
                results += self._association(source, target, deed, one)
            except Refused as refused:
                errors.append(refused.item())
        if deed.endswith("archive"):
            return 204, None
        told = {"status": "COMPLETE", "results": results} | (
            {"numErrors": len(errors), "errors": errors} if errors else {}
        )
        return (207 if errors else 201 if deed == "create" else 200), told

    def _association(self, source: str, target: str, deed: str, one: dict[str, Any]) -> list[Any]:
        if deed == "read":
            return [self.links.read(source, target, one)]
        key = str(one["from"]["id"])
        if deed == "archive":
            for other in one["to"]:
                self.links.end(source, key, target, str(other["id"]))
            return []
        other = str(one["to"]["id"])
        if deed == "labels/archive":
            for kind in one["types"]:
                self.links.unlabel(source, key, target, other, int(kind["associationTypeId"]))
            return []
        for kind in one["types"]:
            self.links.make(source, key, target, other, int(kind["associationTypeId"]))
        return [{"fromObjectId": key, "toObjectId": other, "labels": []}]

    def _details(self) -> dict[str, Any]:
        return {
            "portalId": 621_000, "accountType": "STANDARD", "timeZone": self._zone, "companyCurrency":
            self._currencies[0], "additionalCurrencies": list(self._currencies[1:]), "utcOffset": "+01:00",
            "utcOffsetMilliseconds": 3_600_000, "uiDomain": "app.hubspot.com", "dataHostingLocation": "eu1",
        }  # fmt: skip

    def _token(self, form: Mapping[str, list[str]]) -> dict[str, Any]:
        """A new access token for a refresh token; the old access token ends."""
        given = form.get("refresh_token", [""])[0]
        right = form.get("grant_type") == ["refresh_token"] and form.get("client_id") and form.get("client_secret")
        if not right or given not in self.refresh_tokens:
            raise Refused(400, "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        self.tokens.discard(self.refresh_tokens[given])
        self._issued += 1
        access = f"oauth-canary-{self._issued}"
        self.refresh_tokens[given] = access
        self.tokens.add(access)
        return {"token_type": "bearer", "refresh_token": given, "access_token": access, "expires_in": 1800}
