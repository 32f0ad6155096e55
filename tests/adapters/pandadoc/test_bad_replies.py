"""Whatever comes back: no crash, no silent loss, no request to another origin, and never a secret in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from docusign_desk import ANN, DOCUMENT, asked
from hypothesis import example, given
from hypothesis import strategies as st
from pandadoc_desk import Room

from clmcrm.adapters.pandadoc.definition import mark_of
from clmcrm.adapters.pandadoc.feed import Place, place_of
from clmcrm.adapters.pandadoc.listing import Listing
from clmcrm.adapters.pandadoc.reading import facts_of
from clmcrm.adapters.pandadoc.wire import PandaDocSession
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import (
    AdapterError,
    AmbiguousError,
    InvalidRecord,
    MalformedReply,
    RefusedError,
    TerminalError,
)
from clmcrm.ports.calls import Call, Reply
from clmcrm.ports.records import Result
from clmcrm.testing.vendors.pandadoc.service import KEY

DATE = {"date": "Thu, 01 Jan 2026 00:00:00 GMT"}


@pytest.fixture
def room() -> Room:
    return Room()


def asking(room: Room, key: str) -> tuple[Callable[[], Any], ...]:
    esign = room.esign
    return (
        lambda: esign.find("R-1"), lambda: esign.touched(None), lambda: esign.facts(key), lambda: esign.files(key),
        lambda: esign.send(asked("R-2"), DOCUMENT), lambda: esign.cancel(key, "because"), lambda: esign.document(key),
    )  # fmt: skip


@pytest.mark.parametrize("hostile", ["html", "torn", "error in 200", "list", "no data"])
def test_what_is_no_answer_is_an_error_and_never_an_absence(room: Room, hostile: str) -> None:
    key = room.sent()
    room.fake.hostile = hostile
    for ask in asking(room, key):
        with pytest.raises(AdapterError) as refused:
            _ = room.run(ask())
        assert KEY not in str(refused.value)
    assert len(room.fake.documents) == 1
    assert room.fake.documents[key].status == "document.sent"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 423])
def test_a_list_that_is_refused_is_no_empty_list(room: Room, status: int) -> None:
    _ = room.sent()
    room.instead["GET"] = Reply(status=status, headers=DATE, body=b'{"type": "x", "detail": "no"}')
    for flow in (room.another().find("R-1"), room.esign.touched(None), room.another().send(asked(), DOCUMENT)):
        with pytest.raises(AdapterError):
            _ = room.run(flow)
    assert len(room.fake.documents) == 1


def test_a_list_that_does_not_keep_to_our_id_binds_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    key = room.sent()
    answer = room.fake.answer

    def unfiltered(request: Any) -> Reply:
        if "metadata" in request.path:  # an older interface that does not know the filter
            return Reply(status=200, headers=DATE, body=json.dumps({"results": [{"id": key}]}).encode())
        return answer(request)

    monkeypatch.setattr(room.fake, "answer", unfiltered)
    for flow in (room.another().find("R-2"), room.another().send(asked("R-2"), DOCUMENT)):
        with pytest.raises(MalformedReply, match="does not keep to the metadata"):
            _ = room.run(flow)
    assert len(room.fake.documents) == 1


@pytest.mark.parametrize(
    "status", [None, "", 7, "document.frozen"], ids=["none", "an empty one", "a number", "unknown"]
)
@pytest.mark.parametrize("again", [False, True], ids=["at once", "by a later look-up"])
def test_a_document_that_tells_no_status_is_not_taken_for_sent(
    room: Room, monkeypatch: pytest.MonkeyPatch, again: bool, status: Any
) -> None:
    answer = room.fake.answer
    if again:
        room.fake.lose_next_reply = True
        with pytest.raises(AmbiguousError):
            _ = room.run(room.esign.send(asked(), DOCUMENT))
        room.settle()

    def spoiling(request: Any) -> Reply:
        reply = answer(request)
        if not request.path.endswith("/details"):
            return reply
        return Reply(status=200, headers=DATE, body=json.dumps({**json.loads(reply.body), "status": status}).encode())

    monkeypatch.setattr(room.fake, "answer", spoiling)
    with pytest.raises(MalformedReply, match="it tells no time of sending"):
        _ = room.run(room.another().send(asked(), DOCUMENT))
    monkeypatch.undo()
    room.settle()
    assert room.run(room.another().send(asked(), DOCUMENT)).result is Result.DONE
    assert len(room.fake.documents) == 1


def test_details_that_lag_behind_the_status_are_not_taken_for_a_document_that_was_sent(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = room.fake.answer

    def late(request: Any) -> Reply:
        reply = answer(request)
        if not request.path.endswith("/details") or reply.status != 200:
            return reply
        told = {**json.loads(reply.body), "status": "document.uploaded"}
        return Reply(status=200, headers=DATE, body=json.dumps(told).encode())

    monkeypatch.setattr(room.fake, "answer", late)
    with pytest.raises(AmbiguousError, match="ask again"):
        _ = room.run(room.esign.send(asked(), DOCUMENT))
    monkeypatch.undo()
    assert room.run(room.esign.send(asked(), DOCUMENT)).result is Result.DONE
    assert len(room.fake.documents) == 1


def test_a_deleted_document_that_tells_no_status_is_an_error_and_neither_sent_nor_unsent(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = room.fake.answer

    def without(request: Any) -> Reply:
        row = json.dumps({"results": [{"id": "msFYActMfJHqNTKH8YSvF1"}]}).encode()
        return Reply(status=200, headers=DATE, body=row) if "deleted=true" in request.path else answer(request)

    monkeypatch.setattr(room.fake, "answer", without)
    for flow in (room.esign.send(asked(), DOCUMENT), room.esign.find("R-1")):
        with pytest.raises(MalformedReply, match="msFYActMfJHqNTKH8YSvF1 without a status"):
            _ = room.run(flow)
    assert not room.fake.documents


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"id": 7}', b'{"id": "../x"}', b'{"id":"a","id":"b"}'],
    ids=["nothing", "a page", "a list", "an empty object", "a number", "a path", "a key twice"],
)
def test_a_making_whose_reply_nobody_can_read_is_in_doubt(room: Room, body: bytes) -> None:
    room.instead["POST"] = Reply(status=201, headers=DATE, body=body)
    with pytest.raises(AmbiguousError):
        _ = room.run(room.esign.send(asked(), DOCUMENT))
    assert sum(path.startswith("POST") for path in room.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_making_that_ends_in_a_fault_is_in_doubt_and_asked_for_once(room: Room, status: int) -> None:
    room.instead["POST"] = Reply(status=status, headers=DATE, body=b"<html>")
    with pytest.raises(AmbiguousError):
        _ = room.run(room.esign.send(asked(), DOCUMENT))
    assert sum(path.startswith("POST") for path in room.asked) == 1


ERROR = b'{"type": "request_error", "detail": "try later"}'


@pytest.mark.parametrize("body", [ERROR, b"{}"], ids=["an error", "an empty object"])
@pytest.mark.parametrize("spoiled", ["/send", "/settings", "/auto-reminders"])
def test_a_step_that_is_answered_by_200_and_nothing_of_use_is_not_taken_for_done(
    room: Room, monkeypatch: pytest.MonkeyPatch, spoiled: str, body: bytes
) -> None:
    answer = room.fake.answer

    def spoiling(request: Any) -> Reply:
        here = request.method != "GET" and request.path.endswith(spoiled)
        return Reply(status=200, headers=DATE, body=body) if here else answer(request)

    request = asked("R-1", remind_after=3, expires_at=room.clock() + timedelta(days=9))
    with monkeypatch.context() as patch:
        patch.setattr(room.fake, "answer", spoiling)
        try:
            assert room.run(room.esign.send(request, DOCUMENT)).result is Result.REFUSED
        except AdapterError as refused:
            assert isinstance(refused, AmbiguousError)  # noqa: PT017 - either is right
    (document,) = room.fake.documents.values()
    assert document.sent is None
    assert room.run(room.esign.send(request, DOCUMENT)).result is Result.DONE
    assert (document.settings["expires_in"], document.reminders["initial_delay_days"]) == (9, 3)


def test_a_refusal_of_version_2_is_told_in_pandadocs_words(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings and the trail are of version 2, whose errors have other names than those of version 1."""
    answer = room.fake.answer
    told = {"code": "bad_request", "details": [{"code": "min_value", "pointer": "/expires_in", "data": None}]}

    def refusing(request: Any) -> Reply:
        here = request.path.endswith("/settings")
        return Reply(status=400, headers=DATE, body=json.dumps(told).encode()) if here else answer(request)

    monkeypatch.setattr(room.fake, "answer", refusing)
    outcome = room.run(room.esign.send(asked("R-1", expires_at=room.clock() + timedelta(days=9)), DOCUMENT))
    assert outcome.result is Result.REFUSED
    assert "bad_request" in outcome.why
    assert "/expires_in" in outcome.why


