"""Writing to a Tryton: created under our keys, changed under the time stamps that were read.

Tryton does a call wholly or not at all. What is stale or refused in a batch is therefore found, answered as
such, and the rest is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.tryton import terms
from clmcrm.adapters.tryton.fields import CODED, Codes, changed_values, new_values, refusal
from clmcrm.adapters.tryton.kinds import TrytonKind
from clmcrm.adapters.tryton.reading import Reader, ids_of
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.versions import STAMP, stamps, version_of
from clmcrm.adapters.tryton.wire import VENDOR, RefusedByServer, StaleRecords
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Create, Kind, Outcome, Remove, Result, Update, Write

Row = Mapping[str, Any]
Outcomes = dict[int, Outcome]

_GONE: Final = "there is no such record (any more)"
_MOVED: Final = "it was changed since it was read"


@frozen
class _Ready:
    """One record and what to write to it."""

    row: Row
    values: dict[str, Any]


class Writer:
    """Writes through `session` what `reader` reads."""

    def __init__(self, session: TrytonSession, reader: Reader, creates: frozenset[str]) -> None:
        self._session, self._reader, self._creates = session, reader, creates
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
                done.update((yield from self._create(held, kind, created)))
            if changed:
                done.update((yield from self._change(held, changed)))
        return tuple(done[place] for place in range(len(writes)))

    # Creations: looked up by our key, then inserted together.

    def _create(self, held: TrytonKind, kind: str, writes: Mapping[int, Create]) -> Flow[Outcomes]:
        if kind not in self._creates:
            made = f"{kind} is made in Tryton itself"
            return {place: Outcome(result=Result.REFUSED, why=made) for place in writes}
        codes = yield from self._known_codes()
        there = yield from self._reader.marked(kind, [one.mark for one in writes.values()])
        done: Outcomes = {}
        values: dict[int, dict[str, Any]] = {}
        firsts: dict[str, int] = {}
        for place, one in writes.items():
            why = refusal(kind, None, one.fields, codes)
            if one.mark in there:
                seen = there[one.mark]
                done[place] = Outcome(result=Result.BOUND, key=seen.key, version=seen.version)
            elif why is not None:
                done[place] = Outcome(result=Result.REFUSED, why=why)
            elif firsts.setdefault(one.mark, place) == place:
                values[place] = new_values(one, codes)
        if values:
            done.update((yield from self._inserted(held, values)))
        return {place: done.get(place) or _bound(done[firsts[one.mark]]) for place, one in writes.items()}

    def _inserted(self, held: TrytonKind, values: Mapping[int, dict[str, Any]]) -> Flow[Outcomes]:
        places = list(values)
        try:
            ids: list[int] = yield from self._session.ask(
                held.model, "create", list(values.values()), effect=Effect.ONCE
            )
        except RefusedByServer as refused:
            if len(places) == 1:
                return {places[0]: Outcome(result=Result.REFUSED, why=refused.said)}
            return (yield from _halved(places, lambda part: self._inserted(held, {p: values[p] for p in part})))
        versions = yield from self._reader.versions(held, ids)
        return {
            place: Outcome(result=Result.DONE, key=str(number), version=versions.get(number, ""))
            for place, number in zip(places, ids, strict=True)
        }

    # Changes: read, compared with what is expected, and written under the time stamps that were read.

    def _change(self, held: TrytonKind, writes: Mapping[int, Update | Remove]) -> Flow[Outcomes]:
        codes = yield from self._known_codes()
        rows = yield from self._reader.rows(held, ids_of([one.key for one in writes.values()]))
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

    def _written(self, held: TrytonKind, ready: Mapping[int, _Ready]) -> Flow[Outcomes]:
        places = list(ready)
        ids = [int(one.row["id"]) for one in ready.values()]
        expected: dict[str, str] = {}
        pairs: list[object] = []
        for one in ready.values():
            expected.update(stamps(held.model, one.row, held.parts))
            pairs += [[one.row["id"]], one.values]
        try:
            _ = yield from self._session.ask(held.model, "write", *pairs, context={STAMP: expected}, effect=Effect.ONCE)
        except RefusedByServer as refused:
            if len(places) == 1:
                return {places[0]: Outcome(result=Result.REFUSED, key=str(ids[0]), why=refused.said)}
            return (yield from _halved(places, lambda part: self._written(held, {p: ready[p] for p in part})))
        except StaleRecords:
            return (yield from self._without_stale(held, ready))
        versions = yield from self._reader.versions(held, ids)
        return {
            place: Outcome(result=Result.DONE, key=str(number), version=versions.get(number, ""))
            for place, number in zip(places, ids, strict=True)
        }

    def _without_stale(self, held: TrytonKind, ready: Mapping[int, _Ready]) -> Flow[Outcomes]:
        """Answer the rows that have changed since they were read, and write the others."""
        versions = yield from self._reader.versions(held, [int(one.row["id"]) for one in ready.values()])
        done: Outcomes = {}
        for place, one in ready.items():
            key, current = str(one.row["id"]), versions.get(int(one.row["id"]))
            if current is None:
                done[place] = Outcome(result=Result.MISSING, key=key, why=_GONE)
            elif current != version_of(stamps(held.model, one.row, held.parts)):
                done[place] = Outcome(result=Result.STALE, key=key, version=current, why=_MOVED)
        if not done:
            raise TerminalError(VENDOR, "reports a change of its records that none of them shows")
        rest = {place: one for place, one in ready.items() if place not in done}
        if rest:
            done.update((yield from self._written(held, rest)))
        return done

    def _known_codes(self) -> Flow[Codes]:
        """The codes, read once."""
        if self._codes is None:
            found: dict[str, dict[str, int]] = {}
            for name, model in CODED.items():
                rows = yield from self._session.rows(model, [], ["code"])
                found[name] = {str(row["code"]): int(row["id"]) for row in rows if row["code"]}
            self._codes = Codes(found)
        return self._codes


def _told(held: TrytonKind, row: Row | None, one: Update | Remove, codes: Codes) -> Outcome | _Ready:
    """What to write, or why nothing is."""
    if row is None or held.shown(row).gone:
        return Outcome(result=Result.MISSING, key=one.key, why=_GONE)
    current = version_of(stamps(held.model, row, held.parts))
    if current != one.expected:
        return Outcome(result=Result.STALE, key=one.key, version=current, why=_MOVED)
    if isinstance(one, Remove):
        return _removal(row, one)
    why = refusal(one.kind, row, one.fields, codes)
    if why is not None:
        return Outcome(result=Result.REFUSED, key=one.key, why=why)
    return _Ready(row, changed_values(one.kind, row, one.fields, codes))


def _removal(row: Row, one: Remove) -> Outcome | _Ready:
    if one.kind == Kind.ACCOUNT:
        return _Ready(row, {"active": False})
    if one.kind == Kind.CONTRACT_TERMS:
        return _Ready(row, terms.ended(row))
    return Outcome(result=Result.REFUSED, key=one.key, why=f"{one.kind} is ended in Tryton itself")


def _bound(first: Outcome) -> Outcome:
    """The outcome of a second creation under one mark."""
    return Outcome(result=Result.BOUND, key=first.key, version=first.version) if first.ok else first


def _halved(places: Sequence[int], attempt: Callable[[Sequence[int]], Flow[Outcomes]]) -> Flow[Outcomes]:
    """Each half by itself: one record that is refused must not keep the others out."""
    middle = len(places) // 2
    first = yield from attempt(places[:middle])
    second = yield from attempt(places[middle:])
    return {**first, **second}
