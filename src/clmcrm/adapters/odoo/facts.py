"""A contract in a model that has room for a part of it: its own fields show what they can, one text field the rest.

The text field holds the whole record as canonical JSON; the model's own fields are a projection of it. Where a
person has changed one of them in Odoo, the projection no longer fits, and what stands in Odoo's field is what holds.
So nothing that the model has no field for is lost (clauses, half-known days, people, events), and nothing that is
edited in Odoo is overlooked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from attrs import frozen

from clmcrm.adapters.catalogue import FIELDS
from clmcrm.adapters.odoo.codes import Codes
from clmcrm.adapters.odoo.plain import Row, differs
from clmcrm.clm.contract import Contract
from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.records import from_fields
from clmcrm.errors import ClmcrmError
from clmcrm.ports.records import Fields, Json, Kind

FACTS: Final = "x_clmcrm_facts"
"""The text field that an administrator adds to the model once."""


@frozen(kw_only=True)
class Native:
    """A canonical field that the model has fields of its own for.

    `name` is the canonical name; `project` gives the values of Odoo's fields for a whole contract, False where it
    states nothing that they could hold; `read` is what a row says by itself (None: nothing).
    """

    name: str
    project: Callable[[Fields], dict[str, Any]]
    read: Callable[[Row], Json]


@frozen(kw_only=True)
class Model:
    """How contracts stand in one of Odoo's models.

    `natives` are the fields it has room for. `lines` shows a row's lines beside those of the facts, and `commands`
    are the commands that make its lines what a contract states (both None: it has none). `extra` are the values of
    a new one besides, `unfit` says why a contract does not fit.
    """

    natives: Sequence[Native]
    extra: Mapping[str, Any]
    lines: Callable[[Row, Fields], Json] | None = None
    commands: Callable[[Row, Fields], list[list[Any]]] | None = None
    line_field: str = ""
    also: Callable[[Row, Fields], dict[str, Json]] | None = None
    values: Callable[[Fields, Codes], dict[str, Any]] | None = None
    unfit: Callable[[Fields, Codes], str | None] | None = None

    def fields(self, row: Row) -> dict[str, Json]:
        """The canonical fields of a row; raises `ValueError` for facts that are no JSON object."""
        facts = _facts(row)
        shown: dict[str, Json] = dict(facts)
        for native in self.natives:
            projected = native.project(facts)
            fits = bool(facts) and not any(differs(row, name, value) for name, value in projected.items())
            own = native.read(row)
            if not fits and (own is not None or native.name in facts):
                shown[native.name] = own
        if self.lines is not None:
            shown["lines"] = self.lines(row, facts)
        if self.also is not None and not facts:
            shown.update(self.also(row, shown))
        return shown

    def created(self, fields: Fields, codes: Codes) -> dict[str, Any]:
        """The values of a new record."""
        return {**self.extra, **self._values({}, fields, codes)}

    def changed(self, row: Row, fields: Fields, codes: Codes) -> dict[str, Any]:
        """The values to write so that the record shows `fields`, what it showed elsewhere kept."""
        told = self._values(row, {**self.fields(row), **fields}, codes)
        return {name: value for name, value in told.items() if differs(row, name, value)}

    def refused(self, row: Row | None, fields: Fields, codes: Codes) -> str | None:
        """Why these fields cannot be written, in words; None when they can."""
        unknown = next((name for name in fields if name not in FIELDS[Kind.CONTRACT]), None)
        if unknown is not None:
            return f"a contract has no field {unknown}"
        whole = {**({} if row is None else self.fields(row)), **fields}
        stated = {name: value for name, value in whole.items() if value is not None}
        try:
            _ = from_fields(Contract, {"title": "-", "kind": "sales", **stated, "id": "new"})
        except ClmcrmError as problem:
            return str(problem)
        return None if self.unfit is None else self.unfit(whole, codes)

    def _values(self, row: Row, whole: Fields, codes: Codes) -> dict[str, Any]:
        values: dict[str, Any] = {FACTS: canonical_text({name: one for name, one in whole.items() if name != "id"})}
        for native in self.natives:
            values.update(native.project(whole))
        if self.values is not None:
            values.update(self.values(whole, codes))
        if self.commands is not None:
            commands = self.commands(row, whole)
            if commands:
                values[self.line_field] = commands
        return values


def _facts(row: Row) -> dict[str, Json]:
    told = row.get(FACTS)
    if not told:
        return {}
    facts = json.loads(str(told))
    if not isinstance(facts, dict):
        raise ValueError(f"{FACTS} holds no facts of a contract")  # noqa: TRY004 - one kind of failure for one reader
    return cast("dict[str, Json]", facts)


def day_in(value: Json) -> str | None:
    """The day that a fact states; None for one that is half known or unknown.

    >>> day_in("2026-05-07"), day_in({"unknown": "the page is missing", "raw": ""})
    ('2026-05-07', None)
    """
    return value if isinstance(value, str) else None
