"""Co-terming: days counted with both ends, lines that sum to their total, and what cannot be co-termed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.day_counts import DayCount
from clmcrm.clm.prices.coterm import cotermed
from clmcrm.clm.prices.proration import ProrationMethod, ProrationPolicy
from clmcrm.errors import CurrencyMismatch, DateRuleError, InvalidRecord
from clmcrm.values.money import Money, total
from clmcrm.values.span import Span

OLD = Span(date(2026, 1, 1), date(2026, 12, 31))


def test_a_line_for_one_more_day_costs_one_day() -> None:
    new = Span(date(2027, 1, 1), date(2027, 1, 1))
    assert cotermed([Money(365, "EUR")], OLD, new).whole == Money(1, "EUR")


def test_rounding_the_total_differs_from_rounding_each_line() -> None:
    new = Span(date(2027, 1, 1), date(2027, 1, 31))
    lines = [Money("0.05", "EUR")] * 10  # each 0.0042 for the days: nothing, line by line
    found = cotermed(lines, OLD, new)
    assert found.whole == Money("0.04", "EUR")
    assert total(found.amounts, "EUR") == found.whole


def test_another_policy_counts_months_instead_of_days() -> None:
    months = ProrationPolicy(method=ProrationMethod.MONTHS_AND_DAYS)
    thirty = ProrationPolicy(method=ProrationMethod.DAY_COUNT, day_count=DayCount.THIRTY_E_360)
    new = Span(date(2027, 1, 1), date(2027, 6, 30))
    for policy in (months, thirty):
        assert cotermed([Money(1200, "EUR")], OLD, new, policy=policy).factor == Fraction(1, 2)


def test_free_lines_stay_free() -> None:
    free = [Money(0, "EUR"), Money(0, "EUR")]
    assert cotermed(free, OLD, OLD).amounts == tuple(free)


def test_what_cannot_be_cotermed_is_refused() -> None:
    with pytest.raises(InvalidRecord):
        cotermed([], OLD, OLD)
    with pytest.raises(InvalidRecord):
        cotermed([Money(-1, "EUR")], OLD, OLD)
    with pytest.raises(CurrencyMismatch):
        cotermed([Money(1, "EUR"), Money(1, "USD")], OLD, OLD)
    with pytest.raises(DateRuleError, match="has no end"):
        cotermed([Money(1, "EUR")], OLD, Span(date(2027, 1, 1)))


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
    st.integers(1, 1500),
    st.decimals(min_value=-50, max_value=50, places=1),
)
def test_lines_sum_to_the_total_and_each_is_within_a_cent_of_its_own(
    cents: list[int], days: int, uplift: Decimal
) -> None:
    new = Span(date(2027, 1, 1), date.fromordinal(date(2026, 12, 31).toordinal() + days))
    lines = [Money(amount, "JPY") for amount in cents]
    found = cotermed(lines, OLD, new, uplift=uplift)
    assert total(found.amounts, "JPY") == found.whole
    for before, after in zip(lines, found.amounts, strict=True):
        assert abs(Fraction(after.amount) - Fraction(before.amount) * found.factor) < 2
