"""`clmcrm` and `python -m clmcrm`: reads the command line, runs one command, and ends with its exit code."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Sequence
from datetime import date
from typing import Any, TextIO

from clmcrm import __version__
from clmcrm.cli import (
    config,
    conflicts,
    connect,
    deadlines,
    demo,
    doctor,
    journal,
    load,
    replay,
    resolve,
    status,
    sync,
    undo,
    verify,
)
from clmcrm.cli import console as c
from clmcrm.errors import ClmcrmError

COMMANDS = (
    demo, load, deadlines, sync, conflicts, resolve, replay, undo, status, journal, verify, config, connect,
    doctor,
)  # fmt: skip
"""Every command's module: `NAME`, `HELP`, `TODAY`, `add_options(parser)` and `run(options, console)`.

:meta hide-value:
"""


def run(arguments: Sequence[str], out: TextIO, err: TextIO) -> int:
    """Run one command; returns its exit code (see `clmcrm.cli.console`)."""
    try:
        options = _understood(arguments)
    except SystemExit as left:  # argparse has said why
        return left.code if isinstance(left.code, int) else c.USAGE
    console = c.Console(
        out=out, err=err, json=options.json, today=options.today or options.command.TODAY(), language=options.language
    )
    try:
        code: int = options.command.run(options, console)
        out.flush()
    except ClmcrmError as refused:
        console.end_progress()
        return _refused(refused, options, err)
    except BrokenPipeError:
        # Python would complain once more while it shuts down: give it somewhere to write to.
        with contextlib.suppress(OSError, ValueError):
            _ = os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        return c.PIPE_CLOSED
    except OSError as problem:
        console.end_progress()
        where = problem.filename or "the system"
        _ = err.write(f"clmcrm {options.command.NAME}: {where}: {problem.strerror or problem}\n")
        return c.FAILED
    except KeyboardInterrupt:
        console.end_progress()
        _ = err.write(f"clmcrm {options.command.NAME}: stopped; what was finished is kept\n")
        return c.INTERRUPTED
    return code


def _understood(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; what a command does not know is told with the usage of that command."""
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return options


def _refused(refused: ClmcrmError, options: argparse.Namespace, err: TextIO) -> int:
    """Say why; a mistake of the command line as argparse says the others."""
    if isinstance(refused, c.Misused):
        options.parser.print_usage(err)
        _ = err.write(f"clmcrm {options.command.NAME}: error: {refused}\n")
        return c.USAGE
    _ = err.write(f"clmcrm {options.command.NAME}: {refused}\n")
    return c.FAILED


class _AnyOrder(argparse.ArgumentParser):
    """A command's options stand before, between or behind its words.

    By itself argparse before Python 3.13 takes `journal backup --file X TO` for a backup to nowhere.
    """

    _options_taken = False

    # argparse declares it three times, for three ways of passing the namespace: one body takes them all.
    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 # pyright: ignore[reportIncompatibleMethodOverride]
        if self._options_taken:  # the parsing of both goes through this method once more for each
            return super().parse_known_args(args, namespace)
        self._options_taken = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._options_taken = False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="clmcrm",
        description="Joins the CRM and the CLM: contracts, their deadlines with reasons, and a careful sync.",
        epilog="The options of a command stand behind it: clmcrm COMMAND --help. "
        "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 something waits for a person, "
        "130 stopped, 141 the pipe was closed.",
    )
    _ = parser.add_argument("--version", action="version", version=f"clmcrm {__version__}")
    shared = _shared()
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_AnyOrder)
    for command in COMMANDS:
        one = commands.add_parser(command.NAME, help=command.HELP, description=command.HELP, parents=[shared])
        one.set_defaults(command=command, parser=one)
        command.add_options(one)
    return parser


def _shared() -> _AnyOrder:
    shared = _AnyOrder(add_help=False)
    _ = shared.add_argument("--json", action="store_true", help="answer in JSON")
    _ = shared.add_argument(
        "--today",
        type=_day,
        metavar="YYYY-MM-DD",
        help=f"the day to reckon from (default: today; of the demo: {demo.TODAY()})",
    )
    _ = shared.add_argument("--language", choices=("en", "fr"), default="en", help="for dates and their reasons")
    return shared


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-23") from None
