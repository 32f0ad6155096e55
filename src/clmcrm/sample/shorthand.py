"""The short forms of the sample's files that any record may use, read into canonical fields.

======================================  ==============================================================================
``2026-01-31``                          a day (a TOML date); ``"2019-09-.. (redacted)"`` one that is only partly known
``"unknown: why"``                      a day or clause that is not known, with the reason
``"49.00 EUR"``                         an amount or a price
``"15%"``                               a share (0.15), in the fields that hold one
``"P3M"``                               a length, as ISO 8601 writes it
``"12 rue X | 75009 | Paris | FR"``     an address: street (its lines parted by slashes), postal code, city,
                                        where there is one the region, country
``"N-12 signatory, primary"``           a contact, the part it plays, and whether it is the first to turn to
======================================  ==============================================================================

What is no short form is handed on as it stands: the codec judges it, and refuses what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias, cast

from clmcrm.codec.forms import list_in
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.values.exact import shifted

Expander: TypeAlias = Callable[[object], Json]
"""Turns the written value of one field into its canonical form; raises `InvalidRecord`."""

Table: TypeAlias = Mapping[str, object]
"""A table of a TOML file."""

_AMOUNT: Final = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) ([A-Z]{3})")
_PERCENT: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)%")
_PARTIAL: Final = re.compile(r"([0-9]{4}|\.{4})-([0-9]{2}|\.\.)-([0-9]{2}|\.\.)( \(redacted\))?")
_UNKNOWN: Final = "unknown: "
_WITH_REGION: Final = 5
# Only these may be written in percent: elsewhere "15%" is a text like any other.
_SHARES: Final = frozenset(
    {"discount", "late_fee", "max_discount", "portion", "probability", "share", "share_of_change", "tax"}
)
# Exact numbers that a person writes whole: TOML has an integer there, the canonical form a text.
_EXACT: Final = frozenset(
    {"cap", "factor", "floor", "multiple", "percent", "probability", "quantity", "share", "share_of_change", "up_to"}
)


def plain(name: str, value: object) -> Json:
    """The canonical form of a field's `value`, whatever the record.

    >>> plain("price", "49.00 EUR"), plain("discount", "15%"), plain("note", "15%")
    ({'amount': '49.00', 'currency': 'EUR'}, '0.15', '15%')
    >>> plain("quantity", 3), plain("version", 3)
    ('3', 3)
    """
    if isinstance(value, list):
        return [plain(name, item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: plain(key, item) for key, item in cast("dict[str, object]", value).items()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return _text(name, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if name in _EXACT else value
    return str(value) if isinstance(value, Decimal) else cast("Json", value)


def _text(name: str, said: str) -> Json:
    found = _AMOUNT.fullmatch(said)
    if found:
        return {"amount": found[1], "currency": found[2]}
    found = _PERCENT.fullmatch(said) if name in _SHARES else None
    return str(shifted(Decimal(found[1]), -2)) if found else said


def expanded(table: Table, expanders: Mapping[str, Expander]) -> dict[str, Json]:
    """The fields of `table`: those with a short form of their own by `expanders`, the rest as `plain`.

    >>> expanded({"title": "visit", "due": "soon"}, {"due": str.upper})
    {'title': 'visit', 'due': 'SOON'}
    """
    fields: dict[str, Json] = {}
    for name, value in table.items():
        try:
            fields[name] = expanders[name](value) if name in expanders else plain(name, value)
        except InvalidRecord as problem:
            inside = f"{name}.{problem.field}" if problem.field else name
            raise InvalidRecord("table", inside, problem.value, problem.expected) from None
    return fields


def each_table(expanders: Mapping[str, Expander]) -> Expander:
    """The expander of a list of tables that have short forms of their own.

    >>> each_table({"due": str.upper})([{"due": "soon"}])
    [{'due': 'SOON'}]
    """

    def expand(value: object) -> Json:
        return [expanded(cast("Table", item), expanders) for item in listed(value, dict, "a list of tables")]

    return expand


def each_text(expand: Callable[[str], Json]) -> Expander:
    """The expander of a list of texts.

    >>> each_text(str.upper)(["a", "b"])
    ['A', 'B']
    """
    return lambda value: [expand(cast("str", item)) for item in listed(value, str, "a list of texts")]


def listed(value: object, kind: type, expected: str) -> list[object]:
    """`value` itself when it is a list of `kind`; raises `InvalidRecord` saying what was `expected`.

    >>> listed(["a"], str, "a list of texts")
    ['a']
    """
    items = list_in(value)
    if items is None or not all(isinstance(item, kind) for item in items):
        raise InvalidRecord("table", "", value, expected)
    return items


def written(value: object) -> str:
    """`value` itself when it is a text; raises `InvalidRecord` otherwise.

    >>> written("P1Y")
    'P1Y'
    """
    if not isinstance(value, str):
        raise InvalidRecord("table", "", value, "a text")
    return value


def day_fact(value: object) -> Json:
    """A day as contracts state it: exact, half-known, or unknown with its reason.

    >>> day_fact("2019-09-.. (redacted)"), day_fact("unknown: the page is missing")
    ({'partial': {'year': 2019, 'month': 9, 'redacted': True}}, {'unknown': 'the page is missing'})
    """
    if isinstance(value, date):
        return plain("", value)
    said = written(value)
    if said.startswith(_UNKNOWN):
        return {"unknown": said.removeprefix(_UNKNOWN)}
    found = _PARTIAL.fullmatch(said)
    if found is None:
        raise InvalidRecord("table", "", said, 'a day, "2019-09-.. (redacted)" or "unknown: the reason"')
    if found[4] is None and "." not in said:
        return said
    named = zip(("year", "month", "day"), found.groups()[:3], strict=True)
    parts: dict[str, Json] = {name: int(part) for name, part in named if "." not in part}
    return {"partial": parts if found[4] is None else {**parts, "redacted": True}}


def or_unknown(expand: Callable[[str], Json]) -> Expander:
    """The expander of a clause that may also be ``unknown: why``.

    >>> or_unknown(str.upper)("unknown: not read yet")
    {'unknown': 'not read yet'}
    """

    def reading(value: object) -> Json:
        said = written(value)
        return {"unknown": said.removeprefix(_UNKNOWN)} if said.startswith(_UNKNOWN) else expand(said)

    return reading


def address(value: object) -> Json:
    """An address of four or five parts.

    >>> address("4 High St | EH1 9ZZ | Edinburgh | GB")
    {'lines': ['4 High St'], 'postal_code': 'EH1 9ZZ', 'city': 'Edinburgh', 'country': 'GB'}
    """
    said = written(value)
    parts = [part.strip() for part in said.split("|")]
    region = ("region",) if len(parts) == _WITH_REGION else ()
    names = ("lines", "postal_code", "city", *region, "country")
    if len(parts) != len(names) or not all(parts):
        raise InvalidRecord("table", "", said, "street | postal code | city | (region |) country")
    return {n: list(p.split(" / ")) if n == "lines" else p for n, p in zip(names, parts, strict=True)}


def person(said: str) -> Json:
    """A contact and its part.

    >>> person("N-12 decision maker, primary")
    {'contact': 'N-12', 'role': 'decision maker', 'is_primary': True}
    """
    who, _, rest = said.partition(" ")
    role, _, primary = rest.partition(", ")
    if not role or primary not in {"", "primary"}:
        raise InvalidRecord("table", "", said, 'a contact and its part, such as "N-12 signatory, primary"')
    fields: dict[str, Json] = {"contact": who, "role": role}
    return {**fields, "is_primary": True} if primary else fields
