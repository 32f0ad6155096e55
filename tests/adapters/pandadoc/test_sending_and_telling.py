"""What PandaDoc is asked and how often, how a sending that broke off goes on, and what its words mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve
from docusign_desk import ANN, BEN, DOCUMENT, asked
from pandadoc_desk import SPOT, Room, put

from clmcrm.adapters.pandadoc.audit import audited
from clmcrm.adapters.pandadoc.definition import Sending, parts_of
from clmcrm.adapters.pandadoc.reading import facts_of
from clmcrm.adapters.pandadoc.statuses import ACTIONS, WORDS
from clmcrm.clm.signature import (
    Authentication,
    RecipientFact,
    RecipientRole,
    RecipientState,
    RequestFact,
    RequestState,
    SignatureLevel,
    SignatureRequest,
)
from clmcrm.clm.signature_standing import signature_standing
from clmcrm.clm.signature_vendors import word_list
from clmcrm.errors import AmbiguousError, TransientError
from clmcrm.ports.records import Result
from clmcrm.values.partial import Unknown

COPY = evolve(BEN, email="copy@example.org", role=RecipientRole.COPY)
TAGGED = b"%PDF-1.7\n{signature:signer1____}[signature:signer2____]\n%%EOF\n"


@pytest.fixture
def room() -> Room:
    return Room()


def step(room: Room, name: str) -> int:
    """How often a step was asked for."""
    return sum(path.partition("?")[0].endswith(name) for path in room.asked)


def tells(room: Room, key: str, state: RequestState | RecipientState) -> bool:
    """Whether a fact has this very state: a recipient's and the whole's have words in common."""
    return any(getattr(fact, "state", None) is state for fact in room.run(room.esign.facts(key)))


# Sent once.


def test_a_document_is_sent_in_the_steps_that_pandadoc_asks_for(room: Room) -> None:
    key = room.sent()
    steps = [path.partition("?")[0].replace(key, "K").replace("/public/v1/documents", "") for path in room.asked]
    looks = ["GET /K"] * (len(steps) - 6)
    assert steps == ["GET ", "GET ", "POST ", *looks, "GET /K/details", "POST /K/fields", "POST /K/send"]
    assert 2 <= len(looks) <= 6
    assert room.front.refused == []


def test_what_is_being_made_is_looked_at_once_a_second(room: Room) -> None:
    began = room.clock()
    key = room.run(room.esign.send(asked(), DOCUMENT)).key
    assert step(room, f"/{key}") <= 6
    assert room.clock() - began < timedelta(seconds=7)


def test_a_document_with_its_tags_needs_no_fields() -> None:
    room = Room(sending=Sending())
    request = evolve(asked(), sha256=sha256(TAGGED).hexdigest())
    key = room.run(room.esign.send(request, TAGGED)).key
    assert (step(room, "/fields"), len(room.fake.documents[key].fields)) == (0, 2)
    room.fake.sign(key, ANN.email)


def test_a_document_without_anything_to_sign_is_refused_and_sent_once_somebody_put_it_in() -> None:
    room = Room(sending=Sending())
    outcome = room.run(room.esign.send(asked(), DOCUMENT))
    assert outcome.result is Result.REFUSED
    assert "{signature:signer1}, {signature:signer2}" in outcome.why
    room.settle()
    assert room.run(room.esign.find("R-1")) is None
    (document,) = room.fake.documents.values()
    assert document.sent is None
    for one in document.recipients:  # a person lays the fields over the draft in PandaDoc
        document.add_field({"type": "signature", "assigned_to": one["id"], "layout": {}})
    assert room.run(room.another().send(asked(), DOCUMENT)).result is Result.DONE
    assert len(room.fake.documents) == 1


@pytest.mark.parametrize("restarted", [False, True], ids=["same process", "another"])
@pytest.mark.parametrize("lost", ["upload", "/fields", "/settings", "/auto-reminders", "/send"])
def test_a_reply_lost_at_any_step_makes_and_sends_one_document(
    room: Room, monkeypatch: pytest.MonkeyPatch, lost: str, restarted: bool
) -> None:
    request = asked("R-1", remind_after=3, expires_at=room.clock() + timedelta(days=9))
    fake, answer = room.fake, room.fake.answer
    losses: list[str] = []

    def losing(told: Any) -> Any:
        if told.method != "GET" and told.path.endswith(lost) and not losses:
            losses.append(told.path)
            fake.lose_next_reply = True
        return answer(told)

    monkeypatch.setattr(fake, "answer", losing)
    results: list[object] = []
    esign = room.esign
    for _ in range(3):
        try:
            results.append(room.run(esign.send(request, DOCUMENT)).result)
        except AmbiguousError:
            results.append("in doubt")
        room.settle()
        esign = room.another() if restarted else esign
    assert (len(losses), fake.lose_next_reply) == (1, False)
    assert (results[0] == "in doubt") is (lost in ("upload", "/fields"))
    (document,) = fake.documents.values()
    assert len(document.fields) == 2
    assert [one["action"] for one in document.trail].count(6) == 1
    assert results[-1] is Result.BOUND
    assert (Result.DONE in results) is (lost != "/send"), "what went out before its reply was lost was sent before"
    assert room.front.refused == []


def test_a_list_that_is_late_sends_nothing_twice_in_one_process(room: Room) -> None:
    first = room.run(room.esign.send(asked(), DOCUMENT))
    again = room.run(room.esign.send(asked(), DOCUMENT))
    other = room.run(room.esign.send(asked("R-1", ANN), DOCUMENT))
    assert (again.result, again.key, other.result) == (Result.BOUND, first.key, Result.REUSED)
    assert (room.run(room.esign.find("R-1")), len(room.fake.documents)) == (first.key, 1)


def test_a_document_that_takes_long_is_gone_on_with_later() -> None:
    room = Room(rendering=timedelta(minutes=5))
    with pytest.raises(AmbiguousError, match="still being made"):
        _ = room.run(room.esign.send(asked(), DOCUMENT))
    room.clock.advance(timedelta(minutes=5))
    assert room.run(room.another().send(asked(), DOCUMENT)).result is Result.DONE
    assert len(room.fake.documents) == 1


def test_a_document_that_is_still_being_made_is_waited_for_by_another_process() -> None:
    room = Room(rendering=timedelta(seconds=150), lag=timedelta(seconds=5))
    for failure in (AmbiguousError, TransientError):  # the second one hands nothing over
        with pytest.raises(failure, match="still being made"):
            _ = room.run(room.another().send(asked(), DOCUMENT))
        room.sleep(8)
    assert room.run(room.another().send(asked(), DOCUMENT)).result is Result.DONE
    assert len(room.fake.documents) == 1


def test_a_document_that_turns_out_broken_while_it_is_waited_for_is_refused() -> None:
    broken = DOCUMENT + b"%broken"
    request = evolve(asked(), sha256=sha256(broken).hexdigest())
    room = Room(rendering=timedelta(seconds=90), lag=timedelta(seconds=5))
    with pytest.raises(AmbiguousError, match="still being made"):
        _ = room.run(room.another().send(request, broken))
    room.sleep(8)
    outcome = room.run(room.another().send(request, broken))
    assert (outcome.result, "document.error" in outcome.why) == (Result.REFUSED, True)


def test_what_was_sent_and_deleted_since_is_not_sent_again(room: Room) -> None:
    key = room.sent()
    room.fake.documents[key].deleted = True
    room.fake.documents[key].changed()
    room.settle()
    outcome = room.run(room.another().send(asked(), DOCUMENT))
    assert (outcome.result, outcome.key, room.run(room.another().find("R-1"))) == (Result.BOUND, key, key)
    assert len(room.fake.documents) == 1


def test_a_draft_that_somebody_deleted_while_the_list_was_late_is_made_anew() -> None:
    room = Room(sending=Sending())
    assert room.run(room.esign.send(asked(), DOCUMENT)).result is Result.REFUSED  # nothing to sign in it
    room.settle()
    (draft,) = room.fake.documents.values()
    draft.deleted = True  # the list shows it still
    room.sending = Sending(spot=SPOT)
    assert room.run(room.another().send(asked(), DOCUMENT)).result is Result.DONE
    draft.changed()
    room.settle()
    assert room.run(room.another().send(asked(), DOCUMENT)).result is Result.BOUND
    assert len(room.fake.documents) == 2


def test_what_was_handed_over_is_not_handed_over_again_though_no_list_shows_it() -> None:
    room = Room(rendering=timedelta(minutes=5), lag=timedelta(hours=1))
    for failure in (AmbiguousError, TransientError, TransientError):
        with pytest.raises(failure, match="still being made"):
            _ = room.run(room.esign.send(asked(), DOCUMENT))
    assert room.run(room.esign.send(asked("R-1", ANN), DOCUMENT)).result is Result.REUSED
    room.clock.advance(timedelta(minutes=5))
    assert room.run(room.esign.send(asked(), DOCUMENT)).result is Result.DONE
    assert len(room.fake.documents) == 1


def test_a_document_that_cannot_be_made_is_refused_for_good(room: Room) -> None:
    broken = DOCUMENT + b"%broken"
    request = evolve(asked(), sha256=sha256(broken).hexdigest())
    for _ in range(2):
        outcome = room.run(room.esign.send(request, broken))
        assert (outcome.result, "document.error" in outcome.why) == (Result.REFUSED, True)
        room.settle()
    assert len(room.fake.documents) == 1


def test_a_document_that_waits_for_its_approval_is_sent_after_it(room: Room) -> None:
    room.fake.approval = True
    with pytest.raises(AmbiguousError, match="waiting_approval"):
        _ = room.run(room.esign.send(asked(), DOCUMENT))
    room.settle()
    assert room.run(room.esign.find("R-1")) is None
    with pytest.raises(TransientError, match="waiting_approval"):
        _ = room.run(room.another().send(asked(), DOCUMENT))
    (document,) = room.fake.documents.values()
    document.approve()
    room.settle()
    assert room.run(room.another().send(asked(), DOCUMENT)).result is Result.DONE
    assert document.status == "document.sent"


def test_what_was_sent_and_taken_up_again_is_not_sent_by_a_retry(room: Room) -> None:
    key = room.sent()
    room.fake.documents[key].status = "document.draft"  # a person edits it: nobody approved that
    assert room.run(room.another().send(asked(), DOCUMENT)).result is Result.BOUND
    assert step(room, "/send") == 1


def test_the_limits_of_a_minute_are_kept_by_waiting(room: Room) -> None:
    began = room.clock()
    for number in range(60):
        assert room.run(room.esign.send(asked(f"R-{number}"), DOCUMENT)).ok
    assert room.clock() - began >= timedelta(minutes=1)
    assert room.fake.throttled == 0


def tagged(number: int) -> tuple[SignatureRequest, bytes]:
    return evolve(asked(f"R-{number}"), sha256=sha256(TAGGED).hexdigest()), TAGGED


def test_many_are_sent_in_four_calls_each_and_bound_by_a_second_run() -> None:
    room = Room(sending=Sending())
    many = [tagged(number) for number in range(60)]
    outcomes = room.run(room.esign.send_all(many))
    assert {outcome.result for outcome in outcomes} == {Result.DONE}
    assert [room.fake.documents[one.key].data["metadata"]["clmcrm_id"] for one in outcomes] == [r.id for r, _ in many]
    deleted, looks = 2, 12  # one list for each fifty; the first of each fifty is waited for
    assert 4 * 60 + deleted <= room.transport.calls <= 4 * 60 + deleted + looks
    assert sum("deleted=true" in path for path in room.asked) == deleted
    room.settle()
    before = step(room, "/send")
    again = room.run(room.another().send_all(many))
    assert [(one.result, one.key) for one in again] == [(Result.BOUND, one.key) for one in outcomes]
    assert (step(room, "/send"), len(room.fake.documents), room.fake.throttled) == (before, 60, 0)


def test_among_many_what_was_sent_and_deleted_since_is_not_sent_again() -> None:
    room = Room(sending=Sending())
    first = room.run(room.esign.send_all([tagged(7)]))[0].key
    room.fake.documents[first].deleted = True
    room.fake.documents[first].changed()
    room.settle()
    outcomes = room.run(room.another().send_all([tagged(number) for number in range(10)]))
    assert [one.result for one in outcomes] == [Result.DONE] * 7 + [Result.BOUND] + [Result.DONE] * 2
    assert (outcomes[7].key, len(room.fake.documents)) == (first, 10)


@pytest.mark.parametrize("when", [1, 2, 3], ids=["before", "at its look-up", "after it"])
def test_among_many_what_is_deleted_while_they_are_looked_up_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    room = Room(sending=Sending(), lag=timedelta(0))
    first, answer = room.run(room.esign.send_all([tagged(0)]))[0].key, room.answer

    calls: list[str] = []

    def deleting(told: Any) -> Any:
        calls.append(told.path)
        if len(calls) == when:
            room.fake.documents[first].deleted = True
            room.fake.documents[first].changed()
        return answer(told)

    monkeypatch.setattr(room, "answer", deleting)
    outcomes = room.run(room.another().send_all([tagged(0), tagged(1), tagged(2)]))
    assert [one.result for one in outcomes] == [Result.BOUND, Result.DONE, Result.DONE]
    assert len(room.fake.documents) == 3


def test_drafts_that_somebody_deleted_keep_nothing_from_being_sent_in_four_calls() -> None:
    room = Room(sending=Sending())
    _ = room.run(room.esign.send(asked("R-99"), DOCUMENT))  # refused: nothing to sign in it
    (draft,) = room.fake.documents.values()
    draft.deleted = True
    draft.changed()
    room.settle()
    room.asked.clear()
    outcomes = room.run(room.another().send_all([tagged(number) for number in range(10)]))
    assert {one.result for one in outcomes} == {Result.DONE}
    assert sum("deleted=true" in path for path in room.asked) == 1


def test_one_request_named_twice_among_many_goes_out_once() -> None:
    room = Room(sending=Sending())
    outcomes = room.run(room.esign.send_all([tagged(1), tagged(1), tagged(2)]))
    assert [one.result for one in outcomes] == [Result.DONE, Result.BOUND, Result.DONE]
    assert len(room.fake.documents) == 2


def test_a_key_of_the_sandbox_makes_ten_calls_a_minute_and_fetches_the_plain_file() -> None:
    room = Room(sandbox=True)
    key = room.sent()
    for person in (ANN, BEN):
        room.fake.sign(key, person.email)
    assert room.run(room.esign.files(key)) is not None
    assert (room.fake.throttled, step(room, "/download")) == (0, 1)
    assert {fact.ip for fact in room.run(room.esign.facts(key)) if isinstance(fact, RecipientFact)} == {""}


def test_what_is_asked_is_sent(room: Room) -> None:
    people = (evolve(ANN, name="Ann van der Berg", authentication=Authentication.ID_DOCUMENT), BEN, COPY)
    ends = room.clock() + timedelta(days=10, hours=3)
    key = room.sent(asked("R-1", *people, expires_at=ends, remind_after=2, remind_every=3))
    told = room.fake.documents[key]
    assert [(one["email"], one["signing_order"], one["recipient_type"]) for one in told.recipients] == [
        ("ann@example.org", 1, "signer"),
        ("ben@example.org", 2, "signer"),
        ("copy@example.org", None, "CC"),
    ]
    assert f"{told.recipients[0]['first_name']}|{told.recipients[0]['last_name']}" == "Ann|van der Berg"
    assert told.recipients[0]["verification_settings"]["id_verification"] == {"enabled": True}
    assert (told.settings["expires_in"], told.settings["qualified_electronic_signature"]) == (10, False)
    assert told.reminders == {
        "enabled": True, "delivery_method": "email", "initial_delay_days": 2, "is_recurring": True,
        "recurrence_frequency_days": 3,
    }  # fmt: skip
    assert (told.mail["subject"], told.mail["forwarding_settings"]["forwarding_allowed"]) == ("Signature: C-1", False)
    assert room.front.refused == []


def test_fields_that_are_missing_stand_one_above_the_other(room: Room) -> None:
    key = room.sent()
    placed = [
        (one["assigned_to"]["email"], one["layout"]["position"]["offset_y"]) for one in room.fake.documents[key].fields
    ]
    assert placed == [("ann@example.org", SPOT.bottom), ("ben@example.org", SPOT.bottom + SPOT.height)]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"recipients": (evolve(ANN, authentication=Authentication.SMS_CODE),)}, "needs a number or a code"),
        ({"recipients": (evolve(ANN, required=False), BEN)}, "may be left out"),
        ({"recipients": (ANN, evolve(BEN, role=RecipientRole.APPROVER))}, "the role approver"),
        ({"recipients": (evolve(ANN, id="1"), evolve(ANN, id="2", email="Ann@example.org"))}, "one address"),
        ({"level": SignatureLevel.QUALIFIED}, "level QES"),
        ({"remind_after": 181}, "at most 180 days"),
        ({"remind_after": 2, "remind_every": 181}, "at most 180 days"),
        ({"expires_at": datetime(2026, 1, 1, 3, tzinfo=UTC)}, "within a day"),
        ({"expires_at": datetime(2025, 1, 1, tzinfo=UTC)}, "expired already"),
    ],
    ids=["a code", "optional", "an approver", "one address twice", "a level", "late", "seldom", "short", "over"],
)
def test_what_it_cannot_do_is_refused_before_anything_is_made(room: Room, wrong: dict[str, Any], why: str) -> None:
    outcome = room.run(room.esign.send(evolve(asked(), **wrong), DOCUMENT))
    assert outcome.result is Result.REFUSED
    assert why in outcome.why
    assert room.fake.documents == {}


def test_words_of_pandadoc_for_what_it_does_not_take_are_the_reason(room: Room) -> None:
    wrong = asked("R-1", evolve(ANN, email="no address"))
    outcome = room.run(room.esign.send(wrong, DOCUMENT))
    assert (outcome.result, "valid email" in outcome.why) == (Result.REFUSED, True)


def test_a_qualified_signature_is_asked_for_and_told_as_one() -> None:
    room = Room(sending=Sending(spot=SPOT, qualified=True))
    key = room.sent(asked("R-1", ANN, level=SignatureLevel.QUALIFIED))
    assert room.fake.documents[key].settings["qualified_electronic_signature"] is True
    room.fake.documents[key].sign(ANN.email, qualified=True)
    (place,) = signature_standing(asked("R-1", ANN), room.run(room.esign.facts(key))).places
    assert (place.state, place.level) == (RecipientState.COMPLETED, SignatureLevel.QUALIFIED)


# What comes back.


def test_who_signed_from_where_and_how_they_were_checked_is_told(room: Room) -> None:
    key = room.sent()
    room.fake.documents[key].noted(48, ANN.email)
    room.fake.sign(key, ANN.email)
    first, second = signature_standing(asked(), room.run(room.esign.facts(key))).places
    assert (first.state, first.ip, first.authenticated_by, first.acted_by) == (
        RecipientState.COMPLETED,
        "203.0.113.7",
        Authentication.ID_DOCUMENT,
        "Ann",
    )
    assert second.at(RecipientState.SENT) == first.at(RecipientState.COMPLETED) or second.state is RecipientState.SENT


def test_the_trail_is_read_again_only_when_the_document_changed(room: Room) -> None:
    key = room.sent()
    _ = room.run(room.esign.facts(key))
    assert step(room, "/audit-trail") == 0  # nobody did anything yet
    room.fake.view(key, ANN.email)
    for _ in range(3):
        _ = room.run(room.esign.facts(key))
    assert step(room, "/audit-trail") == 1
    room.fake.sign(key, ANN.email)
    _ = room.run(room.esign.facts(key))
    assert step(room, "/audit-trail") == 2


def test_a_long_trail_is_read_to_its_end(room: Room) -> None:
    key = room.sent()
    for _ in range(250):
        room.fake.view(key, ANN.email)
    room.fake.decline(key, ANN.email, "too dear")
    assert "too dear" in {fact.reason for fact in room.run(room.esign.facts(key))}
    assert step(room, "/audit-trail") == 3


def test_without_the_trail_what_has_an_instant_is_told_and_nothing_else() -> None:
    room = Room(audit=False, administrator=False)
    key = room.sent()
    room.fake.sign(key, ANN.email)
    assert tells(room, key, RecipientState.COMPLETED)
    assert not tells(room, key, RecipientState.VIEWED)
    room.fake.decline(key, BEN.email, "no")
    assert tells(room, key, RequestState.DECLINED)
    assert step(room, "/audit-trail") == 0


def test_what_expired_and_what_was_voided_are_two_things(room: Room) -> None:
    ends = room.clock() + timedelta(days=2)
    first, second = room.sent(asked("R-1", expires_at=ends)), room.sent(asked("R-2"))
    assert room.run(room.esign.cancel(second, "wrong price")).result is Result.DONE
    room.clock.advance(timedelta(days=3))
    assert tells(room, first, RequestState.EXPIRED)
    assert not tells(room, first, RequestState.VOIDED)
    assert tells(room, second, RequestState.VOIDED)
    assert not tells(room, second, RequestState.EXPIRED)
    assert "wrong price" in {fact.reason for fact in room.run(room.esign.facts(second))}


def test_what_its_sender_marks_complete_nobody_has_signed(room: Room) -> None:
    key = room.sent()
    room.fake.sign(key, ANN.email)
    room.fake.documents[key].by_hand(2, "signed on paper")
    standing = signature_standing(asked(), room.run(room.esign.facts(key)))
    assert not standing.complete
    assert standing.places[1].state is not RecipientState.COMPLETED
    assert {fact.raw for fact in standing.unread} == {"document.completed", "audit: 18 completed manually"}
    assert room.run(room.esign.files(key)) is None


def test_who_was_taken_out_of_a_document_has_not_signed_it(room: Room) -> None:
    key = room.sent()
    recipients = room.fake.documents[key].recipients
    recipients[:] = [one for one in recipients if one["email"] != BEN.email]
    room.fake.sign(key, ANN.email)
    assert tells(room, key, RequestState.COMPLETED)
    assert not signature_standing(asked(), room.run(room.esign.facts(key))).complete


def test_what_was_deleted_is_told_only_on_proof(room: Room) -> None:
    key = room.sent()
    _, cursor = room.drained(None)
    room.fake.documents[key].deleted = True  # it is missing, and no list shows it as deleted yet
    with pytest.raises(Exception, match="there is no document"):
        _ = room.run(room.esign.facts(key))
    room.fake.documents[key].changed()
    room.settle()
    told, cursor = room.drained(cursor)
    assert told == [key]
    assert tells(room, key, RequestState.DELETED)
    assert room.run(room.esign.cancel(key, "because")).result is Result.DONE
    assert room.run(room.esign.files(key)) is None
    assert room.drained(cursor)[0] == []


def test_a_signed_file_that_is_being_produced_is_no_missing_file(room: Room) -> None:
    key = room.sent()
    for person in (ANN, BEN):
        room.fake.sign(key, person.email)
    room.fake.files_ready = False
    with pytest.raises(TransientError, match="is being produced"):
        _ = room.run(room.esign.files(key))


def test_cancelling_a_draft_is_refused_in_pandadocs_words(room: Room) -> None:
    room.fake.approval = True
    with pytest.raises(AmbiguousError):
        _ = room.run(room.esign.send(asked(), DOCUMENT))
    (key,) = room.fake.documents
    outcome = room.run(room.esign.cancel(key, "because"))
    assert (outcome.result, "document.waiting_approval" in outcome.why) == (Result.REFUSED, True)
    assert room.run(room.esign.cancel(key, " ")).result is Result.REFUSED


def test_cancelling_what_is_over_asks_for_nothing_but_how_it_stands(room: Room) -> None:
    done, refused = room.sent(asked("R-1", ANN)), room.sent(asked("R-2", ANN))
    room.fake.sign(done, ANN.email)
    room.fake.decline(refused, ANN.email, "no")
    room.asked.clear()
    outcome = room.run(room.esign.cancel(done, "because"))
    assert (outcome.result, outcome.why) == (Result.REFUSED, "it is complete: the signatures exist")
    assert room.run(room.esign.cancel(refused, "because")).result is Result.DONE
    assert [path.split(" ")[0] for path in room.asked] == ["GET", "GET"]


def test_a_thousand_changed_documents_are_told_in_twelve_calls(room: Room) -> None:
    """A hundred in a call, one row of each page again in the next, and the list of those that were deleted."""
    keys = [put(room, number) for number in range(1_000)]
    room.settle()
    told, cursor = room.drained(None)
    assert (set(told), len(told), room.transport.calls) == (set(keys), 1_000, 12)
    room.clock.advance(timedelta(minutes=10))
    _, cursor = room.drained(cursor)
    for key in keys:
        room.fake.sign(key, ANN.email)
    room.settle()
    before = room.transport.calls
    told, cursor = room.drained(cursor)
    assert (sorted(told), room.transport.calls - before) == (sorted(keys), 12)
    before = room.transport.calls
    room.clock.advance(timedelta(minutes=10))
    _, cursor = room.drained(cursor)
    before = room.transport.calls
    assert (room.drained(cursor)[0], room.transport.calls - before) == ([], 2)


def test_an_act_among_many_is_told_alone(room: Room) -> None:
    keys = [put(room, number) for number in range(120)]
    room.settle()
    _, cursor = room.drained(None)
    room.fake.sign(keys[3], ANN.email)
    room.settle()
    told, cursor = room.drained(cursor)
    assert told == [keys[3]]
    assert room.drained(cursor)[0] == []


def test_a_document_that_changes_while_a_list_is_read_hides_no_other() -> None:
    room = Room(page=5)
    keys = [room.sent(asked(f"R-{number}", ANN)) for number in range(12)]
    page = room.run(room.esign.touched(None))
    for key in keys[:4]:
        room.fake.sign(key, ANN.email)  # they leave the first page
    room.settle()
    told, _ = room.drained(page.cursor)
    assert {*page.keys, *told} == set(keys)


def test_many_changes_of_one_instant_are_all_told() -> None:
    room = Room(page=5)
    keys = [room.sent(asked(f"R-{number}", ANN)) for number in range(13)]
    _, cursor = room.drained(None)
    at = room.clock()
    for key in keys:
        room.fake.documents[key].changed(at)
    room.settle()
    told, _ = room.drained(cursor)
    assert sorted(told) == sorted(keys)


def test_a_document_of_somebody_else_in_the_workspace_is_not_told(room: Room) -> None:
    key = room.sent()
    esign = Room(sending=Sending(sender="other", spot=SPOT)).esign
    assert room.run(esign.touched(None)).keys == ()
    assert room.run(esign.find("R-1")) is None
    assert room.drained(None)[0] == [key]


# Words.


def shown(status: str, **more: Any) -> dict[str, Any]:
    one = {
        "id": "r",
        "email": "ann@example.org",
        "first_name": "Ann",
        "recipient_type": "signer",
        "has_completed": True,
    }
    return {
        "id": "d", "status": status, "date_created": "2026-01-01T09:00:00Z", "date_sent": "2026-01-01T10:00:00Z",
        "date_modified": "2026-01-02T09:00:00Z", "recipients": [one], **more,
    }  # fmt: skip


STATUSES = word_list("pandadoc", "document status").words


@pytest.mark.parametrize("status", [*sorted(STATUSES), "document.frozen"])
def test_every_status_has_its_meaning_and_any_other_is_kept(status: str) -> None:
    facts = [fact for fact in facts_of(shown(status)) if isinstance(fact, RequestFact)]
    told = {fact.state for fact in facts} - {RequestState.CREATED, RequestState.SENT}
    meant = STATUSES.get(status)
    if status not in STATUSES:
        assert [fact.raw for fact in facts if isinstance(fact.state, Unknown)] == [status]
    elif meant in (None, RequestState.CREATED, RequestState.SENT, RequestState.DELIVERED):
        assert told == set()
    else:
        assert told == {meant}


@pytest.mark.parametrize("action", [*sorted(ACTIONS), 30, 46, 71, None, "sent"], ids=str)
def test_every_number_of_the_trail_has_its_meaning_and_any_other_is_kept(action: Any) -> None:
    entry = {"id": "e", "action": action, "user": {"email": "Ann@example.org"}, "date_created": "2026-01-01T09:00:00Z"}
    facts = audited(shown("document.viewed"), [entry])
    if action in ACTIONS and ACTIONS[action] is None:
        assert facts == ()
        return
    (fact,) = facts
    assert isinstance(fact, RequestFact | RecipientFact)
    if action in ACTIONS:
        assert (fact.state, fact.raw) == (ACTIONS[action], f"audit: {action} {WORDS[action]}")
    else:
        assert isinstance(fact.state, Unknown)
        assert fact.raw == f"audit: {action}"


def test_a_view_by_the_sender_is_no_view_and_a_refusal_by_a_stranger_is_told() -> None:
    boss = {"id": "e", "user": {"email": "boss@example.org"}, "date_created": "2026-01-01T09:00:00Z"}
    assert audited(shown("document.viewed"), [{**boss, "action": 8}]) == ()
    (fact,) = audited(shown("document.declined"), [{**boss, "action": 43, "reason": "no"}])
    assert isinstance(fact, RecipientFact)
    assert (fact.email, fact.state) == ("boss@example.org", RecipientState.DECLINED)


def test_the_same_request_gives_the_same_parts() -> None:
    assert parts_of(asked(), DOCUMENT, Sending()) == parts_of(asked(), DOCUMENT, Sending())
