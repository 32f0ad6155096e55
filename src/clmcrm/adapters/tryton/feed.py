"""What changed since the last time: the domain of a window, and the ids that are missing.

The cursor remembers beside the window how far Tryton's log of deletions was looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

from clmcrm.adapters.tryton.kinds import TrytonKind
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.adapters.windows import EVER, Window
from clmcrm.errors import TerminalError


def changed_in(kind: TrytonKind, window: Window) -> list[object]:
    """The domain of the records that changed in the window, those of which a part changed included."""
    domain: list[object] = ["AND", *kind.domain, ["id", ">", window.after]]
    if window.since > EVER:
        touched: list[object] = ["OR"]
        for prefix in ("", *(f"{name}." for name in kind.watched)):
            # A row that was never edited has no write date.
            touched += [[f"{prefix}write_date", ">=", window.since], [f"{prefix}create_date", ">=", window.since]]
        domain.append(touched)
    return domain


def gone_after(window: Window) -> int:
    """The last deletion in the log that was looked at; raises `TerminalError` for a cursor never given."""
    try:
        return int(window.beside or 0)
    except ValueError as problem:
        raise TerminalError(VENDOR, f"{window.beside[:80]!r} is no place in its log") from problem


def missing_ids(there: Sequence[int]) -> list[int]:
    """The ids below the highest that are not there: deleted, or never used.

    >>> missing_ids([1, 2, 5])
    [3, 4]
    """
    known = set(there)
    return [number for number in range(1, max(known, default=0)) if number not in known]
