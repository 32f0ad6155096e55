"""The fault rig: the same seed tells the same story, a good engine comes through, every broken one is caught."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clmcrm.sync.reports import Report
from clmcrm.testing.faults.__main__ import main, run
from clmcrm.testing.faults.history import History, Told, history
from clmcrm.testing.faults.memory import RigJournal
from clmcrm.testing.faults.tally import Tally, table
from clmcrm.testing.faults.variants import SIMULATED, Variant
from clmcrm.testing.faults.verdict import Verdict

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "faults.md"


def _caught_in_the_docs() -> dict[str, str]:
    """The seed that the page gives for each variant."""
    rows = re.findall(r"^\| ([^|]+?) \| [^|]+ \| (\d+) \| [^|]+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows)


def test_the_same_seed_tells_the_same_story() -> None:
    one, other, third = history("17"), history("17"), history("18")
    assert (one.trace, one.verdict) == (other.trace, other.verdict)
    assert one.story == other.story
    assert one.trace != third.trace


def test_the_first_seeds_come_through(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--seeds", "25", "--start", "0"])
    said = capsys.readouterr().out
    assert status == 0, said
    assert "start 0" in said


@pytest.mark.parametrize("seed", ["740218602", "740349479", "740508759", "740836536"])
def test_what_was_once_found_stays_clean(seed: str) -> None:
    """Each of them was not clean before; the page of the faults tells why."""
    assert seed in PAGE.read_text(encoding="utf-8")
    assert history(seed).verdict.clean, history(seed).verdict


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_is_begun_in_time_is_counted_and_the_rest_is_named(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--seeds", "100000", "--start", "0", "--jobs", jobs, "--minutes", "0.02"]
    assert main(asked) == 0
    told = re.search(r"simulated: (\d+) seeds in .* s, (\d+) left out: 0.02 minutes were over", capsys.readouterr().out)
    assert told is not None
    ran, left_out = map(int, told.groups())
    assert ran > 0
    assert ran + left_out == 100_000


@pytest.mark.parametrize("tier", ["sockets", "statements", "lost", "killed"])
def test_real_sockets_disks_and_kills_come_through(tier: str) -> None:
    tally = run(tier, 0, 2, 1)
    assert tally.violations == []
    assert tally.seeds == 2


@pytest.mark.parametrize("variant", SIMULATED, ids=[variant.name for variant in SIMULATED])
def test_every_broken_rule_is_caught_by_the_seed_in_the_docs(variant: Variant) -> None:
    seed = _caught_in_the_docs()[variant.name]
    assert not variant.told(seed).verdict.clean
    assert history(seed).verdict.clean, "the rule unbroken, the same seed is clean"


def test_at_least_eighteen_rules_are_broken_and_all_stand_in_the_docs() -> None:
    assert len(SIMULATED) >= 18
    assert {variant.name for variant in SIMULATED} == _caught_in_the_docs().keys()


def test_a_history_knows_people_faults_and_deaths() -> None:
    counts = [History(seed=str(seed)) for seed in range(40)]
    told = [each.told() for each in counts]
    assert sum(each.faults for each in told) > 100
    assert sum(each.crashes for each in told) > 20
    assert sum(each.world.counts["loss"] for each in counts) > 0
    assert sum(each.world.counts["late"] for each in counts) > 0


@pytest.mark.parametrize("seed", ["21", "22", "23"])
def test_idle_cycles_are_passed_over_only_where_they_would_begin_as_the_one_before(
    seed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived: list[int] = []
    cycle = History.cycle

    def noted(self: History) -> Report | None:
        lived.append(self.world.now)
        return cycle(self)

    monkeypatch.setattr(History, "cycle", noted)
    told = History(seed=seed)
    _ = told.told()
    ended = told.world.now
    del lived[:]
    assert told.idle() == 0
    assert len(lived) == 2
    assert lived[1] - lived[0] >= 9 * 60_000
    assert told.world.now - ended >= 10 * 60_000
    counted = iter(range(100))
    with monkeypatch.context() as changing:
        changing.setattr(RigJournal, "content", property(lambda _: (next(counted),)))
        del lived[:]
        assert told.idle() == 0
        assert len(lived) == 10, "a journal that changes in between: every cycle is lived"
    del lived[:]
    told.seed = "20"
    assert told.idle() == 0
    assert len(lived) == 10, "every tenth history lives all ten"


def test_a_violation_is_told_with_its_seed_and_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    dirty = Told(seed="3", verdict=Verdict(lost=("value-1.",), idle=2), trace="", faults=1, crashes=0)
    tally = Tally(tier="simulated")
    tally.add(dirty)
    assert tally.violations == ["seed 3: value-1.; 2 idle writes"]
    assert table([tally]).splitlines()[1].split() == ["simulated", "1", "1", "0", "0", "1", "0", "2", "0"]
    monkeypatch.setitem(main.__globals__["TIERS"], "simulated", lambda _: dirty)
    assert main(["--seeds", "1", "--start", "3"]) == 1
