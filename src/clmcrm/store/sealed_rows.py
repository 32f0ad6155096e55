"""Rows in any SQL database: read page by page, each with a seal over its columns that is looked at when it is read.

A database adds how rows are fetched, how many are written, what a transaction is, and what stands for a value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, cast

from clmcrm.errors import InvalidRecord, JournalCorrupt
from clmcrm.ports.records import Fields
from clmcrm.store.encoding import decoded, seal_of
from clmcrm.store.statements import Statements

PAGE: Final = 500


def as_tuple(row: object) -> tuple[object, ...]:
    """The values of a row, whatever a host's connection makes of it; its names, where it is a mapping.

    >>> as_tuple(("a", 1)), as_tuple({"n": 1}), as_tuple(1)
    (('a', 1), ('n',), ())
    """
    return tuple(cast("Iterable[object]", row)) if isinstance(row, Iterable) else ()


def unfit(text: str) -> InvalidRecord:
    """The error for a text (a key, a pair named by it, a cursor) that the database cannot hold."""
    return InvalidRecord(
        "journal", "text", text, "text without halves of surrogate pairs, in PostgreSQL also without NUL"
    )


class SealedRows(ABC):
    """The rows of one partition; `place` names the file or database in errors."""

    def __init__(self, sql: Statements, place: str, partition: str, scope: tuple[str, ...]) -> None:
        self._sql = sql
        self.place = place
        self.partition = partition
        self._scope = scope

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All that is saved inside is saved together, or not at all when the block raises.

        Inside another transaction it is a part of that one. Raises `JournalUnavailable` when the store does
        not take it, `LeaseLost` when the lease this journal has taken is no longer its own.
        """

    @abstractmethod
    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    @abstractmethod
    def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run `sql` once per row, inside the transaction that is open; how many rows were changed by it."""

    @property
    @abstractmethod
    def _mark(self) -> str:
        """What stands for a value in the SQL of this database."""

    def _rows_in(
        self, sql: str, first: tuple[str, ...], values: Sequence[str], closing: str = ""
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of a query that ends in a list of `values`, page by page.

        Where the list is of keys no order is asked for: it would make SQLite walk through all pairs.
        """
        for start in range(0, len(values), PAGE):
            page = values[start : start + PAGE]
            whole = sql + ",".join([self._mark] * len(page)) + (closing or self._sql.closing)
            yield from self._rows(whole, (*self._scope, *first, *page))

    def _paged(self, sql: str, values: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """The rows of a query by growing number, page by page, so that writing in between is safe."""
        last = 0
        while rows := self._rows(sql, (*self._scope, *values, last, PAGE)):
            yield from rows
            last = rows[-1][0]

    def _save(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows, in a transaction."""
        if rows:
            with self.transaction():
                _ = self._put(sql, rows)

    def _put(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Write rows, in the transaction that is open; how many were changed by it."""
        if not rows:
            return 0
        return self._write(sql, [(*self._scope, *row) for row in rows] if self._scope else rows)

    def _facts(self, where: str, key: str, facts: str, seal: int) -> Fields:
        self._sealed(where, seal, key, facts)
        with self._named():
            return decoded(facts, where)

    def _sealed(self, where: str, seal: int, *columns: str | int | None) -> None:
        """Refuse a row that is not as it was written."""
        if seal != seal_of(*columns):
            raise self._altered(where)

    def _altered(self, where: str) -> JournalCorrupt:
        return JournalCorrupt(f"{where}: is not as it was written; restore the journal from a copy", self.place)

    @contextmanager
    def _named(self) -> Generator[None, None, None]:
        """Add the place to what is said about a row."""
        try:
            yield
        except JournalCorrupt as error:
            raise JournalCorrupt(error.what, self.place) from error
