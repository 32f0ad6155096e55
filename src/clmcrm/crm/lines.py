"""One line of a sale: what, how many, at what price, how often, and from when to when.

`unit_price` stands before the line's discount. A line keeps its own rhythm (`recurs_every`, None for a
one-off), so that one-off and recurring money are never added up as if they were alike.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final

import attrs
from attrs import frozen

from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.currencies import Currency
from clmcrm.values.exact import exact_money
from clmcrm.values.ids import LineId, ProductId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.record import Record
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier, check_tiers, tiered_price
from clmcrm.values.validators import (
    each,
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

_ONE: Final = Decimal(1)


@frozen(kw_only=True)
class RampStep:
    """From `first_day` on the line has this `quantity` or `unit_price`; None keeps what held before."""

    first_day: date = attrs.field(validator=plain_date)
    quantity: Decimal | None = attrs.field(default=None, validator=maybe(not_negative))
    unit_price: UnitPrice | None = attrs.field(default=None, validator=maybe(instance(UnitPrice)))


@frozen(kw_only=True)
class SalesLine(Record):
    """One line of an opportunity or of a quote.

    `unit_price` is for one unit, before `discount` (a share from 0 to 1) and `discount_amount` (of the
    whole line, at each occurrence); None means no price is agreed, unless the line has `tiers`, which
    then price it by `price_model`, up to the last one's bound. `list_price` is the catalogue's.
    `recurs_every` is the rhythm of billing, None for a one-off; `term` how long it recurs (None: as long as
    the contract).
    `service_first_day` and `service_last_day` are both inside; `billing_anchor_on` fixes the billing
    days; `in_advance` says whether a period is billed at its start (False: at its end). `tax` is a share
    of the net amount. `ramp` lists later changes of quantity or price, in order; `ramp_key` is the source's
    name for lines that follow one another. `parent_line` is the bundle the line belongs to. `position`
    counts from 1. None always means that it is not stated.

    Raises `InvalidRecord` for tiers, ramp steps or service days out of order, and `CurrencyMismatch`
    where one line has two currencies.

    >>> line = SalesLine(id=LineId("l1"), quantity=Decimal(3), unit_price=UnitPrice(10, "EUR"),
    ...                  discount=Decimal("0.10"))
    >>> line.net_amount
    Money('27.00', 'EUR')
    """

    id: LineId = attrs.field(validator=text)
    product: ProductId | None = attrs.field(default=None, validator=maybe(text))
    description: str | None = attrs.field(default=None, validator=maybe(text))
    position: int | None = attrs.field(default=None, validator=maybe(positive_count))
    quantity: Decimal = attrs.field(default=_ONE, validator=not_negative)
    unit: str | None = attrs.field(default=None, validator=maybe(text))
    unit_price: UnitPrice | None = attrs.field(default=None, validator=maybe(instance(UnitPrice)))
    list_price: UnitPrice | None = attrs.field(default=None, validator=maybe(instance(UnitPrice)))
    discount: Decimal | None = attrs.field(default=None, validator=maybe(share))
    discount_amount: Money | None = attrs.field(default=None, validator=maybe(instance(Money)))
    tax: Decimal | None = attrs.field(default=None, validator=maybe(share))
    price_model: PriceModel = attrs.field(default=PriceModel.PER_UNIT, validator=member(PriceModel))
    tiers: tuple[PriceTier, ...] = attrs.field(default=(), validator=each(instance(PriceTier)))
    recurs_every: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    term: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    service_first_day: date | None = attrs.field(default=None, validator=maybe(plain_date))
    service_last_day: date | None = attrs.field(default=None, validator=maybe(plain_date))
    billing_anchor_on: date | None = attrs.field(default=None, validator=maybe(plain_date))
    in_advance: bool | None = attrs.field(default=None, validator=maybe(flag))
    ramp: tuple[RampStep, ...] = attrs.field(default=(), validator=each(instance(RampStep)))
    ramp_key: str | None = attrs.field(default=None, validator=maybe(text))
    parent_line: LineId | None = attrs.field(default=None, validator=maybe(text))

    def __attrs_post_init__(self) -> None:
        name = f"{type(self).__name__} {self.id}"
        check_tiers(name, self.price_model, self.tiers)
        first, last = self.service_first_day, self.service_last_day
        if first is not None and last is not None and last < first:
            raise InvalidRecord(name, "service_last_day", last, f"{first} or later")
        days = [step.first_day for step in self.ramp]
        if any(later <= day for day, later in pairwise(days)):
            raise InvalidRecord(name, "ramp", days, "steps in order, one to a day")
        if self.parent_line == self.id:
            raise InvalidRecord(name, "parent_line", self.parent_line, "another line")
        _one_currency(self)

    @property
    def currency_code(self) -> str | None:
        """The ISO 4217 code of the line's amounts; None when it states no amount at all."""
        codes = _codes(self)
        return codes[0] if codes else None

    @property
    def is_recurring(self) -> bool:
        """Whether the amount falls due again and again."""
        return self.recurs_every is not None

    @property
    def gross_amount(self) -> Money | None:
        """Quantity at the price before discounts, for one occurrence; None when no price is agreed for so many."""
        priced = self._priced()
        return None if priced is None else exact_money(*priced)

    @property
    def net_amount(self) -> Money | None:
        """The amount of one occurrence after discounts and before tax, rounded once; None without a price for so many.

        For a one-off line this is the whole amount. Ramp steps are later changes and are not in it.
        """
        priced = self._priced()
        if priced is None:
            return None
        gross, unit = priced
        # Rounding the gross first would round twice (0.0035 a call has more decimals than the euro).
        net = exact_money(gross * (1 - Fraction(self.discount or 0)), unit)
        return net if self.discount_amount is None else net - self.discount_amount

    def _priced(self) -> tuple[Fraction, Currency] | None:
        """What one occurrence costs before discounts, exactly, and in which currency."""
        if self.tiers:
            most = self.tiers[-1].up_to
            if most is not None and self.quantity > most:
                return None
            return tiered_price(self.price_model, self.tiers, self.quantity), self.tiers[0].price.currency
        if self.unit_price is None:
            return None
        units = 1 if self.price_model is PriceModel.FLAT else Fraction(self.quantity)
        return Fraction(self.unit_price.amount) * units, self.unit_price.currency


@frozen(kw_only=True)
class OpportunityLine(SalesLine):
    """A line of an opportunity."""


@frozen(kw_only=True)
class QuoteLine(SalesLine):
    """A line of a quote; `opportunity_line` is the line it came from, `is_optional` is not yet chosen."""

    opportunity_line: LineId | None = attrs.field(default=None, validator=maybe(text))
    is_optional: bool = attrs.field(default=False, validator=flag)


def _codes(line: SalesLine) -> list[str]:
    ramp_prices = [step.unit_price for step in line.ramp]
    priced = (line.unit_price, line.list_price, line.discount_amount, *ramp_prices)
    stated = [*priced, *(tier.price for tier in line.tiers)]
    return [amount.currency.code for amount in stated if amount is not None]


def _one_currency(line: SalesLine) -> None:
    for code in _codes(line):
        if code != line.currency_code:
            raise CurrencyMismatch(str(line.currency_code), code, f"line {line.id}")
