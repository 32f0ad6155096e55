"""The fields of Odoo's that have no canonical home: carried in `extras` as they are, and written back unchanged.

Which those are is Odoo's own description's to say (`fields_get`): what it lets be written, fields of an administrator's
or of other add-ons included. What a record itself stores is always carried, but for files.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, cast

from clmcrm.adapters.extras import Carry, Declared, shown_extras, values_back
from clmcrm.adapters.odoo import properties
from clmcrm.adapters.odoo.plain import Row, is_kept, key, number
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.ports.records import Fields, Json
from clmcrm.values.exact import plain_number

_TEXTS: Final = frozenset({"char", "text", "html", "date", "datetime", "selection", "reference"})
_NUMBERS: Final = frozenset({"float", "monetary"})
_LINKS: Final = "many2one"
_LISTS: Final = "many2many"
PARTS: Final = "one2many"
"""The type of a field whose link is held by the records it shows: their own field (`relation_field`) is written."""
FILES: Final = frozenset({"binary", "image"})
PROPERTIES: Final = "properties"
_CARRIED: Final = (
    _TEXTS | _NUMBERS | FILES
    | {"boolean", "integer", "many2one_reference", PROPERTIES, _LINKS, _LISTS, PARTS}
)  # fmt: skip
READ_ONLY: Final = "read-only in Odoo"


def asked_for(told: Mapping[str, Any]) -> Carry | None:
    """What must be asked for so that a field is carried; None: it always is, for the record itself stores it."""
    kind = str(told.get("type"))
    if kind == PARTS:
        return Carry.PARTS
    if kind in FILES:
        return Carry.FILES
    return None if told.get("store") else Carry.COMPUTED


def left_out(declared: Declared, written: Collection[str], carry: Collection[Carry]) -> dict[str, str]:
    """Why a field is neither written by its canonical name nor carried, for each that is not.

    >>> told = {"name": {"type": "char", "store": True}, "id": {"type": "integer", "store": True, "readonly": True}}
    >>> left_out(told, ["name"], [])
    {'id': 'read-only in Odoo'}
    """
    found: dict[str, str] = {}
    for name, told in declared.items():
        if name in written:
            continue
        kind, asked = str(told.get("type")), asked_for(told)
        if told.get("readonly"):
            found[name] = READ_ONLY
        elif kind not in _CARRIED:
            found[name] = f"of type {kind}"
        elif asked is not None and asked not in carry:
            found[name] = f"carried when asked for: {asked}"
    return found


def extras_of(row: Row, types: Mapping[str, str]) -> list[Json]:
    """Those of a row that hold something; numbers with a fraction as texts, other records by their ids.

    >>> extras_of({"id": 1, "ref": "K-7", "color": 0, "user_id": {"id": 5, "name": "Eve"}}, {"ref": "char", "user_id": "many2one"})
    [{'system': 'odoo', 'field': 'ref', 'raw': 'K-7'}, {'system': 'odoo', 'field': 'user_id', 'raw': 5}]
    """  # noqa: E501 - the example is one line
    return shown_extras(VENDOR, ((name, _raw(kind, row.get(name))) for name, kind in types.items()))


def _raw(kind: str, value: object) -> Json:
    """What is carried of a value; None for what says nothing: Odoo's False, zero, an empty list."""
    return None if value is False or value is None else _READ.get(kind, _text)(value)


def _text(value: object) -> Json:
    return value if isinstance(value, str) else None


def _whole(value: object) -> Json:
    return value if type(value) is int and value else None


def _exact(value: object) -> Json:
    told = number(value)
    return None if told is None or not told else plain_number(told)


def _link(value: object) -> Json:
    own = key(value)
    return None if own is None else int(own)


def _list(value: object) -> Json:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return cast("Json", sorted(int(own) for one in items if (own := key(one)) is not None))


_READ: Final[Mapping[str, Callable[[object], Json]]] = {
    "boolean": lambda value: value is True or None, "integer": _whole, "many2one_reference": _whole,
    "float": _exact, "monetary": _exact, _LINKS: _link, _LISTS: _list, PARTS: _list, PROPERTIES: properties.shown,
}  # fmt: skip


def told_of(row: Row, types: Mapping[str, str]) -> Row:
    """A row without what it does not say by itself: the records that name it, and how other records are called."""
    parts = {name for name, kind in types.items() if kind == PARTS and name in row}
    defined = {name: _raw(PROPERTIES, row[name]) for name, kind in types.items() if kind == PROPERTIES and name in row}
    return {**{name: value for name, value in row.items() if name not in parts}, **defined}


def changed_back(row: Row | None, fields: Fields, types: Mapping[str, str]) -> dict[str, Any]:
    """What to write so that a row shows the extras among `fields`; `row` None: a new one, by `load`.

    What shows other records that name this one goes nowhere: the link is theirs, and may have moved since it was read.
    Raises `ValueError` for what cannot be written.
    """
    made: dict[str, Any] = {}
    for name, value in values_back(VENDOR, fields, types, back).items():
        kind = types[name]
        there = None if row is None else back(kind, _raw(kind, row.get(name)))[1]
        if kind != PARTS and (row is None or there != value):
            made[name] = properties.values(value) if kind == PROPERTIES and row is not None else value
    return made


def back(kind: str, raw: Json) -> tuple[bool, Any]:
    """Whether a raw value fits a field of that type, and what to write."""
    if raw is None:
        return True, _NOTHING.get(kind, False)
    fits, made = _WRITE.get(kind, (lambda value: isinstance(value, str), _same))
    return fits(raw), made(raw) if fits(raw) else None


def _same(raw: Json) -> Any:  # noqa: ANN401 - what Odoo takes
    return raw


def _is_number(raw: Json) -> bool:
    try:
        return isinstance(raw, str) and is_kept(Decimal(raw))
    except InvalidOperation:
        return False


def _is_id(value: object) -> bool:
    return type(value) is int and value > 0


def _are_ids(raw: Json) -> bool:
    return isinstance(raw, list) and all(map(_is_id, raw))


def _sorted(raw: Json) -> list[int]:
    return sorted(cast("list[int]", raw))


def _is_whole(raw: Json) -> bool:
    return type(raw) is int


def _is_file(raw: Json) -> bool:
    try:
        return isinstance(raw, str) and bool(base64.b64decode(raw, validate=True))
    except (binascii.Error, ValueError):
        return False


_Fits: TypeAlias = "tuple[Callable[[Json], bool], Callable[[Json], Any]]"
_WRITE: Final[Mapping[str, _Fits]] = {
    "boolean": (lambda raw: isinstance(raw, bool), _same),
    "integer": (_is_whole, _same), "many2one_reference": (_is_whole, _same),
    "float": (_is_number, lambda raw: Decimal(str(raw))), "monetary": (_is_number, lambda raw: Decimal(str(raw))),
    _LINKS: (_is_id, _same), _LISTS: (_are_ids, lambda raw: [[6, 0, _sorted(raw)]]),
    PARTS: (_are_ids, _sorted), PROPERTIES: (properties.fit, _same),
    **dict.fromkeys(FILES, (_is_file, _same)),
}  # fmt: skip
_NOTHING: Final[Mapping[str, Any]] = {
    _LISTS: [[6, 0, []]], PARTS: [], PROPERTIES: [], "integer": 0, "float": 0, "monetary": 0,
}  # fmt: skip
