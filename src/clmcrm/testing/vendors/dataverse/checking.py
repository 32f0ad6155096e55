"""Whether what is written fits the tables of the fake environment: names, types, lengths, states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from clmcrm.testing.vendors.dataverse.refusals import PAYLOAD, Refusal
from clmcrm.testing.vendors.dataverse.tables import ColumnSaid, TableSaid

STATUSES: Final[Mapping[str, Mapping[int, tuple[int, ...]]]] = {
    "opportunity": {0: (1, 2), 1: (3,), 2: (4, 5)},
}
"""The reasons of each state; other tables have reason 1 for active and 2 for inactive rows."""
_MOST_MONEY: Final = Decimal(922337203685477)


def reasons_of(name: str, state: Any) -> tuple[int, ...]:  # noqa: ANN401 - JSON
    """The reasons that a state of a table may have; raises `Refusal` for a state that it has not."""
    known = STATUSES.get(name, {0: (1, 100_000_000), 1: (2,)})
    if state not in known:
        raise Refusal(400, "0x80044330", f"{state} is no valid state code on {name}")
    return known[state]


def set_by_hand(said: TableSaid, name: str) -> bool:
    """What a test may set although no request can: names of products, currencies."""
    return said.name in ("product", "transactioncurrency") or name == "productname"


def column_of(said: TableSaid, name: str) -> ColumnSaid:
    """The column that a request may write by its name; raises `Refusal` for none."""
    column = said.columns.get(name)
    if column is None or column.of is not None:
        words = f"Invalid property '{name}' was found in entity 'Microsoft.Dynamics.CRM.{said.name}'."
        raise Refusal(400, PAYLOAD, words)
    return column


def bound_of(said: TableSaid, bound: Mapping[str, tuple[ColumnSaid, str]], name: str) -> tuple[ColumnSaid, str]:
    """The lookup that a request binds by that name, and the table it leads to; raises `Refusal` for none."""
    if name not in bound or not (bound[name][0].updated or bound[name][0].created):
        raise Refusal(400, PAYLOAD, f"An undeclared property '{name}' was found in entity '{said.name}'.")
    return bound[name]


def _wrong(column: ColumnSaid, value: Any) -> Refusal:  # noqa: ANN401 - JSON
    return Refusal(400, PAYLOAD, f"Cannot convert the literal '{str(value)[:40]}' to the type of {column.name}")


def _text(said: TableSaid, column: ColumnSaid, value: Any) -> str:  # noqa: ANN401 - JSON
    if not isinstance(value, str):
        raise _wrong(column, value)
    if column.length and len(value) > column.length:
        words = f"The length of the '{column.name}' attribute of the '{said.name}' entity exceeded the maximum allowed"
        raise Refusal(400, "0x80044331", f"A validation error occurred. {words} length of '{column.length}'.")
    return value


def _number(said: TableSaid, column: ColumnSaid, value: Any) -> Decimal:  # noqa: ANN401 - JSON
    del said
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong(column, value)
    found = Decimal(value)
    if abs(found) > _MOST_MONEY:
        raise Refusal(400, "0x80044330", f"A validation error occurred. The value of '{column.name}' is out of range.")
    return found


def _whole(said: TableSaid, column: ColumnSaid, value: Any) -> int:  # noqa: ANN401 - JSON
    found = _number(said, column, value)
    if found != int(found):
        raise _wrong(column, value)
    return int(found)


def _flag(said: TableSaid, column: ColumnSaid, value: Any) -> bool:  # noqa: ANN401 - JSON
    del said
    if not isinstance(value, bool):
        raise _wrong(column, value)
    return value


def _moment(said: TableSaid, column: ColumnSaid, value: Any) -> str | datetime:  # noqa: ANN401 - JSON
    del said
    try:
        if column.day:
            return date.fromisoformat(value).isoformat()
        return datetime.fromisoformat(value).astimezone(UTC).replace(microsecond=0)
    except (TypeError, ValueError):
        raise _wrong(column, value) from None


_CHECKED: Final[Mapping[str, Callable[[TableSaid, ColumnSaid, Any], Any]]] = {
    **dict.fromkeys(("Money", "Decimal", "Double"), _number),
    **dict.fromkeys(("Integer", "BigInt", "Picklist", "State", "Status"), _whole),
    "Boolean": _flag,
    "DateTime": _moment,
}


def checked(said: TableSaid, column: ColumnSaid, value: Any) -> Any:  # noqa: ANN401 - JSON
    """The value as the environment keeps it; raises `Refusal` for one that does not fit the column's type."""
    check: Callable[[TableSaid, ColumnSaid, Any], Any] = _CHECKED.get(column.type, _text)
    return check(said, column, value)
