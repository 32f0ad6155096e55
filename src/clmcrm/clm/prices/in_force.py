"""What is charged on a day: the lines in force, the agreed prices, and what a year of them adds up to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.price_clauses import PriceClause
from clmcrm.clm.versions import as_amended
from clmcrm.values.ids import ProductId
from clmcrm.values.money import Money, total
from clmcrm.values.yearly import per_year


@frozen(kw_only=True)
class AgreedPrice:
    """A price the contract promises for a product on a day, with the clause it stands in."""

    product: ProductId
    clause: PriceClause


def lines_on(contract: Contract, day: date) -> tuple[ContractLine, ...]:
    """The lines in force on `day`, amendments applied; a line without days of its own is always in force."""
    return tuple(line for line in as_amended(contract, day).lines if line.charged_on(day))


def agreed_prices(contract: Contract, day: date) -> tuple[AgreedPrice, ...]:
    """The price clauses that hold on `day`, amendments applied, in the contract's order."""
    current = as_amended(contract, day)
    return tuple(
        AgreedPrice(product=clause.product, clause=clause)
        for clause in current.clauses
        if isinstance(clause, PriceClause) and (clause.valid is None or day in clause.valid)
    )


def annual_recurring_value(contract: Contract, day: date) -> tuple[Money, ...]:
    """What the recurring lines in force on `day` add up to in a year, one sum per currency, by code.

    One-off lines are left out: they are not recurring revenue. The year is the one of `per_year`.
    """
    return yearly_of(lines_on(contract, day))


def yearly_of(lines: Iterable[ContractLine]) -> tuple[Money, ...]:
    """What those of `lines` that recur add up to in a year, one sum per currency, by code.

    >>> yearly_of([])
    ()
    """
    sums: dict[str, list[Money]] = {}
    for line in lines:
        if line.recurrence is not None:
            yearly = per_year(line.amount, line.recurrence)
            sums.setdefault(yearly.currency.code, []).append(yearly)
    return tuple(total(amounts, code) for code, amounts in sorted(sums.items()))
