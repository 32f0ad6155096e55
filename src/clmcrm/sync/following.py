"""Follows the feeds: the hints of some pages are saved in one transaction with the cursor behind them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import define, field

from clmcrm.errors import AdapterError, SyncError
from clmcrm.ports.calls import Flow, answered
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed, Hint
from clmcrm.ports.records import NO_TIME, SIDES, Feed, Page, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.ownership import Rules
from clmcrm.sync.sifting import changed

Fresh: TypeAlias = Mapping[Side, Mapping[str, Seen]]
"""What current feeds have just shown, by side and key: it need not be read again."""

CURRENT_FEEDS: Final = (Feed.DELTA, Feed.TIMESTAMP, Feed.NONE)
"""Feeds that show the records themselves, where nothing lags; a journal's events are read again."""

TOGETHER: Final = 20
"""So many pages are kept by one commit, which costs half as much as reading a page; whoever dies reads them again."""


def follow_feeds(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    kind: str,
    rules: Rules | None,
    met: list[Agreed],
    *,
    in_parts: bool,
) -> Flow[Fresh]:
    """Save hints and cursors page by page; what current feeds showed is returned by side and key.

    `met` gathers the pairs that were read on the way. In parts, a full listing leaves the hints it repeats in
    their places, or those it lists last would never have their turn.
    """
    shown: dict[Side, dict[str, Seen]] = {}
    for side in SIDES:
        system = systems.get(side)
        if system is None or kind not in system.capabilities.kinds:
            continue
        lists = system.capabilities.feed is Feed.NONE
        known = {h.key for h in journal.hints(kind) if h.side is side} if in_parts and lists else set[str]()
        told = yield from _follow(system, side, journal, kind, rules=rules, met=met, hinted=known)
        if _current(system):
            shown[side] = {seen.key: seen for seen in told}
    return shown


def _current(system: AnySystem) -> bool:
    """Whether what its feed shows is the truth. What lags may show a record as it was before our own last write."""
    return system.capabilities.feed in CURRENT_FEEDS and system.capabilities.visible_lag == NO_TIME


def _follow(
    system: AnySystem,
    side: Side,
    journal: Journal,
    kind: str,
    *,
    rules: Rules | None,
    met: list[Agreed],
    hinted: Collection[str],
) -> Flow[list[Seen]]:
    kept = journal.cursor(side, kind)
    # Without a feed every pull is a full listing, and nobody goes on from the middle of one.
    lists = system.capabilities.feed is Feed.NONE
    reading = _Reading(journal=journal, side=side, kind=kind, lists=lists, cursor=None if lists else kept, kept=kept)
    told: list[Seen] = []
    been = {reading.cursor}
    while True:
        cursor = reading.cursor
        try:
            page = yield from answered(system.changes(kind, cursor))
        except AdapterError:
            reading.keep()
            raise
        current = rules is not None and system.capabilities.feed in CURRENT_FEEDS
        seen: Sequence[Seen] = page.seen
        if rules is not None and current and seen:
            seen, agreed = changed(journal, rules.of(kind), side, page.seen)
            met += agreed
        told += seen
        stands = page.more and page.cursor in been
        been.add(page.cursor)
        reading.turn(page, [_hint(side, row) for row in seen if row.key not in hinted], keep=stands)
        if stands:
            raise SyncError(f"{system.system}: the feed of {kind} does not advance beyond {cursor!r}")
        if not page.more:
            return told


@define(kw_only=True)
class _Reading:
    """How far a feed was read: `pages` with their `hints` lie between the `cursor` and what the journal has `kept`.

    Where a full listing stands (`lists`) says nothing before its end.
    """

    journal: Journal
    side: Side
    kind: str
    lists: bool
    cursor: str | None
    kept: str | None
    hints: list[Hint] = field(factory=list[Hint])
    pages: int = 0

    def turn(self, page: Page, hints: Sequence[Hint], *, keep: bool) -> None:
        """A page was read; it is kept with others, or at once."""
        self.cursor, self.pages = page.cursor, self.pages + 1
        self.hints += hints
        if keep or not page.more or self.pages >= TOGETHER:
            self.keep(ended=not page.more)

    def keep(self, *, ended: bool = False) -> None:
        """Save what the pages told and the cursor behind them, in one transaction."""
        hints, self.hints, self.pages = self.hints, [], 0
        told = hints or (self.cursor != self.kept and (ended or not self.lists))
        if self.cursor is None or not told:
            return
        with self.journal.transaction():
            self.journal.save_hints(hints)
            self.journal.save_cursor(self.side, self.kind, self.cursor)
        self.kept = self.cursor


def _hint(side: Side, seen: Seen) -> Hint:
    ended = seen.gone or seen.merged_into is not None
    return Hint(kind=seen.kind, side=side, key=seen.key, gone=ended, merged_into=seen.merged_into)
