"""The return of a contract system, driver by driver, from one's own measured figures where there are any.

Six effects and three costs, each a product of inputs anyone can argue with. Nothing is assumed here: an input is
`measured` (it comes from a figure of one's own book and says so) or `assumed` (by somebody, for a reason), and a
driver that lacks an input is left out and named, never filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import attrs
from attrs import frozen

from clmcrm.analytics.exposure import exposure
from clmcrm.analytics.roi import Driver, Effect, RoiInput, RoiModel
from clmcrm.calendars.months import backward
from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.events import Archived
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.stages import ACTIVE, TERMINAL, AnyStage, Stage
from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import Currency
from clmcrm.values.days import check_days
from clmcrm.values.exact import less, product_of, sum_of
from clmcrm.values.figures import Figure, LeftOut
from clmcrm.values.money import decimal_of
from clmcrm.values.partial import Unknown, known, why_not
from clmcrm.values.rates import RateTable
from clmcrm.values.tenor import Tenor

CYCLE_TIME: Final = Driver(
    name="cycle time", effect=Effect.BENEFIT,
    factors=("contracts a year", "days saved on each", "worth of a day"),
)  # fmt: skip
LEAKAGE: Final = Driver(
    name="leakage", effect=Effect.BENEFIT,
    factors=("value under contract", "share that leaks", "share of leaks stopped"),
)  # fmt: skip
MISSED_NOTICES: Final = Driver(
    name="missed notices", effect=Effect.BENEFIT,
    factors=("renewals by omission a year", "cost of an unwanted term", "share of omissions prevented"),
)  # fmt: skip
RENEWALS: Final = Driver(
    name="renewals", effect=Effect.BENEFIT,
    factors=("value up for renewal a year", "renewal rate gained", "margin"),
)  # fmt: skip
LEGAL_HOURS: Final = Driver(
    name="legal hours", effect=Effect.BENEFIT,
    factors=("contracts a year", "hours saved on each", "cost of an hour"),
)  # fmt: skip
RISK: Final = Driver(
    name="risk", effect=Effect.BENEFIT,
    factors=("disputes a year", "cost of a dispute", "share of disputes avoided"),
)  # fmt: skip
LICENCE: Final = Driver(name="licence", effect=Effect.COST, factors=("licence a year",))
UPKEEP: Final = Driver(name="upkeep", effect=Effect.COST, factors=("hours of upkeep a year", "cost of an hour"))
INTRODUCTION: Final = Driver(name="introduction", effect=Effect.COST, factors=("introduction",), once=True)

DRIVERS: Final = (
    CYCLE_TIME, LEAKAGE, MISSED_NOTICES, RENEWALS, LEGAL_HOURS, RISK, LICENCE, UPKEEP, INTRODUCTION,
)  # fmt: skip
"""The drivers of the model, benefits first; what may be counted twice (time saved and days saved) is yours to judge."""

_YEAR: Final = Tenor(years=1)
_TOOK_EFFECT: Final = ACTIVE | TERMINAL - {Stage.CANCELED, Stage.RESCINDED}


@frozen(kw_only=True)
class ClmReturn:
    """The model that the given inputs allow, and the drivers left out, each with what it lacks.

    `measured` names the inputs that come from one's own figures.
    """

    model: RoiModel
    left_out: tuple[LeftOut, ...]
    measured: tuple[str, ...]


def clm_return(inputs: Iterable[RoiInput], years: int, currency: str | Currency) -> ClmReturn:
    """The model of those `DRIVERS` whose inputs are all given, over whole `years`, amounts in `currency`.

    Give it to `clmcrm.analytics.roi.return_on_investment`. Raises `InvalidRecord` for an input that no driver
    knows or that is used by none of the drivers that remain, and for two of one name.

    >>> licence = assumed("licence a year", "EUR", ("9000", "10000", "12000"), by="two offers of May 2026")
    >>> found = clm_return([licence], 3, "EUR")
    >>> [driver.name for driver in found.model.drivers], str(found.left_out[0])
    (['licence'], 'cycle time: lacks contracts a year, days saved on each, worth of a day')
    """
    given = tuple(inputs)
    names = {item.name for item in given}
    known_names = {factor for driver in DRIVERS for factor in driver.factors}
    for name in sorted(names - known_names):
        raise InvalidRecord("ClmReturn", "inputs", name, f"one of {', '.join(sorted(known_names))}")
    complete = tuple(driver for driver in DRIVERS if set(driver.factors) <= names)
    lacking = [(d, [f for f in d.factors if f not in names]) for d in DRIVERS if d not in complete]
    return ClmReturn(
        model=RoiModel(inputs=given, drivers=complete, years=years, currency=currency),
        left_out=tuple(LeftOut(record=d.name, reason=f"lacks {', '.join(missing)}") for d, missing in lacking),
        measured=tuple(item.name for item in given if not item.is_assumption),
    )


def measured(name: str, figure: Figure, *, off_by: Decimal) -> RoiInput | Unknown:
    """The input `name` from a figure of one's own, which may be `off_by` a share (0.1: a tenth either way).

    Its source says how the figure came about, what it counts and what it leaves out. `Unknown` for a figure
    that is not known, with its reason. Raises `InvalidRecord` for a share outside 0 to 1, and for a figure below zero.
    """
    if not _is_share(off_by):
        raise InvalidRecord(f"RoiInput {name}", "off_by", off_by, "a Decimal from 0 to 1 (never a float)")
    value = figure.number
    if value is None:
        return figure.value if isinstance(figure.value, Unknown) else Unknown(f"{figure.name} is not known")
    return RoiInput(
        name=name,
        unit=figure.unit,
        low=product_of(value, less(Decimal(1), off_by)),
        expected=value,
        high=product_of(value, sum_of([Decimal(1), off_by])),
        source=f"measured: {figure.formula}; {figure.population} counted, {len(figure.left_out)} left out",
        is_assumption=False,
    )


def _is_share(given: object) -> bool:
    """Whether it is exact, and from 0 to 1; a caller without type checks may hand over anything."""
    if isinstance(given, bool) or not isinstance(given, Decimal | int):
        return False
    return Decimal(given).is_finite() and 0 <= given <= 1


def assumed(name: str, unit: str, values: tuple[str, str, str], *, by: str) -> RoiInput:
    """The input `name` that nobody measured: low, expected and high, and who assumed it, and why (`by`).

    Raises `InvalidRecord` for a value that is no number of zero or more.
    """
    low, expected, high = (_number(name, value) for value in values)
    return RoiInput(
        name=name, unit=unit, low=low, expected=expected, high=high, source=f"assumed: {by}", is_assumption=True
    )


def _number(name: str, said: str) -> Decimal:
    try:
        return decimal_of(said)
    except InvalidRecord:
        raise InvalidRecord(f"RoiInput {name}", "values", said, "a number such as 0.05") from None


def own_figures(
    contracts: Iterable[Contract], disputes: Iterable[Dispute], as_of: date, rates: RateTable, into: str | Currency
) -> Mapping[str, Figure]:
    """What the book itself says, by the name of the input it can stand for, over the year up to `as_of`.

    "contracts a year" took effect in it (drafts and what was given up or undone did not); "value under contract" is
    the annual recurring value in force, in `into`; "disputes a year" were opened in it. Renewals by omission and
    leakage are figures of the contract wing (`clmcrm.clm.kpis`). Raises `InvalidRecord` for an `as_of` that is no day.
    """
    check_days("own_figures", as_of=as_of)
    book = tuple(contracts)
    first = backward(as_of, _YEAR)
    dated = [(contract, known(contract.effective_on)) for contract in book]
    due = [contract for contract, day in dated if day is not None and first < day <= as_of]
    idle = [(contract, stage) for contract in due if (stage := _stage(contract, as_of)) not in _TOOK_EFFECT]
    left_out = (
        *(
            LeftOut(record=str(contract), reason=f"its first day: {why_not(contract.effective_on)}")
            for contract, day in dated
            if day is None
        ),
        *(LeftOut(record=str(contract), reason=f"it did not take effect: {stage.value}") for contract, stage in idle),
    )
    opened = [dispute for dispute in disputes if first < dispute.opened_on <= as_of]
    return {
        "contracts a year": Figure(
            name="contracts a year", value=Decimal(len(due) - len(idle)), unit="contracts",
            population=len(book) - len(left_out),
            formula=f"contracts that took effect after {first} and by {as_of}", left_out=left_out,
        ),
        "value under contract": exposure(book, as_of, rates, into).whole,
        "disputes a year": Figure(
            name="disputes a year", value=Decimal(len(opened)), unit="disputes", population=len(opened),
            formula=f"disputes opened after {first} and by {as_of}",
        ),
    }  # fmt: skip


def _stage(contract: Contract, as_of: date) -> AnyStage:
    """The stage on `as_of`; of a contract that was put away since, the one it was in before."""
    kept = tuple(event for event in contract.events if not isinstance(event, Archived))
    return stage_of(attrs.evolve(contract, events=kept), as_of).stage
