"""Each salesperson's part of a forecast, by the splits of each sale.

The rule of the file: the parts sum to the whole forecast, to the cent, cell by cell and amount by amount.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from attrs import evolve

from clmcrm.crm.forecast import Forecast, ForecastCell, forecast_sales
from clmcrm.crm.opportunity import ForecastCategory, Opportunity, SplitKind
from clmcrm.crm.pipeline import Pipeline
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.days import check_days
from clmcrm.values.exact import less, sum_of
from clmcrm.values.figures import LeftOut
from clmcrm.values.ids import UserId
from clmcrm.values.money import shared_out
from clmcrm.values.rates import Rate, RateTable


def forecast_by_owner(
    opportunities: Iterable[Opportunity],
    *,
    code: str | Currency,
    as_of: date,
    rates: RateTable | None = None,
    pipelines: Iterable[Pipeline] = (),
) -> dict[UserId | None, Forecast]:
    """The forecast of each owner in the currency `code`; None is what nobody is credited with.

    A sale's amounts are shared out by its revenue splits, by largest remainder, else they are its owner's;
    overlay splits stand on top of a sale and are no part of it. A shared sale counts as a sale with each of
    those who share it. What is left out stands with the owner.

    >>> forecast_by_owner([], code="EUR", as_of=date(2026, 1, 1))
    {}
    """
    check_days("forecast_by_owner", as_of=as_of)
    unit = currency(code)
    known = tuple(pipelines)
    cells: dict[UserId | None, dict[tuple[date, ForecastCategory], ForecastCell]] = {}
    left_out: dict[UserId | None, list[LeftOut]] = {}
    used: dict[UserId | None, list[Rate]] = {}
    for sale in opportunities:
        found = forecast_sales([sale], code=unit, as_of=as_of, rates=rates, pipelines=known)
        if found.left_out:
            left_out.setdefault(sale.owner, []).extend(found.left_out)
        for cell in found.cells:
            for owner, part in _parts(sale, cell):
                mine = cells.setdefault(owner, {})
                key = (part.month, part.category)
                mine[key] = mine[key].plus(part) if key in mine else part
                used.setdefault(owner, []).extend(found.rates)
    owners = sorted({*cells, *left_out}, key=lambda owner: (owner is None, owner or ""))
    ranks = list(ForecastCategory)
    return {
        owner: Forecast(
            currency=unit,
            cells=tuple(sorted(cells.get(owner, {}).values(), key=lambda c: (c.month, ranks.index(c.category)))),
            left_out=tuple(left_out.get(owner, ())),
            rates=tuple(dict.fromkeys(used.get(owner, ()))),
        )
        for owner in owners
    }


def _parts(sale: Opportunity, cell: ForecastCell) -> list[tuple[UserId | None, ForecastCell]]:
    """The cell shared out among those who are credited with the sale."""
    portions: dict[UserId | None, Decimal] = {}
    for split in sale.splits:
        if split.kind is SplitKind.REVENUE:
            portions[split.owner] = sum_of([portions.get(split.owner, Decimal(0)), split.portion])
    if not portions:
        return [(sale.owner, cell)]
    rest = less(Decimal(1), *portions.values())
    if rest:
        portions[None] = rest
    weights = list(portions.values())
    amounts = (cell.amount, cell.weighted, cell.yearly, cell.weighted_yearly)
    shares = zip(*(shared_out(amount, weights) for amount in amounts), strict=True)
    return [
        (owner, evolve(cell, amount=whole, weighted=weighted, yearly=yearly, weighted_yearly=weighted_yearly))
        for owner, (whole, weighted, yearly, weighted_yearly) in zip(portions, shares, strict=True)
    ]
