"""Odoo's plain values as canonical ones: False for nothing, floats for amounts, records within records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.values.currencies import currency
from clmcrm.values.exact import plain_number

Row = Mapping[str, Any]


def said(value: object) -> str | None:
    """The text; None for Odoo's False and for an empty one."""
    return value if isinstance(value, str) and value else None


def inner(row: Row, name: str) -> Row | None:
    """The record that a field names, with what was read of it; None when it names none."""
    found: object = row.get(name)
    return cast("Row", found) if isinstance(found, dict) else None


def parts(row: Row, name: str) -> list[Row]:
    """The records that a field of parts names."""
    found: object = row.get(name)
    items = cast("list[object]", found) if isinstance(found, list) else []
    return [cast("Row", one) for one in items if isinstance(one, dict)]


def key(value: object) -> str | None:
    """The key of the record that a field names, read with or without its fields.

    >>> key(7), key({"id": 7, "code": "FR"}), key(False)
    ('7', '7', None)
    """
    if isinstance(value, dict):
        value = cast("Row", value).get("id")
    return str(value) if type(value) is int else None


def named(row: Row, name: str, inside: str = "name") -> str | None:
    """What the record that a field names is called."""
    found = inner(row, name)
    return None if found is None else said(found.get(inside))


def number(value: object) -> Decimal | None:
    """The exact number; None for what is none.

    >>> number(Decimal("12.50")), number(False)
    (Decimal('12.50'), None)
    """
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if type(value) is int else None


def is_kept(value: Decimal) -> bool:
    """Whether a double-precision number, which Odoo's are, keeps all digits of a number.

    >>> is_kept(Decimal("1200.10")), is_kept(Decimal("0.12345678901234567890")), is_kept(Decimal("1E+400"))
    (True, False, False)
    """
    return value.is_finite() and Decimal(repr(float(value))) == value


def has_nul(value: object) -> bool:
    r"""Whether a text anywhere in a value holds the character NUL, which PostgreSQL cannot store.

    Source: PostgreSQL documentation, "Character Types": the character with code zero cannot be stored.

    >>> has_nul({"lines": ["a", "b\x00"]}), has_nul("a")
    (True, False)
    """
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any(has_nul(one) for pair in cast("Mapping[Any, object]", value).items() for one in pair)
    return isinstance(value, list) and any(has_nul(one) for one in cast("list[object]", value))


def differs(row: Row, name: str, value: object) -> bool:
    """Whether a field would change if `value` were written to it; of a list of records that is not known: it would.

    >>> differs({"parent_id": {"id": 7}, "qty": Decimal("2.0"), "ref": False}, "parent_id", 7)
    False
    >>> differs({"qty": Decimal("2.0")}, "qty", 3), differs({"ref": False}, "ref", "")
    (True, False)
    """
    there = row.get(name)
    if isinstance(there, dict):
        own = key(cast("Row", there))
        there = False if own is None else int(own)
    return _comparable(there) != _comparable(value)


def _comparable(value: object) -> object:
    told = number(value)
    return plain_number(told) if told is not None else value if value not in (None, "") else False


def amount(value: object, code: str | None) -> Json:
    """The amount in its currency, with as many decimals as that has; None for zero, which Odoo keeps for nothing.

    >>> amount(Decimal("1000.5"), "EUR")
    {'amount': '1000.50', 'currency': 'EUR'}
    """
    told = number(value)
    if told is None or code is None or not told:
        return None
    try:
        places = currency(code).decimals
    except InvalidRecord:
        return None
    return {"amount": f"{told:.{places}f}", "currency": code}


def price(value: object, code: str | None) -> Json:
    """The price of one unit, all its decimals kept; None without a currency."""
    told = number(value)
    if told is None or code is None:
        return None
    try:
        places = currency(code).decimals
    except InvalidRecord:
        return None
    digits = plain_number(told)
    shown = digits if len(digits.partition(".")[2]) > places else f"{told:.{places}f}"
    return {"amount": shown, "currency": code}


def tag_of(code: str | None) -> str | None:
    """A language as a tag.

    >>> tag_of("fr_FR"), tag_of("sr@latin"), tag_of(None)
    ('fr-FR', 'sr-Latn', None)
    """
    if code is None:
        return None
    tag = code.replace("_", "-").replace("@latin", "-Latn").replace("@Cyrl", "-Cyrl")
    return tag.partition("@")[0]


def in_order(lines: Sequence[Row]) -> list[Row]:
    """Lines in the order in which a user sees them."""
    return sorted(lines, key=lambda line: (int(line.get("sequence") or 0), int(line["id"])))
