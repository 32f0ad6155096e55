"""A hostile body never does more harm than a typed error with vendor, place and request id."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.drivers.reading import MOST_DEPTH, read_json
from clmcrm.errors import MalformedReply
from clmcrm.ports.calls import Reply


def _read(body: bytes, **options: Any) -> Any:
    return read_json(Reply(status=200, body=body, headers={"x-request-id": "r-1"}), "crm", "GET /deals", **options)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b'{"a": ', "GET /deals: "), (b"<html>", "GET /deals: "), (b"[NaN]", "NaN"), (b"[Infinity]", "Infinity"),
        (b"[-Infinity]", "-Infinity"), (b'{"a": 1, "a": 2}', "'a' twice"), (b"\xff\xfe", "no UTF-8 at byte 0"),
        (b'["\\ud800"]', "half a surrogate"), (b'{"\\uDC00": 1}', "half a surrogate"),
        (b'{"a": {"b": "\\ud800x"}}', "half"),
        (b"[" * 100_000 + b"]" * 100_000, "levels deep"), (b'{"a":' * 70 + b"1" + b"}" * 70, "levels deep"),
        (b"9" * 5000, "GET /deals: "), (b"[1] [2]", "GET /deals: "),
        (b"[1e9999999999999999999]", "exponent"), (b"[1E+401]", "exponent"), (b"[1e-999999]", "exponent"),
    ],
)  # fmt: skip
def test_a_hostile_body_is_one_typed_error(body: bytes, what: str) -> None:
    with pytest.raises(MalformedReply, match="request r-1") as error:
        _ = _read(body)
    assert what in str(error.value)
    assert (error.value.vendor, error.value.path, error.value.request_id) == ("crm", "GET /deals", "r-1")


def test_a_body_beyond_the_limit_is_not_even_parsed() -> None:
    with pytest.raises(MalformedReply, match="6 bytes, more than 5"):
        _ = _read(b"[1, 2]", most_bytes=5)


@pytest.mark.parametrize(
    ("part", "count"), [(b"{},", 300_000), (b'{"a":1},', 300_000), (b"[],", 600_000), (b"1.5,", 600_000)]
)
def test_a_body_that_would_take_too_much_memory_is_not_even_parsed(part: bytes, count: int) -> None:
    with pytest.raises(MalformedReply, match="bytes of memory, more than"):
        _ = _read(b"[" + part * count + b"0]")


def test_a_long_text_that_widens_is_refused_and_a_page_of_many_records_is_read() -> None:
    with pytest.raises(MalformedReply, match="bytes of memory, more than"):
        _ = _read(('["😀' + "x" * 8_000_000 + '"]').encode())
    record = {f"field {n}": f"value {n} of a record" for n in range(40)}
    assert len(_read(json.dumps([record] * 4000).encode())) == 4000


def test_depth_is_allowed_up_to_the_limit() -> None:
    body = b"[" * MOST_DEPTH + b"]" * MOST_DEPTH
    assert json.dumps(_read(body)).encode() == body
    with pytest.raises(MalformedReply, match="levels deep"):
        _ = _read(b"[" + body + b"]")


def test_exact_numbers_stay_exact() -> None:
    assert _read(b'{"a": 0.1, "b": 1e3, "c": 12345678901234567890.10}') == {
        "a": Decimal("0.1"), "b": Decimal("1E+3"), "c": Decimal("12345678901234567890.10"),
    }  # fmt: skip
    assert _read(b"") is None
    assert _read('["é\\ud83d\\ude00"]'.encode()) == ["é😀"]


@given(body=st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789eE-+.\\uDd8Na ', max_size=60).map(str.encode))
def test_no_body_raises_anything_else(body: bytes) -> None:
    with contextlib.suppress(MalformedReply):
        _ = _read(body)
