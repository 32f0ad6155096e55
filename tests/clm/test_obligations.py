"""Obligations: due once, again and again, or after something; adjusted days beside the agreed ones."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.adjustments import Convention, adjust
from clmcrm.calendars.calendar import EVERY_DAY, MONDAY_TO_FRIDAY, HolidayTable
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.calendars.months import nth
from clmcrm.clm.due_days import Anchors, Occurrence, agreed_day, occurrences
from clmcrm.clm.kinds import Party
from clmcrm.clm.obligations import DueAfter, DueEvery, DueOn, Obligation, ObligationKind, Performance, Trigger, done_by
from clmcrm.errors import InvalidRecord, OutsideCoverage
from clmcrm.values.ids import ObligationId
from clmcrm.values.partial import PartialDate, Unknown
from clmcrm.values.tenor import Tenor

ANCHORS = Anchors(executed_on=date(2025, 1, 10), effective_on=date(2025, 2, 1), last_day=date(2026, 1, 31))


def owed(due: DueOn | DueEvery | DueAfter, **changes: object) -> Obligation:
    facts: dict[str, object] = {
        "id": ObligationId("B-1"), "kind": ObligationKind.REPORT, "title": "report",
        "obligor": Party.OWN, "obligee": Party.COUNTERPARTY, "due": due,
    }  # fmt: skip
    return Obligation(**(facts | changes))  # type: ignore[arg-type] # the facts are checked by the record


def found(answer: tuple[Occurrence, ...] | Unknown) -> tuple[Occurrence, ...]:
    assert not isinstance(answer, Unknown), answer
    return answer


YEAR = (date(2025, 1, 1), date(2025, 12, 31))


def test_a_monthly_duty_from_the_31st_keeps_its_day() -> None:
    duty = owed(DueEvery(first_on=date(2025, 1, 31), every=Tenor(months=1)))
    days = [o.due_on.isoformat() for o in found(occurrences(duty, *YEAR, anchors=ANCHORS))]
    assert days[:4] == ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]
    assert len(days) == 12


def test_a_series_ends_with_the_contract_unless_it_survives() -> None:
    due = DueEvery(first_on=date(2025, 12, 15), every=Tenor(months=1))
    window = (date(2025, 12, 1), date(2026, 4, 30))
    assert len(found(occurrences(owed(due), *window, anchors=ANCHORS))) == 2
    assert len(found(occurrences(owed(due, survives=True), *window, anchors=ANCHORS))) == 5


@pytest.mark.parametrize(
    ("trigger", "day"),
    [(Trigger.EXECUTION, "2025-02-10"), (Trigger.EFFECTIVE_DATE, "2025-03-01"), (Trigger.END, "2026-02-28")],
)
def test_a_relative_duty_is_counted_from_its_trigger(trigger: Trigger, day: str) -> None:
    duty = owed(DueAfter(trigger=trigger, within=Tenor(months=1)))
    answer = found(occurrences(duty, date(2025, 1, 1), date(2027, 1, 1), anchors=ANCHORS))
    assert [o.due_on.isoformat() for o in answer] == [day]


def test_a_duty_after_another_one_and_its_circles() -> None:
    first = owed(DueOn(day=date(2025, 3, 1)), id=ObligationId("B-0"))
    second = owed(DueAfter(trigger=Trigger.OBLIGATION, obligation=ObligationId("B-0"), within=Tenor(days=10)))
    anchors = Anchors(
        executed_on=ANCHORS.executed_on, effective_on=ANCHORS.effective_on, last_day=None, others=(first, second)
    )
    assert [o.due_on for o in found(occurrences(second, *YEAR, anchors=anchors))] == [date(2025, 3, 11)]
    itself = owed(DueAfter(trigger=Trigger.OBLIGATION, obligation=ObligationId("B-1"), within=Tenor(days=1)))
    circle = Anchors(
        executed_on=ANCHORS.executed_on, effective_on=ANCHORS.effective_on, last_day=None, others=(itself,)
    )
    answer = occurrences(itself, *YEAR, anchors=circle)
    assert isinstance(answer, Unknown)
    assert "counted from it in turn" in answer.reason


def test_an_unknown_day_is_unknown_for_a_reason() -> None:
    answer = occurrences(owed(DueOn(day=PartialDate(year=2025))), *YEAR, anchors=ANCHORS)
    assert isinstance(answer, Unknown)
    assert "2025" in answer.reason


def test_an_adjusted_day_keeps_the_agreed_one_beside_it() -> None:
    duty = owed(DueOn(day=date(2025, 8, 31)), convention=Convention.MODIFIED_FOLLOWING, grace=Tenor(days=5))
    one = found(occurrences(duty, *YEAR, anchors=ANCHORS, calendar=MONDAY_TO_FRIDAY))[0]
    assert (one.agreed_on, one.due_on, one.late_after) == (date(2025, 8, 31), date(2025, 8, 29), date(2025, 9, 3))
    assert "Sunday" in one.steps[-1].what


@pytest.mark.parametrize("convention", [each for each in Convention if each is not Convention.NONE])
def test_an_adjusted_day_is_said_in_french_without_an_english_word(convention: Convention) -> None:
    duty = owed(DueOn(day=date(2025, 8, 31)), convention=convention)
    said = (
        found(occurrences(duty, *YEAR, anchors=ANCHORS, calendar=BUILT_IN.calendar_for("FR")))[0].steps[-1].said("fr")
    )
    assert "ne compte pas (dimanche, " in said
    assert " : jour ouvré " in said
    assert convention.value not in said


def test_an_adjustment_without_a_calendar_is_refused() -> None:
    duty = owed(DueOn(day=date(2025, 8, 31)), convention=Convention.FOLLOWING)
    with pytest.raises(InvalidRecord, match="a calendar to adjust on"):
        _ = occurrences(duty, *YEAR, anchors=ANCHORS)


def test_partial_performances_add_up_and_never_beyond_the_whole() -> None:
    due = date(2025, 3, 1)
    parts = tuple(Performance(on=date(2025, 3, d), for_due=due, share=Decimal("0.6")) for d in (1, 9))
    duty = owed(DueOn(day=due), performances=parts)
    assert [done_by(duty, due, date(2025, 3, d)) for d in (1, 8, 9)] == [Decimal("0.6"), Decimal("0.6"), Decimal(1)]


@given(
    first=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    months=st.integers(0, 14),
    days=st.integers(0, 40),
    window=st.dates(date(2000, 1, 1), date(2035, 1, 1)),
)
def test_a_window_sees_exactly_what_the_whole_series_has_in_it(
    first: date, months: int, days: int, window: date
) -> None:
    every = Tenor(months=months, days=days if months else days + 1)
    duty = owed(DueEvery(first_on=first, every=every), survives=True)
    last = date(2036, 1, 1)
    whole = found(occurrences(duty, date(1999, 1, 1), last, anchors=ANCHORS, calendar=EVERY_DAY))
    part = found(occurrences(duty, window, last, anchors=ANCHORS, calendar=EVERY_DAY))
    assert [o.due_on for o in part] == [o.due_on for o in whole if o.due_on >= window]


@given(
    first=st.dates(date(2024, 1, 1), date(2026, 1, 1)),
    months=st.integers(0, 3),
    begin=st.dates(date(2024, 1, 1), date(2026, 6, 1)),
    length=st.integers(0, 60),
    convention=st.sampled_from(Convention),
)
def test_a_window_sees_every_day_that_an_adjustment_moves_into_it(
    first: date, months: int, begin: date, length: int, convention: Convention
) -> None:
    """From either side: a Sunday the 31st is due on Friday the 29th, in a window that ends on that Friday."""
    every = Tenor(months=months) if months else Tenor(days=5)
    duty = owed(DueEvery(first_on=first, every=every), survives=True, convention=convention)
    end = begin + timedelta(days=length)
    whole = found(occurrences(duty, date(2023, 1, 1), date(2027, 1, 1), anchors=ANCHORS, calendar=MONDAY_TO_FRIDAY))
    part = found(occurrences(duty, begin, end, anchors=ANCHORS, calendar=MONDAY_TO_FRIDAY))
    assert list(part) == [one for one in whole if begin <= one.due_on <= end]


def test_the_last_day_of_a_window_holds_what_is_moved_back_to_it() -> None:
    duty = owed(DueEvery(first_on=date(2025, 8, 31), every=Tenor(months=1)), convention=Convention.MODIFIED_FOLLOWING)
    window = (date(2025, 8, 1), date(2025, 8, 29))
    one = found(occurrences(duty, *window, anchors=ANCHORS, calendar=MONDAY_TO_FRIDAY))
    assert [(o.agreed_on, o.due_on) for o in one] == [(date(2025, 8, 31), date(2025, 8, 29))]


def test_a_window_to_the_end_of_the_calendar_is_a_window() -> None:
    duty = owed(DueEvery(first_on=date(2025, 8, 29), every=Tenor(years=1), times=1), convention=Convention.FOLLOWING)
    assert len(found(occurrences(duty, date.min, date.max, anchors=ANCHORS, calendar=MONDAY_TO_FRIDAY))) == 1


def test_a_day_beyond_the_calendar_is_unknown_as_it_is_in_an_expression() -> None:
    """9999 years is how some write a length without an end."""
    endless = owed(DueAfter(trigger=Trigger.EFFECTIVE_DATE, within=Tenor(years=9999)))
    after = owed(DueAfter(trigger=Trigger.OBLIGATION, within=Tenor(years=9999), obligation=ObligationId("first")))
    first = evolve(owed(DueOn(day=date(2025, 1, 31))), id=ObligationId("first"))
    anchors = evolve(ANCHORS, others=(first,))
    for duty in (endless, after):
        answer = occurrences(duty, date.min, date.max, anchors=anchors)
        assert isinstance(answer, Unknown)
        assert "9999 years after 202" in answer.reason
        assert answer == agreed_day(duty, anchors)


@pytest.mark.parametrize(
    ("every", "first_on", "days"),
    [
        (Tenor(years=1), date(9997, 2, 28), ["9997-02-28", "9998-02-28", "9999-02-28"]),
        (Tenor(months=5), date(9999, 1, 31), ["9999-01-31", "9999-06-30", "9999-11-30"]),
        (Tenor(days=20), date(9999, 12, 1), ["9999-12-01", "9999-12-21"]),
        (Tenor(years=9000), date(2025, 1, 31), ["2025-01-31"]),
    ],
)
def test_a_series_without_an_end_ends_with_the_calendar(every: Tenor, first_on: date, days: list[str]) -> None:
    duty = owed(DueEvery(first_on=first_on, every=every), survives=True)
    assert [str(o.due_on) for o in found(occurrences(duty, date.min, date.max, anchors=ENDLESS))] == days


# A calendar is asked only about the days that the answer hangs on.

THIS_YEAR = HolidayTable(name="2026", place="FR", first_day=date(2026, 1, 1), last_day=date(2026, 12, 31))
SINCE_2020 = DueEvery(first_on=date(2020, 1, 31), every=Tenor(months=1))
ENDLESS = Anchors(executed_on=date(2020, 1, 1), effective_on=date(2020, 1, 1), last_day=None)


@pytest.mark.parametrize(
    ("convention", "window", "months"),
    [
        (Convention.FOLLOWING, (date(2026, 4, 1), date(2026, 6, 30)), [4, 6, 6]),  # 31 May moves to 1 June
        (Convention.FOLLOWING, (date(2026, 1, 5), date(2026, 3, 31)), [2, 3, 3]),  # 31 January and 28 February move
        (Convention.FOLLOWING, (date(2026, 10, 1), date(2026, 12, 31)), [11, 11, 12]),  # 31 October moves
        (Convention.PRECEDING, (date(2026, 1, 1), date(2026, 2, 28)), [1, 2]),
        (Convention.MODIFIED_FOLLOWING, (date(2026, 1, 1), date(2026, 12, 31)), list(range(1, 13))),
        (Convention.MODIFIED_PRECEDING, (date(2026, 1, 1), date(2026, 12, 31)), list(range(1, 13))),
    ],
)
def test_a_window_that_the_calendar_covers_is_answered(
    convention: Convention, window: tuple[date, date], months: list[int]
) -> None:
    duty = owed(SINCE_2020, convention=convention)
    days = found(occurrences(duty, *window, anchors=ENDLESS, calendar=THIS_YEAR))
    assert [o.due_on.month for o in days] == months
    always = found(occurrences(duty, *window, anchors=ENDLESS, calendar=MONDAY_TO_FRIDAY))
    assert [o.due_on for o in days] == [o.due_on for o in always]


def test_a_single_day_far_from_the_window_asks_no_calendar() -> None:
    duty = owed(DueOn(day=date(2030, 1, 5)), convention=Convention.FOLLOWING)
    assert occurrences(duty, date(2026, 4, 1), date(2026, 6, 30), anchors=ENDLESS, calendar=THIS_YEAR) == ()


def test_a_day_that_the_calendar_does_not_reach_and_the_answer_hangs_on_is_told() -> None:
    """31 December 2025 may move to 2 January 2026, if it is a holiday: the calendar does not say."""
    duty = owed(SINCE_2020, convention=Convention.FOLLOWING)
    with pytest.raises(OutsideCoverage, match="2025-12-31"):
        _ = occurrences(duty, date(2026, 1, 1), date(2026, 3, 31), anchors=ENDLESS, calendar=THIS_YEAR)


def test_a_daily_duty_after_a_long_closure_is_due_for_every_day_of_it() -> None:
    august = {date(2026, 8, day): "summer closure" for day in range(1, 24)}
    closed = HolidayTable(name="works", place="FR", holidays=august)
    duty = owed(DueEvery(first_on=date(2026, 7, 1), every=Tenor(days=1)), convention=Convention.FOLLOWING)
    monday = date(2026, 8, 24)
    assert len(found(occurrences(duty, monday, monday, anchors=ENDLESS, calendar=closed))) == 24


@given(
    convention=st.sampled_from(Convention),
    every=st.sampled_from([Tenor(days=1), Tenor(days=9), Tenor(weeks=2), Tenor(months=1), Tenor(months=2, days=3)]),
    first_on=st.dates(date(2025, 6, 1), date(2026, 3, 1)),
    window=st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 90)),
    holidays=st.frozensets(st.dates(date(2025, 10, 1), date(2027, 3, 1)), max_size=60),
    week=st.sampled_from([frozenset({5, 6}), frozenset({4, 5}), frozenset({1, 3, 5, 6})]),
    covered=st.lists(st.dates(date(2025, 6, 1), date(2027, 6, 1)), min_size=2, max_size=2).map(sorted),
)
def test_a_shorter_calendar_gives_the_same_days_or_none(
    *,
    convention: Convention,
    every: Tenor,
    first_on: date,
    window: tuple[date, int],
    holidays: frozenset[date],
    week: frozenset[int],
    covered: list[date],
) -> None:
    first_day, last_day = window[0], window[0] + timedelta(window[1])
    whole = HolidayTable(name="x", place="x", holidays=dict.fromkeys(holidays, "holiday"), closed_weekdays=week)
    part = evolve(whole, first_day=covered[0], last_day=covered[1])
    duty = owed(DueEvery(first_on=first_on, every=every), convention=convention)
    days = (nth(first_on, every, k) for k in range(1200))
    moved = [adjust(day, convention, whole) for day in days if day < date(2027, 12, 1)]
    expected = [day for day in moved if first_day <= day <= last_day]
    full = found(occurrences(duty, first_day, last_day, anchors=ENDLESS, calendar=whole))
    assert [o.due_on for o in full] == expected
    try:
        partly = found(occurrences(duty, first_day, last_day, anchors=ENDLESS, calendar=part))
    except OutsideCoverage:
        month = timedelta(days=31)
        assert not part.first_day <= first_day - month < last_day + month <= part.last_day
    else:
        assert [o.due_on for o in partly] == expected
