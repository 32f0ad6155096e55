"""Whether a value fits the type of its field in the fake org."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from clmcrm.testing.vendors.salesforce.objects import FieldSaid
from clmcrm.testing.vendors.salesforce.refusals import Refusal


def checked(one: FieldSaid, value: Any) -> Any:  # noqa: ANN401 - JSON
    """The value as the org keeps it; raises `Refusal` for one that does not fit."""
    check: Callable[[FieldSaid, Any], Any] = _CHECKED.get(one.type, _text)
    return check(one, value)


def _text(one: FieldSaid, value: Any) -> str:  # noqa: ANN401 - JSON
    if not isinstance(value, str):
        raise Refusal("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{one.name}: value not of required type: {value}", one.name)
    found = value.strip(" ")
    if one.length and len(found) > one.length:
        words = f"{one.name}: data value too large: {found[:20]}... (max length={one.length})"
        raise Refusal("STRING_TOO_LONG", words, one.name)
    return found


def _number(one: FieldSaid, value: Any) -> Decimal:  # noqa: ANN401 - JSON
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refusal("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{one.name}: value not of required type: {value}", one.name)
    return Decimal(value)


def _flag(one: FieldSaid, value: Any) -> bool:  # noqa: ANN401 - JSON
    if not isinstance(value, bool):
        raise Refusal("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{one.name}: value not of required type: {value}", one.name)
    return value


def _date(one: FieldSaid, value: Any) -> str:  # noqa: ANN401 - JSON
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise Refusal("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{one.name}: invalid date: {value}", one.name) from None


def _whole(one: FieldSaid, value: Any) -> int:  # noqa: ANN401 - JSON
    return int(_number(one, value))


def _moment(one: FieldSaid, value: Any) -> datetime:  # noqa: ANN401 - JSON
    return datetime.fromisoformat(_text(one, value)).astimezone(UTC)


def _anything(one: FieldSaid, value: Any) -> Any:  # noqa: ANN401 - JSON
    del one
    return value


_CHECKED: Final[Mapping[str, Callable[[FieldSaid, Any], Any]]] = {
    **dict.fromkeys(("double", "currency", "percent"), _number),
    "int": _whole,
    "boolean": _flag,
    "date": _date,
    "datetime": _moment,
    "anyType": _anything,
}
