"""A mapping laid over one file's header, and one row being read through it.

The rule of the file: what a row says is either given a place in the record or kept as it came; a cell that
is reported is kept too.
"""

from __future__ import annotations

import re
import sys
from typing import Final

from attrs import define, field, frozen

from clmcrm.adapters.tabular.cells import Row, Sheet
from clmcrm.adapters.tabular.fields import Field
from clmcrm.adapters.tabular.mapping import Mapping
from clmcrm.clm.reading_words import column_key
from clmcrm.errors import UnreadableInput
from clmcrm.values.ids import Extra
from clmcrm.values.problems import Problem, Severity

SYSTEM: Final = "csv"
"""The name under which raw cells and keys are kept."""

_STOPS: Final = {"'": re.compile(r"['\\]"), '"': re.compile(r'["\\]')}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_CODES: Final = {"x": 2, "u": 4, "U": 8}
_SURROGATES: Final = range(0xD800, 0xE000)  # halves of a character, none of its own
_HEX: Final = frozenset("0123456789abcdefABCDEF")


@frozen(kw_only=True)
class FactColumns:
    """A clause `category` (its `key` for comparing), with the column of the `answer` and the one of its `quote`."""

    category: str
    key: str
    answer: str
    quote: str


@frozen(kw_only=True)
class Layout:
    """Where everything stands in one file.

    `columns` and `quotes` name the file's own columns, `facts` the pairs that become facts about clauses,
    `others` the columns without a home.
    """

    file: str
    mapping: Mapping
    columns: dict[Field, str]
    quotes: dict[Field, str]
    facts: tuple[FactColumns, ...]
    others: tuple[str, ...]


def lay_out(mapping: Mapping, sheet: Sheet) -> Layout:
    r"""The `mapping` laid over the `sheet`.

    Raises `UnreadableInput` when it names a column that the file does not have.

    >>> from clmcrm.adapters.tabular.cells import open_sheet
    >>> lay_out(Mapping(columns={Field.EXPIRY: "end date"}), open_sheet("Name,End  Date\n")).columns[Field.EXPIRY]
    'End Date'
    """
    columns = {key: _found(sheet, name) for key, name in mapping.columns.items()}
    quotes = {key: _found(sheet, name) for key, name in mapping.quotes.items()}
    taken = {*columns.values(), *quotes.values()}
    facts = _fact_columns(mapping.fact_suffix, sheet, taken)
    taken |= {name for fact in facts for name in (fact.answer, fact.quote)}
    return Layout(
        file=sheet.name,
        mapping=mapping,
        columns=columns,
        quotes=quotes,
        facts=facts,
        others=tuple(name for name in sheet.columns if name not in taken),
    )


def _found(sheet: Sheet, name: str) -> str:
    own = sheet.column(name)
    if own is None:
        raise UnreadableInput(sheet.name, f"no column {name!r}; its columns are {', '.join(sheet.columns)}")
    return own


def _fact_columns(suffix: str, sheet: Sheet, taken: set[str]) -> tuple[FactColumns, ...]:
    """The unmapped pairs of a quote "X" and an answer "X" + suffix."""
    if not suffix:
        return ()
    keys = {column_key(name): name for name in sheet.columns if name not in taken}
    pairs = ((key, name, keys.get(column_key(f"{name}{suffix}"))) for key, name in keys.items())
    return tuple(
        FactColumns(category=name, key=key, answer=answer, quote=name)
        for key, name, answer in pairs
        if answer is not None
    )


