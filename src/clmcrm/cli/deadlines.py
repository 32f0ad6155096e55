"""`clmcrm deadlines`: what is coming, day by day, and why on that day."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from attrs import frozen

from clmcrm.analytics.portfolio import Agenda, Entry, agenda
from clmcrm.calendars.catalogue import Catalogue
from clmcrm.calendars.months import add_days
from clmcrm.cli.console import (
    ATTENTION,
    DONE,
    Console,
    access_of,
    counted,
    file_option,
    role_option,
    system_today,
)
from clmcrm.cli.files import CALENDAR, may_be_replaced, opened, the_file
from clmcrm.cli.rules import rules_in_use
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, NoDeadline
from clmcrm.clm.notice import next_notice_deadline
from clmcrm.liaison.book import Book, open_book
from clmcrm.parties.access import Access
from clmcrm.ports.records import Kind
from clmcrm.report.calendar_feed import calendar_feed
from clmcrm.report.phrases import labelled, phrase
from clmcrm.report.plain_data import agenda_data
from clmcrm.report.withholding import WORD, agenda_for
from clmcrm.values.problems import Problem
from clmcrm.values.wording import Language, Step

NAME: Final = "deadlines"
HELP: Final = "list every notice deadline, end and obligation that is coming, with its reasons"
TODAY = system_today

_MOST_DAYS: Final = 36_525  # a hundred years


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    file_option(parser)
    role_option(parser)
    _ = parser.add_argument("--days", type=_days, default=365, help="how many days ahead to look (default: 365)")
    _ = parser.add_argument("--due", type=_days, metavar="DAYS", help="exit with 3 when something is due within DAYS")
    _ = parser.add_argument("--explain", action="store_true", help="show every step of every date")
    _ = parser.add_argument(
        "--contracts", action="store_true", help="one line a contract, dated or not, with the reason"
    )
    _ = parser.add_argument("--ics", type=Path, metavar="PATH", help="write the list as a calendar file too")


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the list; exit code 3 when `--due` was asked for and something is, or a contract cannot be read."""
    if options.ics:
        may_be_replaced(options.ics, CALENDAR)
    rules = rules_in_use(console)
    with opened(the_file(options.file)) as file:
        book = open_book(file.crm, file.clm, file.journal)
        contract_at = f"{file.clm.system} {Kind.CONTRACT.value} "
    access = access_of(options)
    unread = [
        _told(problem, access, console.language) for problem in book.problems if problem.where.startswith(contract_at)
    ]
    coming = agenda(book.contracts, console.today, add_days(console.today, options.days), rules)
    if options.contracts:
        lines = _lines(book, rules, console, access)
        lines += [_Line(contract=where, why=_not_known(why, console.language)) for where, why in unread]
        _by_contract(lines, console, explain=options.explain)
    else:
        data = agenda_data(coming, book.names, console.language, access=access)
        console.answer({**data, "unread": [f"{where}: {why}" for where, why in unread]})
        _print(agenda_for(coming, access), book, console, explain=options.explain)
        _tell_unread(unread, console)
    if options.ics:
        stamp = datetime.combine(console.today, time(), UTC)
        _ = options.ics.write_bytes(calendar_feed(coming, stamp, book.names, console.language, access=access))
        console.say(f"calendar written to {options.ics}")
    if unread:
        return ATTENTION
    if options.due is None:
        return DONE
    soon = add_days(console.today, options.due)
    # However far the list goes, what is due within the days asked about counts.
    dated = coming if soon <= coming.last_day else agenda(book.contracts, console.today, soon, rules)
    return ATTENTION if any(entry.safe_day <= soon for entry in dated.entries) else DONE


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days; write one from 0 to {_MOST_DAYS}")
    return int(text)


def _print(coming: Agenda, book: Book, console: Console, *, explain: bool) -> None:
    rows = [_row(entry, book, console) for entry in coming.entries]
    console.table(("last day", "safe day", "contract", "with", "what"), rows)
    if explain:
        for entry in coming.entries:
            name = f"{entry.number or entry.contract} {entry.title}"
            _say_steps(f"{name}: {entry.what.said(console.language)}", entry.steps, console)
    unknown = [one for one in coming.undated if not one.known]
    console.say(f"\n{counted(len(coming.entries), 'date')} from {coming.first_day} to {coming.last_day}.")
    if unknown:
        console.say(f"{counted(len(unknown), 'contract')} cannot be dated; `--contracts` says why.")


def _row(entry: Entry, book: Book, console: Console) -> tuple[str, ...]:
    other = book.names.get(entry.counterparty, entry.counterparty) if entry.counterparty else ""
    return (
        entry.day.isoformat(),
        "" if entry.safe_day == entry.day else entry.safe_day.isoformat(),
        f"{entry.number or entry.contract} {entry.title}",
        other,
        entry.what.said(console.language),
    )


