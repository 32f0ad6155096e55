"""Groups of accounts and charts of units: who stands above whom, up to the head of the group.

Merged accounts stand below the one that replaced them, so that what still names them is counted with
it. A circle is never walked: it is reported with every record in it, or raised when an answer needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.parties.org_units import OrgUnit
from clmcrm.values.ids import AccountId, OrgUnitId
from clmcrm.values.problems import Problem, Severity

K = TypeVar("K", bound=str)


class Hierarchy(Generic[K]):
    """A forest of ids, built once from each record's parent; a parent may be a record nobody holds.

    >>> groups = Hierarchy({"paris": "group", "lyon": "group", "group": None})
    >>> groups.root("paris"), groups.descendants("group")
    ('group', ('lyon', 'paris'))
    """

    def __init__(self, parent_of: Mapping[K, K | None]) -> None:
        self._parent_of = dict(parent_of)
        self._children: dict[K, list[K]] = {}
        for child, parent in sorted(self._parent_of.items()):
            if parent is not None:
                self._children.setdefault(parent, []).append(child)

    def ancestors(self, record: K) -> tuple[K, ...]:
        """The records above `record`, nearest first; empty for a head of a group or an unknown id.

        Raises `InvalidRecord` naming the circle when the way up runs into one.
        """
        path: dict[K, None] = {record: None}
        above = self._parent_of.get(record)
        while above is not None:
            if above in path:
                ids = list(path)
                circle = " under ".join([*ids[ids.index(above) :], above])
                raise InvalidRecord(f"record {record}", "parent", circle, "a chain that ends")
            path[above] = None
            above = self._parent_of.get(above)
        return tuple(path)[1:]

    def root(self, record: K) -> K:
        """The head of the group `record` belongs to: itself when nothing stands above it.

        Raises `InvalidRecord` naming the circle when the way up runs into one.
        """
        above = self.ancestors(record)
        return above[-1] if above else record

    def descendants(self, record: K) -> tuple[K, ...]:
        """Every record below `record`, level by level and by id within a level; never `record` itself."""
        found: dict[K, None] = {}
        level = [record]
        while level:
            below = [child for parent in level for child in self._children.get(parent, [])]
            level = sorted({child for child in below if child not in found and child != record})
            found.update(dict.fromkeys(level))
        return tuple(found)

    def circles(self) -> tuple[tuple[K, ...], ...]:
        """Each circle once, from its smallest id upwards the chain; empty when all is well."""
        found: list[tuple[K, ...]] = []
        settled: set[K] = set()
        for start in sorted(self._parent_of):
            path: dict[K, None] = {}
            here: K | None = start
            while here is not None and here not in path and here not in settled:
                path[here] = None
                here = self._parent_of.get(here)
            if here is not None and here in path:
                ids = list(path)
                ring = ids[ids.index(here) :]
                least = ring.index(min(ring))
                found.append((*ring[least:], *ring[:least]))
            settled.update(path)
        return tuple(sorted(found))

    def problems(self) -> tuple[Problem, ...]:
        """One error for each circle, one warning for each parent that is not among the records."""
        rings = [
            Problem(
                where=ring[0],
                field="parent",
                value=" under ".join((*ring, ring[0])),
                what="is a circle",
                expected="a chain that ends",
                severity=Severity.ERROR,
            )
            for ring in self.circles()
        ]
        missing = [
            Problem(where=child, field="parent", value=parent, what="is not among the records")
            for child, parent in sorted(self._parent_of.items())
            if parent is not None and parent not in self._parent_of
        ]
        return (*rings, *missing)


def account_groups(accounts: Iterable[Account]) -> Hierarchy[AccountId]:
    """The groups `accounts` form; a merged account stands below the one that replaced it.

    >>> merged = Account(id=AccountId("old"), name="Durand", merged_into=AccountId("new"))
    >>> account_groups([merged, Account(id=AccountId("new"), name="Durand SAS")]).root(merged.id)
    'new'
    """
    return Hierarchy({a.id: a.parent if a.merged_into is None else a.merged_into for a in accounts})


def unit_chart(units: Iterable[OrgUnit]) -> Hierarchy[OrgUnitId]:
    """The chart `units` form.

    >>> unit_chart([OrgUnit(id=OrgUnitId("hq"), name="Head office")]).descendants(OrgUnitId("hq"))
    ()
    """
    return Hierarchy({unit.id: unit.parent for unit in units})
