"""`python -m clmcrm` and `clmcrm` are the command line; Ctrl-C ends it quietly from the first instant."""

from __future__ import annotations

import os
import sys
from pathlib import Path

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def entry() -> int:
    """Run the command line of this process; returns its exit code."""
    try:
        # Loading the commands takes a moment too, in which somebody may already have changed their mind.
        from clmcrm.cli.main import run  # noqa: PLC0415 - nothing is loaded before it is known that Python will do

        # Started without a terminal, a service has neither: what is said then goes nowhere.
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            return run(sys.argv[1:], sys.stdout or nowhere, sys.stderr or nowhere)
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    raise SystemExit(entry())
