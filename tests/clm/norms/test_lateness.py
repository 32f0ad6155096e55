"""How late a duty is, and when it goes one level up: frozen days are never late, disputed ones do not escalate."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_norms import duty, holding, ledger, march, noon, performed, resumed, suspended

from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY, HolidayCalendar, HolidayTable, is_business_day
from clmcrm.clm.disputes import Dispute, DisputeOutcome
from clmcrm.clm.events import ClockEffect
from clmcrm.clm.kinds import Party
from clmcrm.clm.norms import entries as n
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.obligation_standings import ObligationStanding
from clmcrm.clm.remedies import LateInterest, RatePer, Remedy, RemedyId, RemedyTrigger
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ContractId, DisputeId, ObligationId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown

# Due on Tuesday 10 March 2026: the 11th is the first day late, the 14th and 15th are a weekend.
ESCALATING = duty(escalate_after=(1, 3, 5))
ONE_YEAR = HolidayTable(name="2025 only", place="tests", holidays={}, last_day=date(2025, 12, 31))


NOTHING = ledger()


def on(
    as_of: date,
    told: NormLedger = NOTHING,
    *,
    calendar: HolidayCalendar | None = MONDAY_TO_FRIDAY,
    disputes: tuple[Dispute, ...] = (),
) -> ObligationStanding:
    """Where the duty stands, by a calendar of weekdays."""
    return norms_of(holding(ESCALATING), told, as_of, calendar=calendar, disputes=disputes).obligations[0]


def opened(day: date) -> n.DisputeOpened:
    return n.DisputeOpened(at=noon(day), by="ann", norm="B-1", on=day, dispute=DisputeId("D-1"))


def settled(day: date) -> n.DisputeSettled:
    return n.DisputeSettled(at=noon(day), by="ann", norm="B-1", on=day, dispute=DisputeId("D-1"))


def dispute(opened_on: date, closed_on: object = None, **changes: object) -> Dispute:
    facts: dict[str, object] = {
        "id": DisputeId("D-9"), "contract": ContractId("C-1"), "subject": "quality", "raised_by": Party.OWN,
        "opened_on": opened_on, "closed_on": closed_on, "obligation": ObligationId("B-1"),
        "outcome": None if closed_on is None else DisputeOutcome.SETTLED,
    }  # fmt: skip
    return Dispute(**(facts | changes))  # type: ignore[arg-type] # a test may pass what a record refuses


@pytest.mark.parametrize(
    ("as_of", "late", "overdue", "level"),
    [
        (march(10), 0, 0, 0),
        (march(11), 1, 1, 1),
        (march(12), 2, 2, 1),
        (march(13), 3, 3, 2),
        (march(15), 5, 3, 2),
        (march(17), 7, 5, 3),
        (march(31), 21, 15, 3),
    ],
)
def test_days_and_business_days_late_and_the_level_they_reach(as_of: date, late: int, overdue: int, level: int) -> None:
    found = on(as_of)
    assert (found.late_days, found.overdue, found.escalated) == (late, overdue, level)


def test_what_was_done_late_stays_as_late_as_it_was() -> None:
    found = on(march(31), ledger(performed(march(12))))
    assert (found.late_days, found.overdue, found.escalated) == (2, 2, 1)


def test_frozen_days_are_never_late() -> None:
    told = ledger(suspended(march(12), ClockEffect.FREEZE), resumed(march(17)))
    found = on(march(18), told)
    assert (found.late_days, found.overdue) == (3, 3)


def test_days_in_dispute_are_late_and_do_not_escalate() -> None:
    told = ledger(opened(march(11)), settled(march(13)))
    found = on(march(13), told)
    assert (found.overdue, found.escalated) == (3, 1)
    assert on(march(12), told).disputes == (DisputeId("D-1"),)
    assert found.disputes == ()


@pytest.mark.parametrize(
    ("record", "level"),
    [
        (dispute(march(11)), 0),
        (dispute(march(11), march(13)), 1),
        # One over another duty, and one that begins only later, change nothing.
        (dispute(march(11), obligation=ObligationId("B-2")), 2),
        (dispute(march(14)), 2),
        # Opened and closed on one day: it was never open.
        (dispute(march(12), march(12)), 2),
    ],
)
def test_a_dispute_that_is_a_record_counts_like_one_in_the_ledger(record: Dispute, level: int) -> None:
    assert on(march(13), disputes=(record,)).escalated == level


def test_what_a_record_says_of_later_days_is_not_seen() -> None:
    found = on(march(13), disputes=(dispute(march(11), march(20)),))
    assert (found.disputes, found.escalated) == ((DisputeId("D-9"),), 0)


def test_business_days_need_a_calendar_that_covers_them() -> None:
    for calendar, why in ((None, "business days need a calendar"), (ONE_YEAR, "2026")):
        found = on(march(13), calendar=calendar)
        assert found.late_days == 3
        assert isinstance(found.overdue, Unknown)
        assert why in found.overdue.reason
        assert found.escalated == found.overdue


@given(st.integers(0, 60), st.lists(st.tuples(st.integers(1, 60), st.integers(1, 20)), max_size=2))
def test_late_days_are_those_after_the_last_allowed_that_are_not_frozen(
    days: int, stops: list[tuple[int, int]]
) -> None:
    as_of, frozen, entries, day = march(10) + timedelta(days=days), set[date](), list[n.AnyEntry](), march(10)
    for after, length in stops:
        first = day + timedelta(days=after)
        day = first + timedelta(days=length)
        entries += [suspended(first, ClockEffect.FREEZE), resumed(day)]
        frozen |= {first + timedelta(days=each) for each in range(length)}
    found = on(as_of, ledger(*entries))
    late = [d for each in range(1, days + 1) if (d := march(10) + timedelta(days=each)) not in frozen]
    assert found.late_days == len(late)
    assert found.overdue == sum(is_business_day(each, MONDAY_TO_FRIDAY) for each in late)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closed_on": march(20), "outcome": None}, "outcome"),
        ({"outcome": DisputeOutcome.WON}, "outcome"),
        ({"closed_on": march(1), "outcome": DisputeOutcome.WON}, "closed_on"),
    ],
)
def test_a_dispute_that_contradicts_itself_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRecord, match=f"Dispute D-9: {field}"):
        _ = dispute(march(11), **changes)


def test_what_was_due_before_it_bound_is_late_only_from_then_on() -> None:
    daily = LateInterest(rate=Decimal("0.01"), per=RatePer.DAY)
    interest = Remedy(id=RemedyId("R-1"), title="interest", consequence=daily, fires=RemedyTrigger.BREACH)
    unsigned = holding(duty(remedies=(interest,)), effective_on=march(20), executed_on=Unknown("lost"))
    found = norms_of(unsigned, NOTHING, march(23), calendar=MONDAY_TO_FRIDAY).obligations[0]
    assert found.breach is not None
    # Bound on Friday the 20th: four days late by Monday, two of them business days.
    assert (found.breach.since, found.late_days, found.overdue) == (march(20), 4, 2)
    assert found.remedies[0].amount == Money(40, "EUR")
