"""Type checkers accept the right uses of the public API and refuse the wrong ones, line by line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]
REFUSED = ROOT / "typing_tests" / "refused.py"
EXPECTED = re.compile(r"# E: ([a-z-]+)$")
REPORTED = re.compile(r"refused\.py:(\d+): error: .*\[([a-z-]+)\]$")


@pytest.mark.slow
def test_every_mistake_is_reported_where_it_stands() -> None:
    lines = REFUSED.read_text(encoding="utf-8").splitlines()
    expected = {(n, found[1]) for n, line in enumerate(lines, 1) if (found := EXPECTED.search(line))}
    out, err, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary", str(REFUSED)])
    reported = {(int(line), code) for line, code in re.findall(REPORTED.pattern, out, re.MULTILINE)}
    assert expected
    assert reported == expected, out + err
