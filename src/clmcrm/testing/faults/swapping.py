"""Attributes of the library that are others for as long as a block lasts, and only here."""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, cast

Changes = Mapping[tuple[str, str], Any]
"""What stands in for which attribute of which object ("module" or "module:Class")."""


@contextmanager
def swapped(changes: Changes) -> Generator[None, None, None]:
    """These attributes are others, for as long as the block lasts."""
    before: list[tuple[Any, str, Any]] = []
    try:
        for (where, name), value in changes.items():
            target = _target(where)
            before.append((target, name, cast("dict[str, Any]", vars(target))[name]))
            setattr(target, name, value)
        yield
    finally:
        for target, name, value in reversed(before):
            setattr(target, name, value)


def _target(where: str) -> Any:  # noqa: ANN401 - a module or a class
    module, _, inner = where.partition(":")
    found = sys.modules[module]  # the rig has imported every room that a variant breaks
    return getattr(found, inner) if inner else found


def replaced(where: str, name: str) -> Any:  # noqa: ANN401 - any function of the library
    """What stands there before anything is swapped."""
    return getattr(_target(where), name)
