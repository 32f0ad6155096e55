"""The kit catches adapters that are wrong on purpose, and passes the honest one beside them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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


JOURNAL_CAUGHT_BY = {
    "KeepsBrokenTransactions": "test_a_broken_transaction_leaves_everything_as_it_was",
    "ForgetsOrder": "test_pairs_come_ordered_by_pair",
    "MixesKinds": "test_a_pair_set_aside_keeps_its_history",
    "OneCursorForAll": "test_a_cursor_is_remembered_per_side_and_kind",
    "MergesEqualLines": "test_the_same_line_twice_is_two_lines",
    "NeverEndsSteps": "test_a_step_is_open_until_it_is_ended",
    "SettlesNewHints": "test_settling_an_old_hint_does_not_settle_a_newer_one",
    "ForgetsEnds": "test_a_later_hint_keeps_the_evidence_of_an_end",
}


@pytest.fixture(scope="module")
def failures(failures_of: Callable[[str], dict[str, set[str]]]) -> dict[str, set[str]]:
    return failures_of("liars.py")


@pytest.fixture(scope="module")
def journal_failures(failures_of: Callable[[str], dict[str, set[str]]]) -> dict[str, set[str]]:
    return failures_of("journal_liars.py")


@pytest.mark.parametrize(("liar", "check"), CAUGHT_BY.items())
def test_each_adapter_is_caught_by_the_check_that_is_about_its_lie(
    failures: dict[str, set[str]], liar: str, check: str
) -> None:
    assert check in failures[liar], sorted(failures[liar])


@pytest.mark.parametrize(("liar", "check"), JOURNAL_CAUGHT_BY.items())
def test_each_journal_is_caught_by_the_check_that_is_about_its_lie(
    journal_failures: dict[str, set[str]], liar: str, check: str
) -> None:
    assert check in journal_failures[liar], sorted(journal_failures[liar])


def test_every_liar_is_looked_for(failures: dict[str, set[str]], journal_failures: dict[str, set[str]]) -> None:
    assert failures.keys() == {*CAUGHT_BY, "Honest"}
    assert journal_failures.keys() == {*JOURNAL_CAUGHT_BY, "Honest"}


def test_the_honest_ones_beside_them_pass(failures: dict[str, set[str]], journal_failures: dict[str, set[str]]) -> None:
    assert failures["Honest"] == journal_failures["Honest"] == set()
