"""What fields were: a record's changelog, played back from the record as it stands.

Version 1 tells each change of a field, the newest first, with the old and the new value as texts and under version 1's
names. So the record is read, and change after change is taken back; after each, the record is read as it was then.
Source: developers.pipedrive.com, "List updates about deal field values" (persons and organizations alike): a list of
version 1, twenty tokens a record. The last 500 changes are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from clmcrm.adapters.pipedrive.company import Company
from clmcrm.adapters.pipedrive.kinds import PipedriveKind
from clmcrm.adapters.pipedrive.plain import NO_DAY, instant, number
from clmcrm.adapters.pipedrive.reading import Reader
from clmcrm.adapters.pipedrive.rows import MOST_LISTED, by_keys
from clmcrm.adapters.pipedrive.session import LONG_LIST, PipedriveSession
from clmcrm.adapters.pipedrive.showing import canonical
from clmcrm.adapters.pipedrive.wire import VENDOR, rows_of
from clmcrm.adapters.trees import tree_of
from clmcrm.errors import InvalidRecord, MalformedReply
from clmcrm.ports.calls import Flow, together
from clmcrm.ports.records import Fields, Json
from clmcrm.ports.systems import Past

V1: Final = "/api/v1"
_HASH: Final = 40
Row = Mapping[str, Any]


def _whole(said: str) -> object:
    return int(number(said))


def _same(said: str) -> object:
    return said


def _line(said: str) -> object:
    return {"value": said}


def _several(said: str) -> object:
    return [{"value": one, "primary": place == 0, "label": "work"} for place, one in enumerate(said.split(","))]


READERS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    **{name: (name, _same) for name in (
        "name", "title", "website", "linkedin", "first_name", "last_name", "job_title", "currency", "status",
        "lost_reason", "expected_close_date", "close_time", "local_close_date", "stage_change_time",
    )},
    **{name: (name, _whole) for name in (
        "owner_id", "org_id", "person_id", "stage_id", "pipeline_id", "industry", "employee_count",
    )},
    **{name: (name, number) for name in ("value", "probability", "annual_revenue")},
    "user_id": ("owner_id", _whole),
    "email": ("emails", _several),
    "phone": ("phones", _several),
    "address": ("address", _line),
    "postal_address": ("postal_address", _line),
}  # fmt: skip
"""The fields that a changelog tells, under version 1's names: the name in version 2, and how its text is read."""


def past(session: PipedriveSession, reader: Reader, kind: str, keys: Sequence[str]) -> Flow[tuple[Past, ...]]:
    """The values of these records' fields, oldest first for each field, the present one last.

    A deal's products have no past there. Raises `MalformedReply` for a past that nobody can read: an audit that was
    not made must not look like one that was.
    """
    held = reader.held(kind)
    if not keys:
        return ()
    company = yield from reader.company(held)
    found = yield from by_keys(session, held, keys, company)
    told = yield from together([_changes(session, held, str(row.get("id"))) for row in found])
    return tuple(one for row, changes in zip(found, told, strict=True) for one in _of(held, row, changes, company))


def _changes(session: PipedriveSession, held: PipedriveKind, key: str) -> Flow[list[dict[str, Any]]]:
    path = f"{V1}/{held.object}/{key}/changelog"
    told = yield from session.get(path, [("limit", str(MOST_LISTED))], tokens=LONG_LIST)
    return rows_of(told, f"GET {path}")


def _of(held: PipedriveKind, row: Row, changes: list[dict[str, Any]], company: Company) -> list[Past]:
    key = str(row.get("id"))
    try:
        return _played(held, key, _states(row, _newest_first(changes)), company)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, InvalidRecord) as problem:
        raise MalformedReply(VENDOR, f"the past of {held.object} {key}", repr(problem)) from problem


def _newest_first(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes from the newest on; they are told so, and one day they may be told the other way round."""
    if len(changes) > 1 and instant(str(changes[0]["time"])) < instant(str(changes[-1]["time"])):
        return changes[::-1]
    return changes


def _states(row: Row, changes: Sequence[Row]) -> list[Row]:
    """The record as it was before each change, the oldest first, and as it is."""
    states: list[Row] = [row]
    for one in changes:
        states.append(_before(states[-1], str(one["field_key"]), one.get("old_value")))
    return states[::-1]


def _before(row: Row, name: str, old: object) -> Row:
    said = None if old is None or old == "" else str(old)
    if len(name) == _HASH:
        return {**row, "custom_fields": {**tree_of(row, "custom_fields"), name: said}}
    known = READERS.get(name)
    if known is None:
        return row
    field, read = known
    return {**row, field: None if said is None or said.startswith(NO_DAY) else read(said)}


def _played(held: PipedriveKind, key: str, states: Sequence[Row], company: Company) -> list[Past]:
    before: Fields = {}
    told: list[Past] = []
    for state in states:
        now = _plain(canonical(held, state, company))
        told += [Past(key=key, name=n, value=v) for n, v in now.items() if n not in before or before[n] != v]
        before = now
    return told


def _plain(fields: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if name != "extras"}
