"""What breaks under a journal, and what holds then: a killed process, a failing write, a lost or flipped file."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from clmcrm.errors import JournalCorrupt, JournalUnavailable, LeaseLost, SyncError
from clmcrm.ports.journal import LeasedJournal, PortableJournal
from clmcrm.ports.kept import Agreed, Entry, Hint, Link
from clmcrm.ports.records import Side
from clmcrm.store.encoding import agreed_of
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.store.upkeep import check_journal

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
SEED = int(os.environ.get("CLMCRM_SEED", random.randrange(10**6)))  # noqa: S311 - not for secrets


def _chance() -> random.Random:
    return random.Random(SEED)  # noqa: S311 - not for secrets


def _pair(number: int, value: object = "x") -> Agreed:
    return Agreed(link=Link(pair=f"p{number}", kind="account", crm=f"A{number}"), base={"v": str(value)})


def _everything(journal: SqliteJournal) -> Any:
    kinds = journal.kinds()
    return [
        [list(journal.agreed(kind)) for kind in kinds], list(journal.cursors()), list(journal.history()),
        list(journal.open_steps()), list(journal.decisions()),
        [evolve(hint, number=0) for kind in kinds for hint in journal.hints(kind)],
    ]  # fmt: skip


def _save_all(journal: SqliteJournal, tag: str) -> None:
    with journal.transaction():
        journal.save_agreed([_pair(n, tag) for n in range(3)])
        journal.save_cursor(Side.CRM, "account", tag)
        journal.save_entries([Entry(at=NOON, pair="p0", what="note", facts={"t": tag})])
        journal.begin_steps([("crm:p0", {"t": tag})])
        journal.save_decision("k", {"t": tag})
        journal.save_hints([Hint(kind="account", side=Side.CRM, key="A0")])
        journal.end_steps(["crm:p1"])


CHILD = """
import sys
from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import Side
from clmcrm.store.sqlite import SqliteJournal
journal = SqliteJournal(sys.argv[1])
number = int(journal.cursor(Side.CRM, "account") or 0)
while True:
    number += 1
    with journal.transaction():
        for n in range(20):
            link = Link(pair=f"p{n}", kind="account", crm="A")
            journal.save_agreed([Agreed(link=link, base={"v": str(number)})])
        journal.save_cursor(Side.CRM, "account", str(number))
    print(number, flush=True)
"""


def _killed_trials(place: Path, trials: int, chance: random.Random) -> int:
    """Kill a writer in the middle of its batches, again and again; returns how many batches it told."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    told = 0
    for trial in range(trials):
        line = [sys.executable, "-c", CHILD, str(place)]
        with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment) as child:
            assert child.stdout is not None
            told = max(told, int(child.stdout.readline()))
            with suppress(subprocess.TimeoutExpired):
                _ = child.wait(chance.uniform(0, 0.02))
            child.send_signal(signal.SIGKILL)
            lines = child.stdout.read().split("\n")
            told = max([told, *(int(each) for each in lines[:-1])])
        journal = SqliteJournal(place, create=False)
        kept = int(journal.cursor(Side.CRM, "account") or 0)
        values = {pair.base["v"] for pair in journal.agreed("account")}
        journal.close()
        assert kept >= told, f"seed {SEED}, trial {trial}: batch {told} was told and is not kept"
        assert values == {str(kept)}, f"seed {SEED}, trial {trial}: half a batch is kept"
    return told


def test_a_writer_killed_in_the_middle_of_a_batch_keeps_what_it_told_and_no_half(tmp_path: Path) -> None:
    assert _killed_trials(tmp_path / "j.sqlite", 5, _chance()) > 5


@pytest.mark.slow
@pytest.mark.servers
def test_a_writer_killed_many_times(tmp_path: Path) -> None:
    """By night, or with CLMCRM_TRIALS."""
    trials = int(os.environ.get("CLMCRM_TRIALS", "60"))
    told = _killed_trials(tmp_path / "j.sqlite", trials, _chance())
    print(f"seed {SEED}: {trials} kills, {told} batches told, none lost, none halved")  # noqa: T201 - a figure


