"""Service credits: exact levels, tiers, the cap over one period, and the window for the claim."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.regimes.known import regime
from clmcrm.clm.service_clauses import CreditTier, ServiceLevel
from clmcrm.clm.service_credits import ClaimState, Measured, service_credit
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.money import Money
from clmcrm.values.tenor import Tenor
from making import contract

FEE = Money("1000.00", "EUR")
TIERS = tuple(
    CreditTier(below=Decimal(below), credit=Decimal(credit))
    for below, credit in (("99.9", "0.05"), ("99.0", "0.10"), ("95.0", "0.25"))
)
LEVEL = ServiceLevel(
    metric="availability", per=Tenor(months=1), first_on=date(2026, 1, 31), tiers=TIERS, cap=Decimal("0.2"),
    claim_within=Tenor(days=30), citation="SLA 4.2",
)  # fmt: skip


@pytest.mark.parametrize(
    ("failed", "uncapped", "amount"),
    [(0, "0", "0"), (100, "0", "0"), (101, "50", "50"), (1000, "50", "50"), (1001, "100", "100"), (9000, "250", "200")],
)
def test_the_lowest_tier_reached_gives_the_credit_and_the_cap_bounds_it(
    failed: int, uncapped: str, amount: str
) -> None:
    found = service_credit(LEVEL, Measured(period=0, total=100_000, failed=failed), FEE)
    assert (found.uncapped, found.amount) == (Money(uncapped, "EUR"), Money(amount, "EUR"))


def test_exactly_at_the_level_no_credit_is_owed_however_it_would_be_rounded() -> None:
    """99.9 % of 30 000 units is 29 970; one failed unit in a million more is below it."""
    at_level = service_credit(LEVEL, Measured(period=0, total=30_000, failed=30), FEE)
    below = service_credit(LEVEL, Measured(period=0, total=1_000_000, failed=1_001), FEE)
    assert not at_level.amount.amount
    assert below.amount == Money("50.00", "EUR")


def test_excluded_units_are_taken_out_of_what_was_owed() -> None:
    found = service_credit(LEVEL, Measured(period=0, total=100_000, failed=91, excluded=10_000), FEE)
    assert found.amount == Money("50.00", "EUR")
    everything = Measured(period=0, total=10, failed=0, excluded=10)
    assert not service_credit(LEVEL, everything, FEE).amount.amount


def test_all_credits_of_a_period_share_one_cap() -> None:
    found = service_credit(LEVEL, Measured(period=0, total=100, failed=4), FEE, already=Money("150", "EUR"))
    assert found.amount == Money("50.00", "EUR")
    assert any("capped at 200.00 EUR" in step.what for step in found.steps)
    with pytest.raises(CurrencyMismatch):
        _ = service_credit(LEVEL, Measured(period=0, total=100, failed=4), FEE, already=Money("1", "USD"))
    with pytest.raises(CurrencyMismatch):  # without a cap too
        _ = service_credit(
            attrs.evolve(LEVEL, cap=None), Measured(period=0, total=100, failed=4), FEE, already=Money("1", "USD")
        )


@pytest.mark.parametrize(("fee", "already"), [(-FEE, None), (FEE, -FEE)])
def test_less_than_nothing_neither_turns_a_credit_round_nor_raises_the_cap(fee: Money, already: Money | None) -> None:
    with pytest.raises(InvalidRecord, match=r"expected 0\.00 EUR or more"):
        _ = service_credit(LEVEL, Measured(period=0, total=100, failed=40), fee, already=already)


def test_measured_periods_are_anchored_and_do_not_drift() -> None:
    spans = [str(service_credit(LEVEL, Measured(period=k, total=1, failed=0), FEE).period) for k in range(3)]
    assert spans == ["2026-01-31/2026-02-27", "2026-02-28/2026-03-30", "2026-03-31/2026-04-29"]


def test_the_claim_window_is_counted_by_the_law_when_one_is_named() -> None:
    bare = service_credit(LEVEL, Measured(period=1, total=100, failed=1), FEE)
    german = service_credit(LEVEL, Measured(period=3, total=100, failed=1), FEE, law=regime("DE_BGB"))
    assert bare.claim_by == date(2026, 4, 29)
    # Period 3 ends on 30 May; 30 days on is Monday 29 June.
    assert german.claim_by == date(2026, 6, 29)
    assert any("BGB § 188 (1)" in step.what for step in german.steps)


def test_a_claim_too_late_is_lost_and_one_in_time_stays_made() -> None:
    found = service_credit(LEVEL, Measured(period=1, total=100, failed=2), FEE)
    assert found.state(date(2026, 4, 29)) is ClaimState.OPEN
    assert found.state(date(2026, 4, 30)) is ClaimState.LOST
    assert found.state(date(2027, 1, 1), date(2026, 4, 29)) is ClaimState.CLAIMED
    assert found.state(date(2027, 1, 1), date(2026, 4, 30)) is ClaimState.LOST
    kept = service_credit(LEVEL, Measured(period=1, total=100, failed=0), FEE)
    assert kept.state(date(2030, 1, 1)) is ClaimState.NOT_NEEDED


def test_tiers_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InvalidRecord, match="a level below 99"):
        _ = ServiceLevel(metric="m", per=Tenor(months=1), first_on=date(2026, 1, 1), tiers=TIERS[1::-1])


def test_more_failures_than_units_are_refused() -> None:
    with pytest.raises(InvalidRecord, match="or fewer"):
        _ = Measured(period=0, total=10, failed=8, excluded=3)


def test_a_contract_holds_its_service_levels_and_is_read_back_equal() -> None:
    sample = contract(clauses=(LEVEL,))
    assert from_fields(type(sample), to_fields(sample)) == sample


@given(total=st.integers(1, 10**6), failed=st.integers(0, 10**6), fee=st.integers(0, 10**6))
def test_a_credit_is_never_negative_and_never_above_the_cap(total: int, failed: int, fee: int) -> None:
    money = Money(fee, "EUR")
    found = service_credit(LEVEL, Measured(period=0, total=total, failed=min(failed, total)), money)
    assert Money(0, "EUR") <= found.amount <= money.times("0.2")
