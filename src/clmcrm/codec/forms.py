"""How each kind of value is written in JSON, and read back strictly: one pair of functions per kind.

A reader takes what its writer writes and nothing that merely resembles it: "false" is not False, 1.9 is
not 1, an instant without a zone is no instant. A refusal says what would be right, in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, cast

from attrs import frozen

from clmcrm.codec.canonical import MAX_DIGITS, check_json, is_clean
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_RAW_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]{1,4})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?")
_INSTANT: Final = re.compile(rf"{_DATE.pattern}T{_TIME.pattern}(Z|[+-][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?)")
_TENOR: Final = re.compile(r"P([0-9]{1,30}[YMWD])+")
_TENOR_LIMIT: Final = 10**7
"""A tenor is read with at most seven digits of each unit (`Tenor.parse`)."""
_SPAN: Final = re.compile(rf"({_DATE.pattern})/({_DATE.pattern}|\.\.)")
_TOO_LONG: Final = 10**MAX_DIGITS
_LONGEST: Final = 128
"""No exact number, date, tenor or span is longer; what is longer is not worth parsing."""

EXACT_KEY: Final = "$number"
"""Stands for an exact number with a fraction inside a raw value, where text would lose what it was."""


class Refused(Exception):
    """A value that is not written as it should be; `inside` is the path below the value that was read.

    It never leaves the codec: it becomes an `InvalidRecord` with the whole path.
    """

    def __init__(self, value: object, expected: str, inside: str = "") -> None:
        self.value = value
        self.expected = expected
        self.inside = inside
        super().__init__(expected)


@frozen
class Form:
    """How one type is written: `write` and `read` it, `fits` tells its JSON from that of other forms."""

    words: str
    write: Callable[[Any], Json]
    read: Callable[[object], Any]
    fits: Callable[[object], bool]


def object_in(raw: object) -> dict[str, Any] | None:
    """The JSON object, or None for any other value."""
    parts: Any = raw
    return parts if type(raw) is dict else None


def list_in(raw: object) -> list[Any] | None:
    """The JSON list, or None for any other value."""
    items: Any = raw
    return items if type(raw) is list else None


def matched(pattern: re.Pattern[str], raw: object, words: str) -> str:
    """The text where the whole of it matches; anything else is refused, in these `words`."""
    if isinstance(raw, str) and len(raw) <= _LONGEST and pattern.fullmatch(raw):
        return raw
    raise Refused(raw, words)


def fitting(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    """Whether a value is a text that matches as a whole, as a function for `Form.fits`."""
    return lambda raw: isinstance(raw, str) and len(raw) <= _LONGEST and bool(pattern.fullmatch(raw))


def read_text(raw: object) -> str:
    """The text; half a surrogate pair is refused."""
    if type(raw) is not str:
        raise Refused(raw, "text")
    if not is_clean(raw):
        raise Refused(raw, "text without half a surrogate pair")
    return raw


def write_text(value: object) -> str:
    """The text; half a surrogate pair is refused."""
    if not isinstance(value, str) or not is_clean(value):
        raise Refused(value, "text without half a surrogate pair")
    return str.__str__(value)


def read_flag(raw: object) -> bool:
    """True or False; a text or a number is refused."""
    if type(raw) is not bool:
        raise Refused(raw, "true or false")
    return raw


def read_whole(raw: object) -> int:
    """The whole number; True, 1.0 and "1" are refused."""
    if type(raw) is not int:
        raise Refused(raw, "a whole number")
    return write_whole(raw)


def write_whole(value: int) -> int:
    """The whole number; one of more digits than canonical JSON has (`MAX_DIGITS`) is refused, and so is True."""
    if isinstance(value, bool):
        raise Refused(value, "a whole number")
    if abs(value) >= _TOO_LONG:
        raise Refused(value, f"a whole number of at most {MAX_DIGITS} digits")
    return value


def write_exact(value: object) -> str:
    """The number without exponent and without zeros at its end, so that equal numbers are written alike.

    >>> write_exact(Decimal("1.50")), write_exact(Decimal("1E+3")), write_exact(Decimal("-0.0"))
    ('1.5', '1000', '0')
    """
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value.adjusted()) > _LONGEST // 2:
        raise Refused(value, "a finite Decimal of a reasonable size")
    written = format(value, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    if len(written) > _LONGEST:
        raise Refused(value, f"a number of at most {_LONGEST} characters")
    return "0" if written == "-0" else written


def read_exact(raw: object) -> Decimal:
    """The exact number of its text; a JSON number is refused, and so is an exponent."""
    return Decimal(matched(_NUMBER, raw, 'an exact number as text, such as "12.5"'))


def write_date(value: object) -> str:
    """The date; an instant is refused, because the day it falls on depends on the zone."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Refused(value, "a date without a time of day")
    return value.isoformat()


def read_date(raw: object) -> date:
    """The day of "2026-05-07"."""
    words = 'a date such as "2026-05-07"'
    try:
        return date.fromisoformat(matched(_DATE, raw, words))
    except ValueError:
        raise Refused(raw, words) from None


def read_time(raw: object) -> time:
    """The time of day of "17:30:00", without a zone."""
    words = 'a time of day such as "17:30:00"'
    try:
        return time.fromisoformat(matched(_TIME, raw, words))
    except ValueError:
        raise Refused(raw, words) from None


