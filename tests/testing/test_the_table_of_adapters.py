"""The table of adapters in the reference says what the adapters declare today and counts the checks of today."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from clmcrm.adapters.embedded import EmbeddedClm, EmbeddedCrm
from clmcrm.adapters.memory import MEMORY_CRM, MemoryClm, MemoryCrm
from clmcrm.adapters.memory_esign import MemoryEsign
from clmcrm.ports.records import Feed, Kind
from clmcrm.testing import CrmAdapterSuite
from clmcrm.testing.adapter_table import adapter_page
from clmcrm.testing.plugin import lines_of, suite_of, written_to
from clmcrm.testing.pulling import PullingChecks

ROOT = Path(__file__).parents[2]
KEPT: list[dict[str, Any]] = json.loads((ROOT / "docs" / "reference" / "adapters.json").read_text(encoding="utf-8"))
HERE = sorted({entry["test"] for entry in KEPT if "/servers/" not in entry["test"]})
RENEW = (
    "run: python -m pytest -p clmcrm.testing.plugin --clmcrm-checks=docs/reference/adapters.json"
    f" {' '.join(HERE)}, then python docs/generate.py"
)
OURS = [MemoryCrm, MemoryClm, EmbeddedCrm, EmbeddedClm, MemoryEsign]


def entry_of(system: str) -> dict[str, Any]:
    return next(entry for entry in KEPT if entry["system"] == system)


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_the_table_shows_the_flags_of_today(cls: Any, tmp_path: Path) -> None:
    adapter = cls(tmp_path / "both.sqlite") if cls.__name__.startswith("Embedded") else cls()
    declares = entry_of(adapter.system)["declares"]
    for name, kept in declares.items():
        value = getattr(adapter.capabilities, name)
        shown = sorted(map(str, value)) if isinstance(value, frozenset) else value
        if hasattr(shown, "total_seconds"):
            shown = shown.total_seconds()
        assert shown == kept, (name, RENEW)


def test_the_table_counts_the_checks_of_today() -> None:
    files = sorted({test.partition("::")[0] for test in HERE})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found = Counter(re.findall(r"^(\S+?::Test\w+)::", done.stdout, re.MULTILINE))
    for entry in KEPT:
        if entry["test"].partition("::")[0] in files:
            assert found[entry["test"]] == entry["checks"], RENEW
            assert entry["failed"] == 0


@pytest.mark.parametrize("entry", KEPT, ids=lambda entry: entry["test"].rpartition("::")[2])
def test_no_adapter_switches_off_more_than_one_check_in_twenty(entry: dict[str, Any]) -> None:
    assert entry["skipped"] * 20 <= entry["checks"], entry["why"]


def test_a_class_that_leaves_checks_out_counts_them_by_flag() -> None:
    able = evolve(MEMORY_CRM, marks=False, creates=frozenset({Kind.ACCOUNT}), feed=Feed.NONE)

    class TestLittle(CrmAdapterSuite):
        declares = able

        @pytest.fixture
        def adapter(self) -> MemoryCrm:
            return MemoryCrm(able)

    # Five checks for each of four kinds, seven amounts, a date, a reference, and writes of two kinds in one call.
    assert TestLittle.counts_left_out()["creates"] == 5 * 4 + 7 + 1 + 1 + 1
    assert TestLittle.kinds_made() == [Kind.ACCOUNT]
    assert TestLittle.left_out["test_an_idle_feed_is_empty"].why == "capabilities.feed is none"

    class TestWhole(TestLittle):
        declares = MEMORY_CRM

    assert "test_an_idle_feed_is_empty" not in TestWhole.left_out  # a class that declares more has it again
    assert callable(TestWhole.test_an_idle_feed_is_empty)


def test_nothing_is_left_out_where_no_check_tries_the_statement() -> None:
    class TestPulling(PullingChecks):
        declares = evolve(MEMORY_CRM, feed=Feed.NONE)

    assert TestPulling.left_out == {}


def test_a_suite_that_was_told_other_flags_than_the_adapter_declares_fails() -> None:
    class TestMistaken(CrmAdapterSuite):
        declares = evolve(MEMORY_CRM, marks=False)

    with pytest.raises(AssertionError, match="the capabilities that the suite went by"):
        TestMistaken().test_the_capabilities_agree_with_one_another(MemoryCrm())


def test_a_crm_and_a_clm_are_put_through_more_than_120_checks() -> None:
    for system in ("memory-crm", "memory-clm", "embedded-crm", "embedded-clm"):
        entry = entry_of(system)
        assert entry["passed"] >= 120, entry


def test_a_table_of_nothing_is_a_page_without_tables() -> None:
    assert "|" not in adapter_page([])


def test_entries_of_one_test_replace_the_earlier_ones_and_leave_the_others(tmp_path: Path) -> None:
    path = tmp_path / "checks.json"
    first, second = {**KEPT[0]}, {**KEPT[1]}
    assert written_to(path, [first, second]) == 2
    assert written_to(path, [{**first, "passed": 0}]) == 2
    kept = {entry["test"]: entry["passed"] for entry in json.loads(path.read_text(encoding="utf-8"))}
    assert kept == {first["test"]: 0, second["test"]: second["passed"]}


def test_failures_are_counted_and_named_in_the_lines() -> None:
    (line,) = lines_of(
        [
            {
                **KEPT[0],
                "test": "a.py::TestMine",
                "failed": 2,
                "checks": 9,
                "passed": 7,
                "skipped": 0,
                "why": {},
                "absent": {},
            }
        ]
    )
    assert line.startswith("clmcrm: TestMine (")
    assert line.endswith("9 checks, 7 passed, 2 failed")


def test_a_class_of_no_suite_is_not_counted() -> None:
    class TestSomething:
        pass

    assert suite_of(TestSomething) == ""
    assert suite_of(None) == ""


def test_nothing_is_imported_until_it_is_asked_for() -> None:
    program = "import sys, clmcrm.testing.plugin\nprint(sorted(m for m in sys.modules if m.startswith('clmcrm')))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT / "src")
    assert done.stdout.strip() == "['clmcrm', 'clmcrm.testing', 'clmcrm.testing.plugin']"
