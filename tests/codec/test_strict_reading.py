"""Reading takes what writing gives and nothing that merely resembles it; each refusal names path and value."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from functools import reduce
from typing import Any, Literal

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.codec.records import from_fields, to_fields
from clmcrm.crm.opportunity import Opportunity
from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import Currency
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import DayFact, EndFact
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor


class Rank(IntEnum):
    FIRST = 1


class Stage(Enum):
    WON = "won"


@frozen(kw_only=True)
class Strict:
    flag: bool = False
    whole: int = 0
    words: str = ""
    exact: Decimal = Decimal(0)
    day: date | None = None
    at: datetime | None = None
    hour: time | None = None
    tenor: Tenor | None = None
    span: Span | None = None
    money: Money | None = None
    price: UnitPrice | None = None
    currency: Currency | None = None
    rank: Rank = Rank.FIRST
    stage: Stage = Stage.WON
    language: Literal["en", "fr"] = "en"
    fact: DayFact | None = None
    end: EndFact | None = None
    names: tuple[str, ...] = ()
    pair: tuple[str, int] | None = None
    marks: frozenset[str] = frozenset()
    raw: object = None
    counts: dict[str, int] = field(factory=dict[str, int])


INNERMOST: Any = 1
DEEP = reduce(lambda inner, _: [inner], range(500), INNERMOST)

# One row per trap: a lenient reader would take each of these.
TRAPS = [
    ("flag", "false"), ("flag", 0), ("flag", 1), ("flag", None),
    ("whole", 1.0), ("whole", 1.9), ("whole", True), ("whole", "1"), ("whole", "\u0661"), ("whole", None),
    ("words", 1), ("words", None), ("words", ["a"]), ("words", "\ud800"),
    ("exact", 1), ("exact", 1.5), ("exact", "nan"), ("exact", "NaN"), ("exact", "Infinity"), ("exact", "1e3"),
    ("exact", "\u0661\u0662"), ("exact", "1_000"), ("exact", " 1"), ("exact", "1,5"), ("exact", "+1"), ("exact", ".5"),
    ("exact", ""), ("exact", "9" * 10_000),
    ("day", "2026-5-7"), ("day", "20260507"), ("day", "2026-W19-4"), ("day", "2026-02-30"), ("day", "07/05/2026"),
    ("day", "2026-05-07T00:00:00"), ("day", "\u0662\u0660\u0662\u0666-05-07"), ("day", 20260507), ("day", "0000-01-01"),
    ("at", "2026-05-07T10:00:00"), ("at", "2026-05-07"), ("at", "2026-05-07 10:00:00Z"), ("at", 1_778_148_000),
    ("at", "2026-05-07T25:00:00Z"), ("at", "2026-05-07T10:00:00+99:00"),
    ("hour", "5pm"), ("hour", "25:00:00"), ("hour", "17:30:00Z"),
    ("tenor", "P"), ("tenor", "P0D"), ("tenor", "PT1H"), ("tenor", "P1.5M"), ("tenor", "P3M1Y"), ("tenor", "3M"),
    ("tenor", {"months": 3}), ("tenor", "P" + "9" * 10_000 + "D"),
    ("span", "2026-01-02/2026-01-01"), ("span", "2026-01-01"), ("span", "2026-01-01/"), ("span", "../2026-01-01"),
    ("span", "2026-01-01/2026-02-30"),
    ("money", {"amount": 1.5, "currency": "EUR"}), ("money", {"amount": "1.234", "currency": "EUR"}),
    ("money", {"amount": "1", "currency": "EURO"}), ("money", {"amount": "1"}), ("money", "1 EUR"),
    ("money", {"amount": "1", "currency": "EUR", "tax": "0"}), ("money", {"amount": "1", "currency": "XXQ"}),
    ("price", {"amount": "-1", "currency": "EUR"}),
    ("currency", "eur"), ("currency", "€"), ("currency", 978),
    ("rank", True), ("rank", "1"), ("rank", 2), ("stage", "WON"), ("stage", ["won"]), ("language", "de"),
    ("fact", {"partial": {"year": 2019, "month": 2, "day": 3}}), ("fact", {"partial": {"year": "2019"}}),
    ("fact", {"partial": {"year": 2019}, "raw": "x"}), ("fact", {"partial": 2019}), ("fact", {"unknown": ""}),
    ("fact", {"unknown": "x", "reason": "y"}), ("fact", {"perpetual": ""}), ("fact", {}), ("fact", "unknown"),
    ("end", {"perpetual": None}), ("end", {"is": "perpetual"}),
    ("names", "ab"), ("names", {"a": 1}), ("names", ["a", None]), ("names", None), ("pair", ["a"]),
    ("pair", ["a", 1, 2]), ("pair", ["a", "1"]), ("marks", ["a", "a"]), ("marks", "a"),
    ("raw", 1.5), ("raw", DEEP), ("raw", {"$number": "x"}),
    ("counts", ["a"]), ("counts", {"a": "1"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw"), TRAPS)
def test_what_merely_resembles_a_value_is_refused(name: Any, raw: Any) -> None:
    with pytest.raises(InvalidRecord) as caught:
        from_fields(Strict, {name: raw})
    assert caught.value.field.startswith(f"$.{name}")
    assert caught.value.record == "Strict"


@pytest.mark.parametrize(
    ("fields", "path", "value", "expected"),
    [
        ({"name": "x"}, "$.id", None, "the field is required"),
        ({"id": "o1", "name": ""}, "$.name", "", "a text that is not empty"),
        ({"id": "o1", "name": "x", "colour": 1}, "$.colour", 1, "no such field"),
        ({"id": "o1", "name": "x", "lines": [{"id": "1", "quantity": "2"}, {"id": "2", "quantity": 2}]},
         "$.lines[1].quantity", 2, "an exact number as text"),
        ({"id": "o1", "name": "x", "lines": [{"id": "1", "quantity": "-2"}]},
         "$.lines[0].quantity", Decimal(-2), "a Decimal of zero or more"),
        ({"id": "o1", "name": "x", "stage": "done"}, "$.stage", "done", "one of qualification"),
        ({"id": "o1", "name": "x", "amount": {"amount": "1.005", "currency": "EUR"}},
         "$.amount.amount", "1.005", "at most 2 decimals in EUR"),
        ({"id": "o1", "name": "x", "signature_expected_on": {"unknown": 3}},
         "$.signature_expected_on.reason", 3, "text"),
        ({"id": "o1", "name": "x", "contacts": [{"contact": "c", "is": "split"}]},
         "$.contacts[0].is", "split", "the tag of a PersonRole"),
        ({"id": "o1", "name": "x", "recurring_amount": {"amount": "1", "currency": "EUR"}},
         "$.recurring_every", None, "given with recurring_amount"),
        ({"id": "o1", "name": "x", "refs": [{"system": "s", "object": "o", "key": "k", "state": "odd"}]},
         "$.refs[0].state", "odd", "one of live"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_path_the_value_and_what_would_be_right(
    fields: Any, path: Any, value: Any, expected: Any
) -> None:
    with pytest.raises(InvalidRecord) as caught:
        from_fields(Opportunity, fields)
    assert (caught.value.field, caught.value.value) == (path, value)
    assert expected in caught.value.expected


def test_the_record_is_named_with_its_id() -> None:
    with pytest.raises(InvalidRecord, match=r"^Opportunity o1: \$\.name is 3; expected text$"):
        from_fields(Opportunity, {"id": "o1", "name": 3})


@pytest.mark.parametrize("raw", [[], None, "x", 3])
def test_what_is_no_object_is_no_record(raw: Any) -> None:
    with pytest.raises(InvalidRecord, match=r"Strict: \$ is"):
        from_fields(Strict, raw)


def test_a_class_with_a_float_cannot_be_read() -> None:
    @frozen
    class Weighed:
        weight: float

    with pytest.raises(InvalidRecord, match="holds no float"):
        from_fields(Weighed, {"weight": 1})


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["2026-01-01", "P3M", "1.5", "2026-01-01T00:00:00Z", "EUR", "won"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["is", "unknown", "partial", "perpetual", "amount", "currency", "raw", "year", "x"]),
        inner, max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip
NAMES = [*Strict.__annotations__, "nothing"]


@given(st.dictionaries(st.sampled_from(NAMES), JSONISH, max_size=4))
def test_no_input_raises_anything_but_the_typed_error(fields: Any) -> None:
    try:
        found = from_fields(Strict, fields)
    except InvalidRecord:
        return
    assert from_fields(Strict, to_fields(found)) == found
