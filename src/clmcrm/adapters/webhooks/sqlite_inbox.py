"""The inbox in SQLite: one table, which may stand in the file of the journal; what is acknowledged is on the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from os import PathLike, fspath
from threading import Lock
from typing import Any, Final

from clmcrm.adapters.webhooks.inbox import Arrival
from clmcrm.adapters.webhooks.verified import Event
from clmcrm.errors import SyncError

BUSY_MILLISECONDS: Final = 5000

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS webhook_event (
    number INTEGER PRIMARY KEY AUTOINCREMENT, system TEXT NOT NULL, id TEXT NOT NULL, seen_at TEXT NOT NULL,
    kind TEXT NOT NULL, object TEXT NOT NULL, key TEXT, occurred_at TEXT, gone INTEGER NOT NULL, merged_into TEXT,
    settled INTEGER NOT NULL DEFAULT 0, UNIQUE (system, id)
)
"""
_OPEN: Final = "CREATE INDEX IF NOT EXISTS webhook_event_open ON webhook_event (number) WHERE settled = 0"
_TAKE: Final = """
INSERT INTO webhook_event (system, id, seen_at, kind, object, key, occurred_at, gone, merged_into)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (system, id) DO NOTHING
"""
_WAITING: Final = """
SELECT number, system, id, seen_at, kind, object, key, occurred_at, gone, merged_into
FROM webhook_event WHERE settled = 0 ORDER BY number
"""


class SqliteInbox:
    """An `Inbox` in the SQLite file `place` (":memory:" for none), or on a connection of the host's.

    A host's connection is used as it is: in the host's transaction, a `take` becomes part of it. Threads may share
    an inbox on a file: one writes after the other. Raises `SyncError` when the file cannot be opened or written; then
    nothing was kept.

    >>> inbox, at = SqliteInbox(":memory:"), datetime(2026, 1, 15, tzinfo=UTC)
    >>> event = Event(id="e1", kind="deal.creation", object="deal", key="7")
    >>> inbox.take("hubspot", [event, event], at), inbox.take("hubspot", [event], at)
    (1, 0)
    >>> inbox.close()
    """

    def __init__(self, place: str | PathLike[str] | sqlite3.Connection) -> None:
        self._own = not isinstance(place, sqlite3.Connection)
        self._writing = Lock()
        with _said("open"):
            self._db = place if isinstance(place, sqlite3.Connection) else _opened(fspath(place))
            _ = self._db.execute(_TABLE)
            _ = self._db.execute(_OPEN)

    def close(self) -> None:
        """Close the connection, when it is the inbox's own."""
        if self._own:
            self._db.close()

    def take(self, system: str, events: Sequence[Event], seen_at: datetime) -> int:
        """Keep the events that are new, in one transaction; how many were."""
        with _said("write"), self._transaction():
            return sum(self._db.execute(_TAKE, (system, *_row(event, seen_at))).rowcount for event in events)

    def waiting(self) -> Iterator[Arrival]:
        """The arrivals not yet settled, oldest first."""
        with _said("read"), self._writing:  # what another thread's transaction may still take back is not told
            rows = self._db.execute(_WAITING).fetchall()
        yield from (_arrival(row) for row in rows)

    def settle(self, numbers: Sequence[int]) -> None:
        """Forget these arrivals."""
        with _said("write"), self._transaction():
            _ = self._db.executemany(
                "UPDATE webhook_event SET settled = 1 WHERE number = ?", [(number,) for number in numbers]
            )

    def forget(self, before: datetime) -> int:
        """Forget the ids of settled events that came before this instant; how many."""
        with _said("write"), self._transaction():
            old = "DELETE FROM webhook_event WHERE settled = 1 AND seen_at < ?"
            return self._db.execute(old, (_text(before),)).rowcount

    @contextmanager
    def _transaction(self) -> Generator[None]:
        """All or nothing: a transaction of its own, or a savepoint inside the host's."""
        with self._writing:  # another thread's transaction is not the host's
            inside = self._db.in_transaction
            _ = self._db.execute("SAVEPOINT webhook" if inside else "BEGIN IMMEDIATE")
            try:
                yield
                _ = self._db.execute("RELEASE webhook" if inside else "COMMIT")
            except BaseException:  # a refused COMMIT too: left open, the next copy would count as kept
                self._take_back(inside=inside)
                raise

    def _take_back(self, *, inside: bool) -> None:
        if not self._db.in_transaction:  # a full disk has undone it already
            return
        if inside:
            _ = self._db.execute("ROLLBACK TO webhook")
            _ = self._db.execute("RELEASE webhook")
        else:
            _ = self._db.execute("ROLLBACK")


def _opened(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000, check_same_thread=False)
    _ = db.execute("PRAGMA journal_mode = WAL")
    _ = db.execute("PRAGMA synchronous = FULL")
    return db


@contextmanager
def _said(deed: str) -> Generator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise SyncError(f"inbox: cannot {deed}: {error}") from error


def _text(at: datetime) -> str:
    """An instant as text that sorts by time: in UTC, always with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _row(event: Event, seen_at: datetime) -> tuple[object, ...]:
    occurred = None if event.occurred_at is None else _text(event.occurred_at)
    return (
        event.id, _text(seen_at), event.kind, event.object, event.key, occurred, int(event.gone), event.merged_into
    )  # fmt: skip


def _arrival(row: tuple[Any, ...]) -> Arrival:
    number, system, own, seen_at, kind, what, key, occurred, gone, merged = row
    event = Event(
        id=own, kind=kind, object=what, key=key, gone=bool(gone), merged_into=merged,
        occurred_at=None if occurred is None else datetime.fromisoformat(occurred),
    )  # fmt: skip
    return Arrival(system=system, event=event, seen_at=datetime.fromisoformat(seen_at), number=number)
