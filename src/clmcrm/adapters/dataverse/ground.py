"""What an environment says of itself: its tables with their columns, keys and lookups, and its currencies.

Everything is read once for each table, before its first row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.dataverse.odata import is_id, literal
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.wire import VENDOR
from clmcrm.adapters.trees import is_list, is_tree
from clmcrm.errors import MalformedReply

SETS: Final = "EntityDefinitions?$select=LogicalName,EntitySetName"
CURRENCIES: Final = "transactioncurrencies?$select=isocurrencycode"
_COLUMNS: Final = (
    "LogicalName,AttributeType,AttributeTypeName,AttributeOf,IsValidForRead,IsValidForCreate,IsValidForUpdate"
)
_KEYS: Final = "LogicalName,KeyAttributes,EntityKeyIndexStatus"
_LOOKUPS: Final = "ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName"
LOOKUPS: Final = frozenset({"Lookup", "Owner", "Customer", "PartyList"})
_CHOICES: Final = "MultiSelectPicklistType"


def definition(table: str) -> str:
    """The address of a table's description."""
    return (
        f"EntityDefinitions(LogicalName={literal(table)})"
        "?$select=LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled"
        f"&$expand=Attributes($select={_COLUMNS}),Keys($select={_KEYS}),ManyToOneRelationships($select={_LOOKUPS})"
    )


@frozen(kw_only=True)
class TableColumn:
    """One column: its `name`, its `type`, and whether a row may be made (`created`) or changed (`updated`) with it."""

    name: str
    type: str
    created: bool
    updated: bool

    @property
    def at(self) -> str:
        """The property of a row that shows it."""
        return f"_{self.name}_value" if self.type in LOOKUPS else self.name


@frozen(kw_only=True)
class Table:
    """A table as the environment describes it: its readable `columns`, `keys` of columns, `lookups` to other tables.

    A lookup is found by its column and the table it leads to; its value is the name that a write binds it by.
    """

    name: str
    set: str
    id: str
    tracked: bool
    guarded: bool
    columns: Mapping[str, TableColumn] = field(repr=False)
    keys: Mapping[tuple[str, ...], str] = field(repr=False)
    lookups: Mapping[tuple[str, str], str] = field(repr=False)


def table_in(found: object, where: str) -> Table:
    """The table that a description describes; raises `MalformedReply` for none."""
    told = found if is_tree(found) else {}
    columns = [_column(one) for one in _items(told, "Attributes") if _is_plain(one)]
    if not columns or not all(isinstance(told.get(one), str) for one in ("EntitySetName", "PrimaryIdAttribute")):
        raise MalformedReply(VENDOR, where, "a description without columns, set or id")
    lookups = {
        (str(one.get("ReferencingAttribute")), str(one.get("ReferencedEntity"))): str(
            one.get("ReferencingEntityNavigationPropertyName")
        )
        for one in _items(told, "ManyToOneRelationships")
    }
    return Table(
        name=str(told.get("LogicalName")),
        set=str(told["EntitySetName"]),
        id=str(told["PrimaryIdAttribute"]),
        tracked=told.get("ChangeTrackingEnabled") is True,
        guarded=told.get("IsOptimisticConcurrencyEnabled") is True,
        columns={one.name: one for one in columns},
        keys={_key_columns(one): str(one.get("EntityKeyIndexStatus")) for one in _items(told, "Keys")},
        lookups=lookups,
    )


def _items(told: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    found = told.get(name)
    return [one for one in found if is_tree(one)] if is_list(found) else []


def _key_columns(one: Mapping[str, Any]) -> tuple[str, ...]:
    found = one.get("KeyAttributes")
    return tuple(sorted(map(str, found))) if is_list(found) else ()


def _is_plain(one: Mapping[str, Any]) -> bool:
    """Whether it is a column of its own that can be read: not the name of a lookup, not an image."""
    readable = one.get("IsValidForRead") is True and one.get("AttributeOf") is None
    return readable and _type(one) not in ("Virtual", "EntityName", "CalendarRules", "ManagedProperty")


def _type(one: Mapping[str, Any]) -> str:
    named = one.get("AttributeTypeName")
    if is_tree(named) and named.get("Value") == _CHOICES:
        return "Choices"
    return str(one.get("AttributeType"))


def _column(one: Mapping[str, Any]) -> TableColumn:
    return TableColumn(
        name=str(one.get("LogicalName")),
        type=_type(one),
        created=one.get("IsValidForCreate") is True,
        updated=one.get("IsValidForUpdate") is True,
    )


@frozen(kw_only=True)
class Ground:
    """What the parts of a record stand on: the org's own ways, the entity `sets` of tables, `currencies` by id."""

    org: OrgSettings
    sets: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    currencies: Mapping[str, str] = field(factory=dict[str, str], repr=False)

    def currency_id(self, code: str) -> str | None:
        """The id of a currency of the environment; None when it has no such one."""
        return next((key for key, known in self.currencies.items() if known == code), None)


def sets_in(found: object) -> dict[str, str]:
    """The entity sets of all tables; raises `MalformedReply` for no list."""
    rows = _rows(found, SETS)
    return {str(one["LogicalName"]): str(one["EntitySetName"]) for one in rows if one.get("EntitySetName")}


def currencies_in(found: object) -> dict[str, str]:
    """The codes of the environment's currencies by their ids; raises `MalformedReply` for no list."""
    rows = _rows(found, CURRENCIES)
    keys = [str(one.get("transactioncurrencyid", "")).lower() for one in rows]
    return {key: str(one.get("isocurrencycode")) for key, one in zip(keys, rows, strict=True) if is_id(key)}


def _rows(found: object, where: str) -> list[Mapping[str, Any]]:
    rows = found.get("value") if is_tree(found) else None
    if not is_list(rows) or not all(is_tree(one) for one in rows):
        raise MalformedReply(VENDOR, f"GET /{where.partition('?')[0]}", "no list")
    return rows
