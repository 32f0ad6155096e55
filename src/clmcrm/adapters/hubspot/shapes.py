"""What a JSON value is, for the type checkers and for us: an object, a list, or neither."""

from __future__ import annotations

from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON list."""
    return isinstance(value, list)


def object_of(value: object) -> dict[str, Any]:
    """The object, or an empty one for anything else.

    >>> object_of([1]), object_of({"a": 1})
    ({}, {'a': 1})
    """
    return value if is_object(value) else {}


def list_of(value: object) -> list[Any]:
    """The list, or an empty one for anything else.

    >>> list_of({"a": 1}), list_of([1])
    ([], [1])
    """
    return value if is_list(value) else []
