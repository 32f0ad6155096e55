"""A cursor for systems that tell changes by time: it loses nothing to equal times, and nothing to slow commits.

Pages go by (time, key), so that ten thousand rows of one instant are as many as any others. A row whose
transaction began early and ended late shows up behind the watermark; so the next pull reads an overlap
again, and drops what it told before by key and version. The overlap is as long as the system's slowest
commit: each adapter declares it (`Capabilities.overlap`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast

from attrs import field, frozen

from clmcrm.ports.records import Page, Seen


@frozen(kw_only=True)
class Asking:
    """What to ask the system for next, ordered by time and key.

    Rows changed `at` or later (None: all rows); and when `after` is not None, of those changed exactly `at`
    only the ones whose key is greater.
    """

    at: datetime | None = None
    after: str | None = None


@frozen(kw_only=True)
class _Cursor:
    """`place` is the last row told in a pull under way; `told` the rows of the overlap, with their times."""

    high: datetime | None = None
    place: tuple[datetime, str] | None = None
    told: Mapping[str, datetime] = field(factory=dict[str, datetime])


def asking(cursor: str | None, overlap: timedelta) -> Asking:
    """Where to go on from a cursor that `page_of` gave; raises `ValueError` for any other.

    >>> asking(None, timedelta(seconds=10))
    Asking(at=None, after=None)
    """
    known = _read(cursor)
    if known.place is not None:
        return Asking(at=known.place[0], after=known.place[1])
    return Asking(at=None if known.high is None else known.high - overlap)


def page_of(cursor: str | None, rows: Sequence[Seen], *, more: bool, overlap: timedelta) -> Page:
    """The page made of the `rows` the system gave for `asking(cursor, overlap)`; `more` when it has others.

    Rows must carry `changed_at` and come by (time, key): raises `ValueError` when they do not.
    """
    known = _read(cursor)
    places = [_place(row) for row in rows]
    if places != sorted(places):
        raise ValueError("rows by time and key expected")
    names = [_name(row) for row in rows]
    fresh = tuple(row for row, name in zip(rows, names, strict=True) if name not in known.told)
    stays = known.place is None and known.high is not None and all(at <= known.high for at, _ in places[-1:])
    if cursor is not None and stays and not fresh and not more:
        # Nothing but what was told already: a cursor that stays the same is not written again.
        return Page(seen=(), cursor=cursor)
    high = max([at for at, _ in places[-1:]] + ([] if known.high is None else [known.high]), default=None)
    told = {**known.told, **{name: at for name, (at, _) in zip(names, places, strict=True)}}
    place = places[-1] if more and places else None
    if place is None and high is not None:
        told = {name: at for name, at in told.items() if at >= high - overlap}
    return Page(seen=fresh, cursor=_written(_Cursor(high=high, place=place, told=told)), more=more)


def _place(row: Seen) -> tuple[datetime, str]:
    if row.changed_at is None:
        raise ValueError(f"{row.kind} {row.key} has no time of change")
    return row.changed_at, row.key


def _name(row: Seen) -> str:
    """Eight bytes for a key and a version: two of a window alike is no more than a millionth of a millionth."""
    return blake2b(f"{row.key}\0{row.version}".encode(), digest_size=8).hexdigest()


def _written(cursor: _Cursor) -> str:
    place = None if cursor.place is None else [cursor.place[0].isoformat(), cursor.place[1]]
    high = None if cursor.high is None else cursor.high.isoformat()
    told = {name: at.isoformat() for name, at in sorted(cursor.told.items())}
    return json.dumps({"high": high, "place": place, "told": told}, separators=(",", ":"))


@lru_cache(maxsize=64)
def _read(text: str | None) -> _Cursor:
    """What a cursor says; it is read to ask for a page and again to make one of it."""
    if text is None:
        return _Cursor()
    try:
        said: Any = json.loads(text)
        place, high = said["place"], said["high"]
        told = cast("Iterable[tuple[str, str]]", said["told"].items())
        return _Cursor(
            high=None if high is None else datetime.fromisoformat(high),
            place=None if place is None else (datetime.fromisoformat(place[0]), str(place[1])),
            told={name: datetime.fromisoformat(at) for name, at in told},
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
        raise ValueError(f"no cursor of a feed by time: {text[:80]!r}") from problem
