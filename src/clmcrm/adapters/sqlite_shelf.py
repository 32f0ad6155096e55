"""Rows of a record system in tables of SQLite, and what SQLite raises as errors of this library.

A call is one transaction, written through to the disk (WAL, synchronous FULL): it happens wholly or not at all.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from clmcrm.adapters.rows import Row
from clmcrm.adapters.trees import is_tree
from clmcrm.codec.canonical import canonical_text
from clmcrm.errors import TerminalError, TransientError

SCHEMA: Final = 1
"""The version of the tables; a file with a later one is left alone."""

BUSY_SECONDS: Final = 10
"""How long a call waits for another process that is writing."""

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS @facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    (
        "CREATE TABLE IF NOT EXISTS @records (kind TEXT NOT NULL, key TEXT NOT NULL, fields TEXT NOT NULL,"
        " number INTEGER NOT NULL, changed_at TEXT NOT NULL, mark TEXT, gone INTEGER NOT NULL,"
        " merged_into TEXT, PRIMARY KEY (kind, key))"
    ),
    "CREATE UNIQUE INDEX IF NOT EXISTS @by_mark ON @records (kind, mark) WHERE mark IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS @by_number ON @records (kind, number)",
)
_SELECT: Final = "SELECT kind, key, fields, number, changed_at, mark, gone, merged_into FROM @records"
_BY_KEY: Final = f"{_SELECT} WHERE kind = ? AND key = ?"
_BY_MARK: Final = f"{_SELECT} WHERE kind = ? AND mark = ?"
_BY_NUMBER: Final = f"{_SELECT} WHERE kind = ? AND number > ? ORDER BY number LIMIT ?"
# Not INSERT OR REPLACE: that would also remove another row of the same mark.
_KEEP: Final = (
    "INSERT INTO @records VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET"
    " fields = excluded.fields, number = excluded.number, changed_at = excluded.changed_at,"
    " mark = excluded.mark, gone = excluded.gone, merged_into = excluded.merged_into"
)
# What passes with time; every other error of the database needs a person.
_PASSING: Final = ("locked", "busy", "full", "disk I/O")


class SqliteShelf:
    """Rows in tables of one prefix; `vendor` names the system in errors."""

    def __init__(self, connection: sqlite3.Connection, *, prefix: str, vendor: str) -> None:
        if not prefix.isidentifier():
            raise TerminalError(vendor, f"{prefix!r} is no prefix for tables")
        self._connection = connection
        self._prefix = prefix
        self._vendor = vendor
        with self.transaction():
            for statement in _TABLES:
                _ = self._run(statement)
            _ = self._run("INSERT OR IGNORE INTO @facts VALUES ('schema', ?), ('number', 0)", SCHEMA)
            found = self._fact("schema")
        if found > SCHEMA:
            raise TerminalError(vendor, f"the file has tables of version {found}; this library knows {SCHEMA}")

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """One transaction, or a part of the caller's own that is undone alone when the block raises."""
        inner = self._connection.in_transaction
        with typed_errors(self._vendor):
            _ = self._connection.execute("SAVEPOINT shelf" if inner else "BEGIN IMMEDIATE")
        try:
            yield
            with typed_errors(self._vendor):
                _ = self._connection.execute("RELEASE shelf" if inner else "COMMIT")
        except BaseException:
            self._undo(inner=inner)
            raise

    def _undo(self, *, inner: bool) -> None:
        if not self._connection.in_transaction:  # a full disk has undone it already
            return
        with typed_errors(self._vendor):
            if inner:
                _ = self._connection.execute("ROLLBACK TO shelf")
                _ = self._connection.execute("RELEASE shelf")
            else:
                _ = self._connection.execute("ROLLBACK")

    def next_number(self) -> int:
        """One more than the last that was kept."""
        _ = self._run("UPDATE @facts SET value = value + 1 WHERE name = 'number'")
        return self._fact("number")

    def row(self, kind: str, key: str) -> Row | None:
        """The row of that key, removed ones included."""
        return self._one(_BY_KEY, kind, key)

    def marked(self, kind: str, mark: str) -> Row | None:
        """The row created under `mark`, removed ones included."""
        return self._one(_BY_MARK, kind, mark)

    def keep(self, row: Row) -> None:
        """Insert the row, or replace the one of its key."""
        _ = self._run(
            _KEEP,
            row.kind, row.key, canonical_text(row.fields), row.number, row.changed_at.isoformat(), row.mark,
            int(row.gone), row.merged_into,
        )  # fmt: skip

    def after(self, kind: str, number: int, limit: int | None = None) -> list[Row]:
        """The rows of `kind` above `number`, in the order of their numbers; at most `limit`."""
        return self._all(_BY_NUMBER, kind, number, -1 if limit is None else limit)

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        with typed_errors(self._vendor):
            return self._connection.execute(statement.replace("@", self._prefix), values)

    def _all(self, statement: str, *values: object) -> list[Row]:
        with typed_errors(self._vendor):
            found = self._connection.execute(statement.replace("@", self._prefix), values).fetchall()
        return [self._read(cast("tuple[Any, ...]", row)) for row in found]

    def _one(self, statement: str, *values: object) -> Row | None:
        found = self._all(statement, *values)
        return found[0] if found else None

    def _fact(self, name: str) -> int:
        with typed_errors(self._vendor):
            found = self._run("SELECT value FROM @facts WHERE name = ?", name).fetchone()
        return cast("tuple[int]", found)[0]

    def _read(self, row: tuple[Any, ...]) -> Row:
        kind, key, fields, number, changed_at, mark, gone, merged_into = row
        try:
            held: object = json.loads(fields)
            if not is_tree(held):
                raise ValueError("its fields are no JSON object")  # noqa: TRY301 - as for what is no JSON
            return Row(
                kind=kind, key=key, fields=held, number=number, mark=mark, gone=bool(gone),
                changed_at=datetime.fromisoformat(changed_at), merged_into=merged_into,
            )  # fmt: skip
        except ValueError as problem:
            raise TerminalError(self._vendor, f"the row of {kind} {key} is damaged: {problem}") from problem


@contextmanager
def typed_errors(vendor: str, place: str = "") -> Generator[None, None, None]:
    """What SQLite raises about the file at `place`, as an error of ours: one that passes, or one that does not."""
    says = f"{place}: SQLite says" if place else "SQLite says"
    try:
        yield
    except sqlite3.OperationalError as problem:
        passing = any(word in str(problem) for word in _PASSING)
        kind = TransientError if passing else TerminalError
        raise kind(vendor, f"{says}: {problem}") from problem
    except (sqlite3.Error, OverflowError, UnicodeEncodeError) as problem:  # a number or a text that it cannot hold
        raise TerminalError(vendor, f"{says}: {problem}") from problem


def connect(path: str | Path, *, vendor: str = "embedded", busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """A connection to the file, created when it is not there: WAL, synchronous FULL, checked once.

    Transactions are begun and ended by whoever uses it. Raises `TerminalError` for a damaged file or one
    that is no database, `TransientError` for one that another process keeps locked.
    """
    with typed_errors(vendor, str(path)):
        connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
        try:
            _ = connection.execute("PRAGMA journal_mode = WAL")
            _ = connection.execute("PRAGMA synchronous = FULL")
            (verdict,) = cast("tuple[str]", connection.execute("PRAGMA quick_check(1)").fetchone())
        except BaseException:
            connection.close()
            raise
    if verdict != "ok":
        connection.close()
        raise TerminalError(vendor, f"{path}: the file is damaged: {verdict}")
    return connection
