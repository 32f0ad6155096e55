"""The series read from tables is the series computed date by date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from attrs import define
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clmcrm.calendars.adjustments import Convention, adjust
from clmcrm.calendars.calendar import EVERY_DAY, MONDAY_TO_FRIDAY, HolidayCalendar, HolidayTable
from clmcrm.calendars.combined import CombinedCalendar, jours_ouvrables, open_when_all
from clmcrm.calendars.months import nth
from clmcrm.calendars.roll_tables import adjusted_dates, anchored_dates
from clmcrm.errors import DateRuleError, OutsideCoverage
from clmcrm.values.tenor import Tenor

FIXED = {date(year, *day): "holiday" for year in range(1990, 2100) for day in ((1, 1), (5, 1), (12, 25))}
FRANCE = HolidayTable(name="France", place="FR", holidays=FIXED)
EGYPT = HolidayTable(name="Egypt", place="EG", closed_weekdays=frozenset({4, 5}))
CALENDARS = st.sampled_from([MONDAY_TO_FRIDAY, FRANCE, EGYPT, jours_ouvrables(FRANCE), open_when_all(FRANCE, EGYPT)])
DAYS = st.dates(date(1995, 1, 1), date(2040, 12, 31))
TENORS = (
    st.builds(Tenor, months=st.integers(1, 24))
    | st.builds(Tenor, days=st.integers(1, 40))
    | st.builds(Tenor, months=st.integers(1, 6), days=st.integers(1, 40))
)


def one_by_one(
    anchor: date, tenor: Tenor, convention: Convention, calendar: HolidayCalendar, count: int
) -> tuple[date, ...]:
    return tuple(adjust(nth(anchor, tenor, k), convention, calendar) for k in range(count))


@given(DAYS, TENORS, st.sampled_from(Convention), CALENDARS, st.integers(0, 60))
@settings(deadline=None)
def test_the_fast_series_is_the_explained_one(
    anchor: date, tenor: Tenor, convention: Convention, calendar: HolidayCalendar, count: int
) -> None:
    found = adjusted_dates(anchor, tenor, convention, calendar, count=count)
    assert found == one_by_one(anchor, tenor, convention, calendar, count)


@given(DAYS, TENORS, st.integers(-10, 4000))
@settings(deadline=None)
@example(date(2024, 1, 31), Tenor(months=1), 29)
@example(date(2024, 1, 30), Tenor(months=1, days=1), 31)
def test_the_last_day_is_inside(anchor: date, tenor: Tenor, length: int) -> None:
    last_day = anchor + timedelta(days=length)
    found = anchored_dates(anchor, tenor, last_day=last_day)
    assert all(day <= last_day for day in found)
    assert nth(anchor, tenor, len(found)) > last_day
    assert found == tuple(nth(anchor, tenor, k) for k in range(len(found)))


def test_both_limits_hold() -> None:
    month, last_day = Tenor(months=1), date(2026, 6, 30)
    assert len(anchored_dates(date(2026, 1, 31), month, count=3, last_day=last_day)) == 3
    assert len(anchored_dates(date(2026, 1, 31), month, count=9, last_day=last_day)) == 6


@pytest.mark.parametrize("limits", [{}, {"count": -1}, {"count": 1_000_001}, {"count": 10_000, "last_day": None}])
def test_a_series_needs_a_sensible_limit(limits: dict[str, int | None]) -> None:
    with pytest.raises(DateRuleError):
        anchored_dates(date(2026, 1, 31), Tenor(years=1), **limits)  # type: ignore[arg-type] # on purpose


def test_a_series_may_run_to_the_last_year() -> None:
    found = anchored_dates(date(9990, 1, 31), Tenor(months=6), last_day=date.max)
    assert found[-1] == date(9999, 7, 31)
    assert anchored_dates(date(1, 1, 31), Tenor(months=1), count=2)[-1] == date(1, 2, 28)
    centuries = anchored_dates(date(1, 1, 1), Tenor(years=100), last_day=date.max)
    assert len(centuries) == 100


def test_missing_data_fails_on_the_day_concerned_and_nowhere_else() -> None:
    short = HolidayTable(name="2026 alone", place="FR", first_day=date(2026, 1, 1), last_day=date(2026, 12, 31))
    inside = adjusted_dates(date(2026, 1, 31), Tenor(months=1), Convention.FOLLOWING, short, count=11)
    assert inside == one_by_one(date(2026, 1, 31), Tenor(months=1), Convention.FOLLOWING, short, 11)
    daily = adjusted_dates(date(2026, 3, 1), Tenor(days=1), Convention.FOLLOWING, short, count=30)
    assert daily == one_by_one(date(2026, 3, 1), Tenor(days=1), Convention.FOLLOWING, short, 30)
    with pytest.raises(OutsideCoverage, match="2027-01-31"):
        adjusted_dates(date(2026, 1, 31), Tenor(months=1), Convention.FOLLOWING, short, count=13)


def test_a_calendar_without_a_hash_is_asked_day_by_day() -> None:
    @define
    class Changing:
        name: str = "changing"
        closed: bool = False

        def why_closed(self, day: date) -> str | None:
            return "closed" if self.closed and day.day == 31 else None

    calendar = Changing()
    arguments = (date(2026, 1, 31), Tenor(months=1), Convention.FOLLOWING, calendar)
    before = adjusted_dates(*arguments, count=1)  # type: ignore[arg-type] # no more than is asked for
    calendar.closed = True
    after = adjusted_dates(*arguments, count=1)  # type: ignore[arg-type] # no more than is asked for
    assert (before, after) == ((date(2026, 1, 31),), (date(2026, 2, 1),))


def test_a_calendar_with_a_part_without_a_hash_is_asked_day_by_day() -> None:
    @define
    class Part:
        place: str = "here"

        def why_closed(self, day: date) -> str | None:
            return "closed" if day.day == 31 else None

    both = CombinedCalendar(name="both", parts=(Part(),))  # type: ignore[arg-type] # no more than is asked for
    found = adjusted_dates(date(2026, 1, 31), Tenor(months=1), Convention.FOLLOWING, both, count=1)
    assert found == (date(2026, 2, 1),)


def test_a_daily_series_over_centuries_is_refused_before_it_is_made() -> None:
    with pytest.raises(DateRuleError, match="at most 1000000"):
        anchored_dates(date(1, 1, 1), Tenor(days=1), last_day=date.max)


def test_equal_names_do_not_share_a_table() -> None:
    one = HolidayTable(name="same", place="FR", holidays={date(2026, 1, 30): "a holiday"})
    other = HolidayTable(name="same", place="FR")
    arguments = (date(2026, 1, 30), Tenor(months=1), Convention.FOLLOWING)
    assert adjusted_dates(*arguments, one, count=1) == (date(2026, 2, 2),)
    assert adjusted_dates(*arguments, other, count=1) == (date(2026, 1, 30),)


def test_dates_that_fall_together_stay_apart() -> None:
    found = adjusted_dates(date(2026, 5, 29), Tenor(days=1), Convention.FOLLOWING, MONDAY_TO_FRIDAY, count=4)
    assert [day.day for day in found] == [29, 1, 1, 1]
    assert adjusted_dates(date(2026, 5, 29), Tenor(days=1), Convention.NONE, EVERY_DAY, count=0) == ()
