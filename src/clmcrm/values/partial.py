"""Dates as contracts really state them: exact, half-known, redacted, perpetual or unknown for a reason.

None never stands for one of these. `known` gives the exact date or nothing; a rule that needs an exact
date and meets another value returns `Unknown` with the reason, and guesses nothing.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Final, TypeAlias

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import flag, text

_MONTHS_IN_YEAR: Final = 12


@frozen(kw_only=True)
class PartialDate:
    """A date of which only some of year, month and day are known.

    `year` may be known without `month`, and both without `day`; a part that is not known is None. `raw`
    keeps what the source said; `redacted` says that the rest was blacked out rather than left open.

    Raises `InvalidRecord` for a part that is no whole number or that no calendar has, and when none is unknown.

    >>> PartialDate(year=2019, month=9, redacted=True, raw="09/[]/2019").latest
    datetime.date(2019, 9, 30)
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    redacted: bool = field(default=False, validator=flag)
    raw: str = ""

    def __attrs_post_init__(self) -> None:
        bounds = (("year", self.year, 1, 9999), ("month", self.month, 1, 12), ("day", self.day, 1, 31))
        for name, value, low, high in bounds:
            if value is not None and not _is_between(value, low, high):
                raise InvalidRecord("PartialDate", name, value, f"a whole number from {low} to {high}")
        if self.year is not None and self.month is not None and self.day is not None:
            raise InvalidRecord("PartialDate", "day", self.day, "at least one unknown part (else use a date)")

    @property
    def earliest(self) -> date | None:
        """The first day it may be; None when the year is not known."""
        if self.year is None:
            return None
        month = self.month or 1
        return date(self.year, month, min(self.day or 1, monthrange(self.year, month)[1]))

    @property
    def latest(self) -> date | None:
        """The last day it may be; None when the year is not known."""
        if self.year is None:
            return None
        month = self.month or _MONTHS_IN_YEAR
        last = monthrange(self.year, month)[1]
        return date(self.year, month, min(self.day or last, last))

    def __str__(self) -> str:
        """Year, month and day with `..` for what is not known."""
        year = f"{self.year:04d}" if self.year is not None else "...."
        month = f"{self.month:02d}" if self.month is not None else ".."
        day = f"{self.day:02d}" if self.day is not None else ".."
        return f"{year}-{month}-{day}" + (" (redacted)" if self.redacted else "")


def _is_between(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


@frozen
class Unknown:
    """A value that is not known, with the reason in words and what the source said (`raw`).

    >>> str(Unknown("the cell is empty"))
    'unknown: the cell is empty'
    """

    reason: str = field(validator=text)
    raw: str = ""

    def __str__(self) -> str:
        """The word and the reason."""
        return f"unknown: {self.reason}"


@frozen
class Perpetual:
    """No end: the parties agreed that it runs for ever. Not the same as an end nobody knows."""

    raw: str = ""

    def __str__(self) -> str:
        """The word."""
        return "perpetual"


DayFact: TypeAlias = date | PartialDate | Unknown
"""A day as a contract states it."""

EndFact: TypeAlias = date | PartialDate | Perpetual | Unknown
"""The end of a contract as it states it."""

NOT_STATED: Final = Unknown("the record does not state it")


def known(fact: DayFact | EndFact) -> date | None:
    """The exact date, or None for every other kind of fact.

    >>> known(date(2026, 1, 31)), known(Perpetual())
    (datetime.date(2026, 1, 31), None)
    """
    return fact if isinstance(fact, date) else None


def why_not(fact: DayFact | EndFact) -> str:
    """Why the fact is no exact date, in words; an empty text when it is one.

    >>> why_not(PartialDate(year=2019, redacted=True))
    'only 2019-..-.. (redacted) is known'
    """
    if isinstance(fact, date):
        return ""
    if isinstance(fact, PartialDate):
        return f"only {fact} is known"
    if isinstance(fact, Perpetual):
        return "it is perpetual"
    return fact.reason
