"""The rows of a CSV file as text, one by one: encoding and delimiter found or declared, nothing interpreted.

The rule of the file: a cell is plain text, whatever it looks like (a formula too), and a row that is too
short or too long is kept and reported. Rows are numbered as a spreadsheet shows them: the header is row 1.
A file that cannot be read at all, or is larger than the caps below, is an `UnreadableInput`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from attrs import field, frozen

from clmcrm.adapters.tabular.encodings import FALLBACK, MAX_BYTES, UTF_8, detected, read_once
from clmcrm.clm.reading_words import column_key
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.values.problems import Problem, Severity

MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 2_000
MAX_HEADER: Final = 131_072
"""The longest header line in characters."""

DELIMITERS: Final = (",", ";", "\t", "|")
"""The delimiters that are tried; another one can be declared."""

_HEADER_LINES: Final = 50
_MANY_LINES: Final = 50


@frozen(kw_only=True)
class Row:
    """One row: its spreadsheet `number`, its `cells` by column name, and what is wrong with its shape.

    `beyond` are the cells to the right of the last named column.
    """

    number: int
    cells: dict[str, str]
    beyond: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def where(self) -> str:
        """The row as a problem names it."""
        return f"row {self.number}"


@frozen(kw_only=True)
class Sheet:
    """A CSV file ready to be read: its `name`, `columns`, `delimiter`, `encoding` and what was found wrong.

    `columns` are the header's names, trimmed, each once (a second "Date" is "Date (2)", an empty one
    "column 7"). `rows()` reads the file from its beginning each time.
    """

    name: str
    columns: tuple[str, ...]
    delimiter: str
    encoding: str
    problems: tuple[Problem, ...]
    source: Path | str = field(repr=False)

    def rows(self) -> Iterator[Row]:
        """Every row below the header that has anything in it, in order.

        Raises `UnreadableInput` at the line where the file stops being readable.
        """
        with _opened(self.source, self.name, self.encoding) as lines:
            written = list[str]()
            reader = csv.reader(_noting(lines, written), delimiter=self.delimiter)
            for number, cells in enumerate(_records(self.name, reader), 1):
                if number > MAX_ROWS:
                    raise UnreadableInput(self.name, f"more than {MAX_ROWS} rows; split the file")
                if number > 1 and any(cell.strip() for cell in cells):
                    yield self._row(number, cells, written)
                written.clear()

    def column(self, name: str) -> str | None:
        """The file's own name for the column `name`: case, accents and stray spaces aside; None if it has none."""
        if name in self.columns:
            return name
        wanted = column_key(name)
        return next((own for own in self.columns if column_key(own) == wanted), None)

    def _row(self, number: int, cells: list[str], written: list[str]) -> Row:
        width = len(self.columns)
        padded = [*cells[:width], *[""] * (width - len(cells))]
        return Row(
            number=number,
            cells=dict(zip(self.columns, padded, strict=True)),
            beyond=tuple(cells[width:]),
            problems=self._shape(number, len(cells), written),
        )

    def _shape(self, number: int, found: int, written: list[str]) -> tuple[Problem, ...]:
        """What is wrong with a row of `found` cells, on the lines that are `written`."""
        lines, wide = len(written), len(self.columns)
        # A quotation mark that is left open swallows the rows after it, and the cells may be as many as they should.
        if lines > 1 and not _paired(written, self.delimiter):
            what = f"has a quotation mark without its other half: its {lines} lines may be as many rows"
        elif found == wide:
            return ()
        else:
            swallowed = f", and runs over {lines} lines: is a quotation mark left open?" if lines > _MANY_LINES else ""
            what = f"does not have the header's {wide} cells{swallowed}"
        severity = Severity.WARNING if what.endswith("cells") else Severity.ERROR
        problem = Problem(
            where=f"row {number}", field="(the row)", value=f"{found} cells", what=what, severity=severity
        )  # fmt: skip
        return (problem,)


