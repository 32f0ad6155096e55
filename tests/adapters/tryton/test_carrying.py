"""Fields of Tryton's without a canonical home: what is carried, how it is shown, and how it goes back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from clmcrm.adapters.extras import EXTRAS, Carry
from clmcrm.adapters.tryton.carrying import back, commands, raw_of
from clmcrm.adapters.tryton.kinds import KINDS
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.ports.records import Json, Kind

FIELDS: dict[str, dict[str, Any]] = {
    "name": {"type": "char"}, "code": {"type": "char"}, "rec_name": {"type": "char", "readonly": True},
    "addresses": {"type": "one2many"}, "categories": {"type": "many2many"}, "supplier": {"type": "many2one"},
    "photo": {"type": "binary"}, "attributes": {"type": "dict"}, "wait": {"type": "timedelta"},
    "relations": {"type": "one2many"}, "twin": {"type": "one2one"},
}  # fmt: skip
HELD = KINDS[Kind.ACCOUNT].fitted(FIELDS)
WHOLE = evolve(KINDS[Kind.ACCOUNT], carry=frozenset(Carry)).fitted(FIELDS)
MOMENT = datetime(2026, 5, 7, 9, 30, tzinfo=UTC)


def extra(name: str, raw: Json) -> Json:
    return {"system": VENDOR, "field": name, "raw": raw}


def test_what_tryton_lets_be_written_is_carried_and_the_rest_says_why_not() -> None:
    assert sorted(HELD.carried) == ["attributes", "categories", "code", "supplier", "twin", "wait"]
    assert set(HELD.carried) <= set(HELD.read)
    assert HELD.losses(FIELDS) == {
        "rec_name": "read-only in Tryton", "relations": "carried when asked for: parts",
        "photo": "carried when asked for: files",
    }  # fmt: skip
    assert WHOLE.losses(FIELDS) == {"rec_name": "read-only in Tryton"}
    assert WHOLE.carried == {**HELD.carried, "relations": "one2many", "photo": "binary"}


def test_records_that_name_this_one_are_shown_and_never_written() -> None:
    row: dict[str, Any] = {"id": 7, "code": "A", "relations": [5, 4]}
    assert raw_of(row, "relations", "one2many") == [4, 5]
    fields: dict[str, Json] = {EXTRAS: [extra("relations", [4]), extra("code", "B")]}
    assert WHOLE.unfit(fields) is None
    assert WHOLE.back(row, fields) == WHOLE.back({}, fields) == {"code": "B"}


def test_a_list_goes_back_as_what_is_added_and_what_is_removed() -> None:
    row = {"id": 7, "code": "A", "categories": [1, 2], "supplier": 9}
    fields: dict[str, Json] = {EXTRAS: [extra("code", "A"), extra("categories", [2, 3]), extra("supplier", None)]}
    assert HELD.unfit(fields) is None
    assert HELD.back(row, fields) == {"categories": [["add", [3]], ["remove", [1]]], "supplier": None}
    assert HELD.back({}, {EXTRAS: [extra("categories", [2])]}) == {"categories": [["add", [2]]]}
    assert commands(row, {"categories": [1, 2]}, HELD.carried) == {}


MOMENTS = st.datetimes(timezones=st.just(UTC))
VALUES = {
    "char": st.text(min_size=1), "boolean": st.just(value=True), "integer": st.integers(),
    "numeric": st.decimals(allow_nan=False, allow_infinity=False), "date": st.dates(),
    "datetime": st.datetimes(timezones=st.just(UTC)), "many2one": st.integers(1),
    "multiselection": st.lists(st.text(), min_size=1), "binary": st.binary(min_size=1),
    "dict": st.dictionaries(
        st.text().filter(lambda name: name != "__class__"),
        st.one_of(st.text(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False), st.dates(), MOMENTS),
        min_size=1,
    ),
    "timedelta": st.timedeltas(timedelta(days=-9_999), timedelta(days=9_999)), "time": st.times(),
}  # fmt: skip


@settings(max_examples=50)
@given(st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind])))
def test_every_value_goes_back_as_it_was(told: tuple[str, Any]) -> None:
    kind, value = told
    assert back(kind, raw_of({"x": value}, "x", kind)) == (True, value)


@pytest.mark.parametrize(
    ("kind", "value", "raw"),
    [
        ("numeric", Decimal("12.50"), "12.50"), ("float", Decimal("0.5"), "0.5"),
        ("date", date(2026, 5, 7), "2026-05-07"),
        ("date", MOMENT, None), ("timestamp", MOMENT, "2026-05-07T09:30:00+00:00"), ("many2many", [9, 2], [2, 9]),
        ("boolean", False, None), ("char", None, None), ("timedelta", timedelta(minutes=1.5), "90"),
        ("binary", b"x", "eA=="),
    ],
    ids=[
        "an amount", "a fraction", "a day", "no day", "a moment", "a list", "no flag", "nothing", "a length", "a file",
    ],
)  # fmt: skip
def test_each_type_has_its_own_form(kind: str, value: Any, raw: Json) -> None:
    assert raw_of({"x": value}, "x", kind) == raw


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("numeric", "ten"), ("numeric", 7), ("numeric", "NaN"), ("float", "x"), ("date", "07/05/2026"), ("date", 7),
        ("datetime", "2026-05-07T09:30:00"), ("datetime", 7), ("many2one", "7"), ("many2many", 7), ("boolean", "yes"),
        ("char", 7), ("multiselection", [7]),
        ("binary", "no base64"), ("binary", 7), ("one2many", "x"), ("timedelta", 90), ("timedelta", "long"),
        ("time", {"__class__": "time"}),
        ("float", "0.12345678901234567890"), ("float", "1E+400"), ("timedelta", "1E+400"), ("timedelta", "1E+14"),
        ("dict", {"x": {"__class__": "spell"}}),
    ],
    ids=[
        "a word", "a bare number", "no number", "no fraction", "a day in French", "a day as a number", "no zone",
        "a moment as a number", "an id as a text", "no list", "a word for a flag", "a number for a text", "no words",
        "no file", "a number for a file", "no list of parts", "a bare length", "no length", "no time",
        "a fraction of too many digits", "an infinite fraction", "a length without end", "a length beyond all days",
        "an unknown class",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(kind: str, raw: Json) -> None:
    assert not back(kind, raw)[0]


def test_an_unknown_field_is_refused_by_name() -> None:
    why = HELD.unfit({EXTRAS: [extra("nope", "x")]})
    assert why is not None
    assert "'nope'" in why
