"""A process killed at any call of a sending, before or after it arrived: resumed, one document goes out once."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from docusign_desk import ANN, BEN, DOCUMENT, asked
from pandadoc_desk import Room

from clmcrm.clm.signature import SignatureRequest
from clmcrm.errors import AdapterError
from clmcrm.ports.records import Outcome, Result

MOST_RUNS = 4


class Killed(BaseException):
    """The process is no more."""


def run_and_kill(room: Room, request: SignatureRequest, at: int, *, arrived: bool) -> Outcome | None:
    """Send, and be killed at the call of that number: before it leaves, or after it was carried out."""
    numbers, flow = count(1), room.another().send(request, DOCUMENT)
    answer = room.answer

    def killing(told: Any) -> Any:
        if next(numbers) != at:
            return answer(told)
        if arrived:
            _ = answer(told)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "answer", killing)
        try:
            return room.run(flow)
        except Killed:
            return None


@pytest.mark.parametrize("arrived", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 15))
def test_killed_at_any_call_and_resumed_it_is_made_and_sent_once(at: int, arrived: bool) -> None:
    room = Room(rendering=timedelta(seconds=2))
    request = asked("R-1", ANN, BEN, remind_after=3, expires_at=room.clock() + timedelta(days=9))
    first = run_and_kill(room, request, at, arrived=arrived)
    outcomes: list[Outcome] = [] if first is None else [first]
    for _ in range(MOST_RUNS):
        room.settle()
        try:
            outcomes.append(room.run(room.another().send(request, DOCUMENT)))
        except AdapterError:
            continue
    (document,) = room.fake.documents.values()
    assert document.status == "document.sent"
    assert [entry["action"] for entry in document.trail].count(6) == 1
    assert (len(document.fields), document.reminders["initial_delay_days"], document.settings["expires_in"]) == (
        2,
        3,
        9,
    )
    assert {outcome.key for outcome in outcomes} == {document.id}
    assert [outcome.result for outcome in outcomes][1:] == [Result.BOUND] * (len(outcomes) - 1)
    assert room.front.refused == []


def test_every_call_of_a_sending_is_among_those_that_are_killed() -> None:
    room = Room(rendering=timedelta(seconds=2))
    _ = room.sent(asked("R-1", ANN, BEN, remind_after=3, expires_at=room.clock() + timedelta(days=9)))
    assert 9 <= room.transport.calls <= 14
