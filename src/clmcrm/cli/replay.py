"""`clmcrm replay`: shows what a system refused; `--apply` has it read and planned again, never re-sent as it was."""

from __future__ import annotations

import argparse
from typing import Final

from clmcrm.cli.console import ATTENTION, DONE, Console, system_today, utc_clock
from clmcrm.cli.deciding import desk, person, person_options
from clmcrm.errors import UnreadableInput
from clmcrm.sync.undelivered import DeadLetter, dead_letters, replay

NAME: Final = "replay"
HELP: Final = "show the dead letters; --apply has their records planned again by the next sync"
TODAY = system_today


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    _ = parser.add_argument("record", nargs="*", help="only these records (account:crm:A1); default: all")
    _ = parser.add_argument("--apply", action="store_true", help="plan them again, instead of only showing them")
    person_options(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """List the dead letters, or have them planned again; exit code 3 when some are left as they are."""
    with desk(options, console) as both:
        letters = dead_letters(both.file.journal)
        unknown = sorted(set(options.record) - {letter.step.pair for letter in letters})
        if unknown:
            raise UnreadableInput(unknown[0], "there is no dead letter about this record")
        chosen = [letter for letter in letters if not options.record or letter.step.pair in options.record]
        if options.apply:
            replay(both.file.journal, chosen, by=person(options), at=utc_clock())
    console.answer(
        {
            "letters": [
                {"step": dict(letter.step.as_fields()), "why": letter.why, "at": letter.at.isoformat()}
                for letter in chosen
            ],
            "replayed": options.apply,
        }
    )
    if chosen:
        console.table(
            ("record", "what", "on", "refused at", "why"),
            [_row(letter) for letter in chosen],
        )
    if not chosen:
        console.say("No dead letters.")
    elif options.apply:
        console.say(f"\n{len(chosen)} will be read and planned again by the next `clmcrm sync`.")
    else:
        console.say("\nNothing was changed: --apply has them planned again.")
    return ATTENTION if chosen and not options.apply else DONE


def _row(letter: DeadLetter) -> tuple[str, ...]:
    step = letter.step
    side = step.side.value.upper() if step.side else ""
    return (step.pair, step.op.value, side, letter.at.isoformat(timespec="seconds"), letter.why)
