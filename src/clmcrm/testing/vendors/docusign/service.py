"""The account: what it answers to each request, what it counts, and what it refuses, in DocuSign's own form.

`hostile` makes it misbehave: a name of `HOSTILE` spoils every answer to a GET from then on.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from clmcrm.adapters.memory import ticking_clock
from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.docusign.envelopes import Envelope
from clmcrm.testing.vendors.docusign.lists import WrongList, included, listed
from clmcrm.testing.vendors.docusign.objections import objections

ACCOUNT: Final = "5c9f7a1e-0000-4000-8000-000000000001"
TOKEN: Final = "token-of-the-fake"  # noqa: S105 - a token of a fake is no secret
HOSTILE: Final = ("html", "torn", "error in 200", "list", "foreign link", "unknown words", "offsets", "no list")
HOUR: Final = timedelta(hours=1)
BURST: Final = timedelta(seconds=30)


class Refused(Exception):
    """A request that the account does not take."""

    def __init__(self, code: str, said: str, status: int = 400) -> None:
        self.code, self.said, self.status = code, said, status
        super().__init__(code)


class FakeDocuSign:
    """An account with its envelopes; `lag` is how late its lists are, by `clock`.

    >>> from clmcrm.testing.closed.validator import Request
    >>> FakeDocuSign().answer(Request(method="GET", path="/restapi/v2.1/accounts/x/envelopes")).status
    401
    """

    def __init__(
        self,
        clock: Callable[[], datetime] | None = None,
        *,
        lag: timedelta = timedelta(seconds=30),
        per_hour: int = 3000,
        per_burst: int = 500,
        per_envelope: int = 20,
    ) -> None:
        self.clock = clock or ticking_clock()
        self.tokens = {TOKEN}
        self.envelopes: dict[str, Envelope] = {}
        self.templates = [{"templateId": "3f1c9b8e-0000-4000-8000-00000000000a", "name": "Framework agreement"}]
        self.hostile = ""
        self.lose_next_reply = False
        self._lag = lag
        self._most = {HOUR: per_hour, BURST: per_burst}
        self._per_envelope = per_envelope
        self._calls: dict[timedelta, deque[datetime]] = {HOUR: deque(), BURST: deque()}
        self._asked: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    # What people do.

    def view(self, key: str, email: str) -> None:
        """A recipient opens the document."""
        self.envelopes[key].view(email)

    def sign(self, key: str, email: str) -> None:
        """A recipient signs."""
        self.envelopes[key].sign(email)

    def decline(self, key: str, email: str, reason: str) -> None:
        """A recipient refuses."""
        self.envelopes[key].decline(email, reason)

    # What the account answers.

    def answer(self, request: Request) -> Reply:
        """What DocuSign replies."""
        now = self.clock()
        try:
            status, told = self._answered(request, now)
        except Refused as refused:
            status, told = refused.status, {"errorCode": refused.code, "message": refused.said}
        if isinstance(told, bytes):
            return self._reply(status, told, "application/pdf", now)
        if request.method == "GET" and self.hostile:
            return self._spoilt(told, now)
        if self.lose_next_reply and request.method != "GET":
            self.lose_next_reply = False
            return self._reply(504, b"<html>gateway time-out</html>", "text/html", now)
        return self._reply(status, json.dumps(told).encode(), "application/json; charset=utf-8", now)

    def _answered(self, request: Request, now: datetime) -> tuple[int, Any]:
        if (request.header("authorization") or "").removeprefix("Bearer ") not in self.tokens:
            raise Refused(
                "AUTHORIZATION_INVALID_TOKEN", "The access token provided is expired, revoked or malformed.", 401
            )
        self._count(now)
        parts = urlsplit(request.path)
        steps = parts.path.strip("/").split("/")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if steps[:3] != ["restapi", "v2.1", "accounts"] or len(steps) < 5:  # noqa: PLR2004 - the account's own paths
            raise Refused("RESOURCE_NOT_FOUND", "The URL provided does not resolve to a resource.", 404)
        if steps[3] != ACCOUNT:
            raise Refused("ACCOUNT_LACKS_PERMISSIONS", "This Account lacks sufficient permissions.")
        if request.method != "POST":
            for envelope in self.envelopes.values():
                envelope.look()
        return self._of_account(request, steps[4:], query, now)

    def _of_account(self, request: Request, steps: list[str], query: dict[str, str], now: datetime) -> tuple[int, Any]:
        match request.method, steps:
            case "GET", ["templates"]:
                page = self.templates[int(query.get("start_position", "0")) :][: int(query.get("count", "100"))]
                return 200, {"envelopeTemplates": page, "totalSetSize": str(len(self.templates))}
            case "GET", ["envelopes"]:
                try:
                    return 200, listed(self.envelopes.values(), query, now - self._lag)
                except (WrongList, ValueError) as wrong:
                    raise Refused("INVALID_REQUEST_PARAMETER", str(wrong)) from None
            case "POST", ["envelopes"]:
                return 201, self._made(request.body)
            case "GET" | "PUT", ["envelopes", key, *rest]:
                return 200, self._of_envelope(request, self._envelope(key, request.method, now), rest, query)
            case _:
                raise Refused("RESOURCE_NOT_FOUND", "The URL provided does not resolve to a resource.", 404)

    def _of_envelope(self, request: Request, one: Envelope, rest: list[str], query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON, bytes
        match request.method, rest:
            case "GET", []:
                return included(one.shown, query.get("include", ""))
            case "GET", ["recipients" | "custom_fields" as part]:
                return one.shown["recipients" if part == "recipients" else "customFields"]
            case "GET", ["audit_events"]:
                return {"auditEvents": one.trail}
            case "GET", ["documents", "certificate"]:
                return b"%PDF-1.7\n% certificate of " + one.key.encode() + b"\n%%EOF\n"
            case "GET", ["documents", "combined" | "1"]:
                return b"%PDF-1.7\n% signed " + one.key.encode() + one.shown["status"].encode() + b"\n%%EOF\n"
            case "PUT", []:
                return self._changed(one, _object(request.body))
            case _:
                raise Refused("RESOURCE_NOT_FOUND", "The URL provided does not resolve to a resource.", 404)

    def _changed(self, one: Envelope, body: dict[str, Any]) -> Any:  # noqa: ANN401 - a JSON object
        if body.get("status") == "voided":
            if not body.get("voidedReason"):
                raise Refused("INVALID_REQUEST_PARAMETER", "voidedReason is required.")
            if not one.is_open and one.shown["status"] != "correct":
                raise Refused("ENVELOPE_CANNOT_VOID_INVALID_STATE", "Only envelopes in the sent or delivered state.")
            one.void(str(body["voidedReason"]))
        return {"envelopeId": one.key}

    def _made(self, raw: bytes) -> Any:  # noqa: ANN401 - a JSON object
        body = _object(raw)
        why = next(objections(body, [one["templateId"] for one in self.templates]), None)
        if why is not None:
            raise Refused(*why)
        one = Envelope(len(self.envelopes) + 1, body, self.clock)
        self.envelopes[one.key] = one
        shown = one.shown
        return {
            "envelopeId": one.key, "uri": f"/envelopes/{one.key}", "status": shown["status"],
            "statusDateTime": shown["statusChangedDateTime"],
        }  # fmt: skip

    def _envelope(self, key: str, method: str, now: datetime) -> Envelope:
        if key not in self.envelopes:
            raise Refused("ENVELOPE_DOES_NOT_EXIST", "The envelope specified does not exist.", 404)
        asked = self._asked[key, method]
        while asked and asked[0] + HOUR <= now:
            _ = asked.popleft()
        if len(asked) >= self._per_envelope:
            kind = "Hourly_Envelope_Polling" if method == "GET" else "Hourly_APIInvocation_Envelope"
            raise Refused(f"{kind}_Limit_Exceeded", "The maximum number of hourly requests for this envelope.")
        asked.append(now)
        return self.envelopes[key]

    def _count(self, now: datetime) -> None:
        for span, code in ((HOUR, "HOURLY"), (BURST, "BURST")):
            calls = self._calls[span]
            while calls and calls[0] + span <= now:
                _ = calls.popleft()
            if len(calls) >= self._most[span]:
                raise Refused(f"{code}_APIINVOCATION_LIMIT_EXCEEDED", "The maximum number of API invocations.")
        for calls in self._calls.values():
            calls.append(now)

    def _reply(self, status: int, body: bytes, kind: str, now: datetime) -> Reply:
        left = str(self._most[HOUR] - len(self._calls[HOUR]))
        headers = {
            "Content-Type": kind, "Date": format_datetime(now, usegmt=True), "X-RateLimit-Remaining": left,
            "X-DocuSign-TraceToken": "trace-1",
        }  # fmt: skip
        return Reply(status=status, headers=headers, body=body)

    def _spoilt(self, told: Any, now: datetime) -> Reply:  # noqa: ANN401 - a JSON object
        text = json.dumps(told)
        match self.hostile:
            case "html":
                return self._reply(200, b"<!DOCTYPE html><title>Maintenance</title>", "text/html", now)
            case "torn":
                text = text[: len(text) // 2]
            case "error in 200":
                text = '{"errorCode": "UNSPECIFIED_ERROR", "message": "try later"}'
            case "list":
                text = f"[{text}]"
            case "foreign link":
                text = json.dumps({**told, "nextUri": "https://evil.example/next", "continuationToken": "../../x"})
            case "unknown words":
                text = text.replace('"status": "sent"', '"status": "frozen"')
            case "offsets":
                text = text.replace('Z"', '+00:00"')
            case _:
                text = "{}"
        return self._reply(200, text.encode(), "application/json", now)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("INVALID_REQUEST_BODY", "The request body is missing or improperly formatted.")
    return found  # pyright: ignore[reportUnknownVariableType] # any JSON object
