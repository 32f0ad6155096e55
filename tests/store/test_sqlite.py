from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from clmcrm.errors import InvalidRecord, JournalCorrupt, SyncError
from clmcrm.ports.kept import Agreed, Hint, Link
from clmcrm.ports.records import Side
from clmcrm.store import sqlite as store
from clmcrm.store.encoding import seal_of
from clmcrm.store.sqlite import SqliteJournal


def _agreed(pair: str) -> Agreed:
    return Agreed(link=Link(pair=pair, kind="account", crm="A"), base={"name": pair})


def test_what_is_saved_is_there_for_the_next_process(tmp_path: Path) -> None:
    place = tmp_path / "j.sqlite"
    first = SqliteJournal(place)
    first.save_agreed([_agreed("p")])
    first.save_hints([Hint(kind="account", side=Side.CRM, key="A")])
    second = SqliteJournal(str(place))
    assert [a.link.pair for a in second.agreed("account")] == ["p"]
    assert [h.key for h in second.hints("account")] == ["A"]
    first.close()
    second.close()


def test_every_commit_reaches_the_disk(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "j.sqlite")
    db = journal._db
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert db.execute("PRAGMA busy_timeout").fetchone() == (5000,)
    journal.close()


def test_all_tables_carry_the_prefix_so_that_the_file_may_be_shared(tmp_path: Path) -> None:
    place = tmp_path / "j.sqlite"
    db = sqlite3.connect(place)
    _ = db.execute("CREATE TABLE account (id TEXT)")
    db.commit()
    journal = SqliteJournal(place)
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert all(name.startswith(("journal_", "sqlite_")) for name in names - {"account"})
    journal.close()
    db.close()


def test_a_journal_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    place = tmp_path / "j.sqlite"
    SqliteJournal(place).close()
    db = sqlite3.connect(place)
    _ = db.execute("UPDATE journal_schema SET version = 4")
    db.commit()
    with pytest.raises(SyncError, match="version 4, this library knows up to 3"):
        _ = SqliteJournal(place)
    assert db.execute("SELECT version FROM journal_schema").fetchall() == [(4,)]
    db.close()


def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    place = tmp_path / "j.sqlite"
    _ = place.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(JournalCorrupt):
        _ = SqliteJournal(place)


def test_damaged_pages_are_noticed_at_the_start(tmp_path: Path) -> None:
    place = tmp_path / "j.sqlite"
    journal = SqliteJournal(place)
    journal.save_agreed([_agreed(f"p{n}") for n in range(2000)])
    journal.close()
    body = bytearray(place.read_bytes())
    for start in range(4096, len(body), 4096):
        body[start : start + 64] = b"\xff" * 64
    _ = place.write_bytes(bytes(body))
    with pytest.raises(JournalCorrupt):
        _ = SqliteJournal(place)


@pytest.mark.parametrize("body", ["{", "[]", '{"pair": "p"}', "NaN", '{"pair": 1.5}'])
def test_a_pair_that_cannot_be_read_is_corrupt_and_never_guessed(tmp_path: Path, body: str) -> None:
    journal = SqliteJournal(tmp_path / "j.sqlite")
    _ = journal._db.execute(
        "INSERT INTO journal_agreed VALUES ('account', 'p', 'null', 'null', ?, ?)",
        (body, seal_of("account", "p", "null", "null", body)),
    )
    with pytest.raises(JournalCorrupt, match="p"):
        _ = list(journal.agreed("account"))
    journal.close()


def test_a_second_writer_is_refused_with_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_MILLISECONDS", 0)
    first, second = SqliteJournal(tmp_path / "j.sqlite"), SqliteJournal(tmp_path / "j.sqlite")
    with first.transaction():
        first.save_cursor(Side.CRM, "account", "1")
        with pytest.raises(SyncError, match="locked"):
            second.save_cursor(Side.CRM, "account", "2")
    assert second.cursor(Side.CRM, "account") == "1"
    first.close()
    second.close()


def test_a_full_disk_is_a_clear_error_and_loses_nothing(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "j.sqlite")
    journal.save_cursor(Side.CRM, "account", "1")
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    _ = journal._db.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    big = Agreed(link=Link(pair="p", kind="account", crm="A"), base={"text": "x" * 100_000})

    def save() -> None:
        with journal.transaction():
            journal.save_cursor(Side.CRM, "account", "2")
            journal.save_agreed([big])

    with pytest.raises(SyncError, match="full"):
        save()
    assert journal.cursor(Side.CRM, "account") == "1"
    assert list(journal.agreed("account")) == []
    journal.close()


def test_a_save_joins_the_hosts_own_transaction() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    journal = SqliteJournal(db)
    _ = db.execute("CREATE TABLE deal (id TEXT)")
    _ = db.execute("BEGIN")
    _ = db.execute("INSERT INTO deal VALUES ('d')")
    journal.save_cursor(Side.CRM, "account", "1")
    _ = db.execute("ROLLBACK")
    assert journal.cursor(Side.CRM, "account") is None
    assert db.execute("SELECT count(*) FROM deal").fetchone() == (0,)
    journal.close()
    assert db.execute("SELECT 1").fetchone() == (1,)
    db.close()


