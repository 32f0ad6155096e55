"""What changed since the last time: a window of modified dates, read whole, page by page, by id.

A search shows a change only after a while, so a window reaches back by an overlap. Inside it records come in the order
of their ids: a record that is edited meanwhile keeps its place, no number of equal times can hide one, and no search
comes near HubSpot's 10,000 rows. After the changes come the archived records, and then, when it is time, the sweep for
associations that moved.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.hubspot.wire import VENDOR
from clmcrm.adapters.server_clock import server_time
from clmcrm.errors import TerminalError
from clmcrm.values.validators import instant, maybe, member


class Phase(StrEnum):
    """Where in a window the reading stands."""

    CHANGED = "changed"
    ARCHIVED = "archived"
    SWEEP = "sweep"


@frozen(kw_only=True)
class Window:
    """Where the reading stands: records changed at `since` or later (None: all), from the id above `above` on.

    `until` is where the next window begins, less the overlap: what HubSpot's clock said when this one was begun (None
    before its first page). `archived` is HubSpot's own cursor in the list of archived records. `swept_at` is when the
    associations were last looked through, `chunks` the last id and the digest of each run of ids then, and `swept` how
    many of these the sweep under way has done.
    """

    since: datetime | None = field(default=None, validator=maybe(instant))
    above: int = 0
    until: datetime | None = field(default=None, validator=maybe(instant))
    phase: Phase = field(default=Phase.CHANGED, validator=member(Phase))
    archived: str | None = None
    swept_at: datetime | None = field(default=None, validator=maybe(instant))
    chunks: Sequence[tuple[int, str]] = ()
    swept: int = 0

    @property
    def whole(self) -> bool:
        """Whether it is the window of all records, which needs no sweep: every association is read in it."""
        return self.since is None

    def begun(self, server_date: str, floor: datetime | None) -> Window:
        """The same, with HubSpot's time when its first page came; unchanged on later pages.

        `floor` is the newest modified date on the first page: it serves where the replies carry no readable date.
        """
        if self.until is not None:
            return self
        now = server_time(server_date) or floor or self.since or _EVER
        return evolve(self, until=now if self.since is None else max(self.since, now))

    def next(self, overlap: timedelta) -> Window:
        """The window after this one."""
        until = self.until or self.since or _EVER
        return Window(since=max(_EVER, until - overlap), swept_at=self.swept_at, chunks=self.chunks)

    def text(self) -> str:
        """The cursor of this window."""
        told: dict[str, Any] = {
            "since": _iso(self.since), "above": self.above, "until": _iso(self.until),
            "phase": self.phase.value, "archived": self.archived, "swept_at": _iso(self.swept_at),
            "chunks": [list(one) for one in self.chunks], "swept": self.swept,
        }  # fmt: skip
        return json.dumps(told, separators=(",", ":"))


_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def window_at(cursor: str | None) -> Window:
    """The window that a cursor stands for, all of time for None; raises `TerminalError` for one never given."""
    if cursor is None:
        return Window()
    try:
        told = cast("dict[str, Any]", json.loads(cursor))
        return Window(
            since=_moment(told["since"]), above=int(told["above"]), until=_moment(told["until"]),
            phase=Phase(told["phase"]), archived=told["archived"], swept_at=_moment(told["swept_at"]),
            chunks=tuple((int(last), str(digest)) for last, digest in told["chunks"]), swept=int(told["swept"]),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError) as problem:
        raise TerminalError(VENDOR, f"{cursor[:80]!r} is no cursor of its feeds") from problem


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
