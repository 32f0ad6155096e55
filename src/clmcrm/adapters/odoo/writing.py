"""Writing to an Odoo: inserted or bound under our external ids, changed after a last look.

Odoo has no precondition: between our last look and our writing an edit can slip in unseen. A call is one
transaction; what is refused in a batch is therefore found, answered as such, and the rest is sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from attrs import frozen

from clmcrm.adapters.each_by_itself import (
    Changes,
    Creations,
    Outcomes,
    all_refused,
    by_halves,
    kind_by_kind,
    once_per_mark,
    refusal,
    told_apart,
    unmet,
    with_repeated,
)
from clmcrm.adapters.odoo.codes import Codes, read_codes
from clmcrm.adapters.odoo.kinds import OdooKind
from clmcrm.adapters.odoo.leads import ids_by_move
from clmcrm.adapters.odoo.loading import BINDING, Table, Types, table
from clmcrm.adapters.odoo.marks import MODULE, name_of
from clmcrm.adapters.odoo.plain import Row
from clmcrm.adapters.odoo.reading import LONGEST, Reader
from clmcrm.adapters.odoo.wire import VENDOR, NotAllowed, RecordsMissing, RefusedByServer, listed, rows_in
from clmcrm.adapters.windows import ids_of
from clmcrm.codec.forms import object_in
from clmcrm.errors import MalformedReply, TransientError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Create, Outcome, Remove, Result, Update, Write

T = TypeVar("T")

_BUSY: Final = ("could not serialize access", "deadlock detected")
"""What PostgreSQL says when two calls meet; `load` hands it on as a message about a record."""
_TRIES: Final = 4
_REFUSALS: Final = (RefusedByServer, NotAllowed, RecordsMissing)
_ALL: Final[Mapping[str, object]] = {"active_test": False}


@frozen
class _Ready:
    """One record, what to write to it, and the action to call after that (None: none)."""

    row: Row
    values: dict[str, Any]
    action: str | None = None


@frozen
class _New:
    """A record to insert: the external `name` that carries our key, and its values."""

    name: str
    values: dict[str, Any]


class Writer:
    """Writes what `reader` reads."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._session = reader, reader.session
        self._codes: Codes | None = None

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself."""
        return (yield from kind_by_kind(writes, self._reader.held, self._create, self._change))

    # Creations: inserted or bound in one call; an id beyond the highest there was is a new record's.

    def _create(self, unfitted: OdooKind, writes: Creations) -> Flow[Outcomes]:
        if unfitted.created is None:
            return all_refused(writes, f"{unfitted.kind} is made in Odoo itself")
        held = yield from self._reader.fitted(unfitted)
        codes = yield from self._known_codes()

        def told(one: Create) -> Outcome | _New:
            why = refusal(one.fields, lambda: held.why_not(None, one.fields, codes))
            if why is not None:
                return Outcome(result=Result.REFUSED, why=why)
            return _New(name_of(held.kind, one.mark), held.values(None, one.fields, codes))

        done, ready = once_per_mark(writes, told)
        if ready:
            highest = yield from self._session.ask(
                held.model, "search", domain=[], order="id desc", limit=1, context=_ALL
            )
            above = max(listed(highest, "search"), default=0)
            for part in _parts(held, ready):
                done.update((yield from self._inserted(held, part, above)))
        refused = {place: writes[place] for place, one in done.items() if not one.ok}
        done.update((yield from self._there_already(held, refused)))
        return with_repeated(writes, done, ready)

    def _there_already(self, held: OdooKind, refused: Mapping[int, Create]) -> Flow[Outcomes]:
        """Those of the creations that are refused whose record is there: it is bound, whatever the values."""
        done: Outcomes = {}
        for place, one in refused.items():
            seen = yield from self._reader.find(held.kind, one.mark)
            if seen is not None:
                done[place] = Outcome(result=Result.BOUND, key=seen.key, version=seen.version)
        return done

    def _inserted(self, held: OdooKind, ready: Mapping[int, _New], highest: int) -> Flow[Outcomes]:
        places = list(ready)
        told = yield from self._table(held, list(ready.values()))
        ids, refused = yield from self._loaded(held, told)
        if ids:
            return (yield from self._shown_new(held, ready, ids, highest))
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

    def _table(self, held: OdooKind, ready: Sequence[_New]) -> Flow[Table]:
        types = yield from self._session.fields(held.model)
        parts: dict[str, Types] = {}
        for name, model in held.parts.items():
            parts[name] = yield from self._session.fields(model)
        return table([one.name for one in ready], [one.values for one in ready], types, parts)

    def _shown_new(self, held: OdooKind, ready: Mapping[int, _New], ids: Sequence[int], highest: int) -> Flow[Outcomes]:
        if len(ids) != len(ready):
            raise MalformedReply(VENDOR, "$.ids", f"load gave {len(ids)} ids for {len(ready)} records")
        named = [
            {"id": number, "xmlids": [{"xmlid": f"{MODULE}.{one.name}"}]}
            for number, one in zip(ids, ready.values(), strict=True)
        ]
        self._reader.marks.learn(held.kind, ids, named)
        rows = yield from self._reader.rows(held, [["id", "in", list(ids)]])
        there = {int(row["id"]): row for row in rows}
        return {
            place: self._outcome(
                held, Result.DONE if number > highest else Result.BOUND, number, there.get(number), known=True
            )
            for place, number in zip(ready, ids, strict=True)
        }

    def _outcome(self, held: OdooKind, result: Result, number: int, row: Row | None, *, known: bool) -> Outcome:
        """What became of a record, shown as it is now; not shown where its mark is not `known` or it is unreadable."""
        version = "" if row is None else held.version(row)
        seen = held.shown(row, self._reader.marks.of(held.kind, number)) if row is not None and known else None
        shown = None if seen is None or seen.unreadable or seen.gone else seen
        return Outcome(result=result, key=str(number), version=version, shown=shown)

    # Changes: read, compared with what is expected, and written at once.

    def _change(self, unfitted: OdooKind, writes: Changes) -> Flow[Outcomes]:
        held = yield from self._reader.fitted(unfitted)
        codes = yield from self._known_codes()
        ids = ids_of([one.key for one in writes.values()], LONGEST)
        rows = (yield from self._reader.rows(held, [*held.domain, ["id", "in", ids]])) if ids else []
        there = {str(row["id"]): row for row in rows}
        done, ready = told_apart(writes, lambda one: _told(held, there.get(one.key), one, codes))
        for part in _parts(held, ready):
            done.update((yield from self._written(held, part)))
        return done

    def _written(self, held: OdooKind, ready: Mapping[int, _Ready]) -> Flow[Outcomes]:
        """Saved together, or each half by itself; then moved, and never saved a second time for a refused move."""
        places = list(ready)
        try:
            rows = yield from self._saved(held, list(ready.values()))
        except _REFUSALS as refused:
            if len(places) == 1:
                return {places[0]: _refusal(ready[places[0]], refused)}
            return (yield from by_halves(places, lambda part: self._written(held, {p: ready[p] for p in part})))
        stuck: Outcomes = {}
        moves = ids_by_move({place: one.action for place, one in ready.items()})
        for action, moved in moves.items():
            stuck.update((yield from self._moved(held, action, {place: ready[place] for place in moved})))
        ids = [int(one.row["id"]) for one in ready.values()]
        if rows is None or held.binary or moves:
            rows = yield from self._reader.rows(held, [["id", "in", ids]])
        there = {int(row["id"]): row for row in rows}
        # Which mark a record carries is known where it was read before; no call is spent on it here.
        unknown = set(self._reader.marks.unknown(held.kind, ids)) if held.created is not None else set[int]()
        done = {
            place: self._outcome(held, Result.DONE, number, there.get(number), known=number not in unknown)
            for place, number in zip(places, ids, strict=True)
        }
        return {**done, **stuck}

    def _moved(self, held: OdooKind, action: str, ready: Mapping[int, _Ready]) -> Flow[Outcomes]:
        """Call the action; the outcomes of those that it is refused for, which are saved already."""
        places = list(ready)
        try:
            ids = [int(one.row["id"]) for one in ready.values()]
            _ = yield from self._session.ask(held.model, action, ids, effect=Effect.ONCE)
        except _REFUSALS as refused:
            if len(places) == 1:
                return {places[0]: _refusal(ready[places[0]], refused, f"{action} was refused after it was saved: ")}
            return (yield from by_halves(places, lambda part: self._moved(held, action, {p: ready[p] for p in part})))
        return {}

    def _saved(self, held: OdooKind, ready: Sequence[_Ready]) -> Flow[list[dict[str, Any]] | None]:
        """The rows as they are after writing; None where they must be read again. Differing rows in one call."""
        changes = {int(one.row["id"]): one.values for one in ready if one.values}
        if not changes:
            return None
        told = yield from self._session.ask(
            held.model, "web_save_multi", list(changes), vals_list=list(changes.values()),
            specification={} if held.binary else held.spec, context=_ALL, effect=Effect.ONCE,
        )  # fmt: skip
        return rows_in(told, "web_save_multi") if len(changes) == len(ready) else None

    def _known_codes(self) -> Flow[Codes]:
        """The codes, read once."""
        if self._codes is None:
            self._codes = yield from read_codes(self._session)
        return self._codes


def _told(held: OdooKind, row: Row | None, one: Update | Remove, codes: Codes) -> Outcome | _Ready:
    """What to write, or why nothing is."""
    ended = row is None or held.gone(row)
    no = unmet(one, None if row is None or ended else held.version(row))
    if no is not None or row is None:
        return no or Outcome(result=Result.MISSING, key=one.key)
    if isinstance(one, Remove):
        if held.removed is None:
            return Outcome(result=Result.REFUSED, key=one.key, why=f"{one.kind} is ended in Odoo itself")
        return _Ready(row, held.removed(row))
    why = refusal(one.fields, lambda: held.why_not(row, one.fields, codes))
    if why is not None:
        return Outcome(result=Result.REFUSED, key=one.key, why=why)
    action = None if held.moved is None else held.moved(one.fields)
    return _Ready(row, held.values(row, one.fields, codes), action)


def _refusal(one: _Ready, refused: Exception, what: str = "") -> Outcome:
    result = Result.MISSING if isinstance(refused, RecordsMissing) else Result.REFUSED
    return Outcome(result=result, key=str(one.row["id"]), why=f"{what if one.values else ''}{refused}")


def _parts(held: OdooKind, ready: Mapping[int, T]) -> Iterator[dict[int, T]]:
    """As many at a time as one transaction takes."""
    places = list(ready)
    for start in range(0, len(places), held.at_once):
        yield {place: ready[place] for place in places[start : start + held.at_once]}


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
