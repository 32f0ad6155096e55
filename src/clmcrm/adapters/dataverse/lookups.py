"""Lookups: columns that lead to a row of another table, how they are read, and how a write binds them.

The owner is one of them, kept alike by every table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.dataverse.ground import Ground
from clmcrm.adapters.dataverse.odata import is_id
from clmcrm.adapters.dataverse.parts import Part, PartOf, Row
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.ports.records import Fields, Json

TABLE: Final = "Microsoft.Dynamics.CRM.lookuplogicalname"
"""The annotation that says which table a lookup leads to."""
_TEAM: Final = "team/"


@frozen(kw_only=True)
class Lookup:
    """A lookup that leads to the table `to`; one that leads elsewhere is none of its own, and among the extras.

    `bound` is the name by which a write binds it (None: that of the column). `several` says that it may lead to rows of
    more tables than one: an id that does not say to which is no id of `to`.
    """

    name: str
    at: str
    to: str
    bound: str | None = None
    several: bool = False

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return (self.name,)

    @property
    def columns(self) -> Sequence[str]:
        """The column."""
        return (self.at,)

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """The id of the other row; raises `Misfit` for one of which nobody says where it leads."""
        del ground
        key, table = lookup_key(row, self.at), table_of(row, self.at)
        if key is not None and not table and self.several:
            raise Misfit(self.at, f"{key} does not say of which table it is: {TABLE} is missing")
        return {self.name: key if key is None or table in (self.to, "") else None}

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """What binds it to the other row, or takes it off."""
        if self.name not in fields:
            return {}
        return {f"{self.bound or self.at}@odata.bind": address(self.name, fields[self.name], self.to, ground)}


def lookup_key(row: Row, at: str) -> str | None:
    """The id that a lookup leads to; None when it is empty. Raises `Misfit` for what is no id."""
    value = row.get(f"_{at}_value")
    if value is None:
        return None
    if not isinstance(value, str) or not is_id(value):
        raise Misfit(at, f"{value!r} is no id of a row"[:100])
    return value.lower()


def table_of(row: Row, at: str) -> str:
    """The table that a lookup leads to; empty when the row does not say."""
    return str(row.get(f"_{at}_value@{TABLE}") or "")


def address(called: str, key: Json, table: str, ground: Ground) -> str | None:
    """The address of a row, as a lookup is bound to it; None for none."""
    if key is None or key == "":
        return None
    if not isinstance(key, str) or not is_id(key):
        raise Misfit(called, f"{key!r} is no id of a row in Dataverse"[:200])
    if table not in ground.sets:
        raise Misfit(called, f"the environment has no table {table}"[:200])
    return f"/{ground.sets[table]}({key.lower()})"


def owner() -> Part:
    """Who a record belongs to: a user by id, a team as "team/" and its id."""
    return PartOf(names=("owner",), columns=("ownerid",), show=_owner, send=_owner_sent)


def _owner(row: Row, ground: Ground) -> dict[str, Json]:
    del ground
    key = lookup_key(row, "ownerid")
    return {"owner": f"{_TEAM}{key}" if key is not None and table_of(row, "ownerid") == "team" else key}


def _owner_sent(fields: Fields, ground: Ground) -> dict[str, Any]:
    told = fields["owner"]
    if told is None:
        raise Misfit("owner", "a record of Dataverse always has one")
    team = isinstance(told, str) and told.startswith(_TEAM)
    key = told.removeprefix(_TEAM) if isinstance(told, str) else told
    return {"ownerid@odata.bind": address("owner", key, "team" if team else "systemuser", ground)}
