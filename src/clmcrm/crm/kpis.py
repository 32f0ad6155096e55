"""The sales figures a board asks for, each with its formula, its population and what it leaves out.

Amounts are brought into one currency at the rate of each sale's own closing day; what cannot be
converted is left out and named. A share or a mean of nothing is unknown, never zero.
What each figure means stands in `clmcrm.crm.figure_definitions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from clmcrm.crm.campaign import CostItem
from clmcrm.crm.closed_sales import closed_in, cycle_lengths, first_won, sale_amounts, sale_name, won_in
from clmcrm.crm.figure_definitions import (
    AVERAGE_DEAL_VALUE,
    CONVERSION_RATE,
    CUSTOMER_ACQUISITION_COST,
    CUSTOMER_LIFETIME_VALUE,
    PIPELINE_VELOCITY,
    SALES_CYCLE,
    WIN_RATE,
)
from clmcrm.crm.lead import Lead, LeadStatus
from clmcrm.crm.opportunity import Opportunity
from clmcrm.errors import InvalidRecord
from clmcrm.values.conversion import DatedAmount, InOneCurrency, in_one_currency
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.exact import exact_money, round_to
from clmcrm.values.figures import Figure, FigureValue, LeftOut
from clmcrm.values.money import total
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable
from clmcrm.values.span import Span

_SHARE_PLACES: Final = 4
_DAY_PLACES: Final = 2


def conversion_rate(leads: Iterable[Lead], period: Span) -> Figure:
    """The share (0 to 1, four decimals) of the leads created in `period` that were converted.

    A lead without a day of creation or of unknown status is left out. Leads converted later than the
    period count as converted: they are followed to their end.

    >>> from datetime import date
    >>> from clmcrm.values.ids import LeadId
    >>> lead = Lead(id=LeadId("l"), name="Ada", status=LeadStatus.NEW, created_on=date(2026, 1, 9))
    >>> conversion_rate([lead], Span(date(2026, 1, 1), date(2026, 3, 31))).value
    Decimal('0.0000')
    """
    left_out: list[LeftOut] = []
    counted: list[Lead] = []
    for lead in leads:
        if lead.created_on is None:
            left_out.append(LeftOut(record=f"lead {lead.id}", reason="its day of creation is not stated"))
        elif lead.created_on in period and lead.status is LeadStatus.UNKNOWN:
            left_out.append(LeftOut(record=f"lead {lead.id}", reason="its status is unknown"))
        elif lead.created_on in period:
            counted.append(lead)
    converted = sum(lead.is_converted for lead in counted)
    value = _share(converted, len(counted), f"no lead was created in {period}")
    return CONVERSION_RATE.result(value, "share", len(counted), left_out)


def win_rate(opportunities: Iterable[Opportunity], period: Span) -> Figure:
    """The share (0 to 1, four decimals) of the sales closed in `period` that were won.

    >>> str(win_rate([], Span(date(2026, 1, 1), date(2026, 3, 31))).value)
    'unknown: no sale was closed in 2026-01-01/2026-03-31'
    """
    closed, left_out = closed_in(opportunities, period)
    won = sum(sale.is_won for sale in closed)
    value = _share(won, len(closed), f"no sale was closed in {period}")
    return WIN_RATE.result(value, "share", len(closed), left_out)


def average_deal_value(
    opportunities: Iterable[Opportunity], period: Span, code: str | Currency, rates: RateTable | None = None
) -> Figure:
    """The mean amount of the sales won in `period`, in the currency `code`, rounded half up.

    A won sale without an amount, or in another currency without a rate, is left out.

    >>> from clmcrm.crm.opportunity import OpportunityStage
    >>> from clmcrm.values.ids import OpportunityId
    >>> from clmcrm.values.money import Money
    >>> sale = Opportunity(id=OpportunityId("o"), name="S", stage=OpportunityStage.WON,
    ...                    amount=Money(90, "EUR"), closed_on=date(2026, 2, 1))
    >>> average_deal_value([sale], Span(date(2026, 1, 1), date(2026, 3, 31)), "EUR").value
    Money('90.00', 'EUR')
    """
    won, left_out = won_in(opportunities, period)
    found, unstated = sale_amounts(won, code, rates)
    value = _mean_amount(found, code, f"no sale with an amount was won in {period}")
    missing = (*left_out, *unstated, *found.left_out)
    return AVERAGE_DEAL_VALUE.result(value, str(code), len(found.amounts), missing, found.rates)


def sales_cycle(opportunities: Iterable[Opportunity], period: Span) -> Figure:
    """The mean number of days (two decimals) from creation to closing of the sales won in `period`.

    >>> sales_cycle([], Span(date(2026, 1, 1), date(2026, 3, 31))).unit
    'days'
    """
    won, left_out = won_in(opportunities, period)
    lengths, unstated = cycle_lengths(won)
    value: FigureValue = Unknown(f"no sale with a day of creation was won in {period}")
    if lengths:
        value = round_to(Fraction(sum(lengths), len(lengths)), _DAY_PLACES)
    return SALES_CYCLE.result(value, "days", len(lengths), (*left_out, *unstated))


def pipeline_velocity(
    opportunities: Iterable[Opportunity], period: Span, code: str | Currency, rates: RateTable | None = None
) -> Figure:
    """What the pipeline brings per day, in the currency `code`: open sales x win rate x value / cycle.

    Win rate, value and cycle are those of `period`; the open sales are those open as they are given. The
    factors are multiplied unrounded and the result is rounded once. The population is the number of open
    sales, and without any the pipeline brings zero a day; what any factor leaves out is listed.

    >>> pipeline_velocity([], Span(date(2026, 1, 1), date(2026, 3, 31)), "EUR").unit
    'EUR per day'
    """
    sales = tuple(opportunities)
    unit = currency(code)
    closed, left_out = closed_in(sales, period)
    won = [sale for sale in closed if sale.is_won]
    found, unstated = sale_amounts(won, unit, rates)
    lengths, undated = cycle_lengths(won)
    open_now = sum(sale.is_open for sale in sales)
    value: FigureValue
    if not found.amounts or not sum(lengths):
        value = Unknown(f"no sale with an amount and a cycle of a day or more was won in {period}")
    else:
        mean = Fraction(total((m for _, m in found.amounts), unit).amount) / len(found.amounts)
        cycle = Fraction(sum(lengths), len(lengths))
        per_day = open_now * Fraction(len(won), len(closed)) * mean / cycle
        value = exact_money(per_day, unit)
    missing = (*left_out, *unstated, *found.left_out, *undated)
    return PIPELINE_VELOCITY.result(value, f"{unit} per day", open_now, missing, found.rates)


def customer_acquisition_cost(
    costs: Iterable[CostItem],
    opportunities: Iterable[Opportunity],
    period: Span,
    code: str | Currency,
    rates: RateTable | None = None,
) -> Figure:
    """What it cost to win a customer in `period`, in the currency `code`, rounded half up.

    `costs` are those of marketing and of selling; undated ones are left out. A customer is won with the
    account's first won sale, so `opportunities` must reach back before the period; a won sale without account or
    closing day, and one of unknown stage, is left out. The population is the number of customers won.

    >>> cost = CostItem(label="fair", amount=Money(500, "EUR"), on=date(2026, 2, 1))
    >>> quarter = Span(date(2026, 1, 1), date(2026, 3, 31))
    >>> str(customer_acquisition_cost([cost], [], quarter, "EUR").value)
    'unknown: no customer was won in 2026-01-01/2026-03-31'
    """
    items: list[DatedAmount] = []
    left_out: list[LeftOut] = []
    for cost in costs:
        if cost.on is None:
            left_out.append(LeftOut(record=f"cost {cost.label}", reason="its day is not stated"))
        elif cost.on in period:
            items.append(DatedAmount(record=f"cost {cost.label}", amount=cost.amount, on=cost.on))
    found = in_one_currency(items, code, rates)
    customers_since, unplaced = first_won(opportunities)
    customers = sum(day in period for day in customers_since.values())
    value: FigureValue = Unknown(f"no customer was won in {period}")
    if not items:
        value = Unknown(f"no cost is stated for {period}")
    elif found.left_out:
        # A sum that lacks some of the cost would make customers look cheap.
        value = Unknown("not every cost could be converted")
    elif customers:
        spent = total((money for _, money in found.amounts), code)
        value = exact_money(Fraction(spent.amount) / customers, spent.currency)
    missing = (*left_out, *found.left_out, *unplaced)
    return CUSTOMER_ACQUISITION_COST.result(value, str(code), customers, missing, found.rates)


def customer_lifetime_value(
    opportunities: Iterable[Opportunity],
    period: Span,
    code: str | Currency,
    *,
    margin: Decimal,
    years: Decimal,
    rates: RateTable | None = None,
) -> Figure:
    """What a customer brings over the `years` it stays, at the gross `margin` (0 to 1), rounded half up.

    The yearly amount is what was won per customer in `period`, which must be whole calendar months so that
    "yearly" is exact. The population is the number of customers. Raises `InvalidRecord` for another period
    or a margin or number of years out of range.

    >>> year = Span(date(2026, 1, 1), date(2026, 12, 31))
    >>> customer_lifetime_value([], year, "EUR", margin=Decimal("0.8"), years=Decimal(4)).population
    0
    """
    months = _whole_months(period)
    if not (_is_exact(margin) and 0 <= margin <= 1):
        raise InvalidRecord("customer lifetime value", "margin", margin, "a Decimal from 0 to 1")
    if not (_is_exact(years) and years > 0):
        raise InvalidRecord("customer lifetime value", "years", years, "a Decimal above 0")
    won, left_out = won_in(opportunities, period)
    nameless = [sale for sale in won if sale.account is None]
    named = [sale for sale in won if sale.account is not None]
    found, unstated = sale_amounts(named, code, rates)
    counted = {record for record, _ in found.amounts}
    customers = len({sale.account for sale in named if sale_name(sale) in counted})
    value: FigureValue = Unknown(f"no customer bought in {period}")
    if customers:
        won_total = total((money for _, money in found.amounts), code)
        yearly = Fraction(won_total.amount) * Fraction(12, months) / customers
        value = exact_money(yearly * Fraction(margin) * Fraction(years), won_total.currency)
    lost = [LeftOut(record=sale_name(sale), reason="its account is not stated") for sale in nameless]
    missing = (*left_out, *lost, *unstated, *found.left_out)
    return CUSTOMER_LIFETIME_VALUE.result(value, str(code), customers, missing, found.rates)


def _mean_amount(found: InOneCurrency, code: str | Currency, otherwise: str) -> FigureValue:
    if not found.amounts:
        return Unknown(otherwise)
    summed = total((money for _, money in found.amounts), code)
    return exact_money(Fraction(summed.amount) / len(found.amounts), summed.currency)


def _share(part: int, whole: int, otherwise: str) -> FigureValue:
    return round_to(Fraction(part, whole), _SHARE_PLACES) if whole else Unknown(otherwise)


def _is_exact(value: object) -> bool:
    """Whether it is a finite exact number: no float, and no NaN, which cannot be compared."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole or (isinstance(value, Decimal) and value.is_finite())


def _whole_months(period: Span) -> int:
    after = period.next_first_day
    if after is None or period.first_day.day != 1 or after.day != 1:
        raise InvalidRecord("customer lifetime value", "period", str(period), "whole calendar months")
    return 12 * (after.year - period.first_day.year) + after.month - period.first_day.month
