"""What stands in a message, read strictly, after its signature was checked and not before.

A message that is signed rightly and cannot be read is no reason to refuse it: the vendor would send it again
for days, and hold back all that follows. `Unread` says what is wrong with it, and it is kept as it is.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn, TypeGuard, cast

from clmcrm.adapters.webhooks.reasons import Reason, refused

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS: Final = frozenset("0123456789")
_LONGEST_NUMBER: Final = 15
_LONGEST_KEY: Final = 512


class Unread(ValueError):
    """A body that is signed rightly and cannot be read; the text says why."""


def json_of(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value of a body in UTF-8; numbers with a point stay text, a key must not stand there twice.

    Raises `Unread` for anything else, however it is broken.
    """
    try:
        return json.loads(
            body.decode("utf-8"), parse_float=str, parse_constant=_no_constant, object_pairs_hook=_no_doubles
        )
    except (ValueError, RecursionError) as error:
        raise Unread(str(error) if isinstance(error, Unread) else "not JSON in UTF-8") from None


def _no_constant(name: str) -> NoReturn:
    raise Unread(f"{name} is no JSON number")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unread("a key stands in an object twice")
    return found


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def items_of(value: object) -> list[object]:
    """The items of a JSON array; anything else is one item itself."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def part(value: object, *path: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value at a path of keys; None when any of them is absent."""
    for key in path:
        value = value.get(key) if _is_object(value) else None
    return value


def key_of(value: object) -> str | None:
    """A record's key as text; None when it is absent, empty, not printable, or neither text nor a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= _LONGEST_KEY:
        return value
    return None


def word_of(value: object, missing: str) -> str:
    """The name of an event; raises `Unread`, saying what is `missing`, for anything but printable text."""
    if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= _LONGEST_KEY:
        return value
    raise Unread(missing)


def object_of(kind: str, stop: str) -> str:
    """The type of object that an event's name begins with, up to `stop`; the whole name where nothing is before it.

    >>> object_of("contract.signed", "."), object_of(".signed", ".")
    ('contract', '.signed')
    """
    first = kind.partition(stop)[0]
    return first if first.strip() else kind


def instant_of(value: object) -> datetime | None:
    """The instant of an ISO 8601 text with a zone, or of milliseconds since 1970; None for anything else.

    An instant that is outside the years 1 to 9999 in UTC is none: it could be kept nowhere.
    """
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            if found.utcoffset() is None:
                return None
            _ = found.astimezone(UTC)  # raises where it has no place
            return found
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return _EPOCH + timedelta(milliseconds=value)
    except (ValueError, OverflowError):
        return None
    return None


def signed_time(scheme: str, digits: str, *, milliseconds: bool = False) -> datetime:
    """The instant of a signed number of seconds (or milliseconds) since 1970; refused when it is no such number."""
    if not digits or len(digits) > _LONGEST_NUMBER or not _DIGITS.issuperset(digits):
        raise refused(scheme, Reason.MALFORMED, "the time is not a whole number since 1970")
    number = int(digits)
    try:
        return _EPOCH + (timedelta(milliseconds=number) if milliseconds else timedelta(seconds=number))
    except OverflowError:
        raise refused(scheme, Reason.MALFORMED, "the time lies beyond the year 9999") from None


def derived_id(*parts: object) -> str:
    """An event id made of what identifies it, where the vendor gives none: 32 hexadecimal digits."""
    text = json.dumps([str(each) for each in parts], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def body_id(body: bytes) -> str:
    """An event id made of the body alone: 32 hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()[:32]