class FailingDb(sqlite3.Connection):
    """Fails at its k-th statement as SQLite does on a full or broken disk."""

    left = 10**9
    failure = sqlite3.SQLITE_FULL

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        self._count(arguments[0])
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        self._count(arguments[0])
        return super().executemany(*arguments)

    def _count(self, sql: str) -> None:
        if sql.startswith("ROLLBACK"):
            return
        self.left -= 1
        if self.left == 0:
            if self.failure == sqlite3.SQLITE_IOERR and self.in_transaction:
                # SQLite itself may have rolled back by then.
                _ = super().execute("ROLLBACK")
            error = sqlite3.OperationalError("the disk failed on purpose")
            error.sqlite_errorcode = self.failure
            raise error


@pytest.mark.parametrize(
    ("failure", "words"),
    [(sqlite3.SQLITE_FULL, "make room"), (sqlite3.SQLITE_IOERR, "did not take it"), (sqlite3.SQLITE_BUSY, "later")],
)
def test_whichever_write_fails_nothing_of_the_batch_is_kept(failure: int, words: str, tmp_path: Path) -> None:
    place = tmp_path / "j.sqlite"
    SqliteJournal(place).close()
    db = sqlite3.connect(place, isolation_level=None, factory=FailingDb)
    journal = SqliteJournal(db)
    _save_all(journal, "before")
    was = _everything(journal)
    db.failure = failure
    failed = 0
    for k in range(1, 200):
        db.left = k
        try:
            _save_all(journal, "after")
        except JournalUnavailable as error:
            refusal = error
        else:
            break
        failed += 1
        db.left = 10**9
        assert words in str(refusal)
        assert str(place) in str(refusal)
        assert refusal.retryable is (failure == sqlite3.SQLITE_BUSY)
        assert _everything(journal) == was, f"the {k}th statement failed and something was kept"
    assert failed > 10
    db.left = 10**9
    assert _everything(journal) != was
    db.close()


def test_a_flipped_bit_is_named_or_has_changed_nothing(tmp_path: Path) -> None:
    """Wherever it is: the file is refused, a row is refused, or everything reads as before."""
    place = tmp_path / "j.sqlite"
    journal = SqliteJournal(place)
    for number in range(40):
        _save_all(journal, f"tag {number}")
    was = _everything(journal)
    journal.close()
    whole = place.read_bytes()
    chance = _chance()
    named = 0
    for trial in range(300):
        body = bytearray(whole)
        where, bit = chance.randrange(len(body)), chance.randrange(8)
        body[where] ^= 1 << bit
        _ = place.write_bytes(bytes(body))
        for left in tmp_path.glob("j.sqlite-*"):
            left.unlink()
        found = _read_or_refused(place)
        if isinstance(found, SyncError):
            named += 1
            assert "j.sqlite" in str(found)
        else:
            assert found == was, f"seed {SEED}, trial {trial}: bit {bit} of byte {where} changed what is read"
    assert named > 5, f"seed {SEED}"


def _read_or_refused(place: Path) -> Any:
    try:
        damaged = SqliteJournal(place, create=False)
        try:
            return _everything(damaged)
        finally:
            damaged.close()
    except SyncError as error:
        return error


def test_a_row_that_was_changed_behind_the_journal_is_named(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "j.sqlite")
    _save_all(journal, "x")
    _ = journal._db.execute("UPDATE journal_agreed SET body = replace(body, 'x', 'y') WHERE pair = 'p1'")
    with pytest.raises(JournalCorrupt, match=r"j\.sqlite: pair p1: is not as it was written"):
        _ = list(journal.agreed("account"))
    journal.close()
    health = check_journal(tmp_path / "j.sqlite")
    assert not health.sound
    assert "pair p1" in health.problems[0]


def test_nothing_is_written_to_a_damaged_file(tmp_path: Path) -> None:
    place = tmp_path / "j.sqlite"
    journal = SqliteJournal(place)
    journal.save_agreed([_pair(n) for n in range(500)])
    journal.close()
    body = bytearray(place.read_bytes())
    body[8192:8256] = b"\xff" * 64
    _ = place.write_bytes(bytes(body))
    for _ in range(2):
        with pytest.raises(JournalCorrupt, match=r"j\.sqlite"):
            _ = SqliteJournal(place)
    assert place.read_bytes() == bytes(body)


