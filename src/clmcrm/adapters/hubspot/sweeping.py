"""Associations that moved, which no modified date tells: looked through run by run, and only what differs is read.

Ids are cut into runs of a thousand; of each the cursor keeps its last id and a digest of who is associated with whom.
A run whose digest has changed is told again whole, and of the last one, which grows until it is full, the records that
are looked at for the first time: the engine knows by value what is new. That costs six calls per thousand records and
pass, so it is done every few hours; a webhook of associations tells the same at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.hubspot.feed import Window
from clmcrm.adapters.hubspot.kinds import HubSpotKind
from clmcrm.adapters.hubspot.links import linked
from clmcrm.adapters.hubspot.rows import is_key, searched
from clmcrm.adapters.hubspot.searches import ID, MOST_ROWS, Filter
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.wire import VENDOR
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Flow

RUN: Final = 1_000


def due(window: Window, every: timedelta | None) -> bool:
    """Whether it is time for a sweep, or one is under way."""
    if every is None or window.whole or window.until is None:
        return False
    return window.swept > 0 or window.swept_at is None or window.until - window.swept_at >= every


def digest(pairs: Mapping[str, Any]) -> str:
    """Six bytes that stand for who is associated with whom; a record without an association counts for nothing.

    >>> digest({"1": "7", "2": None}) == digest({"1": "7"}) != digest({"1": "8"})
    True
    """
    told = sorted(f"{key}>{other}" for key, other in pairs.items() if other is not None)
    return blake2b("\n".join(told).encode(), digest_size=6).hexdigest()


def swept(session: HubSpotSession, held: HubSpotKind, window: Window) -> Flow[tuple[list[str], Window, bool]]:
    """The keys of one run whose associations moved, the window after it, and whether there are more runs."""
    if held.link is None:
        return [], window, False
    first = window.chunks[window.swept - 1][0] if window.swept else 0
    old = window.chunks[window.swept] if window.swept < len(window.chunks) else None
    growing = window.swept >= len(window.chunks) - 1
    keys = yield from _run(session, held, first, None if old is None or growing else old[0])
    if old is not None and len(keys) >= RUN and int(keys[-1]) < old[0]:  # it was longer than a run is now
        keys = yield from _run(session, held, first, old[0])
    links = {key: others[0] for key, others in (yield from linked(session, held.object, held.link, keys)).items()}
    # Of records without a digest nobody knows what was told: their associations may have moved since.
    end = 0 if old is None else old[0]
    moved = [key for key in keys if int(key) > end]
    if old is not None and old[1] != digest({key: other for key, other in links.items() if int(key) <= end}):
        moved = keys
    chunks = list(window.chunks)
    if old is not None or keys:
        chunks[window.swept : window.swept + 1] = [(max([end, *map(int, keys)]), digest(links))]
    window = evolve(window, chunks=tuple(chunks), swept=window.swept + 1)
    if growing and len(keys) < RUN:
        return moved, evolve(window, swept=0, swept_at=window.until), False
    return moved, window, True


def _run(session: HubSpotSession, held: HubSpotKind, above: int, last: int | None) -> Flow[list[str]]:
    """The ids above `above`, up to `last`; a run's worth of them when that is None."""
    upper = [] if last is None else [Filter(ID, "LTE", str(last))]
    keys: list[str] = []
    while last is not None or len(keys) < RUN:
        some = yield from searched(session, held.path, upper, [ID], above=above, most=MOST_ROWS)
        told = [str(row.get("id")) for row in some]
        if not all(is_key(key) for key in told):
            raise TerminalError(VENDOR, "a record without an id")
        keys += told
        if len(some) < MOST_ROWS:
            break
        above = int(told[-1])
    return keys
