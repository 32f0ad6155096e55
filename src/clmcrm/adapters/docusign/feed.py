"""Which envelopes changed since: by the instant of their last status, and, while they are open, by their recipients.

DocuSign's list tells an envelope when its own status changes; that one of two has signed changes only the
recipient's. So a pull reads two lists: what changed its status, and what is still open. Both go by an instant and
not by a position, for an envelope that changes leaves its place in a list while it is being read. A list is late
by some seconds: a pull goes on from the time at which the one before began, less an overlap, and what it told
within that overlap is known by a fingerprint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.docusign.listing import Listed
from clmcrm.adapters.docusign.reading import bounced, latest_of, version_of
from clmcrm.adapters.docusign_wire import VENDOR, instant, written
from clmcrm.adapters.server_clock import kept_bound, kept_instant, server_time
from clmcrm.adapters.trees import Tree, word
from clmcrm.errors import TerminalError

CHANGED: Final = "changed"
STILL_OPEN: Final = "open"
_TIMES: Final = {CHANGED: "statusChangedDateTime", STILL_OPEN: "createdDateTime"}
_PARTS: Final = {part: part for part in _TIMES}
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class Place:
    """Where a reading stands.

    `since` is from when on changes are told (None: from the beginning); `part` the list being read, from the
    instant `at` on (None: from the list's beginning) without its first `skip`; `began` when this pull began (None
    before its first page); `told` the fingerprints of what was told, with the instant of the change.
    """

    since: datetime | None = None
    part: str = CHANGED
    at: datetime | None = None
    skip: int = 0
    began: datetime | None = None
    told: Mapping[str, datetime] = field(factory=dict[str, datetime])

    def query(self, history: datetime, overlap: timedelta) -> dict[str, str]:
        """What to ask the list for next."""
        if self.part == CHANGED:
            start = history if self.since is None else max(history, self.since - overlap)
            told = {"from_to_status": "changed", "order_by": "status_changed"}
        else:
            start = history
            told = {"from_to_status": "created", "order_by": "created", "status": "sent,delivered"}
        return {"from_date": written(self.at or start), "order": "asc", **told}

    def fresh(self, rows: Sequence[Tree], overlap: timedelta) -> list[Tree]:
        """Those of the rows that were not told yet and whose change falls into the window."""
        least = _EVER if self.since is None else self.since - overlap
        return [row for row in rows if version_of(row) not in self.told and (bounced(row) or latest_of(row) >= least)]

    def after(self, page: Listed, server_date: str, overlap: timedelta) -> Place:
        """The place after this page; its `began` is None when the pull is at its end."""
        began = self.began or server_time(server_date) or _first(page.rows) or self.since or _EVER
        # What has no instant of its own bears that of the pull, anew in each pull that shows it.
        rows = {version_of(row): began if bounced(row) else latest_of(row) for row in page.rows}
        told = {**self.told, **rows}
        least = (began if self.since is None else self.since) - overlap
        on = evolve(self, began=began, told={n: at for n, at in told.items() if at >= least or n in rows})
        if page.more and page.last is not None:
            return _moved(on, page.last, page.size)
        if self.part == CHANGED and self.since is not None:
            return evolve(on, part=STILL_OPEN, at=None, skip=0)
        return Place(since=began, told={name: at for name, at in told.items() if at >= began - overlap})

    @property
    def ended(self) -> bool:
        """Whether the pull is at its end."""
        return self.began is None

    def text(self) -> str:
        """The cursor of this place."""
        told = {name: at.isoformat() for name, at in sorted(self.told.items())}
        parts = [self.part, _iso(self.since), _iso(self.at), self.skip, _iso(self.began), told]
        return json.dumps(parts, separators=(",", ":"))


def place_of(cursor: str | None) -> Place:
    """The place a cursor stands for; raises `TerminalError` for one it never gave.

    >>> place_of(Place().text()) == place_of(None)
    True
    """
    if cursor is None:
        return Place()
    try:
        part, since, at, skip, began, told = cast("list[Any]", json.loads(cursor))
        return Place(
            since=kept_bound(since), part=_PARTS[part], at=_instant(at), skip=int(skip), began=kept_bound(began),
            told={str(name): kept_instant(one) for name, one in cast("Mapping[str, Any]", told).items()},
        )  # fmt: skip
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        raise TerminalError(VENDOR, f"{cursor[:80]!r} is no cursor of the feed") from None


def _moved(place: Place, row: Tree, size: int) -> Place:
    """On to the instant of the last row; among rows of one instant, by their number."""
    last = instant(row, _TIMES[place.part])
    if last is None or last == place.at:
        return evolve(place, skip=place.skip + size)
    return evolve(place, at=last, skip=0)


def _first(rows: Sequence[Tree]) -> datetime | None:
    return min((latest_of(row) for row in rows), default=None)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(told: object) -> datetime | None:
    return None if told is None else kept_instant(told)


def keys_of(rows: Sequence[Tree]) -> tuple[str, ...]:
    """The ids of the envelopes, each once."""
    return tuple(dict.fromkeys(word(row, "envelopeId") for row in rows if word(row, "envelopeId")))
