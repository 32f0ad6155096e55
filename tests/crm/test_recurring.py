"""What recurs in a year: exact for whole months, unknown for anything else."""

from __future__ import annotations

from typing import Any

import pytest

from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.recurring import yearly, yearly_recurring
from clmcrm.values.ids import LineId, OpportunityId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor


@pytest.mark.parametrize(
    ("every", "amount"),
    [
        (Tenor(months=1), "1200.00"),
        (Tenor(months=3), "400.00"),
        (Tenor(years=1), "100.00"),
        (Tenor(months=12), "100.00"),
        (Tenor(years=1, months=6), "66.67"),
        (Tenor(months=5), "240.00"),
        (Tenor(years=3), "33.33"),
    ],
)
def test_whole_months_have_an_exact_yearly_amount(every: Tenor, amount: str) -> None:
    assert yearly(Money(100, "EUR"), every) == Money(amount, "EUR")


@pytest.mark.parametrize("every", [Tenor(weeks=1), Tenor(days=30), Tenor(months=1, days=1)])
def test_weeks_and_days_have_none(every: Tenor) -> None:
    found = yearly(Money(100, "EUR"), every)
    assert isinstance(found, Unknown)
    assert every.words in found.reason


def line(key: str, price: UnitPrice | None, every: Tenor | None) -> OpportunityLine:
    return OpportunityLine(id=LineId(key), unit_price=price, recurs_every=every)


ONCE = line("once", UnitPrice(900, "EUR"), None)
MONTHLY = line("monthly", UnitPrice(10, "EUR"), Tenor(months=1))
DOLLARS = line("dollars", UnitPrice(10, "USD"), Tenor(months=1))
UNPRICED = line("unpriced", None, Tenor(months=1))
WEEKLY = line("weekly", UnitPrice(10, "EUR"), Tenor(weeks=1))


def sale(*lines: OpportunityLine, **facts: Any) -> Opportunity:
    return Opportunity(id=OpportunityId("o"), name="S", lines=lines, **facts)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((ONCE, MONTHLY), Money(120, "EUR")),
        ((ONCE,), Money(0, "EUR")),
        ((), Unknown("neither a recurring amount nor lines are stated")),
        ((MONTHLY, DOLLARS), Unknown("its recurring lines mix EUR and USD")),
        ((MONTHLY, UNPRICED), Unknown("line unpriced has no price")),
        ((MONTHLY, WEEKLY), Unknown("every 1 week has no exact yearly amount")),
        ((line("free", None, None),), Unknown("no currency is stated")),
    ],
)
def test_lines_sum_to_a_year_or_say_why_not(
    lines: tuple[OpportunityLine, ...], expected: Money | Unknown
) -> None:
    assert yearly_recurring(sale(*lines)) == expected


def test_the_stated_amount_wins_over_the_lines() -> None:
    stated = sale(MONTHLY, recurring_amount=Money(7, "EUR"), recurring_every=Tenor(months=1))
    assert yearly_recurring(stated) == Money(84, "EUR")
