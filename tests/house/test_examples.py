"""Every script in examples/ runs, keeps what it asserts, and tells the same story each time."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
LIVES = {"a_sale", "a_procurement", "an_employment", "a_lease", "a_partnership"}


def test_there_is_a_life_of_each_of_five_kinds_of_contract() -> None:
    assert {f"life_of_{kind}" for kind in LIVES} <= {path.stem for path in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_tells_the_same_each_time(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    for _ in range(2):
        _ = runpy.run_path(str(path), run_name="__main__")
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert len(told[0].splitlines()) > 2
    assert " object at 0x" not in told[0]
