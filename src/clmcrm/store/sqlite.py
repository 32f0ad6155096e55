"""The engine's journal in SQLite: one file, one writer, every acknowledged save on the disk.

All tables are called `journal_...`, so that the file may hold other tables beside them. Write-ahead log and
full synchronisation: a power cut after a save loses nothing. A damaged file is named at the start, and
nothing is written to it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final

from clmcrm.errors import JournalCorrupt, JournalUnavailable, SyncError
from clmcrm.store.sealed_rows import as_tuple, unfit
from clmcrm.store.sql import WHOLE, SqlJournal
from clmcrm.store.sqlite_schema import SCHEMA_VERSION, prepare, version_of
from clmcrm.store.statements import statements

BUSY_MILLISECONDS: Final = 5000
MEMORY: Final = ":memory:"
VALUES: Final = " VALUES "
BLOCKS: Final = (100, 10)
"""So many rows are put in by one statement, which takes half the time of as many statements; the rest one by one."""
_SQL: Final = statements(mark="?", scoped=False, renumbered="", lock="", share="")


def utc_now() -> datetime:
    """The present instant of this machine."""
    return datetime.now(UTC)


class SqliteJournal(SqlJournal):
    """A `Journal` in the SQLite file `place` (":memory:" for none), or on a connection of the host's.

    With a connection of its own it sets the write-ahead log, full synchronisation and a busy time-out; a
    host's connection is used as it is, and a save made inside the host's transaction becomes part of it: nothing
    of it is durable before the host commits. So no run may go inside one: what it sends cannot be rolled back, and
    a step that is forgotten is sent again.
    With `create` False a file that is not there is an error and not a new journal: so a lost state is
    noticed. A journal of an earlier version is brought forward. `partition` names what the lease is about,
    `clock` tells when it runs out.

    Raises `JournalCorrupt` for a damaged file, `SyncError` for a journal of a newer version and for a host's
    connection that never commits by itself (`autocommit=False`) or has rows that are no tuples,
    `JournalUnavailable` for a file that is missing, locked or cannot be opened.

    >>> from clmcrm.ports.records import Side
    >>> journal = SqliteJournal(":memory:")
    >>> journal.save_cursor(Side.CRM, "account", "17")
    >>> journal.cursor(Side.CRM, "account")
    '17'
    >>> journal.close()
    """

    def __init__(
        self,
        place: str | PathLike[str] | sqlite3.Connection,
        *,
        create: bool = True,
        partition: str = WHOLE,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._own = not isinstance(place, sqlite3.Connection)
        self._clock = clock
        if isinstance(place, sqlite3.Connection):
            self._db = _hosted(place)
            named = _file_of(place)
        else:
            named = fspath(place)
            if not create and named != MEMORY and not Path(named).exists():
                raise JournalUnavailable(named, "there is no such file; restore it from a copy", retryable=False)
            with told("open", named):
                self._db = opened(named)
        super().__init__(_SQL, named, partition, ())
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        self._inode = _inode(named) if self._own and named != MEMORY else None

    def close(self) -> None:
        """Close the connection, when it is the journal's own."""
        if self._own:
            self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """All that is saved inside is saved together, or not at all when the block raises.

        Inside another transaction it is a part of that one. Raises `JournalUnavailable` when another writer
        holds the file for longer than the time-out, the disk does not take it, or the file was removed;
        `LeaseLost` when the lease this journal has taken is no longer its own.
        """
        inner, fenced = self._db.in_transaction, self._fenced
        begin, commit, undo = _INNER if inner else _OUTER
        if not inner:
            self._same_file()
        with told("write", self.place):
            _ = self._db.execute(begin)
        try:
            if not fenced:
                self._fence()
                self._fenced = True
            yield
            with told("write", self.place):
                _ = self._db.execute(commit)
        except BaseException:
            # A failed commit may have ended the transaction already.
            if self._db.in_transaction:
                for statement in undo:
                    _ = self._db.execute(statement)
            raise
        finally:
            self._fenced = fenced

    @property
    def _mark(self) -> str:
        return "?"

    def _now(self) -> datetime:
        return self._clock()

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with told("read", self.place):
            return self._db.execute(sql, values).fetchall()

    def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        with told("write", self.place):
            changed, rest = 0, rows
            for size in BLOCKS if VALUES in sql else ():
                while len(rest) >= size:
                    block, rest = rest[:size], rest[size:]
                    changed += self._db.execute(_for_rows(sql, size), list(chain.from_iterable(block))).rowcount
            return changed + self._db.executemany(sql, rest).rowcount if rest else changed

    def _start(self) -> None:
        """See that the file is sound, indexes too, then that its tables are ours and of this version."""
        with told("open", self.place):
            found = self._db.execute("PRAGMA integrity_check(1)").fetchone()
            if found is None or found[0] != "ok":
                raise JournalCorrupt(f"the file is damaged: {found and found[0]}; restore it from a copy", self.place)
            if version_of(self._db, self.place) == SCHEMA_VERSION:
                return
            with self.transaction():
                # Another process may have been faster: the write lock is held from here.
                prepare(self._db, self.place)

    def _same_file(self) -> None:
        """Refuse to write to a file that nobody will find again."""
        known = getattr(self, "_inode", None)
        if known is not None and _inode(self.place) != known:
            raise JournalUnavailable(
                self.place, "the file was removed or replaced while it was open; nothing was written", retryable=False
            )


