"""A feed by time loses no row to equal times, to slow commits, or to changes between two pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.keyset import asking, page_of
from clmcrm.ports.records import Seen

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@define
class Server:
    """Rows get their time when their transaction begins, and show up when it ends."""

    now: int = 0
    rows: dict[str, tuple[int, int]] = field(factory=dict[str, tuple[int, int]])
    coming: list[tuple[int, str, int]] = field(factory=list[tuple[int, str, int]])
    versions: int = 0

    def write(self, key: str, lasting: int) -> None:
        self.versions += 1
        self.coming.append((self.now + lasting, key, self.now))

    def tick(self) -> None:
        self.now += 1
        for ends, key, began in [row for row in self.coming if row[0] <= self.now]:
            self.coming.remove((ends, key, began))
            self.versions += 1
            self.rows[key] = (began, self.versions)

    def query(self, at: datetime | None, after: str | None, limit: int) -> tuple[list[Seen], bool]:
        rows = sorted(
            (Seen(kind="deal", key=key, fields={}, version=str(version), changed_at=NOON + began * SECOND)
             for key, (began, version) in self.rows.items()),
            key=lambda row: (row.changed_at, row.key),
        )  # fmt: skip
        left = [row for row in rows if at is None or (row.changed_at, row.key) > (at, after or "")]
        return left[:limit], len(left) > limit


@define
class Reader:
    """Pulls page by page, and keeps what it was told."""

    overlap: timedelta
    size: int = 2
    cursor: str | None = None
    told: list[tuple[str, str]] = field(factory=list[tuple[str, str]])

    def page(self, server: Server) -> bool:
        ask = asking(self.cursor, self.overlap)
        rows, more = server.query(ask.at, ask.after, self.size)
        page = page_of(self.cursor, rows, more=more, overlap=self.overlap)
        self.told += [(row.key, row.version) for row in page.seen]
        self.cursor = page.cursor
        return page.more

    def pull(self, server: Server) -> None:
        while self.page(server):
            pass


steps = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 6), st.integers(0, 4)),
    st.tuples(st.sampled_from(["tick", "page", "pull"]), st.just(0), st.just(0)),
)


def _played(script: list[Any], overlap: int) -> tuple[Server, Reader]:
    server, reader = Server(), Reader(overlap=overlap * SECOND)
    for what, key, lasting in script:
        if what == "write":
            server.write(f"D{key}", lasting)
        elif what == "tick":
            server.tick()
        elif what == "page":
            _ = reader.page(server)
        else:
            reader.pull(server)
    for _ in range(6):
        server.tick()
    reader.pull(server)
    reader.pull(server)
    return server, reader


@given(script=st.lists(steps, max_size=60))
def test_every_last_version_is_told_and_none_twice_in_the_overlap(script: list[Any]) -> None:
    server, reader = _played(script, overlap=5)
    for key, (_, version) in server.rows.items():
        assert (key, str(version)) in reader.told
    before = len(reader.told)
    reader.pull(server)
    assert len(reader.told) == before


def test_without_an_overlap_a_slow_commit_is_lost() -> None:
    script = [("write", 1, 4), ("tick", 0, 0), ("write", 2, 0), ("tick", 0, 0), ("tick", 0, 0), ("pull", 0, 0)]
    _, careful = _played(script, overlap=5)
    _, careless = _played(script, overlap=0)
    assert [key for key, _ in careful.told] == ["D2", "D1"]
    assert [key for key, _ in careless.told] == ["D2"]


def test_any_number_of_rows_with_one_time_is_told_once_each() -> None:
    server, reader = Server(), Reader(overlap=5 * SECOND, size=2000)
    for n in range(10_500):
        server.rows[f"D{n}"] = (0, n)
    reader.pull(server)
    assert len(reader.told) == len(set(reader.told)) == 10_500
    reader.pull(server)
    assert len(reader.told) == 10_500


def test_a_page_that_tells_nothing_new_leaves_the_cursor_as_it_was() -> None:
    rows = [Seen(kind="deal", key=f"D{n}", fields={}, version="1", changed_at=NOON + n * SECOND) for n in range(3)]
    first = page_of(None, rows, more=False, overlap=5 * SECOND)
    again = page_of(first.cursor, rows, more=False, overlap=5 * SECOND)
    assert (again.seen, again.cursor) == ((), first.cursor)
    later = Seen(kind="deal", key="D0", fields={}, version="1", changed_at=NOON + 9 * SECOND)
    moved = page_of(first.cursor, [later], more=False, overlap=5 * SECOND)
    assert moved.seen == ()
    assert asking(moved.cursor, 5 * SECOND).at == NOON + 4 * SECOND


def test_a_foreign_cursor_and_rows_out_of_order_are_errors() -> None:
    for text in ("", "[]", "{}", '{"high": 1, "place": null, "told": {}}', '{"high": null, "place": [], "told": {}}'):
        with pytest.raises(ValueError, match="no cursor"):
            _ = asking(text, SECOND)
    late = Seen(kind="deal", key="D1", fields={}, changed_at=NOON + SECOND)
    early = Seen(kind="deal", key="D2", fields={}, changed_at=NOON)
    with pytest.raises(ValueError, match="by time and key"):
        _ = page_of(None, [late, early], more=False, overlap=SECOND)
    with pytest.raises(ValueError, match="no time of change"):
        _ = page_of(None, [Seen(kind="deal", key="D1", fields={})], more=False, overlap=SECOND)
