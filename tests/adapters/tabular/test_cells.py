"""Rows out of CSV files: nothing interpreted, nothing lost, and a file that cannot be read says why."""

from __future__ import annotations

import codecs
import json
import os
import sys
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.tabular import cells, encodings
from clmcrm.adapters.tabular.cells import open_sheet
from clmcrm.adapters.tabular.contracts import load_contracts
from clmcrm.codec.records import to_fields
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.values.problems import Severity


def written(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    _ = path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_most_columns(sign: str) -> None:
    sheet = open_sheet(f'a{sign}"b; c, d"{sign}e\n1{sign}2{sign}3\n')
    assert (sheet.delimiter, sheet.columns) == (sign, ("a", "b; c, d", "e"))
    assert [row.cells for row in sheet.rows()] == [{"a": "1", "b; c, d": "2", "e": "3"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_recognised(tmp_path: Path, encoding: str) -> None:
    sheet = open_sheet(written(tmp_path, "Échéance;Durée\n31/12/2026;1 an\n", encoding))
    assert sheet.columns == ("Échéance", "Durée")
    assert sheet.problems == ()


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, "Échéance;Montant\n31/12/2026;1 €\n", "cp1252"))
    assert sheet.columns == ("Échéance", "Montant")
    assert [row.cells["Montant"] for row in sheet.rows()] == ["1 €"]
    assert [problem.what for problem in sheet.problems] == ["is not UTF-8 and was read as Windows-1252"]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (b"C-1,caf\xe9\n", 2),
        (b"C-1,ok\nC-2,\xc3\xa9\nC-3,\xff\nC-4,ok\n", 4),
        (b"C-1,ok\nC-2,cut \xc3", 3),
        (
            b"C-1," + b"x" * ((1 << 20) - 9) + b"\xc3\xa9\nC-2,\xc3(\n",
            3,
        ),  # a letter on the edge of what is read at once
    ],
)
def test_a_file_that_says_it_is_utf_8_and_is_not_is_refused_by_line(rows: bytes, line: int, tmp_path: Path) -> None:
    """Read as Windows-1252 its first column had no name: the contracts got the keys of their rows."""
    path = tmp_path / "list.csv"
    _ = path.write_bytes(codecs.BOM_UTF8 + b"id,title\n" + rows)
    with pytest.raises(UnreadableInput, match=rf"mark of UTF-8, and line {line} is not UTF-8; save it again"):
        _ = open_sheet(path)
    assert open_sheet(path, encoding="cp1252").columns[1] == "title"


