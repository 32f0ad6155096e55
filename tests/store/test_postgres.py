"""The journal in a real PostgreSQL: the same suite, and several workers that share its partitions."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from clmcrm.errors import (
    InvalidRecord,
    JournalCorrupt,
    JournalUnavailable,
    LeaseHeld,
    LeaseLost,
    MissingExtra,
    SyncError,
)
from clmcrm.ports.journal import Journal, LeasedJournal, PortableJournal
from clmcrm.ports.kept import Hint
from clmcrm.ports.records import Side
from clmcrm.store import postgres as store
from clmcrm.store.encoding import seal_of
from clmcrm.store.postgres import PostgresJournal
from clmcrm.testing.lease_suite import LeaseSuite
from clmcrm.testing.store_suite import JournalSuite

pytestmark = pytest.mark.servers
MINUTE = timedelta(minutes=1)


class TestPostgresJournal(JournalSuite):
    @pytest.fixture
    def journal(self, database: str) -> Iterator[PostgresJournal]:
        journal = PostgresJournal(database)
        yield journal
        journal.close()

    @pytest.fixture
    def reopened(self, journal: PostgresJournal, database: str) -> Iterator[Callable[[], PostgresJournal]]:
        opened: list[PostgresJournal] = []

        def reopen() -> PostgresJournal:
            journal.close()
            opened.append(PostgresJournal(database))
            return opened[-1]

        yield reopen
        for each in opened:
            each.close()


class TestPostgresLeases(LeaseSuite):
    @pytest.fixture
    def opener(self, database: str) -> Iterator[Callable[[str], PostgresJournal]]:
        opened: list[PostgresJournal] = []

        def open_one(partition: str) -> PostgresJournal:
            opened.append(PostgresJournal(database, partition=partition))
            return opened[-1]

        yield open_one
        for each in opened:
            each.close()

    @pytest.fixture
    def pass_time(self) -> Callable[[timedelta], None]:
        return lambda lasting: time.sleep(lasting.total_seconds())


def test_it_offers_every_port(database: str) -> None:
    journal = PostgresJournal(database)
    assert isinstance(journal, Journal)
    assert isinstance(journal, LeasedJournal)
    assert isinstance(journal, PortableJournal)
    journal.close()


def test_partitions_know_nothing_of_each_other(database: str) -> None:
    north, south = PostgresJournal(database, partition="north"), PostgresJournal(database, partition="south")
    north.save_cursor(Side.CRM, "account", "7")
    north.begin_steps([("crm:p", {})])
    assert south.cursor(Side.CRM, "account") is None
    assert list(south.open_steps()) == []
    south.end_steps(["crm:p"])
    assert [key for key, _ in north.open_steps()] == ["crm:p"]
    north.close()
    south.close()


def test_many_workers_that_start_at_once_make_the_tables_once(database: str) -> None:
    failed: list[BaseException] = []

    def start() -> None:
        try:
            PostgresJournal(database).close()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    workers = [threading.Thread(target=start) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []


def test_a_takeover_waits_for_the_commit_that_is_under_way(database: str) -> None:
    """Fenced to the last instant: the lease's row is locked while its holder writes."""
    slow, next_one = PostgresJournal(database), PostgresJournal(database)
    _ = slow.take("slow", timedelta(milliseconds=300))
    taken: list[Any] = []

    def take() -> None:
        time.sleep(0.4)
        taken.append(next_one.take("next", MINUTE))
        taken.append(next_one.cursor(Side.CRM, "account"))

    thread = threading.Thread(target=take)
    with slow.transaction():
        thread.start()
        slow.save_cursor(Side.CRM, "account", "1")
        time.sleep(0.8)
        assert taken == []
    thread.join()
    assert taken[1] == "1"
    with pytest.raises(LeaseLost, match="next has taken it over"):
        slow.save_cursor(Side.CRM, "account", "2")
    assert next_one.cursor(Side.CRM, "account") == "1"
    slow.close()
    next_one.close()


WORKER = """
import sys, time
from datetime import timedelta
from clmcrm.errors import LeaseHeld, LeaseLost
from clmcrm.ports.records import Side
from clmcrm.store.encoding import seal_of
from clmcrm.store.postgres import PostgresJournal
place, name = sys.argv[1:]
journals = [PostgresJournal(place, partition=f"part {n}") for n in range(3)]
done = 0
until = time.monotonic() + 4
while time.monotonic() < until:
    for journal in journals:
        try:
            journal.take(name, timedelta(milliseconds=200))
            for _ in range(3):
                with journal.transaction():
                    was = int(journal.cursor(Side.CRM, "account") or 0)
                    if (done + 1) % 20 == 0:
                        time.sleep(0.25)
                    journal.save_cursor(Side.CRM, "account", str(was + 1))
                done += 1
            journal.release()
        except (LeaseHeld, LeaseLost):
            continue
print(done)
"""


