"""Whatever comes back: no crash, no silent loss, no request to another origin, and never a secret in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from docusign_desk import ANN, DOCUMENT, ORIGIN, MovableClock, asked, desk_of

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.clm.signature import RequestFact
from clmcrm.drivers.driver import Driver
from clmcrm.errors import AdapterError, AmbiguousError, InvalidRecord, MalformedReply, RefusedError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Result
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.docusign.service import ACCOUNT, TOKEN, FakeDocuSign
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.values.partial import Unknown


class Spoiling:
    """The fake, until its answers to a method are replaced by something else."""

    def __init__(self, fake: FakeDocuSign) -> None:
        self.fake = fake
        self.instead: dict[str, Reply] = {}
        self.purged: Reply | None = None
        self.asked: list[str] = []

    def answer(self, request: Request) -> Reply:
        self.asked.append(request.path)
        if self.purged is not None and "/documents/" in request.path:
            return self.purged
        return self.instead.get(request.method) or self.fake.answer(request)


class Room:
    def __init__(self) -> None:
        self.clock = MovableClock()
        self.spoiling = Spoiling(FakeDocuSign(self.clock))
        self.fake = self.spoiling.fake
        self.esign = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT))
        driver = Driver(InProcess(self.spoiling, ORIGIN), desk_of(self.clock), sleep=lambda _: None)
        self.run = driver.run


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    outcome = room.run(room.esign.send(asked(), DOCUMENT))
    assert outcome.ok
    room.clock.advance(timedelta(minutes=1))
    yield room
    assert all(path.startswith("/restapi/v2.1/accounts/") for path in room.spoiling.asked)


def key_of(room: Room) -> str:
    return next(iter(room.fake.envelopes))


@pytest.mark.parametrize("hostile", ["html", "torn", "error in 200", "list", "no list"])
def test_what_is_no_list_is_an_error_and_never_an_empty_list(room: Room, hostile: str) -> None:
    room.fake.hostile = hostile
    for ask in (
        lambda: room.esign.find("R-1"), lambda: room.esign.touched(None), lambda: room.esign.facts(key_of(room)),
        lambda: room.esign.files(key_of(room)), lambda: room.esign.send(asked("R-2"), DOCUMENT),
        lambda: room.esign.cancel(key_of(room), "because"), room.esign.templates,
    ):  # fmt: skip
        if hostile == "no list" and ask == room.esign.templates:
            continue
        with pytest.raises(AdapterError) as refused:
            _ = room.run(ask())
        assert TOKEN not in str(refused.value)
    assert len(room.fake.envelopes) == 1
    assert room.fake.envelopes[key_of(room)].is_open


def test_a_page_that_is_shorter_than_was_asked_for_hides_no_envelope(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever went on by what was asked for would step over some, and send their requests a second time."""
    many = [(asked(f"R-{number}"), DOCUMENT) for number in range(1, 8)]
    assert all(one.ok for one in room.run(room.esign.send_all(many)))
    room.clock.advance(timedelta(days=30))  # no transaction id is remembered any more
    answer = room.fake.answer

    def by_three(request: Request) -> Reply:
        return answer(evolve(request, path=request.path.replace("count=1000", "count=3")))

    monkeypatch.setattr(room.fake, "answer", by_three)
    later = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT))
    assert {one.result for one in room.run(later.send_all(many))} == {Result.BOUND}
    assert len(room.fake.envelopes) == len(many)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"status": "sent"}', b'{"envelopeId": "5c9f7a1e-0000-4000-8000-000000000001"}']
)
def test_an_answer_that_shows_another_object_does_not_tell_that_there_is_no_envelope(
    room: Room, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    """No list shows it yet, and its own address answers something else."""
    key = room.run(room.esign.send(asked("R-2"), DOCUMENT)).key
    answer = room.spoiling.fake.answer

    def another(request: Request) -> Reply:
        own = f"/envelopes/{key}?" in request.path
        return evolve(answer(request), body=body) if own else answer(request)

    monkeypatch.setattr(room.spoiling.fake, "answer", another)
    for flow in (room.esign.cancel(key, "superseded"), room.esign.facts(key)):
        with pytest.raises(MalformedReply, match="another object than envelope"):
            _ = room.run(flow)


def test_a_link_to_another_host_is_not_followed(room: Room) -> None:
    room.fake.hostile = "foreign link"
    assert room.run(room.esign.touched(None)).keys == (key_of(room),)


def test_a_status_nobody_documented_is_kept(room: Room) -> None:
    room.fake.hostile = "unknown words"
    facts = room.run(room.esign.facts(key_of(room)))
    assert {fact.raw for fact in facts if isinstance(getattr(fact, "state", None), Unknown)} == {"frozen"}
    assert any(isinstance(fact, RequestFact) and fact.raw == "sent" for fact in facts)


def test_an_instant_with_an_offset_is_the_same_instant(room: Room) -> None:
    before = {fact.at for fact in room.run(room.esign.facts(key_of(room)))}
    room.fake.hostile = "offsets"
    assert {fact.at for fact in room.run(room.esign.facts(key_of(room)))} == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"envelopeId": 7}',
        b'{"envelopeId": "../x"}',
        b'{"envelopeId":"a","envelopeId":"b"}',
    ],
)
@pytest.mark.parametrize("status", [200, 201])
def test_a_sending_whose_reply_nobody_can_read_is_in_doubt(room: Room, body: bytes, status: int) -> None:
    room.spoiling.instead["POST"] = Reply(status=status, body=body)
    with pytest.raises(AmbiguousError):
        _ = room.run(room.esign.send(asked("R-2"), DOCUMENT))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_sending_that_ends_in_a_fault_is_in_doubt_and_sent_once(room: Room, status: int) -> None:
    room.spoiling.instead["POST"] = Reply(status=status, body=b"<html>")
    with pytest.raises(AmbiguousError):
        _ = room.run(room.esign.send(asked("R-2"), DOCUMENT))
    assert room.spoiling.asked[-1].endswith("/envelopes")
    assert sum(path.endswith("/envelopes") for path in room.spoiling.asked) == 2  # the first one's, and this one


