"""The fake org behind its REST API: who asks what, and what Salesforce replies.

Every reply carries Date and Sforce-Limit-Info, every error has Salesforce's own form. A test makes it hostile by
`override`, which may answer a request in the org's place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.exact_json import as_json
from clmcrm.testing.vendors.salesforce.data import OrgData
from clmcrm.testing.vendors.salesforce.jobs import Jobs
from clmcrm.testing.vendors.salesforce.querying import found_rows, written, written_row
from clmcrm.testing.vendors.salesforce.refusals import Answer, Refusal, refused
from clmcrm.testing.vendors.salesforce.soql_reading import MalformedQuery, Select, read_soql

VERSION: Final = "62.0"
TOKEN: Final = "00D-canary-salesforce-5c1a9"  # noqa: S105 - a canary, looked for in every output
COLLECTION: Final = 200
LOG_REACHES: Final = timedelta(days=15)
_COMPOSITE: Final = 25
_COMPOSITE_QUERIES: Final = 5
_PATH: Final = f"/services/data/v{VERSION}"


class FakeSalesforce:
    """An org; `tokens` are those it knows, `quota` how many calls a day it takes, `page` how long its pages are.

    `origin` is what it calls itself where it gives a token. `calls` counts what counts against the quota.
    """

    def __init__(self, data: OrgData | None = None, *, page: int = 2_000, quota: int = 100_000) -> None:
        self.data = OrgData() if data is None else data
        self.jobs = Jobs(self.data)
        self.tokens = {TOKEN}
        self.page, self.quota, self.calls = page, quota, 0
        self.origin = "https://acme.my.salesforce.com"
        self.asked: list[Request] = []
        self.override: Callable[[Request], Reply | None] = lambda _request: None
        self.unlock: Callable[[Mapping[str, str]], str | None] = lambda _form: None
        self._cursors: dict[str, tuple[Select, list[dict[str, Any]], bool]] = {}

    def answer(self, request: Request) -> Reply:  # noqa: PLR0911 - one return for each reason to reply
        """What the org replies."""
        self.asked.append(request)
        told = self.override(request)
        if told is not None:
            return told
        if request.path.partition("?")[0] == "/services/oauth2/token":
            return self._reply(self._token(request))
        if (request.header("authorization") or "").removeprefix("Bearer ") not in self.tokens:
            return self._reply(refused("INVALID_SESSION_ID", "Session expired or invalid"))
        self.calls += 1
        if self.calls > self.quota:
            return self._reply(refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
        if request.method != "GET":
            self.data.pass_time()
        path = request.path.removeprefix(_PATH)
        if not request.path.startswith(f"{_PATH}/"):
            return self._reply(refused("NOT_FOUND", "The requested resource does not exist"))
        bulk = self.jobs.answer(request, path)
        if bulk is not None:
            return self._with_headers(bulk)
        try:
            sent = json.loads(request.body, parse_float=Decimal) if request.body else None
        except ValueError:
            return self._reply((400, [{"errorCode": "JSON_PARSER_ERROR", "message": "Unexpected character"}]))
        return self._reply(self._routed(request.method, path, sent, request.headers))

    # Routes.

    def _routed(  # noqa: PLR0911 - one return for each resource
        self,
        method: str,
        path: str,
        sent: Any,  # noqa: ANN401 - JSON
        headers: Mapping[str, str],
    ) -> Answer:
        parts = urlsplit(path)
        names = [unquote(one) for one in parts.path.strip("/").split("/")]
        try:
            if names[0] in ("query", "queryAll") and method == "GET":
                return self._query(names, parts.query, headers)
            if names[0] == "sobjects":
                return self._sobjects(method, names[1:], parts.query, sent, headers)
            if names[:2] == ["composite", "sobjects"]:
                return self._collection(method, names[2:], parts.query, sent)
            if names == ["composite"] and method == "POST":
                return self._composite(sent)
            if names == ["limits"] and method == "GET":
                return 200, {"DailyApiRequests": {"Max": self.quota, "Remaining": self.quota - self.calls}}
        except MalformedQuery as wrong:
            return refused("MALFORMED_QUERY", str(wrong))
        except Refusal as refusal:
            return refused(refusal.code, refusal.message, *refusal.fields)
        return refused("NOT_FOUND", "The requested resource does not exist")

    def _query(self, names: Sequence[str], query: str, headers: Mapping[str, str]) -> Answer:
        if len(names) > 1:
            return 200, self._paged(names[1])
        deleted = names[0] == "queryAll"
        select = read_soql(parse_qs(query, keep_blank_values=True)["q"][0])
        rows = found_rows(self.data, select, deleted=deleted)
        options = {name.lower(): value for name, value in headers.items()}.get("sforce-query-options", "")
        size = int(options.partition("batchSize=")[2] or self.page)
        number = f"01g{len(self._cursors):015d}"
        self._cursors[number] = select, rows, deleted
        return 200, self._page_of(number, 0, size)

    def _paged(self, locator: str) -> dict[str, Any]:
        number, _, start = locator.partition("-")
        if number not in self._cursors:
            raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page_of(number, int(start), self.page)

    def _page_of(self, number: str, start: int, size: int) -> dict[str, Any]:
        select, rows, deleted = self._cursors[number]
        end = start + size
        page = [written_row(self.data, select, row, VERSION, deleted=deleted) for row in rows[start:end]]
        told: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows), "records": page}
        if end < len(rows):
            told["nextRecordsUrl"] = f"{_PATH}/query/{number}-{end}"
        return told

    def _sobjects(  # noqa: PLR0911 - one return for each resource
        self,
        method: str,
        names: Sequence[str],
        query: str,
        sent: Any,  # noqa: ANN401 - JSON
        headers: Mapping[str, str],
    ) -> Answer:
        said = self.data.said(names[0] if names else "")
        if len(names) == 1 and method == "POST":
            return 201, {"id": self.data.insert(said.name, sent), "success": True, "errors": []}
        if len(names) == 2 and names[1] == "describe" and method == "GET":  # noqa: PLR2004 - object, resource
            return 200, {"name": said.name, "fields": [one.described() for one in said.fields.values()]}
        if len(names) == 2 and names[1] == "deleted" and method == "GET":  # noqa: PLR2004 - as above
            return self._deleted(said.name, dict(parse_qsl(query)))
        if len(names) == 3:  # noqa: PLR2004 - object, external id, its value
            return self._by_external_id(method, said.name, names[1], names[2], sent)
        key = names[1]
        row = self.data.live(said.name, key)
        if method == "GET":
            told = {"attributes": {"type": said.name, "url": f"{_PATH}/sobjects/{said.name}/{key}"}}
            return 200, told | {name: written(value) for name, value in row.items()}
        if method == "PATCH":
            _unmodified(row, headers)
            self.data.update(said.name, key, sent)
            return 204, None
        if method == "DELETE":
            self.data.delete(said.name, key)
            return 204, None
        return refused("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed")

    def _by_external_id(self, method: str, name: str, at: str, value: str, sent: Any) -> Answer:  # noqa: ANN401 - JSON
        found = list(self.data.by_key(name, at, value))
        if method == "GET":
            if not found:
                raise Refusal("NOT_FOUND", "The requested resource does not exist")
            return 200, {one: written(each) for one, each in found[0].items()}
        if found:
            self.data.update(name, found[0]["Id"], sent)
            return 200, {"id": found[0]["Id"], "success": True, "errors": [], "created": False}
        key = self.data.insert(name, {**sent, at: value})
        return 201, {"id": key, "success": True, "errors": [], "created": True}

    def _deleted(self, name: str, given: Mapping[str, str]) -> Answer:
        start, end = (datetime.fromisoformat(given[key]).replace(second=0) for key in ("start", "end"))
        if end - start <= timedelta(minutes=1) or self.data.now - start > LOG_REACHES or end > self.data.now:
            raise Refusal("INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
        told = [
            {"id": key, "deletedDate": written(at)}
            for of, key, at in self.data.log
            if of == name and start <= at <= end
        ]
        earliest = self.data.log_from or self.data.now - LOG_REACHES
        covered = min(end, self.data.now.replace(second=0, microsecond=0))
        return 200, {
            "deletedRecords": told, "earliestDateAvailable": written(earliest), "latestDateCovered": written(covered)
        }  # fmt: skip

    # Collections and composites.

    def _collection(self, method: str, names: Sequence[str], query: str, sent: Any) -> Answer:  # noqa: ANN401 - JSON
        if method == "DELETE":
            keys = dict(parse_qsl(query)).get("ids", "").split(",")
            return self._each([partial(self._deleted_one, key) for key in keys])
        records = sent["records"]
        if method == "POST" and not names:
            return self._each([partial(self.data.insert, one["attributes"]["type"], one) for one in records])
        if method == "PATCH" and not names:
            return self._each([partial(self._updated_one, one) for one in records])
        if method == "PATCH" and len(names) == 2:  # noqa: PLR2004 - object and external id
            return self._each([partial(self._upserted_one, names[0], names[1], one) for one in records])
        return refused("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed")

    def _each(self, deeds: Sequence[Callable[[], str]]) -> Answer:
        if len(deeds) > COLLECTION:
            return refused("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {COLLECTION} records")
        told: list[dict[str, Any]] = []
        for deed in deeds:
            try:
                told.append({"id": deed(), "success": True, "errors": []})
            except Refusal as refusal:
                error = {"statusCode": refusal.code, "message": refusal.message, "fields": list(refusal.fields)}
                told.append({"success": False, "errors": [error]})
        return 200, told

    def _updated_one(self, one: Mapping[str, Any]) -> str:
        key = str(one.get("Id") or one.get("id"))
        self.data.update(one["attributes"]["type"], key, one)
        return key

    def _upserted_one(self, name: str, at: str, one: Mapping[str, Any]) -> str:
        found = list(self.data.by_key(name, at, one[at]))
        if not found:
            return self.data.insert(name, one)
        self.data.update(name, found[0]["Id"], one)
        return str(found[0]["Id"])

    def _deleted_one(self, key: str) -> str:
        name = next((name for name, rows in self.data.rows.items() if key in rows), None)
        if name is None:
            raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        self.data.delete(name, key)
        return key

    def _composite(self, sent: Any) -> Answer:  # noqa: ANN401 - JSON
        parts = sent["compositeRequest"]
        heavy = [one for one in parts if "/query" in one["url"] or "/composite/sobjects" in one["url"]]
        if len(parts) > _COMPOSITE or len(heavy) > _COMPOSITE_QUERIES:
            return refused("LIMIT_EXCEEDED", "too many subrequests, or too many queries and collections among them")
        told: list[dict[str, Any]] = []
        for one in parts:
            path = str(one["url"]).removeprefix(_PATH)
            status, body = self._routed(one["method"], path, one.get("body"), one.get("httpHeaders", {}))
            told.append({"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": one["referenceId"]})
        return 200, {"compositeResponse": told}

    # Tokens and replies.

    def _token(self, request: Request) -> Answer:
        form = dict(parse_qsl(request.body.decode("latin-1")))
        token = self.unlock(form)
        if token is None:
            return 400, {"error": "invalid_grant", "error_description": "authentication failure"}
        self.tokens.add(token)
        return 200, {
            "access_token": token, "instance_url": self.origin, "id": f"{self.origin}/id/00D/005",
            "token_type": "Bearer", "issued_at": "1778148000000", "signature": "c2lnbmF0dXJl", "scope": "api",
        }  # fmt: skip

    def _reply(self, answer: Answer) -> Reply:
        status, value = answer
        body = b"" if value is None else as_json(value).encode()
        return self._with_headers(
            Reply(status=status, headers={"Content-Type": "application/json;charset=UTF-8"}, body=body)
        )

    def _with_headers(self, reply: Reply) -> Reply:
        own = {
            "Date": format_datetime(self.data.now.replace(microsecond=0), usegmt=True),
            "Sforce-Limit-Info": f"api-usage={self.calls}/{self.quota}",
        }
        return Reply(status=reply.status, headers={**own, **reply.headers}, body=reply.body)


def _unmodified(row: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    given = {name.lower(): value for name, value in headers.items()}.get("if-unmodified-since")
    if given is None:
        return
    try:
        at = parsedate_to_datetime(given)
    except (ValueError, TypeError):
        raise Refusal("INVALID_HEADER", "If-Unmodified-Since") from None
    if row["LastModifiedDate"] > at:
        raise Refusal("PRECONDITION_FAILED", "the record was modified since")
