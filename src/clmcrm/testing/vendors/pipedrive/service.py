"""One company in Pipedrive, as its API shows it: what is asked where, what it costs, and what is answered.

Switches make it hostile in ways that have been seen: a search that lags behind and keeps organizations from the bin,
replies that are lost, times that are equal, windows and budgets that are used up, pages for people.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.pipedrive import deals, listing
from clmcrm.testing.vendors.pipedrive.changelog import past_of
from clmcrm.testing.vendors.pipedrive.fields import STANDARD, custom_told, standard_told
from clmcrm.testing.vendors.pipedrive.persons import named
from clmcrm.testing.vendors.pipedrive.records import Clock, Record, Records
from clmcrm.testing.vendors.pipedrive.refusals import Refused, answer, invalid, not_found
from clmcrm.testing.vendors.pipedrive.searching import found
from clmcrm.testing.vendors.pipedrive.windows import Windows, cost_of

TOKEN: Final = "c0ffee-canary-4f1b"  # noqa: S105 - a canary, looked for in every output
OBJECTS: Final = {"organizationFields": "organizations", "personFields": "persons", "dealFields": "deals"}
Query = Mapping[str, str]


class PipedriveService:
    """The company. `currencies` begins with its own; `override` may answer a request instead of it (None: it does).

    `search_lag` is how late search shows a change, `lose_replies` how many of the next writes are carried out and
    answered by a gateway's page.
    """

    def __init__(
        self, *, search_lag: timedelta = timedelta(0), currencies: tuple[str, ...] = ("EUR", "USD", "JPY", "TND"),
        zone: str = "Europe/Paris", contact_sync: bool = True, tick: timedelta = timedelta(seconds=1),
    ) -> None:  # fmt: skip
        self.clock = Clock(tick)
        self.records = Records(self.clock, search_lag, contact_sync=contact_sync)
        self.windows = Windows()
        self.tokens = {TOKEN}
        self.refresh_tokens: dict[str, str] = {}
        self.forbidden: set[str] = set()
        self.hidden: set[tuple[str, int]] = set()
        self.override: Callable[[Request], Reply | None] = lambda _request: None
        self.lose_replies = 0
        self.asked: list[tuple[str, str]] = []
        self._zone, self._currencies = zone, currencies
        self._product, self._issued = 0, 0

    def answer(self, request: Request) -> Reply:
        """What Pipedrive replies."""
        self.clock.tick()
        parts = urlsplit(request.path)
        path = [unquote(name) for name in parts.path.split("/")[1:]]
        self.asked.append((request.method, parts.path))
        told = self.override(request)
        if told is not None:
            return told
        headers = {"Date": format_datetime(self.clock.now.replace(microsecond=0), usegmt=True)}
        if path == ["oauth", "token"]:
            return self._token(request, headers)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        try:
            version, rest = _version(path)
            self._admit(request, version, rest, query)
            value = self._route(request.method, version, rest, query, _body(request))
        except Refused as refused:
            return refused.reply(headers)
        if self.windows.tokens is not None:
            headers["x-daily-ratelimit-token-remaining"] = str(self.windows.tokens - self.windows.spent)
        if self.lose_replies and request.method != "GET":
            self.lose_replies -= 1
            return Reply(status=502, headers=headers, body=b"<html>Bad gateway</html>")
        return answer(value, headers, 201 if request.method == "POST" and rest[0] in STANDARD else 200)

    # What people do in Pipedrive by hand.

    def add(self, object_name: str, **values: Any) -> Record:  # noqa: ANN401 - any JSON value
        """Somebody makes a record by hand; `custom_fields` as in the API."""
        self.clock.tick()
        return self._create(object_name, values)

    def edit(self, object_name: str, key: int, **values: Any) -> None:  # noqa: ANN401 - any JSON value
        """Somebody edits a record by hand."""
        self.clock.tick()
        self._update(self.records.live(object_name, key), values)

    def delete(self, object_name: str, key: int) -> None:
        """Somebody deletes a record by hand."""
        self.clock.tick()
        self.records.delete(self.records.live(object_name, key))

    def merge(self, object_name: str, loser: int, survivor: int) -> Record:
        """Somebody merges two records by hand; the one that is left."""
        self.clock.tick()
        return self.records.merge(object_name, loser, survivor)

    def attach(self, deal: int, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        """Somebody attaches a product to a deal."""
        self.clock.tick()
        self._product += 1
        record = self.records.live("deals", deal)
        made = deals.attach(record, self._product, values)
        self.records.touch(record)
        return made

    def need(self, object_name: str, name: str, kind: str = "varchar") -> str:
        """An administrator adds a custom field; its key."""
        return self.records.need(object_name, name, kind)

    # What is asked.

    def _admit(self, request: Request, version: str, rest: list[str], query: Query) -> None:
        given = request.header("x-api-token") or (request.header("authorization") or "").removeprefix("Bearer ")
        if (given or query.get("api_token", "")) not in self.tokens:
            raise Refused(401, "unauthorized access")
        cost, search = cost_of(request.method, version, rest), rest[0] == "itemSearch"
        self.windows.admit(self.clock.now, cost, search=search)
        if rest[0] in self.forbidden:
            raise Refused(403, "Scope and URL mismatch")

    def _route(  # noqa: PLR0911, C901 - one line for each address
        self, method: str, version: str, rest: list[str], query: Query, body: dict[str, Any]
    ) -> Any:  # noqa: ANN401 - any JSON value
        match version, method, rest:
            case "v1", "GET", ["users", "me"]:
                return _envelope(self._me())
            case "v1", "GET", [name, key, "changelog"] if name in STANDARD:
                return self._changelog(name, key, query)
            case "v1", "PUT", [name, key, "merge"] if name in STANDARD:
                kept = self.records.merge(name, listing.number("id", key), int(body.get("merge_with_id", 0)))
                return _envelope({"id": kept.id, "merge_what_id": int(key)})
            case "v2", "GET", ["pipelines"]:
                return _envelope(list(deals.PIPELINES))
            case "v2", "GET", ["stages"]:
                return _envelope(list(deals.STAGES))
            case "v2", "GET", ["itemSearch", "field"]:
                return found(self.records, query)
            case "v2", "GET", ["deals", "products"]:
                return self._products(query)
            case "v2", "GET", ["deals", "archived"]:
                return self._page("deals", query, archived=True)
            case "v2", _, [name, *_] if name in OBJECTS:
                return self._fields(method, OBJECTS[name], query, body)
            case "v2", _, [name, *key] if name in STANDARD:
                return self._object(method, name, key, query, body)
            case _:
                raise Refused(404, f"{method} /{'/'.join(rest)}: no such resource")

    def _object(self, method: str, name: str, key: list[str], query: Query, body: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
        match method, key:
            case "GET", []:
                return self._page(name, query)
            case "POST", []:
                return _envelope(listing.told(self.records, self._create(name, body), {}))
            case _, [said] if method in ("GET", "PATCH", "DELETE"):
                number = listing.number("id", said)
                if (name, number) in self.hidden:
                    raise not_found("Record")
                if method == "GET":
                    return _envelope(listing.told(self.records, self.records.there(name, number), query))
                record = self.records.live(name, number)
                if method == "DELETE":
                    self.records.delete(record)
                    return _envelope({"id": number})
                self._update(record, body)
                return _envelope(listing.told(self.records, record, {}))
            case _:
                raise Refused(405, f"{method} is not supported here")

    def _page(self, name: str, query: Query, *, archived: bool = False) -> Any:  # noqa: ANN401 - any JSON value
        told = listing.page(self.records, name, query, archived=archived)
        told["data"] = [row for row in told["data"] if (name, row["id"]) not in self.hidden]
        return told

    def _create(self, name: str, body: Mapping[str, Any]) -> Record:
        values, customs = self.records.checked(name, body, new=True)
        if name == "persons":
            named(values, {})
        if name == "deals":
            deals.checked(values, None, self._currencies)
            deals.followed(self.records, values, None, self._currencies[0])
        else:
            _ = values.setdefault("owner_id", 7), values.setdefault("visible_to", 3)
            _ = values.setdefault("label_ids", [])
        self._linked(values)
        return self.records.create(name, values, customs)

    def _update(self, record: Record, body: Mapping[str, Any]) -> None:
        values, customs = self.records.checked(record.object, body, new=False)
        if record.object == "persons":
            named(values, record.values)
        if record.object == "deals":
            deals.checked(values, record, self._currencies)
            deals.followed(self.records, values, record, self._currencies[0])
        self._linked(values)
        self.records.update(record, values, customs)

    def _linked(self, values: Mapping[str, Any]) -> None:
        for name, object_name in (("org_id", "organizations"), ("person_id", "persons")):
            if values.get(name) is not None:
                _ = self.records.live(object_name, values[name])

    def _fields(self, method: str, name: str, query: Query, body: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
        if method == "POST":
            if body.keys() - {"field_name", "field_type", "options", "description", "ui_visibility"}:
                raise invalid("Unknown key")
            code = self.need(name, str(body["field_name"]), str(body["field_type"]))
            return _envelope(custom_told(self.records.customs[name][code]))
        own = [custom_told(one) for one in self.records.customs[name].values()]
        told = [*(standard_told(one, name) for one in STANDARD[name]), *own]
        ranked = {str(one["field_code"]): place for place, one in enumerate(told)}
        return listing.paged(told, lambda one: one, query, key=lambda one: ranked[str(one["field_code"])])

    def _products(self, query: Query) -> Any:  # noqa: ANN401 - any JSON value
        ids = [listing.number("deal_ids", one) for one in query.get("deal_ids", "").split(",") if one]
        if not 1 <= len(ids) <= listing.MOST_IDS:
            raise invalid(f"deal_ids: between 1 and {listing.MOST_IDS}")
        found = [one for key in ids for one in self.records.there("deals", key).products]
        found.sort(key=lambda one: int(one["id"]))
        return listing.paged(found, lambda one: one, query, key=lambda one: one["id"])

    def _changelog(self, name: str, key: str, query: Query) -> Any:  # noqa: ANN401 - any JSON value
        return past_of(self.records.there(name, listing.number("id", key)), query)

    def _token(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """A new access token and a new refresh token for an old one; the old ones end."""
        form = dict(parse_qsl(request.body.decode("latin-1")))
        given = form.get("refresh_token", "")
        who = (request.header("authorization") or "").startswith("Basic ")
        if not who or form.get("grant_type") != "refresh_token" or given not in self.refresh_tokens:
            return answer({"success": False, "message": "Invalid grant: refresh token is invalid"}, headers, 400)
        self.tokens.discard(self.refresh_tokens.pop(given))
        self._issued += 1
        access, refresh = f"oauth-canary-{self._issued}", f"refresh-canary-{self._issued}"
        self.refresh_tokens[refresh] = access
        self.tokens.add(access)
        told = {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 3599}
        return answer({**told, "scope": "base", "api_domain": "https://durand.pipedrive.com"}, headers)

    def _me(self) -> dict[str, Any]:
        return {
            "id": 7, "name": "Ada", "default_currency": self._currencies[0], "timezone_name": self._zone,
            "company_id": 22, "company_name": "Durand", "company_domain": "durand", "company_country": "FR",
        }  # fmt: skip


def _version(path: list[str]) -> tuple[str, list[str]]:
    match path:
        case ["api", ("v1" | "v2") as version, *rest] if rest:
            return version, rest
        case ["v1", *rest] if rest:
            return "v1", rest
        case _:
            raise Refused(404, "no such resource")


def _body(request: Request) -> dict[str, Any]:
    if not request.body:
        return {}
    try:
        found: object = json.loads(request.body, parse_float=Decimal)
    except ValueError:
        raise Refused(400, "Invalid JSON") from None
    if not isinstance(found, dict):
        raise invalid("an object expected")
    return cast("dict[str, Any]", found)


def _envelope(data: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    more = {"additional_data": {"next_cursor": None}} if isinstance(data, list) else {}
    return {"success": True, "data": data, **more}