@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01T00:00:00Z", "1768469400"])
def test_an_instant_that_is_none_is_an_error_that_names_it(room: Room, wrong: str) -> None:
    told = {**room.fake.envelopes[key_of(room)].shown, "sentDateTime": wrong}
    body = json.dumps({"resultSetSize": "1", "envelopes": [told]}).encode()
    room.spoiling.instead["GET"] = Reply(status=200, headers={"date": "Thu, 01 Jan 2026 00:00:00 GMT"}, body=body)
    with pytest.raises(MalformedReply, match="sentDateTime"):
        _ = room.run(room.esign.facts(key_of(room)))


@pytest.mark.parametrize("broken", [{"recipients": []}, {"recipients": {"signers": {}}}, {"customFields": 7}])
def test_a_part_of_another_type_is_read_as_nothing(room: Room, broken: dict[str, Any]) -> None:
    told = {**room.fake.envelopes[key_of(room)].shown, **broken}
    body = json.dumps({"resultSetSize": "1", "envelopes": [told], "auditEvents": []}).encode()
    room.spoiling.instead["GET"] = Reply(status=200, body=body)
    assert room.run(room.esign.facts(key_of(room)))


def test_what_is_no_pdf_is_no_signed_document(room: Room) -> None:
    for person in asked().recipients:
        room.fake.sign(key_of(room), person.email)
    room.clock.advance(timedelta(minutes=1))
    told = json.dumps({"resultSetSize": "1", "envelopes": [room.fake.envelopes[key_of(room)].shown]}).encode()
    room.spoiling.instead["GET"] = Reply(status=200, body=told)
    with pytest.raises(MalformedReply, match="no PDF"):
        _ = room.run(room.esign.files(key_of(room)))


def test_files_that_are_refused_end_in_a_refusal_in_docusigns_words(room: Room) -> None:
    """Purged documents, say; the envelope itself is still listed as complete."""
    for person in asked().recipients:
        room.fake.sign(key_of(room), person.email)
    room.clock.advance(timedelta(minutes=1))
    told = {"errorCode": "DOCUMENTS_PURGED", "message": "The documents were purged."}
    room.spoiling.purged = Reply(status=400, body=json.dumps(told).encode())
    with pytest.raises(RefusedError, match="DOCUMENTS_PURGED: The documents were purged") as refused:
        _ = room.run(room.esign.files(key_of(room)))
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "base", ["demo.docusign.net", "https://", "ftp://demo.docusign.net", "https://x/restapi", "https://x?a"]
)
def test_an_address_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(InvalidRecord):
        _ = DocuSignSession(base, ACCOUNT)


def test_a_recipient_who_signs_is_still_told_after_the_service_was_down(room: Room) -> None:
    room.fake.hostile = "html"
    with pytest.raises(MalformedReply):
        _ = room.run(room.esign.touched(None))
    room.fake.hostile = ""
    room.fake.sign(key_of(room), ANN.email)
    room.clock.advance(timedelta(minutes=1))
    assert room.run(room.esign.touched(None)).keys == (key_of(room),)


@pytest.mark.parametrize(
    "base", ["https://ann:secret@demo.docusign.net", "https://demo.docusign.net/?token=secret", "https://secret@[::1"]
)
def test_an_address_with_a_password_or_a_token_is_refused_without_showing_it(base: str) -> None:
    with pytest.raises(InvalidRecord, match="not shown") as refused:
        _ = DocuSignSession(base, ACCOUNT)
    assert "secret" not in str(refused.value)


def test_an_address_with_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidRecord, match=r"demo\.docusign\.net:99999"):
        _ = DocuSignSession("https://demo.docusign.net:99999", ACCOUNT)
