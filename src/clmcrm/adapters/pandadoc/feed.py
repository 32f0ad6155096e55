"""Which documents changed since: by the instant of their last change, and then those that were deleted.

A list goes by an instant and not by a page, for a document that changes leaves its place while the list is being
read. A list is late by some seconds: a pull goes on from the time at which the one before began, less an overlap,
and what it told within that overlap is known by a fingerprint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.pandadoc.reading import changed_at
from clmcrm.adapters.pandadoc.wire import VENDOR, written
from clmcrm.adapters.server_clock import kept_bound, kept_instant, server_time
from clmcrm.adapters.trees import Tree, word
from clmcrm.errors import TerminalError

CHANGED: Final = "changed"
DELETED: Final = "deleted"
_PARTS: Final = {part: part for part in (CHANGED, DELETED)}


@frozen(kw_only=True)
class Place:
    """Where a reading stands.

    `since` is from when on changes are told (None: from the beginning); `part` the list being read, from the
    instant `at` on (None: from its beginning), and among what follows the page `page`, from 1; `began` when this
    pull began (None before its first page); `told` the fingerprints of what was told, with the instant of the
    change.
    """

    since: datetime | None = None
    part: str = CHANGED
    at: datetime | None = None
    page: int = 1
    began: datetime | None = None
    told: Mapping[str, datetime] = field(factory=dict[str, datetime])

    def query(self, overlap: timedelta) -> dict[str, str]:
        """What to ask the list for next."""
        start = self.at if self.at is not None or self.since is None else self.since - overlap
        asked = {"order_by": "date_modified", "page": str(self.page)}
        if start is not None:
            asked["modified_from"] = written(start)
        return {**asked, "deleted": "true"} if self.part == DELETED else asked

    def fresh(self, rows: Sequence[Tree]) -> tuple[str, ...]:
        """The keys of those rows that were not told yet, each once."""
        keys = [word(row, "id") for row in rows if self._print(row) not in self.told]
        return tuple(dict.fromkeys(keys))

    def after(self, rows: Sequence[Tree], size: int, server_date: str, overlap: timedelta) -> Place:
        """The place after a page of at most `size` rows; its `began` is None when the pull is at its end."""
        at = [changed_at(row) for row in rows]
        began = self.began or server_time(server_date) or max(at, default=self.since)
        if began is None:
            raise TerminalError(VENDOR, f"its replies carry no readable date ({server_date!r})")
        least = began - overlap if self.since is None else self.since - overlap
        shown = {self._print(row): when for row, when in zip(rows, at, strict=True)}
        kept = {name: when for name, when in self.told.items() if when >= least}
        on = evolve(self, began=began, told={**kept, **shown})
        if len(rows) >= size:
            last = at[-1]
            return evolve(on, page=self.page + 1) if last == self.at else evolve(on, at=last, page=1)
        if self.part == CHANGED:
            return evolve(on, part=DELETED, at=None, page=1)
        return Place(since=began, told={name: when for name, when in on.told.items() if when >= began - overlap})

    @property
    def ended(self) -> bool:
        """Whether the pull is at its end."""
        return self.began is None

    def text(self) -> str:
        """The cursor of this place."""
        told = {name: at.isoformat() for name, at in sorted(self.told.items())}
        parts = [self.part, _iso(self.since), _iso(self.at), self.page, _iso(self.began), told]
        return json.dumps(parts, separators=(",", ":"))

    def _print(self, row: Tree) -> str:
        told = (self.part, word(row, "id"), word(row, "status"), changed_at(row).isoformat())
        return blake2b("\0".join(told).encode(), digest_size=8).hexdigest()


def place_of(cursor: str | None) -> Place:
    """The place a cursor stands for; raises `TerminalError` for one it never gave.

    >>> place_of(Place().text()) == place_of(None)
    True
    """
    if cursor is None:
        return Place()
    try:
        part, since, at, page, began, told = cast("list[Any]", json.loads(cursor))
        return Place(
            since=kept_bound(since), part=_PARTS[part], at=_instant(at), page=int(page), began=kept_bound(began),
            told={str(name): kept_instant(one) for name, one in cast("Mapping[str, Any]", told).items()},
        )  # fmt: skip
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        raise TerminalError(VENDOR, f"{cursor[:80]!r} is no cursor of the feed") from None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(told: object) -> datetime | None:
    return None if told is None else kept_instant(told)
