"""What sales are expected to bring, by month and by forecast category, in one currency.

Weights are applied and rounded sale by sale, so that parts of a forecast always sum to the whole. A sale
that lacks what a forecast needs is left out and named.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import evolve, field, frozen

from clmcrm.crm.opportunity import ForecastCategory, Opportunity, OpportunityStage
from clmcrm.crm.pipeline import Pipeline, Stage
from clmcrm.crm.recurring import yearly_recurring
from clmcrm.values.conversion import DatedAmount, InOneCurrency, in_one_currency
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.days import check_days
from clmcrm.values.exact import product_in
from clmcrm.values.figures import LeftOut
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.validators import count, instance, member, plain_date

_CERTAIN: Final = Decimal(1)
_AMOUNT: Final = "amount"
_YEARLY: Final = "yearly recurring amount"


@frozen(kw_only=True)
class ForecastCell:
    """One month (named by its first day) and category: how many sales, their amounts whole and weighted.

    `yearly` is what they bring every year where that is known, `weighted_yearly` the same times each
    sale's probability. All four amounts are in the forecast's currency.
    """

    month: date = field(validator=plain_date)
    category: ForecastCategory = field(validator=member(ForecastCategory))
    sales: int = field(validator=count)
    amount: Money = field(validator=instance(Money))
    weighted: Money = field(validator=instance(Money))
    yearly: Money = field(validator=instance(Money))
    weighted_yearly: Money = field(validator=instance(Money))

    def plus(self, other: ForecastCell) -> ForecastCell:
        """Both together, under this cell's month and category."""
        return evolve(
            self,
            sales=self.sales + other.sales,
            amount=self.amount + other.amount,
            weighted=self.weighted + other.weighted,
            yearly=self.yearly + other.yearly,
            weighted_yearly=self.weighted_yearly + other.weighted_yearly,
        )


@frozen(kw_only=True)
class Forecast:
    """The cells by month and category, what was left out of which amount and why, and the rates used."""

    currency: Currency
    cells: tuple[ForecastCell, ...]
    left_out: tuple[LeftOut, ...]
    rates: tuple[Rate, ...]

    def cell(self, month: date, category: ForecastCategory) -> ForecastCell:
        """The cell of the month `month` lies in; an empty one when no sale falls there."""
        first = month.replace(day=1)
        found = (c for c in self.cells if (c.month, c.category) == (first, category))
        return next(found, _empty(first, category, self.currency))


@frozen(kw_only=True)
class _Placed:
    """Where a sale counts, and how likely it is."""

    month: date
    category: ForecastCategory
    probability: Decimal


def forecast_sales(
    opportunities: Iterable[Opportunity],
    *,
    code: str | Currency,
    as_of: date,
    rates: RateTable | None = None,
    pipelines: Iterable[Pipeline] = (),
) -> Forecast:
    """The forecast of `opportunities` in the currency `code`, at the rates of `as_of`.

    A sale counts in the month of its expected close, a won one in that of its actual close; lost sales and
    the category OMITTED do not count. Probability and category come from the sale, else from its stage in
    `pipelines`; a won sale is certain and CLOSED. The order of the sales makes no difference to the cells.

    >>> forecast_sales([], code="EUR", as_of=date(2026, 1, 1)).cells
    ()
    """
    check_days("forecast_sales", as_of=as_of)
    target = currency(code)
    stages = {(p.id, stage.id): stage for p in pipelines for stage in p.stages}
    cells: dict[tuple[date, ForecastCategory], ForecastCell] = {}
    left_out: list[LeftOut] = []
    used: dict[Rate, None] = {}
    for sale in opportunities:
        stage = stages.get((sale.pipeline, sale.stage_id)) if sale.pipeline and sale.stage_id else None
        placed = _placed(sale, stage)
        if isinstance(placed, LeftOut):
            left_out.append(placed)
        if not isinstance(placed, _Placed):
            continue
        amounts = _converted(sale, target, as_of, rates)
        left_out.extend(amounts.left_out)
        used.update(dict.fromkeys(amounts.rates))
        cell = _cell(placed, dict(amounts.amounts), _empty(placed.month, placed.category, target))
        if cell is not None:
            key = (cell.month, cell.category)
            cells[key] = cells[key].plus(cell) if key in cells else cell
    ranks = list(ForecastCategory)
    ordered = sorted(cells.values(), key=lambda c: (c.month, ranks.index(c.category)))
    return Forecast(currency=target, cells=tuple(ordered), left_out=tuple(left_out), rates=tuple(used))


def _placed(sale: Opportunity, stage: Stage | None) -> _Placed | LeftOut | None:
    """Where the sale counts, why it cannot be placed, or None when it does not belong in a forecast."""
    if sale.stage is OpportunityStage.LOST:
        return None
    if sale.is_won:
        return _in_month(sale, sale.closed_on, "it is won and its closing day", ForecastCategory.CLOSED, _CERTAIN)
    category = sale.forecast_category or (stage.forecast_category if stage else None)
    if category is ForecastCategory.OMITTED:
        return None
    probability = sale.probability
    if probability is None and stage is not None:
        probability = stage.probability
    if not sale.is_open:
        return _left_out(sale, "nothing is known of its stage")
    if category is None or probability is None:
        lacking = "forecast category" if category is None else "probability"
        return _left_out(sale, f"no {lacking} is stated, neither by it nor by its stage")
    return _in_month(sale, sale.expected_close_on, "its expected closing day", category, probability)


def _in_month(
    sale: Opportunity, day: date | None, what: str, category: ForecastCategory, probability: Decimal
) -> _Placed | LeftOut:
    if day is None:
        return _left_out(sale, f"{what} is not stated")
    return _Placed(month=day.replace(day=1), category=category, probability=probability)


def _left_out(sale: Opportunity, reason: str) -> LeftOut:
    return LeftOut(record=f"opportunity {sale.id}", reason=reason)


def _converted(sale: Opportunity, target: Currency, as_of: date, rates: RateTable | None) -> InOneCurrency:
    every_year = yearly_recurring(sale)
    stated = {_AMOUNT: Unknown("no amount is stated") if sale.amount is None else sale.amount}
    left_out: list[LeftOut] = []
    items: list[DatedAmount] = []
    for what, value in (*stated.items(), (_YEARLY, every_year)):
        if isinstance(value, Unknown):
            left_out.append(_left_out(sale, f"{what}: {value.reason}"))
        else:
            items.append(DatedAmount(record=what, amount=value, on=as_of))
    found = in_one_currency(items, target, rates)
    unconverted = [_left_out(sale, str(out)) for out in found.left_out]
    return evolve(found, left_out=(*left_out, *unconverted))


def _cell(placed: _Placed, amounts: dict[str, Money], empty: ForecastCell) -> ForecastCell | None:
    if not amounts:
        return None
    amount = amounts.get(_AMOUNT, empty.amount)
    every_year = amounts.get(_YEARLY, empty.yearly)
    return evolve(
        empty,
        sales=1,
        amount=amount,
        weighted=product_in(amount.amount, placed.probability, amount.currency),
        yearly=every_year,
        weighted_yearly=product_in(every_year.amount, placed.probability, every_year.currency),
    )


def _empty(month: date, category: ForecastCategory, unit: Currency) -> ForecastCell:
    zero = Money(0, unit)
    return ForecastCell(
        month=month,
        category=category,
        sales=0,
        amount=zero,
        weighted=zero,
        yearly=zero,
        weighted_yearly=zero,
    )
