"""Batches of writes, and what became of each item of them.

With a trace id on each input HubSpot does what it can and answers 207: results and errors, each naming its input. What
it refuses whole all the same (a conflict, 409; an older rule, 400) is sent again by halves, so that one bad record
keeps no other out. What became of an input that neither a result nor an error names is not known: its batch is in
doubt.
Source: developers.hubspot.com, "batch operations, multi-status errors".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.wire import VENDOR, RefusedWhole, rows, words, written_inputs
from clmcrm.adapters.trees import is_list, is_tree, list_in, tree_in
from clmcrm.errors import AmbiguousError
from clmcrm.ports.calls import Effect, Flow

MOST: Final = 100
TRACE: Final = "objectWriteTraceId"
Row = Mapping[str, Any]
Inputs = Mapping[int, "str | dict[str, Any]"]
"""What is sent, by the places; a text is one that is JSON already."""


@frozen
class Done:
    """What became of the inputs of a batch, by their places: the `rows` written, and `why` others were not."""

    rows: dict[int, Row] = field(factory=dict[int, "Row"])
    why: dict[int, str] = field(factory=dict[int, str])

    def add(self, other: Done) -> None:
        """Take over what became of more inputs."""
        self.rows.update(other.rows)
        self.why.update(other.why)


def sent(
    session: HubSpotSession, path: str, inputs: Inputs, effect: Effect, *, names: Mapping[str, int] | None = None,
    by: str | None = None, halve: bool = True,
) -> Flow[Done]:  # fmt: skip
    """Send the inputs to a batch endpoint and tell what became of each.

    Each input names its own place, as a text, as its `TRACE`. `names` are the places of the inputs by the value that
    tells a result's input where it has no trace id: of the property `by`, or its id. Raises `RefusedWhole` when nothing
    was taken and `halve` is False, and `AmbiguousError` when the reply says nothing of some of them.
    """
    try:
        told = yield from session.post(path, written_inputs(inputs.values()), effect=effect, plainly=True)
    except RefusedWhole as refused:
        if len(inputs) == 1:
            return Done(why=dict.fromkeys(inputs, refused.what))
        if not halve:
            raise
        return (yield from _halves(session, path, inputs, effect, names=names, by=by))
    return _told(told, f"POST {path}", inputs, names or {}, by)


def _halves(
    session: HubSpotSession, path: str, inputs: Inputs, effect: Effect, *, names: Mapping[str, int] | None,
    by: str | None,
) -> Flow[Done]:  # fmt: skip
    places = list(inputs)
    middle = len(places) // 2
    done = Done()
    for half in (places[:middle], places[middle:]):
        done.add((yield from sent(session, path, {p: inputs[p] for p in half}, effect, names=names, by=by)))
    return done


def _told(told: object, where: str, inputs: Inputs, names: Mapping[str, int], by: str | None) -> Done:
    written: dict[int, Row] = {}
    traces = {str(place): place for place in inputs}
    for row in rows(told, where):
        trace = row.get(TRACE)
        place = traces.get(trace) if type(trace) is str else None
        if place is None:
            name = row.get("id") if by is None else tree_in(row.get("properties")).get(by)
            place = names.get(str(name))
        if place is not None and row.get("id"):
            written[place] = row
    left = [place for place in inputs if place not in written]
    return Done(written, _why(told, where, left, inputs, names) if left else {})


def _place(trace: object, inputs: Inputs) -> int | None:
    if type(trace) is str and trace.isascii() and trace.isdigit():
        place = int(trace)
        return place if place in inputs else None
    return None


def _why(told: object, where: str, left: Sequence[int], inputs: Inputs, names: Mapping[str, int]) -> dict[int, str]:
    """Why each of the inputs left has no result: by the error that names it, else by all that name nobody.

    Raises `AmbiguousError` where neither says so: it may have been written.
    """
    errors = list_in(tree_in(told).get("errors"))
    why: dict[int, str] = {}
    nameless: list[str] = []
    for error in errors:
        if not is_tree(error):
            continue
        said = words(error)
        places = _named(error, inputs, names)
        why.update({place: said for place in places if place in left})
        if not places:
            nameless.append(said)
    unsaid = len(left) - len(why)
    if unsaid and not nameless:
        what = f"{where}: {unsaid} of {len(inputs)} are neither among the results nor among the errors"
        raise AmbiguousError(VENDOR, what)
    rest = "; ".join(dict.fromkeys(nameless))[:600]
    return {place: why.get(place, rest) for place in left}


def _named(error: Row, inputs: Inputs, names: Mapping[str, int]) -> list[int]:
    told = tree_in(error.get("context"))
    places: list[int] = []
    for name, value in told.items():
        for one in value if is_list(value) else [value]:
            place = (
                _place(str(one), inputs) if name == TRACE else names.get(str(one)) if name in ("id", "ids") else None
            )
            places += [] if place is None else [place]
    return places
