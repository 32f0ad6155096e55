"""What changed since the last time, by time stamps: a window read whole, page by page, in the order of ids.

A record's stamp is when its transaction began, and it may become visible long after: the window therefore
reaches back by an overlap longer than the longest transaction, and what comes twice is known by its version.
Inside the window records come in the order of their ids, so that no number of equal stamps can hide one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.server_clock import server_time
from clmcrm.errors import TerminalError
from clmcrm.values.validators import instant, maybe

EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where the first window begins."""


@frozen(kw_only=True)
class Window:
    """Where the reading of a feed stands: records changed at `since` or later, from the id above `after` on.

    `until` is where the next window begins, less the overlap: what the server's clock said when this one was
    begun (None before its first page). `beside` is what the feed remembers besides, in its own form.
    """

    since: datetime = field(default=EVER, validator=instant)
    after: int = 0
    until: datetime | None = field(default=None, validator=maybe(instant))
    beside: str = ""

    def next(self, overlap: timedelta, beside: str) -> Window:
        """The window after this one."""
        until = self.until or self.since
        return Window(since=max(EVER, until - overlap), beside=beside)

    def begun(self, vendor: str, server_date: str) -> Window:
        """The same, with the server's time when its first page came; unchanged on later pages.

        Raises `TerminalError` when its replies carry no date: nothing else tells where the next one begins.
        """
        if self.until is not None:
            return self
        now = server_time(server_date)
        if now is None:
            raise TerminalError(vendor, f"its replies carry no readable date ({server_date!r})")
        return evolve(self, until=max(self.since, now))

    def text(self) -> str:
        """The cursor of this window."""
        until = None if self.until is None else self.until.isoformat()
        return json.dumps([self.since.isoformat(), self.after, until, self.beside], separators=(",", ":"))


def window_at(vendor: str, cursor: str | None) -> Window:
    """The window that a cursor stands for, all of time for None; raises `TerminalError` for one never given.

    >>> window_at("erp", None).after, window_at("erp", Window(after=7).text()).after
    (0, 7)
    """
    if cursor is None:
        return Window()
    try:
        since, after, until, beside = cast("list[Any]", json.loads(cursor))
        return Window(
            since=datetime.fromisoformat(since),
            after=int(after),
            until=None if until is None else datetime.fromisoformat(until),
            beside=str(beside),
        )
    except (ValueError, TypeError, AttributeError, RecursionError) as problem:
        raise TerminalError(vendor, f"{cursor[:80]!r} is no cursor of its feeds") from problem


def ids_of(keys: Sequence[str], longest: int) -> list[int]:
    """The numbers that keys stand for, at most `longest` digits; what is no number is no key, and nothing has it.

    A number written with zeros before it is none either: what would be found for "007" has the key "7".

    >>> ids_of(["12", "7", "7", "007", "x", "-1", "9999999999"], longest=9)
    [7, 12]
    """
    written = (key for key in keys if key.isascii() and key.isdigit() and len(key) <= longest)
    return sorted({int(key) for key in written if key == "0" or not key.startswith("0")})
