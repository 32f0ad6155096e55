"""Collections: up to 200 records of one object in one call, each with its own result.

The call is a composite one: the collection, and the queries that tell ids and versions after it, count as one.
Source: REST API Developer Guide, "sObject Collections", "Composite".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

from clmcrm.adapters.each_by_itself import GONE, Outcomes
from clmcrm.adapters.salesforce.bulk import fits_a_job, inserted
from clmcrm.adapters.salesforce.kinds import Row, SalesforceKind, by_id, seen_of, version_of
from clmcrm.adapters.salesforce.reading import Reader
from clmcrm.adapters.salesforce.session import MOST_QUERIES, Part, body_of, query_path
from clmcrm.adapters.salesforce.soql import Query, in_pieces
from clmcrm.adapters.salesforce.wire import (
    AGAIN,
    BUSY,
    DELETED,
    MISSING,
    VENDOR,
    Said,
    failure_of,
    item_errors,
)
from clmcrm.adapters.trees import is_list, is_tree, list_in, tree_in
from clmcrm.drivers.reading import read_json
from clmcrm.errors import AmbiguousError, MalformedReply
from clmcrm.ports.calls import Effect, Flow, Reply
from clmcrm.ports.records import Outcome, Result, Seen

MOST: Final = 200
"""How many records a collection has at most."""
TRIES: Final = 3
"""How often a record is sent while somebody else is writing it or its parent."""


def created(
    reader: Reader,
    held: SalesforceKind,
    records: Mapping[int, dict[str, Any]],
    marks: Mapping[int, str],
    *,
    bulk_from: int | None,
) -> Flow[Outcomes]:
    """Insert the records, each under its mark; by a bulk job from `bulk_from` of them on (None: never).

    Those that do not fit a job are inserted by collections all the same.
    """
    errors: dict[int, Sequence[Said]] = {}
    found: dict[str, Row] = {}
    waiting = dict(records)
    job = {} if bulk_from is None else {place: one for place, one in records.items() if fits_a_job(one)}
    if bulk_from is not None and len(job) >= bulk_from:
        named = {place: marks[place] for place in job}
        errors.update((yield from inserted(reader.session, held.object, job, named, reader.org.key_field)))
        found.update((yield from reader.marked(held, list(named.values()))))
        waiting = {place: one for place, one in records.items() if place not in job}
    for _ in range(TRIES if waiting else 0):
        for chunk in _chunks(waiting):
            told, rows = yield from _insert(reader, held, chunk, [marks[place] for place in chunk])
            errors.update(told)
            found.update(rows)
        waiting = {place: one for place, one in waiting.items() if _busy(errors[place])}
        if not waiting:
            break
    _settle(errors, done=any(not said for said in errors.values()))
    return {place: _created(errors[place], found.get(marks[place])) for place in records}


def _insert(
    reader: Reader, held: SalesforceKind, records: Mapping[int, dict[str, Any]], marks: Sequence[str]
) -> Flow[tuple[dict[int, Sequence[Said]], dict[str, Row]]]:
    """The errors of each record (none: it was inserted), and the rows that carry these marks afterwards."""
    key_field = reader.org.key_field
    body = {"allOrNone": False, "records": [_typed(held.object, one) for one in records.values()]}
    pieces = [query for query, _ in in_pieces(held.query(reader.org), key_field, marks)]
    told, rows = yield from _with_versions(reader, Part(method="POST", path="/composite/sobjects", body=body), pieces)
    return dict(zip(records, _results(told, len(records)), strict=True)), {
        str(row.get(key_field)): row for row in by_id(rows).values()
    }


def updated(
    reader: Reader, held: SalesforceKind, values: Mapping[int, dict[str, Any]], keys: Mapping[int, str]
) -> Flow[Outcomes]:
    """Change the records, without a precondition."""
    done: Outcomes = {}
    for chunk in _chunks(values):
        records = [{**_typed(held.object, one), "Id": keys[place]} for place, one in chunk.items()]
        body = {"allOrNone": False, "records": records}
        pieces = [query for query, _ in in_pieces(held.query(reader.org), "Id", [keys[place] for place in chunk])]
        part = Part(method="PATCH", path="/composite/sobjects", body=body)
        told, rows = yield from _with_versions(reader, part, pieces)
        seen = {key: seen_of(held, row, reader.org) for key, row in by_id(rows).items()}
        for place, said in zip(chunk, _results(told, len(chunk)), strict=True):
            key = keys[place]
            done[place] = outcome_of(said, key) if said else written(key, seen.get(key))
    return done


def deleted(reader: Reader, keys: Mapping[int, str]) -> Flow[Outcomes]:
    """Put the records into the recycle bin."""
    done: Outcomes = {}
    for chunk in _chunks(keys):
        path = f"/composite/sobjects?ids={','.join(chunk.values())}&allOrNone=false"
        told = yield from reader.session.ask("DELETE", path, effect=Effect.ONCE)
        for (place, key), said in zip(chunk.items(), _results(told, len(chunk)), strict=True):
            done[place] = outcome_of(said, key) if said else Outcome(result=Result.DONE, key=key)
    return done


def wrote(reply: Reply) -> bool:
    """Whether a reply tells of a record of a collection that was written, be it a call of its own or a part of one."""
    try:
        told: object = read_json(reply, VENDOR, "a collection")
    except MalformedReply:
        return True
    parts = tree_in(told).get("compositeResponse")
    items = tree_in(next(iter(list_in(parts)), None)).get("body") if is_tree(told) else told
    return any(tree_in(one).get("success") is True for one in list_in(items))


def written(key: str, seen: Seen | None) -> Outcome:
    """The outcome of a record that was changed, with the record as the same call showed it (None: it did not)."""
    if seen is None:
        return Outcome(result=Result.DONE, key=key)
    return Outcome(result=Result.DONE, key=key, version=seen.version, shown=None if seen.unreadable else seen)


def outcome_of(said: Sequence[Said], key: str = "", *, there: bool = False) -> Outcome:
    """What became of one record that was not written; `there` says that it was read a moment ago.

    An invalid cross reference may be the record itself or one that it refers to: the org does not always say which.

    Raises `TransientError` when the org takes no more calls.
    """
    words = "; ".join(str(one) for one in said)
    codes = {one.code for one in said}
    if codes & AGAIN:
        raise failure_of(tuple(said), 200, "one record of a collection")
    if codes & BUSY:
        return Outcome(result=Result.STALE, key=key, why=f"{words}: somebody else is writing it")
    named = {name for one in said for name in one.fields} - {"Id"}
    if key and (codes & DELETED or (codes & MISSING and not named and not there)):
        return Outcome(result=Result.MISSING, key=key, why=f"{GONE}: {words}")
    return Outcome(result=Result.REFUSED, key=key, why=words)


def _created(said: Sequence[Said], row: Row | None) -> Outcome:
    """What became of a creation; `row` is what carries our key afterwards.

    Whatever the org says against the values first, the key belongs to the record that is there: it is bound.
    """
    if row is not None:
        result = Result.BOUND if said else Result.DONE
        return Outcome(result=result, key=str(row["Id"]), version=version_of(row))
    if not said:
        raise AmbiguousError(VENDOR, "a record was inserted, and is not found under our key")
    return outcome_of(said)


def _settle(errors: Mapping[int, Sequence[Said]], *, done: bool) -> None:
    """Raise when a record was never taken because somebody else was writing: it is not to be refused for that."""
    held_back = [said for said in errors.values() if _busy(said)]
    if held_back:
        if done:
            raise AmbiguousError(VENDOR, f"some records of the batch were inserted, others not: {held_back[0][0]}")
        raise failure_of(tuple(held_back[0]), 200, "POST /composite/sobjects")


def _busy(said: Sequence[Said]) -> bool:
    return any(one.code in BUSY for one in said)


def _with_versions(reader: Reader, part: Part, queries: Sequence[Query]) -> Flow[tuple[object, list[Row]]]:
    """The collection's answer, and the rows of the queries: as many of them in the same call as it takes."""
    session = reader.session
    here, later = queries[: MOST_QUERIES - 1], queries[MOST_QUERIES - 1 :]
    parts = [part, *(Part(method="GET", path=query_path(query)) for query in here)]
    # A creation may be sent again: under our unique key it is bound to what is there.
    effect = Effect.KEYED if part.method == "POST" else Effect.ONCE
    told = yield from session.composite(parts, effect=effect)
    body = body_of(told[0], f"{part.method} {part.path}")
    rows: list[Row] = []
    for one in told[1:]:
        rows += yield from session.all_of(body_of(one, "GET /query"), "GET /query")
    if later:
        rows += yield from session.queries((query, False) for query in later)
    return body, rows


def _results(told: object, count: int) -> list[tuple[Said, ...]]:
    items = told if is_list(told) else []
    if len(items) != count or not all(is_tree(one) for one in items):
        raise MalformedReply(VENDOR, "composite/sobjects", f"not {count} results")
    return [() if one.get("success") is True else item_errors(one) for one in items]


def _typed(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"attributes": {"type": name}, **values}


def _chunks(items: Mapping[int, Any]) -> list[dict[int, Any]]:
    left = iter(items.items())
    return [dict(chunk) for chunk in iter(lambda: list(islice(left, MOST)), [])]
