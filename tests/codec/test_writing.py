"""What is written can be read again as it was: a value of another type than its field's is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from attrs import field, frozen

from clmcrm.clm.clauses import Restriction, RestrictionKind
from clmcrm.clm.events import HostEvent
from clmcrm.clm.kinds import Party
from clmcrm.codec.records import from_fields, to_fields, to_json
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.ports.records import Fields, Json
from clmcrm.values.ids import AccountId, Extra
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
YEAR, EURO, PRICE = Span(date(2026, 1, 1)), Money(1, "EUR"), UnitPrice(1, "EUR")


class Colour(StrEnum):
    RED = "red"


@frozen(kw_only=True)
class Loose:
    """A record without a single validator: what its fields may hold, the codec alone says."""

    whole: int = 0
    span: Span = YEAR
    money: Money = EURO
    price: UnitPrice = PRICE
    names: tuple[str, ...] = ()
    pair: tuple[str, int] = ("", 0)
    marks: frozenset[str] = frozenset()
    colours: frozenset[Colour] = frozenset()
    counts: Mapping[str, int] = field(factory=dict[str, int])


# One row per trap: each was written, and came back as something else or not at all.
NOT_OF_THEIR_FIELD = [
    ("whole", True),
    ("span", "2026"), ("span", Tenor(days=1)), ("span", 5),
    ("money", UnitPrice("0.001", "EUR")), ("price", Money("-1", "EUR")),
    ("names", "FR"), ("names", ["FR"]), ("names", {"FR": 1}), ("pair", ["a", 1]), ("pair", "ab"),
    ("marks", "ab"), ("marks", ("a", "a")), ("colours", frozenset({"blue"})), ("counts", (("a", 1),)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), NOT_OF_THEIR_FIELD)
def test_what_is_of_another_type_than_its_field_is_not_written(name: Any, value: Any) -> None:
    with pytest.raises(InvalidRecord) as refused:
        to_fields(Loose(**{name: value}))
    assert refused.value.field.startswith(f"$.{name}")


def test_a_text_in_the_place_of_several_is_not_taken_apart_into_letters() -> None:
    bound: Any = "FR"
    with pytest.raises(InvalidRecord, match="territories is 'FR'; expected a tuple"):
        _ = Restriction(kind=RestrictionKind.EXCLUSIVITY, binds=Party.OWN, territories=bound)
    facts: Any = {"ab": 1}
    with pytest.raises(InvalidRecord, match="facts"):
        _ = HostEvent(AT, "host", name="weighed", facts=facts)


@pytest.mark.parametrize("value", [{1, 2}, frozenset({1}), b"x", 1j, range(3), {1: 2}, [{"a": b"x"}], (1, {2})])
def test_what_is_no_json_is_not_handed_back_as_json(value: Any) -> None:
    with pytest.raises(InvalidRecord, match=f"^{type(value).__name__}: "):
        to_json(value)


def raw_of(raw: object) -> Account:
    return Account(id=AccountId("a1"), name="Durand", extras=(Extra("odoo", "properties", raw),))


def test_a_raw_value_that_nobody_can_change_is_written_as_one_that_can_be() -> None:
    frozen_raw = raw_of(MappingProxyType({"weight": Decimal("1.50"), "parts": [MappingProxyType({})]}))
    assert from_fields(Account, to_fields(frozen_raw)) == frozen_raw
    with pytest.raises(InvalidRecord, match=r"no key \$number"):
        to_fields(raw_of(MappingProxyType({"$number": "1.5"})))


@pytest.mark.parametrize("extras", ["a note", None, {}, 3])
def test_extras_that_are_none_are_refused_whoever_wrote_the_record(extras: Any) -> None:
    newer: Fields = {"id": "a1", "name": "Durand", "slogan": "oui", "extras": extras}
    with pytest.raises(InvalidRecord, match=r"\$\.extras is .*; expected a list"):
        from_fields(Account, newer, forward=True)


def test_an_extra_of_ours_with_a_key_nobody_knows_is_refused_and_not_dropped() -> None:
    kept: Json = {"system": "clmcrm", "field": "phone", "raw": "1", "since": "2026"}
    with pytest.raises(InvalidRecord, match=r"\$\.extras\[0\]\.since is '2026'; expected no such field"):
        from_fields(Account, {"id": "a1", "name": "Durand", "extras": [kept]})


def test_of_two_extras_for_one_field_the_newer_is_read_and_the_older_stays() -> None:
    both: list[Json] = [{"system": "clmcrm", "field": "phone", "raw": raw} for raw in ("1", "2")]
    account = from_fields(Account, {"id": "a1", "name": "Durand", "extras": both})
    assert (account.phone, account.extras) == ("2", (Extra("clmcrm", "phone", "1"),))
    assert from_fields(Account, to_fields(account)) == account
