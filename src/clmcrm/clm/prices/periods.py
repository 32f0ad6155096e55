"""Which billing period a day lies in: the inverse of `clmcrm.calendars.months.tile`, without walking there."""

from __future__ import annotations

from datetime import date

from clmcrm.calendars.months import month_number, nth
from clmcrm.values.tenor import Tenor


def period_index(anchor_on: date, every: Tenor, day: date) -> int:
    """The number of the period of `every`, counted from `anchor_on` (0 begins there), that `day` lies in.

    Below zero before the anchor. Raises `DateRuleError` when the period lies outside years 1 to 9999.

    >>> month = Tenor(months=1)
    >>> [period_index(date(2026, 1, 31), month, date(2026, 2, d)) for d in (27, 28)]
    [0, 1]
    """
    if every.loose_days:
        # Only a guess, a few percent short: the walk below settles it.
        index = (day - anchor_on).days // (every.whole_months * 31 + every.loose_days)
    else:
        index = (month_number(day) - month_number(anchor_on)) // every.whole_months
    while nth(anchor_on, every, index) > day:
        index -= 1
    while nth(anchor_on, every, index + 1) <= day:
        index += 1
    return index
