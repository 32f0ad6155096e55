from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve

from clmcrm.calendars.calendar import HolidayTable, Purpose
from clmcrm.calendars.catalogue import BUILT_IN, Catalogue, calendar_for
from clmcrm.calendars.combined import WorkingWeek, jours_ouvrables, jours_ouvres
from clmcrm.calendars.holidays.france import FRENCH_CALENDARS
from clmcrm.errors import InvalidRecord, UnknownCalendar

OFFICE = HolidayTable(name="office", place="FR", purpose=Purpose.LEGAL, holidays={date(2026, 8, 14): "closed"})
FRANCE = FRENCH_CALENDARS[0]


def test_a_calendar_is_found_by_place_or_name_and_purpose() -> None:
    assert calendar_for("DE-BY").place == "DE-BY"
    assert calendar_for("TARGET", "bank") is calendar_for("EU", Purpose.BANK)


@pytest.mark.parametrize("place", ["DE-XX", "IT", "FR-75", ""])
def test_an_unknown_place_lists_what_there_is_and_falls_back_to_nothing(place: str) -> None:
    with pytest.raises(UnknownCalendar) as refusal:
        _ = calendar_for(place)
    assert "DE-BY (legal)" in refusal.value.known


def test_a_bank_calendar_never_stands_in_for_a_legal_one() -> None:
    with pytest.raises(UnknownCalendar):
        _ = calendar_for("TARGET")
    with pytest.raises(UnknownCalendar):
        _ = calendar_for("FR", "bank")


def test_a_purpose_that_does_not_exist_is_named() -> None:
    with pytest.raises(InvalidRecord, match="legal, bank, contract"):
        _ = calendar_for("FR", "school")


def test_a_callers_calendar_wins_and_leaves_the_built_in_catalogue_alone() -> None:
    extended = BUILT_IN.extended(OFFICE)
    assert calendar_for("FR", catalogue=extended) is OFFICE
    assert calendar_for("FR") is not OFFICE


def test_an_empty_catalogue_knows_nothing() -> None:
    with pytest.raises(UnknownCalendar, match="known calendars: none"):
        _ = Catalogue().calendar_for("FR")


def test_the_two_french_working_weeks_are_found_by_name_and_france_stays_the_legal_calendar() -> None:
    saturday, assumption = date(2026, 8, 8), date(2026, 8, 15)
    assert calendar_for("FR").name == "FR legal holidays"
    assert calendar_for("FR-ouvre").why_closed(saturday) == "Saturday"
    assert calendar_for("FR-ouvrable").why_closed(saturday) is None
    assert calendar_for("FR-ouvrable").why_closed(assumption) == "Assumption Day"
    for day in (date(2026, 1, 1) + timedelta(days=k) for k in range(366)):
        for name, week in (("FR-ouvre", jours_ouvres), ("FR-ouvrable", jours_ouvrables)):
            assert calendar_for(name).why_closed(day) == week(calendar_for("FR")).why_closed(day)


@pytest.mark.parametrize("closed", [frozenset({6, 7}), frozenset({-1}), frozenset({"SUN"}), {5, 6}])
def test_a_weekday_that_is_none_is_refused(closed: frozenset[int]) -> None:
    """A Sunday numbered 7, as ISO does, would be an open day in every deadline."""
    with pytest.raises(InvalidRecord, match=r"closed_weekdays .* 0 \(Monday\) to 6 \(Sunday\)"):
        _ = HolidayTable(name="office", place="FR", closed_weekdays=closed)
    with pytest.raises(InvalidRecord, match="closed_weekdays"):
        _ = WorkingWeek(name="office", holidays=OFFICE, closed_weekdays=closed)
    with pytest.raises(InvalidRecord, match="closed_weekdays"):
        _ = evolve(FRANCE, closed_weekdays=closed)


def test_a_holiday_with_a_time_of_day_is_refused() -> None:
    """It equals no day: the holiday would be open in silence."""
    with pytest.raises(InvalidRecord, match="a date without a time of day"):
        _ = HolidayTable(name="office", place="FR", holidays={datetime(2026, 5, 1, tzinfo=UTC): "Labour Day"})
