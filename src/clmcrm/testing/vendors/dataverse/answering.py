"""The fake environment behind its Web API: who asks what, and what Dataverse replies.

Every error has Dataverse's own form. A test makes it hostile by `override`, which may answer a request in the
environment's place. Microsoft's token endpoint is served at the same place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.dataverse.batching import BatchPart, MalformedBatch, batch_reply, read_batch
from clmcrm.testing.vendors.dataverse.data import EnvironmentData, Refusal, Row
from clmcrm.testing.vendors.dataverse.odata_reading import MalformedFilter, Target, read_filter, read_target
from clmcrm.testing.vendors.dataverse.querying import etag, found_rows, selected, written_row
from clmcrm.testing.vendors.dataverse.tables import OTHERS, TableSaid
from clmcrm.testing.vendors.dataverse.tracking import tracked_page
from clmcrm.testing.vendors.salesforce.answering import as_json

TOKEN: Final = "eyJ-canary-dataverse-7e20b"  # noqa: S105 - a canary, looked for in every output
BASE: Final = "/api/data/v9.2"
MOST: Final = 1_000
PAGE: Final = 5_000
_ACTIONS: Final = "Microsoft.Dynamics.CRM."
_UNKEYED: Final = frozenset("/<>*%&:\\?+#")
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMPTY: Final[Mapping[str, str]] = {}

Answer = tuple[int, Any, Mapping[str, str]]


class FakeDataverse:
    """An environment; `tokens` are those it knows, `page` how long its pages are at most.

    `calls` counts requests, `limited` how many of the next ones are refused with 429, `held_back` how many parts of
    the next batches. `unlock` says whether a form lets somebody in: the token, or None.
    """

    def __init__(self, data: EnvironmentData | None = None, *, page: int = PAGE) -> None:
        self.data = EnvironmentData() if data is None else data
        self.tokens = {TOKEN}
        self.page, self.calls, self.limited, self.held_back = page, 0, 0, 0
        self.origin = "https://acme.crm4.dynamics.com"
        self.asked: list[Request] = []
        self.override: Callable[[Request], Reply | None] = lambda _request: None
        self.unlock: Callable[[Mapping[str, str]], str | None] = lambda _form: None

    def answer(self, request: Request) -> Reply:  # noqa: PLR0911 - one return for each reason to reply
        """What the environment replies."""
        self.asked.append(request)
        told = self.override(request)
        if told is not None:
            return told
        if request.path.endswith("/oauth2/v2.0/token"):
            return self._reply(self._token(request))
        if (request.header("authorization") or "").removeprefix("Bearer ") not in self.tokens:
            return Reply(status=401, headers={"WWW-Authenticate": "Bearer", "Date": self._date()})
        self.calls += 1
        if self.limited > 0:
            self.limited -= 1
            words = "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
            return self._reply((429, _error("0x80072322", words), {"Retry-After": "2"}))
        if request.method != "GET":
            self.data.pass_time()
        path = request.path.removeprefix(BASE).lstrip("/")
        if not request.path.startswith(f"{BASE}/"):
            return self._reply((404, _error("0x80060888", "Resource not found"), _EMPTY))
        if path == "$batch" and request.method == "POST":
            return self._batch(request)
        return self._reply(self._done(request.method, path, request.body, request.headers))

    # Batches.

    def _batch(self, request: Request) -> Reply:
        try:
            items = read_batch(request.header("content-type") or "", request.body)
        except MalformedBatch as wrong:
            return self._reply((400, _error("0x80060888", str(wrong)), _EMPTY))
        if sum(len(item) for item in items) > MOST:
            words = f"A batch request may not contain more than {MOST} requests"
            return self._reply((400, _error("0x80060888", words), _EMPTY))
        go_on = "odata.continue-on-error" in (request.header("prefer") or "")
        told: list[tuple[bool, list[tuple[BatchPart, Reply]]]] = []
        for item in items:
            replies = self._item(item)
            told.append((item[0].in_changes, replies))
            if not go_on and any(reply.status >= 400 for _, reply in replies):  # noqa: PLR2004 - a failure
                break
        failed = any(reply.status >= 400 for _, replies in told for _, reply in replies)  # noqa: PLR2004 - as above
        kind, body = batch_reply(told)
        headers = {"Content-Type": kind, "OData-Version": "4.0", "Date": self._date()}
        return Reply(status=200 if go_on or not failed else 400, headers=headers, body=body)

    def _item(self, item: Sequence[BatchPart]) -> list[tuple[BatchPart, Reply]]:
        if not item[0].in_changes:
            return [(item[0], self._part(item[0], _EMPTY))]
        before = self._kept()
        made: dict[str, str] = {}
        told: list[tuple[BatchPart, Reply]] = []
        for part in item:
            reply = self._part(part, made)
            if reply.status >= 400:  # noqa: PLR2004 - a failure
                self._restored(before)
                return [(part, reply)]
            if part.content_id:
                made[part.content_id] = reply.headers.get("OData-EntityId", "").removeprefix(f"{self.origin}{BASE}/")
            told.append((part, reply))
        return told

    def _part(self, part: BatchPart, made: Mapping[str, str]) -> Reply:
        if self.held_back > 0:
            self.held_back -= 1
            words = "Number of concurrent requests exceeded the limit of 52."
            return self._reply((429, _error("0x80072326", words), {"Retry-After": "2"}))
        path, body = urlsplit(part.path), part.body
        target = f"{path.path}?{path.query}" if path.query else path.path
        target = target.removeprefix(BASE).lstrip("/")
        for name, address in made.items():
            target = f"{address}{target[len(name) + 1 :]}" if target.startswith(f"${name}") else target
            body = body.replace(f'"${name}"'.encode(), f'"/{address}"'.encode())
        return self._reply(self._done(part.method, target, body, part.headers))

    def _kept(self) -> dict[str, dict[str, Row]]:
        return {name: {key: dict(row) for key, row in rows.items()} for name, rows in self.data.rows.items()}

    def _restored(self, before: dict[str, dict[str, Row]]) -> None:
        for name, rows in before.items():
            for key, row in self.data.rows[name].items():
                if key not in rows:
                    self.data.forget(name, row)
            self.data.rows[name] = rows

    # Single requests.

    def _done(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        given = {name.lower(): value for name, value in headers.items()}
        try:
            sent: Any = json.loads(body, parse_float=Decimal) if body else None
            return self._routed(method, read_target(path), sent, given)
        except MalformedFilter as wrong:
            return 400, _error("0x80060888", str(wrong)), _EMPTY
        except Refusal as refusal:
            return refusal.status, _error(refusal.code, refusal.message), _EMPTY
        except ValueError:
            return 400, _error("0x80048d19", "Error identified in Payload provided by the user"), _EMPTY

    def _routed(self, method: str, target: Target, sent: Any, headers: Mapping[str, str]) -> Answer:  # noqa: ANN401 - JSON
        head = target.segments[0]
        if head == "WhoAmI" and method == "GET":
            return 200, {"UserId": "00000000-0000-0000-0005-000000000001", "OrganizationId": "1"}, _EMPTY
        if head == "EntityDefinitions" and method == "GET":
            return self._definitions(target)
        said = self.data.of_set(head)
        if target.key is None:
            if len(target.segments) > 1:
                return self._action(said, target.segments[1], sent)
            return self._of_set(method, said, target, sent, headers)
        return self._of_row(method, said, target, sent, headers)

    def _of_set(
        self,
        method: str,
        said: TableSaid,
        target: Target,
        sent: Any,  # noqa: ANN401 - JSON
        headers: Mapping[str, str],
    ) -> Answer:
        if method == "POST":
            key = self.data.insert(said.name, sent)
            return self._written(said, key, target, headers, created=True)
        if method != "GET":
            raise Refusal(405, "0x80060888", f"The requested resource does not support http method '{method}'.")
        options = dict(target.options)
        wishes = headers.get("prefer", "")
        size = min(int(wishes.partition("odata.maxpagesize=")[2].partition(",")[0] or self.page), self.page)
        url = f"{self.origin}{BASE}/{said.set}"
        annotated = "include-annotations" in wishes
        by_token = "$deltatoken" in options or options.get("$skiptoken", "").count("!") == 3  # noqa: PLR2004 - its form
        if "odata.track-changes" in wishes or by_token:
            return 200, tracked_page(self.data, said, options, size, annotated=annotated, url=url), _EMPTY
        where = read_filter(options["$filter"]) if "$filter" in options else None
        rows = found_rows(self.data, said, where, options.get("$orderby", ""))
        if "$top" in options:
            rows = rows[: int(options["$top"])]
        start = int(options.get("$skiptoken") or 0)
        columns = selected(said, options.get("$select", ""))
        page = [written_row(said, row, columns, annotated=annotated) for row in rows[start : start + size]]
        told: dict[str, Any] = {"@odata.context": f"{self.origin}{BASE}/$metadata#{said.set}", "value": page}
        if start + size < len(rows):
            kept = {name: one for name, one in options.items() if name not in ("$skiptoken", "$top")}
            query = urlencode({**kept, "$skiptoken": start + size}, safe="$", quote_via=quote)
            told["@odata.nextLink"] = f"{url}?{query}"
        return 200, told, _EMPTY

    def _of_row(
        self,
        method: str,
        said: TableSaid,
        target: Target,
        sent: Any,  # noqa: ANN401 - JSON
        headers: Mapping[str, str],
    ) -> Answer:
        at, value, row = self._row(said, str(target.key))
        if method == "PATCH":
            return self._upsert(said, target, sent, headers, (at, value, row))
        if row is None:
            raise _nobody(said, at, value)
        self._unmoved(row, headers)
        if method == "GET":
            columns = selected(said, target.options.get("$select", ""))
            annotated = "include-annotations" in headers.get("prefer", "")
            return 200, written_row(said, row, columns, annotated=annotated), _EMPTY
        if method == "DELETE":
            self.data.delete(said.name, row[said.id])
            return 204, None, _EMPTY
        raise Refusal(405, "0x80060888", f"The requested resource does not support http method '{method}'.")

    def _upsert(
        self,
        said: TableSaid,
        target: Target,
        sent: Any,  # noqa: ANN401 - JSON
        headers: Mapping[str, str],
        found: tuple[str, str, Row | None],
    ) -> Answer:
        at, value, row = found
        if row is None:
            if "if-match" in headers:
                raise _nobody(said, at, value)
            key = value if at == said.id else None
            made = self.data.insert(said.name, sent if key is not None else {**sent, at: value}, key)
            return self._written(said, made, target, headers, created=True)
        if headers.get("if-none-match") == "*":
            raise Refusal(412, "0x80040237", "A record with matching key values already exists.")
        self._unmoved(row, headers)
        self.data.update(said.name, row[said.id], sent)
        return self._written(said, row[said.id], target, headers, created=False)

    def _row(self, said: TableSaid, key: str) -> tuple[str, str, Row | None]:
        """The column and the value of a key, and the row that has it."""
        if _ID.fullmatch(key):
            return said.id, key.lower(), self.data.rows[said.name].get(key.lower())
        at, _, quoted = key.partition("=")
        column = said.columns.get(at)
        value = quoted[1:-1].replace("''", "'")
        if column is None or not column.unique or not (quoted.startswith("'") and quoted.endswith("'")):
            words = f"The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{said.name}'."
            raise Refusal(400, "0x80060888", words)
        if _UNKEYED & set(value):
            raise Refusal(400, "0x80060888", "Bad Request - Error in query syntax.")
        return at, value, self.data.by_key(said.name, at, value)

    def _unmoved(self, row: Row, headers: Mapping[str, str]) -> None:
        wanted = headers.get("if-match")
        if wanted not in (None, "*", etag(row)):
            words = "The version of the existing record doesn't match the RowVersion property provided."
            raise Refusal(412, "0x80060882", words)

    def _written(
        self, said: TableSaid, key: str, target: Target, headers: Mapping[str, str], *, created: bool
    ) -> Answer:
        address = {"OData-EntityId": f"{self.origin}{BASE}/{said.set}({key})"}
        if "return=representation" not in headers.get("prefer", ""):
            return 204, None, address
        columns = selected(said, target.options.get("$select", ""))
        annotated = "include-annotations" in headers.get("prefer", "")
        row = written_row(said, self.data.live(said.name, key), columns, annotated=annotated)
        return 201 if created else 200, row, address

    def _action(self, said: TableSaid, name: str, sent: Any) -> Answer:  # noqa: ANN401 - JSON
        """What Microsoft's own client writes with: several rows of a table in one transaction."""
        targets: list[Row] = [
            {at: value for at, value in one.items() if at != "@odata.type"} for one in sent.get("Targets", [])
        ]
        if name == f"{_ACTIONS}CreateMultiple":
            return 200, {"Ids": [self.data.insert(said.name, one) for one in targets]}, _EMPTY
        if name == f"{_ACTIONS}UpdateMultiple":
            for one in targets:
                self.data.update(said.name, one.pop(said.id), one)
            return 204, None, _EMPTY
        raise Refusal(404, "0x80060888", f"Resource not found for the segment '{name}'.")

    # Descriptions and tokens.

    def _definitions(self, target: Target) -> Answer:
        if target.key is None:
            where = target.options.get("$filter", "")
            wanted = re.search(r"(?i)LogicalName eq '([^']*)'", where)
            names = {**{one.name: one.set for one in self.data.tables.values()}, **OTHERS}
            told = [
                {"LogicalName": name, "EntitySetName": entity_set, "PrimaryIdAttribute": f"{name}id",
                 "PrimaryNameAttribute": "name", "SchemaName": name.capitalize(), "MetadataId": f"of-{name}"}
                for name, entity_set in names.items()
                if wanted is None or name == wanted.group(1)
            ]  # fmt: skip
            return 200, {"value": told}, _EMPTY
        said = self.data.said(target.key.removeprefix("LogicalName=").strip("'"))
        if len(target.segments) > 1:
            return self._attributes(said, target.segments[1:])
        columns = [one.described() for one in said.columns.values()]
        keys = [
            {"LogicalName": f"{one.name}_key", "KeyAttributes": [one.name], "EntityKeyIndexStatus": "Active"}
            for one in said.columns.values()
            if one.unique
        ]
        lookups = [
            {"ReferencingAttribute": one.name, "ReferencedEntity": to,
             "ReferencingEntityNavigationPropertyName": one.bound(to)}
            for one in said.columns.values()
            for to in one.targets
        ]  # fmt: skip
        return 200, {
            "LogicalName": said.name, "EntitySetName": said.set, "PrimaryIdAttribute": said.id,
            "ChangeTrackingEnabled": said.tracked, "IsOptimisticConcurrencyEnabled": said.guarded,
            "Attributes": columns, "Keys": keys, "ManyToOneRelationships": lookups,
        }, _EMPTY  # fmt: skip

    def _attributes(self, said: TableSaid, segments: Sequence[str]) -> Answer:
        named = re.fullmatch(r"Attributes\(LogicalName='([^']*)'\)", segments[0])
        if named is None:  # the options of sets, which Microsoft's client looks at: this fake has no labels
            return 200, {"value": []}, _EMPTY
        column = said.columns.get(named.group(1))
        if column is None:
            raise Refusal(404, "0x80060888", f"Could not find an attribute with name {named.group(1)}")
        return 200, {"LogicalName": column.name, "MaxLength": column.length}, _EMPTY

    def _token(self, request: Request) -> Answer:
        form = dict(parse_qsl(request.body.decode("latin-1")))
        token = self.unlock(form)
        if token is None:
            words = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1\r\nTimestamp: now"
            return 401, {"error": "invalid_client", "error_description": words, "error_codes": [7000215]}, _EMPTY
        self.tokens.add(token)
        return 200, {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token}, _EMPTY

    def _reply(self, answer: Answer) -> Reply:
        status, value, more = answer
        headers = {"OData-Version": "4.0", "Date": self._date(), **more}
        if value is None:
            return Reply(status=status, headers=headers)
        headers["Content-Type"] = "application/json; odata.metadata=minimal"
        return Reply(status=status, headers=headers, body=as_json(value).encode())

    def _date(self) -> str:
        moment: datetime = self.data.now.replace(microsecond=0)
        return format_datetime(moment, usegmt=True)


def _nobody(said: TableSaid, at: str, value: str) -> Refusal:
    if at == said.id:
        return Refusal(404, "0x80040217", f"{said.name} With Id = {value} Does Not Exist")
    return Refusal(404, "0x80060891", f"A record with the specified key values does not exist in {said.name} entity")


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
