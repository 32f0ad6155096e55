"""Reaching into a vendor's JSON by paths, and writing JSON whose numbers stay exact."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, cast

from clmcrm.adapters.declared.description import Path


class Absent:
    """What is found where nothing is."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = Absent()


def at(value: object, path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """What stands at `path`; `ABSENT` when nothing does. A number reaches into a list.

    >>> at({"lines": [{"price": 3}]}, ("lines", "0", "price")), at({}, ("a", "b"))
    (3, absent)
    """
    for name in path:
        if isinstance(value, Mapping):
            value = cast("Mapping[str, object]", value).get(name, ABSENT)
        elif isinstance(value, list) and name.isascii() and name.isdigit() and len(name) <= _LONGEST:
            items = cast("list[object]", value)
            value = items[int(name)] if int(name) < len(items) else ABSENT
        else:
            return ABSENT
    return value


_LONGEST: Final = 6


def placed(path: Path, value: object, body: dict[str, Any]) -> dict[str, Any]:
    """`body` with `value` at `path`, the objects and lists between made or copied; the argument is not changed.

    Raises `ValueError` where something else than an object or a list stands in the way.

    >>> placed(("owner", "email"), "a@example.org", {"owner": {"name": "Ada"}})
    {'owner': {'name': 'Ada', 'email': 'a@example.org'}}
    """
    return cast("dict[str, Any]", _placed(path, value, body))


def _placed(path: Path, value: object, there: object) -> object:
    if not path:
        return value
    name, rest = path[0], path[1:]
    if isinstance(there, list):
        items = list(cast("list[object]", there))
        if not name.isdigit() or int(name) > len(items):
            raise ValueError(f"no place {name!r} in a list of {len(items)}")
        before = items[int(name)] if int(name) < len(items) else None
        items[int(name) : int(name) + 1] = [_placed(rest, value, before)]
        return items
    if there is None or there is ABSENT:
        there = [] if name == "0" else {}
        return _placed(path, value, there)
    if not isinstance(there, Mapping):
        raise ValueError(  # noqa: TRY004 - it is the record's value that is wrong
            f"{name!r} would be inside a {type(there).__name__}"
        )
    members = dict(cast("Mapping[str, object]", there))
    members[name] = _placed(rest, value, members.get(name))
    return members


def without(path: Path, there: object) -> object:
    """The same without what stands at `path`; unchanged where nothing does. The argument is not changed.

    >>> without(("emails", "0", "kind"), {"emails": [{"kind": "work", "value": "a@example.org"}, {}]})
    {'emails': [{'value': 'a@example.org'}, {}]}
    """
    name, rest = path[0], path[1:]
    inner = at(there, (name,))
    if inner is ABSENT:
        return there
    if isinstance(there, list):
        items = list(cast("list[object]", there))
        items[int(name) : int(name) + 1] = [without(rest, inner)] if rest else []
        return items
    members = dict(cast("Mapping[str, object]", there))
    if rest:
        return {**members, name: without(rest, inner)}
    del members[name]
    return members


def exact_json(value: object) -> str:
    """JSON text in which a `Decimal` is a number with all its digits; raises `TypeError` for what JSON cannot hold.

    >>> exact_json({"amount": Decimal("10.10"), "name": "Zoé"})
    '{"amount":10.10,"name":"Zoé"}'
    """
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{value} is no JSON")
        return format(value, "f")
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value).items()
        return (
            "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{exact_json(one)}" for name, one in members) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join(exact_json(one) for one in cast("Sequence[object]", value)) + "]"
    if value is None or isinstance(value, str | bool | int):
        return json.dumps(value, ensure_ascii=False)
    raise TypeError(f"{type(value).__name__} is no JSON")


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """The same value as canonical JSON: an exact number becomes text.

    >>> plain([Decimal("1.50"), {"n": 2}])
    ['1.50', {'n': 2}]
    """
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [plain(one) for one in cast("list[object]", value)]
    return value


def shown(path: Path) -> str:
    """A path as errors name it.

    >>> shown(("owner", "email"))
    '$.owner.email'
    """
    return ".".join(("$", *path))
