"""Days as contracts describe them: each combinator, its steps, and what happens when a fact is missing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY, HolidayTable
from clmcrm.calendars.months import CalendarUnit, forward
from clmcrm.clm.day_expressions import (
    After,
    Anniversary,
    Before,
    DayExpression,
    EarlierOf,
    EndOf,
    EndOfContractYear,
    Facts,
    LastDayOfMonth,
    LaterOf,
    NoLaterThan,
    NthWorkingDay,
    OnDay,
    OnFact,
)
from clmcrm.clm.days_found import DayFound, day_of
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import PartialDate, Unknown
from clmcrm.values.tenor import Tenor

FACTS = Facts(
    {"effective_on": date(2024, 2, 29), "executed_on": date(2024, 1, 31), "half": PartialDate(year=2025, month=3)}
)
SIGNED, BEGUN, LOST = OnFact(name="executed_on"), OnFact(name="effective_on"), OnFact(name="event:acceptance")
MONTH = Tenor(months=1)


def on(iso: str) -> OnDay:
    return OnDay(day=date.fromisoformat(iso))


# (expression, day, why)
CASES: list[tuple[DayExpression, str, str]] = [
    (on("2026-05-07"), "2026-05-07", "itself"),
    (After(start=SIGNED, length=MONTH), "2024-02-29", "clipped to the month's end"),
    (After(start=SIGNED, length=MONTH, first_day_counted=True), "2024-02-29", "BGB 188(3): the month lacks the 31st"),
    (After(start=on("2026-05-04"), length=Tenor(days=10), regime="FR_CPC"), "2026-05-15", "CPC 642(2): Ascension"),
    (Before(end=on("2018-09-30"), length=Tenor(months=6)), "2018-03-31", "Cass. 3e civ. 8.3.2018, 17-11.312"),
    (Before(end=on("2018-09-30"), length=Tenor(months=6), regime="FR_CPC"), "2018-03-31", "the same by name"),
    (EarlierOf(of=(on("2026-03-01"), on("2026-02-01"))), "2026-02-01", "the earlier"),
    (LaterOf(of=(on("2026-03-01"), on("2026-02-01"))), "2026-03-01", "the later"),
    (NoLaterThan(day=After(start=SIGNED, length=Tenor(years=9)), limit=on("2030-12-31")), "2030-12-31", "the limit"),
    (NoLaterThan(day=SIGNED, limit=on("2030-12-31")), "2024-01-31", "below the limit"),
    (EndOf(unit=CalendarUnit.QUARTER, of=on("2026-05-07")), "2026-06-30", "the quarter"),
    (EndOf(unit=CalendarUnit.HALF_YEAR, of=on("2026-07-01")), "2026-12-31", "the half-year"),
    (EndOfContractYear(year=1), "2025-02-28", "BGB 188(3) from 29 February"),
    (EndOfContractYear(year=4), "2028-02-28", "BGB 188(2) from 29 February"),
    (Anniversary(number=1, of=BEGUN), "2025-02-28", "a common year has no 29th"),
    (Anniversary(number=4, of=BEGUN), "2028-02-29", "and a leap year has it again: no drift"),
    (LastDayOfMonth(of=on("2026-02-03")), "2026-02-28", "the month's end"),
    (
        NthWorkingDay(number=3, of=on("2002-06-20"), regime="DE_BGB"),
        "2002-06-04",
        "BGH VIII ZR 206/04: Saturday counts",
    ),
]


@pytest.mark.parametrize(("expression", "day", "why"), CASES)
def test_an_expression_comes_to_its_day_and_says_how(expression: DayExpression, day: str, why: str) -> None:
    found = day_of(expression, FACTS)
    assert isinstance(found, DayFound), found
    assert found.day == date.fromisoformat(day), why
    assert all(step.said("fr") != step.said("en") for step in found.steps)


def test_working_days_are_counted_on_the_calendar_given_from_either_end() -> None:
    office = HolidayTable(name="office", place="FR", holidays={date(2026, 5, 1): "Labour Day"})
    first = day_of(NthWorkingDay(number=1, of=on("2026-05-20")), FACTS, office)
    last = day_of(NthWorkingDay(number=1, of=on("2026-05-20"), from_end=True), FACTS, office)
    assert isinstance(first, DayFound)
    assert isinstance(last, DayFound)
    assert (first.day, last.day) == (date(2026, 5, 4), date(2026, 5, 29))


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (LOST, "'event:acceptance' is not recorded"),
        (After(start=LOST, length=MONTH), "'event:acceptance' is not recorded"),
        (OnFact(name="half"), "only 2025-03-.. is known"),
        (EarlierOf(of=(on("2027-12-31"), LOST)), "2027-12-31 or earlier; 'event:acceptance'"),
        (LaterOf(of=(on("2027-12-31"), LOST)), "2027-12-31 or later; 'event:acceptance'"),
        (NoLaterThan(day=LOST, limit=on("2027-12-31")), "2027-12-31 or earlier; 'event:acceptance'"),
        (NthWorkingDay(number=1, of=on("2026-05-20")), "needs a calendar"),
        (After(start=SIGNED, length=MONTH, regime="XX"), "no regime 'XX'; known regimes"),
        (After(start=SIGNED, length=Tenor(years=9000)), "expected a year from 1 to 9999"),
    ],
)
def test_what_an_expression_lacks_is_named_and_nothing_is_guessed(expression: DayExpression, reason: str) -> None:
    answer = day_of(expression, FACTS)
    assert isinstance(answer, Unknown)
    assert reason in answer.reason


def test_a_month_with_too_few_working_days_is_unknown_with_that_reason() -> None:
    answer = day_of(NthWorkingDay(number=30, of=on("2026-02-01")), FACTS, MONDAY_TO_FRIDAY)
    assert isinstance(answer, Unknown)
    assert "fewer than 30 working days" in answer.reason


def test_of_one_day_alone_there_is_nothing_to_choose() -> None:
    with pytest.raises(InvalidRecord, match="two days or more"):
        _ = EarlierOf(of=(SIGNED,))


@frozen(kw_only=True)
class Holder:
    rule: DayExpression | None = field(default=None)


@pytest.mark.parametrize("expression", [case[0] for case in CASES])
def test_an_expression_is_written_and_read_back_equal(expression: DayExpression) -> None:
    holder = Holder(rule=expression)
    assert from_fields(Holder, to_fields(holder)) == holder


DAYS = st.dates(date(1995, 1, 1), date(2060, 12, 31))
LENGTHS = st.builds(Tenor, months=st.integers(0, 40), days=st.integers(1, 60))


@given(day=DAYS, length=LENGTHS)
def test_before_is_the_inverse_of_after(day: date, length: Tenor) -> None:
    found = day_of(Before(end=OnDay(day=day), length=length), FACTS)
    assert isinstance(found, DayFound)
    assert forward(found.day, length) <= day
    assert all(forward(found.day + timedelta(days=k), length) > day for k in range(1, 35))


@given(days=st.lists(DAYS, min_size=2, max_size=5))
def test_choosing_does_not_depend_on_the_order(days: list[date]) -> None:
    parts = tuple(OnDay(day=day) for day in days)
    for made, chosen in ((EarlierOf(of=parts), min(days)), (LaterOf(of=tuple(reversed(parts))), max(days))):
        found = day_of(made, FACTS)
        assert isinstance(found, DayFound)
        assert found.day == chosen


@pytest.mark.parametrize("unit", list(CalendarUnit))
def test_the_end_of_a_unit_is_said_in_french_without_an_english_word(unit: CalendarUnit) -> None:
    found = day_of(EndOf(unit=unit, of=on("2026-05-07")), FACTS)
    assert isinstance(found, DayFound)
    said = found.steps[-1].wording.fr
    assert said.startswith("fin d")
    assert unit.value not in said
