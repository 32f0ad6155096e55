"""The reference page of the status mappings, written from the tables so that the two cannot differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from clmcrm.clm.stages import Stage
from clmcrm.clm.statuses.projection import to_vendor
from clmcrm.clm.statuses.vendors import TABLES
from clmcrm.clm.statuses.words import StatusTable, Vendor

_INTRO: Final = """\
# Statuses of other systems

Which stage a vendor's status word stands for, and which word says a stage. The page is written by
`clmcrm.clm.statuses.reference` from the tables in `clmcrm.clm.statuses.vendors`; a test compares the two.

`from_vendor` reads a raw word and keeps it verbatim: a word that is not listed is an `Unknown` that says so.
`to_vendor` has an answer for every stage. `word_for` writes the vendor's own word back unchanged for as long
as it still stands for the stage, so that nothing finer than our stages is lost on the way.
"""


def status_reference() -> str:
    """The page as MyST Markdown."""
    parts = [_INTRO, _overview(), *(_vendor(table) for table in TABLES.values())]
    return "\n".join(parts)


def _overview() -> str:
    head = ["stage", *(f"`{vendor}`" for vendor in Vendor)]
    rows = [head, ["---"] * len(head)]
    for stage in Stage:
        words = (to_vendor(stage, vendor).word for vendor in Vendor)
        rows.append([f"`{stage}`", *(word or "*(empty)*" for word in words)])
    return "## Each stage in each system's words\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _vendor(table: StatusTable) -> str:
    return f"## {table.title}\n\n`Vendor.{table.vendor.name}`. {table.source}.\n\n" + "".join(_rows(table))


def _rows(table: StatusTable) -> Iterator[str]:
    yield "| word | read as | may stand for |\n| --- | --- | --- |\n"
    for word in table.words:
        code = f" ({word.code})" if word.code else ""
        read = f"`{word.holds[0]}`" if word.clear else "*not decided by the word*"
        yield f"| {word.word}{code} | {read} | {', '.join(f'`{stage}`' for stage in word.holds)} |\n"
    if table.silent:
        silent = dict.fromkeys((*table.silent, Stage.UNKNOWN))
        yield f"| *(empty)* | *not stated* | {', '.join(f'`{stage}`' for stage in silent)} |\n"
