"""The engine's journal in PostgreSQL, for workers on several machines: one lease per partition.

One database holds any number of partitions (a tenant, a region, a business unit: whatever a host divides
by); each has its own cursors, hints, steps and history, and knows nothing of the others. It needs the extra
`postgres`. Time is the server's own: workers' clocks may differ.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, LiteralString, cast

from clmcrm.errors import JournalCorrupt, JournalUnavailable, MissingExtra, SyncError
from clmcrm.store.sql import WHOLE, SqlJournal
from clmcrm.store.statements import statements

if TYPE_CHECKING:
    import psycopg

SCHEMA_VERSION: Final = 1
LOCK_MILLISECONDS: Final = 5000
_SETUP: Final = 0x636C6D63  # "clmc": the advisory lock under which tables are made
_SQL: Final = statements(
    mark="%s",
    scoped=True,
    renumbered="nextval(pg_get_serial_sequence('{table}', 'number'))",
    lock=" FOR UPDATE",
    share=" FOR SHARE",
)
_TABLES: Final = """
CREATE TABLE journal_agreed (
    partition text COLLATE "C", kind text COLLATE "C", pair text COLLATE "C",
    body text NOT NULL, seal bigint NOT NULL, PRIMARY KEY (partition, kind, pair)
);
CREATE TABLE journal_cursor (
    partition text COLLATE "C", side text COLLATE "C", kind text COLLATE "C",
    cursor text NOT NULL, seal bigint NOT NULL, PRIMARY KEY (partition, side, kind)
);
CREATE TABLE journal_hint (
    number bigint GENERATED ALWAYS AS IDENTITY, partition text COLLATE "C", kind text COLLATE "C",
    side text COLLATE "C", key text COLLATE "C", gone integer NOT NULL, merged_into text, seal bigint NOT NULL,
    PRIMARY KEY (partition, kind, side, key)
);
CREATE INDEX journal_hint_number ON journal_hint (partition, number);
CREATE TABLE journal_entry (
    number bigint GENERATED ALWAYS AS IDENTITY, partition text COLLATE "C", at text NOT NULL,
    pair text COLLATE "C" NOT NULL, what text NOT NULL, facts text NOT NULL, seal bigint NOT NULL,
    PRIMARY KEY (partition, number)
);
CREATE INDEX journal_entry_pair ON journal_entry (partition, pair, number);
CREATE TABLE journal_step (
    number bigint GENERATED ALWAYS AS IDENTITY, partition text COLLATE "C", key text COLLATE "C",
    facts text NOT NULL, seal bigint NOT NULL, PRIMARY KEY (partition, key)
);
CREATE INDEX journal_step_number ON journal_step (partition, number);
CREATE TABLE journal_decision (
    partition text COLLATE "C", key text COLLATE "C", facts text NOT NULL, seal bigint NOT NULL,
    PRIMARY KEY (partition, key)
);
CREATE TABLE journal_lease (
    partition text COLLATE "C" PRIMARY KEY, token bigint NOT NULL, holder text NOT NULL, until text NOT NULL
)
"""


class PostgresJournal(SqlJournal):
    """A `Journal` in a PostgreSQL database: `place` is a connection string, or a psycopg connection.

    A connection of its own commits each save durably and waits at most `LOCK_MILLISECONDS` for a lock; a
    host's connection must be in autocommit mode and is used as it is: a save made inside its
    `transaction()` becomes part of it. Tables are made in the first schema of the search path.

    Raises `MissingExtra` without psycopg, `JournalUnavailable` when the database cannot be reached,
    `SyncError` for a journal of a newer version.
    """

    def __init__(self, place: str | psycopg.Connection[Any], *, partition: str = WHOLE) -> None:
        self._own = isinstance(place, str)
        with _told("open", "in PostgreSQL"):
            self._db = _opened(place) if isinstance(place, str) else place
        if not self._db.autocommit:
            raise SyncError("the journal needs a connection in autocommit mode: psycopg.connect(..., autocommit=True)")
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
        with _told("write", self.place):
            inner = self._db.info.transaction_status != _idle()
            with self._db.transaction():
                if not inner:
                    self._fence()
                yield

    @property
    def _mark(self) -> str:
        return "%s"

    def _now(self) -> datetime:
        found = self._rows("SELECT clock_timestamp()", ())[0][0]
        return cast("datetime", found)

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with _told("read", self.place):
            return self._db.execute(cast("LiteralString", sql), values).fetchall()

    def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        with _told("write", self.place), self._db.cursor() as cursor:
            cursor.executemany(cast("LiteralString", sql), rows)

    def _start(self) -> None:
        """See that the tables are ours and of this version; make them when there are none."""
        if self._version() is None:
            with _told("open", self.place), self._db.transaction():
                # Another worker may have been faster: one at a time from here.
                _ = self._rows("SELECT pg_advisory_xact_lock(%s)", (_SETUP,))
                if self._version() is None:
                    self._create()
        version = self._version()
        if version is not None and version > SCHEMA_VERSION:
            raise SyncError(
                f"{self.place}: the journal has version {version}, this library knows up to {SCHEMA_VERSION}:"
                " update clmcrm"
            )

    def _version(self) -> int | None:
        if self._rows("SELECT to_regclass('journal_schema')", ())[0][0] is None:
            return None
        rows = self._rows(_SQL.version, ())
        if len(rows) != 1:
            raise JournalCorrupt(f"it names {len(rows)} schema versions; expected one", self.place)
        return int(rows[0][0])

    def _create(self) -> None:
        _ = self._db.execute("CREATE TABLE journal_schema (version integer NOT NULL)")
        _ = self._db.execute("INSERT INTO journal_schema (version) VALUES (%s)", (SCHEMA_VERSION,))
        for statement in _TABLES.split(";"):
            _ = self._db.execute(cast("LiteralString", statement))


def _opened(place: str) -> psycopg.Connection[Any]:
    driver = _driver()
    db = driver.connect(place, autocommit=True)
    try:
        _ = db.execute(f"SET lock_timeout = {LOCK_MILLISECONDS}")
        _ = db.execute("SET synchronous_commit = on")
    except BaseException:
        db.close()
        raise
    return db


def _driver() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - an optional package, needed from here on
    except ImportError as missing:
        raise MissingExtra("postgres", "a journal in PostgreSQL") from missing
    return psycopg


def _idle() -> Any:
    return _driver().pq.TransactionStatus.IDLE


@contextmanager
def _told(what: str, place: str) -> Generator[None, None, None]:
    """Say what PostgreSQL could not do in the library's own errors."""
    driver = _driver()
    try:
        yield
    except driver.Error as error:
        said = str(error).partition("\n")[0]
        lost = isinstance(error, driver.OperationalError) or error.sqlstate is None
        if isinstance(error, (driver.errors.DataCorrupted, driver.errors.IndexCorrupted)):
            raise JournalCorrupt(f"cannot {what} it: {said}; restore it from a copy", place) from error
        full = isinstance(error, driver.errors.DiskFull)
        raise JournalUnavailable(place, f"cannot {what} it: {said}", retryable=lost and not full) from error
