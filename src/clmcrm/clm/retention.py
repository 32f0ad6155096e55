"""Who stayed: the customers under contract on the first day of a period who still are on its last.

The rule of the file: a customer is judged by contracts in force, not by sales; each day sees what was recorded until
then, an amendment that reaches back among it; and both days are valued at the rates of the first, so that a moving rate
is never taken for growth.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Final

from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.figure_definitions import CUSTOMER_RETENTION, REVENUE_RETENTION
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.norms.contract_life import known_by
from clmcrm.clm.prices.in_force import annual_recurring_value
from clmcrm.clm.stages import ACTIVE, Phase
from clmcrm.errors import InvalidRecord
from clmcrm.parties.hierarchy import Hierarchy
from clmcrm.values.conversion import DatedAmount, in_one_currency
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.exact import round_to
from clmcrm.values.figures import Figure, FigureValue, LeftOut
from clmcrm.values.ids import AccountId
from clmcrm.values.money import Money, total
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.span import Span

CUSTOMER_KINDS: Final = frozenset({ContractKind.SALES, ContractKind.LEASE})
"""The kinds of contract that make the counterparty a customer, unless the caller says otherwise."""

_SHARE_PLACES: Final = 4


def customer_retention(
    contracts: Iterable[Contract],
    period: Span,
    *,
    groups: Hierarchy[AccountId] | None = None,
    kinds: frozenset[ContractKind] = CUSTOMER_KINDS,
) -> Figure:
    """The share (0 to 1, four decimals) of the customers of the first day who are customers on the last.

    `groups` counts a group as one customer (None: each counterparty by itself). Raises `InvalidRecord` for a
    period without a last day.

    >>> customer_retention([], Span(date(2026, 1, 1), date(2026, 12, 31))).population
    0
    """
    last_day = _last_day(period)
    found = [contract for contract in contracts if contract.kind in kinds]
    before, left_out = _customers(found, period.first_day, groups)
    after, also = _customers(found, last_day, groups)
    value: FigureValue = Unknown(f"nobody was a customer on {period.first_day}")
    if before:
        stayed = len(before.keys() & after.keys())
        value = round_to(Fraction(stayed, len(before)), _SHARE_PLACES)
    return CUSTOMER_RETENTION.result(value, "share", len(before), dict.fromkeys((*left_out, *also)))


def revenue_retention(
    contracts: Iterable[Contract],
    period: Span,
    code: str | Currency,
    rates: RateTable | None = None,
    *,
    net: bool = True,
    groups: Hierarchy[AccountId] | None = None,
    kinds: frozenset[ContractKind] = CUSTOMER_KINDS,
) -> Figure:
    """The share of the first day's yearly recurring value that is still there on the last day, four decimals.

    Only customers of the first day count. `net` lets what one of them bought more count (the share may exceed
    1); otherwise each customer counts for at most its own first value. Raises `InvalidRecord` for a period
    without a last day.

    >>> revenue_retention([], Span(date(2026, 1, 1), date(2026, 12, 31)), "EUR").population
    0
    """
    last_day = _last_day(period)
    unit = currency(code)
    found = [contract for contract in contracts if contract.kind in kinds]
    before, left_out = _customers(found, period.first_day, groups)
    after, also = _customers(found, last_day, groups)
    missing = [*left_out, *also]
    was = is_now = Fraction(0)
    population = 0
    used: list[Rate] = []
    for customer in sorted(before):
        first = _value(before[customer], period.first_day, period.first_day, unit, rates)
        last = _value(after.get(customer, ()), last_day, period.first_day, unit, rates)
        lost = (*first[1], *last[1])
        if lost:
            missing.append(LeftOut(record=f"customer {customer}", reason="; ".join(sorted({*map(str, lost)}))))
            continue
        population += 1
        used += [*first[2], *last[2]]
        one, other = Fraction(first[0].amount), Fraction(last[0].amount)
        was += one
        is_now += other if net else min(one, other)
    value: FigureValue = Unknown(f"no customer had a recurring value on {period.first_day}")
    if was:
        value = round_to(is_now / was, _SHARE_PLACES)
    return REVENUE_RETENTION.result(value, "share", population, dict.fromkeys(missing), used)


def _last_day(period: Span) -> date:
    if period.last_day is None:
        raise InvalidRecord("retention", "period", str(period), "a period with a last day")
    return period.last_day


def _customers(
    contracts: Iterable[Contract], day: date, groups: Hierarchy[AccountId] | None
) -> tuple[dict[AccountId, list[Contract]], list[LeftOut]]:
    customers: dict[AccountId, list[Contract]] = {}
    left_out: list[LeftOut] = []
    for contract in (known_by(one, day) for one in contracts):
        stage = stage_of(contract, day)
        if stage.stage.phase is Phase.UNKNOWN:
            left_out.append(LeftOut(record=str(contract), reason=f"its stage on {day} is not known: {stage.why}"))
        if stage.stage not in ACTIVE:
            continue
        account = counterparty_on(contract, day)
        if account is None:
            left_out.append(LeftOut(record=str(contract), reason="its counterparty is not known"))
        else:
            customer = account if groups is None else groups.root(account)
            customers.setdefault(customer, []).append(contract)
    return customers, left_out


def _value(
    contracts: Iterable[Contract], day: date, rate_day: date, unit: Currency, rates: RateTable | None
) -> tuple[Money, tuple[LeftOut, ...], tuple[Rate, ...]]:
    items = [
        DatedAmount(record=str(contract), amount=amount, on=rate_day)
        for contract in contracts
        for amount in annual_recurring_value(contract, day)
    ]
    found = in_one_currency(items, unit, rates)
    return total((money for _, money in found.amounts), unit), found.left_out, found.rates