def write_time(value: time) -> str:
    """ISO 8601; a time of day carries no zone."""
    if value.tzinfo is not None:
        raise Refused(value, "a time of day without a zone")
    return value.isoformat()


def write_instant(value: datetime) -> str:
    """ISO 8601 with the offset the instant was given in: its local day may matter."""
    offset = value.utcoffset()
    if offset is None:
        raise Refused(value, "an instant with a time zone")
    if offset.microseconds:
        raise Refused(value, "an instant whose zone is whole seconds from UTC")
    return value.isoformat()


def read_instant(raw: object) -> datetime:
    """The instant of "2026-05-07T10:00:00+02:00"; one without a zone is refused."""
    words = 'an instant with its zone, such as "2026-05-07T10:00:00+02:00"'
    try:
        return datetime.fromisoformat(matched(_INSTANT, raw, words))
    except ValueError:
        raise Refused(raw, words) from None


def write_tenor(value: Tenor) -> str:
    """ISO 8601, in the tenor's own units; a number of more digits than a tenor is read with is refused."""
    if max(value.years, value.months, value.weeks, value.days) >= _TENOR_LIMIT:
        raise Refused(value, f"a length of less than {_TENOR_LIMIT} of each unit")
    return str(value)


def read_tenor(raw: object) -> Tenor:
    """The tenor of "P3M"; units in the order years, months, weeks, days."""
    words = 'a length such as "P3M", "P1Y6M" or "P90D"'
    try:
        return Tenor.parse(matched(_TENOR, raw, words))
    except InvalidRecord:
        raise Refused(raw, words) from None


def write_span(value: object) -> str:
    """The ISO 8601 interval; what is no span is refused, since anything can be put into words."""
    if not isinstance(value, Span):
        raise Refused(value, "two days: a Span")
    return str(value)


def read_span(raw: object) -> Span:
    """The span of "2026-01-01/2026-12-31"; `..` after the stroke when no end is fixed."""
    words = 'two days in order such as "2026-01-01/2026-12-31", or "2026-01-01/.."'
    first_day, last_day = matched(_SPAN, raw, words).split("/")
    try:
        return Span(read_date(first_day), None if last_day == ".." else read_date(last_day))
    except (InvalidRecord, Refused):
        raise Refused(raw, words) from None


def write_raw(value: object) -> Json:
    """A raw value as it came: JSON, with exact fractions kept apart from text (`EXACT_KEY`)."""
    written = _without_fractions(value)
    try:
        check_json(written, "")
    except InvalidRecord as problem:
        raise Refused(problem.value, problem.expected, problem.field) from None
    return cast("Json", written)


def _without_fractions(value: object) -> object:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise Refused(value, "a finite number")
        return {EXACT_KEY: _raw_number(value)}
    if isinstance(value, list):
        return [_without_fractions(item) for item in cast("list[object]", value)]
    if not isinstance(value, Mapping):
        return value
    parts = cast("Mapping[object, object]", value)
    if EXACT_KEY in parts:
        raise Refused(parts, f"no key {EXACT_KEY}")
    return {key: _without_fractions(item) for key, item in parts.items()}


def _raw_number(value: Decimal) -> str:
    """The number as it came; one that would not be read back is refused before it is kept."""
    try:
        return matched(_RAW_NUMBER, str(value), f"a number of at most {_LONGEST} characters")
    except Refused as refusal:
        raise Refused(value, refusal.expected) from None


def read_raw(raw: object) -> object:
    """The raw value, its exact fractions as Decimal."""
    try:
        check_json(raw, "")
    except InvalidRecord as problem:
        raise Refused(problem.value, problem.expected, problem.field) from None
    return _with_fractions(raw)


def _with_fractions(raw: object) -> object:
    items, parts = list_in(raw), object_in(raw)
    if items is not None:
        return [_with_fractions(item) for item in items]
    if parts is None:
        return raw
    if EXACT_KEY in parts:
        if len(parts) > 1:
            raise Refused(parts, f"nothing beside {EXACT_KEY}")
        return Decimal(matched(_RAW_NUMBER, parts[EXACT_KEY], "an exact number as text"))
    return {key: _with_fractions(item) for key, item in parts.items()}


PLAIN_FORMS: Final[dict[type, Form]] = {
    bool: Form("true or false", read_flag, read_flag, lambda raw: type(raw) is bool),
    int: Form("a whole number", write_whole, read_whole, lambda raw: type(raw) is int),
    str: Form("text", write_text, read_text, lambda raw: isinstance(raw, str)),
    Decimal: Form("an exact number as text", write_exact, read_exact, fitting(_NUMBER)),
    datetime: Form("an instant", write_instant, read_instant, fitting(_INSTANT)),
    date: Form("a date", write_date, read_date, fitting(_DATE)),
    time: Form("a time of day", write_time, read_time, fitting(_TIME)),
    Tenor: Form("a length such as P3M", write_tenor, read_tenor, fitting(_TENOR)),
    Span: Form("two days", write_span, read_span, fitting(_SPAN)),
}
"""The form of every type that is written as one text, number or flag."""
