"""RRULEs are read strictly and expanded as dateutil does; a contract's series never loses a month."""

from __future__ import annotations

from datetime import date, datetime
from itertools import islice

import pytest
from attrs import evolve
from dateutil.rrule import rrulestr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clmcrm.calendars.months import nth
from clmcrm.calendars.occurrences import gives_no_day, occurrences
from clmcrm.calendars.recurrence import (
    Frequency,
    Recurrence,
    WeekdayRule,
    recurrence_of,
    skips_months,
    tenor_of,
)
from clmcrm.calendars.rrule_reading import parse_rrule
from clmcrm.errors import ClmcrmError, DateRuleError, InvalidRecord
from clmcrm.values.problems import Severity
from clmcrm.values.tenor import Tenor

DAYS = st.dates(date(1999, 1, 1), date(2032, 12, 31))
JANUARY_31 = date(2026, 1, 31)
PLAIN_TENORS = (
    st.builds(Tenor, months=st.integers(1, 30))
    | st.builds(Tenor, years=st.integers(1, 5))
    | st.builds(Tenor, days=st.integers(1, 60))
    | st.builds(Tenor, weeks=st.integers(1, 10))
)


def numbers(low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    signed = st.integers(low, high) | st.integers(-high, -low)
    return st.lists(signed, max_size=3, unique=True).map(tuple)


@st.composite
def rules(draw: st.DrawFn) -> Recurrence:
    frequency = draw(st.sampled_from(Frequency))
    numbered = frequency in {Frequency.MONTHLY, Frequency.YEARLY}
    counted = numbered and draw(st.booleans())
    nths = st.integers(-5, 5).filter(bool) if counted else st.just(0)
    weekdays = st.lists(st.builds(WeekdayRule, st.integers(0, 6), nths), max_size=3, unique=True)
    return Recurrence(
        first_day=draw(DAYS),
        frequency=frequency,
        interval=draw(st.integers(1, 4)),
        months=draw(st.lists(st.integers(1, 12), max_size=3, unique=True).map(tuple)),
        month_days=draw(numbers(1, 31)),
        # The RFC knows days of the year in years, months and weeks; dateutil counts them everywhere.
        year_days=draw(st.just(()) | numbers(1, 366)),
        weekdays=tuple(draw(weekdays)),
        # The first week of a rule may be cut, on which libraries differ.
        positions=draw(numbers(1, 4)) if frequency is not Frequency.WEEKLY else (),
        week_start=draw(st.integers(0, 6)),
    )


@given(rules())
@settings(deadline=None)
@example(Recurrence(first_day=JANUARY_31, frequency=Frequency.MONTHLY))
@example(Recurrence(first_day=date(2024, 2, 29), frequency=Frequency.YEARLY))
def test_the_days_are_dateutils_days(rule: Recurrence) -> None:
    last_day = date(rule.first_day.year + 6, 12, 31)
    text = str(evolve(rule, last_day=last_day))
    start = datetime(rule.first_day.year, rule.first_day.month, rule.first_day.day)  # noqa: DTZ001 - as dateutil
    if gives_no_day(rule):
        return  # dateutil searches such a rule to the year 9999
    expect = [instant.date() for instant in rrulestr(text, dtstart=start)]
    assert list(occurrences(rule, last_day)) == expect


@given(DAYS, st.sampled_from(Frequency), st.integers(0, 6), numbers(1, 51))
@settings(deadline=None)
def test_week_numbers_are_dateutils(
    first_day: date, frequency: Frequency, week_start: int, weeks: tuple[int, ...]
) -> None:
    if not weeks:
        return
    rule = Recurrence(
        first_day=first_day,
        frequency=frequency,
        week_numbers=weeks,
        week_start=week_start,
        last_day=date(first_day.year + 4, 12, 31),
    )
    start = datetime(first_day.year, first_day.month, first_day.day)  # noqa: DTZ001 - as dateutil
    assert list(occurrences(rule)) == [instant.date() for instant in rrulestr(str(rule), dtstart=start)]


@given(rules())
def test_a_rule_is_read_back_from_its_text(rule: Recurrence) -> None:
    assert parse_rrule(str(rule), rule.first_day)[0] == rule


@given(DAYS, PLAIN_TENORS, st.integers(1, 40))
@settings(deadline=None)
@example(JANUARY_31, Tenor(months=1), 30)
@example(date(2024, 2, 29), Tenor(years=1), 10)
@example(date(2026, 1, 30), Tenor(months=12), 10)
def test_an_exported_series_is_the_anchored_series(anchor: date, tenor: Tenor, count: int) -> None:
    rule = recurrence_of(anchor, tenor, count=count)
    expect = [nth(anchor, tenor, k) for k in range(count)]
    assert list(occurrences(rule)) == expect
    start = datetime(anchor.year, anchor.month, anchor.day)  # noqa: DTZ001 - as dateutil
    assert [instant.date() for instant in rrulestr(str(rule), dtstart=start)] == expect
    step = tenor_of(rule)
    assert step is not None
    assert [nth(anchor, step, k) for k in range(count)] == expect


@pytest.mark.parametrize(
    ("first_day", "text", "expect"),
    [
        (date(2026, 1, 15), "FREQ=MONTHLY;INTERVAL=3", Tenor(months=3)),
        (date(2026, 1, 15), "FREQ=MONTHLY;BYMONTHDAY=15", Tenor(months=1)),
        (date(2026, 1, 15), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", Tenor(weeks=2)),
        (date(2026, 1, 15), "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=15", Tenor(years=1)),
        (JANUARY_31, "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", Tenor(months=12)),
        (JANUARY_31, "FREQ=MONTHLY", None),
        (date(2026, 1, 15), "FREQ=MONTHLY;BYDAY=3TH", None),
        (date(2026, 1, 15), "FREQ=MONTHLY;BYMONTHDAY=1,15", None),
    ],
)
def test_a_rule_is_a_contract_series_or_not(first_day: date, text: str, expect: Tenor | None) -> None:
    assert tenor_of(parse_rrule(text, first_day)[0]) == expect


def test_months_and_days_together_cannot_be_exported() -> None:
    with pytest.raises(DateRuleError, match="mixes"):
        recurrence_of(JANUARY_31, Tenor(months=1, days=1))


@pytest.mark.parametrize(
    ("first_day", "text"),
    [
        (JANUARY_31, "FREQ=MONTHLY"),
        (date(2026, 1, 29), "FREQ=MONTHLY"),
        (date(2026, 1, 1), "FREQ=MONTHLY;BYMONTHDAY=1,30"),
        (date(2026, 1, 1), "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31"),
        (date(2024, 2, 29), "FREQ=YEARLY"),
    ],
)
def test_a_rule_that_skips_months_is_read_with_a_warning(first_day: date, text: str) -> None:
    rule, problems = parse_rrule(text, first_day)
    assert skips_months(rule)
    assert problems[0].what == "skips the months without that day"
    assert problems[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("first_day", "text"),
    [
        (date(2026, 1, 28), "FREQ=MONTHLY"),
        (JANUARY_31, "FREQ=YEARLY"),
        (JANUARY_31, "FREQ=MONTHLY;BYMONTH=1,3,5,7"),
        (JANUARY_31, "FREQ=MONTHLY;BYMONTHDAY=-1"),
        (JANUARY_31, "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"),
        (JANUARY_31, "FREQ=DAILY"),
    ],
)
def test_a_rule_that_skips_nothing_is_read_without_a_word(first_day: date, text: str) -> None:
    assert parse_rrule(text, first_day)[1] == ()


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=MONTHLY;BYSETPOS=-32",
        "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=WEEKLY;BYWEEKNO=53;BYMONTH=6",
        "FREQ=DAILY;UNTIL=20251231",
    ],
)
def test_a_rule_without_any_day_ends_and_says_so(text: str) -> None:
    rule, problems = parse_rrule(text, date(2026, 1, 1))
    assert list(occurrences(rule)) == []
    assert (problems[-1].what, problems[-1].severity) == ("names no day at all", Severity.ERROR)


