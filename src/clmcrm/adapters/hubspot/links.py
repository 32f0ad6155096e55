"""Associations (version 4): read a thousand records at a time, made and taken away in batches.

An association is no property: making one does not touch the record's modified date. It is therefore read with every
record that is shown, and swept for by itself (`clmcrm.adapters.hubspot.sweeping`).
Source: developers.hubspot.com, "associations v4 API": 1,000 inputs for reading, 2,000 for making.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from clmcrm.adapters.hubspot.kinds import Link
from clmcrm.adapters.hubspot.line_items import OBJECT as LINE_ITEMS
from clmcrm.adapters.hubspot.session import HubSpotSession, segment
from clmcrm.adapters.hubspot.wire import VENDOR, rows, words
from clmcrm.adapters.trees import is_tree, list_in, tree_in
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Effect, Flow

MOST_READ: Final = 1_000
MOST_MADE: Final = 1_000
DEAL_TO_LINE: Final = Link(field="lines", to=LINE_ITEMS, type_id=19)
LINE_TO_DEAL: Final = Link(field="deal", to="deals", type_id=20)

_NONE_FOUND: Final = "NO_ASSOCIATIONS_FOUND"
_OWN: Final = "HUBSPOT_DEFINED"
Row = Mapping[str, Any]


def path(source: str, target: str, deed: str) -> str:
    """Where associations between two objects are."""
    return f"/crm/v4/associations/{segment(source)}/{segment(target)}/batch/{deed}"


def linked(session: HubSpotSession, source: str, link: Link, keys: Sequence[str]) -> Flow[dict[str, list[str]]]:
    """The keys that each record is associated with by that link, in ascending order; none are left out.

    Raises `TerminalError` when HubSpot could not say it for one of them: nothing is taken for "no association"
    but HubSpot's own word for it.
    """
    found: dict[str, list[tuple[str, bool]]] = {}
    for first in range(0, len(keys), MOST_READ):
        asked: list[dict[str, str]] = [{"id": key} for key in keys[first : first + MOST_READ]]
        while asked:
            where = path(source, link.to, "read")
            told = yield from session.post(where, {"inputs": asked})
            _check(told, where)
            asked = []
            for row in rows(told, where):
                key, others, more = _row(row, link, where)
                found.setdefault(key, []).extend(others)
                if more is not None:
                    asked.append({"id": key, "after": more})
    # Which one counts is known on the last page only: a primary company may stand on any of them.
    told = ((key, _chosen(link, others)) for key, others in found.items())
    return {key: chosen for key, chosen in told if chosen}


def make(session: HubSpotSession, source: str, link: Link, pairs: Mapping[str, str]) -> Flow[dict[str, str]]:
    """Associate each record with another one; what HubSpot says of those it refused, by their keys."""
    spec = {"associationCategory": _OWN, "associationTypeId": link.type_id}
    inputs = [{"types": [spec], "from": {"id": key}, "to": {"id": other}} for key, other in pairs.items()]
    return (yield from _done(session, path(source, link.to, "create"), inputs))


def unmake(
    session: HubSpotSession, source: str, link: Link, pairs: Mapping[str, Sequence[str]]
) -> Flow[dict[str, str]]:
    """Take associations away; what HubSpot says of those it refused, by the records' keys."""
    inputs = [{"from": {"id": key}, "to": [{"id": other} for other in others]} for key, others in pairs.items()]
    return (yield from _done(session, path(source, link.to, "archive"), inputs))


def spec_of(link: Link, other: str) -> dict[str, Any]:
    """The association as it stands in the body that creates a record."""
    types = [{"associationCategory": _OWN, "associationTypeId": link.type_id}]
    return {"to": {"id": other}, "types": types}


def _done(session: HubSpotSession, where: str, inputs: Sequence[Mapping[str, Any]]) -> Flow[dict[str, str]]:
    refused: dict[str, str] = {}
    for first in range(0, len(inputs), MOST_MADE):
        some = inputs[first : first + MOST_MADE]
        # Making or taking away the same association twice does nothing more.
        told = yield from session.post(where, {"inputs": list(some)}, effect=Effect.KEYED)
        errors = _errors(told)
        known = {str(one["from"]["id"]) for one in some}
        for error in errors:
            named = [key for key in _named(error) if key in known]
            refused.update(dict.fromkeys(named or known, words(error)))
    return refused


def _check(told: object, where: str) -> None:
    for error in _errors(told):
        if _NONE_FOUND not in str(error.get("subCategory")):
            raise TerminalError(VENDOR, f"POST {where}: {words(error)}")


def _errors(told: object) -> list[Row]:
    return [one for one in list_in(tree_in(told).get("errors")) if is_tree(one)]


def _named(error: Row) -> list[str]:
    told = tree_in(error.get("context"))
    return [str(one) for name in ("fromObjectId", "ids", "id") for one in list_in(told.get(name))]


def _chosen(link: Link, others: Sequence[tuple[str, bool]]) -> list[str]:
    """Those of all pages that are associated by the link itself; else the only one, which nobody made the primary."""
    fit = {key for key, is_fit in others if is_fit}
    every = {key for key, _ in others}
    return sorted(fit or (every if len(every) == 1 and not link.only else ()), key=_number)


def _row(row: Row, link: Link, where: str) -> tuple[str, list[tuple[str, bool]], str | None]:
    """The key of a record, those it is associated with, each with whether by the link, and the cursor of more."""
    try:
        key = str(row["from"]["id"])
        others = cast("list[Row]", row["to"])
        told = [(str(one["toObjectId"]), link.type_id in _types(one)) for one in others]
        more = cast("Row", row.get("paging") or {}).get("next")
        return key, told, None if not more else str(cast("Row", more)["after"])
    except (KeyError, TypeError, AttributeError) as problem:
        raise MalformedReply(VENDOR, f"POST {where}: $.results", f"no association: {problem!r}") from problem


def _types(one: Row) -> list[Any]:
    """The numbers of HubSpot's own types: labels of the account's own are numbered by themselves."""
    told = cast("list[Row]", one.get("associationTypes") or [])
    return [kind.get("typeId") for kind in told if kind.get("category", _OWN) == _OWN]


def _number(key: str) -> tuple[int, str]:
    return (int(key), key) if key.isdigit() else (0, key)
