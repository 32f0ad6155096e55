"""One test per reference vector, and at the end the counts for every file of them.

A test marked `vectors(file, group)` runs once for each entry of that group (a dotted path into the JSON
file) and receives it as `vector`. The folder, or the one it is `vectors` of, is named by CLMCRM_REFERENCE, by
default shared/vectors beside the checkout; a folder, file or group that is absent is one skipped test that says so.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from functools import cache, reduce
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent
_DEFAULT = _HERE.parents[2] / "shared" / "vectors"


@cache
def _loaded(name: str) -> Any:
    """The parsed file, or the reason why there is none (a text)."""
    folder = Path(os.environ.get("CLMCRM_REFERENCE", _DEFAULT))
    path = next(filter(Path.is_file, (folder / name, folder / "vectors" / name)), folder / name)
    if not path.is_file():
        return f"no reference file {path}"
    return json.loads(path.read_text(encoding="utf-8"))


def _entry(data: Any, key: str) -> Any:
    return data.get(key) if isinstance(data, dict) else None


def _cases(name: str, group: str) -> list[Any]:
    data = _loaded(name)
    if isinstance(data, str):
        return [pytest.param(None, marks=pytest.mark.skip(reason=data), id="absent")]
    vectors = reduce(_entry, group.split("."), data)
    if not vectors:
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{name} has no {group}"), id="absent")]
    named = enumerate(vectors)
    return [pytest.param(vector, id=f"{n}-{vector.get('id', group)}".replace("::", ":")) for n, vector in named]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "vectors(file, group): runs once per reference vector of the group")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("vectors")
    if marker is not None:
        metafunc.parametrize("vector", _cases(*marker.args))


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> Any:
    """The whole file that the test's vectors come from."""
    marker = request.node.get_closest_marker("vectors")
    return _loaded(marker.args[0])


def _counts(stats: dict[str, list[Any]]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in stats.get(outcome, ()):
            path = Path(report.nodeid.partition("::")[0])
            if path.parent.name == _HERE.name:
                counts.setdefault(path.name, Counter())[outcome] += 1
    return counts


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counts = _counts(terminalreporter.stats)
    if counts:
        terminalreporter.section("reference vectors")
    for name, count in sorted(counts.items()):
        said = ", ".join(f"{n} {outcome}" for outcome, n in count.items())
        terminalreporter.write_line(f"{name}: {said}")
