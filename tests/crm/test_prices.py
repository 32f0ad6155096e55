"""Prices and lines: worked examples of every model, and what no price can be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.lines import OpportunityLine, QuoteLine, RampStep, SalesLine
from clmcrm.crm.price_lists import list_price
from clmcrm.crm.product import Price
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.ids import LineId, ProductId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier, tiered_amount

TIERS = (
    PriceTier(up_to=Decimal(10), price=UnitPrice(5, "EUR")),
    PriceTier(up_to=Decimal(20), price=UnitPrice(4, "EUR")),
    PriceTier(price=UnitPrice(3, "EUR")),
)


@pytest.mark.parametrize(
    ("model", "quantity", "amount"),
    [
        (PriceModel.VOLUME, 0, "0.00"),
        (PriceModel.VOLUME, 10, "50.00"),
        (PriceModel.VOLUME, 11, "44.00"),
        (PriceModel.VOLUME, 25, "75.00"),
        (PriceModel.GRADUATED, 10, "50.00"),
        (PriceModel.GRADUATED, 11, "54.00"),
        (PriceModel.GRADUATED, 25, "105.00"),
        (PriceModel.STAIRS, 1, "5.00"),
        (PriceModel.STAIRS, 10, "5.00"),
        (PriceModel.STAIRS, 11, "4.00"),
        (PriceModel.STAIRS, 99, "3.00"),
    ],
)
def test_each_tiered_model_prices_as_worked_by_hand(model: PriceModel, quantity: int, amount: str) -> None:
    assert tiered_amount(model, TIERS, Decimal(quantity)) == Money(amount, "EUR")
    price = Price(product=ProductId("p"), model=model, tiers=TIERS)
    assert price.amount(Decimal(quantity)) == Money(amount, "EUR")


QUANTITY = st.decimals(min_value=0, max_value=1000, places=0)


@given(QUANTITY, QUANTITY)
def test_a_graduated_price_never_falls_with_the_quantity(one: Decimal, two: Decimal) -> None:
    low, high = sorted((one, two))
    assert tiered_amount(PriceModel.GRADUATED, TIERS, low) <= tiered_amount(PriceModel.GRADUATED, TIERS, high)


@given(QUANTITY)
def test_one_open_tier_is_the_price_per_unit(quantity: Decimal) -> None:
    tiers = [PriceTier(price=UnitPrice("2.5", "EUR"))]
    expected = UnitPrice("2.5", "EUR").times(quantity)
    assert tiered_amount(PriceModel.GRADUATED, tiers, quantity) == expected
    assert tiered_amount(PriceModel.VOLUME, tiers, quantity) == expected


@pytest.mark.parametrize("model", [PriceModel.PER_UNIT, PriceModel.GRADUATED])
def test_a_quantity_of_many_digits_has_the_same_price_by_the_unit_and_by_one_tier(model: PriceModel) -> None:
    by_tier = model is PriceModel.GRADUATED
    facts: dict[str, Any] = (
        {"tiers": (PriceTier(price=UnitPrice(3, "EUR")),)} if by_tier else {"unit_price": UnitPrice(3, "EUR")}
    )
    assert Price(product=ProductId("p"), model=model, **facts).amount(Decimal(2) / 30) == Money("0.20", "EUR")


def test_a_quantity_of_a_thousand_million_digits_is_refused_and_not_written_out() -> None:
    price = Price(product=ProductId("p"), unit_price=UnitPrice(3, "EUR"))
    with pytest.raises(InvalidRecord, match="at most 28 digits"):
        price.amount(Decimal("1E+999999999"))
    assert price.amount(Decimal("1E-999999999")) == Money(0, "EUR")


@pytest.mark.parametrize("model", [PriceModel.PER_UNIT, PriceModel.FLAT])
def test_true_is_no_quantity(model: PriceModel) -> None:
    with pytest.raises(InvalidRecord, match="a finite Decimal"):
        Price(product=ProductId("p"), model=model, unit_price=UnitPrice(3, "EUR")).amount(True)  # type: ignore[arg-type] # what is tried


def test_a_quantity_beyond_the_last_tier_has_no_price() -> None:
    with pytest.raises(InvalidRecord, match="at most 20"):
        tiered_amount(PriceModel.VOLUME, TIERS[:2], Decimal(21))


PRICE: dict[str, Any] = {"product": "p", "unit_price": UnitPrice(5, "EUR")}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model": PriceModel.VOLUME}, "tiers"),
        ({"tiers": TIERS}, "tiers"),
        ({"unit_price": None}, "unit_price"),
        ({"model": PriceModel.VOLUME, "tiers": TIERS}, "unit_price"),
        ({"model": PriceModel.VOLUME, "tiers": TIERS[::-1], "unit_price": None}, "tiers"),
        ({"model": PriceModel.VOLUME, "tiers": (TIERS[0], TIERS[0]), "unit_price": None}, "tiers"),
        ({"first_day": date(2026, 2, 1), "last_day": date(2026, 1, 31)}, "last_day"),
        ({"minimum": Decimal(-1)}, "minimum"),
        ({"recurs_every": 1}, "recurs_every"),
    ],
)
def test_a_price_that_contradicts_its_model_is_refused(change: dict[str, Any], field: str) -> None:
    assert Price(**PRICE).tiers == ()
    with pytest.raises(InvalidRecord) as refusal:
        Price(**{**PRICE, **change})
    assert refusal.value.field == field


def test_tiers_in_two_currencies_are_refused() -> None:
    mixed = (TIERS[0], PriceTier(price=UnitPrice(1, "USD")))
    with pytest.raises(CurrencyMismatch):
        Price(product=ProductId("p"), model=PriceModel.VOLUME, tiers=mixed)


def test_a_price_holds_on_both_its_first_and_its_last_day() -> None:
    price = Price(**PRICE, first_day=date(2026, 1, 1), last_day=date(2026, 1, 31))
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1))
    assert [price.valid_on(day) for day in days] == [False, True, True, False]


def test_less_than_the_minimum_is_not_sold() -> None:
    with pytest.raises(InvalidRecord, match="at least 5"):
        Price(**PRICE, minimum=Decimal(5)).amount(Decimal(4))


def line(**more: Any) -> SalesLine:
    return SalesLine(id=LineId("l"), **more)


@pytest.mark.parametrize(
    ("given_line", "amount"),
    [
        (line(quantity=Decimal(3), unit_price=UnitPrice(10, "EUR")), "30.00"),
        (line(quantity=Decimal(3), unit_price=UnitPrice(10, "EUR"), discount=Decimal("0.1")), "27.00"),
        (
            line(
                quantity=Decimal(3),
                unit_price=UnitPrice(10, "EUR"),
                discount=Decimal("0.1"),
                discount_amount=Money(2, "EUR"),
            ),
            "25.00",
        ),
        # Rounded once: half of half a cent is nothing, while rounding the price first would make a cent.
        (
            line(quantity=Decimal(1000), unit_price=UnitPrice("0.0035", "EUR"), discount=Decimal("0.01")),
            "3.47",
        ),
        (line(quantity=Decimal(1), unit_price=UnitPrice("0.005", "EUR"), discount=Decimal("0.5")), "0.00"),
        (
            line(quantity=Decimal(7), unit_price=UnitPrice(100, "EUR"), price_model=PriceModel.FLAT),
            "100.00",
        ),
        (line(quantity=Decimal(11), price_model=PriceModel.GRADUATED, tiers=TIERS), "54.00"),
        (
            line(quantity=Decimal(5), unit_price=UnitPrice(9, "EUR"), discount=Decimal(1)),
            "0.00",
        ),
    ],
)
def test_a_line_is_worth_what_is_worked_by_hand(given_line: SalesLine, amount: str) -> None:
    assert given_line.net_amount == Money(amount, "EUR")


@pytest.mark.parametrize("quantity", [Decimal("NaN"), Decimal("Infinity"), 2.5])
def test_a_quantity_that_is_no_number_is_refused(quantity: Any) -> None:
    given_price = Price(product=ProductId("p"), unit_price=UnitPrice(9, "EUR"))
    for ask in (
        lambda: given_price.amount(quantity),
        lambda: list_price(ProductId("p"), quantity, date(2026, 1, 1), "EUR", books=[], prices=[given_price]),
    ):
        with pytest.raises(InvalidRecord, match="a finite Decimal") as refusal:
            ask()
        assert (refusal.value.record, refusal.value.field) == ("Price p", "quantity")


def test_a_line_without_a_price_is_worth_nothing_known() -> None:
    assert line().net_amount is None
    assert line().currency_code is None


@pytest.mark.parametrize(("quantity", "amount"), [(10, "50.00"), (11, None)])
@pytest.mark.parametrize("model", [PriceModel.VOLUME, PriceModel.GRADUATED])
def test_a_line_beyond_its_last_tier_has_no_price_and_stops_nobody(
    model: PriceModel, quantity: int, amount: str | None
) -> None:
    bounded = (PriceTier(up_to=Decimal(10), price=UnitPrice(5, "EUR")),)
    found = line(quantity=Decimal(quantity), price_model=model, tiers=bounded)
    worth = None if amount is None else Money(amount, "EUR")
    assert (found.gross_amount, found.net_amount) == (worth, worth)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 3}, "quantity"),
        ({"quantity": Decimal(-1)}, "quantity"),
        ({"unit_price": Money(1, "EUR")}, "unit_price"),
        ({"discount": Decimal(10)}, "discount"),
        ({"service_first_day": date(2026, 2, 1), "service_last_day": date(2026, 1, 1)}, "service_last_day"),
        ({"ramp": (RampStep(first_day=date(2026, 2, 1)), RampStep(first_day=date(2026, 1, 1)))}, "ramp"),
        ({"parent_line": "l"}, "parent_line"),
        ({"position": 0}, "position"),
        ({"recurs_every": "P1M"}, "recurs_every"),
        ({"price_model": PriceModel.STAIRS}, "tiers"),
    ],
)
@pytest.mark.parametrize("record", [SalesLine, OpportunityLine, QuoteLine])
def test_a_bad_line_is_refused(record: type[SalesLine], change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        record(**{"id": "l", **change})
    assert refusal.value.field == field


def test_a_line_in_two_currencies_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        line(unit_price=UnitPrice(1, "EUR"), list_price=UnitPrice(1, "USD"))


def test_one_off_and_recurring_lines_are_told_apart() -> None:
    assert not line().is_recurring
    assert line(recurs_every=Tenor(months=1)).is_recurring
