"""The embedded default: a CRM, a CLM and the sync journal in one SQLite file; and which files a command replaces."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from clmcrm.adapters.embedded import Embedded, EmbeddedClm, EmbeddedCrm, open_embedded
from clmcrm.errors import UnreadableInput
from clmcrm.store.sqlite import SqliteJournal

_OURS: Final = "SELECT count(*) FROM sqlite_master WHERE name IN ('crm_records', 'clm_records', 'journal_schema')"
_ANY: Final = "SELECT count(*) FROM sqlite_master"
_NOT_OURS: Final = "is a database, but holds no CRM, no CLM and no journal of clmcrm"

BESIDE: Final = ("-journal", "-wal", "-shm")
"""What SQLite puts behind the name of its file while it writes."""

PAGE: Final = b"<!DOCTYPE html>"
"""How a page begins, and so how a file begins that a page may replace."""

CALENDAR: Final = b"BEGIN:VCALENDAR"
"""How a calendar file begins."""


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
    _no_folder(path)
    if not path.exists():
        raise UnreadableInput(
            str(path),
            "there is no such file; `clmcrm load contracts.csv` makes one; "
            "that of `clmcrm demo` is named by --file clmcrm-demo/company.sqlite",
        )
    if _counted(path, _OURS) == 0:
        raise UnreadableInput(str(path), _NOT_OURS)
    return path


def a_file_for(path: Path) -> Path:
    """`path`, if a new file may be made there, or what is there is ours, or an empty database.

    Raises `UnreadableInput` for a database of another program, which stays as it is: nothing is put beside its tables;
    for a folder, and for a place in a folder that is not there.
    """
    _no_folder(path)
    if not path.parent.is_dir():
        raise UnreadableInput(str(path), f"there is no folder {path.parent}; make it first, or name another place")
    if path.exists() and _counted(path, _OURS) == 0 and _counted(path, _ANY):
        raise UnreadableInput(str(path), _NOT_OURS)
    return path


def may_be_replaced(path: Path, begins: bytes) -> None:
    """Raises `UnreadableInput` when the file at `path` is neither empty nor one that `begins` so.

    A page replaces a page of an earlier day, and never what somebody named by mistake: a database, a list of
    contracts. What is not there, or is no file that can be read, is told of by whoever writes it.
    """
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                start = file.read(len(begins))
            if start and start != begins:
                raise UnreadableInput(
                    str(path), f"begins otherwise than {begins.decode()} and is not replaced; name another file"
                )


@contextmanager
def none_by_half(path: Path) -> Generator[bool, None, None]:
    """A new, empty file at `path`, which is removed again when the block ends in an error.

    Gives False, and then removes nothing, when there is a file already or none can be made.
    """
    try:
        path.touch(mode=0o644, exist_ok=False)  # as SQLite makes its own
        made = True
    except OSError:  # whoever opens it next says why
        made = False
    try:
        yield made
    except BaseException:
        if made:
            for end in ("", *BESIDE):
                path.with_name(path.name + end).unlink(missing_ok=True)
        raise


def _no_folder(path: Path) -> None:
    if path.is_dir():
        raise UnreadableInput(str(path), "is a folder; name a file in it")


def _counted(path: Path, what: str) -> int | None:
    """How many tables it counts; None for what is no sound database: that is named by whoever opens it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as looked_at:
            (found,) = looked_at.execute(what).fetchone()
    except sqlite3.Error:
        return None
    return int(found)
