"""What fields were before: the history that Salesforce keeps of the fields an administrator chose.

It is told where it is kept: of fields whose history is not tracked only the present value is known, and of long texts
and addresses Salesforce says that they changed and not from what. A change of a standard reference is told under a name
of its own ("Owner" for OwnerId), once with the ids and once with what the records are called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import shown_value
from clmcrm.adapters.salesforce.kinds import SalesforceKind, seen_of
from clmcrm.adapters.salesforce.parts import Column
from clmcrm.adapters.salesforce.reading import Reader, is_id
from clmcrm.adapters.salesforce.soql import Query, in_pieces
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Json
from clmcrm.ports.systems import Past

HISTORIES: Final = {
    "Account": ("AccountHistory", "AccountId"),
    "Contact": ("ContactHistory", "ContactId"),
    "Opportunity": ("OpportunityFieldHistory", "OpportunityId"),
    "Contract": ("ContractHistory", "ContractId"),
}
Row = Mapping[str, Any]


def past_of(reader: Reader, kind: str, keys: Sequence[str]) -> Flow[tuple[Past, ...]]:
    """The values of these records' fields, oldest first for each field, the present one last."""
    held = yield from reader.held(kind)
    wanted = [key for key in dict.fromkeys(keys) if is_id(key)]
    rows = yield from reader.rows(held, wanted)
    if not rows:
        return ()
    told = yield from _changes(reader, held, list(rows))
    columns = {part.at: part for part in held.parts if isinstance(part, Column)}
    found: list[Past] = []
    for key, row in rows.items():
        fields = seen_of(held, row, reader.org).fields
        for name, value in fields.items():
            column = next((one for one in columns.values() if one.name == name), None)
            found += [Past(key=key, name=name, value=one) for one in _values(column, told.get(key, ()), value)]
    return tuple(found)


def _changes(reader: Reader, held: SalesforceKind, keys: Sequence[str]) -> Flow[dict[str, list[Row]]]:
    table = HISTORIES.get(held.object)
    if table is None:
        return {}
    name, parent = table
    query = Query(
        fields=("Id", parent, "Field", "OldValue", "NewValue", "CreatedDate"), of=name, order=("CreatedDate", "Id")
    )
    rows = yield from reader.session.queries((piece, False) for piece, _ in in_pieces(query, parent, keys))
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda one: (str(one.get("CreatedDate")), str(one.get("Id")))):
        found.setdefault(str(row.get(parent)), []).append(row)
    return found


def _values(column: Column | None, changes: Sequence[Row], now: Json) -> list[Json]:
    """The values of one field; only what can be understood as such a value is told."""
    if column is None:
        return [now]
    told: list[Json] = []
    named = {column.at, column.at.removesuffix("Id")} if column.form == "key" else {column.at}
    for row in changes:
        if row.get("Field") in named and not _only_names(column, row):
            old, new = (_value(column, row.get(name)) for name in ("OldValue", "NewValue"))
            told += [new] if told and told[-1] == old else [old, new]
    return told if told and told[-1] == now else [*told, now]


def _only_names(column: Column, row: Row) -> bool:
    """Whether a change of a reference says what the records are called, and not which they are."""
    values = [value for name in ("OldValue", "NewValue") if (value := row.get(name)) is not None]
    return column.form == "key" and not all(isinstance(one, str) and is_id(one) for one in values)


def _value(column: Column, raw: object) -> Json:
    try:
        value = shown_value(column.at, column.form, raw)
    except Misfit:
        return str(raw)
    return value if column.raw is None or value is None else column.words.get(str(value), column.other)
