"""Tier 3: the engine in a process of its own, killed by SIGKILL at a request or at any moment between."""

from __future__ import annotations

import signal
from threading import Timer
from typing import Any, Final

from attrs import define, field

from clmcrm.ports.records import Side
from clmcrm.sync.reports import Report
from clmcrm.testing.faults.copies import Copier, Ended, copier
from clmcrm.testing.faults.errands import FELL, Errand
from clmcrm.testing.faults.history import Told
from clmcrm.testing.faults.service import Answer
from clmcrm.testing.faults.sockets import SocketHistory, lived, service
from clmcrm.testing.faults.world import World

FEW: Final = 40
"""Requests of a run, about: the kill falls on one of them."""
FALLS: Final = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS)
"""Signals that nobody sent."""


def counted(world: World, ended: Ended) -> None:
    """Count a death; nobody may fall over by himself."""
    if ended.status == -signal.SIGKILL:
        world.counts["crash"] += 1
    elif ended.status in (FELL, *(-each for each in FALLS)):
        raise AssertionError(f"seed {world.seed}: the engine fell over with {ended.status}")


@define(eq=False, kw_only=True)
class KilledHistory(SocketHistory):
    """A history whose runs are processes; `kill_at` is the request at which the present one dies.

    The rules named in `broken` are broken in them.
    """

    kill_at: int = 0
    broken: tuple[str, ...] = ()
    copies: Copier = field(factory=copier)
    _requests: int = 0

    def cycle(self) -> Report | None:
        """While anything may break, a run in a process of its own; then one here, which reports."""
        if not self.world.faulty:
            return super().cycle()
        self.db.close()
        _ = self.run()
        self.open()
        return None

    def errand(self) -> Errand:
        """What the process is to do."""
        return Errand(
            seed=self.seed, url=service().url, now=self.world.now, place=str(self.place), broken=self.broken
        )  # fmt: skip

    def run(self) -> Ended:
        """One process from its birth to its end."""
        dice = self.world.dice
        self._requests, self.kill_at = 0, dice.randrange(1, FEW) if dice.random() < 0.6 else 0
        _ = self.copies.start(self.errand())
        timer = Timer(dice.random() / 5, self.kill) if not self.kill_at and dice.random() < 0.5 else None
        if timer is not None:
            timer.start()
        ended = self.copies.ended()
        if timer is not None:
            timer.cancel()
            timer.join()
        counted(self.world, ended)
        return ended

    def kill(self) -> None:
        """SIGKILL, to the present process and to no other."""
        _ = self.copies.signal(signal.SIGKILL)

    def answer(self, side: Side, what: str, said: dict[str, Any]) -> Answer:
        """As over any socket; the process may die before or after its request is carried out."""
        self._requests += 1
        now = self._requests == self.kill_at and self.world.faulty
        if now and self.world.dice.random() < 0.5:
            self.kill()
            return Answer(silent=True)
        answer = super().answer(side, what, said)
        if now:
            self.kill()
        return answer


def killed_trial(seed: str, *, broken: tuple[str, ...] = ()) -> Told:
    """A history in which the engine's process is killed again and again."""
    return lived(KilledHistory(seed=seed, broken=broken))
