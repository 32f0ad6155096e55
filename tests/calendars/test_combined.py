"""Combined calendars answer as their parts do, and a working week changes the weekdays alone."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.calendar import (
    EVERY_DAY,
    MONDAY_TO_FRIDAY,
    HolidayCalendar,
    HolidayTable,
    Purpose,
    is_business_day,
)
from clmcrm.calendars.catalogue import calendar_for
from clmcrm.calendars.combined import (
    CombinedCalendar,
    WorkingWeek,
    jours_ouvrables,
    jours_ouvres,
    open_when_all,
    open_when_any,
)
from clmcrm.calendars.reasoning import why_closed
from clmcrm.errors import InvalidRecord, OutsideCoverage

FR = HolidayTable(
    name="FR legal",
    purpose=Purpose.LEGAL,
    place="FR",
    version="2026",
    holidays={
        date(2026, 8, 15): "Assumption",
        date(2026, 5, 1): "Labour Day",
        date(2026, 11, 1): "All Saints",
    },
    first_day=date(2026, 1, 1),
    last_day=date(2026, 12, 31),
)
EGYPT = HolidayTable(name="EG", place="EG", version="1", closed_weekdays=frozenset({4, 5}))
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(DAYS)
def test_open_when_all_and_open_when_any(day: date) -> None:
    open_days = [is_business_day(day, part) for part in (FR, EGYPT)]
    assert is_business_day(day, open_when_all(FR, EGYPT)) is all(open_days)
    assert is_business_day(day, open_when_any(FR, EGYPT)) is any(open_days)


def test_the_reason_names_the_part_that_closes() -> None:
    both = open_when_all(FR, EGYPT)
    assert both.why_closed(date(2026, 5, 1)) == "Labour Day (FR); Friday (EG)"
    assert (both.place, both.version, both.name) == ("FR + EG", "2026 + 1", "FR legal and EG")


def test_a_combined_calendar_covers_what_all_parts_cover() -> None:
    both = open_when_any(FR, EVERY_DAY)
    assert (both.first_day, both.last_day) == (FR.first_day, FR.last_day)
    with pytest.raises(OutsideCoverage):
        both.why_closed(date(2027, 1, 1))


def test_no_calendar_at_all_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="at least one"):
        open_when_all()


@given(DAYS)
def test_jours_ouvrables_are_jours_ouvres_and_saturdays(day: date) -> None:
    ouvre, ouvrable = is_business_day(day, jours_ouvres(FR)), is_business_day(day, jours_ouvrables(FR))
    if day.weekday() == 5:
        assert (ouvre, ouvrable) == (False, day not in FR.holidays)
    else:
        assert ouvre is ouvrable is (day.weekday() < 5 and day not in FR.holidays)


def test_a_holiday_on_saturday_stays_a_holiday() -> None:
    assert jours_ouvrables(FR).why_closed(date(2026, 8, 15)) == "Assumption"
    assert jours_ouvrables(FR).why_closed(date(2026, 8, 16)) == "Sunday"


def test_named_after_their_place_and_keeping_purpose_and_version() -> None:
    week = jours_ouvrables(FR)
    assert (week.name, jours_ouvres(FR).name) == ("FR-ouvrable", "FR-ouvre")
    assert (week.place, week.version, week.purpose) == ("FR", "2026", Purpose.LEGAL)
    assert (week.first_day, week.last_day) == (FR.first_day, FR.last_day)


@pytest.mark.parametrize("calendar", [open_when_all(FR), jours_ouvres(FR)])
def test_they_are_calendars_themselves(calendar: CombinedCalendar | WorkingWeek) -> None:
    assert isinstance(calendar, HolidayCalendar)
    nested = open_when_all(calendar, MONDAY_TO_FRIDAY)
    assert nested.why_closed(date(2026, 5, 1)) is not None


@given(DAYS, st.frozensets(st.integers(0, 6)), st.booleans())
def test_a_working_week_of_combined_calendars_is_that_of_their_parts(
    day: date, closed: frozenset[int], for_any: bool
) -> None:
    """Saturday stayed closed under "every day but Sunday", because the reason named the part beside the weekday."""
    combine = open_when_any if for_any else open_when_all
    parts = (FR, EGYPT, open_when_all(FR, EGYPT))
    whole = WorkingWeek(name="w", holidays=combine(*parts), closed_weekdays=closed)
    weeks = [WorkingWeek(name="w", holidays=part, closed_weekdays=closed) for part in parts]
    naive = [day in FR.holidays or day.weekday() in closed, day.weekday() in closed]
    assert [not is_business_day(day, week) for week in weeks] == [naive[0], naive[1], naive[0]]
    assert is_business_day(day, whole) is (not all(naive) if for_any else not any(naive))


def test_the_saturdays_of_two_places_are_working_days_and_their_holidays_are_not() -> None:
    week = jours_ouvrables(open_when_all(FR, MONDAY_TO_FRIDAY))
    assert [week.why_closed(date(2026, 8, day)) for day in (8, 15, 16)] == [None, "Assumption (FR)", "Sunday"]


FRANCE, GERMANY = calendar_for("FR"), calendar_for("DE")
MADE_OF_OTHERS = [
    FRANCE,
    jours_ouvres(FRANCE),
    jours_ouvrables(FRANCE),
    open_when_all(FRANCE, GERMANY),
    open_when_any(FRANCE, GERMANY),
    jours_ouvres(open_when_all(FRANCE, GERMANY)),
    jours_ouvrables(open_when_any(FRANCE, jours_ouvres(GERMANY))),
    open_when_all(
        jours_ouvrables(FRANCE), HolidayTable(name="works", place="X", holidays={date(2026, 8, 3): "closure"})
    ),
]


@pytest.mark.parametrize("calendar", MADE_OF_OTHERS, ids=lambda calendar: calendar.name)
def test_a_reason_in_words_is_the_calendars_own_and_in_french_too(calendar: HolidayCalendar) -> None:
    for day in (date.fromordinal(n) for n in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())):
        said, words = calendar.why_closed(day), why_closed(day, calendar)
        assert (words and words.en) == said
        assert words is None or not re.search("day|Day", words.fr), words.fr


def test_the_places_of_a_reason_are_told_in_french() -> None:
    words = why_closed(date(2026, 5, 14), jours_ouvres(open_when_all(FRANCE, GERMANY)))
    assert words is not None
    assert words.en == "Ascension Day (FR); Ascension Day (DE)"
    assert words.fr == "Ascension (FR) ; Ascension (DE)"
