"""A vendor's JSON, read carefully: what is asked for, or nothing; a value of another type is no value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeGuard

Tree: TypeAlias = Mapping[str, Any]
"""A JSON object; its values are of any JSON type."""

_LONGEST: Final = 18


def is_tree(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return isinstance(value, list)


def tree_in(value: object) -> dict[str, Any]:
    """The object that a value is; empty for anything else.

    >>> tree_in([1]), tree_in({"a": 1})
    ({}, {'a': 1})
    """
    return value if is_tree(value) else {}


def list_in(value: object) -> list[Any]:
    """The list that a value is; empty for anything else.

    >>> list_in({"a": 1}), list_in([1])
    ([], [1])
    """
    return value if is_list(value) else []


def word(tree: Tree, name: str) -> str:
    """A text of an object, without spaces around it; empty when it has none of that name.

    >>> word({"status": " sent "}, "status"), word({"status": 7}, "status")
    ('sent', '')
    """
    value = tree.get(name)
    return value.strip() if isinstance(value, str) else ""


def number(tree: Tree, name: str) -> int | None:
    """A whole number of an object, also where it is written as a text; None for none, and for one beyond reason.

    >>> number({"total": "12"}, "total"), number({"total": "9" * 5000}, "total"), number({"total": True}, "total")
    (12, None, None)
    """
    value = tree.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_LONGEST else None


def tree_of(tree: Tree, name: str) -> Tree:
    """An object in an object; empty when there is none."""
    value = tree.get(name)
    return value if is_tree(value) else {}


def trees_of(tree: Tree, name: str) -> list[Tree]:
    """The objects of a list in an object; empty when there is none."""
    value = tree.get(name)
    return [one for one in value if is_tree(one)] if is_list(value) else []
