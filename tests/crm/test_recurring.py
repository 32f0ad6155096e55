"""What a sale brings in a year: its recurring lines, or why it is not known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.recurring import yearly_recurring
from clmcrm.values.ids import LineId, OpportunityId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier


def line(key: str, price: UnitPrice | None, every: Tenor | None) -> OpportunityLine:
    return OpportunityLine(id=LineId(key), unit_price=price, recurs_every=every)


ONCE = line("once", UnitPrice(900, "EUR"), None)
MONTHLY = line("monthly", UnitPrice(10, "EUR"), Tenor(months=1))
DOLLARS = line("dollars", UnitPrice(10, "USD"), Tenor(months=1))
UNPRICED = line("unpriced", None, Tenor(months=1))
BEYOND = OpportunityLine(
    id=LineId("many"),
    quantity=Decimal(11),
    price_model=PriceModel.VOLUME,
    tiers=(PriceTier(up_to=Decimal(10), price=UnitPrice(5, "EUR")),),
    recurs_every=Tenor(months=1),
)
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
        ((MONTHLY, BEYOND), Unknown("line many has no price for 11")),
        ((MONTHLY, WEEKLY), Money("641.43", "EUR")),
        ((line("free", None, None),), Unknown("no currency is stated")),
    ],
)
def test_lines_sum_to_a_year_or_say_why_not(lines: tuple[OpportunityLine, ...], expected: Money | Unknown) -> None:
    assert yearly_recurring(sale(*lines)) == expected


def test_the_stated_amount_wins_over_the_lines() -> None:
    stated = sale(MONTHLY, recurring_amount=Money(7, "EUR"), recurring_every=Tenor(months=1))
    assert yearly_recurring(stated) == Money(84, "EUR")
