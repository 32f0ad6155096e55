"""The day a series returns to: the 17th, the last of the month, every Tuesday.

The rule of the file: day 31 *is* the end of the month, and days 29 and 30 give way to the last day of
February only. A roll finds its own day again after each step, so stepping with it never drifts.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.months import add_days, add_months, day_in_month, month_number, nth
from clmcrm.errors import InvalidRecord
from clmcrm.values.tenor import Tenor

_LAST: Final = 31
_DAYS_IN_WEEK: Final = 7
_WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@frozen(kw_only=True)
class Roll:
    """The day of the month (1 to 31, 31 is its end) or the weekday (0 is Monday) of a series; or neither.

    >>> str(Roll(day=17)), str(END_OF_MONTH), str(Roll(weekday=1)), str(NO_ROLL)
    ('DAY_17', 'EOM', 'DAY_TUE', 'NONE')
    """

    day: int | None = field(default=None)
    weekday: int | None = field(default=None)

    def __attrs_post_init__(self) -> None:
        if self.day is not None and not 1 <= self.day <= _LAST:
            raise InvalidRecord("Roll", "day", self.day, "a day of the month, 1 to 31")
        if self.weekday is not None and not 0 <= self.weekday < _DAYS_IN_WEEK:
            raise InvalidRecord("Roll", "weekday", self.weekday, "a weekday, 0 (Monday) to 6 (Sunday)")
        if self.day is not None and self.weekday is not None:
            raise InvalidRecord("Roll", "weekday", self.weekday, "a day or a weekday, not both")

    @property
    def is_end_of_month(self) -> bool:
        """Whether the series returns to the last day of the month."""
        return self.day == _LAST

    def adjusted(self, day: date) -> date:
        """The roll's own day near `day`: in the same month, or the first such weekday from `day` on.

        >>> END_OF_MONTH.adjusted(date(2026, 2, 3)), Roll(weekday=0).adjusted(date(2026, 5, 7))
        (datetime.date(2026, 2, 28), datetime.date(2026, 5, 11))
        """
        if self.day is not None:
            return day_in_month(month_number(day), self.day)
        if self.weekday is not None:
            return add_days(day, (self.weekday - day.weekday()) % _DAYS_IN_WEEK)
        return day

    def matches(self, day: date) -> bool:
        """Whether `day` already is the roll's own day.

        >>> Roll(day=30).matches(date(2026, 2, 28))
        True
        """
        return self.adjusted(day) == day

    def following(self, day: date, frequency: Tenor) -> date:
        """The roll's day one `frequency` after `day`, and always after it.

        >>> END_OF_MONTH.following(date(2026, 2, 28), Tenor(months=1))
        datetime.date(2026, 3, 31)
        """
        found = self.adjusted(nth(day, frequency, 1))
        # A step of days may fall back on the day it came from: the roll's next one is a month away.
        return found if found > day else self.adjusted(add_months(day, 1))

    def preceding(self, day: date, frequency: Tenor) -> date:
        """The roll's day one `frequency` before `day`, and always before it; a weekday is looked for further back.

        >>> END_OF_MONTH.preceding(date(2026, 3, 31), Tenor(months=1)), Roll(weekday=1).preceding(
        ...     date(2026, 5, 12), Tenor(months=1))
        (datetime.date(2026, 2, 28), datetime.date(2026, 4, 7))
        """
        start = nth(day, frequency, -1)
        if self.weekday is not None:
            # Looked for onwards, as `adjusted` does, it could be `day` itself: a month would be left out.
            return add_days(start, -((start.weekday() - self.weekday) % _DAYS_IN_WEEK))
        found = self.adjusted(start)
        return found if found < day else self.adjusted(add_months(day, -1))

    def __str__(self) -> str:
        """The name the trade knows it by: DAY_17, EOM, DAY_TUE or NONE."""
        if self.is_end_of_month:
            return "EOM"
        if self.day is not None:
            return f"DAY_{self.day}"
        return "NONE" if self.weekday is None else f"DAY_{_WEEKDAYS[self.weekday]}"

    @classmethod
    def parse(cls, text: str) -> Roll:
        """The roll of its name; raises `InvalidRecord` for an exchange's own roll such as IMM.

        >>> Roll.parse("DAY_17") == Roll(day=17)
        True
        """
        name = text.strip().upper().removeprefix("DAY_")
        if name in {"EOM", "NONE"}:
            return END_OF_MONTH if name == "EOM" else NO_ROLL
        if name in _WEEKDAYS:
            return cls(weekday=_WEEKDAYS.index(name))
        if name.isascii() and name.isdigit():
            return cls(day=int(name))
        raise InvalidRecord("Roll", "text", text, "DAY_1 to DAY_31, EOM, DAY_MON to DAY_SUN, or NONE")


END_OF_MONTH: Final = Roll(day=_LAST)
NO_ROLL: Final = Roll()
