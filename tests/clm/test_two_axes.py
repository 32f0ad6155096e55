"""What was true on a day and what was known on a day: later facts change neither, and looking changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.contract import Contract
from clmcrm.clm.day_expressions import After, OnFact
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance, stage_of, standing_of
from clmcrm.clm.regions import DataRegion, regions_of
from clmcrm.clm.situations import situations_of
from clmcrm.clm.stages import Stage
from clmcrm.clm.standing import Standing
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind, TermClause
from clmcrm.values.ids import AmendmentId, ContractId
from clmcrm.values.tenor import Tenor
from making import YEAR, at, contract

RECORDED = e.RecordedAsExecuted(at("2024-05-20"), "archive")
ZONES = (UTC, timezone(timedelta(hours=11)), timezone(timedelta(hours=-9)))
LONGER = Amendment(
    id=AmendmentId("A1"), title="two years", base_version=0, effective_on=date(2025, 1, 1),
    term=TermClause(initial=Tenor(years=2)), renewal=RenewalClause(kind=RenewalKind.NONE),
)  # fmt: skip
BY_EVENT = TermClause(until=After(start=OnFact(name="event:activated"), length=YEAR))


@st.composite
def logs(draw: st.DrawFn) -> tuple[e.AnyEvent, ...]:
    """Whatever may be in a log, in order of its instants; most of it fits a contract in force."""
    now = datetime(2024, 5, 20, 12, tzinfo=UTC)
    found: list[e.AnyEvent] = [RECORDED]
    for _ in range(draw(st.integers(0, 9))):
        now += timedelta(hours=draw(st.sampled_from([1, 3, 24, 200, 2000])))
        when = now.astimezone(draw(st.sampled_from(ZONES)))
        on = when.date() + timedelta(days=draw(st.integers(-60, 60)))
        found.append(draw(st.sampled_from(happenings(when, on))))
    return tuple(found)


def happenings(when: datetime, on: date) -> list[e.AnyEvent]:
    """One event of each sort, recorded at `when` about `on`."""
    return [
        e.Suspended(when, "ann", from_day=on, note="x"), e.Resumed(when, "ann", from_day=on),
        e.NonRenewalNotified(when, "ann", side=Party.OWN, served_on=on), e.Undone(when, "ann"),
        e.Terminated(when, "ann", ground=e.Ground.MUTUAL, last_day=on), e.Activated(when, "ann"),
        e.Superseded(when, "ann", successor=ContractId("C-2"), from_day=on), e.PartyLeft(when, "ann"),
        e.AmendmentAccepted(when, "ann", amendment=LONGER.id, base_version=0, effective_on=on),
        e.DataReviewed(when, "ann"), e.LinkedToCrm(when, "ann", system="sf", key="1"),
        e.PerformanceContinued(when, "ann", from_day=on), e.Completed(when, "ann"), e.Signed(when, "x", side=Party.OWN),
    ]  # fmt: skip


LIVES = st.sampled_from(
    [
        contract(amendments=(LONGER,)),
        contract(renewal=RenewalClause(kind=RenewalKind.NONE), opportunity="O-1"),
        contract(term=BY_EVENT, renewal=RenewalClause(kind=RenewalKind.NONE)),
    ]
)
DAYS = st.dates(date(2024, 5, 1), date(2026, 6, 1))


def known_part(log: tuple[e.AnyEvent, ...], known_on: date) -> tuple[e.AnyEvent, ...]:
    """The log as it was on a day: it grows at its end only."""
    late = next((place for place, event in enumerate(log) if event.at.date() > known_on), len(log))
    return log[:late]


@given(LIVES, logs(), DAYS, DAYS)
def test_replay_never_sees_what_was_recorded_later(
    life: Contract, log: tuple[e.AnyEvent, ...], as_of: date, known_on: date
) -> None:
    whole, then = attrs.evolve(life, events=log), attrs.evolve(life, events=known_part(log, known_on))
    assert stage_of(whole, as_of, known_on=known_on) == stage_of(then, as_of, known_on=known_on)
    assert stage_of(whole, as_of, known_on=known_on) == stage_of(then, as_of, known_on=date.max)
    assert regions_of(whole, as_of, known_on=known_on) == regions_of(then, as_of, known_on=known_on)
    assert standing_of(whole, as_of, known_on=known_on) == standing_of(then, as_of, known_on=known_on)


@given(LIVES, logs(), DAYS)
def test_situations_of_a_past_day_are_the_same_for_ever(
    life: Contract, log: tuple[e.AnyEvent, ...], as_of: date
) -> None:
    whole, then = attrs.evolve(life, events=log), attrs.evolve(life, events=known_part(log, as_of))
    assert situations_of(whole, as_of) == situations_of(then, as_of)


@given(LIVES, logs(), st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=6), st.booleans())
def test_going_on_from_an_earlier_standing_is_a_fold_from_the_start_for_every_cut(
    life: Contract,
    log: tuple[e.AnyEvent, ...],
    looks: list[tuple[date, date | None]],
    in_order: bool,
) -> None:
    whole = attrs.evolve(life, events=log)
    begun: Standing | None = None
    for as_of, known_on in sorted(looks, key=lambda look: look[0]) if in_order else looks:
        begun = standing_of(whole, as_of, known_on=known_on, begun=begun)
        assert begun == standing_of(whole, as_of, known_on=known_on)
    for cut in range(len(log) + 1):
        seen = attrs.evolve(life, events=log[:cut])
        early = standing_of(seen, date(2025, 1, 1), known_on=date.max)
        # What a later amendment adds to the record is not lost on the way.
        later = date(2026, 1, 1)
        assert standing_of(whole, later, known_on=date.max, begun=early) == standing_of(whole, later, known_on=date.max)


@given(LIVES, logs())
def test_looking_daily_finds_what_looking_once_finds(life: Contract, log: tuple[e.AnyEvent, ...]) -> None:
    whole = attrs.evolve(life, events=log)
    begun: Standing | None = None
    for number in range(0, 760, 10):
        begun = standing_of(whole, date(2024, 5, 1) + timedelta(days=number), begun=begun)
    assert begun is not None
    assert begun == standing_of(whole, begun.day)


def test_an_amendment_that_is_written_after_a_look_counts_in_the_continuation() -> None:
    early = advance(contract(), RECORDED)
    begun = standing_of(early, date(2024, 7, 1))
    accepted = e.AmendmentAccepted(
        at("2024-12-01"), "ann", amendment=LONGER.id, base_version=0, effective_on=date(2025, 1, 1)
    )
    late = advance(attrs.evolve(early, amendments=(LONGER,)), accepted)
    shorter = TermClause(initial=YEAR)
    again = attrs.evolve(LONGER, id=AmendmentId("A2"), base_version=1, effective_on=date(2025, 2, 1), term=shorter)
    begun = standing_of(late, date(2025, 1, 5), begun=begun)
    later = advance(
        attrs.evolve(late, amendments=(LONGER, again)),
        e.AmendmentAccepted(at("2025-01-20"), "ann", amendment=again.id, base_version=1, effective_on=date(2025, 2, 1)),
    )
    after = standing_of(later, date(2025, 7, 1), begun=begun)
    assert after == standing_of(later, date(2025, 7, 1))
    assert after.stage is Stage.EXPIRED


def test_a_late_record_changes_what_is_known_and_not_what_was_known() -> None:
    life = advance(advance(contract(), RECORDED), e.DataReviewed(at("2024-09-01"), "ann"))
    told = advance(life, e.Suspended(at("2024-10-10"), "ann", from_day=date(2024, 9, 15), note="strike"))
    day = date(2024, 9, 20)
    assert stage_of(told, day).stage is Stage.IN_EFFECT
    assert stage_of(told, day, known_on=date(2024, 10, 10)).stage is Stage.SUSPENDED


def test_the_end_that_follows_from_an_event_is_not_known_before_that_event() -> None:
    open_end = contract(term=BY_EVENT, renewal=RenewalClause(kind=RenewalKind.NONE))
    life = attrs.evolve(open_end, events=(RECORDED, e.Activated(at("2024-07-01"), "clm")))
    assert "not recorded" in stage_of(life, date(2024, 6, 15)).why
    assert stage_of(life, date(2024, 7, 1)).ends_on is not None


def test_a_backdated_amendment_leaves_the_record_unreviewed() -> None:
    life = contract(amendments=(attrs.evolve(LONGER, effective_on=date(2024, 8, 1)),))
    life = advance(advance(life, RECORDED), e.DataReviewed(at("2024-09-01"), "ann"))
    accepted = e.AmendmentAccepted(
        at("2024-10-01"), "ann", amendment=LONGER.id, base_version=0, effective_on=date(2024, 8, 1)
    )
    life = advance(life, accepted)
    assert regions_of(life, date(2024, 9, 2)).data is DataRegion.REVIEWED
    assert regions_of(life, date(2024, 10, 1)).data is DataRegion.UNREVIEWED


@pytest.mark.parametrize("hours", [-9, 11])
def test_an_event_is_not_known_before_the_one_ahead_of_it_whatever_their_zones(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    asked = e.Requested(datetime(2024, 5, 2, 0, 30, tzinfo=zone), "ann")
    undone = e.Undone((asked.at + timedelta(minutes=30)).astimezone(timezone(timedelta(hours=-11))), "ann")
    life = attrs.evolve(contract(), events=(asked, undone))
    assert undone.at.date() < asked.at.date() or hours == -9
    assert standing_of(life, date(2024, 5, 1)).stage is Stage.NEW
    assert standing_of(life, date(2024, 5, 3)).counted == 2
