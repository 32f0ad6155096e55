"""Retention and holds against a request for erasure: who wins, by which article, until which day."""

from __future__ import annotations

from datetime import date

import attrs
import pytest
from evidence import ADA, at, past_contract

from clmcrm.clm.events import Canceled, Requested
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind
from clmcrm.errors import InvalidRecord
from clmcrm.proof.erasure_requests import ErasureGround, ErasureRequest, Granted, Refused, decide_erasure
from clmcrm.proof.retention import HOUSE_RETENTION, CountedFrom, Kept, KeptBecause, LegalHold, RecordKind, kept_of
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import NOT_STATED, Unknown
from clmcrm.values.tenor import Tenor

REQUEST = ErasureRequest(
    subject="contact 17", names=ADA, asked_on=date(2025, 1, 31), ground=ErasureGround.CONSENT_WITHDRAWN
)
C1 = ContractId("C-1")


def kept(day: date, place: str = "FR", kind: RecordKind = RecordKind.CONTRACT) -> Kept:
    return Kept(contract=C1, kind=kind, place=place, ended_on=day)


def decided(*records: Kept, on: date, holds: tuple[LegalHold, ...] = ()) -> Granted | Refused | Unknown:
    return decide_erasure(REQUEST, records, HOUSE_RETENTION, holds, on)


# Each row: the statute in HOUSE_RETENTION, the day the record ended, the last day it is kept, worked by hand.
@pytest.mark.parametrize(
    ("place", "kind", "ended", "until", "because"),
    [
        ("FR", RecordKind.CONTRACT, date(2025, 1, 7), date(2030, 1, 7), KeptBecause.LEGAL_CLAIMS),
        ("FR", RecordKind.CONTRACT, date(2024, 2, 29), date(2029, 2, 28), KeptBecause.LEGAL_CLAIMS),
        ("FR", RecordKind.CONSUMER_CONTRACT, date(2025, 1, 7), date(2035, 1, 7), KeptBecause.LEGAL_OBLIGATION),
        ("FR", RecordKind.ACCOUNTING, date(2025, 1, 7), date(2035, 12, 31), KeptBecause.LEGAL_OBLIGATION),
        ("DE", RecordKind.CONTRACT, date(2025, 1, 7), date(2031, 12, 31), KeptBecause.LEGAL_OBLIGATION),
        ("DE", RecordKind.ACCOUNTING, date(2025, 12, 31), date(2033, 12, 31), KeptBecause.LEGAL_OBLIGATION),
        ("GB-ENG", RecordKind.CONTRACT, date(2025, 1, 7), date(2031, 1, 7), KeptBecause.LEGAL_CLAIMS),
        ("GB-ENG", RecordKind.DEED, date(2025, 1, 7), date(2037, 1, 7), KeptBecause.LEGAL_CLAIMS),
        ("IT", RecordKind.CONTRACT, date(2025, 1, 7), date(2035, 1, 7), KeptBecause.LEGAL_CLAIMS),
        ("ES", RecordKind.CONTRACT, date(2025, 1, 7), date(2030, 1, 7), KeptBecause.LEGAL_CLAIMS),
    ],
)
def test_a_record_is_kept_to_its_last_day_and_not_a_day_longer(
    place: str, kind: RecordKind, ended: date, until: date, because: KeptBecause
) -> None:
    on_the_last = decided(kept(ended, place, kind), on=until)
    assert isinstance(on_the_last, Refused)
    assert (on_the_last.until, on_the_last.because) == (until, because)
    assert on_the_last.source is not None
    assert str(until.year) in on_the_last.reason.en
    assert str(until.year) in on_the_last.reason.fr
    day_after = decided(kept(ended, place, kind), on=date.fromordinal(until.toordinal() + 1))
    assert day_after == Granted(request=REQUEST, contracts=(C1,), on=date.fromordinal(until.toordinal() + 1))


def test_the_longest_retention_of_several_records_decides() -> None:
    ended = date(2025, 1, 7)
    found = decided(kept(ended), kept(ended, kind=RecordKind.ACCOUNTING), on=date(2031, 1, 1))
    assert isinstance(found, Refused)
    assert (found.because.value, found.until) == ("GDPR art. 17(3)(b)", date(2035, 12, 31))


