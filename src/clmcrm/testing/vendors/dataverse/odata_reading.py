"""Reads OData filters and addresses, as far as a client of records writes them; what is none is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import unquote, unquote_plus
from uuid import UUID

from attrs import field, frozen

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<id>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<moment>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)"
    r"|(?P<day>\d{4}-\d{2}-\d{2})"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_./]*)"
    r"|(?P<sign>[()\[\],=]))"
)
_COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")
_IN: Final = "Microsoft.Dynamics.CRM.In"
_WORDS: Final = {"true": True, "false": False, "null": None}


class MalformedFilter(Exception):
    """Text that is no filter or no address."""


@frozen
class Where:
    """A condition: `how` is a comparison, "in", "and", "or" or "not"; `at` the property, `value` what it is held to."""

    how: str
    at: str = ""
    value: Any = None
    parts: tuple[Where, ...] = ()


@frozen(kw_only=True)
class Target:
    """An address below the version: its `segments`, the `key` of the first one as it is written, its `options`."""

    segments: tuple[str, ...]
    key: str | None = None
    options: Mapping[str, str] = field(factory=dict[str, str])


def read_target(path: str) -> Target:
    """What an address means; a slash inside of brackets or encoded separates nothing."""
    plain, _, query = path.partition("?")
    options: dict[str, str] = {}
    for pair in query.split("&") if query else []:
        label, _, value = pair.partition("=")
        options[unquote(label)] = unquote_plus(value)
    pieces = re.split(r"/(?![^(]*\))", plain.strip("/"))
    head, bracket, rest = pieces[0].partition("(")
    if bracket and not rest.endswith(")"):
        raise MalformedFilter(f"an address with an open bracket: {plain[:60]}")
    return Target(
        segments=(unquote(head), *map(unquote, pieces[1:])), key=unquote(rest[:-1]) if bracket else None,
        options=options,
    )  # fmt: skip


def read_filter(text: str) -> Where:
    """The condition that a filter states; raises `MalformedFilter` for what is none."""
    reader = _Reader(text)
    found = reader.either()
    reader.end()
    return found


class _Reader:
    """Reads a filter token by token."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.kind, self.token = "", ""
        self._next()

    def either(self) -> Where:
        parts = [self.both()]
        while self._is("name", "or"):
            self._next()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Where("or", parts=tuple(parts))

    def both(self) -> Where:
        parts = [self.single()]
        while self._is("name", "and"):
            self._next()
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else Where("and", parts=tuple(parts))

    def single(self) -> Where:
        if self._is("name", "not"):
            self._next()
            return Where("not", parts=(self.single(),))
        if self._is("sign", "("):
            self._next()
            found = self.either()
            _ = self._take("sign", ")")
            return found
        at = self._take("name")
        if at == _IN:
            return self._in()
        how = self._take("name")
        if how not in _COMPARISONS:
            raise self._wrong(f"{how!r} is no comparison")
        return Where(how, at, self.value())

    def _in(self) -> Where:
        _ = self._take("sign", "(")
        _ = self._take("name", "PropertyName")
        _ = self._take("sign", "=")
        at = self._text()
        _ = self._take("sign", ",")
        _ = self._take("name", "PropertyValues")
        _ = self._take("sign", "=")
        _ = self._take("sign", "[")
        values = [self._text()]
        while self._is("sign", ","):
            self._next()
            values.append(self._text())
        _ = self._take("sign", "]")
        _ = self._take("sign", ")")
        return Where("in", at, values)

    def _text(self) -> str:
        return self._take("text")[1:-1].replace("''", "'")

    def value(self) -> Any:  # noqa: ANN401 - a text, a number, an id, a day, an instant, nothing
        kind, token = self.kind, self.token
        if kind == "text":
            return self._text()
        self._next()
        if kind == "id":
            return UUID(token)
        if kind == "moment":
            return datetime.fromisoformat(token).astimezone(UTC)
        if kind == "day":
            return date.fromisoformat(token)
        if kind == "number":
            return Decimal(token)
        if kind == "name" and token in _WORDS:
            return _WORDS[token]
        raise self._wrong("a value is missing")

    def end(self) -> None:
        if self.kind:
            raise self._wrong("something follows")

    def _is(self, kind: str, token: str) -> bool:
        return self.kind == kind and self.token == token

    def _take(self, kind: str, token: str | None = None) -> str:
        if self.kind != kind or (token is not None and self.token != token):
            raise self._wrong(f"{token or kind} is missing")
        found = self.token
        self._next()
        return found

    def _next(self) -> None:
        if not self.text[self.at :].strip():
            self.kind, self.token = "", ""
            return
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            raise self._wrong("no token")
        self.at = found.end()
        self.kind = str(found.lastgroup)
        self.token = found.group(self.kind)

    def _wrong(self, what: str) -> MalformedFilter:
        return MalformedFilter(f"{what} at position {self.at} in '{self.text[:80]}'")
