"""The day a series returns to: the 17th, the last of the month, every Tuesday, the third Wednesday of a month.

The rule of the file: day 31 *is* the end of the month, and days 29 and 30 give way to the last day of
February only. A roll finds its own day again after each step, so stepping with it never drifts.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.months import add_days, add_months, day_in_month, month_number, nth
from clmcrm.errors import InvalidRecord
from clmcrm.values.tenor import Tenor

_LAST: Final = 31
_DAYS_IN_WEEK: Final = 7
_WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_LATEST_FROM: Final = 22  # the latest day from which each weekday still comes within every month
_MARKETS: Final = {
    "IMM": (15, 2, 0), "IMMCAD": (15, 2, -2), "IMMAUD": (8, 4, -1), "IMMNZD": (9, 2, 0), "SFE": (8, 4, 0),
}  # fmt: skip
"""The days on which exchanges settle, as OpenGamma Strata names them: from which day, which weekday, and so far off.

IMM is the third Wednesday, IMMCAD the Monday before it, IMMAUD the Thursday before the second Friday, IMMNZD the first
Wednesday from the 9th on, SFE the second Friday.
"""

_OF_MONTH: Final = re.compile(rf"({'|'.join(_WEEKDAYS)})_FROM_([0-9]{{1,2}})([+-][0-6])?", re.ASCII)
_NAMES: Final = f"DAY_1 to DAY_31, EOM, DAY_MON to DAY_SUN, {', '.join(_MARKETS)}, a name such as WED_FROM_15, or NONE"


@frozen(kw_only=True)
class Roll:
    """The day of the month (1 to 31, 31 is its end) or the weekday (0 is Monday) of a series; or neither.

    With both, it is the first such weekday from that day of the month on, which is then 1 to 22: the third Wednesday
    is the first from the 15th on. `offset` moves that by so many days (-6 to 6).

    >>> str(Roll(day=17)), str(END_OF_MONTH), str(Roll(weekday=1)), str(NO_ROLL), str(Roll(day=15, weekday=2))
    ('DAY_17', 'EOM', 'DAY_TUE', 'NONE', 'IMM')
    """

    day: int | None = field(default=None)
    weekday: int | None = field(default=None)
    offset: int = field(default=0)

    def __attrs_post_init__(self) -> None:
        if self.day is not None and not 1 <= self.day <= _LAST:
            raise InvalidRecord("Roll", "day", self.day, "a day of the month, 1 to 31")
        if self.weekday is not None and not 0 <= self.weekday < _DAYS_IN_WEEK:
            raise InvalidRecord("Roll", "weekday", self.weekday, "a weekday, 0 (Monday) to 6 (Sunday)")
        if self.of_month and self.day is not None and self.day > _LATEST_FROM:
            raise InvalidRecord("Roll", "day", self.day, f"1 to {_LATEST_FROM} beside a weekday, which every month has")
        if self.offset and not (self.of_month and abs(self.offset) < _DAYS_IN_WEEK):
            raise InvalidRecord("Roll", "offset", self.offset, "-6 to 6 days, beside a day and a weekday")

    @property
    def of_month(self) -> bool:
        """Whether it is a weekday of the month, such as the third Wednesday."""
        return self.day is not None and self.weekday is not None

    @property
    def is_end_of_month(self) -> bool:
        """Whether the series returns to the last day of the month."""
        return self.day == _LAST and self.weekday is None

    def adjusted(self, day: date) -> date:
        """The roll's own day near `day`: in the same month, or the first such weekday from `day` on.

        >>> END_OF_MONTH.adjusted(date(2026, 2, 3)), Roll(weekday=0).adjusted(date(2026, 5, 7))
        (datetime.date(2026, 2, 28), datetime.date(2026, 5, 11))
        >>> Roll(day=15, weekday=2).adjusted(date(2026, 5, 31))
        datetime.date(2026, 5, 20)
        """
        first = day if self.day is None else day_in_month(month_number(day), self.day)
        if self.weekday is None:
            return first
        return add_days(first, (self.weekday - first.weekday()) % _DAYS_IN_WEEK + self.offset)

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
        if self.weekday is not None and self.day is None:
            # Looked for onwards, as `adjusted` does, it could be `day` itself: a month would be left out.
            return add_days(start, -((start.weekday() - self.weekday) % _DAYS_IN_WEEK))
        found = self.adjusted(start)
        return found if found < day else self.adjusted(add_months(day, -1))

    def __str__(self) -> str:
        """The name the trade knows it by: DAY_17, EOM, DAY_TUE, IMM or NONE; a weekday of the month is WED_FROM_15."""
        if self.is_end_of_month:
            return "EOM"
        if self.weekday is not None and self.day is not None:
            known = (name for name, own in _MARKETS.items() if own == (self.day, self.weekday, self.offset))
            moved = f"{self.offset:+}" if self.offset else ""
            return next(known, f"{_WEEKDAYS[self.weekday]}_FROM_{self.day}{moved}")
        if self.day is not None:
            return f"DAY_{self.day}"
        return "NONE" if self.weekday is None else f"DAY_{_WEEKDAYS[self.weekday]}"

    @classmethod
    def parse(cls, text: str) -> Roll:
        """The roll of its name; raises `InvalidRecord` for any other, such as TBILL, which a market's calendar moves.

        >>> Roll.parse("DAY_17") == Roll(day=17), Roll.parse("IMM") == Roll.parse("WED_FROM_15")
        (True, True)
        """
        name = text.strip().upper().removeprefix("DAY_")
        if name in _MARKETS:
            day, weekday, offset = _MARKETS[name]
            return cls(day=day, weekday=weekday, offset=offset)
        told = _OF_MONTH.fullmatch(name)
        if told is not None:
            return cls(day=int(told[2]), weekday=_WEEKDAYS.index(told[1]), offset=int(told[3] or 0))
        if name in {"EOM", "NONE"}:
            return END_OF_MONTH if name == "EOM" else NO_ROLL
        if name in _WEEKDAYS:
            return cls(weekday=_WEEKDAYS.index(name))
        if name.isascii() and name.isdigit():
            return cls(day=int(name))
        raise InvalidRecord("Roll", "text", text, _NAMES)


END_OF_MONTH: Final = Roll(day=_LAST)
NO_ROLL: Final = Roll()
