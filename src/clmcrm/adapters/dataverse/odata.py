"""OData queries made of names and values, never of text: whatever a value holds, it stays a value.

A name must look like a property's; a text stands in single quotes, its own quotes doubled; an id, a day and a number
stand bare; an instant is written in UTC; NaN, infinities and instants without a zone are refused.
Source: OData 4.0 URL Conventions, 5.1.1 and its ABNF; Dataverse developer guide, "Query data using the Web API".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Final, TypeAlias
from urllib.parse import quote
from uuid import UUID

from attrs import evolve, frozen

from clmcrm.adapters.conditions import Joined, plain_literal
from clmcrm.errors import InvalidRecord

Value: TypeAlias = "str | bool | int | Decimal | date | datetime | UUID | None"
"""What may be compared with a property."""

LONGEST_LIST: Final = 8_000
"""How many characters, as an address writes them, one list of values may have (some 190 ids).

In a batch an address may have 65,536; but each list is one reply, and a row with all its columns has some kilobytes.
"""
_NAME: Final = re.compile(r"_?[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)?", re.ASCII)
_COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")
_SAFE: Final = "'(),:"


def name(text: str) -> str:
    """The name as it is; raises `InvalidRecord` for what is no name of a property or a table.

    >>> name("_parentaccountid_value")
    '_parentaccountid_value'
    >>> name("name eq 'x' or name")
    Traceback (most recent call last):
        ...
    clmcrm.errors.InvalidRecord: OData: name is "name eq 'x' or name"; expected the name of a property
    """
    if not _NAME.fullmatch(text):
        raise InvalidRecord("OData", "name", text[:80], "the name of a property")
    return text


def literal(value: Value) -> str:
    """A value as OData writes it.

    >>> print(literal("O'Neill"), literal(date(2026, 5, 7)), literal(Decimal("1.50")), literal(None))
    'O''Neill' 2026-05-07 1.50 null
    """
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, UUID):
        return str(value)
    return plain_literal(value, "OData", "a text, an id, a day, an instant or an exact number")


@frozen
class Compared:
    """A property compared with a value: `eq`, `ne`, `lt`, `le`, `gt`, `ge`."""

    at: str
    how: str
    value: Value

    def text(self) -> str:
        """As OData writes it."""
        if self.how not in _COMPARISONS:
            raise InvalidRecord("OData", "operator", self.how, " ".join(_COMPARISONS))
        return f"{name(self.at)} {self.how} {literal(self.value)}"


@frozen
class OneOf:
    """A property that holds one of these texts or ids (Dataverse's own function In); none at all is refused."""

    at: str
    values: Sequence[str]

    def text(self) -> str:
        """As OData writes it."""
        if not self.values:
            raise InvalidRecord("OData", "In", "[]", "at least one value")
        listed = ",".join(literal(_texts(value)) for value in self.values)
        return f"Microsoft.Dynamics.CRM.In(PropertyName={literal(name(self.at))},PropertyValues=[{listed}])"


def _texts(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRecord("OData", "value", repr(value)[:80], "a text: the function In takes no others")
    return value


@frozen
class Both(Joined):
    """All of these conditions."""

    word: ClassVar[str] = " and "


@frozen
class Either(Joined):
    """At least one of these conditions."""

    word: ClassVar[str] = " or "


Condition: TypeAlias = "Compared | OneOf | Both | Either"


@frozen(kw_only=True)
class Query:
    """The rows `of` an entity set: these properties (`fields`, none: all), `where`, in `order`, at most `most`.

    >>> Query(of="accounts", fields=("name",), where=Compared("name", "eq", "x' or name ne '")).text()
    "accounts?$select=name&$filter=name%20eq%20'x''%20or%20name%20ne%20'''"
    """

    of: str
    fields: Sequence[str] = ()
    where: Condition | None = None
    order: Sequence[str] = ()
    most: int | None = None

    def text(self) -> str:
        """The address below the version."""
        options: list[str] = []
        if self.fields:
            options.append(f"$select={','.join(name(one) for one in self.fields)}")
        if self.where is not None:
            options.append(f"$filter={quote(self.where.text(), safe=_SAFE)}")
        if self.order:
            options.append(f"$orderby={','.join(name(one) for one in self.order)}")
        if self.most is not None:
            options.append(f"$top={literal(int(self.most))}")
        return f"{name(self.of)}?{'&'.join(options)}" if options else name(self.of)


def row_path(of: str, key: str) -> str:
    """The address of the row of that id; raises `InvalidRecord` for what is no id.

    >>> row_path("accounts", "00000000-0000-0000-0000-000000000001")
    'accounts(00000000-0000-0000-0000-000000000001)'
    """
    if not is_id(key):
        raise InvalidRecord("OData", "id", key[:80], "a GUID")
    return f"{name(of)}({key.lower()})"


def key_path(of: str, at: str, value: str) -> str:
    """The address of the row whose alternate key `at` has that value.

    >>> key_path("accounts", "clmcrm_key", "O'Neill & Sons")
    "accounts(clmcrm_key='O''Neill%20%26%20Sons')"
    """
    return f"{name(of)}({name(at)}={quote(literal(value), safe=_QUOTE)})"


_QUOTE: Final = "'"
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def is_id(key: str) -> bool:
    """Whether a text is the id of a row; what is none is the id of nothing.

    >>> is_id("00000000-0000-0000-0000-000000000001"), is_id("1) or (1 eq 1")
    (True, False)
    """
    return _ID.fullmatch(key) is not None


def in_pieces(query: Query, at: str, values: Sequence[str]) -> Iterator[Query]:
    """The query for those whose `at` is one of many values, in pieces that fit an address of a batch."""
    piece: list[str] = []
    size = 0
    for value in values:
        length = len(quote(literal(value), safe=_SAFE)) + 1
        if piece and size + length > LONGEST_LIST:
            yield evolve(query, where=_and_one_of(query.where, at, piece))
            piece, size = [], 0
        piece.append(value)
        size += length
    if piece:
        yield evolve(query, where=_and_one_of(query.where, at, piece))


def _and_one_of(where: Condition | None, at: str, values: Sequence[str]) -> Condition:
    wanted = OneOf(at, tuple(values))
    return wanted if where is None else Both((where, wanted))
