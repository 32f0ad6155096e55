"""Days and instants as a foreign system writes them in ISO 8601, and nothing that leaves the day open.

Python reads a week without a day ("2026-W05") as its Monday; whoever wrote it did not say Monday.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

_WEEK: Final = re.compile(r"\d{4}-?W\d{2}(?!-?\d)", re.ASCII)


def day_written(text: str) -> date:
    """The day that a text states; raises `ValueError` for what is none, and for a week without a day.

    >>> day_written("2026-W05-3").isoformat()
    '2026-01-28'
    >>> day_written("2026-W05")
    Traceback (most recent call last):
    ...
    ValueError: '2026-W05' is a week and no day
    """
    _no_week(text)
    return date.fromisoformat(text)


def moment_written(text: str) -> datetime:
    """The same for an instant, or for a day, which is its midnight; with a zone only where the text names one."""
    _no_week(text)
    return datetime.fromisoformat(text)


def _no_week(text: str) -> None:
    if _WEEK.match(text):
        raise ValueError(f"{text[:40]!r} is a week and no day")
