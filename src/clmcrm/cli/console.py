"""What every command shares: where it prints, which day it is, whether it answers in JSON.

Exit codes: 0 done; 1 refused or failed, with the reason on standard error; 2 the command line was not
understood; 3 done, and something waits for a person (a conflict, a contradiction, a deadline within the
days asked about); 130 stopped by Ctrl-C; 141 the reader of a pipe went away.
"""

from __future__ import annotations

import argparse
import codecs
import json
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, TextIO

from attrs import frozen

from clmcrm.errors import ClmcrmError
from clmcrm.parties.access import Access
from clmcrm.parties.house_access import HOUSE_ACCESS
from clmcrm.report.tables import TextColumn, text_table
from clmcrm.values.wording import Language

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
ATTENTION: Final = 3
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141

DEFAULT_FILE: Final = Path("clmcrm.sqlite")
_NARROWEST: Final = 60


class Misused(ClmcrmError):
    """The options do not go together, or one that is needed is not there: told with the command's usage."""


@frozen(kw_only=True)
class Console:
    """One invocation's surroundings."""

    out: TextIO
    err: TextIO
    json: bool
    today: date
    language: Language = "en"

    def say(self, text: str = "") -> None:
        """Print a line for people; nothing when the answer is JSON."""
        if not self.json:
            _ = self.out.write(text + "\n")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print a table as wide as the terminal; nothing when the answer is JSON."""
        if not self.json:
            headed = [TextColumn(heading=name) for name in columns]
            _ = self.out.write(text_table(headed, list(rows), self.width) + "\n")

    def answer(self, value: object) -> None:
        """Print the whole answer as JSON; nothing when it is for people."""
        if self.json:
            escaped = not _has_every_letter(self.out)
            _ = self.out.write(json.dumps(value, ensure_ascii=escaped, indent=2, default=_plain) + "\n")

    def progress(self, text: str) -> None:
        """Rewrite one line on a terminal's standard error; nothing anywhere else."""
        if self.err.isatty():
            _ = self.err.write(f"\r\x1b[K{text}")
            self.err.flush()

    def end_progress(self) -> None:
        """Clear the progress line."""
        self.progress("")

    @property
    def width(self) -> int:
        """How many columns the terminal has; plenty where there is no terminal."""
        if not self.out.isatty():
            return 200
        return max(_NARROWEST, shutil.get_terminal_size().columns)


def utc_clock() -> datetime:
    """The present instant, in UTC: the one clock of the command line."""
    return datetime.now(UTC)


def counted(number: int, what: str) -> str:
    """So many of a thing whose name takes an s.

    >>> counted(1, "date"), counted(2, "date")
    ('1 date', '2 dates')
    """
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def file_option(parser: argparse.ArgumentParser) -> None:
    """The option that names the embedded CRM's and CLM's file."""
    _ = parser.add_argument(
        "--file", type=Path, default=DEFAULT_FILE, help=f"the SQLite file of both systems (default: {DEFAULT_FILE})"
    )


def role_option(parser: argparse.ArgumentParser) -> None:
    """The option that names for whose eyes the answer is."""
    _ = parser.add_argument(
        "--as",
        dest="roles",
        action="append",
        choices=HOUSE_ACCESS.roles,
        metavar="ROLE",
        help=f"withhold what this role may not see: {', '.join(HOUSE_ACCESS.roles)}; several add up",
    )


def access_of(options: argparse.Namespace) -> Access | None:
    """Whose eyes the answer is for; None when no role was named: then nothing is withheld."""
    return Access(policy=HOUSE_ACCESS, roles=options.roles) if options.roles else None


def system_today() -> date:
    """Today, where this process runs."""
    return datetime.now().astimezone().date()


def _has_every_letter(out: TextIO) -> bool:
    """Whether the stream's encoding can write any text; JSON can name the letters that another one lacks."""
    encoding = out.encoding
    return not encoding or codecs.lookup(encoding).name.startswith("utf")


def _plain(value: object) -> str:
    """How JSON shows what it has no form for: dates, paths."""
    return str(value)
