"""Bad input, walked through as one table: each is a finding, a record left out, or a typed error, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest
from attrs import frozen

from clmcrm.analytics.exposure import exposure
from clmcrm.bridge.account_view import AccountRecords, account_view
from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.lines import ContractLine
from clmcrm.crm.allocation import Territory
from clmcrm.crm.backtest import backtest
from clmcrm.crm.campaign import Campaign, CostItem, campaign_problems
from clmcrm.crm.churn_signals import ChurnRule
from clmcrm.crm.customer_facts import behaviour_facts, relationship_facts
from clmcrm.crm.follow_ups import follow_ups
from clmcrm.crm.forecast import forecast_sales
from clmcrm.crm.journey import AskPerson, ChooseWay, Journey, Travel
from clmcrm.crm.journey_run import Circumstances, run_journey
from clmcrm.crm.journey_standing import travel_standing
from clmcrm.crm.kpis import (
    average_deal_value,
    conversion_rate,
    customer_acquisition_cost,
    pipeline_velocity,
    sales_cycle,
    win_rate,
)
from clmcrm.crm.lead import Lead, LeadStatus
from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.loyalty import LoyaltyProgram, member_standing
from clmcrm.crm.opportunity import ForecastCategory, Opportunity, OpportunityStage, StageChange
from clmcrm.crm.pipeline import Pipeline, Stage, moved
from clmcrm.crm.price_lists import price_book_problems
from clmcrm.crm.product import Price, PriceBook
from clmcrm.crm.sale_problems import sale_problems
from clmcrm.errors import ClmcrmError, InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.parties.hierarchy import account_groups
from clmcrm.values.ids import (
    AccountId,
    CampaignId,
    JourneyId,
    LeadId,
    LineId,
    OpportunityId,
    PipelineId,
    PriceBookId,
    ProductId,
    StageId,
    TerritoryId,
)
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.rates import RateTable
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording
from making import at, contract

DAY: Final = date(2026, 3, 1)
YEAR: Final = Span(date(2026, 1, 1), date(2026, 12, 31))
NEW, LOST, WON = StageId("new"), StageId("lost"), StageId("won")
PLAN: Final = Pipeline(
    id=PipelineId("p"), name="Direct",
    stages=(
        Stage(id=NEW, name="New", stage=OpportunityStage.QUALIFICATION, probability=Decimal("0.5"),
              forecast_category=ForecastCategory.PIPELINE),
        Stage(id=WON, name="Won", stage=OpportunityStage.WON),
        Stage(id=LOST, name="Lost", stage=OpportunityStage.LOST),
    ),
)  # fmt: skip


def instant(month: int) -> datetime:
    return datetime(2026, month, 1, 12, tzinfo=UTC)


def sale(**more: Any) -> Opportunity:
    facts: dict[str, Any] = {
        "id": OpportunityId("o1"), "name": "S", "account": AccountId("a"), "amount": Money(100, "EUR"),
        "stage": OpportunityStage.WON, "closed_on": DAY, "created_on": date(2026, 1, 5),
    }  # fmt: skip
    return Opportunity(**(facts | more))


def opened(**more: Any) -> Opportunity:
    facts: dict[str, Any] = {
        "stage": OpportunityStage.QUALIFICATION, "stage_id": NEW, "pipeline": PLAN.id, "closed_on": None,
        "expected_close_on": date(2026, 4, 1),
    }  # fmt: skip
    return sale(**(facts | more))


def with_history(**more: Any) -> Opportunity:
    change = StageChange(at=instant(1), stage=OpportunityStage.QUALIFICATION, **more)
    return opened(stage_history=(change,))


def in_force(**more: Any) -> Contract:
    line = ContractLine(id=LineId("1"), description="seats", price=UnitPrice(10, "USD"), recurrence=Tenor(months=1))
    return advance(contract(lines=(line,), **more), e.RecordedAsExecuted(at("2024-05-20"), "archive"))


def circle() -> tuple[Account, Account]:
    one, two = AccountId("a"), AccountId("b")
    return Account(id=one, name="A", parent=two), Account(id=two, name="B", parent=one)


def price(key: str, **more: Any) -> Price:
    return Price(book=PriceBookId("b1"), product=ProductId("seat"), unit_price=UnitPrice(10, "EUR"), **more)


def standard(key: str) -> PriceBook:
    return PriceBook(id=PriceBookId(key), name=key, is_standard=True)


DOLLARS: Final = Money(100, "USD")
LOST_SALE: Final = sale(stage=OpportunityStage.LOST, stage_id=LOST, pipeline=PLAN.id)
REOPENED: Final = opened(
    stage_history=(
        StageChange(at=instant(1), stage=OpportunityStage.LOST, stage_id=LOST),
        StageChange(at=instant(2), stage=OpportunityStage.QUALIFICATION, stage_id=NEW),
    )
)


@frozen(kw_only=True)
class Bad:
    """What is wrong, who is asked, the record the answer must name, and a word of what it must say."""

    name: str
    asked: Callable[[], Iterable[object]]
    record: str
    says: str


def bad(name: str, asked: Callable[[], Iterable[object]], record: str, says: str) -> Bad:
    return Bad(name=name, asked=asked, record=record, says=says)


def look_back(one: Opportunity) -> Iterable[object]:
    return backtest([one], PLAN, instant(2), instant(6), code="EUR").left_out


CASES: Final = (
    # Mixed currencies without a rate.
    bad("forecast in two currencies", lambda: forecast_sales(
        [opened(amount=DOLLARS)], code="EUR", as_of=DAY, pipelines=[PLAN]).left_out, "opportunity o1", "USD"),
    bad("deal value in two currencies", lambda: average_deal_value([sale(amount=DOLLARS)], YEAR, "EUR").left_out,
        "opportunity o1", "USD"),
    bad("velocity in two currencies", lambda: pipeline_velocity([sale(amount=DOLLARS)], YEAR, "EUR").left_out,
        "opportunity o1", "USD"),
    bad("cost in two currencies", lambda: customer_acquisition_cost(
        [CostItem(label="fair", amount=DOLLARS, on=DAY)], [sale()], YEAR, "EUR").left_out, "fair", "USD"),
    bad("back-test in two currencies", lambda: look_back(with_history(stage_id=NEW, amount=DOLLARS)),
        "opportunity o1", "USD"),
    bad("exposure in two currencies", lambda: exposure([in_force()], DAY, RateTable([]), "EUR").whole.left_out,
        "C-1", "USD"),
    bad("lines in two currencies", lambda: sale_problems([sale(lines=(
        OpportunityLine(id=LineId("1"), unit_price=UnitPrice(1, "USD")),))], DAY), "opportunity o1", "one currency"),
    # Missing dates.
    bad("won without its day", lambda: win_rate([sale(closed_on=None)], YEAR).left_out, "opportunity o1",
        "day is not stated"),
    bad("open without an expected day", lambda: forecast_sales(
        [opened(expected_close_on=None)], code="EUR", as_of=DAY, pipelines=[PLAN]).left_out, "opportunity o1",
        "expected closing day"),
    bad("cycle without a beginning", lambda: sales_cycle([sale(created_on=None)], YEAR).left_out, "opportunity o1",
        "not stated"),
    bad("lead without its day", lambda: conversion_rate(
        [Lead(id=LeadId("l"), name="Ada", status=LeadStatus.NEW)], YEAR).left_out, "lead l", "not stated"),
    bad("cost without its day", lambda: customer_acquisition_cost(
        [CostItem(label="fair", amount=Money(1, "EUR"))], [sale()], YEAR, "EUR").left_out, "fair", "not stated"),
    bad("a closed sale without its day", lambda: sale_problems([sale(closed_on=None)], DAY), "opportunity o1",
        "is not stated"),
    bad("a history without amounts", lambda: look_back(with_history(stage_id=NEW)), "opportunity o1", "amount"),
    # Negative, zero and missing amounts.
    bad("an amount below zero", lambda: sale_problems([sale(amount=Money(-5, "EUR"))], DAY), "opportunity o1",
        "below zero"),
    bad("an amount of zero", lambda: sale_problems([sale(amount=Money(0, "EUR"))], DAY), "opportunity o1", "is zero"),
    bad("no amount", lambda: average_deal_value([sale(amount=None)], YEAR, "EUR").left_out, "opportunity o1",
        "amount"),
    bad("a cost below zero", lambda: campaign_problems(Campaign(id=CampaignId("c"), name="C", currency="EUR", spend=(
        CostItem(label="refund", amount=Money(-5, "EUR"), on=DAY),))), "campaign c", "below zero"),
    # Circles in hierarchies.
    bad("a circle of accounts", lambda: account_groups(circle()).problems(), "a", "circle"),
    bad("the head of a circle", lambda: [account_groups(circle()).root(AccountId("a"))], "record a", "chain that ends"),
    bad("the view of a circle", lambda: account_view(circle()[0], DAY, records=AccountRecords(
        accounts=circle()), whole_group=True).problems, "a", "circle"),
    bad("exposure of a circle", lambda: exposure([in_force(counterparty=AccountId("a"))], DAY, RateTable([]), "USD",
        groups=account_groups(circle())).whole.left_out, "record a", "a under b under a"),
    bad("an account above itself", lambda: [Account(id=AccountId("a"), name="A", parent=AccountId("a"))], "a",
        "another"),
    # A lost deal reopened.
    bad("reopened", lambda: sale_problems([REOPENED], DAY), "opportunity o1", "reopened"),
    bad("reopened by a free move", lambda: sale_problems([moved(LOST_SALE, PLAN, NEW, instant(4))], DAY),
        "opportunity o1", "was lost at 2026-03-01T00:00:00+00:00 and reopened"),
    bad("reopened where that is not allowed", lambda: [moved(
        LOST_SALE, attrs.evolve(PLAN, allows_reopening=False), NEW, instant(4))], "opportunity o1",
        "closed and may not be left"),
    # Stages the pipeline does not know.
    bad("a stage of no pipeline", lambda: sale_problems([opened(stage_id=StageId("x"))], DAY, [PLAN]),
        "opportunity o1", "not in the pipeline"),
    bad("a pipeline that is not given", lambda: sale_problems([opened(pipeline=PipelineId("q"))], DAY, [PLAN]),
        "opportunity o1", "not among the pipelines"),
    bad("a forecast of an unknown stage", lambda: forecast_sales(
        [opened(stage_id=StageId("x"))], code="EUR", as_of=DAY, pipelines=[PLAN]).left_out, "opportunity o1",
        "neither by it nor by its stage"),
    bad("a move to an unknown stage", lambda: [moved(opened(), PLAN, StageId("x"), instant(4))], "opportunity o1",
        "x"),
    bad("a back-test of an unknown stage", lambda: look_back(with_history(
        stage_id=StageId("x"), amount=Money(1, "EUR"))), "opportunity o1", "not in the pipeline"),
    # Price books that overlap.
    bad("two standard books", lambda: price_book_problems([standard("b1"), standard("b2")], []), "price book b1",
        "b2"),
    bad("two prices on a day", lambda: price_book_problems([standard("b1")], [price("x"), price("y")]), "x", "y"),
    # Beside them.
    bad("a sale in two currencies", lambda: [sale(
        recurring_amount=DOLLARS, recurring_every=Tenor(months=1))], "Opportunity o1", "USD"),
    bad("a campaign in two currencies", lambda: [Campaign(id=CampaignId("c"), name="C", currency="EUR", spend=(
        CostItem(label="fair", amount=DOLLARS, on=DAY),))], "Campaign c", "USD"),
    bad("a line in two currencies", lambda: [OpportunityLine(
        id=LineId("1"), unit_price=UnitPrice(1, "USD"), list_price=UnitPrice(1, "EUR"))], "line 1", "EUR"),
    bad("a book that ends before it begins", lambda: [PriceBook(
        id=PriceBookId("b"), name="b", first_day=DAY, last_day=date(2026, 1, 1))], "PriceBook b", "2026-03-01"),
)  # fmt: skip


@pytest.mark.parametrize("one", CASES, ids=[one.name for one in CASES])
def test_bad_input_is_a_finding_or_an_error_that_names_the_record(one: Bad) -> None:
    try:
        said = [str(answer) for answer in one.asked()]
    except ClmcrmError as refused:
        said = [str(refused)]
    assert any(one.record in line and one.says in line for line in said), said


def test_the_table_speaks_of_every_kind_of_bad_input_there_is() -> None:
    assert len({one.name for one in CASES}) == len(CASES) > 30


NOBODY: Final = Account(id=AccountId("a"), name="A")
JOURNEY: Final = Journey(id=JourneyId("j"), name="J", nodes=(AskPerson(name="call", action="call them"),))
TRAVEL: Final = Travel(journey=JOURNEY.id, account=NOBODY.id, entered_on=DAY)
NO_DAYS: Final[tuple[Any, ...]] = (datetime(2026, 1, 15, 10, tzinfo=UTC), "2026-01-15", 20260115, None)
ASKED_ON: Final[dict[str, Callable[[Any], object]]] = {
    "forecast_sales": lambda day: forecast_sales([], code="EUR", as_of=day),
    "sale_problems": lambda day: sale_problems([], day),
    "follow_ups": lambda day: follow_ups([], day),
    "balance": lambda day: member_standing(LoyaltyProgram(name="Club"), [], day),
    "travel_standing": lambda day: travel_standing(JOURNEY, TRAVEL, day),
    "Circumstances": lambda day: run_journey(JOURNEY, [], Circumstances(as_of=day, records={}, consents={})),
    "relationship_facts": lambda day: relationship_facts(NOBODY, [], [], day, code="EUR"),
    "behaviour_facts": lambda day: behaviour_facts(NOBODY, day),
}


@pytest.mark.parametrize("day", NO_DAYS)
@pytest.mark.parametrize("name", ASKED_ON)
def test_what_is_no_day_is_refused_though_there_is_nothing_to_compare_it_with(name: str, day: object) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        ASKED_ON[name](day)
    error = refusal.value
    assert (error.record, error.field, error.value) == (name, "as_of", day)


@pytest.mark.parametrize("condition", ["country", None, ("country", "FR")])
@pytest.mark.parametrize(
    "build",
    [
        lambda condition: Territory(id=TerritoryId("t"), name="T", condition=condition),
        lambda condition: ChooseWay(name="which", condition=condition),
        lambda condition: ChurnRule(key="k", condition=condition, said=Wording("k", "k")),
    ],
)
def test_what_is_no_condition_is_refused_when_it_is_written(build: Callable[[Any], object], condition: object) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        build(condition)
    assert (refusal.value.field, refusal.value.value) == ("condition", condition)
