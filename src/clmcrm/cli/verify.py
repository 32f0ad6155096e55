"""`clmcrm verify`: is an exported log or an evidence pack whole? It needs the file and nothing else."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from attrs import asdict

from clmcrm.cli.console import DONE, FAILED, Console, system_today
from clmcrm.errors import UnreadableInput
from clmcrm.proof.log import Head, read_head
from clmcrm.proof.pack import MAX_PACK
from clmcrm.proof.pack_reading import check_pack
from clmcrm.proof.verifying import MAX_BYTES, FirstBadEntry, Verified, verify

NAME: Final = "verify"
HELP: Final = "check an exported event log (.jsonl) or an evidence pack (.zip), offline"
TODAY = system_today

_ZIP: Final = b"PK"
_LARGEST_HEAD: Final = 2**16


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    _ = parser.add_argument("source", type=Path, metavar="FILE", help="the log or the pack")
    _ = parser.add_argument(
        "--head",
        type=Path,
        action="append",
        default=[],
        metavar="HEAD.json",
        help="a head you received earlier, or from somebody else; may be given several times",
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the verdict; exit code 1 when something is wrong."""
    heads = [read_head(_read(path, _LARGEST_HEAD), str(path)) for path in options.head]
    data = _read(options.source, max(MAX_PACK, MAX_BYTES))
    log, faults = _checked(data, heads, str(options.source))
    sound = isinstance(log, Verified) and not faults
    console.answer({"sound": sound, "log": _facts(log), "faults": faults})
    for line in (_said(log), *faults):
        console.say(line)
    if sound and not heads:
        console.say("No head from outside was given: a cut-off end or a full rewrite would not show (--head).")
    return DONE if sound else FAILED


def _checked(data: bytes, heads: list[Head], where: str) -> tuple[Verified | FirstBadEntry, list[str]]:
    if not data.startswith(_ZIP):
        return verify(data, heads), []
    checked = check_pack(data, heads, where)
    return checked.log, list(checked.faults)


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as problem:
        raise UnreadableInput(str(path), f"cannot be read ({problem.strerror})") from None
    if len(data) > most:
        raise UnreadableInput(str(path), f"is longer than {most} bytes")
    return data


def _facts(log: Verified | FirstBadEntry) -> dict[str, object]:
    return asdict(log)


def _said(log: Verified | FirstBadEntry) -> str:
    if isinstance(log, FirstBadEntry):
        return f"Not whole: {log}"
    erased = f", {log.erased} parts erased and recorded so" if log.erased else ""
    return (
        f"Whole: {log.head.size} entries of contract {log.head.contract}, {log.vouched} of them vouched for by a "
        f"head from outside{erased}.\nHead: {log.head.as_text()}"
    )
