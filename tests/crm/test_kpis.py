"""Every figure of the sale against a case worked by hand, with what it leaves out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.campaign import CostItem
from clmcrm.crm.figure_definitions import SALES_FIGURES, STAGE_CONVERSION
from clmcrm.crm.kpis import (
    average_deal_value,
    conversion_rate,
    customer_acquisition_cost,
    customer_lifetime_value,
    pipeline_velocity,
    sales_cycle,
    win_rate,
)
from clmcrm.crm.lead import Lead, LeadStatus
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.errors import InvalidRecord
from clmcrm.values.figures import Figure, LeftOut
from clmcrm.values.ids import LeadId, OpportunityId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.span import Span

Q1 = Span(date(2026, 1, 1), date(2026, 3, 31))
YEAR = Span(date(2025, 7, 1), date(2026, 6, 30))
JANUARY_RATE = Rate(source="USD", target="EUR", on=date(2026, 1, 1), factor="0.90", by="ECB")
MARCH_RATE = Rate(source="USD", target="EUR", on=date(2026, 3, 1), factor="0.80", by="ECB")
RATES = RateTable([JANUARY_RATE, MARCH_RATE])


def sale(key: str, stage: OpportunityStage = OpportunityStage.WON, **facts: Any) -> Opportunity:
    usual: dict[str, Any] = {
        "amount": Money(1000, "EUR"),
        "account": f"account of {key}",
        "created_on": date(2026, 1, 1),
        "closed_on": None if stage is OpportunityStage.OPEN else date(2026, 1, 31),
    }
    return Opportunity(id=OpportunityId(key), name=key, stage=stage, **{**usual, **facts})


WON, LOST, OPEN, UNKNOWN = (
    OpportunityStage.WON,
    OpportunityStage.LOST,
    OpportunityStage.OPEN,
    OpportunityStage.UNKNOWN,
)
SALES = (
    sale("a"),
    sale("b", amount=Money(2000, "EUR"), closed_on=date(2026, 3, 31), created_on=date(2026, 3, 1)),
    sale("c", LOST),
    sale("d", LOST, closed_on=date(2026, 1, 1)),
    sale("e", OPEN),
    sale("f", OPEN),
    sale("g", OPEN),
    sale("before", closed_on=date(2025, 12, 31), created_on=date(2025, 1, 1)),
    sale("after", closed_on=date(2026, 4, 1)),
)


def lead(key: str, status: LeadStatus, on: date | None = date(2026, 2, 1)) -> Lead:
    return Lead(id=LeadId(key), name=key, status=status, created_on=on)


def reasons(figure: Figure) -> list[str]:
    return [str(left) for left in figure.left_out]


def test_conversion_rate_counts_the_leads_of_the_period() -> None:
    leads = [
        lead("a", LeadStatus.CONVERTED),
        lead("b", LeadStatus.NEW, date(2026, 1, 1)),
        lead("c", LeadStatus.DISQUALIFIED, date(2026, 3, 31)),
        lead("d", LeadStatus.CONVERTED, date(2026, 4, 1)),
        lead("e", LeadStatus.CONVERTED, None),
        lead("f", LeadStatus.UNKNOWN),
    ]
    figure = conversion_rate(leads, Q1)
    assert (figure.value, figure.population, figure.unit) == (Decimal("0.3333"), 3, "share")
    assert reasons(figure) == ["lead e: its day of creation is not stated", "lead f: its status is unknown"]


def test_win_rate_is_won_among_closed() -> None:
    figure = win_rate([*SALES, sale("x", UNKNOWN), sale("y", LOST, closed_on=None)], Q1)
    assert (figure.value, figure.population) == (Decimal("0.5000"), 4)
    assert reasons(figure) == [
        "opportunity x: nothing is known of its stage",
        "opportunity y: it is closed and its day is not stated",
    ]


def test_average_deal_value_is_that_of_the_won_sales_with_an_amount() -> None:
    figure = average_deal_value([*SALES, sale("x", amount=None)], Q1, "EUR")
    assert (figure.value, figure.population, figure.unit) == (Money(1500, "EUR"), 2, "EUR")
    assert reasons(figure) == ["opportunity x: its amount is not stated"]


def test_each_sale_is_converted_at_the_rate_of_its_own_closing_day() -> None:
    dollars = [
        sale("x", amount=Money(100, "USD")),
        sale("y", amount=Money(100, "USD"), closed_on=date(2026, 3, 31)),
    ]
    figure = average_deal_value(dollars, Q1, "EUR", RATES)
    assert figure.value == Money(85, "EUR")
    assert figure.rates == (JANUARY_RATE, MARCH_RATE)


def test_two_currencies_never_meet_in_silence() -> None:
    figure = average_deal_value([*SALES, sale("x", amount=Money(100, "USD"))], Q1, "EUR")
    assert figure.value == Money(1500, "EUR")
    assert reasons(figure) == ["opportunity x: is in USD and no rates were given"]
    nothing = average_deal_value(SALES, Q1, "USD", RateTable([]))
    assert isinstance(nothing.value, Unknown)
    assert len(nothing.left_out) == 2


def test_sales_cycle_is_the_mean_of_the_won_sales() -> None:
    odd = [sale("x", created_on=None), sale("y", created_on=date(2026, 2, 1))]
    figure = sales_cycle([*SALES, *odd], Q1)
    assert (figure.value, figure.population, figure.unit) == (Decimal("30.00"), 2, "days")
    assert reasons(figure) == [
        "opportunity x: its day of creation is not stated",
        "opportunity y: it was closed before it was created",
    ]


def test_pipeline_velocity_multiplies_unrounded_factors() -> None:
    # 3 open x 2 won of 4 closed x 1500 EUR / 30 days
    assert pipeline_velocity(SALES, Q1, "EUR").value == Money(75, "EUR")
    big = Money(100_000, "EUR")
    thirds = [sale("a", amount=big), sale("b", LOST), sale("c", LOST), sale("d", OPEN)]
    # 1 open x 1/3 x 100 000 EUR / 30 days; a win rate rounded to 0.3333 would make it 1111.00
    assert pipeline_velocity(thirds, Q1, "EUR").value == Money("1111.11", "EUR")


@pytest.mark.parametrize("sales", [[], [sale("a", LOST)], [sale("a", amount=None)]])
def test_pipeline_velocity_without_a_won_amount_is_unknown(sales: list[Opportunity]) -> None:
    assert isinstance(pipeline_velocity(sales, Q1, "EUR").value, Unknown)


def test_a_pipeline_without_an_open_sale_brings_nothing_a_day() -> None:
    figure = pipeline_velocity([sale("1", created_on=date(2025, 12, 1))], Q1, "EUR")
    assert (figure.value, figure.population) == (Money(0, "EUR"), 0)


def test_a_cycle_of_no_days_gives_no_velocity() -> None:
    figure = pipeline_velocity([sale("a", closed_on=date(2026, 1, 1))], Q1, "EUR")
    assert isinstance(figure.value, Unknown)


COSTS = (
    CostItem(label="fair", amount=Money(1000, "EUR"), on=date(2026, 1, 1)),
    CostItem(label="wages", amount=Money(500, "EUR"), on=date(2026, 3, 31)),
    CostItem(label="later", amount=Money(900, "EUR"), on=date(2026, 4, 1)),
    CostItem(label="some day", amount=Money(7, "EUR")),
)


def test_acquisition_cost_counts_customers_not_sales_and_only_first_ones() -> None:
    sales = [
        sale("1", account="new"),
        sale("2", account="new", closed_on=date(2026, 2, 1)),
        sale("3", account="other"),
        sale("4", account="old", closed_on=date(2025, 1, 1)),
        sale("5", account="old"),
        sale("6", account=None),
        sale("7", LOST, account="never"),
        sale("8", UNKNOWN, account="perhaps"),
    ]
    figure = customer_acquisition_cost(COSTS, sales, Q1, "EUR")
    assert (figure.value, figure.population) == (Money(750, "EUR"), 2)
    assert reasons(figure) == [
        "cost some day: its day is not stated",
        "opportunity 6: its account is not stated",
        "opportunity 8: nothing is known of its stage",
    ]


def test_a_cost_that_cannot_be_converted_makes_the_figure_unknown_not_cheap() -> None:
    dollars = CostItem(label="ads", amount=Money(1, "USD"), on=date(2026, 2, 1))
    figure = customer_acquisition_cost([*COSTS, dollars], [sale("1")], Q1, "EUR")
    assert figure.value == Unknown("not every cost could be converted")
    known = customer_acquisition_cost([*COSTS, dollars], [sale("1")], Q1, "EUR", RATES)
    assert known.value == Money("1500.90", "EUR")


def test_without_any_cost_customers_are_not_said_to_be_free() -> None:
    assert customer_acquisition_cost([], [sale("1")], Q1, "EUR").value == Unknown(f"no cost is stated for {Q1}")


def test_lifetime_value_is_per_customer_and_year() -> None:
    sales = [
        sale("1", account="a", amount=Money(3000, "EUR")),
        sale("2", account="a", amount=Money(1000, "EUR"), closed_on=date(2026, 2, 1)),
        sale("3", account="b", amount=Money(2000, "EUR")),
        sale("4", account=None),
        sale("5", account="c", amount=None),
    ]
    margin, years = Decimal("0.8"), Decimal("2.5")
    a_year = customer_lifetime_value(sales, YEAR, "EUR", margin=margin, years=years)
    # 6000 / 2 customers = 3000 a year; x 0.8 x 2.5
    assert (a_year.value, a_year.population) == (Money(6000, "EUR"), 2)
    a_quarter = customer_lifetime_value(sales, Q1, "EUR", margin=margin, years=years)
    assert a_quarter.value == Money(24000, "EUR")
    assert reasons(a_year) == [
        "opportunity 4: its account is not stated",
        "opportunity 5: its amount is not stated",
    ]


@pytest.mark.parametrize(
    ("period", "margin", "years", "field"),
    [
        (Span(date(2026, 1, 2), date(2026, 1, 31)), "0.5", "1", "period"),
        (Span(date(2026, 1, 1), date(2026, 1, 30)), "0.5", "1", "period"),
        (Span(date(2026, 1, 1)), "0.5", "1", "period"),
        (Q1, "1.1", "1", "margin"),
        (Q1, "NaN", "1", "margin"),
        (Q1, "0.5", "0", "years"),
        (Q1, "0.5", "NaN", "years"),
        (Q1, "0.5", "Infinity", "years"),
    ],
)
def test_a_lifetime_value_that_would_be_guessed_is_refused(period: Span, margin: str, years: str, field: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        customer_lifetime_value([], period, "EUR", margin=Decimal(margin), years=Decimal(years))
    assert refusal.value.field == field


@pytest.mark.parametrize("field", ["margin", "years"])
def test_true_is_neither_a_margin_nor_a_number_of_years(field: str) -> None:
    given: dict[str, Any] = {"margin": Decimal("0.5"), "years": Decimal(1), field: True}
    with pytest.raises(InvalidRecord) as refusal:
        customer_lifetime_value([], Q1, "EUR", **given)
    assert refusal.value.field == field


def every_figure(sales: list[Opportunity]) -> list[Figure]:
    return [
        win_rate(sales, Q1),
        average_deal_value(sales, Q1, "EUR", RATES),
        sales_cycle(sales, Q1),
        pipeline_velocity(sales, Q1, "EUR", RATES),
        customer_acquisition_cost(COSTS, sales, Q1, "EUR"),
        customer_lifetime_value(sales, Q1, "EUR", margin=Decimal(1), years=Decimal(1)),
        conversion_rate([], Q1),
    ]


def test_a_figure_of_nothing_is_unknown_with_a_reason_never_zero() -> None:
    found = every_figure([])
    assert all(isinstance(figure.value, Unknown) for figure in found)
    defined = {each.key: each.formula.en for each in SALES_FIGURES if each is not STAGE_CONVERSION}
    assert {figure.name: figure.formula for figure in found} == defined


@given(
    st.lists(
        st.builds(
            lambda key, stage, amount, day: sale(
                str(key), stage, amount=Money(amount, "EUR"), closed_on=date(2026, 1, day)
            ),
            st.integers(0, 99),
            st.sampled_from([WON, LOST, OPEN, UNKNOWN]),
            st.integers(0, 10**6),
            st.integers(1, 31),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_sales_makes_no_difference(sales: list[Opportunity], random: Any) -> None:
    shuffled = list(sales)
    random.shuffle(shuffled)
    for one, other in zip(every_figure(sales), every_figure(shuffled), strict=True):
        assert (one.value, one.population) == (other.value, other.population)
        assert sorted(map(str, one.left_out)) == sorted(map(str, other.left_out))


def test_a_figure_reads_as_one_line() -> None:
    figure = Figure(
        name="x",
        value=Money(5, "EUR"),
        unit="EUR",
        formula="a / b",
        population=1,
        left_out=(LeftOut(record="r", reason="why"),),
    )
    assert str(figure) == "x: 5.00 EUR (a / b; 1 counted, 1 left out)"
    assert figure.number == Decimal("5.00")
    assert Figure(name="x", value=Unknown("why"), unit="EUR", formula="f", population=0).number is None


def test_a_figure_refuses_a_float() -> None:
    with pytest.raises(InvalidRecord):
        Figure(name="x", value=0.5, unit="share", formula="f", population=1)  # type: ignore[arg-type] # a float on purpose
