"""Leases in SQLite, for two processes on one machine; time passes by the clock that is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clmcrm.store.sqlite import SqliteJournal
from clmcrm.testing.lease_suite import LeaseSuite


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 7, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, lasting: timedelta) -> None:
        self.now += lasting


@pytest.fixture
def clock() -> Clock:
    return Clock()


class TestSqliteLeases(LeaseSuite):
    @pytest.fixture
    def opener(self, tmp_path: Path, clock: Clock) -> Iterator[Callable[[str], SqliteJournal]]:
        opened: list[SqliteJournal] = []

        def open_one(partition: str) -> SqliteJournal:
            opened.append(SqliteJournal(tmp_path / "j.sqlite", partition=partition, clock=clock))
            return opened[-1]

        yield open_one
        for each in opened:
            each.close()

    @pytest.fixture
    def pass_time(self, clock: Clock) -> Callable[[timedelta], None]:
        return clock.pass_
