"""What is charged on a day: the lines in force, the agreed prices, and what a year of them adds up to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from clmcrm.clm.clause import Clause
from clmcrm.clm.contract import Contract
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.price_clauses import PriceClause
from clmcrm.clm.versions import accepted, amended, as_amended
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
        if isinstance(clause, PriceClause) and (clause.valid is None or day in clause.valid) and clause.begun_by(day)
    )


def came_into_force(contract: Contract, clause: Clause, day: date) -> date | None:
    """The day since which `clause` has held until `day` without a break; None: since the contract has.

    That is the clause's own first day, or the day of the amendment that brought it, the later of the two. A clause
    that an amendment words anew is another one.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> later = Clause(citation="art. 5", first_day=date(2027, 1, 1))
    >>> supply = Contract(id=ContractId("C"), title="supply", kind=ContractKind.SALES)
    >>> came_into_force(supply, later, date(2026, 1, 1))
    datetime.date(2027, 1, 1)
    """
    brought_on: date | None = None
    version = contract
    for amendment in accepted(contract):
        if amendment.effective_on <= day:
            following = amended(version, amendment)
            if clause in following.clauses and clause not in version.clauses:
                brought_on = amendment.effective_on
            version = following
    return max((since for since in (clause.first_day, brought_on) if since is not None), default=None)


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
