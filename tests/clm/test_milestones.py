"""Milestones: statuses from what was achieved and a day, long-stop dates, and milestones after milestones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clmcrm.clm.day_expressions import After, EarlierOf, Facts, OnDay, OnFact
from clmcrm.clm.milestones import Achievement, Milestone, MilestoneId, MilestoneStatus, milestone_standing
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor

SIGNED = Facts({"executed_on": date(2026, 1, 15)})
DELIVERY = Milestone(
    id=MilestoneId("M-1"),
    title="delivery",
    due=After(start=OnFact(name="executed_on"), length=Tenor(months=3)),
    long_stop=OnDay(day=date(2026, 6, 30)),
    consequence="either side may end the contract",
)
ACCEPTANCE = Milestone(
    id=MilestoneId("M-2"), title="acceptance", due=After(start=OnFact(name="met:M-1"), length=Tenor(days=30))
)


def reached(*parts: tuple[str, str]) -> Milestone:
    made = tuple(Achievement(on=date.fromisoformat(day), share=Decimal(share)) for day, share in parts)
    return Milestone(
        id=DELIVERY.id, title=DELIVERY.title, due=DELIVERY.due, long_stop=DELIVERY.long_stop, achievements=made
    )


HALF, REST = ("2026-04-01", "0.5"), ("2026-05-02", "0.5")


@pytest.mark.parametrize(
    ("milestone", "as_of", "status", "late", "stopped"),
    [
        (reached(), "2026-04-15", MilestoneStatus.SCHEDULED, False, False),
        (reached(), "2026-04-16", MilestoneStatus.NOT_MET, True, False),
        (reached(), "2026-07-01", MilestoneStatus.NOT_MET, True, True),
        (reached(HALF), "2026-04-10", MilestoneStatus.PARTIALLY_MET, False, False),
        (reached(HALF, REST), "2026-05-01", MilestoneStatus.PARTIALLY_MET, True, False),
        (reached(HALF, REST), "2026-08-01", MilestoneStatus.MET, True, False),
        (reached(("2026-04-15", "1")), "2030-01-01", MilestoneStatus.MET, False, False),
        (reached(("2026-07-01", "1")), "2030-01-01", MilestoneStatus.MET, True, True),
    ],
)
def test_a_status_follows_from_what_was_achieved_and_late_stays_late(
    milestone: Milestone, as_of: str, status: MilestoneStatus, late: bool, stopped: bool
) -> None:
    found = milestone_standing(milestone, date.fromisoformat(as_of), SIGNED)
    assert (found.status, found.late, found.stopped) == (status, late, stopped)
    assert found.due_on == date(2026, 4, 15)


def test_one_milestone_is_counted_from_the_day_another_was_reached() -> None:
    before = milestone_standing(ACCEPTANCE, date(2026, 4, 1), SIGNED, others=[reached(HALF)])
    assert isinstance(before.due_on, Unknown)
    assert "M-1 (delivery) has not been reached" in before.due_on.reason
    assert (before.late, before.status) == (None, MilestoneStatus.SCHEDULED)
    after = milestone_standing(ACCEPTANCE, date(2026, 6, 2), SIGNED, others=[reached(HALF, REST)])
    assert (after.due_on, after.late) == (date(2026, 6, 1), True)


def test_a_circle_of_milestones_has_no_day_and_says_which() -> None:
    one = Milestone(id=MilestoneId("A"), title="a", due=After(start=OnFact(name="due:B"), length=Tenor(days=1)))
    two = Milestone(id=MilestoneId("B"), title="b", due=After(start=OnFact(name="due:A"), length=Tenor(days=1)))
    found = milestone_standing(one, date(2026, 1, 1), Facts(), others=[two])
    assert isinstance(found.due_on, Unknown)
    assert "A counted from B counted from A: a circle" in found.due_on.reason


def test_the_steps_say_what_the_long_stop_date_brings() -> None:
    found = milestone_standing(DELIVERY, date(2026, 7, 1), SIGNED)
    assert any("passed: after it, either side may end the contract" in step.what for step in found.steps)
    assert found.long_stop_on == date(2026, 6, 30)


def test_a_long_stop_that_lacks_a_fact_is_unknown_and_never_taken_for_passed() -> None:
    open_one = Milestone(
        id=MilestoneId("M"), title="m", due=OnDay(day=date(2026, 1, 1)),
        long_stop=EarlierOf(of=(OnDay(day=date(2026, 2, 1)), OnFact(name="event:closing"))),
    )  # fmt: skip
    found = milestone_standing(open_one, date(2026, 3, 1), Facts())
    assert isinstance(found.long_stop_on, Unknown)
    assert found.stopped is None


def test_a_share_above_the_whole_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="a share above 0"):
        _ = Achievement(on=date(2026, 1, 1), share=Decimal("1.5"))
