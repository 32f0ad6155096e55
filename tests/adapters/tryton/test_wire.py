"""What goes over the wire to a Tryton, and what hostile or odd replies become."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.tryton.wire import RefusedByServer, SessionEnded, StaleRecords, request, result
from clmcrm.errors import MalformedReply, TerminalError, TransientError
from clmcrm.ports.calls import Reply


def reply(body: object, status: int = 200) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status=status, body=raw)


def echoed(value: object) -> Any:
    """A value sent and sent back unchanged, as a server that stores it would."""
    sent = json.loads(request("m", [value]))["params"][0]
    return result(reply(json.dumps({"id": 1, "result": sent}).encode()))


exact = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.binary(),
    st.dates(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.datetimes(timezones=st.just(UTC)),
    st.times(),
    st.timedeltas(timedelta(days=-9_999), timedelta(days=9_999)),
)


@given(
    st.recursive(
        exact, lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda s: s != "__class__"), inner)
    )
)
def test_every_value_comes_back_as_it_went(value: Any) -> None:
    assert echoed(value) == value


def test_an_instant_is_sent_in_utc() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    sent = json.loads(request("m", [noon]))["params"][0]
    assert (sent["hour"], sent["day"]) == (10, 1)


def test_a_date_is_no_instant() -> None:
    assert json.loads(request("m", [date(2026, 7, 1)]))["params"][0] == {
        "__class__": "date", "year": 2026, "month": 7, "day": 1,
    }  # fmt: skip


def test_a_number_with_a_point_stays_exact() -> None:
    assert result(reply(b'{"id":1,"result":[0.1,10.50]}')) == [Decimal("0.1"), Decimal("10.50")]


# Each kind of answer that a Tryton 8.2 was seen to give (REAL_SERVERS.md, section 1), and hostile ones.
ANSWERS: list[tuple[str, Reply, type[Exception], str]] = [
    ("a session that ended", reply(b"", 401), SessionEnded, "^$"),
    ("a forbidden method", reply(b"<!doctype html>", 403), SessionEnded, "^$"),
    ("an unknown database", reply(b"<!doctype html><title>404 Not Found", 404), TerminalError, "no such database"),
    ("a stale record", reply({"id": 1, "error": ["ConcurrencyException", "Records"]}), StaleRecords, "^$"),
    ("a rule of the server", reply({"error": ["UserError", ["no VAT", "x", None]]}), RefusedByServer, "no VAT x"),
    ("a question to a person", reply({"id": 1, "error": ["UserWarning", ["n", "sure?", ""]]}), RefusedByServer, "sure"),
    ("an unknown field", reply({"id": 1, "error": ["'party.nope'", ""]}), TerminalError, "party.nope"),
    ("a busy database", reply({"id": 1, "error": ["DatabaseTimeoutError", ""]}), TransientError, "busy"),
    ("an empty error", reply({"id": 1, "error": []}), TerminalError, "no reason"),
    ("an error that is a text", reply({"id": 1, "error": "broken"}), TerminalError, "broken"),
    ("a page of HTML", reply(b"<html>502</html>", 502), MalformedReply, "502"),
    ("half a reply", reply(b'{"id":1,"result":[1,2'), MalformedReply, "JSON"),
    ("a list", reply([1, 2]), MalformedReply, "JSON object"),
    ("neither result nor error", reply({"id": 1}), MalformedReply, "neither"),
    ("no number", reply(b'{"id":1,"result":NaN}'), MalformedReply, "tryton: "),
    ("an amount that is none", reply({"result": {"__class__": "Decimal", "decimal": "NaN"}}), MalformedReply, "NaN"),
    ("a text for an amount", reply({"result": {"__class__": "Decimal", "decimal": "ten"}}), MalformedReply, "ten"),
    ("30 February", reply({"result": {"__class__": "date", "year": 26, "month": 2, "day": 30}}), MalformedReply, "30"),
    ("a date of texts", reply({"result": {"__class__": "date", "year": "x"}}), MalformedReply, "x"),
    ("bytes that are none", reply({"result": {"__class__": "bytes", "base64": "!"}}), MalformedReply, "!"),
    ("a class of its own", reply({"result": {"__class__": "Pickle", "x": 1}}), MalformedReply, "Pickle"),
    ("a very deep one", reply(b'{"result":' + b"[" * 200_000 + b"]" * 200_000 + b"}"), MalformedReply, "tryton: "),
]  # fmt: skip


@pytest.mark.parametrize(("what", "given_reply", "error", "says"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_what_each_answer_means(what: str, given_reply: Reply, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        _ = result(given_reply)


@given(st.binary(max_size=200), st.sampled_from([200, 400, 404, 422, 500, 503]))
def test_no_bytes_lead_to_a_foreign_exception(body: bytes, status: int) -> None:
    with suppress(TerminalError, TransientError, RefusedByServer, StaleRecords):
        _ = result(Reply(status=status, body=body))
