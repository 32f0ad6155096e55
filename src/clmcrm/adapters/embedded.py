"""A CRM and a CLM in one SQLite file, for those who have neither, and for trying the library whole.

Each system has tables of its own prefix in the file; the engine's journal may live there too. A call is
one transaction, written through to the disk (WAL, synchronous FULL): it happens wholly or not at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from attrs import frozen

from clmcrm.adapters.catalogue import FIELDS
from clmcrm.adapters.shelf import PAGE_SIZE, ShelfSystem
from clmcrm.adapters.sqlite_shelf import SqliteShelf, connect, typed_errors
from clmcrm.ports.clm import CLM_KINDS
from clmcrm.ports.crm import CRM_KINDS
from clmcrm.ports.records import Capabilities


def utc_now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


class _EmbeddedSystem(ShelfSystem):
    """A record system in tables of its own in a SQLite file."""

    def __init__(
        self,
        where: sqlite3.Connection | str | Path,
        *,
        system: str,
        prefix: str,
        capabilities: Capabilities,
        clock: Callable[[], datetime],
        page_size: int,
    ) -> None:
        connection = where if isinstance(where, sqlite3.Connection) else connect(where, vendor=system)
        shelf = SqliteShelf(connection, prefix=prefix, vendor=system)
        super().__init__(system, capabilities, shelf, clock=clock, known=FIELDS, page_size=page_size)
        self._opened = None if isinstance(where, sqlite3.Connection) else connection

    def close(self) -> None:
        """Close the file; a connection that was given stays open, for it is its owner's."""
        if self._opened is not None:
            self._opened.close()


EMBEDDED_CRM: Final = Capabilities(kinds=frozenset(CRM_KINDS), creates=frozenset(CRM_KINDS), tells_merges=True)
"""What the embedded CRM can do."""

EMBEDDED_CLM: Final = Capabilities(kinds=frozenset(CLM_KINDS), creates=frozenset(CLM_KINDS), tells_merges=True)
"""What the embedded CLM can do."""


class EmbeddedCrm(_EmbeddedSystem):
    """A CRM in the tables `crm_...` of a SQLite file, given by its path or an open connection.

    >>> crm = EmbeddedCrm(":memory:")
    >>> crm.read("account", [crm.add("account", {"name": "Durand"}).key])[0].fields
    {'name': 'Durand'}
    >>> crm.close()
    """

    def __init__(
        self,
        where: sqlite3.Connection | str | Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        page_size: int = PAGE_SIZE,
    ) -> None:
        super().__init__(
            where, system="embedded-crm", prefix="crm_", capabilities=EMBEDDED_CRM, clock=clock, page_size=page_size
        )


class EmbeddedClm(_EmbeddedSystem):
    """A CLM in the tables `clm_...` of a SQLite file, given by its path or an open connection.

    >>> clm = EmbeddedClm(":memory:")
    >>> clm.find("contract", "contract:crm:O-9") is None
    True
    >>> clm.close()
    """

    def __init__(
        self,
        where: sqlite3.Connection | str | Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        page_size: int = PAGE_SIZE,
    ) -> None:
        super().__init__(
            where, system="embedded-clm", prefix="clm_", capabilities=EMBEDDED_CLM, clock=clock, page_size=page_size
        )


@frozen
class Embedded:
    """Both systems over one connection, which a journal may share; closed at the end of a `with` block."""

    crm: EmbeddedCrm
    clm: EmbeddedClm
    connection: sqlite3.Connection

    @contextmanager
    def at_once(self) -> Generator[None, None, None]:
        """All that persons do inside is kept together, or not at all when the block raises."""
        with typed_errors("embedded"):
            _ = self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with typed_errors("embedded"):
                _ = self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:  # a full disk has undone it already
                _ = self.connection.execute("ROLLBACK")
            raise

    def __enter__(self) -> Self:
        """The same."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.connection.close()


def open_embedded(path: str | Path, *, clock: Callable[[], datetime] = utc_now) -> Embedded:
    """Both systems in the file at `path`, which is created when it is not there.

    Raises `TerminalError` for a damaged file or one of a later version, `TransientError` for a locked one.

    >>> with open_embedded(":memory:") as both:
    ...     both.crm.add("account", {"name": "Durand"}).version
    '1'
    """
    connection = connect(path)
    try:
        return Embedded(EmbeddedCrm(connection, clock=clock), EmbeddedClm(connection, clock=clock), connection)
    except BaseException:
        connection.close()
        raise
