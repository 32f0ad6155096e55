"""The parts of the page that come from the agenda: the next decisions, the deadlines, what has no date.

The rule of the file: the safe day leads, because a notice on it is in time whoever reads the clause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from clmcrm.analytics.portfolio import Agenda, Entry
from clmcrm.clm.deadlines import Deadline
from clmcrm.report.markup import Markup, joined, prose, tag
from clmcrm.report.phrases import (
    DECISIONS,
    KINDS,
    counted,
    counterparty_name,
    labelled,
    phrase,
    short_day,
    weekday,
)
from clmcrm.report.sections import Cell, Column, Part, Section, Tone, scrolling
from clmcrm.report.withholding import amount_shown
from clmcrm.values.ids import AccountId
from clmcrm.values.wording import Language

_DECISIONS_SHOWN: Final = 6
_SOON_DAYS: Final = 30


def decisions_part(agenda: Agenda, as_of: date, names: Mapping[AccountId, str], language: Language) -> Part:
    """The next notices, by safe day."""
    heading = phrase("decisions", language)
    noticed = [entry for entry in agenda.entries if entry.deadline is not None]
    noticed.sort(key=lambda entry: (entry.safe_day, entry.day, entry.contract))
    shown = noticed[:_DECISIONS_SHOWN]
    if not shown:
        return Part(heading=heading, content=tag("p", phrase("no_entries", language), class_="empty"))
    intro = tag("p", counted("decisions_intro", len(shown), language), class_="intro")
    items = (_decision(entry, entry.deadline, as_of, names, language) for entry in shown if entry.deadline)
    return Part(heading=heading, content=joined([intro, tag("ol", *items, class_="decisions")]))


def agenda_part(agenda: Agenda, as_of: date, names: Mapping[AccountId, str], language: Language) -> Part:
    """The table of every deadline, each with the steps that led to its day."""
    heading = phrase("agenda", language)
    first, last = short_day(agenda.first_day, language), short_day(agenda.last_day, language)
    intro = tag("p", phrase("agenda_intro", language, first=first, last=last), class_="intro")
    if not agenda.entries:
        nothing = tag("p", phrase("no_entries", language), class_="empty")
        return Part(heading=heading, content=joined([intro, nothing]))
    keys = ("safe_day", "day", "contract", "counterparty", "reason")
    head = tag("tr", *(tag("th", phrase(key, language), scope="col") for key in keys))
    entries = sorted(agenda.entries, key=lambda entry: (entry.safe_day, entry.day))
    rows = (_row(entry, as_of, names, language) for entry in entries)
    caption = tag("caption", heading, class_="unseen")
    table = tag("table", caption, tag("thead", head), tag("tbody", joined(rows, "\n")), class_="agenda")
    return Part(heading=heading, content=joined([intro, scrolling(table, heading)]))


def undated_section(agenda: Agenda, language: Language) -> Section:
    """What has no date, what is not known first."""
    listed = sorted(agenda.undated, key=lambda undated: undated.known)
    keys = ("contract", "status", "reason")
    return Section(
        heading=phrase("undated", language),
        intro=phrase("undated_intro", language),
        columns=tuple(Column(heading=phrase(key, language)) for key in keys),
        rows=tuple(
            (
                Cell(f"{undated.number or undated.contract} {undated.title}"),
                Cell(phrase("undated_known", language), Tone.MUTED)
                if undated.known
                else Cell(phrase("undated_unknown", language), Tone.WARN),
                Cell(undated.said(language)),
            )
            for undated in listed
        ),
        empty=phrase("none", language),
    )


def _decision(
    entry: Entry, deadline: Deadline, as_of: date, names: Mapping[AccountId, str], language: Language
) -> Markup:
    name = tag("span", f"{entry.number or entry.contract} {entry.title}", class_="name")
    who = tag("span", counterparty_name(entry.counterparty, names, language), class_="who")
    what = tag("p", DECISIONS[deadline.purpose].said(language), class_="choice")
    notice = _apart(entry.what.said(language), language)
    days = tag("p", notice, phrase("colon", language), _time(entry.day, language), class_="small")
    words = tag("div", tag("h3", name, " ", who), what, days, class_="words")
    return tag("li", _when(entry, as_of, language), words, class_="decision")


def _when(entry: Entry, as_of: date, language: Language) -> Markup:
    left = (entry.safe_day - as_of).days
    if left < 0:
        badge = tag("span", counted("days_late", -left, language), class_="badge badge-bad")
    else:
        css = "badge badge-warn" if left <= _SOON_DAYS else "badge"
        badge = tag("span", counted("days_left", left, language), class_=css)
    day = tag("span", phrase("safe_day", language), class_="label")
    return tag("div", day, _time(entry.safe_day, language), badge, class_="when")


def _row(entry: Entry, as_of: date, names: Mapping[AccountId, str], language: Language) -> Markup:
    late = entry.deadline is not None and entry.safe_day < as_of
    last: Markup = _day(entry.day, language)
    if entry.day == entry.safe_day:
        last = tag("span", phrase("same_day", language), class_="muted")
    number = (tag("span", entry.number, class_="sub"),) if entry.number else ()
    safe_css = "day safe tone-bad" if late else "day safe"
    return tag(
        "tr",
        # Where columns do not fit, each day is led by its name: the style sheet shows data-label.
        tag("td", _day(entry.safe_day, language), class_=safe_css, data_label=phrase("safe_day", language)),
        tag("td", last, class_="day last", data_label=phrase("day", language)),
        tag("th", tag("bdi", entry.title), *number, scope="row"),
        tag("td", counterparty_name(entry.counterparty, names, language), class_="who"),
        tag("td", _what(entry, language), _explained(entry, language), class_="reason"),
        class_=f"kind-{entry.kind}",
    )


def _what(entry: Entry, language: Language) -> Markup:
    kind = tag("span", KINDS[entry.kind].said(language), class_=f"kind kind-{entry.kind}")
    amount = amount_shown(entry, language)
    shown = (" ", tag("strong", amount)) if amount else ()
    return tag("p", kind, " ", _apart(entry.what.said(language), language), *shown)


def _apart(text: str, language: Language) -> Markup:
    """A text of the records beside ours: what turns its direction (U+202E) does not turn the amount after it."""
    return tag("bdi", prose(text, language))


def _explained(entry: Entry, language: Language) -> Markup:
    steps = tag("ol", *(tag("li", prose(step.said(language), language)) for step in entry.steps), class_="steps")
    extra = _rule(entry.deadline, language) if entry.deadline is not None else ()
    return tag("details", tag("summary", phrase("why", language)), steps, *extra)


def _rule(deadline: Deadline, language: Language) -> Iterator[Markup]:
    rule = phrase("rule", language, name=deadline.rule.wording.said(language), citation=deadline.rule.source)
    yield tag("p", prose(rule, language), class_="small")
    if deadline.send_by is not None:
        yield tag("p", phrase("send_by", language, day=short_day(deadline.send_by, language)), class_="small")
    if len(deadline.readings) > 1:
        yield tag("p", phrase("readings", language), class_="small strong")
        said = (
            labelled(str(reading.last_day), reading.wording.said(language), language) for reading in deadline.readings
        )
        yield tag("ul", *(tag("li", prose(line, language)) for line in said), class_="steps")


def _day(day: date, language: Language) -> Markup:
    return joined([_time(day, language), tag("span", weekday(day, language), class_="sub")])


def _time(day: date, language: Language) -> Markup:
    return tag("time", short_day(day, language), datetime=str(day))
