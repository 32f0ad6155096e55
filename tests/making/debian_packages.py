"""Programs that tests need beside Python: installed where they may be, and asked for by name where they may not."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest


def wanted(package: str, there: Callable[[], bool]) -> None:
    """See to it that what `there` looks for is there, from Debian's `package`; the test fails where it cannot be."""
    if not there() and os.getuid() == 0 and shutil.which("apt-get"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        for line in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
            _ = subprocess.run(["apt-get", *line], check=False, capture_output=True, env=quiet)
    if not there():
        pytest.fail(f"no {package} here, and none could be installed: apt-get install {package}")
