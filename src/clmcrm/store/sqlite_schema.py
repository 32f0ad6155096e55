"""The tables of a journal in SQLite, and the way to them from every earlier version.

Forward only, in one transaction: a journal is of the old version or of the new one, never in between. The
first version had neither seals nor leases.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Final

from clmcrm.errors import JournalCorrupt, SyncError
from clmcrm.store.encoding import seal_of

SCHEMA_VERSION: Final = 2

TABLES: Final = """
CREATE TABLE journal_agreed (
    kind TEXT NOT NULL, pair TEXT NOT NULL, body TEXT NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (kind, pair)
);
CREATE TABLE journal_cursor (
    side TEXT NOT NULL, kind TEXT NOT NULL, cursor TEXT NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (side, kind)
);
CREATE TABLE journal_hint (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, side TEXT NOT NULL, key TEXT NOT NULL,
    gone INTEGER NOT NULL, merged_into TEXT, seal INTEGER NOT NULL, UNIQUE (kind, side, key)
);
CREATE TABLE journal_entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, pair TEXT NOT NULL, what TEXT NOT NULL,
    facts TEXT NOT NULL, seal INTEGER NOT NULL
);
CREATE INDEX journal_entry_pair ON journal_entry (pair, number);
CREATE TABLE journal_step (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, facts TEXT NOT NULL, seal INTEGER NOT NULL
);
CREATE TABLE journal_decision (key TEXT PRIMARY KEY, facts TEXT NOT NULL, seal INTEGER NOT NULL);
CREATE TABLE journal_lease (
    partition TEXT PRIMARY KEY, token INTEGER NOT NULL, holder TEXT NOT NULL, until TEXT NOT NULL
)
"""

COLUMNS: Final = {
    "journal_agreed": "kind, pair, body",
    "journal_cursor": "side, kind, cursor",
    "journal_hint": "number, kind, side, key, gone, merged_into",
    "journal_entry": "number, at, pair, what, facts",
    "journal_step": "number, key, facts",
    "journal_decision": "key, facts",
}
"""Every sealed table and its columns, but for the seal; a number is not sealed: it is given by SQLite."""


def prepare(db: sqlite3.Connection, place: str) -> None:
    """Create the tables, or bring those of an earlier version forward; call it inside a transaction.

    Raises `SyncError` for a newer version, and leaves that journal as it is; `JournalCorrupt` for tables
    that belong to no version.
    """
    version = version_of(db, place)
    if version is None:
        _ = db.execute("CREATE TABLE journal_schema (version INTEGER NOT NULL)")
        _ = db.execute("INSERT INTO journal_schema (version) VALUES (?)", (SCHEMA_VERSION,))
        _create(db)
        return
    for old in range(version, SCHEMA_VERSION):
        MIGRATIONS[old](db)
    _ = db.execute("UPDATE journal_schema SET version = ?", (SCHEMA_VERSION,))


def version_of(db: sqlite3.Connection, place: str) -> int | None:
    """The version of the journal in the file; None when there is none.

    Raises `SyncError` for a version this library does not know yet.
    """
    if not db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'journal_schema'").fetchall():
        return None
    versions = db.execute("SELECT version FROM journal_schema").fetchall()
    if len(versions) != 1 or not isinstance(versions[0][0], int) or versions[0][0] < 1:
        found = ", ".join(str(row[0]) for row in versions) or "none"
        raise JournalCorrupt(f"the schema version is {found}; expected one number from 1", place)
    version: int = versions[0][0]
    if version > SCHEMA_VERSION:
        raise SyncError(
            f"{place}: the journal has version {version}, this library knows up to {SCHEMA_VERSION}: update clmcrm"
        )
    return version


def _create(db: sqlite3.Connection) -> None:
    # One by one: executescript would commit before it begins.
    for statement in TABLES.split(";"):
        _ = db.execute(statement)


def _from_1(db: sqlite3.Connection) -> None:
    """Rows get a seal, pairs a table that is faster to write, and partitions a lease."""
    for table in COLUMNS:
        _ = db.execute(f"ALTER TABLE {table} RENAME TO {table}_1")
    _ = db.execute("DROP INDEX journal_entry_pair")
    _create(db)
    for table, columns in COLUMNS.items():
        marks = ", ".join("?" * (columns.count(",") + 2))
        sql = f"INSERT INTO {table} ({columns}, seal) VALUES ({marks})"  # noqa: S608 - constants of this file
        _ = db.executemany(sql, _sealed(db, table, columns))
        _ = db.execute(f"DROP TABLE {table}_1")


def _sealed(db: sqlite3.Connection, table: str, columns: str) -> Iterator[tuple[object, ...]]:
    first = int(columns.startswith("number"))
    for row in db.execute(f"SELECT {columns} FROM {table}_1"):  # noqa: S608 - constants of this file
        yield (*row, seal_of(*row[first:]))


MIGRATIONS: Final[dict[int, Callable[[sqlite3.Connection], None]]] = {1: _from_1}
"""How to leave each earlier version for the next."""
