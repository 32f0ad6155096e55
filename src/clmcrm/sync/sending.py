"""Sends one batch to one system and says what became of every item, whatever the system throws.

A batch that is rejected as a whole is halved until the poisonous item stands alone; a batch of which
nothing is known is not sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from clmcrm.errors import AdapterError, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Flow, answered
from clmcrm.ports.records import (
    Atomicity,
    Create,
    Fields,
    Outcome,
    Precondition,
    Remove,
    Result,
    Seen,
    Update,
    Write,
)
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.reports import Ended
from clmcrm.sync.steps import Op, Step

_JUDGING: Final = frozenset({400, 409, 412, 413, 422})
"""The statuses that speak of what was sent (RFC 9110, 15.5): it is malformed, or contradicts what is there."""


@frozen(kw_only=True)
class Answer:
    """What became of one item: the record's `key` and `version` after it, and `why` when it was not done.

    `reused` says that our key was used with other values, and what that made is not found. `judged` is False where a
    refusal is about the call (a redirect, a permission) and not about what was to be written.
    `shown` is the record as the answer to the write shows it, None when it does not.
    """

    ended: Ended
    reused: bool = False
    judged: bool = True
    key: str = ""
    version: str = ""
    why: str = ""
    shown: Seen | None = None


def write_of(step: Step, fields: Fields, idempotency_key: str = "") -> Write:
    """The write a step asks for, with `fields` in the side's own keys."""
    if step.op is Op.CREATE:
        return Create(kind=step.kind, mark=step.pair, fields=fields, idempotency_key=idempotency_key)
    key = step.key or ""
    if step.op is Op.REMOVE:
        return Remove(kind=step.kind, key=key, expected=step.expected, idempotency_key=idempotency_key)
    return Update(kind=step.kind, key=key, fields=fields, expected=step.expected, idempotency_key=idempotency_key)


def send(system: AnySystem, writes: Sequence[Write]) -> Flow[list[Answer]]:
    """One answer per write, in order; nothing that the port may raise comes through."""
    if not writes:
        return []
    try:
        outcomes = yield from answered(system.write(writes))
    except AdapterError as error:
        return (yield from _failed(system, writes, error))
    if len(outcomes) != len(writes):
        why = f"{system.system} gave {len(outcomes)} outcomes for {len(writes)} writes"
        return [Answer(ended=Ended.AMBIGUOUS, why=why)] * len(writes)
    if system.capabilities.atomicity is Atomicity.ALL and not any(o.ok for o in outcomes):
        halves = yield from _halved(system, writes)
        if halves:
            return halves
    answers: list[Answer] = []
    for write, outcome in zip(writes, outcomes, strict=True):
        reused = outcome.result is Result.REUSED
        answers.append((yield from _adopted(system, write)) if reused else _answer(system, write, outcome))
    return answers


def _failed(system: AnySystem, writes: Sequence[Write], error: AdapterError) -> Flow[list[Answer]]:
    if isinstance(error, TransientError):
        return [Answer(ended=Ended.DEFERRED, why=str(error))] * len(writes)
    if isinstance(error, TerminalError) and not isinstance(error, MalformedReply):
        halves = yield from _halved(system, writes)
        return halves or [Answer(ended=Ended.REFUSED, why=str(error), judged=_judged(error))]
    # A reply nobody can read says as little about the write as no reply at all.
    return [Answer(ended=Ended.AMBIGUOUS, why=str(error))] * len(writes)


def _judged(error: TerminalError) -> bool:
    return isinstance(error, RefusedError) and error.status in _JUDGING


def check_first(system: AnySystem, writes: Sequence[Write]) -> Flow[list[Answer | None]]:
    """For a system without preconditions: the writes whose record has moved on already, None for the rest.

    This narrows the gap between reading and writing, it does not close it.
    """
    if system.capabilities.precondition is Precondition.ROW:
        return [None] * len(writes)
    keys = sorted({write.key for write in writes if not isinstance(write, Create)})
    if not keys:
        return [None] * len(writes)
    seen = yield from answered(system.read(writes[0].kind, keys))
    versions = {row.key: row.version for row in seen}
    return [_moved_on(write, versions) for write in writes]


def _moved_on(write: Write, versions: dict[str, str]) -> Answer | None:
    if isinstance(write, Create) or versions.get(write.key) == write.expected:
        return None
    ended = Ended.STALE if write.key in versions else Ended.MISSING
    return Answer(ended=ended, why="it moved on before the write")


def _halved(system: AnySystem, writes: Sequence[Write]) -> Flow[list[Answer]]:
    """The answers of both halves; nothing for a single write, which cannot be halved."""
    middle = len(writes) // 2
    if not middle:
        return []
    first = yield from send(system, writes[:middle])
    rest = yield from send(system, writes[middle:])
    return [*first, *rest]


def _adopted(system: AnySystem, write: Write) -> Flow[Answer]:
    """Our key was used with other values (the memory of that is lost): adopt what is there, update it later."""
    if not isinstance(write, Create):
        return Answer(ended=Ended.STALE, key=write.key, why="our key was used with other values: read again")
    why = "our key was used with other values, and no record is found under our mark"
    if not system.capabilities.marks:
        return Answer(ended=Ended.AMBIGUOUS, reused=True, why=why)
    try:
        seen = yield from answered(system.find(write.kind, write.mark))
    except AdapterError as error:
        return Answer(ended=Ended.AMBIGUOUS, why=f"our key was used with other values: {error}")
    if seen is None:
        return Answer(ended=Ended.AMBIGUOUS, reused=True, why=why)
    return Answer(ended=Ended.BOUND, key=seen.key, version=seen.version)


_ENDINGS: Final = {
    Result.DONE: Ended.DONE,
    Result.BOUND: Ended.BOUND,
    Result.STALE: Ended.STALE,
    Result.MISSING: Ended.MISSING,
    Result.REFUSED: Ended.REFUSED,
    Result.REUSED: Ended.AMBIGUOUS,
}


def _answer(system: AnySystem, write: Write, outcome: Outcome) -> Answer:
    if outcome.ok and not outcome.key.strip() and (isinstance(write, Create) or outcome.result is Result.BOUND):
        # Something stands there, and nobody can say which record: that is looked up like a reply that was lost.
        why = f"{system.system} answers {outcome.result.value!r} without the record's key; expected its key"
        return Answer(ended=Ended.AMBIGUOUS, why=why)
    return Answer(
        ended=_ENDINGS[outcome.result],
        key=outcome.key,
        version=outcome.version,
        why=outcome.why,
        shown=outcome.shown,
    )
