"""The system calls of one process on the journal's files: listed, and the k-th of them made to fail, by strace.

strace is attached to a copy that waits for it, so that nothing but the run itself is traced.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

JOURNAL_FILES: Final = ("", "-wal", "-shm", "-journal")
WRITING: Final = ("pwrite64", "write", "writev", "fsync", "fdatasync", "ftruncate", "fallocate")
NAMING: Final = ("openat", "unlink", "unlinkat", "rename", "renameat", "renameat2")
LONGEST: Final = 1 << 20
"""How many bytes of a write are listed."""


class Unavailable(Exception):
    """What a tier needs is not on this machine; its text says what."""


@cache
def missing() -> str:
    """Why no process can be traced here; empty when one can."""
    if shutil.which("strace") is None:
        return "strace is not installed (Debian: apt-get install strace)"
    line = ["strace", "-qq", "-o", os.devnull, "-e", "trace=fsync", "true"]
    tried = subprocess.run(line, capture_output=True, check=False, text=True)  # noqa: S603 - our own
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()[:80]}"


@frozen
class Injection:
    """The `calls` of which the `k`-th fails with `error`, or kills the process when there is none.

    With `for_good` all later ones fail as well.
    """

    calls: tuple[str, ...]
    k: int
    error: str = ""
    for_good: bool = False

    def __str__(self) -> str:
        """As strace wants it."""
        what = f"error={self.error}" if self.error else "signal=SIGKILL"
        return f"inject={','.join(self.calls)}:{what}:when={self.k}{'+' if self.for_good else ''}"


@define(eq=False)
class Traced:
    """The tracing of process `pid`, whose journal is `place`; `listed` names the calls that are listed whole."""

    pid: int
    place: Path
    log: Path
    injection: Injection | None = None
    listed: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] = field(init=False)

    def __attrs_post_init__(self) -> None:
        calls = {*self.listed, *(self.injection.calls if self.injection else ())}
        paths = [self.place.parent, *(f"{self.place}{suffix}" for suffix in JOURNAL_FILES)]
        command = [
            "strace", "-qq", "-o", str(self.log), "-p", str(self.pid), "-e", f"trace={','.join(sorted(calls))}",
            *(part for path in paths for part in ("-P", str(path))),
            *(("-y", "-xx", "-s", str(LONGEST)) if self.listed else ()),
            *(("-e", str(self.injection)) if self.injection else ()),
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603 - our own

    def lines(self) -> list[str]:
        """What was listed, once the process has ended."""
        try:
            _ = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _ = self.process.wait()
        return self.log.read_text(encoding="ascii", errors="replace").splitlines() if self.log.exists() else []
