"""Occurrences on a day: partial and late performance, conditions, and due days by an expression."""

from __future__ import annotations

from datetime import date
from decimal import Context, Decimal, localcontext
from typing import Any

import attrs
import pytest

from clmcrm.calendars.adjustments import Convention
from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY, HolidayTable
from clmcrm.clm.contract_facts import contract_facts
from clmcrm.clm.day_expressions import After, Facts, LaterOf, OnDay, OnFact
from clmcrm.clm.due_days import Anchors, Occurrence, occurrences, performances_for
from clmcrm.clm.events import RecordedAsExecuted
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.milestones import Achievement, Milestone, MilestoneId, met_on
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.obligations import DueEvery, DueOn, Obligation, ObligationKind, Performance
from clmcrm.clm.performance import OccurrenceState, performance_of
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ObligationId
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor
from making import at, contract

DUE = date(2026, 3, 10)
SIGNED = date(2026, 1, 15)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def owed(name: str, due: DueOn | DueEvery, **changes: object) -> Obligation:
    facts: dict[str, object] = {
        "id": ObligationId(name), "kind": ObligationKind.DELIVERY, "title": name,
        "obligor": Party.COUNTERPARTY, "obligee": Party.OWN, "due": due,
    }  # fmt: skip
    return Obligation(**(facts | changes))  # type: ignore[arg-type] # the facts are checked by the record


def anchors(*others: Obligation, **days: date) -> Anchors:
    return Anchors(
        executed_on=SIGNED, effective_on=SIGNED, last_day=None, others=others,
        facts=Facts({f"event:{name}": day for name, day in days.items()}),
    )  # fmt: skip


def found(answer: tuple[Occurrence, ...] | Unknown) -> tuple[Occurrence, ...]:
    assert not isinstance(answer, Unknown), answer
    return answer


def parts(*given: tuple[int, str]) -> tuple[Performance, ...]:
    return tuple(Performance(on=date(2026, 3, day), for_due=DUE, share=Decimal(share)) for day, share in given)


@pytest.mark.parametrize(
    ("performed", "as_of", "state", "late"),
    [
        ((), 9, OccurrenceState.UPCOMING, 0),
        ((), 10, OccurrenceState.DUE, 0),
        ((), 15, OccurrenceState.IN_GRACE, 0),
        ((), 16, OccurrenceState.BREACHED, 1),
        (((8, "0.4"),), 16, OccurrenceState.BREACHED, 1),
        (((8, "0.4"), (15, "0.6")), 31, OccurrenceState.FULFILLED, 0),
        (((8, "0.4"), (18, "0.6")), 31, OccurrenceState.LATE_FULFILLED, 3),
        (((8, "0.4"), (18, "0.6")), 17, OccurrenceState.BREACHED, 2),
    ],
)
def test_performing_late_never_erases_the_breach(
    performed: tuple[tuple[int, str], ...], as_of: int, state: OccurrenceState, late: int
) -> None:
    duty = owed("B-1", DueOn(day=DUE), grace=Tenor(days=5), performances=parts(*performed))
    one = found(occurrences(duty, *YEAR, anchors=anchors()))[0]
    standing = performance_of(duty, one, date(2026, 3, as_of))
    assert (standing.state, standing.late_days) == (state, late)
    assert all(p.on <= date(2026, 3, as_of) for p in standing.evidence)


def test_a_due_day_may_be_the_later_of_two_events() -> None:
    later = DueOn(
        day=LaterOf(
            of=(OnFact(name="event:acceptance"), After(start=OnFact(name="executed_on"), length=Tenor(months=2)))
        )
    )
    one = found(occurrences(owed("B-1", later), *YEAR, anchors=anchors(acceptance=date(2026, 4, 2))))[0]
    assert one.due_on == date(2026, 4, 2)
    assert any("the later of it" in step.what for step in one.steps)
    missing = occurrences(owed("B-1", later), *YEAR, anchors=anchors())
    assert isinstance(missing, Unknown)
    assert "the due day of B-1 is not known: 2026-03-15 or later; 'event:acceptance'" in missing.reason


def test_one_duty_is_due_after_another_was_done_or_due() -> None:
    first = owed("B-1", DueOn(day=DUE), performances=parts((12, "1")))
    after_done = owed("B-2", DueOn(day=After(start=OnFact(name="done:B-1"), length=Tenor(days=10))))
    after_due = owed("B-3", DueOn(day=After(start=OnFact(name="due:B-1"), length=Tenor(days=10))))
    known = anchors(first, after_done, after_due)
    assert [found(occurrences(one, *YEAR, anchors=known))[0].due_on for one in (after_done, after_due)] == [
        date(2026, 3, 22),
        date(2026, 3, 20),
    ]


