"""Canonical text is one text per value, and strict reading refuses what two programs might read differently."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clmcrm.codec.canonical import MAX_DEPTH, MAX_DIGITS, canonical_text, check_json, digest, read_json
from clmcrm.errors import InvalidRecord, UnreadableInput

LARGEST = 10**MAX_DIGITS - 1
SCALARS = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(VALUES)
@example(-LARGEST)
@example(LARGEST)
def test_what_is_written_reads_back_equal(value: Any) -> None:
    assert read_json(canonical_text(value)) == value
    assert read_json(canonical_text(value).encode()) == value


@given(st.dictionaries(st.text(), SCALARS))
def test_the_order_of_keys_changes_neither_text_nor_digest(value: Any) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_text(turned) == canonical_text(value)
    assert digest(turned) == digest(value)


def test_the_text_has_no_spaces_and_keeps_letters_as_they_are() -> None:
    assert canonical_text({"b": [1, True, None], "a": "é€"}) == '{"a":"é€","b":[1,true,null]}'


def test_the_digest_is_the_sha256_of_the_utf8_text() -> None:
    assert digest({"a": "é"}) == "b3a092a6af48807fa9482b2ee140105575daa26d5b24b3c0e60a7e2dee6683b1"


def test_read_only_mappings_are_written_too() -> None:
    inner: Any = MappingProxyType({"b": 1})
    assert canonical_text(MappingProxyType({"a": inner})) == '{"a":{"b":1}}'


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (1.5, "$"),
        ({"a": [1, {"b": float("nan")}]}, "$.a[1].b"),
        ({1: "a"}, "$"),
        ({"a": {"\ud800": 1}}, "$.a"),
        (["\udfff"], "$[0]"),
        (("a",), "$"),
        ({"a": b"x"}, "$.a"),
        (10**40, "$"),
    ],
)
def test_what_json_cannot_hold_exactly_is_refused_with_its_path(value: Any, path: Any) -> None:
    with pytest.raises(InvalidRecord) as caught:
        check_json(value)
    assert caught.value.field == path


def test_nesting_is_bounded() -> None:
    deep: object = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    check_json(deep)
    with pytest.raises(InvalidRecord, match="levels of nesting"):
        check_json([deep])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "the key 'a' twice"),
        ('{"x": {"a": 1, "a": 1}}', "the key 'a' twice"),
        ("NaN", "the number NaN"),
        ("-Infinity", "the number -Infinity"),
        ("1e999", "the number 1e999"),
        ("1.5", "the number 1.5"),
        ("9" * 5000, "the number 9999"),
        ("[" * 100_000, "levels of nesting"),
        ("[" * 80 + "]" * 80, "levels of nesting"),
        ('"\\ud800"', "surrogate"),
        ('{"\\udc00": 1}', "a key that is clean text"),
        ('"a\nb"', "Invalid control character"),
        ("{} {}", "Extra data"),
        ("", "is not JSON"),
        ("{'a': 1}", "is not JSON"),
        (b"\xff", "is not UTF-8"),
        (b"\xef\xbb\xbf{}", "is not JSON"),
        ("[1,]", "is not JSON"),
    ],
)
def test_hostile_text_is_refused_in_words(text: Any, says: Any) -> None:
    with pytest.raises(UnreadableInput, match="page 3") as caught:
        read_json(text, "page 3")
    assert says in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_text_above_the_cap_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(UnreadableInput, match="longer than 10 bytes"):
        read_json("x" * 11, max_bytes=10)


def test_fractions_are_kept_as_the_text_that_stood_there_when_asked() -> None:
    assert read_json('{"a": 1.10, "b": 2}', floats_as_text=True) == {"a": "1.10", "b": 2}
    with pytest.raises(UnreadableInput, match="NaN"):
        read_json("NaN", floats_as_text=True)


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_no_input_raises_anything_but_the_typed_error(source: Any) -> None:
    try:
        value = read_json(source)
    except UnreadableInput:
        return
    assert json.loads(source) == value
