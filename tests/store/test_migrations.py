"""A journal of any earlier version is brought forward whole, or not at all."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from old_journals import VERSIONS, built

from clmcrm.errors import ClmcrmError, JournalCorrupt
from clmcrm.ports.kept import Agreed, Entry, Hint, Link
from clmcrm.ports.records import Side
from clmcrm.store import sqlite_schema
from clmcrm.store.sqlite import SqliteJournal

OLDER = sorted(VERSIONS)
TEN = datetime(2026, 5, 7, 10, tzinfo=UTC)


def test_every_version_before_this_one_has_a_journal_to_try() -> None:
    assert list(range(1, sqlite_schema.SCHEMA_VERSION)) == OLDER
    assert set(sqlite_schema.MIGRATIONS) == set(OLDER)


@pytest.mark.parametrize("version", OLDER)
def test_nothing_of_an_earlier_version_is_lost(version: int, tmp_path: Path) -> None:
    journal = SqliteJournal(built(version, tmp_path / "j.sqlite"))
    link = Link(pair="account:crm:A1", kind="account", crm="A1", clm="C1", aliases=((Side.CRM, "A0"),))
    pair = Agreed(link=link, base={"name": "Société"}, shown_crm={"name": "SOC"}, shown_clm={"name": None})
    assert list(journal.agreed("account")) == [pair]
    assert list(journal.cursors()) == [(Side.CLM, "account", "3"), (Side.CRM, "account", "17")]
    assert list(journal.hints("account")) == [
        Hint(kind="account", side=Side.CRM, key="A1", gone=True, merged_into="A2", number=4),
        Hint(kind="account", side=Side.CLM, key="C1", number=9),
    ]
    line = Entry(at=TEN, pair="account:crm:A1", what="note", facts={"n": 1})
    assert list(journal.history()) == [line, Entry(at=TEN, pair=line.pair, what="note", facts={"n": 2})]
    assert list(journal.open_steps()) == [("crm:account:crm:A1", {"sent": {"name": "x"}})]
    assert list(journal.decisions()) == [("account:crm:A1#name", {"value": "x"})]
    journal.close()


@pytest.mark.parametrize("version", OLDER)
def test_a_pair_of_an_earlier_version_is_found_by_its_keys(version: int, tmp_path: Path) -> None:
    journal = SqliteJournal(built(version, tmp_path / "j.sqlite"))
    for side, key in ((Side.CRM, "A1"), (Side.CLM, "C1"), (Side.CRM, "A0")):
        (found,) = journal.leading_to("account", side, [key])
        assert found.link.pair == "account:crm:A1"
    assert list(journal.leading_to("account", Side.CLM, ["A1", "A0"])) == []
    journal.close()


def test_a_damaged_pair_of_version_2_is_named_and_nothing_is_brought_forward(tmp_path: Path) -> None:
    place = built(2, tmp_path / "j.sqlite")
    with sqlite3.connect(place) as db:
        _ = db.execute("UPDATE journal_agreed SET body = replace(body, 'SOC', 'SAC')")
    before = _schema(place)
    with pytest.raises(JournalCorrupt, match=r"j\.sqlite: pair account:crm:A1: is not as it was written"):
        _ = SqliteJournal(place)
    assert _schema(place) == before


def test_a_writer_of_version_2_cannot_write_to_a_newer_journal(tmp_path: Path) -> None:
    SqliteJournal(tmp_path / "j.sqlite").close()
    db = sqlite3.connect(tmp_path / "j.sqlite")
    with pytest.raises(sqlite3.IntegrityError):
        _ = db.execute("INSERT INTO journal_agreed (kind, pair, body, seal) VALUES ('account', 'p', '{}', 1)")
    db.close()


@pytest.mark.parametrize("version", OLDER)
def test_the_tables_of_an_earlier_version_become_those_of_a_new_journal(version: int, tmp_path: Path) -> None:
    SqliteJournal(built(version, tmp_path / "old.sqlite")).close()
    SqliteJournal(tmp_path / "new.sqlite").close()
    assert _schema(tmp_path / "old.sqlite") == _schema(tmp_path / "new.sqlite")


@pytest.mark.parametrize("version", OLDER)
def test_a_migration_that_fails_leaves_the_earlier_version(
    version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = built(version, tmp_path / "j.sqlite")
    before = _schema(place)
    monkeypatch.setattr(sqlite_schema, "seal_of", lambda *_: None)
    with pytest.raises(ClmcrmError):
        _ = SqliteJournal(place)
    assert _schema(place) == before
    monkeypatch.undo()
    SqliteJournal(place).close()


@pytest.mark.parametrize("version", [0, "x"])
def test_a_version_that_never_was_is_corrupt(version: object, tmp_path: Path) -> None:
    SqliteJournal(tmp_path / "j.sqlite").close()
    db = sqlite3.connect(tmp_path / "j.sqlite", isolation_level=None)
    _ = db.execute("UPDATE journal_schema SET version = ?", (version,))
    db.close()
    with pytest.raises(JournalCorrupt, match=r"j\.sqlite: the schema version is"):
        _ = SqliteJournal(tmp_path / "j.sqlite")


def _schema(place: Path) -> list[tuple[str, str]]:
    db = sqlite3.connect(place)
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    version = db.execute("SELECT version FROM journal_schema").fetchone()[0]
    db.close()
    return [*rows, ("version", str(version))]
