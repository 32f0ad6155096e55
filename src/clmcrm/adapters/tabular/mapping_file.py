"""A mapping out of a TOML file: strict, so that a misspelt key is an error and never a silent default.

The rule of the file: everything wrong with the file is an `UnreadableInput` that names the key, what was
found and what is possible.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from clmcrm.adapters.tabular.fields import LENGTHS, STARTS, BareRenewal, Century, Field, InitialTerm
from clmcrm.adapters.tabular.mapping import MAPPING_KEYS, QUOTED_FIELDS, Mapping
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.reading_amounts import NumberFormat
from clmcrm.clm.reading_dates import DateFormat
from clmcrm.clm.reading_lengths import Unit
from clmcrm.clm.term_clauses import EndMeaning, NoticeReference, RenewalKind
from clmcrm.errors import InvalidRecord, UnreadableInput

_MAX_BYTES: Final = 1 << 20
_E = TypeVar("_E", bound=StrEnum)


def load_mapping(path: Path) -> Mapping:
    """The mapping that the TOML file at `path` declares.

    Raises `UnreadableInput` for a file that is missing, no TOML, larger than a megabyte, or that holds a key
    or a value that is not known (the message lists the known ones).
    """
    name = path.name or str(path)  # a folder such as "." has no name
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UnreadableInput(name, f"a mapping has at most {_MAX_BYTES} bytes")
        declared = path.read_text(encoding="utf-8-sig")
    except OSError as refused:
        raise UnreadableInput(name, f"cannot be opened: {refused.strerror or refused}") from None
    except UnicodeDecodeError:
        raise UnreadableInput(path.name, "is not UTF-8, as TOML must be") from None
    return read_mapping(declared, path.name)


def read_mapping(declared: str, name: str = "mapping") -> Mapping:
    """The mapping that the TOML text `declared` holds; `name` is what errors call it.

    >>> read_mapping('date_format = "DD/MM/YYYY"').date_format.text
    'DD/MM/YYYY'
    >>> read_mapping('bare_renewal = "twice"')
    Traceback (most recent call last):
    ...
    clmcrm.errors.UnreadableInput: mapping: bare_renewal: no 'twice'; known are once, repeated
    """
    try:
        values: dict[str, object] = tomllib.loads(declared)
    except (ValueError, RecursionError) as broken:  # no TOML, or a number of thousands of digits
        raise UnreadableInput(name, f"is no TOML: {broken}") from None
    try:
        _refuse_unknown("", values, MAPPING_KEYS)
        # Each reader returns the type of its own field.
        read: dict[str, Any] = {key: _told(key, _READERS[key], value) for key, value in values.items()}
        return Mapping(**read)
    except _Refused as refused:
        raise UnreadableInput(name, str(refused)) from None
    except InvalidRecord as refused:
        what = f"{refused.field} is {refused.value!r}; expected {refused.expected}"
        raise UnreadableInput(name, what) from None


class _Refused(Exception):
    """What is wrong with a value, before the key and the file are named."""


def _told(key: str, reader: Callable[[object], object], value: object) -> object:
    try:
        return reader(value)
    except _Refused as refused:
        raise _Refused(f"{key}: {refused}") from None
    except InvalidRecord as refused:
        raise _Refused(f"{key} is {refused.value!r}; expected {refused.expected}") from None


def _refuse_unknown(where: str, values: dict[str, object], names: tuple[str, ...]) -> None:
    for name in values:
        if name not in names:
            raise _Refused(f"{where}no {name!r}; known are {', '.join(sorted(names))}")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Refused(f"{value!r} is no text")
    return value


def _year(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Refused(f"{value!r} is no whole number")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _Refused(f"{value!r} is no list")
    return cast("list[object]", value)


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _Refused(f"{value!r} is no table")
    return cast("dict[str, object]", value)


def _one_of(members: type[_E], value: object) -> _E:
    try:
        return members(_text(value))
    except ValueError:
        known = ", ".join(one.value for one in members)
        raise _Refused(f"no {value!r}; known are {known}") from None


def _by_field(value: object, fields: tuple[Field, ...]) -> dict[Field, object]:
    table = _table(value)
    _refuse_unknown("", table, tuple(one.value for one in fields))
    return {Field(name): inner for name, inner in table.items()}


def _columns(value: object) -> dict[Field, str]:
    return {key: _text(name) for key, name in _by_field(value, tuple(Field)).items()}


def _quotes(value: object) -> dict[Field, str]:
    return {key: _text(name) for key, name in _by_field(value, QUOTED_FIELDS).items()}


def _units(value: object) -> dict[Field, Unit]:
    return {key: _one_of(Unit, unit) for key, unit in _by_field(value, tuple(sorted(LENGTHS))).items()}


def _start(value: object) -> tuple[Field, ...]:
    found = tuple(_one_of(Field, one) for one in _list(value))
    if not found or any(one not in STARTS for one in found):
        raise _Refused(f"{value!r}; known are {', '.join(sorted(STARTS))}")
    return found


def _years(value: object) -> tuple[int, int]:
    found = tuple(_year(one) for one in _list(value))
    if len(found) != len(("first", "last")):
        raise _Refused(f"{value!r}; expected the first and the last year")
    return found[0], found[1]


def _century(value: object) -> Century:
    table = _table(value)
    _refuse_unknown("", table, ("before", "add"))
    if len(table) != len(("before", "add")):
        raise _Refused("expected before and add, such as { before = 1950, add = 100 }")
    return Century(before=_year(table["before"]), add=_year(table["add"]))


_READERS: Final[dict[str, Callable[[object], object]]] = {
    "columns": _columns,
    "quotes": _quotes,
    "date_format": lambda value: DateFormat(_text(value)),
    "number_format": lambda value: NumberFormat(_text(value)),
    "currency": _text,
    "start": _start,
    "years": _years,
    "century": _century,
    "initial_term_when_unstated": lambda value: _one_of(InitialTerm, value),
    "end_means": lambda value: _one_of(EndMeaning, value),
    "renewal_kind": lambda value: _one_of(RenewalKind, value),
    "bare_renewal": lambda value: _one_of(BareRenewal, value),
    "notice_reference": lambda value: _one_of(NoticeReference, value),
    "units": _units,
    "places": lambda value: {name: _text(code) for name, code in _table(value).items()},
    "kinds": lambda value: {name: _one_of(ContractKind, kind) for name, kind in _table(value).items()},
    "fact_suffix": _text,
    "delimiter": _text,
    "encoding": _text,
}
