"""A finding of `clmcrm doctor` and `clmcrm connect`, and how findings are told."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from clmcrm.cli.console import ATTENTION, DONE, Console


@frozen
class Check:
    """One finding: `what` was looked at, what was `found`, whether it is `ok`, and the `repair` if not."""

    what: str
    found: str
    ok: bool
    repair: str = ""


def tell(checks: Sequence[Check], console: Console) -> int:
    """Print every check; returns exit code 3 when one of them is not well."""
    console.answer([{"what": c.what, "found": c.found, "ok": c.ok, "repair": c.repair} for c in checks])
    console.table(
        ("ok", "what", "found", "repair"),
        [("yes" if check.ok else "NO", check.what, check.found, check.repair) for check in checks],
    )
    return DONE if all(check.ok for check in checks) else ATTENTION
