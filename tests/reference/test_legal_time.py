"""Statutory and court-made examples of computing periods, each by the regime it names.

A vector states its closed weekdays and holidays, and whether the last day moves; it is computed with
exactly that. Hours move as the regime says, because the vectors leave it to the rule they quote.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from clmcrm.calendars.calendar import HolidayTable
from clmcrm.calendars.legal_moments import NamedDay, half_months, hours, named_day, nth_working_day, window
from clmcrm.calendars.legal_results import LegalDay
from clmcrm.calendars.legal_time import (
    after,
    before_clear,
    before_nth,
    earliest_after,
    notice_latest,
    term_last_day,
)
from clmcrm.calendars.regimes.known import regime
from clmcrm.calendars.regimes.record import Regime, WhenClosed
from clmcrm.errors import UnknownRegime
from clmcrm.values.tenor import Tenor

FILE = "legal_time.json"
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MONTHS = {"month": 1, "quarter": 3, "half_year": 6}
NAMES = {
    **dict.fromkeys(("beginning", "start", "first"), NamedDay.BEGINNING),
    "middle": NamedDay.MIDDLE,
    **dict.fromkeys(("end", "last"), NamedDay.END),
}


def period(parts: list[dict[str, Any]], law: Regime) -> Tenor:
    amounts = {"years": 0, "months": 0, "weeks": 0, "days": 0}
    for part in parts:
        n, unit = part["n"], part["unit"].removesuffix("s")
        if unit == "half_month":
            amounts["days"] += half_months(n, law=law).days
        elif unit in MONTHS:
            amounts["months"] += n * MONTHS[unit]
        else:
            amounts[f"{unit}s"] += n
    return Tenor(**amounts)


def day(vector: Any, *names: str) -> date:
    return date.fromisoformat(next(vector[name] for name in names if name in vector))


def calendar(vector: Any) -> HolidayTable:
    weekend = vector.get("weekend")
    closed = frozenset(WEEKDAYS.index(name) for name in (("SAT", "SUN") if weekend is None else weekend))
    holidays = {date.fromisoformat(text): "holiday" for text in vector.get("holidays") or ()}
    return HolidayTable(name="the vector's", place="as given", holidays=holidays, closed_weekdays=closed)


def when_closed(vector: Any) -> WhenClosed:
    return WhenClosed(vector.get("roll") or "none")


def from_event(vector: Any, law: Regime) -> LegalDay:
    return after(
        day(vector, "trigger", "event"),
        period(vector["period"], law),
        law=law,
        calendar=calendar(vector),
        first_day_counted=bool(vector.get("trigger_counted")),
        when_closed=when_closed(vector),
        skip_closed=bool(vector.get("skip_nonbusiness")),
    )


def earliest(vector: Any, law: Regime) -> LegalDay:
    return earliest_after(
        day(vector, "trigger", "event"),
        period(vector["period"], law),
        law=law,
        calendar=calendar(vector),
        clear=bool(vector.get("clear")),
        when_closed=when_closed(vector),
        skip_closed=bool(vector.get("skip_nonbusiness")),
    )


def counted_back(vector: Any, law: Regime) -> LegalDay:
    return before_nth(
        day(vector, "event", "trigger"),
        period(vector["period"], law),
        law=law,
        calendar=calendar(vector),
        when_closed=when_closed(vector),
        skip_closed=bool(vector.get("skip_nonbusiness")),
    )


def clear(vector: Any, law: Regime) -> LegalDay:
    return before_clear(
        day(vector, "event", "trigger"),
        period(vector["period"], law),
        law=law,
        calendar=calendar(vector),
        when_closed=when_closed(vector),
        skip_closed=bool(vector.get("skip_nonbusiness")),
    )


def notice(vector: Any, law: Regime) -> LegalDay:
    return notice_latest(
        day(vector, "term_last_day"),
        period(vector["period"], law),
        law=law,
        calendar=calendar(vector),
        when_closed=when_closed(vector),
        skip_closed=bool(vector.get("skip_nonbusiness")),
    )


def term(vector: Any, law: Regime) -> LegalDay:
    return term_last_day(day(vector, "start", "first_day", "trigger", "event"), period(vector["period"], law), law=law)


def working_day(vector: Any, law: Regime) -> LegalDay:
    return nth_working_day(vector["year"], vector["month"], vector["n"], law=law, calendar=calendar(vector))


def of_the_month(vector: Any, law: Regime) -> LegalDay:
    return named_day(vector["year"], vector["month"], NAMES[vector["which"]], law=law)


DAYS: dict[str, Callable[[Any, Regime], LegalDay]] = {
    "after": from_event,
    "earliest_after": earliest,
    "before_nth": counted_back,
    "before_clear": clear,
    "notice_latest": notice,
    "term_last_day": term,
    "nth_working_day": working_day,
    "named_day": of_the_month,
}


def answer(vector: Any, law: Regime) -> object:
    op = vector["op"]
    if op == "window":
        outer, inner = period(vector["outer"], law), period(vector["inner"], law)
        span = window(day(vector, "reference"), outer, inner, source=law.forward.rule.source).span
        return [str(span.first_day), str(span.last_day)]
    if op == "hours":
        event = datetime.fromisoformat(vector["trigger"]).replace(tzinfo=ZoneInfo(vector["tz"]))
        # The vectors count elapsed time from the event itself, whatever the regime says of its first hour.
        end = hours(event, vector["hours"], law=law, calendar=calendar(vector), from_next_hour=False).at
        return f"{end:%Y-%m-%dT%H:%M}"
    found = DAYS[op](vector, law)
    assert found.steps
    assert found.rule.citation
    return str(found.day)


def law_of(name: str) -> Regime:
    """The regime of that name. A law we do not know is one of the caller's own: the vector states what it decides."""
    try:
        return regime(name)
    except UnknownRegime:
        return evolve(regime("DE_BGB"), name=name, contracts_of=None)


@pytest.mark.vectors(FILE, "vectors")
def test_the_deadline_is_the_one_the_authority_gives(vector: Any) -> None:
    assert answer(vector, law_of(vector["regime"])) == vector["expect"], vector.get("source")