def test_a_voiding_that_is_answered_by_an_error_in_200_is_not_taken_for_done(room: Room) -> None:
    key = room.sent()
    room.instead["PATCH"] = Reply(status=200, headers=DATE, body=ERROR)
    outcome = room.run(room.esign.cancel(key, "because"))
    assert (outcome.result, "try later" in outcome.why) == (Result.REFUSED, True)


def test_a_document_shown_for_another_is_an_error(room: Room) -> None:
    key = room.sent()
    other = room.sent(asked("R-2"))
    shown = json.dumps(room.fake.documents[other].details).encode()
    room.instead["GET"] = Reply(status=200, headers=DATE, body=shown)
    with pytest.raises(MalformedReply, match="another document"):
        _ = room.run(room.esign.facts(key))


@pytest.mark.parametrize(
    "row", [7, {}, {"id": 7}, {"id": "../x"}], ids=["a number", "no id", "a number for it", "a path"]
)
def test_a_row_that_is_no_document_is_not_left_out_quietly(room: Room, row: Any) -> None:
    room.instead["GET"] = Reply(status=200, headers=DATE, body=json.dumps({"results": [row]}).encode())
    with pytest.raises(MalformedReply, match="no document"):
        _ = room.run(room.esign.touched(None))


@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01T00:00:00Z", 1768469400, True, "0001-01-01T00:00:00+23:59"])
@pytest.mark.parametrize("name", ["date_created", "date_sent", "date_modified"])
def test_an_instant_that_is_none_is_an_error_that_names_it(name: str, wrong: Any) -> None:
    told = {"id": "d", "status": "document.frozen", name: wrong}
    with pytest.raises(MalformedReply, match=name):
        _ = facts_of(told)


