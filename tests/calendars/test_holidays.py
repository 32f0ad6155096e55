from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.calendar import SATURDAY, SUNDAY, HolidayCalendar, Purpose
from clmcrm.calendars.catalogue import BUILT_IN, calendar_for
from clmcrm.calendars.holidays.european_union import BRUSSELS, LUXEMBOURG, institutions, institutions_list
from clmcrm.calendars.holidays.rule import Fixed, NthWeekday, WeekdayBefore
from clmcrm.calendars.holidays.sourced import SourcedCalendar
from clmcrm.calendars.legal_time import after
from clmcrm.calendars.regimes.known import regime
from clmcrm.errors import InvalidRecord, OutsideCoverage
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording

SOURCED = [calendar for calendar in BUILT_IN.calendars if isinstance(calendar, SourcedCalendar)]
RULES = [(calendar, rule) for calendar in SOURCED for rule in calendar.rules]

CLOSED = [
    # place, day, why; each with the text that says so
    ("FR", date(2026, 5, 14), "Ascension Day"),  # C. trav. L3133-1
    ("FR", date(2004, 5, 31), "Whit Monday"),  # before the law of 30 June 2004
    ("FR", date(2008, 5, 12), "Whit Monday"),  # loi 2008-351 of 16 April 2008
    ("FR-67", date(2026, 4, 3), "Good Friday"),  # C. trav. L3134-13
    ("FR-57", date(2025, 12, 26), "Second Day of Christmas"),
    ("DE", date(2017, 10, 31), "Reformation Day (500 years)"),
    ("DE-NI", date(2018, 10, 31), "Reformation Day"),  # NFeiertagsG § 2 as of 2018
    ("DE-SN", date(2026, 11, 18), "Day of Repentance and Prayer"),  # SächsSFG § 1
    ("DE-BE", date(2019, 3, 8), "International Women's Day"),
    ("DE-BE", date(2020, 5, 8), "anniversary of the liberation from National Socialism"),
    ("DE-BE", date(2025, 5, 8), "anniversary of the liberation from National Socialism"),
    ("DE-MV", date(2023, 3, 8), "International Women's Day"),
    ("DE-TH", date(2019, 9, 20), "World Children's Day"),
    ("DE-BY", date(2026, 1, 6), "Epiphany"),
    ("GB-ENG", date(2011, 4, 29), "wedding of Prince William"),
    ("GB-ENG", date(2012, 6, 4), "Spring bank holiday"),
    ("GB-ENG", date(2020, 5, 8), "Early May bank holiday"),
    ("GB-ENG", date(2021, 12, 27), "Christmas Day (substitute day)"),  # 25 Dec was a Saturday
    ("GB-ENG", date(2021, 12, 28), "Boxing Day (substitute day)"),
    ("GB-ENG", date(2022, 9, 19), "state funeral of Elizabeth II"),
    ("GB-ENG", date(2022, 12, 27), "Christmas Day (substitute day)"),  # 25 Dec was a Sunday
    ("GB-SCT", date(2022, 1, 3), "New Year's Day (substitute day)"),
    ("GB-SCT", date(2022, 1, 4), "2nd January (substitute day)"),
    ("GB-SCT", date(2023, 1, 3), "New Year's Day (substitute day)"),  # 2 January was a holiday itself
    ("GB-SCT", date(2007, 11, 30), "St Andrew's Day"),  # asp 2007/2
    ("GB-NIR", date(2018, 3, 19), "St Patrick's Day (substitute day)"),
    ("GB-NIR", date(2026, 7, 13), "Battle of the Boyne (Orangemen's Day) (substitute day)"),
    ("US", date(2021, 6, 18), "Juneteenth National Independence Day (substitute day)"),  # Pub. L. 117-17
    ("US", date(2021, 12, 31), "New Year's Day (substitute day)"),  # 1 Jan 2022 was a Saturday
    ("US", date(1975, 10, 27), "Veterans Day"),  # Pub. L. 90-363
    ("US", date(1978, 11, 10), "Veterans Day (substitute day)"),  # Pub. L. 94-97
    ("EU", date(2023, 7, 21), "Belgian National Holiday"),  # 2021/C 201 I/02
    ("EU-LU", date(2023, 6, 23), "Luxembourg National Holiday"),
]
OPEN = [
    ("FR", date(2006, 6, 5)),  # Whit Monday between the laws of 2004 and 2008
    ("FR", date(2026, 4, 3)),  # Good Friday outside Alsace and Moselle
    ("DE", date(2016, 10, 31)),
    ("DE-NI", date(2016, 10, 31)),
    ("DE-BE", date(2018, 3, 8)),
    ("DE-MV", date(2022, 3, 8)),
    ("DE-BY", date(1995, 11, 22)),
    ("GB-ENG", date(2020, 5, 4)),  # moved to 8 May
    ("GB-ENG", date(2022, 5, 30)),  # moved to 2 June
    ("GB-SCT", date(2006, 11, 30)),
    ("GB-ENG", date(2026, 1, 2)),
    ("US", date(2020, 6, 19)),
    ("US", date(1985, 1, 21)),
]


