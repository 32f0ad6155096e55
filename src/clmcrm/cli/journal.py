"""`clmcrm journal`: back the file up, make it small, check it whole, export the journal, import it again."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from clmcrm.cli.console import DONE, FAILED, Console, Misused, file_option, system_today
from clmcrm.cli.files import a_file_for, none_by_half, the_file
from clmcrm.errors import UnreadableInput
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.store.transfer import exported, import_export
from clmcrm.store.upkeep import back_up, check_journal, compact

NAME: Final = "journal"
HELP: Final = "back up, compact, verify, export or import the sync journal"
TODAY = system_today


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    _ = parser.add_argument(
        "action",
        choices=sorted(_ACTIONS),
        help="backup TO: copy the whole file, also while others write; compact [FILE]: give room back to the disk; "
        "verify [FILE]: read every page and row; export TO.jsonl: the journal as lines; import FROM.jsonl: into --file",
    )
    _ = parser.add_argument(
        "target", nargs="?", type=Path, help="the file to write to, to import, or to look at instead of --file"
    )
    file_option(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Do it; exit code 1 when the journal is not sound."""
    return _ACTIONS[options.action](options, console)


def _backup(options: argparse.Namespace, console: Console) -> int:
    target = _target(options)
    health = back_up(the_file(options.file), target)
    console.answer({"backup": health.place, "rows": dict(health.rows)})
    console.say(f"{health.place}: a whole copy of {options.file}, read through and sound.")
    return DONE


def _compact(options: argparse.Namespace, console: Console) -> int:
    file = _looked_at(options)
    before, after = compact(file)
    console.answer({"bytes_before": before, "bytes_after": after})
    console.say(f"{file}: {before:,} bytes before, {after:,} after.")
    return DONE


def _verify(options: argparse.Namespace, console: Console) -> int:
    file = _looked_at(options)
    health = check_journal(file)
    console.answer(
        {
            "sound": health.sound, "version": health.version, "rows": dict(health.rows),
            "problems": list(health.problems),
        }
    )  # fmt: skip
    for problem in health.problems:
        console.say(f"{file}: {problem}")
    if health.sound:
        rows = [(table.removeprefix("journal_"), str(count)) for table, count in health.rows.items()]
        console.table(("of", "rows"), rows)
        console.say(f"\n{file}: sound; version {health.version}.")
    else:
        console.say("Nothing was changed. Restore a backup: clmcrm journal verify BACKUP says whether it is sound.")
    return DONE if health.sound else FAILED


def _export(options: argparse.Namespace, console: Console) -> int:
    target = _target(options)
    journal = SqliteJournal(the_file(options.file), create=False)
    count = 0
    try:
        # Made anew by none_by_half; where it could not be, opening it says why.
        with none_by_half(target) as made, target.open("w" if made else "x", encoding="utf-8", newline="\n") as out:
            for count, line in enumerate(exported(journal), 1):  # noqa: B007 - the last number is told below
                _ = out.write(line)
    except FileExistsError:
        raise UnreadableInput(str(target), "exists already; an export replaces nothing") from None
    except OSError as problem:
        raise UnreadableInput(str(target), f"cannot be written ({problem.strerror})") from None
    finally:
        journal.close()
    console.answer({"export": str(target), "lines": count})
    console.say(f"{target}: {count} lines.")
    return DONE


def _import(options: argparse.Namespace, console: Console) -> int:
    source = _target(options)
    try:
        # Opened first: what is not there makes no new file, and what cannot be read to its end leaves none behind.
        with (
            source.open(encoding="utf-8") as lines,
            none_by_half(a_file_for(options.file)),
            closing(SqliteJournal(options.file)) as journal,
        ):
            count = import_export(lines, journal, str(source))
    except UnicodeDecodeError as problem:
        raise UnreadableInput(str(source), f"is no text in UTF-8 ({problem.reason})") from None
    except OSError as problem:
        raise UnreadableInput(str(source), f"cannot be read ({problem.strerror})") from None
    console.answer({"import": str(source), "lines": count})
    console.say(f"{options.file}: {count} lines imported from {source}.")
    return DONE


def _looked_at(options: argparse.Namespace) -> Path:
    """The file that was named beside the action, as the words about a backup have it; else that of --file."""
    return the_file(options.target or options.file)


def _target(options: argparse.Namespace) -> Path:
    if options.target is None:
        raise Misused(f"name a file: clmcrm journal {options.action} FILE")
    target: Path = options.target
    return target


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace, Console], int]]] = {
    "backup": _backup, "compact": _compact, "verify": _verify, "export": _export, "import": _import,
}  # fmt: skip
