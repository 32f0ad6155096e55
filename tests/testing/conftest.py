"""Runs a module of wrong systems in a process of its own and tells which check failed for which of them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree as ET

import pytest

HERE = Path(__file__).parent


class FailuresOf(Protocol):
    """Runs a module's systems through `checks` (none: all there are)."""

    def __call__(self, module: str, checks: Collection[str] = ()) -> dict[str, set[str]]:
        """The checks that failed, by the name of the system they failed for."""
        ...


@pytest.fixture(scope="session")
def failures_of(tmp_path_factory: pytest.TempPathFactory) -> FailuresOf:
    """The checks that failed, by the name of the system they failed for; a system without failures is there too."""

    def run(module: str, checks: Collection[str] = ()) -> dict[str, set[str]]:
        report = tmp_path_factory.mktemp("liars") / "report.xml"
        command = [sys.executable, "-m", "pytest", str(HERE / module), "-q", "--tb=no", f"--junitxml={report}"]
        command += ["-k", " or ".join(sorted(set(checks)))] if checks else []
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider"], check=False, capture_output=True, cwd=HERE.parents[1]
        )
        assert report.exists(), done.stdout.decode() + done.stderr.decode()
        found: dict[str, set[str]] = {}
        for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - the report is our own
            check, _, parameters = case.attrib["name"].partition("[")
            liar = next(part for part in re.split(r"[-\]]", parameters) if part[:1].isupper())
            failed = case.find("failure") is not None or case.find("error") is not None
            found.setdefault(liar, set()).update({check} if failed else set())
        return found

    return run
