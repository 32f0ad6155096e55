"""`clmcrm load`: reads somebody else's contracts from a CSV file and says what it could not read."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

from clmcrm.adapters.tabular.again import loaded_again
from clmcrm.adapters.tabular.contracts import Loaded, load_contracts
from clmcrm.adapters.tabular.mapping import Mapping
from clmcrm.adapters.tabular.mapping_file import load_mapping
from clmcrm.cli.console import ATTENTION, DEFAULT_FILE, DONE, Console, counted, file_option, system_today
from clmcrm.cli.files import OneFile, a_file_for, opened
from clmcrm.codec.records import to_fields
from clmcrm.errors import UnreadableInput
from clmcrm.ports.records import Kind

NAME: Final = "load"
HELP: Final = "read contracts from a CSV file into the CLM; shows the mapping and every cell it could not read"
TODAY = system_today
_SHOWN: Final = 20


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    _ = parser.add_argument(
        "source", type=Path, metavar="FILE.csv", help="the contracts, one row each; - for the standard input"
    )
    _ = parser.add_argument("--mapping", type=Path, metavar="FILE.toml", help="what the columns mean")
    _ = parser.add_argument("--all", action="store_true", help="show every problem and reason")
    _ = parser.add_argument("--dry-run", action="store_true", help="read and report; keep nothing")
    file_option(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Read the file, keep its contracts, and say what could not be read; exit code 3 when something could not."""
    mapping = load_mapping(options.mapping) if options.mapping else None
    recorded_at = datetime.combine(console.today, time(), UTC)
    loaded = _read(options.source, mapping, recorded_at)
    kept = {"created": 0, "updated": 0, "unchanged": 0}
    if not options.dry_run:
        with opened(a_file_for(options.file)) as file:
            kept = _keep(file, loaded, recorded_at, console)
    console.answer(_facts(loaded, kept))
    _tell(loaded, kept, console, everything=options.all)
    console.say(_onward(options, loaded))
    return ATTENTION if loaded.problems else DONE


def _read(source: Path, mapping: Mapping | None, recorded_at: datetime) -> Loaded:
    if str(source) != "-":
        return load_contracts(source, mapping, recorded_at=recorded_at)
    if sys.stdin is None:  # a service that was started without one
        raise UnreadableInput("-", "there is no standard input; name a file")
    return load_contracts(sys.stdin.buffer, mapping, name="stdin", recorded_at=recorded_at)


def _keep(file: OneFile, loaded: Loaded, recorded_at: datetime, console: Console) -> dict[str, int]:
    """Enter the contracts in the CLM, all or none; of one that is there, what the list has columns for is updated."""
    counts = Counter({"created": 0, "updated": 0, "unchanged": 0})
    with file.both.at_once():
        for number, contract in enumerate(loaded.contracts, 1):
            fields = to_fields(contract)
            del fields["id"]
            found = file.clm.read(Kind.CONTRACT, [contract.id])
            if not found:
                _ = file.clm.add(Kind.CONTRACT, fields, key=contract.id)
                counts["created"] += 1
            elif changes := loaded_again(found[0].fields, fields, loaded.mapping, recorded_at):
                _ = file.clm.edit(Kind.CONTRACT, contract.id, changes)
                counts["updated"] += 1
            else:
                counts["unchanged"] += 1
            console.progress(f"{number} contracts kept")
    console.end_progress()
    return dict(counts)


def _facts(loaded: Loaded, kept: dict[str, int]) -> dict[str, object]:
    return {
        "rows": loaded.rows,
        "contracts": loaded.kept,
        **kept,
        "problems": [
            {"where": p.where, "field": p.field, "value": p.value, "what": p.what, "expected": p.expected}
            for p in loaded.problems
        ],
        "deadlines": loaded.deadlines,
        "without_deadline": {reason.contract: reason.reason for reason in loaded.reasons},
    }


def _tell(loaded: Loaded, kept: dict[str, int], console: Console, *, everything: bool) -> None:
    console.say(loaded.mapping.show(loaded.columns))
    console.say(
        f"\n{counted(loaded.rows, 'row')} read, {counted(loaded.kept, 'contract')}: " + ", ".join(_counted(kept))
    )
    console.say(f"\n{counted(len(loaded.problems), 'finding')} to look at:")
    _listed([str(problem) for problem in loaded.problems], console, everything=everything)
    console.say(
        f"\nWith a notice deadline: {counted(loaded.deadlines, 'contract')}; without one: {len(loaded.reasons)}"
    )
    if everything:
        _listed([str(reason) for reason in loaded.reasons], console, everything=True)
    else:
        common = Counter(reason.reason for reason in loaded.reasons).most_common()
        _listed([f"{count} x {why}" for why, count in common], console, everything=False)


def _onward(options: argparse.Namespace, loaded: Loaded) -> str:
    """What to do next: say how the list is written, keep it, look at the days."""
    lines = list[str]()
    if loaded.problems and options.mapping is None:
        lines.append("Columns that mean something else, or other forms of days and amounts: --mapping FILE.toml")
    if options.dry_run:
        lines.append("Nothing was kept: without --dry-run it is.")
    else:
        file = "" if options.file == DEFAULT_FILE else f" --file {shlex.quote(str(options.file))}"
        lines.append(f"The days themselves: clmcrm deadlines --contracts{file}")
    return "\n" + "\n".join(lines)


def _counted(kept: dict[str, int]) -> list[str]:
    return [f"{count} {what}" for what, count in kept.items() if count] or ["none kept"]


def _listed(lines: list[str], console: Console, *, everything: bool) -> None:
    shown = lines if everything else lines[:_SHOWN]
    for line in shown:
        console.say(f"  {line}")
    if len(shown) < len(lines):
        console.say(f"  ... and {len(lines) - len(shown)} more; --all shows them")