def test_a_state_file_that_is_not_there_is_noticed(tmp_path: Path) -> None:
    place = tmp_path / "gone.sqlite"
    with pytest.raises(JournalUnavailable, match=r"gone\.sqlite: there is no such file"):
        _ = SqliteJournal(place, create=False)
    assert not place.exists()


def test_a_state_file_removed_while_it_is_open_is_not_written_to(tmp_path: Path) -> None:
    place = tmp_path / "j.sqlite"
    journal = SqliteJournal(place)
    journal.save_cursor(Side.CRM, "account", "1")
    place.unlink()
    with pytest.raises(JournalUnavailable, match="removed or replaced"):
        journal.save_cursor(Side.CRM, "account", "2")
    journal.close()
    with pytest.raises(JournalUnavailable, match="see that the folder exists"):
        _ = SqliteJournal(tmp_path / "nowhere" / "j.sqlite")


def test_a_host_that_removes_its_lease_table_row_fences_the_worker(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "j.sqlite")
    _ = journal.take("worker", timedelta(minutes=1))
    _ = journal._db.execute("DELETE FROM journal_lease")
    with pytest.raises(LeaseLost, match="worker holds partition all no longer"):
        journal.save_cursor(Side.CRM, "account", "1")
    journal.close()


def test_a_body_of_a_later_format_is_refused_and_not_guessed() -> None:
    with pytest.raises(SyncError, match="format 2, this library reads 1: update clmcrm"):
        _ = agreed_of('{"format": 2, "pair": "p"}', "pair p")


def test_the_journal_offers_every_port() -> None:
    journal = SqliteJournal(":memory:")
    assert isinstance(journal, LeasedJournal)
    assert isinstance(journal, PortableJournal)
    journal.close()


def test_strace_finds_a_failing_disk_named(tmp_path: Path) -> None:
    """The k-th write of the operating system fails, where strace is there to make it."""
    if not _can_trace():
        pytest.skip("no strace that may trace on this machine")
    place = tmp_path / "j.sqlite"
    SqliteJournal(place).close()
    code = (
        "import sys\n"
        "from clmcrm.errors import ClmcrmError\n"
        "from clmcrm.ports.records import Side\n"
        "from clmcrm.store.sqlite import SqliteJournal\n"
        "try:\n"
        "    journal = SqliteJournal(sys.argv[1])\n"
        "    for n in range(50):\n"
        "        journal.save_cursor(Side.CRM, 'account', str(n))\n"
        "        print(n, flush=True)\n"
        "except ClmcrmError as error:\n"
        "    sys.exit(type(error).__name__ + ': ' + str(error))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    for k, failure in ((1, "ENOSPC"), (9, "ENOSPC"), (14, "EIO")):
        traced = ["strace", "-f", "-o", str(tmp_path / "trace"), "-e", "trace=pwrite64",
                  "-e", f"inject=pwrite64:error={failure}:when={k}"]  # fmt: skip
        ran = subprocess.run(
            [*traced, sys.executable, "-c", code, str(place)],
            capture_output=True, text=True, env=environment, check=False, timeout=120,
        )  # fmt: skip
        assert ran.returncode == 1, ran.stderr
        assert ran.stderr.startswith("JournalUnavailable"), ran.stderr
        told = [int(line) for line in ran.stdout.split()]
        journal = SqliteJournal(place, create=False)
        assert int(journal.cursor(Side.CRM, "account") or -1) >= max(told, default=-1)
        journal.close()


def _can_trace() -> bool:
    with suppress(OSError):
        ran = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
        return ran.returncode == 0
    return False


@pytest.fixture(autouse=True)
def seed() -> None:
    """The seed is printed with a failure: set CLMCRM_SEED to repeat it."""
    print(f"CLMCRM_SEED={SEED}")  # noqa: T201 - shown with a failure
