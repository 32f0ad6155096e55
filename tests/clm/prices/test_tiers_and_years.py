"""Tiers as vendors document them, one year for both wings, and roundings that are exact."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_05UP, Context, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.bridge.clause_words import price_words
from clmcrm.clm.contract import Contract
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.price_clauses import (
    PriceClause,
    PriceRevisionClause,
    RebateClause,
    RebateTier,
    TieredPriceClause,
    VolumeCommitment,
)
from clmcrm.clm.prices.in_force import agreed_prices, annual_recurring_value
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.crm.lines import OpportunityLine, SalesLine
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.recurring import yearly_recurring
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.exact import Rounding, exact_money, round_to, whole_weights
from clmcrm.values.ids import LineId, OpportunityId, ProductId
from clmcrm.values.money import Money, UnitPrice, shared_out, total
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier, tiered_amount
from clmcrm.values.yearly import per_year
from making import contract

VOLUME, GRADUATED, STAIRS = PriceModel.VOLUME, PriceModel.GRADUATED, PriceModel.STAIRS


def tiers(*steps: tuple[int | None, str]) -> tuple[PriceTier, ...]:
    return tuple(
        PriceTier(up_to=None if bound is None else Decimal(bound), price=UnitPrice(price, "USD"))
        for bound, price in steps
    )


FONTS = tiers((5, "7"), (10, "6.5"), (None, "6"))
UNITS = tiers((5, "5"), (10, "4"), (15, "3"), (20, "2"), (None, "1"))


@pytest.mark.parametrize(
    ("model", "steps", "quantity", "amount", "source"),
    [
        (VOLUME, FONTS, 1, "7", "docs.stripe.com, tiered pricing"),
        (VOLUME, FONTS, 5, "35", "docs.stripe.com, tiered pricing"),
        (VOLUME, FONTS, 6, "39", "docs.stripe.com, tiered pricing"),
        (VOLUME, FONTS, 20, "120", "docs.stripe.com, tiered pricing"),
        (VOLUME, FONTS, 25, "150", "docs.stripe.com, tiered pricing"),
        (GRADUATED, FONTS, 5, "35", "docs.stripe.com, tiered pricing"),
        (VOLUME, UNITS, 6, "24", "stripe.com, billing tiers: the total falls"),
        (VOLUME, UNITS, 25, "25", "stripe.com, billing tiers"),
        (GRADUATED, UNITS, 6, "29", "stripe.com, billing tiers"),
        (GRADUATED, tiers((100, "1"), (200, "0.5"), (None, "0.1")), 250, "155", "getlago.com, graduated: 100 + 50 + 5"),
        (STAIRS, tiers((10, "50"), (100, "200")), 11, "200", "one amount per tier"),
    ],
)
def test_tiers_price_as_vendors_document_them(
    *, model: PriceModel, steps: tuple[PriceTier, ...], quantity: int, amount: str, source: str
) -> None:
    assert tiered_amount(model, steps, Decimal(quantity)) == Money(amount, "USD"), source
    clause = TieredPriceClause(product=ProductId("p"), model=model, tiers=steps)
    assert clause.amount(Decimal(quantity)) == Money(amount, "USD")


QUANTITIES = st.decimals(min_value=0, max_value=100, places=2)


@given(QUANTITIES, QUANTITIES)
def test_graduated_and_rising_stairs_never_fall_with_the_quantity(one: Decimal, two: Decimal) -> None:
    low, high = sorted((one, two))
    stairs = tiers((10, "50"), (20, "80"), (None, "100"))
    assert tiered_amount(GRADUATED, FONTS, low) <= tiered_amount(GRADUATED, FONTS, high)
    assert tiered_amount(STAIRS, stairs, low) <= tiered_amount(STAIRS, stairs, high)


@given(QUANTITIES)
def test_volume_never_costs_more_than_graduated_when_prices_fall(quantity: Decimal) -> None:
    assert tiered_amount(VOLUME, FONTS, quantity) <= tiered_amount(GRADUATED, FONTS, quantity)


def test_a_long_quantity_at_a_long_price_is_rounded_once() -> None:
    price, quantity = "0.12345678901234567", Decimal("1234567.8901234567")
    exact = Fraction(Decimal(price)) * Fraction(quantity)
    found = tiered_amount(GRADUATED, tiers((None, price)), quantity)
    assert found == exact_money(exact, "USD")
    assert abs(Fraction(found.amount) - exact) <= Fraction(1, 200)


# What a host's own division gives: as many digits as its context keeps.
LONG = st.fractions(0, 1, max_denominator=997).map(lambda f: Decimal(f.numerator) / Decimal(f.denominator))


@given(LONG, LONG, LONG)
def test_a_contract_line_costs_what_the_line_of_its_sale_does_however_long_its_numbers(
    price: Decimal, quantity: Decimal, discount: Decimal
) -> None:
    unit = UnitPrice(price.quantize(Decimal("1E-20")) + 9, "EUR")
    exact = Fraction(unit.amount) * Fraction(quantity) * (1 - Fraction(discount))
    line = ContractLine(id=LineId("l"), description="seats", price=unit, quantity=quantity, discount=discount)
    sale = SalesLine(id=LineId("l"), unit_price=unit, quantity=quantity, discount=discount)
    assert line.amount == sale.net_amount == exact_money(exact, "EUR")


@pytest.mark.parametrize("quantity", ["1E+28", "1E+60", "1E+999999"])
def test_a_line_of_far_too_much_is_refused_by_name(quantity: str) -> None:
    """Neither an overflow nor digits that nobody can write."""
    of: dict[str, Any] = {"id": LineId("l"), "quantity": Decimal(quantity), "discount": Decimal("0.1")}
    line = ContractLine(**of, description="seats", price=UnitPrice("10.5", "EUR"))
    sale = SalesLine(**of, unit_price=UnitPrice("10.5", "EUR"))
    for of_line, name in ((line, "amount"), (sale, "net_amount"), (sale, "gross_amount")):
        with pytest.raises(InvalidRecord, match=r"Money: amount is .* at most 28 digits"):
            _ = getattr(of_line, name)


def test_a_line_of_next_to_nothing_costs_nothing() -> None:
    line = ContractLine(id=LineId("l"), description="s", price=UnitPrice("10.5", "EUR"), quantity=Decimal("1E-999999"))
    assert line.amount == Money(0, "EUR")


@pytest.mark.parametrize("model", [PriceModel.VOLUME, PriceModel.GRADUATED, PriceModel.STAIRS])
@pytest.mark.parametrize("quantity", [Decimal(-1), Decimal("NaN"), 1.5, "3", None])
def test_a_quantity_that_is_none_has_no_price(model: PriceModel, quantity: Any) -> None:
    tiers = (PriceTier(price=UnitPrice(5, "EUR")),)
    with pytest.raises(InvalidRecord, match=r"Price: quantity is .*; expected a Decimal of zero or more"):
        _ = tiered_amount(model, tiers, quantity)


def test_a_tiered_clause_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="model"):
        TieredPriceClause(product=ProductId("p"), model=PriceModel.FLAT, tiers=())
    with pytest.raises(InvalidRecord, match="at least one tier"):
        TieredPriceClause(product=ProductId("p"), model=VOLUME, tiers=())
    mixed = (FONTS[0], PriceTier(price=UnitPrice(1, "EUR")))
    with pytest.raises(CurrencyMismatch):
        TieredPriceClause(product=ProductId("p"), model=VOLUME, tiers=mixed)


def test_a_price_that_is_not_in_force_yet_is_not_promised() -> None:
    """Neither a single price nor one by tiers, whatever days it names beside its clause's first."""
    first = date(2026, 7, 1)
    single = PriceClause(product=ProductId("p"), price=UnitPrice(5, "EUR"), first_day=first)
    tiered = TieredPriceClause(
        product=ProductId("q"), model=PriceModel.VOLUME, tiers=(PriceTier(price=UnitPrice(7, "EUR")),), first_day=first
    )
    held = contract(clauses=(single, tiered))
    for day, promised in ((date(2026, 6, 30), 0), (first, 1)):
        assert len(agreed_prices(held, day)) == promised
        assert len(list(price_words(held, day))) == 2 * promised


