r"""Reads SOQL back into what it means: written from the reference, knowing nothing of who wrote the query.

It takes the part that a client of records needs: fields, dotted fields, queries of children, WHERE with AND, OR, NOT,
comparisons, IN with a list or a query, ORDER BY, LIMIT. As Salesforce does, it refuses AND and OR side by side without
brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from attrs import define, frozen

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<number>[+-]?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),]))",
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"'}
_FROM: Final = " FROM "
_COMPARISONS: Final = ("=", "!=", "<>", "<", "<=", ">", ">=")


class MalformedQuery(Exception):
    """A query that Salesforce would not take, and why."""


@frozen
class Name:
    """A field, or the name of an object."""

    text: str


@frozen
class Sign:
    """A sign or a bracket."""

    text: str


@frozen
class Where:
    """A condition: `how` is "and", "or", "not", "in", or a comparison."""

    how: str
    at: str = ""
    value: Any = None
    parts: tuple[Where, ...] = ()


@frozen(kw_only=True)
class Select:
    """A query as it was understood."""

    fields: tuple[str, ...]
    of: str
    children: tuple[Select, ...] = ()
    where: Where | None = None
    order: tuple[tuple[str, bool], ...] = ()
    most: int | None = None


@lru_cache(maxsize=64)
def read_soql(text: str) -> Select:
    """The query that a text says; raises `MalformedQuery` for one that is none."""
    reading = _Reading(_tokens(text))
    query = reading.query()
    if reading.left:
        raise MalformedQuery(f"unexpected token: {reading.left[0]}")
    return query


def _tokens(text: str) -> list[Any]:
    # The list of fields is the longest part and the same in many queries: it is read once.
    whole = text.rstrip()
    fields = whole.partition(_FROM)[0]
    return [*_first_tokens(fields), *_tokens_of(whole, len(fields))]


@lru_cache(maxsize=256)
def _first_tokens(text: str) -> tuple[Any, ...]:
    return tuple(_tokens_of(text, 0))


def _tokens_of(text: str, place: int) -> list[Any]:
    found: list[Any] = []
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise MalformedQuery(f"unexpected character at {place}: {text[place : place + 20]!r}")
        place = match.end()
        kind = str(match.lastgroup)
        found.append(_READ[kind](match[kind]))
    return found


def _quoted(text: str) -> str:
    def letter(match: re.Match[str]) -> str:
        if match[1] not in _LETTERS:
            raise MalformedQuery(f"invalid string literal: illegal character sequence \\{match[1]}")
        return _LETTERS[match[1]]

    return _ESCAPED.sub(letter, text[1:-1])


def _named(text: str) -> Any:  # noqa: ANN401 - a name, or what the word stands for
    return {"true": True, "false": False, "null": None}.get(text.lower(), Name(text))


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "text": _quoted,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "number": Decimal,
    "name": _named,
    "sign": Sign,
}


@define
class _Reading:
    left: list[Any]

    def word(self, text: str) -> bool:
        """Take that word or sign, if it comes next."""
        if self.left and isinstance(self.left[0], Name | Sign) and self.left[0].text.upper() == text:
            del self.left[0]
            return True
        return False

    def must(self, text: str) -> None:
        if not self.word(text):
            raise MalformedQuery(f"expecting {text}, got {self.left[:1]}")

    def name(self) -> str:
        if not self.left or not isinstance(self.left[0], Name):
            raise MalformedQuery(f"expecting a name, got {self.left[:1]}")
        return str(self.left.pop(0).text)

    def query(self) -> Select:
        self.must("SELECT")
        fields: list[str] = []
        children: list[Select] = []
        while True:
            if self.word("("):
                children.append(self.query())
                self.must(")")
            else:
                fields.append(self.name())
            if not self.word(","):
                break
        self.must("FROM")
        of = self.name()
        where = self.condition() if self.word("WHERE") else None
        order: list[tuple[str, bool]] = []
        if self.word("ORDER"):
            self.must("BY")
            while True:
                at = self.name()
                down = self.word("DESC")
                if not down:
                    _ = self.word("ASC")
                order.append((at, down))
                if not self.word(","):
                    break
        most = self.whole() if self.word("LIMIT") else None
        return Select(fields=tuple(fields), of=of, children=tuple(children), where=where, order=tuple(order), most=most)

    def whole(self) -> int:
        if not self.left or not isinstance(self.left[0], Decimal):
            raise MalformedQuery("expecting a number after LIMIT")
        return int(self.left.pop(0))

    def condition(self) -> Where:
        parts = [self.single()]
        how = ""
        while True:
            found = "and" if self.word("AND") else "or" if self.word("OR") else ""
            if not found:
                return parts[0] if len(parts) == 1 else Where(how, parts=tuple(parts))
            if how and found != how:
                raise MalformedQuery("AND and OR side by side need brackets")
            how = found
            parts.append(self.single())

    def single(self) -> Where:
        if self.word("NOT"):
            return Where("not", parts=(self.single(),))
        if self.word("("):
            inner = self.condition()
            self.must(")")
            return inner
        at = self.name()
        if self.word("IN"):
            return Where("in", at, self.listed())
        for sign in _COMPARISONS:
            if self.word(sign):
                return Where("!=" if sign == "<>" else sign, at, self.value())
        raise MalformedQuery(f"expecting an operator, got {self.left[:1]}")

    def value(self) -> Any:  # noqa: ANN401 - any literal
        if not self.left or isinstance(self.left[0], Name | Sign):
            raise MalformedQuery(f"expecting a value, got {self.left[:1]}")
        return self.left.pop(0)

    def listed(self) -> Any:  # noqa: ANN401 - values, or a query
        self.must("(")
        if self.left and isinstance(self.left[0], Name) and self.left[0].text.upper() == "SELECT":
            inner = self.query()
            self.must(")")
            return inner
        values = [self.value()]
        while self.word(","):
            values.append(self.value())
        self.must(")")
        return values
