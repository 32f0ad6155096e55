"""Volume commitments: windows of the contract, shortfall, what is carried and made up, and what is due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.price_clauses import VolumeCommitment
from clmcrm.clm.prices.commitments import Commitments, commitments
from clmcrm.clm.prices.windows import Purchase, windows
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.ids import ProductId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

YEAR = Tenor(years=1)
LIFE = Span(date(2026, 4, 1), date(2030, 3, 31))


def promised(**changes: Any) -> VolumeCommitment:
    facts: dict[str, Any] = {"per": YEAR, "quantity": Decimal(100), "unit": "t", "shortfall": UnitPrice(2, "EUR")}
    return VolumeCommitment(**(facts | changes))


def bought(*days: tuple[str, int | str], product: str | None = None) -> list[Purchase]:
    named = None if product is None else ProductId(product)
    return [Purchase(on=date.fromisoformat(day), quantity=Decimal(n), product=named) for day, n in days]


def stand(
    clause: VolumeCommitment, purchases: list[Purchase], as_of: str = "2030-04-01", life: Span = LIFE
) -> Commitments:
    return commitments(clause, purchases, life, date.fromisoformat(as_of))


def true_ups(found: Commitments) -> list[str | None]:
    return [str(one.true_up.amount) if isinstance(one.true_up, Money) else None for one in found.windows]


def test_windows_follow_the_contract_year_not_the_calendar_year() -> None:
    found = stand(promised(), bought(("2027-01-15", 70), ("2027-03-31", 20), ("2027-04-01", 100)), "2028-04-01")
    assert [str(one.window.span) for one in found.windows] == [
        "2026-04-01/2027-03-31",
        "2027-04-01/2028-03-31",
        "2028-04-01/2029-03-31",
    ]
    assert [one.counted for one in found.windows] == [90, 100, 0]
    assert true_ups(found) == ["20.00", None, None]


def test_nothing_is_due_on_the_last_day_of_a_window_but_on_the_day_after() -> None:
    assert stand(promised(), [], "2027-03-31").windows[0].true_up is None
    assert stand(promised(), [], "2027-03-31").windows[0].shortfall == 100
    assert stand(promised(), [], "2027-04-01").windows[0].true_up == Money(200, "EUR")


def test_a_short_first_window_asks_for_its_days_only() -> None:
    """lago-api#1669 and flexprice#2000: a first window that is no whole one."""
    calendar_year = promised(anchor_on=date(2027, 1, 1))
    first = stand(calendar_year, [], "2027-01-01").windows[0]
    assert str(first.window.span) == "2026-04-01/2026-12-31"
    assert first.committed == Fraction(100 * 275, 365)
    assert first.true_up == Money("150.68", "EUR")  # 75.342... x 2, rounded once
    assert stand(promised(anchor_on=date(2027, 1, 1), prorates=False), [], "2027-01-01").windows[0].committed == 100


def test_a_contract_that_ends_inside_a_window_asks_for_its_share() -> None:
    life = Span(date(2026, 4, 1), date(2027, 9, 30))
    found = stand(promised(), bought(("2026-05-01", 100)), "2027-10-01", life)
    assert [one.committed for one in found.windows] == [100, Fraction(100 * 183, 366)]
    assert true_ups(found) == [None, "100.00"]


def test_a_ramped_commitment_asks_for_each_step_in_turn() -> None:
    found = stand(promised(ramp=(Decimal(10), Decimal(50))), [])
    assert [one.committed for one in found.windows] == [10, 50, 100, 100]


def test_surplus_is_carried_forward_up_to_its_cap_and_then_expires() -> None:
    clause = promised(carry_forward=Decimal("0.2"), carry_periods=1)
    found = stand(clause, bought(("2026-05-01", 150), ("2027-05-01", 90)))
    assert [one.carried_out for one in found.windows] == [20, 0, 0, 0]
    assert [one.carried_in for one in found.windows] == [0, 10, 0, 0]
    assert [one.shortfall for one in found.windows] == [0, 0, 100, 100]


