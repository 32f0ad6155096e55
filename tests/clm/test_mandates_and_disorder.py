"""Bad input, without authority, out of order, repeated, contradictory, from the future: refused, nothing changes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import attrs
import pytest

from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment, AmendmentKind, Restatement
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.mandates import Mandate
from clmcrm.clm.stages import Stage
from clmcrm.clm.term_clauses import NoticeClause
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import TransitionNotAllowed
from clmcrm.values.ids import AmendmentId, ContractId
from clmcrm.values.money import Money
from clmcrm.values.tenor import Tenor
from making import at, contract

RECORDED = e.RecordedAsExecuted(at("2024-05-20"), "archive")
LIFE = contract(events=(RECORDED,), total_value=Money(50_000, "EUR"))
PAUSE = e.Suspended(at("2024-09-01"), "ann", from_day=date(2024, 9, 1), note="strike")
ANN = Mandate(holder="ann", granted_by="the board")


@pytest.mark.parametrize(
    ("mandate", "enough"),
    [
        (ANN, True),
        (attrs.evolve(ANN, holder="bob"), False),
        (attrs.evolve(ANN, events=frozenset({"Suspended"})), True),
        (attrs.evolve(ANN, events=frozenset({"Resumed"})), False),
        (attrs.evolve(ANN, kinds=frozenset({ContractKind.SALES})), True),
        (attrs.evolve(ANN, kinds=frozenset({ContractKind.NDA})), False),
        (attrs.evolve(ANN, up_to=Money(50_000, "EUR")), True),
        (attrs.evolve(ANN, up_to=Money(49_999, "EUR")), False),
        (attrs.evolve(ANN, up_to=Money(90_000, "USD")), False),
        (attrs.evolve(ANN, first_day=date(2024, 9, 1), last_day=date(2024, 9, 1)), True),
        (attrs.evolve(ANN, first_day=date(2024, 9, 2)), False),
        (attrs.evolve(ANN, last_day=date(2024, 8, 31)), False),
    ],
)
def test_whoever_has_no_mandate_is_refused_and_told_who_could(mandate: Mandate, enough: bool) -> None:
    assert from_fields(Mandate, to_fields(mandate)) == mandate
    if enough:
        assert advance(LIFE, PAUSE, mandates=[mandate]).events[-1] == PAUSE
        return
    before = to_fields(LIFE)
    with pytest.raises(TransitionNotAllowed, match="ann has no mandate for Suspended on 2024-09-01; those who have: "):
        _ = advance(LIFE, PAUSE, mandates=[mandate])
    assert to_fields(LIFE) == before


def test_the_value_that_a_mandate_is_bound_by_is_that_of_the_terms_in_force() -> None:
    dearer = Amendment(
        id=AmendmentId("A1"), title="extension", kind=AmendmentKind.RESTATES, base_version=0,
        effective_on=date(2024, 8, 1), restated=Restatement(total_value=Money(500_000, "EUR")),
    )  # fmt: skip
    accepted = e.AmendmentAccepted(
        at("2024-07-01"), "legal", amendment=dearer.id, base_version=0, effective_on=dearer.effective_on
    )
    life = advance(attrs.evolve(LIFE, amendments=(dearer,)), accepted)
    small = attrs.evolve(ANN, up_to=Money(50_000, "EUR"))
    assert small.covers(life, attrs.evolve(PAUSE, at=at("2024-07-31")))
    assert not small.covers(life, PAUSE)
    assert attrs.evolve(ANN, up_to=Money(500_000, "EUR")).covers(life, PAUSE)


@pytest.mark.parametrize("effective_on", [date(2024, 7, 1), date(2024, 8, 1), date(2025, 8, 1)])
@pytest.mark.parametrize(
    ("now", "then", "up_to", "enough"),
    [
        (50_000, 500_000, 50_000, False),
        (50_000, 500_000, 499_999, False),
        (50_000, 500_000, 500_000, True),
        (500_000, 50_000, 50_000, False),
        (50_000, None, 50_000, False),
    ],
)
def test_who_accepts_an_amendment_needs_a_mandate_for_what_it_makes_of_the_value(
    now: int, then: int | None, up_to: int, enough: bool, effective_on: date
) -> None:
    value = None if then is None else Money(then, "EUR")
    new = Amendment(
        id=AmendmentId("A1"), title="extension", kind=AmendmentKind.RESTATES, base_version=0,
        effective_on=effective_on, restated=Restatement(total_value=value),
    )  # fmt: skip
    life = attrs.evolve(LIFE, total_value=Money(now, "EUR"), amendments=(new,))
    accepted = e.AmendmentAccepted(at("2024-07-01"), "ann", amendment=new.id, base_version=0, effective_on=effective_on)
    mandate = attrs.evolve(ANN, up_to=Money(up_to, "EUR"))
    if enough:
        assert advance(life, accepted, mandates=[mandate]).events[-1] == accepted
        return
    with pytest.raises(TransitionNotAllowed, match="ann has no mandate for AmendmentAccepted"):
        _ = advance(life, accepted, mandates=[mandate])


def test_no_mandates_at_all_let_nobody_act_and_none_given_are_not_looked_at() -> None:
    with pytest.raises(TransitionNotAllowed, match="those who have: nobody"):
        _ = advance(LIFE, PAUSE, mandates=())
    assert advance(LIFE, PAUSE).events[-1] == PAUSE


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (RECORDED, "this RecordedAsExecuted of 2024-05-20T12:00:00.00:00 is recorded already"),
        (e.DataReviewed(at("2024-05-19"), "ann"), "before the last event, 2024-05-20"),
        (e.DataReviewed(at("2025-02-01"), "ann"), "recorded at 2025-02-01.*, but it is only 2025-01-01"),
        (
            e.NonRenewalNotified(at("2024-09-01"), "ann", side=Party.OWN, served_on=date(2024, 9, 3)),
            "served_on is 2024-09-03, but it was recorded on 2024-09-01",
        ),
        (
            e.NonRenewalNotified(
                at("2024-09-01"), "ann", side=Party.OWN, served_on=date(2024, 8, 3), received_on=date(2024, 8, 2)
            ),
            "received_on, 2024-08-02, is before served_on, 2024-08-03",
        ),
        (
            e.CureDemanded(at("2024-09-01"), "ann", side=Party.OWN, served_on=date(2025, 1, 1), note="late"),
            "served_on is 2025-01-01",
        ),
        (
            e.Undone(at("2024-09-01"), "ann", what=PAUSE),
            "it takes back Suspended of 2024-09-01.*, but the last event is RecordedAsExecuted of 2024-05-20",
        ),
    ],
)
def test_what_cannot_stand_in_the_log_is_refused_with_its_reason(event: e.AnyEvent, why: str) -> None:
    before = to_fields(LIFE)
    with pytest.raises(TransitionNotAllowed, match=why) as refusal:
        _ = advance(LIFE, event, now=datetime(2025, 1, 1, tzinfo=UTC))
    assert to_fields(LIFE) == before
    assert type(event).__name__ in str(refusal.value)
    assert "possible now: " in str(refusal.value)


def test_order_in_the_log_is_that_of_instants_where_the_clocks_go_back() -> None:
    paris = ZoneInfo("Europe/Paris")
    first = datetime(2024, 10, 27, 2, 30, tzinfo=paris)
    later = datetime(2024, 10, 27, 2, 10, fold=1, tzinfo=paris)  # forty minutes later
    life = advance(LIFE, e.DataReviewed(first, "ann"))
    assert advance(life, e.DataReviewed(later, "ann"), now=later).events[-1].at == later
    with pytest.raises(TransitionNotAllowed, match="but it is only"):
        _ = advance(life, e.DataReviewed(later, "ann"), now=datetime(2024, 10, 27, 2, 20, tzinfo=paris))


def test_what_may_be_announced_is_no_mistake() -> None:
    ahead = attrs.evolve(PAUSE, from_day=date(2025, 6, 1))
    tomorrow = e.CureDemanded(at("2024-09-01"), "ann", side=Party.OWN, served_on=date(2024, 9, 2), note="late")
    assert advance(advance(LIFE, tomorrow), ahead).events[-1] == ahead


def test_an_undone_that_is_heard_twice_takes_back_one_event_only() -> None:
    two = advance(advance(LIFE, e.DataReviewed(at("2024-08-01"), "ann")), PAUSE)
    undone = e.Undone(at("2024-09-02"), "ann")
    once = advance(two, undone)
    with pytest.raises(TransitionNotAllowed, match=r"this Undone of .* is recorded already"):
        _ = advance(once, undone)
    assert advance(two, attrs.evolve(undone, what=PAUSE)).events[-1].at == undone.at


def test_nothing_is_taken_back_where_nothing_stands() -> None:
    once = advance(contract(), e.Requested(at("2024-04-01"), "ann"))
    gone = advance(once, e.Undone(at("2024-04-02"), "ann"))
    with pytest.raises(TransitionNotAllowed, match="Undone is not possible in stage new"):
        _ = advance(gone, e.Undone(at("2024-04-03"), "ann"))


def test_a_backdated_event_that_leaves_no_place_for_later_ones_is_refused() -> None:
    paused = advance(LIFE, PAUSE)
    with pytest.raises(TransitionNotAllowed, match="it would leave no place for Suspended"):
        _ = advance(paused, attrs.evolve(PAUSE, at=at("2024-10-01"), from_day=date(2024, 8, 1)))


LATER = Amendment(
    id=AmendmentId("A1"), title="shorter notice", base_version=0, effective_on=date(2025, 9, 1),
    notice=NoticeClause(length=Tenor(months=1)),
)  # fmt: skip
ANNOUNCED = advance(
    attrs.evolve(LIFE, amendments=(LATER,)),
    e.AmendmentAccepted(at("2025-01-10"), "ann", amendment=LATER.id, base_version=0, effective_on=LATER.effective_on),
)
END = at("2025-02-01")


@pytest.mark.parametrize(
    ("event", "stage"),
    [
        (e.Terminated(END, "ann", ground=e.Ground.MUTUAL, last_day=date(2025, 3, 1)), Stage.TERMINATED),
        (e.NonRenewalNotified(END, "ann", side=Party.OWN, served_on=date(2025, 2, 1)), Stage.EXPIRED),
        (e.Superseded(END, "ann", successor=ContractId("C-2"), from_day=date(2025, 3, 1)), Stage.SUPERSEDED),
        (e.Novated(END, "ann", successor=ContractId("C-2"), from_day=date(2025, 3, 1)), Stage.NOVATED),
        (e.Rescinded(END, "ann", note="mistake"), Stage.RESCINDED),
        (e.Completed(END, "ann"), Stage.COMPLETED),
    ],
)
def test_an_end_that_comes_first_overtakes_what_was_announced(event: e.AnyEvent, stage: Stage) -> None:
    ended = advance(ANNOUNCED, event)
    found = stage_of(ended, date(2025, 12, 1))
    assert found.stage is stage
    assert found.ignored == (f"AmendmentAccepted of 2025-01-10T12:00:00+00:00 in stage {stage.value}",)
    archived = advance(ended, e.Archived(at("2025-06-02"), "ann"))
    assert stage_of(archived, date(2025, 6, 2)).stage is Stage.ARCHIVED


def test_an_end_that_is_heard_of_late_leaves_what_has_happened_in_its_place() -> None:
    paused = advance(LIFE, attrs.evolve(PAUSE, at=at("2025-06-10"), from_day=date(2025, 6, 5)))
    late = e.NonRenewalNotified(at("2025-07-01"), "ann", side=Party.OWN, served_on=date(2025, 2, 1))
    with pytest.raises(TransitionNotAllowed, match="it would leave no place for Suspended"):
        _ = advance(paused, late)
