"""Rows of Pipedrive's objects: read by id, found by our key, listed page by page.

A list leaves out what is in the bin, archived deals, and what the user may not see: what it does not show is asked for
singly, and only a record that says of itself that it is deleted counts as gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from clmcrm.adapters.pipedrive import deals
from clmcrm.adapters.pipedrive.company import V2, Company
from clmcrm.adapters.pipedrive.deal_products import COUNT
from clmcrm.adapters.pipedrive.encoding import code_of
from clmcrm.adapters.pipedrive.kinds import PipedriveKind
from clmcrm.adapters.pipedrive.marks import as_value
from clmcrm.adapters.pipedrive.plain import Unwritable, is_key, key_of
from clmcrm.adapters.pipedrive.session import LIST, LONG_LIST, ONE, SEARCH, SEARCHING, PipedriveSession
from clmcrm.adapters.pipedrive.showing import is_gone, live_only, mark_of
from clmcrm.adapters.pipedrive.wire import NOT_THERE, next_page, row_of, rows_of
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import Flow, together

MOST_READ: Final = 100
"""How many ids a list takes."""
MOST_LISTED: Final = 500
"""How many records a page of a list holds at most."""
ONE_BY_ONE: Final = 5
"""Up to so many records are read singly: each takes a token, a list takes ten."""
LISTED_FROM: Final = 10
"""From so many keys on, all records are listed rather than each key searched for."""

FIND: Final = f"{V2}/itemSearch/field"
STATUSES: Final = "open,won,lost,deleted"
"""Every status of a deal, the bin's too: a list of deals may be asked for it."""

_MOST_CODES: Final = 15
_FOUND: Final = 50
_NOT_SHOWN: Final = frozenset({403, *NOT_THERE})
Row = Mapping[str, Any]
Pairs = list[tuple[str, str]]


def asked(held: PipedriveKind, company: Company) -> Pairs:
    """The query that asks for the fields of a kind."""
    codes = held.codes(company)
    query: Pairs = [("custom_fields", ",".join(codes))] if 0 < len(codes) <= _MOST_CODES else []
    lined = held.object == deals.OBJECT and not held.carrier
    return [*query, ("include_fields", COUNT)] if lined else query


def by_keys(
    session: PipedriveSession, held: PipedriveKind, keys: Sequence[str], company: Company
) -> Flow[list[dict[str, Any]]]:
    """The records of these ids, those in the bin too; an id that is not shown at all is left out."""
    known = [key for key in dict.fromkeys(keys) if is_key(key)]
    if len(known) <= ONE_BY_ONE:
        return (yield from _singly(session, held, known, company))
    parts = [known[first : first + MOST_READ] for first in range(0, len(known), MOST_READ)]
    found = [
        row for part in (yield from together([_part(session, held, one, company) for one in parts])) for row in part
    ]
    there = {key_of(row.get("id")) for row in found}
    left = [key for key in known if key not in there]
    return [*found, *(yield from _singly(session, held, left, company))]


def _part(
    session: PipedriveSession, held: PipedriveKind, keys: Sequence[str], company: Company
) -> Flow[list[dict[str, Any]]]:
    query = [("ids", ",".join(keys)), ("limit", str(MOST_READ)), *asked(held, company)]
    told = yield from session.get(held.path, query, tokens=LIST)
    return [row for row in rows_of(told, f"GET {held.path}") if key_of(row.get("id")) in keys]


def _singly(
    session: PipedriveSession, held: PipedriveKind, keys: Sequence[str], company: Company
) -> Flow[list[dict[str, Any]]]:
    found = yield from together([_single(session, held, key, company) for key in keys])
    return [row for row in found if row is not None]


def _single(session: PipedriveSession, held: PipedriveKind, key: str, company: Company) -> Flow[dict[str, Any] | None]:
    """The record of an id, or None: not there and not to be seen are told alike, and prove nothing."""
    path = f"{held.path}/{key}"
    try:
        told = yield from session.get(path, asked(held, company), tokens=ONE)
    except RefusedError as refused:
        if refused.status in _NOT_SHOWN:
            return None
        raise
    row = row_of(told, f"GET {path}")
    return row if key_of(row.get("id")) == key else None


def listed(
    session: PipedriveSession, held: PipedriveKind, company: Company, more: Pairs, *, page: str | None, most: int,
    archived: bool = False,
) -> Flow[tuple[list[dict[str, Any]], str | None]]:  # fmt: skip
    """A page of records by id, and the cursor of the next one; `more` is what else is asked of them."""
    path = f"{held.path}/archived" if archived else held.path
    by_id = [("sort_by", "id"), ("sort_direction", "asc"), ("limit", str(most))]
    query = [*more, *asked(held, company), *by_id, *([("cursor", page)] if page else [])]
    told = yield from session.get(path, query, tokens=LONG_LIST if archived else LIST)
    return rows_of(told, f"GET {path}"), next_page(told)


def by_mark(session: PipedriveSession, held: PipedriveKind, mark: str, company: Company) -> Flow[Row | None]:
    """The live record that carries our key `mark`, the first of several; None when there is none.

    Raises `TerminalError` where the company has no field for our key.
    """
    code = code_of(held, held.key, company)
    try:
        term = as_value(mark)
    except Unwritable:
        return None
    query = [("term", term), ("entity_type", held.item), ("field", code), ("match", "exact"), ("limit", str(_FOUND))]
    told = yield from session.get(FIND, query, tokens=SEARCHING, bucket=SEARCH)
    keys = [key for row in rows_of(told, f"GET {FIND}") if (key := key_of(row.get("id"))) is not None]
    found = live_only((yield from by_keys(session, held, keys, company)))
    own = [row for row in found if mark_of(held, row, company) == mark]
    return min(own, key=lambda row: int(str(row["id"])), default=None)


def by_marks(
    session: PipedriveSession, held: PipedriveKind, marks: Sequence[str], company: Company
) -> Flow[dict[str, Row]]:
    """The live records that carry these keys of ours, by key: a few are searched for, for many all are listed.

    A search takes twenty tokens, a list of five hundred records ten; and a list is no index that lags behind.
    """
    wanted = list(dict.fromkeys(marks))
    if len(wanted) < LISTED_FROM:
        found = yield from together([by_mark(session, held, mark, company) for mark in wanted])
        return {mark: row for mark, row in zip(wanted, found, strict=True) if row is not None}
    _ = code_of(held, held.key, company)
    left, standing = set(wanted), dict[str, Row]()
    for archived in (False, True) if held.object == deals.OBJECT else (False,):
        page: str | None = None
        budget = 2 * len(wanted)
        while left and budget:
            rows, after = yield from listed(session, held, company, [], page=page, most=MOST_LISTED, archived=archived)
            for row in rows:
                mark = mark_of(held, row, company)
                if mark in left and not is_gone(row):
                    standing[mark] = row
                    left.remove(mark)
            if after is None or after == page:
                break
            page, budget = after, budget - 1
        if not budget and left:
            found = yield from together([by_mark(session, held, mark, company) for mark in sorted(left)])
            return standing | {mark: row for mark, row in zip(sorted(left), found, strict=True) if row is not None}
    return standing
