"""The k-th system call on the journal's files fails, as on a full or broken disk, or the process dies in it."""

from __future__ import annotations

from math import exp, log
from random import Random
from typing import Final

from attrs import define, evolve, field

from clmcrm.testing.faults.copies import Ended
from clmcrm.testing.faults.errands import Errand
from clmcrm.testing.faults.history import Told
from clmcrm.testing.faults.killed import KilledHistory, counted
from clmcrm.testing.faults.sockets import lived
from clmcrm.testing.faults.tracing import NAMING, WRITING, Injection, Traced, Unavailable, missing

SYNCING: Final = ("fsync", "fdatasync")
FAILURES: Final[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = (
    (("pwrite64", "write"), ("ENOSPC", "EIO", "EDQUOT")),
    (SYNCING, ("EIO", "ENOSPC")),
    (("ftruncate", "fallocate"), ("ENOSPC", "EIO")),
    (("openat",), ("EMFILE", "ENOSPC", "EACCES", "EIO")),
    (("unlink", "unlinkat"), ("EIO", "EACCES")),
    (("pread64",), ("EIO",)),
)
"""Calls, and what each may fail with."""
MOST: Final = 250
"""About how many system calls on the journal a run makes; k is drawn so that each order of magnitude is as likely."""


def drawn_call(dice: Random) -> int:
    """Which system call it is, from 1."""
    return int(exp(dice.random() * log(MOST)))


@define(eq=False, kw_only=True)
class SyscallHistory(KilledHistory):
    """A history in most of whose runs one system call fails or is the last."""

    injection: Injection | None = field(default=None)

    def errand(self) -> Errand:
        """As over any process; it waits to be traced when something is to fail."""
        self.injection = self.drawn()
        return evolve(super().errand(), traced=self.injection is not None)

    def drawn(self) -> Injection | None:
        """What is to fail in the next run."""
        dice = self.world.dice
        k = drawn_call(dice)
        roll = dice.random()
        if roll < 0.15:
            return None
        if roll < 0.5:
            return Injection((*WRITING, *NAMING), k)
        calls, errors = dice.choice((*FAILURES[:2], *FAILURES))
        most = k if calls[0] in ("pwrite64", "pread64", "fsync") else min(k, dice.randrange(1, 8))
        return Injection(calls, most, dice.choice(errors), for_good=dice.random() < 0.3)

    def run(self) -> Ended:
        """One process, traced."""
        self._requests, self.kill_at = 0, 0
        pid = self.copies.start(self.errand())
        traced = None
        if self.injection is not None:
            traced = Traced(pid, self.place, self.folder / "calls", self.injection)
        ended = self.copies.ended()
        if traced is not None and self.injection is not None:
            lines = traced.lines()
            if self.injection.error:
                self.world.counts["fault"] += sum("(INJECTED)" in line for line in lines)
            traced.log.unlink(missing_ok=True)
        counted(self.world, ended)
        return ended


def syscall_trial(seed: str, *, broken: tuple[str, ...] = ()) -> Told:
    """A history in which system calls on the journal's files fail."""
    if missing():
        raise Unavailable(missing())
    return lived(SyscallHistory(seed=seed, broken=broken))
