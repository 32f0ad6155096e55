"""Copies of a process that has everything imported: each run of the engine that may be killed is one of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from functools import cache
from signal import Signals
from typing import IO

from attrs import asdict, define, field, frozen

from clmcrm.testing.faults.errands import Errand


@frozen
class Ended:
    """How a copy ended: its exit `status` (below zero: by that signal) and the most memory it held, in kilobytes."""

    status: int
    peak: int


@define(eq=False)
class Copier:
    """The process that is copied, one copy at a time; `number` tells it from others."""

    number: int = 0
    process: subprocess.Popen[str] = field(init=False)
    pid: int | None = None

    def __attrs_post_init__(self) -> None:
        command = [sys.executable, "-m", "clmcrm.testing.faults.zygote"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own

    def start(self, errand: Errand) -> int:
        """The process id of a new copy."""
        into = _pipe(self.process.stdin)
        _ = into.write(json.dumps(asdict(errand)) + "\n")
        into.flush()
        self.pid = int(_pipe(self.process.stdout).readline())
        return self.pid

    def ended(self) -> Ended:
        """Wait for the copy."""
        status, peak = _pipe(self.process.stdout).readline().split()
        self.pid = None
        return Ended(int(status), int(peak))

    def signal(self, which: Signals) -> bool:
        """Send a signal to the copy, and to no other process; whether there was one."""
        pid = self.pid
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, which)
        return True


def _pipe(found: IO[str] | None) -> IO[str]:
    if found is None:
        raise AssertionError("the process that is copied has no pipes")
    return found


@cache
def copier(number: int = 0) -> Copier:
    """One of several such processes."""
    return Copier(number)