def _told(problem: Problem, access: Access | None, language: Language) -> tuple[str, str]:
    """Which contract cannot be read, and why; a value of it is for nobody whose role may not see it."""
    whole = str(problem).removeprefix(f"{problem.where}: ")
    return problem.where, whole if _sees(access, "reason") else WORD.said(language)


def _tell_unread(unread: Sequence[tuple[str, str]], console: Console) -> None:
    """What the list lacks: a contract that cannot be read may have a date in it."""
    if unread:
        console.say(f"{counted(len(unread), 'contract')} cannot be read, and may have dates that are not listed:")
    for where, why in unread:
        console.say(f"  {where}: {why}")


@frozen(kw_only=True)
class _Line:
    """One contract's line: the last day and the safe one (None: there is none), why, and the steps to the day."""

    contract: str
    last_day: date | None = None
    safe_day: date | None = None
    why: str
    steps: tuple[Step, ...] = ()


def _by_contract(lines: Sequence[_Line], console: Console, *, explain: bool) -> None:
    """Each contract with its next deadline, or the last one, or why there is none."""
    console.answer([_line_data(line, console.language, explain=explain) for line in lines])
    console.table(("contract", "last day", "safe day", "why"), [_cells(line) for line in lines])
    for line in lines:
        if explain and line.steps:
            _say_steps(f"{line.contract}: {line.why}", line.steps, console)
    ahead = sum(line.last_day is not None and line.last_day >= console.today for line in lines)
    passed = sum(line.last_day is not None and line.last_day < console.today for line in lines)
    behind = f"; with one that has passed: {passed}" if passed else ""
    console.say(f"\nWith a notice deadline to come: {ahead} of {counted(len(lines), 'contract')}{behind}")


def _line_data(line: _Line, language: Language, *, explain: bool) -> dict[str, object]:
    data: dict[str, object] = {
        "contract": line.contract, "last_day": line.last_day, "safe_day": line.safe_day, "why": line.why,
    }  # fmt: skip
    if explain:
        data["steps"] = [{"day": step.day, "what": step.wording.said(language)} for step in line.steps]
    return data


def _cells(line: _Line) -> tuple[str, ...]:
    safe = "" if line.safe_day is None or line.safe_day == line.last_day else line.safe_day.isoformat()
    return line.contract, line.last_day.isoformat() if line.last_day else "", safe, line.why


def _say_steps(heading: str, steps: Sequence[Step], console: Console) -> None:
    console.say(f"\n{heading}")
    for step in steps:
        console.say(f"  {step.said(console.language)}")


def _lines(book: Book, rules: Catalogue, console: Console, access: Access | None) -> list[_Line]:
    return [_line(contract, rules, console, access) for contract in book.contracts]


def _line(contract: Contract, rules: Catalogue, console: Console, access: Access | None) -> _Line:
    """The contract's next deadline, or the last one, or why there is none; and what may be seen of it."""
    answer = next_notice_deadline(contract, console.today, rules)
    found: Deadline | None = None
    if isinstance(answer, Deadline):
        found, why = answer, answer.rule.wording.said(console.language)
    elif isinstance(answer, NoDeadline):
        found, why = _last_passed(contract, console.today, rules), answer.reason.said(console.language)
    else:
        why = _not_known(answer.reason, console.language)
    steps = () if found is None else found.steps
    return _Line(
        contract=_name(contract, access, console.language),
        last_day=None if found is None else found.last_day,
        safe_day=None if found is None else found.safe_day,
        why=why if _sees(access, "reason") else WORD.said(console.language),
        steps=steps if _sees(access, "steps") or not steps else (Step(None, WORD),),
    )


def _not_known(reason: str, language: Language) -> str:
    return labelled(phrase("undated_unknown", language), reason, language)


def _name(contract: Contract, access: Access | None, language: Language) -> str:
    number = contract.number if _sees(access, "number") else ""
    return f"{number or contract.id} {contract.title if _sees(access, 'title') else WORD.said(language)}"


def _sees(access: Access | None, field: str) -> bool:
    return access is None or access.may_see("agenda", field)


def _last_passed(contract: Contract, today: date, rules: Catalogue) -> Deadline | None:
    """The last deadline before `today` that still stood when it came; None when there was none."""
    passed, back = None, 1
    while passed is None and back < min(_MOST_DAYS, today.toordinal()):
        passed, back = _stood(contract, add_days(today, -back), today, rules), 2 * back
    while passed is not None:
        later = _stood(contract, add_days(passed.last_day, 1), today, rules)
        if later is None:
            break
        passed = later
    return passed


def _stood(contract: Contract, day: date, today: date, rules: Catalogue) -> Deadline | None:
    """The deadline ahead on a `day`, if it came before `today`, and nothing had settled the end until it came."""
    ahead = next_notice_deadline(contract, day, rules)
    if not isinstance(ahead, Deadline) or ahead.last_day >= today:
        return None
    then = next_notice_deadline(contract, ahead.last_day, rules)
    return then if isinstance(then, Deadline) and then.last_day == ahead.last_day else None
