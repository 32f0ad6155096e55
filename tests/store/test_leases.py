"""Leases in SQLite, for two processes on one machine; time passes by the clock that is given."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clmcrm.errors import InvalidRecord, LeaseLost
from clmcrm.ports.records import Side
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.testing.lease_suite import LeaseSuite

MINUTE = timedelta(minutes=1)


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


@pytest.fixture
def hosted(tmp_path: Path, clock: Clock) -> Iterator[tuple[sqlite3.Connection, SqliteJournal, SqliteJournal]]:
    """A host's connection, a journal on it, and another worker's journal."""
    host = sqlite3.connect(tmp_path / "j.sqlite", isolation_level=None)
    other = SqliteJournal(tmp_path / "j.sqlite", clock=clock)
    yield host, SqliteJournal(host, clock=clock), other
    other.close()
    host.close()


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN", "SAVEPOINT host"])
def test_a_lost_lease_writes_nothing_into_a_hosts_transaction(
    hosted: tuple[sqlite3.Connection, SqliteJournal, SqliteJournal], clock: Clock, begin: str
) -> None:
    host, mine, other = hosted
    _ = mine.take("one", MINUTE)
    clock.pass_(2 * MINUTE)
    _ = other.take("two", 10 * MINUTE)
    _ = host.execute(begin)
    with pytest.raises(LeaseLost, match="two has taken it over"):
        mine.save_cursor(Side.CRM, "account", "1")
    with pytest.raises(LeaseLost, match="two has taken it over"):
        mine.begin_steps([("crm:p", {})])
    _ = host.execute("COMMIT" if begin.startswith("BEGIN") else "RELEASE host")
    assert other.cursor(Side.CRM, "account") is None
    assert list(other.open_steps()) == []


def test_a_lease_that_a_host_rolled_back_is_not_held(
    hosted: tuple[sqlite3.Connection, SqliteJournal, SqliteJournal],
) -> None:
    host, mine, other = hosted
    _ = host.execute("BEGIN IMMEDIATE")
    _ = mine.take("one", MINUTE)
    _ = host.execute("ROLLBACK")
    _ = other.take("two", MINUTE)
    with pytest.raises(LeaseLost, match="two has taken it over"):
        mine.save_cursor(Side.CRM, "account", "1")


def test_the_lease_is_looked_at_once_in_a_transaction(tmp_path: Path, clock: Clock) -> None:
    asked: list[str] = []
    host = sqlite3.connect(tmp_path / "j.sqlite", isolation_level=None)
    journal = SqliteJournal(host, clock=clock)
    _ = journal.take("one", MINUTE)
    host.set_trace_callback(lambda sql: asked.append(sql) if "FROM journal_lease" in sql else None)
    with journal.transaction():
        journal.save_cursor(Side.CRM, "account", "1")
        with journal.transaction():
            journal.begin_steps([("crm:p", {})])
    assert len(asked) == 1
    journal.save_cursor(Side.CRM, "account", "2")
    assert len(asked) == 2
    host.close()


@pytest.mark.parametrize("lasting", [timedelta(-1), timedelta(0), timedelta.max, 5], ids=str)
def test_a_lease_of_no_length_or_without_end_is_refused(tmp_path: Path, clock: Clock, lasting: Any) -> None:
    journal = SqliteJournal(tmp_path / "j.sqlite", clock=clock)
    with pytest.raises(InvalidRecord, match=r"Lease all: lasting is .*; expected a length of time"):
        _ = journal.take("one", lasting)
    lease = journal.take("one", MINUTE)
    assert lease.token == 1
    with pytest.raises(InvalidRecord, match="Lease all: lasting is "):
        _ = journal.extend(lasting)
    assert journal.lease == lease
    journal.close()
