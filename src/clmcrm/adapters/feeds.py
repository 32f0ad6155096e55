"""Three ways in which a system tells what changed, and how none of them loses a record.

By number: a journal; the cursor is the last number told. By time: pages go by (time, key), so that equal
times lose nothing, and the next pull goes on from the time at which this one began, which tells some
records twice. By key: everything, each time. To its reader a cursor is opaque.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast

from attrs import frozen

from clmcrm.adapters.rows import Row, Shelf


@frozen
class Told:
    """One page of rows, the cursor to go on from, and whether there are more now."""

    rows: list[Row]
    cursor: str
    more: bool


def told_by_number(shelf: Shelf, kind: str, cursor: str | None, size: int) -> Told:
    """The rows changed since, oldest change first; an unreadable cursor raises `ValueError`."""
    since = 0 if cursor is None else int(cursor)
    rows = shelf.after(kind, since, size + 1)
    page = rows[:size]
    return Told(page, str(page[-1].number if page else since), len(rows) > size)


def told_by_time(shelf: Shelf, kind: str, cursor: str | None, size: int) -> Told:
    """The rows changed since, by time and key; an unreadable cursor raises `ValueError`.

    The cursor of a finished pull is [time]; within one it is [time it began, time, key].
    """
    parts = _parts(cursor)
    rows = sorted(shelf.after(kind, 0), key=_place)
    began = datetime.fromisoformat(parts[0]) if parts else None
    if len(parts) > 1:
        place = (datetime.fromisoformat(parts[1]), parts[2])
        left = [row for row in rows if _place(row) > place]
    else:
        left = [row for row in rows if began is None or row.changed_at >= began]
        began = rows[-1].changed_at if rows else began
    page, more = left[:size], len(left) > size
    on = [began.isoformat()] if began else []
    return Told(page, _cursor([*on, page[-1].changed_at.isoformat(), page[-1].key] if more else on), more)


def told_by_key(shelf: Shelf, kind: str, cursor: str | None, size: int) -> Told:
    """Every row that is not gone, by key; the cursor of a finished pull starts the next from the beginning."""
    parts = _parts(cursor)
    rows = sorted((row for row in shelf.after(kind, 0) if not row.gone), key=lambda row: row.key)
    left = [row for row in rows if not parts or row.key > parts[0]]
    page, more = left[:size], len(left) > size
    return Told(page, _cursor([page[-1].key] if more else []), more)


def _place(row: Row) -> tuple[datetime, str]:
    return row.changed_at, row.key


def _cursor(parts: list[str]) -> str:
    return json.dumps(parts, ensure_ascii=False)


def _parts(cursor: str | None) -> list[str]:
    found: Any = [] if cursor is None else json.loads(cursor)
    if not isinstance(found, list) or not all(isinstance(part, str) for part in cast("list[object]", found)):
        raise ValueError(cursor)
    parts = cast("list[str]", found)
    if len(parts) not in (0, 1, 3):
        raise ValueError(cursor)
    return parts
