"""A run of days with both ends inside: the only way this library writes a period."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import maybe, plain_date

_ONE_DAY = timedelta(days=1)


@frozen
class Span:
    """From `first_day` to `last_day`, both inside; `last_day` None means no end has been fixed.

    Raises `InvalidRecord` when the last day lies before the first.

    >>> span = Span(date(2026, 1, 1), date(2026, 12, 31))
    >>> span.days, span.next_first_day
    (365, datetime.date(2027, 1, 1))
    """

    first_day: date = field(validator=plain_date)
    last_day: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if self.last_day is not None and self.last_day < self.first_day:
            raise InvalidRecord("Span", "last_day", self.last_day, f"{self.first_day} or later")

    @property
    def next_first_day(self) -> date | None:
        """The day after the last one; None when no end is fixed (or the calendar itself ends)."""
        if self.last_day is None or self.last_day == date.max:
            return None
        return self.last_day + _ONE_DAY

    @property
    def days(self) -> int | None:
        """How many days, both ends counted; None when no end is fixed."""
        return None if self.last_day is None else (self.last_day - self.first_day).days + 1

    def __contains__(self, day: object) -> bool:
        """Whether `day` lies inside, both ends counted; what is no day does not.

        Raises `InvalidRecord` for an instant: which day it falls on depends on the zone.
        """
        if isinstance(day, datetime):
            raise InvalidRecord("Span", "day", day, "a day (datetime.date), without a time")
        return isinstance(day, date) and self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one day.

        >>> Span(date(2026, 1, 1), date(2026, 1, 31)).overlaps(Span(date(2026, 1, 31)))
        True
        """
        return other.first_day in self or self.first_day in other

    def __str__(self) -> str:
        """The ISO 8601 interval; `..` stands for an end that is not fixed."""
        return f"{self.first_day}/{self.last_day or '..'}"
