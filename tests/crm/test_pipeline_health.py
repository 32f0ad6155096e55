"""Forecasts looked back on, stages against their own history, and each owner's part of the whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.backtest import Forecasted, backtest
from clmcrm.crm.bottlenecks import AgeRule, bottlenecks, nearest_rank, stage_ages
from clmcrm.crm.forecast import forecast_sales
from clmcrm.crm.forecast_owners import forecast_by_owner
from clmcrm.crm.opportunity import (
    ForecastCategory,
    Opportunity,
    OpportunityStage,
    Split,
    SplitKind,
    StageChange,
)
from clmcrm.crm.pipeline import Pipeline, Stage, moved
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import OpportunityId, PipelineId, StageId, UserId
from clmcrm.values.money import Money, total
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.tenor import Tenor

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
MEANING = {
    "new": (OpportunityStage.QUALIFICATION, "0.2"),
    "offer": (OpportunityStage.PROPOSAL, "0.5"),
    "won": (OpportunityStage.WON, None),
    "lost": (OpportunityStage.LOST, None),
}
OTHERS = {"unread": OpportunityStage.UNKNOWN}
PLAN = Pipeline(
    id=PipelineId("p"),
    name="Direct",
    stages=tuple(
        Stage(id=StageId(key), name=key.title(), stage=stage, probability=None if p is None else Decimal(p))
        for key, (stage, p) in MEANING.items()
    ),
)


def sale(key: str, *path: tuple[str, int], amount: Money | None = Money(100, "EUR")) -> Opportunity:  # noqa: B008 - a value
    """A sale that entered each stage so many days after the first of January 2026."""
    history = tuple(
        StageChange(
            at=BEGIN + timedelta(days=days),
            stage=MEANING[step][0] if step in MEANING else OTHERS.get(step, OpportunityStage.OPEN),
            stage_id=StageId(step),
            amount=amount,
        )
        for step, days in path
    )
    return Opportunity(
        id=OpportunityId(key),
        name=key,
        pipeline=PipelineId("p"),
        stage=history[-1].stage if history else OpportunityStage.OPEN,
        stage_id=history[-1].stage_id if history else None,
        stage_history=history,
    )


def test_a_forecast_is_judged_by_what_became_of_the_sales_it_was_about() -> None:
    sales = [
        sale("a", ("new", 0), ("won", 40)),
        sale("b", ("offer", 0), ("won", 40)),
        sale("c", ("offer", 0), ("lost", 40)),
        sale("d", ("new", 0), ("offer", 40)),
        sale("closed before", ("new", 0), ("won", 5)),
        sale("begun later", ("new", 20), ("won", 30)),
        sale("silent"),
        sale("odd", ("archive", 0)),
        sale("no amount", ("new", 0), amount=None),
        sale("dollars", ("new", 0), ("lost", 12), amount=Money(50, "USD")),
    ]
    found = backtest(sales, PLAN, BEGIN + timedelta(days=10), BEGIN + timedelta(days=60), code="EUR")
    # a 0.2 x 100, b and c 0.5 x 100 each
    assert (found.predicted, found.won) == (Money(120, "EUR"), Money(200, "EUR"))
    assert found.error == Decimal("-0.4000")
    assert (found.decided, found.undecided, found.undecided_amount) == (3, 1, Money(100, "EUR"))
    assert [(t.stage, t.sales, t.probability, t.won_share) for t in found.by_stage] == [
        ("new", 1, Decimal("0.2"), Decimal(1)),
        ("offer", 2, Decimal("0.5"), Decimal("0.5")),
    ]
    assert [str(left) for left in found.left_out] == [
        "opportunity silent: no history of its stages is kept",
        "opportunity odd: its stage then is not in the pipeline",
        "opportunity no amount: its history does not say its amount",
        "opportunity dollars: is in USD and no rates were given",
    ]
    rate = Rate(source="USD", target="EUR", on=date(2026, 1, 1), factor="0.5", by="test")
    again = backtest(
        sales, PLAN, BEGIN + timedelta(days=10), BEGIN + timedelta(days=60), code="EUR", rates=RateTable([rate])
    )
    assert (again.predicted, again.rates) == (Money(125, "EUR"), (rate,))


def test_a_back_test_names_the_sales_of_whose_stage_nothing_is_known() -> None:
    """Neither then nor when one looks back is such a sale taken for one that is open."""
    sales = [sale("then", ("unread", 0), ("won", 40)), sale("since", ("offer", 0), ("unread", 40))]
    found = backtest(sales, PLAN, BEGIN + timedelta(days=10), BEGIN + timedelta(days=60), code="EUR")
    assert (found.decided, found.undecided, found.undecided_amount) == (0, 0, Money(0, "EUR"))
    assert [str(left) for left in found.left_out] == [
        "opportunity then: nothing is known of its stage",
        "opportunity since: nothing is known of its stage",
    ]
    early = backtest(sales, PLAN, BEGIN + timedelta(days=10), BEGIN + timedelta(days=39), code="EUR")
    assert (early.undecided, len(early.left_out)) == (1, 1)


def test_a_back_test_looks_forward_and_says_when_nothing_was_won() -> None:
    nothing = backtest([], PLAN, BEGIN, BEGIN, code="EUR")
    assert isinstance(nothing.error, Unknown)
    with pytest.raises(InvalidRecord, match="until"):
        backtest([], PLAN, BEGIN, BEGIN - timedelta(days=1), code="EUR")


def recurring(key: str, yearly: str | None, *path: tuple[str, int]) -> Opportunity:
    """A sale of 100 whose yearly part is `yearly` in every entry of its history (None: not kept)."""
    one = sale(key, *path)
    part = None if yearly is None else Money(yearly, "EUR")
    return attrs.evolve(one, stage_history=tuple(attrs.evolve(c, yearly=part) for c in one.stage_history))


@pytest.mark.parametrize("of", ["amount", "everything", None])
def test_a_back_test_is_of_one_amount_or_the_other(of: Any) -> None:
    with pytest.raises(InvalidRecord, match=r"Forecasted\.AMOUNT or"):
        backtest([], PLAN, BEGIN, BEGIN, code="EUR", of=of)


def test_a_recurring_forecast_is_judged_by_what_recurs_apart_from_the_whole_amount() -> None:
    sales = [
        recurring("a", "1200", ("new", 0), ("won", 40)),
        recurring("b", "600", ("offer", 0), ("lost", 40)),
        recurring("one-off", "0", ("offer", 0), ("won", 40)),
        recurring("open", "240", ("offer", 0)),
        recurring("not kept", None, ("offer", 0), ("won", 40)),
    ]
    looked_back = BEGIN + timedelta(days=10), BEGIN + timedelta(days=60)
    yearly = backtest(sales, PLAN, *looked_back, code="EUR", of=Forecasted.YEARLY)
    # 0.2 x 1200 + 0.5 x 600 + 0.5 x 0 were promised; of them 1200 + 0 a year were won.
    assert (yearly.of, yearly.predicted, yearly.won) == (Forecasted.YEARLY, Money(540, "EUR"), Money(1200, "EUR"))
    assert yearly.error == Decimal("-0.5500")
    assert (yearly.decided, yearly.undecided, yearly.undecided_amount) == (3, 1, Money(240, "EUR"))
    assert [str(left) for left in yearly.left_out] == [
        "opportunity not kept: its history does not say its yearly recurring amount"
    ]
    whole = backtest(sales, PLAN, *looked_back, code="EUR")
    # 0.2 x 100 + 3 x 0.5 x 100
    assert (whole.of, whole.predicted, whole.won, whole.decided) == (
        Forecasted.AMOUNT, Money(170, "EUR"), Money(300, "EUR"), 4,
    )  # fmt: skip


def test_a_governed_move_keeps_what_the_sale_then_brought_every_year() -> None:
    begun = attrs.evolve(
        sale("s"), stage=OpportunityStage.UNKNOWN, amount=Money(900, "EUR"), recurring_amount=Money(50, "EUR"),
        recurring_every=Tenor(months=1),
    )  # fmt: skip
    entered = moved(begun, PLAN, StageId("new"), BEGIN)
    raised = attrs.evolve(entered, recurring_amount=Money(60, "EUR"))
    offered = moved(raised, PLAN, StageId("offer"), BEGIN + timedelta(days=5))
    won = moved(offered, PLAN, StageId("won"), BEGIN + timedelta(days=30))
    assert [change.yearly for change in won.stage_history] == [
        Money(600, "EUR"), Money(720, "EUR"), Money(720, "EUR"),
    ]  # fmt: skip
    found = backtest(
        [won], PLAN, BEGIN + timedelta(days=1), BEGIN + timedelta(days=40), code="EUR", of=Forecasted.YEARLY
    )
    assert (found.predicted, found.won) == (Money(120, "EUR"), Money(600, "EUR"))
    unknown = moved(sale("u"), PLAN, StageId("new"), BEGIN)
    assert unknown.stage_history[0].yearly is None


def past(days: int, n: int) -> Opportunity:
    return sale(f"past {n}", ("new", 0), ("offer", days), ("won", days + 2))


def test_a_sale_stalls_against_its_own_stages_history() -> None:
    history = [past(days, n) for n, days in enumerate([1, 2, 3, 4, 5, 6, 7, 8, 9, 30])]
    waiting = [sale("edge", ("new", 91)), sale("old", ("new", 85)), sale("oldest", ("new", 60))]
    new, offer = stage_ages([*history, *waiting], PLAN, BEGIN + timedelta(days=100))
    assert (new.past, new.usual_days, new.limit_days) == (10, 5, 9)
    assert [(w.opportunity, w.days, w.too_long) for w in new.waiting] == [
        ("oldest", 40, True),
        ("old", 15, True),
        ("edge", 9, False),
    ]
    assert (offer.usual_days, offer.waiting) == (2, ())
    (stuck,) = bottlenecks([new, offer])
    assert stuck.stage == "new"
    assert stuck.reasons[0].en == "2 of 3 sales have stood in New for more than 9 days (usual: 5)"


def test_what_happens_after_the_instant_does_not_exist_yet() -> None:
    sales = [past(3, n) for n in range(8)]
    before = stage_ages(sales, PLAN, BEGIN + timedelta(days=1))[0]
    assert (before.past, len(before.waiting), before.waiting[0].too_long) == (0, 8, None)
    assert before.limit_days == Unknown("only 0 past stays, 8 are needed")
    assert stage_ages(sales, PLAN, BEGIN + timedelta(days=3))[0].past == 8


def test_the_stage_most_sales_are_lost_in_is_a_bottleneck() -> None:
    sales = [sale("a", ("new", 0), ("offer", 1), ("lost", 2)), sale("b", ("new", 0), ("offer", 1), ("lost", 2))]
    found = bottlenecks(stage_ages(sales, PLAN, BEGIN + timedelta(days=9)))
    assert [(b.stage, b.reasons[0].en) for b in found] == [
        ("offer", "only 0.0000 of the sales that left Offer went on, the lowest share of all stages")
    ]
    assert bottlenecks(stage_ages([past(1, 0)], PLAN, BEGIN + timedelta(days=9))) == ()


def test_one_past_stay_and_one_day_are_told_as_one() -> None:
    assert nearest_rank([4], Fraction(1, 2), 8) == Unknown("only 1 past stay, 8 are needed")
    assert nearest_rank([], Fraction(1, 2), 1) == Unknown("only 0 past stays, 1 is needed")
    sales = [*(past(1, n) for n in range(8)), sale("x", ("new", 0)), sale("y", ("new", 0))]
    (stuck,) = bottlenecks(stage_ages(sales, PLAN, BEGIN + timedelta(days=9)))
    assert stuck.reasons[0].en == "2 of 2 sales have stood in New for more than 1 day (usual: 1)"
    assert "depuis plus de 1 jour (" in stuck.reasons[0].fr


@given(st.lists(st.integers(0, 99), min_size=1), st.fractions(min_value=Fraction(1, 100), max_value=1))
def test_a_nearest_rank_is_the_smallest_value_enough_values_do_not_exceed(
    values: list[int], quantile: Fraction
) -> None:
    rising = sorted(values)
    found = nearest_rank(rising, quantile, 1)
    assert isinstance(found, int)
    assert Fraction(sum(v <= found for v in rising), len(rising)) >= quantile
    assert all(Fraction(sum(v <= w for v in rising), len(rising)) < quantile for w in rising if w < found)


@pytest.mark.parametrize("quantile", [Fraction(0), Fraction(11, 10)])
def test_an_age_rule_without_a_share_is_refused(quantile: Fraction) -> None:
    with pytest.raises(InvalidRecord):
        AgeRule(quantile=quantile)


PORTIONS = st.lists(st.integers(0, 50), max_size=3).filter(lambda shares: sum(shares) <= 100)


def shared(n: int, cents: int, portions: list[int]) -> Opportunity:
    return Opportunity(
        id=OpportunityId(f"o{n}"),
        name="s",
        owner=UserId("zoe"),
        stage=OpportunityStage.PROPOSAL,
        amount=Money(Decimal(cents) / 100, "EUR"),
        probability=Decimal("0.37"),
        forecast_category=ForecastCategory.COMMIT,
        expected_close_on=date(2026, 5, 1 + n),
        splits=(
            *(Split(owner=UserId(f"u{k}"), portion=Decimal(p) / 100) for k, p in enumerate(portions)),
            Split(owner=UserId("overlay"), portion=Decimal(1), kind=SplitKind.OVERLAY),
        ),
    )


@given(st.lists(st.tuples(st.integers(0, 10**6), PORTIONS), max_size=4))
def test_the_owners_parts_sum_to_the_whole_forecast(facts: list[tuple[int, list[int]]]) -> None:
    sales = [shared(n, cents, portions) for n, (cents, portions) in enumerate(facts)]
    whole = forecast_sales(sales, code="EUR", as_of=date(2026, 4, 1))
    parts = forecast_by_owner(sales, code="EUR", as_of=date(2026, 4, 1))
    assert "overlay" not in parts
    for name in ("amount", "weighted", "yearly", "weighted_yearly"):
        mine = total((getattr(cell, name) for part in parts.values() for cell in part.cells), "EUR")
        assert mine == total((getattr(cell, name) for cell in whole.cells), "EUR")
    assert sum(len(part.left_out) for part in parts.values()) == len(whole.left_out)


def test_a_shared_sale_is_credited_by_its_splits() -> None:
    parts = forecast_by_owner([shared(0, 10_000, [25, 50])], code="EUR", as_of=date(2026, 4, 1))
    assert {owner: str(f.cells[0].amount) for owner, f in parts.items() if f.cells} == {
        "u0": "25.00 EUR",
        "u1": "50.00 EUR",
        None: "25.00 EUR",
    }
