"""Writing to an environment: created once under our alternate key, changed under the entity tag that was seen.

A creation is an upsert that may not update (PATCH by our alternate key under `If-None-Match: *`): a second one is
refused by the environment itself and bound to the row that is there. A change or a deletion goes under `If-Match` with
the entity tag of the version that was seen: what somebody else has edited meanwhile is never overwritten.

All writes of a call, of whatever kind, go in one `$batch` of up to 1,000 requests; each stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from clmcrm.adapters.dataverse.deeds import (
    Deed,
    change,
    creation,
    held_back,
    is_double,
    is_held_back,
    outcome_of,
    refused,
    removal,
)
from clmcrm.adapters.dataverse.kinds import DataverseKind, Row, etag_in, values_of, version_of
from clmcrm.adapters.dataverse.multipart import MOST, Item, Part
from clmcrm.adapters.dataverse.odata import is_id
from clmcrm.adapters.dataverse.opportunities import LINE_OF, LINES
from clmcrm.adapters.dataverse.opportunity_terms import on_opportunities
from clmcrm.adapters.dataverse.reading import Reader, lines_paths
from clmcrm.adapters.dataverse.session import ANNOTATED
from clmcrm.adapters.dataverse.wire import checked
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.each_by_itself import GONE, MOVED, Outcomes, all_refused
from clmcrm.adapters.held_kinds import not_held
from clmcrm.errors import AdapterError, AmbiguousError, TerminalError, TransientError
from clmcrm.ports.calls import Effect, Flow, Reply
from clmcrm.ports.records import Create, Outcome, Remove, Result, Update, Write

Answers: TypeAlias = dict[int, tuple[Sequence[Reply], Reply | None]]
Lines: TypeAlias = dict[str, list[Row]]
"""The lines of opportunities, by the opportunity's key."""

TRIES: Final = 3
"""How often a write is sent while the environment takes no more."""
_FOR_LINES: Final = 8
"""How many requests of a batch are kept for reading the lines of the opportunities it changes."""


