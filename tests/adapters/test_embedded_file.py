"""The systems in a file: what was written is there, whole; what goes wrong is a typed error."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clmcrm.adapters.embedded import Embedded, EmbeddedCrm, open_embedded
from clmcrm.adapters.sqlite_shelf import SCHEMA, connect
from clmcrm.errors import TerminalError, TransientError
from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import Create, Fields, Result, Update
from clmcrm.store.sqlite import SqliteJournal

ENV = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "both.sqlite"


@pytest.fixture
def both(place: Path) -> Iterator[Embedded]:
    with open_embedded(place) as both:
        yield both


def _create(number: int, **fields: str) -> Create:
    return Create(kind="account", mark=f"m{number}", fields={"name": f"Account {number}", **fields})


def test_what_was_written_is_there_after_a_restart(place: Path) -> None:
    with open_embedded(place) as both:
        seen = both.crm.add("account", {"name": "Société"})
        cursor = both.crm.changes("account", None).cursor
    with open_embedded(place) as both:
        assert both.crm.read("account", [seen.key]) == (seen,)
        later = both.crm.add("account", {"name": "B"})
        assert int(later.version) > int(seen.version)
        assert both.crm.changes("account", cursor).seen == (later,)


def test_the_two_systems_of_a_file_do_not_see_each_other(both: Embedded) -> None:
    seen = both.crm.add("account", {"name": "A"}, key="1")
    assert both.clm.read("account", [seen.key]) == ()
    assert both.clm.add("account", {"name": "B"}, key="1").fields == {"name": "B"}


def test_the_file_is_written_through_to_the_disk(both: Embedded) -> None:
    assert both.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert both.connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_journal_shares_the_file_and_its_transactions(both: Embedded) -> None:
    journal = SqliteJournal(both.connection)
    agreed = Agreed(link=Link(pair="p", kind="account", crm="1"), base={"name": "A"})

    def break_after_saving() -> None:
        with journal.transaction():
            journal.save_agreed([agreed])
            assert both.crm.write([_create(1)])[0].result is Result.DONE
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_after_saving()
    assert both.crm.find("account", "m1") is None
    with journal.transaction():
        journal.save_agreed([agreed])
        _ = both.crm.write([_create(1)])
    assert list(journal.agreed("account")) == [agreed]
    assert both.crm.find("account", "m1") is not None


def test_a_refused_edit_inside_the_hosts_transaction_undoes_only_itself(both: Embedded) -> None:
    _ = both.connection.execute("BEGIN")
    seen = both.crm.add("account", {"name": "A"})
    with pytest.raises(TerminalError):
        _ = both.crm.edit("account", "nobody", {"name": "B"})
    _ = both.connection.execute("COMMIT")
    assert both.crm.read("account", [seen.key]) == (seen,)


def test_a_connection_that_was_given_stays_open(place: Path) -> None:
    connection = connect(place)
    EmbeddedCrm(connection).close()
    assert connection.execute("SELECT 1").fetchone() == (1,)
    connection.close()


def test_an_old_style_connection_of_the_host_is_taken_as_it_is(place: Path) -> None:
    connection = sqlite3.connect(place)  # begins transactions by itself
    crm = EmbeddedCrm(connection)
    _ = crm.write([_create(1)])
    assert not connection.in_transaction
    connection.close()
    with open_embedded(place) as both:
        assert both.crm.find("account", "m1") is not None


def test_a_locked_file_is_a_passing_error_and_nothing_is_written(both: Embedded, place: Path) -> None:
    other = connect(place, busy_seconds=0)
    crm = EmbeddedCrm(other)
    _ = both.connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransientError, match="locked") as caught:
        _ = crm.write([_create(1)])
    assert caught.value.retryable
    _ = both.connection.execute("ROLLBACK")
    assert crm.find("account", "m1") is None
    assert crm.write([_create(1)])[0].result is Result.DONE
    other.close()


def test_a_full_disk_is_a_passing_error_and_the_batch_is_not_half_done(both: Embedded) -> None:
    _ = both.crm.write([_create(0)])
    (pages,) = both.connection.execute("PRAGMA page_count").fetchone()
    _ = both.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    before = both.crm.changes("account", None)
    with pytest.raises(TransientError, match="full"):
        _ = both.crm.write([_create(number, description="x" * 2_000) for number in range(1, 50)])
    assert both.crm.changes("account", None) == before
    _ = both.connection.execute("PRAGMA max_page_count = 100000")
    outcomes = both.crm.write([_create(number, description="x" * 2_000) for number in range(1, 50)])
    assert {outcome.result for outcome in outcomes} == {Result.DONE}


def test_a_batch_that_the_database_breaks_off_leaves_nothing(both: Embedded) -> None:
    _ = both.connection.execute(
        "CREATE TRIGGER breaks BEFORE INSERT ON crm_records WHEN NEW.mark = 'm3'"
        " BEGIN SELECT RAISE(ABORT, 'no more'); END"
    )
    with pytest.raises(TerminalError, match="no more"):
        _ = both.crm.write([_create(number) for number in range(1, 6)])
    assert both.crm.changes("account", None).seen == ()
    assert not both.connection.in_transaction


def test_another_mark_is_never_overwritten(both: Embedded) -> None:
    """A key chosen by a person does not push out the record that holds a mark."""
    (outcome,) = both.crm.write([_create(1)])
    other = both.crm.add("account", {"name": "Other"}, key="mine")
    _ = both.crm.edit("account", "mine", {"name": "Still other"})
    found = both.crm.find("account", "m1")
    assert found is not None
    assert (found.key, found.fields) == (outcome.key, {"name": "Account 1"})
    assert other.mark is None


def test_a_file_that_is_no_database_is_refused(place: Path) -> None:
    _ = place.write_bytes(b"this is no database, and it is long enough to be looked at " * 40)
    with pytest.raises(TerminalError, match="not a database"):
        _ = open_embedded(place)


def test_a_damaged_file_is_refused_or_read_right(place: Path) -> None:
    with open_embedded(place) as both:
        _ = both.crm.write([_create(number, description="x" * 500) for number in range(100)])
        _ = both.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = both.crm.changes("account", None).seen
    sound = place.read_bytes()
    chance = random.Random(7)  # noqa: S311 - a seed makes the damage repeatable
    refused = 0
    for _ in range(40):
        damaged = bytearray(sound)
        at = chance.randrange(100, len(damaged) - 64)
        damaged[at : at + 64] = bytes(64)
        _ = place.write_bytes(damaged)
        try:
            with open_embedded(place) as both:
                seen = both.crm.changes("account", None).seen
        except TerminalError:
            refused += 1
        else:
            assert seen == whole
    assert refused > 0


def test_a_row_whose_fields_are_damaged_is_named(both: Embedded) -> None:
    seen = both.crm.add("account", {"name": "A"})
    _ = both.connection.execute("UPDATE crm_records SET fields = '{\"name\": '")
    with pytest.raises(TerminalError, match=f"the row of account {seen.key} is damaged"):
        _ = both.crm.read("account", [seen.key])


def test_a_file_of_a_later_version_is_left_alone(place: Path) -> None:
    with open_embedded(place) as both:
        _ = both.connection.execute("UPDATE crm_facts SET value = ? WHERE name = 'schema'", [SCHEMA + 1])
    with pytest.raises(TerminalError, match=f"version {SCHEMA + 1}; this library knows {SCHEMA}"):
        _ = open_embedded(place)


def test_a_closed_file_is_a_typed_error(place: Path) -> None:
    crm = EmbeddedCrm(place)
    crm.close()
    with pytest.raises(TerminalError, match="closed"):
        _ = crm.changes("account", None)


def test_a_place_where_no_file_can_be_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match="unable to open"):
        _ = open_embedded(tmp_path / "no such folder" / "both.sqlite")


def test_two_processes_see_each_others_writes(both: Embedded, place: Path) -> None:
    with open_embedded(place) as other:
        seen = both.crm.add("account", {"name": "A"})
        assert other.crm.changes("account", None).seen == (seen,)
        stale = Update(kind="account", key=seen.key, fields={"name": "C"}, expected=seen.version)
        _ = other.crm.edit("account", seen.key, {"name": "B"})
        assert both.crm.write([stale])[0].result is Result.STALE


def test_a_file_that_contradicts_its_own_tables_is_refused(place: Path) -> None:
    with open_embedded(place) as both:
        _ = both.crm.add("account", {"name": "A"})
        _ = both.connection.execute("PRAGMA writable_schema = ON")
        _ = both.connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'mark TEXT', 'mark TEXT NOT NULL') WHERE name = 'crm_records'"
        )
    with pytest.raises(TerminalError, match="the file is damaged: NULL value"):
        _ = open_embedded(place)


def test_a_call_holds_the_file_from_its_beginning(both: Embedded, place: Path) -> None:
    """What it has looked at cannot change before it writes."""
    other = connect(place, busy_seconds=0)
    with both.crm._shelf.transaction(), pytest.raises(TransientError, match="locked"):
        _ = EmbeddedCrm(other).write([_create(1)])
    other.close()


def test_two_writers_at_once_wait_for_each_other(place: Path) -> None:
    def write(run: int) -> list[Result]:
        with open_embedded(place) as both:
            batches = [[_create(run * 1_000 + 10 * batch + n) for n in range(10)] for batch in range(20)]
            return [outcome.result for batch in batches for outcome in both.crm.write(batch)]

    with ThreadPoolExecutor(4) as writers:
        results = [result for done in writers.map(write, range(4)) for result in done]
    assert results == [Result.DONE] * 800


WRITER = """
import sys
from clmcrm.adapters.embedded import open_embedded
from clmcrm.ports.records import Create
with open_embedded(sys.argv[1]) as both:
    done = len(both.crm.changes("account", None).seen)
    for batch in range(10_000):
        writes = [
            Create(kind="account", mark=f"{sys.argv[2]}:{batch}:{n}", fields={"name": f"{sys.argv[2]}:{batch}"})
            for n in range(10)
        ]
        both.crm.write(writes)
        print(batch, flush=True)
"""


def _kill_a_writer(place: Path, run: int, pause: float) -> int:
    """Start a process that writes batches, kill it, and return how many batches it had acknowledged."""
    command = [sys.executable, "-c", WRITER, str(place), str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENV) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        assert first
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        return 1 + len(writer.stdout.read().splitlines())


def test_a_killed_writer_leaves_whole_batches_and_every_acknowledged_one(place: Path) -> None:
    chance = random.Random(11)  # noqa: S311 - a seed makes the pauses repeatable
    for run in range(5):
        acknowledged = _kill_a_writer(place, run, chance.random() / 20)
        with open_embedded(place) as both:
            counts: dict[str, int] = {}
            for fields in _every_account(both.crm):
                batch = str(fields["name"])
                counts[batch] = counts.get(batch, 0) + 1
        assert set(counts.values()) == {10}
        mine = [name for name in counts if name.startswith(f"{run}:")]
        assert len(mine) >= acknowledged - 1  # the last line may have been cut


def _every_account(crm: EmbeddedCrm) -> Iterator[Fields]:
    page = crm.changes("account", None)
    yield from (seen.fields for seen in page.seen)
    while page.more:
        page = crm.changes("account", page.cursor)
        yield from (seen.fields for seen in page.seen)
