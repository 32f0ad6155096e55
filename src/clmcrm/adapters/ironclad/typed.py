"""Ironclad's property types and our canonical values, both ways: each type exactly, and nothing guessed.

A property is an object with its `type` and its `value`. What a value cannot be read as is no value of ours: it stays
among the extras as it came. Source: developer.ironcladapp.com, record property types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final, TypeAlias

from attrs import frozen

from clmcrm.adapters.trees import Tree, is_list, is_tree, word
from clmcrm.codec.records import to_json
from clmcrm.errors import ClmcrmError
from clmcrm.ports.records import Json
from clmcrm.values.money import Money
from clmcrm.values.tenor import Tenor

Typed: TypeAlias = Mapping[str, Any]
"""A property: {"type": "string", "value": "..."}; one that was amended has an `originalValue` as well."""

LONGEST_TEXT: Final = 32_000
"""A longer text makes a workflow fail when it is archived."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,10})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+")
_LINES: Final = 4


def day_of(value: object, zone: tzinfo | None) -> str | None:
    """The day of a date property: as it is written, or in `zone` where the account writes midnights of its own.

    >>> day_of("2018-05-08T00:00:00-07:00", None), day_of("8 May", None)
    ('2018-05-08', None)
    """
    if not isinstance(value, str):
        return None
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value).isoformat()
        at = datetime.fromisoformat(value)
        return (at.astimezone(zone) if zone is not None and at.tzinfo is not None else at).date().isoformat()
    except (ValueError, OverflowError):
        return None


def _from_day(value: Json, zone: tzinfo | None) -> str | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return f"{value}T00:00:00Z" if zone is None else datetime.combine(day, datetime.min.time(), zone).isoformat()


def _exact(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number


def _number(value: object, _zone: tzinfo | None) -> Json:
    number = _exact(value)
    if number is None or not number.is_finite():
        return None
    plain = _plain(number)
    return plain if isinstance(plain, int) else format(plain, "f")


def _from_number(value: Json, _zone: tzinfo | None) -> int | Decimal | None:
    number = _exact(value)
    return None if number is None else _plain(number)


def _money(value: object, _zone: tzinfo | None) -> Json:
    told: Tree = value if is_tree(value) else {}
    amount = _exact(told.get("amount"))
    try:
        return None if amount is None else to_json(Money(amount, word(told, "currency")))
    except (ClmcrmError, ArithmeticError):
        return None


def _from_money(value: Json, _zone: tzinfo | None) -> Tree | None:
    told: Tree = value if is_tree(value) else {}
    amount = _exact(told.get("amount"))
    return None if amount is None else {"currency": word(told, "currency"), "amount": _plain(amount)}


def _tenor(value: object, _zone: tzinfo | None) -> Json:
    try:
        return str(Tenor.parse(value)) if isinstance(value, str) else None
    except ClmcrmError:
        return None


def _address(value: object, _zone: tzinfo | None) -> Json:
    if isinstance(value, str):
        return {"lines": [value]} if value.strip() else None
    told: Tree = value if is_tree(value) else {}
    stated = _lines(told)
    if stated is None or not all(line is None or isinstance(line, str) for line in stated):
        return None
    lines = [line for line in stated if line]
    country = word(told, "country")
    found: dict[str, Json] = {
        "lines": [*lines] or ([word(told, "raw")] if word(told, "raw") else []),
        "city": word(told, "locality"),
        "region": word(told, "region"),
        "postal_code": word(told, "postcode"),
        "country" if _COUNTRY.fullmatch(country) else "country_name": country,
    }
    return {name: one for name, one in found.items() if one} or None


def _lines(told: Tree) -> list[Any] | None:
    """The lines of an address, none where it states none; None for what is no list."""
    stated: object = told.get("lines")
    if not stated:
        return []
    return stated if is_list(stated) else None


def _from_address(value: Json, _zone: tzinfo | None) -> Tree | None:
    told: Tree = value if is_tree(value) else {}
    lines = _lines(told)
    if lines is None or len(lines) > _LINES:
        return None
    found: dict[str, Any] = {
        "lines": lines,
        "locality": told.get("city"),
        "region": told.get("region"),
        "postcode": told.get("postal_code"),
        "country": told.get("country") or told.get("country_name"),
    }
    return {name: one for name, one in found.items() if one} or None


def _text(value: object, _zone: tzinfo | None) -> str | None:
    return value if isinstance(value, str) and value else None


def _email(value: object, _zone: tzinfo | None) -> str | None:
    return value if isinstance(value, str) and _EMAIL.fullmatch(value) else None


def _flag(value: object, _zone: tzinfo | None) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: object, _zone: tzinfo | None) -> Json:
    return [*value] if is_list(value) and value and all(isinstance(one, str) for one in value) else None


def _reference(value: object, _zone: tzinfo | None) -> str | None:
    return (word(value, "recordId") if is_tree(value) else word({"id": value}, "id")) or None


def _from_reference(value: Json, _zone: tzinfo | None) -> Tree | None:
    return {"recordId": value} if isinstance(value, str) and value else None


@frozen
class Form:
    """How a type's values are read into canonical ones and written from them; None: there is none of that type."""

    read: Callable[[object, tzinfo | None], Json]
    write: Callable[[Json, tzinfo | None], Any]


FORMS: Final[Mapping[str, Form]] = {
    "string": Form(_text, _text),
    "email": Form(_email, _email),
    "number": Form(_number, _from_number),
    "boolean": Form(_flag, _flag),
    "date": Form(day_of, _from_day),
    "duration": Form(_tenor, _tenor),
    "monetary_amount": Form(_money, _from_money),
    "address": Form(_address, _from_address),
    "array": Form(_texts, _texts),
    "reference": Form(_reference, _from_reference),
}
"""The types with a canonical form; clauses (`clause`, `playbookClause`) are carried as they are."""


def read_typed(typed: Typed | None, zone: tzinfo | None = None) -> Json:
    """The canonical value of a property; None for none, and for one that cannot be read as its type.

    >>> read_typed({"type": "monetary_amount", "value": {"amount": Decimal("25.3"), "currency": "USD"}})
    {'amount': '25.30', 'currency': 'USD'}
    """
    form = FORMS.get(str((typed or {}).get("type")))
    return None if form is None or typed is None else form.read(typed.get("value"), zone)


def write_typed(kind: str, value: Json, zone: tzinfo | None = None) -> dict[str, Any] | None:
    """The property of a type that says a canonical value; None where there is nothing to say, or no way to.

    >>> write_typed("date", "2026-05-07"), write_typed("date", {"unknown": "the page is missing"})
    ({'type': 'date', 'value': '2026-05-07T00:00:00Z'}, None)
    """
    told = None if value is None else FORMS[kind].write(value, zone)
    return None if told is None else {"type": kind, "value": told}


def alike(one: Any, other: Any) -> bool:  # noqa: ANN401 - slots hold any JSON value
    """Whether two properties say the same, however they write it.

    >>> alike({"type": "number", "value": 5}, {"type": "number", "value": Decimal("5.0")})
    True
    """
    if not is_tree(one) or not is_tree(other) or one.get("type") != other.get("type"):
        return bool(one == other)
    left, right = read_typed(one), read_typed(other)
    if one.get("type") in ("string", "email", "boolean", "array") or left is None or right is None:
        return bool(one.get("value") == other.get("value"))
    return left == right
