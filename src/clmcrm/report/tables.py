"""Plain-text tables for a terminal: they fit its width, line up in any script, and have no colour unless asked.

The rule of the file: days and amounts are never shortened; titles and reasons are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from clmcrm.analytics.exposure import Exposures
from clmcrm.analytics.portfolio import Agenda, Entry
from clmcrm.errors import InvalidRecord
from clmcrm.parties.access import Access
from clmcrm.report.monospace import columns_of, one_line, padded
from clmcrm.report.phrases import KINDS, amount_words, counterparty_name, phrase
from clmcrm.report.sections import Section
from clmcrm.report.withholding import WORD, agenda_for, amount_shown, sees_exposures
from clmcrm.values.ids import AccountId
from clmcrm.values.money import Money
from clmcrm.values.validators import flag, text
from clmcrm.values.wording import Language

_GAP: Final = "  "
_LEAST: Final = 8
_DEFAULT_WIDTH: Final = 100
_BOLD, _RED, _YELLOW, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
_SOON_DAYS: Final = 30


@frozen(kw_only=True)
class TextColumn:
    """A column: its `heading`; `numeric` sets it flush right, `whole` keeps it from being shortened."""

    heading: str = field(validator=text)
    numeric: bool = field(default=False, validator=flag)
    whole: bool = field(default=False, validator=flag)


def text_table(columns: Sequence[TextColumn], rows: Sequence[Sequence[str]], width: int = _DEFAULT_WIDTH) -> str:
    """A table of at most `width` columns of a terminal, as far as whole columns allow; one line per row.

    Raises `InvalidRecord` for a row whose cells are not as many as the columns.

    >>> print(text_table([TextColumn(heading="Day", whole=True), TextColumn(heading="What")],
    ...                  [("2026-05-07", "notice")], 40))
    Day         What
    ----------  ------
    2026-05-07  notice
    """
    return "\n".join(_lines(columns, rows, width))


def agenda_table(
    agenda: Agenda,
    names: Mapping[AccountId, str],
    language: Language = "en",
    *,
    width: int = _DEFAULT_WIDTH,
    colour: bool = False,
    access: Access | None = None,
) -> str:
    """Every entry of the agenda, a line each, and below it what has no date.

    With `colour`, ANSI codes underline what is late or near (counted from the agenda's first day). With
    `access`, a word stands in the place of what its roles may not see.
    """
    agenda = agenda_for(agenda, access, language)
    if agenda.entries:
        lines = _lines(_agenda_columns(language), [_agenda_row(e, names, language) for e in agenda.entries], width)
    else:
        lines = [phrase("no_entries", language)]
    if colour and agenda.entries:
        shades = [_BOLD, "", *(_shade(entry, agenda) for entry in agenda.entries)]
        lines = [f"{shade}{line}{_PLAIN}" if shade else line for shade, line in zip(shades, lines, strict=True)]
    if agenda.undated:
        lines += ["", f"{phrase('undated', language)} ({len(agenda.undated)})"]
        columns = [TextColumn(heading=phrase(key, language)) for key in ("contract", "reason")]
        rows = [(f"{one.number or one.contract} {one.title}", one.said(language)) for one in agenda.undated]
        lines += _lines(columns, rows, width)
    return "\n".join(lines)


def exposure_table(
    exposures: Exposures,
    names: Mapping[AccountId, str],
    language: Language = "en",
    *,
    width: int = _DEFAULT_WIDTH,
    access: Access | None = None,
) -> str:
    """A line per counterparty, largest first, the total, and how many records it leaves out.

    One word, when the roles of `access` may not see exposures.
    """
    if not sees_exposures(access):
        return f"{phrase('value', language)}{phrase('colon', language)}{WORD.said(language)}"
    columns = [
        TextColumn(heading=phrase("counterparty", language)),
        TextColumn(heading=phrase("contracts", language), numeric=True, whole=True),
        TextColumn(heading=phrase("value", language), numeric=True, whole=True),
    ]
    rows = [
        (
            counterparty_name(row.counterparty, names, language),
            str(row.contracts),
            amount_words(row.value, language),
        )
        for row in exposures.by_counterparty
    ]
    value, whole = exposures.whole.value, exposures.whole
    shown = amount_words(value, language) if isinstance(value, Money) else str(value)
    lines = _lines(columns, [*rows, (phrase("total", language), str(whole.population), shown)], width)
    if whole.left_out:
        lines += ["", f"{phrase('left_out', language)}{phrase('colon', language)}{len(whole.left_out)}"]
    return "\n".join(lines)


def section_table(part: Section, *, width: int = _DEFAULT_WIDTH) -> str:
    """A section's heading, intro and rows as text."""
    lines = [one_line(part.heading), *([one_line(part.intro)] if part.intro else []), ""]
    if not part.rows:
        return "\n".join([*lines, one_line(part.empty) or "-"])
    columns = [TextColumn(heading=c.heading, numeric=c.numeric, whole=c.numeric) for c in part.columns]
    return "\n".join([*lines, *_lines(columns, [[cell.text for cell in row] for row in part.rows], width)])


def _agenda_columns(language: Language) -> list[TextColumn]:
    return [
        TextColumn(heading=phrase("day", language), whole=True),
        TextColumn(heading=phrase("safe_day", language), whole=True),
        TextColumn(heading=phrase("kind", language), whole=True),
        TextColumn(heading=phrase("contract", language)),
        TextColumn(heading=phrase("counterparty", language)),
        TextColumn(heading=phrase("what", language)),
    ]


def _agenda_row(entry: Entry, names: Mapping[AccountId, str], language: Language) -> tuple[str, ...]:
    what, amount = entry.what.said(language), amount_shown(entry, language)
    return (
        str(entry.day),
        str(entry.safe_day),
        KINDS[entry.kind].said(language),
        f"{entry.number or entry.contract} {entry.title}",
        counterparty_name(entry.counterparty, names, language),
        f"{what}, {amount}" if amount else what,
    )


def _shade(entry: Entry, agenda: Agenda) -> str:
    left = (entry.safe_day - agenda.first_day).days
    return _RED if left < 0 else _YELLOW if left <= _SOON_DAYS else ""


def _lines(columns: Sequence[TextColumn], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    for row in rows:
        if len(row) != len(columns):
            raise InvalidRecord("text table", "rows", tuple(row), f"{len(columns)} cells")
    clean = [[one_line(cell) for cell in row] for row in rows]
    headings = [one_line(column.heading) for column in columns]
    widths = _widths(columns, [headings, *clean], width)
    rule = ["-" * room for room in widths]
    return [_line(columns, cells, widths) for cells in (headings, rule, *clean)]


def _line(columns: Sequence[TextColumn], cells: Sequence[str], widths: Sequence[int]) -> str:
    parts = [padded(cell, room, right=c.numeric) for c, cell, room in zip(columns, cells, widths, strict=True)]
    return _GAP.join(parts).rstrip()


def _widths(columns: Sequence[TextColumn], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """The widest cell of each column; while that is too much, the widest that may be shortened gives way."""
    widths = [max(columns_of(row[i]) for row in rows) for i in range(len(columns))]
    room = width - len(_GAP) * (len(columns) - 1)
    while sum(widths) > room:
        shrinkable = [i for i, c in enumerate(columns) if not c.whole and widths[i] > _LEAST]
        if not shrinkable:
            break
        widest = max(shrinkable, key=lambda i: widths[i])
        widths[widest] -= 1
    return widths
