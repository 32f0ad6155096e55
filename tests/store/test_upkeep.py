"""A journal is backed up while it is written to, checked whole, made small, exported and imported."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from old_journals import built

from clmcrm.errors import JournalCorrupt, JournalUnavailable, SyncError, UnreadableInput
from clmcrm.ports.journal import PortableJournal
from clmcrm.ports.kept import Agreed, Entry, Hint, Link
from clmcrm.ports.records import Side
from clmcrm.store.memory import MemoryJournal
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.store.transfer import exported, import_export
from clmcrm.store.upkeep import back_up, check_journal, compact

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)


def _fill(journal: PortableJournal, count: int = 30) -> None:
    with journal.transaction():
        for kind in ("account", "contact"):
            journal.save_agreed(
                Agreed(
                    link=Link(pair=f"{kind}{n}", kind=kind, crm=f"A{n}", aliases=((Side.CLM, "old"),)),
                    base={"name": "Société", "n": n, "gone": None},
                    extras={"later": [1]},
                )
                for n in range(count)
            )
        journal.save_cursor(Side.CRM, "account", "17")
        journal.save_hints([Hint(kind="account", side=Side.CLM, key="C1", gone=True, merged_into="C2")])
        journal.save_entries([Entry(at=NOON, pair="account1", what="note", facts={"n": n}) for n in range(3)])
        journal.begin_steps([("crm:account1", {"a": 1}), ("clm:account2", {})])
        journal.save_decision("account1#name", {"value": "x"})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    journal = SqliteJournal(tmp_path / "j.sqlite")
    _fill(journal)
    journal.close()
    return tmp_path / "j.sqlite"


def test_a_backup_is_the_journal_as_it_was(place: Path, tmp_path: Path) -> None:
    health = back_up(place, tmp_path / "copy.sqlite")
    assert health.sound
    assert health.rows["journal_agreed"] == 60
    journal, copy = SqliteJournal(place), SqliteJournal(tmp_path / "copy.sqlite")
    assert list(exported(copy)) == list(exported(journal))
    journal.close()
    copy.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.sqlite", "j.sqlite"]


def test_a_backup_made_while_others_write_is_whole(place: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        journal = SqliteJournal(place)
        number = 0
        while not stop.is_set():
            number += 1
            with journal.transaction():
                for side in Side:
                    journal.save_cursor(side, "account", str(number))
        journal.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            _ = back_up(place, tmp_path / f"copy{n}.sqlite")
    finally:
        stop.set()
        writer.join()
    for n in range(5):
        copy = SqliteJournal(tmp_path / f"copy{n}.sqlite", create=False)
        assert copy.cursor(Side.CLM, "account") in (None, copy.cursor(Side.CRM, "account"))
        copy.close()


def test_a_backup_replaces_nothing_and_copies_no_damage(place: Path, tmp_path: Path) -> None:
    (tmp_path / "there.sqlite").write_text("mine")
    with pytest.raises(JournalUnavailable, match="exists already"):
        _ = back_up(place, tmp_path / "there.sqlite")
    assert (tmp_path / "there.sqlite").read_text() == "mine"
    db = sqlite3.connect(place, isolation_level=None)
    _ = db.execute("UPDATE journal_step SET facts = '{}' WHERE key = 'crm:account1'")
    db.close()
    with pytest.raises(JournalCorrupt, match="no backup was made: open step crm:account1"):
        _ = back_up(place, tmp_path / "bad.sqlite")
    assert not (tmp_path / "bad.sqlite").exists()
    with pytest.raises(JournalUnavailable, match="see that the folder exists"):
        _ = back_up(place, tmp_path / "nowhere" / "x.sqlite")


def test_a_check_reads_everything_and_changes_nothing(place: Path, tmp_path: Path) -> None:
    before = place.read_bytes()
    health = check_journal(place)
    assert (health.sound, health.version, health.rows["journal_entry"]) == (True, 3, 3)
    assert place.read_bytes() == before
    (tmp_path / "text").write_text("no database" * 500)
    assert not check_journal(tmp_path / "text").sound
    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE t (x)").connection.close()
    assert check_journal(tmp_path / "other.sqlite").problems == ("there is no journal in it",)
    with pytest.raises(JournalUnavailable, match="no such file"):
        _ = check_journal(tmp_path / "none")


def test_compacting_gives_room_back_and_leaves_no_deleted_name_behind(place: Path) -> None:
    journal = SqliteJournal(place)
    journal.save_agreed(
        Agreed(link=Link(pair=f"x{n}", kind="account", crm="A"), base={"name": "Erika Mustermann"}) for n in range(2000)
    )
    journal.set_aside("account", [f"x{n}" for n in range(2000)])
    before = list(exported(journal))
    journal.close()
    was, now = compact(place)
    assert now < was / 4
    left = b"".join(path.read_bytes() for path in place.parent.iterdir())
    assert b"Mustermann" not in left
    again = SqliteJournal(place)
    assert list(exported(again)) == before
    again.close()


@pytest.mark.parametrize("make", [MemoryJournal, lambda: SqliteJournal(":memory:")], ids=["memory", "sqlite"])
def test_an_import_of_an_export_is_the_same_journal(make: Any, place: Path) -> None:
    journal, other = SqliteJournal(place), make()
    lines = list(exported(journal))
    assert import_export(lines, other) == len(lines) - 1
    assert list(exported(other)) == lines
    with pytest.raises(SyncError, match="not empty"):
        _ = import_export(lines, other)
    journal.close()


SPOILED: dict[str, Callable[[list[str]], list[str]]] = {
    "cut short": lambda lines: lines[:-1],
    "a line missing": lambda lines: [*lines[:5], *lines[6:]],
    "a value changed": lambda lines: [line.replace('"n":7', '"n":8') for line in lines],
    "something after the end": lambda lines: [*lines, lines[1]],
    "another file": lambda _: ['{"a": 1}\n'],
    "a later version": lambda lines: [lines[0].replace('"version":1', '"version":2'), *lines[1:]],
    "an unknown line": lambda lines: [lines[0], '{"is":"new"}\n', *lines[1:]],
    "no json": lambda _: ["{\n"],
}


@pytest.mark.parametrize("how", sorted(SPOILED))
def test_an_export_that_is_not_whole_is_refused_and_nothing_saved(how: str, place: Path) -> None:
    journal, other = SqliteJournal(place), SqliteJournal(":memory:")
    with pytest.raises(UnreadableInput, match=r"kept\.jsonl"):
        _ = import_export(SPOILED[how](list(exported(journal))), other, "kept.jsonl")
    assert other.kinds() == ()
    assert list(other.history()) == []
    journal.close()
    other.close()


def test_a_journal_of_version_2_is_checked_row_by_row_without_bringing_it_forward(tmp_path: Path) -> None:
    place = built(2, tmp_path / "old.sqlite")
    assert (check_journal(place).problems, check_journal(place).version) == ((), 2)
    assert back_up(place, tmp_path / "copy.sqlite").version == 2
    with sqlite3.connect(place) as db:
        _ = db.execute("UPDATE journal_hint SET gone = 0")
        _ = db.execute("UPDATE journal_agreed SET body = replace(body, 'SOC', 'SAC')")
    problems = check_journal(place).problems
    places = [problem.partition(":")[0] for problem in problems]
    assert places == ["journal_agreed account account", "journal_hint 4 account"]
