"""Idempotency keys as a vendor remembers them: the same body again does nothing, another body is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

from attrs import evolve

from clmcrm.ports.records import Create, Outcome, Result, Write

Known: TypeAlias = dict[str, tuple[Write, Outcome, datetime]]
"""What was done under each key: the write, its outcome, and when."""


class RememberedKeys:
    """What was done under each key in the last `window`, by `clock`; a write without a key is never remembered."""

    def __init__(self, window: timedelta, clock: Callable[[], datetime]) -> None:
        self._window = window
        self._clock = clock
        self._done: Known = {}

    def outcome(self, write: Write) -> Outcome | None:
        """What to answer at once: what became of the same write before, REUSED for another one; None: do it.

        >>> from clmcrm.adapters.memory import ticking_clock
        >>> keys = RememberedKeys(timedelta(hours=1), ticking_clock())
        >>> one = Create(kind="account", mark="a", fields={"name": "Durand"}, idempotency_key="k")
        >>> keys.remember(one, Outcome(result=Result.DONE, key="A1"))
        >>> keys.outcome(one).result.value, keys.outcome(evolve(one, fields={})).result.value
        ('bound', 'reused')
        """
        found = self._done.get(write.idempotency_key)
        if found is None or self._clock() - found[2] >= self._window:
            return None
        before, outcome, _ = found
        if before != write:
            why = f"the key {write.idempotency_key} was used before with other values"
            return Outcome(result=Result.REUSED, key=outcome.key, version=outcome.version, why=why)
        return evolve(outcome, result=Result.BOUND) if isinstance(write, Create) else outcome

    def remember(self, write: Write, outcome: Outcome) -> None:
        """Keep what was done; what failed may be tried again under the same key."""
        if write.idempotency_key and outcome.ok:
            self._done[write.idempotency_key] = write, outcome, self._clock()

    def kept(self, writes: Iterable[Write]) -> Known:
        """What is kept under the keys of these writes, for `take_back` after a batch that is undone."""
        return {key: self._done[key] for one in writes if (key := one.idempotency_key) in self._done}

    def take_back(self, write: Write, before: Known) -> None:
        """Forget a write that was undone with its batch; what was done under its key `before` stays remembered."""
        _ = self._done.pop(write.idempotency_key, None)
        if write.idempotency_key in before:
            self._done[write.idempotency_key] = before[write.idempotency_key]
