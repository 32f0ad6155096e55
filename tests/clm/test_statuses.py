"""Every status of every system has a stage, every stage a status, and no word is lost on the way."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.stages import ACTIVE, PRE_ACTIVE, TERMINAL, Stage
from clmcrm.clm.statuses.projection import PHASES, from_vendor, to_vendor, word_for
from clmcrm.clm.statuses.reference import status_reference
from clmcrm.clm.statuses.vendors import HUBSPOT, TABLES
from clmcrm.clm.statuses.words import StatusTable, Vendor, Word
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import Unknown

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "statuses.md"
EVERY_WORD = [(table.vendor, word) for table in TABLES.values() for word in table.words]
PUBLISHED = {
    Vendor.SALESFORCE: (
        "Draft", "In Approval Process", "Rejected", "Negotiating", "Awaiting Signature", "Signature Declined",
        "Signed", "Activated", "Contract Expired", "Contract Terminated", "Canceled",
    ),
    Vendor.SALESFORCE_CODE: ("Draft", "InApproval", "Activated"),
    Vendor.HUBSPOT: ("DRAFT", "ACTIVE", "PAUSED", "COMPLETED", "TERMINATED"),
    Vendor.NAVIGATOR: ("PENDING", "COMPLETE", "INACTIVE"),
    Vendor.IRONCLAD_RECORD: (
        "Active", "Evergreen", "Auto-renewing", "Expiring", "Executed", "Inactive", "Unknown",
        "terminating", "superseding", "extending", "activating", "indeterminate",
    ),
    Vendor.IRONCLAD_WORKFLOW: ("active", "paused", "completed", "cancelled"),
    Vendor.IRONCLAD_STEP: ("Create", "Review", "Sign", "Archive", "Complete"),
    Vendor.ODOO: ("upcoming", "in-progress", "to-renew", "upcoming-close", "closed", "canceled"),
    Vendor.DYNAMICS: ("Draft", "Invoiced", "Active", "On Hold", "Canceled", "Expired"),
}  # fmt: skip


def test_every_published_word_is_in_its_table_and_no_other() -> None:
    assert {v: tuple(w.word for w in t.words) for v, t in TABLES.items()} == PUBLISHED
    assert set(TABLES) == set(Vendor)


@pytest.mark.parametrize("vendor", Vendor)
@pytest.mark.parametrize("stage", Stage)
def test_the_word_for_a_stage_can_be_read_as_that_stage(stage: Stage, vendor: Vendor) -> None:
    written = to_vendor(stage, vendor)
    assert written.word in (*PUBLISHED[vendor], "")
    reading = from_vendor(vendor, written.word)
    assert stage in reading.candidates
    assert stage not in written.shared
    if not written.shared and written.word:
        assert reading.stage is stage


@pytest.mark.parametrize(("vendor", "word"), EVERY_WORD, ids=lambda value: str(getattr(value, "word", value)))
def test_an_unchanged_record_gets_its_own_word_back(vendor: Vendor, word: Word) -> None:
    reading = from_vendor(vendor, word.word)
    assert reading.candidates == word.holds
    assert isinstance(reading.stage, Unknown) != word.clear
    for stage in reading.candidates:
        for raw in (word.word, f" {word.word.upper()} "):
            assert word_for(stage, vendor, raw) == raw


@pytest.mark.parametrize(("vendor", "word"), EVERY_WORD, ids=lambda value: str(getattr(value, "word", value)))
def test_a_word_that_no_longer_stands_for_the_stage_is_replaced(vendor: Vendor, word: Word) -> None:
    for stage in set(Stage) - set(word.holds):
        assert word_for(stage, vendor, word.word) == to_vendor(stage, vendor).word


@given(vendor=st.sampled_from(Vendor), raw=st.text())
def test_what_is_not_published_is_kept_verbatim_and_is_unknown(vendor: Vendor, raw: str) -> None:
    reading = from_vendor(vendor, raw)
    assert reading.raw == raw
    spelt = {key for word in TABLES[vendor].words for key in (word.word.casefold(), word.code) if key}
    if raw.strip().casefold() not in spelt:
        assert isinstance(reading.stage, Unknown)
        assert reading.stage.raw == raw
        assert word_for(Stage.UNKNOWN, vendor, raw) == raw


def test_an_empty_status_stands_only_for_what_the_vendor_has_no_word_for() -> None:
    assert from_vendor(Vendor.HUBSPOT, None).candidates == (Stage.UNKNOWN,)
    assert Stage.DRAFT in from_vendor(Vendor.IRONCLAD_RECORD, "").candidates
    assert word_for(Stage.UNKNOWN, Vendor.HUBSPOT, None) == ""


def test_dynamics_codes_are_read_as_their_words() -> None:
    assert from_vendor(Vendor.DYNAMICS, 3).stage is Stage.SUSPENDED
    assert from_vendor(Vendor.DYNAMICS, "5").stage is Stage.EXPIRED
    assert isinstance(from_vendor(Vendor.HUBSPOT, 3).stage, Unknown)


@pytest.mark.parametrize("vendor", Vendor)
@pytest.mark.parametrize("phase", PHASES)
def test_a_host_s_own_stage_is_written_by_its_phase(vendor: Vendor, phase: str) -> None:
    written = to_vendor("in arbitration", vendor, phase).word
    candidates = set(from_vendor(vendor, written).candidates)
    # Where a vendor says too little (an activated contract stays so), the ended stages share the active word.
    expected = {"pre_active": PRE_ACTIVE, "active": ACTIVE, "terminal": TERMINAL}[phase]
    assert candidates & expected
    assert word_for("in arbitration", vendor, written, phase) == written
    with pytest.raises(InvalidRecord, match="pre_active, active, terminal"):
        to_vendor("in arbitration", vendor)


def test_a_finer_word_survives_a_host_s_own_stage_of_the_same_phase() -> None:
    assert word_for("in arbitration", Vendor.ODOO, "to-renew", "active") == "to-renew"
    assert word_for("in arbitration", Vendor.ODOO, "closed", "active") == "in-progress"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words": HUBSPOT.words[:-1]}, "words"),
        ({"words": (*HUBSPOT.words, Word(word="Draft", holds=(Stage.DRAFT,)))}, "words"),
        ({"silent": ()}, "words"),
        ({"silent": (Stage.UNKNOWN, Stage.DRAFT)}, "words"),
        ({"active": "RUNNING"}, "active"),
    ],
)
def test_a_table_that_is_not_total_is_refused(changes: dict[str, object], field: str) -> None:
    facts = {a.name: getattr(HUBSPOT, a.name) for a in attrs.fields(StatusTable)}
    with pytest.raises(InvalidRecord) as refused:
        StatusTable(**{**facts, **changes})
    assert refused.value.field == field
    with pytest.raises(InvalidRecord):
        Word(word="Draft", holds=())


def test_the_page_is_the_one_made_from_the_tables() -> None:
    """Write it anew with `Path(...).write_text(status_reference())` when a table changes."""
    assert PAGE.read_text(encoding="utf-8") == status_reference()
