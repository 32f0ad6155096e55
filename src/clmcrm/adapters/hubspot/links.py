"""Associations (version 4): read a thousand records at a time, made and taken away in batches.

An association is no property: making one does not touch the record's modified date. It is therefore read with every
record that is shown, and swept for by itself (`clmcrm.adapters.hubspot.sweeping`).
Source: developers.hubspot.com, "associations v4 API": 1,000 inputs for reading, 2,000 for making.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

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
Type: TypeAlias = "tuple[str, Any]"
Typed: TypeAlias = "dict[str, list[Type]]"


def path(source: str, target: str, deed: str) -> str:
    """Where associations between two objects are."""
    return f"/crm/v4/associations/{segment(source)}/{segment(target)}/batch/{deed}"


def linked(session: HubSpotSession, source: str, link: Link, keys: Sequence[str]) -> Flow[dict[str, list[str]]]:
    """The keys that each record is associated with by that link, in ascending order; none are left out.

    Raises `TerminalError` when HubSpot could not say it for one of them: nothing is taken for "no association"
    but HubSpot's own word for it.
    """
    told = yield from _typed(session, source, link, keys)
    chosen = ((key, _chosen(link, others)) for key, others in told.items())
    return {key: others for key, others in chosen if others}


def _typed(session: HubSpotSession, source: str, link: Link, keys: Sequence[str]) -> Flow[dict[str, Typed]]:
    """What each record is associated with on all pages, with the types: which one counts is known on the last only."""
    found: dict[str, Typed] = {}
    for first in range(0, len(keys), MOST_READ):
        asked: list[dict[str, str]] = [{"id": key} for key in keys[first : first + MOST_READ]]
        while asked:
            where = path(source, link.to, "read")
            told = yield from session.post(where, {"inputs": asked})
            _check(told, where)
            asked = []
            for row in rows(told, where):
                key, others, more = _row(row, where)
                found.setdefault(key, {}).update(others)
                if more is not None:
                    asked.append({"id": key, "after": more})
    return found


def make(session: HubSpotSession, source: str, link: Link, pairs: Mapping[str, str]) -> Flow[dict[str, str]]:
    """Associate each record with another one; what HubSpot says of those it refused, by their keys."""
    spec = {"associationCategory": _OWN, "associationTypeId": link.type_id}
    inputs = [{"types": [spec], "from": {"id": key}, "to": {"id": other}} for key, other in pairs.items()]
    return (yield from _done(session, path(source, link.to, "create"), inputs))


def unmake(
    session: HubSpotSession, source: str, link: Link, pairs: Mapping[str, Sequence[str]]
) -> Flow[dict[str, str]]:
    """Take associations away; why some were not, by the records' keys: mostly what HubSpot says.

    Ending a whole association takes the labels along that people made. So of two companies that such a label joins only
    the link's own type is taken away. A contact or a deal whose account goes keeps its companies where it has several,
    of which none is the primary one then: were the association ended, the one that is left would be its account. Where
    it has one only, and a label joins the two, nothing is taken away: that company would still be read as its account.
    """
    told = yield from _typed(session, source, link, list(pairs))
    refused: dict[str, str] = {}
    labels: list[dict[str, Any]] = []
    ends: dict[str, list[dict[str, str]]] = {}
    for key, one in ((key, one) for key, others in pairs.items() for one in others):
        found = told.get(key, {})
        joined = _is_joined(found.get(one, ()))
        if joined if link.only else len(found) > 1:
            labels.append({"from": {"id": key}, **spec_of(link, one)})
        elif joined:
            refused[key] = f"a label of your own joins it to {link.to} {one}, and would end too: take it off first"
        else:
            ends.setdefault(key, []).append({"id": one})
    inputs = [{"from": {"id": key}, "to": others} for key, others in ends.items()]
    refused |= yield from _done(session, path(source, link.to, "labels/archive"), labels)
    return refused | (yield from _done(session, path(source, link.to, "archive"), inputs))


def _is_joined(types: Sequence[Type]) -> bool:
    """Whether a label that people made joins two records."""
    return any(category != _OWN for category, _ in types)


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


def _chosen(link: Link, others: Typed) -> list[str]:
    """Those that are associated by the link itself; else the only one, which nobody has made the primary one."""
    fit = [key for key, types in others.items() if (_OWN, link.type_id) in types]
    return sorted(fit or (others if len(others) == 1 and not link.only else ()), key=_number)


def _row(row: Row, where: str) -> tuple[str, Typed, str | None]:
    """The key of a record, those it is associated with, with the types, and the cursor of more."""
    try:
        key = str(row["from"]["id"])
        others = cast("list[Row]", row["to"])
        told = {str(one["toObjectId"]): _types(one) for one in others}
        more = cast("Row", row.get("paging") or {}).get("next")
        return key, told, None if not more else str(cast("Row", more)["after"])
    except (KeyError, TypeError, AttributeError) as problem:
        raise MalformedReply(VENDOR, f"POST {where}: $.results", f"no association: {problem!r}") from problem


def _types(one: Row) -> list[Type]:
    """The types by category and number: labels of the account's own are numbered by themselves."""
    told = cast("list[Row]", one.get("associationTypes") or [])
    return [(str(kind.get("category", _OWN)), kind.get("typeId")) for kind in told]


def _number(key: str) -> tuple[int, str]:
    return (int(key), key) if key.isdigit() else (0, key)
