"""OpenGamma Strata's own schedule tests: every vector.

What a schedule does not state is null there, or is left out: the one is read like the other.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve, frozen

from clmcrm.calendars.adjustments import (
    Convention,
    adjust,
    business_days,
    count_business_days,
    following,
    last_business_day,
    nth_business_day,
    preceding,
)
from clmcrm.calendars.calendar import WEEKEND, HolidayCalendar, HolidayTable, is_business_day
from clmcrm.calendars.catalogue import calendar_for
from clmcrm.calendars.easter import easter_sunday
from clmcrm.calendars.months import add_months, is_month_end, month_end
from clmcrm.calendars.resolved_periods import Schedule
from clmcrm.calendars.rolls import Roll
from clmcrm.calendars.schedules import PeriodicSchedule, resolve, with_first_day
from clmcrm.calendars.stubs import Stub, implied_roll, remaining_stub
from clmcrm.errors import ContradictorySchedule, InvalidRecord
from clmcrm.values.tenor import Tenor

FILE = "strata_schedules.json"
ONE_DAY = timedelta(days=1)
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@frozen
class MockWeek:
    """A calendar closed at weekends and on chosen days of every month, or of chosen months."""

    closed: tuple[tuple[int | None, int], ...]

    def why_closed(self, day: date) -> str | None:
        fixed = (None, day.day) in self.closed or (day.month, day.day) in self.closed
        return "closed" if fixed or day.weekday() in WEEKEND else None


def mock(*closed: tuple[int | None, int]) -> HolidayCalendar:
    return MockWeek(closed)  # type: ignore[return-value] # the rules under test ask for nothing but why_closed


MOCK = mock((None, 16), (None, 18), (None, 31))
JUNE_AND_JULY = mock((6, 30), (7, 31))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def days(texts: list[str]) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, texts))


def roll_of(name: str) -> Roll:
    try:
        return Roll.parse(name)
    except InvalidRecord:
        pytest.skip(f"{name}: a market's calendar moves it, and the vector names none")


def frequency_of(text: str) -> Tenor | None:
    return None if text == "TERM" else Tenor.parse(text)


def convention_of(name: str) -> Convention:
    return Convention.NONE if name == "NO_ADJUST" else Convention[name]


def calendar_of(reference: Any, name: str) -> HolidayCalendar:
    known = reference["calendars"][name]
    return HolidayTable(
        name=name,
        place="vectors",
        holidays=dict.fromkeys(days(known["holidays"]), "holiday"),
        closed_weekdays=frozenset(WEEKDAYS.index(weekday) for weekday in known["weekend"]),
    )


def schedule_of(vector: Any) -> PeriodicSchedule:
    first, last = vector.get("start_bda"), vector.get("end_bda")
    return PeriodicSchedule(
        first_day=date.fromisoformat(vector["start"]),
        next_first_day=date.fromisoformat(vector["end"]),
        frequency=frequency_of(vector["frequency"]),
        stub=Stub[vector["stub"]] if vector.get("stub") else None,
        roll=roll_of(vector["roll"]) if vector.get("roll") else None,
        convention=convention_of(vector["bda"]["convention"]),
        first_convention=convention_of(first["convention"]) if first else None,
        last_convention=convention_of(last["convention"]) if last else None,
        first_regular=day(vector.get("first_regular_start")),
        last_regular=day(vector.get("last_regular_end")),
    )


def calendars_of(vector: Any, reference: Any) -> dict[str, HolidayCalendar | None]:
    """The calendars of a schedule: of every date, and of the first and last where they have their own."""
    found: dict[str, HolidayCalendar | None] = {"calendar": calendar_of(reference, vector["bda"]["calendar"])}
    for key, argument in (("start_bda", "first_calendar"), ("end_bda", "last_calendar")):
        own = vector.get(key)
        if own and own["convention"] != "NO_ADJUST":
            found[argument] = calendar_of(reference, own["calendar"])
    return found


def resolved(agreed: PeriodicSchedule, vector: Any, reference: Any) -> Schedule:
    found: Schedule = resolve(agreed, **calendars_of(vector, reference))  # type: ignore[arg-type] # the first is given
    return found


@pytest.mark.vectors(FILE, "groups.periodic_schedule.vectors")
def test_periodic_schedule(vector: Any, reference: Any) -> None:
    found = resolved(schedule_of(vector), vector, reference)
    expect = vector["expect"]
    assert found.unadjusted == days(expect["unadjusted"])
    assert found.adjusted == days(expect["adjusted"])
    assert str(found.roll) == expect["roll"]


@pytest.mark.vectors(FILE, "groups.periodic_schedule_errors.vectors")
def test_periodic_schedule_errors(vector: Any, reference: Any) -> None:
    with pytest.raises(ContradictorySchedule):
        resolved(schedule_of(vector), vector, reference)


@pytest.mark.vectors(FILE, "groups.periodic_schedule_extra.vectors")
def test_periodic_schedule_extra(vector: Any, reference: Any) -> None:
    """Schedules of the same form as the others, which may ask for some of the answers only, or for a refusal."""
    agreed, expect = schedule_of(vector), vector["expect"]
    if expect.get("error"):
        test_periodic_schedule_errors(vector, reference)
        return
    if "adjusted" not in expect:
        # Asked before any adjustment, dates may fall together once adjusted.
        agreed = evolve(agreed, convention=Convention.NONE, first_convention=None, last_convention=None)
    found = resolved(agreed, vector, reference)
    answers = {
        "unadjusted": [day.isoformat() for day in found.unadjusted],
        "adjusted": [day.isoformat() for day in found.adjusted],
        "roll": str(found.roll),
    }
    assert answers | expect == answers


@pytest.mark.vectors(FILE, "groups.replace_start_date.vectors")
def test_replace_start_date(vector: Any, reference: Any) -> None:
    agreed, calendar = schedule_of(vector), calendar_of(reference, vector["bda"]["calendar"])
    replaced = with_first_day(agreed, date.fromisoformat(vector["replace_start"]), calendar)
    expect = vector["expect"]
    assert resolve(evolve(replaced, convention=Convention.NONE), calendar).unadjusted == days(expect["unadjusted"])
    assert replaced.stub == Stub[expect["stub"]]
    assert replaced.last_regular == day(expect.get("last_regular_end"))
    assert replaced.roll == (Roll.parse(expect["roll"]) if expect.get("roll") else None)


@pytest.mark.vectors(FILE, "groups.business_day_convention.vectors")
def test_business_day_convention(vector: Any, reference: Any) -> None:
    calendar = calendar_of(reference, vector["calendar"])
    found = adjust(date.fromisoformat(vector["date"]), convention_of(vector["convention"]), calendar)
    assert found == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.adjustable_date.vectors")
def test_adjustable_date(vector: Any, reference: Any) -> None:
    calendar = calendar_of(reference, vector["calendar"])
    found = adjust(date.fromisoformat(vector["date"]), convention_of(vector["convention"]), calendar)
    assert found == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.easter.vectors")
def test_easter(vector: Any) -> None:
    assert easter_sunday(vector["year"]) == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.roll_adjust.vectors")
def test_roll_adjust(vector: Any) -> None:
    told = date.fromisoformat(vector["date"])
    if vector["roll"] == "TBILL":  # every Monday, or the next day on which there is an auction
        found = adjust(Roll(weekday=0).adjusted(told), Convention.FOLLOWING, calendar_for("US"))
    else:
        found = roll_of(vector["roll"]).adjusted(told)
    assert found == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.roll_matches.vectors")
def test_roll_matches(vector: Any) -> None:
    assert roll_of(vector["roll"]).matches(date.fromisoformat(vector["date"])) is vector["expect"]


@pytest.mark.vectors(FILE, "groups.roll_next.vectors")
def test_roll_next(vector: Any) -> None:
    frequency = Tenor.parse(vector["frequency"])
    found = roll_of(vector["roll"]).following(date.fromisoformat(vector["date"]), frequency)
    assert found == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.roll_previous.vectors")
def test_roll_previous(vector: Any) -> None:
    frequency = Tenor.parse(vector["frequency"])
    found = roll_of(vector["roll"]).preceding(date.fromisoformat(vector["date"]), frequency)
    assert found == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.stub_to_roll.vectors")
def test_stub_to_roll(vector: Any) -> None:
    frequency = frequency_of(vector["frequency"])
    start, end = date.fromisoformat(vector["start"]), date.fromisoformat(vector["end"])
    if frequency is None:
        agreed = PeriodicSchedule(first_day=start, next_first_day=end, stub=Stub[vector["stub"]])
        found = resolve(agreed, HolidayTable(name="all", place="all", closed_weekdays=frozenset())).roll
    else:
        stub, prefer = Stub[vector["stub"]], vector["prefer_eom"]
        found = implied_roll(stub, start, end, frequency, prefer_month_end=prefer)
    assert str(found) == vector["expect"]


@pytest.mark.vectors(FILE, "groups.stub_implicit.vectors")
def test_stub_implicit(vector: Any) -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    start = first + ONE_DAY if vector["explicit_initial"] else first
    end = last - ONE_DAY if vector["explicit_final"] else last
    stub = Stub[vector["stub"]]
    if vector.get("expect") is None:
        with pytest.raises(ContradictorySchedule):
            remaining_stub(stub, None, first=first, start=start, end=end, last=last)
    else:
        found = remaining_stub(stub, None, first=first, start=start, end=end, last=last)
        assert found == Stub[vector["expect"]]


@pytest.mark.vectors(FILE, "groups.stub_is_long.vectors")
def test_stub_is_long(vector: Any) -> None:
    one, other = date.fromisoformat(vector["date1"]), date.fromisoformat(vector["date2"])
    assert Stub[vector["stub"]].is_long(one, other) is vector["expect"]


def moved(vector: Any, calendar: HolidayCalendar) -> date:
    """The date some months on, kept at the (business) month end where the convention says so."""
    start, kind = date.fromisoformat(vector["date"]), vector["convention"]
    later = add_months(start, vector["months"])
    if kind == "LAST_DAY" and is_month_end(start):
        return month_end(later)
    if kind == "LAST_BUSINESS_DAY" and start == last_business_day(start, calendar):
        return last_business_day(later, calendar)
    return later


@pytest.mark.vectors(FILE, "groups.period_addition.vectors")
def test_period_addition(vector: Any, reference: Any) -> None:
    assert moved(vector, calendar_of(reference, vector["calendar"])) == day(vector["expect"])


def check_adjusted_addition(vector: Any, reference: Any) -> None:
    calendar = calendar_of(reference, vector["bda"]["calendar"])
    found = adjust(moved(vector, calendar), convention_of(vector["bda"]["convention"]), calendar)
    assert found == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.period_adjustment.vectors")
def test_period_adjustment(vector: Any, reference: Any) -> None:
    check_adjusted_addition(vector, reference)


@pytest.mark.vectors(FILE, "groups.tenor_adjustment.vectors")
def test_tenor_adjustment(vector: Any, reference: Any) -> None:
    check_adjusted_addition(vector, reference)


@pytest.mark.vectors(FILE, "groups.calendar_shift.vectors")
def test_calendar_shift(vector: Any) -> None:
    found = nth_business_day(date.fromisoformat(vector["date"]), vector["amount"], MOCK)
    assert found == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.calendar_next.vectors")
def test_calendar_next(vector: Any) -> None:
    assert nth_business_day(date.fromisoformat(vector["date"]), 1, MOCK) == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.calendar_previous.vectors")
def test_calendar_previous(vector: Any) -> None:
    assert nth_business_day(date.fromisoformat(vector["date"]), -1, MOCK) == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.calendar_next_or_same.vectors")
def test_calendar_next_or_same(vector: Any) -> None:
    assert following(date.fromisoformat(vector["date"]), MOCK) == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.calendar_previous_or_same.vectors")
def test_calendar_previous_or_same(vector: Any) -> None:
    assert preceding(date.fromisoformat(vector["date"]), MOCK) == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.calendar_next_same_or_last_in_month.vectors")
def test_calendar_next_same_or_last_in_month(vector: Any) -> None:
    start = date.fromisoformat(vector["date"])
    assert adjust(start, Convention.MODIFIED_FOLLOWING, MOCK) == day(vector["expect"])


@pytest.mark.vectors(FILE, "groups.calendar_business_days_between.vectors")
def test_calendar_business_days_between(vector: Any) -> None:
    after = date.fromisoformat(vector["start"]) - ONE_DAY
    last_day = date.fromisoformat(vector["end_exclusive"]) - ONE_DAY
    assert count_business_days(after, last_day, MOCK) == vector["expect"]


@pytest.mark.vectors(FILE, "groups.calendar_business_days_list.vectors")
def test_calendar_business_days_list(vector: Any) -> None:
    after = date.fromisoformat(vector["start"]) - ONE_DAY
    last_day = date.fromisoformat(vector["end_exclusive"]) - ONE_DAY
    assert business_days(after, last_day, MOCK) == days(vector["expect"])


@pytest.mark.vectors(FILE, "groups.calendar_holidays_list.vectors")
def test_calendar_holidays_list(vector: Any) -> None:
    start, end = date.fromisoformat(vector["start"]), date.fromisoformat(vector["end_exclusive"])
    every = map(date.fromordinal, range(start.toordinal(), end.toordinal()))
    assert tuple(d for d in every if not is_business_day(d, MOCK)) == days(vector["expect"])


@pytest.mark.vectors(FILE, "groups.calendar_last_business_day_of_month.vectors")
def test_calendar_last_business_day_of_month(vector: Any) -> None:
    assert last_business_day(date.fromisoformat(vector["date"]), JUNE_AND_JULY) == day(vector["expect"])
