r"""SOQL made of names and values, never of text: whatever a value holds, it stays a value.

A name must look like an API name; a text is escaped as the SOQL reference says; a number is exact; an instant is
written in UTC; NaN, infinities and instants without a zone are refused.
Source: SOQL and SOSL Reference, "Quoted String Escape Sequences", "Date Formats and Date Literals".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Final, TypeAlias
from urllib.parse import quote

from attrs import evolve, field, frozen

from clmcrm.adapters.conditions import Joined, plain_literal
from clmcrm.errors import InvalidRecord

Value: TypeAlias = "str | bool | int | Decimal | date | datetime | None"
"""What may be compared with a field."""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}")
_ESCAPES: Final = str.maketrans(
    {"\\": r"\\", "'": r"\'", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f"}
)
LONGEST_LIST: Final = 9_000
"""How many characters, as a URL writes them, the values of one IN may have: an address has 16,384 bytes in all."""


def name(text: str) -> str:
    """The name as it is; raises `InvalidRecord` for what is no API name of a field or an object.

    >>> name("Account.Owner.Name")
    'Account.Owner.Name'
    >>> name("Id FROM User")
    Traceback (most recent call last):
        ...
    clmcrm.errors.InvalidRecord: SOQL: name is 'Id FROM User'; expected an API name
    """
    if not _NAME.fullmatch(text):
        raise InvalidRecord("SOQL", "name", text[:80], "an API name")
    return text


def literal(value: Value) -> str:
    r"""A value as SOQL writes it.

    >>> from datetime import UTC
    >>> print(literal("O'Neill"), literal(datetime(2026, 5, 7, 12, tzinfo=UTC)), literal(Decimal("1.50")))
    'O\'Neill' 2026-05-07T12:00:00.000Z 1.50
    """
    if isinstance(value, str):
        return f"'{value.translate(_ESCAPES)}'"
    return plain_literal(value, "SOQL")


@frozen
class Compared:
    """A field compared with a value: `=`, `!=`, `<`, `<=`, `>`, `>=`."""

    at: str
    how: str
    value: Value

    def text(self) -> str:
        """As SOQL writes it."""
        if self.how not in _COMPARISONS:
            raise InvalidRecord("SOQL", "operator", self.how, " ".join(_COMPARISONS))
        return f"{name(self.at)} {self.how} {literal(self.value)}"


_COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")


@frozen
class OneOf:
    """A field that holds one of these values; none at all is refused, for it would not be SOQL."""

    at: str
    values: Sequence[Value]

    def text(self) -> str:
        """As SOQL writes it."""
        if not self.values:
            raise InvalidRecord("SOQL", "IN", "()", "at least one value")
        return f"{name(self.at)} IN ({','.join(literal(value) for value in self.values)})"


@frozen
class InQuery:
    """A field that holds what another query finds (a semi-join)."""

    at: str
    query: Query

    def text(self) -> str:
        """As SOQL writes it."""
        return f"{name(self.at)} IN ({self.query.text()})"


@frozen
class Both(Joined):
    """All of these conditions."""

    word: ClassVar[str] = " AND "


@frozen
class Either(Joined):
    """At least one of these conditions."""

    word: ClassVar[str] = " OR "


Condition: TypeAlias = "Compared | OneOf | InQuery | Both | Either"


@frozen(kw_only=True)
class Query:
    r"""A query: these `fields` (and the `children` of each record) `of` an object, `where`, in `order`, at most `most`.

    >>> print(Query(fields=("Id",), of="Account", where=Compared("Name", "=", "x' OR Id != '")).text())
    SELECT Id FROM Account WHERE Name = 'x\' OR Id != \''
    """

    fields: Sequence[str]
    of: str
    children: Sequence[Query] = ()
    where: Condition | None = None
    order: Sequence[str] = ()
    most: int | None = field(default=None)

    def text(self) -> str:
        """As SOQL writes it."""
        shown = [*(name(one) for one in self.fields), *(f"({child.text()})" for child in self.children)]
        parts = ["SELECT", ",".join(shown), "FROM", name(self.of)]
        if self.where is not None:
            parts.append(f"WHERE {self.where.text()}")
        if self.order:
            parts.append(f"ORDER BY {','.join(name(one) for one in self.order)}")
        if self.most is not None:
            parts.append(f"LIMIT {literal(int(self.most))}")
        return " ".join(parts)


def in_pieces(query: Query, at: str, values: Sequence[str]) -> Iterator[tuple[Query, Sequence[str]]]:
    """The query for those whose `at` is one of many values, in pieces that fit an address, each with its values.

    >>> [len(part) for _, part in in_pieces(Query(fields=("Id",), of="Account"), "Id", ["x" * 100] * 200)]
    [84, 84, 32]
    """
    piece: list[str] = []
    size = 0
    for value in values:
        length = len(quote(literal(value), safe="")) + 1
        if piece and size + length > LONGEST_LIST:
            yield evolve(query, where=_and_one_of(query.where, at, piece)), piece
            piece, size = [], 0
        piece.append(value)
        size += length
    if piece:
        yield evolve(query, where=_and_one_of(query.where, at, piece)), piece


def _and_one_of(where: Condition | None, at: str, values: Sequence[str]) -> Condition:
    wanted = OneOf(at, tuple(values))
    return wanted if where is None else Both((where, wanted))
