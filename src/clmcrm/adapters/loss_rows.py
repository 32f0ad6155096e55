"""The tables of what an adapter does not carry, in Markdown: names of one reason share a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Losses: TypeAlias = Mapping[str, Sequence[str]]
"""Names by the reason why they are not carried."""


def names_of(losses: Losses) -> frozenset[str]:
    """Every name, whatever the reason.

    >>> sorted(names_of({"a setting": ("b", "a")}))
    ['a', 'b']
    """
    return frozenset(name for names in losses.values() for name in names)


def loss_rows(title: Sequence[str], parts: Mapping[str, Losses]) -> str:
    """The table: a row for each part and reason.

    >>> print(loss_rows(("of", "field", "why not"), {"request": {"a setting": ("b", "a")}}))
    | of | field | why not |
    | --- | --- | --- |
    | request | `a`, `b` | a setting |
    """
    rows = [
        (part, ", ".join(f"`{name}`" for name in sorted(names)), why)
        for part, losses in parts.items()
        for why, names in losses.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (title, ["---"] * len(title), *rows))
