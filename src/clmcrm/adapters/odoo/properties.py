"""Properties: fields that another record defines, as Odoo shows them, carries them in our records, and takes them back.

A record holds the values, and its sales team (or whatever record the field names) their definitions. Odoo reads a list
of both and takes an object of values, which replaces all that there were; its `load` asks for the list again. Source:
odoo/orm/fields_properties.py and base/models/ir_fields.py, series 19, read and tried.

What is carried of each that has a value: `name`, `type`, `string` (what people call it), `comodel` and `value`; other
records by their ids, numbers with a fraction as texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from clmcrm.adapters.odoo.plain import is_kept, key, number
from clmcrm.ports.records import Json
from clmcrm.values.exact import plain_number

_KEPT: Final = ("name", "type", "string", "comodel")
_FRACTIONS: Final = frozenset({"float", "monetary"})
_ONE: Final = "many2one"
_MANY: Final = "many2many"
_VALUE: Final = "value"


def shown(told: object) -> Json:
    """Those of a record's properties that have a value, in Odoo's order.

    >>> shown([{"name": "a1", "type": "many2one", "string": "Who", "comodel": "res.users", "value": [5, "Eve"]},
    ...        {"name": "a2", "type": "char", "string": "Why"}])
    [{'name': 'a1', 'type': 'many2one', 'string': 'Who', 'comodel': 'res.users', 'value': 5}]
    """
    items = cast("list[object]", told) if isinstance(told, list) else []
    found: list[Json] = []
    for one in items:
        if isinstance(one, dict) and _VALUE in one:
            held = cast("dict[str, Any]", one)
            kept: dict[str, Json] = {name: held[name] for name in _KEPT if name in held}
            found.append({**kept, _VALUE: _raw(str(held.get("type")), held[_VALUE])})
    return found


def _raw(kind: str, value: object) -> Json:
    if kind == _ONE:
        own = _id(value)
        return False if own is None else own
    if kind == _MANY:
        items = cast("list[object]", value) if isinstance(value, list) else []
        return [own for one in items if (own := _id(one)) is not None]
    told = number(value)
    if kind in _FRACTIONS and told is not None:
        return plain_number(told)
    return cast("Json", value)


def _id(value: object) -> int | None:
    """The id of a record that Odoo names by its id, or by its id and its name."""
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    own = key(items[0]) if items else None
    return None if own is None else int(own)


def fit(raw: Json) -> bool:
    """Whether Odoo can take that back."""
    return isinstance(raw, list) and all(map(_fits, raw))


def _fits(one: Json) -> bool:
    if not isinstance(one, dict) or _VALUE not in one or not all(isinstance(one.get(k), str) for k in ("name", "type")):
        return False
    kind, value = one["type"], one[_VALUE]
    if value is None or value is False:
        return True
    if kind in _FRACTIONS:
        return _is_number(value)
    if kind == _ONE:
        return type(value) is int
    if kind in (_MANY, "tags"):
        wanted = int if kind == _MANY else str
        return isinstance(value, list) and all(type(inner) is wanted for inner in value)
    return type(value) is {"boolean": bool, "integer": int}.get(str(kind), str)


def _is_number(value: Json) -> bool:
    try:
        return isinstance(value, str) and is_kept(Decimal(value))
    except InvalidOperation:
        return False


def values(raw: Json) -> dict[str, Any] | bool:
    """What to write: every value by its property's name; False for none.

    >>> values([{"name": "a3", "type": "float", "string": "Rate", "value": "12.5"}])
    {'a3': Decimal('12.5')}
    """
    told = {str(one["name"]): _written(one) for one in _items(raw)}
    return told or False


def _written(one: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what Odoo takes
    value = one[_VALUE]
    return Decimal(value) if one["type"] in _FRACTIONS and isinstance(value, str) else value


def loaded(raw: Json) -> str:
    """The text that `load` takes for a new record: definitions and values, each value as one would type it.

    >>> loaded([{"name": "a2", "type": "boolean", "string": "Key account", "value": True}])
    '[{"name": "a2", "type": "boolean", "string": "Key account", "value": "1"}]'
    """
    return json.dumps([{**one, "string": one.get("string") or "", **_typed(one)} for one in _items(raw)])


def _typed(one: Mapping[str, Any]) -> dict[str, Any]:
    value, kind = one[_VALUE], one["type"]
    if value is None or value is False:
        return {_VALUE: False}
    if kind in (_ONE, _MANY):
        ids: Sequence[object] = value if kind == _MANY else [value]
        return {_VALUE: [{".id": ",".join(map(str, ids))}] if ids else False}
    if kind == "tags":
        return {_VALUE: ",".join(value), "tags": [[tag, tag, 0] for tag in value]}
    if kind == "selection":
        return {_VALUE: value, "selection": [[value, value]]}
    return {_VALUE: "1" if value is True else value}


def _items(raw: Json) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", raw) if isinstance(raw, list) else []