@cache
def _for_rows(sql: str, count: int) -> str:
    """An insertion of one row as one of `count` rows."""
    head, values, tail = sql.partition(VALUES)
    row = tail[: tail.index(")") + 1]
    return f"{head}{values}{', '.join([row] * count)}{tail[len(row) :]}"


_OUTER: Final = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_INNER: Final = (
    "SAVEPOINT journal_part",
    "RELEASE journal_part",
    ("ROLLBACK TO journal_part", "RELEASE journal_part"),
)
_HELP: Final = {
    sqlite3.SQLITE_BUSY: ("another process writes to it; try again later", True),
    sqlite3.SQLITE_LOCKED: ("another connection holds it; try again later", True),
    sqlite3.SQLITE_FULL: ("make room on the disk; nothing was written", False),
    sqlite3.SQLITE_IOERR: ("the disk did not take it; nothing was written", False),
    sqlite3.SQLITE_READONLY: ("give this process the right to write there", False),
    sqlite3.SQLITE_CANTOPEN: ("see that the folder exists and may be written to", False),
}
_PRIMARY: Final = 0xFF


@contextmanager
def told(what: str, place: str) -> Generator[None, None, None]:
    """Say what SQLite could not do in the library's own errors."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        # SQLITE_ERROR: our statements are constants, so it is the tables that are not as we made them.
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            raise JournalCorrupt(f"cannot {what} it: {error}; restore it from a copy", place) from error
        advice, retryable = _HELP.get(code, ("see the cause", False))
        raise JournalUnavailable(place, f"cannot {what} it: {error}; {advice}", retryable=retryable) from error
    except UnicodeEncodeError as error:
        raise unfit(error.object) from error
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise JournalCorrupt(f"cannot {what} it: {error}; restore it from a copy", place) from error


def opened(place: str) -> sqlite3.Connection:
    """A connection that waits for others, logs ahead and synchronises fully."""
    db = sqlite3.connect(place, isolation_level=None, timeout=BUSY_MILLISECONDS // 1000)
    try:
        for pragma in (f"busy_timeout = {BUSY_MILLISECONDS}", "journal_mode = WAL", "synchronous = FULL"):
            _ = db.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        db.close()
        raise
    return db


def _hosted(db: sqlite3.Connection) -> sqlite3.Connection:
    """A host's connection that commits what is saved, and answers with rows as they come."""
    if getattr(db, "autocommit", None) is False:  # from Python 3.12 on
        raise SyncError("the journal needs a connection that commits: sqlite3.connect(..., autocommit=True)")
    with told("open", "the host's connection"):
        row = db.execute("SELECT 'a', 1").fetchone()
    if as_tuple(row) != ("a", 1):
        raise SyncError(f"the journal needs rows as tuples, not as {row!r}: row_factory None, text_factory str")
    return db


def _file_of(db: sqlite3.Connection) -> str:
    """The file of a host's connection; ":memory:" when there is none."""
    try:
        rows = db.execute("PRAGMA database_list").fetchall()
    except sqlite3.DatabaseError:
        rows = []
    return next((str(row[2]) for row in rows if row[1] == "main" and row[2]), MEMORY)


def _inode(place: str) -> tuple[int, int] | None:
    try:
        found = Path(place).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
