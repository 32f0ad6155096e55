"""The embedded default: a CRM, a CLM and the sync journal in one SQLite file."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from clmcrm.adapters.embedded import Embedded, EmbeddedClm, EmbeddedCrm, open_embedded
from clmcrm.store.sqlite import SqliteJournal


@frozen(kw_only=True)
class OneFile:
    """Both systems and the journal, over one connection."""

    both: Embedded
    journal: SqliteJournal

    @property
    def crm(self) -> EmbeddedCrm:
        """The CRM."""
        return self.both.crm

    @property
    def clm(self) -> EmbeddedClm:
        """The CLM."""
        return self.both.clm


@contextmanager
def opened(path: Path) -> Generator[OneFile, None, None]:
    """The file at `path`, created when it is not there, closed at the end of the block.

    Raises `TerminalError` or `JournalCorrupt` for a damaged file, `TransientError` for a locked one.
    """
    with open_embedded(path) as both:
        yield OneFile(both=both, journal=SqliteJournal(both.connection))
