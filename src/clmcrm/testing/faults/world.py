"""One history's chance, clock and trace: everything that happens draws from here, so a seed repeats it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from random import Random
from typing import Final

from attrs import define, field

FIRST: Final = datetime(2026, 5, 7, 12, tzinfo=UTC)
SECOND: Final = 1000
"""Milliseconds: the clock of a history counts them."""


class PowerCutError(BaseException):
    """The process dies here; nothing may catch it."""


def dice_of(seed: str) -> Random:
    """The chance of a history; the same for the same seed in every process and version of Python."""
    return Random(seed)  # noqa: S311 - histories are to be repeated, not kept secret


@define(eq=False)
class World:
    """Clock, chance and trace of one history.

    `now` are milliseconds since `FIRST`; `faulty` says whether anything may still break; `counts` tell how
    often what happened; `landings` are writes on their way, with the instant at which they arrive.
    """

    seed: str
    dice: Random = field(init=False)
    now: int = 0
    faulty: bool = True
    counts: Counter[str] = field(factory=Counter[str])
    landings: list[tuple[int, Callable[[], object]]] = field(factory=list[tuple[int, Callable[[], object]]])
    between: Callable[[], object] = field(default=lambda: None)
    """What people may do at any moment."""
    crash_rate: float = 0.0
    _trace: list[str] = field(factory=list[str])

    def __attrs_post_init__(self) -> None:
        self.dice = dice_of(self.seed)

    def clock(self) -> datetime:
        """The present instant."""
        return FIRST + timedelta(milliseconds=self.now)

    def tell(self, what: str) -> None:
        """Add a line to the trace."""
        self._trace.append(f"{self.now} {what}")

    @property
    def trace(self) -> str:
        """A hash of all that happened."""
        return blake2b("\n".join(self._trace).encode(), digest_size=8).hexdigest()

    @property
    def story(self) -> tuple[str, ...]:
        """All that happened, line by line."""
        return tuple(self._trace)

    def chance(self, rate: float) -> bool:
        """Whether something of this rate happens now; never once the faults have stopped."""
        return self.faulty and rate > 0 and self.dice.random() < rate

    def wait(self, milliseconds: int) -> None:
        """Let time pass, and let arrive what was on its way."""
        until = self.now + milliseconds
        if self.landings:
            self._land(until)
        self.now = until

    def _land(self, until: int) -> None:
        """Let arrive what is due until then, in order."""
        due = sorted((at, place) for place, (at, _) in enumerate(self.landings) if at <= until)
        arriving = [self.landings[place] for _, place in due]
        self.landings = [each for each in self.landings if each[0] > until]
        for at, arrive in arriving:
            self.now = max(self.now, at)
            self.counts["late"] += 1
            self.tell(f"a late write of {at} arrives")
            _ = arrive()

    def point(self, where: str) -> None:
        """A point at which the process may die."""
        if self.crash_rate and self.chance(self.crash_rate):
            self.counts["crash"] += 1
            self.tell(f"the process dies at {where}")
            raise PowerCutError
