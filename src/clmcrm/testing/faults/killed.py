"""Tier 3: the engine in a process of its own, killed by SIGKILL at a request or at any moment between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from threading import Timer
from typing import Any, Final

from attrs import define

from clmcrm.ports.records import Side
from clmcrm.sync.reports import Report
from clmcrm.testing.faults.history import Told
from clmcrm.testing.faults.service import Answer
from clmcrm.testing.faults.sockets import SocketHistory, lived, service

FEW: Final = 40
"""Requests of a run, about: the kill falls on one of them."""


@cache
def zygote() -> subprocess.Popen[str]:
    """The process that is copied for each run."""
    command = [sys.executable, "-m", "clmcrm.testing.faults.zygote"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own


@define(eq=False, kw_only=True)
class KilledHistory(SocketHistory):
    """A history whose runs are processes; `kill_at` is the request at which the present one dies."""

    pid: int | None = None
    kill_at: int = 0
    _requests: int = 0

    def cycle(self) -> Report | None:
        """While anything may break, a run in a process of its own; then one here, which reports."""
        if not self.world.faulty:
            return super().cycle()
        self.db.close()
        _ = self.run()
        self.open()
        return None

    def run(self) -> int:
        """One process from its birth to its end; returns how it ended (below zero: by that signal)."""
        dice = self.world.dice
        copied = zygote()
        if copied.stdin is None or copied.stdout is None:
            raise AssertionError("the process that is copied has no pipes")
        said = {"seed": self.seed, "url": service().url, "now": self.world.now, "place": str(self.place)}
        self._requests, self.kill_at = 0, dice.randrange(1, FEW) if dice.random() < 0.6 else 0
        _ = copied.stdin.write(json.dumps(said) + "\n")
        copied.stdin.flush()
        self.pid = int(copied.stdout.readline())
        timer = Timer(dice.random() / 5, self.kill) if not self.kill_at and dice.random() < 0.5 else None
        if timer is not None:
            timer.start()
        status = int(copied.stdout.readline())
        if timer is not None:
            timer.cancel()
            timer.join()
        self.pid = None
        if status == -signal.SIGKILL:
            self.world.counts["crash"] += 1
        elif status == 1:
            raise AssertionError(f"seed {self.seed}: the engine fell over")
        return status

    def kill(self) -> None:
        """SIGKILL, to the present process and to no other."""
        pid, self.pid = self.pid, None
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

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


def killed_trial(seed: str) -> Told:
    """A history in which the engine's process is killed again and again."""
    return lived(KilledHistory(seed=seed))
