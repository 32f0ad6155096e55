"""How fast series of adjusted dates are, beside what a user would write otherwise, in one run.

Every way computes the same dates, which a checksum proves; figures are CPU time, the median of interleaved
rounds, as ratios to ours: absolute times vary with the machine, ratios hardly. Run it as
`python benchmarks/schedules.py` with the package and python-dateutil installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import chain, islice, product
from statistics import median
from time import process_time

from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, rrule

from clmcrm.calendars.adjustments import Convention, adjust
from clmcrm.calendars.calendar import HolidayTable
from clmcrm.calendars.months import nth
from clmcrm.calendars.roll_tables import adjusted_dates
from clmcrm.values.tenor import Tenor

ROUNDS = 7
COUNT = 60
ONE_DAY = timedelta(days=1)
FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
HOLIDAYS = {date(year, month, day): "holiday" for year in range(2020, 2060) for month, day in FIXED}
CALENDAR = HolidayTable(name="fixed holidays", place="FR", holidays=HOLIDAYS)
ANCHORS = [date(2024, 1, 1) + 5 * n * ONE_DAY for n in range(60)]
TENORS = [Tenor(months=months) for months in (1, 3, 6, 12)]
SERIES = list(product(ANCHORS, TENORS, (Convention.FOLLOWING, Convention.MODIFIED_FOLLOWING)))


def plain_adjust(day: date, convention: Convention) -> date:
    """The adjustment as one writes it by hand, on a set of holidays."""
    moved = day
    while moved.weekday() > 4 or moved in HOLIDAYS:  # noqa: PLR2004 - Friday
        moved += ONE_DAY
    if convention is Convention.MODIFIED_FOLLOWING and moved.month != day.month:
        moved = day
        while moved.weekday() > 4 or moved in HOLIDAYS:  # noqa: PLR2004 - Friday
            moved -= ONE_DAY
    return moved


def tables() -> Iterator[date]:
    """Ours: read from tables."""
    made = (adjusted_dates(anchor, tenor, how, CALENDAR, count=COUNT) for anchor, tenor, how in SERIES)
    return chain.from_iterable(made)


def explained() -> Iterator[date]:
    """Ours, date by date."""
    for anchor, tenor, convention in SERIES:
        for k in range(COUNT):
            yield adjust(nth(anchor, tenor, k), convention, CALENDAR)


def careful_relativedelta() -> Iterator[date]:
    """Anchored relativedelta and an adjustment by hand."""
    for anchor, tenor, convention in SERIES:
        for k in range(COUNT):
            yield plain_adjust(anchor + relativedelta(months=k * tenor.months), convention)


def clamped_rrule() -> Iterator[date]:
    """The rule of RFC 5545 that does not skip short months, and an adjustment by hand."""
    for anchor, tenor, convention in SERIES:
        days = tuple(range(min(28, anchor.day), anchor.day + 1))
        start = datetime(anchor.year, anchor.month, anchor.day)  # noqa: DTZ001 - rrule wants a naive day
        rule = rrule(MONTHLY, dtstart=start, interval=tenor.months, bymonthday=days, bysetpos=-1)
        for instant in islice(rule, COUNT):
            yield plain_adjust(instant.date(), convention)


def checksum(days: Iterator[date]) -> int:
    """One number for a whole list of dates, their order included."""
    return zlib.crc32(b"".join(day.toordinal().to_bytes(4, "big") for day in days))


def cpu_seconds(way: Callable[[], Iterator[date]]) -> float:
    """CPU time to make every date once."""
    begin = process_time()
    deque(way(), maxlen=0)
    return process_time() - begin


def main() -> None:
    """Prove the ways equal, time them in turn, and print the ratios."""
    cold = cpu_seconds(tables)
    ways = (tables, explained, careful_relativedelta, clamped_rrule)
    sums = {way.__name__: checksum(way()) for way in ways}
    print("checksums", sums)
    if len(set(sums.values())) != 1:
        raise SystemExit("the ways differ: no ratio means anything")
    times = {way: [] for way in ways}  # type: dict[Callable[[], Iterator[date]], list[float]]
    for _ in range(ROUNDS):
        for way in ways:
            times[way].append(cpu_seconds(way))
    dates = len(SERIES) * COUNT
    base = median(times[tables])
    print(f"{'tables, first use':24}{cold / dates * 1e9:10.0f} ns per date{cold / base:10.1f} x")
    for way in ways:
        spent = median(times[way])
        print(f"{way.__name__:24}{spent / dates * 1e9:10.0f} ns per date{spent / base:10.1f} x")


if __name__ == "__main__":
    main()
