"""The tables of a journal in SQLite, and the way to them from every earlier version.

Forward only, in one transaction: a journal is of the old version or of the new one, never in between. The
first version had neither seals nor leases, the second could not find a pair by a system's key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Final

from clmcrm.errors import JournalCorrupt, SyncError
from clmcrm.ports.kept import Agreed
from clmcrm.store.encoding import agreed_of, agreed_row, alias_rows, seal_of

SCHEMA_VERSION: Final = 3
SEALED_SINCE: Final = 2
"""The version from which rows are sealed."""

_AGREED_2: Final = """
CREATE TABLE journal_agreed (
    kind TEXT NOT NULL, pair TEXT NOT NULL, body TEXT NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (kind, pair)
)
"""
_AGREED: Final = """
CREATE TABLE journal_agreed (
    kind TEXT NOT NULL, pair TEXT NOT NULL, crm TEXT NOT NULL, clm TEXT NOT NULL, body TEXT NOT NULL,
    seal INTEGER NOT NULL, PRIMARY KEY (kind, pair)
);
CREATE INDEX journal_agreed_crm ON journal_agreed (kind, crm);
CREATE INDEX journal_agreed_clm ON journal_agreed (kind, clm);
CREATE INDEX journal_agreed_lonely ON journal_agreed (kind, pair) WHERE crm = 'null' OR clm = 'null';
CREATE TABLE journal_alias (
    kind TEXT NOT NULL, side TEXT NOT NULL, key TEXT NOT NULL, pair TEXT NOT NULL, seal INTEGER NOT NULL,
    PRIMARY KEY (kind, side, key, pair)
);
CREATE INDEX journal_alias_pair ON journal_alias (kind, pair)
"""
"""A key is kept as JSON text, and null where there is no record: a writer of version 2 is refused by the database."""

_REST: Final = """
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

_COLUMNS_2: Final = {
    "journal_agreed": "kind, pair, body",
    "journal_cursor": "side, kind, cursor",
    "journal_hint": "number, kind, side, key, gone, merged_into",
    "journal_entry": "number, at, pair, what, facts",
    "journal_step": "number, key, facts",
    "journal_decision": "key, facts",
}
"""Every sealed table of version 2 and its columns, but for the seal; a number is not sealed: SQLite gives it."""

TABLES: Final = (*_COLUMNS_2, "journal_alias")
"""Every table whose rows are sealed."""


def prepare(db: sqlite3.Connection, place: str) -> None:
    """Create the tables, or bring those of an earlier version forward; call it inside a transaction.

    Raises `SyncError` for a newer version, and leaves that journal as it is; `JournalCorrupt` for tables
    that belong to no version.
    """
    version = version_of(db, place)
    if version is None:
        _ = db.execute("CREATE TABLE journal_schema (version INTEGER NOT NULL)")
        _ = db.execute("INSERT INTO journal_schema (version) VALUES (?)", (SCHEMA_VERSION,))
        _create(db, _AGREED, _REST)
        return
    for old in range(version, SCHEMA_VERSION):
        try:
            MIGRATIONS[old](db)
        except JournalCorrupt as error:
            raise JournalCorrupt(error.what, place) from error
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


def damaged_of_2(db: sqlite3.Connection) -> Iterator[str]:
    """The rows of a journal of version 2 that are not as they were written, in words; nothing is changed."""
    for table, columns in _COLUMNS_2.items():
        first = int(columns.startswith("number"))
        for row in db.execute(f"SELECT {columns}, seal FROM {table}"):  # noqa: S608 - constants of this file
            if row[-1] != seal_of(*row[first:-1]):
                yield f"{table} {row[0]} {row[1]}: is not as it was written; restore the journal from a copy"


def _create(db: sqlite3.Connection, *tables: str) -> None:
    # One by one: executescript would commit before it begins.
    for statement in ";".join(tables).split(";"):
        _ = db.execute(statement)


def _from_1(db: sqlite3.Connection) -> None:
    """Rows get a seal, pairs a table that is faster to write, and partitions a lease."""
    for table in _COLUMNS_2:
        _ = db.execute(f"ALTER TABLE {table} RENAME TO {table}_1")
    _ = db.execute("DROP INDEX journal_entry_pair")
    _create(db, _AGREED_2, _REST)
    for table, columns in _COLUMNS_2.items():
        marks = ", ".join("?" * (columns.count(",") + 2))
        sql = f"INSERT INTO {table} ({columns}, seal) VALUES ({marks})"  # noqa: S608 - constants of this file
        _ = db.executemany(sql, _sealed(db, table, columns))
        _ = db.execute(f"DROP TABLE {table}_1")


def _sealed(db: sqlite3.Connection, table: str, columns: str) -> Iterator[tuple[object, ...]]:
    first = int(columns.startswith("number"))
    for row in db.execute(f"SELECT {columns} FROM {table}_1"):  # noqa: S608 - constants of this file
        yield (*row, seal_of(*row[first:]))


def _from_2(db: sqlite3.Connection) -> None:
    """Pairs can be found by a system's key, or by one that was merged into it."""
    _ = db.execute("ALTER TABLE journal_agreed RENAME TO journal_agreed_2")
    _create(db, _AGREED)
    _ = db.executemany(
        "INSERT INTO journal_agreed (kind, pair, crm, clm, body, seal) VALUES (?, ?, ?, ?, ?, ?)",
        (agreed_row(agreed) for agreed in _agreed_of_2(db)),
    )
    _ = db.executemany(
        "INSERT INTO journal_alias (kind, side, key, pair, seal) VALUES (?, ?, ?, ?, ?)",
        (row for agreed in _agreed_of_2(db) for row in alias_rows(agreed.link)),
    )
    _ = db.execute("DROP TABLE journal_agreed_2")


def _agreed_of_2(db: sqlite3.Connection) -> Iterator[Agreed]:
    """The pairs as they were written; a damaged one is named, not sealed anew."""
    for kind, pair, body, seal in db.execute("SELECT kind, pair, body, seal FROM journal_agreed_2"):
        if seal != seal_of(kind, pair, body):
            raise JournalCorrupt(f"pair {pair}: is not as it was written; restore the journal from a copy")
        yield agreed_of(body, f"pair {pair}")


MIGRATIONS: Final[dict[int, Callable[[sqlite3.Connection], None]]] = {1: _from_1, 2: _from_2}
"""How to leave each earlier version for the next."""
