"""What Ironclad objects to in what it is sent, in its own form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

_DURATION: Final = re.compile(r"P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?")
_LONGEST: Final = 32_000
_LINES: Final = 4
_NOT_FOUND: Final = 404


class Objection(Exception):
    """A request that is not taken: the reply's status, and Ironclad's code, words and parameter."""

    def __init__(self, status: int, code: str, message: str, param: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.told = {"code": code, "message": message, **({"param": param} if param else {})}


def wrong(message: str, param: str = "") -> Objection:
    """A parameter that is not right."""
    return Objection(400, "INVALID_PARAM", message, param)


def missing(own: str, status: int = _NOT_FOUND) -> Objection:
    """An object that is not there."""
    return Objection(status, "NOT_FOUND", f"couldn't find a record matching the id {own}")


def check_properties(sent: Mapping[str, Any], known: Mapping[str, str]) -> None:
    """Object to a property that is not known, is of another type, or has a value that its type does not take."""
    for name, typed in sent.items():
        if name not in known:
            raise wrong(f"unknown property {name}", f"properties.{name}")
        if typed.get("type") != known[name]:
            raise wrong(f"property {name} is of type {known[name]}", f"properties.{name}.type")
        if not fits(known[name], typed.get("value")):
            raise wrong(f"invalid value for property {name}", f"properties.{name}.value")


def fits(kind: str, value: object) -> bool:  # noqa: PLR0911 - one return for each type
    """Whether a type takes a value."""
    if kind in ("string", "email", "playbookClause"):
        return isinstance(value, str) and 0 < len(value) <= _LONGEST and (kind != "email" or "@" in value)
    if kind == "number":
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "date":
        return _is_moment(value)
    if kind == "duration":
        return isinstance(value, str) and _DURATION.fullmatch(value) is not None
    if kind == "array":
        return isinstance(value, list) and len(value) > 0 and all(isinstance(one, str) for one in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # any JSON value
    return _object_fits(kind, value)


def _object_fits(kind: str, value: object) -> bool:
    if not isinstance(value, dict):
        return False
    told: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] # any JSON object
    if kind == "monetary_amount":
        return isinstance(told.get("currency"), str) and isinstance(told.get("amount"), int | Decimal)
    if kind == "address":
        return len(told.get("lines") or []) <= _LINES
    return bool(told.get("recordId")) if kind == "reference" else kind == "clause" and "source" in told


def _is_moment(value: object) -> bool:
    try:
        _ = datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return isinstance(value, str)