def open_sheet(
    source: Path | str | BinaryIO,
    *,
    name: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Sheet:
    r"""The header and the form of a CSV file (a `Path`), of CSV text (a `str`) or of a stream of bytes.

    A stream, and a file that is a pipe, is read to its end once and kept in memory.
    `name` is what problems call it (the file's name when None). `delimiter` and `encoding` are found when
    not declared: UTF-8, UTF-16 with a byte order mark, otherwise Windows-1252 with a problem. Raises
    `UnreadableInput` for a file that is missing, without a header, too large or in another encoding (or that
    begins with the mark of UTF-8 and is not), and `InvalidRecord` for a delimiter that is not one sign.

    >>> sheet = open_sheet("Contrat;Date d'effet\nC-1;01/02/2026\n", name="contrats.csv")
    >>> sheet.delimiter, sheet.columns, [row.cells["Contrat"] for row in sheet.rows()]
    (';', ('Contrat', "Date d'effet"), ['C-1'])
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise InvalidRecord("open_sheet", "delimiter", delimiter, "one sign such as ; or a tab")
    called = (name or "").strip() or (_named_as_text(source) if isinstance(source, Path) else "text")
    problems: list[Problem] = []
    kept, found = _kept(source, called, encoding)
    if found == FALLBACK and encoding is None:
        hint = "the encoding declared in the mapping, if it is another"
        problems.append(_of_file(called, "is not UTF-8 and was read as Windows-1252", hint))
    with _opened(kept, called, found) as lines:
        head = _head(called, lines)
    sign = _delimiter(head) if delimiter is None else delimiter
    reader = csv.reader(head, delimiter=sign)
    header = next(_records(called, reader), list[str]())
    if reader.line_num > 1 and not _paired(head[: reader.line_num], sign):
        raise UnreadableInput(called, "its first row has a quotation mark without its other half")
    if not any(title.strip() for title in header):
        raise UnreadableInput(called, "its first row names no columns")
    if len(header) > MAX_COLUMNS:
        raise UnreadableInput(called, f"{len(header)} columns, at most {MAX_COLUMNS} are read")
    columns = _named(header, called, problems)
    return Sheet(
        name=called, columns=columns, delimiter=sign, encoding=found, problems=tuple(problems), source=kept
    )  # fmt: skip


def _named_as_text(path: Path) -> str:
    """The file's name; bytes of it that are no text, as archives of other systems leave them, become a mark."""
    return (path.name or str(path)).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _head(called: str, lines: TextIO) -> list[str]:
    """The first lines, enough for a header with line ends in its names."""
    try:
        # A bound on each line: a file without a line end is never read into memory as one.
        head = list(islice(iter(lambda: lines.readline(MAX_HEADER), ""), _HEADER_LINES))
    except UnicodeError as broken:
        raise UnreadableInput(called, f"its first lines cannot be decoded: {broken}") from None
    if head and len(head[0]) == MAX_HEADER:
        raise UnreadableInput(called, f"its first line is longer than {MAX_HEADER} characters")
    return head


def _records(called: str, reader: Iterable[list[str]]) -> Iterator[list[str]]:
    """The reader's records; whatever breaks it becomes an `UnreadableInput`."""
    try:
        yield from reader
    except csv.Error as broken:
        at = getattr(reader, "line_num", 0)
        what = f"line {at} cannot be read: {broken} (is a quotation mark left open above it?)"
        raise UnreadableInput(called, what) from None
    except UnicodeError as broken:
        what = f"it is not in the encoding it was read in: {broken}; declare the encoding in the mapping"
        raise UnreadableInput(called, what) from None


def _noting(lines: Iterable[str], written: list[str]) -> Iterator[str]:
    """The lines, each added to what is `written` as it goes by."""
    for line in lines:
        written.append(line)
        yield line


def _paired(written: list[str], delimiter: str) -> bool:
    """Whether each quoted cell of a row ends where its closing mark stands."""
    try:
        _ = next(csv.reader(written, delimiter=delimiter, strict=True), None)
    except csv.Error:
        return False
    return True


def _opened(source: Path | str, called: str, encoding: str) -> TextIO:
    # newline="" leaves line ends inside quoted cells to the csv module, which knows them.
    if isinstance(source, str):
        return StringIO(source.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"), newline="")
    try:
        return source.open(encoding=encoding, newline="")
    except (LookupError, ValueError):
        raise UnreadableInput(called, f"{encoding!r} is no text encoding such as utf-8 or cp1252") from None
    except OSError as refused:
        raise UnreadableInput(called, f"cannot be opened: {refused.strerror or refused}") from None


def _kept(source: Path | str | BinaryIO, called: str, declared: str | None) -> tuple[Path | str, str]:
    """What can be read again and again, and its encoding."""
    if isinstance(source, str):
        return source, UTF_8
    if not isinstance(source, Path):
        return read_once(source, called, declared)
    try:
        if source.exists() and not source.is_file() and not source.is_dir():  # a pipe gives what it holds one time
            with source.open("rb") as stream:
                return read_once(stream, called, declared)
        size = source.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableInput(called, f"{size} bytes, at most {MAX_BYTES} are read; split the file")
        if declared is not None:
            return source, declared
        with source.open("rb") as file:
            return source, detected(file, called)
    except OSError as refused:
        raise UnreadableInput(called, f"cannot be opened: {refused.strerror or refused}") from None


def _delimiter(head: list[str]) -> str:
    """The delimiter that makes most columns of the header."""

    def width(sign: str) -> int:
        try:
            return len(next(csv.reader(head, delimiter=sign), list[str]()))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=width)


def _named(header: list[str], called: str, problems: list[Problem]) -> tuple[str, ...]:
    """The column names: trimmed, never empty, each once."""
    names: dict[str, None] = {}
    for place, title in enumerate(header, 1):
        plain = " ".join(title.split()) or f"column {place}"
        name, again = plain, 1
        while name in names:
            again += 1
            name = f"{plain} ({again})"
        if name != plain:
            problems.append(_of_file(called, f"has the column {plain!r} twice; column {place} is called {name!r}", ""))
        names[name] = None
    return tuple(names)


def _of_file(called: str, what: str, expected: str) -> Problem:
    return Problem(where=called, field="(the file)", what=what, expected=expected)