def test_what_is_done_for_monday_is_not_done_for_the_weekend_as_well() -> None:
    """Agreed for every day from Friday the 6th, moved to a business day: three occurrences are due on Monday."""
    days = [date(2026, 3, day) for day in (6, 7, 8, 9)]
    due = DueEvery(first_on=days[0], every=Tenor(days=1), times=4)
    daily = owed("B-1", due, convention=Convention.FOLLOWING, performances=(Performance(on=days[3], for_due=days[3]),))
    seen = found(occurrences(daily, *YEAR, anchors=anchors(), calendar=MONDAY_TO_FRIDAY))
    assert [one.due_on for one in seen] == [days[0], days[3], days[3], days[3]]
    assert [performance_of(daily, one, days[3]).done for one in seen] == [0, 0, 0, 1]
    running = advance(contract(obligations=(daily,)), RecordedAsExecuted(at("2024-05-20"), "archive"))
    read = norms_of(running, NormLedger(contract=running.id), days[3], calendar=MONDAY_TO_FRIDAY)
    assert [one.done for one in read.obligations] == [0, 0, 0, 1]
    # Where the contract ends on the Sunday, nothing is agreed for Monday, and Monday is when the weekend's is due.
    ended = attrs.evolve(daily, due=DueEvery(first_on=days[0], every=Tenor(days=1)))
    assert [bool(performances_for(ended, one, days[2])) for one in seen[:3]] == [False, True, True]
    surviving = attrs.evolve(ended, survives=True)
    assert [bool(performances_for(surviving, one, days[2])) for one in seen] == [False, False, False, True]
    # A week on, only one occurrence is due on the Monday, and both days name it.
    weekly = attrs.evolve(daily, due=DueEvery(first_on=days[1], every=Tenor(weeks=1), last_day=days[1]))
    (one,) = found(occurrences(weekly, *YEAR, anchors=anchors(), calendar=MONDAY_TO_FRIDAY))
    for day in (days[1], days[3]):
        told = attrs.evolve(weekly, performances=(Performance(on=days[3], for_due=day),))
        assert performance_of(told, one, days[3]).done == 1


def test_a_duty_that_recurs_was_not_done_on_one_day() -> None:
    halves = tuple(Performance(on=day, for_due=day, share=Decimal("0.5")) for day in (DUE, date(2026, 4, 10)))
    monthly = owed("B-1", DueEvery(first_on=DUE, every=Tenor(months=1)), performances=halves)
    after = owed("B-2", DueOn(day=After(start=OnFact(name="done:B-1"), length=Tenor(days=10))))
    why = "B-1 recurs: it has no single day"
    assert contract_facts(contract(obligations=(monthly,)))["done:B-1"] == Unknown(why)
    missing = occurrences(after, *YEAR, anchors=anchors(monthly, after))
    assert isinstance(missing, Unknown)
    assert why in missing.reason


def test_duties_counted_from_one_another_have_no_day() -> None:
    one = owed("B-1", DueOn(day=After(start=OnFact(name="due:B-2"), length=Tenor(days=1))))
    two = owed("B-2", DueOn(day=After(start=OnFact(name="due:B-1"), length=Tenor(days=1))))
    answer = occurrences(one, *YEAR, anchors=anchors(one, two))
    assert isinstance(answer, Unknown)
    assert "in turn" in answer.reason
    # The contract's own facts end as well.
    assert isinstance(contract_facts(contract(obligations=(one, two)))["due:B-1"], Unknown)


def test_what_was_due_before_its_condition_came_true_was_never_owed() -> None:
    due = DueEvery(first_on=date(2026, 1, 31), every=Tenor(months=1))
    duty = owed("B-1", due, condition="once the site is open", condition_fact="event:opening")
    waiting = occurrences(duty, *YEAR, anchors=anchors())
    assert isinstance(waiting, Unknown)
    assert waiting.reason == "B-1 is owed only on a condition (once the site is open): 'event:opening' is not recorded"
    open_from = found(occurrences(duty, *YEAR, anchors=anchors(opening=date(2026, 10, 31))))
    assert [o.due_on.isoformat() for o in open_from] == ["2026-10-31", "2026-11-30", "2026-12-31"]


def test_another_calendar_changes_nothing_but_adjusted_days() -> None:
    duty = owed("B-1", DueEvery(first_on=date(2026, 1, 31), every=Tenor(months=1)), convention=Convention.FOLLOWING)
    other = HolidayTable(name="six days", place="DE", closed_weekdays=frozenset({6}))
    window = (date(2025, 12, 1), date(2027, 1, 31))
    weekdays = found(occurrences(duty, *window, anchors=anchors(), calendar=MONDAY_TO_FRIDAY))
    six_days = found(occurrences(duty, *window, anchors=anchors(), calendar=other))
    assert [o.agreed_on for o in weekdays][:12] == [o.agreed_on for o in six_days][:12]
    assert [o.due_on for o in weekdays] != [o.due_on for o in six_days]


def test_duties_with_expressions_are_read_back_equal() -> None:
    duty = owed("B-1", DueOn(day=LaterOf(of=(OnDay(day=DUE), OnFact(name="event:acceptance")))), condition_fact="x")
    assert from_fields(Obligation, to_fields(duty)) == duty


@pytest.mark.parametrize("share", ["1", 0.5, 1, None, True, Decimal(0), Decimal("1.1"), Decimal("NaN")])
def test_what_is_no_share_is_refused_by_name(share: Any) -> None:
    for made in (
        lambda: Performance(on=DUE, for_due=DUE, share=share),
        lambda: Achievement(on=DUE, share=share),
    ):
        with pytest.raises(InvalidRecord, match=r"(Performance|Achievement): share is "):
            _ = made()


def test_parts_are_added_exactly_whatever_the_host_counts_with() -> None:
    parts = (Decimal("0.996"), Decimal("0.001"))
    paid = owed(
        "P-1", DueOn(day=DUE), performances=tuple(Performance(on=DUE, for_due=DUE, share=part) for part in parts)
    )
    reached = Milestone(
        id=MilestoneId("M"), title="m", due=OnDay(day=DUE),
        achievements=tuple(Achievement(on=DUE, share=part) for part in parts),
    )  # fmt: skip
    (one,) = found(occurrences(paid, *YEAR, anchors=anchors()))
    with localcontext(Context(prec=2)):
        assert performance_of(paid, one, DUE).done_on is None
        assert met_on(reached, DUE) is None
