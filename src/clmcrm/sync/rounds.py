"""In which order the writes of a plan go out: in batches, and as many of these side by side as may.

The rule of the file: a step that refers to a record of its own batch or round would lack that record's key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clmcrm.ports.records import Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.groundwork import pointed_at
from clmcrm.sync.ownership import Rules
from clmcrm.sync.steps import Plan, Step

Writers = Mapping[Side, AnySystem]


def rounds_of(todo: Plan, writers: Writers) -> Iterator[list[list[Step]]]:
    """The batches in order, as many at a time as may go side by side.

    Within a round nothing refers to what the same round creates, and every batch goes to the same side.
    """
    round_: list[list[Step]] = []
    for batch in _batches(todo, writers):
        if round_ and not _beside(round_, batch, writers, todo.rules):
            yield round_
            round_ = []
        round_.append(batch)
    if round_:
        yield round_


def _batches(todo: Plan, writers: Writers) -> Iterator[list[Step]]:
    """The remote steps in order, as many of one kind and side at a time as its system takes.

    A step that refers to a record of the same batch begins a new one: it needs that record's key.
    """
    batch: list[Step] = []
    for step in todo.steps:
        if not step.op.remote:
            continue
        if batch and not _together(batch, step, writers, todo.rules):
            yield batch
            batch = []
        batch.append(step)
    if batch:
        yield batch


def _together(batch: Sequence[Step], step: Step, writers: Writers, rules: Rules) -> bool:
    first = batch[0]
    if first.op is not step.op or first.side is not step.side or first.kind != step.kind:
        return False
    system = writers.get(first.side) if first.side else None
    if system is not None and len(batch) >= system.capabilities.batch_size:
        return False
    needed = pointed_at(step, rules.of(step.kind))
    return not needed or not any(other.pair in needed for other in batch)


def _beside(round_: Sequence[Sequence[Step]], batch: Sequence[Step], writers: Writers, rules: Rules) -> bool:
    first = round_[0][0]
    system = writers.get(first.side) if first.side else None
    if system is None or len(round_) >= system.capabilities.in_flight or first.side is not batch[0].side:
        return False
    coming = {step.pair for steps in round_ for step in steps}
    return not any(
        step.pair in coming or not coming.isdisjoint(pointed_at(step, rules.of(step.kind))) for step in batch
    )
