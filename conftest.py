"""Every example is a test: those in docstrings, and the code blocks of the README and the docs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from doctest import ELLIPSIS
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

ROOT = Path(__file__).parent

# Each page is read from top to bottom: a later block knows the names of the earlier ones.
pages = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS), SkipParser()],
    pattern="*.md",
    path=str(ROOT),
)
docstrings = Sybil(
    parsers=[DocTestParser(optionflags=ELLIPSIS)],
    pattern="*.py",
    path=str(ROOT / "src"),
)

collect: Callable[[Path, pytest.Collector], pytest.File | None] = (pages + docstrings).pytest()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """The examples of a file; a source file without any is not parsed for them, and most have none."""
    if file_path.suffix == ".py" and b">>> " not in file_path.read_bytes():
        return None
    return collect(file_path, parent)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why tests were skipped, one line for each reason."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    for reason, times in sorted(reasons.items()):
        terminalreporter.write_line(f"skipped {times}: {reason}")