@pytest.mark.skipif(sys.platform == "win32", reason="file names are text there")
def test_a_file_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    """As an archive of another system leaves it: no contract of it could be kept, for its name stands in each."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/Vertr\xe4ge.csv"))
    _ = path.write_text("title\nLift\n")
    loaded = load_contracts(path)
    assert (loaded.name, [contract.id for contract in loaded.contracts]) == ("Vertr\ufffdge.csv", ["Vertr\ufffdge-2"])
    assert json.dumps(to_fields(loaded.contracts[0]), ensure_ascii=False).encode()


def test_a_declared_encoding_is_not_second_guessed(tmp_path: Path) -> None:
    path = written(tmp_path, "Échéance\n1\n", "mac-roman")
    assert open_sheet(path, encoding="mac-roman").columns == ("Échéance",)


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    sheet = open_sheet('a,b\n1,"two\nlines"\n\n , \n3,4\n')
    assert [(row.number, row.cells["a"]) for row in sheet.rows()] == [(2, "1"), (5, "3")]


def test_a_row_of_another_length_is_kept_whole_and_reported() -> None:
    short, long = open_sheet("a,b,c\n1\n1,2,3,4,5\n").rows()
    assert (short.cells, short.beyond) == ({"a": "1", "b": "", "c": ""}, ())
    assert (long.cells, long.beyond) == ({"a": "1", "b": "2", "c": "3"}, ("4", "5"))
    assert [str(p) for row in (short, long) for p in row.problems] == [
        "row 2: (the row) '1 cells' does not have the header's 3 cells",
        "row 3: (the row) '5 cells' does not have the header's 3 cells",
    ]


def test_a_quotation_mark_left_open_is_an_error_that_says_so() -> None:
    text = "a,b,c\n" + '1,"2,3\n' + "1,2,3\n" * 100
    (row,) = open_sheet(text).rows()
    assert [problem.severity for problem in row.problems] == [Severity.ERROR]
    assert "has a quotation mark without its other half: its 101 lines" in row.problems[0].what
    (row,) = open_sheet(f'{text}1,2,3",4,5\n').rows()
    assert [problem.severity for problem in row.problems] == [Severity.ERROR]
    assert "is a quotation mark left open?" in row.problems[0].what


@pytest.mark.parametrize("rest", ["", '9,"0"\n', '9,"0\n'], ids=["to the end", "to the next", "to the next open one"])
def test_rows_that_are_swallowed_into_the_last_column_are_not_lost_in_silence(rest: str) -> None:
    """The row has as many cells as the header, so that only its marks give it away."""
    first, second, *_ = open_sheet(f'a,b\n1,"2"\n3,"4\n5,6\n7,8\n{rest}').rows()
    assert first.problems == ()
    assert [problem.severity for problem in second.problems] == [Severity.ERROR]
    assert "may be as many rows" in second.problems[0].what


def test_a_cell_of_several_lines_and_a_mark_within_a_cell_are_no_problem() -> None:
    (row,) = open_sheet('a,b\n5" pipe,"two\n""quoted""\nlines"\n').rows()
    assert (row.problems, row.cells) == ((), {"a": '5" pipe', "b": 'two\n"quoted"\nlines'})


def test_a_header_that_swallows_the_file_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="its first row has a quotation mark without its other half"):
        _ = open_sheet('id,"expiry\nC-1,2026-01-01\nC-2,2026-02-01\n')


def test_columns_have_one_name_each() -> None:
    sheet = open_sheet("Date , Date,,Date (2),Date\n1,2,3,4,5\n")
    assert sheet.columns == ("Date", "Date (2)", "column 3", "Date (2) (2)", "Date (3)")
    assert len(sheet.problems) == 3
    (row,) = sheet.rows()
    assert list(row.cells.values()) == ["1", "2", "3", "4", "5"]


def test_a_column_is_found_whatever_its_case_accents_and_spaces() -> None:
    sheet = open_sheet("Notice Period To Terminate Renewal- Answer,Date d\u2019Échéance\n")
    assert sheet.column("notice period to terminate renewal-answer") == "Notice Period To Terminate Renewal- Answer"
    assert sheet.column("DATE D'ECHEANCE") == "Date d\u2019Échéance"
    assert sheet.column("Échéance") is None


@pytest.mark.parametrize("cell", ["=1+1", "+33 1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_a_cell_that_looks_like_a_formula_is_text(cell: str) -> None:
    (row,) = open_sheet(f'a;b\n"{cell}";2\n').rows()
    assert row.cells["a"] == cell


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "names no columns"),
        (b"\n\n1,2\n", "names no columns"),
        (b" , ,\n1,2,3\n", "names no columns"),
        (b"PK\x03\x04rest of a workbook", "save the sheet as CSV"),
        (b"a" * (cells.MAX_HEADER + 1), "longer than 131072 characters"),
        (b"," * cells.MAX_COLUMNS + b"a\n", "at most 2000 are read"),
    ],
)
def test_a_file_without_a_header_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableInput, match=why) as refused:
        _ = open_sheet(written(tmp_path, content))
    assert refused.value.where == "list.csv"


def test_a_cell_without_an_end_is_refused() -> None:
    sheet = open_sheet('a,b\n1,"' + "x" * 200_000)
    with pytest.raises(UnreadableInput, match="is a quotation mark left open above it"):
        _ = list(sheet.rows())


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n" + b"1,2\n" * 100_000 + b"\xff\xfe\n")
    sheet = open_sheet(path, encoding="utf-8")
    with pytest.raises(UnreadableInput, match="declare the encoding in the mapping"):
        _ = list(sheet.rows())
    with pytest.raises(UnreadableInput, match="'klingon' is no text encoding"):
        _ = open_sheet(path, encoding="klingon")
    with pytest.raises(UnreadableInput, match="is no text encoding"):
        _ = open_sheet(path, encoding="utf-8\0")
    with pytest.raises(UnreadableInput, match="first lines cannot be decoded"):
        _ = open_sheet(written(tmp_path, b"\xff\xfe\xff"), encoding="utf-8")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UnreadableInput, match="cannot be opened"):
            _ = open_sheet(path)
        with pytest.raises(UnreadableInput, match="cannot be opened"):
            _ = open_sheet(path, encoding="utf-8")


def test_the_caps_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MAX_ROWS", 3)
    assert len(list(open_sheet("a\n1\n2\n").rows())) == 2
    with pytest.raises(UnreadableInput, match="more than 3 rows"):
        _ = list(open_sheet("a\n1\n2\n3\n").rows())
    monkeypatch.setattr(cells, "MAX_BYTES", 5)
    with pytest.raises(UnreadableInput, match="10 bytes, at most 5"):
        _ = open_sheet(written(tmp_path, b"0123456789"))
    monkeypatch.setattr(encodings, "MAX_BYTES", 5)
    with pytest.raises(UnreadableInput, match="upload: more than 5 bytes are not read"):
        _ = open_sheet(BytesIO(b"0123456789"), name="upload")


@pytest.mark.parametrize("declared", [None, "utf-8", "cp1252"])
def test_a_stream_gives_what_a_file_of_the_same_bytes_gives(declared: str | None, tmp_path: Path) -> None:
    content = "id;libellé\n1;Écluse\n2;Überwachung\n".encode("cp1252" if declared == "cp1252" else "utf-8")
    stream = open_sheet(BytesIO(content), name="list.csv", encoding=declared)
    file = open_sheet(written(tmp_path, content), encoding=declared)
    assert (stream.columns, stream.encoding, stream.problems) == (file.columns, file.encoding, file.problems)
    for _ in range(2):
        assert list(stream.rows()) == list(file.rows())


def test_a_stream_in_another_encoding_than_the_declared_one_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="upload: it is not in the encoding it was read in"):
        _ = open_sheet(BytesIO(b"\xff"), name="upload", encoding="utf-8")
    with pytest.raises(UnreadableInput, match="'klingon' is no text encoding"):
        _ = open_sheet(BytesIO(b"a"), encoding="klingon")


@given(st.text(alphabet=st.sampled_from("a1 ,;\"\n\r\t'|=é\0")))
def test_any_text_gives_rows_or_says_why_not(text: str) -> None:
    try:
        sheet = open_sheet(text)
        rows = list(sheet.rows())
    except UnreadableInput:
        return
    assert all(tuple(row.cells) == sheet.columns for row in rows)
    assert len(set(sheet.columns)) == len(sheet.columns)


@pytest.mark.parametrize("sign", ["", "::", '"', "\n", "\r"])
def test_a_delimiter_that_is_not_one_sign_is_refused_by_name(sign: str) -> None:
    with pytest.raises(InvalidRecord, match="open_sheet: delimiter is"):
        _ = open_sheet("a;b", delimiter=sign)
