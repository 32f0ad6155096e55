"""What changed since the last time: a window of update times, read whole, page by page, by id.

Times are told to the second, and a change may show a moment later, so a window reaches back by an overlap. Inside it
records come in the order of their ids: no number of equal times can hide one. A list tells deals in the bin, and no
organizations or persons there; so the cursor keeps which ids there were, as ranges, and now and then all of them are
looked through: what is no longer listed is asked for singly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.pipedrive.wire import VENDOR
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
    """Where the reading stands: records changed at `since` or later (None: all), from the page `page` on.

    `until` is where the next window begins, less the overlap: what Pipedrive's clock said when this one was begun
    (None before its first page). `swept_at` is when all ids were last looked through, `above` the last id that the
    sweep under way has seen, and `known` the ids there are.
    """

    since: datetime | None = field(default=None, validator=maybe(instant))
    page: str | None = None
    until: datetime | None = field(default=None, validator=maybe(instant))
    phase: Phase = field(default=Phase.CHANGED, validator=member(Phase))
    swept_at: datetime | None = field(default=None, validator=maybe(instant))
    above: int = 0
    known: frozenset[int] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether it is the window of all records, which needs no sweep."""
        return self.since is None

    def begun(self, server_date: str, floor: datetime | None) -> Window:
        """The same, with Pipedrive's time when its first page came; unchanged on later pages.

        `floor` is the newest time of change on the first page: it serves where the replies carry no readable date.
        """
        if self.until is not None:
            return self
        now = server_time(server_date) or floor or self.since or _EVER
        return evolve(self, until=now if self.since is None else max(self.since, now))

    def due(self, every: timedelta | None) -> bool:
        """Whether it is time for a sweep, or one is under way."""
        if every is None or self.whole or self.until is None:
            return False
        return self.above > 0 or self.page is not None or self.swept_at is None or self.until - self.swept_at >= every

    def next(self, overlap: timedelta) -> Window:
        """The window after this one."""
        until = self.until or self.since or _EVER
        swept = until if self.whole else self.swept_at
        return Window(since=max(_EVER, until - overlap), swept_at=swept, known=self.known)

    def text(self) -> str:
        """The cursor of this window."""
        told: dict[str, Any] = {
            "since": _iso(self.since), "page": self.page, "until": _iso(self.until), "phase": self.phase.value,
            "swept_at": _iso(self.swept_at), "above": self.above, "known": ranges(self.known),
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
            since=_moment(told["since"]), page=_text(told["page"]), until=_moment(told["until"]),
            phase=Phase(told["phase"]), swept_at=_moment(told["swept_at"]), above=int(told["above"]),
            known=in_ranges(told["known"]),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise TerminalError(VENDOR, f"{cursor[:80]!r} is no cursor of its feeds") from problem


def ranges(ids: Iterable[int]) -> str:
    """Ids as ranges, which is short where few are missing.

    >>> ranges([1, 2, 3, 7, 9, 10])
    '1-3,7,9-10'
    """
    runs: list[list[int]] = []
    for one in sorted(ids):
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def in_ranges(said: str) -> frozenset[int]:
    """The ids that ranges stand for.

    >>> sorted(in_ranges("1-3,7"))
    [1, 2, 3, 7]
    """
    found: set[int] = set()
    for run in said.split(",") if said else []:
        first, _, last = run.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)


def since_text(moment: datetime) -> str:
    """An instant as a list takes it: whole seconds, rounded down; a fraction is refused there.

    >>> since_text(datetime(2026, 5, 7, 9, 30, 0, 999, UTC))
    '2026-05-07T09:30:00Z'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def _text(told: object) -> str | None:
    if told is not None and not isinstance(told, str):
        raise TypeError(told)
    return told
