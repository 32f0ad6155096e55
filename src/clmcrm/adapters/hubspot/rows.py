"""Rows of HubSpot's objects: read by id or by our key, a hundred at a time, and searched by id, two hundred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from clmcrm.adapters.hubspot.kinds import HubSpotKind
from clmcrm.adapters.hubspot.searches import Filter, by_id
from clmcrm.adapters.hubspot.session import SEARCH, HubSpotSession
from clmcrm.adapters.hubspot.wire import VENDOR, RefusedWhole, rows, words
from clmcrm.adapters.trees import list_in, tree_in
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Flow, together

MOST_READ: Final = 100
"""How many records a batch read takes."""
MOST_PAST: Final = 50
"""How many it takes when the past of properties is asked for with them."""

_LONGEST: Final = 19
_NOT_THERE: Final = "OBJECT_NOT_FOUND"
Row = Mapping[str, Any]


def is_key(key: str) -> bool:
    """Whether a text can be the id of a record.

    >>> is_key("12345"), is_key("12345/../1"), is_key("")
    (True, False, False)
    """
    return len(key) <= _LONGEST and key.isdigit() and key.isascii()


def by_keys(
    session: HubSpotSession, held: HubSpotKind, keys: Sequence[str], properties: Sequence[str], *,
    archived: bool = False, past: Sequence[str] = (),
) -> Flow[list[dict[str, Any]]]:  # fmt: skip
    """The records of these ids, archived ones only with `archived`; an id without a record is left out."""
    known = [key for key in dict.fromkeys(keys) if is_key(key)]
    size = MOST_PAST if past else MOST_READ
    parts = [known[first : first + size] for first in range(0, len(known), size)]
    found = yield from together(
        [_batch(session, held, part, properties, archived=archived, past=past) for part in parts]
    )
    return [row for part in found for row in part]


def by_marks(
    session: HubSpotSession, held: HubSpotKind, values: Sequence[str], properties: Sequence[str]
) -> Flow[list[dict[str, Any]]]:
    """The live records with these values of the kind's unique property."""
    known = list(dict.fromkeys(values))
    parts = [known[first : first + MOST_READ] for first in range(0, len(known), MOST_READ)]
    found = yield from together([_batch(session, held, part, properties, by=held.key) for part in parts])
    return [row for part in found for row in part]


def searched(
    session: HubSpotSession, path: str, filters: Sequence[Filter], properties: Sequence[str], *, above: int, most: int
) -> Flow[list[dict[str, Any]]]:
    """At most `most` records that meet the filters, by id, from the one above `above` on."""
    body = by_id(filters, properties, above=above, most=most)
    where = f"{path}/search"
    told = yield from session.post(where, body, bucket=SEARCH)
    return rows(told, f"POST {where}")


def _batch(
    session: HubSpotSession, held: HubSpotKind, values: Sequence[str], properties: Sequence[str], *,
    archived: bool = False, past: Sequence[str] = (), by: str | None = None,
) -> Flow[list[dict[str, Any]]]:  # fmt: skip
    where = f"{held.path}/batch/read"
    body: dict[str, Any] = {"inputs": [{"id": value} for value in values], "properties": list(properties)}
    if past:
        body["propertiesWithHistory"] = list(past)
    if by is not None:
        body["idProperty"] = by
    try:
        told = yield from session.post(f"{where}?archived=true" if archived else where, body)
    except RefusedWhole:
        if len(values) == 1:
            raise
        middle = len(values) // 2
        first = yield from _batch(session, held, values[:middle], properties, archived=archived, past=past, by=by)
        rest = yield from _batch(session, held, values[middle:], properties, archived=archived, past=past, by=by)
        return [*first, *rest]
    _check(told, where)
    return rows(told, f"POST {where}")


def _check(told: object, where: str) -> None:
    """Raise `TerminalError` when HubSpot could not read a record, for whatever reason.

    Ids without a record come back as errors beside the results (207), and are simply not there. Nothing else is taken
    for that.
    """
    for error in list_in(tree_in(told).get("errors")):
        if tree_in(error).get("category") != _NOT_THERE:
            raise TerminalError(VENDOR, f"POST {where}: {words(tree_in(error))}")
