"""After an erasure no text names the person, the chain still holds, and the contract's life is the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import attrs
import pytest
from evidence import ADA, PDF, at, past_contract, past_log, salts
from hypothesis import assume, given
from hypothesis import strategies as st

from clmcrm.clm.events import PartyAssigned, Requested
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.stages import Stage
from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.records import to_fields
from clmcrm.errors import InvalidRecord
from clmcrm.proof.entries import EntryKind, ErasureNote, line_of
from clmcrm.proof.erasing import erase, parts_about, without_names
from clmcrm.proof.erasure_requests import ErasureGround, ErasureRequest, Granted
from clmcrm.proof.log import EventLog, append, caught_up, events_of, export_log, log_of, read_head, with_erasure
from clmcrm.proof.naming import names_of
from clmcrm.proof.pack import evidence_pack
from clmcrm.proof.pack_reading import check_pack
from clmcrm.proof.verifying import FirstBadEntry, Verified, read_log, verify
from clmcrm.values.ids import AccountId, ContractId, Extra

NOW = datetime(2040, 3, 1, 9, tzinfo=UTC)


def grant(*names: str, contract: str = "C-1", on: date = date(2040, 2, 1)) -> Granted:
    request = ErasureRequest(
        subject="contact-17",
        names=names or ADA,
        asked_on=date(2040, 1, 15),
        ground=ErasureGround.NO_LONGER_NECESSARY,
    )
    return Granted(request=request, contracts=(ContractId(contract),), on=on)


def scanned(data: bytes) -> list[str]:
    """What of the person is left in the bytes."""
    lowered = data.lower()
    return [word for word in ("ada", "byron", "example.org", "contact-17") if word.encode() in lowered]


def test_no_personal_text_is_left_in_any_export() -> None:
    log, contract = past_log(), past_contract()
    before = evidence_pack(contract, log, documents={"D-1": PDF})
    assert scanned(export_log(log)) == ["ada", "byron", "example.org"]
    assert scanned(before)
    erased, cleaned = erase(log, grant(), recorded_at=NOW), without_names(contract, ADA)
    after = evidence_pack(cleaned, erased, documents={"D-1": PDF})
    for data in (
        export_log(erased),
        after,
        erased.head.as_text().encode(),
        canonical_text(to_fields(cleaned)).encode(),
    ):
        assert scanned(data) == []
    with ZipFile(BytesIO(after)) as archive:
        assert [scanned(archive.read(name)) for name in archive.namelist()] == [[]] * len(archive.namelist())
    # Nothing with which the fingerprints of what was erased could be tried is left either.
    for n, name in parts_about(log, ADA):
        assert log.entries[n].openings[name].salt.encode() not in export_log(erased)
        assert log.entries[n].sealed[name].encode() in export_log(erased)


def test_a_fingerprint_that_happens_to_spell_a_name_stops_no_erasure() -> None:
    log = log_of(past_contract(), salts())
    prints = "".join(mark for entry in log.entries for mark in (entry.previous, *entry.sealed.values()))
    word = next(prints[n : n + 4] for n in range(len(prints)) if prints[n : n + 4].isalpha())
    named = append(log, Requested(NOW, "crm", note=f"{word} called"), recorded_at=NOW, salt=bytes(32))
    erased = erase(named, grant(word), recorded_at=NOW)
    assert isinstance(verify(erased), Verified)
    assert "note" not in erased.entries[10].openings


def test_a_name_in_capitals_is_found_whatever_becomes_of_its_letters() -> None:
    log = append(EventLog(contract=ContractId("C-1")), Requested(NOW, "MAX GROSS"), recorded_at=NOW, salt=bytes(32))
    assert parts_about(log, ["Max Groß"]) == ((0, "by"),)


def test_the_chain_still_holds_and_older_heads_still_agree() -> None:
    log = past_log()
    erased = erase(log, grant(), recorded_at=NOW)
    found = verify(erased, [log.head, erased.head])
    assert isinstance(found, Verified)
    assert (found.vouched, found.erased, found.head) == (11, len(parts_about(log, ADA)), erased.head)
    assert [entry.hash for entry in erased.entries[:10]] == [entry.hash for entry in log.entries]
    assert check_pack(evidence_pack(past_contract(), erased), log.head).sound


def test_exactly_the_parts_that_name_the_person_are_gone() -> None:
    parts = parts_about(past_log(), ADA)
    assert parts == ((1, "by"), (2, "note"), (3, "by"), (6, "signer"), (9, "by"))
    erased = erase(past_log(), grant(), recorded_at=NOW)
    kept = {(entry.n, name) for entry in erased.entries for name in entry.openings}
    assert (2, "by") in kept
    assert not kept & set(parts)
    last = erased.entries[-1]
    assert last.kind is EntryKind.ERASURE
    assert last.said == {
        "asked_on": "2040-01-15",
        "ground": "GDPR art. 17(1)(a)",
        "parts": [[n, name] for n, name in parts],
    }


def test_the_contract_s_life_is_the_same_after_an_erasure() -> None:
    contract = past_contract()
    erased = erase(past_log(), grant(), recorded_at=NOW)
    assert stage_of(contract, at(300).date()).stage is Stage.IN_EFFECT
    again = attrs.evolve(without_names(contract, ADA), events=events_of(read_log(export_log(erased))))
    assert again.events[1].by == "[erased]"
    for day in (at(3), at(8), at(300), at(500)):
        assert stage_of(again, day.date()).stage == stage_of(contract, day.date()).stage
    # The log goes on from there, whether the contract's own events were cleaned or not.
    more = attrs.evolve(contract, events=(*contract.events, Requested(at(600), "crm")))
    assert isinstance(verify(caught_up(erased, more, salts("later"))), Verified)


def test_a_part_that_vanishes_without_a_record_is_found() -> None:
    log, erased = past_log(), erase(past_log(), grant(), recorded_at=NOW)
    silent = b"".join([*map(line_of, erased.entries[:10])])
    found = verify(silent, log.head)
    assert isinstance(found, FirstBadEntry)
    assert (found.position, "no later entry records an erasure" in found.why) == (1, True)
    kept_open = b"".join([*map(line_of, log.entries), line_of(erased.entries[10])])
    found = verify(kept_open)
    assert isinstance(found, FirstBadEntry)
    assert (found.position, "is still there" in found.why) == (1, True)


@pytest.mark.parametrize("part", [(0, "nothing"), (10, "by"), (-1, "by"), (99, "by")])
def test_an_erasure_of_what_there_is_not_is_no_good_entry(part: tuple[int, str]) -> None:
    note = ErasureNote(asked_on=date(2040, 1, 1), ground="none", parts=(part,))
    found = verify(with_erasure(past_log(), note, NOW))
    assert isinstance(found, FirstBadEntry)
    assert found.position == 10


def test_nothing_is_erased_without_a_grant_for_that_log_and_that_day() -> None:
    log = past_log()
    with pytest.raises(InvalidRecord, match="a contract of the grant"):
        erase(log, grant(contract="C-2"), recorded_at=NOW)
    with pytest.raises(InvalidRecord, match="or later"):
        erase(log, grant(on=date(2041, 1, 1)), recorded_at=NOW)
    assert erase(log, grant("Nobody Known"), recorded_at=NOW) == log


def test_a_name_inside_the_chain_is_said_and_nothing_is_half_erased() -> None:
    named = append(
        past_log(), PartyAssigned(at(400), "Ada Byron", to=AccountId("acct-ada byron")), recorded_at=NOW, salt=bytes(32)
    )
    with pytest.raises(InvalidRecord, match="an id that names nobody"):
        erase(named, grant(), recorded_at=NOW)
    assert "by" in named.entries[-1].openings


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("José Álvarez", "signed by JOSÉ ÁLVAREZ"), ("Jose\u0301 A\u0301lvarez", "José Álvarez"),
        ("José Álvarez", "Jose\u0301  A\u0301lvarez"), ("Ada Byron", "Ada\u00a0Byron"), ("Ada Byron", "Ada\nByron"),
        ("a+b@example.org", "mail A+B@example.org now"), ("王小明", "由王小明签署"),
        ("+33 6 12 (34)", "tel +33 6 12 (34)"),
        ("José Álvarez", "José A\u0301lvarez"), ("JOSE\u0301 Álvarez", "by Jose\u0301 ÁLVAREZ"),
        ("MAX GROSS", "Max Groß"), ("Sofie Fischer", "So\ufb01e Fischer"), ("Ada Byron", "\uff21da Byron"),
        ("Lê Thị Huệ", "Lê Thi\u0323 Hue\u0302\u0323"),
        ("Ali I\u015f\u0131k", "ALI\u0307 IŞIK"), ("ipek", "by I\u0307PEK"),
        ("İPEK ÖZ", "ipek o\u0308z"), ("Y\u0131ld\u0131z", "YILDIZ"),
    ],
)  # fmt: skip
def test_a_name_is_found_in_every_spelling(name: str, said: str) -> None:
    log = append(EventLog(contract=ContractId("C-1")), Requested(at(0), said), recorded_at=at(0), salt=bytes(32))
    assert parts_about(log, [name]) == ((0, "by"),)
    cleaned = without_names(past_contract(special_terms=said), [name])
    assert "[erased]" in cleaned.special_terms


def test_only_the_name_is_taken_out_of_a_text() -> None:
    said = "Ab\u00e9 met Jose\u0301 ÁLVAREZ and JOSÉ\u00a0A\u0301LVAREZ, José Alva."
    cleaned = without_names(past_contract(special_terms=said), ["José Álvarez"])
    assert cleaned.special_terms == "Ab\u00e9 met [erased] and [erased], José Alva."


def test_a_name_that_is_a_key_of_a_raw_value_is_taken_out_and_no_value_is_lost() -> None:
    raw = {"Ada Byron": {"ada byron": 1}, "ADA BYRON": [{"by Ada Byron": Decimal("1.50")}], "name": "Bob"}
    extras = (Extra("crm", "approvers", raw), Extra("crm", "Ada Byron", None))
    cleaned = without_names(past_contract(extras=extras), ["Ada Byron"])
    assert cleaned.extras == (
        Extra("crm", "approvers", {
            "[erased]": {"[erased]": 1}, "[erased] 2": [{"by [erased]": Decimal("1.50")}], "name": "Bob",
        }),
        Extra("crm", "[erased]", None),
    )  # fmt: skip
    assert without_names(extras[0], ["Ada Byron"]) == cleaned.extras[0]


@given(notes=st.text(max_size=40), name=st.text(min_size=1, max_size=4))
def test_a_name_taken_out_is_not_found_again(notes: str, name: str) -> None:
    if not name.strip():
        return
    person = names_of([name])
    assert person.stand_in(name)
    assert person.stand_in(f"{notes}{name.strip()}{notes}")
    assert person.taken_out(notes, "") == notes or person.stand_in(notes)
    assume(not person.stand_in("[erased]"))
    for piece in person.taken_out(notes, "\0").split("\0"):
        assert not person.stand_in(piece)


def test_no_name_at_all_erases_nothing_by_mistake() -> None:
    for names in ([], ["  "]):
        with pytest.raises(InvalidRecord, match="at least one text"):
            parts_about(past_log(), names)


@given(notes=st.lists(st.text(max_size=30), min_size=1, max_size=5), name=st.text(min_size=1, max_size=4))
def test_whatever_the_texts_an_erased_log_verifies_and_says_the_name_no_more(notes: list[str], name: str) -> None:
    name = name.strip()
    if not name or name.casefold() in "[erased]" or any(name in part for part in ("crm", "C-1", "requested")):
        return
    contract = past_contract(events=tuple(Requested(at(n), "crm", note=note) for n, note in enumerate(notes)))
    try:
        log = log_of(contract, salts())
    except InvalidRecord:
        return  # half a surrogate pair cannot be written at all
    try:
        erased = erase(log, grant(name), recorded_at=NOW)
    except InvalidRecord:
        return  # the name is also a piece of a day or of a hash, inside the chain
    assert isinstance(verify(erased, log.head), Verified)
    left = [str(opening.value) for entry in erased.entries for opening in entry.openings.values()]
    assert not [said for said in left if name in said]
    assert read_head(erased.head.as_text()) == erased.head
