"""The return of a contract system: worked by hand, a range that bounds, and every input's weight."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.analytics.roi import Driver, Effect, RoiInput, RoiModel, return_on_investment
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown


def given_input(name: str, low: str, expected: str, high: str, **more: Any) -> RoiInput:
    return RoiInput(
        name=name,
        unit="each",
        low=Decimal(low),
        expected=Decimal(expected),
        high=Decimal(high),
        source=more.get("source", "time sheets 2025"),
        is_assumption=more.get("is_assumption", False),
    )


INPUTS = (
    given_input("contracts a year", "80", "100", "120"),
    given_input("hours saved", "1", "2", "4", is_assumption=True, source="assumed by the project"),
    given_input("cost of an hour", "50", "50", "50"),
    given_input("licence", "3000", "4000", "5000"),
    given_input("introduction", "6000", "9000", "12000"),
)
SAVED = Driver(
    name="time saved",
    effect=Effect.BENEFIT,
    factors=("contracts a year", "hours saved", "cost of an hour"),
)
LICENCE = Driver(name="licence", effect=Effect.COST, factors=("licence",))
SET_UP = Driver(name="introduction", effect=Effect.COST, factors=("introduction",), once=True)
MODEL = RoiModel(inputs=INPUTS, drivers=(SAVED, LICENCE, SET_UP), years=3, currency="EUR")


def test_the_result_is_as_worked_by_hand() -> None:
    found = return_on_investment(MODEL)
    assert found.benefit.expected == Money(30_000, "EUR")  # 100 x 2 x 50 x 3 years
    assert found.cost.expected == Money(21_000, "EUR")  # 4000 x 3 years + 9000 once
    assert found.net.expected == Money(9_000, "EUR")
    assert found.net.worst == Money(12_000 - 27_000, "EUR")
    assert found.net.best == Money(72_000 - 15_000, "EUR")
    assert found.ratio == Decimal("0.43")
    assert found.payback_months == 18  # 9000 out, 6000 a year back
    assert found.assumptions == ("hours saved",)


def test_the_ratio_is_that_of_the_exact_amounts() -> None:
    """In a currency without cents a cost of 3.4 is shown as 3; the ratio is still that of 3.4."""
    inputs = (given_input("saving", "5", "5", "5"), given_input("price", "3.4", "3.4", "3.4"))
    drivers = (Driver(name="saved", effect=Effect.BENEFIT, factors=("saving",)),
               Driver(name="licence", effect=Effect.COST, factors=("price",)))  # fmt: skip
    found = return_on_investment(RoiModel(inputs=inputs, drivers=drivers, years=1, currency="JPY"))
    assert (found.cost.expected, found.ratio) == (Money(3, "JPY"), Decimal("0.47"))


def test_the_widest_swing_comes_first_and_a_measured_constant_last() -> None:
    found = return_on_investment(MODEL).sensitivity
    assert [(s.input, str(s.swing)) for s in found] == [
        ("hours saved", "45000.00 EUR"),
        ("contracts a year", "12000.00 EUR"),
        ("introduction", "6000.00 EUR"),
        ("licence", "6000.00 EUR"),
        ("cost of an hour", "0.00 EUR"),
    ]
    assert (found[0].net_at_low, found[0].net_at_high) == (Money(-6000, "EUR"), Money(39_000, "EUR"))
    assert found[0].is_assumption


def test_a_part_of_a_month_counts_as_a_whole_one_to_pay_back() -> None:
    inputs = (given_input("gain", "0", "1200", "1200"), given_input("outlay", "101", "101", "101"))
    drivers = (
        Driver(name="gain", effect=Effect.BENEFIT, factors=("gain",)),
        Driver(name="outlay", effect=Effect.COST, factors=("outlay",), once=True),
    )
    model = RoiModel(inputs=inputs, drivers=drivers, years=1, currency="EUR")
    assert return_on_investment(model).payback_months == 2


def test_what_has_no_meaning_is_unknown_with_a_reason() -> None:
    free = RoiModel(inputs=INPUTS[:3], drivers=(SAVED,), years=1, currency="EUR")
    found = return_on_investment(free)
    assert isinstance(found.ratio, Unknown)
    assert found.payback_months == 0
    dear = RoiModel(inputs=INPUTS[3:], drivers=(LICENCE, SET_UP), years=1, currency="EUR")
    assert isinstance(return_on_investment(dear).payback_months, Unknown)
    assert return_on_investment(dear).ratio == Decimal("-1.00")


NUMBERS = st.lists(st.decimals(min_value=0, max_value=10**4, places=2), min_size=3, max_size=3).map(sorted)


@given(NUMBERS, NUMBERS, NUMBERS, st.integers(1, 10))
def test_the_range_bounds_every_single_change(
    one: list[Decimal], two: list[Decimal], three: list[Decimal], years: int
) -> None:
    named = [given_input(name, *map(str, v)) for name, v in zip("abc", (one, two, three), strict=True)]
    drivers = (
        Driver(name="both", effect=Effect.BENEFIT, factors=("a", "b")),
        Driver(name="shared", effect=Effect.COST, factors=("b",)),
        Driver(name="single", effect=Effect.COST, factors=("c",), once=True),
    )
    found = return_on_investment(RoiModel(inputs=tuple(named), drivers=drivers, years=years, currency="EUR"))
    cent = Money("0.02", "EUR")
    for swing in found.sensitivity:
        for net in (swing.net_at_low, swing.net_at_high):
            assert found.net.worst - cent <= net <= found.net.best + cent


@pytest.mark.parametrize(
    ("inputs", "drivers", "field"),
    [
        ((INPUTS[3], INPUTS[3]), (LICENCE,), "inputs"),
        (INPUTS[3:4], (), "drivers"),
        ((), (LICENCE,), "drivers"),
        ((), (Driver(name="empty", effect=Effect.COST, factors=()),), "factors"),
    ],
)
def test_a_model_that_does_not_hang_together_is_refused(
    inputs: tuple[RoiInput, ...], drivers: tuple[Driver, ...], field: str
) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        RoiModel(inputs=inputs, drivers=drivers, years=1, currency="EUR")
    assert refusal.value.field == field


def test_an_input_in_another_currency_is_not_taken_for_the_models_own() -> None:
    dollars, euros = attrs.evolve(INPUTS[3], unit="USD"), attrs.evolve(INPUTS[3], unit="EUR")
    with pytest.raises(CurrencyMismatch, match="licence"):
        RoiModel(inputs=(dollars,), drivers=(LICENCE,), years=1, currency="EUR")
    assert RoiModel(inputs=(euros,), drivers=(LICENCE,), years=1, currency="EUR").inputs == (euros,)


@pytest.mark.parametrize(("low", "expected", "high"), [("2", "1", "3"), ("1", "4", "3"), ("-1", "0", "1")])
def test_an_input_out_of_order_is_refused(low: str, expected: str, high: str) -> None:
    with pytest.raises(InvalidRecord):
        given_input("x", low, expected, high)


def test_an_input_without_a_source_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="source"):
        given_input("x", "1", "1", "1", source="")
