"""The embedded default: a CRM, a CLM and the sync journal in one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from clmcrm.adapters.embedded import Embedded, EmbeddedClm, EmbeddedCrm, open_embedded
from clmcrm.errors import UnreadableInput
from clmcrm.store.sqlite import SqliteJournal

_OURS: Final = "SELECT count(*) FROM sqlite_master WHERE name IN ('crm_records', 'clm_records', 'journal_schema')"


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


def the_file(path: Path) -> Path:
    """`path`, if there is such a file, and it is one of ours; raises `UnreadableInput` saying how one comes to be.

    A database of another program is left as it is: nothing of ours is made in it by looking.
    """
    if not path.exists():
        raise UnreadableInput(
            str(path),
            "there is no such file; `clmcrm load contracts.csv` makes one; "
            "that of `clmcrm demo` is named by --file clmcrm-demo/company.sqlite",
        )
    if _is_another_s(path):
        raise UnreadableInput(str(path), "is a database, but holds no CRM, no CLM and no journal of clmcrm")
    return path


def _is_another_s(path: Path) -> bool:
    """Whether it is a sound database without a table of ours; what cannot be read is named by whoever opens it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as looked_at:
            (ours,) = looked_at.execute(_OURS).fetchone()
    except sqlite3.Error:
        return False
    return not ours
