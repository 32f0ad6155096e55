"""The fields of Tryton's that have no canonical home: carried in `extras` as they are, and written back unchanged.

Which those are is Tryton's own description's to say (`fields_get`): what is not read-only, fields of other modules
included. Values of types that are not known here go there and back in Tryton's own form.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final, TypeAlias, cast

from clmcrm.adapters.extras import Carry, Declared
from clmcrm.adapters.tryton import exact
from clmcrm.adapters.tryton.wire import listed
from clmcrm.ports.records import Json
from clmcrm.values.exact import plain_number, shifted

Row: TypeAlias = Mapping[str, Any]

_TEXTS: Final = frozenset({"char", "text", "selection", "reference"})
_LINK: Final = "many2one"
_LIST: Final = "many2many"
_FILE: Final = "binary"
PARTS: Final = "one2many"
"""The type of a field whose link is held by the records it shows: their own field (`relation_field`) is written."""
_ASKED: Final = {PARTS: Carry.PARTS, _FILE: Carry.FILES}
_MICROSECOND: Final = timedelta(microseconds=1)
_MILLION: Final = 1_000_000
_DIGITS: Final = 15
"""How many digits the seconds of a length of time have at most: more are beyond what Python can count in days."""
READ_ONLY: Final = "read-only in Tryton"


def left_out(declared: Declared, written: Collection[str], carry: Collection[Carry]) -> dict[str, str]:
    """Why a field is neither written by its canonical name nor carried, for each that is not.

    >>> left_out({"name": {"type": "char"}, "id": {"type": "integer", "readonly": True}}, ["name"], [])
    {'id': 'read-only in Tryton'}
    """
    found: dict[str, str] = {}
    for name, told in declared.items():
        asked = asked_for(told)
        if name in written:
            continue
        if told.get("readonly"):
            found[name] = READ_ONLY
        elif asked is not None and asked not in carry:
            found[name] = f"carried when asked for: {asked}"
    return found


def asked_for(told: Mapping[str, Any]) -> Carry | None:
    """What must be asked for so that a field is carried; None: it always is."""
    return _ASKED.get(str(told.get("type")))


def raw_of(row: Row, name: str, kind: str) -> Json:
    """What is carried of a value: dates as ISO texts, exact numbers as texts, other records by their ids."""
    value = row.get(name)
    if value is None or value is False:
        return None
    return _text(value) if kind in _TEXTS else _READ.get(kind, _as_told)(value)


def _as_told(value: object) -> Json:
    return cast("Json", exact.told(value))


def _seconds(value: object) -> Json:
    """A length of time in seconds, as a text: no float is carried."""
    return plain_number(shifted(Decimal(value // _MICROSECOND), -6)) if isinstance(value, timedelta) else None


def _as_length(raw: Json) -> tuple[bool, Any]:
    fits, seconds = _as_number(raw)
    fits = fits and abs(seconds.adjusted()) < _DIGITS
    return fits, timedelta(microseconds=round(Fraction(seconds) * _MILLION)) if fits else None


def _file(value: object) -> Json:
    return base64.b64encode(value).decode() if isinstance(value, bytes) and value else None


def _text(value: object) -> Json:
    return value if isinstance(value, str) else None


def _day(value: object) -> Json:
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else None


def _moment(value: object) -> Json:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else None


def _number(value: object) -> Json:
    return str(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else None


def _whole(value: object) -> Json:
    return value if type(value) is int else None


def _ids(value: object) -> Json:
    return cast("Json", sorted(one for one in listed(value) if type(one) is int))


def _words(value: object) -> Json:
    return cast("Json", [str(one) for one in listed(value)])


_READ: Final[Mapping[str, Callable[[object], Json]]] = {
    "boolean": lambda value: value is True or None, "integer": _whole, "bigint": _whole, "numeric": _number,
    "float": _number, "date": _day, "datetime": _moment, "timestamp": _moment, "multiselection": _words,
    _LINK: _whole, "one2one": _whole, _LIST: _ids, PARTS: _ids, _FILE: _file, "timedelta": _seconds,
}  # fmt: skip


def back(kind: str, raw: Json) -> tuple[bool, Any]:
    """Whether a raw value fits a field of that type, and what to write; a list of records is written by `commands`."""
    if raw is None:
        return True, [] if kind in (_LIST, PARTS, "multiselection") else None
    try:
        return _as_text(raw) if kind in _TEXTS else _WRITE.get(kind, _as_read)(raw)
    except (ValueError, InvalidOperation, OverflowError):
        return False, None


def _as_read(raw: Json) -> tuple[bool, Any]:
    return True, exact.read(raw)


def _as_file(raw: Json) -> tuple[bool, Any]:
    return isinstance(raw, str), base64.b64decode(str(raw), validate=True)


def _as_text(raw: Json) -> tuple[bool, Any]:
    return isinstance(raw, str), raw


def _as_number(raw: Json) -> tuple[bool, Any]:
    told = Decimal(raw) if isinstance(raw, str) else Decimal("NaN")
    return told.is_finite(), told


def _as_float(raw: Json) -> tuple[bool, Any]:
    """A double-precision number: one that does not keep all digits does not fit, and none is bent."""
    fits, told = _as_number(raw)
    made = float(told) if fits else None
    return made is not None and Decimal(repr(made)) == told, made


def _as_moment(raw: Json) -> tuple[bool, Any]:
    told = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    return told is not None and told.tzinfo is not None, told


def _as_ids(raw: Json) -> tuple[bool, Any]:
    return isinstance(raw, list) and all(type(one) is int for one in raw), raw


def _as_whole(raw: Json) -> tuple[bool, Any]:
    return type(raw) is int, raw


_WRITE: Final[Mapping[str, Callable[[Json], tuple[bool, Any]]]] = {
    "boolean": lambda raw: (isinstance(raw, bool), raw), "integer": _as_whole, "bigint": _as_whole, _LINK: _as_whole,
    "numeric": _as_number, "float": _as_float,
    "date": lambda raw: (isinstance(raw, str), date.fromisoformat(str(raw))),
    "datetime": _as_moment, "timestamp": _as_moment, "one2one": _as_whole, _LIST: _as_ids, PARTS: _as_ids,
    _FILE: _as_file, "timedelta": _as_length,
    "multiselection": lambda raw: (isinstance(raw, list) and all(isinstance(one, str) for one in raw), raw),
}  # fmt: skip


def commands(row: Row, values: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """The values to write to a row, those that stand there already left out; a list as what is added and removed.

    What shows other records that name this one goes nowhere: the link is theirs, and may have moved since it was read.
    """
    made: dict[str, Any] = {}
    for name, value in values.items():
        there = row.get(name)
        if types[name] == PARTS:
            continue
        if types[name] != _LIST:
            if there != value:
                made[name] = value
            continue
        old = {one for one in listed(there) if type(one) is int}
        told = [["add", sorted(set(value) - old)], ["remove", sorted(old - set(value))]]
        steps = [[verb, ids] for verb, ids in told if ids]
        if steps:
            made[name] = steps
    return made