@pytest.mark.parametrize(("place", "day", "why"), CLOSED)
def test_a_holiday_is_kept_from_the_day_the_law_says(place: str, day: date, why: str) -> None:
    assert calendar_for(place).why_closed(day) == why


@pytest.mark.parametrize(("place", "day"), OPEN)
def test_a_day_is_no_holiday_before_or_after_its_law(place: str, day: date) -> None:
    assert calendar_for(place).why_closed(day) is None


# ECB press releases of 3 September 1998, 31 March 1999, 15 July 1999, 25 May 2000, 14 December 2000.
TARGET_DAYS = [
    (date(1999, 4, 2), False),
    (date(1999, 12, 31), True),
    (date(2000, 4, 21), True),
    (date(2000, 5, 1), True),
    (date(2000, 12, 26), True),
    (date(2001, 12, 31), True),
    (date(2002, 12, 31), False),
    (date(2026, 4, 6), True),
    (date(2026, 5, 14), False),
]


@pytest.mark.parametrize(("day", "closed"), TARGET_DAYS)
def test_target_closes_as_the_central_bank_announced(day: date, closed: bool) -> None:
    assert (calendar_for("EU", "bank").why_closed(day) is not None) is closed


@pytest.mark.parametrize(("calendar", "rule"), RULES, ids=lambda part: getattr(part, "place", None))
def test_every_holiday_has_a_source_and_a_name_in_both_languages(calendar: SourcedCalendar, rule: Any) -> None:
    assert rule.source.citation
    assert rule.name.en
    assert rule.name.fr


@pytest.mark.parametrize("calendar", SOURCED, ids=lambda calendar: f"{calendar.place} {calendar.purpose}")
def test_a_calendar_fulfils_the_protocol_and_refuses_what_it_does_not_cover(
    calendar: SourcedCalendar,
) -> None:
    assert isinstance(calendar, HolidayCalendar)
    for outside in (calendar.first_day - timedelta(days=1), calendar.last_day + timedelta(days=1)):
        with pytest.raises(OutsideCoverage, match=str(outside)):
            _ = calendar.why_closed(outside)
    with pytest.raises(OutsideCoverage):
        _ = calendar.holidays(calendar.first_day.year - 1)


def test_the_institutions_are_covered_only_for_the_years_whose_list_was_read() -> None:
    with pytest.raises(OutsideCoverage, match="2024-01-02"):
        _ = calendar_for("EU").why_closed(date(2024, 1, 2))


# How many working days the published lists say are lost: "TOTAL: 17 days" and so on.
@pytest.mark.parametrize(("year", "total"), [(2002, 17), (2008, 17), (2014, 18), (2023, 18)])
@pytest.mark.parametrize("place", ["EU", "EU-LU"])
def test_the_lists_of_the_institutions_come_to_the_published_totals(place: str, year: int, total: int) -> None:
    kept = calendar_for(place).holidays(year)  # type: ignore[attr-defined] # a SourcedCalendar
    assert sum(1 for holiday in kept if holiday.day.weekday() < SATURDAY) == total


def test_between_two_years_whose_list_was_read_nothing_is_said() -> None:
    for day in (date(2003, 1, 1), date(2013, 12, 31), date(2015, 1, 1), date(2022, 5, 9), date(2024, 1, 1)):
        with pytest.raises(OutsideCoverage, match=r"EU institutions 2002, 2008, 2014, 2023"):
            _ = calendar_for("EU").why_closed(day)
    assert calendar_for("EU").why_closed(date(2014, 7, 21)) == "Belgian National Holiday"
    assert calendar_for("EU-LU").why_closed(date(2008, 7, 21)) is None


def test_a_year_of_the_callers_own_joins_the_lists() -> None:
    own = institutions_list(2030, {date(2030, 5, 9): Wording("x", "x")}, published="OJ")
    joined = institutions(own, *BRUSSELS)
    assert joined.why_closed(date(2030, 5, 9)) == "x"
    assert joined.years == frozenset({2002, 2008, 2014, 2023, 2030})
    with pytest.raises(InvalidRecord, match="each of another year"):
        _ = institutions(*BRUSSELS, LUXEMBOURG[0])
    with pytest.raises(InvalidRecord):
        _ = institutions()


def test_a_law_that_assumes_the_institutions_calendar_assumes_none_in_a_year_without_a_list() -> None:
    for year, assumed in ((2014, "EU institutions"), (2015, "Saturday, Sunday closed, no holidays")):
        end = after(date(year, 4, 30), Tenor(days=9), law=regime("EU1182"))
        assert any(assumed in step.wording.en for step in end.steps), end.steps


def test_a_list_of_the_institutions_takes_days_of_its_own_year_only() -> None:
    with pytest.raises(InvalidRecord, match="days of 2027"):
        _ = institutions_list(2027, {date(2026, 12, 31): Wording("x", "x")}, published="OJ")


def test_saturday_can_be_a_working_day_with_the_same_holidays() -> None:
    open_on_saturday = SOURCED[0].with_closed_weekdays(frozenset({SUNDAY}))
    assert open_on_saturday.why_closed(date(2026, 5, 2)) is None
    assert open_on_saturday.why_closed(date(2026, 5, 3)) == "Sunday"
    assert open_on_saturday.why_closed(date(2026, 5, 1)) == "Labour Day"
    assert "Sunday closed" in open_on_saturday.name


