"""Searches as values: every filter is data, so that nothing in a value can become part of the question.

HubSpot allows one sorting rule, 200 rows a page, 10,000 rows a search, five groups of filters with six each, and
five searches a second for an account. A search that goes on from the last id (`hs_object_id` above it) has no need
of more than its first page, so the 10,000 never matter.
Source: developers.hubspot.com, "CRM search".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import frozen

MOST_ROWS: Final = 200
ID: Final = "hs_object_id"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@frozen
class Filter:
    """One condition: the property `name`, an operator of HubSpot's (GT, GTE, EQ, HAS_PROPERTY), and the value."""

    name: str
    operator: str
    value: str | None = None

    def told(self) -> dict[str, str]:
        """As HubSpot writes it."""
        value = {} if self.value is None else {"value": self.value}
        return {"propertyName": self.name, "operator": self.operator, **value}


def by_id(filters: Sequence[Filter], properties: Sequence[str], *, above: int, most: int = MOST_ROWS) -> dict[str, Any]:
    """The search for the records that meet all filters, by id, from the one above `above` on.

    >>> by_id([Filter("name", "EQ", 'x" OR 1=1')], ["name"], above=7, most=10)["filterGroups"]
    [{'filters': [{'propertyName': 'name', 'operator': 'EQ', 'value': 'x" OR 1=1'}, \
{'propertyName': 'hs_object_id', 'operator': 'GT', 'value': '7'}]}]
    """
    conditions = [*filters, *([Filter(ID, "GT", str(above))] if above else [])]
    return {
        "filterGroups": [{"filters": [one.told() for one in conditions]}] if conditions else [],
        "sorts": [{"propertyName": ID, "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": most,
    }


def since(name: str, moment: datetime) -> Filter:
    """The condition that the date-time property `name` is at `moment` or later.

    >>> since("lastmodifieddate", datetime(2026, 5, 7, tzinfo=UTC)).value
    '1778112000000'
    """
    return Filter(name, "GTE", str((moment - _EPOCH) // _MILLISECOND))
