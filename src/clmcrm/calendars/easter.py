"""The date of Easter, from which most movable holidays of Europe are counted.

Closed form, so that no table of years is needed and no year is missing from one.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.errors import DateRuleError

FIRST_GREGORIAN_YEAR: Final = 1583


def easter_sunday(year: int) -> date:
    """Easter Sunday of the western churches in `year`, 1583 to 9999.

    The algorithm printed anonymously in Nature, 20 April 1876 (Meeus, Astronomical Algorithms, ch. 8),
    exact for every year of the Gregorian calendar. Raises `DateRuleError` before 1583.

    >>> easter_sunday(2026)
    datetime.date(2026, 4, 5)
    """
    if year < FIRST_GREGORIAN_YEAR:
        raise DateRuleError(f"the Gregorian calendar has no Easter in {year}; expected 1583 or later")
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, odd_centuries = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    weekday = (32 + 2 * odd_centuries + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
