"""What changed since the last time: a window of whole seconds read by id, and a sweep that finds what left.

A record's stamp is when its transaction began, in whole seconds as Odoo shows it, and it may become visible long
after: the window therefore reaches back by an overlap longer than the longest transaction, takes the second it
begins with whole, and goes by id inside, so that no number of equal stamps hides a record. Odoo keeps no trace of
what was deleted. The cursor therefore remembers which ids were told, as runs; when their number is not what the
server counts, the ids are compared, and each one that is missing is looked into.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.adapters.server_clock import server_time
from clmcrm.errors import TerminalError
from clmcrm.values.validators import instant, maybe

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HIGHEST: Final = 1 << 53


@frozen(kw_only=True)
class Window:
    """Where the reading stands: records changed at `since` or later, from the id above `after` on.

    `until` is where the next window begins, less the overlap: what the server's clock said when this one was
    begun (None before its first page). `known` are the ids told so far.
    """

    since: datetime = field(default=_EVER, validator=instant)
    after: int = 0
    until: datetime | None = field(default=None, validator=maybe(instant))
    known: frozenset[int] = frozenset()

    def next(self, overlap: timedelta, known: Iterable[int]) -> Window:
        """The window after this one."""
        until = self.until or self.since
        return Window(since=max(_EVER, until - overlap), known=frozenset(known))

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
        return json.dumps([self.since.isoformat(), self.after, until, runs_of(self.known)], separators=(",", ":"))


def window_at(cursor: str | None) -> Window:
    """The window that a cursor stands for, all of time for None; raises `TerminalError` for one never given."""
    if cursor is None:
        return Window()
    try:
        since, after, until, known = cast("list[Any]", json.loads(cursor))
        return Window(
            since=datetime.fromisoformat(since),
            after=int(after),
            until=None if until is None else datetime.fromisoformat(until),
            known=frozenset(ids_in(known)),
        )
    except (ValueError, TypeError, AttributeError) as problem:
        raise TerminalError(VENDOR, f"{cursor[:80]!r} is no cursor of its feeds") from problem


def changed_in(domain: Sequence[object], watched: Sequence[str], window: Window) -> list[object]:
    """The domain of the records that changed in the window, those of which a part changed included.

    >>> changed_in([["active", "=", True]], (), Window(after=7))
    [['active', '=', True], ['id', '>', 7]]
    """
    found: list[object] = [*domain, ["id", ">", window.after]]
    if window.since > _EVER:
        second = stamp(window.since)
        stamps: list[object] = [
            [f"{prefix}write_date", ">=", second] for prefix in ("", *(f"{name}." for name in watched))
        ]
        found += [*("|" for _ in stamps[1:]), *stamps]
    return found


def stamp(moment: datetime) -> str:
    """The whole second of an instant, as Odoo writes it: UTC, without a zone.

    >>> stamp(datetime(2026, 5, 7, 12, 0, 0, 900000, tzinfo=UTC))
    '2026-05-07 12:00:00'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def moment_of(told: object) -> datetime | None:
    """The instant that Odoo writes as UTC without a zone; None for what is none.

    >>> moment_of("2026-05-07 12:00:00")
    datetime.datetime(2026, 5, 7, 12, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        return datetime.fromisoformat(told).replace(tzinfo=UTC) if isinstance(told, str) else None
    except ValueError:
        return None


def runs_of(ids: Collection[int]) -> str:
    """Ids as runs, each with its first and last.

    >>> runs_of({1, 2, 3, 7})
    '1-3,7'
    """
    ordered = sorted(ids)
    if not ordered:
        return ""
    breaks = [place for place, (one, other) in enumerate(pairwise(ordered), 1) if other != one + 1]
    starts, ends = [0, *breaks], [*breaks, len(ordered)]
    pairs = ((ordered[start], ordered[end - 1]) for start, end in zip(starts, ends, strict=True))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in pairs)


def ids_in(runs: str) -> Iterator[int]:
    """The ids of runs; raises `ValueError` for a text that is none.

    >>> list(ids_in("1-3,7"))
    [1, 2, 3, 7]
    """
    for run in runs.split(",") if runs else ():
        first, _, last = run.partition("-")
        low, high = int(first), int(last or first)
        if not 0 < low <= high < _HIGHEST:
            raise ValueError(run)
        yield from range(low, high + 1)
