"""Rebates: marginal and retroactive, at the edges of their tiers, accrued and settled."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.price_clauses import RebateClause, RebateMeasure, RebateMethod, RebateTier
from clmcrm.clm.prices.rebates import earned, rebates
from clmcrm.clm.prices.windows import Purchase
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.money import Money
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

YEAR = Tenor(years=1)
LIFE = Span(date(2026, 4, 1))
MARGINAL, RETROACTIVE = RebateMethod.MARGINAL, RebateMethod.RETROACTIVE


def tier(threshold: str | int, rate: str | int) -> RebateTier:
    return RebateTier(threshold=Decimal(threshold), rate=Decimal(rate))


def clause(**changes: Any) -> RebateClause:
    tiers = (tier(10_000, "0.02"), tier(50_000, "0.05"))
    facts: dict[str, Any] = {"per": YEAR, "currency": "EUR", "tiers": tiers}
    return RebateClause(**(facts | changes))


@pytest.mark.parametrize(
    ("method", "turnover", "expected"),
    [
        (MARGINAL, "9999.99", "0.00"),
        (MARGINAL, "10000", "0.00"),
        (MARGINAL, "30000", "400.00"),
        (MARGINAL, "50000", "800.00"),
        (MARGINAL, "60000", "1300.00"),
        (RETROACTIVE, "9999.99", "0.00"),
        (RETROACTIVE, "10000", "200.00"),
        (RETROACTIVE, "49999.99", "1000.00"),
        (RETROACTIVE, "50000", "2500.00"),
        (RETROACTIVE, "60000", "3000.00"),
    ],
)
def test_each_method_gives_what_is_worked_by_hand(method: RebateMethod, turnover: str, expected: str) -> None:
    assert earned(clause(method=method), Decimal(turnover)) == Money(expected, "EUR")


def test_a_clause_that_asks_to_go_beyond_gives_nothing_for_reaching_the_edge() -> None:
    """The cliff of a retroactive rebate: one cent is worth 1500 EUR."""
    beyond = clause(method=RETROACTIVE, threshold_counts=False)
    assert earned(beyond, 50_000) == Money(1000, "EUR")
    assert earned(beyond, Decimal("50000.01")) == Money(2500, "EUR")


def test_nothing_is_given_back_before_the_clause_is_in_force() -> None:
    bought = [
        Purchase(on=date(2026, 5, 1), amount=Money(9_000, "EUR")),
        Purchase(on=date(2027, 3, 1), amount=Money(2_000, "EUR")),
    ]
    (found,) = rebates(clause(first_day=date(2027, 1, 1), method=RETROACTIVE), bought, LIFE, date(2027, 3, 31))
    assert (str(found.window.span), found.counted) == ("2027-01-01/2027-03-31", Fraction(2_000))
    over = Span(LIFE.first_day, date(2026, 12, 31))
    assert rebates(clause(first_day=date(2027, 1, 1)), bought, over, date(2027, 3, 31)) == ()


def test_the_edge_makes_no_difference_to_a_marginal_rebate() -> None:
    for turnover in (10_000, 50_000):
        assert earned(clause(), turnover) == earned(clause(threshold_counts=False), turnover)


def test_a_rebate_per_unit_counts_units() -> None:
    """2 per unit on 5,000 units is 10,000 (a fixed unit rate)."""
    per_unit = clause(measure=RebateMeasure.UNITS, tiers=(tier(0, 2),))
    purchases = [Purchase(on=date(2026, 5, 1), quantity=Decimal(5000))]
    assert rebates(per_unit, purchases, LIFE, date(2026, 6, 1))[0].earned == Money(10_000, "EUR")


def spent(day: str, amount: str | int, code: str = "EUR") -> Purchase:
    return Purchase(on=date.fromisoformat(day), amount=Money(amount, code))


def test_a_rebate_is_an_accrual_until_its_period_is_over_and_then_has_a_day() -> None:
    agreed = clause(method=RETROACTIVE, settles_after=Tenor(months=2))
    purchases = [spent("2026-05-01", 30_000), spent("2027-03-31", 25_000)]
    (running,) = rebates(agreed, purchases, LIFE, date(2027, 3, 30))
    assert (running.earned, running.over, running.settles_on) == (Money(600, "EUR"), False, None)
    assert running.to_next == 20_000
    over = rebates(agreed, purchases, LIFE, date(2027, 4, 1))[0]
    assert (over.earned, over.over, over.settles_on) == (Money(2750, "EUR"), True, date(2027, 5, 31))
    assert over.to_next is None
    assert over.step.said("fr") == "2027-03-31: 2750.00 EUR selon le palier à partir de 50000 (définitif)"


def test_two_currencies_are_never_added_up_for_a_tier() -> None:
    with pytest.raises(CurrencyMismatch):
        rebates(clause(), [spent("2026-05-01", 1), spent("2026-05-02", 1, "USD")], LIFE, date(2026, 6, 1))


def test_no_tier_reached_is_said() -> None:
    (found,) = rebates(clause(), [spent("2026-05-01", 1)], LIFE, date(2026, 6, 1))
    assert found.tier is None
    assert found.to_next == 9_999
    assert found.step.what == "no tier reached (accrued so far)"


@pytest.mark.parametrize(
    "tiers", [(), (tier(10, "0.1"), tier(10, "0.2")), (tier(10, "0.1"), tier(5, "0.2")), (tier(0, 2),)]
)
def test_tiers_that_do_not_rise_or_give_back_more_than_was_spent_are_refused(tiers: tuple[RebateTier, ...]) -> None:
    with pytest.raises(InvalidRecord, match="tiers"):
        clause(tiers=tiers)


AMOUNTS = st.decimals(min_value=0, max_value=100_000, places=2)


@given(AMOUNTS, AMOUNTS)
def test_a_rebate_never_falls_as_more_is_bought(one: Decimal, two: Decimal) -> None:
    low, high = sorted((one, two))
    for method in RebateMethod:
        assert earned(clause(method=method), low) <= earned(clause(method=method), high)


@given(AMOUNTS)
def test_retroactive_gives_at_least_as_much_where_rates_rise(turnover: Decimal) -> None:
    assert earned(clause(), turnover) <= earned(clause(method=RETROACTIVE), turnover)


@given(AMOUNTS, st.decimals(min_value=0, max_value=1, places=2))
def test_a_marginal_rebate_has_no_cliff(turnover: Decimal, more: Decimal) -> None:
    jump = earned(clause(), turnover + more).amount - earned(clause(), turnover).amount
    assert Fraction(jump) <= Fraction(more) * Fraction(5, 100) + Fraction(1, 100)
