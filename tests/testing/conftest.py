"""Runs modules of wrong systems in a process of their own and tells which check failed for which of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree as ET

import pytest

HERE = Path(__file__).parent
MEETINGS = "CLMCRM_LIARS_MEET"


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
        command = [sys.executable, "-m", "pytest", *files, "-q", "--tb=no", f"--junitxml={report}"]
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider"], check=False, capture_output=True, cwd=HERE.parents[1],
            env={**os.environ, MEETINGS: json.dumps({} if whole else modules)},
        )  # fmt: skip
        assert report.exists(), done.stdout.decode() + done.stderr.decode()
        found: dict[str, dict[str, set[str]]] = {module: {} for module in modules}
        for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - the report is our own
            check, liar = _check_and_liar(case.attrib["name"])
            failed = case.find("failure") is not None or case.find("error") is not None
            module = f"{case.attrib['classname'].split('.')[-2]}.py"
            found[module].setdefault(liar, set()).update({check} if failed else set())
        return found

    return run


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In that process, each liar meets its check and the honest ones meet all of them; the rest is left."""
    wanted: dict[str, dict[str, str]] = json.loads(os.environ.get(MEETINGS, "{}"))
    if not wanted:
        return
    kept = [item for item in items if _meets(item, wanted)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _meets(item: pytest.Item, wanted: Mapping[str, Mapping[str, str]]) -> bool:
    check, liar = _check_and_liar(item.name)
    caught = wanted[item.path.name]
    return check in caught.values() if liar.startswith("Honest") else caught.get(liar) == check


def _check_and_liar(name: str) -> tuple[str, str]:
    check, _, parameters = name.partition("[")
    return check, next(part for part in re.split(r"[-\]]", parameters) if part[:1].isupper())
