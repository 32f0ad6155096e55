"""New records with their external ids in one call and one transaction: the table that Odoo's `load` takes.

With `mode` "update" and `noupdate` a row whose external id is there already is left as it is and its id given back:
inserted or bound, never written over. (odoo/orm/models.py, `load` and `_load_records`, series 19, read and tried.)
A record's first line carries its own columns; each part of it (a line, an address) has a line of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.odoo.properties import loaded

BINDING: Final[Mapping[str, object]] = {"mode": "update", "noupdate": True, "module": "clmcrm"}
"""The context in which `load` inserts or binds."""

Types = Mapping[str, Mapping[str, Any]]
"""The fields of a model, as `fields_get` tells them."""

ADD: Final = 0
"""The command that adds a part."""


@frozen
class Table:
    """What to load: the `columns`, the `lines`, and for each record the number of its first line."""

    columns: list[str]
    lines: list[list[str]]
    firsts: list[int]

    def record_at(self, line: int) -> int:
        """The number of the record that a line belongs to."""
        return max(number for number, first in enumerate(self.firsts) if first <= line)


def table(names: Sequence[str], values: Sequence[Mapping[str, Any]], types: Types, parts: Mapping[str, Types]) -> Table:
    """The table of new records with these external names.

    `types` are the fields of their model, `parts` those behind its fields of parts.

    >>> told = table(["a"], [{"name": "Durand", "country_id": 75, "child_ids": [[0, 0, {"city": "Lyon"}]]}],
    ...     {"country_id": {"type": "many2one"}, "child_ids": {"type": "one2many"}}, {"child_ids": {}})
    >>> told.columns, told.lines
    (['id', 'child_ids/city', 'country_id/.id', 'name'], [['a', 'Lyon', '75', 'Durand']])
    """
    records = [_lines(one, types, parts) for one in values]
    columns = ["id", *sorted({column for lines in records for line in lines for column in line})]
    told: list[list[str]] = []
    firsts: list[int] = []
    for name, lines in zip(names, records, strict=True):
        firsts.append(len(told))
        for place, line in enumerate(lines):
            told.append([name if place == 0 else "", *(line.get(column, "") for column in columns[1:])])
    return Table(columns, told, firsts)


def _lines(values: Mapping[str, Any], types: Types, parts: Mapping[str, Types]) -> list[dict[str, str]]:
    own: dict[str, str] = {}
    below: list[dict[str, str]] = []
    for name, value in values.items():
        if name in parts:
            for command, _, inner in value:
                assert command == ADD, "a new record has new parts only"  # noqa: S101 - built a few lines further up
                below.append({f"{name}/{column}": text for column, text in _cells(inner, parts[name]).items()})
        else:
            own.update(_cells({name: value}, types))
    first, rest = (below[0], below[1:]) if below else ({}, [])
    return [{**own, **first}, *rest]


def _cells(values: Mapping[str, Any], types: Types) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in values.items():
        kind = types.get(name, {}).get("type")
        if kind == "many2one":
            cells[f"{name}/.id"] = "" if value is False or value is None else str(value)
        elif kind == "many2many":
            cells[f"{name}/.id"] = ",".join(str(one) for _, _, ids in value for one in ids)
        elif kind == "properties":
            cells[name] = loaded(value)
        else:
            cells[name] = _text(value)
    return cells


def _text(value: object) -> str:
    if value is True:
        return "1"
    return "" if value is False or value is None else str(value)