@given(st.sampled_from(SOURCED), st.dates(date(2023, 1, 1), date(2023, 12, 31)))
def test_a_closed_day_is_a_holiday_with_a_source_or_a_closed_weekday(calendar: SourcedCalendar, day: date) -> None:
    holiday = calendar.holiday(day)
    closed = holiday is not None or day.weekday() in calendar.closed_weekdays
    assert (calendar.why_closed(day) is not None) is closed


# Places as the package names them. Where the two differ, the day and the text that proves ours right.
PACKAGE = {"FR-67": ("FR", "6AE"), "FR-68": ("FR", "6AE")}
DIFFERENCES = {
    # The Act received assent on 15 January 2007: the first St Andrew's Day it could apply to is 2007.
    ("GB-SCT", date(2006, 11, 30)): "St Andrew's Day Bank Holiday (Scotland) Act 2007 (asp 2)",
}


@pytest.mark.parametrize(
    "calendar",
    [calendar for calendar in SOURCED if "institutions" not in calendar.name],
    ids=lambda calendar: calendar.name,
)
def test_the_holidays_package_finds_the_same_days(calendar: SourcedCalendar) -> None:
    package = pytest.importorskip("holidays", reason="the extra calendars is not installed")
    country, _, subdivision = calendar.place.partition("-")
    country, subdivision = PACKAGE.get(calendar.place, (country, subdivision))
    years = range(calendar.first_day.year, 2081)
    if calendar.purpose is Purpose.BANK:
        theirs = set(package.financial_holidays("XECB", years=years))
    else:
        found = package.country_holidays(country, subdiv=subdivision or None, years=years)
        theirs = {day for day in found if day.year in years}
    ours = {holiday.day for year in years for holiday in calendar.holidays(year)}
    known = {day for place, day in DIFFERENCES if place == calendar.place}
    assert ours ^ theirs == known


YEARS = st.integers(1, 9999)
WEEKDAYS, MONTHS = st.integers(0, 6), st.integers(1, 12)


def month_days(year: int, month: int) -> list[date]:
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]


@given(YEARS, MONTHS, WEEKDAYS, st.sampled_from([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]))
def test_an_nth_weekday_is_found_by_looking_through_the_month(year: int, month: int, weekday: int, n: int) -> None:
    such = [day for day in month_days(year, month) if day.weekday() == weekday]
    index = n - 1 if n > 0 else n
    assert NthWeekday(n, weekday, month).in_year(year) == (such[index] if -len(such) <= index < len(such) else None)


@given(YEARS, WEEKDAYS, st.dates(date(2000, 1, 9), date(2000, 12, 31)))
def test_a_weekday_before_a_day_is_found_by_walking_back(year: int, weekday: int, on: date) -> None:
    found = WeekdayBefore(weekday, on.month, on.day).in_year(year)
    assert Fixed(on.month, on.day).in_year(year) is None or found is not None
    if found is not None:
        gap = (date(year, on.month, on.day) - found).days
        assert found.weekday() == weekday
        assert 1 <= gap <= 7


def test_a_holiday_of_29_february_is_kept_in_leap_years_alone() -> None:
    assert [Fixed(2, 29).in_year(year) for year in (2024, 2025)] == [date(2024, 2, 29), None]
    calendar = SourcedCalendar(
        name="leap", place="XX", rules=(evolve(RULES[0][1], on=Fixed(2, 29)),), first_day=date(2000, 1, 1)
    )
    assert calendar.why_closed(date(2025, 3, 3)) is None
    assert calendar.why_closed(date(2024, 2, 29)) == RULES[0][1].name.en


@pytest.mark.parametrize(
    "rule",
    [
        lambda: Fixed(13, 1), lambda: Fixed(0, 1), lambda: Fixed(2, 30), lambda: Fixed(4, 31), lambda: Fixed(1, 0),
        lambda: NthWeekday(0, 0, 5), lambda: NthWeekday(6, 0, 5), lambda: NthWeekday(1, 7, 5),
        lambda: NthWeekday(1, 0, 13), lambda: WeekdayBefore(7, 11, 23), lambda: WeekdayBefore(2, 2, 30),
    ],
)  # fmt: skip
def test_a_day_that_no_year_has_is_refused(rule: Callable[[], object]) -> None:
    with pytest.raises(InvalidRecord):
        _ = rule()


@pytest.mark.parametrize("day", [date(9999, 12, 24), date(9999, 12, 31), date(1, 1, 1), date(1, 12, 24)])
def test_a_calendar_of_all_days_answers_for_the_first_and_the_last_year(day: date) -> None:
    rules = tuple(evolve(RULES[0][1], on=Fixed(month, 24)) for month in (1, 12))
    calendar = SourcedCalendar(
        name="all", place="XX", rules=rules, first_day=date.min, last_day=date.max, closed_weekdays=frozenset()
    )
    assert (calendar.why_closed(day) is not None) is (day.day == 24)