def test_a_hosts_connection_has_rows_as_they_come() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = lambda cursor, row: dict(zip([told[0] for told in cursor.description], row, strict=True))
        with pytest.raises(SyncError, match="needs rows as tuples, not as"):
            _ = SqliteJournal(db)
        db.row_factory, db.text_factory = None, bytes
        with pytest.raises(SyncError, match="text_factory str"):
            _ = SqliteJournal(db)
        db.row_factory, db.text_factory = sqlite3.Row, str
        SqliteJournal(db).save_cursor(Side.CRM, "account", "1")
        assert SqliteJournal(db).cursor(Side.CRM, "account") == "1"


def test_a_hosts_connection_commits_by_itself() -> None:
    class Never(sqlite3.Connection):
        autocommit: Any = False  # as Python 3.12 says it

    with closing(sqlite3.connect(":memory:", factory=Never)) as db, pytest.raises(SyncError, match="autocommit=True"):
        _ = SqliteJournal(db)


def test_a_key_that_is_no_text_for_a_database_is_named() -> None:
    with closing(SqliteJournal(":memory:")) as journal:
        with pytest.raises(InvalidRecord, match=r"journal: text is '\\ud800'; expected text without halves"):
            journal.save_hints([Hint(kind="account", side=Side.CRM, key="\ud800")])
        with pytest.raises(InvalidRecord, match=r"journal: text is 'account:crm:\\ud800'"):
            _ = list(journal.agreed("account", ["account:crm:\ud800"]))
        journal.save_hints([Hint(kind="account", side=Side.CRM, key="a\0b")])
        assert [hint.key for hint in journal.hints("account")] == ["a\0b"]


def test_a_pair_read_twice_is_parsed_once_and_anew_when_another_process_saved_it(tmp_path: Path) -> None:
    place = tmp_path / "j.sqlite"
    journal, other = SqliteJournal(place), SqliteJournal(place)
    journal.save_agreed([_agreed("p")])
    (first,) = journal.agreed("account", ["p"])
    (again,) = journal.agreed("account", ["p"])
    assert again is first
    other.save_agreed([Agreed(link=first.link, base={"name": "other"})])
    (after,) = journal.agreed("account", ["p"])
    assert (after.base, first.base) == ({"name": "other"}, {"name": "p"})
    journal.close()
    other.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE journal_agreed SET crm = 'null'",
        "UPDATE journal_agreed SET clm = '1'",
        "UPDATE journal_agreed SET seal = seal + 1",
    ],
)
def test_a_pair_that_was_read_before_is_still_seen_to_be_damaged(tmp_path: Path, damage: str) -> None:
    journal = SqliteJournal(tmp_path / "j.sqlite")
    journal.save_agreed([_agreed("p")])
    held = list(journal.agreed("account", ["p"]))
    _ = journal._db.execute(damage)
    with pytest.raises(JournalCorrupt, match="is not as it was written"):
        _ = list(journal.agreed("account", ["p"]))
    assert held
    journal.close()


@pytest.mark.parametrize("count", [1, 9, 10, 11, 99, 100, 101, 123])
def test_rows_that_are_put_in_together_are_all_there_in_their_order(count: int) -> None:
    journal, keys = SqliteJournal(":memory:"), [f"A{n}" for n in range(count)]
    journal.save_hints(Hint(kind="account", side=Side.CRM, key=key) for key in keys)
    assert [hint.key for hint in journal.hints("account")] == keys
    journal.begin_steps((key, {"n": key}) for key in keys)
    assert [key for key, _ in journal.open_steps()] == keys
    journal.save_hints(Hint(kind="account", side=Side.CRM, key=key, gone=True) for key in keys[1:])
    hints = [(hint.key, hint.gone) for hint in journal.hints("account")]
    assert hints == [(keys[0], False), *((key, True) for key in keys[1:])]
    journal.close()


def test_pairs_of_which_some_have_other_keys_now_are_all_found_by_those_they_have() -> None:
    journal = SqliteJournal(":memory:")
    links = [Link(pair=f"p{n}", kind="account", crm=f"A{n}", clm=f"L{n}") for n in range(12)]
    journal.save_agreed(Agreed(link=link, base={}) for link in links)
    moved = [link.with_key(Side.CLM, f"M{n}") if n % 5 == 0 else link for n, link in enumerate(links)]
    journal.save_agreed(Agreed(link=link, base={"n": 1}) for link in moved)
    assert [known.link for known in journal.agreed("account")] == sorted(moved, key=lambda link: link.pair)
    assert {known.base["n"] for known in journal.agreed("account")} == {1}
    assert list(journal.leading_to("account", Side.CLM, ["L0", "L5", "L10"])) == []
    assert [known.link.clm for known in journal.leading_to("account", Side.CLM, ["M0", "M10", "L1"])] == [
        "M0",
        "L1",
        "M10",
    ]
    journal.close()
