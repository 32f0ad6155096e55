"""The kit catches adapters that are wrong on purpose, and passes the honest one beside them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from machine_steps import NIGHTLY

# Each liar, and a check that must be among those that catch it.
CAUGHT_BY = {
    "DropsUpdates": "test_an_update_sets_the_fields_it_names",
    "AnswersWithWhatItDoesNotKeep": "test_an_update_answers_with_the_version_that_reading_shows",
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
    "ReadsStale": "test_an_update_answers_with_the_version_that_reading_shows",
    "ShowsFloats": "test_every_shown_value_is_canonical",
    "DropsAField": "test_a_created_record_shows_its_fields",
    "MarksButForgets": "test_a_created_record_is_found_by_its_mark",
    "CutsMarks": "test_long_marks_that_differ_at_their_end_are_two_marks",
    "CursorGoesBackwards": "test_an_idle_feed_is_empty",
    "TellsTheValuesAtCreation": "test_a_pull_from_a_cursor_tells_an_edit",
    "TellsOfTheDead": "test_a_removed_record_is_never_told_as_live",
    "SaysDoneToEverything": "test_an_update_after_somebody_elses_edit_is_stale",
    "TakesTooMuch": "test_a_batch_above_the_size_is_refused_whole",
    "RoundsAmounts": "test_a_created_record_shows_its_fields",
    "EchoesItsVersion": "test_an_update_answers_with_the_version_that_reading_shows",
}

DECLARING_CAUGHT_BY = {
    "LagsLongerThanItSays": "test_what_was_written_shows_when_the_lag_has_passed",
    "StepsOverWhatLags": "test_a_feed_that_lags_does_not_step_over_what_it_does_not_show_yet",
    "SaysOverlapAndReadsOnlyOn": "test_an_edit_that_took_long_is_told",
    "BendsWhatItCannotHold": "test_a_field_without_a_place_is_refused_or_reported",
    "PutsItElsewhere": "test_a_field_without_a_place_is_refused_or_reported",
    "HoldsLessThanItSays": "test_a_field_it_has_a_place_for_comes_back",
    "HoldsFieldsOfNobody": "test_the_fields_it_has_a_place_for_are_fields_of_ours",
    "ForgetsKeys": "test_a_creation_sent_again_under_its_key_makes_no_second_record",
    "ForgetsKeysEarly": "test_a_key_is_remembered_to_the_end_of_its_window",
    "TakesAnyBodyUnderAKey": "test_a_key_used_again_with_other_values_is_refused",
    "SendsAgainWhatItRemembers": "test_a_creation_sent_again_under_its_key_keeps_what_a_person_has_changed",
    "TellsTheLastValueOnly": "test_every_value_a_field_had_is_told_in_order",
    "TellsThePastBackwards": "test_every_value_a_field_had_is_told_in_order",
    "MissesOurOwnWrites": "test_a_value_that_we_overwrote_is_told",
    "TellsEverybodysPast": "test_the_past_of_one_record_is_told_alone",
    "LooksThenInserts": "test_two_creations_at_once_make_one_record",
    "BatchesGetInEachOthersWay": "test_as_many_batches_at_once_as_it_says",
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


SIGNING_CAUGHT_BY = {
    "SendsAgain": "test_a_second_sending_binds",
    "RemindsWhenAskedAgain": "test_a_second_sending_tells_nobody_anything",
    "SendsWhateverItGets": "test_a_document_with_another_fingerprint_is_refused",
    "BindsAnythingUnderAnId": "test_an_id_used_again_for_other_recipients_is_refused",
    "ForgetsOurIds": "test_a_request_is_found_by_our_id",
    "SendsToEverybodyAtOnce": "test_those_whose_turn_has_not_come_have_nothing",
    "TellsTheLastFactOnly": "test_what_was_told_is_not_taken_back",
    "TellsUnknownRequestsAsEmpty": "test_a_key_it_never_gave_has_no_facts",
    "InfersALevel": "test_a_level_that_is_stated_was_asked_for",
    "LosesTheReason": "test_a_refusal_is_told_with_its_reason",
    "SaysCancelledAndGoesOn": "test_a_cancelled_request_is_told_as_ended",
    "CancelsWhatIsComplete": "test_a_completed_request_cannot_be_cancelled",
    "VoidsTwice": "test_a_second_cancellation_changes_nothing",
    "HandsOutDrafts": "test_an_open_request_has_no_signed_document",
    "StampsEachDownload": "test_the_files_are_the_same_each_time",
    "IssuesNoCertificate": "test_a_completed_request_has_its_files",
    "TellsEveryRequestEachTime": "test_an_idle_feed_is_empty",
    "StopsAfterOnePage": "test_a_pull_from_scratch_tells_every_request",
    "NeverExpires": "test_an_expired_request_is_told_as_expired",
    "FindsByTheBeginning": "test_an_id_that_is_nearly_ours_finds_nothing",
    "ForgetsTheIdOfWhatIsCancelled": "test_a_cancelled_request_is_still_found_by_our_id",
    "CancelsWithoutAKey": "test_a_cancelled_request_is_still_found_by_our_id",
    "MissesWithoutAReason": "test_what_could_not_be_cancelled_says_why",
    "LeavesCopiesOut": "test_who_gets_a_copy_is_part_of_the_request",
    "HandsOutTheSameDraft": "test_the_signed_document_is_another_than_the_one_sent",
    "TellsAKeyTwice": "test_every_key_it_tells_has_facts",
    "TellsStrangers": "test_every_key_it_tells_has_facts",
    "TellsNoEnds": "test_each_end_is_told",
    "TellsNoCancellations": "test_a_cancellation_is_told",
    "LosesTheLastOfAFullPage": "test_a_last_page_that_is_full_loses_no_request",
    "GoesOnForEver": "test_a_pull_from_scratch_tells_every_request",
}

UNCONDITIONAL = "test_an_update_without_a_precondition_says_what_it_did"
MADE = "test_a_kind_it_cannot_create_is_refused"

# They say that they cannot.
DENYING_CAUGHT_BY = {
    "ComparesInSilence": UNCONDITIONAL,
    "SaysStaleAndWrites": UNCONDITIONAL,
    "KeepsWhatItSaysItRemoved": "test_a_removal_without_a_precondition_says_what_it_did",
    "TakesTheFirstOfTwo": "test_two_updates_of_one_record_in_one_batch_say_which_stands",
    "RemembersKeysInSecret": "test_a_key_it_does_not_remember_holds_no_creation_back",
    "RemembersKeysOfUpdatesInSecret": "test_a_key_it_does_not_remember_holds_no_update_back",
    "SaysNotThere": "test_a_look_up_by_mark_is_refused",
    "FindsByHalf": "test_a_look_up_by_mark_is_refused",
    "BindsByGuessing": "test_a_second_creation_is_not_bound_by_guessing",
    "ListsOnlyNews": "test_a_listing_is_whole_each_time",
    "TellsTheUntouchedAsGone": "test_a_record_that_a_listing_leaves_out_is_not_told_as_gone",
    "InventsDeletions": "test_no_deletion_is_invented",
    "ShowsTheRemovedAsLiving": "test_no_deletion_is_invented",
    "InventsMerges": "test_no_merge_is_invented",
    "KeepsTheLoserAlive": "test_no_merge_is_invented",
    "TellsAnEmptyPast": "test_a_past_that_it_does_not_tell_is_refused",
    "TellsThePresentAsThePast": "test_a_past_that_it_does_not_tell_is_refused",
    "LagsAndDoesNotSaySo": "test_a_write_is_seen_at_once",
    "DeniesTheSecond": "test_two_creations_at_once_are_answered_as_what_they_did",
    "MakesWhatItSaysItCannot": MADE,
    "EndsTheBatchAtAKindItCannotMake": MADE,
    "DropsWhatHasNoPlace": "test_a_field_without_a_place_is_refused_or_reported",
    "UndoesWholeBatches": "test_one_failed_write_does_not_keep_the_others_from_being_done",
    "TakesTwoWhereItSaysOne": "test_a_batch_above_the_size_is_refused_whole",
    "VoidsThoughItSaysItCannot": "test_a_request_that_was_not_cancelled_is_signed_by_all",
    "SaysCancelledAndCannot": "test_what_cannot_be_cancelled_is_refused_and_stays_open",
    "TellsThatNothingChanged": "test_a_feed_it_does_not_have_is_refused",
    "DropsTheOrder": "test_an_order_it_does_not_keep_is_refused",
    "KeepsPeopleWaiting": "test_all_have_it_at_once_where_no_order_is_kept",
    "DeniesTheSecondSending": "test_two_sendings_at_once_are_answered_as_what_they_did",
    "NamesALevelItDoesNotTake": "test_every_level_it_names_is_taken",
}

UPDATE, REMOVAL = "test_an_update_is_refused_and_changes_nothing", "test_a_removal_is_refused_and_removes_nothing"
CREATION = "test_a_creation_is_refused_and_makes_nothing"
CLAIMS = "test_a_system_that_is_only_read_claims_nothing_about_writes"

# They say that they are only read.
READING_CAUGHT_BY = {
    "CreatesAfterAll": CREATION,
    "UpdatesAfterAll": UPDATE,
    "RemovesAfterAll": REMOVAL,
    "CreatesAndSaysRefused": CREATION,
    "UpdatesAndSaysRefused": UPDATE,
    "RemovesAndSaysRefused": REMOVAL,
    "SaysCreated": CREATION,
    "SaysUpdated": UPDATE,
    "SaysRemoved": REMOVAL,
    "SaysStale": UPDATE,
    "RefusesWithoutAReason": CREATION,
    "GivesAKeyToWhatItRefuses": CREATION,
    "WritesWhatIsKeyed": CREATION,
    "WritesWithoutAVersion": UPDATE,
    "BringsTheDeadBack": "test_an_update_of_what_is_not_there_makes_nothing",
    "OverwritesAPersonsEdit": "test_a_persons_edit_stands_after_a_write_that_is_refused",
    "RaisesInsteadOfAnswering": CREATION,
    "AnswersABatchOnce": "test_a_batch_is_refused_write_by_write",
    "CopiesWhatItIsShown": CREATION,
    "ClaimsMarks": CLAIMS,
    "ClaimsAPrecondition": CLAIMS,
    "ShowsMoreThanItSays": "test_what_it_shows_are_fields_it_says_it_holds",
    "ReadsWhatItWasToldLast": "test_a_pull_from_a_cursor_tells_an_edit",
    "LosesTheLastOfAPage": "test_pages_lose_no_record",
    "ShowsHalfOfAnEntry": "test_a_created_record_shows_its_fields",
}

SET, EMPTIED, BESIDE = (
    "test_each_field_takes_an_update", "test_each_field_can_be_emptied",
    "test_a_field_beside_the_samples_keeps_its_place",
)  # fmt: skip
TEXT, MARK, NO_KEY = (
    "test_a_text_comes_back_as_it_was",
    "test_any_text_may_be_a_mark",
    "test_a_text_that_is_no_key_reads_nothing",
)

# Right at first sight.
SUBTLE_CAUGHT_BY = {
    "DropsAFieldItSaysItHolds": BESIDE,
    "UpdatesTheNameOnly": SET,
    "UpdatesMoneyByFloat": SET,
    "AnswersWithTheMoneyItWasSent": SET,
    "NormalisesUpdates": "test_an_updated_text_comes_back_as_it_was",
    "CollapsesBlanks": TEXT,
    "DropsNothingBesideSomething": EMPTIED,
    "EmptiesTextsOnly": EMPTIED,
    "MixesObjects": SET,
    "AddsToLists": SET,
    "SortsLists": BESIDE,
    "KeepsTheFirstOfAList": BESIDE,
    "LosesTheZone": BESIDE,
    "MovesItsVersionForTheNameOnly": SET,
    "TellsTheNameOnly": SET,
    "AnswersAnUpdateWithAnotherKey": "test_an_update_sets_the_fields_it_names",
    "AnswersAnUpdateWithoutAKey": "test_an_update_sets_the_fields_it_names",
    "DropsTheLastOutcome": "test_outcomes_come_in_the_order_of_the_writes",
    "CreatesLast": "test_outcomes_of_different_writes_keep_their_order",
    "GroupsByKind": "test_outcomes_of_two_kinds_keep_their_order",
    "RefusesRemovalsWithoutAReason": "test_a_removal_after_somebody_elses_edit_is_stale",
    "RemovesWithoutAVersion": "test_a_removal_with_a_version_that_never_was_is_stale",
    "UpdatesAnyKindUnderAKey": "test_a_write_to_a_key_of_another_kind_changes_nothing",
    "FindsWhateverTheCase": "test_marks_that_differ_a_little_find_their_own_records",
    "FindsWhatItFoundFirst": "test_an_updated_record_is_found_by_its_mark_as_it_is",
    "FindsTheRemovedAlive": "test_a_removed_record_is_not_found_live_by_its_mark",
    "FindsNoApostrophe": MARK,
    "TakesAPlusForABlank": MARK,
    "LosesTheMarkInAnUpdate": "test_an_updated_record_is_found_by_its_mark_as_it_is",
    "BringsBackWhatIsCreatedAgain": "test_a_creation_under_the_mark_of_a_removed_record_brings_nothing_back",
    "TakesKeysApart": NO_KEY,
    "ReadsEverythingForAnEmptyKey": NO_KEY,
    "ReadsEverythingWhenAKeyIsStrange": "test_a_key_without_a_record_is_left_out",
    "UnderstandsNothing": "test_a_created_record_shows_its_fields",
    "ReadsTheSurvivorForTheLoser": "test_the_survivor_of_a_merge_stays",
    "LosesTheLastOfAFullLastPage": "test_a_last_page_that_is_full_loses_no_record",
    "GoesOnForEver": "test_pages_lose_no_record",
    "TellsTheSurvivorAsGone": "test_a_merge_is_told",
}

NOT_UNDERSTOOD = "test_a_reply_that_is_no_answer_is_not_understood"
NOT_DONE = "test_a_reply_that_is_no_answer_says_of_no_write_that_it_was_done"

# They take for an answer what is none.
REPLYING_CAUGHT_BY = {
    "TakesA404ForNothingNew": NOT_UNDERSTOOD,
    "TakesAPageForNoRecord": NOT_UNDERSTOOD,
    "FindsNothingInAnythingElse": NOT_UNDERSTOOD,
    "RaisesWhatItsParserRaises": NOT_UNDERSTOOD,
    "SaysDoneAtStatus200": NOT_DONE,
    "AnswersACreationWithoutAKey": NOT_DONE,
    "TakesAPageForNoFacts": NOT_UNDERSTOOD,
    "SaysSentAtStatus200": "test_a_reply_that_is_no_answer_says_that_nothing_was_sent_or_cancelled",
}

MODULES = {
    "liars.py": CAUGHT_BY, "declaring_liars.py": DECLARING_CAUGHT_BY, "journal_liars.py": JOURNAL_CAUGHT_BY,
    "signing_liars.py": SIGNING_CAUGHT_BY, "denying_liars.py": DENYING_CAUGHT_BY,
    "reading_liars.py": READING_CAUGHT_BY, "subtle_liars.py": SUBTLE_CAUGHT_BY,
    "replying_liars.py": REPLYING_CAUGHT_BY,
}  # fmt: skip
EACH = [(module, liar, check) for module, caught in MODULES.items() for liar, check in caught.items()]


@pytest.fixture(scope="module")
def failures(failures_of: Callable[..., dict[str, dict[str, set[str]]]]) -> dict[str, dict[str, set[str]]]:
    """By day each liar meets the check that is about its lie, by night the whole kit; the honest ones meet them all."""
    return failures_of(MODULES, whole=NIGHTLY)


@pytest.mark.parametrize(("module", "liar", "check"), EACH, ids=[liar for _, liar, _ in EACH])
def test_each_liar_is_caught_by_the_check_that_is_about_its_lie(
    failures: dict[str, dict[str, set[str]]], module: str, liar: str, check: str
) -> None:
    assert check in failures[module][liar], sorted(failures[module][liar])


@pytest.mark.parametrize("module", MODULES)
def test_every_liar_is_looked_for_and_the_honest_ones_beside_them_pass(
    failures: dict[str, dict[str, set[str]]], module: str
) -> None:
    honest = {name for name in failures[module] if name.startswith("Honest")}
    assert honest
    assert failures[module].keys() - honest == MODULES[module].keys()
    assert {name: failures[module][name] for name in honest if failures[module][name]} == {}
