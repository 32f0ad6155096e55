"""The ACTUS test beds: every list of event dates, in order and in length.

A term that a contract does not have is null there, or is left out: the one is read like the other.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clmcrm.calendars.adjustments import Convention, adjust
from clmcrm.calendars.calendar import EVERY_DAY, MONDAY_TO_FRIDAY, HolidayCalendar
from clmcrm.calendars.cycles import Cycle, CycleSeries, cycle_days, parse_convention
from clmcrm.calendars.months import forward
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

FILE = "actus_schedules.json"
ONE_DAY = timedelta(days=1)
CALENDARS = {None: EVERY_DAY, "NC": EVERY_DAY, "MF": MONDAY_TO_FRIDAY}


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def convention_of(vector: Any) -> Convention:
    code = vector.get("business_day_convention")
    return Convention.NONE if code is None else parse_convention(code)[0]


def calendar_of(vector: Any) -> HolidayCalendar:
    return CALENDARS[vector.get("calendar")]


def window_of(vector: Any) -> Span | None:
    """The window of the vector; None for one that ends before it begins, and holds no date."""
    firsts = [date.fromisoformat(vector["from_inclusive"])]
    if after := day(vector.get("after_exclusive")):
        firsts.append(after + ONE_DAY)
    lasts = [last for last in (day(vector.get("until")),) if last is not None]
    if ahead := day(vector.get("before_exclusive")):
        lasts.append(ahead - ONE_DAY)
    # Nothing is cut behind the end, which an adjustment may carry a little further.
    end = day(vector.get("end"))
    first_day, last_day = max(firsts), min(lasts) if lasts else (end or max(firsts)) + 62 * ONE_DAY
    return Span(first_day, last_day) if first_day <= last_day else None


def series_of(leg: Any, vector: Any, *, with_end: bool) -> CycleSeries:
    return CycleSeries(
        anchor=day(leg.get("anchor")),
        cycle=Cycle.parse(leg["cycle"]) if leg.get("cycle") else None,
        end=day(leg.get("end")),
        with_end=with_end,
        keep_month_end=vector.get("eom_convention") == "EOM",
        convention=convention_of(vector),
        extra=tuple(map(date.fromisoformat, vector.get("extra_dates", ()))),
    )


def dates_of(leg: Any, vector: Any, *, with_end: bool) -> tuple[date, ...]:
    window, series = window_of(vector), series_of(leg, vector, with_end=with_end)
    return () if window is None else tuple(cycle_days(series, window, calendar_of(vector)))


@pytest.mark.vectors(FILE, "schedules")
def test_schedule(vector: Any) -> None:
    legs = vector.get("segments") or [vector]
    found: set[date] = set()
    for leg in legs:
        found.update(dates_of(leg, vector, with_end=vector["include_end"] and leg is legs[-1]))
    assert [d.isoformat() for d in sorted(found)] == vector["expect"]


@pytest.mark.vectors(FILE, "multi_leg")
def test_multi_leg(vector: Any) -> None:
    found: list[date] = []
    for leg in vector["legs"]:
        found.extend(dates_of(leg, leg, with_end=leg["include_end"]))
    if vector.get("settlement"):
        found = [forward(d, Tenor.parse(vector["settlement"])) for d in found]
    kept = sorted(set(found) if vector["distinct"] else found)
    assert [d.isoformat() for d in kept] == vector["expect"]


@pytest.mark.vectors(FILE, "offset_after_event")
def test_offset_after_event(vector: Any) -> None:
    event = date.fromisoformat(vector["exercise_date"])
    offset = vector.get("settlement_period") or vector["notice_period"]
    # A tenor is never nothing: "P0D" is the day of the event itself.
    moved = event if offset == "P0D" else forward(event, Tenor.parse(offset))
    assert adjust(moved, convention_of(vector), calendar_of(vector)) == day(vector["expect"])
