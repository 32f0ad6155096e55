"""Reading an Ironclad: what changed, what is there, and what stands under our key.

A record that may not be read is told as unreadable, and one that is not there is left out: neither proves that it was
deleted. A deletion is told by the webhook alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.held_kinds import not_held
from clmcrm.adapters.ironclad.declared import Declared, Place, Shapes
from clmcrm.adapters.ironclad.duties import Duties
from clmcrm.adapters.ironclad.feed import Phase, Window, asked_since, moment_of, window_at
from clmcrm.adapters.ironclad.formulas import Equals, any_of, in_turns
from clmcrm.adapters.ironclad.marks import as_value, mark_of
from clmcrm.adapters.ironclad.objects import WORKFLOW, entity_row, record_row, workflow_row
from clmcrm.adapters.ironclad.session import IroncladSession, path_of
from clmcrm.adapters.ironclad.shapes import NAME, Row, Shape
from clmcrm.adapters.ironclad.typed import read_typed
from clmcrm.adapters.ironclad.wire import VENDOR, NotThere, RefusedByIronclad, rows
from clmcrm.adapters.trees import Tree
from clmcrm.codec.forms import Refused
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Flow, together
from clmcrm.ports.records import Kind, Page, Seen

MOST: Final = 100
"""How many rows a page of a list has at most."""
_ADDRESSES: Final = {"addressAsObject": "true"}
_EVERY_STATUS: Final = "active,paused,completed,cancelled"
_NEWEST: Final = {"sortField": "lastUpdated", "sortDirection": "DESC"}
_HELD: Final = (Kind.ACCOUNT, Kind.CONTRACT)
_KEPT_NAMES: Final = 50_000


QUERIES: Final[Mapping[Place, Mapping[str, str]]] = {
    Place.RECORD: {**_ADDRESSES, **_NEWEST},
    Place.ENTITY: _NEWEST,
    Place.WORKFLOW: {"status": _EVERY_STATUS},
}
KIND_OF: Final = {Place.RECORD: Kind.CONTRACT, Place.ENTITY: Kind.ACCOUNT, Place.WORKFLOW: Kind.CONTRACT}


class Reader:
    """Reads through `session`, by pages of `page`, `overlap` back each time; `duties` adds obligations (None: not)."""

    def __init__(
        self, session: IroncladSession, shapes: Shapes, *, page: int, overlap: timedelta, duties: Duties | None = None
    ) -> None:
        self.session = session
        self.declared = Declared(session, shapes)
        self._page, self._overlap, self._duties = page, overlap, duties
        self._made: dict[str, str] = {}
        self.names: dict[str, str] = {}
        """The names of the entities that were seen lately."""

    @property
    def shows_duties(self) -> bool:
        """Whether obligations are shown on their contracts."""
        return self._duties is not None

    @property
    def phases(self) -> Sequence[Phase]:
        """What a window of contracts reads, in order."""
        workflows = [Phase.WORKFLOWS] if self.declared.shapes.workflow is not None else []
        return (Phase.ROWS, *workflows, *([Phase.OBLIGATIONS] if self._duties is not None else []))

    # What the port asks for.

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """One page of what changed since `cursor`."""
        _ = held(kind)
        window = window_at(cursor)
        if window.phase is Phase.OBLIGATIONS and self._duties is not None:
            return (yield from self._of_obligations(window, self._duties))
        place = Place.ENTITY if kind == Kind.ACCOUNT else Place.RECORD
        if window.phase is Phase.WORKFLOWS:
            place = Place.WORKFLOW
        told, there = yield from self._listed(place, window)
        stamps = [moment_of(row.stamp) for row in told]
        window = window.begun(self.session.last_date, max((at for at in stamps if at is not None), default=None))
        passed = place is Place.ENTITY and _is_before(stamps[-1:], window.since)
        fresh = [row for row, at in zip(told, stamps, strict=True) if not _is_before([at], window.since)]
        if place is Place.WORKFLOW:  # one of ours lives on in its record, under the same key
            own = self.declared.at(place).key
            fresh = [row for row in fresh if row.merged_into is None or not mark_of(_text(row, own))]
        seen = yield from self.seen(place, [row for row in fresh if window.since is not None or not row.gone])
        return self._page_of(kind, window, seen, [row.own for row in told], there, passed=passed)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys as they are now; one that is not there is left out, as is an empty text.

        An empty key would ask for the address of the listing.
        """
        _ = held(kind)
        if kind == Kind.CONTRACT and keys:
            yield from self._duties_known()
        found = yield from together([self._one(kind, key) for key in dict.fromkeys(keys) if key])
        return tuple(seen for seen in found if seen is not None)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The live record under our key `mark`; None when there is none."""
        found = yield from self.marked(kind, [mark])
        if mark not in found:
            return None
        place, row = found[mark]
        (seen,) = yield from self.seen(place, [row])
        return seen

    # What writing needs too.

    def marked(self, kind: str, marks: Sequence[str]) -> Flow[dict[str, tuple[Place, Row]]]:
        """The live objects under these keys of ours, by the key."""
        _ = held(kind)
        places = [Place.ENTITY] if kind == Kind.ACCOUNT else [Place.RECORD]
        if kind == Kind.CONTRACT and self.declared.shapes.workflow is not None:
            places.append(Place.WORKFLOW)
        found: dict[str, tuple[Place, Row]] = {}
        for place in places:
            own = self.declared.at(place).key
            wanted = {as_value(mark): mark for mark in marks if mark not in found}
            for turn in in_turns([Equals(own, value) for value in wanted], self._page):
                for row in (yield from self._filtered(place, any_of(turn))):
                    mark = wanted.get(_text(row, own))
                    if mark is not None and not row.gone:
                        _ = found.setdefault(mark, (place, row))
        return found

    def located(self, kind: str, key: str) -> Flow[tuple[Place, Row] | None]:
        """Where the object of a key stands, and what it is now; None when it is not there.

        A workflow of ours that is completed stands as its record. Raises `RefusedByIronclad`.
        """
        if kind == Kind.ACCOUNT:
            return (yield from self._got(Place.ENTITY, key))
        if not key.startswith(WORKFLOW):
            return (yield from self._got(Place.RECORD, key))
        if key in self._made:
            found = yield from self._got(Place.RECORD, self._made[key])
            if found is not None:
                return found
        found = yield from self._got(Place.WORKFLOW, key.removeprefix(WORKFLOW))
        into = None if found is None else found[1].merged_into
        if found is None or into is None:
            return found
        made = yield from self._got(Place.RECORD, into)
        ours = mark_of(_text(found[1], self.declared.at(Place.WORKFLOW).key)) is not None
        return made if ours else found

    def _got(self, place: Place, own: str) -> Flow[tuple[Place, Row] | None]:
        try:
            told = yield from self.session.get(path_of(place, own), _ADDRESSES if place is Place.RECORD else {})
        except NotThere:
            return None
        row = yield from self.row_of(place, told)
        if not row.own:  # an object of somebody else's: it does not say that there is none
            raise MalformedReply(VENDOR, f"GET {path_of(place, own)}: $.id", "an object without an id")
        return (place, row) if row.own == own else None

    def row_of(self, place: Place, told: Tree) -> Flow[Row]:
        """The row of an object as the API shows it."""
        if place is Place.RECORD:
            row = record_row(told, self.declared.shapes.record.key)
            if row.key != row.own:
                self._kept(self._made, row.key, row.own)
            return row
        if place is Place.WORKFLOW:
            return workflow_row(told)
        row = entity_row(told, (yield from self.declared.relations()))
        self._kept(self.names, row.key, str(row.slots.get(NAME) or ""))
        return row

    def seen(self, place: Place, found: Sequence[Row]) -> Flow[list[Seen]]:
        """The rows as the port shows them; one that cannot be understood says why."""
        told: list[Seen] = []
        for row in found:
            shape = yield from self.declared.shape(place, row=row)
            duties = None
            if place is Place.RECORD and self._duties is not None:
                duties = yield from self._duties.of(self.session, row.readable)
            told.append(shown(place, shape, row, duties))
        return told

    # How it is done.

    def _listed(self, place: Place, window: Window) -> Flow[tuple[list[Row], int]]:
        query = {**QUERIES[place], "page": str(window.page), "pageSize": str(self._page)}
        if window.since is not None and place is not Place.ENTITY:
            query["lastUpdated"] = asked_since(window.since)
        return (yield from self._rows(place, query))

    def _rows(self, place: Place, query: Mapping[str, str]) -> Flow[tuple[list[Row], int]]:
        where = f"GET /{place}"
        try:
            told, there = rows((yield from self.session.get(f"/{place}", query)), where)
        except RefusedByIronclad as refused:
            raise refused.error(where) from None
        except NotThere as refused:
            raise TerminalError(VENDOR, f"{where}: {refused.said}") from None
        found: list[Row] = []
        for one in told:
            row = yield from self.row_of(place, one)
            found.append(row)
        return found, there

    def _filtered(self, place: Place, formula: str) -> Flow[list[Row]]:
        """All rows that a filter lets through: those that are gone keep our key, and may fill a page by themselves."""
        query = {**QUERIES[place], "pageSize": str(self._page), "filter": formula}
        found, there = yield from self._rows(place, {**query, "page": "0"})
        for page in range(1, -(-there // self._page)):
            found += (yield from self._rows(place, {**query, "page": str(page)}))[0]
        return found

    def _page_of(
        self, kind: str, window: Window, seen: Sequence[Seen], keys: Sequence[str], there: int, *, passed: bool = False
    ) -> Page:
        going = window.after(keys, there, self._page, passed=passed)
        if going is None:
            window = window.ended(keys, there, passed=passed)
            phases = self.phases if kind == Kind.CONTRACT else (Phase.ROWS,)
            later = phases[phases.index(window.phase) + 1 :]
            going = window.turned_to(later[0]) if later else None
        cursor = window.next(self._overlap) if going is None else going
        return Page(seen=tuple(seen), cursor=cursor.text(), more=going is not None)

    def _of_obligations(self, window: Window, duties: Duties) -> Flow[Page]:
        """The contracts of which an obligation was changed, and which were not told by their own change."""
        touched = yield from duties.changed(self.session, window.since)
        if touched:
            yield from self._duties_known()
        found = yield from together([self._of_readable(readable) for readable in touched])
        seen = [one for one in found if one is not None]
        return self._page_of(Kind.CONTRACT, window, seen, [], 0, passed=True)

    def _duties_known(self) -> Flow[None]:
        """Read the obligations once, and not once for each contract that is then read beside the others."""
        if self._duties is not None:
            _ = yield from self._duties.of(self.session, "")

    def _one(self, kind: str, key: str) -> Flow[Seen | None]:
        if key.startswith(WORKFLOW) and self.declared.shapes.workflow is None:
            return None
        try:
            found = yield from self.located(kind, key)
        except RefusedByIronclad as refused:
            return Seen(kind=kind, key=key, fields={}, unreadable=f"{kind} {key}: {refused}")
        if found is None:
            return None
        place, row = found
        if row.key != key:  # the record of a workflow of ours, asked for by its own id
            return Seen(kind=kind, key=key, fields={}, gone=True, merged_into=row.key)
        return (yield from self.seen(place, [row]))[0]

    def _of_readable(self, readable: str) -> Flow[Seen | None]:
        try:
            told = yield from self.session.get(path_of(Place.RECORD, readable), _ADDRESSES)
        except (NotThere, RefusedByIronclad):
            return None
        row = yield from self.row_of(Place.RECORD, told)
        return (yield from self.seen(Place.RECORD, [row]))[0]

    @staticmethod
    def _kept(kept: dict[str, str], key: str, value: str) -> None:
        while len(kept) >= _KEPT_NAMES:
            _ = kept.pop(next(iter(kept)))
        kept[key] = value


def shown(place: Place, shape: Shape, row: Row, duties: Any = None) -> Seen:  # noqa: ANN401 - a JSON list or nothing
    """The row as the port shows it; one that cannot be understood says why, and the others of its page go on."""
    seen = Seen(
        kind=KIND_OF[place], key=row.key, fields={}, version=row.version, gone=row.gone, merged_into=row.merged_into,
        mark=mark_of(_text(row, shape.key)), changed_at=moment_of(row.stamp),
    )  # fmt: skip
    try:
        fields = shape.shown(row)
    except (ArithmeticError, AttributeError, KeyError, Refused, TypeError, ValueError) as problem:
        return evolve(seen, unreadable=f"{place} {row.key}: {type(problem).__name__}: {problem}")
    return evolve(seen, fields=fields if duties is None else {**fields, "obligations": duties})


def held(kind: str) -> str:
    """The kind itself; raises `TerminalError` for one that Ironclad does not hold."""
    if kind not in _HELD:
        raise TerminalError(VENDOR, not_held(_HELD, kind))
    return kind


def _text(row: Row, own: str) -> str:
    return str(read_typed(row.slots.get(own)) or "")


def _is_before(stamps: Sequence[datetime | None], since: datetime | None) -> bool:
    return since is not None and all(at is not None and at < since for at in stamps) and bool(stamps)