def test_what_is_ignored_or_surprising_is_said() -> None:
    text = "RRULE:FREQ=WEEKLY;X-NOTE=1;BYDAY=1MO;UNTIL=20261231T225959Z"
    rule, problems = parse_rrule(text, date(2026, 1, 1))
    assert [problem.field for problem in problems] == ["part", "UNTIL", "BYDAY", "DTSTART"]
    assert rule.last_day == date(2026, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MONTHLY",
        "FREQ=",
        "FREQ=HOURLY",
        "FREQ=MONTHLY;INTERVAL=0",
        "FREQ=MONTHLY;INTERVAL=-1",
        "FREQ=MONTHLY;INTERVAL=x",
        "FREQ=MONTHLY;INTERVAL=" + "9" * 5000,
        "FREQ=MONTHLY;COUNT=0",
        "FREQ=MONTHLY;COUNT=1;UNTIL=20261231",
        "FREQ=MONTHLY;UNTIL=20260230",
        "FREQ=MONTHLY;UNTIL=2026-12-31",
        "FREQ=MONTHLY;UNTIL=00001231",
        "FREQ=MONTHLY;FREQ=DAILY",
        "FREQ=MONTHLY;BYHOUR=9",
        "FREQ=MONTHLY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTH=-1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=1,,2",
        "FREQ=MONTHLY;BYSETPOS=0",
        "FREQ=MONTHLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=MONTHLY;WKST=XX",
        "FREQ=MONTHLY;RSCALE=GREGORIAN;SKIP=BACKWARD",
        "FREQ=MONTHLY;COUNT=\u0663",
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord):
        parse_rrule(text, date(2026, 1, 1))


@settings(deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="FREQ=MONTHLYBDAUIV;,+-0123456789", max_size=60))
def test_any_text_is_a_rule_or_a_typed_error(text: str) -> None:
    try:
        rule, _ = parse_rrule(text, date(2026, 1, 1))
    except ClmcrmError:
        return
    assert isinstance(rule, Recurrence)


def test_a_rule_without_end_goes_to_the_end_of_the_calendar() -> None:
    rule = Recurrence(first_day=date(9998, 12, 1), frequency=Frequency.MONTHLY)
    assert list(occurrences(rule))[-1] == date(9999, 12, 1)
    assert list(occurrences(Recurrence(first_day=date.max, frequency=Frequency.WEEKLY))) == [date.max]
    weeks = Recurrence(first_day=date.max, frequency=Frequency.YEARLY, week_numbers=(52,))
    assert list(occurrences(weeks)) == [date.max]
    early = Recurrence(first_day=date.min, frequency=Frequency.WEEKLY, week_start=6)
    assert list(islice(occurrences(early), 2)) == [date(1, 1, 1), date(1, 1, 8)]
