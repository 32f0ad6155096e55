"""Dates in cells: the declared order and no other, blacked-out parts kept as such, the impossible refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.reading_dates import ISO, DateFormat, read_date, read_end
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import PartialDate, Perpetual, Unknown

US = DateFormat("M/D/YYYY")
FORMATS = [
    DateFormat(text)
    for text in ("M/D/YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "YYYY-MM-DD", "D MONTH YYYY", "MONTH D, YYYY", "YYYY/D/M")
]
ENGLISH = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "cell"),
    [
        ("M/D/YYYY", "2/10/2014"),
        ("M/D/YYYY", "02/10/2014"),
        ("D/M/YYYY", "10/2/2014"),
        ("DD.MM.YYYY", "10.02.2014"),
        ("YYYY-MM-DD", "2014-02-10"),
        ("YYYY-MM-DD", "2014-02-10 00:00:00"),
        ("D MONTH YYYY", "10 February 2014"),
        ("D MONTH YYYY", "10 févr. 2014"),
        ("MONTH D, YYYY", "Feb 10th, 2014"),
        ("M/D/YYYY", "2/10/2014; 02/10/2014"),
        ("D MONTH YYYY", "10\u00a0février\u00a02014"),
        ("D\u00a0MONTH\u00a0YYYY", "10\u00a0février\u00a02014"),
        ("D  MONTH  YYYY", "10  February  2014"),
        ("D\tM\tYYYY", "10\t2\t2014"),
    ],
)
def test_a_date_is_read_in_the_declared_order(declared: str, cell: str) -> None:
    assert read_date(cell, DateFormat(declared)) == date(2014, 2, 10)


@given(st.dates(), st.sampled_from(FORMATS))
def test_every_date_comes_back_as_it_was_written(day: date, declared: DateFormat) -> None:
    written = declared.text.replace("YYYY", f"{day.year:04d}").replace("MONTH", "\0")
    for mark in ("DD", "D"):
        written = written.replace(mark, str(day.day), 1) if mark in written else written
    for mark in ("MM", "M"):
        written = written.replace(mark, str(day.month), 1) if mark in written else written
    written = written.replace("\0", ENGLISH[day.month - 1])
    assert read_date(written, declared) == day
    assert read_end(written, declared) == day


@pytest.mark.parametrize(
    ("cell", "year", "month", "day"),
    [
        ("09/[]/2019", 2019, 9, None),
        ("[]/[]/2020", 2020, None, None),
        ("[]/[]/19[]", None, None, None),
        ("12/01/[]", None, 12, 1),
        ("09/14/200[]", None, 9, 14),
        ("[]/[]/[]", None, None, None),
        ("09/[***]/2019", 2019, 9, None),
        ("[]", None, None, None),
        ("02/29/[]", None, 2, 29),
    ],
)
def test_blacked_out_parts_are_kept_as_such(cell: str, year: int | None, month: int | None, day: int | None) -> None:
    fact = read_date(cell, US)
    assert fact == PartialDate(year=year, month=month, day=day, redacted=True, raw=cell)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "the cell is empty"),
        ("31/01/2025", "there is no day 1 of month 31 in 2025"),
        ("2/30/2014", "there is no day 30 of month 2 in 2014"),
        ("0/1/2014", "there is no day 1 of month 0 in 2014"),
        ("13/[]/2014", "there is no month 13"),
        ("02/30/[]", "there is no day 30 of month 2 in any year"),
        ("1/2/98", "'1/2/98' is no date written M/D/YYYY"),
        ("1/2/2014 (amended)", "'1/2/2014 (amended)' is no date written M/D/YYYY"),
        ("1-2-2014", "'1-2-2014' is no date written M/D/YYYY"),
        ("1/\u0662/2014", "'1/\u0662/2014' is no date written M/D/YYYY"),
        ("2014", "'2014' is no date written M/D/YYYY"),
        ("07/31/2000; 07/[]/2000", "several values in one cell: '07/31/2000' and '07/[]/2000'"),
        ("1/1/2014; 1/2/2014", "several values in one cell: '1/1/2014' and '1/2/2014'"),
        (";", "';' holds no value"),
        ("1" * 501, "a text of 501 characters is no answer"),
    ],
)
def test_what_is_no_date_is_unknown_for_a_reason(cell: str, why: str) -> None:
    for fact in (read_date(cell, US), read_end(cell, US)):
        assert isinstance(fact, Unknown)
        assert fact.reason.startswith(why)
        assert fact.raw == cell


def test_a_month_two_names_open_with_is_not_guessed() -> None:
    assert isinstance(read_date("1 jui 2014", DateFormat("D MONTH YYYY")), Unknown)
    assert read_date("1er juil. 2014", DateFormat("D MONTH YYYY")) == date(2014, 7, 1)


@pytest.mark.parametrize("cell", ["perpetual", "Perpetual", "perpétuel", "Durée indéterminée", "indefinite"])
def test_an_end_may_be_none_at_all_and_a_start_may_not(cell: str) -> None:
    assert read_end(cell, US) == Perpetual(cell)
    assert isinstance(read_date(cell, US), Unknown)


def test_an_end_that_is_both_a_date_and_perpetual_is_neither() -> None:
    fact = read_end("09/05/2019; perpetual", US)
    assert isinstance(fact, Unknown)
    assert fact.reason == "several values in one cell: '09/05/2019' and 'perpetual'"


@pytest.mark.parametrize(
    "text", ["", "M/D/YY", "M/D", "D/D/YYYY", "YYYYMMDD", "M/D/YYYY HH:MM", "%m/%d/%Y", "MMM/D/YYYY"]
)
def test_an_order_that_leaves_room_for_a_guess_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord, match="DateFormat"):
        _ = DateFormat(text)


@given(st.text(alphabet=st.characters(), max_size=600), st.sampled_from(FORMATS))
def test_no_cell_raises(cell: str, declared: DateFormat) -> None:
    assert isinstance(read_date(cell, declared), date | PartialDate | Unknown)
    assert isinstance(read_end(cell, declared), date | PartialDate | Perpetual | Unknown)


@given(
    st.lists(st.sampled_from(["[]", "0", "1", "2", "31", "99", "2014", "/", "-", " ", "[", "*", "mai"])).map("".join)
)
def test_no_cell_that_looks_like_a_date_raises(cell: str) -> None:
    for declared in FORMATS:
        assert isinstance(read_end(cell, declared), date | PartialDate | Perpetual | Unknown)


def test_iso_needs_no_declaration() -> None:
    assert read_date("2014-02-10") == date(2014, 2, 10)
    assert str(ISO) == "YYYY-MM-DD"
