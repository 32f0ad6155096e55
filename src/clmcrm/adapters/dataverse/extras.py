"""The columns that have no canonical name: kept as they are, and written back as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.dataverse.ground import LOOKUPS, Ground, Table, TableColumn
from clmcrm.adapters.dataverse.lookups import address, lookup_key, table_of
from clmcrm.adapters.dataverse.parts import Row
from clmcrm.adapters.dataverse.wire import VENDOR
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.declared.members import plain
from clmcrm.adapters.field_forms import Form, own_extras, sent_value
from clmcrm.ports.records import Fields, Json

FORMS: Final[Mapping[str, Form]] = {
    **dict.fromkeys(("String", "Memo", "Choices", "DateTime", "Uniqueidentifier"), "long"),
    **dict.fromkeys(("Integer", "BigInt", "Picklist", "State", "Status"), "number"),
    **dict.fromkeys(("Decimal", "Double", "Money"), "number"),
    "Boolean": "flag",
}
"""What the types of columns are to us; lookups are treated apart, and others are neither read nor written."""
BOOKKEEPING: Final = frozenset(
    {
        "versionnumber", "createdon", "modifiedon", "createdby", "modifiedby", "createdonbehalfby",
        "modifiedonbehalfby", "masterid", "merged", "exchangerate", "importsequencenumber", "overriddencreatedon",
        "owningbusinessunit", "owningteam", "owninguser", "onholdtime", "timespentbymeonemailandmeetings",
    }
)  # fmt: skip
"""Columns that Dataverse keeps for itself and that are no news: not among the extras."""
BASE: Final = "_base"
"""How the twin of an amount in the base currency ends: computed, and not among the extras."""


def is_bookkeeping(column: TableColumn) -> bool:
    """Whether Dataverse keeps it for itself: not among the extras."""
    return column.name in BOOKKEEPING or (column.type == "Money" and column.name.endswith(BASE))


@frozen(kw_only=True)
class ExtrasPart:
    """The `homeless` columns of a table; those of `elsewhere` are lookups with a canonical name for one table only."""

    table: Table
    homeless: Sequence[TableColumn]
    elsewhere: Mapping[str, str]

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return ("extras",)

    @property
    def columns(self) -> Sequence[str]:
        """All of them."""
        return tuple(one.name for one in self.homeless)

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """Those that hold something, raw; a lookup as the table and the id it leads to."""
        del ground
        found: list[Json] = []
        for one in self.homeless:
            raw = self._raw(row, one)
            if raw is not None:
                found.append({"system": VENDOR, "field": one.name, "raw": raw})
        return {"extras": found}

    def _raw(self, row: Row, one: TableColumn) -> Json:
        if one.type not in LOOKUPS:
            raw: Json = plain(row.get(one.name))
            return raw
        key = lookup_key(row, one.name)
        table = table_of(row, one.name) or self._only_table(one.name)
        own = self.elsewhere.get(one.name)
        return None if key is None or (own is not None and table in (own, "")) else f"{table}/{key}"

    def _only_table(self, at: str) -> str:
        """The table that a lookup leads to when it does not say, where there is only one."""
        found = [table for column, table in self.table.lookups if column == at]
        return found[0] if len(found) == 1 else ""

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """Those that are named and may be written; other systems' extras are not ours to write."""
        written = {one.name: one for one in self.homeless if one.updated}
        made: dict[str, Any] = {}
        for at, raw in own_extras(VENDOR, fields.get("extras")).items():
            if at in written:
                made.update(self._sent(written[at], raw, ground))
        return made

    def _sent(self, column: TableColumn, raw: Json, ground: Ground) -> dict[str, Any]:
        if column.type not in LOOKUPS:
            return {column.name: sent_value("extras", FORMS[column.type], raw)}
        table, _, key = str(raw or "").partition("/")
        bound = self.table.lookups.get((column.name, table))
        if column.type == "Owner" or bound is None:
            raise Misfit("extras", f"{column.name} leads to no table {table!r}"[:200])
        return {f"{bound}@odata.bind": address("extras", key, table, ground)}


def extras_of(table: Table, mapped: Mapping[str, str | None]) -> ExtrasPart:
    """The part of all columns that `mapped` does not name; a lookup that is mapped for one table is among them too."""
    homeless = [
        one
        for one in table.columns.values()
        if (one.type in FORMS or one.type in LOOKUPS)
        and one.name != table.id
        and not is_bookkeeping(one)
        and (one.name not in mapped or (mapped[one.name] is not None and one.type == "Customer"))
    ]
    return ExtrasPart(table=table, homeless=homeless, elsewhere={at: to for at, to in mapped.items() if to is not None})
