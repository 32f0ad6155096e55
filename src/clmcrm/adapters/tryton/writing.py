"""Writing to a Tryton: created under our keys, changed under the time stamps that were read.

Tryton does a call wholly or not at all. What is stale or refused in a batch is therefore found, answered as
such, and the rest is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

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
from clmcrm.adapters.tryton import terms
from clmcrm.adapters.tryton.fields import CODED, Codes, changed_values, new_values, unfit
from clmcrm.adapters.tryton.kinds import TrytonKind
from clmcrm.adapters.tryton.reading import LONGEST, Reader
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.versions import STAMP, stamps, version_of
from clmcrm.adapters.tryton.wire import VENDOR, RefusedByServer, StaleRecords
from clmcrm.adapters.windows import ids_of
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Create, Kind, Outcome, Remove, Result, Update, Write

Row = Mapping[str, Any]


@frozen
class _Ready:
    """One change, the record it is for, and what to write to it."""

    one: Update | Remove
    row: Row
    values: dict[str, Any]


class Writer:
    """Writes through `session` what `reader` reads."""

    def __init__(self, session: TrytonSession, reader: Reader, creates: frozenset[str]) -> None:
        self._session, self._reader, self._creates = session, reader, creates
        self._codes: Codes | None = None

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself."""
        return (yield from kind_by_kind(writes, self._reader.held, self._create, self._change))

    # Creations: looked up by our key, then inserted together.

    def _create(self, unfitted: TrytonKind, writes: Creations) -> Flow[Outcomes]:
        kind = unfitted.kind
        if kind not in self._creates:
            return all_refused(writes, f"{kind} is made in Tryton itself")
        held = yield from self._reader.fitted(unfitted)
        codes = yield from self._known_codes()
        there = yield from self._reader.marked(kind, [one.mark for one in writes.values()])

        def told(one: Create) -> Outcome | dict[str, Any]:
            if one.mark in there:
                seen = there[one.mark]
                shown = None if seen.unreadable else seen
                return Outcome(result=Result.BOUND, key=seen.key, version=seen.version, shown=shown)
            own = held.canonical(one.fields)
            why = refusal(one.fields, lambda: held.unfit(one.fields) or unfit(kind, None, own, codes))
            if why is not None:
                return Outcome(result=Result.REFUSED, why=why)
            return {**new_values(evolve(one, fields=own), codes), **held.back({}, one.fields)}

        done, ready = once_per_mark(writes, told)
        if ready:
            done.update((yield from self._inserted(held, ready)))
        return with_repeated(writes, done, ready)

    def _inserted(self, held: TrytonKind, values: Mapping[int, dict[str, Any]]) -> Flow[Outcomes]:
        places = list(values)
        try:
            ids: list[int] = yield from self._session.ask(
                held.model, "create", list(values.values()), effect=Effect.ONCE
            )
        except RefusedByServer as refused:
            if len(places) == 1:
                return {places[0]: Outcome(result=Result.REFUSED, why=refused.said)}
            return (yield from by_halves(places, lambda part: self._inserted(held, {p: values[p] for p in part})))
        return (yield from self._shown(held, places, ids))

    # Changes: compared with what is expected, and written under the time stamps that were read.

    def _change(self, unfitted: TrytonKind, writes: Changes) -> Flow[Outcomes]:
        """A record that was just read in the version expected is not looked at again: Tryton itself compares."""
        codes = yield from self._known_codes()
        held = yield from self._reader.fitted(unfitted)
        there: dict[str, Row] = {}
        for one in writes.values():
            row = self._reader.at_version(held, one.key, one.expected)
            if row is not None:
                there[one.key] = row
        others = ids_of([one.key for one in writes.values() if one.key not in there], LONGEST)
        there.update((str(row["id"]), row) for row in (yield from self._reader.rows(held, others)))
        done, ready = told_apart(writes, lambda one: _told(held, there.get(one.key), one, codes))
        if ready:
            done.update((yield from self._written(held, ready)))
        return done

    def _written(self, held: TrytonKind, ready: Mapping[int, _Ready]) -> Flow[Outcomes]:
        places = list(ready)
        expected: dict[str, str] = {}
        pairs: list[object] = []
        for one in ready.values():
            expected.update(stamps(held.model, one.row, held.parts))
            pairs += [[one.row["id"]], one.values]
        try:
            _ = yield from self._session.ask(held.model, "write", *pairs, context={STAMP: expected}, effect=Effect.ONCE)
        except (RefusedByServer, StaleRecords) as refused:
            return (yield from self._one_by_one(held, ready, refused))
        return (yield from self._shown(held, places, [int(one.row["id"]) for one in ready.values()]))

    def _one_by_one(
        self, held: TrytonKind, ready: Mapping[int, _Ready], refused: RefusedByServer | StaleRecords
    ) -> Flow[Outcomes]:
        """Answer the rows that have gone or moved on since they were read, and write the others."""
        rows = yield from self._reader.rows(held, [int(one.row["id"]) for one in ready.values()])
        live = [row for row in rows if not held.shown(row).gone]
        now = {str(row["id"]): version_of(stamps(held.model, row, held.parts)) for row in live}
        told = {place: unmet(one.one, now.get(one.one.key)) for place, one in ready.items()}
        done = {place: outcome for place, outcome in told.items() if outcome is not None}
        if not done and isinstance(refused, StaleRecords):
            raise TerminalError(VENDOR, "reports a change of its records that none of them shows")
        rest = {place: one for place, one in ready.items() if place not in done}
        if not done and len(rest) == 1:
            (place, one), why = next(iter(rest.items())), str(refused)
            return {place: Outcome(result=Result.REFUSED, key=one.one.key, why=why)}
        if not done:
            return (yield from by_halves(list(rest), lambda part: self._written(held, {p: rest[p] for p in part})))
        if rest:
            done.update((yield from self._written(held, rest)))
        return done

    def _shown(self, held: TrytonKind, places: Sequence[int], ids: Sequence[int]) -> Flow[Outcomes]:
        """What was written, as it is now: one call tells the new time stamps and the records with them."""
        rows = yield from self._reader.rows(held, ids, whole_model=True)
        there = {int(row["id"]): row for row in rows}
        return {place: _as_shown(held, number, there.get(number)) for place, number in zip(places, ids, strict=True)}

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
    ended = row is None or held.shown(row).gone
    no = unmet(one, None if row is None or ended else version_of(stamps(held.model, row, held.parts)))
    if no is not None or row is None:
        return no or Outcome(result=Result.MISSING, key=one.key)
    if isinstance(one, Remove):
        return _removal(row, one)
    own = held.canonical(one.fields)
    why = refusal(one.fields, lambda: held.unfit(one.fields) or unfit(one.kind, row, own, codes))
    if why is not None:
        return Outcome(result=Result.REFUSED, key=one.key, why=why)
    values = {**changed_values(one.kind, row, own, codes), **held.back(row, one.fields)}
    return _Ready(one, row, values)


def _as_shown(held: TrytonKind, number: int, row: Row | None) -> Outcome:
    if row is None:  # gone again, or outside of what counts: only its key is known
        return Outcome(result=Result.DONE, key=str(number))
    seen = held.shown(row)
    return Outcome(result=Result.DONE, key=seen.key, version=seen.version, shown=None if seen.gone else seen)


def _removal(row: Row, one: Remove) -> Outcome | _Ready:
    if one.kind == Kind.ACCOUNT:
        return _Ready(one, row, {"active": False})
    if one.kind == Kind.CONTRACT_TERMS:
        return _Ready(one, row, terms.ended(row))
    return Outcome(result=Result.REFUSED, key=one.key, why=f"{one.kind} is ended in Tryton itself")
