"""What is paid for what: prices, tiers, revisions, volumes and rebates, as the parties agreed them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

from attrs import field, frozen

from clmcrm.clm.clause import Clause
from clmcrm.clm.kinds import Party
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.exact import Rounding
from clmcrm.values.ids import ProductId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import TIERED_MODELS, PriceModel, PriceTier, check_tiers, tiered_amount
from clmcrm.values.validators import (
    count,
    each,
    exact,
    flag,
    instance,
    maybe,
    member,
    not_negative,
    plain_date,
    positive_count,
    share,
    text,
)

_MONTHS_IN_YEAR: Final = 12


@frozen(kw_only=True)
class PriceClause(Clause):
    """An agreed price for a product: what is charged per unit, and the most that may be taken off it.

    `valid` is when the price holds (None: as long as the contract); `max_discount` a share (None: no limit
    agreed); `floor` the lowest unit price (None: none agreed). Raises `CurrencyMismatch` for a floor in another
    currency than the price's.
    """

    product: ProductId = field(validator=text)
    price: UnitPrice = field(validator=instance(UnitPrice))
    valid: Span | None = field(default=None, validator=maybe(instance(Span)))
    max_discount: Decimal | None = field(default=None, validator=maybe(share))
    floor: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))

    def __attrs_post_init__(self) -> None:
        if self.floor is not None and self.floor.currency != self.price.currency:
            raise CurrencyMismatch(
                self.price.currency.code, self.floor.currency.code, f"floor of the PriceClause {self.product}"
            )


@frozen(kw_only=True)
class TieredPriceClause(Clause):
    """An agreed price for a product that depends on the quantity: see `PriceModel` for how tiers count.

    `valid` is when the price holds (None: as long as the contract). Raises `InvalidRecord` for a model
    without tiers and for tiers that do not rise, `CurrencyMismatch` for tiers in two currencies.
    """

    product: ProductId = field(validator=text)
    model: PriceModel = field(validator=member(PriceModel))
    tiers: tuple[PriceTier, ...] = field(validator=each(instance(PriceTier)))
    valid: Span | None = field(default=None, validator=maybe(instance(Span)))

    def __attrs_post_init__(self) -> None:
        if self.model not in TIERED_MODELS:
            expected = ", ".join(sorted(model.value for model in TIERED_MODELS))
            raise InvalidRecord("TieredPriceClause", "model", self.model.value, expected)
        check_tiers(f"TieredPriceClause {self.product}", self.model, self.tiers)

    def amount(self, quantity: Decimal) -> Money:
        """What `quantity` (zero or more) costs, rounded once; `InvalidRecord` beyond the last tier.

        >>> seats = TieredPriceClause(product=ProductId("seat"), model=PriceModel.VOLUME,
        ...                           tiers=(PriceTier(price=UnitPrice(7, "EUR")),))
        >>> seats.amount(Decimal(3))
        Money('21.00', 'EUR')
        """
        return tiered_amount(self.model, self.tiers, quantity)


class ComparedWith(StrEnum):
    """What a revision starts from: the agreed price and its base index, or the price and index in force.

    After a cap the two part ways: compared with the INITIAL index, what the cap held back comes through at a
    later revision; compared with the PREVIOUS one it is lost for good.
    """

    INITIAL = "initial"
    PREVIOUS = "previous"


class PrintPolicy(StrEnum):
    """Which published value of a month counts, where the publisher revised it.

    FIRST: the first print, whatever comes later. LATEST: the last one published by the day. FINAL: only a
    value the publisher calls final.
    """

    FIRST = "first"
    LATEST = "latest"
    FINAL = "final"


@frozen(kw_only=True)
class PriceRevisionClause(Clause):
    """How prices move: by a fixed share or by an index, `every` so often from `anchor_on`.

    `anchor_on` None means from the contract's first day. Percentages are in percent ("3" is 3 %).

    The index: `index` names the published series (None with a fixed `percent`); the start is `base_value` on
    the base `index_base` ("2015=100"; empty: the series' own), or what was published for `base_month` (its
    first day). It is compared with the month `lag_months` before the revision's month, or the nearest earlier
    `comparison_month` (1 to 12; None: any month); `average_of` takes the mean of that many values up to it.
    `prints` says which print counts; `settles_later` lets a value that is published after the revision's day
    count from that day on (otherwise only what was published by then exists).

    From index to price: the ratio, rounded to `ratio_decimals` (None: exact); `share_of_change` of the change
    is passed on (0.85 stands for the formula 0.15 + 0.85 x I/I0); then `cap` and `floor` bound one revision
    against the price in force, `total_cap` and `total_floor` all of them against the agreed price (None: no
    bound), and `ratchet` lets prices only rise; last, the price is rounded to `decimals` (None: as many as the
    agreed price has, and at least the currency's) by `rounding`.
    """

    every: Tenor = field(validator=instance(Tenor))
    anchor_on: date | None = field(default=None, validator=maybe(plain_date))
    percent: Decimal | None = field(default=None, validator=maybe(exact))
    index: str | None = None
    index_base: str = ""
    base_value: Decimal | None = field(default=None, validator=maybe(exact))
    base_month: date | None = field(default=None, validator=maybe(plain_date))
    lag_months: int = field(default=0, validator=count)
    comparison_month: int | None = field(default=None, validator=maybe(positive_count))
    average_of: int = field(default=1, validator=positive_count)
    compares_with: ComparedWith = field(default=ComparedWith.INITIAL, validator=member(ComparedWith))
    prints: PrintPolicy = field(default=PrintPolicy.FIRST, validator=member(PrintPolicy))
    settles_later: bool = field(default=False, validator=flag)
    ratio_decimals: int | None = field(default=None, validator=maybe(count))
    share_of_change: Decimal = field(default=Decimal(1), validator=share)
    cap: Decimal | None = field(default=None, validator=maybe(exact))
    floor: Decimal | None = field(default=None, validator=maybe(exact))
    total_cap: Decimal | None = field(default=None, validator=maybe(exact))
    total_floor: Decimal | None = field(default=None, validator=maybe(exact))
    ratchet: bool = field(default=False, validator=flag)
    decimals: int | None = field(default=None, validator=maybe(count))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=member(Rounding))

    def __attrs_post_init__(self) -> None:
        name = "PriceRevisionClause"
        if (self.percent is None) == (self.index is None):
            raise InvalidRecord(name, "percent", self.percent, "either a percent or an index")
        if self.base_value is not None and self.base_value <= 0:
            raise InvalidRecord(name, "base_value", self.base_value, "an index above zero (a level, not a rate)")
        if self.comparison_month is not None and self.comparison_month > _MONTHS_IN_YEAR:
            raise InvalidRecord(name, "comparison_month", self.comparison_month, "a month from 1 to 12")
        bounds = (("floor", self.floor, self.cap), ("total_floor", self.total_floor, self.total_cap))
        for field_name, low, high in bounds:
            if low is not None and high is not None and low > high:
                raise InvalidRecord(name, field_name, low, f"at most the cap, {high}")


@frozen(kw_only=True)
class VolumeCommitment(Clause):
    """A minimum to buy per period: a `quantity` of `unit`, or an `amount`; what is short costs `shortfall`.

    `shortfall` is the price per missing unit (None: not agreed; what is short of an `amount` is due itself).
    Periods are counted from `anchor_on` (None: the contract's first day), not from the calendar's year.
    `ramp` is what the first periods ask for, one by one, in units or in the amount's currency; after them
    `quantity` or `amount` holds. A period cut short by the contract's first or last day asks for its share of
    the days, or for everything when `prorates` is False.

    What is bought beyond the minimum may count for the next `carry_periods`, up to `carry_forward` times the
    period's own minimum (None: nothing is carried). What was paid for and not taken may be taken without
    further charge, beyond the minimum, in the next `make_up_periods`, up to `make_up` times the minimum
    (None: no make-up right).
    """

    per: Tenor = field(validator=instance(Tenor))
    quantity: Decimal | None = field(default=None, validator=maybe(not_negative))
    unit: str = ""
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    product: ProductId | None = None
    shortfall: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))
    by: Party = field(default=Party.COUNTERPARTY, validator=member(Party))
    anchor_on: date | None = field(default=None, validator=maybe(plain_date))
    ramp: tuple[Decimal, ...] = field(default=(), validator=each(not_negative))
    prorates: bool = field(default=True, validator=flag)
    carry_forward: Decimal | None = field(default=None, validator=maybe(not_negative))
    carry_periods: int = field(default=1, validator=positive_count)
    make_up: Decimal | None = field(default=None, validator=maybe(not_negative))
    make_up_periods: int = field(default=1, validator=positive_count)

    def __attrs_post_init__(self) -> None:
        if (self.quantity is None) == (self.amount is None):
            raise InvalidRecord("VolumeCommitment", "quantity", self.quantity, "a quantity or an amount")
        if self.amount is not None and self.shortfall is not None:
            expected = "None beside an amount: what is short of it is due itself"
            raise InvalidRecord("VolumeCommitment", "shortfall", self.shortfall, expected)


class RebateMethod(StrEnum):
    """Whether a tier's rate applies to what lies in the tier (MARGINAL) or to everything (RETROACTIVE)."""

    MARGINAL = "marginal"
    RETROACTIVE = "retroactive"


class RebateMeasure(StrEnum):
    """What earns the rebate: TURNOVER in the clause's currency, or UNITS bought."""

    TURNOVER = "turnover"
    UNITS = "units"


@frozen(kw_only=True)
class RebateTier:
    """From `threshold` on, the rebate is `rate`: a share of turnover (0.05 is 5 %), or an amount per unit."""

    threshold: Decimal = field(validator=not_negative)
    rate: Decimal = field(validator=not_negative)


@frozen(kw_only=True)
class RebateClause(Clause):
    """A part of what was bought in a period that is given back at its end, by tiers that rise.

    Periods of `per` are counted from `anchor_on` (None: the contract's first day). `threshold_counts` says
    that reaching a threshold exactly earns its tier (False: only going beyond). The rebate is due
    `settles_after` the period (None: not agreed). `product` None means all products together. Raises
    `InvalidRecord` for thresholds that do not rise, and for a share above 1.
    """

    per: Tenor = field(validator=instance(Tenor))
    currency: Currency = field(converter=currency)
    tiers: tuple[RebateTier, ...] = field(validator=each(instance(RebateTier)))
    measure: RebateMeasure = field(default=RebateMeasure.TURNOVER, validator=member(RebateMeasure))
    method: RebateMethod = field(default=RebateMethod.MARGINAL, validator=member(RebateMethod))
    threshold_counts: bool = field(default=True, validator=flag)
    anchor_on: date | None = field(default=None, validator=maybe(plain_date))
    settles_after: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    product: ProductId | None = None
    by: Party = field(default=Party.OWN, validator=member(Party))

    def __attrs_post_init__(self) -> None:
        thresholds = [tier.threshold for tier in self.tiers]
        if not thresholds or any(high <= low for low, high in pairwise(thresholds)):
            raise InvalidRecord("RebateClause", "tiers", thresholds, "at least one tier, with rising thresholds")
        if self.measure is RebateMeasure.TURNOVER and any(tier.rate > 1 for tier in self.tiers):
            raise InvalidRecord("RebateClause", "tiers", [t.rate for t in self.tiers], "shares of turnover from 0 to 1")
