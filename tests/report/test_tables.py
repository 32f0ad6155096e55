from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.errors import InvalidRecord
from clmcrm.report.monospace import clusters, columns_of, cut, one_line, padded
from clmcrm.report.sections import Section, section
from clmcrm.report.tables import TextColumn, agenda_table, exposure_table, section_table, text_table

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("", 0),
        ("e\u0301te\u0301", 3),
        ("株式会社", 8),
        ("ﾊﾝｶｸ", 4),
        ("🇫🇷🇩🇪", 4),
        ("👩‍👩‍👧", 2),
        ("👍🏽", 2),
        ("☎\ufe0f", 2),
        ("\u05e9\u05c1", 1),
    ],
)
def test_widths_follow_what_a_terminal_shows(text: str, columns: int) -> None:
    assert columns_of(text) == columns


@given(ANY_TEXT, st.integers(0, 30))
def test_a_cut_text_fits_and_a_padded_one_fills(text: str, room: int) -> None:
    clean = one_line(text)
    assert columns_of(cut(clean, room)) <= room
    assert columns_of(padded(clean, room)) == room


@given(ANY_TEXT)
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(clusters(text)) == text


def test_an_accent_is_never_cut_from_its_letter() -> None:
    assert cut("e\u0301e\u0301e\u0301e\u0301", 3) == "e\u0301e\u0301…"


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_nothing_steers_the_terminal(text: str) -> None:
    shown = one_line(text)
    assert all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert "\u202e" not in shown


CELLS = st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=6)


@given(CELLS, st.integers(30, 120))
def test_a_table_keeps_its_width_and_its_rows(rows: list[tuple[str, str, str]], width: int) -> None:
    columns = [TextColumn(heading=name) for name in ("one", "two", "three")]
    lines = text_table(columns, rows, width).split("\n")
    assert len(lines) == len(rows) + 2
    assert all(columns_of(line) <= width for line in lines)


def test_whole_columns_are_never_shortened() -> None:
    columns = [TextColumn(heading="Day", whole=True), TextColumn(heading="Title")]
    shown = text_table(columns, [("2026-05-07", "x" * 200)], 30)
    assert "2026-05-07  xxxxxxxxxxxxxxxxx…" in shown


def test_numbers_stand_flush_right() -> None:
    columns = [TextColumn(heading="n", numeric=True), TextColumn(heading="t")]
    assert text_table(columns, [("1", "a"), ("100", "b")]).split("\n")[2:] == ["  1  a", "100  b"]


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(InvalidRecord):
        _ = text_table([TextColumn(heading="a")], [("1", "2")])


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_entry_has_a_line_that_fits(portfolio: Any, width: int, language: Any) -> None:
    lines = agenda_table(portfolio.agenda, portfolio.names, language, width=width).split("\n")
    days = [line for line in lines if line[:4].isdigit()]
    assert len(days) == len(portfolio.agenda.entries)
    assert all(
        str(e.day) in line and str(e.safe_day) in line for e, line in zip(portfolio.agenda.entries, days, strict=True)
    )
    if width >= 80:
        assert all(columns_of(line) <= width for line in lines)


def test_colour_comes_only_when_asked(portfolio: Any) -> None:
    plain = agenda_table(portfolio.agenda, portfolio.names)
    coloured = agenda_table(portfolio.agenda, portfolio.names, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[33m2026-03-31" in coloured
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[33m"):
        coloured = coloured.replace(code, "")
    assert coloured == plain


def test_the_exposure_table_ends_with_its_total(portfolio: Any) -> None:
    lines = exposure_table(portfolio.exposures, portfolio.names).split("\n")
    assert len(lines) == len(portfolio.exposures.by_counterparty) + 5
    assert lines[-3].split() == ["Total", "9", "394,971.82", "EUR"]
    assert "Left out of the sum: 14" in lines[-1]


def test_what_is_said_of_an_empty_section_does_not_steer_the_terminal() -> None:
    empty = Section(heading="Plan", columns=(), empty="nothing\x1b[31m\nto do")
    assert section_table(empty).split("\n")[2:] == ["nothing[31m to do"]
    assert section_table(section("Plan", (), ())).split("\n")[2:] == ["-"]


def test_a_section_reads_as_text() -> None:
    shown = section_table(section("Problems", ("Where", "What"), (("row 7", "is redacted"),), intro="Look at these."))
    assert shown.split("\n")[:3] == ["Problems", "Look at these.", ""]
    assert "row 7  is redacted" in shown
