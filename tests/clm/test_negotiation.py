"""Turns, clocks, redlines, remarks and concessions: who may write what, and how long each side took."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from haggling import HATS, LATER, OTHER, OWN, PLAYBOOK, START, asked, conceded, hour, negotiated, record

from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm import events as e
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.negotiation import Redline, days_per_side, negotiation_rounds
from clmcrm.clm.negotiation_entries import (
    AnyEntry,
    Commented,
    DraftSent,
    RedlineAccepted,
    RedlineCountered,
    RedlineRejected,
    RedlineState,
    RedlineWithdrawn,
    noted,
    redlines,
    seen_by,
)
from clmcrm.clm.negotiation_standing import negotiation_standing
from clmcrm.clm.pen import holder, turn_passed, written
from clmcrm.errors import BeyondAuthority, ClmcrmError, DateRuleError, InvalidRecord, StaleBase, TransitionNotAllowed
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import Unknown

PARIS = ZoneInfo("Europe/Paris")


def turns(*events: e.AnyEvent) -> list[tuple[str, datetime, datetime | None]]:
    return [(turn.side.value, turn.opened_at, turn.closed_at) for turn in negotiation_rounds(events)]


def passed(at: float, to: Party = OTHER) -> e.TurnPassed:
    return e.TurnPassed(hour(at), "ann", to=to)


ASKED = e.Requested(hour(0), "ann")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), []),
        ((ASKED,), [("own", 0, None)]),
        ((ASKED, passed(5)), [("own", 0, 5), ("counterparty", 5, None)]),
        ((ASKED, passed(5), passed(9, OWN)), [("own", 0, 5), ("counterparty", 5, 9), ("own", 9, None)]),
        ((ASKED, passed(5), passed(6)), [("own", 0, 5), ("counterparty", 5, None)]),
        ((ASKED, e.Redrafted(hour(4), "ann")), [("own", 0, None)]),
        ((ASKED, passed(5), e.Redrafted(hour(7), "x")), [("own", 0, 5), ("counterparty", 5, 7), ("own", 7, None)]),
        ((ASKED, passed(5), e.Undone(hour(6), "ann")), [("own", 0, None)]),
        ((ASKED, e.SentForSignature(hour(8), "ann")), [("own", 0, 8)]),
        ((ASKED, passed(2), e.Canceled(hour(8), "ann")), [("own", 0, 2), ("counterparty", 2, 8)]),
        (
            (ASKED, passed(2), e.SentForSignature(hour(8), "ann"), e.SignatureWithdrawn(hour(9), "ann", note="typo")),
            [("own", 0, 2), ("counterparty", 2, 8), ("counterparty", 9, None)],
        ),
    ],
)
def test_the_turns_follow_from_the_events(
    events: tuple[e.AnyEvent, ...], expected: list[tuple[str, float, float | None]]
) -> None:
    assert turns(*events) == [(s, hour(a), None if b is None else hour(b)) for s, a, b in expected]


def test_the_days_of_a_side_are_added_up_before_they_are_counted() -> None:
    events = (ASKED, passed(12), passed(24, OWN), passed(36), passed(48, OWN))
    assert days_per_side(events, date(2026, 5, 8)) == {OWN: 3, OTHER: 1}  # 12 + 12 + 63 hours; 12 + 12 hours


def test_a_whole_day_counts_to_its_end() -> None:
    midnight = datetime(2026, 5, 4, tzinfo=UTC)
    assert days_per_side((e.Requested(midnight, "ann"),), date(2026, 5, 4)) == {OWN: 1}
    assert days_per_side((e.Requested(midnight, "ann"),), date(2026, 5, 3)) == {}


def test_the_last_day_of_the_calendar_has_no_end_to_count_to() -> None:
    with pytest.raises(DateRuleError, match="9999-12-31 and 1 days"):
        _ = days_per_side([], date.max)


def test_a_change_of_the_clocks_adds_no_hour() -> None:
    opened = datetime(2026, 3, 28, 12, tzinfo=PARIS)
    (turn,) = negotiation_rounds((e.Requested(opened, "ann"),))
    assert turn.held_for(datetime(2026, 3, 29, 12, tzinfo=PARIS)) == timedelta(hours=23)


def test_totals_do_not_depend_on_how_often_one_looks() -> None:
    life = turn_passed(negotiated(), hour(30), "ann", side=OWN)
    life = turn_passed(life, hour(100), "cat", side=OTHER)
    once = negotiation_standing(record(), life, hour(500))
    for step in range(500):
        _ = negotiation_standing(record(), life, hour(step))
    assert negotiation_standing(record(), life, hour(500)) == once
    assert [once.clocks[side].held for side in (OWN, OTHER)] == [timedelta(hours=430), timedelta(hours=70)]


def test_days_are_counted_by_dates_in_the_zone_asked_for_and_add_up_to_the_whole() -> None:
    life = turn_passed(negotiated(), datetime(2026, 5, 7, 22, 30, tzinfo=UTC), "ann", side=OWN)
    now = datetime(2026, 5, 12, 9, tzinfo=UTC)
    for zone, expected in ((UTC, (3, 5)), (PARIS, (4, 4))):
        clocks = negotiation_standing(record(), life, now, zone=zone, calendar=MONDAY_TO_FRIDAY).clocks
        assert (clocks[OWN].calendar_days, clocks[OTHER].calendar_days) == expected
        assert sum(c.business_days for c in clocks.values() if isinstance(c.business_days, int)) == 6


def test_business_days_are_unknown_with_a_reason_where_no_calendar_tells() -> None:
    clock = negotiation_standing(record(), negotiated(), hour(50)).clocks[OWN]
    assert clock.business_days == Unknown("no calendar was given")
    french = BUILT_IN.calendar_for("FR")
    far = hour(24 * 365 * 1000)
    clock = negotiation_standing(record(), negotiated(), far, calendar=french).clocks[OWN]
    assert isinstance(clock.business_days, Unknown)
    assert french.name in clock.business_days.reason


def test_a_turn_taken_back_later_still_counts_for_what_was_known_before() -> None:
    life = turn_passed(negotiated(), hour(30), "ann", side=OWN)
    life = advance(life, e.Undone(hour(60), "ann", note="sent to the wrong address"))
    then = negotiation_standing(record(), life, hour(40), known_at=hour(50))
    now = negotiation_standing(record(), life, hour(40))
    assert (then.pen, now.pen) == (OTHER, OWN)
    assert then.clocks[OTHER].held == timedelta(hours=10)
    assert now.clocks[OWN].held == timedelta(hours=40)
    assert (then.turns, then.rounds, now.turns, now.rounds) == (2, 1, 1, 1)


def test_a_question_about_an_earlier_instant_sees_nothing_that_came_after() -> None:
    life = turn_passed(negotiated(), hour(30), "ann", side=OWN)
    entries = record(asked(31), Commented(at=hour(32), by="ann", side=OWN, words="no"))
    earlier = negotiation_standing(entries, life, hour(30.5))
    assert (earlier.pen, earlier.open_by_clause, earlier.comments) == (OTHER, {}, ())
    before = negotiation_standing(entries, life, hour(29))
    assert (before.pen, before.clocks[OWN].held) == (OWN, timedelta(hours=29))
    assert before.clocks[OWN].calendar_days == 1  # from 4 May to 5 May, whatever came on the 6th


# Who holds the pen


def test_only_the_holder_edits_and_everybody_may_remark() -> None:
    life = negotiated()
    with pytest.raises(TransitionNotAllowed, match="own holds the pen since 2026-05-04") as refusal:
        _ = written(record(), life, asked())
    assert refusal.value.possible == ("Commented",)
    remark = Commented(at=hour(3), by="cat", side=OTHER, words="when do we get it?", shared=True)
    assert written(record(), life, remark).entries == (remark,)
    life = turn_passed(life, hour(3), "ann", side=OWN)
    assert written(record(), life, asked(3)).entries == (asked(3),)


def test_only_the_holder_passes_the_turn() -> None:
    life = negotiated()
    with pytest.raises(TransitionNotAllowed, match="own holds the pen"):
        _ = turn_passed(life, hour(3), "cat", side=OTHER)
    life = turn_passed(life, hour(3), "ann", side=OWN)
    with pytest.raises(TransitionNotAllowed, match="counterparty holds the pen"):
        _ = turn_passed(life, hour(4), "ann", side=OWN)


@pytest.mark.parametrize("to", [OWN, Party.EITHER, Party.BOTH])
def test_a_turn_out_of_order_or_to_nobody_in_particular_is_refused(to: Party) -> None:
    with pytest.raises(TransitionNotAllowed, match="pen"):
        _ = advance(negotiated(), e.TurnPassed(hour(3), "ann", to=to))


def test_nobody_edits_what_is_out_for_signature() -> None:
    life = advance(negotiated(), e.SentForSignature(hour(5), "ann"))
    assert (holder(life, hour(4.9)), holder(life, hour(5))) == (OWN, None)
    with pytest.raises(TransitionNotAllowed, match="nobody holds the pen"):
        _ = written(record(), life, asked(6, OWN))


def test_the_negotiation_of_another_contract_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="C-1"):
        _ = written(record(), negotiated(id=ContractId("C-2")), asked(3, OWN))
    with pytest.raises(InvalidRecord, match="C-1"):
        _ = negotiation_standing(record(), negotiated(id=ContractId("C-2")), hour(3))


# Bad input


def test_an_instant_without_a_zone_is_refused_and_not_taken_for_the_hosts_own_time() -> None:
    naive = datetime(2026, 5, 7, 9)  # noqa: DTZ001 - wrong on purpose
    life = negotiated()
    (turn,) = negotiation_rounds(life.events)
    for asking in (
        lambda: holder(life, naive),
        lambda: turn.held_for(naive),
        lambda: negotiation_standing(record(), life, naive),
        lambda: negotiation_standing(record(), life, hour(9), known_at=naive),
        lambda: advance(life, passed(9), now=naive),
    ):
        with pytest.raises(InvalidRecord, match="2026-05-07T09:00:00'; expected an instant with a time zone"):
            _ = asking()


def draft(version: int, at: float = 3) -> DraftSent:
    return DraftSent(at=hour(at), by="ann", side=OWN, version=version, sha256="a" * 64)


def answer(kind: type, at: float = 5, side: Party = OWN, **more: object) -> AnyEntry:
    entry: AnyEntry = kind(at=hour(at), by="ann", side=side, redline="R1", **more)
    return entry


SAME = Redline(citation="art. 5", before="a", after="a")
COUNTER: dict[str, Any] = {"counter": "R2", "change": LATER}


@pytest.mark.parametrize(
    ("entries", "entry", "error", "said"),
    [
        ((draft(2),), draft(2, 4), InvalidRecord, "a number above 2"),
        ((draft(2),), draft(1, 4), InvalidRecord, "a number above 2"),
        ((draft(2),), asked(4, version=1), StaleBase, "against version 1, but version 2 is current"),
        ((), asked(4, version=1), InvalidRecord, "no draft was sent yet"),
        ((asked(),), asked(), InvalidRecord, "a new key"),
        ((asked(),), asked(2, key="R9"), InvalidRecord, "or later"),
        ((), asked(change=SAME), InvalidRecord, "other words than before"),
        ((), answer(RedlineAccepted), InvalidRecord, "one of its redlines: none"),
        ((asked(),), answer(RedlineAccepted, side=OTHER), TransitionNotAllowed, "asked for by counterparty"),
        ((asked(),), answer(RedlineWithdrawn), TransitionNotAllowed, "RedlineAccepted, RedlineRejected"),
        ((asked(), answer(RedlineAccepted)), answer(RedlineAccepted, 6), TransitionNotAllowed, "stage accepted"),
        ((asked(), answer(RedlineRejected)), answer(RedlineAccepted, 6), TransitionNotAllowed, "stage rejected"),
        ((asked(),), answer(RedlineCountered, counter="R1", change=LATER), InvalidRecord, "a new key"),
        (
            (draft(4, 2), asked()),
            answer(RedlineCountered, counter="R2", change=LATER, version=3),
            StaleBase,
            "version 4 is current",
        ),
        ((), conceded(0), InvalidRecord, "one of its redlines"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused_with_what_would(
    entries: tuple[AnyEntry, ...], entry: AnyEntry, error: type[ClmcrmError], said: str
) -> None:
    before = record(*entries)
    with pytest.raises(error, match=said):
        _ = noted(before, entry)
    assert before == record(*entries)


def test_order_is_that_of_instants_where_the_clocks_go_back() -> None:
    first = datetime(2026, 10, 25, 2, 30, fold=0, tzinfo=PARIS)
    second = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=PARIS)  # forty minutes later
    remark = Commented(at=first, by="ann", side=OWN, words="one")
    assert len(noted(record(remark), Commented(at=second, by="ann", side=OWN, words="two")).entries) == 2


def test_a_redline_is_answered_by_the_other_side_and_a_counter_stands_in_its_place() -> None:
    told = noted(record(asked()), answer(RedlineCountered, counter="R2", change=LATER))
    assert [(r.key, r.state, r.answers) for r in redlines(told)] == [
        ("R1", RedlineState.COUNTERED, ""),
        ("R2", RedlineState.OPEN, "R1"),
    ]
    standing = negotiation_standing(told, negotiated(), hour(9))
    assert [redline.key for redline in standing.open_by_clause["art. 5"]] == ["R2"]


def test_clauses_stand_in_the_order_in_which_they_were_first_touched() -> None:
    other, again = (asked(at, key=key, change=attrs.evolve(LATER, citation=where)) for at, key, where in (
        (5, "R2", "art. 8"), (6, "R3", "art. 5"),
    ))  # fmt: skip
    told = record(asked(), answer(RedlineRejected, 4), other, again)
    assert list(negotiation_standing(told, negotiated(), hour(9)).open_by_clause) == ["art. 5", "art. 8"]


# Authority


def test_a_refused_concession_names_clause_position_and_what_the_person_may_concede() -> None:
    with pytest.raises(BeyondAuthority) as refusal:
        _ = written(record(asked()), negotiated(), conceded(2), playbook=PLAYBOOK, hats=HATS)
    told = refusal.value
    assert (told.topic, told.clause, told.position, told.who) == ("payment", "art. 5", "60 days", "ann")
    assert (told.roles, told.may, told.who_may) == (("sales",), "45 days", ("legal", "cfo"))
    assert str(told) == (
        "negotiation of C-1: ann (sales) may not concede payment (art. 5): 60 days; ann may concede at most: 45 days; "
        "legal or cfo may"
    )


@pytest.mark.parametrize(
    ("by", "role", "position", "allowed"),
    [
        ("ann", "", 0, True),  # our own preference
        ("ann", "", 1, True),
        ("ann", "", 2, False),
        ("ann", "legal", 2, False),  # a hat that is not hers
        ("bob", "", 2, True),
        ("bob", "sales", 2, False),  # his, but not the one that may
        ("bob", "", None, False),
        ("dan", "", None, True),
        ("dan", "", 1, True),  # who may concede more may concede less
        ("eve", "", 1, False),  # nobody's hat
        ("eve", "cfo", None, False),
    ],
)
def test_who_may_accept_which_fallback(by: str, role: str, position: int | None, *, allowed: bool) -> None:
    entry = conceded(position, by, role=role)
    if allowed:
        assert written(record(asked()), negotiated(), entry, playbook=PLAYBOOK, hats=HATS).entries[-1] == entry
        return
    with pytest.raises(BeyondAuthority):
        _ = written(record(asked()), negotiated(), entry, playbook=PLAYBOOK, hats=HATS)


def test_what_nobody_may_concede_is_refused_to_everybody() -> None:
    for person in (*HATS, "eve"):
        with pytest.raises(BeyondAuthority, match="may concede nothing on this topic; nobody may"):
            _ = written(
                record(asked()), negotiated(), conceded(None, person, topic="liability"), playbook=PLAYBOOK, hats=HATS
            )


@pytest.mark.parametrize(("topic", "position"), [("price", 1), ("payment", 3), ("liability", 1)])
def test_a_topic_or_position_that_the_playbook_does_not_have_is_refused(topic: str, position: int) -> None:
    with pytest.raises(InvalidRecord):
        _ = written(record(asked()), negotiated(), conceded(position, topic=topic), playbook=PLAYBOOK, hats=HATS)


@pytest.mark.parametrize("kind", [RedlineAccepted, RedlineCountered])
def test_giving_way_on_a_topic_takes_a_concession_on_record_first(kind: type) -> None:
    given = answer(kind, **COUNTER) if kind is RedlineCountered else answer(kind)
    with pytest.raises(TransitionNotAllowed, match="about payment: a Conceded entry"):
        _ = written(record(asked()), negotiated(), given, playbook=PLAYBOOK, hats=HATS)
    told = written(record(asked()), negotiated(), conceded(2, "bob"), playbook=PLAYBOOK, hats=HATS)
    assert written(told, negotiated(), given, playbook=PLAYBOOK, hats=HATS).entries[-1] == given


def test_the_concession_of_another_redline_or_of_the_other_side_is_no_concession_of_ours() -> None:
    told = record(asked(), asked(key="R9"), conceded(1, redline="R9"), conceded(1, side=OTHER))
    with pytest.raises(TransitionNotAllowed, match="Conceded entry"):
        _ = written(told, negotiated(), answer(RedlineAccepted), playbook=PLAYBOOK, hats=HATS)


def test_the_other_side_needs_nobodys_leave_to_concede() -> None:
    life = turn_passed(negotiated(), hour(3), "ann", side=OWN)
    entry = conceded(None, "cat", side=OTHER)
    assert written(record(asked()), life, entry, playbook=PLAYBOOK, hats=HATS).entries[-1] == entry
    taken = answer(RedlineAccepted, side=OTHER)
    assert written(record(asked(side=OWN)), life, taken, playbook=PLAYBOOK, hats=HATS).entries[-1] == taken


# What the other side sees


def test_the_other_side_never_sees_inside_remarks_nor_our_concessions() -> None:
    inside = Commented(at=hour(5), by="ann", side=OWN, words="we could live with 60")
    shared = Commented(at=hour(5), by="ann", side=OWN, words="30 is our standard", shared=True)
    theirs = Commented(at=hour(5), by="cat", side=OTHER, words="they will give in")
    told = record(asked(), conceded(1), inside, shared, theirs)
    assert seen_by(told, OTHER).entries == (asked(), shared, theirs)
    assert seen_by(told, OWN).entries == (asked(), conceded(1), inside, shared)
    shown = negotiation_standing(told, negotiated(), hour(9), seen_from=OTHER)
    assert (shown.concessions, shown.comments) == ((), (shared, theirs))
    with pytest.raises(InvalidRecord, match="own or counterparty"):
        _ = seen_by(told, Party.BOTH)


def test_the_first_instant_of_a_negotiation_is_inside() -> None:
    assert holder(negotiated(), START) is OWN
    assert holder(negotiated(), START - timedelta(seconds=1)) is None