def test_a_floor_is_in_the_currency_of_its_price() -> None:
    with pytest.raises(CurrencyMismatch, match="floor of the PriceClause p: currency is 'USD'; expected EUR"):
        PriceClause(product=ProductId("p"), price=UnitPrice(10, "EUR"), floor=UnitPrice(8, "USD"))


@pytest.mark.parametrize(
    ("every", "amount"),
    [
        (Tenor(months=1), "1200.00"),
        (Tenor(months=3), "400.00"),
        (Tenor(months=5), "240.00"),
        (Tenor(years=1, months=6), "66.67"),
        (Tenor(years=3), "33.33"),
        (Tenor(weeks=1), "5214.29"),  # 365 / 7 times
        (Tenor(days=1), "36500.00"),
        (Tenor(days=365), "100.00"),
        (Tenor(months=1, days=1), "1161.80"),  # 12 x 365 / 377 times
    ],
)
def test_a_sale_and_its_contract_show_one_yearly_figure(every: Tenor, amount: str) -> None:
    """Twelve months are a year, and so are 365 days, in both wings."""
    expected = Money(amount, "EUR")
    assert per_year(Money(100, "EUR"), every) == expected
    price = UnitPrice(100, "EUR")
    sold = OpportunityLine(id=LineId("l"), unit_price=price, recurs_every=every)
    assert yearly_recurring(Opportunity(id=OpportunityId("o"), name="sale", lines=(sold,))) == expected
    agreed = ContractLine(id=LineId("l"), description="l", price=price, recurrence=every)
    assert annual_recurring_value(contract(lines=(agreed,)), date(2026, 1, 1)) == (expected,)


