"""What being late costs, to the cent: by hand, and day by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.day_counts import BY_PAYMENT_PERIODS, DayCount, year_fraction
from clmcrm.clm.events import ClockEffect
from clmcrm.clm.norms.clocks import Rest
from clmcrm.clm.norms.late_fees import late_interest
from clmcrm.clm.norms.obligation_walk import Paid
from clmcrm.clm.remedies import LateInterest, RatePer
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.exact import exact_money
from clmcrm.values.money import Money
from clmcrm.values.span import Span
from clmcrm.values.wording import Wording

DUE = date(2026, 3, 10)
ADDITIVE = (DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_ACT_ISDA, DayCount.NL_365, DayCount.THIRTY_E_360)
WHY = Wording("suspended", "suspendue")


def _agreed(rate: str, per: RatePer = RatePer.YEAR, count: DayCount = DayCount.ACT_365F) -> LateInterest:
    return LateInterest(rate=Decimal(rate), per=per, day_count=count)


def _frozen(first: date, last: date | None, clocks: ClockEffect = ClockEffect.FREEZE) -> Rest:
    return Rest(span=Span(first, last), clocks=clocks, why=WHY)


def _in_march(day: int) -> date:
    return date(2026, 3, day)


@pytest.mark.parametrize(
    ("agreed", "until", "expect"),
    [
        # 10,000 at 3.65 % a year is 1 a day over 365; the due day itself is in time.
        (_agreed("0.0365"), _in_march(10), "0.00"),
        (_agreed("0.0365"), _in_march(11), "1.00"),
        (_agreed("0.0365"), date(2027, 3, 10), "365.00"),
        # Over 360 the same rate costs 1.01388... a day: 31 days are 31.43.
        (_agreed("0.0365", count=DayCount.ACT_360), date(2026, 4, 10), "31.43"),
        # Under 30E/360 the month to 10 April is a twelfth of the year.
        (_agreed("0.0365", count=DayCount.THIRTY_E_360), date(2026, 4, 10), "30.42"),
        # A leap year of 366 days, from its first day to its last, is a year.
        (_agreed("0.0365", count=DayCount.ACT_ACT_ISDA), date(2027, 3, 10), "365.00"),
        # One per cent a month: a twelfth of the year is 30.4166... days of 365.
        (_agreed("0.01", RatePer.MONTH), date(2026, 4, 10), "101.92"),
        (_agreed("0.01", RatePer.MONTH, DayCount.THIRTY_E_360), date(2026, 4, 10), "100.00"),
        # Half a per mille a day.
        (_agreed("0.0005", RatePer.DAY), _in_march(20), "50.00"),
    ],
)
def test_interest_by_hand(agreed: LateInterest, until: date, expect: str) -> None:
    found = late_interest(agreed, Money(10_000, "EUR"), after=DUE, until=until)
    assert found == Money(expect, "EUR")


def test_what_was_paid_bears_interest_for_its_day_and_no_longer() -> None:
    half = [Paid(on=_in_march(15), share=Fraction(1, 2))]
    # Five days of the whole, the 11th to the 15th, and five of a half.
    found = late_interest(_agreed("0.0365"), Money(10_000, "EUR"), after=DUE, until=_in_march(20), paid=half)
    assert found == Money("7.50", "EUR")
    before = [Paid(on=DUE, share=Fraction(1, 4))]
    found = late_interest(_agreed("0.0365"), Money(10_000, "EUR"), after=DUE, until=_in_march(20), paid=before)
    assert found == Money("7.50", "EUR")


@pytest.mark.parametrize(
    ("rests", "days"),
    [
        ([_frozen(_in_march(12), _in_march(14))], 7),
        ([_frozen(_in_march(12), None)], 1),
        ([_frozen(_in_march(12), _in_march(14), ClockEffect.NONE)], 10),
        # In any order, and overlapping: a day is frozen once.
        ([_frozen(_in_march(18), _in_march(19)), _frozen(_in_march(12), _in_march(14))], 5),
        ([_frozen(_in_march(12), _in_march(16)), _frozen(_in_march(13), _in_march(14))], 5),
        ([_frozen(date(2026, 1, 1), _in_march(30))], 0),
    ],
)
def test_frozen_days_bear_none(rests: list[Rest], days: int) -> None:
    found = late_interest(_agreed("0.0365"), Money(10_000, "EUR"), after=DUE, until=_in_march(20), rests=rests)
    assert found == Money(days, "EUR")


def test_the_cap_is_the_most_and_of_the_same_currency() -> None:
    capped = LateInterest(rate=Decimal("0.0365"), per=RatePer.YEAR, cap=Money(50, "EUR"))
    within = late_interest(capped, Money(10_000, "EUR"), after=DUE, until=_in_march(20))
    beyond = late_interest(capped, Money(10_000, "EUR"), after=DUE, until=date(2027, 3, 10))
    assert (within, beyond) == (Money(10, "EUR"), Money(50, "EUR"))
    with pytest.raises(CurrencyMismatch):
        _ = late_interest(capped, Money(10_000, "USD"), after=DUE, until=_in_march(20))


@given(
    st.dates(date(2023, 1, 1), date(2027, 12, 31)),
    st.integers(0, 500),
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 5)), max_size=4),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 60)), max_size=3),
    st.sampled_from(ADDITIVE),
)
def test_interest_is_the_sum_of_its_days(
    after: date, length: int, paid: list[tuple[int, int]], frozen: list[tuple[int, int]], count: DayCount
) -> None:
    agreed, amount = _agreed("0.1", count=count), Money(100_000, "EUR")
    payments = [Paid(on=after + timedelta(days=n), share=Fraction(1, 5 * part)) for n, part in paid]
    rests = [_frozen(after + timedelta(days=n), after + timedelta(days=n + more)) for n, more in frozen]
    total = Fraction(0)
    for n in range(1, length + 1):
        day = after + timedelta(days=n)
        if not any(day in rest.span for rest in rests):
            share = 1 - sum(one.share for one in payments if one.on < day)
            total += share * year_fraction(count, day - timedelta(days=1), day)
    found = late_interest(agreed, amount, after=after, until=after + timedelta(days=length), paid=payments, rests=rests)
    assert found == exact_money(Fraction(amount.amount) * Fraction(agreed.rate) * total, "EUR")


@pytest.mark.parametrize("count", [DayCount.ONE_ONE, *sorted(BY_PAYMENT_PERIODS)])
def test_a_day_count_that_counts_no_days_is_refused(count: DayCount) -> None:
    with pytest.raises(InvalidRecord, match="a convention that counts days"):
        _ = _agreed("0.1", count=count)


@pytest.mark.parametrize("rate", ["0", "-0.01"])
def test_a_rate_is_above_nothing(rate: str) -> None:
    with pytest.raises(InvalidRecord, match="a share above 0"):
        _ = _agreed(rate)
