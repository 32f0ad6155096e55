"""The fields of Odoo's that have no canonical home: carried in `extras` as they are, and written back unchanged.

Which those are is Odoo's own description's to say (`fields_get`): what it stores and lets be written, fields of an
administrator's or of other add-ons included.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, cast

from clmcrm.adapters.extras import Declared, shown_extras
from clmcrm.adapters.odoo.plain import Row, key, number, short
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.ports.records import Json

_TEXTS: Final = frozenset({"char", "text", "html", "date", "datetime", "selection", "reference"})
_NUMBERS: Final = frozenset({"float", "monetary"})
_LINKS: Final = "many2one"
_LISTS: Final = "many2many"
_CARRIED: Final = _TEXTS | _NUMBERS | {"boolean", "integer", "many2one_reference", _LINKS, _LISTS}

_WHY: Final = {
    "one2many": "records of their own",
    "binary": "a file", "image": "a file",
    "properties": "defined by another record", "properties_definition": "defined for other records",
    "json": "for Odoo's own views",
}  # fmt: skip


def left_out(declared: Declared, written: Collection[str]) -> dict[str, str]:
    """Why a field is neither written by its canonical name nor carried, for each that is not.

    >>> told = {"name": {"type": "char", "store": True}, "id": {"type": "integer", "store": True, "readonly": True}}
    >>> left_out(told, ["name"])
    {'id': 'read-only in Odoo'}
    """
    found: dict[str, str] = {}
    for name, told in declared.items():
        kind = str(told.get("type"))
        if name in written:
            continue
        if told.get("readonly"):
            found[name] = "read-only in Odoo"
        elif not told.get("store"):
            found[name] = "computed from others"
        elif kind not in _CARRIED:
            found[name] = _WHY.get(kind, f"of type {kind}")
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
    return None if told is None or not told else short(told)


def _link(value: object) -> Json:
    own = key(value)
    return None if own is None else int(own)


def _list(value: object) -> Json:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return cast("Json", sorted(int(own) for one in items if (own := key(one)) is not None))


_READ: Final[Mapping[str, Callable[[object], Json]]] = {
    "boolean": lambda value: value is True or None, "integer": _whole, "many2one_reference": _whole,
    "float": _exact, "monetary": _exact, _LINKS: _link, _LISTS: _list,
}  # fmt: skip


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
        return isinstance(raw, str) and Decimal(raw).is_finite()
    except InvalidOperation:
        return False


def _is_id(value: object) -> bool:
    return type(value) is int and value > 0


def _are_ids(raw: Json) -> bool:
    return isinstance(raw, list) and all(map(_is_id, raw))


def _is_whole(raw: Json) -> bool:
    return type(raw) is int


_Fits: TypeAlias = "tuple[Callable[[Json], bool], Callable[[Json], Any]]"
_WRITE: Final[Mapping[str, _Fits]] = {
    "boolean": (lambda raw: isinstance(raw, bool), _same),
    "integer": (_is_whole, _same), "many2one_reference": (_is_whole, _same),
    "float": (_is_number, lambda raw: Decimal(str(raw))), "monetary": (_is_number, lambda raw: Decimal(str(raw))),
    _LINKS: (_is_id, _same), _LISTS: (_are_ids, lambda raw: [[6, 0, raw]]),
}  # fmt: skip
_NOTHING: Final[Mapping[str, Any]] = {_LISTS: [[6, 0, []]], "integer": 0, "float": 0, "monetary": 0}
