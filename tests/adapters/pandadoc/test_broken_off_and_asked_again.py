"""A sending that fails at any call, in any way, and is asked again by another process, as its error says: once sent."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

import pytest
from docusign_desk import ANN, BEN, DOCUMENT, asked
from pandadoc_desk import Room, put

from clmcrm.adapters.pandadoc.esign import LAG
from clmcrm.errors import AdapterError, AmbiguousError, MalformedReply, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Outcome, Result

MOST_CALLS = 14
MOST_RUNS = 6
FAILURES: dict[str, Any] = {
    **{f"status {status}": status for status in (403, 404, 409, 410, 423, 429, 500, 503)},
    "no answer": AmbiguousError("pandadoc", "the connection broke"),
    "not sent": TransientError("pandadoc", "no connection"),
    "nothing": b"", "no object": b"[]", "an empty object": b"{}", "a page": b"<html>",
}  # fmt: skip


def reply(room: Room, status: int, body: bytes) -> Reply:
    return Reply(status=status, headers={"date": format_datetime(room.clock(), usegmt=True)}, body=body)


def failing(room: Room, patch: pytest.MonkeyPatch, at: int, failure: Any, *, lasting: bool) -> None:
    """From the call of that number the service fails: before it does anything, or, with a body, after it."""
    numbers, answer = count(1), room.answer

    def instead(told: Any) -> Any:
        number = next(numbers)
        if number < at or (number > at and not lasting):
            return answer(told)
        if isinstance(failure, AdapterError):
            raise failure
        if isinstance(failure, int):
            return reply(room, failure, b"{}")
        return reply(room, answer(told).status, failure)

    patch.setattr(room, "answer", instead)


def asked_again(room: Room) -> list[Outcome]:
    """What came of asking until there is an outcome, each time by a process that remembers nothing.

    What is told as of unknown outcome waits until lists show it; what is told as not carried out is asked at once.
    """
    for _ in range(MOST_RUNS):
        try:
            return [room.run(room.another().send(asked("R-1", ANN, BEN, remind_after=3), DOCUMENT))]
        except TransientError:
            continue
        except AdapterError:
            room.clock.advance(LAG)
    return []


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for a while"])
@pytest.mark.parametrize("at", range(1, MOST_CALLS))
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_whatever_fails_at_any_call_it_is_sent_once_and_said_to_be_sent_only_then(
    failure: Any, at: int, lasting: bool
) -> None:
    room = Room(rendering=timedelta(seconds=2))
    first: list[Outcome] = []
    with pytest.MonkeyPatch.context() as patch:
        failing(room, patch, at, failure, lasting=lasting)
        try:
            first = [room.run(room.another().send(asked("R-1", ANN, BEN, remind_after=3), DOCUMENT))]
        except TransientError:
            pass
        except AdapterError:
            room.clock.advance(LAG)
    outcomes = first or asked_again(room)
    sent = [one.id for one in room.fake.documents.values() if one.sent is not None]
    assert [one.key for one in outcomes if one.ok] == sent
    room.settle()
    if sent:
        again = asked_again(room)
        assert [(one.result, one.key) for one in again] == [(Result.BOUND, sent[0])]
        assert room.run(room.another().find("R-1")) == sent[0]
    assert sum(one.sent is not None for one in room.fake.documents.values()) == len(sent)
    assert all([entry["action"] for entry in one.trail].count(6) <= 1 for one in room.fake.documents.values())


def test_a_draft_beside_a_document_that_went_out_under_its_id_is_not_sent() -> None:
    room = Room()
    with pytest.MonkeyPatch.context() as patch:
        failing(room, patch, 4, 500, lasting=True)
        with pytest.raises(AmbiguousError):
            _ = room.run(room.another().send(asked("R-1", ANN), DOCUMENT))
    sent = put(room, 1)  # by somebody who did not wait for the list
    room.settle()
    assert room.run(room.another().find("R-1")) == sent
    outcome = room.run(room.another().send(asked("R-1", ANN), DOCUMENT))
    assert (outcome.result, outcome.key, len(room.fake.documents)) == (Result.BOUND, sent, 2)
    assert [one.sent is not None for one in room.fake.documents.values()] == [False, True]


def test_what_an_approval_holds_back_after_a_lost_reply_is_not_refused() -> None:
    """Sent again under another id it would go out twice once the approval is given."""
    room = Room()
    room.fake.approval = True
    answer, lost = room.fake.answer, list[str]()

    def losing(told: Any) -> Any:
        if told.path.endswith("/send") and not lost:
            lost.append(told.path)
            room.fake.lose_next_reply = True
        return answer(told)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room.fake, "answer", losing)
        with pytest.raises(AmbiguousError, match="waiting_approval"):
            _ = room.run(room.esign.send(asked(), DOCUMENT))
    assert len(lost) == 1


@pytest.mark.parametrize("said", [{}, {"status": None}, {"status": "document.frozen"}])
def test_a_refused_sending_whose_document_shows_no_status_is_not_told_as_sent(said: dict[str, Any]) -> None:
    room, looks = Room(), list[str]()
    answer = room.answer

    def instead(told: Any) -> Any:
        if told.path.endswith("/send"):
            looks.append(told.path)
            return reply(room, 409, b'{"type": "request_error", "detail": "Conflict"}')
        return reply(room, 200, json.dumps(said).encode()) if looks else answer(told)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "answer", instead)
        with pytest.raises(MalformedReply, match="it tells no time of sending"):
            _ = room.run(room.esign.send(asked(), DOCUMENT))


@pytest.mark.parametrize("status", ["document.draft", "document.uploaded", "document.rejected"])
def test_an_answer_to_a_sending_that_shows_a_draft_is_not_told_as_sent(status: str) -> None:
    room = Room()
    answer = room.answer

    def instead(told: Any) -> Any:
        return (
            reply(room, 200, json.dumps({"status": status}).encode()) if told.path.endswith("/send") else answer(told)
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "answer", instead)
        with pytest.raises(AmbiguousError, match=status):
            _ = room.run(room.esign.send(asked(), DOCUMENT))
