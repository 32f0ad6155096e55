"""What a contract system brings against what it costs, as a range and with every input's weight in it.

Each input says where it comes from or is marked as an assumption, and has a low, an expected and a high
value; the sensitivity shows what each one alone does to the result. No input is assumed here for you.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from attrs import field, frozen

from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.exact import Rounding, exact_money, round_to
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import each, flag, instance, member, not_negative, positive_count, text

_MONTHS: Final = 12
_BREAK_EVEN_DECIMALS: Final = 4


class Effect(StrEnum):
    """Whether a driver brings money or costs it."""

    BENEFIT = "benefit"
    COST = "cost"


class Level(StrEnum):
    """Which of an input's three values is meant."""

    LOW = "low"
    EXPECTED = "expected"
    HIGH = "high"


@frozen(kw_only=True)
class RoiInput:
    """One number the result hangs on: 0 <= `low` <= `expected` <= `high`, in `unit`.

    `source` says where it was measured or read; `is_assumption` marks a number nobody measured, whose
    `source` then says who assumed it and why. Raises `InvalidRecord` when the three are out of order.
    """

    name: str = field(validator=text)
    unit: str = field(validator=text)
    low: Decimal = field(validator=not_negative)
    expected: Decimal = field(validator=not_negative)
    high: Decimal = field(validator=not_negative)
    source: str = field(validator=text)
    is_assumption: bool = field(validator=flag)

    def __attrs_post_init__(self) -> None:
        if not self.low <= self.expected <= self.high:
            said = f"{self.low}, {self.expected}, {self.high}"
            raise InvalidRecord(f"RoiInput {self.name}", "expected", said, "low <= expected <= high")

    def at(self, level: Level) -> Fraction:
        """The exact value at that level."""
        values = {Level.LOW: self.low, Level.EXPECTED: self.expected, Level.HIGH: self.high}
        return Fraction(values[level])


@frozen(kw_only=True)
class Driver:
    """An effect in money, each year or (`once`) a single time: the product of its `factors`, inputs by name.

    "Contracts a year x hours saved on each x cost of an hour" is one driver of three factors.
    """

    name: str = field(validator=text)
    effect: Effect = field(validator=member(Effect))
    factors: tuple[str, ...] = field(validator=each(text))
    once: bool = field(default=False, validator=flag)


@frozen(kw_only=True)
class RoiModel:
    """The inputs, the drivers they feed, over how many whole `years`, in which `currency`.

    Raises `InvalidRecord` for two inputs with one name, a driver without factors, a factor that is no
    input, or an input no driver uses; `CurrencyMismatch` for an input whose unit is another currency.
    """

    inputs: tuple[RoiInput, ...] = field(validator=each(instance(RoiInput)))
    drivers: tuple[Driver, ...] = field(validator=each(instance(Driver)))
    years: int = field(validator=positive_count)
    currency: Currency = field(converter=currency)

    def __attrs_post_init__(self) -> None:
        names = [item.name for item in self.inputs]
        if len(set(names)) < len(names):
            raise InvalidRecord("RoiModel", "inputs", names, "each name once")
        used = {factor for driver in self.drivers for factor in driver.factors}
        if used != set(names):
            raise InvalidRecord("RoiModel", "drivers", sorted(used ^ set(names)), "every input used, none unknown")
        for item in self.inputs:
            stated = _currency_of(item)
            if stated not in {None, self.currency}:
                raise CurrencyMismatch(self.currency.code, item.unit, f"RoiInput {item.name}")
        for driver in self.drivers:
            if not driver.factors:
                raise InvalidRecord(f"Driver {driver.name}", "factors", (), "at least one input")


def _currency_of(item: RoiInput) -> Currency | None:
    """The currency its unit names; None for another unit (a share, days, "EUR an hour")."""
    try:
        return currency(item.unit)
    except InvalidRecord:
        return None


@frozen(kw_only=True)
class MoneyRange:
    """An amount in the worst, the expected and the best case."""

    worst: Money
    expected: Money
    best: Money


@frozen(kw_only=True)
class Sensitivity:
    """The net result with one `input` at its low and at its high value and all others as expected."""

    input: str
    net_at_low: Money
    net_at_high: Money
    is_assumption: bool

    @property
    def swing(self) -> Money:
        """How far apart the two are, zero or more."""
        low, high = sorted((self.net_at_low, self.net_at_high))
        return high - low


@frozen(kw_only=True)
class Roi:
    """The result over the model's years, not discounted.

    `ratio` is net benefit / cost in the expected case (two decimals), `payback_months` how many whole
    months until the yearly net benefit has earned back the single costs; either is unknown with a reason
    where it has no meaning. `sensitivity` comes widest first; `assumptions` names the unmeasured inputs.
    """

    benefit: MoneyRange
    cost: MoneyRange
    net: MoneyRange
    ratio: Decimal | Unknown
    payback_months: int | Unknown
    sensitivity: tuple[Sensitivity, ...]
    assumptions: tuple[str, ...]


