"""What is told of a batch that fails when a part of it was written already: that it is in doubt, not that nothing was.

Where each write is a call of its own, one may fail when others are done. Told as one of which nothing happened, the
batch would be sent again before look-ups show what was created, and nobody would ask what its updates have covered.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final, TypeAlias, TypeVar, cast

from attrs import define, field

from clmcrm.errors import AdapterError, AmbiguousError, MalformedReply, TerminalError, TransientError
from clmcrm.ports.calls import Ask, Call, Effect, Flow, Reply, Several

T = TypeVar("T")

Failures: TypeAlias = tuple[type[AdapterError], ...]
_ANY: Final[Failures] = (TransientError, TerminalError)
_FAILED: Final = 400


@define
class _Sent:
    """What came of the calls that write: the replies, and whether one was left without any that can be read."""

    replies: list[Reply] = field(factory=list["Reply"])
    unknown: bool = False


def is_no_failure(reply: Reply) -> bool:
    """Whether a reply says that a call was carried out, by its status alone."""
    return reply.status < _FAILED


def in_doubt_once_written(
    vendor: str, writing: Flow[T], wrote: Callable[[Reply], bool] = is_no_failure, of: Failures = _ANY
) -> Flow[T]:
    """The same flow. It raises `AmbiguousError` for a failure after a call that wrote something, or may have.

    `wrote` says of a reply whether it did, and `of` which failures count. `MalformedReply` stays what it is: it says as
    little about a write.
    """
    sent = _Sent()
    try:
        return (yield from _watched(writing, sent))
    except MalformedReply:
        raise
    except of as problem:
        if not sent.unknown and not any(wrote(reply) for reply in sent.replies):
            raise
        why = f"a part of the batch was written, and the rest not: {problem.what}"
        raise AmbiguousError(vendor, why, problem.request_id) from problem


def _watched(flow: Flow[T], sent: _Sent) -> Generator[Ask, Any, T]:
    reply: Any = None
    failure: Exception | None = None
    try:
        while True:
            ask = flow.send(reply) if failure is None else flow.throw(failure)
            reply, failure = None, None
            inside = Several(tuple(_watched(one, sent) for one in ask.flows)) if isinstance(ask, Several) else ask
            try:
                reply = yield inside
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the flow's own to treat
                failure = error
            if isinstance(ask, Call) and ask.effect is not Effect.NONE:
                if failure is None:
                    sent.replies.append(reply)
                elif not isinstance(failure, AdapterError) or isinstance(failure, AmbiguousError | MalformedReply):
                    sent.unknown = True
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        flow.close()
