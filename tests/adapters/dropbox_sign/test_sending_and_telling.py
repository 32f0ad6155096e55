"""What Dropbox Sign is asked and how often, what its words mean, and whatever else may come back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from attrs import evolve
from docusign_desk import ANN, BEN, DOCUMENT, MovableClock, asked, judged, needs_descriptions, validator
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.dropbox_sign.esign import DropboxSignEsign, Sending
from clmcrm.adapters.dropbox_sign.reading import facts_of
from clmcrm.adapters.dropbox_sign.wire import BUDGETS, DropboxSignSession
from clmcrm.adapters.forms import form
from clmcrm.clm.signature import (
    Authentication,
    Recipient,
    RecipientFact,
    RecipientRole,
    RecipientState,
    RequestFact,
    RequestState,
    SignatureLevel,
)
from clmcrm.clm.signature_standing import signature_standing
from clmcrm.clm.signature_vendors import word_list
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import AdapterError, AmbiguousError, MalformedReply, TerminalError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Result
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.dropbox_sign import KEY, ORIGIN, FakeDropboxSign, WithForms, parts_of
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.values.partial import Unknown

SPEC = "dropbox_sign_3.0.yaml"


class Room:
    def __init__(self, *, sending: Sending | None = None, page: int = 100) -> None:
        self.clock = MovableClock()
        self.fake = FakeDropboxSign(self.clock)
        self.front = judged(self.fake, SPEC)
        self.instead: dict[str, Reply] = {}
        self.files_instead: Reply | None = None
        self.transport = InProcess(self, ORIGIN)
        self.esign = DropboxSignEsign(DropboxSignSession(Secret(KEY)), sending, page=page)
        waits: Callable[[float], object] = lambda s: self.clock.advance(timedelta(seconds=s))  # noqa: E731 - one line
        self.run = Driver(self.transport, Desk(clock=self.clock, budgets=Budgets(BUDGETS)), sleep=waits).run

    def answer(self, request: Request) -> Reply:
        if self.files_instead is not None and "/files/" in request.path:
            return self.files_instead
        return self.instead.get(request.method) or WithForms(self.front).answer(request)

    def settle(self) -> None:
        self.clock.advance(timedelta(minutes=1))


@pytest.fixture
def room() -> Room:
    return Room()


def sent(room: Room, request: Any = None) -> str:
    outcome = room.run(room.esign.send(request or asked(), DOCUMENT))
    assert outcome.result is Result.DONE, outcome.why
    room.settle()
    return outcome.key


def test_a_lost_reply_is_bound_by_a_later_look_up_and_not_sent_again(room: Room) -> None:
    room.fake.lose_next_reply = True
    with pytest.raises(AmbiguousError):
        _ = room.run(room.esign.send(asked(), DOCUMENT))
    room.settle()
    outcome = room.run(room.esign.send(asked(), DOCUMENT))
    assert (outcome.result, len(room.fake.requests)) == (Result.BOUND, 1)


def test_what_was_sent_a_moment_ago_is_not_sent_again_though_no_list_shows_it(room: Room) -> None:
    first = room.run(room.esign.send(asked(), DOCUMENT))
    again = room.run(room.esign.send(asked(), DOCUMENT))
    other = room.run(room.esign.send(asked("R-1", ANN), DOCUMENT))
    assert (again.result, again.key, other.result) == (Result.BOUND, first.key, Result.REUSED)
    assert room.run(room.esign.find("R-1")) == first.key
    assert len(room.fake.requests) == 1


def test_sending_keeps_25_calls_a_minute_by_waiting(room: Room) -> None:
    began = room.clock()
    for number in range(30):
        assert room.run(room.esign.send(asked(f"R-{number}"), DOCUMENT)).ok
    assert timedelta(minutes=1) <= room.clock() - began < timedelta(minutes=2)
    assert room.transport.calls == 60


def test_many_are_looked_up_by_25_and_bound_by_a_second_run(room: Room) -> None:
    """1.04 calls each: 60 that send, and three look-ups."""
    many = [(asked(f"R-{number}"), DOCUMENT) for number in range(60)]
    outcomes = room.run(room.esign.send_all(many))
    assert {one.result for one in outcomes} == {Result.DONE}
    assert room.transport.calls == 60 + 3
    room.settle()
    other = DropboxSignEsign(DropboxSignSession(Secret(KEY)))
    again = room.run(other.send_all([*many, (asked("R-60"), DOCUMENT)]))
    assert [(one.result, one.key) for one in again[:60]] == [(Result.BOUND, one.key) for one in outcomes]
    assert (again[60].result, len(room.fake.requests)) == (Result.DONE, 61)
    assert room.front.refused == []


def test_one_request_named_twice_among_many_goes_out_once(room: Room) -> None:
    outcomes = room.run(room.esign.send_all([(asked(), DOCUMENT), (asked(), DOCUMENT), (asked("R-1", ANN), DOCUMENT)]))
    assert [one.result for one in outcomes] == [Result.DONE, Result.BOUND, Result.REUSED]
    assert len(room.fake.requests) == 1


def test_of_several_that_were_sent_under_one_id_the_oldest_is_bound_wherever_a_list_shows_it(room: Room) -> None:
    first = room.fake
    key = sent(room)
    for number in range(120):  # people copied it, metadata and all
        first.requests[f"{number:040x}"] = {
            **first.requests[key], "signature_request_id": f"{number:040x}",
            "created_at": first.requests[key]["created_at"] + 1 + number,
        }  # fmt: skip
        first._seen[f"{number:040x}"] = [
            (at, {**row, **first.requests[f"{number:040x}"]}) for at, row in first._seen[key]
        ]
    assert room.run(room.esign.find("R-1")) == key


def test_a_list_that_never_ends_sends_nothing(room: Room) -> None:
    rows: dict[str, Any] = {"list_info": {"page": 1, "num_pages": 99}, "signature_requests": []}
    room.instead["GET"] = Reply(
        status=200, headers={"Content-Type": "application/json"}, body=json.dumps(rows).encode()
    )
    with pytest.raises(MalformedReply, match="does not keep to the ids"):
        _ = room.run(room.esign.send(asked(), DOCUMENT))
    assert room.fake.requests == {}


def test_a_pull_lists_a_hundred_in_a_call_and_tells_what_changed(room: Room) -> None:
    keys = [sent(room, asked(f"R-{number}")) for number in range(120)]
    before = room.transport.calls
    told, cursor = drained(room, None)
    assert (set(told), room.transport.calls - before) == (set(keys), 2)
    room.fake.sign(keys[3], ANN.email)
    room.settle()
    told, cursor = drained(room, cursor)
    assert told == [keys[3]]
    assert drained(room, cursor)[0] == []


def test_a_request_of_somebody_else_in_the_account_is_not_told(room: Room) -> None:
    other = Room(sending=Sending(sender="other"))
    other.fake.requests, other.fake._seen = room.fake.requests, room.fake._seen
    key = sent(room)
    other.clock.advance(timedelta(minutes=9))
    assert drained(other, None)[0] == []
    assert other.run(other.esign.find("R-1")) is None
    assert drained(room, None)[0] == [key]


def drained(room: Room, cursor: str | None) -> tuple[list[str], str]:
    keys: list[str] = []
    while True:
        page = room.run(room.esign.touched(cursor))
        keys += page.keys
        cursor = page.cursor
        if not page.more:
            return keys, cursor


def shown(**signer: Any) -> dict[str, Any]:
    one = {"signature_id": "s", "signer_email_address": "ann@example.org", "signer_name": "Ann", **signer}
    return {"signature_request_id": "a" * 40, "created_at": 1768469400, "signatures": [one]}


KNOWN = word_list("dropbox_sign", "signature status").words


@pytest.mark.parametrize("word", [*sorted(KNOWN), "frozen", "error_unknown"])
def test_every_word_has_its_meaning_and_any_other_is_kept(word: str) -> None:
    facts = [f for f in facts_of(shown(status_code=word, signed_at=1768469500), None) if isinstance(f, RecipientFact)]
    if word == "awaiting_signature":
        assert {fact.state for fact in facts} == {RecipientState.SENT}
        return
    (fact,) = [fact for fact in facts if fact.raw == word]
    assert fact.state is KNOWN[word] if word in KNOWN else isinstance(fact.state, Unknown)


def test_a_mail_that_came_back_and_a_place_that_was_handed_on_are_told() -> None:
    bad = facts_of(shown(status_code="error_invalid_email", error="no such mailbox"), None)
    assert [(f.state, f.reason) for f in bad if isinstance(f, RecipientFact)][-1] == (
        RecipientState.BOUNCED,
        "no such mailbox",
    )
    handed = facts_of(shown(status_code="awaiting_signature", reassigned_by="old@example.org"), None)
    (fact,) = [f for f in handed if isinstance(f, RecipientFact) and f.state is RecipientState.DELEGATED]
    assert (fact.email, fact.delegate) == ("old@example.org", "ann@example.org")


def test_the_second_signer_has_it_from_the_first_ones_signature_on(room: Room) -> None:
    key = sent(room)
    room.fake.sign(key, ANN.email)
    facts = room.run(room.esign.facts(key))
    places = signature_standing(asked(), facts).places
    assert places[1].at(RecipientState.SENT) == places[0].at(RecipientState.COMPLETED)


@pytest.mark.parametrize("left", [(ANN,), (ANN, BEN)], ids=["without Ben", "with Ben"])
def test_a_completion_names_those_who_still_are_its_signers(left: tuple[Recipient, ...]) -> None:
    signatures = [{"signature_id": one.name, "signer_email_address": one.email.upper()} for one in left]
    signed: dict[str, object] = {**signatures[0], "status_code": "signed", "signed_at": 1_767_225_700}
    shown = {"created_at": 1_767_225_600, "is_complete": True, "signatures": [signed, *signatures[1:]]}
    told = facts_of({"signature_request_id": "k", **shown}, None)
    assert signature_standing(asked(), told).complete is (BEN in left)


def test_it_has_expired_by_its_own_clock_and_not_by_ours() -> None:
    told = {**shown(status_code="awaiting_signature"), "expires_at": 1768556000}
    ends = datetime.fromtimestamp(1768556000, UTC)
    for now, over in ((None, False), (ends - timedelta(seconds=1), False), (ends, True)):
        states = {f.state for f in facts_of(told, now) if isinstance(f, RequestFact)}
        assert (RequestState.EXPIRED in states) is over


def test_what_is_asked_is_sent(room: Room) -> None:
    people = (ANN, BEN, evolve(BEN, email="copy@example.org", role=RecipientRole.COPY))
    ends = room.clock() + timedelta(days=10)
    key = sent(room, asked("R-1", *people, expires_at=ends))
    told = room.fake.requests[key]
    assert [(one["signer_email_address"], one["order"]) for one in told["signatures"]] == [
        ("ann@example.org", 0),
        ("ben@example.org", 1),
    ]
    assert (told["expires_at"], told["title"]) == (int(ends.timestamp()), "Signature: C-1")
    assert room.front.refused == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"recipients": (evolve(ANN, authentication=Authentication.SMS_CODE),)}, "needs a number or a code"),
        ({"recipients": (evolve(ANN, required=False), BEN)}, "may be left out"),
        ({"recipients": (ANN, evolve(BEN, role=RecipientRole.NOTARY))}, "no role notary"),
        ({"recipients": (evolve(ANN, name="A" * 256),)}, "at most 255"),
        ({"level": SignatureLevel.QUALIFIED}, "level QES"),
        ({"remind_after": 2}, "account's own setting"),
        ({"recipients": (evolve(ANN, id="1"), evolve(ANN, id="2", email="Ann@example.org"))}, "one address"),
    ],
)
def test_what_it_cannot_do_is_refused_before_anything_is_sent(room: Room, wrong: dict[str, Any], why: str) -> None:
    outcome = room.run(room.esign.send(evolve(asked(), **wrong), DOCUMENT))
    assert outcome.result is Result.REFUSED
    assert why in outcome.why
    assert room.fake.requests == {}


def test_a_cancelling_is_refused_with_the_reason_and_asks_nothing(room: Room) -> None:
    key = sent(room)
    before = room.transport.calls
    outcome = room.run(room.esign.cancel(key, "wrong price"))
    assert (outcome.result, room.transport.calls) == (Result.REFUSED, before)
    assert "keeps no reason" in outcome.why


@given(st.text(min_size=1, max_size=50), st.text(max_size=50), st.binary(max_size=200))
def test_any_text_in_a_form_is_a_value_and_ends_no_part(name: str, value: str, content: bytes) -> None:
    name = "".join(letter for letter in name if letter.isalnum() and letter.isascii()) or "a"
    body, kind = form([(name, value)], {"files[0]": (f"{value}.pdf", content)})
    found = parts_of(Request(method="POST", path="/x", headers={"content-type": kind}, body=body))
    assert set(found) == {name, "files[0]"}
    assert body.count(value.encode()) >= 1
    assert body.count(content) >= 1


# Bad replies.


@pytest.mark.parametrize("hostile", ["html", "torn", "error in 200", "no data"])
def test_what_is_no_answer_is_an_error_and_never_an_absence(room: Room, hostile: str) -> None:
    key = sent(room)
    room.fake.hostile = hostile
    for flow in (
        room.esign.find("R-1"), room.esign.touched(None), room.esign.facts(key), room.esign.files(key),
        room.esign.send(asked("R-2"), DOCUMENT),
    ):  # fmt: skip
        with pytest.raises(AdapterError) as refused:
            _ = room.run(flow)
        assert KEY not in str(refused.value)
    assert len(room.fake.requests) == 1


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [(409, "conflict", TransientError), (404, "not_found", TerminalError), (410, "deleted", TerminalError)],
)
def test_a_signed_file_that_is_not_ready_is_asked_for_again_and_one_that_was_destroyed_is_not(
    room: Room, status: int, name: str, kind: type[AdapterError]
) -> None:
    key = sent(room)
    for person in asked().recipients:
        room.fake.sign(key, person.email)
    room.settle()
    told = {"error": {"error_name": name, "error_msg": "Not now."}}
    room.files_instead = Reply(status=status, body=json.dumps(told).encode())
    with pytest.raises(kind):
        _ = room.run(room.esign.files(key))
    room.files_instead = None
    assert room.run(room.esign.files(key)) is not None


def test_an_address_without_a_list_is_an_error_and_never_an_absence(room: Room) -> None:
    room.instead["GET"] = Reply(status=404, body=b'{"error": {"error_name": "not_found", "error_msg": "Not found"}}')
    for flow in (room.esign.find("R-1"), room.esign.touched(None), room.esign.send(asked(), DOCUMENT)):
        with pytest.raises(MalformedReply, match="no list of requests"):
            _ = room.run(flow)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"signature_request": {"signature_request_id": 7}}'])
def test_a_sending_whose_reply_nobody_can_read_is_in_doubt(room: Room, body: bytes) -> None:
    room.instead["POST"] = Reply(status=200, headers={"date": "Thu, 01 Jan 2026 00:00:00 GMT"}, body=body)
    with pytest.raises((AmbiguousError, MalformedReply)):
        _ = room.run(room.esign.send(asked(), DOCUMENT))


@pytest.mark.parametrize("wrong", ["2026-01-01", -1, 1 << 40, True])
def test_an_instant_that_is_none_is_an_error_that_names_it(wrong: Any) -> None:
    with pytest.raises(MalformedReply, match="signed_at"):
        _ = facts_of(shown(status_code="signed", signed_at=wrong), None)


@pytest.mark.parametrize("key", ["../list", "", "A" * 40, "a" * 41, "list?x=1"])
def test_a_key_of_another_form_asks_nothing(room: Room, key: str) -> None:
    with pytest.raises(TerminalError):
        _ = room.run(room.esign.facts(key))
    assert room.transport.calls == 0


# The validator in front.

BASE = "/v3/signature_request"
ID = "fa5c8a0b0f492d768749333ad6fcc214c111e967"
FORM = ("title", "subject", "signers[0][name]", "signers[0][email_address]", "files[0]", "test_mode")


def posted(*names: str, path: str = f"{BASE}/send", method: str = "POST") -> Request:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    return Request(method=method, path=path, headers=kind, body=b"x", form=frozenset(names))


def as_json(value: Any, path: str = f"{BASE}/send") -> Request:
    return Request(
        method="POST", path=path, headers={"content-type": "application/json"}, body=json.dumps(value).encode()
    )


def got(path: str, **query: str) -> Request:
    return Request(method="GET", path=f"{BASE}/{path}" + (f"?{urlencode(query)}" if query else ""))


WRONG: dict[str, Request] = {
    **{f"an unknown field {name}": posted(*FORM, name) for name in (
        "file", "emailSubject", "recipients[0]", "signer[0][name]", "expiresAt", "meta[a]", "ccs[0]", "idempotency_key",
        "reminder", "void_reason", "transactionId", "order", "allowDecline", "documents[0]", "tags[0]",
    )},
    "an unknown field in JSON": as_json({"signers": [], "x": 1}),
    "signers as a text": as_json({"signers": "Ann"}),
    "a signer's order as a text": as_json({"signers": [{"name": "A", "email_address": "a@b.c", "order": "1"}]}),
    "a signer without an address": as_json({"signers": [{"name": "A"}]}),
    "a signer of another form": as_json({"signers": [{"name": "A", "email_address": "a@b.c", "email": "x"}]}),
    "an expiry as a date": as_json({"expires_at": "2026-01-01"}),
    "a test mode that is a number": as_json({"test_mode": 1}),
    "metadata as a list": as_json({"metadata": []}),
    "copies as a text": as_json({"cc_email_addresses": "a@b.c"}),
    "half a JSON": Request(
        method="POST", path=f"{BASE}/send", headers={"content-type": "application/json"}, body=b'{"signers": '
    ),
    "another content type": Request(
        method="POST", path=f"{BASE}/send", headers={"content-type": "text/plain"}, body=b"signers=1"
    ),
    "an unknown filter": got("list", modified_since="2026-01-01"),
    "another name for a page": got("list", limit="10"),
    "a page that is no number": got("list", page="first"),
    "a page too large": got("list", page_size="101"),
    "a page of none": got("list", page_size="0"),
    "an unknown kind of file": got(f"files/{ID}", file_type="docx"),
    "a query on one request": got(ID, include="metadata"),
    "a put": posted(path=f"{BASE}/{ID}", method="PUT"),
    "a deletion": Request(method="DELETE", path=f"{BASE}/{ID}"),
    "no version": Request(method="GET", path="/signature_request/list"),
    "an unknown path": got(f"{quote(ID)}/history"),
}  # fmt: skip


@needs_descriptions
def test_the_right_request_is_let_through() -> None:
    assert validator(SPEC).problems(posted(*FORM, "metadata[a]", "cc_email_addresses[0]", "expires_at")) == ()


@needs_descriptions
@pytest.mark.parametrize("slip", WRONG, ids=str)
def test_a_wrong_request_is_refused(slip: str) -> None:
    assert validator(SPEC).problems(WRONG[slip])