def test_surplus_lives_as_many_windows_as_agreed_the_oldest_used_first() -> None:
    clause = promised(carry_forward=Decimal(1), carry_periods=2)
    found = stand(clause, bought(("2026-05-01", 130), ("2027-05-01", 90), ("2028-05-01", 85)))
    assert [one.carried_in for one in found.windows] == [0, 10, 15, 0]
    assert [one.shortfall for one in found.windows] == [0, 0, 0, 100]


def test_without_a_right_to_it_nothing_is_carried() -> None:
    found = stand(promised(), bought(("2026-05-01", 500)))
    assert true_ups(found) == [None, "200.00", "200.00", "200.00"]


def test_what_was_paid_for_and_not_taken_may_be_made_up_beyond_the_minimum() -> None:
    """Take-or-pay: 80 of 100 taken and 20 paid for; 130 taken next year, 20 of them without paying again."""
    clause = promised(make_up=Decimal(1), carry_forward=Decimal(1))
    found = stand(clause, bought(("2026-05-01", 80), ("2027-05-01", 130)), "2028-04-01")
    first, second = found.windows[:2]
    assert (first.true_up, first.credit) == (Money(40, "EUR"), None)
    assert second.made_up == 20
    assert (second.credit, second.true_up) == (Money(40, "EUR"), None)
    assert second.carried_out == 10  # what was made up is not carried as well


def test_a_make_up_right_is_capped_and_expires() -> None:
    clause = promised(make_up=Decimal("0.1"), make_up_periods=1)
    found = stand(clause, bought(("2027-05-01", 150), ("2028-05-01", 200)))
    assert [one.made_up for one in found.windows] == [0, 10, 0, 0]


def test_a_commitment_in_money_makes_what_is_missing_due_itself() -> None:
    clause = VolumeCommitment(per=YEAR, amount=Money(1000, "EUR"))
    purchases = [Purchase(on=date(2026, 5, 1), amount=Money("400.50", "EUR"), quantity=Decimal(7))]
    assert stand(clause, purchases, "2027-04-01").windows[0].true_up == Money("599.50", "EUR")
    with pytest.raises(CurrencyMismatch):
        stand(clause, [Purchase(on=date(2026, 5, 1), amount=Money(1, "USD"))])


def test_a_purchase_that_does_not_state_what_is_counted_is_never_taken_for_zero() -> None:
    with pytest.raises(InvalidRecord, match="units are counted"):
        stand(promised(), [Purchase(on=date(2026, 5, 1), amount=Money(1, "EUR"))])
    with pytest.raises(InvalidRecord, match="turnover is counted"):
        stand(VolumeCommitment(per=YEAR, amount=Money(1, "EUR")), bought(("2026-05-01", 1)))


def test_a_shortfall_without_a_price_is_unknown_not_free() -> None:
    found = stand(promised(shortfall=None), [], "2027-04-01")
    assert found.windows[0].true_up == Unknown("the clause states no price per missing unit")


def test_purchases_of_another_product_do_not_count_and_those_outside_are_named() -> None:
    clause = promised(product=ProductId("steel"))
    late, early = bought(("2030-04-01", 5), ("2026-03-31", 5), product="steel")
    purchases = [*bought(("2026-05-01", 60), product="steel"), *bought(("2026-05-01", 60), product="tin"), late, early]
    found = stand(clause, purchases)
    assert found.windows[0].counted == 60
    assert found.outside == (late, early)


def test_purchases_after_the_day_asked_about_are_not_known_yet() -> None:
    found = stand(promised(), bought(("2026-05-01", 10), ("2026-06-01", 90)), "2026-05-31")
    assert found.windows[0].counted == 10
    assert found.outside == ()


def test_returns_reduce_what_was_bought() -> None:
    assert stand(promised(), bought(("2026-05-01", 100), ("2026-06-01", -30)), "2027-04-01").windows[0].shortfall == 30


def test_each_window_says_how_it_came_to_its_figures() -> None:
    steps = stand(promised(anchor_on=date(2027, 1, 1)), bought(("2026-05-01", 60)), "2027-01-01").windows[0].steps
    assert [step.said("en") for step in steps] == [
        "2026-04-01: minimum 75.342 t (55/73)",
        "bought 60 t, carried in 0 t",
        "2026-12-31: short by 15.342 t",
    ]
    assert steps[2].said("fr") == "2026-12-31: manque 15.342 t"


