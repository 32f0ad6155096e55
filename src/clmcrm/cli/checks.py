"""A finding of `clmcrm doctor` and `clmcrm connect`, and how findings are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from clmcrm.cli.console import ATTENTION, DONE, Console

_BETWEEN: Final = 2


@frozen
class Check:
    """One finding: `what` was looked at, what was `found`, whether it is `ok`, and the `repair` if not."""

    what: str
    found: str
    ok: bool
    repair: str = ""


def tell(checks: Sequence[Check], console: Console) -> int:
    """Print every check; returns exit code 3 when one of them is not well.

    What is not well stands in whole below a table that is wider than the terminal, and cut.
    """
    console.answer([{"what": c.what, "found": c.found, "ok": c.ok, "repair": c.repair} for c in checks])
    columns = ("ok", "what", "found", "repair")
    rows = [("yes" if check.ok else "NO", check.what, check.found, check.repair) for check in checks]
    console.table(columns, rows)
    wide = sum(max(map(len, cells)) + _BETWEEN for cells in zip(columns, *rows, strict=True))
    for check in checks:
        if not check.ok and wide > console.width:
            console.say(f"\n{check.what}: {check.found}")
            console.say(f"  {check.repair}")
    return DONE if all(check.ok for check in checks) else ATTENTION
