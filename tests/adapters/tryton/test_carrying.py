"""Fields of Tryton's without a canonical home: what is carried, how it is shown, and how it goes back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clmcrm.adapters.extras import EXTRAS
from clmcrm.adapters.tryton.carrying import back, commands, left_out, raw_of
from clmcrm.adapters.tryton.kinds import KINDS
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.ports.records import Json, Kind

FIELDS: dict[str, dict[str, Any]] = {
    "name": {"type": "char"}, "code": {"type": "char"}, "rec_name": {"type": "char", "readonly": True},
    "addresses": {"type": "one2many"}, "categories": {"type": "many2many"}, "supplier": {"type": "many2one"},
    "photo": {"type": "binary"}, "attributes": {"type": "dict"}, "wait": {"type": "timedelta"},
    "relations": {"type": "one2many"},
}  # fmt: skip
HELD = KINDS[Kind.ACCOUNT].fitted(FIELDS)
MOMENT = datetime(2026, 5, 7, 9, 30, tzinfo=UTC)


def extra(name: str, raw: Json) -> Json:
    return {"system": VENDOR, "field": name, "raw": raw}


def test_what_tryton_lets_be_written_is_carried_and_the_rest_says_why_not() -> None:
    assert HELD.carried == {"code": "char", "categories": "many2many", "supplier": "many2one"}
    assert set(HELD.carried) <= set(HELD.read)
    assert left_out(FIELDS, ["name", "addresses"]) == {
        "rec_name": "read-only in Tryton", "relations": "records of their own", "photo": "a file",
        "attributes": "a set of attributes", "wait": "of type timedelta",
    }  # fmt: skip


def test_a_list_goes_back_as_what_is_added_and_what_is_removed() -> None:
    row = {"id": 7, "code": "A", "categories": [1, 2], "supplier": 9}
    fields: dict[str, Json] = {EXTRAS: [extra("code", "A"), extra("categories", [2, 3]), extra("supplier", None)]}
    assert HELD.unfit(fields) is None
    assert HELD.back(row, fields) == {"categories": [["add", [3]], ["remove", [1]]], "supplier": None}
    assert HELD.back({}, {EXTRAS: [extra("categories", [2])]}) == {"categories": [["add", [2]]]}
    assert commands(row, {"categories": [1, 2]}, HELD.carried) == {}


VALUES = {
    "char": st.text(min_size=1), "boolean": st.just(value=True), "integer": st.integers(),
    "numeric": st.decimals(allow_nan=False, allow_infinity=False), "date": st.dates(),
    "datetime": st.datetimes(timezones=st.just(UTC)), "many2one": st.integers(1),
    "multiselection": st.lists(st.text(), min_size=1),
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
        ("boolean", False, None), ("char", None, None),
    ],
    ids=["an amount", "a fraction", "a day", "no day", "a moment", "a list", "no flag", "nothing"],
)  # fmt: skip
def test_each_type_has_its_own_form(kind: str, value: Any, raw: Json) -> None:
    assert raw_of({"x": value}, "x", kind) == raw


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("numeric", "ten"), ("numeric", 7), ("numeric", "NaN"), ("float", "x"), ("date", "07/05/2026"), ("date", 7),
        ("datetime", "2026-05-07T09:30:00"), ("datetime", 7), ("many2one", "7"), ("many2many", 7), ("boolean", "yes"),
        ("char", 7), ("multiselection", [7]),
    ],
    ids=[
        "a word", "a bare number", "no number", "no fraction", "a day in French", "a day as a number", "no zone",
        "a moment as a number", "an id as a text", "no list", "a word for a flag", "a number for a text", "no words",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(kind: str, raw: Json) -> None:
    assert not back(kind, raw)[0]


def test_an_unknown_field_is_refused_by_name() -> None:
    why = HELD.unfit({EXTRAS: [extra("nope", "x")]})
    assert why is not None
    assert "'nope'" in why
