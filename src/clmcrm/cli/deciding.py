"""What the commands by which a person decides share: who it is, why, and where the questions are."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Generator
from contextlib import contextmanager

from attrs import frozen

from clmcrm.cli.console import Console, file_option
from clmcrm.cli.files import OneFile, opened, the_file
from clmcrm.cli.rules import rules_in_use
from clmcrm.liaison.main_job import Joined, join


@frozen(kw_only=True)
class Desk:
    """The file and the two systems put together."""

    file: OneFile
    joined: Joined


def person_options(parser: argparse.ArgumentParser) -> None:
    """The options that name the file, and who decides."""
    file_option(parser)
    _ = parser.add_argument("--by", metavar="NAME", default=None, help="who decides (default: the user logged in)")


def reason_option(parser: argparse.ArgumentParser) -> None:
    """The option that says why, for decisions whose reason is kept."""
    _ = parser.add_argument("--because", metavar="WORDS", default="", help="why; kept in the journal")


def person(options: argparse.Namespace) -> str:
    """Who decides."""
    if options.by:
        return str(options.by)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@contextmanager
def desk(options: argparse.Namespace, console: Console) -> Generator[Desk, None, None]:
    """Both systems and the journal, closed at the end of the block."""
    with opened(the_file(options.file)) as file:
        joined = join(file.crm, file.clm, file.journal, console.today, calendars=rules_in_use(console))
        yield Desk(file=file, joined=joined)
