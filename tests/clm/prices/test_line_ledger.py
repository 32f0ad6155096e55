"""The ledger of a contract's line: amendments in mid-period, backdated, added and ended."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from clmcrm.clm.amendments import Amendment, AmendmentKind, LineChange, Restatement
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import AmendmentAccepted, Undone
from clmcrm.clm.lines import BillingTiming, ContractLine
from clmcrm.clm.prices.ledger import Ledger
from clmcrm.clm.prices.line_ledger import line_ledger, price_history
from clmcrm.values.ids import AmendmentId, LineId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import PartialDate, Unknown
from clmcrm.values.tenor import Tenor
from making import at, contract

SEATS = LineId("seats")


def line(**changes: Any) -> ContractLine:
    facts: dict[str, Any] = {
        "id": SEATS,
        "description": "seats",
        "quantity": Decimal(10),
        "price": UnitPrice(3, "EUR"),
        "recurrence": Tenor(months=1),
    }
    return ContractLine(**(facts | changes))


def with_line(**changes: Any) -> Contract:
    return contract(effective_on=date(2026, 4, 1), lines=(line(**changes),))


def accept(before: Contract, on: str, effective_on: str, *added: ContractLine, **change: Any) -> Contract:
    number = AmendmentId(f"A{len(before.amendments) + 1}")
    effective = date.fromisoformat(effective_on)
    amendment = Amendment(
        id=number,
        title="change",
        base_version=len(before.amendments),
        effective_on=effective,
        line_changes=(LineChange(line=SEATS, **change),) if change else (),
        lines_added=added,
    )
    event = AmendmentAccepted(
        at(on), "clm", amendment=number, base_version=amendment.base_version, effective_on=effective
    )
    return attrs.evolve(before, amendments=(*before.amendments, amendment), events=(*before.events, event))


def found(of: Contract, as_of: str, key: LineId = SEATS) -> Ledger:
    ledger = line_ledger(of, key, date.fromisoformat(as_of))
    assert isinstance(ledger, Ledger)
    return ledger


def amounts(ledger: Ledger) -> list[str]:
    return [str(entry.amount.amount) for entry in ledger.entries]


def test_second_amendment_in_a_period_is_reckoned_from_the_price_in_force() -> None:
    """Pain 7, on a contract: 30, then 60, then 90 EUR a month."""
    amended = accept(with_line(), "2026-04-11", "2026-04-11", quantity=Decimal(20))
    amended = accept(amended, "2026-04-21", "2026-04-21", quantity=Decimal(30))
    ledger = found(amended, "2026-04-30")
    assert amounts(ledger) == ["30.00", "-20.00", "40.00", "-20.00", "30.00"]
    assert ledger.charged(0) == Money(60, "EUR")


def test_a_backdated_amendment_leaves_what_was_billed_and_adds_deltas() -> None:
    amended = accept(with_line(), "2026-06-15", "2026-04-16", price=UnitPrice(6, "EUR"))
    before, after = found(amended, "2026-06-14"), found(amended, "2026-06-30")
    assert amounts(before) == ["30.00", "30.00", "30.00"]
    assert after.entries[:3] == before.entries
    assert [str(after.charged(k).amount) for k in range(3)] == ["45.00", "60.00", "60.00"]


def test_an_amendment_of_next_year_changes_nothing_today() -> None:
    amended = accept(with_line(), "2026-04-10", "2027-04-01", price=UnitPrice(6, "EUR"))
    assert found(amended, "2026-04-30").entries == found(with_line(), "2026-04-30").entries


def test_a_line_ended_by_amendment_is_credited_for_its_last_days() -> None:
    amended = accept(with_line(), "2026-04-05", "2026-04-05", last_day=date(2026, 4, 20))
    assert amounts(found(amended, "2026-12-31")) == ["30.00", "-10.00"]


def test_an_end_that_an_amendment_puts_off_is_taken_back() -> None:
    fixed = with_line(last_day=date(2026, 4, 20))
    amended = accept(fixed, "2026-04-10", "2026-04-10", last_day=date(2026, 5, 31))
    history = price_history(amended, SEATS)
    assert not isinstance(history, Unknown)
    assert [(str(p.first_day), str(p.amount.amount)) for p in history] == [
        ("2026-04-01", "30.00"),
        ("2026-06-01", "0.00"),
    ]
    assert amounts(found(fixed, "2026-12-31")) == ["20.00"]
    assert found(amended, "2026-12-31").charged(0) == Money(30, "EUR")


def test_a_line_added_by_amendment_is_billed_from_that_day_on_the_anchor_it_names() -> None:
    extra = line(id=LineId("extra"), anchor_on=date(2026, 4, 1))
    amended = accept(with_line(), "2026-04-16", "2026-04-16", extra)
    assert amounts(found(amended, "2026-05-01", LineId("extra"))) == ["15.00", "30.00"]


def test_an_acceptance_taken_back_is_credited_on_the_day_it_is() -> None:
    amended = accept(with_line(), "2026-04-10", "2026-04-16", price=UnitPrice(6, "EUR"))
    undone = attrs.evolve(amended, events=(*amended.events, Undone(at("2026-05-10"), "clm", what=amended.events[0])))
    assert amounts(found(undone, "2026-05-09")) == ["30.00", "-15.00", "30.00", "60.00"]
    after = found(undone, "2026-06-01")
    assert [str(after.charged(k).amount) for k in range(3)] == ["30.00", "30.00", "30.00"]
    history = price_history(undone, SEATS)
    assert not isinstance(history, Unknown)
    assert [str(price.amount.amount) for price in history] == ["30.00"]


def test_a_line_whose_amendment_is_taken_back_is_credited_in_full_and_may_come_again() -> None:
    extra = LineId("extra")
    amended = accept(with_line(), "2026-04-16", "2026-05-01", line(id=extra))
    undone = attrs.evolve(amended, events=(*amended.events, Undone(at("2026-06-10"), "clm")))
    assert amounts(found(undone, "2026-07-01", extra)) == ["30.00", "30.00", "-30.00", "-30.00"]
    again = attrs.evolve(undone, events=(*undone.events, attrs.evolve(amended.events[0], at=at("2026-06-20"))))
    ledger = found(again, "2026-07-01", extra)
    assert [str(ledger.charged(k).amount) for k in range(3)] == ["30.00", "30.00", "30.00"]


def restate(before: Contract, *lines: ContractLine) -> Contract:
    amendment = Amendment(
        id=AmendmentId("A1"), title="restated", kind=AmendmentKind.RESTATES, base_version=0,
        effective_on=date(2026, 5, 1), restated=Restatement(lines=lines),
    )  # fmt: skip
    event = AmendmentAccepted(
        at("2026-04-20"), "clm", amendment=amendment.id, base_version=0, effective_on=date(2026, 5, 1)
    )
    return attrs.evolve(before, amendments=(amendment,), events=(event,))


def test_a_line_that_comes_by_a_restatement_is_billed_from_its_day() -> None:
    anew = restate(with_line(), line(id=LineId("extra"), price=UnitPrice(6, "EUR")))
    assert amounts(found(anew, "2026-06-01", LineId("extra"))) == ["60.00", "60.00"]
    assert amounts(found(anew, "2026-06-01")) == ["30.00"]


def test_a_line_restated_with_a_later_first_day_rests_until_then() -> None:
    assert amounts(found(restate(with_line(), line(first_day=date(2026, 6, 16))), "2026-07-01")) == [
        "30.00", "15.00", "30.00",
    ]  # fmt: skip


def test_arrears_bill_what_was_in_force_without_a_delta() -> None:
    late = with_line(timing=BillingTiming.ARREARS)
    amended = accept(late, "2026-04-16", "2026-04-16", price=UnitPrice(6, "EUR"))
    assert amounts(found(amended, "2026-05-01")) == ["15.00", "30.00"]


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (with_line(recurrence=None), "one-off"),
        (contract(lines=()), "no line seats"),
        (contract(lines=(line(),), effective_on=PartialDate(year=2026)), "only 2026-..-.. is known"),
    ],
)
def test_a_line_without_periods_has_no_ledger_and_says_why(of: Contract, reason: str) -> None:
    ledger = line_ledger(of, SEATS, date(2026, 4, 1))
    assert isinstance(ledger, Unknown)
    assert reason in ledger.reason


def test_a_line_that_ends_with_the_calendar_costs_its_price_for_ever() -> None:
    """31 December 9999, as many systems write that there is no end."""
    endless = with_line(last_day=date.max)
    assert price_history(endless, SEATS) == price_history(with_line(last_day=None), SEATS)
    assert amounts(found(endless, "2026-12-31")) == amounts(found(with_line(last_day=None), "2026-12-31"))


def in_years(on: str, effective_on: str) -> Contract:
    """30 EUR a month, restated as 360 EUR a year: the same money in another rhythm."""
    restated = Restatement(lines=(line(price=UnitPrice(36, "EUR"), recurrence=Tenor(years=1)),))
    amendment = Amendment(
        id=AmendmentId("A1"),
        title="change",
        kind=AmendmentKind.RESTATES,
        base_version=0,
        effective_on=date.fromisoformat(effective_on),
        restated=restated,
    )
    event = AmendmentAccepted(
        at(on), "clm", amendment=amendment.id, base_version=0, effective_on=amendment.effective_on
    )
    return attrs.evolve(with_line(), amendments=(amendment,), events=(event,))


def test_a_price_of_a_year_is_never_charged_every_month() -> None:
    why = "line seats is charged in another rhythm from 2026-07-01 on: its periods are not of one ledger"
    amended = in_years("2026-05-10", "2026-07-01")
    assert price_history(amended, SEATS) == Unknown(why)
    assert line_ledger(amended, SEATS, date(2026, 7, 1)) == Unknown(why)


def test_a_year_and_twelve_months_are_one_rhythm_however_an_amendment_writes_it() -> None:
    yearly = with_line(recurrence=Tenor(years=1))
    anew = restate(yearly, line(recurrence=Tenor(months=12), price=UnitPrice("73.00", "EUR")))
    # 30 EUR for the 30 days of April, 730 for the other 335, each of a year of 365 days.
    assert [str(found(anew, "2026-05-01").charged(0).amount)] == ["672.47"]
    history = price_history(anew, SEATS)
    assert not isinstance(history, Unknown)
    assert [price.first_day for price in history] == [date(2026, 4, 1), date(2026, 5, 1)]


def test_until_a_new_rhythm_begins_the_periods_are_billed_as_before() -> None:
    amended = in_years("2026-05-10", "2026-07-01")
    assert found(amended, "2026-06-30").entries == found(with_line(), "2026-06-30").entries
    late = in_years("2026-08-10", "2026-07-01")
    assert amounts(found(late, "2026-08-09")) == ["30.00"] * 5
    assert isinstance(line_ledger(late, SEATS, date(2026, 8, 10)), Unknown)
    undone = attrs.evolve(late, events=(*late.events, Undone(at("2026-08-20"), "clm", what=late.events[0])))
    assert found(undone, "2026-09-01").charged(5) == Money(30, "EUR")
    assert [str(found(undone, "2026-09-01").charged(k).amount) for k in range(6)] == ["30.00"] * 6
