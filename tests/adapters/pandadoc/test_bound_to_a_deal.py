"""A document is bound to a record of a CRM once, and found by it."""

from __future__ import annotations

from typing import Any

import pytest
from docusign_desk import asked
from pandadoc_desk import Room

from clmcrm.adapters.pandadoc.linking import LinkedRecord, link, linked
from clmcrm.adapters.pandadoc.wire import PandaDocSession
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import AdapterError, AmbiguousError, InvalidRecord, MalformedReply
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Result
from clmcrm.testing.vendors.pandadoc.service import KEY

DEAL = LinkedRecord(provider="hubspot", kind="deal", key="42")
SESSION = PandaDocSession(Secret(KEY))


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_document_is_bound_once_and_found(room: Room) -> None:
    key, other = room.sent(), room.sent(asked("R-2"))
    assert room.run(linked(SESSION, DEAL)) == ()
    assert [room.run(link(SESSION, key, DEAL)).result for _ in range(2)] == [Result.DONE, Result.BOUND]
    assert room.run(link(SESSION, other, DEAL)).result is Result.DONE
    assert set(room.run(linked(SESSION, DEAL))) == {key, other}
    assert len(room.fake.documents[key].linked) == 1
    assert room.front.refused == []


def test_a_second_deal_of_one_crm_is_refused_and_another_crm_is_not(room: Room) -> None:
    key = room.sent()
    assert room.run(link(SESSION, key, DEAL)).result is Result.DONE
    outcome = room.run(link(SESSION, key, LinkedRecord(provider="hubspot", kind="deal", key="43")))
    assert (outcome.result, "hubspot deal 42" in outcome.why) == (Result.REFUSED, True)
    assert room.run(link(SESSION, key, LinkedRecord(provider="pipedrive", kind="deal", key="7"))).result is Result.DONE


def test_a_lost_reply_is_bound_by_asking_again(room: Room) -> None:
    key = room.sent()
    room.fake.lose_next_reply = True
    with pytest.raises(AmbiguousError):
        _ = room.run(link(SESSION, key, DEAL))
    assert room.run(link(SESSION, key, DEAL)).result is Result.BOUND
    assert len(room.fake.documents[key].linked) == 1


@pytest.mark.parametrize("key", ["a" * 22, "../x", ""], ids=str)
def test_a_document_that_is_not_there_is_missing(room: Room, key: str) -> None:
    assert room.run(link(SESSION, key, DEAL)).result is Result.MISSING


def test_what_stands_in_a_key_is_data(room: Room) -> None:
    key = room.sent()
    odd = LinkedRecord(provider="hubspot", kind="deal", key="1&provider=x#é ?")
    assert room.run(link(SESSION, key, odd)).result is Result.DONE
    assert room.run(linked(SESSION, odd)) == (key,)
    assert room.front.refused == []


@pytest.mark.parametrize("body", [b"{}", b"7", b"[7]", b'[{"id": "../x"}]', b"<html>"], ids=str)
def test_what_is_no_list_of_documents_is_an_error(room: Room, body: bytes) -> None:
    room.instead["GET"] = Reply(status=200, body=body)
    with pytest.raises(MalformedReply):
        _ = room.run(linked(SESSION, DEAL))


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_refusal_is_no_empty_list(room: Room, status: int) -> None:
    room.instead["GET"] = Reply(status=status, body=b'{"type": "x", "detail": "no"}')
    with pytest.raises(AdapterError):
        _ = room.run(linked(SESSION, DEAL))


@pytest.mark.parametrize("wrong", [{"provider": ""}, {"kind": ""}, {"key": ""}], ids=str)
def test_a_record_without_a_name_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord):
        _ = LinkedRecord(**{"provider": "hubspot", "kind": "deal", "key": "42", **wrong})
