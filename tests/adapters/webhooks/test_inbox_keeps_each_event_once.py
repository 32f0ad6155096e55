"""The inbox: each event is kept once, all or nothing, in memory, in SQLite and across a killed process."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.webhooks.handing_over import hand_over
from clmcrm.adapters.webhooks.inbox import Inbox, MemoryInbox
from clmcrm.adapters.webhooks.sqlite_inbox import SqliteInbox
from clmcrm.adapters.webhooks.verified import Event
from clmcrm.errors import SyncError
from clmcrm.ports.journal import Journal
from clmcrm.ports.records import Side
from clmcrm.store.memory import MemoryJournal
from clmcrm.store.sqlite import SqliteJournal

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
MAKERS: list[Callable[[], Inbox]] = [MemoryInbox, lambda: SqliteInbox(":memory:")]
both = pytest.mark.parametrize("make", MAKERS, ids=["memory", "sqlite"])


def event(own: str, key: str | None = "7", what: str = "deal", **more: object) -> Event:
    return Event(id=own, kind=f"{what}.changed", object=what, key=key, **more)  # type: ignore[arg-type] # any field


@both
def test_what_is_kept_comes_back_as_it_was(make: Callable[[], Inbox]) -> None:
    inbox = make()
    whole = event("e1", occurred_at=AT - timedelta(microseconds=1), gone=True, merged_into="9")
    assert inbox.take("hubspot", [whole, event("e2", None)], AT) == 2
    assert [(a.system, a.event, a.seen_at) for a in inbox.waiting()] == [
        ("hubspot", whole, AT), ("hubspot", event("e2", None), AT),
    ]  # fmt: skip


@both
def test_an_id_is_remembered_after_it_was_settled_and_for_each_system_apart(make: Callable[[], Inbox]) -> None:
    inbox = make()
    assert inbox.take("a", [event("e1")], AT) == 1
    inbox.settle([arrival.number for arrival in inbox.waiting()])
    assert inbox.take("a", [event("e1")], AT) == 0
    assert inbox.take("b", [event("e1")], AT) == 1
    assert [arrival.system for arrival in inbox.waiting()] == ["b"]


@both
def test_what_is_not_settled_is_never_forgotten(make: Callable[[], Inbox]) -> None:
    inbox = make()
    _ = inbox.take("a", [event("old"), event("open")], AT)
    _ = inbox.take("a", [event("young")], AT + timedelta(days=1))
    numbers = {arrival.event.id: arrival.number for arrival in inbox.waiting()}
    inbox.settle([numbers["old"], numbers["young"]])
    assert inbox.forget(AT + timedelta(hours=1)) == 1
    assert inbox.take("a", [event("old"), event("open"), event("young")], AT) == 1


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=5), max_size=12))
def test_both_inboxes_say_the_same(batches: list[list[str]]) -> None:
    memory, sqlite = MemoryInbox(), SqliteInbox(":memory:")
    for batch in batches:
        events = [event(own) for own in batch]
        assert memory.take("s", events, AT) == sqlite.take("s", events, AT)
    assert [a.event.id for a in memory.waiting()] == [a.event.id for a in sqlite.waiting()]
    sqlite.close()


@both
def test_of_two_events_under_one_id_in_one_message_the_first_is_kept(make: Callable[[], Inbox]) -> None:
    inbox = make()
    assert inbox.take("a", [event("e1", "7"), event("e1", "8")], AT) == 1
    assert [arrival.event.key for arrival in inbox.waiting()] == ["7"]


def test_a_take_is_all_or_nothing(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    inbox = SqliteInbox(db)
    _ = db.execute(
        "CREATE TRIGGER full BEFORE INSERT ON webhook_event WHEN NEW.id = 'e3' BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(SyncError, match="cannot write: full"):
        _ = inbox.take("a", [event("e1"), event("e2"), event("e3")], AT)
    assert not list(inbox.waiting())
    db.close()


def test_what_one_thread_has_taken_does_not_go_with_what_another_one_fails_to() -> None:
    """A server takes while a run settles: neither is a part of the other's transaction."""
    inbox, taken = SqliteInbox(":memory:"), list[int]()
    other = Thread(target=lambda: taken.append(inbox.take("a", [event("e2")], AT)))

    class Failing(list[Event]):
        def __iter__(self) -> Iterator[Event]:
            yield event("e1")
            other.start()
            other.join(0.2)
            raise TimeoutError

    with pytest.raises(TimeoutError):
        _ = inbox.take("a", Failing(), AT)
    other.join()
    assert (taken, [arrival.event.id for arrival in inbox.waiting()]) == ([1], ["e2"])


