"""Answers queries and deltas from the data of a fake environment, in the form in which Dataverse writes rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from clmcrm.testing.vendors.dataverse.data import EnvironmentData, Row
from clmcrm.testing.vendors.dataverse.odata_reading import Where
from clmcrm.testing.vendors.dataverse.refusals import Refusal
from clmcrm.testing.vendors.dataverse.tables import ColumnSaid, TableSaid

ANNOTATION: Final = "Microsoft.Dynamics.CRM.lookuplogicalname"
_DECIMALS: Final = Decimal("0.0001")
_PAYLOAD: Final = "0x80060888"


def found_rows(data: EnvironmentData, said: TableSaid, where: Where | None, order: str) -> list[Row]:
    """The rows that a filter finds, by the columns of `order` (else by id)."""
    test = _test(said, where)
    rows = [row for row in data.rows[said.name].values() if test(row)]
    rows.sort(key=lambda row: str(row[said.id]))
    for one in reversed([piece for piece in order.split(",") if piece]):
        name, _, way = one.strip().partition(" ")
        column = column_of(said, name)
        rows.sort(key=lambda row, at=column.name: (row[at] is not None, row[at]), reverse=way == "desc")  # type: ignore[misc] # bound now
    return rows


def selected(said: TableSaid, select: str) -> list[ColumnSaid]:
    """The columns that are asked for, all for none; the primary key is always among them."""
    if not select:
        return [one for one in said.columns.values() if one.of is None and one.type != "Virtual"]
    named = [column_of(said, name) for name in select.split(",")]
    return list({one.name: one for one in [said.columns[said.id], *named]}.values())


def column_of(said: TableSaid, name: str) -> ColumnSaid:
    """The column of a property; raises `Refusal` for none."""
    column = said.columns.get(name)
    if column is None or column.is_lookup:
        column = next((one for one in said.columns.values() if one.shown == name), None)
    if column is None or column.of is not None:
        words = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{said.name}'."
        raise Refusal(400, _PAYLOAD, words)
    return column


def written_row(said: TableSaid, row: Row, columns: Sequence[ColumnSaid], *, annotated: bool) -> Row:
    """A row as it is answered."""
    made: Row = {"@odata.etag": etag(row)}
    for one in columns:
        value = row[one.name]
        if one.is_lookup:
            made[one.shown] = None if value is None else value[1]
            if annotated and value is not None:
                made[f"{one.shown}@{ANNOTATION}"] = value[0]
        else:
            made[one.shown] = _written(one, value)
    del said
    return made


def etag(row: Mapping[str, Any]) -> str:
    """The entity tag of a row."""
    return f'W/"{row["versionnumber"]}"'


def _written(column: ColumnSaid, value: Any) -> Any:  # noqa: ANN401 - any value
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    if isinstance(value, Decimal) and column.type == "Money":
        return value.quantize(_DECIMALS)
    return value


def _test(said: TableSaid, where: Where | None) -> Callable[[Row], bool]:
    if where is None:
        return lambda _: True
    if where.how in ("and", "or", "not"):
        parts = [_test(said, part) for part in where.parts]
        if where.how == "not":
            return lambda row: not parts[0](row)
        whole = all if where.how == "and" else any
        return lambda row: whole(part(row) for part in parts)
    if where.how == "in":
        name = where.at
        column = said.columns.get(name) or column_of(said, name)
        wanted = {str(_plain(one)) for one in where.value}
        return lambda row: row[column.name] is not None and str(_plain(row[column.name])) in wanted
    at = column_of(said, where.at).name
    value, compare = _plain(where.value), _COMPARED[where.how]
    return lambda row: compare(_plain(row[at]), value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value
    """Texts are compared without regard to case, lookups by the id they lead to."""
    if isinstance(value, tuple):
        _, key = cast("tuple[str, str]", value)
        return key.casefold()
    if isinstance(value, UUID | str):
        return str(value).casefold()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: left is not None and right is not None and compare(left, right)


_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "lt": _ordered(lambda left, right: left < right),
    "le": _ordered(lambda left, right: left <= right),
    "gt": _ordered(lambda left, right: left > right),
    "ge": _ordered(lambda left, right: left >= right),
}