def test_one_off_lines_and_other_currencies_stay_out_of_a_yearly_sum() -> None:
    """Pains 19 and 20."""
    month = Tenor(months=1)
    lines = (
        ContractLine(id=LineId("1"), description="setup", price=UnitPrice(9000, "EUR")),
        ContractLine(id=LineId("2"), description="seats", price=UnitPrice(10, "EUR"), recurrence=month),
        ContractLine(id=LineId("3"), description="calls", price=UnitPrice(5, "USD"), recurrence=month),
    )
    assert annual_recurring_value(contract(lines=lines), date(2026, 1, 1)) == (Money(120, "EUR"), Money(60, "USD"))


def test_every_new_clause_comes_back_from_its_written_form() -> None:
    clauses = (
        TieredPriceClause(product=ProductId("p"), model=GRADUATED, tiers=FONTS),
        PriceRevisionClause(every=Tenor(years=1), index="CPI", base_value=Decimal("102.5"), total_cap=Decimal(10)),
        VolumeCommitment(per=Tenor(years=1), quantity=Decimal(9), ramp=(Decimal(1),), make_up=Decimal("0.5")),
        RebateClause(
            per=Tenor(years=1), currency="EUR", tiers=(RebateTier(threshold=Decimal(1), rate=Decimal("0.1")),)
        ),
    )
    written = contract(clauses=clauses)
    assert from_fields(Contract, to_fields(written)) == written


FRACTIONS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**40)


@pytest.mark.parametrize("rounding", list(Rounding), ids=lambda rounding: rounding.name)
@given(value=FRACTIONS, decimals=st.integers(0, 6))
def test_a_fraction_is_rounded_as_if_it_had_all_its_digits(value: Fraction, decimals: int, rounding: Rounding) -> None:
    found = Fraction(round_to(value, decimals, rounding))
    step = Fraction(1, 10**decimals)
    assert (found / step).denominator == 1
    below = value // step * step
    above = below if below == value else below + step
    half = {Rounding.HALF_UP, Rounding.HALF_DOWN, Rounding.HALF_EVEN}
    assert found in {below, above}
    if rounding in half:
        assert abs(found - value) <= step / 2
    towards_zero, away = sorted((below, above), key=abs)
    expected = {
        Rounding.UP: away, Rounding.DOWN: towards_zero, Rounding.FLOOR: below, Rounding.CEILING: above,
    }.get(rounding, found)  # fmt: skip
    assert found == expected


@given(value=st.decimals(min_value=-(10**6), max_value=10**6, places=4), decimals=st.integers(0, 4))
def test_rounding_agrees_with_the_decimal_module_where_it_can_hold_the_value(value: Decimal, decimals: int) -> None:
    context = Context(prec=40)
    for rounding in Rounding:
        expected = value.quantize(Decimal(1).scaleb(-decimals), rounding=rounding.value, context=context)
        assert round_to(Fraction(value), decimals, rounding) == expected
    assert ROUND_05UP not in {rounding.value for rounding in Rounding}


def test_a_value_just_below_half_a_cent_is_not_rounded_twice() -> None:
    almost = Fraction(5, 1000) - Fraction(1, 10**60)
    assert exact_money(almost, "EUR") == Money(0, "EUR")
    assert exact_money(almost + Fraction(1, 10**60), "EUR") == Money("0.01", "EUR")


@given(st.lists(st.fractions(0, 10, max_denominator=500), min_size=1, max_size=8).filter(any), st.integers(0, 10**6))
def test_whole_weights_keep_the_proportions(shares: list[Fraction], cents: int) -> None:
    weights = whole_weights(shares)
    assert all(Fraction(w) * sum(shares) == s * sum(weights) for w, s in zip(weights, shares, strict=True))
    assert total(shared_out(Money(cents, "JPY"), weights), "JPY") == Money(cents, "JPY")
