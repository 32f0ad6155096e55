"""The return of a contract system: from one's own figures, with every assumption named and nothing filled in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.analytics.clm_return import DRIVERS, assumed, clm_return, measured, own_figures
from clmcrm.analytics.roi import Effect, RoiInput, RoiModel, break_even, return_on_investment
from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.lines import ContractLine
from clmcrm.errors import InvalidRecord
from clmcrm.values.figures import Figure
from clmcrm.values.ids import ContractId, DisputeId, LineId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable
from clmcrm.values.tenor import Tenor
from making import at, contract

DAY = date(2026, 1, 15)
TENTH = Decimal("0.1")


def running(name: str, first: date, price: str) -> Contract:
    line = ContractLine(id=LineId("1"), description="seats", price=UnitPrice(price, "EUR"), recurrence=Tenor(months=1))
    made = contract(id=ContractId(name), effective_on=first, lines=(line,))
    return advance(made, e.RecordedAsExecuted(at("2024-05-20"), "archive"))


BOOK = [running("C-1", date(2024, 6, 1), "1000"), running("C-2", date(2025, 6, 1), "500")]
LOST = contract(id=ContractId("C-3"), effective_on=Unknown("the page is missing"))
DISPUTE = Dispute(
    id=DisputeId("D"), contract=ContractId("C-1"), subject="late", raised_by=Party.OWN, opened_on=date(2025, 9, 1)
)
FIGURES = own_figures([*BOOK, LOST], [DISPUTE], DAY, RateTable([]), "EUR")

# every input of every driver, low = expected = high, small enough to check by hand
BY_HAND = {
    "contracts a year": "10", "days saved on each": "2", "worth of a day": "5", "value under contract": "10000",
    "share that leaks": "0.05", "share of leaks stopped": "0.5", "renewals by omission a year": "3",
    "cost of an unwanted term": "100", "share of omissions prevented": "1", "value up for renewal a year": "2000",
    "renewal rate gained": "0.1", "margin": "0.4", "hours saved on each": "3", "cost of an hour": "8",
    "disputes a year": "2", "cost of a dispute": "60", "share of disputes avoided": "0.5", "licence a year": "200",
    "hours of upkeep a year": "10", "introduction": "500",
}  # fmt: skip


def inputs(**changes: tuple[str, str, str]) -> list[RoiInput]:
    return [assumed(name, "each", changes.get(name.replace(" ", "_"), (v, v, v)), by="the test")
            for name, v in BY_HAND.items()]  # fmt: skip


def test_all_nine_drivers_are_as_worked_by_hand() -> None:
    whole = clm_return(inputs(), 2, "EUR")
    assert whole.model.drivers == DRIVERS
    assert whole.left_out == ()
    found = return_on_investment(whole.model)
    # 10*2*5=100, 10000*.05*.5=250, 3*100=300, 2000*.1*.4=80, 10*3*8=240, 2*60*.5=60: 1030 a year
    assert found.benefit.expected == Money(2060, "EUR")
    assert found.cost.expected == Money(2 * (200 + 80) + 500, "EUR")
    assert found.net.expected == Money(1000, "EUR")
    assert len(found.assumptions) == len(BY_HAND)


def test_the_own_book_says_what_it_can_and_what_it_leaves_out() -> None:
    begun = FIGURES["contracts a year"]
    assert (begun.value, begun.population) == (Decimal(1), 2)
    assert [left.reason for left in begun.left_out] == ["its first day: the page is missing"]
    assert FIGURES["value under contract"].value == Money(18_000, "EUR")
    assert FIGURES["disputes a year"].value == Decimal(1)


def test_a_contract_that_never_took_effect_is_not_counted_as_begun() -> None:
    draft = contract(id=ContractId("C-4"), effective_on=date(2025, 6, 1))
    asked = advance(draft, e.Requested(at("2025-05-01"), "sales"))
    given_up = advance(asked, e.Canceled(at("2025-05-02"), "sales"))
    put_away = advance(given_up, e.Archived(at("2025-12-01"), "legal"))
    over = advance(BOOK[1], e.Terminated(at("2025-08-01"), "us", ground=e.Ground.MUTUAL, last_day=date(2025, 9, 30)))
    kept = advance(over, e.Archived(at("2025-12-01"), "legal"))
    begun = own_figures([asked, given_up, put_away, over, kept], [], DAY, RateTable([]), "EUR")["contracts a year"]
    assert (begun.value, begun.population) == (Decimal(2), 2)
    assert [left.reason for left in begun.left_out] == [
        "it did not take effect: draft", "it did not take effect: canceled", "it did not take effect: canceled"
    ]  # fmt: skip


def test_a_measured_input_carries_its_source_and_is_no_assumption() -> None:
    item = measured("value under contract", FIGURES["value under contract"], off_by=TENTH)
    assert isinstance(item, RoiInput)
    assert (item.low, item.expected, item.high) == (Decimal(16_200), Decimal(18_000), Decimal(19_800))
    assert item.source.startswith("measured: sum over contracts in effect")
    assert item.source.endswith("2 counted, 1 left out")
    others = [assumed("share that leaks", "share", ("0.01", "0.03", "0.05"), by="a study nobody checked"),
              assumed("share of leaks stopped", "share", ("0.2", "0.4", "0.6"), by="a guess")]  # fmt: skip
    found = clm_return([item, *others], 3, "EUR")
    assert found.measured == ("value under contract",)
    result = return_on_investment(found.model)
    assert result.assumptions == ("share that leaks", "share of leaks stopped")
    assert result.net.worst < result.net.expected < result.net.best


def test_a_figure_that_is_not_known_gives_no_input() -> None:
    figure = Figure(name="f", value=Unknown("no contract"), unit="EUR", formula="f", population=0)
    assert measured("margin", figure, off_by=TENTH) == Unknown("no contract")


@pytest.mark.parametrize("off_by", [0.1, "0.1", None, True, Decimal("NaN"), Decimal("-0.1"), Decimal("1.1"), 2])
def test_how_far_a_figure_may_be_off_is_a_share(off_by: Any) -> None:
    figure = Figure(name="f", value=Decimal(5), unit="share", formula="f", population=1)
    with pytest.raises(InvalidRecord, match=r"RoiInput margin: off_by is .*; expected a Decimal from 0 to 1"):
        _ = measured("margin", figure, off_by=off_by)
    exactly = measured("margin", figure, off_by=0)  # type: ignore[arg-type] # a whole number says the same
    assert isinstance(exactly, RoiInput)
    assert exactly.low == exactly.high == 5


def test_a_driver_that_lacks_an_input_is_left_out_by_name() -> None:
    given_inputs = [item for item in inputs() if item.name != "cost of a dispute"]
    with pytest.raises(InvalidRecord, match="every input used"):
        _ = clm_return(given_inputs, 2, "EUR")  # what only that driver used would be idle
    rest = [item for item in given_inputs if "dispute" not in item.name]
    found = clm_return(rest, 2, "EUR")
    assert [str(left) for left in found.left_out] == [
        "risk: lacks disputes a year, cost of a dispute, share of disputes avoided"
    ]


def test_an_input_no_driver_knows_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="goodwill"):
        _ = clm_return([assumed("goodwill", "EUR", ("1", "2", "3"), by="hope")], 1, "EUR")


@pytest.mark.parametrize("said", ["12,5", "many", "-1", "NaN", 0.1, None, "1e999"])
def test_an_assumed_value_that_is_no_number_is_refused_by_name(said: Any) -> None:
    with pytest.raises(InvalidRecord, match="RoiInput"):
        _ = assumed("margin", "share", (said, "20", "30"), by="a guess")


def test_the_break_even_of_each_input_brings_the_result_to_nothing() -> None:
    model = clm_return(inputs(), 2, "EUR").model
    assert break_even(model, "licence a year") == Decimal("700.0000")  # 1000 of net over two years
    assert break_even(model, "introduction") == Decimal("1500.0000")
    assert isinstance(break_even(model, "margin"), Unknown)  # even without it the rest pays
    with pytest.raises(InvalidRecord, match="weather"):
        _ = break_even(model, "weather")


@given(st.sampled_from(sorted(BY_HAND)), st.integers(0, 20_000))
def test_at_the_break_even_the_net_is_zero_on_the_safe_side(name: str, introduction: int) -> None:
    model = clm_return(inputs(introduction=(str(introduction),) * 3), 2, "EUR").model
    value = break_even(model, name)
    if isinstance(value, Unknown):
        return
    changed = [assumed(i.name, i.unit, (str(value),) * 3, by="the test") if i.name == name else i for i in model.inputs]
    again = RoiModel(inputs=tuple(changed), drivers=model.drivers, years=2, currency="EUR")
    net = return_on_investment(again).net.expected
    assert Money(0, "EUR") <= net <= Money(5, "EUR")


def test_benefits_and_costs_are_what_they_are_called() -> None:
    costs = {driver.name for driver in DRIVERS if driver.effect is Effect.COST}
    assert costs == {"licence", "upkeep", "introduction"}
    assert [driver.name for driver in DRIVERS if driver.once] == ["introduction"]