def test_a_price_per_missing_unit_has_no_place_beside_an_amount() -> None:
    with pytest.raises(InvalidRecord, match="due itself"):
        VolumeCommitment(per=YEAR, amount=Money(1, "EUR"), shortfall=UnitPrice(1, "EUR"))


@pytest.mark.parametrize("anchor", [date(2020, 7, 1), date(2026, 4, 1), date(2026, 6, 15), date(2035, 2, 28)])
def test_windows_tile_the_contract_wherever_the_anchor_lies(anchor: date) -> None:
    found = windows(Tenor(months=6), anchor, LIFE, date(2040, 1, 1))
    assert found[0].span.first_day == LIFE.first_day
    assert found[-1].span.last_day == LIFE.last_day
    assert all(one.span.next_first_day == after.span.first_day for one, after in pairwise(found))
    assert [one.index for one in found] == list(range(len(found)))
    assert all(one.share == 1 for one in found[1:-1])


@pytest.mark.parametrize("anchor", [date(2026, 1, 1), date(2026, 4, 1), date(2026, 6, 15)])
def test_a_window_has_begun_when_the_contract_has(anchor: date) -> None:
    """A calendar year began in January; the contract's part of it begins with the contract, on 1 April."""
    assert windows(YEAR, anchor, LIFE, date(2026, 3, 31)) == ()
    assert windows(YEAR, anchor, LIFE, date(2026, 5, 31), from_day=date(2026, 6, 1)) == ()
    assert [one.span.first_day for one in windows(YEAR, anchor, LIFE, date(2026, 4, 1))] == [date(2026, 4, 1)]
    assert stand(promised(anchor_on=anchor), [], "2026-03-31").windows == ()


PURCHASES = st.lists(
    st.builds(
        Purchase,
        on=st.dates(min_value=date(2026, 4, 1), max_value=date(2030, 3, 31)),
        quantity=st.integers(0, 150).map(Decimal),
    ),
    max_size=12,
)
SHARES = st.sampled_from([None, Decimal(0), Decimal("0.1"), Decimal(1), Decimal(3)])
CLAUSES = st.builds(
    promised,
    carry_forward=SHARES,
    make_up=SHARES,
    carry_periods=st.integers(1, 3),
    make_up_periods=st.integers(1, 3),
    anchor_on=st.sampled_from([None, date(2027, 1, 1)]),
)


@given(CLAUSES, PURCHASES, st.randoms(use_true_random=False))
def test_the_order_of_purchases_does_not_matter(
    clause: VolumeCommitment, purchases: list[Purchase], random: Any
) -> None:
    shuffled = list(purchases)
    random.shuffle(shuffled)
    assert stand(clause, purchases).windows == stand(clause, shuffled).windows


@given(CLAUSES, PURCHASES)
def test_every_unit_is_counted_once_and_nothing_is_carried_twice(
    clause: VolumeCommitment, purchases: list[Purchase]
) -> None:
    found = stand(clause, purchases).windows
    assert sum(one.counted for one in found) == sum(p.quantity or 0 for p in purchases)
    for one in found:
        assert one.shortfall >= 0
        assert not (one.shortfall and one.surplus)
        assert one.counted + one.carried_in + one.shortfall == one.committed + one.surplus
        assert one.made_up + one.carried_out <= one.surplus
    for n in range(len(found)):
        before = found[:n]
        assert sum(one.carried_in for one in found[: n + 1]) <= sum(one.carried_out for one in before)
        assert sum(one.made_up for one in found[: n + 1]) <= sum(one.shortfall for one in before)


@given(PURCHASES, st.integers(1, 50))
def test_buying_more_never_costs_a_larger_true_up(purchases: list[Purchase], more: int) -> None:
    clause = promised(carry_forward=Decimal(1))
    extra = Purchase(on=date(2026, 4, 1), quantity=Decimal(more))
    short = sum(one.shortfall for one in stand(clause, purchases).windows)
    assert sum(one.shortfall for one in stand(clause, [*purchases, extra]).windows) <= short
