"""Records come back equal, and each kind of value has one written form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

import attrs
import pytest
from attrs import field, frozen

from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.codec.unions import descendants, members, tag_of, tagged
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.parties.addresses import Address
from clmcrm.ports.records import Fields
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.ids import AccountId, Extra
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import DayFact, EndFact, PartialDate, Perpetual, Unknown
from clmcrm.values.record import Record
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

UNSAID = Unknown("not said")
ONE_YEAR = Tenor(years=1)
PARIS = timezone(timedelta(hours=2))


class Colour(Enum):
    RED = "red"


class Shade(Enum):
    RED = "red"


class Rank(IntEnum):
    FIRST = 1


@frozen(kw_only=True)
class Shape:
    name: str = ""


@frozen(kw_only=True)
class RoundShape(Shape):
    radius: int = 1


@frozen(kw_only=True)
class HTTPLink:
    to: str = ""
    then: HTTPLink | None = None


@frozen(kw_only=True)
class Everything:
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
    colour: Colour | None = None
    rank: Rank | None = None
    language: Literal["en", "fr"] = "en"
    fact: DayFact = UNSAID
    end: EndFact = UNSAID
    account: AccountId | None = None
    names: tuple[str, ...] = ()
    pair: tuple[str, int] | None = None
    marks: frozenset[str] = frozenset()
    days: frozenset[date] = frozenset()
    raw: object = None
    counts: Mapping[str, int] = field(factory=dict[str, int])
    shape: Shape | None = None
    shapes: tuple[Shape, ...] = ()
    either: tuple[RoundShape | HTTPLink, ...] = ()
    amount: Money | UnitPrice | Unknown | None = None
    link: HTTPLink | None = None
    aliases: tuple[tuple[Colour, str], ...] = ()
    operand: str | int | bool | Decimal | date | Colour | Money | None = None
    either_enum: Colour | Shade | None = None


# One row per form: field, value, and the JSON that stands for it.
FORMS = [
    ("flag", True, True),
    ("whole", -3, -3),
    ("words", "Société", "Société"),
    ("exact", Decimal("1.50"), "1.5"),
    ("exact", Decimal("1E+3"), "1000"),
    ("exact", Decimal("0.0000001"), "0.0000001"),
    ("day", date(2026, 5, 7), "2026-05-07"),
    ("at", datetime(2026, 5, 7, 10, tzinfo=PARIS), "2026-05-07T10:00:00+02:00"),
    ("at", datetime(2026, 5, 7, 10, 0, 0, 5, tzinfo=UTC), "2026-05-07T10:00:00.000005+00:00"),
    ("hour", time(17, 30), "17:30:00"),
    ("tenor", Tenor(years=1, months=6), "P1Y6M"),
    ("span", Span(date(2026, 1, 1), date(2026, 12, 31)), "2026-01-01/2026-12-31"),
    ("span", Span(date(2026, 1, 1)), "2026-01-01/.."),
    ("money", Money("10", "EUR"), {"amount": "10.00", "currency": "EUR"}),
    ("money", Money("-0", "JPY"), {"amount": "0", "currency": "JPY"}),
    ("price", UnitPrice("0.0035", "EUR"), {"amount": "0.0035", "currency": "EUR"}),
    ("price", UnitPrice("5.0", "EUR"), {"amount": "5.00", "currency": "EUR"}),
    ("currency", currency("TND"), "TND"),
    ("colour", Colour.RED, "red"),
    ("rank", Rank.FIRST, 1),
    ("language", "fr", "fr"),
    ("fact", date(2026, 5, 7), "2026-05-07"),
    ("fact", PartialDate(year=2019, redacted=True), {"partial": {"year": 2019, "redacted": True}}),
    ("fact", Unknown("lost", "??"), {"unknown": "lost", "raw": "??"}),
    ("end", Perpetual(), {"perpetual": ""}),
    ("end", Perpetual("for ever"), {"perpetual": "for ever"}),
    ("account", AccountId("a1"), "a1"),
    ("names", ("a", "b"), ["a", "b"]),
    ("pair", ("a", 1), ["a", 1]),
    ("marks", frozenset({"b", "a"}), ["a", "b"]),
    ("days", frozenset({date(2026, 1, 2), date(2026, 1, 1)}), ["2026-01-01", "2026-01-02"]),
    ("raw", {"a": [1, None, True, "x"]}, {"a": [1, None, True, "x"]}),
    ("raw", [Decimal("1.50")], [{"$number": "1.50"}]),
    ("counts", {"a": 1}, {"a": 1}),
    ("shape", Shape(name="s"), {"name": "s"}),
    ("shape", RoundShape(radius=2), {"is": "round_shape", "radius": 2}),
    ("shapes", (Shape(), RoundShape()), [{}, {"is": "round_shape"}]),
    ("either", (HTTPLink(to="x"), RoundShape()), [{"is": "http_link", "to": "x"}, {"is": "round_shape"}]),
    ("amount", Money(1, "EUR"), {"is": "money", "amount": "1.00", "currency": "EUR"}),
    ("amount", UnitPrice(1, "EUR"), {"is": "unit_price", "amount": "1.00", "currency": "EUR"}),
    ("amount", Unknown("no"), {"unknown": "no"}),
    ("link", HTTPLink(then=HTTPLink(to="y")), {"then": {"to": "y"}}),
    ("operand", "2026-05-07", "2026-05-07"),
    ("operand", True, True),
    ("operand", 1, 1),
    ("operand", date(2026, 5, 7), {"is": "date", "value": "2026-05-07"}),
    ("operand", Decimal("1.5"), {"is": "decimal", "value": "1.5"}),
    ("operand", Colour.RED, {"is": "colour", "value": "red"}),
    ("operand", Money(1, "EUR"), {"amount": "1.00", "currency": "EUR"}),
    ("either_enum", Shade.RED, {"is": "shade", "value": "red"}),
    ("aliases", ((Colour.RED, "k"),), [["red", "k"]]),
]


@pytest.mark.parametrize(("name", "value", "written"), FORMS)
def test_each_form_is_written_in_one_way_and_read_back(name: Any, value: Any, written: Any) -> None:
    record = Everything(**{name: value})
    fields = to_fields(record)
    assert fields == {name: written}
    assert canonical_text(fields) == canonical_text(to_fields(from_fields(Everything, fields)))
    assert from_fields(Everything, fields) == record


def test_a_record_of_defaults_is_an_empty_object() -> None:
    assert to_fields(Everything()) == {}
    assert from_fields(Everything, {}) == Everything()


def test_whole_writes_every_field_so_that_an_emptied_one_is_seen() -> None:
    fields = to_fields(Address(city="Paris"), whole=True)
    assert fields == {
        "lines": [], "city": "Paris", "region": None, "postal_code": None, "country": None, "country_name": None,
    }  # fmt: skip
    assert from_fields(Address, fields) == Address(city="Paris")


def test_none_is_written_where_it_is_not_the_default() -> None:
    @frozen
    class Wish:
        length: Tenor | None = ONE_YEAR

    assert to_fields(Wish(None)) == {"length": None}
    assert from_fields(Wish, {"length": None}) == Wish(None)


def test_an_instant_keeps_the_offset_that_makes_its_local_day() -> None:
    late = datetime(2026, 1, 1, 0, 30, tzinfo=PARIS)
    back = from_fields(Everything, to_fields(Everything(at=late)))
    assert back.at is not None
    assert back.at.date() == date(2026, 1, 1)


@pytest.mark.parametrize("fold", [0, 1])
def test_an_instant_in_the_hour_that_clocks_show_twice_comes_back_as_the_same_one(fold: int) -> None:
    """Equal in UTC; to Python no instant of that hour in a zone by name equals one by offset."""
    told = datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=ZoneInfo("Europe/Paris"))
    back = from_fields(Everything, to_fields(Everything(at=told))).at
    assert back is not None
    assert (back.astimezone(UTC), back.utcoffset()) == (told.astimezone(UTC), told.utcoffset())


def test_a_date_that_is_a_datetime_is_not_written_as_a_date() -> None:
    with pytest.raises(InvalidRecord, match=r"\$\.fact"):
        to_fields(Everything(fact=datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("words", "\ud800"),
        ("exact", Decimal("NaN")),
        ("exact", Decimal("1E+999")),
        ("exact", 1.5),
        ("at", datetime(2026, 1, 1)),  # noqa: DTZ001 - a naive instant is what is refused
        ("raw", 1.5),
        ("raw", {"a": (1,)}),
        ("raw", {1: "a"}),
        ("raw", {"$number": "1"}),
        ("raw", Decimal("Infinity")),
        ("currency", Currency("EUR", 5)),
        ("currency", Currency("XXQ", 2)),
        ("fact", "2026-01-01"),
        ("shape", Address()),
        ("names", (3,)),
    ],
)
def test_what_cannot_be_written_exactly_is_refused_by_name(name: Any, value: Any) -> None:
    with pytest.raises(InvalidRecord) as caught:
        to_fields(Everything(**{name: value}))
    assert caught.value.field.startswith(f"$.{name}")


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="expected a record"):
        to_fields("text")


def test_a_circle_in_a_raw_value_is_refused() -> None:
    raw: list[object] = []
    raw.append(raw)
    with pytest.raises(InvalidRecord, match=r"\$\.raw"):
        to_fields(Everything(raw=raw))


def test_the_tag_is_the_class_name_in_lower_snake_case() -> None:
    assert [tag_of(cls) for cls in (RoundShape, HTTPLink, Tenor)] == ["round_shape", "http_link", "tenor"]


def test_descendants_are_found_once_each() -> None:
    assert list(descendants(Shape)) == [Shape, RoundShape]


def test_a_union_that_json_cannot_tell_apart_is_a_mistake_of_the_record() -> None:
    for union in (RoundShape | bytes, str | list[str]):
        with pytest.raises(TypeError):
            _ = members(union)


def test_two_classes_of_one_tag_are_a_mistake_of_the_records() -> None:
    def derived() -> type[Any]:
        @frozen
        class TwinShape(Shape):
            pass

        return TwinShape

    twins = (derived(), derived())
    with pytest.raises(TypeError, match="twin_shape"):
        _ = tagged("twin_shape", (Shape, *twins))


ACCOUNT = Account(
    id=AccountId("a1"),
    name="Durand",
    extras=(Extra("hubspot", "hs_score", Decimal("1.5")), Extra("hubspot", "hs_note", {"a": [None]})),
    revenue=Money("10.5", "EUR"),
)


def test_raw_values_of_a_vendor_come_back_as_they_were() -> None:
    assert from_fields(Account, to_fields(ACCOUNT)).extras == ACCOUNT.extras


def test_forward_keeps_what_a_newer_version_wrote_and_the_newer_version_finds_it_again() -> None:
    newer: Fields = {**to_fields(ACCOUNT), "slogan": {"fr": "oui"}}
    with pytest.raises(InvalidRecord, match=r"\$\.slogan"):
        from_fields(Account, newer)
    older = from_fields(Account, newer, forward=True)
    assert older.extras[-1] == Extra("clmcrm", "slogan", {"fr": "oui"})

    @frozen(kw_only=True)
    class NewerAccount(Record):
        id: str
        name: str
        revenue: Money
        slogan: Mapping[str, str]

    again = from_fields(NewerAccount, to_fields(attrs.evolve(older, name="Dupont")))
    assert (again.name, again.slogan, again.extras) == ("Dupont", {"fr": "oui"}, ACCOUNT.extras)


def test_forward_refuses_what_it_cannot_keep() -> None:
    newer: Fields = {**to_fields(ACCOUNT), "billing_address": {"planet": "Mars"}}
    with pytest.raises(InvalidRecord, match=r"\$\.billing_address\.planet"):
        from_fields(Account, newer, forward=True)
