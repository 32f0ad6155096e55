"""Forecasts: worked by hand, additive, independent of order, and never two currencies in one sum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.forecast import Forecast, forecast_sales
from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.opportunity import ForecastCategory, Opportunity, OpportunityStage
from clmcrm.crm.pipeline import Pipeline, Stage
from clmcrm.values.ids import LineId, OpportunityId, PipelineId, StageId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.tenor import Tenor

AS_OF = date(2026, 5, 7)
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
USD = Rate(source="USD", target="EUR", on=date(2026, 1, 2), factor="0.90", by="ECB")
RATES = RateTable([USD])


def sale(key: str = "o", **facts: Any) -> Opportunity:
    usual: dict[str, Any] = {
        "stage": OpportunityStage.PROPOSAL,
        "amount": Money(1000, "EUR"),
        "recurring_amount": Money(50, "EUR"),
        "recurring_every": Tenor(months=1),
        "probability": Decimal("0.5"),
        "forecast_category": ForecastCategory.COMMIT,
        "expected_close_on": date(2026, 6, 15),
    }
    return Opportunity(id=OpportunityId(key), name=key, **{**usual, **facts})


def figures(forecast: Forecast, month: date, category: ForecastCategory) -> list[str]:
    cell = forecast.cell(month, category)
    return [str(cell.sales), *map(str, (cell.amount, cell.weighted, cell.yearly, cell.weighted_yearly))]


def test_amounts_are_weighted_sale_by_sale_as_worked_by_hand() -> None:
    sales = [
        sale("a"),
        sale("b", amount=Money(200, "EUR"), probability=Decimal("0.25"), recurring_every=Tenor(years=1)),
        sale("c", expected_close_on=date(2026, 7, 1)),
    ]
    found = forecast_sales(sales, code="EUR", as_of=AS_OF)
    assert figures(found, JUNE, ForecastCategory.COMMIT) == [
        "2",
        "1200.00 EUR",
        "550.00 EUR",
        "650.00 EUR",
        "312.50 EUR",
    ]
    assert found.cell(JULY, ForecastCategory.COMMIT).sales == 1
    assert found.cell(JULY, ForecastCategory.PIPELINE).sales == 0
    assert found.left_out == ()


def test_a_won_sale_is_certain_in_the_month_it_closed() -> None:
    won = sale(stage=OpportunityStage.WON, closed_on=date(2026, 7, 31), probability=Decimal("0.1"))
    found = forecast_sales([won], code="EUR", as_of=AS_OF)
    assert figures(found, JULY, ForecastCategory.CLOSED)[1:3] == ["1000.00 EUR", "1000.00 EUR"]


@pytest.mark.parametrize(
    "facts",
    [{"stage": OpportunityStage.LOST}, {"forecast_category": ForecastCategory.OMITTED}],
)
def test_what_does_not_belong_in_a_forecast_does_not_count(facts: dict[str, Any]) -> None:
    found = forecast_sales([sale(**facts)], code="EUR", as_of=AS_OF)
    assert (found.cells, found.left_out) == ((), ())


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"stage": OpportunityStage.UNKNOWN}, "nothing is known of its stage"),
        ({"probability": None}, "no probability is stated"),
        ({"forecast_category": None}, "no forecast category is stated"),
        ({"expected_close_on": None}, "its expected closing day is not stated"),
        ({"stage": OpportunityStage.WON}, "it is won and its closing day is not stated"),
    ],
)
def test_a_sale_that_cannot_be_placed_is_named(facts: dict[str, Any], reason: str) -> None:
    found = forecast_sales([sale("x", **facts)], code="EUR", as_of=AS_OF)
    assert found.cells == ()
    (left,) = found.left_out
    assert left.record == "opportunity x"
    assert left.reason.startswith(reason)


def test_an_amount_nobody_states_is_named_and_the_rest_still_counts() -> None:
    found = forecast_sales([sale(amount=None)], code="EUR", as_of=AS_OF)
    assert figures(found, JUNE, ForecastCategory.COMMIT)[1::2] == ["0.00 EUR", "600.00 EUR"]
    assert [left.reason for left in found.left_out] == ["amount: no amount is stated"]


def test_another_currency_is_left_out_without_rates_and_converted_with_them() -> None:
    dollars = sale(amount=Money(100, "USD"), recurring_amount=None, recurring_every=None)
    without = forecast_sales([dollars], code="EUR", as_of=AS_OF)
    assert without.cells == ()
    assert "no rates were given" in without.left_out[-1].reason
    found = forecast_sales([dollars], code="EUR", as_of=AS_OF, rates=RATES)
    assert found.cell(JUNE, ForecastCategory.COMMIT).amount == Money(90, "EUR")
    assert found.rates == (USD,)


def test_one_off_lines_never_count_as_recurring() -> None:
    lines = (
        OpportunityLine(id=LineId("once"), unit_price=UnitPrice(900, "EUR")),
        OpportunityLine(id=LineId("monthly"), unit_price=UnitPrice(10, "EUR"), recurs_every=Tenor(months=1)),
    )
    found = forecast_sales([sale(recurring_amount=None, recurring_every=None, lines=lines)], code="EUR", as_of=AS_OF)
    assert found.cell(JUNE, ForecastCategory.COMMIT).yearly == Money(120, "EUR")


def test_a_stage_lends_probability_and_category_to_a_sale_that_states_none() -> None:
    stage = Stage(
        id=StageId("s"),
        name="Offer",
        stage=OpportunityStage.PROPOSAL,
        probability=Decimal("0.2"),
        forecast_category=ForecastCategory.PIPELINE,
    )
    pipeline = Pipeline(id=PipelineId("p"), name="Direct", stages=(stage,))
    bare = sale(probability=None, forecast_category=None, pipeline=PipelineId("p"), stage_id=StageId("s"))
    found = forecast_sales([bare], code="EUR", as_of=AS_OF, pipelines=[pipeline])
    assert found.cell(JUNE, ForecastCategory.PIPELINE).weighted == Money(200, "EUR")


CENTS = st.decimals(min_value=0, max_value=10**6, places=2)
SALES = st.lists(
    st.builds(
        lambda amount, probability, month, category: sale(
            amount=Money(amount, "EUR"),
            probability=probability,
            expected_close_on=date(2026, month, 28),
            forecast_category=category,
        ),
        CENTS,
        st.decimals(min_value=0, max_value=1, places=3),
        st.integers(1, 12),
        st.sampled_from(list(ForecastCategory)),
    ),
    max_size=8,
)


@given(SALES, SALES)
def test_two_forecasts_together_are_the_forecast_of_both(one: list[Opportunity], two: list[Opportunity]) -> None:
    whole = forecast_sales([*one, *two], code="EUR", as_of=AS_OF)
    left = forecast_sales(one, code="EUR", as_of=AS_OF)
    right = forecast_sales(two, code="EUR", as_of=AS_OF)
    for cell in whole.cells:
        assert cell == left.cell(cell.month, cell.category).plus(right.cell(cell.month, cell.category))


@given(SALES, st.randoms(use_true_random=False))
def test_the_order_of_the_sales_makes_no_difference(sales: list[Opportunity], random: Any) -> None:
    shuffled = list(sales)
    random.shuffle(shuffled)
    in_order = forecast_sales(sales, code="EUR", as_of=AS_OF)
    assert forecast_sales(shuffled, code="EUR", as_of=AS_OF).cells == in_order.cells


@given(SALES)
def test_the_weighted_amount_never_exceeds_the_whole(sales: list[Opportunity]) -> None:
    for cell in forecast_sales(sales, code="EUR", as_of=AS_OF).cells:
        assert cell.weighted <= cell.amount
        assert cell.weighted_yearly <= cell.yearly


# What a source may hold as a double: it prints every digit of it, and 29 and more of them are no amount of money.
DOUBLES = st.floats(0, 1).map(Decimal)


@given(DOUBLES, st.integers(-(10**9), 10**9))
def test_a_probability_of_many_digits_weighs_like_any_other(probability: Decimal, cents: int) -> None:
    amount = Money(Decimal(cents) / 100, "EUR")
    cell = forecast_sales([sale(amount=amount, probability=probability)], code="EUR", as_of=AS_OF).cells[0]
    exactly = Fraction(cents) * Fraction(probability)
    assert abs(Fraction(cell.weighted.amount) * 100 - exactly) <= Fraction(1, 2)
    assert (cell.amount, cell.weighted_yearly.currency) == (amount, amount.currency)


def test_a_probability_that_is_a_power_of_ten_nobody_meant_is_not_written_out() -> None:
    cell = forecast_sales([sale(probability=Decimal("1E-999999999"))], code="EUR", as_of=AS_OF).cells[0]
    assert (cell.sales, cell.amount, cell.weighted) == (1, Money(1000, "EUR"), Money(0, "EUR"))


def test_a_fifth_as_a_double_is_a_fifth_of_the_amount() -> None:
    found = forecast_sales([sale(probability=Decimal(0.2))], code="EUR", as_of=AS_OF)  # noqa: RUF032 - a double is meant
    assert figures(found, JUNE, ForecastCategory.COMMIT)[2:5:2] == ["200.00 EUR", "120.00 EUR"]
