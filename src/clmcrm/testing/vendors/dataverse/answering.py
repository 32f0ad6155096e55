"""The fake environment behind its Web API: who asks what, and what Dataverse replies.

Every error has Dataverse's own form. A test makes it hostile by `override`, which may answer a request in the
environment's place. Microsoft's token endpoint is served at the same place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.dataverse.batching import BatchPart, MalformedBatch, batch_reply, read_batch
from clmcrm.testing.vendors.dataverse.data import EnvironmentData, Row
from clmcrm.testing.vendors.dataverse.odata_reading import MalformedFilter, read_target
from clmcrm.testing.vendors.dataverse.refusals import Answer, Refusal, error
from clmcrm.testing.vendors.dataverse.requests import Requests
from clmcrm.testing.vendors.exact_json import as_json

TOKEN: Final = "eyJ-canary-dataverse-7e20b"  # noqa: S105 - a canary, looked for in every output
BASE: Final = "/api/data/v9.2"
MOST: Final = 1_000
PAGE: Final = 5_000
_EMPTY: Final[Mapping[str, str]] = {}


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
            return self._reply((429, error("0x80072322", words), {"Retry-After": "2"}))
        if request.method != "GET":
            self.data.pass_time()
        path = request.path.removeprefix(BASE).lstrip("/")
        if not request.path.startswith(f"{BASE}/"):
            return self._reply((404, error("0x80060888", "Resource not found"), _EMPTY))
        if path == "$batch" and request.method == "POST":
            return self._batch(request)
        return self._reply(self._done(request.method, path, request.body, request.headers))

    # Batches.

    def _batch(self, request: Request) -> Reply:
        try:
            items = read_batch(request.header("content-type") or "", request.body)
        except MalformedBatch as wrong:
            return self._reply((400, error("0x80060888", str(wrong)), _EMPTY))
        if sum(len(item) for item in items) > MOST:
            words = f"A batch request may not contain more than {MOST} requests"
            return self._reply((400, error("0x80060888", words), _EMPTY))
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
            return self._reply((429, error("0x80072326", words), {"Retry-After": "2"}))
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
            requests = Requests(self.data, f"{self.origin}{BASE}", self.page)
            return requests.answered(method, read_target(path), sent, given)
        except MalformedFilter as wrong:
            return 400, error("0x80060888", str(wrong)), _EMPTY
        except Refusal as refusal:
            return refusal.status, error(refusal.code, refusal.message), _EMPTY
        except ValueError:
            return 400, error("0x80048d19", "Error identified in Payload provided by the user"), _EMPTY

    # Tokens, and the form of a reply.

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
