"""The engine's journal in PostgreSQL, for workers on several machines: one lease per partition.

One database holds any number of partitions (a tenant, a region, a business unit: whatever a host divides
by); each has its own cursors, hints, steps and history, and knows nothing of the others. It needs the extra
`postgres`. Time is the server's own: workers' clocks may differ.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from clmcrm.errors import JournalCorrupt, JournalUnavailable, MissingExtra, SyncError
from clmcrm.store.postgres_schema import SCHEMA_VERSION, prepare
from clmcrm.store.sealed_rows import as_tuple, unfit
from clmcrm.store.sql import WHOLE, SqlJournal
from clmcrm.store.statements import statements

if TYPE_CHECKING:
    import psycopg

LOCK_MILLISECONDS: Final = 5000
_SETUP: Final = 0x636C6D63  # "clmc": the advisory lock under which tables are made
_SQL: Final = statements(
    mark="%s",
    scoped=True,
    renumbered="nextval(pg_get_serial_sequence('{table}', 'number'))",
    lock=" FOR UPDATE",
    share=" FOR SHARE",
)


class PostgresJournal(SqlJournal):
    """A `Journal` in a PostgreSQL database: `place` is a connection string, or a psycopg connection.

    A connection of its own commits each save durably and waits at most `LOCK_MILLISECONDS` for a lock; a
    host's connection must be in autocommit mode and is used as it is: a save made inside its `transaction()`
    becomes part of it, and is durable when that commits. So no run may go inside one: what it sends cannot be
    rolled back, and a step that is forgotten is sent again. Tables are made in the first schema of the search path.

    Raises `MissingExtra` without psycopg, `JournalUnavailable` when the database cannot be reached,
    `SyncError` for a journal of a newer version and for a host's connection that is not in autocommit mode or has
    rows that are no tuples.
    """

    def __init__(self, place: str | psycopg.Connection[Any], *, partition: str = WHOLE) -> None:
        self._own = isinstance(place, str)
        with _told("open", "in PostgreSQL"):
            self._db = _opened(place) if isinstance(place, str) else place
        if not self._db.autocommit:
            raise SyncError("the journal needs a connection in autocommit mode: psycopg.connect(..., autocommit=True)")
        with _told("open", "in PostgreSQL"):
            row = self._db.execute("SELECT 'a', 1").fetchone()
        if as_tuple(row) != ("a", 1):
            raise SyncError(f"the journal needs rows as tuples, not as {row!r}: row_factory psycopg.rows.tuple_row")
        info = self._db.info
        super().__init__(_SQL, f"{info.dbname} on {info.host}:{info.port}", partition, (partition,))
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection, when it is the journal's own."""
        if self._own:
            self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """All that is saved inside is saved together, or not at all when the block raises.

        Inside another transaction it is a part of that one. Raises `JournalUnavailable` when the server is
        lost or a lock is held too long; `LeaseLost` when the lease this journal has taken is no longer its
        own: the lease's row stays locked until the commit, so nobody can take it over in between.
        """
        fenced = self._fenced
        try:
            with _told("write", self.place), self._db.transaction():
                if not fenced:
                    self._fence()
                    self._fenced = True
                yield
        finally:
            self._fenced = fenced

    @property
    def _mark(self) -> str:
        return "%s"

    def _now(self) -> datetime:
        found = self._rows("SELECT clock_timestamp()", ())[0][0]
        return cast("datetime", found)

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with _told("read", self.place, [values]):
            return self._db.execute(sql.encode(), values).fetchall()

    def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        with _told("write", self.place, rows), self._db.cursor() as cursor:
            cursor.executemany(sql.encode(), rows)
            return cursor.rowcount

    def _start(self) -> None:
        """See that the tables are ours and of this version; make them, or bring those of an earlier one forward."""
        version = self._version()
        if version is None or version < SCHEMA_VERSION:
            with _told("open", self.place), self._db.transaction():
                # Another worker may have been faster: one at a time from here.
                _ = self._rows("SELECT pg_advisory_xact_lock(%s)", (_SETUP,))
                with self._named():
                    prepare(self._db, self._version())
        version = self._version()
        if version is not None and version > SCHEMA_VERSION:
            raise SyncError(
                f"{self.place}: the journal has version {version}, this library knows up to {SCHEMA_VERSION}:"
                " update clmcrm"
            )

    def _version(self) -> int | None:
        # Read from the catalogue itself: `to_regclass` may answer from what this session remembers.
        sql = "SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'journal_schema' AND pg_table_is_visible(oid)"
        if not self._rows(sql, ()):
            return None
        rows = self._rows(_SQL.version, ())
        if len(rows) != 1:
            raise JournalCorrupt(f"it names {len(rows)} schema versions; expected one", self.place)
        return int(rows[0][0])


def _opened(place: str) -> psycopg.Connection[Any]:
    driver = _driver()
    db: psycopg.Connection[Any] = driver.connect(place, autocommit=True)
    try:
        _ = db.execute(f"SET lock_timeout = {LOCK_MILLISECONDS}".encode())
        _ = db.execute("SET synchronous_commit = on")
    except BaseException:
        db.close()
        raise
    return db


def _driver() -> Any:  # noqa: ANN401 - a module that may be absent
    try:
        import psycopg  # noqa: PLC0415 - an optional package, needed from here on
    except ImportError as missing:
        raise MissingExtra("postgres", "a journal in PostgreSQL") from missing
    return psycopg


@contextmanager
def _told(what: str, place: str, rows: Sequence[tuple[Any, ...]] = ()) -> Generator[None, None, None]:
    """Say what PostgreSQL could not do with these rows in the library's own errors."""
    driver = _driver()
    try:
        yield
    except UnicodeEncodeError as error:
        if not rows:  # inside a transaction of the journal's it may be the host's own
            raise
        raise unfit(error.object) from error
    except driver.Error as error:
        nul = [text for row in rows for text in row if isinstance(text, str) and "\0" in text]
        if nul:
            raise unfit(nul[0]) from error
        said = str(error).partition("\n")[0]
        lost = isinstance(error, driver.OperationalError) or error.sqlstate is None
        if isinstance(error, (driver.errors.DataCorrupted, driver.errors.IndexCorrupted)):
            raise JournalCorrupt(f"cannot {what} it: {said}; restore it from a copy", place) from error
        full = isinstance(error, driver.errors.DiskFull)
        raise JournalUnavailable(place, f"cannot {what} it: {said}", retryable=lost and not full) from error
