"""Search: filters, one sorting rule, 200 rows a page, and never more than 10,000 rows of one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from clmcrm.testing.vendors.hubspot.records import Record, Records, Shot
from clmcrm.testing.vendors.hubspot.refusals import invalid
from clmcrm.testing.vendors.hubspot.schema import Property, stamp

MOST_ROWS: Final = 200
MOST_TOLD: Final = 10_000
_GROUPS: Final = 5
_FILTERS: Final = 6
_UNARY: Final = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
_ORDERS: Final = ("EQ", "NEQ", "GT", "GTE", "LT", "LTE")
Body = Mapping[str, Any]


def search(records: Records, object_type: str, body: Body) -> tuple[list[tuple[Record, Shot]], int, str | None]:
    """The records of one page, how many there are in all, and the cursor of the next page; raises `Refused`."""
    limit, first = body.get("limit", 10), int(str(body.get("after") or 0))
    if not isinstance(limit, int) or not 1 <= limit <= MOST_ROWS:
        raise invalid(f"limit {limit}: must be between 1 and {MOST_ROWS}")
    if first + limit > MOST_TOLD:
        raise invalid("paging through more than 10,000 results is not supported")
    groups = [
        cast("list[Body]", one.get("filters") or []) for one in cast("list[Body]", body.get("filterGroups") or [])
    ]
    if len(groups) > _GROUPS or any(len(group) > _FILTERS for group in groups):
        raise invalid(f"at most {_GROUPS} groups of {_FILTERS} filters")
    known = records.schema.of(object_type)
    found = [
        (record, shot)
        for record, shot in records.indexed(object_type)
        if not groups or any(all(_meets(known, shot, one) for one in group) for group in groups)
    ]
    _sort(known, found, cast("Sequence[Any]", body.get("sorts") or []))
    more = len(found) > first + limit
    return found[first : first + limit], len(found), str(first + limit) if more else None


def _meets(known: Mapping[str, Property], shot: Shot, told: Body) -> bool:
    name, operator = str(told.get("propertyName")), str(told.get("operator"))
    if name not in known:
        raise invalid(f"There was a problem with the request: property {name} does not exist")
    value = shot.properties.get(name, "")
    if operator in _UNARY:
        return bool(value) is (operator == "HAS_PROPERTY")
    if operator == "IN":
        return value in cast("list[str]", told.get("values") or [])
    if operator not in _ORDERS or not isinstance(told.get("value"), str):
        raise invalid(f"operator {operator} with {told.get('value')!r}")
    if not value:
        return operator == "NEQ"
    mine, theirs = _key(known[name], value), _key(known[name], str(told["value"]))
    answers: dict[str, bool] = {
        "EQ": mine == theirs, "NEQ": mine != theirs, "GT": mine > theirs, "GTE": mine >= theirs, "LT": mine < theirs,
        "LTE": mine <= theirs,
    }  # fmt: skip
    return answers[operator]


def _key(known: Property, value: str) -> Any:  # noqa: ANN401 - whatever the type is ordered by
    if known.type == "number":
        try:
            return Decimal(value)
        except InvalidOperation:
            raise invalid(f"{value!r} is no number") from None
    if known.type in ("datetime", "date"):
        return known.__class__(name=known.name, type="datetime").taken(value)
    return value.lower()


def _sort(known: Mapping[str, Property], found: list[tuple[Record, Shot]], sorts: Sequence[Any]) -> None:
    if len(sorts) > 1:
        raise invalid("only one sort can be applied to a search")
    if not sorts:
        found.sort(key=lambda one: stamp(one[0].created))
        return
    rule: Any = sorts[0]
    name, direction = (rule, "ASCENDING") if isinstance(rule, str) else (rule["propertyName"], rule.get("direction"))
    if name not in known:
        raise invalid(f"property {name} does not exist")
    blank = _key(known[name], "0") if known[name].type == "number" else ""
    found.sort(
        key=lambda one: _key(known[name], value) if (value := one[1].properties.get(name, "")) else blank,
        reverse=direction == "DESCENDING",
    )