def return_on_investment(model: RoiModel) -> Roi:
    """What `model` comes to.

    The worst case takes every benefit's inputs low and every cost's high, the best the other way round: an
    input that feeds both is taken at its worse (better) value in each, so the range is a bound.

    >>> def known(name, value):
    ...     number = Decimal(value)
    ...     return RoiInput(name=name, unit="EUR", low=number, expected=number, high=number,
    ...                     source="ledger 2025", is_assumption=False)
    >>> saved = Driver(name="saved", effect=Effect.BENEFIT, factors=("saving",))
    >>> paid = Driver(name="licence", effect=Effect.COST, factors=("price",))
    >>> model = RoiModel(inputs=(known("saving", 300), known("price", 100)), drivers=(saved, paid),
    ...                  years=3, currency="EUR")
    >>> return_on_investment(model).ratio
    Decimal('2.00')
    """
    expected = {item.name: item.at(Level.EXPECTED) for item in model.inputs}
    benefit = _range(model, Effect.BENEFIT, worst=Level.LOW, best=Level.HIGH)
    cost = _range(model, Effect.COST, worst=Level.HIGH, best=Level.LOW)
    swings = [_sensitivity(model, item, expected) for item in model.inputs]
    return Roi(
        benefit=benefit,
        cost=cost,
        net=MoneyRange(
            worst=benefit.worst - cost.worst,
            expected=benefit.expected - cost.expected,
            best=benefit.best - cost.best,
        ),
        ratio=_ratio(model, expected),
        payback_months=_payback(model, expected),
        sensitivity=tuple(sorted(swings, key=lambda s: (-Fraction(s.swing.amount), s.input))),
        assumptions=tuple(item.name for item in model.inputs if item.is_assumption),
    )


def break_even(model: RoiModel, name: str) -> Decimal | Unknown:
    """The value of the input `name` at which the expected net result is zero, all others as expected.

    Four decimals, rounded up where more of the input helps and down where it costs, so that the value itself is
    on the safe side. `Unknown` when the input changes nothing, when no value of zero or more will do, or when
    it stands twice in one driver. Raises `InvalidRecord` for a name that is no input.
    """
    expected = {item.name: item.at(Level.EXPECTED) for item in model.inputs}
    if name not in expected:
        raise InvalidRecord("RoiModel", "inputs", name, f"one of {', '.join(expected)}")
    if any(driver.factors.count(name) > 1 for driver in model.drivers):
        return Unknown(f"{name} stands twice in one driver")
    without = _exact_net(model, {**expected, name: Fraction(0)})
    slope = _exact_net(model, {**expected, name: Fraction(1)}) - without
    if not slope:
        return Unknown(f"{name} changes nothing while the others are as expected")
    at = -without / slope
    if at < 0:
        return Unknown(f"no {name} of zero or more brings the result to zero")
    return round_to(at, _BREAK_EVEN_DECIMALS, Rounding.CEILING if slope > 0 else Rounding.FLOOR)


def _exact_net(model: RoiModel, values: Mapping[str, Fraction]) -> Fraction:
    benefit = _sum(_of(model, Effect.BENEFIT), values, model.years)
    return benefit - _sum(_of(model, Effect.COST), values, model.years)


def _sum(drivers: Iterable[Driver], values: Mapping[str, Fraction], years: int) -> Fraction:
    result = Fraction(0)
    for driver in drivers:
        product = Fraction(1 if driver.once else years)
        for factor in driver.factors:
            product *= values[factor]
        result += product
    return result


def _of(model: RoiModel, effect: Effect) -> list[Driver]:
    return [driver for driver in model.drivers if driver.effect is effect]


def _money(exact: Fraction, unit: Currency) -> Money:
    return exact_money(exact, unit)


def _range(model: RoiModel, effect: Effect, *, worst: Level, best: Level) -> MoneyRange:
    def at(level: Level) -> Money:
        values = {item.name: item.at(level) for item in model.inputs}
        return _money(_sum(_of(model, effect), values, model.years), model.currency)

    return MoneyRange(worst=at(worst), expected=at(Level.EXPECTED), best=at(best))


def _net(model: RoiModel, values: Mapping[str, Fraction]) -> Money:
    return _money(_exact_net(model, values), model.currency)


def _sensitivity(model: RoiModel, item: RoiInput, expected: Mapping[str, Fraction]) -> Sensitivity:
    return Sensitivity(
        input=item.name,
        net_at_low=_net(model, {**expected, item.name: item.at(Level.LOW)}),
        net_at_high=_net(model, {**expected, item.name: item.at(Level.HIGH)}),
        is_assumption=item.is_assumption,
    )


def _ratio(model: RoiModel, expected: Mapping[str, Fraction]) -> Decimal | Unknown:
    cost = _sum(_of(model, Effect.COST), expected, model.years)
    if not cost:
        return Unknown("there is no cost to set the benefit against")
    return round_to(_exact_net(model, expected) / cost, 2)


def _payback(model: RoiModel, expected: Mapping[str, Fraction]) -> int | Unknown:
    single = [driver for driver in model.drivers if driver.once]
    yearly = [driver for driver in model.drivers if not driver.once]

    def net(drivers: list[Driver]) -> Fraction:
        gains = [driver for driver in drivers if driver.effect is Effect.BENEFIT]
        costs = [driver for driver in drivers if driver.effect is Effect.COST]
        return _sum(gains, expected, 1) - _sum(costs, expected, 1)

    outlay, gain = -net(single), net(yearly)
    if outlay <= 0:
        return 0 if gain >= 0 else Unknown("nothing is laid out and each year costs more than it brings")
    if gain <= 0:
        return Unknown("a year costs at least what it brings, so the outlay never comes back")
    return -(-outlay * _MONTHS // gain)
