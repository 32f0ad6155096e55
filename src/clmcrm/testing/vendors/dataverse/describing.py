"""How the fake environment describes itself: its tables, their columns, keys and lookups, as EntityDefinitions does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from clmcrm.testing.vendors.dataverse.data import EnvironmentData
from clmcrm.testing.vendors.dataverse.odata_reading import Target
from clmcrm.testing.vendors.dataverse.refusals import Answer, Refusal
from clmcrm.testing.vendors.dataverse.tables import OTHERS, TableSaid

_EMPTY: Final[Mapping[str, str]] = {}


def definitions(data: EnvironmentData, target: Target) -> Answer:
    """What is asked of EntityDefinitions: which tables there are, one of them, or one of its columns."""
    if target.key is None:
        where = target.options.get("$filter", "")
        wanted = re.search(r"(?i)LogicalName eq '([^']*)'", where)
        names = {**{one.name: one.set for one in data.tables.values()}, **OTHERS}
        told = [
            {"LogicalName": name, "EntitySetName": entity_set, "PrimaryIdAttribute": f"{name}id",
             "PrimaryNameAttribute": "name", "SchemaName": name.capitalize(), "MetadataId": f"of-{name}"}
            for name, entity_set in names.items()
            if wanted is None or name == wanted.group(1)
        ]  # fmt: skip
        return 200, {"value": told}, _EMPTY
    said = data.said(target.key.removeprefix("LogicalName=").strip("'"))
    if len(target.segments) > 1:
        return _attributes(said, target.segments[1:])
    columns = [one.described() for one in said.columns.values()]
    keys = [
        {"LogicalName": f"{one.name}_key", "KeyAttributes": [one.name], "EntityKeyIndexStatus": "Active"}
        for one in said.columns.values()
        if one.unique
    ]
    lookups = [
        {"ReferencingAttribute": one.name, "ReferencedEntity": to,
         "ReferencingEntityNavigationPropertyName": one.bound(to)}
        for one in said.columns.values()
        for to in one.targets
    ]  # fmt: skip
    return 200, {
        "LogicalName": said.name, "EntitySetName": said.set, "PrimaryIdAttribute": said.id,
        "ChangeTrackingEnabled": said.tracked, "IsOptimisticConcurrencyEnabled": said.guarded,
        "Attributes": columns, "Keys": keys, "ManyToOneRelationships": lookups,
    }, _EMPTY  # fmt: skip


def _attributes(said: TableSaid, segments: Sequence[str]) -> Answer:
    named = re.fullmatch(r"Attributes\(LogicalName='([^']*)'\)", segments[0])
    if named is None:  # the options of sets, which Microsoft's client looks at: this fake has no labels
        return 200, {"value": []}, _EMPTY
    column = said.columns.get(named.group(1))
    if column is None:
        raise Refusal(404, "0x80060888", f"Could not find an attribute with name {named.group(1)}")
    return 200, {"LogicalName": column.name, "MaxLength": column.length}, _EMPTY
