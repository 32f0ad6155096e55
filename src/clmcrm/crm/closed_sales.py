"""Which sales a figure counts, and which it does not: one rule for every figure of the sale.

The rule of the file: each function returns what is counted and, beside it, every record that is not, with
the reason. Nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.values.conversion import DatedAmount, InOneCurrency, in_one_currency
from clmcrm.values.currencies import Currency
from clmcrm.values.figures import LeftOut
from clmcrm.values.ids import AccountId
from clmcrm.values.rates import RateTable
from clmcrm.values.span import Span


def sale_name(sale: Opportunity) -> str:
    """How figures name a sale.

    >>> from clmcrm.values.ids import OpportunityId
    >>> sale_name(Opportunity(id=OpportunityId("o1"), name="Licences"))
    'opportunity o1'
    """
    return f"opportunity {sale.id}"


def closed_in(opportunities: Iterable[Opportunity], period: Span) -> tuple[list[Opportunity], list[LeftOut]]:
    """The sales won or lost in `period` (both ends inside), and those of which that cannot be said.

    >>> closed_in([], Span(date(2026, 1, 1)))
    ([], [])
    """
    closed: list[Opportunity] = []
    left_out: list[LeftOut] = []
    for sale in opportunities:
        if sale.stage is OpportunityStage.UNKNOWN:
            left_out.append(LeftOut(record=sale_name(sale), reason="nothing is known of its stage"))
        elif sale.is_closed and sale.closed_on is None:
            left_out.append(LeftOut(record=sale_name(sale), reason="it is closed and its day is not stated"))
        elif sale.is_closed and sale.closed_on in period:
            closed.append(sale)
    return closed, left_out


def won_in(opportunities: Iterable[Opportunity], period: Span) -> tuple[list[Opportunity], list[LeftOut]]:
    """The sales won in `period` (both ends inside), and those of which that cannot be said.

    >>> won_in([], Span(date(2026, 1, 1)))
    ([], [])
    """
    sales = (sale for sale in opportunities if sale.stage is not OpportunityStage.LOST)
    return closed_in(sales, period)


def first_won(opportunities: Iterable[Opportunity]) -> tuple[dict[AccountId, date], list[LeftOut]]:
    """The day each account became a customer: the closing day of its first won sale; and those that cannot be placed.

    >>> first_won([])
    ({}, [])
    """
    first: dict[AccountId, date] = {}
    left_out: list[LeftOut] = []
    for sale in opportunities:
        if sale.stage is OpportunityStage.UNKNOWN:
            left_out.append(LeftOut(record=sale_name(sale), reason="nothing is known of its stage"))
        if not sale.is_won:
            continue
        if sale.account is None or sale.closed_on is None:
            lacking = "account" if sale.account is None else "closing day"
            left_out.append(LeftOut(record=sale_name(sale), reason=f"its {lacking} is not stated"))
        else:
            first[sale.account] = min(first.get(sale.account, sale.closed_on), sale.closed_on)
    return first, left_out


def is_credit_note(sale: Opportunity) -> bool:
    """Whether its amount is below zero: a credit note is no sale, and the figures of what was won leave it out.

    >>> from clmcrm.values.ids import OpportunityId
    >>> from clmcrm.values.money import Money
    >>> is_credit_note(Opportunity(id=OpportunityId("o"), name="S", amount=Money(-5, "EUR")))
    True
    """
    return sale.amount is not None and sale.amount.amount < 0


def sale_amounts(
    won: Iterable[Opportunity], code: str | Currency, rates: RateTable | None
) -> tuple[InOneCurrency, list[LeftOut]]:
    """The amounts of closed sales in the currency `code`, each at the rate of its own closing day.

    An amount of zero counts (a sale may be given away); one below zero is left out, because a credit note is
    no sale.

    >>> sale_amounts([], "EUR", None)[0].amounts
    ()
    """
    items: list[DatedAmount] = []
    left_out: list[LeftOut] = []
    for sale in won:
        if sale.amount is None or sale.closed_on is None:
            left_out.append(LeftOut(record=sale_name(sale), reason="its amount is not stated"))
        elif is_credit_note(sale):
            left_out.append(LeftOut(record=sale_name(sale), reason=f"its amount is below zero: {sale.amount}"))
        else:
            items.append(DatedAmount(record=sale_name(sale), amount=sale.amount, on=sale.closed_on))
    return in_one_currency(items, code, rates), left_out


def cycle_lengths(won: Iterable[Opportunity]) -> tuple[list[int], list[LeftOut]]:
    """The days from creation to closing of each closed sale; 0 for one closed on the day it was created.

    >>> cycle_lengths([])
    ([], [])
    """
    lengths: list[int] = []
    left_out: list[LeftOut] = []
    for sale in won:
        if sale.created_on is None or sale.closed_on is None:
            left_out.append(LeftOut(record=sale_name(sale), reason="its day of creation is not stated"))
        elif sale.closed_on < sale.created_on:
            left_out.append(LeftOut(record=sale_name(sale), reason="it was closed before it was created"))
        else:
            lengths.append((sale.closed_on - sale.created_on).days)
    return lengths, left_out
