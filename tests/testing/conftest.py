"""Runs modules of wrong systems in a process of their own and tells which check failed for which of them."""

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


class FailuresOf(Protocol):
    """Runs the systems of each module through its checks, in one process for all.

    By module: each system's check; the honest ones meet all checks of their module. With `whole` every system meets
    every check.
    """

    def __call__(self, modules: Mapping[str, Mapping[str, str]], *, whole: bool) -> dict[str, dict[str, set[str]]]:
        """By module, the checks that failed by the name of the system they failed for."""
        ...


@pytest.fixture(scope="session")
def failures_of(tmp_path_factory: pytest.TempPathFactory) -> FailuresOf:
    """The checks that failed, by the name of the system they failed for; a system without failures is there too."""

    def run(modules: Mapping[str, Mapping[str, str]], *, whole: bool) -> dict[str, dict[str, set[str]]]:
        report = tmp_path_factory.mktemp("liars") / "report.xml"
        files = [str(HERE / module) for module in modules]
        wanted = [] if whole else ["-k", " or ".join(_wanted(caught) for caught in modules.values())]
        command = [sys.executable, "-m", "pytest", *files, "-q", "--tb=no", f"--junitxml={report}", *wanted]
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider"], check=False, capture_output=True, cwd=HERE.parents[1]
        )
        assert report.exists(), done.stdout.decode() + done.stderr.decode()
        found: dict[str, dict[str, set[str]]] = {module: {} for module in modules}
        for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - the report is our own
            check, _, parameters = case.attrib["name"].partition("[")
            liar = next(part for part in re.split(r"[-\]]", parameters) if part[:1].isupper())
            failed = case.find("failure") is not None or case.find("error") is not None
            module = f"{case.attrib['classname'].split('.')[-2]}.py"
            found[module].setdefault(liar, set()).update({check} if failed else set())
        return found

    return run


def _wanted(caught: Mapping[str, str]) -> str:
    """Each liar and its check, and the honest ones with all of them, as pytest's `-k` takes it."""
    pairs = [f"({liar} and {check})" for liar, check in sorted(caught.items())]
    return " or ".join([*pairs, f"(Honest and ({' or '.join(sorted(set(caught.values())))}))"])
