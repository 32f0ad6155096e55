"""Two holders' logs become one: in whichever order, however often, and what was taken back stays so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm import events as e
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.joined_logs import merged
from clmcrm.clm.lifecycle import stage_of
from clmcrm.errors import InvalidRecord
from making import contract

BEGAN = datetime(2026, 1, 5, 23, tzinfo=UTC)
ZONES = (UTC, timezone(timedelta(hours=3)), timezone(timedelta(hours=-7)))


@st.composite
def events(draw: st.DrawFn) -> e.AnyEvent:
    at = (BEGAN + timedelta(hours=draw(st.integers(0, 6)))).astimezone(draw(st.sampled_from(ZONES)))
    by = draw(st.sampled_from(["ann", "bob"]))
    kind = draw(st.sampled_from([e.Requested, e.SubmittedForApproval, e.Approved, e.DataReviewed, e.Redrafted]))
    found: e.AnyEvent = kind(at, by)
    return found


@st.composite
def logs(draw: st.DrawFn) -> tuple[e.AnyEvent, ...]:
    """Events in any order, some taken back; never taking back where nothing stands."""
    found: list[e.AnyEvent] = []
    for event in draw(st.lists(events(), max_size=5)):
        found.append(event)
        if draw(st.integers(0, 3)) == 0:
            found.append(e.Undone(event.at + timedelta(hours=draw(st.integers(0, 3))), "eve"))
    return tuple(found)


def words(log: tuple[e.AnyEvent, ...]) -> list[str]:
    # Equal instants in two zones are equal values: their text tells them apart.
    return [repr(event) for event in log]


@given(logs(), logs(), logs())
def test_joining_is_commutative_associative_and_idempotent(
    a: tuple[e.AnyEvent, ...], b: tuple[e.AnyEvent, ...], c: tuple[e.AnyEvent, ...]
) -> None:
    assert words(merged(a, b)) == words(merged(b, a))
    assert words(merged(merged(a, b), c)) == words(merged(a, merged(b, c))) == words(merged(a, b, c))
    assert words(merged(merged(a, b), merged(a, b))) == words(merged(a, b)) == words(merged(a, b, b, a))
    assert words(merged(merged(a))) == words(merged(a))


@given(logs(), logs())
def test_nothing_is_lost_and_what_one_holder_took_back_stays_taken_back(
    a: tuple[e.AnyEvent, ...], b: tuple[e.AnyEvent, ...]
) -> None:
    joined = merged(a, b)
    facts = {event for event in (*a, *b) if not isinstance(event, e.Undone)}
    assert {event for event in joined if not isinstance(event, e.Undone)} == facts
    standing = set(not_undone(joined))
    named = {event.what for event in joined if isinstance(event, e.Undone)}
    assert standing == facts - named
    assert [event.at for event in joined if not isinstance(event, e.Undone)] == sorted(event.at for event in facts)


def test_an_undone_means_the_same_beside_events_of_another_holder() -> None:
    asked, sent = e.Requested(BEGAN, "ann"), e.SubmittedForApproval(BEGAN + timedelta(hours=1), "ann")
    ours = (asked, sent, e.Undone(BEGAN + timedelta(hours=3), "ann"))
    theirs = (asked, e.DataReviewed(BEGAN + timedelta(hours=2), "bob"))
    joined = merged(theirs, ours)
    assert not_undone(joined) == [asked, theirs[1]]
    day = joined[-1].at.date()
    assert stage_of(attrs.evolve(contract(), events=joined), day).stage.value == "draft"


def test_the_hour_that_comes_twice_is_ordered_by_its_instants_and_each_event_of_it_is_one() -> None:
    paris = ZoneInfo("Europe/Paris")
    asked = e.Requested(datetime(2026, 10, 25, 2, 30, tzinfo=paris), "ann")
    sent = e.SubmittedForApproval(datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=paris), "ann")  # forty minutes later
    in_utc = attrs.evolve(asked, at=asked.at.astimezone(UTC))
    assert [type(event) for event in merged([asked, sent], [in_utc])] == [e.Requested, e.SubmittedForApproval]
    back = e.Undone(datetime(2026, 10, 25, 2, 40, tzinfo=paris), "ann", what=in_utc)
    assert not_undone(merged([asked, back], [in_utc])) == []


def test_a_log_that_takes_back_what_never_was_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="an event that is still standing before it"):
        _ = merged([e.Undone(BEGAN, "ann")], [e.Requested(BEGAN, "ann")])
