"""What is charged on a day: the lines in force, the agreed prices, and what a year of them adds up to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Generic, TypeVar

from attrs import evolve, frozen

from clmcrm.clm.clause import Clause
from clmcrm.clm.contract import Contract
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.price_clauses import PriceClause
from clmcrm.clm.versions import accepted, as_amended
from clmcrm.values.days import check_days
from clmcrm.values.ids import ProductId
from clmcrm.values.money import Money, total
from clmcrm.values.yearly import per_year


@frozen(kw_only=True)
class AgreedPrice:
    """A price the contract promises for a product on a day, with the clause it stands in."""

    product: ProductId
    clause: PriceClause


_C = TypeVar("_C", bound=Clause)


@frozen(kw_only=True)
class Spell(Generic[_C]):
    """A clause held from `since` (None: since the contract has) until an amendment took it away on `dropped_on`.

    `dropped_on` is the first day without it, None while it holds. A clause that an amendment words anew is another one.
    """

    clause: _C
    since: date | None
    dropped_on: date | None = None

    @property
    def held(self) -> bool:
        """Whether it held on any day at all: one may be taken away before its own first day."""
        return self.since is None or self.dropped_on is None or self.since < self.dropped_on


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
    check_days("came_into_force", day=day)
    held = (one.since for one in spells(contract, type(clause), day) if one.clause == clause and one.dropped_on is None)
    return next(held, clause.first_day)


def spells(contract: Contract, kind: type[_C], day: date) -> tuple[Spell[_C], ...]:
    """Every spell up to `day` of the contract's clauses of the `kind`: first those that an amendment ended by then.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> clauses = (Clause(citation="art. 5"), Clause(citation="art. 6"))
    >>> supply = Contract(id=ContractId("C"), title="supply", kind=ContractKind.SALES, clauses=clauses)
    >>> [(spell.clause.citation, spell.since, spell.dropped_on) for spell in spells(supply, Clause, date(2026, 1, 1))]
    [('art. 5', None, None), ('art. 6', None, None)]
    """
    check_days("spells", day=day)
    ended: list[Spell[_C]] = []
    running = [Spell(clause=one, since=one.first_day) for one in _of_kind(contract, kind)]
    for changed_on in sorted({a.effective_on for a in accepted(contract) if a.effective_on <= day}):
        clauses = _of_kind(as_amended(contract, changed_on), kind)
        ended += [evolve(one, dropped_on=changed_on) for one in running if one.clause not in clauses]
        kept = [one for one in running if one.clause in clauses]
        before = [one.clause for one in kept]
        brought = (one for one in clauses if one not in before)
        running = kept + [Spell(clause=one, since=max(changed_on, one.first_day or changed_on)) for one in brought]
    return (*(one for one in ended if one.held), *running)


def _of_kind(contract: Contract, kind: type[_C]) -> list[_C]:
    clauses: Iterable[Clause] = contract.clauses
    return [clause for clause in clauses if isinstance(clause, kind)]


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
