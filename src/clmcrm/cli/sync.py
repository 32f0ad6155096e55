"""`clmcrm sync`: shows field by field what would be written where and why; `--apply` writes it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Final

from clmcrm.cli.console import ATTENTION, DONE, Console, file_option, system_today, the_file, utc_clock
from clmcrm.cli.files import opened
from clmcrm.cli.rules import rules_in_use
from clmcrm.codec.canonical import canonical_text
from clmcrm.liaison.main_job import Preview, Run, carry_out, join, preview
from clmcrm.sync.merge import ABSENT, Value
from clmcrm.sync.reports import Ended
from clmcrm.sync.steps import Plan, Step
from clmcrm.values.problems import Problem

NAME: Final = "sync"
HELP: Final = "show what keeps the CRM and the CLM consistent, field by field; --apply does it"
TODAY = system_today

PLAN_COLUMNS: Final = ("record", "goes to", "field", "CRM has", "CLM has", "becomes", "why")
CONFLICT_COLUMNS: Final = ("record", "field", "agreed", "CRM has", "CLM has", "who decides")
_LONGEST: Final = 60


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    file_option(parser)
    _ = parser.add_argument("--apply", action="store_true", help="write it, instead of only showing it")
    _ = parser.add_argument("--yes", action="store_true", help="also when the plan deletes or overwrites much")


def run(options: argparse.Namespace, console: Console) -> int:
    """Show the plan, or carry it out; exit code 3 when a conflict or a problem waits for a person."""
    with opened(the_file(options.file)) as file:
        joined = join(file.crm, file.clm, file.journal, console.today, calendars=rules_in_use(console))
        if not options.apply:
            return _show(preview(joined), console)
        done = carry_out(
            joined,
            clock=utc_clock,
            yes=options.yes,
            on_round=lambda number, todo: console.progress(f"round {number}: {len(todo.steps)} steps"),
        )
        console.end_progress()
        return _report(done, console)


def plan_rows(todo: Plan) -> list[tuple[str, ...]]:
    """One row per field of every step that writes, in the plan's order."""
    return [row for step in todo.steps if step.op.remote for row in _step_rows(step)]


def conflict_rows(todo: Plan) -> list[tuple[str, ...]]:
    """One row per conflict: what was agreed, what each side has, and who decides."""
    return [
        (c.pair, c.name, shown(c.base), shown(c.left), shown(c.right), c.decides) for c in todo.conflicts
    ]  # fmt: skip


def shown(value: Value) -> str:
    """A value as a person reads it in a table: short, a text without quotes, "" when there is none."""
    if value is ABSENT or value is None:
        return ""
    text = value if isinstance(value, str) else canonical_text(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _step_rows(step: Step) -> list[tuple[str, ...]]:
    where = (step.side or "").upper()
    if not step.changes:
        return [(step.pair, where, "", "", "", step.op.value, step.why)]
    first = f"{step.pair} ({step.op.value})"
    return [
        (first if i == 0 else "", where, c.name, shown(c.crm), shown(c.clm), shown(c.value), c.why or step.why)
        for i, c in enumerate(step.changes)
    ]


def _show(shown_plan: Preview, console: Console) -> int:
    todo = shown_plan.plan
    console.answer({**todo.as_fields(), "not_understood": [str(p) for p in shown_plan.problems]})
    rows = plan_rows(todo)
    if rows:
        console.table(PLAN_COLUMNS, rows)
    _attention(todo, shown_plan.problems, console)
    writes = sum(1 for step in todo.steps if step.op.remote)
    if todo.idle:
        console.say("Both sides are consistent: nothing to write.")
    else:
        console.say(f"\n{writes} records to write. Nothing was written: `clmcrm sync --apply` does it.")
    refusal = todo.refusal()
    if refusal:
        console.say(f"It will be refused without --yes: {refusal}.")
    return ATTENTION if todo.conflicts or todo.problems or shown_plan.problems else DONE


def _attention(todo: Plan, problems: Iterable[Problem], console: Console) -> None:
    if todo.conflicts:
        console.say("\nConflicts, left alone until somebody decides:")
        console.table(CONFLICT_COLUMNS, conflict_rows(todo))
    if todo.notes:
        console.say("\nEdits that give way to the field's owner (kept in the journal):")
        console.table(
            ("record", "field", "side", "edited to", "stays", "why"),
            [(n.pair, n.name, n.side.value.upper(), shown(n.value), shown(n.kept), n.why) for n in todo.notes],
        )
    found = [*todo.problems, *problems]
    if found:
        console.say("\nLeft alone:")
        for problem in found:
            console.say(f"  {problem}")


def _report(done: Run, console: Console) -> int:
    console.answer({"rounds": [dict(r.as_fields()) for r in done.reports], "problems": [str(p) for p in done.problems]})
    rows = [
        (
            line.ended.value,
            str(line.step.op),
            line.step.pair,
            line.step.side.value.upper() if line.step.side else "",
            line.why,
        )
        for report in done.reports
        for line in report.lines
        if line.step.op.remote
    ]
    if rows:
        console.table(("outcome", "what", "record", "on", "why"), rows)
    last = done.reports[-1].plan
    _attention(last, done.problems, console)
    console.say(f"\n{done.written} records written in {len(done.reports)} rounds; " + _ending(done))
    waits = last.conflicts or last.problems or done.problems
    refused = any(line.ended is Ended.REFUSED for report in done.reports for line in report.lines)
    return ATTENTION if waits or refused or not done.settled else DONE


def _ending(done: Run) -> str:
    return "both sides are consistent." if done.settled else "not settled yet: run it again."
