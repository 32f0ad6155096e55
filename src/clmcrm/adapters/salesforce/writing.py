"""Writing to a Salesforce: created once under our external id, changed under a precondition where there is one.

A creation is an insert, never an upsert: our key is a unique field, so a second insert is refused by the org itself
and bound to the record that is there; an upsert would overwrite what people have changed meanwhile.

A change goes out in one of two ways. With a precondition each record is a part of a composite call with its own
If-Unmodified-Since (24 in a call): weak, for it counts in seconds, so that the whole record is compared once more
just before. Without one, 200 records go in one collection, and nothing keeps an edit of the same moment from being
overwritten; the field history tells it afterwards, where it is kept. A deletion can depend on nothing: it is compared
just before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.each_by_itself import GONE, MOVED, Outcomes, all_refused, firsts, told_apart, with_repeated
from clmcrm.adapters.field_forms import instant
from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.adapters.salesforce.collections import created, deleted, outcome_of, updated, written, wrote
from clmcrm.adapters.salesforce.kinds import STAMP, Row, SalesforceKind, by_id, seen_of, values_of, version_of
from clmcrm.adapters.salesforce.opportunity_terms import on_opportunities
from clmcrm.adapters.salesforce.others import OTHERS
from clmcrm.adapters.salesforce.reading import Reader, is_id
from clmcrm.adapters.salesforce.session import MOST_PARTS, Answered, Part, query_path
from clmcrm.adapters.salesforce.soql import in_pieces
from clmcrm.adapters.salesforce.wire import BUSY, VENDOR, errors_in, failure_of
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import Create, Outcome, Precondition, Remove, Result, Seen, Update, Write

_CONDITIONAL: Final = MOST_PARTS - 1
_PRECONDITION_FAILED: Final = 412
_OK: Final = 300


class Writer:
    """Writes through the session of `reader` what it reads, with that `precondition`."""

    def __init__(self, reader: Reader, precondition: Precondition, bulk_from: int | None) -> None:
        self._reader, self._session, self._org = reader, reader.session, reader.org
        self._guarded = precondition is Precondition.ROW
        self._bulk_from = bulk_from

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself."""
        done: Outcomes = {}
        for kind in dict.fromkeys(one.kind for one in writes):
            these = {place: one for place, one in enumerate(writes) if one.kind == kind}
            if kind in OTHERS:
                done.update(all_refused(these, f"{kind} is only read here: Salesforce keeps it by itself"))
                continue
            try:
                held = yield from self._reader.held(kind)
            except TerminalError as unknown:
                if kind in self._reader.kinds:
                    raise
                done.update(all_refused(these, str(unknown)))
                continue
            refused = yield from on_opportunities(self._reader, held, these)
            done.update(refused)
            left = {place: one for place, one in these.items() if place not in refused}
            done.update((yield from self._of_kind(held, left)))
        return tuple(done[place] for place in range(len(writes)))

    def _of_kind(self, held: SalesforceKind, these: Mapping[int, Write]) -> Flow[Outcomes]:
        done: Outcomes = {}
        creates = {place: one for place, one in these.items() if isinstance(one, Create)}
        changes = {place: one for place, one in these.items() if not isinstance(one, Create)}
        if creates:
            done.update((yield from self._create(held, creates)))
        if changes:
            done.update((yield from self._change(held, changes)))
        return done

    # Creations: inserted under a unique key, or bound to what has it.

    def _create(self, held: SalesforceKind, writes: Mapping[int, Create]) -> Flow[Outcomes]:
        if not held.created:
            return all_refused(writes, f"{held.kind} is made in Salesforce itself")
        done: Outcomes = {}
        records: dict[int, dict[str, Any]] = {}
        once = firsts(writes)
        for place, one in once.items():
            try:
                _check_mark(one.mark)
                values = values_of(held, one.fields, self._org)
            except Misfit as misfit:
                done[place] = Outcome(result=Result.REFUSED, why=str(misfit))
                continue
            stated = {at: value for at, value in values.items() if value is not None}
            records[place] = {**held.required, **stated, self._org.key_field: one.mark}
        if records:
            marks = {place: writes[place].mark for place in records}
            done.update((yield from created(self._reader, held, records, marks, bulk_from=self._bulk_from)))
        return with_repeated(writes, done, once)

    # Changes.

    def _change(self, held: SalesforceKind, writes: Mapping[int, Update | Remove]) -> Flow[Outcomes]:
        rows = yield from self._needed(held, writes)
        done, ready = told_apart(writes, lambda one: self._told(held, rows, one))
        values: dict[int, dict[str, Any]] = {}
        removals: dict[int, str] = {}
        for place, told in ready.items():
            key = writes[place].key
            if told is None:
                removals[place] = key
            elif told or rows is None:
                values[place] = told
            else:
                done[place] = Outcome(result=Result.DONE, key=key, version=version_of(rows[key]))
        keys = {place: writes[place].key for place in values}
        if values and rows is not None and self._guarded:
            done.update((yield from self._guardedly(held, values, keys, rows)))
            values = {}
        done.update((yield from in_doubt_once_written(VENDOR, self._plainly(held, values, keys, removals), wrote)))
        return done

    def _plainly(
        self, held: SalesforceKind, values: Mapping[int, dict[str, Any]], keys: Mapping[int, str],
        removals: Mapping[int, str],
    ) -> Flow[Outcomes]:  # fmt: skip
        """Changes that depend on nothing: were they done again, nobody would ask what the first ones have covered."""
        done: Outcomes = {}
        if values:
            done.update((yield from updated(self._reader, held, values, keys)))
        if removals:
            done.update((yield from deleted(self._reader, removals)))
        return done

    def _needed(self, held: SalesforceKind, writes: Mapping[int, Update | Remove]) -> Flow[dict[str, Row] | None]:
        """The rows as they are, where they are needed: to compare with, or to write terms over the earlier ones."""
        if not self._guarded and not held.own_terms:
            return None
        return (yield from self._reader.rows(held, [one.key for one in writes.values()]))

    def _told(
        self, held: SalesforceKind, rows: Mapping[str, Row] | None, one: Update | Remove
    ) -> Outcome | dict[str, Any] | None:
        """The values to write, None for a removal; or what is answered without any."""
        row = None if rows is None else rows.get(one.key)
        if not is_id(one.key) or (rows is not None and row is None):
            return Outcome(result=Result.MISSING, key=one.key, why=GONE)
        if self._guarded and row is not None and version_of(row) != one.expected:
            return Outcome(result=Result.STALE, key=one.key, version=version_of(row), why=MOVED)
        if isinstance(one, Remove):
            return None
        try:
            return values_of(held, one.fields, self._org, row)
        except Misfit as misfit:
            return Outcome(result=Result.REFUSED, key=one.key, why=str(misfit))

    def _guardedly(
        self,
        held: SalesforceKind,
        values: Mapping[int, dict[str, Any]],
        keys: Mapping[int, str],
        rows: Mapping[str, Row],
    ) -> Flow[Outcomes]:
        """Each record by itself under If-Unmodified-Since, 24 in a call, with the versions that come of it."""
        done: Outcomes = {}
        places = list(values)
        for start in range(0, len(places), _CONDITIONAL):
            chunk = places[start : start + _CONDITIONAL]
            parts = [
                Part(
                    method="PATCH",
                    path=f"/sobjects/{held.object}/{keys[place]}",
                    body=values[place],
                    headers={"If-Unmodified-Since": _since(rows[keys[place]])},
                )
                for place in chunk
            ]
            ((query, _),) = in_pieces(held.query(self._org), "Id", [keys[place] for place in chunk])
            parts.append(Part(method="GET", path=query_path(query)))
            told = yield from self._session.composite(parts, effect=Effect.ONCE)
            found = yield from self._session.all_of(told[-1].body, "GET /query")
            seen = {key: seen_of(held, row, self._org) for key, row in by_id(found).items()}
            for place, answer in zip(chunk, told, strict=False):
                done[place] = _of_part(answer, keys[place], seen.get(keys[place]))
        return done


def _check_mark(mark: str) -> None:
    """Raise `Misfit` for a key that the org would keep as another one: it takes the blanks around a text away."""
    if mark != mark.strip():
        raise Misfit("mark", f"{mark[:80]!r} has a blank around it, which Salesforce does not keep")


def _since(row: Row) -> str:
    try:
        moment: datetime = instant(row.get(STAMP))
    except (ValueError, OverflowError) as problem:
        raise MalformedReply(VENDOR, f"GET {row['Id']}", f"{STAMP}: {problem}") from None
    return format_datetime(moment.replace(microsecond=0), usegmt=True)


def _of_part(answer: Answered, key: str, seen: Seen | None) -> Outcome:
    if answer.status < _OK:
        return written(key, seen)
    said = errors_in(answer.body)
    if answer.status == _PRECONDITION_FAILED or any(one.code in BUSY for one in said):
        why = MOVED if answer.status == _PRECONDITION_FAILED else str(said[0])
        return Outcome(result=Result.STALE, key=key, version="" if seen is None else seen.version, why=why)
    if not said:
        raise failure_of((), answer.status, "POST /composite")
    return outcome_of(said, key, there=True)
