"""A ledger takes an entry as it is or says why not: what it refuses is what a reading would set aside."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_norms import (
    DUE,
    discharged,
    duty,
    holding,
    ledger,
    march,
    noon,
    notified,
    performed,
    power,
    resumed,
    suspended,
    used,
)

from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.norms import entries as n
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.recording import record
from clmcrm.clm.obligations import DueEvery, DueOn
from clmcrm.clm.remedies import FixedFee, Remedy, RemedyId, RemedyTrigger
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.ids import ContractId, DisputeId
from clmcrm.values.money import Money
from clmcrm.values.tenor import Tenor

FEE = Remedy(id=RemedyId("R-1"), title="fee", consequence=FixedFee(amount=Money(40, "EUR")), fires=RemedyTrigger.BREACH)
HOLDING = holding(duty(remedies=(FEE,)), power())
MONTHLY = holding(duty(due=DueEvery(first_on=DUE, every=Tenor(months=1))))


def of(day: date, entry: n.Performed) -> n.Performed:
    """The entry, about the occurrence agreed for that day."""
    return attrs.evolve(entry, of=day)


def settled(on: date) -> n.DisputeSettled:
    return n.DisputeSettled(at=noon(on), by="ann", norm="B-1", on=on, dispute=DisputeId("D-1"))


def waived(on: date, remedy: str) -> n.RemedyWaived:
    return n.RemedyWaived(at=noon(on), by="ann", norm="B-1", on=on, remedy=RemedyId(remedy))


@pytest.mark.parametrize(
    ("contract", "before", "entry", "why"),
    [
        (HOLDING, (performed(march(9)),), performed(march(10), "0.5"), "it was fulfilled"),
        (HOLDING, (performed(march(9), "0.5"),), performed(march(10), "0.6"), "only 1/2 of the whole was left to do"),
        (HOLDING, (), performed(march(12), known=march(10)), "recorded before it can have happened"),
        (HOLDING, (), notified(march(5)), "there was no breach to notify"),
        (HOLDING, (), discharged(march(5), Party.COUNTERPARTY), "only the creditor may give it up"),
        (HOLDING, (), resumed(march(5)), "there was no suspension to end"),
        (HOLDING, (), settled(march(5)), "no such dispute was open"),
        (HOLDING, (), waived(march(5), "R-9"), "the obligation has no such remedy"),
        (HOLDING, (), performed(march(5), norm="P-1"), "it is about a power, not an obligation"),
        (HOLDING, (), used(march(5), norm="B-1"), "it is about an obligation, not a power"),
        (HOLDING, (), used(march(5), Party.COUNTERPARTY), "only its holder may do that"),
        (MONTHLY, (), performed(march(10)), "it does not say which occurrence"),
        (MONTHLY, (), of(march(11), performed(march(11))), "nothing was due on that agreed day"),
        (
            HOLDING,
            (),
            attrs.evolve(performed(march(9)), share=None, amount=Money(10, "USD")),
            "it is not a sum of that currency",
        ),
    ],
)
def test_what_has_no_place_is_refused_in_words(
    contract: Contract, before: tuple[n.AnyEntry, ...], entry: n.AnyEntry, why: str
) -> None:
    told = ledger(*before)
    with pytest.raises(TransitionNotAllowed, match=why):
        _ = record(told, entry, contract)
    assert told.entries == before, "nothing is half applied"


def test_a_refusal_names_the_norm_its_state_and_what_may_follow() -> None:
    entry = of(DUE, performed(march(12)))
    told = record(ledger(), of(DUE, performed(march(9))), MONTHLY)
    with pytest.raises(TransitionNotAllowed) as refused:
        _ = record(told, entry, MONTHLY)
    assert f"norm B-1 of {DUE}" in str(refused.value)
    assert "Performed" in str(refused.value)
    assert "fulfilled" in str(refused.value)


def test_an_entry_for_another_contract_or_norm_or_from_before_the_last_is_refused() -> None:
    strange = NormLedger(contract=ContractId("C-2"), entries=())
    with pytest.raises(InvalidRecord, match="contract is 'C-1'; expected C-2"):
        _ = record(strange, performed(march(9)), HOLDING)
    with pytest.raises(InvalidRecord, match="norm is 'B-9'; expected one of the contract's norms: B-1, P-1"):
        _ = record(ledger(), performed(march(9), norm="B-9"), HOLDING)
    later = ledger(performed(march(9), "0.5"))
    with pytest.raises(InvalidRecord, match="at is '2026-03-08T12:00:00"):
        _ = record(later, performed(march(8), "0.5"), HOLDING)


def test_an_entry_that_is_there_already_adds_nothing() -> None:
    told = record(record(ledger(), performed(march(8), "0.5"), HOLDING), performed(march(9), "0.5"), HOLDING)
    assert record(told, performed(march(8), "0.5"), HOLDING) is told


def test_a_fact_that_would_take_a_performance_its_place_is_refused() -> None:
    """A discharge that is told after a performance, and lies before it."""
    told = record(ledger(), performed(march(9)), HOLDING)
    early = attrs.evolve(discharged(march(5)), at=noon(march(12)))
    with pytest.raises(TransitionNotAllowed, match="it would leave without a place"):
        _ = record(told, early, HOLDING)


DAYS = st.integers(1, 24).map(march)
SHARES = st.sampled_from(["0.25", "0.5", "1"])
ENTRIES = st.one_of(
    st.builds(performed, DAYS, SHARES),
    st.builds(notified, DAYS),
    st.builds(discharged, DAYS, st.sampled_from([Party.OWN, Party.COUNTERPARTY])),
    st.builds(suspended, DAYS),
    st.builds(resumed, DAYS),
    st.builds(settled, DAYS),
    st.builds(used, DAYS, st.sampled_from([Party.OWN, Party.COUNTERPARTY])),
    st.builds(waived, DAYS, st.sampled_from(["R-1", "R-9"])),
)


@given(st.lists(st.tuples(ENTRIES, st.integers(0, 3)), max_size=8))
def test_a_ledger_that_grew_entry_by_entry_has_a_place_for_each(told: list[tuple[n.AnyEntry, int]]) -> None:
    """Facts are told some days after they happened, in the order in which they are recorded."""
    grown, refused = ledger(), list[n.AnyEntry]()
    late = ((entry, (entry.about or DUE) + timedelta(days=days)) for entry, days in told)
    for place, (entry, day) in enumerate(sorted(late, key=lambda each: each[1])):
        entry = attrs.evolve(entry, at=noon(day) + timedelta(seconds=place))  # noqa: PLW2901 - the entry as recorded
        try:
            grown = record(grown, entry, HOLDING)
        except TransitionNotAllowed:
            refused.append(entry)
    reading = norms_of(HOLDING, grown, march(31))
    counted = [each for each in reading.ignored if isinstance(each.entry, n.Performed | n.PowerExercised)]
    assert counted == []
    assert sum(Decimal(entry.share or 0) for entry in grown.entries if isinstance(entry, n.Performed)) <= 1
    assert not set(refused) & set(grown.entries)


def test_a_single_duty_needs_no_occurrence_named() -> None:
    contract = holding(duty(due=DueOn(day=DUE)))
    assert record(ledger(), performed(march(9)), contract).entries == (performed(march(9)),)


def test_what_is_recorded_in_the_hour_the_clocks_show_twice_is_in_order() -> None:
    paris = ZoneInfo("Europe/Paris")
    before, after = datetime(2026, 10, 25, 2, 50, tzinfo=paris), datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=paris)
    half = attrs.evolve(performed(march(9), "0.5"), at=before)
    both = record(record(ledger(), half, HOLDING), attrs.evolve(half, at=after), HOLDING)
    assert [entry.at for entry in both.in_order] == [before, after]
    with pytest.raises(InvalidRecord, match="or later"):
        _ = record(record(ledger(), attrs.evolve(half, at=after), HOLDING), half, HOLDING)
