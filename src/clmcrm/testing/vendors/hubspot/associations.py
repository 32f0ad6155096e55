"""Who is associated with whom, by type. Making or ending an association touches no modified date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from clmcrm.testing.vendors.hubspot.records import Records
from clmcrm.testing.vendors.hubspot.refusals import Refused, invalid

PRIMARY: Final = "Primary"
TYPES: Final[Mapping[tuple[str, str], Mapping[int, str | None]]] = {
    ("contacts", "companies"): {1: PRIMARY, 279: None, 902: "Billed for"},
    ("companies", "contacts"): {2: PRIMARY, 280: None, 902: "Billed for"},
    ("deals", "companies"): {5: PRIMARY, 341: None, 903: "Delivered to"},
    ("companies", "deals"): {6: PRIMARY, 342: None, 903: "Delivered to"},
    ("deals", "contacts"): {3: None},
    ("contacts", "deals"): {4: None},
    ("deals", "line_items"): {19: None},
    ("line_items", "deals"): {20: None},
    ("companies", "companies"): {14: "Child to parent", 13: "Parent to child", 901: "Works with"},
}
"""HubSpot's own types, with their labels, and some of the account's own (from 901 on).

Source: developers.hubspot.com, "association type IDs".
"""
FIRST_OWN: Final = 900

INVERSE: Final = {1: 2, 2: 1, 279: 280, 280: 279, 5: 6, 6: 5, 341: 342, 342: 341, 3: 4, 4: 3, 19: 20, 20: 19,
                  13: 14, 14: 13, 901: 901, 902: 902, 903: 903}  # fmt: skip
PLAIN: Final = {1: 279, 2: 280, 5: 341, 6: 342}
"""What a primary association is besides: associated at all."""

Pair = tuple[str, str, str]


def category_of(kind: int) -> str:
    """Whose type that is: HubSpot's, or the account's own."""
    return "USER_DEFINED" if kind > FIRST_OWN else "HUBSPOT_DEFINED"


class Associations:
    """The associations of one account; `page` is how many of one record a reply tells."""

    def __init__(self, records: Records, page: int = 500) -> None:
        self._records, self.page = records, page
        self._made: dict[Pair, dict[str, set[int]]] = {}

    def of(self, source: str, key: str, target: str) -> dict[str, set[int]]:
        """The associated ids with the types; archived records are not told."""
        there = self._records.of(target)
        found = self._made.get((source, key, target), {})
        return {other: types for other, types in found.items() if other in there and there[other].archived_at is None}

    def make(self, source: str, key: str, target: str, other: str, type_id: int) -> None:
        """Associate two records; raises `Refused` for a type they cannot have, and for a second parent."""
        if type_id not in TYPES.get((source, target), {}):
            raise invalid(f"Invalid association type {type_id} between {source} and {target}")
        _ = self._records.live(source, key), self._records.live(target, other)
        if key == other:
            raise invalid("an object cannot be associated with itself")
        for child, parent in ((key, other),) if type_id == 14 else ((other, key),) if type_id == 13 else ():  # noqa: PLR2004 - the type is its number
            if any(14 in types for one, types in self.of(source, child, target).items() if one != parent):  # noqa: PLR2004 - as above
                raise invalid(f"company {child} has a parent company already")
        if type_id in PLAIN:
            self._demote(source, key, target, type_id)
            self._put(source, key, target, other, PLAIN[type_id])
        self._put(source, key, target, other, type_id)

    def end(self, source: str, key: str, target: str, other: str) -> None:
        """End every association between two records."""
        _ = self._made.get((source, key, target), {}).pop(other, None)
        _ = self._made.get((target, other, source), {}).pop(key, None)

    def unlabel(self, source: str, key: str, target: str, other: str, type_id: int) -> None:
        """End one type of association between two records; one without any type is none."""
        for (one, own, far), there, kind in (
            ((source, key, target), other, type_id), ((target, other, source), key, INVERSE[type_id])
        ):  # fmt: skip
            found = self._made.get((one, own, far), {})
            found.get(there, set()).discard(kind)
            if there in found and not found[there]:
                del found[there]

    def move(self, object_type: str, loser: str, survivor: str) -> None:
        """What a merge does: the survivor gets what the loser had."""
        for (source, key, target), found in list(self._made.items()):
            if (source, key) == (object_type, loser):
                for other, types in list(found.items()):
                    self.end(source, loser, target, other)
                    if other != survivor:
                        kept = {kind for kind in types if kind not in PLAIN or not self.of(source, survivor, target)}
                        for kind in kept:
                            self._put(source, survivor, target, other, kind)

    def read(self, source: str, target: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What one record is associated with, a page of it; raises `Refused` when it is with nothing."""
        key = str(asked.get("id"))
        found = sorted(self.of(source, key, target).items(), key=lambda one: int(one[0]))
        if not found:
            raise Refused(
                404, "OBJECT_NOT_FOUND", f"No {target} is associated with {source} {key}.",
                context={"fromObjectId": [key], "toObjectType": [target]},
                sub="crm.associations.NO_ASSOCIATIONS_FOUND",
            )  # fmt: skip
        first = int(asked.get("after") or 0)
        some = found[first : first + self.page]
        labels = TYPES[source, target]
        to = [
            {
                "toObjectId": int(other),
                "associationTypes": [
                    {"category": category_of(kind), "typeId": kind, "label": labels.get(kind)} for kind in sorted(types)
                ],
            }
            for other, types in some
        ]
        told: dict[str, Any] = {"from": {"id": key}, "to": to}
        if len(found) > first + self.page:
            told["paging"] = {"next": {"after": str(first + self.page), "link": "https://elsewhere.example/steal"}}
        return told

    def made_with(self, source: str, key: str, asked: Mapping[str, Any], targets: Mapping[str, str]) -> None:
        """The associations that a new record is created with; `targets` tells each type's target object."""
        other = str(cast("Mapping[str, Any]", asked.get("to") or {}).get("id"))
        for kind in cast("list[Mapping[str, Any]]", asked.get("types") or []):
            target = targets.get(str(kind.get("associationTypeId")))
            if target is None or kind.get("associationCategory") != "HUBSPOT_DEFINED":
                raise invalid(f"Invalid association type {kind.get('associationTypeId')}")
            self.make(source, key, target, other, int(kind["associationTypeId"]))

    def targets(self, source: str) -> dict[str, str]:
        """The target of each type that a source may have, by the type's number."""
        return {str(kind): target for (one, target), kinds in TYPES.items() if one == source for kind in kinds}

    def _put(self, source: str, key: str, target: str, other: str, kind: int) -> None:
        self._made.setdefault((source, key, target), {}).setdefault(other, set()).add(kind)
        self._made.setdefault((target, other, source), {}).setdefault(key, set()).add(INVERSE[kind])

    def _demote(self, source: str, key: str, target: str, kind: int) -> None:
        for other, types in self._made.get((source, key, target), {}).items():
            types.discard(kind)
            self._made.get((target, other, source), {}).get(key, set()).discard(INVERSE[kind])