def test_three_processes_count_together_and_lose_no_count(database: str) -> None:
    """Each adds one under its lease, some sleep past the end of theirs: the sum is what they did."""
    PostgresJournal(database).close()
    line = [sys.executable, "-c", WORKER, database]
    workers = [
        subprocess.Popen([*line, f"worker {n}"], stdout=subprocess.PIPE, text=True, env=store_env()) for n in range(3)
    ]
    done = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    counted = 0
    for n in range(3):
        journal = PostgresJournal(database, partition=f"part {n}")
        counted += int(journal.cursor(Side.CRM, "account") or 0)
        journal.close()
    assert counted == sum(done)
    assert min(done) > 0


DYING = """
import sys, time
from datetime import timedelta
from clmcrm.ports.records import Side
from clmcrm.store.encoding import seal_of
from clmcrm.store.postgres import PostgresJournal
journal = PostgresJournal(sys.argv[1])
journal.take("dying", timedelta(seconds=2))
journal.begin_steps([("crm:p", {"sent": {}})])
with journal.transaction():
    journal.save_cursor(Side.CRM, "account", "half")
    print("inside", flush=True)
    time.sleep(60)
"""


def test_a_killed_worker_leaves_its_open_step_and_its_lease_runs_out(database: str) -> None:
    journal = PostgresJournal(database)
    with subprocess.Popen(
        [sys.executable, "-c", DYING, database], stdout=subprocess.PIPE, text=True, env=store_env()
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "inside\n"
        worker.kill()
    with pytest.raises(LeaseHeld, match="dying"):
        _ = journal.take("next", MINUTE)
    time.sleep(2)
    _ = journal.take("next", MINUTE)
    assert journal.cursor(Side.CRM, "account") is None
    assert [key for key, _ in journal.open_steps()] == ["crm:p"]
    journal.close()


def store_env() -> dict[str, str]:
    import os  # noqa: PLC0415 - for this one process
    from pathlib import Path  # noqa: PLC0415 - the same

    return {**os.environ, "PYTHONPATH": str(Path(store.__file__).parents[2])}


def test_a_server_that_goes_away_is_named_and_may_be_tried_again(database: str) -> None:
    journal, other = PostgresJournal(database), PostgresJournal(database)
    pid = journal._db.info.backend_pid
    _ = other._rows("SELECT pg_terminate_backend(%s)", (pid,))
    with pytest.raises(JournalUnavailable, match="journal_") as caught:
        journal.save_cursor(Side.CRM, "account", "1")
    assert caught.value.retryable
    journal.close()
    other.close()
    with pytest.raises(JournalUnavailable) as caught:
        _ = PostgresJournal("host=/nowhere dbname=none")
    assert caught.value.retryable


def test_a_newer_journal_is_refused_untouched(database: str) -> None:
    journal = PostgresJournal(database)
    _ = journal._db.execute("UPDATE journal_schema SET version = 3")
    with pytest.raises(SyncError, match="version 3, this library knows up to 2"):
        _ = PostgresJournal(database)
    journal.close()


def _made_by_version_1(database: str, broken: bool = False) -> None:
    import psycopg  # noqa: PLC0415 - an extra, which the fixture has looked for

    PostgresJournal(database).close()
    body = '{"aliases":[["crm","A0"]],"base":{"n":1},"clm":"C1","crm":"A1","kind":"account","pair":"account:crm:A1"}'
    lone = '{"aliases":[],"base":{},"clm":null,"crm":"A2","kind":"account","pair":"account:crm:A2"}'
    with psycopg.connect(database, autocommit=True) as db:
        _ = db.execute("DROP TABLE journal_alias")
        _ = db.execute("ALTER TABLE journal_agreed DROP COLUMN crm, DROP COLUMN clm")
        _ = db.execute("UPDATE journal_schema SET version = 1")
        for partition, pair, text in (
            ("north", "account:crm:A1", body), ("north", "account:crm:A2", lone), ("south", "account:crm:A1", body),
        ):  # fmt: skip
            seal = seal_of("account", pair, text) + (broken and partition == "south")
            _ = db.execute(
                "INSERT INTO journal_agreed (partition, kind, pair, body, seal) VALUES (%s, 'account', %s, %s, %s)",
                (partition, pair, text, seal),
            )


def test_a_journal_of_the_first_version_is_brought_forward(database: str) -> None:
    _made_by_version_1(database)
    north, south = (PostgresJournal(database, partition=name) for name in ("north", "south"))
    first, second = (f"account:crm:A{n}" for n in (1, 2))
    assert [known.link.pair for known in north.agreed("account")] == [first, second]
    assert [known.link.pair for known in north.one_sided("account")] == [second]
    assert [known.link.pair for known in south.leading_to("account", Side.CRM, ["A0", "A2"])] == [first]
    assert [known.link.pair for known in south.leading_to("account", Side.CLM, ["C1", "A1"])] == [first]
    assert (north.count("account"), south.count("account")) == (2, 1)
    north.close()
    south.close()


def test_a_worker_of_the_first_version_cannot_write_to_a_newer_journal(database: str) -> None:
    journal = PostgresJournal(database)
    old = "INSERT INTO journal_agreed (partition, kind, pair, body, seal) VALUES ('all', 'account', 'p', '{}', 1)"
    with pytest.raises(JournalUnavailable, match="null value"), journal.transaction():
        _ = journal._db.execute(old)
    journal.close()


def test_a_damaged_pair_of_the_first_version_is_named_and_nothing_is_brought_forward(database: str) -> None:
    import psycopg  # noqa: PLC0415 - an extra, which the fixture has looked for

    _made_by_version_1(database, broken=True)
    with pytest.raises(JournalCorrupt, match="account:crm:A1"):
        _ = PostgresJournal(database)
    with psycopg.connect(database) as db:
        assert db.execute("SELECT version FROM journal_schema").fetchone() == (1,)
        with pytest.raises(psycopg.errors.UndefinedColumn):
            _ = db.execute("SELECT crm FROM journal_agreed")


def test_a_host_s_connection_shares_its_transaction(database: str) -> None:
    import psycopg  # noqa: PLC0415 - an extra, which the fixture has looked for

    with psycopg.connect(database) as db, pytest.raises(SyncError, match="autocommit"):
        _ = PostgresJournal(db)
    with psycopg.connect(database, autocommit=True) as db:
        journal = PostgresJournal(db)
        with db.transaction(force_rollback=True):
            journal.save_cursor(Side.CRM, "account", "1")
        assert journal.cursor(Side.CRM, "account") is None
        journal.close()
        assert not db.closed


@pytest.mark.parametrize("key", ["\ud800", "a\0b"], ids=["half a pair", "NUL"])
def test_a_key_that_is_no_text_for_a_database_is_named(database: str, key: str) -> None:
    journal = PostgresJournal(database)
    with pytest.raises(InvalidRecord, match=r"journal: text is .*; expected text without halves"):
        journal.save_hints([Hint(kind="account", side=Side.CRM, key=key)])
    with pytest.raises(InvalidRecord, match="journal: text is 'account:crm:"):
        _ = list(journal.agreed("account", [f"account:crm:{key}"]))
    journal.save_hints([Hint(kind="account", side=Side.CRM, key="good")])
    assert [hint.key for hint in journal.hints("account")] == ["good"]
    journal.close()


def test_a_hosts_connection_has_rows_as_they_come(database: str) -> None:
    import psycopg  # noqa: PLC0415 - an extra, which the fixture has looked for
    from psycopg.rows import dict_row  # noqa: PLC0415 - as above

    with (
        psycopg.connect(database, autocommit=True, row_factory=dict_row) as db,
        pytest.raises(SyncError, match="tuple"),
    ):
        _ = PostgresJournal(db)


def test_a_lost_lease_writes_nothing_into_a_hosts_transaction(database: str) -> None:
    import psycopg  # noqa: PLC0415 - an extra, which the fixture has looked for

    other = PostgresJournal(database)
    with psycopg.connect(database, autocommit=True) as db:
        journal = PostgresJournal(db)
        _ = journal.take("one", timedelta(milliseconds=100))
        time.sleep(0.2)
        _ = other.take("two", MINUTE)
        with db.transaction(), pytest.raises(LeaseLost, match="two has taken it over"):
            journal.save_cursor(Side.CRM, "account", "1")
    assert other.cursor(Side.CRM, "account") is None
    other.close()


def test_a_held_partition_says_by_whom_and_until_when(database: str) -> None:
    one, two = PostgresJournal(database), PostgresJournal(database)
    lease = one.take("one", MINUTE)
    with pytest.raises(LeaseHeld) as caught:
        _ = two.take("two", MINUTE)
    assert (caught.value.holder, caught.value.until) == ("one", lease.until)
    one.close()
    two.close()


def test_without_the_driver_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r'pip install "clmcrm\[postgres\]"'):
        _ = PostgresJournal("dbname=none")
