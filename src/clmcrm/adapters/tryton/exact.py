"""Values that JSON has no form for, as Tryton writes them: objects with a `__class__`, there and back exactly.

Dates, times of day, instants (UTC, without a zone), durations, exact numbers and bytes.
Source: trytond/protocols/jsonrpc.py, series 8.2, read and tried.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final, cast

_DAY: Final = ("year", "month", "day")
_CLOCK: Final = ("hour", "minute", "second", "microsecond")
_SECOND: Final = timedelta(seconds=1)
_MILLION: Final = 1_000_000


def told(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """The value as JSON.

    >>> told({"rate": Decimal("1.50"), "since": date(2026, 5, 7)})
    {'rate': {'__class__': 'Decimal', 'decimal': '1.50'}, 'since': {'__class__': 'date', 'year': 2026, 'month': 5, 'day': 7}}
    """  # noqa: E501 - the example is one line
    if isinstance(value, Mapping):
        return {str(key): told(inner) for key, inner in cast("Mapping[Any, object]", value).items()}
    if isinstance(value, list | tuple):
        return [told(inner) for inner in cast("Sequence[object]", value)]
    return _exact(value)


def _exact(value: object) -> object:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case bytes():
            return {"__class__": "bytes", "base64": base64.b64encode(value).decode()}
        case timedelta():
            whole = value // _SECOND
            return {"__class__": "timedelta", "seconds": whole if value == whole * _SECOND else value / _SECOND}
        case date() | time():
            return _dated(value)
        case _:
            return value


def _dated(value: date | time) -> dict[str, object]:
    if isinstance(value, datetime):
        return {"__class__": "datetime", **_parts(value.astimezone(UTC), *_DAY, *_CLOCK)}
    if isinstance(value, date):
        return {"__class__": "date", **_parts(value, *_DAY)}
    return {"__class__": "time", **_parts(value, *_CLOCK)}


def _parts(value: date | time, *names: str) -> dict[str, int]:
    return {name: getattr(value, name) for name in names}


def read(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value that such JSON states; raises `ValueError` for an object of another class, or one that is torn.

    >>> read([{"__class__": "timedelta", "seconds": 90}, {"__class__": "time", "hour": 9, "minute": 30, "second": 0,
    ...        "microsecond": 0}])
    [datetime.timedelta(seconds=90), datetime.time(9, 30)]
    """
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType] # of anything
        return [read(inner) for inner in items]
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Any]", value)
    if "__class__" not in fields:
        return {key: read(inner) for key, inner in fields.items()}
    try:
        return _typed(fields)
    except (KeyError, TypeError, ValueError, InvalidOperation, binascii.Error, OverflowError) as problem:
        raise ValueError(f"{fields} cannot be read: {problem!r}") from problem


def _typed(fields: Mapping[str, Any]) -> object:
    part = fields.__getitem__
    match fields["__class__"]:
        case "Decimal":
            return _finite(Decimal(part("decimal")))
        case "date":
            return date(*map(part, _DAY))
        case "time":
            return time(*map(part, _CLOCK))
        case "datetime":
            return datetime.combine(date(*map(part, _DAY)), time(*map(part, _CLOCK)), UTC)
        case "timedelta":
            return timedelta(microseconds=round(Fraction(_finite(Decimal(str(part("seconds"))))) * _MILLION))
        case "bytes":
            # Tryton breaks its lines; anything else that is no base64 is refused.
            return base64.b64decode("".join(str(part("base64")).split()), validate=True)
        case other:
            raise ValueError(f"a value of class {other!r}")


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError(f"{number} is no amount")
    return number
