"""What changed since the last time: by (SystemModstamp, Id), page by page, then by lines and roles, then deletions.

A window begins at an instant and reaches back by an overlap, for a row carries the time at which it was saved and
becomes visible when its transaction ends. Inside, rows come by (SystemModstamp, Id), so that no number of rows of
one second hides another; what comes twice is known by its version. Every page is asked for by where the last one
ended, never by a server-side cursor that may have expired.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.salesforce.kinds import STAMP
from clmcrm.adapters.salesforce.soql import Both, Compared, Condition, Either, InQuery, Query
from clmcrm.adapters.salesforce.wire import VENDOR
from clmcrm.adapters.server_clock import server_time
from clmcrm.errors import TerminalError
from clmcrm.values.validators import instant, maybe

_ROWS: Final = "rows"
_PHASES: Final[Sequence[str]] = (_ROWS, "lines", "roles")
_PARTS: Final = 6


@frozen(kw_only=True)
class Window:
    """Where the reading stands: rows changed at `since` or later (None: all), in the `phase` of rows or of their parts.

    `place` is the last row told in this phase, `until` what Salesforce's clock said when the window was begun,
    `high` the latest change that was told, `gone_since` from when on deletions were not asked for yet (None: none
    is of interest, nothing was told before).
    """

    since: datetime | None = field(default=None, validator=maybe(instant))
    phase: str = _ROWS
    place: tuple[datetime, str] | None = None
    until: datetime | None = field(default=None, validator=maybe(instant))
    high: datetime | None = field(default=None, validator=maybe(instant))
    gone_since: datetime | None = field(default=None, validator=maybe(instant))

    def text(self) -> str:
        """The cursor of this window."""
        place = None if self.place is None else [self.place[0].isoformat(), self.place[1]]
        times = [None if one is None else one.isoformat() for one in (self.since, self.until, self.high)]
        gone = None if self.gone_since is None else self.gone_since.isoformat()
        return json.dumps([*times, gone, self.phase, place], separators=(",", ":"))

    def begun(self, date: str) -> Window:
        """The same, with Salesforce's time when its first page came; unchanged on later pages."""
        if self.until is not None:
            return self
        now = server_time(date)
        return self if now is None else evolve(self, until=now)

    def told(self, at: Sequence[datetime]) -> Window:
        """The same, after these times of change were told."""
        known = [] if self.high is None else [self.high]
        return evolve(self, high=max([*at, *known], default=None))

    def next(self, overlap: timedelta, gone_until: datetime | None) -> Window:
        """The window after this one; `gone_until` is how far deletions are known."""
        reached = self.until or self.high
        since = self.since if reached is None else reached - overlap
        if self.since is not None and since is not None:
            since = max(since, self.since)
        gone = gone_until or self.gone_since or since
        return Window(since=since, gone_since=gone)

    @property
    def part(self) -> int:
        """Which of the kind's parts is looked through, for the rows of which only such a part changed; -1: the rows."""
        return _PHASES.index(self.phase) - 1

    def next_part(self) -> Window:
        """The same, in the phase of the next part."""
        return evolve(self, phase=_PHASES[self.part + 2], place=None)


def window_at(cursor: str | None) -> Window:
    """The window that a cursor stands for, all of time for None; raises `TerminalError` for one never given."""
    if cursor is None:
        return Window()
    try:
        parts = cast("list[Any]", json.loads(cursor))
        phase = _PHASES[_PHASES.index(parts[4] if len(parts) == _PARTS else "")]
        since, until, high, gone = (None if one is None else datetime.fromisoformat(one) for one in parts[:4])
        place = None if parts[5] is None else (datetime.fromisoformat(parts[5][0]), str(parts[5][1]))
        return Window(since=since, until=until, high=high, gone_since=gone, phase=phase, place=place)
    except (ValueError, TypeError, IndexError, KeyError, RecursionError) as problem:
        raise TerminalError(VENDOR, f"{cursor[:80]!r} is no cursor of its feeds") from problem


def rows_query(query: Query, window: Window, only: Condition | None, size: int) -> Query:
    """The query of the next page of rows."""
    conditions = [] if only is None else [only]
    if window.place is not None:
        at, key = window.place
        conditions.append(
            Either((Compared(STAMP, ">", at), Both((Compared(STAMP, "=", at), Compared("Id", ">", key)))))
        )
    elif window.since is not None:
        conditions.append(Compared(STAMP, ">=", window.since))
    where = None if not conditions else conditions[0] if len(conditions) == 1 else Both(tuple(conditions))
    return evolve(query, where=where, order=(STAMP, "Id"), most=size)


def parts_query(query: Query, window: Window, part: tuple[str, str], size: int) -> Query:
    """The query of the next page of records that were not touched, but of which such a part was."""
    since = cast("datetime", window.since)
    children, parent = part
    touched = Query(fields=(parent,), of=children, where=Compared(STAMP, ">=", since))
    conditions: list[Condition] = [InQuery("Id", touched), Compared(STAMP, "<", since)]
    if window.place is not None:
        conditions.append(Compared("Id", ">", window.place[1]))
    return evolve(query, where=Both(tuple(conditions)), order=("Id",), most=size)
