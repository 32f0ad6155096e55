"""`clmcrm sync`: shows field by field what would be written where, who wins and why; `--apply` writes it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from attrs import define

from clmcrm.cli.console import ATTENTION, DONE, Console, Misused, counted, file_option, system_today, utc_clock
from clmcrm.cli.files import PAGE, may_be_replaced, opened, the_file
from clmcrm.cli.rules import rules_in_use
from clmcrm.cli.showing import show_plan
from clmcrm.liaison.main_job import Preview, Run, carry_out, join, preview
from clmcrm.ports.records import Capabilities, Outcome, Page, Seen, Write
from clmcrm.ports.systems import RecordSystem
from clmcrm.report.plan_page import PlanShown, differing, shown_value
from clmcrm.report.plan_phrases import winner
from clmcrm.sync.reports import Ended
from clmcrm.sync.steps import Plan, Step
from clmcrm.values.problems import Problem

NAME: Final = "sync"
HELP: Final = "show what keeps the CRM and the CLM consistent, field by field; --apply does it"
TODAY = system_today

PLAN_COLUMNS: Final = ("record", "goes to", "field", "CRM has", "CLM has", "becomes", "wins", "why")
CONFLICT_COLUMNS: Final = ("record", "field", "agreed", "CRM has", "CLM has", "who decides")
_MOST_PERCENT: Final = 100


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    file_option(parser)
    _ = parser.add_argument("--apply", action="store_true", help="write it, instead of only showing it")
    guard_options(parser)
    page_option(parser)


def guard_options(parser: argparse.ArgumentParser) -> None:
    """The options that say how much may be deleted or overwritten."""
    _ = parser.add_argument("--yes", action="store_true", help="also when the plan deletes or overwrites much")
    _ = parser.add_argument(
        "--guard",
        type=_percent,
        metavar="PERCENT",
        help="refuse more deletes or overwrites than this part of a kind's known pairs (default: each kind's rule)",
    )


def page_option(parser: argparse.ArgumentParser) -> None:
    """The option that names the page to write."""
    _ = parser.add_argument(
        "--html", type=Path, metavar="FILE.html", help="write the plan as a page, too; not with --apply"
    )


def page_of_what_is_not_written(options: argparse.Namespace) -> None:
    """Raises `Misused` for a page asked for together with `--apply`: it says that nothing was written.

    Raises `UnreadableInput` for a page in the place of a file that is none.
    """
    if options.html is not None and options.apply:
        raise Misused("--html: the page shows a plan before it is written; ask for it without --apply")
    if options.html is not None:
        may_be_replaced(options.html, PAGE)


def run(options: argparse.Namespace, console: Console) -> int:
    """Show the plan, or carry it out; exit code 3 when a conflict or a problem waits for a person."""
    page_of_what_is_not_written(options)
    with opened(the_file(options.file)) as file:
        crm, clm = Watched(file.crm, console), Watched(file.clm, console)
        joined = join(crm, clm, file.journal, console.today, calendars=rules_in_use(console))
        if not options.apply:
            return _show(preview(joined), options, console)

        def begin(number: int, todo: Plan) -> None:
            total = sum(step.op.remote for step in todo.steps)
            for one in (crm, clm):
                one.begin(f"round {number}", total, (crm, clm))
            console.progress(f"round {number}: 0 of {total} records written")

        done = carry_out(joined, clock=utc_clock, yes=options.yes, percent=options.guard, on_round=begin)
        console.end_progress()
        return _report(done, console)


@define(eq=False)
class Watched:
    """A system that tells how far the writing has come."""

    one: RecordSystem
    console: Console
    sent: int = 0
    total: int = 0
    what: str = ""
    both: tuple[Watched, ...] = ()

    def begin(self, what: str, total: int, both: tuple[Watched, ...]) -> None:
        """Count anew."""
        self.what, self.total, self.both, self.sent = what, total, both, 0

    @property
    def system(self) -> str:
        """The system's name."""
        return self.one.system

    @property
    def capabilities(self) -> Capabilities:
        """What the system can do."""
        return self.one.capabilities

    def changes(self, kind: str, cursor: str | None) -> Page:
        """What changed."""
        return self.one.changes(kind, cursor)

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """The records of these keys."""
        return self.one.read(kind, keys)

    def find(self, kind: str, mark: str) -> Seen | None:
        """The record created under our key."""
        return self.one.find(kind, mark)

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Write, and tell."""
        outcomes = self.one.write(writes)
        self.sent += len(writes)
        sent = sum(each.sent for each in self.both)
        self.console.progress(f"{self.what}: {sent} of {self.total} records written")
        return outcomes


def plan_rows(todo: Plan) -> list[tuple[str, ...]]:
    """One row per field of every step that writes, in the plan's order."""
    return [row for step in todo.steps if step.op.remote for row in _step_rows(todo, step)]


def conflict_rows(todo: Plan) -> list[tuple[str, ...]]:
    """One row per conflict: what was agreed, what each side has, and who decides."""
    return [(c.pair, c.name, *map(shown_value, differing(c.base, c.left, c.right)), c.decides) for c in todo.conflicts]


def _step_rows(todo: Plan, step: Step) -> list[tuple[str, ...]]:
    where = (step.side or "").upper()
    if not step.changes:
        return [(step.pair, where, "", "", "", step.op.value, "", step.why)]
    first = f"{step.pair} ({step.op.value})"
    return [
        (
            first if i == 0 else "", where, c.name, *map(shown_value, differing(c.crm, c.clm, c.value)),
            winner(step, c, todo.rules).en, c.why or step.why,
        )
        for i, c in enumerate(step.changes)
    ]  # fmt: skip


def _show(found: Preview, options: argparse.Namespace, console: Console) -> int:
    todo = found.plan
    shown = PlanShown(plan=todo, as_of=console.today, problems=found.problems, percent=options.guard)
    show_plan(shown, console, options.html)
    if not todo.idle:
        console.say("Nothing was written: `clmcrm sync --apply` does it.")
    refusal = todo.refusal(options.guard)
    if refusal:
        console.say(f"It will be refused without --yes: {refusal}.")
    return ATTENTION if todo.conflicts or todo.problems or found.problems else DONE


def _attention(todo: Plan, problems: Iterable[Problem], console: Console) -> None:
    if todo.conflicts:
        console.say("\nConflicts, left alone until somebody decides (clmcrm conflicts, clmcrm resolve):")
        console.table(CONFLICT_COLUMNS, conflict_rows(todo))
    if todo.notes:
        console.say("\nEdits that give way to the field's owner (kept in the journal):")
        console.table(
            ("record", "field", "side", "edited to", "stays", "why"),
            [
                (n.pair, n.name, n.side.value.upper(), shown_value(n.value), shown_value(n.kept), n.why)
                for n in todo.notes
            ],
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
    waits = last.conflicts or last.problems or done.problems
    _attention(last, done.problems, console)
    console.say(
        f"\n{counted(done.written, 'record')} written in {counted(len(done.reports), 'round')}; "
        + _ending(done, waits=bool(waits))
    )
    refused = any(line.ended is Ended.REFUSED for report in done.reports for line in report.lines)
    return ATTENTION if waits or refused or not done.settled else DONE


def _ending(done: Run, *, waits: bool) -> str:
    if not done.settled:
        return "not settled yet: run it again."
    return "both sides are consistent but for what waits." if waits else "both sides are consistent."


def _percent(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _MOST_PERCENT:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage; write a whole number from 0 to 100")
    return int(text)
