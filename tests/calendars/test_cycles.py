"""Cycles step from their anchor, and the letter of the stub decides about the last regular date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.adjustments import AmountBasis, Convention
from clmcrm.calendars.calendar import EVERY_DAY, MONDAY_TO_FRIDAY
from clmcrm.calendars.cycles import Cycle, CycleSeries, cycle_days, parse_convention
from clmcrm.calendars.months import nth
from clmcrm.errors import ContradictorySchedule, InvalidRecord
from clmcrm.values.span import Span

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
FAR = date(2100, 1, 1)


def iso(days: tuple[date, ...]) -> list[str]:
    return [day.isoformat() for day in days]


@given(DAYS, st.sampled_from(("P1ML0", "P1ML1", "P3ML0", "P15DL1", "P2WL0")), st.integers(0, 40))
def test_an_end_on_the_cycle_leaves_no_stub(anchor: date, text: str, count: int) -> None:
    cycle = Cycle.parse(text)
    end = nth(anchor, cycle.tenor, count)
    series = CycleSeries(anchor=anchor, cycle=cycle, end=end, with_end=True)
    assert series.unadjusted(FAR) == tuple(nth(anchor, cycle.tenor, k) for k in range(count + 1))


@pytest.mark.parametrize(
    ("text", "with_end", "expect"),
    [
        ("P1ML1", True, ["2026-01-15", "2026-02-15", "2026-03-15", "2026-04-01"]),
        ("P1ML0", True, ["2026-01-15", "2026-02-15", "2026-04-01"]),
        ("P1ML1", False, ["2026-01-15", "2026-02-15", "2026-03-15"]),
        ("P1ML0", False, ["2026-01-15", "2026-02-15"]),
        ("P6ML0", True, ["2026-01-15", "2026-04-01"]),
    ],
)
def test_a_long_stub_drops_the_last_regular_date(text: str, with_end: bool, expect: list[str]) -> None:
    series = CycleSeries(anchor=date(2026, 1, 15), cycle=Cycle.parse(text), end=date(2026, 4, 1), with_end=with_end)
    assert iso(series.unadjusted(FAR)) == expect


@pytest.mark.parametrize(
    ("anchor", "text", "expect"),
    [
        (date(2026, 4, 30), "P1ML1", ["2026-04-30", "2026-05-31", "2026-06-30"]),
        (date(2026, 4, 29), "P1ML1", ["2026-04-29", "2026-05-29", "2026-06-29"]),
        (date(2026, 4, 30), "P30DL1", ["2026-04-30", "2026-05-30", "2026-06-29"]),
    ],
)
def test_month_ends_are_kept_for_a_short_month_and_whole_months(anchor: date, text: str, expect: list[str]) -> None:
    series = CycleSeries(anchor=anchor, cycle=Cycle.parse(text), keep_month_end=True)
    assert iso(series.unadjusted(date(2026, 6, 30))) == expect


def test_the_window_looks_at_the_adjusted_day() -> None:
    # 1 August 2026 is a Saturday: adjusted back, it falls into July.
    series = CycleSeries(anchor=date(2026, 6, 1), cycle=Cycle.parse("P1ML1"), convention=Convention.PRECEDING)
    window = Span(date(2026, 7, 1), date(2026, 7, 31))
    assert iso(cycle_days(series, window, MONDAY_TO_FRIDAY)) == ["2026-07-01", "2026-07-31"]


def test_extra_dates_join_the_series() -> None:
    series = CycleSeries(
        anchor=date(2026, 1, 1), cycle=Cycle.parse("P1ML1"), extra=(date(2026, 1, 20), date(2026, 2, 1))
    )
    window = Span(date(2026, 1, 1), date(2026, 2, 28))
    assert iso(cycle_days(series, window, EVERY_DAY)) == ["2026-01-01", "2026-01-20", "2026-02-01"]
    alone = CycleSeries(extra=(date(2026, 1, 20),))
    assert iso(cycle_days(alone, window, EVERY_DAY)) == ["2026-01-20"]


@pytest.mark.parametrize("text", ["P1ML0", "P3ML1", "P2WL0", "P1YL1", "P15DL1"])
def test_a_cycle_is_written_as_it_was_read(text: str) -> None:
    assert str(Cycle.parse(text)) == text


def test_quarters_and_halves_are_months() -> None:
    assert Cycle.parse("P2Q").tenor.whole_months == 6
    assert Cycle.parse("P1HL0") == Cycle.parse("P6ML0")


@pytest.mark.parametrize("text", ["", "P1M L0", "1ML0", "P1ML2", "P0ML0", "P1ML", "P\u0661ML0"])
def test_what_is_no_cycle_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord):
        Cycle.parse(text)


@pytest.mark.parametrize(
    ("code", "expect"),
    [
        ("SCF", (Convention.FOLLOWING, AmountBasis.SHIFT_THEN_CALCULATE)),
        ("CSP", (Convention.PRECEDING, AmountBasis.CALCULATE_THEN_SHIFT)),
        ("SCMP", (Convention.MODIFIED_PRECEDING, AmountBasis.SHIFT_THEN_CALCULATE)),
        ("NOS", (Convention.NONE, AmountBasis.CALCULATE_THEN_SHIFT)),
    ],
)
def test_a_code_names_convention_and_basis(code: str, expect: tuple[Convention, AmountBasis]) -> None:
    assert parse_convention(code) == expect


@pytest.mark.parametrize("code", ["", "SC", "XXF", "SCX"])
def test_an_unknown_code_is_refused(code: str) -> None:
    with pytest.raises(InvalidRecord):
        parse_convention(code)


def test_a_series_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ContradictorySchedule, match="need one another"):
        CycleSeries(anchor=date(2026, 1, 1))
    with pytest.raises(ContradictorySchedule, match="no end"):
        CycleSeries(anchor=date(2026, 1, 1), cycle=Cycle.parse("P1ML0"), with_end=True)
    series = CycleSeries(anchor=date(2026, 1, 1), cycle=Cycle.parse("P1ML0"))
    with pytest.raises(ContradictorySchedule, match="no end"):
        cycle_days(series, Span(date(2026, 1, 1)), EVERY_DAY)


LAST = date(9999, 12, 31)
"""Written by many systems for "no end"."""


@pytest.mark.parametrize(
    ("text", "end", "expect"),
    [
        ("P1ML1", None, ["9999-10-15", "9999-11-15", "9999-12-15"]),
        ("P1ML1", LAST, ["9999-10-15", "9999-11-15", "9999-12-15", "9999-12-31"]),
        ("P1ML0", LAST, ["9999-10-15", "9999-11-15", "9999-12-31"]),
        ("P2ML0", LAST, ["9999-10-15", "9999-12-31"]),
    ],
)
def test_a_series_ends_with_the_calendar(text: str, end: date | None, expect: list[str]) -> None:
    series = CycleSeries(anchor=date(9999, 10, 15), cycle=Cycle.parse(text), end=end, with_end=end is not None)
    assert iso(series.unadjusted(LAST)) == expect
    assert iso(cycle_days(series, Span(date(9999, 10, 1), LAST), EVERY_DAY)) == expect
