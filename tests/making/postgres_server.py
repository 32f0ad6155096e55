"""A real PostgreSQL of our own: installed where it may be, started on a free socket, gone at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clmcrm.testing.faults import postgres

PACKAGE = "postgresql"


@contextmanager
def a_server(*, copy_of: Path | None = None, keep: Path | None = None) -> Iterator[str]:
    """As `clmcrm.testing.faults.postgres.a_server`; PostgreSQL is installed first where it may be."""
    _installed()
    with postgres.a_server(copy_of=copy_of, keep=keep) as place:
        yield place


def _installed() -> None:
    if postgres.tools_found() is None and os.getuid() == 0 and shutil.which("apt-get"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        for line in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", PACKAGE]):
            _ = subprocess.run(["apt-get", *line], check=False, capture_output=True, env=quiet)
    if postgres.tools_found() is None:
        pytest.fail(f"no PostgreSQL here, and none could be installed: apt-get install {PACKAGE}")
