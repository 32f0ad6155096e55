"""What changed since the last time: a window of last changes, read from the newest on, page by page.

Ironclad pages by number, so what moves meanwhile moves the pages. Newest first, an edit only pushes rows back: some
come twice. A deletion pulls rows forward over the edge of a page that was read already: the count shrinks, and the
reading goes back by as many rows. Rows of one time may come in any order on two pages, and workflows come in an order
that is not documented: so a window of up to 2,000 rows is counted, and read again when fewer were met than there are.
A window that stays short of its count does not move the next one: nothing is stepped over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.ironclad.wire import VENDOR
from clmcrm.adapters.server_clock import kept_bound, server_time
from clmcrm.errors import TerminalError
from clmcrm.values.validators import count, instant, maybe, member

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_COUNTED: Final = 2_000
_TRIES: Final = 2
_DIGEST: Final = 10


class Phase(StrEnum):
    """What of a kind is being read."""

    ROWS = "rows"
    WORKFLOWS = "workflows"
    OBLIGATIONS = "obligations"


@frozen(kw_only=True)
class Window:
    """Where the reading stands: what was changed at `since` or later (None: all), on `page` of a `phase`.

    `until` is where the next window begins, less the overlap: what Ironclad's clock said when this one was begun.
    `count` is how many rows there were on the page before, `met` are digests of those told in this phase, `again` how
    often it was read again, `short` whether some phase stayed short of its count.
    """

    since: datetime | None = field(default=None, validator=maybe(instant))
    until: datetime | None = field(default=None, validator=maybe(instant))
    phase: Phase = field(default=Phase.ROWS, validator=member(Phase))
    page: int = field(default=0, validator=count)
    count: int | None = None
    met: frozenset[str] = frozenset()
    again: int = 0
    short: bool = False

    def begun(self, date: str, newest: datetime | None) -> Window:
        """The same, with Ironclad's time when its first page came; unchanged on later pages.

        `newest` is the last change on that page: it serves where the replies carry no readable date.
        """
        if self.until is not None:
            return self
        until = max(_EVER, server_time(date) or newest or self.since or _EVER)
        return evolve(self, until=until if self.since is None else max(self.since, until))

    def after(self, keys: Iterable[str], there: int, size: int, *, passed: bool = False) -> Window | None:
        """Where to go on after a page with these keys, of `there` rows in all; None when the phase is done.

        `passed` says that the rest of the list was changed before the window.
        """
        met = self.met | frozenset(map(_digest, keys)) if there <= _MOST_COUNTED else frozenset[str]()
        if self.count is not None and there < self.count:
            back = max(0, (self.page * size - (self.count - there)) // size)
            return evolve(self, page=back, count=there, met=met)
        if not passed and (self.page + 1) * size < there:
            return evolve(self, page=self.page + 1, count=there, met=met)
        if passed or there > _MOST_COUNTED or len(met) >= there:
            return None
        if self.again < _TRIES:
            return evolve(self, page=0, count=None, met=met, again=self.again + 1)
        return None

    def ended(self, keys: Iterable[str], there: int, *, passed: bool = False) -> Window:
        """The same after the last page of its phase, which may have stayed short of its count."""
        counted = not passed and there <= _MOST_COUNTED
        short = counted and len(self.met | frozenset(map(_digest, keys))) < there
        return evolve(self, short=self.short or short)

    def turned_to(self, phase: Phase) -> Window:
        """The same at the beginning of another phase."""
        return evolve(self, phase=phase, page=0, count=None, met=frozenset(), again=0)

    def next(self, overlap: timedelta) -> Window:
        """The window after this one."""
        until = self.until or self.since or _EVER
        return Window(since=self.since) if self.short else Window(since=max(_EVER, until - overlap))

    def text(self) -> str:
        """The cursor of this window."""
        times = [None if one is None else one.isoformat() for one in (self.since, self.until)]
        told = [*times, self.phase.value, self.page, self.count, "".join(sorted(self.met)), self.again, self.short]
        return json.dumps(told, separators=(",", ":"))


def window_at(cursor: str | None) -> Window:
    """The window that a cursor stands for, all of time for None; raises `TerminalError` for one never given."""
    if cursor is None:
        return Window()
    try:
        told = cast("list[Any]", json.loads(cursor))
        since, until, phase, page, there, met, again, short = told
        return Window(
            since=kept_bound(since), until=kept_bound(until),
            phase=Phase(phase), page=int(page), count=None if there is None else int(there),
            met=frozenset(met[place : place + _DIGEST] for place in range(0, len(met), _DIGEST)), again=int(again),
            short=bool(short),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as problem:
        raise TerminalError(VENDOR, f"{cursor[:80]!r} is no cursor of its feeds") from problem


def asked_since(moment: datetime) -> str:
    """An instant as the lists take it: UTC, down to the millisecond, never later than the instant itself.

    >>> asked_since(datetime(2026, 5, 7, 12, 0, 0, 123999, tzinfo=UTC))
    '2026-05-07T12:00:00.123Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def moment_of(stamp: str) -> datetime | None:
    """The instant of a last change; None for what is none. One without a zone is UTC.

    >>> moment_of("2021-01-01T00:00:00Z").isoformat(), moment_of("yesterday")
    ('2021-01-01T00:00:00+00:00', None)
    """
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _digest(key: str) -> str:
    return blake2b(key.encode("utf-8", "replace"), digest_size=_DIGEST // 2).hexdigest()
