"""A contract is completed when nothing is owed any more, by its ledger, and not before."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest
from making_norms import duty, holding, ledger, noon

from clmcrm.calendars.months import nth
from clmcrm.clm.events import Completed, RecordedAsExecuted
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.norms.completion import completed
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.entries import Discharge, Discharged, Performed
from clmcrm.clm.norms.fulfilment import fulfilment_of
from clmcrm.clm.norms.obligation_chart import STATE_WORDS, ObligationState
from clmcrm.clm.norms.power_chart import POWER_STATE_WORDS, PowerState
from clmcrm.clm.obligations import DueEvery, DueOn
from clmcrm.clm.stages import Stage
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.ids import ContractId, ObligationId
from clmcrm.values.tenor import Tenor

DAY = date(2026, 3, 2)
CLOSING = Completed(noon(date(2026, 6, 1)), "ann")
DONE = Performed(at=noon(DAY), by="a", norm=ObligationId("B-1"), on=DAY, share=Decimal(1))


def test_an_open_duty_stands_in_the_way_and_is_named() -> None:
    life = holding(duty(due=DueOn(day=DAY)))
    with pytest.raises(TransitionNotAllowed, match="B-1 of 2026-03-02 is breached"):
        _ = completed(life, CLOSING, ledger())
    ended = completed(life, CLOSING, ledger(DONE))
    assert stage_of(ended, CLOSING.at.date()).stage is Stage.COMPLETED
    half = attrs.evolve(DONE, share=Decimal("0.5"))
    with pytest.raises(TransitionNotAllowed, match="B-1"):
        _ = completed(life, CLOSING, ledger(half))


def test_a_waived_duty_and_one_that_survives_do_not_stand_in_the_way() -> None:
    waived = Discharged(at=noon(DAY), by="a", norm="B-1", on=DAY, side=Party.OWN, how=Discharge.WAIVED)
    assert completed(holding(duty(due=DueOn(day=DAY))), CLOSING, ledger(waived)).events[-1] == CLOSING
    secret = holding(duty(due=DueOn(day=date(2030, 1, 1)), survives=True))
    assert completed(secret, CLOSING, ledger()).events[-1] == CLOSING
    assert advance(secret, CLOSING).events[-1] == CLOSING


def test_a_duty_to_come_and_one_without_an_end_stand_in_the_way() -> None:
    with pytest.raises(TransitionNotAllowed, match="B-1 of 2026-09-01"):
        _ = completed(holding(duty(due=DueOn(day=date(2026, 9, 1)))), CLOSING, ledger())
    lasting = holding(duty(due=DueEvery(first_on=DAY, every=Tenor(months=1))))
    with pytest.raises(TransitionNotAllowed, match="B-1"):
        _ = completed(lasting, CLOSING, ledger())


@pytest.mark.parametrize("other", [DueOn(day=DAY), DueEvery(first_on=DAY, every=Tenor(months=1), times=2)])
def test_another_duty_hides_nothing_that_is_open(other: DueOn | DueEvery) -> None:
    """What recurs without an end was broken four times by June, whatever else ended in March or April."""
    lasting = duty(due=DueEvery(first_on=DAY, every=Tenor(months=1)))
    done = [
        attrs.evolve(DONE, norm="B-2", on=day, of=day, at=noon(day)) for day in (DAY, date(2026, 4, 2))
    ][: 1 if isinstance(other, DueOn) else 2]  # fmt: skip
    alone = fulfilment_of(holding(lasting), ledger(), date(2026, 6, 30)).open
    beside = fulfilment_of(
        holding(lasting, duty(id=ObligationId("B-2"), due=other)), ledger(*done), date(2026, 6, 30)
    ).open  # fmt: skip
    assert [one.agreed_on for one in alone] == [date(2026, month, 2) for month in range(3, 8)]
    assert beside == alone


@pytest.mark.parametrize("every", [Tenor(days=1), Tenor(months=1)])
@pytest.mark.parametrize("until", [date(9999, 11, 30), date(9999, 12, 15), date.max])
def test_a_series_that_ends_is_read_to_the_end_of_the_calendar(every: Tenor, until: date) -> None:
    """31 December 9999, as many systems write that there is no end."""
    thrice = holding(duty(due=DueEvery(first_on=DAY, every=every, times=3)))
    by_the_end = norms_of(thrice, ledger(), DAY, until=until).obligations
    assert [one.agreed_on for one in by_the_end] == [nth(DAY, every, k) for k in range(3)]
    assert by_the_end == norms_of(thrice, ledger(), DAY, until=date(2026, 12, 31)).obligations


def test_what_is_open_is_said_in_the_words_of_each_language() -> None:
    part = attrs.evolve(DONE, share=Decimal("0.5"))
    (why,) = fulfilment_of(holding(duty(due=DueOn(day=DAY))), ledger(part), DAY).why_not
    assert (why.en, why.fr) == ("B-1 of 2026-03-02 is performed in part", "B-1 du 2026-03-02 : exécutée en partie")
    assert set(STATE_WORDS) == set(ObligationState)
    assert set(POWER_STATE_WORDS) == set(PowerState)


def test_what_is_performed_later_does_not_count_yet() -> None:
    late = attrs.evolve(DONE, at=CLOSING.at + timedelta(days=2), on=date(2026, 6, 3))
    with pytest.raises(TransitionNotAllowed, match="B-1"):
        _ = completed(holding(duty(due=DueOn(day=DAY))), CLOSING, ledger(late))


def test_without_the_ledger_a_contract_with_duties_is_not_completed() -> None:
    with pytest.raises(TransitionNotAllowed, match="its ledger says whether B-1 is discharged"):
        _ = advance(holding(duty(due=DueOn(day=DAY))), CLOSING)
    with pytest.raises(InvalidRecord, match="NormLedger"):
        _ = completed(attrs.evolve(holding(), id=ContractId("other")), CLOSING, ledger())
    assert RecordedAsExecuted in {type(event) for event in holding().events}
