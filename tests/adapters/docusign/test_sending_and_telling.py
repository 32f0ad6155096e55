"""What DocuSign is asked and how often, what its words mean, and what becomes of a lost reply."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve
from docusign_desk import ANN, BEN, DOCUMENT, ORIGIN, MovableClock, asked, desk_of, judged
from hypothesis import given
from hypothesis import strategies as st
from machine_steps import NIGHTLY

from clmcrm.adapters.docusign.definition import Sending, definition
from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.marks import PRINT, REQUEST, kept_id, mark_of, transaction_id
from clmcrm.adapters.docusign.reading import facts_of
from clmcrm.adapters.docusign.session import BUDGETS, DocuSignSession
from clmcrm.adapters.docusign.statuses import ACTIONS
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
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.errors import AmbiguousError, InvalidRecord, MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Call, Effect, Reply
from clmcrm.ports.records import Result
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import Unknown

EID = "eid-workflow"


class Room:
    """An account, the adapter, and a driver between them."""

    def __init__(self, *, sending: Sending | None = None, page: int = 1000, audit: bool = True, **fake: Any) -> None:
        self.clock = MovableClock()
        self.fake = FakeDocuSign(self.clock, **fake)
        self.front = judged(self.fake)
        self.transport = InProcess(self.front, ORIGIN)
        self.esign = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT), sending, page=page, audit=audit)
        waits: Callable[[float], object] = lambda s: self.clock.advance(timedelta(seconds=s))  # noqa: E731 - one line
        self.run = Driver(self.transport, desk_of(self.clock), sleep=waits).run

    def settle(self) -> None:
        self.clock.advance(timedelta(minutes=1))

    def calls(self, flow: Any) -> tuple[Any, int]:
        before = self.transport.calls
        return self.run(flow), self.transport.calls - before


@pytest.fixture
def room() -> Room:
    return Room()


def sent(room: Room, request: SignatureRequest | None = None) -> str:
    outcome = room.run(room.esign.send(request or asked(), DOCUMENT))
    assert outcome.result is Result.DONE, outcome.why
    room.settle()
    return outcome.key


# What is never sent twice.


def test_a_lost_reply_is_bound_by_a_later_look_up_and_not_sent_again(room: Room) -> None:
    room.fake.lose_next_reply = True
    with pytest.raises(AmbiguousError):
        _ = room.run(room.esign.send(asked(), DOCUMENT))
    room.settle()
    outcome = room.run(room.esign.send(asked(), DOCUMENT))
    assert (outcome.result, len(room.fake.envelopes)) == (Result.BOUND, 1)


class Killed(Exception):
    """The process died."""


class Dying:
    """A transport under which the process dies at its n-th call: before it was sent, or before its reply is read."""

    def __init__(self, inside: InProcess, at: int, *, after: bool) -> None:
        self._inside, self._left, self._after = inside, at, after

    def send(self, call: Call, within: timedelta) -> Reply:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        reply = self._inside.send(call, within)
        if self._left == 0:
            raise Killed
        return reply


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 20, 41, 42])
def test_a_push_that_was_killed_and_resumed_sends_each_request_once(at: int, after: bool) -> None:
    room = Room()
    requests = [(asked(f"R-{number}"), DOCUMENT) for number in range(40)]
    driver = Driver(Dying(room.transport, at, after=after), desk_of(room.clock), sleep=lambda _: None)
    with pytest.raises(Killed):
        _ = driver.run(room.esign.send_all(requests))
    room.settle()  # as long as the capabilities say that a look-up may miss something
    resumed = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT))
    outcomes = room.run(resumed.send_all(requests))
    assert all(outcome.ok for outcome in outcomes)
    marks = [mark_of(one.shown, REQUEST) for one in room.fake.envelopes.values()]
    assert sorted(marks) == sorted(request.id for request, _ in requests)
    assert [outcome.key for outcome in outcomes] == [outcome.key for outcome in room.run(resumed.send_all(requests))]


def test_the_envelope_itself_is_at_hand(room: Room) -> None:
    key = sent(room)
    told = room.run(room.esign.envelope(key))
    assert (told["envelopeId"], told["recipients"]["signers"][0]["email"]) == (key, ANN.email)


def test_what_was_sent_a_moment_ago_is_not_sent_again_though_no_list_shows_it(room: Room) -> None:
    first = room.run(room.esign.send(asked(), DOCUMENT))
    again = room.run(room.esign.send(asked(), DOCUMENT))
    other = room.run(room.esign.send(asked("R-1", ANN), DOCUMENT))
    assert (again.result, again.key, other.result) == (Result.BOUND, first.key, Result.REUSED)
    assert room.run(room.esign.find("R-1")) == first.key
    assert len(room.fake.envelopes) == 1


def test_an_envelope_older_than_its_transaction_id_is_still_found(room: Room) -> None:
    key = sent(room)
    room.clock.advance(timedelta(days=30))
    assert room.run(room.esign.find("R-1")) == key


def test_a_transaction_id_finds_what_lost_its_custom_field(room: Room) -> None:
    key = sent(room)
    for _, seen in room.fake.envelopes[key]._seen:
        seen["customFields"]["textCustomFields"] = []
    assert room.run(room.esign.find("R-1")) == key


def test_of_two_envelopes_under_one_id_the_older_one_is_bound(room: Room) -> None:
    key = sent(room)
    body = definition(asked(), DOCUMENT, Sending(), None)
    _ = room.run(room.esign._session.send("POST", "envelopes", body, effect=Effect.ONCE))
    room.settle()
    assert room.run(room.esign.find("R-1")) == key


@given(st.text(min_size=1, max_size=300))
def test_any_id_becomes_a_value_that_a_search_takes_as_itself(request_id: str) -> None:
    kept = kept_id(request_id)
    assert len(kept) <= 100
    assert not set(kept) & set("%=&, ")
    assert len(transaction_id("acme", request_id)) == 36


@pytest.mark.parametrize("sender", ["", "50 %", "a=b", "x" * 81, "é"])
def test_a_senders_name_that_a_search_would_read_otherwise_is_refused(sender: str) -> None:
    with pytest.raises(InvalidRecord, match="sender"):
        _ = Sending(sender=sender)


# What a call costs.


def test_a_thousand_requests_cost_a_thousand_calls_and_a_few() -> None:
    """By day two hundred of them, which must not cost more each."""
    many = 1000 if NIGHTLY else 200
    room = Room(per_hour=10_000, per_burst=10_000)
    requests = [(asked(f"R-{number}"), DOCUMENT) for number in range(many)]
    outcomes, calls = room.calls(room.esign.send_all(requests))
    assert {outcome.result for outcome in outcomes} == {Result.DONE}
    assert calls <= many * 1.05
    room.settle()
    outcomes, calls = room.calls(room.esign.send_all(requests))
    assert {outcome.result for outcome in outcomes} == {Result.BOUND}
    assert calls == 1
    (touched, facts), calls = room.calls(room.esign.news(None))
    assert (len(touched.keys), len(facts), calls, touched.more) == (many, many, 1, False)


def test_the_limits_of_an_account_are_kept_by_waiting() -> None:
    # An account of a tenth of the limits that are documented.
    assert {(one.size, one.per) for one in BUDGETS} == {(3000, timedelta(hours=1)), (500, timedelta(seconds=30))}
    room = Room(per_hour=300, per_burst=50)
    began = room.clock()
    desk = evolve(desk_of(room.clock), budgets=Budgets([evolve(one, size=one.size // 10) for one in BUDGETS]))
    waits: Callable[[float], object] = lambda s: room.clock.advance(timedelta(seconds=s))  # noqa: E731 - one line
    requests = [(asked(f"R-{number}"), DOCUMENT) for number in range(60)]
    outcomes = Driver(room.transport, desk, sleep=waits).run(room.esign.send_all(requests))
    assert {outcome.result for outcome in outcomes} == {Result.DONE}
    assert room.clock() - began >= timedelta(seconds=30)


def test_an_envelope_is_never_polled_on_its_own() -> None:
    room = Room(per_envelope=3)
    key = sent(room)
    for _ in range(40):
        _ = room.run(room.esign.facts(key))
        _ = room.run(room.esign.touched(None))
    assert len(room.fake._asked[key, "GET"]) == 1  # the audit trail, once


def test_an_audit_trail_is_read_again_only_when_the_envelope_changed(room: Room) -> None:
    key = sent(room)
    _ = room.run(room.esign.facts(key))
    assert room.calls(room.esign.facts(key))[1] == 1
    room.fake.sign(key, ANN.email)
    room.settle()
    assert room.calls(room.esign.facts(key))[1] == 2


def test_many_envelopes_are_told_by_few_calls() -> None:
    room = Room(audit=False)
    keys = [sent(room, asked(f"R-{number}")) for number in range(60)]
    told, calls = room.calls(room.esign.facts_of(keys))
    assert (set(told), calls) == (set(keys), 2)


def test_an_exceeded_limit_is_a_transient_error() -> None:
    room = Room(per_hour=2)
    _ = room.run(room.esign.find("R-1"))  # two look-ups
    with pytest.raises(TransientError, match="HOURLY_APIINVOCATION_LIMIT_EXCEEDED"):
        _ = room.run(room.esign.find("R-2"))


# What is told.


def test_a_signature_tells_who_when_and_from_where(room: Room) -> None:
    key = sent(room)
    room.fake.sign(key, ANN.email)
    room.settle()
    place = signature_standing(asked(), room.run(room.esign.facts(key))).places[0]
    assert place.state is RecipientState.COMPLETED
    assert place.ip == "192.0.2.7"
    assert place.at(RecipientState.VIEWED) is not None


def test_a_mail_that_came_back_is_told_and_moves_the_feed(room: Room) -> None:
    key = sent(room)
    cursor = room.run(room.esign.touched(None)).cursor
    room.clock.advance(timedelta(hours=2))
    cursor = drained(room, cursor)[1]
    room.fake.envelopes[key].bounce(ANN.email)
    room.settle()
    keys, cursor = drained(room, cursor)
    assert keys == [key]
    facts = [f for f in room.run(room.esign.facts(key)) if getattr(f, "state", None) is RecipientState.BOUNCED]
    assert [(fact.raw, fact.reason) for fact in facts] == [("autoresponded", "550 no such mailbox")]
    for _ in range(3):
        keys, cursor = drained(room, cursor)
        assert keys == []


def test_a_place_that_was_handed_on_is_told(room: Room) -> None:
    key = sent(room)
    room.fake.envelopes[key].hand_on(ANN.email, "Eve", "eve@example.org")
    room.settle()
    standing = signature_standing(asked(), room.run(room.esign.facts(key)))
    assert standing.places[0].holders == ("ann@example.org", "eve@example.org")
    assert standing.strangers == ()


def test_a_first_signature_of_two_moves_the_feed_though_the_envelope_keeps_its_status(room: Room) -> None:
    key = sent(room)
    cursor = drained(room, None)[1]
    room.clock.advance(timedelta(days=3))
    cursor = drained(room, cursor)[1]
    room.fake.sign(key, ANN.email)
    assert room.fake.envelopes[key].shown["status"] == "sent"
    room.settle()
    assert drained(room, cursor)[0] == [key]


def test_a_thousand_envelopes_of_one_instant_are_all_told_in_small_pages() -> None:
    room = Room(page=7)
    stopped = room.clock()
    room.fake.clock = lambda: stopped
    for number in range(60):
        body = dict(definition(asked(f"R-{number}"), DOCUMENT, Sending(), None))
        _ = room.fake._made(json.dumps(body).encode())
    room.fake.clock = room.clock
    room.settle()
    keys, cursor = drained(room, None)
    assert set(keys) == set(room.fake.envelopes)
    assert drained(room, cursor)[0] == []


def test_an_envelope_of_somebody_else_in_the_account_is_not_told(room: Room) -> None:
    other = Room(sending=Sending(sender="other"))
    other.fake.envelopes = room.fake.envelopes
    key = sent(room)
    other.clock.advance(timedelta(minutes=5))
    assert other.run(other.esign.touched(None)).keys == ()
    assert drained(room, None)[0] == [key]


def drained(room: Room, cursor: str | None) -> tuple[list[str], str]:
    keys: list[str] = []
    while True:
        page = room.run(room.esign.touched(cursor))
        keys += page.keys
        cursor = page.cursor
        if not page.more:
            return keys, cursor


ENVELOPE = {**word_list("docusign", "envelope status").words, "processing": RequestState.CREATED}
RECIPIENT = word_list("docusign", "recipient status").words


@pytest.mark.parametrize("word", sorted(ENVELOPE))
def test_every_documented_status_of_an_envelope_has_its_meaning(word: str) -> None:
    told = {"envelopeId": "e", "status": word, "statusChangedDateTime": "2026-01-15T09:30:00.0000000Z"}
    found = [(fact.state, fact.raw) for fact in facts_of(told, {}) if isinstance(fact, RequestFact)]
    assert found == ([(ENVELOPE[word], word)] if ENVELOPE[word] is not None else [])


@pytest.mark.parametrize("word", sorted(RECIPIENT))
def test_every_documented_status_of_a_recipient_has_its_meaning(word: str) -> None:
    signer = {"recipientId": "1", "email": "a@b.c", "status": word}
    told = {"envelopeId": "e", "statusChangedDateTime": "2026-01-15T09:30:00Z", "recipients": {"signers": [signer]}}
    states = {fact.state for fact in facts_of(told, {}) if isinstance(fact, RecipientFact)}
    assert states == ({RECIPIENT[word]} if word != "created" else set())


@pytest.mark.parametrize("word", ["frozen", "Überprüft"])
def test_a_word_nobody_documented_is_kept_and_decides_nothing(word: str) -> None:
    signer = {"recipientId": "1", "email": "a@b.c", "status": word}
    told = {
        "envelopeId": "e", "status": word, "statusChangedDateTime": "2026-01-15T09:30:00Z",
        "recipients": {"signers": [signer]},
    }  # fmt: skip
    for fact in facts_of(told, {}):
        assert isinstance(fact, RequestFact | RecipientFact)
        assert isinstance(fact.state, Unknown)
        assert (fact.raw, fact.state.raw) == (word, word)


def test_an_action_nobody_documented_is_kept(room: Room) -> None:
    key = sent(room)
    room.fake.envelopes[key]._log("Teleported", "Ann", "")
    unknown = [f for f in room.run(room.esign.facts(key)) if isinstance(getattr(f, "state", None), Unknown)]
    assert [fact.raw for fact in unknown] == ["audit: Teleported"]
    assert "teleported" not in ACTIONS


def test_what_the_sender_corrected_stays_told_after_it_was_sent_again(room: Room) -> None:
    key = sent(room)
    room.fake.envelopes[key].correct()
    room.settle()
    facts = room.run(room.esign.facts(key))
    assert RequestState.CORRECTED in {getattr(fact, "state", None) for fact in facts}


def test_a_level_and_an_identity_are_told_only_where_docusign_states_them() -> None:
    signer = {
        "recipientId": "1", "email": "a@b.c", "name": "A", "status": "completed",
        "customFields": ["clmcrm_recipient=r7"],
        "signedDateTime": "2026-01-15T09:30:00Z", "recipientSignatureProviders": [{"signatureProviderName": "eu-aes"}],
        "recipientAuthenticationStatus": {
            "smsAuthResult": {"status": "Passed"}, "accessCodeResult": {"status": "Failed"},
        },
    }  # fmt: skip
    told = {"envelopeId": "e", "recipients": {"signers": [signer]}}
    for providers, level in (({SignatureLevel.ADVANCED: "eu-aes"}, SignatureLevel.ADVANCED), ({}, None)):
        done = [f for f in facts_of(told, providers) if isinstance(f, RecipientFact)]
        assert {(f.level, f.authenticated_by, f.recipient) for f in done} == {(level, Authentication.SMS_CODE, "r7")}


# What is sent.


def test_what_is_asked_of_each_recipient_is_sent() -> None:
    room = Room(
        sending=Sending(
            anchor="/sign{number}/", providers={SignatureLevel.ADVANCED: "eu-aes"},
            workflows={Authentication.ELECTRONIC_ID: EID}, blurb="Please sign", subject="Contract {contract}",
        )
    )  # fmt: skip
    people = (
        evolve(ANN, level=SignatureLevel.ADVANCED, authentication=Authentication.ELECTRONIC_ID, id="ann-1"),
        evolve(BEN, role=RecipientRole.COPY),
        evolve(BEN, email="viewer@example.org", role=RecipientRole.VIEWER),
    )
    key = sent(room, asked("R-9", *people, remind_after=3, expires_at=room.clock() + timedelta(days=10)))
    shown = room.fake.envelopes[key].shown
    (signer,), (copied,), (viewer,) = (
        shown["recipients"][g] for g in ("signers", "carbonCopies", "certifiedDeliveries")
    )
    assert signer["recipientSignatureProviders"] == [{"signatureProviderName": "eu-aes"}]
    assert signer["identityVerification"] == {"workflowId": EID}
    assert [one["routingOrder"] for one in (signer, copied, viewer)] == ["1", "2", "2"]
    assert shown["emailSubject"] == "Contract C-1"
    assert (mark_of(shown, REQUEST), len(mark_of(shown, PRINT))) == ("R-9", 64)
    assert shown["expireAfter"] == "10"
    assert room.front.refused == []


def test_a_template_is_laid_over_our_document() -> None:
    plain = Room()
    ((template, name),) = plain.run(plain.esign.templates())
    assert name == "Framework agreement"
    room = Room(sending=Sending(template=template))
    key = sent(room, asked("R-1", evolve(ANN, id="Seller"), evolve(BEN, id="Buyer")))
    roles = [one["roleName"] for one in room.fake.envelopes[key].shown["recipients"]["signers"]]
    assert roles == ["Seller", "Buyer"]
    missing = Room(sending=Sending(template="3f1c9b8e-0000-4000-8000-00000000ffff"))
    outcome = missing.run(missing.esign.send(asked(), DOCUMENT))
    assert (outcome.result, outcome.why[:18]) == (Result.REFUSED, "TEMPLATE_NOT_FOUND")
    assert room.front.refused == missing.front.refused == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"recipients": (evolve(ANN, authentication=Authentication.SMS_CODE),)}, "no identity workflow"),
        ({"recipients": (evolve(ANN, required=False), BEN)}, "whose act may be left out"),
        ({"recipients": (evolve(ANN, name="A" * 101),)}, "at most 100 characters"),
        ({"recipients": (ANN, evolve(BEN, role=RecipientRole.NOTARY))}, "role notary"),
        ({"level": SignatureLevel.QUALIFIED}, "no signature provider"),
        ({"contract": ContractId("C" * 100)}, "the subject of the mail"),
        ({"expires_at": datetime(2026, 1, 1, 12, tzinfo=UTC)}, "within a day"),
        ({"expires_at": datetime(2036, 1, 1, 12, tzinfo=UTC)}, "DocuSign allows 999"),
    ],
)
def test_what_docusign_cannot_do_is_refused_before_anything_is_sent(
    room: Room, wrong: dict[str, Any], why: str
) -> None:
    outcome = room.run(room.esign.send(evolve(asked(), **wrong), DOCUMENT))
    assert outcome.result is Result.REFUSED
    assert why in outcome.why
    assert room.fake.envelopes == {}


def test_a_document_docusign_would_convert_is_refused(room: Room) -> None:
    text = b"just text"
    outcome = room.run(room.esign.send(evolve(asked(), sha256=sha256(text).hexdigest()), text))
    assert outcome.result is Result.REFUSED
    assert "neither a PDF nor a DOCX" in outcome.why


def test_what_docusign_refuses_is_told_in_its_own_words(room: Room) -> None:
    outcome = room.run(room.esign.send(asked("R-1", evolve(ANN, email="no address")), DOCUMENT))
    assert outcome.result is Result.REFUSED
    assert outcome.why.startswith("INVALID_EMAIL_ADDRESS_FOR_RECIPIENT: ")


def test_an_envelope_that_ended_meanwhile_is_judged_as_it_is_now(room: Room) -> None:
    key = sent(room)
    for person in (ANN, BEN):
        room.fake.sign(key, person.email)  # no list shows it yet
    outcome = room.run(room.esign.cancel(key, "too late"))
    assert (outcome.result, outcome.why) == (Result.REFUSED, "it is complete: the signatures exist")
    other = sent(room, asked("R-2"))
    room.fake.envelopes[other].void("by hand")
    assert room.run(room.esign.cancel(other, "again")).result is Result.DONE


def test_a_reason_longer_than_docusign_keeps_is_refused_and_not_cut(room: Room) -> None:
    key = sent(room)
    assert room.run(room.esign.cancel(key, "x" * 201)).result is Result.REFUSED
    assert room.fake.envelopes[key].is_open


@pytest.mark.parametrize(
    "key", ["../templates", "5c9f7a1e", "", "a b", "5c9f7a1e-0000-4000-8000-000000000001/recipients"]
)
def test_a_key_of_another_form_asks_docusign_nothing(room: Room, key: str) -> None:
    outcome, calls = room.calls(room.esign.cancel(key, "no"))
    assert (outcome.result, calls) == (Result.MISSING, 0)


def test_the_wrong_account_is_refused_in_docusigns_words() -> None:
    room = Room()
    other = DocuSignEsign(DocuSignSession(ORIGIN, "another"))
    with pytest.raises(RefusedError, match="ACCOUNT_LACKS_PERMISSIONS"):
        _ = room.run(other.touched(None))


def test_an_envelope_that_is_removed_while_all_are_listed_has_no_other_one_sent_again() -> None:
    """The transaction ids of old envelopes are forgotten, so that the list alone tells of them."""
    clock = MovableClock()
    fake = FakeDocuSign(clock, lag=timedelta(0))
    run = Driver(InProcess(fake, ORIGIN), desk_of(clock), sleep=lambda _: None).run
    requests = [(asked(f"R-{number}"), DOCUMENT) for number in range(7)]
    keys = list[str]()
    for one in requests:
        keys.append(run(DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT)).send(*one)).key)
        clock.advance(timedelta(hours=1))
    clock.advance(timedelta(days=8))
    pages = list[str]()

    class Removing:
        def answer(self, request: Request) -> Reply:
            reply = fake.answer(request)
            if "order_by=created" in request.path:
                pages.append(request.path)
                _ = fake.envelopes.pop(keys[0], None)
            return reply

    run = Driver(InProcess(Removing(), ORIGIN), desk_of(clock), sleep=lambda _: None).run
    outcomes = run(DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT), page=3).send_all(requests))
    assert len(pages) >= 3
    assert [(one.result, one.key) for one in outcomes] == [(Result.BOUND, key) for key in keys]
    assert len(fake.envelopes) == 6


def test_a_list_that_does_not_keep_to_the_instant_asked_for_is_an_error_and_no_endless_one() -> None:
    clock = MovableClock()
    fake = FakeDocuSign(clock, lag=timedelta(0))
    run = Driver(InProcess(fake, ORIGIN), desk_of(clock), sleep=lambda _: None).run
    requests = [(asked(f"R-{number}"), DOCUMENT) for number in range(7)]
    _ = run(DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT)).send_all(requests))
    clock.advance(timedelta(days=8))

    class FromTheBeginning:
        def answer(self, request: Request) -> Reply:
            return fake.answer(evolve(request, path=re.sub("from_date=[^&]*", "from_date=2003-01-01", request.path)))

    run = Driver(InProcess(FromTheBeginning(), ORIGIN), desk_of(clock), sleep=lambda _: None).run
    with pytest.raises(MalformedReply, match="in a list from"):
        _ = run(DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT), page=3).send_all(requests))
    assert len(fake.envelopes) == 7
