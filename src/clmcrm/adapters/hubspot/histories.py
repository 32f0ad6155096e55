"""What fields were: the history of a record's properties, played back from its beginning.

HubSpot keeps each property's past by itself; a canonical field may be made of several. So the values are put in the
order of their times, and after each of them the record is read as it was then.
Source: developers.hubspot.com, "CRM objects, propertiesWithHistory": newest first, 45 values of a contact's property,
20 of any other's; with history a batch read takes 50 records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from clmcrm.adapters.hubspot.kinds import HubSpotKind
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import instant
from clmcrm.adapters.hubspot.reading import Reader
from clmcrm.adapters.hubspot.rows import by_keys
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.showing import canonical
from clmcrm.adapters.hubspot.wire import VENDOR
from clmcrm.errors import InvalidRecord, MalformedReply
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Fields, Json
from clmcrm.ports.systems import Past

Row = Mapping[str, Any]


def past(session: HubSpotSession, reader: Reader, kind: str, keys: Sequence[str]) -> Flow[tuple[Past, ...]]:
    """The values of these records' fields, oldest first for each field, the present one last.

    Associations have no past in HubSpot: a record that was given to another company meanwhile is not told here. Raises
    `MalformedReply` for a past that nobody can read: an audit that was not made must not look like one that was.
    """
    held = reader.held(kind)
    portal = yield from reader.portal()
    asked = [name for name in (*held.mapped, *held.custom.values()) if name != held.modified]
    found = yield from by_keys(session, held, keys, [held.key], past=asked)
    gone = [key for key in keys if key not in {str(row.get("id")) for row in found}]
    if gone:
        found += yield from by_keys(session, held, gone, [held.key], past=asked, archived=True)
    return tuple(one for row in found for one in _of(held, row, portal))


def _of(held: HubSpotKind, row: Row, portal: Portal) -> list[Past]:
    key = str(row.get("id") or "(no id)")
    try:
        return _played(held, key, _events(row.get("propertiesWithHistory") or {}), portal)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, InvalidRecord) as problem:
        raise MalformedReply(VENDOR, f"the past of {held.object} {key}", repr(problem)) from problem


def _events(told: Mapping[str, Any]) -> list[tuple[datetime, str, str]]:
    """Every value with its time and its property, the oldest first; equal times in the order they are told."""
    events = [
        (instant(str(one["timestamp"])), name, str(one.get("value") or ""))
        for name, values in told.items()
        for one in reversed(cast("list[Row]", values))
    ]
    return sorted(events, key=lambda event: event[0])


def _played(held: HubSpotKind, key: str, events: list[tuple[datetime, str, str]], portal: Portal) -> list[Past]:
    state: dict[str, Any] = {}
    before: Fields = {}
    told: list[Past] = []
    for _, same in groupby(events, key=lambda event: event[0]):
        for values in _steps([(name, value) for _, name, value in same]):
            state.update(values)
            now = _plain(canonical(held, state, portal))
            told += [Past(key=key, name=n, value=v) for n, v in now.items() if n not in before or before[n] != v]
            before = now
    return told


def _steps(values: list[tuple[str, str]]) -> list[dict[str, str]]:
    """The values of one instant, together; those of one property that follow one another, one by one."""
    steps: list[dict[str, str]] = []
    turns: dict[str, int] = {}
    for name, value in values:
        turn = turns.get(name, 0)
        turns[name] = turn + 1
        if turn == len(steps):
            steps.append({})
        steps[turn][name] = value
    return steps


def _plain(fields: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if name != "extras"}
