"""Looking after a journal in a SQLite file: back it up, check it whole, and make it small again.

A backup is made while others write, is checked before it counts, and never stands half-written under its
name.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import Final

from attrs import frozen

from clmcrm.errors import ClmcrmError, JournalCorrupt, JournalUnavailable
from clmcrm.store.sqlite import SqliteJournal, opened, told
from clmcrm.store.sqlite_schema import SCHEMA_VERSION, SEALED_SINCE, TABLES, damaged_of_2, version_of

_MOST: Final = 100
_HELD: Final = "SELECT name FROM sqlite_master WHERE type = 'table'"


@frozen(kw_only=True)
class Health:
    """What a check found: the `problems` in words (empty: sound), and how many rows each table holds.

    `version` is the journal's schema version, None when the file holds no journal.
    """

    place: str
    version: int | None
    rows: Mapping[str, int]
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check_journal(place: str | PathLike[str]) -> Health:
    """Read every page and every row of the journal at `place`, and say what is wrong; nothing is changed.

    At most a hundred problems are listed. Raises `JournalUnavailable` when there is no such file or it
    cannot be opened.
    """
    named = _there(place)
    try:
        with told("open", named):
            db = sqlite3.connect(f"{Path(named).absolute().as_uri()}?mode=ro", uri=True)
    except JournalCorrupt as error:
        return Health(place=named, version=None, rows={}, problems=(error.what,))
    try:
        return _checked(db, named)
    finally:
        db.close()


def back_up(place: str | PathLike[str], to: str | PathLike[str]) -> Health:
    """Copy the journal at `place` to the file `to`, also while others write, and check the copy.

    Returns what the check found. Nothing is left under the name `to` unless the copy is sound. Raises
    `JournalUnavailable` when `to` exists already or cannot be written, `JournalCorrupt` when the journal
    itself is damaged: a copy of damage is no backup.
    """
    named, target = _there(place), Path(to)
    if target.exists():
        raise JournalUnavailable(str(target), "it exists already; a backup replaces nothing", retryable=False)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        _copy(named, part)
        health = check_journal(part)
        if not health.sound:
            raise JournalCorrupt(f"no backup was made: {health.problems[0]}", named)
        _synchronised(part)
        # A link, and no renaming: two backups at once cannot replace each other.
        os.link(part, target)
        _synchronised(target.parent)
    except OSError as error:
        raise JournalUnavailable(str(target), f"cannot be written: {error.strerror}", retryable=False) from error
    finally:
        part.unlink(missing_ok=True)
    return Health(place=str(target), version=health.version, rows=health.rows, problems=())


def compact(place: str | PathLike[str]) -> tuple[int, int]:
    """Give the room of deleted rows back to the disk; returns the bytes before and after.

    What was deleted is overwritten, and no copy of it stays in the write-ahead log. Raises what opening
    the journal does, and `JournalUnavailable` while another process has the file open.
    """
    named = _there(place)
    SqliteJournal(named, create=False).close()  # a damaged one is named, not rewritten
    before = _size(named)
    with told("open", named):
        db = opened(named)
    try:
        with told("compact", named):
            for statement in ("PRAGMA secure_delete = ON", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                rows = db.execute(statement).fetchall()
        if rows and rows[0][0]:
            raise JournalUnavailable(named, "another process reads it; try again later", retryable=True)
    finally:
        db.close()
    return before, _size(named)


def _copy(named: str, part: Path) -> None:
    with told("read", named):
        source = sqlite3.connect(f"{Path(named).absolute().as_uri()}?mode=ro", uri=True)
    try:
        with told("write", str(part)):
            target = sqlite3.connect(part)
        try:
            with told("back up", named):
                source.backup(target, pages=1000)
                _ = target.execute("PRAGMA journal_mode = DELETE").fetchall()
        finally:
            target.close()
    finally:
        source.close()


def _checked(db: sqlite3.Connection, named: str) -> Health:
    problems: list[str] = []
    version: int | None = None
    rows: dict[str, int] = {}
    try:
        with told("read", named):
            found = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({_MOST})")]
            problems += [line for line in found if line != "ok"]
            version = version_of(db, named)
    except ClmcrmError as error:
        problems.append(getattr(error, "what", str(error)))
    if version is None:
        if not problems:
            problems.append("there is no journal in it")
        return Health(place=named, version=None, rows={}, problems=tuple(problems))
    if not problems:
        rows, problems = _read_through(db, named)
    return Health(place=named, version=version, rows=rows, problems=tuple(problems[:_MOST]))


def _read_through(db: sqlite3.Connection, named: str) -> tuple[dict[str, int], list[str]]:
    """Every row of every table, read as the engine would."""
    version = version_of(db, named)
    current = version == SCHEMA_VERSION
    tables = TABLES if current else [row[0] for row in db.execute(_HELD) if row[0] in TABLES]
    counts: Counter[str] = Counter(dict.fromkeys(TABLES, 0))
    problems: list[str] = []
    for table in tables:
        counts[table] = int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - a constant
    if current:
        journal = SqliteJournal(db)
        for read in _readings(journal):
            try:
                for _ in read():
                    pass
            except ClmcrmError as error:
                problems.append(getattr(error, "what", str(error)))
    elif version == SEALED_SINCE:
        problems += damaged_of_2(db)
    return dict(counts), problems


def _readings(journal: SqliteJournal) -> Iterator[Callable[[], Iterable[object]]]:
    for kind in journal.kinds():
        yield partial(journal.agreed, kind)
        yield partial(journal.aliases, kind)
        yield partial(journal.hints, kind)
    yield journal.cursors
    yield journal.history
    yield journal.open_steps
    yield journal.decisions


def _there(place: str | PathLike[str]) -> str:
    named = fspath(place)
    if not Path(named).is_file():
        raise JournalUnavailable(named, "there is no such file", retryable=False)
    return named


def _size(named: str) -> int:
    """The bytes of the file and of its write-ahead log."""
    return sum(path.stat().st_size for path in (Path(named), Path(f"{named}-wal")) if path.exists())


def _synchronised(path: Path) -> None:
    """See that what was written is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
