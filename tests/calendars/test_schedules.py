"""Schedules keep both dates of each boundary, and refuse what contradicts itself, naming the dates."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.adjustments import AmountBasis, Convention
from clmcrm.calendars.calendar import EVERY_DAY, MONDAY_TO_FRIDAY, HolidayTable
from clmcrm.calendars.months import nth
from clmcrm.calendars.roll_tables import adjusted_dates
from clmcrm.calendars.rolls import END_OF_MONTH, NO_ROLL, Roll
from clmcrm.calendars.schedules import PeriodicSchedule, resolve, with_first_day
from clmcrm.calendars.stubs import Stub
from clmcrm.errors import ContradictorySchedule, InvalidRecord
from clmcrm.values.tenor import Tenor

MONTHLY = Tenor(months=1)
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


def agreed(first: str, following: str, **terms: object) -> PeriodicSchedule:
    return PeriodicSchedule(
        first_day=date.fromisoformat(first),
        next_first_day=date.fromisoformat(following),
        **{"frequency": MONTHLY, **terms},  # type: ignore[arg-type] # the tests pass what they mean
    )


def unadjusted(schedule: PeriodicSchedule) -> list[str]:
    return [day.isoformat() for day in resolve(schedule, EVERY_DAY).unadjusted]


@given(DAYS, st.sampled_from((1, 2, 3, 6, 12)), st.integers(1, 40))
def test_a_whole_number_of_periods_is_the_anchored_series(anchor: date, months: int, count: int) -> None:
    frequency = Tenor(months=months)
    roll = Roll(day=anchor.day)
    schedule = PeriodicSchedule(
        first_day=anchor, next_first_day=nth(anchor, frequency, count), frequency=frequency, roll=roll
    )
    found = resolve(schedule, EVERY_DAY)
    assert found.unadjusted == tuple(nth(anchor, frequency, k) for k in range(count + 1))
    assert not any(period.is_stub for period in found.periods)


@given(
    DAYS,
    st.sampled_from((1, 3, 12)),
    st.integers(2, 30),
    st.sampled_from((Convention.FOLLOWING, Convention.MODIFIED_FOLLOWING, Convention.PRECEDING)),
)
def test_the_fast_series_is_the_schedules_series(anchor: date, months: int, count: int, convention: Convention) -> None:
    frequency = Tenor(months=months)
    schedule = PeriodicSchedule(
        first_day=anchor,
        next_first_day=nth(anchor, frequency, count),
        frequency=frequency,
        roll=Roll(day=anchor.day),
        convention=convention,
    )
    found = resolve(schedule, MONDAY_TO_FRIDAY).adjusted
    assert found == adjusted_dates(anchor, frequency, convention, MONDAY_TO_FRIDAY, count=count + 1)


@given(DAYS, st.integers(40, 2000), st.sampled_from([s for s in Stub if s not in {Stub.NONE, Stub.BOTH}]))
def test_periods_tile_the_whole_term_with_one_stub_at_most(first: date, length: int, stub: Stub) -> None:
    last = first + timedelta(days=length)
    found = resolve(PeriodicSchedule(first_day=first, next_first_day=last, frequency=MONTHLY, stub=stub), EVERY_DAY)
    assert (found.unadjusted[0], found.unadjusted[-1]) == (first, last)
    assert all(a.unadjusted_next_first_day == b.unadjusted_first_day for a, b in pairwise(found.periods))
    stubs = [n for n, period in enumerate(found.periods) if period.is_stub]
    assert stubs in ([], [0] if stub.is_initial else [len(found.periods) - 1])


@pytest.mark.parametrize(
    ("stub", "expect"),
    [
        (Stub.SHORT_FINAL, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-03"]),
        (Stub.LONG_FINAL, ["2026-01-31", "2026-02-28", "2026-04-03"]),
        # Three days are no period of their own: under seven they join the one before.
        (Stub.SMART_FINAL, ["2026-01-31", "2026-02-28", "2026-04-03"]),
        (Stub.SHORT_INITIAL, ["2026-01-31", "2026-02-03", "2026-03-03", "2026-04-03"]),
        (Stub.LONG_INITIAL, ["2026-01-31", "2026-03-03", "2026-04-03"]),
    ],
)
def test_each_stub_stands_where_it_is_agreed(stub: Stub, expect: list[str]) -> None:
    assert unadjusted(agreed("2026-01-31", "2026-04-03", stub=stub)) == expect


def test_a_smart_stub_of_seven_days_stands_alone() -> None:
    kept = agreed("2026-01-31", "2026-04-07", stub=Stub.SMART_FINAL)
    assert unadjusted(kept)[-2:] == ["2026-03-31", "2026-04-07"]
    merged = agreed("2026-01-31", "2026-04-06", stub=Stub.SMART_FINAL)
    assert unadjusted(merged)[-2:] == ["2026-02-28", "2026-04-06"]


def test_a_first_day_cut_to_its_months_end_does_not_pull_the_others_down() -> None:
    schedule = agreed("2026-02-28", "2026-05-31")
    assert unadjusted(schedule) == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


def test_a_first_day_is_recognised_as_adjusted_only_if_it_is_not_adjusted_again() -> None:
    # 17 May 2026 is a Sunday; the contract begins on Monday the 18th.
    terms = {"roll": Roll(day=17), "stub": Stub.SHORT_INITIAL, "convention": Convention.FOLLOWING}
    given = agreed("2026-05-18", "2026-07-17", first_convention=Convention.NONE, **terms)
    assert not resolve(given, MONDAY_TO_FRIDAY).periods[0].is_stub
    odd = agreed("2026-05-18", "2026-07-17", **terms)
    assert resolve(odd, MONDAY_TO_FRIDAY).periods[0].is_stub


def test_an_odd_period_is_never_made_in_silence() -> None:
    with pytest.raises(ContradictorySchedule, match="2026-03-31 to 2026-04-03 needs a stub"):
        resolve(agreed("2026-01-31", "2026-04-03"), EVERY_DAY)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"stub": Stub.NONE, "first_regular": date(2026, 2, 15)}, "2026-01-31 to 2026-02-15 is a stub"),
        ({"stub": Stub.SHORT_INITIAL, "last_regular": date(2026, 3, 31)}, "2026-03-31 to 2026-04-03"),
        ({"stub": Stub.BOTH, "first_regular": date(2026, 2, 15)}, "no last_regular before 2026-04-03"),
        ({"stub": Stub.BOTH}, "no first_regular after 2026-01-31"),
        ({"roll": Roll(day=17), "stub": Stub.SHORT_FINAL}, "2026-01-31, where the periods"),
        ({"roll": Roll(day=17), "stub": Stub.SHORT_INITIAL}, "2026-04-03, where the periods"),
        ({"frequency": None, "first_regular": date(2026, 2, 15)}, "one period"),
        # Behind an explicit first stub, a rest shorter than a period is a second stub that nobody agreed.
        ({"first_regular": date(2026, 3, 15)}, "2026-03-15 to 2026-04-03 needs a stub convention"),
        (
            {"first_regular": date(2026, 3, 15), "last_regular": date(2026, 3, 25), "stub": Stub.BOTH},
            "2026-03-15 to 2026-03-25 needs a stub convention",
        ),
    ],
)
def test_a_contradiction_names_its_dates(terms: dict[str, object], said: str) -> None:
    with pytest.raises(ContradictorySchedule, match=said):
        resolve(agreed("2026-01-31", "2026-04-03", **terms), EVERY_DAY)


@pytest.mark.parametrize(
    ("first", "following", "terms"),
    [
        ("2026-02-01", "2026-02-01", {}),
        ("2026-02-02", "2026-02-01", {}),
        ("2026-01-01", "2026-12-31", {"first_regular": date(2025, 12, 31)}),
        ("2026-01-01", "2026-12-31", {"last_regular": date(2027, 1, 1)}),
        ("2026-01-01", "2026-12-31", {"first_regular": date(2026, 6, 1), "last_regular": date(2026, 5, 1)}),
        ("2026-01-01", "2026-12-31", {"override_first_day": date(2026, 12, 31)}),
    ],
)
def test_dates_out_of_order_are_refused(first: str, following: str, terms: dict[str, object]) -> None:
    with pytest.raises(ContradictorySchedule):
        agreed(first, following, **terms)


def test_explicit_stubs_at_both_ends() -> None:
    schedule = agreed(
        "2026-01-20",
        "2026-05-10",
        stub=Stub.BOTH,
        first_regular=date(2026, 2, 15),
        last_regular=date(2026, 4, 15),
    )
    found = resolve(schedule, EVERY_DAY)
    assert [period.is_stub for period in found.periods] == [True, False, False, True]


def test_two_explicit_stubs_may_meet_without_a_regular_period_between() -> None:
    day = date(2026, 3, 15)
    assert unadjusted(agreed("2026-01-31", "2026-04-03", stub=Stub.BOTH, first_regular=day, last_regular=day)) == [
        "2026-01-31",
        "2026-03-15",
        "2026-04-03",
    ]


def test_a_term_shorter_than_one_period_is_one_period() -> None:
    assert unadjusted(agreed("2026-03-15", "2026-04-03")) == ["2026-03-15", "2026-04-03"]


def test_a_smart_stub_never_swallows_an_explicit_date() -> None:
    schedule = agreed("2026-01-31", "2026-03-18", stub=Stub.SMART_FINAL, first_regular=date(2026, 3, 15))
    assert unadjusted(schedule) == ["2026-01-31", "2026-03-15", "2026-03-18"]


def test_days_that_fall_together_are_refused_unless_combined() -> None:
    schedule = agreed("2026-05-29", "2026-06-01", frequency=Tenor(days=1), convention=Convention.FOLLOWING)
    with pytest.raises(ContradictorySchedule, match="2026-06-01 comes twice"):
        resolve(schedule, MONDAY_TO_FRIDAY)
    combined = resolve(schedule, MONDAY_TO_FRIDAY, combine=True)
    assert combined.adjusted == (date(2026, 5, 29), date(2026, 6, 1))
    assert combined.unadjusted == (date(2026, 5, 29), date(2026, 6, 1))


def test_a_schedule_that_shrinks_to_one_day_is_refused() -> None:
    schedule = agreed("2026-05-30", "2026-05-31", frequency=None, convention=Convention.FOLLOWING)
    with pytest.raises(ContradictorySchedule, match="no period is left"):
        resolve(schedule, MONDAY_TO_FRIDAY, combine=True)


def test_the_ends_may_be_adjusted_on_their_own() -> None:
    schedule = agreed(
        "2026-01-31",
        "2026-05-31",
        convention=Convention.FOLLOWING,
        first_convention=Convention.NONE,
        last_convention=Convention.PRECEDING,
    )
    found = resolve(schedule, MONDAY_TO_FRIDAY)
    assert found.adjusted[0] == date(2026, 1, 31)
    assert found.adjusted[1] == date(2026, 3, 2)
    assert found.adjusted[-1] == date(2026, 5, 29)


def test_a_date_given_already_adjusted_is_recognised() -> None:
    # 31 May 2026 is a Sunday: the contract says Friday 29 May, the last business day.
    schedule = agreed("2026-05-29", "2026-08-31", roll=END_OF_MONTH, convention=Convention.MODIFIED_FOLLOWING)
    found = resolve(schedule, MONDAY_TO_FRIDAY)
    assert found.unadjusted[0] == date(2026, 5, 31)
    assert found.adjusted[0] == date(2026, 5, 29)


def test_the_override_replaces_the_first_day_alone() -> None:
    schedule = agreed("2026-01-15", "2026-04-15", override_first_day=date(2026, 1, 4))
    assert unadjusted(schedule) == ["2026-01-04", "2026-02-15", "2026-03-15", "2026-04-15"]


def test_the_override_is_the_anchor_where_the_roll_fits_it_alone() -> None:
    schedule = agreed("2026-01-20", "2026-04-15", roll=Roll(day=15), override_first_day=date(2026, 1, 15))
    assert unadjusted(schedule) == ["2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15"]


def test_end_of_month_is_advice_that_needs_month_ends() -> None:
    assert resolve(agreed("2026-04-30", "2026-07-30", roll=END_OF_MONTH), EVERY_DAY).roll == END_OF_MONTH
    assert resolve(agreed("2026-04-29", "2026-07-29", roll=END_OF_MONTH), EVERY_DAY).roll == Roll(day=29)
    # 30 April is a month end only if that is said.
    assert resolve(agreed("2026-04-30", "2026-07-30"), EVERY_DAY).roll == Roll(day=30)


def test_a_new_first_day_moves_no_later_date() -> None:
    schedule = agreed("2026-01-17", "2026-05-03", stub=Stub.SHORT_FINAL)
    moved = with_first_day(schedule, date(2026, 2, 1), EVERY_DAY)
    assert unadjusted(moved) == ["2026-02-01", "2026-02-17", "2026-03-17", "2026-04-17", "2026-05-03"]
    with pytest.raises(ContradictorySchedule):
        with_first_day(schedule, date(2026, 6, 1), EVERY_DAY)


@pytest.mark.parametrize("stub", [Stub.LONG_INITIAL, Stub.SHORT_INITIAL])
def test_an_initial_stub_stays_what_it_is_when_the_first_day_moves(stub: Stub) -> None:
    moved = with_first_day(agreed("2026-01-17", "2026-05-03", stub=stub), date(2026, 2, 1), EVERY_DAY)
    assert moved.stub is stub


@pytest.mark.parametrize("stub", [Stub.SMART_INITIAL, Stub.SMART_FINAL])
def test_a_smart_stub_accepts_explicit_dates_at_both_ends(stub: Stub) -> None:
    schedule = agreed(
        "2026-01-20", "2026-05-10", stub=stub, first_regular=date(2026, 2, 15), last_regular=date(2026, 4, 15)
    )
    assert unadjusted(schedule) == ["2026-01-20", "2026-02-15", "2026-03-15", "2026-04-15", "2026-05-10"]


def test_a_single_final_period_keeps_its_stub_when_the_first_day_moves() -> None:
    schedule = agreed("2026-01-17", "2026-02-03", stub=Stub.SHORT_FINAL)
    moved = with_first_day(schedule, date(2026, 1, 20), EVERY_DAY)
    assert (moved.stub, moved.last_regular) == (Stub.SHORT_FINAL, None)


@given(DAYS, st.integers(1, 200))
def test_steps_of_days_have_no_roll(first: date, count: int) -> None:
    frequency = Tenor(days=10)
    schedule = PeriodicSchedule(first_day=first, next_first_day=first + timedelta(days=10 * count), frequency=frequency)
    found = resolve(schedule, EVERY_DAY)
    assert found.roll == NO_ROLL
    assert len(found.periods) == count


def test_a_frequency_of_months_and_days_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="months or days"):
        agreed("2026-01-01", "2026-12-31", frequency=Tenor(months=1, days=15))


def test_a_mistyped_frequency_does_not_fill_the_memory() -> None:
    with pytest.raises(ContradictorySchedule, match="100000"):
        resolve(agreed("0001-01-01", "9999-12-31", frequency=Tenor(days=1)), EVERY_DAY)


def test_amounts_are_calculated_before_the_shift_unless_agreed() -> None:
    holidays = HolidayTable(name="office", place="FR", holidays={date(2026, 5, 1): "Labour Day"})
    schedule = agreed("2026-05-01", "2026-06-01", convention=Convention.FOLLOWING)
    (period,) = resolve(schedule, holidays).periods
    assert period.span().days == 31
    assert period.span(AmountBasis.SHIFT_THEN_CALCULATE).first_day == date(2026, 5, 4)


@pytest.mark.parametrize("wrong", [
    {"day": 0}, {"day": 32}, {"weekday": 7}, {"day": 23, "weekday": 1}, {"day": 15, "offset": 1},
    {"day": 15, "weekday": 2, "offset": 7}, {"weekday": 2, "offset": 1},
])  # fmt: skip
def test_a_roll_is_a_day_a_weekday_or_a_weekday_of_the_month(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidRecord):
        Roll(**wrong)


@pytest.mark.parametrize("roll", [
    Roll(day=1), Roll(day=30), END_OF_MONTH, Roll(weekday=6), NO_ROLL, Roll(day=15, weekday=2),
    Roll(day=15, weekday=2, offset=-2), Roll(day=22, weekday=0), Roll(day=1, weekday=4, offset=6),
])  # fmt: skip
def test_a_roll_is_read_back_from_its_name(roll: Roll) -> None:
    assert Roll.parse(str(roll)) == roll


@pytest.mark.parametrize("text", ["TBILL", "DAY_", "DAY_0", "DAY_²", "", "WED_FROM_23", "WED_FROM_", "WED_FROM_15+7"])
def test_an_unknown_roll_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord):
        Roll.parse(text)


@given(st.dates(date(1, 2, 1), date(9999, 11, 30)), st.integers(1, 22), st.integers(0, 6))
def test_a_weekday_of_the_month_is_the_first_such_day_from_its_day_on(day: date, first: int, weekday: int) -> None:
    found = Roll(day=first, weekday=weekday).adjusted(day)
    assert (found.year, found.month, found.weekday()) == (day.year, day.month, weekday)
    assert first <= found.day < first + 7


def test_a_lease_paid_on_the_third_wednesday_of_each_quarter_rolls_there() -> None:
    schedule = agreed("2026-01-21", "2026-10-21", frequency=Tenor(months=3), roll=Roll(day=15, weekday=2))
    found = resolve(schedule, EVERY_DAY).adjusted
    assert [day.isoformat() for day in found] == ["2026-01-21", "2026-04-15", "2026-07-15", "2026-10-21"]


OPENING = HolidayTable(name="opening", place="X", holidays={date(2026, 1, 15): "opening day"})
CLOSING = HolidayTable(name="closing", place="X", holidays={date(2026, 4, 15): "closing day"})


def test_the_first_and_the_last_boundary_may_have_calendars_of_their_own() -> None:
    schedule = agreed("2026-01-15", "2026-04-15", convention=Convention.FOLLOWING)
    plain = resolve(schedule, MONDAY_TO_FRIDAY)
    assert [day.isoformat() for day in plain.adjusted] == ["2026-01-15", "2026-02-16", "2026-03-16", "2026-04-15"]
    own = resolve(schedule, MONDAY_TO_FRIDAY, first_calendar=OPENING, last_calendar=CLOSING)
    assert [day.isoformat() for day in own.adjusted] == ["2026-01-16", "2026-02-16", "2026-03-16", "2026-04-16"]
    assert own.unadjusted == plain.unadjusted
    swapped = resolve(schedule, MONDAY_TO_FRIDAY, first_calendar=CLOSING, last_calendar=OPENING)
    assert swapped.adjusted == plain.adjusted


def test_a_last_date_given_as_adjusted_is_recognised_on_its_own_calendar() -> None:
    schedule = agreed("2026-01-15", "2026-04-16", roll=Roll(day=15), convention=Convention.FOLLOWING)
    found = resolve(schedule, MONDAY_TO_FRIDAY, last_calendar=CLOSING)
    assert found.unadjusted[-1] == date(2026, 4, 15)
    assert found.adjusted[-1] == date(2026, 4, 16)
    assert not found.periods[-1].is_stub
    assert resolve(schedule, MONDAY_TO_FRIDAY).unadjusted[-1] == date(2026, 4, 16)


def test_a_new_first_day_keeps_the_last_boundary_on_its_own_calendar() -> None:
    schedule = agreed(
        "2026-01-15", "2026-04-16", roll=Roll(day=15), convention=Convention.FOLLOWING, stub=Stub.SHORT_FINAL
    )
    moved = with_first_day(schedule, date(2026, 1, 5), MONDAY_TO_FRIDAY, last_calendar=CLOSING)
    assert moved.last_regular == date(2026, 3, 15)


@given(DAYS, st.sampled_from((1, 3, 6)), st.integers(1, 12), st.sampled_from(tuple(Convention)))
def test_swapped_calendars_change_nothing_but_the_adjusted_dates(
    anchor: date, months: int, count: int, convention: Convention
) -> None:
    frequency = Tenor(months=months)
    terms = {"frequency": frequency, "convention": convention}
    schedule = PeriodicSchedule(first_day=anchor, next_first_day=nth(anchor, frequency, count), **terms)  # type: ignore[arg-type] # as above
    closed = HolidayTable(
        name="closed", place="X", holidays={nth(anchor, frequency, k): "closed" for k in range(count + 1)}
    )
    one = resolve(schedule, MONDAY_TO_FRIDAY)
    for first, last in ((closed, None), (None, closed), (closed, closed)):
        other = resolve(schedule, closed, first_calendar=first, last_calendar=last)
        assert other.unadjusted == one.unadjusted
        assert [p.is_stub for p in other.periods] == [p.is_stub for p in one.periods]
        assert other.roll == one.roll


@pytest.mark.parametrize("frequency", ["P1D", "P3D", "P1W", "P10D", "P2W", "P1M", "P3M"])
@given(day=DAYS, weekday=st.integers(0, 6))
def test_a_weekday_is_looked_for_on_the_far_side_of_the_step(frequency: str, day: date, weekday: int) -> None:
    """Onwards when counting on, back when counting back: never on the day itself, and no month is left out."""
    step, roll = Tenor.parse(frequency), Roll(weekday=weekday)
    one, other = nth(day, step, 1), nth(day, step, -1)
    later, earlier = ([one + timedelta(k) for k in range(7)], [other - timedelta(k) for k in range(7)])
    assert roll.following(day, step) == next(d for d in later if d.weekday() == weekday)
    assert roll.preceding(day, step) == next(d for d in earlier if d.weekday() == weekday)


def test_a_weekday_schedule_counted_back_leaves_no_month_out() -> None:
    schedule = agreed("2024-12-04", "2025-02-04", stub=Stub.SHORT_INITIAL, roll=Roll(weekday=1))
    assert unadjusted(schedule) == ["2024-12-04", "2024-12-31", "2025-02-04"]
