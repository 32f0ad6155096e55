"""What Odoo's replies mean: the bodies of a running server of series 19, and what no server should answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.wire import (
    VENDOR,
    Door,
    NotAllowed,
    RecordsMissing,
    RefusedByServer,
    UnknownName,
    body,
    result,
    rows_in,
)
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import AdapterError, AmbiguousError, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Call, Effect, Reply

KEY = "canary-0123456789"


def reply(status: int, told: object) -> Reply:
    return Reply(status=status, body=told if isinstance(told, bytes) else json.dumps(told).encode())


def error(name: str, message: str = "said so") -> dict[str, Any]:
    return {"name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback ..."}


@pytest.mark.parametrize(
    ("status", "told", "meant"),
    [
        (401, error("werkzeug.exceptions.Unauthorized", "Invalid apikey"), RefusedError),
        (403, error("odoo.exceptions.AccessError"), NotAllowed),
        (404, error("odoo.exceptions.MissingError"), RecordsMissing),
        (404, error("werkzeug.exceptions.NotFound", "the model 'nope' does not exist"), RefusedError),
        (422, error("odoo.exceptions.ValidationError"), RefusedByServer),
        (422, error("odoo.exceptions.UserError"), RefusedByServer),
        (422, error("werkzeug.exceptions.UnprocessableEntity", "missing a required argument"), RefusedError),
        (500, error("builtins.ValueError", "Invalid field res.partner.nope"), RefusedError),
        (500, error("builtins.ValueError", "External ID not found in the system: clmcrm.x"), UnknownName),
        (500, error("psycopg2.errors.SerializationFailure"), TransientError),
        (500, error("psycopg2.errors.NotNullViolation"), RefusedByServer),
        (404, b"<!DOCTYPE html>\n<title>404 Not Found</title>", RefusedError),
        (500, b"<html>gateway</html>", TransientError),
        (200, b"<html>log in first</html>", MalformedReply),
        (200, b'{"records": [', MalformedReply),
        (200, b"[NaN]", MalformedReply),
        (200, b"[" * 100_000, MalformedReply),
        (403, ["not", "an", "object"], RefusedError),
        (200, {"jsonrpc": "2.0", "error": {"data": error("odoo.exceptions.AccessDenied")}}, RefusedError),
        (200, {"jsonrpc": "2.0", "error": {"data": error("odoo.exceptions.UserError")}}, RefusedByServer),
        (200, {"jsonrpc": "2.0", "error": "half"}, RefusedError),
    ],
)
def test_the_body_is_judged_before_the_status(status: int, told: object, meant: type[Exception]) -> None:
    with pytest.raises(meant) as raised:
        _ = result(reply(status, told), Effect.NONE)
    assert "Traceback" not in str(raised.value)


def test_a_write_that_ends_in_a_page_of_html_may_have_been_done() -> None:
    with pytest.raises(AmbiguousError):
        _ = result(reply(500, b"<html>gateway</html>"), Effect.ONCE)


def test_numbers_come_exact_and_errors_of_the_older_door_too() -> None:
    assert result(reply(200, b'[{"id": 1, "price": 0.10}]'), Effect.NONE)[0]["price"] == Decimal("0.10")
    assert result(reply(200, {"jsonrpc": "2.0", "id": 1, "result": [3]}), Effect.NONE) == [3]


@pytest.mark.parametrize("told", [None, {}, "text", [1], [{}], [{"id": "7"}], [{"id": True}], [None]])
def test_rows_without_an_id_are_no_rows(told: object) -> None:
    with pytest.raises(MalformedReply):
        _ = rows_in(told, "a search")


@given(st.text(), st.lists(st.text(), max_size=3))
def test_values_stay_values_in_a_domain(name: str, names: list[str]) -> None:
    domain: list[object] = [["name", "=", name], ["email", "in", names]]
    assert json.loads(body({"domain": domain}))["domain"] == domain


def calls_of(session: OdooSession, answers: list[object]) -> list[Call]:
    flow = session.ask("res.partner", "search", domain=[["name", "=", "x"]])
    calls, told = [], None
    try:
        while True:
            calls.append(flow.send(told))
            told = reply(200, answers.pop(0))
    except StopIteration:
        return calls  # type: ignore[return-value] # a session asks one call at a time


def test_the_newer_door_names_its_arguments_and_carries_the_key_in_a_header() -> None:
    session = OdooSession("https://erp.example/", database="prod", key=Secret(KEY), company=3)
    (call,) = calls_of(session, [[1]])
    assert (call.url, call.vendor) == ("https://erp.example/json/2/res.partner/search", VENDOR)
    assert call.headers["authorization"] == f"bearer {KEY}"
    assert call.headers["x-odoo-database"] == "prod"
    told = json.loads(call.body or b"")
    assert told["domain"] == [["name", "=", "x"]]
    assert told["context"]["allowed_company_ids"] == [3]
    assert KEY not in f"{call!r}{session!r}"


def test_the_older_door_logs_in_once() -> None:
    session = OdooSession("https://erp.example", database="prod", key=Secret(KEY), login="sync", door=Door.JSON_RPC)
    wrapped = {"jsonrpc": "2.0", "id": 1}
    first = calls_of(session, [{**wrapped, "result": 7}, {**wrapped, "result": [1]}])
    again = calls_of(session, [{**wrapped, "result": [1]}])
    assert [json.loads(call.body or b"")["params"]["method"] for call in (*first, *again)] == [
        "authenticate", "execute_kw", "execute_kw",
    ]  # fmt: skip
    args = json.loads(again[0].body or b"")["params"]["args"]
    assert args[:5] == ["prod", 7, KEY, "res.partner", "search"]


def test_the_older_door_needs_a_login_and_a_refusal_names_it() -> None:
    with pytest.raises(TerminalError, match="login"):
        _ = OdooSession("https://erp.example", database="prod", key=Secret(KEY), door=Door.JSON_RPC)
    session = OdooSession("https://erp.example", database="prod", key=Secret(KEY), login="sync", door=Door.JSON_RPC)
    with pytest.raises(AdapterError, match="'sync' may not log in") as refused:
        _ = calls_of(session, [{"jsonrpc": "2.0", "result": False}])
    assert KEY not in str(refused.value)


class Answering:
    """A transport that gives one answer to everything, and counts."""

    def __init__(self, answer: Reply) -> None:
        self.answer, self.sent = answer, 0

    def send(self, call: Call, within: timedelta) -> Reply:
        assert call.vendor == VENDOR
        assert within > timedelta(0)
        self.sent += 1
        return self.answer


def test_a_mistake_that_odoo_explains_is_not_tried_again() -> None:
    transport = Answering(reply(500, error("builtins.ValueError", "Invalid field res.partner.nope")))
    driver = Driver(transport, Desk(clock=lambda: datetime(2026, 5, 7, tzinfo=UTC)), sleep=lambda _seconds: None)
    session = OdooSession("https://erp.example", database="prod", key=Secret(KEY))
    with pytest.raises(RefusedError, match="Invalid field"):
        _ = driver.run(session.ask("res.partner", "search", domain=[["nope", "=", 1]]))
    assert transport.sent == 1
