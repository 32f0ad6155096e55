"""How much is at stake with whom: recurring value per year by counterparty, in one currency.

One-off lines are not counted. Amounts are converted at a dated rate; what has no rate is left out by name
and never added at par.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.prices.in_force import annual_recurring_value
from clmcrm.clm.stages import ACTIVE
from clmcrm.errors import RateMissing
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.figures import Figure, LeftOut
from clmcrm.values.ids import AccountId
from clmcrm.values.money import Money, total
from clmcrm.values.rates import Rate, RateTable


@frozen(kw_only=True)
class Exposure:
    """The annual recurring value in force with one counterparty, and how many contracts it comes from."""

    counterparty: AccountId
    value: Money
    contracts: int


@frozen(kw_only=True)
class Exposures:
    """The exposures, largest first, and their sum as a `Figure` that names what it leaves out."""

    by_counterparty: tuple[Exposure, ...]
    whole: Figure


def exposure(contracts: Iterable[Contract], as_of: date, rates: RateTable, into: str | Currency) -> Exposures:
    """The annual recurring value of contracts in effect on `as_of`, per counterparty, in the currency `into`.

    Each amount is converted at the latest rate on or before `as_of`.
    """
    unit = currency(into)
    amounts: dict[AccountId, list[Money]] = {}
    counted: dict[AccountId, int] = {}
    left_out: list[LeftOut] = []
    used: dict[tuple[str, str], Rate] = {}
    for contract in contracts:
        value, why = _value(contract, as_of, rates, unit, used)
        if contract.counterparty is None or value is None:
            left_out.append(LeftOut(record=str(contract), reason=why or "its counterparty is not known"))
            continue
        amounts.setdefault(contract.counterparty, []).append(value)
        counted[contract.counterparty] = counted.get(contract.counterparty, 0) + 1
    rows = [Exposure(counterparty=a, value=total(v, unit), contracts=counted[a]) for a, v in amounts.items()]
    rows.sort(key=lambda row: (-row.value.amount, row.counterparty))
    whole = Figure(
        name="annual recurring value in force",
        value=total((row.value for row in rows), unit),
        unit=unit.code,
        formula="sum over contracts in effect of each recurring line's amount per year",
        population=sum(counted.values()),
        left_out=tuple(left_out),
        rates=tuple(used.values()),
    )
    return Exposures(by_counterparty=tuple(rows), whole=whole)


def _value(
    contract: Contract, as_of: date, rates: RateTable, unit: Currency, used: dict[tuple[str, str], Rate]
) -> tuple[Money | None, str]:
    """The contract's value in `unit`, or None and why it has none."""
    stage = stage_of(contract, as_of)
    if stage.stage not in ACTIVE:
        return None, f"not in effect: {stage.stage.value}"
    parts = annual_recurring_value(contract, as_of)
    if not parts:
        return None, "no recurring line in force"
    converted: list[Money] = []
    for part in parts:
        try:
            answer = rates.convert(part, unit, as_of)
        except RateMissing as missing:
            return None, str(missing)
        if answer.rate is not None:
            used[answer.rate.source.code, answer.rate.target.code] = answer.rate
        converted.append(answer.money)
    return total(converted, unit), ""