def test_an_instant_with_an_offset_is_the_same_instant_and_one_without_is_utc() -> None:
    for told in ("2026-01-01T10:00:00+01:00", "2026-01-01T09:00:00Z", "2026-01-01T09:00:00"):
        (fact,) = facts_of({"id": "d", "status": "document.sent", "date_sent": told})
        assert fact.at.isoformat() == "2026-01-01T09:00:00+00:00"


@pytest.mark.parametrize(
    "broken", [{"recipients": {}}, {"recipients": ["x"]}, {"fields": 7}, {"metadata": []}, {"status": 7}], ids=str
)
def test_a_part_of_another_type_is_read_as_nothing(broken: dict[str, Any]) -> None:
    told = {"id": "d", "status": "document.sent", "date_sent": "2026-01-01T09:00:00Z", **broken}
    assert facts_of(told)


def test_a_trail_that_may_not_be_read_says_so_and_what_to_do() -> None:
    room = Room(administrator=False)
    key = room.sent()
    room.fake.view(key, ANN.email)
    with pytest.raises(RefusedError, match="audit=False"):
        _ = room.run(room.esign.facts(key))


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b'{"type": "x", "detail": "no"}'), (409, b"{}"), (200, b"{}"), (200, b'{"results": 7}'), (500, b"<html>")],
    ids=["missing", "another state", "an empty object", "a number", "a fault"],
)
def test_a_trail_that_does_not_come_is_an_error_and_no_trail_without_entries(
    room: Room, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    key = room.sent()
    room.fake.view(key, ANN.email)
    answer = room.fake.answer

    def no_trail(request: Any) -> Reply:
        here = "audit-trail" in request.path
        return Reply(status=status, headers=DATE, body=body) if here else answer(request)

    monkeypatch.setattr(room.fake, "answer", no_trail)
    with pytest.raises(AdapterError):
        _ = room.run(room.esign.facts(key))
    monkeypatch.setattr(room.fake, "answer", answer)
    assert len(room.run(room.esign.facts(key))) > 3


def test_what_is_no_pdf_is_no_signed_document(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    key = room.sent()
    for person in asked().recipients:
        room.fake.sign(key, person.email)
    answer = room.fake.answer

    def no_pdf(request: Any) -> Reply:
        return Reply(status=200, headers=DATE, body=b"<html>") if "download" in request.path else answer(request)

    monkeypatch.setattr(room.fake, "answer", no_pdf)
    with pytest.raises(MalformedReply, match="no PDF"):
        _ = room.run(room.esign.files(key))


def test_a_link_to_another_host_is_not_followed(room: Room) -> None:
    key = room.sent()
    rows = [{**room.fake.documents[key].row, "links": [{"rel": "next", "href": "https://evil.example/public"}]}]
    told = {"results": rows, "next": "https://evil.example/public/v1/documents?page=2"}
    room.instead["GET"] = Reply(status=200, headers=DATE, body=json.dumps(told).encode())
    assert room.run(room.esign.touched(None)).keys == (key,)
    assert all(path.split(" ")[1].startswith("/public/v") for path in room.asked)


@pytest.mark.parametrize("key", ["../contacts", "", "a" * 65, "a?deleted=true", "a/b", "ä"], ids=str)
def test_a_key_of_another_form_asks_nothing(room: Room, key: str) -> None:
    for flow in (room.esign.facts(key), room.esign.files(key), room.esign.document(key)):
        with pytest.raises(TerminalError):
            _ = room.run(flow)
    assert room.run(room.esign.cancel(key, "because")).result is Result.MISSING
    assert room.transport.calls == 0


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "[]", "[1]", '["else",null,null,1,null,{}]', '["changed","x",null,1,null,{}]', "7", "null", "[" * 9999,
        '["changed","2026-01-01T00:00:00",null,1,null,{}]', '["changed","0001-01-01T00:00:00Z",null,1,null,{}]',
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_a_cursor_it_never_gave_is_refused(room: Room, cursor: str) -> None:
    with pytest.raises(TerminalError, match="no cursor"):
        _ = room.run(room.esign.touched(cursor))


@given(st.text(max_size=20), st.text(max_size=20))
@example("a&deleted=true", "R-1#")
def test_any_sender_and_any_id_is_a_value_of_the_filter_and_no_two_are_one(sender: str, request_id: str) -> None:
    mark = mark_of(sender, request_id)
    assert mark.isascii()
    assert mark.isalnum()
    assert mark != mark_of(sender, f"{request_id}x")
    assert mark != mark_of(f"{sender}x", request_id)
    assert parse_qs(urlsplit(f"/x?m={mark}").query) == {"m": [mark]}


def test_a_cursor_is_read_as_it_was_written() -> None:
    room = Room()
    _ = room.sent()
    page = room.run(room.esign.touched(None))
    assert place_of(page.cursor).text() == page.cursor
    assert place_of(None) == Place()


@pytest.mark.parametrize("page", [0, 101, -1])
def test_a_page_that_pandadoc_does_not_list_is_refused(page: int) -> None:
    with pytest.raises(InvalidRecord, match="1 to 100"):
        _ = Room(page=page)


def test_the_key_stands_in_no_repr_and_a_token_is_a_bearers() -> None:
    assert "secret" not in repr(PandaDocSession(Secret("secret")))
    flow = PandaDocSession(Secret("token"), bearer=True).get("v1/documents")
    call: Any = next(flow)
    assert call.headers["authorization"] == "Bearer token"
    assert "token" not in repr(call)


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("most", [20, 100])
def test_a_trail_is_read_to_its_end_however_many_entries_a_page_holds(most: int, *, counted: bool) -> None:
    entries = [{"id": f"e{number}", "action": 8} for number in range(250)]
    flow = Listing(PandaDocSession(Secret("a key")), "clmcrm").trail("d1")
    call, read = next(flow), 0
    try:
        while True:
            assert isinstance(call, Call)
            assert f"offset={read}" in call.url
            page = entries[read : read + most]
            read += len(page)
            told = {"results": page, **({"count": len(entries)} if counted else {})}
            call = flow.send(Reply(status=200, body=json.dumps(told).encode()))
    except StopIteration as end:
        found = end.value
    # Without a count a short page is the last one: nothing else says where the trail ends.
    assert len(found) == (250 if counted or most == 100 else 20)
