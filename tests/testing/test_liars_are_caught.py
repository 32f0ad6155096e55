"""The kit catches adapters that are wrong on purpose, and passes the honest one beside them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

HERE = Path(__file__).parent

# Each liar, and a check that must be among those that catch it.
CAUGHT_BY = {
    "DropsUpdates": "test_an_update_sets_the_fields_it_names",
    "IgnoresThePrecondition": "test_an_update_after_somebody_elses_edit_is_stale",
    "DuplicatesCreates": "test_a_second_creation_under_a_mark_binds",
    "BindsWithoutMarks": "test_the_same_values_twice_are_two_records",
    "UpsertsBlindly": "test_binding_keeps_what_a_person_has_changed",
    "LosesTheRowAtThePageBoundary": "test_pages_lose_no_record",
    "LosesEqualTimes": "test_pages_lose_no_record",
    "StopsAfterTheFirstPage": "test_pages_lose_no_record",
    "ForgetsDeletes": "test_a_removal_is_told",
    "ReordersOutcomes": "test_outcomes_come_in_the_order_of_the_writes",
    "TellsEverythingEachTime": "test_an_idle_feed_is_empty",
    "KeepsItsVersions": "test_an_update_moves_the_version",
    "DropsUnknownFields": "test_a_field_it_does_not_know_is_refused",
    "ReplacesTheWholeRecord": "test_an_update_leaves_the_other_fields",
    "TrimsTexts": "test_a_text_comes_back_as_it_was",
    "HalfAppliesABatch": "test_one_failed_write_undoes_the_whole_batch",
    "StopsAtTheFirstFailure": "test_one_failed_write_does_not_keep_the_others_from_being_done",
    "RaisesTheDead": "test_an_update_of_a_removed_record_is_missing",
    "ReadsEverythingForNoKey": "test_no_key_reads_nothing",
    "TakesAnyCursorForTheBeginning": "test_a_cursor_it_never_gave_is_refused",
    "TellsMergesAsDeletes": "test_a_merge_is_told",
    "RemovesWhatWasJustEdited": "test_a_removal_after_somebody_elses_edit_is_stale",
}


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The checks that failed, by the name of the adapter they failed for."""
    report = tmp_path_factory.mktemp("liars") / "report.xml"
    command = [sys.executable, "-m", "pytest", str(HERE / "liars.py"), "-q", "--tb=no", f"--junitxml={report}"]
    done = subprocess.run([*command, "-p", "no:cacheprovider"], check=False, capture_output=True, cwd=HERE.parents[1])
    assert report.exists(), done.stdout.decode() + done.stderr.decode()
    found: dict[str, set[str]] = {name: set() for name in (*CAUGHT_BY, "Honest")}
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - the report is our own
        check, _, parameters = case.attrib["name"].partition("[")
        if case.find("failure") is not None or case.find("error") is not None:
            (liar,) = set(re.split(r"[-\]]", parameters)) & set(found)
            found[liar].add(check)
    return found


@pytest.mark.parametrize(("liar", "check"), CAUGHT_BY.items())
def test_each_liar_is_caught_by_the_check_that_is_about_its_lie(
    failures: dict[str, set[str]], liar: str, check: str
) -> None:
    assert check in failures[liar], sorted(failures[liar])


def test_the_honest_adapter_beside_them_passes(failures: dict[str, set[str]]) -> None:
    assert failures["Honest"] == set()
