"""`clmcrm undo`: shows what would take earlier writes back, field by field; `--apply` writes it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from clmcrm.cli.console import ATTENTION, DONE, Console, Misused, counted, system_today, utc_clock
from clmcrm.cli.deciding import Desk, desk, person, person_options, reason_option
from clmcrm.cli.showing import show_plan
from clmcrm.cli.sync import guard_options, page_of_what_is_not_written, page_option
from clmcrm.drivers.blocking import Blocking
from clmcrm.errors import UnreadableInput
from clmcrm.ports.calls import finished
from clmcrm.ports.journal import Journal
from clmcrm.report.plan_page import PlanShown
from clmcrm.report.plan_phrases import plan_phrase
from clmcrm.sync.applying import apply
from clmcrm.sync.reports import Ended, Report
from clmcrm.sync.steps import Plan, Step
from clmcrm.sync.undoing import undo, undo_entry, written

NAME: Final = "undo"
HELP: Final = "show the steps that take earlier writes back; --apply writes them"
TODAY = system_today


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    _ = parser.add_argument("--record", metavar="PAIR", help="only what was written to this record (account:crm:A1)")
    _ = parser.add_argument(
        "--since", type=_instant, metavar="INSTANT", help="only what was written then or later: 2026-11-29T08:30, UTC"
    )
    _ = parser.add_argument("--apply", action="store_true", help="write it, instead of only showing it")
    person_options(parser)
    reason_option(parser)
    guard_options(parser)
    page_option(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Show the compensating plan, or carry it out; exit code 3 when something cannot be taken back."""
    if options.record is None and options.since is None:
        raise Misused("say what to take back: --record, --since, or both")
    if options.apply and not options.because:
        raise Misused("--because: say why: it is kept in the journal")
    page_of_what_is_not_written(options)
    with desk(options, console) as both:
        journal = both.file.journal
        if options.record is not None and not written(journal, pair=options.record):
            raise UnreadableInput(options.record, "nothing was written to such a record; write it as account:crm:A1")
        chosen = written(journal, pair=options.record, since=options.since)
        sides = {side: Blocking(system, finished) for side, system in both.joined.sides.items()}
        todo = undo(chosen, sides, journal, both.joined.rules)
        if not options.apply:
            return _show(todo, options, console)
        report = _carry_out(todo, both, options)
    return _tell(report, console)


def _show(todo: Plan, options: argparse.Namespace, console: Console) -> int:
    title = plan_phrase("undo_title", console.language)
    show_plan(PlanShown(plan=todo, as_of=console.today, percent=options.guard, title=title), console, options.html)
    if not todo.idle:
        console.say("Nothing was written: --apply writes it. The other side keeps what it has; the next syncs leave")
        console.say("the difference alone until one of the two is edited.")
    return ATTENTION if todo.problems else DONE


def _carry_out(todo: Plan, both: Desk, options: argparse.Namespace) -> Report:
    journal, began = both.file.journal, utc_clock()
    try:
        report = apply(todo, both.joined.sides, journal, clock=utc_clock, yes=options.yes, percent=options.guard)
    except BaseException:
        # It was stopped half-way: what was taken back until then is kept, and so is who did it and why.
        kept = {(each.step.pair, each.step.side) for each in written(journal, since=began)}
        _keep_why((step for step in todo.steps if (step.pair, step.side) in kept), journal, options)
        raise
    _keep_why((line.step for line in report.lines if line.ended is Ended.DONE), journal, options)
    return report


def _keep_why(done: Iterable[Step], journal: Journal, options: argparse.Namespace) -> None:
    journal.save_entries(undo_entry(done, by=person(options), why=options.because, at=utc_clock()))


def _tell(report: Report, console: Console) -> int:
    console.answer(dict(report.as_fields()))
    for line in report.lines:
        console.say(
            f"{line.ended.value}: {line.step.op} {line.step.pair} on the {(line.step.side or '').upper()} {line.why}"
        )
    for problem in report.plan.problems:
        console.say(f"left alone: {problem}")
    console.say(f"{counted(report.written, 'record')} written back.")
    return DONE if report.complete else ATTENTION


def _instant(text: str) -> datetime:
    """The instant, in UTC where no zone is said; a day alone is its midnight."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no instant; write it as 2026-11-29T08:30") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