@define
class RowReading:
    """One row on its way into a record: its cells, and what had to be reported about them.

    The one mutable thing here: problems gather while the row is read.
    """

    layout: Layout
    row: Row
    problems: list[Problem] = field(factory=list[Problem])
    kept: dict[str, None] = field(factory=dict[str, None])

    def cell(self, key: Field) -> str:
        """The cell of `key`, trimmed; empty when it is empty or no column is mapped."""
        name = self.layout.columns.get(key)
        return "" if name is None else self.row.cells[name].strip()

    def quote(self, key: Field) -> str:
        """The clause of `key` in its own words; empty when no column quotes it."""
        name = self.layout.quotes.get(key)
        return "" if name is None else quoted_words(self.row.cells[name])

    def span(self, key: Field) -> str:
        """The place of the cell of `key`, for its provenance."""
        return f"{self.row.where}, column {self.layout.columns[key]}"

    def keep(self, name: str) -> None:
        """Keep the column `name` of this row as it came."""
        self.kept[name] = None

    def flag(
        self, key: Field, what: str, *, expected: str = "", severity: Severity = Severity.WARNING
    ) -> None:  # fmt: skip
        """Report the cell of `key`, and keep it as it came."""
        name = self.layout.columns.get(key, key.value)
        raw = self.row.cells.get(name, "")
        self.problems.append(
            Problem(where=self.row.where, field=name, value=raw, what=what, expected=expected, severity=severity)
        )
        self.keep(name)

    def extras(self) -> tuple[Extra, ...]:
        """Every cell without a home, every reported one, and the cells beyond the header; empty ones left out."""
        names = (*self.layout.others, *(name for name in self.kept if name not in self.layout.others))
        named = ((name, self.row.cells.get(name, "")) for name in names)
        width = len(self.row.cells)
        beyond = ((f"column {width + place}", cell) for place, cell in enumerate(self.row.beyond, 1))
        return tuple(Extra(SYSTEM, name, raw) for name, raw in (*named, *beyond) if raw.strip())


def quoted_words(cell: str) -> str:
    r"""The excerpts of a cell, one per line, where it holds a list of quoted excerpts; else the cell, trimmed.

    Lists are written `['first', "second's"]` with backslash escapes; an empty one is an empty text.

    >>> quoted_words("['shall renew', \"unless either party's notice\"]"), quoted_words("[]"), quoted_words(" art. 9 ")
    ("shall renew\nunless either party's notice", '', 'art. 9')
    """
    plain = cell.strip()
    if plain == "[]":
        return ""
    if not (plain.startswith(("['", '["')) and plain.endswith(("']", '"]'))):
        return plain
    excerpts = _excerpts(plain[1:-1])
    return plain if excerpts is None else "\n".join(excerpts).strip()


def _excerpts(listed: str) -> list[str] | None:
    """The quoted texts between commas; None when the list is not written that way. One walk, left to right."""
    found: list[str] = []
    at = 0
    while at < len(listed):
        mark = listed[at]
        if mark in ", ":
            at += 1
            continue
        if mark not in "'\"":
            return None
        text, at = _quoted_from(listed, at)
        if at > len(listed):
            return None
        found.append(text)
    return found


def _quoted_from(listed: str, at: int) -> tuple[str, int]:
    """The quoted text that begins at `at`, and the place after its closing mark (past the end if it has none)."""
    mark, pieces, at = listed[at], list[str](), at + 1
    while (stop := _STOPS[mark].search(listed, at)) is not None:
        pieces.append(listed[at : stop.start()])
        if stop[0] == mark:
            return "".join(pieces), stop.end()
        piece, at = _escaped(listed, stop.end())
        pieces.append(piece)
    return "", len(listed) + 1


def _escaped(listed: str, at: int) -> tuple[str, int]:
    """What the escape at `at` (after the backslash) stands for, and the place after it."""
    letter = listed[at : at + 1]
    digits = listed[at + 1 : at + 1 + _CODES.get(letter, 0)]
    if letter in _CODES and len(digits) == _CODES[letter] and _HEX.issuperset(digits):
        code = int(digits, 16)
        named = code <= sys.maxunicode and code not in _SURROGATES
        return (chr(code) if named else "\N{REPLACEMENT CHARACTER}"), at + 1 + len(digits)
    return _ESCAPES.get(letter, letter), at + 1
