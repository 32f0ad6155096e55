"""Writing to an Odoo: inserted or bound under our external ids, changed after a last look.

Odoo has no precondition: between our last look and our writing an edit can slip in unseen. A call is one
transaction; what is refused in a batch is therefore found, answered as such, and the rest is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from clmcrm.adapters.odoo.codes import Codes, read_codes
from clmcrm.adapters.odoo.kinds import OdooKind, version_of
from clmcrm.adapters.odoo.leads import ids_by_move
from clmcrm.adapters.odoo.loading import BINDING, Table, Types, table
from clmcrm.adapters.odoo.marks import name_of
from clmcrm.adapters.odoo.plain import Row
from clmcrm.adapters.odoo.reading import Reader, ids_of
from clmcrm.adapters.odoo.wire import VENDOR, NotAllowed, RecordsMissing, RefusedByServer, listed, rows_in
from clmcrm.codec.canonical import check_json
from clmcrm.codec.forms import object_in
from clmcrm.errors import InvalidRecord, MalformedReply, TerminalError, TransientError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Create, Fields, Outcome, Remove, Result, Update, Write

Outcomes: TypeAlias = "dict[int, Outcome]"

_GONE: Final = "there is no such record (any more)"
_MOVED: Final = "it was changed since it was read"
_BUSY: Final = ("could not serialize access", "deadlock detected")
"""What PostgreSQL says when two calls meet; `load` hands it on as a message about a record."""
_TRIES: Final = 4
_ALL: Final[Mapping[str, object]] = {"active_test": False}


@frozen
class _Ready:
    """One record, what to write to it, and the action to call after that (None: none)."""

    row: Row
    values: dict[str, Any]
    action: str | None = None


class Writer:
    """Writes what `reader` reads."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._session = reader, reader.session
        self._codes: Codes | None = None

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself."""
        done: Outcomes = {}
        for kind in dict.fromkeys(one.kind for one in writes):
            these = {place: one for place, one in enumerate(writes) if one.kind == kind}
            created = {place: one for place, one in these.items() if isinstance(one, Create)}
            changed = {place: one for place, one in these.items() if not isinstance(one, Create)}
            try:
                held = self._reader.held(kind)
            except TerminalError as unknown:
                done.update({place: Outcome(result=Result.REFUSED, why=str(unknown)) for place in these})
                continue
            if created:
                done.update((yield from self._create(held, created)))
            if changed:
                done.update((yield from self._change(held, changed)))
        return tuple(done[place] for place in range(len(writes)))

    # Creations: inserted or bound in one call; an id beyond the highest there was is a new record's.

    def _create(self, held: OdooKind, writes: Mapping[int, Create]) -> Flow[Outcomes]:
        if held.created is None:
            made = f"{held.kind} is made in Odoo itself"
            return {place: Outcome(result=Result.REFUSED, why=made) for place in writes}
        codes = yield from self._known_codes()
        done: Outcomes = {}
        ready: dict[int, tuple[str, dict[str, Any]]] = {}
        firsts: dict[str, int] = {}
        for place, one in writes.items():
            why = _refusal(held, None, one.fields, codes)
            if why is not None:
                done[place] = Outcome(result=Result.REFUSED, why=why)
            elif firsts.setdefault(one.mark, place) == place:
                ready[place] = (name_of(held.kind, one.mark), held.created(one.fields, codes))
        if ready:
            highest = yield from self._session.ask(
                held.model, "search", domain=[], order="id desc", limit=1, context=_ALL
            )
            done.update((yield from self._inserted(held, ready, max(listed(highest, "search"), default=0))))
        refused = {place: writes[place] for place, one in done.items() if not one.ok}
        done.update((yield from self._there_already(held, refused)))
        return {place: done.get(place) or _bound(done[firsts[one.mark]]) for place, one in writes.items()}

    def _there_already(self, held: OdooKind, refused: Mapping[int, Create]) -> Flow[Outcomes]:
        """Those of the creations that are refused whose record is there: it is bound, whatever the values."""
        done: Outcomes = {}
        for place, one in refused.items():
            seen = yield from self._reader.find(held.kind, one.mark)
            if seen is not None:
                done[place] = Outcome(result=Result.BOUND, key=seen.key, version=seen.version)
        return done

    def _inserted(
        self, held: OdooKind, ready: Mapping[int, tuple[str, dict[str, Any]]], highest: int
    ) -> Flow[Outcomes]:
        places = list(ready)
        told = yield from self._table(held, list(ready.values()))
        ids, refused = yield from self._loaded(held, told)
        if ids:
            return (yield from self._versions(held, places, ids, highest))
        done = {places[number]: Outcome(result=Result.REFUSED, why=why) for number, why in refused.items()}
        rest = {place: ready[place] for place in places if place not in done}
        if not rest:
            return done
        if done:
            return {**done, **(yield from self._inserted(held, rest, highest))}
        raise MalformedReply(VENDOR, "$.messages", f"load of {held.model} neither created anything nor said why")

    def _loaded(self, held: OdooKind, told: Table) -> Flow[tuple[list[int], dict[int, str]]]:
        """The ids of the records, or which of them are refused and why; two calls that meet are sent again."""
        for number in range(_TRIES):
            answer = yield from self._session.ask(
                held.model, "load", fields=told.columns, data=told.lines, context=BINDING, effect=Effect.KEYED
            )
            parts = object_in(answer) or {}
            if parts.get("ids"):
                return listed(parts["ids"], "load"), {}
            refused = _refused(listed(parts.get("messages"), "load"), told)
            busy = next((why for why in refused.values() if any(words in why for words in _BUSY)), None)
            if busy is None:
                return [], refused
            if number + 1 == _TRIES:
                raise TransientError(VENDOR, f"the server is busy: {busy}")
        raise AssertionError

    def _table(self, held: OdooKind, ready: Sequence[tuple[str, dict[str, Any]]]) -> Flow[Table]:
        types = yield from self._session.fields(held.model)
        parts: dict[str, Types] = {}
        for name, model in held.parts.items():
            parts[name] = yield from self._session.fields(model)
        return table([name for name, _ in ready], [values for _, values in ready], types, parts)

    def _versions(self, held: OdooKind, places: Sequence[int], ids: Sequence[int], highest: int) -> Flow[Outcomes]:
        if len(ids) != len(places):
            raise MalformedReply(VENDOR, "$.ids", f"load gave {len(ids)} ids for {len(places)} records")
        rows = yield from self._reader.rows(held, [["id", "in", list(ids)]])
        versions = {int(row["id"]): version_of(row) for row in rows}
        return {
            place: Outcome(
                result=Result.DONE if number > highest else Result.BOUND,
                key=str(number), version=versions.get(number, ""),
            )
            for place, number in zip(places, ids, strict=True)
        }  # fmt: skip

    # Changes: read, compared with what is expected, and written at once.

    def _change(self, held: OdooKind, writes: Mapping[int, Update | Remove]) -> Flow[Outcomes]:
        codes = yield from self._known_codes()
        ids = ids_of([one.key for one in writes.values()])
        rows = yield from self._reader.rows(held, [*held.domain, ["id", "in", ids]])
        there = {str(row["id"]): row for row in rows}
        done: Outcomes = {}
        ready: dict[int, _Ready] = {}
        touched: set[str] = set()
        for place, one in writes.items():
            told = _told(held, there.get(one.key), one, codes)
            if isinstance(told, Outcome):
                done[place] = told
            elif one.key in touched:
                done[place] = Outcome(result=Result.STALE, key=one.key, why="changed by the same call")
            else:
                touched.add(one.key)
                ready[place] = told
        if ready:
            done.update((yield from self._written(held, ready)))
        return done

    def _written(self, held: OdooKind, ready: Mapping[int, _Ready]) -> Flow[Outcomes]:
        places = list(ready)
        ids = [int(one.row["id"]) for one in ready.values()]
        moves = ids_by_move({int(one.row["id"]): one.action for one in ready.values()})
        try:
            rows = yield from self._saved(held, list(ready.values()))
            for action, moved in moves.items():
                _ = yield from self._session.ask(held.model, action, moved, effect=Effect.ONCE)
        except (RefusedByServer, NotAllowed, RecordsMissing) as refused:
            if len(places) == 1:
                missing = isinstance(refused, RecordsMissing)
                result = Result.MISSING if missing else Result.REFUSED
                return {places[0]: Outcome(result=result, key=str(ids[0]), why=str(refused))}
            return (yield from _halved(places, lambda part: self._written(held, {p: ready[p] for p in part})))
        if rows is None or held.binary or moves:
            rows = yield from self._reader.rows(held, [["id", "in", ids]])
        versions = {int(row["id"]): version_of(row) for row in rows}
        return {
            place: Outcome(result=Result.DONE, key=str(number), version=versions.get(number, ""))
            for place, number in zip(places, ids, strict=True)
        }

    def _saved(self, held: OdooKind, ready: Sequence[_Ready]) -> Flow[list[dict[str, Any]] | None]:
        """The rows as they are after writing; None where they must be read again. Differing rows in one call."""
        changes = {int(one.row["id"]): one.values for one in ready if one.values}
        if not changes:
            return None
        spec = yield from self._reader.spec(held)
        told = yield from self._session.ask(
            held.model, "web_save_multi", list(changes), vals_list=list(changes.values()),
            specification={} if held.binary else spec, context=_ALL, effect=Effect.ONCE,
        )  # fmt: skip
        return rows_in(told, "web_save_multi") if len(changes) == len(ready) else None

    def _known_codes(self) -> Flow[Codes]:
        """The codes, read once."""
        if self._codes is None:
            self._codes = yield from read_codes(self._session)
        return self._codes


def _told(held: OdooKind, row: Row | None, one: Update | Remove, codes: Codes) -> Outcome | _Ready:
    """What to write, or why nothing is."""
    if row is None or held.gone(row):
        return Outcome(result=Result.MISSING, key=one.key, why=_GONE)
    current = version_of(row)
    if current != one.expected:
        return Outcome(result=Result.STALE, key=one.key, version=current, why=_MOVED)
    if isinstance(one, Remove):
        if held.removed is None:
            return Outcome(result=Result.REFUSED, key=one.key, why=f"{one.kind} is ended in Odoo itself")
        return _Ready(row, held.removed(row))
    why = _refusal(held, row, one.fields, codes)
    if why is not None:
        return Outcome(result=Result.REFUSED, key=one.key, why=why)
    action = None if held.moved is None else held.moved(one.fields)
    return _Ready(row, held.changed(row, one.fields, codes), action)


def _refusal(held: OdooKind, row: Row | None, fields: Fields, codes: Codes) -> str | None:
    """Why these fields cannot be written, in words; None when they can."""
    try:
        check_json(dict(fields))
    except InvalidRecord as problem:
        return str(problem)
    return held.refused(row, fields, codes)


def _refused(messages: Sequence[object], told: Table) -> dict[int, str]:
    """Which records `load` did not take, by number, and why."""
    refused: dict[int, str] = {}
    for one in messages:
        message = object_in(one) or {}
        line = (object_in(message.get("rows")) or {}).get("from")
        if message.get("type") == "error" and type(line) is int and 0 <= line < len(told.lines):
            why = " ".join(str(message.get("message", "")).split())
            _ = refused.setdefault(told.record_at(line), why or "no reason given")
    return refused


def _bound(first: Outcome) -> Outcome:
    """The outcome of a second creation under one mark."""
    return Outcome(result=Result.BOUND, key=first.key, version=first.version) if first.ok else first


def _halved(places: Sequence[int], attempt: Callable[[Sequence[int]], Flow[Outcomes]]) -> Flow[Outcomes]:
    """Each half by itself: one record that is refused must not keep the others out."""
    middle = len(places) // 2
    first = yield from attempt(places[:middle])
    second = yield from attempt(places[middle:])
    return {**first, **second}
