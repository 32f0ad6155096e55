"""Proration: worked examples of every policy, and parts that sum to the whole."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clmcrm.calendars.day_counts import DayCount
from clmcrm.calendars.months import nth, tile
from clmcrm.clm.prices.proration import (
    BY_DAYS,
    ProrationMethod,
    ProrationPolicy,
    months_in,
    parts,
    prorated,
    share,
)
from clmcrm.errors import DateRuleError, InvalidRecord
from clmcrm.values.exact import Rounding
from clmcrm.values.money import Money, total
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

MONTH = Tenor(months=1)
YEAR = Tenor(years=1)
METHOD = ProrationMethod


def by(count: DayCount) -> ProrationPolicy:
    return ProrationPolicy(method=METHOD.DAY_COUNT, day_count=count)


MONTHS = ProrationPolicy(method=METHOD.MONTHS_AND_DAYS)
MONTHS_365 = ProrationPolicy(method=METHOD.MONTHS_AND_DAYS, day_count=DayCount.ACT_365F)
CALENDAR = ProrationPolicy(method=METHOD.CALENDAR_MONTHS)
STARTED = ProrationPolicy(method=METHOD.STARTED_MONTHS)
POLICIES = [
    BY_DAYS,
    MONTHS,
    MONTHS_365,
    CALENDAR,
    STARTED,
    *(by(count) for count in DayCount if count is not DayCount.ACT_365L),
]
NAMES = [f"{p.method.value} {p.day_count or ''}".strip() for p in POLICIES]


def span(text: str) -> Span:
    first, _, last = text.partition("/")
    return Span(date.fromisoformat(first), date.fromisoformat(last))


JANUARY = "2026-01-01/2026-01-31"
# amount, period, used, policy, per, expected, source
WORKED = [
    ("31", "2017-02-16/2017-03-15", "2017-03-01/2017-03-15", BY_DAYS, None, "16.61",
     "Zuora community, 'Weird proration calculation explained': 31 / 28 x 15"),
    ("649", "2022-01-31/2022-02-27", "2022-01-31/2022-01-31", BY_DAYS, None, "23.18",
     "Chargebee support 255958: one day of 31 January to 27 February, 649 / 28"),
    ("120", "2010-01-01/2010-12-31", "2010-02-15/2010-03-15", BY_DAYS, None, "9.53", "29 / 365 of 120"),
    ("10000", "2017-01-01/2017-12-31", "2017-01-01/2019-04-10", BY_DAYS, None, "22739.73",
     "Salesforce CPQ, prorate precision Day: 830 / 365 = 2.2740"),
    ("12000", "2017-01-01/2017-12-31", "2017-01-01/2019-11-30", MONTHS, None, "35000.00",
     "Salesforce CPQ, prorate precision Month: 35 / 12 = 2.9167"),
    ("12000", "2017-01-01/2017-12-31", "2017-01-01/2018-01-10", STARTED, None, "13000.00",
     "Salesforce CPQ, prorate precision Month: January 1, 2017 to January 10, 2018 is 13 months"),
    ("12000", "2017-01-01/2017-12-31", "2017-01-01/2018-01-10", MONTHS_365, None, "12328.77",
     "12 months and 10 days at 12 / 365 of a month"),
    ("12000", "2017-01-01/2017-12-31", "2017-01-01/2018-01-10", MONTHS, None, "12322.58",
     "12 months and 10 days of the 31 of January"),
    ("100", JANUARY, "2026-01-01/2026-01-10", by(DayCount.ACT_365F), None, "32.88", "1200 x 10 / 365"),
    ("100", JANUARY, "2026-01-01/2026-01-10", by(DayCount.ACT_360), None, "33.33", "1200 x 10 / 360"),
    ("100", JANUARY, "2026-01-22/2026-01-31", by(DayCount.THIRTY_E_360), None, "30.00", "21 to 30 January, 30E/360"),
    ("100", JANUARY, JANUARY, by(DayCount.ACT_365F), None, "101.92", "1200 x 31 / 365: no twelfth"),
    ("100", JANUARY, "2026-01-31/2026-01-31", by(DayCount.ONE_ONE), None, "100.00", "1/1: the whole for any part"),
    ("100", "2026-01-15/2026-02-14", "2026-02-01/2026-02-14", CALENDAR, None, "47.69",
     "14/28 of February over 17/31 + 14/28"),
    ("100", "2026-02-01/2026-02-28", "2026-02-15/2026-02-28", CALENDAR, MONTH, "50.00", "half of February"),
    ("100", "2026-01-01/2026-01-14", "2026-01-01/2026-01-07", by(DayCount.ACT_365F), MONTH, "23.01",
     "a price per month on a period that is none: 1200 x 7 / 365"),
]  # fmt: skip


@pytest.mark.parametrize(("amount", "period", "used", "policy", "per", "expected", "source"), WORKED)
def test_a_part_costs_what_is_worked_by_hand(
    *, amount: str, period: str, used: str, policy: ProrationPolicy, per: Tenor | None, expected: str, source: str
) -> None:
    found = prorated(Money(amount, "USD"), span(period), span(used), policy, per=per)
    assert found == Money(expected, "USD"), source


def test_a_leap_day_is_a_day_like_any_other() -> None:
    common, leap = span("2026-01-01/2026-12-31"), span("2024-01-01/2024-12-31")
    last_day = Span(date(2024, 2, 29), date(2024, 2, 29))
    assert share(leap, last_day) == Fraction(1, 366)
    assert share(leap, last_day, by(DayCount.ACT_365F)) == Fraction(1, 365)
    assert share(leap, last_day, by(DayCount.ACT_ACT_ISDA)) == Fraction(1, 366)
    assert share(common, common, by(DayCount.ACT_365F)) == 1
    assert share(leap, leap, by(DayCount.ACT_365F)) == Fraction(366, 365)


def test_one_day_of_thirty_first_january_to_twenty_seventh_february_counts_twenty_eight_days() -> None:
    period = tile(date(2023, 1, 31), MONTH, 0)
    assert share(period, Span(period.first_day, period.first_day), MONTHS) == Fraction(1, 28)


def test_a_period_from_the_end_of_february_billed_on_the_31st_is_one_month_of_31_days() -> None:
    period = tile(date(2023, 1, 31), MONTH, 1)
    assert str(period) == "2023-02-28/2023-03-30"
    assert share(period, Span(period.first_day, date(2023, 3, 29)), MONTHS) == Fraction(30, 31)


STARTS = st.dates(min_value=date(2019, 1, 1), max_value=date(2029, 12, 31))
PERIODS = st.builds(
    tile,
    STARTS,
    st.sampled_from([MONTH, Tenor(months=3), Tenor(months=6), YEAR]),
    st.integers(min_value=0, max_value=24),
)
# Under these a whole period is always the whole price; day counts of a fixed year are not among them.
WHOLE = [BY_DAYS, MONTHS, MONTHS_365, CALENDAR, STARTED, by(DayCount.ACT_ACT_ICMA)]


@given(PERIODS, st.sampled_from(WHOLE))
def test_the_whole_period_costs_the_whole_price(period: Span, policy: ProrationPolicy) -> None:
    assert share(period, period, policy) == 1


@given(PERIODS, st.data())
def test_act_act_icma_is_actual_days_over_the_days_of_the_period(period: Span, data: st.DataObject) -> None:
    used = data.draw(inside(period))
    assert share(period, used, by(DayCount.ACT_ACT_ICMA)) == share(period, used)


def inside(period: Span) -> st.SearchStrategy[Span]:
    days = (period.days or 1) - 1
    pairs = st.tuples(st.integers(0, days), st.integers(0, days)).map(sorted)
    return pairs.map(lambda p: Span(period.first_day + timedelta(p[0]), period.first_day + timedelta(p[1])))


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
@settings(max_examples=25)
@given(period=PERIODS)
def test_more_days_from_the_start_never_cost_less(policy: ProrationPolicy, period: Span) -> None:
    days = [period.first_day + timedelta(n) for n in range(period.days or 0)]
    shares = [share(period, Span(period.first_day, day), policy) for day in days]
    assert shares == sorted(shares)
    assert shares[0] >= 0


@pytest.mark.parametrize("policy", POLICIES, ids=NAMES)
@given(period=PERIODS, cents=st.integers(-(10**7), 10**7), data=st.data())
def test_parts_sum_to_the_whole(policy: ProrationPolicy, period: Span, cents: int, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, (period.days or 1) - 1), max_size=5)))
    firsts = [period.first_day, *(period.first_day + timedelta(cut) for cut in cuts)]
    assert period.last_day is not None
    lasts = [*(first - timedelta(1) for first in firsts[1:]), period.last_day]
    spans = [Span(first, last) for first, last in zip(firsts, lasts, strict=True)]
    whole = Money(cents, "JPY")
    found = parts(whole, spans, policy)
    assert total(found, "JPY") == whole
    if policy.method is METHOD.PERIOD_DAYS:
        exact = [Fraction(cents) * share(period, one) for one in spans]
        assert all(abs(Fraction(part.amount) - ideal) < 1 for part, ideal in zip(found, exact, strict=True))


@given(STARTS, st.integers(1, 48))
def test_whole_months_are_told_from_either_end(anchor: date, count: int) -> None:
    assert months_in(tile(anchor, Tenor(months=count), 0)) == count
    if anchor.day < 28:
        assert months_in(Span(anchor, nth(anchor, Tenor(months=count), 1))) is None


def test_parts_must_follow_one_another() -> None:
    with pytest.raises(DateRuleError, match="does not begin on the day after"):
        parts(Money(1, "EUR"), [span("2026-01-01/2026-01-10"), span("2026-01-12/2026-01-31")])
    with pytest.raises(DateRuleError, match="no spans"):
        parts(Money(1, "EUR"), [])


def test_a_part_of_something_without_an_end_has_no_price() -> None:
    with pytest.raises(DateRuleError, match="has no end"):
        share(Span(date(2026, 1, 1)), span(JANUARY))


def test_a_day_count_asks_for_the_rhythm_it_cannot_tell() -> None:
    with pytest.raises(DateRuleError, match="per"):
        share(span("2026-01-01/2026-01-14"), span("2026-01-01/2026-01-02"), by(DayCount.ACT_365F))
    with pytest.raises(DateRuleError, match="per 1 week"):
        share(span("2026-01-01/2026-01-07"), span("2026-01-01/2026-01-02"), by(DayCount.ACT_360), per=Tenor(weeks=1))


@pytest.mark.parametrize(
    ("method", "count"),
    [
        (METHOD.DAY_COUNT, None),
        (METHOD.PERIOD_DAYS, DayCount.ACT_360),
        (METHOD.CALENDAR_MONTHS, DayCount.ACT_360),
        (METHOD.DAY_COUNT, DayCount.ACT_365L),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(method: ProrationMethod, count: DayCount | None) -> None:
    with pytest.raises(InvalidRecord, match="day_count"):
        ProrationPolicy(method=method, day_count=count)


def test_the_policy_says_how_the_amount_is_rounded() -> None:
    down = ProrationPolicy(rounding=Rounding.DOWN)
    part = span("2026-01-01/2026-01-20")
    assert prorated(Money(100, "EUR"), span(JANUARY), part) == Money("64.52", "EUR")
    assert prorated(Money(100, "EUR"), span(JANUARY), part, down) == Money("64.51", "EUR")
