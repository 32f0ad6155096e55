"""Runs of the rig are written down and add up, engine by engine, and nothing counts twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clmcrm.errors import ClmcrmError
from clmcrm.testing.fault_table import fault_page
from clmcrm.testing.faults import record
from clmcrm.testing.faults.__main__ import main
from clmcrm.testing.faults.record import Ran, bare, engine_now, keep, kept, totals
from clmcrm.testing.faults.tally import Tally


def _tally(tier: str = "simulated", seeds: int = 10, *, faults: int = 0, kills: int = 0, told: int = 0) -> Tally:
    return Tally(tier=tier, seeds=seeds, faults=faults, kills=kills, told=told)


def test_runs_of_one_engine_add_up_and_those_of_another_stand_apart(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    for engine, start, tally in (
        ("old", 0, _tally(faults=1)),
        ("new", 0, _tally(faults=2)),
        ("new", 10, _tally(seeds=5, faults=3, kills=1)),
        ("new", 0, _tally("lost", 4)),
    ):
        keep(file, engine, start, tally)
    runs = kept(file)
    assert [ran.start for ran in runs] == [0, 0, 10, 0]
    found = totals(runs)
    assert list(found) == ["new", "old"]
    assert [tally.row()[:4] for tally in found["new"]] == [("simulated", "15", "5", "1"), ("lost", "4", "0", "0")]
    assert totals(kept(file)) == found, "adding up leaves the runs as they were"


def test_what_was_clean_counts_as_another_engines_where_the_two_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "SAME", {"old": "new"})
    file = tmp_path / "runs.jsonl"
    keep(file, "old", 0, _tally())
    keep(file, "old", 10, Tally(tier="simulated", seeds=10, lost=1, violations=["seed 17: v"]))
    keep(file, "new", 10, _tally())
    found = totals(kept(file))
    assert {engine: [tally.seeds for tally in tallies] for engine, tallies in found.items()} == {
        "new": [20],
        "old": [10],
    }
    keep(file, "new", 5, _tally(seeds=1))
    with pytest.raises(ClmcrmError, match="line 4: seeds of simulated from 5 on count already"):
        _ = kept(file)


@pytest.mark.parametrize(("start", "seeds"), [(0, 10), (9, 1), (5, 100)])
def test_seeds_that_count_already_are_refused(tmp_path: Path, start: int, seeds: int) -> None:
    file = tmp_path / "runs.jsonl"
    keep(file, "e", 0, _tally())
    keep(file, "e", start, _tally(seeds=seeds))
    with pytest.raises(ClmcrmError, match=f"line 2: seeds of simulated from {start} on count already"):
        _ = kept(file)


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", '{"engine": "e", "start": 0}', '{"engine": "e", "start": 0, "x": 1}']
)
def test_a_line_that_is_no_run_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "runs.jsonl"
    _ = file.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ClmcrmError, match="line 1: no run of the rig"):
        _ = kept(file)


def test_the_command_line_writes_down_and_adds_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "runs.jsonl"
    for start in ("0", "3"):
        assert main(["--seeds", "3", "--start", start, "--record", str(file)]) == 0
    _ = capsys.readouterr()
    assert main(["--recorded", str(file)]) == 0
    said = capsys.readouterr().out
    assert f"engine {engine_now()} (the one at hand)" in said
    assert "simulated  6 " in said


def test_a_violation_of_the_engine_at_hand_fails_and_of_another_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "runs.jsonl"
    keep(file, "another", 0, Tally(tier="lost", seeds=1, lost=1, violations=["seed 0: v"]))
    assert main(["--recorded", str(file)]) == 0
    assert f"nothing of the engine at hand, {engine_now()}" in capsys.readouterr().out
    keep(file, engine_now(), 0, Tally(tier="lost", seeds=1, lost=1, violations=["seed 0: v"]))
    assert main(["--recorded", str(file)]) == 1


def test_no_rate_is_claimed_where_something_was_found_and_both_databases_share_one_aim() -> None:
    found = Ran(engine="e", start=0, tally=Tally(tier="lost", seeds=300, lost=1, violations=["seed 0: v"]))
    workers = [Ran(engine="e", start=0, tally=_tally(tier, 100)) for tier in ("workers-postgres", "workers")]
    page = fault_page([found, *workers])
    assert "| lost | 300 | 2,000 | 0 | 0 | 0 | 1 | 0 | 0 | 0 |  |" in page
    assert "| workers | 100 | 500 on both databases |" in page
    assert "| workers-postgres | 100 | with the line above |" in page


SOURCE = '''"""What."""
import x  # why

SIZE = 3
"""How many."""


def f(a: str) -> str:
    """One line,

    and more.
    """
    # a comment
    text = f"é # {a}"  # é
    return text + """
# no comment
"""
'''


def test_what_an_engine_says_of_itself_is_no_part_of_it() -> None:
    assert bare(SOURCE) == (
        'import x\nSIZE = 3\ndef f(a: str) -> str:\n    text = f"é # {a}"\n    return text + """\n# no comment\n"""'
    )
    assert bare(SOURCE.replace("What", "Why").replace("  # é", "").replace("How many.", "")) == bare(SOURCE)
    assert bare(SOURCE.replace("SIZE = 3", "SIZE = 4")) != bare(SOURCE)


def test_the_engine_is_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(record.__file__).parents[2]
    for name in ("sync/merge.py", "testing/faults/world.py", "testing/faults/tally.py"):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        _ = place.write_bytes((package / name).read_bytes())
    monkeypatch.setattr(record, "__file__", str(tmp_path / "testing" / "faults" / "record.py"))
    monkeypatch.setattr(record, "PASSED", ("sync", "testing/faults"))
    whole = engine_now()
    for name, same in (("testing/faults/tally.py", True), ("testing/faults/world.py", False), ("sync/merge.py", False)):
        text = (tmp_path / name).read_text(encoding="utf-8")
        _ = (tmp_path / name).write_text(f"{text}\n# said\n", encoding="utf-8")
        assert engine_now() == whole
        _ = (tmp_path / name).write_text(f"{text}\nMORE = 1\n", encoding="utf-8")
        assert (engine_now() == whole) is same
        _ = (tmp_path / name).write_text(text, encoding="utf-8")


def test_a_run_is_one_line_of_json(tmp_path: Path) -> None:
    keep(tmp_path / "runs.jsonl", "e", 7, _tally(told=2))
    (line,) = (tmp_path / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    facts = json.loads(line)
    assert (facts["engine"], facts["start"], facts["tier"], facts["told"]) == ("e", 7, "simulated", 2)
