"""`python -m clmcrm` and `clmcrm` are the command line; Ctrl-C ends it quietly from the first instant."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TextIO

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def entry() -> int:
    """Run the command line of this process; returns its exit code."""
    try:
        # Loading the commands takes a moment too, in which somebody may already have changed their mind.
        from clmcrm.cli.main import run  # noqa: PLC0415 - nothing is loaded before it is known that Python will do

        # Started without a terminal, a service has neither: what is said then goes nowhere.
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            return run(sys.argv[1:], _whole(sys.stdout or nowhere), _whole(sys.stderr or nowhere))
    except KeyboardInterrupt:
        return INTERRUPTED


def _whole(stream: TextIO) -> TextIO:
    r"""The same stream, with a letter that its encoding lacks written by its number (`\u017c`).

    A pipe on Windows, or a locale such as C, has few letters: the answer would break off in the middle, and what was
    written to the two systems would look as if it had failed.
    """
    wrapper: object = stream
    if isinstance(wrapper, io.TextIOWrapper):
        wrapper.reconfigure(errors="backslashreplace")
    return stream


if __name__ == "__main__":
    raise SystemExit(entry())
