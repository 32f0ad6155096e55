"""`clmcrm demo`: a company's CRM and CLM joined before your eyes, without an account or a network.

It fills one SQLite file with the sample company, shows what a sync would write and why, writes it, and
leaves a report, a calendar file and the picture of the lifecycle in a folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from clmcrm.analytics.exposure import Exposures, exposure
from clmcrm.analytics.portfolio import Agenda, EntryKind, agenda
from clmcrm.bridge.checks import check_opportunity, check_quote
from clmcrm.bridge.findings import Finding
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.calendars.months import add_days
from clmcrm.cli.console import DONE, Console
from clmcrm.cli.files import BESIDE, OneFile, opened
from clmcrm.cli.sync import CONFLICT_COLUMNS, conflict_rows
from clmcrm.errors import UnreadableInput
from clmcrm.liaison.book import Book, open_book
from clmcrm.liaison.main_job import Preview, Run, carry_out, join, preview
from clmcrm.report.calendar_feed import calendar_feed
from clmcrm.report.lanes import timeline_of
from clmcrm.report.lifecycle_picture import lifecycle_picture
from clmcrm.report.page import Report, render_html
from clmcrm.report.plain_data import agenda_data, exposures_data
from clmcrm.report.plan_page import PlanShown, plan_sections
from clmcrm.report.plan_phrases import plan_phrase
from clmcrm.report.sections import Section, section
from clmcrm.sample.company import SAMPLE_TODAY, Company, load_company
from clmcrm.sample.seeding import make_edits, seed_baseline
from clmcrm.values.problems import Problem
from clmcrm.values.rates import RateTable
from clmcrm.values.wording import Language, Wording

NAME: Final = "demo"
HELP: Final = "join a sample company's CRM and CLM, and write its report, calendar and lifecycle picture"

FILES: Final = ("company.sqlite", "report.html", "calendar.ics", "lifecycle.svg")
_AHEAD: Final = 365
_BEHIND: Final = 90
_WEEK: Final = timedelta(days=7)
_SHOWN_DEADLINES: Final = 3

_OFFERS: Final = Wording("Promises that contradict a contract", "Promesses qui contredisent un contrat")
_OFFERS_INTRO: Final = Wording(
    "Open sales and quotes held against every contract in force.",
    "Affaires ouvertes et devis, comparés à chaque contrat en vigueur.",
)
_OFFER_COLUMNS: Final = (
    Wording("offer", "offre"), Wording("what", "constat"), Wording("offered", "proposé"), Wording("agreed", "convenu"),
    Wording("where", "où"), Wording("what to do", "que faire"),
)  # fmt: skip
_PLAN_TITLES: Final = {
    "conflicts": Wording("Conflicts that wait for a person", "Conflits qui attendent une décision"),
    "writes": Wording("What the sync wrote, field by field", "Ce que la synchronisation a écrit, champ par champ"),
    "notes": Wording(
        "Edits that gave way to the field's owner", "Modifications effacées devant la valeur du responsable"
    ),
    "problems": Wording("Doubtful records, left alone", "Fiches douteuses, laissées en l'état"),
}
_RATES_NOTE: Final = Wording(
    "Exchange rates are the sample's own, at the latest rate on or before the day.",
    "Les cours de change sont ceux de l'exemple, au dernier cours connu à la date.",
)
_ADVICE_NOTE: Final = Wording(
    "A computed date is no legal advice; open it to see the clause and the steps it follows from.",
    "Une date calculée n'est pas un conseil juridique ; ouvrez-la pour voir la clause et les étapes dont elle résulte.",
)


def TODAY() -> date:  # noqa: N802 - every command's module has this name; here it is the sample's own day
    """The day the sample is about."""
    return SAMPLE_TODAY


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    _ = parser.add_argument(
        "--out", type=Path, default=Path("clmcrm-demo"), help="the folder to write to (default: clmcrm-demo)"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Run the demonstration; its files replace those of an earlier one."""
    _reckonable(console.today)
    shown = _played(_fresh(options.out), console)
    _write(options.out, shown, console)
    console.answer(_facts(shown, options.out))
    _tell(shown, options.out, console)
    return DONE