def test_what_could_not_be_committed_is_not_taken_for_kept_when_it_comes_again(tmp_path: Path) -> None:
    """Without WAL a reader that is slow refuses the COMMIT, and leaves the transaction open."""
    host = sqlite3.connect(tmp_path / "host.db", isolation_level=None, timeout=0)
    inbox = SqliteInbox(host)
    reader = sqlite3.connect(tmp_path / "host.db", isolation_level=None, timeout=0)
    _ = reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM webhook_event").fetchone() == (0,)
    with pytest.raises(SyncError, match="inbox: cannot write: database is locked"):
        _ = inbox.take("a", [event("e1")], AT)
    assert not host.in_transaction
    _ = reader.execute("COMMIT")
    assert inbox.take("a", [event("e1")], AT) == 1
    assert reader.execute("SELECT id FROM webhook_event").fetchall() == [("e1",)]
    reader.close()
    host.close()


def test_inside_the_hosts_transaction_a_take_goes_with_it(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    inbox = SqliteInbox(db)
    _ = db.execute("BEGIN")
    _ = inbox.take("a", [event("e1")], AT)
    _ = db.execute("ROLLBACK")
    assert not list(inbox.waiting())
    db.close()


def test_it_stands_in_the_journals_file(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    journal, inbox = SqliteJournal(db), SqliteInbox(db)
    _ = inbox.take("hubspot", [event("e1")], AT)
    _ = hand_over(inbox, journal, "hubspot", Side.CRM, {"deal": "opportunity"})
    assert [hint.key for hint in journal.hints("opportunity")] == ["7"]
    db.close()


DYING = """
import os, signal, sys
from datetime import datetime, UTC
from clmcrm.adapters.webhooks.sqlite_inbox import SqliteInbox
from clmcrm.adapters.webhooks.verified import Event
inbox = SqliteInbox(sys.argv[1])
inbox.take("a", [Event(id="e1", kind="k", object="deal", key="1")], datetime.now(UTC))
inbox._db.execute("BEGIN IMMEDIATE")
inbox._db.execute("UPDATE webhook_event SET key = '2'")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_acknowledged_survives_a_killed_process(tmp_path: Path) -> None:
    place = tmp_path / "x.sqlite"
    ended = subprocess.run([sys.executable, "-c", DYING, str(place)], check=False, capture_output=True)
    assert ended.returncode == -9, ended.stderr
    inbox = SqliteInbox(place)
    assert [arrival.event.key for arrival in inbox.waiting()] == ["1"]
    inbox.close()


@pytest.mark.parametrize("make", [MemoryJournal, lambda: SqliteJournal(":memory:")], ids=["memory", "sqlite"])
def test_events_become_hints_of_our_kinds(make: Callable[[], Journal]) -> None:
    inbox, journal = MemoryInbox(), make()
    events = [
        event("e1", "7"), event("e2", "8", gone=True), event("e3", "9", merged_into="7"),
        event("e4", None), event("e5", "1", "ticket"),
    ]  # fmt: skip
    _ = inbox.take("hubspot", events, AT)
    _ = inbox.take("docusign", [event("d1", "5", "envelope")], AT)
    handed = hand_over(inbox, journal, "hubspot", Side.CRM, {"deal": "opportunity"})
    hints = [(hint.key, hint.gone, hint.merged_into) for hint in journal.hints("opportunity")]
    assert hints == [("7", False, None), ("8", True, None), ("9", False, "7")]
    assert handed.pulls == {"opportunity"}
    assert [arrival.event.object for arrival in handed.left] == ["ticket"]
    assert [arrival.system for arrival in inbox.waiting()] == ["docusign"]


def test_a_journal_that_fails_leaves_the_inbox_as_it_was() -> None:
    class Full:
        def save_hints(self, hints: object) -> None:
            raise SyncError(f"no room for {hints}")

    inbox = MemoryInbox()
    _ = inbox.take("hubspot", [event("e1")], AT)
    with pytest.raises(SyncError):
        _ = hand_over(inbox, Full(), "hubspot", Side.CRM, {"deal": "opportunity"})
    assert len(list(inbox.waiting())) == 1


def test_what_another_thread_may_still_take_back_is_not_told() -> None:
    """Its number would be given again, and settling it would settle another event that nobody has seen."""
    inbox, told = SqliteInbox(":memory:"), list[str]()
    looking = Thread(target=lambda: told.extend(arrival.event.id for arrival in inbox.waiting()))

    class Breaking(tuple[Event, ...]):
        __slots__ = ()

        def __iter__(self) -> Iterator[Event]:
            yield event("e1")
            looking.start()
            looking.join(0.1)
            raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        _ = inbox.take("a", Breaking(), AT)
    looking.join()
    assert told == []
