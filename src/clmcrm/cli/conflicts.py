"""`clmcrm conflicts`: every question that waits for a person, with the key that `clmcrm resolve` takes."""

from __future__ import annotations

import argparse
from shlex import quote
from typing import Final

from clmcrm.cli.console import ATTENTION, DONE, Console, file_option, system_today
from clmcrm.cli.deciding import desk
from clmcrm.liaison.main_job import preview
from clmcrm.report.plan_page import differing, shown_value
from clmcrm.report.plan_phrases import PLAN_PHRASES, reason
from clmcrm.sync.open_steps import open_steps_in

NAME: Final = "conflicts"
HELP: Final = "list what waits for a person's decision, and the key to resolve it by"
TODAY = system_today
_COLUMNS: Final = ("agreed", "crm_has", "clm_has", "decides", "why")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    file_option(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """List the conflicts, the doubtful pairings and the steps of unknown outcome; exit code 3 when there are any."""
    with desk(options, console) as both:
        found = preview(both.joined)
        waiting = open_steps_in(both.file.journal)
    conflicts = found.plan.conflicts
    problems = [*found.plan.problems, *found.problems]
    console.answer(
        {
            "conflicts": [{**conflict.as_fields(), "key": conflict.key} for conflict in conflicts],
            "problems": [str(problem) for problem in problems],
            "unknown_outcome": [{"key": step.step_key, "sent_at": step.at.isoformat()} for step in waiting],
        }
    )
    if conflicts:
        names = [PLAN_PHRASES[key].said(console.language) for key in _COLUMNS]
        rows = [
            (c.key, *map(shown_value, differing(c.base, c.left, c.right)), c.decides, reason(c.why, console.language))
            for c in conflicts
        ]
        console.table(("key", *names), rows)
        console.say(f"\nDecide one: clmcrm resolve {quote(conflicts[0].key)} --take crm --because '...'")
    for problem in problems:
        console.say(f"left alone: {problem}")
    for step in waiting:
        console.say(f"of unknown outcome since {step.at.isoformat()}: {step.step_key}; the next sync looks it up")
    if not (conflicts or problems or waiting):
        console.say("Nothing waits for a person.")
    return ATTENTION if conflicts or problems or waiting else DONE