@frozen(kw_only=True)
class Demonstration:
    """What the demonstration has to show."""

    company: Company
    before: Preview
    done: Run
    book: Book
    agenda: Agenda
    exposures: Exposures
    findings: tuple[Finding, ...]


def _reckonable(today: date) -> None:
    """Raises `DateRuleError` when the days shown lead beyond the calendar: before an earlier demonstration goes."""
    for days in (-_BEHIND, _AHEAD):
        _ = add_days(today, days)


def _fresh(folder: Path) -> Path:
    """The path of a new file in `folder`; refuses a folder that holds somebody else's files.

    A copy that somebody made of a file of the demo's, such as `company.sqlite.bak`, is somebody else's.
    """
    if folder.exists() and not folder.is_dir():
        raise UnreadableInput(str(folder), "is a file; name a folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    own = {*FILES, *(FILES[0] + end for end in BESIDE)}
    strange = sorted(p.name for p in folder.iterdir() if p.name not in own)
    if strange:
        raise UnreadableInput(str(folder), f"holds {strange[0]}, which is not the demo's; name another with --out")
    for name in own:
        (folder / name).unlink(missing_ok=True)
    return folder / FILES[0]


def _played(path: Path, console: Console) -> Demonstration:
    company = load_company()
    now = datetime.combine(console.today, time(9), UTC)
    with opened(path) as file:
        seed_baseline(file.both, company)
        joined = join(file.crm, file.clm, file.journal, console.today, calendars=BUILT_IN)
        _ = carry_out(joined, clock=lambda: now - _WEEK, yes=True)
        make_edits(file.both, company)
        joined = join(file.crm, file.clm, file.journal, console.today, calendars=BUILT_IN)
        before = preview(joined)
        done = carry_out(joined, clock=lambda: now)
        return _gathered(file, company, before, done, console.today)


def _gathered(file: OneFile, company: Company, before: Preview, done: Run, today: date) -> Demonstration:
    book = open_book(file.crm, file.clm, file.journal)
    return Demonstration(
        company=company,
        before=before,
        done=done,
        book=book,
        agenda=agenda(book.contracts, today, add_days(today, _AHEAD), BUILT_IN),
        exposures=exposure(book.contracts, today, RateTable(company.rates), "EUR"),
        findings=tuple(_findings(company, book, today)),
    )


def _findings(company: Company, book: Book, today: date) -> Iterator[Finding]:
    """What open sales and live quotes promise against contracts in force."""
    countries = {
        account.id: account.billing_address.country for account in book.accounts if account.billing_address is not None
    }
    for sale in book.opportunities:
        if sale.is_open and sale.account is not None:
            country = countries.get(sale.account)
            yield from check_opportunity(sale, book.contracts, today, country=country, names=book.names)
    for quote in company.quotes:
        if quote.account is not None and not quote.lapsed(today):
            country = countries.get(quote.account)
            yield from check_quote(quote, book.contracts, today, country=country, names=book.names)


def _write(folder: Path, shown: Demonstration, console: Console) -> None:
    report = _report(shown, console.today, console.language)
    stamp = datetime.combine(console.today, time(9), UTC)
    _ = (folder / FILES[1]).write_text(render_html(report, console.language), encoding="utf-8")
    feed = calendar_feed(shown.agenda, stamp, shown.book.names, console.language, title=shown.company.name)
    _ = (folder / FILES[2]).write_bytes(feed)
    _ = (folder / FILES[3]).write_text(lifecycle_picture(language=console.language), encoding="utf-8")


def _report(shown: Demonstration, today: date, language: Language) -> Report:
    shown_from, shown_to = add_days(today, -_BEHIND), add_days(today, _AHEAD)
    timeline = timeline_of(shown.book.contracts, today, shown_from, shown_to, BUILT_IN)
    named = ", ".join(sorted({c.governing_place for c in shown.book.contracts if c.governing_place}))
    return Report(
        title=shown.company.name,
        as_of=today,
        agenda=shown.agenda,
        exposures=shown.exposures,
        timeline=timeline,
        names=dict(shown.book.names),
        sections=tuple(_sections(shown, today, language)),
        assumptions=(
            Wording(
                f"Legal holidays of {named}, where the library holds them, by the place whose law governs.",
                f"Jours fériés légaux de {named}, quand la bibliothèque les connaît, d'après le lieu dont la loi régit "
                "le contrat.",
            ).said(language),
            _RATES_NOTE.said(language),
            _ADVICE_NOTE.said(language),
        ),
    )


def _sections(shown: Demonstration, today: date, language: Language) -> Iterator[Section]:
    space = " " if language == "fr" else ""
    yield section(
        _OFFERS.said(language),
        tuple(name.said(language) for name in _OFFER_COLUMNS),
        tuple(
            (
                f.offer,
                f.what.said(language),
                f"{f.field.said(language)}{space}: {f.offered.said(language)}",
                f.agreed.said(language),
                f"{f.contract or ''} {f.citation}".strip(),
                f.advice.said(language),
            )
            for f in shown.findings
        ),
        _OFFERS_INTRO.said(language),
    )
    titles = {plan_phrase(key, language): title.said(language) for key, title in _PLAN_TITLES.items()}
    before = PlanShown(plan=shown.before.plan, as_of=today, problems=(*shown.before.problems, *shown.book.problems))
    for part in plan_sections(before, language):
        yield evolve(part, heading=titles[part.heading])


def _doubtful(shown: Demonstration) -> tuple[Problem, ...]:
    return (*shown.before.plan.problems, *shown.before.problems, *shown.book.problems)


def _facts(shown: Demonstration, folder: Path) -> dict[str, object]:
    return {
        "company": shown.company.name,
        "contracts": len(shown.book.contracts),
        "agenda": agenda_data(shown.agenda, shown.book.names),
        "exposure": exposures_data(shown.exposures, shown.book.names),
        "contradictions": [str(finding) for finding in shown.findings],
        "plan": dict(shown.before.plan.as_fields()),
        "written": shown.done.written,
        "files": [str(folder / name) for name in FILES],
    }


def _tell(shown: Demonstration, folder: Path, console: Console) -> None:
    book, todo = shown.book, shown.before.plan
    writes = sum(1 for step in todo.steps if step.op.remote)
    size = f"{len(book.accounts)} accounts, {len(book.contracts)} contracts"
    console.say(f"{shown.company.name} on {console.today}: {size}.")
    console.say(
        f"\nThe sync planned {writes} writes, and made {shown.done.written} in {len(shown.done.reports)} rounds."
    )
    console.say(f"Edits that gave way to the field's owner: {len(todo.notes)}. What waits for a person:")
    for problem in _doubtful(shown):
        console.say(f"  {problem}")
    console.table(CONFLICT_COLUMNS, conflict_rows(todo))
    console.say("\nNext notice deadlines:")
    for entry in [e for e in shown.agenda.entries if e.kind is EntryKind.NOTICE][:_SHOWN_DEADLINES]:
        other = book.names.get(entry.counterparty, "") if entry.counterparty else ""
        console.say(f"\n  {entry.day}  {entry.number or entry.contract} {entry.title}, {other}")
        for step in entry.steps:
            console.say(f"      {step.said(console.language)}")
    console.say(f"\nAnnual value in force: {shown.exposures.whole.value}; the largest:")
    for row in shown.exposures.by_counterparty[:5]:
        console.say(f"  {book.names.get(row.counterparty, row.counterparty)}: {row.value}")
    console.say(f"\n{len(shown.findings)} promises contradict a contract:")
    for finding in shown.findings:
        console.say(f"  {finding.said(console.language)}")
    console.say("\nLook at:")
    for name in FILES[1:]:
        console.say(f"  {folder / name}")
    console.say(f"and go on with: clmcrm status --file {folder / FILES[0]} --today {console.today}")
