"""What changed since the last time: a window of whole seconds read by id, and a sweep that finds what left.

Odoo shows its stamps in whole seconds: a window takes the second it begins with whole. It keeps no trace of what was
deleted: the cursor therefore remembers which ids were told, as runs; when their number is not what the server
counts, the ids are compared, and each one that is missing is looked into.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.adapters.windows import EVER, Window
from clmcrm.errors import TerminalError

_HIGHEST: Final = 1 << 53


def changed_in(domain: Sequence[object], watched: Sequence[str], window: Window) -> list[object]:
    """The domain of the records that changed in the window, those of which a part changed included.

    >>> changed_in([["active", "=", True]], (), Window(after=7))
    [['active', '=', True], ['id', '>', 7]]
    """
    found: list[object] = [*domain, ["id", ">", window.after]]
    if window.since > EVER:
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


def known_in(window: Window) -> frozenset[int]:
    """The ids that were told so far; raises `TerminalError` for a cursor never given."""
    try:
        return frozenset(ids_in(window.beside))
    except ValueError as problem:
        raise TerminalError(VENDOR, f"{window.beside[:80]!r} are no runs of ids") from problem


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
