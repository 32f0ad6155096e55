"""What a type cannot say: checks shared by every record.

No type checker tells a `datetime` from a `date`, an aware instant from a naive one, or a `bool` from an
`int`; these validators do, and each failure is an `InvalidRecord` that names record, field, value and
what would be right.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeGuard

import attrs

from clmcrm.errors import InvalidRecord

# attrs hands a validator the attribute as Attribute[Any]; the value is checked here, at run time.
Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def describe(inst: object) -> str:
    """The record's class and, where it is already set, its id: how an error names it.

    >>> describe(3)
    'int'
    """
    name = type(inst).__name__
    own = getattr(inst, "id", None)
    return f"{name} {own}" if isinstance(own, str) and own else name


def _check(expected: str, accept: Callable[[Any], bool], usual: type | None = None) -> Validator:
    """A validator for what `accept` accepts; a value of exactly the type `usual` needs no second look."""

    def validator(inst: Any, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401 - attrs' own signature
        if type(value) is not usual and not accept(value):
            raise InvalidRecord(describe(inst), attribute.name, value, expected)

    return validator


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_instant(value: object) -> bool:
    if type(value) is datetime and value.tzinfo is UTC:
        return True
    return isinstance(value, datetime) and value.utcoffset() is not None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_exact(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite()


def _is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


plain_date = _check("a date without a time of day", _is_date, usual=date)
instant = _check("an instant with a time zone", _is_instant)
count = _check("a whole number of zero or more", _is_count)
positive_count = _check("a whole number of one or more", lambda v: _is_count(v) and v > 0)
exact = _check("a finite Decimal (never a float)", _is_exact)
not_negative = _check("a Decimal of zero or more", lambda v: _is_exact(v) and v >= 0)
share = _check("a Decimal from 0 to 1", lambda v: _is_exact(v) and 0 <= v <= 1)


def text(inst: Any, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401 - attrs' own signature
    """A validator that accepts a text with something in it beside blanks.

    It is a function of its own and not made by `_check`: nearly every field of every record goes through it. A text
    that begins with a character of ASCII that shows needs no second look.
    """
    if type(value) is str and "!" <= value < "\x7f":
        return
    if not (isinstance(value, str) and value and not value.isspace()):
        raise InvalidRecord(describe(inst), attribute.name, value, "a text that is not empty")


flag = _check("True or False", lambda v: isinstance(v, bool), usual=bool)


def member(enum: type[Enum]) -> Validator:
    """A validator that accepts the members of `enum` and names them when it refuses."""
    names = ", ".join(str(m.value) for m in enum)
    return _check(f"one of {names}", lambda v: isinstance(v, enum), usual=enum)


def instance(*types: type) -> Validator:
    """A validator that accepts instances of `types`; a `datetime` is never taken for a `date`."""
    names = " or ".join(t.__name__ for t in types)
    return _check(
        names, lambda v: isinstance(v, types) and (not isinstance(v, datetime) or datetime in types), usual=types[0]
    )


def each(inner: Validator) -> Validator:
    """A validator for a tuple whose every element `inner` accepts."""

    def validator(inst: Any, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401 - attrs' own signature
        if not _is_tuple(value):
            raise InvalidRecord(describe(inst), attribute.name, value, "a tuple")
        for element in value:
            inner(inst, attribute, element)

    return validator


def maybe(inner: Validator) -> Validator:
    """A validator that accepts None, and otherwise what `inner` accepts."""

    def validator(inst: Any, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401 - attrs' own signature
        if value is not None:
            inner(inst, attribute, value)

    return validator
