"""Two bar charts: what is at stake with whom, and how much is coming up in which month.

The rule of the file: every bar has a row in the chart's table, and every row a bar.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from clmcrm.analytics.exposure import Exposures
from clmcrm.analytics.portfolio import Agenda, EntryKind
from clmcrm.calendars.months import add_months
from clmcrm.report.markup import Markup, joined, tag
from clmcrm.report.phrases import (
    KINDS,
    amount_words,
    counted,
    counterparty_name,
    labelled,
    phrase,
    short_day,
    short_month,
)
from clmcrm.report.sections import Cell, Column, Drawing, Section
from clmcrm.report.svg import label, line, picture, rect, text_width
from clmcrm.values.ids import AccountId
from clmcrm.values.money import Money
from clmcrm.values.wording import Language

_WIDTH: Final = 508
_ROW: Final = 30
_BAR: Final = 16
_NAMES: Final = 190
_PLOT: Final = 180
_SMALL: Final = 11.5
_YEAR: Final = 12
_TICKS: Final = 5
_NAME_EVERY: Final = (1, 3, 12, 24, 60, 120, 600)
_NAME_ROOM: Final = 30


def exposure_drawing(
    exposures: Exposures, names: Mapping[AccountId, str], language: Language = "en", *, standalone: bool = False
) -> Drawing:
    """A bar per counterparty, largest first, and the table of the same amounts."""
    rows = exposures.by_counterparty
    shown = [amount_words(row.value, language) for row in rows]
    values = max((text_width(text) for text in shown), default=0)
    room = _WIDTH - _NAMES - values - 32
    top = max((row.value.amount for row in rows), default=Decimal(0))
    marks: list[Markup] = []
    for i, row in enumerate(rows):
        who = counterparty_name(row.counterparty, names, language)
        y = 10 + i * _ROW
        # What is below zero has no length: a bar to the left would lie on the names.
        share = max(float(row.value.amount) / float(top), 0) if top > 0 else 0
        marks.append(
            tag(
                "g",
                label(_NAMES - 10, y + 13, who, room=_NAMES - 14, css="end"),
                rect(_NAMES, y, max(share * room, 1), _BAR, "bar", title=labelled(who, shown[i], language), radius=2),
                label(_NAMES + share * room + 10, y + 13, shown[i], css="muted"),
                class_="row",
                data_account=row.counterparty,
            )
        )
    height = 16 + max(len(rows), 1) * _ROW
    axis = line(_NAMES, 2, _NAMES, height - 6, "grid-strong")
    contracts = counted("contracts_counted", exposures.whole.population, language)
    title = phrase("exposure_of", language, total=_total(exposures, language), contracts=contracts)
    drawn = picture(_WIDTH, height, joined(marks, "\n"), axis, title=title, name="exposure", standalone=standalone)
    return Drawing(picture=drawn, table=exposure_section(exposures, names, language))


def exposure_section(exposures: Exposures, names: Mapping[AccountId, str], language: Language = "en") -> Section:
    """A row per counterparty with its contracts and value per year."""
    return Section(
        heading=phrase("exposure", language),
        columns=(
            Column(heading=phrase("counterparty", language)),
            Column(heading=phrase("contracts", language), numeric=True),
            Column(heading=phrase("value", language), numeric=True),
        ),
        rows=tuple(
            (
                Cell(counterparty_name(row.counterparty, names, language)),
                Cell(str(row.contracts)),
                Cell(amount_words(row.value, language)),
            )
            for row in exposures.by_counterparty
        ),
    )


def months_drawing(agenda: Agenda, language: Language = "en", *, standalone: bool = False) -> Drawing:
    """How many entries each month holds, stacked by kind, and the table of the same counts."""
    counts = _counts(agenda)
    months = tuple(_months(agenda))
    most = max((sum(counts[month, kind] for kind in EntryKind) for month in months), default=0)
    step = _tick_step(most)
    ceiling = max(step, -(-most // step) * step)
    left, top = 32, 40
    slot = (_WIDTH - left - 8) / len(months)
    per_entry = _PLOT / ceiling
    every = next((n for n in _NAME_EVERY if slot * n >= _NAME_ROOM), _NAME_EVERY[-1])
    marks: list[Markup] = [_kinds_legend(language)]
    for value in range(0, ceiling + 1, step):
        y = top + _PLOT - value * per_entry
        marks.append(line(left, y, _WIDTH - 8, y, "grid-strong" if value == 0 else "grid"))
        marks.append(label(left - 8, y + 4, str(value), css="small muted end"))
    for i, month in enumerate(months):
        x = left + i * slot
        stack = tuple((kind, counts[month, kind]) for kind in EntryKind)
        name = f"{short_month(month, language)} {month.year}"
        bars = _stack(stack, name, per_entry, language)
        marks += (rect(x + slot * 0.18, top + _PLOT - y, slot * 0.64, h, css, title=said) for y, h, css, said in bars)
        marks += _month_name(month, x + slot / 2, top + _PLOT + 17, every, first=i == 0, language=language)
    said = {"first": short_day(agenda.first_day, language), "last": short_day(agenda.last_day, language)}
    title = phrase("by_month_of", language, count=len(agenda.entries), **said)
    drawn = picture(_WIDTH, top + _PLOT + 40, joined(marks, "\n"), title=title, name="months", standalone=standalone)
    return Drawing(picture=drawn, table=_months_table(months, counts, language))


_Counts = Counter[tuple[date, EntryKind]]


def _counts(agenda: Agenda) -> _Counts:
    return Counter((entry.day.replace(day=1), entry.kind) for entry in agenda.entries)


def _months(agenda: Agenda) -> Iterator[date]:
    """The first days of the months the agenda touches (an obligation's grace may reach past its end)."""
    days = [agenda.first_day, agenda.last_day, *(entry.day for entry in agenda.entries)]
    month, last = min(days).replace(day=1), max(days).replace(day=1)
    while month < last:
        yield month
        month = add_months(month, 1)
    yield month


def _stack(
    stack: tuple[tuple[EntryKind, int], ...], month: str, per_entry: float, language: Language
) -> Iterator[tuple[float, float, str, str]]:
    """The bars of one month from the floor up: how high each ends, its height, its class and title."""
    top = 0.0
    for kind, found in stack:
        if found:
            top += found * per_entry
            # One pixel stays free between stacked bars: they are told apart without colour.
            said = labelled(f"{KINDS[kind].said(language)}, {month}", found, language)
            yield top, found * per_entry - 1, f"kind-{kind}", said


def _month_name(month: date, x: float, y: float, every: int, *, first: bool, language: Language) -> Iterator[Markup]:
    """The name below the bar of `month`, on every `every`-th month only; its year on the first and on January."""
    if (month.year * 12 + month.month - 1) % every:
        return
    if every < _YEAR:
        yield label(x, y, short_month(month, language), css="small muted mid")
    if first or month.month == 1:
        yield label(x, y + 15, str(month.year), css="small strong mid")


def _tick_step(most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 ... that gives at most five ticks above zero."""
    step = 1
    while step * _TICKS < most:
        # 1, 2, 5 and then the same times ten: the leading digit decides the next factor.
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step


def _kinds_legend(language: Language) -> Markup:
    x, drawn = 32.0, list[Markup]()
    for kind in EntryKind:
        said = KINDS[kind].said(language)
        drawn += [rect(x, 8, 12, 12, f"kind-{kind}"), label(x + 18, 18, said, css="small")]
        x += 18 + text_width(said, _SMALL) + 18
    return joined(drawn)


def _months_table(months: tuple[date, ...], counts: _Counts, language: Language) -> Section:
    kinds = tuple(Column(heading=KINDS[kind].said(language), numeric=True) for kind in EntryKind)
    rows = tuple(
        (
            Cell(f"{short_month(month, language)} {month.year}"),
            *(Cell(str(counts[month, kind])) for kind in EntryKind),
            Cell(str(sum(counts[month, kind] for kind in EntryKind))),
        )
        for month in months
    )
    total = Column(heading=phrase("total", language), numeric=True)
    return Section(
        heading=phrase("by_month", language),
        columns=(Column(heading=phrase("month", language)), *kinds, total),
        rows=rows,
    )


def _total(exposures: Exposures, language: Language) -> str:
    value = exposures.whole.value
    return amount_words(value, language) if isinstance(value, Money) else str(value)
