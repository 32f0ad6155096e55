"""A batch that fails when a part of it was written is in doubt; one of which nothing was is what its failure says."""

from __future__ import annotations

from typing import Any

import pytest

from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.errors import AmbiguousError, MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Call, Effect, Flow, Reply, Several, together

GOOD, BAD = Reply(status=200), Reply(status=422)
LATER = TransientError("acme", "too many calls")


def call(effect: Effect) -> Flow[Reply]:
    reply: Reply = yield Call(method="POST", url="https://acme.example/", vendor="acme", effect=effect)
    return reply


def one_after_another(*effects: Effect) -> Flow[int]:
    for effect in effects:
        _ = yield from call(effect)
    return len(effects)


def run(flow: Flow[Any], *answers: Reply | Exception) -> Any:
    """Answer the calls in turn, those of several flows one flow after another, all of them."""
    left = iter(answers)

    def driven(inner: Flow[Any]) -> Any:
        reply: Any = None
        failure: Exception | None = None
        while True:
            try:
                ask = inner.send(reply) if failure is None else inner.throw(failure)
            except StopIteration as end:
                return end.value
            reply, failure = None, None
            if isinstance(ask, Several):
                results: list[Any] = []
                for each in ask.flows:
                    try:
                        results.append(driven(each))
                    except Exception as error:  # noqa: BLE001 - as a driver does
                        failure = failure or error
                reply = tuple(results)
            else:
                told = next(left)
                failure, reply = (told, None) if isinstance(told, Exception) else (None, told)

    return driven(in_doubt_once_written("acme", flow))


@pytest.mark.parametrize("failure", [LATER, RefusedError("acme", "no", status=401)])
def test_a_failure_after_a_write_leaves_the_batch_in_doubt(failure: Exception) -> None:
    with pytest.raises(AmbiguousError, match="a part of the batch was written, and the rest not"):
        _ = run(one_after_another(Effect.ONCE, Effect.ONCE), GOOD, failure)
    with pytest.raises(AmbiguousError):  # the read after the write
        _ = run(one_after_another(Effect.KEYED, Effect.NONE), GOOD, failure)


@pytest.mark.parametrize(
    ("effects", "answers"),
    [
        ((Effect.ONCE,), (LATER,)),
        ((Effect.NONE, Effect.ONCE), (GOOD, LATER)),
        ((Effect.ONCE, Effect.ONCE), (BAD, LATER)),
    ],
    ids=["the first", "after a read", "after one that was refused"],
)
def test_where_nothing_was_written_a_failure_stays_what_it_is(effects: Any, answers: Any) -> None:
    with pytest.raises(TransientError):
        _ = run(one_after_another(*effects), *answers)


def test_of_writes_side_by_side_one_that_was_done_is_enough_whichever_failed_first() -> None:
    for answers in ((LATER, GOOD), (GOOD, LATER), (LATER, AmbiguousError("acme", "no reply"))):
        with pytest.raises(AmbiguousError):
            _ = run(together([call(Effect.ONCE), call(Effect.ONCE)]), *answers)
    with pytest.raises(TransientError):
        _ = run(together([call(Effect.ONCE), call(Effect.ONCE)]), LATER, LATER)


def test_a_reply_that_nobody_can_read_stays_one_and_counts_as_a_write() -> None:
    torn = MalformedReply("acme", "POST /", "torn")
    with pytest.raises(MalformedReply):
        _ = run(one_after_another(Effect.ONCE), torn)
    with pytest.raises(AmbiguousError):
        _ = run(together([call(Effect.ONCE), call(Effect.ONCE)]), LATER, torn)


def test_a_batch_that_is_carried_out_is_told_as_without_it() -> None:
    assert run(one_after_another(Effect.ONCE, Effect.NONE), GOOD, BAD) == 2
    assert run(together([call(Effect.ONCE), call(Effect.NONE)]), GOOD, BAD) == (GOOD, BAD)
