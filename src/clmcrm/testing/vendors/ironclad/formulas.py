"""Filter formulas as the fake reads them: strictly, so that one not written rightly is refused and never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

Condition: TypeAlias = Callable[[Callable[[str], Any]], bool]
"""Whether an object meets it, given how to look a property's value up."""

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<name>[A-Za-z]+)\(|\[(?P<property>\w+)\]|'(?P<one>[^']*)'|\"(?P<two>[^\"]*)\"|(?P<sign>[,)]))"
)
_OPEN: Final = "("


class MalformedFormula(Exception):
    """A formula that nobody can read."""


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            raise MalformedFormula(f"unexpected {text[place : place + 20]!r}")
        kind = found.lastgroup or ""
        yield ("text" if kind in ("one", "two") else kind), found.group(kind)
        place = found.end()


def read_formula(text: str) -> Condition:
    """The condition that a formula says; raises `MalformedFormula`.

    >>> read_formula("Or(Equals([a], '1'), Equals([a], '2'))")({"a": "2"}.get)
    True
    """
    tokens = list(_tokens(text))
    condition, rest = _condition(tokens)
    if rest:
        raise MalformedFormula(f"nothing was expected after it: {rest[0]}")
    return condition


def _condition(tokens: list[tuple[str, str]]) -> tuple[Condition, list[tuple[str, str]]]:
    if not tokens or tokens[0][0] != "name":
        raise MalformedFormula("an operation was expected")
    name, rest = tokens[0][1], tokens[1:]
    if name in ("And", "Or"):
        return _several(name, rest)
    if name not in ("Equals", "NotEqual", "Contains") or len(rest) < 4:  # noqa: PLR2004 - [a] , 'b' )
        raise MalformedFormula(f"{name} is no operation of two parameters")
    (kind, own), comma, (other, value), end = rest[:4]
    if (kind, comma, other, end) != ("property", ("sign", ","), "text", ("sign", ")")):
        raise MalformedFormula(f"{name} takes a property and a text")
    tests: dict[str, Condition] = {
        "Equals": lambda look: look(own) == value,
        "NotEqual": lambda look: look(own) != value,
        "Contains": lambda look: value in str(look(own) or ""),
    }
    return tests[name], rest[4:]


def _several(name: str, rest: list[tuple[str, str]]) -> tuple[Condition, list[tuple[str, str]]]:
    parts: list[Condition] = []
    while True:
        part, rest = _condition(rest)
        parts.append(part)
        if not rest or rest[0][0] != "sign":
            raise MalformedFormula(f"{name} has no end")
        sign, rest = rest[0][1], rest[1:]
        if sign == ")":
            break
    if len(parts) < 2:  # noqa: PLR2004 - documented: two or more
        raise MalformedFormula(f"{name} takes two conditions or more")
    whole = any if name == "Or" else all
    return (lambda look: whole(part(look) for part in parts)), rest
