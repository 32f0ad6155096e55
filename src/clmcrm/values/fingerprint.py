"""The fingerprint of a value: SHA-256 of the one text that says what the value is.

An approval is given for a content, and must not outlive it. The rules of the text:

- Equal values have one text, whatever process, platform or Python version writes it; sets and mappings are
  sorted, `1.0` and `1.00` are one Decimal, an instant is written in UTC.
- Different values have different texts: each part carries its type, and each text its length, so that no two
  neighbours can be read as one.
- A record's field that holds its default is left out. A field that a later version adds does not change
  the fingerprint of a record that knows nothing of it.
- What has no such text (a float, a NaN, an instant without a zone, an object) is refused, never guessed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeGuard

import attrs

from clmcrm.errors import InvalidRecord

_FACTORY: Final[Any] = attrs.Factory  # typed as a function by attrs, and a class
_HEAD: Final = "clmcrm value 1 "


def fingerprint(value: object) -> str:
    """The SHA-256 of the value's text, 64 lower-case hexadecimal digits.

    Raises `InvalidRecord` for a value without a text of its own, see `value_text`.

    >>> fingerprint((1, "a"))[:16], fingerprint((1, "a")) == fingerprint([1, "a"])
    ('0bfd96c95acc9071', False)
    """
    return hashlib.sha256((_HEAD + value_text(value)).encode("utf-8", "surrogatepass")).hexdigest()


def value_text(value: object) -> str:
    """The one text of a value: of a record, a tuple, a mapping, a number, a date, an enum or a text.

    Raises `InvalidRecord` for a float, a NaN, an instant that is naive or that UTC does not reach, and any other
    object.

    >>> value_text({"b": Decimal("1.50"), "a": (None, date(2026, 5, 7))})
    'map2{text1:a tuple2(none day2026-05-07) text1:b decimal15e-1}'
    """
    if isinstance(value, Enum):
        return f"enum {_label(type(value).__name__)} {value_text(value.value)}"
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if attrs.has(type(value)):
        return _record(value)
    if _is_mapping(value):
        return _mapping(value)
    raise InvalidRecord("fingerprint", "value", value, "a record, or a value that a record may hold (never a float)")


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _label(name: str) -> str:
    return f"text{len(name)}:{name}"


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise InvalidRecord("fingerprint", "value", value, "a finite Decimal")
    sign, digits, exponent = value.as_tuple()
    figures = "".join(map(str, digits)).lstrip("0")
    if not figures:
        return "decimal0e0"
    kept = figures.rstrip("0")
    return f"decimal{'-' * sign}{kept}e{int(exponent) + len(figures) - len(kept)}"


def _instant(value: datetime) -> str:
    if value.utcoffset() is None:
        raise InvalidRecord("fingerprint", "value", value, "an instant with a time zone")
    try:
        return f"instant{value.astimezone(UTC).isoformat()}"
    except OverflowError:
        raise InvalidRecord("fingerprint", "value", value, "an instant of the years 1 to 9999 in UTC") from None


def _time(value: time) -> str:
    return f"time{value.replace(tzinfo=None).isoformat()}/{value.utcoffset()}"


def _length(value: timedelta) -> str:
    return f"length{value.days}/{value.seconds}/{value.microseconds}"


def _tuple(value: tuple[object, ...]) -> str:
    return f"tuple{len(value)}({' '.join(map(value_text, value))})"


def _list(value: list[object]) -> str:
    return f"list{len(value)}({' '.join(map(value_text, value))})"


def _set(value: frozenset[object]) -> str:
    return f"set{len(value)}({' '.join(sorted(map(value_text, value)))})"


def _mapping(value: Mapping[Any, Any]) -> str:
    pairs = sorted((value_text(key), value_text(held)) for key, held in value.items())
    return f"map{len(pairs)}{{{' '.join(f'{key} {held}' for key, held in pairs)}}}"


def _record(value: Any) -> str:  # noqa: ANN401 - any class that attrs made
    stated: list[str] = []
    kind: type[Any] = value.__class__
    for part in sorted(attrs.fields(kind), key=lambda each: each.name):
        if not part.eq:
            continue  # what does not make two records differ
        text = value_text(getattr(value, part.name))
        if not _is_default(part, text):
            stated.append(f"{part.name}={text}")
    return f"record {_label(kind.__name__)} {len(stated)}{{{' '.join(stated)}}}"


def _is_default(part: attrs.Attribute[Any], text: str) -> bool:
    default: Any = part.default
    if default is attrs.NOTHING:
        return False
    if isinstance(default, _FACTORY):
        if default.takes_self:
            return False  # its default depends on the record: always stated
        default = default.factory()
    try:
        return value_text(default) == text
    except InvalidRecord:
        return False


# Exact types: a bool is no int here, a datetime no date. Each writer is called with its own key's type.
_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda _: "none",
    bool: lambda value: "true" if value else "false",
    int: lambda value: f"int{Decimal(value):f}",  # Python itself writes none of more than 4,300 digits
    str: _label,
    bytes: lambda value: f"bytes{value.hex()}",
    Decimal: _decimal,
    date: lambda value: f"day{value.isoformat()}",
    datetime: _instant,
    time: _time,
    timedelta: _length,
    tuple: _tuple,
    list: _list,
    frozenset: _set,
    set: _set,
    dict: _mapping,
}
