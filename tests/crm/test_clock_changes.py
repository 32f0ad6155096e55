"""The nights the clocks change: what was later is later, and an hour is an hour, in one zone as between two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.activity import Activity, ActivityKind
from clmcrm.crm.backtest import backtest
from clmcrm.crm.case import Case, Entitlement, response_state
from clmcrm.crm.case_clocks import case_clocks
from clmcrm.crm.follow_ups import interactions
from clmcrm.crm.opportunity import Opportunity, OpportunityStage, StageChange
from clmcrm.crm.pipeline import Pipeline, Stage, moved
from clmcrm.crm.service_hours import ClockPause, office_hours
from clmcrm.crm.stage_stays import history_until, stage_durations, stays
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId, ActivityId, CaseId, EntitlementId, OpportunityId, PipelineId, StageId

PARIS = ZoneInfo("Europe/Paris")
# On 25 October 2026 the clocks of Paris show 2:00 to 3:00 twice; on 29 March they skip it.
FOLD = datetime(2026, 10, 24, 23, tzinfo=UTC)
SKIP = datetime(2026, 3, 28, 23, tzinfo=UTC)
NIGHTS = st.builds(
    lambda start, minutes: sorted(start + timedelta(minutes=n) for n in minutes),
    st.sampled_from([FOLD, SKIP]),
    st.lists(st.integers(0, 300), min_size=4, max_size=4),
)
DAY_AND_NIGHT = office_hours("Europe/Paris", 0, 24, weekdays=range(7))
GOLD = Entitlement(id=EntitlementId("e"), name="Gold", account=AccountId("a"), response_minutes=60)
PLAN = Pipeline(
    id=PipelineId("p"),
    name="Direct",
    stages=(
        Stage(id=StageId("new"), name="New", stage=OpportunityStage.QUALIFICATION, probability=Decimal("0.1")),
        Stage(id=StageId("offer"), name="Offer", stage=OpportunityStage.PROPOSAL),
    ),
)


def sale(*moments: datetime) -> Opportunity:
    stages = (OpportunityStage.QUALIFICATION, OpportunityStage.PROPOSAL, OpportunityStage.QUALIFICATION)
    changes = (StageChange(at=at, stage=stage) for at, stage in zip(moments, stages, strict=True))
    return Opportunity(id=OpportunityId("o"), name="S", stage_history=tuple(changes))


def case(opened: datetime, answered: datetime, stop: datetime, go: datetime) -> Case:
    pause = ClockPause(from_at=stop, until_at=go)
    return Case(id=CaseId("k"), opened_at=opened, responded_at=answered, closed_at=answered, pauses=(pause,))


@given(NIGHTS)
def test_the_zone_an_instant_is_written_in_changes_no_answer(night: list[datetime]) -> None:
    one, two, three, four = night
    local = [at.astimezone(PARIS) for at in night]
    there, here = sale(one, two, three), sale(*local[:3])
    assert stage_durations(here, local[3]) == stage_durations(there, four)
    assert len(history_until(here, local[1]).stage_history) == len(history_until(there, two).stage_history)
    late = four + timedelta(days=3)
    assert [s.days(late.astimezone(PARIS)) for s in stays(here)] == [s.days(late) for s in stays(there)]
    for at, its in ((three, local[2]), (four, local[3])):
        found = case_clocks(case(local[0], local[3], local[1], local[2]), GOLD, DAY_AND_NIGHT, its).response
        assert found == case_clocks(case(one, four, two, three), GOLD, DAY_AND_NIGHT, at).response
    calls = [
        Activity(id=ActivityId(str(n)), kind=ActivityKind.CALL, account=AccountId("a"), started_at=at)
        for n, at in enumerate(local)
    ]
    assert [call.id for call in interactions(calls, AccountId("a"))] == ["3", "2", "1", "0"]


def test_a_day_of_24_hours_is_no_day_on_the_clock() -> None:
    # Midday to midday is 23 hours on the day the clocks go forward, and 25 on the day they go back.
    for month, day, days in ((3, 28, 0), (10, 24, 1)):
        noon = datetime(2026, month, day, 12, tzinfo=PARIS)
        (stay,) = stays(Opportunity(
            id=OpportunityId("o"), name="S", stage_history=(StageChange(at=noon, stage=OpportunityStage.PROPOSAL),)
        ))  # fmt: skip
        assert stay.days(noon + timedelta(days=1)) == days


def test_what_comes_in_the_hour_shown_twice_is_no_contradiction() -> None:
    first = datetime(2026, 10, 25, 2, 50, tzinfo=PARIS)
    second = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=PARIS)  # twenty minutes later
    assert Case(id=CaseId("k"), opened_at=first, closed_at=second).closed_at == second
    assert Activity(id=ActivityId("a"), started_at=first, finished_at=second).finished_at == second
    assert ClockPause(from_at=first, until_at=second).stands_at(first)
    assert response_state(Case(id=CaseId("k"), response_due_at=first, responded_at=second), second).value == "late"
    new = moved(Opportunity(id=OpportunityId("o"), name="S"), PLAN, StageId("new"), first)
    assert len(moved(new, PLAN, StageId("offer"), second).stage_history) == 2
    for build in (
        lambda: Case(id=CaseId("k"), opened_at=second, closed_at=first),
        lambda: Activity(id=ActivityId("a"), started_at=second, finished_at=first),
        lambda: ClockPause(from_at=second, until_at=first),
        lambda: sale(second, first, first),
        lambda: backtest([], PLAN, second, first, code="EUR"),
    ):
        with pytest.raises(InvalidRecord):
            build()


def test_instants_at_the_ends_of_the_calendar_are_in_order_too() -> None:
    """Systems write them for "never": in UTC they lie outside the years there are."""
    first, last = datetime.fromisoformat("0001-01-01T00:00+02:00"), datetime.fromisoformat("9999-12-31T23:59-02:00")
    assert Case(id=CaseId("k"), opened_at=first, closed_at=last).closed_at == last
    assert stays(sale(first, NINE, last))[1].until == last
    with pytest.raises(InvalidRecord):
        Case(id=CaseId("k"), opened_at=last, closed_at=first)


NAIVE = datetime(2026, 5, 7, 9)  # noqa: DTZ001 - what is to be refused
NINE = datetime(2026, 5, 7, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: DAY_AND_NIGHT.minutes_between(NAIVE, NINE),
        lambda: DAY_AND_NIGHT.minutes_between(NINE, NAIVE),
        lambda: DAY_AND_NIGHT.instant_after(NAIVE, 60),
        lambda: case_clocks(Case(id=CaseId("k"), opened_at=NINE), GOLD, DAY_AND_NIGHT, NAIVE),
        lambda: response_state(Case(id=CaseId("k"), response_due_at=NINE), NAIVE),
        lambda: history_until(sale(NINE, NINE, NINE), NAIVE),
        lambda: stage_durations(sale(NINE, NINE, NINE), NAIVE),
        lambda: backtest([], PLAN, NAIVE, NINE, code="EUR"),
        lambda: moved(Opportunity(id=OpportunityId("o"), name="S", stage_since=NINE), PLAN, StageId("new"), NAIVE),
    ],
)
def test_an_instant_without_a_zone_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(InvalidRecord, match="an instant with a time zone"):
        ask()