def test_a_hold_beats_an_erasure_even_after_all_retention_and_ends_with_its_release() -> None:
    hold = LegalHold(matter="case 24/118", contracts=(C1,), placed_on=date(2040, 1, 1), released_on=date(2041, 6, 1))
    record = kept(date(2025, 1, 7))
    assert isinstance(decided(record, on=date(2039, 12, 31), holds=(hold,)), Granted)
    found = decided(record, on=date(2041, 5, 31), holds=(hold,))
    assert isinstance(found, Refused)
    assert (found.because, found.until, found.source) == (KeptBecause.LEGAL_CLAIMS, None, None)
    assert "case 24/118" in found.reason.en
    assert isinstance(decided(record, on=date(2041, 6, 1), holds=(hold,)), Granted)
    elsewhere = attrs.evolve(hold, contracts=(ContractId("C-2"),))
    assert isinstance(decided(record, on=date(2041, 1, 1), holds=(elsewhere,)), Granted)
    everywhere = attrs.evolve(hold, contracts=())
    assert isinstance(decided(record, on=date(2041, 1, 1), holds=(everywhere,)), Refused)


def test_a_hold_released_before_it_was_placed_is_a_mistake_and_no_leave_to_erase() -> None:
    with pytest.raises(InvalidRecord, match="2040-01-01 or later"):
        LegalHold(matter="case 24/118", placed_on=date(2040, 1, 1), released_on=date(2039, 1, 1))
    same_day = LegalHold(matter="case 24/118", placed_on=date(2040, 1, 1), released_on=date(2040, 1, 1))
    assert not same_day.binds(C1, date(2040, 1, 1))


def test_two_rules_for_one_kind_in_one_place_are_refused() -> None:
    first, *rest = HOUSE_RETENTION.rules
    other = attrs.evolve(first, keep=Tenor(years=99))
    with pytest.raises(InvalidRecord, match="one rule for each kind and place") as caught:
        attrs.evolve(HOUSE_RETENTION, rules=(first, *rest, other))
    assert caught.value.value == [f"{first.kind.value} in {first.place}"]


def test_what_no_rule_speaks_of_is_left_to_a_person() -> None:
    day = date(2050, 1, 1)
    for record in (
        kept(date(2020, 1, 1), "BR"),
        kept(date(2020, 1, 1), "FR", RecordKind.DEED),
        attrs.evolve(kept(date(2020, 1, 1)), place=None),
        attrs.evolve(kept(date(2020, 1, 1)), ended_on=NOT_STATED),
    ):
        assert isinstance(decided(record, on=day), Unknown)
    assert isinstance(decided(on=day), Unknown)


def test_a_contract_that_still_runs_keeps_its_people() -> None:
    contract = past_contract()
    (running,) = kept_of(contract, date(2024, 6, 1))
    found = decided(running, on=date(2024, 6, 1))
    assert isinstance(found, Refused)
    assert (found.because, found.until) == (KeptBecause.STILL_NECESSARY, None)
    (over,) = kept_of(contract, date(2026, 1, 1))
    assert (over.ended_on, over.place) == (date(2025, 1, 7), "FR")
    endless = attrs.evolve(contract, renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1)))
    endless = attrs.evolve(endless, events=endless.events[:-1])
    assert kept_of(endless, date(2060, 1, 1))[0].ended_on is None


def test_a_contract_given_up_before_signature_ended_on_that_day() -> None:
    given_up = past_contract(events=(Requested(at(0), "crm"), Canceled(at(12), "crm")))
    (record,) = kept_of(given_up, date(2024, 2, 1))
    assert record.ended_on == at(12).date()
    # Its text names a last day, which a contract that was given up never reached.
    (later,) = kept_of(given_up, date(2026, 1, 1))
    assert later.ended_on == at(12).date()


def test_a_draft_whose_dates_have_passed_has_not_ended() -> None:
    draft = past_contract(events=(Requested(at(0), "crm"),))
    assert kept_of(draft, date(2040, 1, 1))[0].ended_on is None


def test_an_answer_is_due_within_a_month() -> None:
    assert REQUEST.answer_by == date(2025, 2, 28)
    assert "Ada" not in repr(REQUEST)


def test_every_house_rule_has_a_source_and_is_the_only_one_of_its_kind() -> None:
    keys = [(rule.kind, rule.place) for rule in HOUSE_RETENTION.rules]
    assert len(keys) == len(set(keys))
    for rule in HOUSE_RETENTION.rules:
        assert rule.source.citation
        assert rule.counted_from in CountedFrom


def test_a_contract_whose_last_day_is_to_come_still_runs() -> None:
    """It was said to have ended on a day to come; and where no rule speaks of its place, nothing was said at all."""
    for place in ("FR", "JP"):
        before = decided(kept(date(2026, 6, 30), place), on=date(2026, 6, 29))
        assert isinstance(before, Refused)
        assert (before.because, before.until) == (KeptBecause.STILL_NECESSARY, None)
        assert "still runs" in before.reason.en
    ended = decided(kept(date(2026, 6, 30)), on=date(2026, 6, 30))
    assert isinstance(ended, Refused)
    assert ended.until == date(2031, 6, 30)
