"""Titled tables and cards as plain data, and their HTML: how callers add their own parts to a report.

The rule of the file: a tone never stands alone; it only underlines what the text of the cell already says.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.report.markup import Markup, joined, prose, tag
from clmcrm.report.phrases import phrase
from clmcrm.values.validators import each, flag, instance, member, text
from clmcrm.values.wording import Language


class Tone(StrEnum):
    """How a cell or card is underlined."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@frozen
class Cell:
    """One cell: its `text` (plain, escaped when drawn), its `tone`, and lines shown when it is opened."""

    text: str = field(validator=instance(str))
    tone: Tone = field(default=Tone.PLAIN, validator=member(Tone))
    more: tuple[str, ...] = field(default=(), kw_only=True, validator=each(instance(str)))


@frozen(kw_only=True)
class Column:
    """A column's `heading`; `numeric` ones are set flush right."""

    heading: str = field(validator=text)
    numeric: bool = field(default=False, validator=flag)


@frozen(kw_only=True)
class Section:
    """A titled table: a `heading`, an `intro` in words (empty: none), columns, and rows of cells.

    The first cell of each row names the row. `empty` is said instead of a table without rows. Raises
    `InvalidRecord` for a row whose cells are not as many as the columns, or that holds something else.
    """

    heading: str = field(validator=text)
    intro: str = ""
    columns: tuple[Column, ...] = field(validator=each(instance(Column)))
    rows: tuple[tuple[Cell, ...], ...] = field(default=(), validator=each(instance(tuple)))
    empty: str = ""

    def __attrs_post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise InvalidRecord(f"Section {self.heading}", "rows", row, f"{len(self.columns)} cells")
            for cell in row:
                if not isinstance(cell, Cell):
                    raise InvalidRecord(f"Section {self.heading}", "rows", cell, "a Cell; `section` takes texts too")


@frozen(kw_only=True)
class Card:
    """One key figure: what it is, its value as shown, and a note below it (empty: none)."""

    label: str = field(validator=text)
    value: str = field(validator=text)
    note: str = ""
    tone: Tone = field(default=Tone.PLAIN, validator=member(Tone))


@frozen(kw_only=True)
class Drawing:
    """A picture and the table of the same figures."""

    picture: Markup
    table: Section


@frozen(kw_only=True)
class Part:
    """A part of a page: its heading and content; two `narrow` ones stand side by side where there is room."""

    heading: str = field(validator=text)
    content: Markup
    narrow: bool = field(default=False, validator=flag)


def section(
    heading: str, columns: tuple[str, ...], rows: tuple[tuple[Cell | str, ...], ...], intro: str = ""
) -> Section:
    """A section from headings and cells, where a plain text stands for a cell without a tone.

    >>> section("Problems", ("Where", "What"), (("row 7", "is redacted"),)).rows[0][1].text
    'is redacted'
    """
    cells = tuple(tuple(Cell(c) if isinstance(c, str) else c for c in row) for row in rows)
    return Section(heading=heading, intro=intro, columns=tuple(Column(heading=c) for c in columns), rows=cells)


def table_html(part: Section, language: Language) -> Markup:
    """The table of `part` in a box of its own that scrolls sideways, or what is said when it is empty."""
    if not part.rows:
        return tag("p", part.empty or phrase("none", language), class_="empty")
    head = tag("tr", *(tag("th", c.heading, scope="col", class_=_side(c)) for c in part.columns))
    rows = ((_cell(c, part.columns[i], language, first=i == 0) for i, c in enumerate(row)) for row in part.rows)
    body = [tag("tr", *cells) for cells in rows]
    table = tag(
        "table", tag("caption", part.heading, class_="unseen"), tag("thead", head), tag("tbody", joined(body, "\n"))
    )
    return scrolling(table, part.heading)


def scrolling(content: Markup, name: str) -> Markup:
    """`content` in a box that scrolls sideways by mouse, touch or keyboard, called `name`."""
    return tag("div", content, class_="scroll", role="group", tabindex=0, aria_label=name)


def _side(column: Column) -> str | None:
    return "num" if column.numeric else None


def _cell(cell: Cell, column: Column, language: Language, *, first: bool) -> Markup:
    css = " ".join(
        filter(None, ("num" if column.numeric else "", "" if cell.tone is Tone.PLAIN else f"tone-{cell.tone}"))
    )
    content = prose(cell.text, language)
    if cell.more:
        lines = tag("ol", *(tag("li", prose(line, language)) for line in cell.more), class_="steps")
        content = tag("details", tag("summary", prose(cell.text, language)), lines)
    if first:
        return tag("th", content, scope="row", class_=css or None)
    return tag("td", content, class_=css or None)
