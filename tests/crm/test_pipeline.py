"""Stage moves: what the pipeline's rules forbid is found, and a made move leaves its trace."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.opportunity import ForecastCategory, Opportunity, OpportunityStage, StageChange
from clmcrm.crm.pipeline import (
    Pipeline,
    Stage,
    history_problems,
    move_problems,
    moved,
    open_moves,
)
from clmcrm.crm.stage_stays import stage_durations
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.ids import OpportunityId, PipelineId, StageId
from clmcrm.values.money import Money

AT = datetime(2026, 5, 7, 12, tzinfo=UTC)


def stage(key: str, canonical: OpportunityStage, **more: Any) -> Stage:
    return Stage(id=StageId(key), name=key.title(), stage=canonical, **more)


STAGES = (
    stage("new", OpportunityStage.QUALIFICATION),
    stage("offer", OpportunityStage.PROPOSAL, may_start=False),
    stage("talks", OpportunityStage.NEGOTIATION, required=("amount", "start_wanted_on")),
    stage("won", OpportunityStage.WON),
    stage("lost", OpportunityStage.LOST),
)
FREE = Pipeline(id=PipelineId("p"), name="Direct", stages=STAGES)
STRICT = evolve(FREE, allows_skipping=False, allows_backward=False, allows_reopening=False)
SALE = Opportunity(id=OpportunityId("o"), name="S", amount=Money(5, "EUR"), start_wanted_on=date(2026, 6, 1))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, "new", []),
        (None, "offer", ["Offer is no stage to start in"]),
        ("new", "new", []),
        ("new", "offer", []),
        ("new", "talks", ["skips Offer"]),
        ("talks", "new", ["goes back from Talks to New"]),
        ("new", "won", []),
        ("new", "lost", []),
        ("won", "new", ["Won is closed and may not be left"]),
        ("lost", "won", ["Lost is closed and may not be left"]),
        ("new", "elsewhere", ["is not in the pipeline"]),
    ],
)
def test_a_strict_pipeline_finds_each_broken_rule(before: str | None, after: str, said: list[str]) -> None:
    start = None if before is None else StageId(before)
    assert [p.what for p in move_problems(STRICT, start, StageId(after), SALE)] == said


def test_a_free_pipeline_forbids_no_move_between_its_stages() -> None:
    for before in STAGES:
        for after in STAGES:
            assert move_problems(FREE, before.id, after.id, SALE) == ()


def test_a_stage_asks_for_its_fields() -> None:
    bare = Opportunity(id=OpportunityId("o"), name="S")
    found = move_problems(FREE, StageId("offer"), StageId("talks"), bare)
    assert [p.field for p in found] == ["amount", "start_wanted_on"]


def test_a_move_leaves_its_trace() -> None:
    late = datetime(2026, 5, 7, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    sale = evolve(SALE, stage_id=StageId("talks"), stage=OpportunityStage.NEGOTIATION)
    won = moved(sale, STRICT, StageId("won"), late, actor="sam")
    assert (won.stage, won.stage_raw, won.stage_since, won.pipeline) == (
        OpportunityStage.WON,
        "Won",
        late,
        "p",
    )
    assert won.closed_on == date(2026, 5, 7)
    assert won.stage_history[-1].actor == "sam"
    assert won.stage_history[-1].amount == Money(5, "EUR")


def test_a_reopened_sale_is_no_longer_closed() -> None:
    lost = moved(evolve(SALE, stage_id=StageId("new")), FREE, StageId("lost"), AT)
    assert moved(lost, FREE, StageId("new"), AT).closed_on is None


def test_a_reopened_sale_is_not_forecast_as_a_closed_one() -> None:
    sure = stage("done", OpportunityStage.WON, probability=Decimal(1), forecast_category=ForecastCategory.CLOSED)
    plan = evolve(FREE, stages=(*STAGES, sure))
    won = moved(evolve(SALE, stage_id=StageId("new")), plan, StageId("done"), AT)
    assert (won.probability, won.forecast_category) == (Decimal(1), ForecastCategory.CLOSED)
    again = moved(won, plan, StageId("new"), AT)
    assert (again.probability, again.forecast_category) == (None, None)


def test_a_won_sale_that_was_lost_after_all_is_not_as_likely_as_the_won_one() -> None:
    sure = stage("done", OpportunityStage.WON, probability=Decimal(1), forecast_category=ForecastCategory.CLOSED)
    plan = evolve(FREE, stages=(*STAGES, sure))
    won = moved(evolve(SALE, stage_id=StageId("new")), plan, StageId("done"), AT)
    gone = moved(won, plan, StageId("lost"), AT)
    assert (gone.probability, gone.forecast_category) == (None, None)
    # Moved into the stage it stands in, it leaves none.
    likely = evolve(won, stage=OpportunityStage.LOST, stage_id=StageId("lost"), probability=Decimal(0))
    assert moved(likely, plan, StageId("lost"), AT).probability == 0


def test_a_move_into_the_stage_it_stands_in_keeps_since_when_and_the_day_of_closing() -> None:
    won = moved(evolve(SALE, stage_id=StageId("new")), FREE, StageId("won"), AT)
    again = moved(evolve(won, amount=Money(7, "EUR")), FREE, StageId("won"), AT + timedelta(days=40))
    assert (again.stage_since, again.closed_on) == (AT, AT.date())
    assert [change.amount for change in again.stage_history] == [Money(5, "EUR"), Money(7, "EUR")]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"stage": OpportunityStage.PROPOSAL, "stage_id": "new", "stage_since": AT}, "stage_since"),
        ({"stage": OpportunityStage.LOST, "stage_id": "lost", "stage_since": AT}, "stage_since"),
        ({"stage": OpportunityStage.LOST, "stage_id": "lost", "closed_on": AT.date()}, "closed_on"),
    ],
)
def test_a_move_before_the_last_one_is_refused_though_no_history_is_kept(facts: dict[str, Any], field: str) -> None:
    sale = evolve(SALE, **facts)
    with pytest.raises(InvalidRecord) as refusal:
        moved(sale, FREE, StageId("talks"), AT - timedelta(days=1))
    assert refusal.value.field == field
    assert moved(sale, FREE, StageId("talks"), AT).stage_since == AT


def test_a_sale_reopened_in_the_first_hour_of_the_day_it_was_closed_keeps_that_it_was() -> None:
    early = datetime.fromisoformat("2026-05-07T00:30+02:00")
    lost = evolve(SALE, stage=OpportunityStage.LOST, stage_id=StageId("lost"), closed_on=early.date())
    again = moved(lost, FREE, StageId("new"), early)
    assert [change.stage_id for change in again.stage_history] == ["lost", "new"]


@pytest.mark.parametrize(("created", "found"), [(None, 1), (date(2026, 5, 7), 1), (date(2026, 5, 6), 0)])
def test_a_history_that_begins_after_the_sale_does_not_say_where_it_began(created: date | None, found: int) -> None:
    """A sale of a system that keeps no history, moved by the rules, breaks none."""
    stood = evolve(SALE, stage=OpportunityStage.QUALIFICATION, stage_id=StageId("new"), created_on=created)
    offered = moved(stood, STRICT, StageId("offer"), AT)
    assert len(history_problems(STRICT, offered)) == found
    # Later moves are judged all the same.
    back = evolve(offered.stage_history[0], stage=OpportunityStage.QUALIFICATION, stage_id=StageId("new"))
    again = evolve(offered, stage_history=(*offered.stage_history, back))
    assert len(history_problems(STRICT, again)) == found + 1


def test_the_stage_of_another_pipeline_says_nothing_of_a_move() -> None:
    """Stages of the same name: what would be a skip here is a beginning, and a beginning may be forbidden."""
    elsewhere = evolve(SALE, pipeline=PipelineId("partners"), stage_id=StageId("new"))
    assert moved(elsewhere, STRICT, StageId("talks"), AT).stage_id == "talks"
    assert StageId("new") in open_moves(STRICT, elsewhere)
    assert StageId("offer") not in open_moves(STRICT, elsewhere)
    same = evolve(elsewhere, stage_id=StageId("offer"))
    with pytest.raises(TransitionNotAllowed, match="no stage to start in"):
        moved(same, STRICT, StageId("offer"), AT)


def test_a_move_takes_on_what_the_stage_sets_and_keeps_what_it_does_not() -> None:
    sure = stage(
        "sure",
        OpportunityStage.COMMITTED,
        probability=Decimal("0.9"),
        forecast_category=ForecastCategory.COMMIT,
    )
    plan = evolve(FREE, stages=(*STAGES, sure))
    there = moved(evolve(SALE, stage_id=StageId("new")), plan, StageId("sure"), AT)
    assert (there.probability, there.forecast_category) == (Decimal("0.9"), ForecastCategory.COMMIT)
    back = moved(there, plan, StageId("new"), AT)
    assert back.probability == Decimal("0.9")


def test_a_forbidden_move_is_refused_with_its_rules_and_the_open_ones() -> None:
    sale = evolve(SALE, stage_id=StageId("new"))
    with pytest.raises(TransitionNotAllowed) as refusal:
        moved(sale, STRICT, StageId("talks"), AT)
    assert refusal.value.why == ("skips Offer",)
    assert refusal.value.possible == ("offer", "won", "lost")


@given(st.sampled_from([s.id for s in STAGES]), st.sampled_from([s.id for s in STAGES]))
def test_open_moves_are_exactly_those_that_succeed(start: StageId, to: StageId) -> None:
    sale = evolve(SALE, stage_id=start)
    if to in open_moves(STRICT, sale):
        assert moved(sale, STRICT, to, AT).stage_id == to
    elif to != start:
        with pytest.raises(TransitionNotAllowed):
            moved(sale, STRICT, to, AT)


def history(*steps: tuple[str, int]) -> tuple[StageChange, ...]:
    known = {s.id: s.stage for s in STAGES}
    return tuple(
        StageChange(
            at=AT + timedelta(days=day),
            stage=known.get(StageId(key), OpportunityStage.UNKNOWN),
            stage_id=StageId(key),
        )
        for key, day in steps
    )


def test_the_history_shows_each_broken_rule_in_time_order() -> None:
    sale = evolve(SALE, amount=None, stage_history=history(("new", 0), ("talks", 1), ("offer", 2), ("won", 3)))
    assert [p.what for p in history_problems(STRICT, sale)] == [
        "skips Offer",
        "goes back from Talks to Offer",
    ]
    assert history_problems(FREE, sale) == ()


def test_a_past_stage_of_another_pipeline_is_no_finding() -> None:
    sale = evolve(SALE, stage_history=history(("renewal", 0), ("new", 1), ("talks", 2)))
    assert [p.what for p in history_problems(STRICT, sale)] == ["skips Offer"]


def test_a_first_change_without_its_stage_does_not_say_where_the_sale_began() -> None:
    first, *later = history(("new", 0), ("offer", 1), ("new", 2))
    unnamed = evolve(first, stage_id=None)
    assert history_problems(FREE, evolve(SALE, stage_history=(unnamed, later[0]))) == ()
    # Later moves are judged all the same.
    sale = evolve(SALE, stage_history=(unnamed, *later))
    assert [p.what for p in history_problems(STRICT, sale)] == ["goes back from Offer to New"]


def test_time_in_a_stage_adds_up_over_returns_and_stops_at_the_end() -> None:
    sale = evolve(SALE, stage_history=history(("new", 0), ("offer", 2), ("new", 5), ("won", 6)))
    assert stage_durations(sale, AT + timedelta(days=100)) == {
        OpportunityStage.QUALIFICATION: timedelta(days=3),
        OpportunityStage.PROPOSAL: timedelta(days=3),
    }
    with pytest.raises(InvalidRecord):
        stage_durations(sale, AT)


@pytest.mark.parametrize(
    "stages",
    [(), (STAGES[0], STAGES[0]), (stage("s", OpportunityStage.OPEN, required=("colour",)),)],
)
def test_a_pipeline_that_cannot_work_is_refused(stages: tuple[Stage, ...]) -> None:
    with pytest.raises(InvalidRecord):
        Pipeline(id=PipelineId("p"), name="P", stages=stages)
