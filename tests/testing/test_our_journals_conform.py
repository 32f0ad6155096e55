"""The journals in memory and in SQLite pass the suite of journals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clmcrm.store.memory import MemoryJournal
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.testing import JournalSuite


class TestMemoryJournal(JournalSuite):
    @pytest.fixture
    def journal(self) -> MemoryJournal:
        return MemoryJournal()


class TestSqliteJournal(JournalSuite):
    @pytest.fixture
    def journal(self, tmp_path: Path) -> Iterator[SqliteJournal]:
        journal = SqliteJournal(tmp_path / "journal.sqlite")
        yield journal
        journal.close()

    @pytest.fixture
    def reopened(self, journal: SqliteJournal, tmp_path: Path) -> Iterator[Callable[[], SqliteJournal]]:
        opened: list[SqliteJournal] = []

        def reopen() -> SqliteJournal:
            journal.close()
            opened.append(SqliteJournal(tmp_path / "journal.sqlite"))
            return opened[-1]

        yield reopen
        for each in opened:
            each.close()
