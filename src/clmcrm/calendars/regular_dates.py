"""The boundaries of regular periods between two dates, counted on from the first or back from the last.

The rule of the file: the date that is counted from lies on the roll, and what is left over at the other end is a
stub only where one is allowed; otherwise `ContradictorySchedule` names the dates.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.months import is_month_end
from clmcrm.calendars.rolls import Roll
from clmcrm.calendars.stubs import Stub
from clmcrm.errors import ContradictorySchedule
from clmcrm.values.tenor import Tenor

# A schedule longer than this is a mistyped frequency; it would only fill the memory.
_MOST_PERIODS: Final = 100_000


def _series(origin: date, limit: date, frequency: Tenor, roll: Roll, *, back: bool) -> list[date]:
    """`origin` and the dates after it until one reaches `limit` (included): stepped with the roll."""
    days = [origin]
    step = roll.preceding if back else roll.following
    while (days[-1] > limit) if back else (days[-1] < limit):
        if len(days) > _MOST_PERIODS:
            raise ContradictorySchedule(f"{origin} to {limit} every {frequency} is over {_MOST_PERIODS} periods")
        days.append(step(days[-1], frequency))
    return days


def counted_back(start: date, end: date, frequency: Tenor, roll: Roll, stub: Stub) -> list[date]:
    """The boundaries from `start` to `end`, both included, counted back from `end`; an odd period stands first."""
    if not roll.matches(end):
        raise ContradictorySchedule(f"{end}, where the periods are counted back from, is not on roll {roll}")
    *regular, beyond = _series(end, start, frequency, roll, back=True)
    days = regular[::-1]
    if beyond != start and len(days) > 1 and stub.is_long(start, days[0]):
        del days[0]
    return [start, *days]


def counted_on(
    start: date, end: date, frequency: Tenor, roll: Roll, stub: Stub, *, after_stub: bool = False
) -> list[date]:
    """The boundaries from `start` to `end`, both included, counted on from `start`; an odd period stands last.

    A term shorter than one period is one period and no stub, but not behind an explicit stub (`after_stub`): there
    it would be a second one that nobody agreed.
    """
    if not roll.matches(start):
        raise ContradictorySchedule(f"{start}, where the periods are counted from, is not on roll {roll}")
    if start == end:
        return [start]
    *days, beyond = _series(start, end, frequency, roll, back=False)
    if beyond != end and (len(days) > 1 or after_stub):
        if stub is Stub.NONE:
            raise ContradictorySchedule(
                f"{start} to {end} is no whole number of {frequency}: the odd period {days[-1]} to {end} "
                "needs a stub convention"
            )
        if len(days) > 1 and stub.is_long(days[-1], end):
            del days[-1]
    return [*days, end]


def tolerated(stub: Stub, start: date, end: date, frequency: Tenor, roll: Roll) -> Stub:
    """Smart rules where month ends were asked for and the last date merely keeps the first one's day."""
    monthly = frequency.loose_days == 0
    keeps_day = roll.is_end_of_month and is_month_end(start) and start.day == end.day
    return Stub.SMART_FINAL if stub is Stub.NONE and monthly and keeps_day else stub
