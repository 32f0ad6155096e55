"""The pages of a feed, one after another, until it says that there is no more; one that has no end is told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from clmcrm.ports.records import Page, Seen
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing.expectations import holds
from clmcrm.testing.shapes import gives_many, gives_one

MOST_IDLE: Final = 100
"""So many pages one after another may tell nothing that this pull has not told before."""


def pages_of(adapter: RecordSystem, kind: str, cursor: str | None) -> Iterator[Page]:
    """Every page from `cursor` on; fails where the feed goes round in circles or on and on without any news."""
    passed: set[str] = set()
    told: set[tuple[str, str]] = set()
    idle = 0
    while True:
        page = adapter.changes(kind, cursor)
        gives_one(page, Page, "changes")
        gives_many(page.seen, Seen, "changes")
        yield page
        if not page.more:
            return
        cursor = page.cursor
        holds(cursor not in passed, f"the feed goes round in circles: cursor {cursor!r} came twice in one pull")
        passed.add(cursor)
        news = {(seen.key, seen.version) for seen in page.seen} - told
        told |= news
        idle = 0 if news else idle + 1
        holds(idle < MOST_IDLE, f"the feed has no end: {idle} pages said that there is more, and told nothing new")
