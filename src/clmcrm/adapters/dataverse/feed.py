"""Where the reading of changes stands: in the rows of a table, or first in the lines that belong to them.

A cursor holds the queries of links that the environment gave (of the next page, or of the changes after a pull) and
never an address: it is asked for on the environment itself. Lines are read before rows, so that a line that changes
in between is told by the next pull.
"""

from __future__ import annotations

import json
from typing import Any, Final, cast

from attrs import frozen

from clmcrm.adapters.dataverse.wire import VENDOR
from clmcrm.errors import TerminalError

_ROWS: Final = "rows"
_LINES: Final = "lines"
_PARTS: Final = 4


@frozen(kw_only=True)
class Place:
    """Where the reading of `table` stands: the queries of its `rows` and of its `lines` (None: from the beginning).

    `in_lines` says that the lines are read, and then the rows.
    """

    table: str
    rows: str | None = None
    lines: str | None = None
    in_lines: bool = False

    def text(self) -> str:
        """The cursor of this place."""
        return json.dumps(
            [self.table, _LINES if self.in_lines else _ROWS, self.rows, self.lines], separators=(",", ":")
        )


def place_at(cursor: str | None, table: str, *, lined: bool) -> Place:
    """The place that a cursor stands for, the beginning for None; raises `TerminalError` for one never given."""
    if cursor is None:
        return Place(table=table, in_lines=lined)
    try:
        parts = cast("list[Any]", json.loads(cursor))
        of, phase, rows, lines = parts if len(parts) == _PARTS else (None, None, None, None)
    except (ValueError, TypeError, RecursionError):
        of, phase, rows, lines = None, None, None, None
    if of != table or phase not in (_ROWS, _LINES) or not all(_is_query(one) for one in (rows, lines)):
        raise TerminalError(VENDOR, f"{cursor[:80]!r} is no cursor of the feed of {table}")
    return Place(table=table, rows=rows, lines=lines, in_lines=phase == _LINES)


def _is_query(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.isascii() and value.isprintable() and "#" not in value)
