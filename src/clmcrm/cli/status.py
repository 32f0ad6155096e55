"""`clmcrm status`: how many of what both systems hold, where the contracts stand, what waits for a person."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import timedelta
from typing import Final

from clmcrm.analytics.portfolio import agenda
from clmcrm.cli.console import ATTENTION, DONE, Console, counted, file_option, system_today
from clmcrm.cli.files import opened, the_file
from clmcrm.cli.rules import rules_in_use
from clmcrm.clm.lifecycle import stage_of
from clmcrm.liaison.book import Book, everything, open_book
from clmcrm.liaison.main_job import join, preview
from clmcrm.ports.clm import CLM_KINDS
from clmcrm.ports.crm import CRM_KINDS

NAME: Final = "status"
HELP: Final = "count what both systems hold, where contracts stand and what waits for a person"
TODAY = system_today
_SOON: Final = 30


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    file_option(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the counts; exit code 3 when a conflict or a problem waits for a person."""
    rules = rules_in_use(console)
    with opened(the_file(options.file)) as file:
        held = {
            "crm": {kind.value: len(everything(file.crm, kind)) for kind in CRM_KINDS},
            "clm": {kind.value: len(everything(file.clm, kind)) for kind in CLM_KINDS},
        }
        linked = {k.value: sum(not pair.link.ended for pair in file.journal.agreed(k)) for k in CRM_KINDS}
        waiting = preview(join(file.crm, file.clm, file.journal, console.today, calendars=rules))
        book = open_book(file.crm, file.clm, file.journal)
    stages = _stages(book, console)
    coming = agenda(book.contracts, console.today, console.today + timedelta(days=_SOON), rules)
    todo = waiting.plan
    writes = sum(1 for step in todo.steps if step.op.remote)
    problems = [str(p) for p in (*todo.problems, *waiting.problems)]
    # What the plan names already, in more words, waits once.
    problems += [str(p) for p in book.problems if not any(str(p) in named for named in problems)]
    facts = {
        "held": held,
        "linked": linked,
        "stages": stages,
        "dates_within_30_days": len(coming.entries),
        "to_write": writes,
        "conflicts": len(todo.conflicts),
        "problems": problems,
    }
    console.answer(facts)
    rows = [(kind, str(held["crm"].get(kind, "")), str(held["clm"].get(kind, "")), str(linked.get(kind, "")))
            for kind in dict.fromkeys([*held["crm"], *held["clm"]])]  # fmt: skip
    console.table(("kind", "in the CRM", "in the CLM", "linked"), rows)
    console.say()
    console.table(("contracts in stage", "how many"), [(stage, str(n)) for stage, n in stages.items()])
    console.say(f"\n{counted(len(coming.entries), 'date')} within {_SOON} days; {counted(writes, 'record')} to write,")
    console.say(f"{counted(len(todo.conflicts), 'conflict')} and {counted(len(problems), 'problem')} wait.")
    return ATTENTION if todo.conflicts or problems else DONE


def _stages(book: Book, console: Console) -> dict[str, int]:
    found = Counter(stage_of(contract, console.today).stage for contract in book.contracts)
    return {stage.value: n for stage, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))}
