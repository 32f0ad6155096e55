"""Sends one batch to one system and says what became of every item, whatever the system throws.

A batch that is rejected as a whole is halved until the poisonous item stands alone; a batch of which
nothing is known is not sent again.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from clmcrm.errors import AmbiguousError, TerminalError, TransientError
from clmcrm.ports.records import (
    Atomicity,
    Create,
    Fields,
    Outcome,
    Precondition,
    Remove,
    Result,
    Update,
    Write,
)
from clmcrm.ports.systems import RecordSystem
from clmcrm.sync.reports import Ended
from clmcrm.sync.steps import Op, Step


@frozen(kw_only=True)
class Answer:
    """What became of one item: the record's `key` and `version` after it, and `why` when it was not done."""

    ended: Ended
    key: str = ""
    version: str = ""
    why: str = ""


def write_of(step: Step, fields: Fields) -> Write:
    """The write a step asks for, with `fields` in the side's own keys."""
    if step.op is Op.CREATE:
        return Create(kind=step.kind, mark=step.pair, fields=fields)
    if step.op is Op.REMOVE:
        return Remove(kind=step.kind, key=step.key or "", expected=step.expected)
    return Update(kind=step.kind, key=step.key or "", fields=fields, expected=step.expected)


def send(system: RecordSystem, writes: Sequence[Write]) -> list[Answer]:
    """One answer per write, in order; nothing that the port may raise comes through."""
    if not writes:
        return []
    try:
        outcomes = system.write(writes)
    except TransientError as error:
        return [Answer(ended=Ended.DEFERRED, why=str(error))] * len(writes)
    except AmbiguousError as error:
        return [Answer(ended=Ended.AMBIGUOUS, why=str(error))] * len(writes)
    except TerminalError as error:
        return _halved(system, writes) or [Answer(ended=Ended.REFUSED, why=str(error))]
    if len(outcomes) != len(writes):
        why = f"{system.system} gave {len(outcomes)} outcomes for {len(writes)} writes"
        return [Answer(ended=Ended.AMBIGUOUS, why=why)] * len(writes)
    whole = system.capabilities.atomicity is Atomicity.ALL and not any(o.ok for o in outcomes)
    return (whole and _halved(system, writes)) or [_answer(outcome) for outcome in outcomes]


def check_first(system: RecordSystem, writes: Sequence[Write]) -> list[Answer | None]:
    """For a system without preconditions: the writes whose record has moved on already, None for the rest.

    This narrows the gap between reading and writing, it does not close it.
    """
    if system.capabilities.precondition is Precondition.ROW:
        return [None] * len(writes)
    keys = sorted({write.key for write in writes if not isinstance(write, Create)})
    if not keys:
        return [None] * len(writes)
    versions = {seen.key: seen.version for seen in system.read(writes[0].kind, keys)}
    return [_moved_on(write, versions) for write in writes]


def _moved_on(write: Write, versions: dict[str, str]) -> Answer | None:
    if isinstance(write, Create) or versions.get(write.key) == write.expected:
        return None
    ended = Ended.STALE if write.key in versions else Ended.MISSING
    return Answer(ended=ended, why="it moved on before the write")


def _halved(system: RecordSystem, writes: Sequence[Write]) -> list[Answer]:
    """The answers of both halves; nothing for a single write, which cannot be halved."""
    middle = len(writes) // 2
    return [*send(system, writes[:middle]), *send(system, writes[middle:])] if middle else []


def _answer(outcome: Outcome) -> Answer:
    ended = {
        Result.DONE: Ended.DONE,
        Result.BOUND: Ended.BOUND,
        Result.STALE: Ended.STALE,
        Result.MISSING: Ended.MISSING,
        Result.REFUSED: Ended.REFUSED,
    }[outcome.result]
    return Answer(ended=ended, key=outcome.key, version=outcome.version, why=outcome.why)
