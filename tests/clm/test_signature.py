"""A signature request: what it refuses, and what facts add up to in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing import ANN, BEN, PRINT, fact, hours, request, whole

from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import (
    Authentication,
    Recipient,
    RecipientFact,
    RecipientRole,
    RecipientState,
    RequestFact,
    RequestState,
    SignatureFact,
    SignatureLevel,
)
from clmcrm.clm.signature_findings import SignatureIssue, signature_findings
from clmcrm.clm.signature_merge import merged
from clmcrm.clm.signature_standing import SignatureStanding, signature_standing
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Severity

R, W = RecipientState, RequestState
SIX: tuple[SignatureFact, ...] = (
    fact(ANN, R.SENT, 0),
    fact(ANN, R.COMPLETED, 5),
    fact(BEN, R.DELEGATED, 6, delegate="Cat@other.example"),
    fact("cat@other.example", R.COMPLETED, 7),
    whole(W.COMPLETED, 8),
    whole(W.VOIDED, 9),
)


def facts() -> st.SearchStrategy[SignatureFact]:
    """Facts of all sorts about few people in a short time, so that they collide."""
    zone = st.sampled_from([timezone(timedelta(hours=h)) for h in (0, 2)])
    instants = st.builds(lambda h, z: hours(h).astimezone(z), st.integers(0, 4), zone)
    people = st.sampled_from([ANN.email, BEN.email.upper(), "cat@other.example", "stranger@x.example"])
    steps = st.sampled_from([state for state in R if state is not R.DELEGATED])
    return st.one_of(
        st.builds(RecipientFact, at=instants, email=people, state=steps, raw=st.sampled_from(["", "done"])),
        st.builds(RecipientFact, at=instants, email=people, state=st.just(R.DELEGATED), delegate=people),
        st.builds(RequestFact, at=instants, state=st.sampled_from(list(W)), names=st.sampled_from([(), (ANN.key,)])),
        st.builds(RequestFact, at=instants, state=st.just(Unknown("no such word", "teleported"))),
    )


def looks(standing: SignatureStanding) -> tuple[object, ...]:
    """Everything a standing says, with every instant written out, its zone included."""
    return (repr(standing), standing.complete, standing.declined, standing.ended, standing.waiting_for)


@given(st.lists(facts(), max_size=8), st.lists(facts(), max_size=8), st.lists(facts(), max_size=8))
def test_merging_is_commutative_associative_and_idempotent(
    a: list[SignatureFact], b: list[SignatureFact], c: list[SignatureFact]
) -> None:
    assert repr(merged(a, b)) == repr(merged(b, a))
    assert repr(merged(merged(a, b), c)) == repr(merged(a, merged(b, c)))
    assert repr(merged(a, a)) == repr(merged(a)) == repr(merged(merged(a)))


@given(st.lists(facts(), max_size=10), st.data())
def test_the_standing_and_its_findings_are_the_same_in_any_order_and_with_repeats(
    known: list[SignatureFact], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(known)) + data.draw(st.lists(st.sampled_from(known))) if known else []
    one, other = signature_standing(request(), known), signature_standing(request(), shuffled)
    assert looks(one) == looks(other)
    assert signature_findings(one) == signature_findings(other)


@given(st.lists(facts(), max_size=8), st.lists(facts(), max_size=8))
def test_more_facts_never_take_the_whole_a_step_back(known: list[SignatureFact], more: list[SignatureFact]) -> None:
    steps = list(W)
    before, after = signature_standing(request(), known), signature_standing(request(), [*known, *more])
    assert steps.index(after.state) >= steps.index(before.state)
    assert not (before.complete and after.ended)


def test_six_facts_in_all_720_orders_with_every_subset_lost_give_one_result_each() -> None:
    """46,080 deliveries: each subset of six facts has one standing, whatever the order."""
    asked = request()
    expected: dict[frozenset[int], tuple[object, ...]] = {}
    tried = 0
    for order in permutations(range(6)):
        for mask in range(64):
            arrived = [n for n in order if mask >> n & 1]
            standing = signature_standing(asked, [SIX[n] for n in arrived])
            seen = (standing.state, standing.since, standing.places, standing.whole, standing.strangers)
            tried += 1
            assert seen == expected.setdefault(frozenset(arrived), seen)
    assert (tried, len(expected)) == (46_080, 64)
    assert expected[frozenset(range(6))][0] is W.COMPLETED


def test_a_delegates_signature_counts_for_the_place_even_when_it_arrives_first() -> None:
    early = signature_standing(request(), [SIX[3]])
    assert [place.state for place in early.places] == [R.WAITING, R.WAITING]
    assert early.strangers == (SIX[3],)
    late = signature_standing(request(), [SIX[3], SIX[2]])
    assert late.places[1].state is R.COMPLETED
    assert late.places[1].holders == ("ben@other.example", "cat@other.example")
    assert late.places[1].acted_by == "cat@other.example"


def test_a_place_handed_round_in_a_circle_is_still_one_place() -> None:
    circle = [
        fact(BEN, R.DELEGATED, 1, delegate="cat@x.example"),
        fact("cat@x.example", R.DELEGATED, 2, delegate=BEN.email),
    ]
    place = signature_standing(request(), circle).places[1]
    assert place.holders == ("ben@other.example", "cat@x.example")
    assert place.state is R.DELEGATED


def test_the_earliest_report_of_a_state_dates_it() -> None:
    standing = signature_standing(request(), [fact(ANN, R.COMPLETED, 9, raw="again"), fact(ANN, R.COMPLETED, 5)])
    assert standing.places[0].since == hours(5)


def test_who_must_act_first_is_waited_for_and_then_the_next() -> None:
    parallel = Recipient(name="Al", email="al@own.example", side=Party.OWN, role=RecipientRole.APPROVER)
    asked = request(ANN, BEN, parallel)
    assert [r.name for r in signature_standing(asked, []).waiting_for] == ["Ann", "Al"]
    acted = [fact(ANN, R.COMPLETED, 1), fact(parallel, R.COMPLETED, 2)]
    assert [r.name for r in signature_standing(asked, acted).waiting_for] == ["Ben"]
    assert signature_standing(asked, [*acted, whole(W.VOIDED, 3)]).waiting_for == ()


def test_viewers_copies_and_those_not_required_are_not_waited_for() -> None:
    viewer = Recipient(name="Vic", email="v@x.example", side=Party.OWN, role=RecipientRole.VIEWER)
    spare = Recipient(name="Sue", email="s@x.example", side=Party.OWN, required=False)
    asked = request(ANN, viewer, spare)
    done = [fact(ANN, R.COMPLETED, 1)]
    assert signature_standing(asked, done).complete
    assert signature_standing(asked, [*done, fact(viewer, R.DECLINED, 2), fact(spare, R.DECLINED, 2)]).complete


def test_a_signature_the_service_has_not_concluded_is_not_a_completion() -> None:
    assert not signature_standing(request(ANN), [fact(ANN, R.SIGNED, 1)]).complete


def test_the_completion_of_the_whole_stands_for_a_lost_message_and_says_so() -> None:
    standing = signature_standing(request(), [fact(ANN, R.COMPLETED, 1), whole(W.COMPLETED, 4)])
    assert standing.complete
    assert [(place.inferred, place.since) for place in standing.places] == [(False, hours(1)), (True, hours(4))]
    assert [f.issue for f in signature_findings(standing)] == [SignatureIssue.ACT_INFERRED]


@pytest.mark.parametrize(
    ("listings", "left_out"),
    [
        ([(ANN.key,)], True),
        ([(ANN.key, "zoe@other.example")], True),  # somebody else signs in Ben's stead, whom nobody handed it to
        ([(), (ANN.key,)], True),
        ([(ANN.key, BEN.key), (ANN.key,)], True),  # taken out later, or told in another order: a person looks
        ([(ANN.key, BEN.key)], False),
        ([()], False),
    ],
)
def test_a_completion_stands_for_nobody_whom_the_service_does_not_name(
    listings: list[tuple[str, ...]], left_out: bool
) -> None:
    done = [attrs.evolve(whole(W.COMPLETED, n), names=names) for n, names in enumerate(listings, 4)]
    standing = signature_standing(request(), [fact(ANN, R.COMPLETED, 1), *done])
    assert standing.complete is not left_out
    assert [(place.inferred, place.left_out) for place in standing.places] == [(False, False), (not left_out, left_out)]
    assert standing.waiting_for == ((BEN,) if left_out else ())
    issue = (SignatureIssue.LEFT_OUT, Severity.ERROR) if left_out else (SignatureIssue.ACT_INFERRED, Severity.NOTE)
    assert issues(standing) == [(*issue, BEN.key)]


def test_whoever_holds_a_place_now_is_named_for_it() -> None:
    handed = fact(BEN, R.DELEGATED, 2, delegate="Cat@other.example")
    done = attrs.evolve(whole(W.COMPLETED, 4), names=(ANN.key, "cat@other.example"))
    assert signature_standing(request(), [fact(ANN, R.COMPLETED, 1), handed, done]).complete


def test_who_signed_before_they_were_taken_out_has_signed() -> None:
    done = attrs.evolve(whole(W.COMPLETED, 4), names=(ANN.key,))
    assert signature_standing(request(), [fact(ANN, R.COMPLETED, 1), fact(BEN, R.COMPLETED, 2), done]).complete


def issues(standing: SignatureStanding) -> list[tuple[SignatureIssue, Severity, str]]:
    return [(f.issue, f.severity, f.where) for f in signature_findings(standing)]


def test_declined_and_completed_by_one_recipient_counts_as_declined_and_is_reported() -> None:
    standing = signature_standing(
        request(), [fact(ANN, R.COMPLETED, 1), fact(ANN, R.DECLINED, 2), fact(BEN, R.COMPLETED, 3)]
    )
    assert standing.declined
    assert not standing.complete
    assert issues(standing) == [
        (SignatureIssue.DECLINED_AND_COMPLETED, Severity.ERROR, ANN.key),
        (SignatureIssue.OUT_OF_TURN, Severity.WARNING, BEN.key),
    ]


def test_a_refusal_on_record_outweighs_the_completion_of_the_whole() -> None:
    standing = signature_standing(request(), [fact(BEN, R.DECLINED, 2), whole(W.COMPLETED, 3)])
    assert standing.declined
    assert (SignatureIssue.DECLINED_AND_COMPLETED, Severity.ERROR, "R-1") in issues(standing)


BOTH = (fact(ANN, R.COMPLETED, 1), fact(BEN, R.COMPLETED, 2))


@pytest.mark.parametrize("state", [W.VOIDED, W.EXPIRED, W.DELETED])
@pytest.mark.parametrize("hour", [0, 9])
def test_what_ended_after_it_was_complete_stays_complete_and_is_reported(state: RequestState, hour: int) -> None:
    standing = signature_standing(request(), [*BOTH, whole(state, hour)])
    assert standing.complete
    assert issues(standing) == [(SignatureIssue.ENDED_AFTER_COMPLETION, Severity.ERROR, "R-1")]
    (finding,) = signature_findings(standing)
    assert state.value in finding.wording.en
    assert "demeurent" in finding.wording.fr


def test_a_correction_after_an_act_is_reported_and_worse_once_complete() -> None:
    corrected = whole(W.CORRECTED, 1.5)
    assert issues(signature_standing(request(), [BOTH[0], corrected])) == [
        (SignatureIssue.CORRECTED_AFTER_ACT, Severity.WARNING, "R-1")
    ]
    assert issues(signature_standing(request(), [*BOTH, corrected])) == [
        (SignatureIssue.CORRECTED_AFTER_ACT, Severity.ERROR, "R-1")
    ]


def test_who_acted_before_their_turn_is_reported_and_not_lost() -> None:
    early = [fact(BEN, R.COMPLETED, 1), fact(ANN, R.COMPLETED, 2)]
    standing = signature_standing(request(), early)
    assert standing.complete
    assert issues(standing) == [(SignatureIssue.OUT_OF_TURN, Severity.WARNING, BEN.key)]
    assert issues(signature_standing(request(), BOTH)) == []


def test_a_level_is_compared_as_stated_and_never_inferred() -> None:
    asked = request(ANN, level=SignatureLevel.QUALIFIED)
    unsaid = fact(ANN, R.COMPLETED, 1, authenticated_by=Authentication.CERTIFICATE, system="acme")
    low = fact(ANN, R.COMPLETED, 1, level=SignatureLevel.ADVANCED)
    high = fact(ANN, R.COMPLETED, 1, level=SignatureLevel.QUALIFIED)
    assert signature_standing(asked, [unsaid]).places[0].level is None
    assert issues(signature_standing(asked, [unsaid]))[0][0] is SignatureIssue.LEVEL_NOT_STATED
    assert issues(signature_standing(asked, [low])) == [(SignatureIssue.LEVEL_TOO_LOW, Severity.ERROR, ANN.key)]
    assert issues(signature_standing(asked, [high])) == []


def test_another_document_a_bounce_an_expired_hour_a_stranger_and_a_strange_word_are_reported() -> None:
    asked = request(expires_at=hours(2))
    odd = Unknown("acme does not publish this status", "teleported")
    standing = signature_standing(
        asked,
        [
            fact(ANN, R.COMPLETED, 3, sha256="cd" * 32),
            fact(BEN, R.BOUNCED, 1),
            fact("zoe@x.example", R.VIEWED, 1),
            fact(BEN, R.SENT, 0, sha256=PRINT),
            RequestFact(at=hours(1), state=odd, raw="teleported", system="acme"),
        ],
    )
    assert {issue for issue, _, _ in issues(standing)} == {
        SignatureIssue.OTHER_DOCUMENT,
        SignatureIssue.BOUNCED,
        SignatureIssue.AFTER_EXPIRY,
        SignatureIssue.STRANGER,
        SignatureIssue.UNKNOWN_WORD,
    }
    assert any("'teleported' of acme" in str(found) for found in signature_findings(standing))


def test_whoever_opens_it_later_has_got_a_message_that_bounced_first() -> None:
    assert issues(signature_standing(request(), [fact(BEN, R.BOUNCED, 1), fact(BEN, R.VIEWED, 2)])) == []


def test_one_address_for_two_places_needs_ids_and_facts_that_name_them() -> None:
    twin = Recipient(name="Ann", email=ANN.email, side=Party.COUNTERPARTY, id="2")
    with pytest.raises(InvalidRecord, match="an id for each recipient"):
        _ = request(ANN, Recipient(name="Ann", email="ANN@own.example", side=Party.COUNTERPARTY))
    asked = request(Recipient(name="Ann", email=ANN.email, side=Party.OWN, id="1"), twin)
    named = signature_standing(asked, [fact(ANN, R.COMPLETED, 1, recipient="2")])
    assert [place.state for place in named.places] == [R.WAITING, R.COMPLETED]
    unnamed = signature_standing(asked, [fact(ANN, R.COMPLETED, 1)])
    assert [place.state for place in unnamed.places] == [R.WAITING, R.WAITING]
    assert issues(unnamed)[0][0] is SignatureIssue.STRANGER


WITNESS = Recipient(name="Wim", email="w@x.example", side=Party.OWN, role=RecipientRole.WITNESS, witness_for="nobody")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sha256": "xyz"}, "hex digits"),
        ({"recipients": (WITNESS,)}, "key of another recipient"),
        ({"remind_every": 0}, "one or more"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(changes: dict[str, object], expected: str) -> None:
    with pytest.raises(InvalidRecord, match=expected):
        _ = request(**changes)


def test_a_signer_signs_for_one_side() -> None:
    with pytest.raises(InvalidRecord, match="own or counterparty"):
        _ = Recipient(name="Ann", email="a@x.example", side=Party.EITHER)


@pytest.mark.parametrize(("state", "delegate"), [(R.DELEGATED, ""), (R.SENT, "cat@x.example")])
def test_a_place_is_handed_on_to_somebody(state: RecipientState, delegate: str) -> None:
    with pytest.raises(InvalidRecord, match="handed to somebody else"):
        _ = fact(ANN, state, 1, delegate=delegate)


def test_reminders_stop_at_the_expiry() -> None:
    asked = request(remind_after=2, remind_every=3, expires_at=hours(24 * 8))
    days = [(due - hours(0)).days for due in asked.reminders(hours(0), hours(24 * 30))]
    assert days == [2, 5, 8]
    assert request().reminders(hours(0), hours(99)) == ()
    assert len(request(remind_after=1).reminders(hours(0), hours(999))) == 1


def test_a_day_before_a_reminder_has_24_hours_where_the_clocks_change() -> None:
    sent_at = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Paris"))
    (due,) = request(remind_after=1).reminders(sent_at, hours(0))
    assert (due.isoformat(), due.tzinfo) == ("2026-03-29T13:00:00+02:00", sent_at.tzinfo)


def test_what_was_signed_in_time_is_not_late_because_it_was_concluded_later() -> None:
    asked = request(ANN, expires_at=hours(2))
    in_time = [fact(ANN, R.SIGNED, 1), fact(ANN, R.COMPLETED, 3)]
    assert issues(signature_standing(asked, in_time)) == []
    assert issues(signature_standing(asked, in_time[1:])) == [(SignatureIssue.AFTER_EXPIRY, Severity.WARNING, ANN.key)]


def test_an_hour_that_comes_twice_puts_no_act_out_of_turn_or_late() -> None:
    paris = ZoneInfo("Europe/Paris")
    first, second = (datetime(2026, 10, 25, 2, minute, fold=fold, tzinfo=paris) for minute, fold in ((30, 0), (10, 1)))
    ends = datetime(2026, 10, 25, 2, 20, fold=1, tzinfo=paris)
    asked = request(attrs.evolve(ANN, order=0), attrs.evolve(BEN, order=1), expires_at=ends)
    done = [attrs.evolve(fact(who, R.COMPLETED, 0), at=at) for who, at in ((ANN, first), (BEN, second))]
    standing = signature_standing(asked, [*done, attrs.evolve(whole(W.CORRECTED, 0), at=first)])
    assert (standing.since, issues(standing)) == (second, [])


@given(st.lists(facts(), max_size=8))
def test_a_standing_does_not_depend_on_the_zone_its_instants_are_written_in(told: list[SignatureFact]) -> None:
    """Hours become thirds of one, in the night in which the clocks of Paris are put back."""

    def at_night(at: datetime) -> datetime:
        return datetime(2026, 10, 25, 0, 20, tzinfo=UTC) + (at - hours(0)) / 3

    paris = ZoneInfo("Europe/Paris")
    moved = [attrs.evolve(one, at=at_night(one.at)) for one in told]
    asked = request(expires_at=at_night(hours(2)).astimezone(paris))
    there = [attrs.evolve(one, at=one.at.astimezone(paris)) for one in moved]
    in_utc, in_paris = (signature_standing(asked, known) for known in (moved, there))
    assert (in_utc.state, in_utc.since) == (in_paris.state, in_paris.since and in_paris.since.astimezone(UTC))
    assert issues(in_utc) == issues(in_paris)
