"""Runs a module of wrong systems in a process of its own and tells which check failed for which of them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree as ET

import pytest

HERE = Path(__file__).parent
NOTHING: Mapping[str, str] = {}


class FailuresOf(Protocol):
    """Runs each of a module's systems through its check in `caught`, the honest ones through all of these.

    Nothing given: every system through every check.
    """

    def __call__(self, module: str, caught: Mapping[str, str] = NOTHING) -> dict[str, set[str]]:
        """The checks that failed, by the name of the system they failed for."""
        ...


@pytest.fixture(scope="session")
def failures_of(tmp_path_factory: pytest.TempPathFactory) -> FailuresOf:
    """The checks that failed, by the name of the system they failed for; a system without failures is there too."""

    def run(module: str, caught: Mapping[str, str] = NOTHING) -> dict[str, set[str]]:
        report = tmp_path_factory.mktemp("liars") / "report.xml"
        command = [sys.executable, "-m", "pytest", str(HERE / module), "-q", "--tb=no", f"--junitxml={report}"]
        command += ["-k", _wanted(caught)] if caught else []
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


def _wanted(caught: Mapping[str, str]) -> str:
    """Each liar and its check, and the honest ones with all of them, as pytest's `-k` takes it."""
    pairs = [f"({liar} and {check})" for liar, check in sorted(caught.items())]
    return " or ".join([*pairs, f"(Honest and ({' or '.join(sorted(set(caught.values())))}))"])
