"""What changed since the last time, by time stamps: a window read whole, page by page, by id.

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
from clmcrm.adapters.tryton.kinds import TrytonKind
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.errors import TerminalError
from clmcrm.values.validators import instant, maybe

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class Window:
    """Where the reading stands: records changed at `since` or later, from the id above `after` on.

    `until` is where the next window begins, less the overlap: what the server's clock said when this one was
    begun (None before its first page). `gone_after` is the last deletion in the log that was looked at.
    """

    since: datetime = field(default=_EVER, validator=instant)
    after: int = 0
    until: datetime | None = field(default=None, validator=maybe(instant))
    gone_after: int = 0

    def next(self, overlap: timedelta, gone_after: int) -> Window:
        """The window after this one."""
        until = self.until or self.since
        return Window(since=max(_EVER, until - overlap), gone_after=gone_after)

    def begun(self, server_date: str) -> Window:
        """The same, with the server's time when its first page came; unchanged on later pages."""
        if self.until is not None:
            return self
        now = server_time(server_date)
        if now is None:
            raise TerminalError(VENDOR, f"its replies carry no readable date ({server_date!r})")
        return evolve(self, until=max(self.since, now))

    def text(self) -> str:
        """The cursor of this window."""
        until = None if self.until is None else self.until.isoformat()
        parts = [self.since.isoformat(), self.after, until, self.gone_after]
        return json.dumps(parts, separators=(",", ":"))


def window_at(cursor: str | None) -> Window:
    """The window that a cursor stands for, all of time for None; raises `TerminalError` for one never given."""
    if cursor is None:
        return Window()
    try:
        since, after, until, gone_after = cast("list[Any]", json.loads(cursor))
        return Window(
            since=datetime.fromisoformat(since),
            after=int(after),
            until=None if until is None else datetime.fromisoformat(until),
            gone_after=int(gone_after),
        )
    except (ValueError, TypeError) as problem:
        raise TerminalError(VENDOR, f"{cursor!r} is no cursor of its feeds") from problem


def changed_in(kind: TrytonKind, window: Window) -> list[object]:
    """The domain of the records that changed in the window, those of which a part changed included."""
    domain: list[object] = ["AND", *kind.domain, ["id", ">", window.after]]
    if window.since > _EVER:
        touched: list[object] = ["OR"]
        for prefix in ("", *(f"{name}." for name in kind.watched)):
            # A row that was never edited has no write date.
            touched += [[f"{prefix}write_date", ">=", window.since], [f"{prefix}create_date", ">=", window.since]]
        domain.append(touched)
    return domain


def missing_ids(there: Sequence[int]) -> list[int]:
    """The ids below the highest that are not there: deleted, or never used.

    >>> missing_ids([1, 2, 5])
    [3, 4]
    """
    known = set(there)
    return [number for number in range(1, max(known, default=0)) if number not in known]