class Writer:
    """Writes through the session of `reader` what it reads."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._session = reader, reader.session

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself."""
        done: Outcomes = {}
        deeds: dict[int, Deed] = {}
        for kind in dict.fromkeys(one.kind for one in writes):
            these = {place: one for place, one in enumerate(writes) if one.kind == kind}
            if kind not in self._reader.kinds:
                done.update(all_refused(these, not_held(self._reader.kinds, kind)))
                continue
            held = yield from self._reader.held(kind)
            told = yield from self._planned(held, these)
            for place, one in told.items():
                if isinstance(one, Outcome):
                    done[place] = one
                else:
                    deeds[place] = one
        for number, chunk in enumerate(_chunks(deeds)):
            try:
                done.update((yield from self._done(chunk)))
            except (TransientError, TerminalError) as problem:
                raise (problem if number == 0 else _partly(problem)) from problem
        return tuple(done[place] for place in range(len(writes)))

    # What is to be sent.

    def _planned(self, held: DataverseKind, writes: Mapping[int, Write]) -> Flow[dict[int, Deed | Outcome]]:
        rows: dict[str, Row] = {}
        if held.own_terms:  # an update states only what changes, and a removal nothing: terms are written whole
            changed = [one.key for one in writes.values() if not isinstance(one, Create)]
            rows = yield from self._reader.rows(held, changed)
        made = {place: self._deed(held, one, rows) for place, one in writes.items()}
        if not held.own_terms:
            return made
        sent = {place: one for place, one in writes.items() if isinstance(made[place], Deed)}
        unshown = yield from on_opportunities(self._reader, held, sent, rows)
        return {**made, **unshown}

    def _deed(self, held: DataverseKind, one: Write, rows: Mapping[str, Row]) -> Deed | Outcome:
        """The requests that carry out one write, or what is answered without any."""
        try:
            if isinstance(one, Create):
                return creation(self._reader, held, one, values_of(held, one.fields, self._reader.ground))
            etag = etag_in(one.expected)
            row = rows.get(one.key.lower())
            if not is_id(one.key) or (held.own_terms and isinstance(one, Update) and row is None):
                return Outcome(result=Result.MISSING, key=one.key, why=GONE)
            if etag is None:
                return Outcome(result=Result.STALE, key=one.key, why=f"{MOVED}: {one.expected[:60]!r} never was")
            if isinstance(one, Remove):
                return removal(held, one, etag)
            return change(self._reader, held, one, etag, values_of(held, one.fields, self._reader.ground, row))
        except Misfit as misfit:
            return Outcome(result=Result.REFUSED, key="" if isinstance(one, Create) else one.key, why=str(misfit))

    # Sending it.

    def _done(self, deeds: Mapping[int, Deed]) -> Flow[Outcomes]:
        answers, lines = yield from self._sent(deeds)
        done: Outcomes = {}
        doubles: dict[int, Deed] = {}
        for place, deed in deeds.items():
            replies, looked = answers[place]
            if is_double(deed, replies):
                doubles[place] = deed
            else:
                key = "" if isinstance(deed.write, Create) else deed.write.key.lower()
                of_it = () if isinstance(deed.write, Create) else None if lines is None else lines.get(key, ())
                done[place] = outcome_of(self._reader, deed, replies, looked, of_it)
        try:
            done.update((yield from self._bound(doubles, answers)))
        except (TransientError, TerminalError) as problem:
            raise (_partly(problem) if done else problem) from problem
        return done

    def _sent(self, deeds: Mapping[int, Deed]) -> Flow[tuple[Answers, Lines | None]]:
        """The replies to all deeds; those that were held back are sent again, and nothing else is."""
        answers: Answers = {}
        lines: Lines | None = {}
        waiting = dict(deeds)
        for _ in range(TRIES):
            told, found = yield from self._batch(waiting)
            answers.update(told)
            lines = None if lines is None or found is None else {**lines, **found}
            waiting = {place: deeds[place] for place in waiting if is_held_back(answers[place][0])}
            if not waiting:
                return answers, lines
        place, deed = next(iter(waiting.items()))
        problem = held_back(deed, answers[place][0])
        if len(waiting) < len(deeds):
            raise AmbiguousError(problem.vendor, f"a part of the batch was written, and the rest held back: {problem}")
        raise problem

    def _batch(self, deeds: Mapping[int, Deed]) -> Flow[tuple[Answers, Lines | None]]:
        """The replies to these deeds, and the lines of the opportunities they change.

        None for those where they could not be read: what was written stands, and is not shown.
        """
        keys = [one.write.key for one in deeds.values() if one.held.lined and isinstance(one.write, Update)]
        items: list[Item] = [item for one in deeds.values() for item in one.items]
        items += [Part(method="GET", path=path, headers={"Prefer": ANNOTATED}) for _, path in lines_paths(keys)]
        # A creation may be sent again: under our alternate key it is refused, and bound to what is there.
        once = any(not isinstance(one.write, Create) for one in deeds.values())
        told = yield from self._session.batch(items, effect=Effect.ONCE if once else Effect.KEYED)
        answers: Answers = {}
        left = iter(told)
        for place, one in deeds.items():
            replies = next(left)
            looked = None if one.look is None else next(left)[0]
            answers[place] = replies, looked
        try:
            return answers, (yield from self._lines([reply for (reply,) in left]))
        except (TransientError, TerminalError):
            return answers, None

    def _lines(self, replies: Sequence[Reply]) -> Flow[Lines]:
        lines: Lines = {}
        for reply in replies:
            page = self._session.read_page(checked(reply, f"GET /{LINES}"), LINES)
            for row in (*page.rows, *(yield from self._session.rest(LINES, page.more))):
                lines.setdefault(str(row.get(LINE_OF)).lower(), []).append(row)
        return lines

    def _bound(self, doubles: Mapping[int, Deed], answers: Answers) -> Flow[Outcomes]:
        """Creations that met their key: bound to the row that carries it; refused when another key was met."""
        done: Outcomes = {}
        for table in dict.fromkeys(deed.held.table for deed in doubles.values()):
            these = {place: deed for place, deed in doubles.items() if deed.held.table == table}
            held = next(iter(these.values())).held
            marks = {place: _mark(deed) for place, deed in these.items()}
            found = yield from self._reader.marked(held, list(marks.values()))
            rows = yield from self._reader.lined(held, list(found.values()))
            by_mark = dict(zip(found, rows, strict=True))
            for place in these:
                row = by_mark.get(marks[place])
                if row is None:
                    done[place] = refused(answers[place][0])
                else:
                    key = str(row[held.known.id]).lower()
                    done[place] = Outcome(result=Result.BOUND, key=key, version=version_of(row))
        return done


def _mark(deed: Deed) -> str:
    if not isinstance(deed.write, Create):
        raise TerminalError("dataverse", "only a creation has a mark")
    return deed.write.mark


def _partly(problem: AdapterError) -> AmbiguousError:
    """The same failure after a part of the writes was sent: nobody may say that nothing was changed."""
    return AmbiguousError(problem.vendor, f"a part was written, and then: {problem.what}", problem.request_id)


def _chunks(deeds: Mapping[int, Deed]) -> list[dict[int, Deed]]:
    """The deeds in batches of as many requests as one takes."""
    chunks: list[dict[int, Deed]] = []
    room = 0
    for place, deed in deeds.items():
        if not chunks or deed.size > room:
            chunks.append({})
            room = MOST - (_FOR_LINES if any(one.held.lined for one in deeds.values()) else 0)
        chunks[-1][place] = deed
        room -= deed.size
    return chunks
