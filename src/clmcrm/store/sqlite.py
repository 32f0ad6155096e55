"""The engine's journal in SQLite: one file, one writer, every acknowledged save on the disk.

All tables are called `journal_...`, so that the file may hold other tables beside them. Write-ahead log and
full synchronisation: a power cut after a save loses nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from typing import Any, Final

from clmcrm.errors import JournalCorrupt, SyncError
from clmcrm.ports.journal import Agreed, Entry, Hint
from clmcrm.ports.records import Fields, Side
from clmcrm.store.encoding import agreed_of, agreed_text, decoded, encoded, entry_of, merged_hint

SCHEMA_VERSION: Final = 1
BUSY_MILLISECONDS: Final = 5000
_PAGE: Final = 500

_TABLES: Final = """
CREATE TABLE journal_agreed (
    kind TEXT NOT NULL, pair TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, pair)
) WITHOUT ROWID;
CREATE TABLE journal_cursor (
    side TEXT NOT NULL, kind TEXT NOT NULL, cursor TEXT NOT NULL, PRIMARY KEY (side, kind)
) WITHOUT ROWID;
CREATE TABLE journal_hint (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, side TEXT NOT NULL, key TEXT NOT NULL,
    gone INTEGER NOT NULL, merged_into TEXT, UNIQUE (kind, side, key)
);
CREATE TABLE journal_entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, pair TEXT NOT NULL, what TEXT NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX journal_entry_pair ON journal_entry (pair, number);
CREATE TABLE journal_step (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, facts TEXT NOT NULL
);
CREATE TABLE journal_decision (key TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID;
"""


class SqliteJournal:
    """A `Journal` in the SQLite file `place` (":memory:" for none), or on a connection of the host's.

    With a connection of its own it sets the write-ahead log, full synchronisation and a busy time-out; a
    host's connection is used as it is, and a save made inside the host's transaction becomes part of it.
    Raises `JournalCorrupt` for a damaged file, `SyncError` for a journal of a newer version or one that
    cannot be opened.

    >>> journal = SqliteJournal(":memory:")
    >>> journal.save_cursor(Side.CRM, "account", "17")
    >>> journal.cursor(Side.CRM, "account")
    '17'
    >>> journal.close()
    """

    def __init__(self, place: str | PathLike[str] | sqlite3.Connection) -> None:
        self._own = not isinstance(place, sqlite3.Connection)
        with _told("open"):
            self._db = place if isinstance(place, sqlite3.Connection) else _opened(fspath(place))
        try:
            with _told("open"):
                self._check()
                self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection, when it is the journal's own."""
        if self._own:
            self._db.close()

    def agreed(self, kind: str, pairs: Collection[str] | None = None) -> Iterator[Agreed]:
        """Every pair of `kind`, ordered by pair; only these `pairs` when given."""
        rows = self._all_agreed(kind) if pairs is None else self._some_agreed(kind, sorted(set(pairs)))
        for pair, body in rows:
            yield agreed_of(body, f"pair {pair}")

    def cursor(self, side: Side, kind: str) -> str | None:
        """Where the last pull ended; None before the first."""
        rows = self._rows("SELECT cursor FROM journal_cursor WHERE side = ? AND kind = ?", (side.value, kind))
        return str(rows[0][0]) if rows else None

    def hints(self, kind: str) -> Iterator[Hint]:
        """The records of `kind` that are not settled, oldest hint first."""
        sql = (
            "SELECT number, kind, side, key, gone, merged_into FROM journal_hint"
            " WHERE kind = ? AND number > ? ORDER BY number LIMIT ?"
        )
        for row in self._paged(sql, (kind,)):
            yield _hint(row)

    def history(self, pair: str | None = None) -> Iterator[Entry]:
        """The history, oldest first; of one pair when it is given."""
        chosen, values = ("", ()) if pair is None else ("pair = ? AND ", (pair,))
        sql = (
            f"SELECT number, at, pair, what, facts FROM journal_entry WHERE {chosen}number > ?"  # noqa: S608 - `chosen` is one of two constants
            " ORDER BY number LIMIT ?"
        )
        for _, at, known, what, facts in self._paged(sql, values):
            yield entry_of(at, known, what, facts)

    def open_steps(self) -> Iterator[tuple[str, Fields]]:
        """Steps begun and not ended, oldest first."""
        sql = "SELECT number, key, facts FROM journal_step WHERE number > ? ORDER BY number LIMIT ?"
        for _, key, facts in self._paged(sql, ()):
            yield key, decoded(facts, f"open step {key}")

    def decisions(self) -> Iterator[tuple[str, Fields]]:
        """Decisions not yet applied, ordered by key."""
        for key, facts in self._rows("SELECT key, facts FROM journal_decision ORDER BY key", ()):
            yield key, decoded(facts, f"decision {key}")

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """All that is saved inside is saved together, or not at all when the block raises.

        Inside another transaction it is a part of that one. Raises `SyncError` when another writer holds
        the file for longer than the time-out, or the disk does not take it.
        """
        inner = self._db.in_transaction
        begin, commit, undo = _INNER if inner else _OUTER
        with _told("write"):
            _ = self._db.execute(begin)
        try:
            yield
            with _told("write"):
                _ = self._db.execute(commit)
        except BaseException:
            # A failed commit may have ended the transaction already.
            if self._db.in_transaction:
                for statement in undo:
                    _ = self._db.execute(statement)
            raise

    def save_agreed(self, agreed: Iterable[Agreed]) -> None:
        """Insert or replace these pairs."""
        rows = [(a.link.kind, a.link.pair, agreed_text(a)) for a in agreed]
        self._save("INSERT OR REPLACE INTO journal_agreed (kind, pair, body) VALUES (?, ?, ?)", rows)

    def save_cursor(self, side: Side, kind: str, cursor: str) -> None:
        """Remember where the pull ended."""
        sql = "INSERT OR REPLACE INTO journal_cursor (side, kind, cursor) VALUES (?, ?, ?)"
        self._save(sql, [(side.value, kind, cursor)])

    def save_hints(self, hints: Iterable[Hint]) -> None:
        """Remember these records as changed."""
        with self.transaction():
            for hint in hints:
                self._save_hint(hint)

    def end_hints(self, numbers: Iterable[int]) -> None:
        """Forget the hints of these numbers."""
        self._save("DELETE FROM journal_hint WHERE number = ?", [(number,) for number in numbers])

    def save_entries(self, entries: Iterable[Entry]) -> None:
        """Append lines to the history."""
        rows = [(e.at.isoformat(), e.pair, e.what, encoded(e.facts)) for e in entries]
        self._save("INSERT INTO journal_entry (at, pair, what, facts) VALUES (?, ?, ?, ?)", rows)

    def begin_steps(self, steps: Iterable[tuple[str, Fields]]) -> None:
        """Record steps before they are sent."""
        rows = [(key, encoded(fields)) for key, fields in steps]
        self._save("INSERT OR REPLACE INTO journal_step (key, facts) VALUES (?, ?)", rows)

    def end_steps(self, keys: Sequence[str]) -> None:
        """Forget steps that were acknowledged or given up."""
        self._save("DELETE FROM journal_step WHERE key = ?", [(key,) for key in keys])

    def save_decision(self, key: str, decision: Fields) -> None:
        """Keep a person's decision, replacing an earlier one."""
        sql = "INSERT OR REPLACE INTO journal_decision (key, facts) VALUES (?, ?)"
        self._save(sql, [(key, encoded(decision))])

    def end_decisions(self, keys: Sequence[str]) -> None:
        """Forget decisions that were applied."""
        self._save("DELETE FROM journal_decision WHERE key = ?", [(key,) for key in keys])

    def set_aside(self, kind: str, pairs: Sequence[str]) -> None:
        """Forget the agreed values of pairs that no longer exist."""
        rows = [(kind, pair) for pair in pairs]
        self._save("DELETE FROM journal_agreed WHERE kind = ? AND pair = ?", rows)

    def _check(self) -> None:
        found = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if found is None or found[0] != "ok":
            raise JournalCorrupt(f"the journal is damaged: {found and found[0]}; restore it from a copy")

    def _prepare(self) -> None:
        """Create the tables, or see that those there are of a version this library knows."""
        sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'journal_schema'"
        if not self._rows(sql, ()):
            self._create()
        versions = self._rows("SELECT version FROM journal_schema", ())
        if len(versions) != 1:
            raise JournalCorrupt(f"the journal names {len(versions)} schema versions; expected one")
        version = versions[0][0]
        if version > SCHEMA_VERSION:
            raise SyncError(
                f"the journal has version {version}, this library knows up to {SCHEMA_VERSION}: update clmcrm"
            )

    def _create(self) -> None:
        with self.transaction():
            # Another process may have been faster: the write lock is held from here.
            sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'journal_schema'"
            if self._rows(sql, ()):
                return
            _ = self._db.execute("CREATE TABLE journal_schema (version INTEGER NOT NULL)")
            _ = self._db.execute("INSERT INTO journal_schema (version) VALUES (?)", (SCHEMA_VERSION,))
            # One by one: executescript would commit before it begins.
            for statement in _TABLES.split(";"):
                _ = self._db.execute(statement)

    def _all_agreed(self, kind: str) -> Iterator[tuple[str, str]]:
        sql = "SELECT pair, body FROM journal_agreed WHERE kind = ? AND pair > ? ORDER BY pair LIMIT ?"
        last = ""
        while rows := self._rows(sql, (kind, last, _PAGE)):
            yield from rows
            last = rows[-1][0]

    def _some_agreed(self, kind: str, pairs: Sequence[str]) -> Iterator[tuple[str, str]]:
        for start in range(0, len(pairs), _PAGE):
            page = pairs[start : start + _PAGE]
            marks = ",".join("?" * len(page))
            sql = f"SELECT pair, body FROM journal_agreed WHERE kind = ? AND pair IN ({marks}) ORDER BY pair"  # noqa: S608 - only question marks
            yield from self._rows(sql, (kind, *page))

    def _paged(self, sql: str, values: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """The rows of a query by growing number, page by page, so that writing in between is safe."""
        last = 0
        while rows := self._rows(sql, (*values, last, _PAGE)):
            yield from rows
            last = rows[-1][0]

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with _told("read"):
            return [tuple(row) for row in self._db.execute(sql, values)]

    def _save(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        with self.transaction(), _told("write"):
            _ = self._db.executemany(sql, rows)

    def _save_hint(self, hint: Hint) -> None:
        place = (hint.kind, hint.side.value, hint.key)
        sql = (
            "SELECT number, kind, side, key, gone, merged_into FROM journal_hint"
            " WHERE kind = ? AND side = ? AND key = ?"
        )
        old = next((_hint(row) for row in self._rows(sql, place)), None)
        new = merged_hint(old, hint, 0)
        # REPLACE gives the row a new, higher number.
        self._save(
            "INSERT OR REPLACE INTO journal_hint (kind, side, key, gone, merged_into) VALUES (?, ?, ?, ?, ?)",
            [(*place, int(new.gone), new.merged_into)],
        )


_OUTER: Final = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_INNER: Final = (
    "SAVEPOINT journal_part",
    "RELEASE journal_part",
    ("ROLLBACK TO journal_part", "RELEASE journal_part"),
)


@contextmanager
def _told(what: str) -> Generator[None, None, None]:
    """Say what SQLite could not do in the library's own errors."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
        raise SyncError(f"cannot {what} the journal: {error}") from error
    except sqlite3.DatabaseError as error:
        raise JournalCorrupt(f"cannot {what} the journal: {error}; restore it from a copy") from error


def _opened(place: str) -> sqlite3.Connection:
    db = sqlite3.connect(place, isolation_level=None, timeout=BUSY_MILLISECONDS // 1000)
    try:
        for pragma in (f"busy_timeout = {BUSY_MILLISECONDS}", "journal_mode = WAL", "synchronous = FULL"):
            _ = db.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        db.close()
        raise
    return db


def _hint(row: tuple[Any, ...]) -> Hint:
    number, kind, side, key, gone, merged_into = row
    return Hint(kind=kind, side=Side(side), key=key, gone=bool(gone), merged_into=merged_into, number=number)
