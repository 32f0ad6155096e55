"""What is sold and for how much: products, price books, and prices with their model.

A price knows how it counts: per unit, flat, by volume, graduated or in stairs. Quantities beyond the
last tier have no price; nothing is extrapolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

import attrs
from attrs import frozen

from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.ids import PriceBookId, ProductId
from clmcrm.values.money import Money, UnitPrice, rounded
from clmcrm.values.record import Record
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import each, flag, instance, maybe, member, not_negative, plain_date, text


class PriceModel(StrEnum):
    """How a quantity becomes an amount.

    PER_UNIT: quantity times the price. FLAT: the price, whatever the quantity. VOLUME: every unit at the
    price of the tier the whole quantity falls in. GRADUATED: each unit at its own tier's price. STAIRS:
    the one amount of the tier the whole quantity falls in.
    """

    PER_UNIT = "per unit"
    FLAT = "flat"
    VOLUME = "volume"
    GRADUATED = "graduated"
    STAIRS = "stairs"


@frozen(kw_only=True)
class PriceTier:
    """One tier: up to and including `up_to` units (None: without limit) at `price`.

    `price` is for one unit, except under `PriceModel.STAIRS`, where it is the tier's whole amount.
    """

    up_to: Decimal | None = attrs.field(default=None, validator=maybe(not_negative))
    price: UnitPrice = attrs.field(validator=instance(UnitPrice))


_TIERED = frozenset({PriceModel.VOLUME, PriceModel.GRADUATED, PriceModel.STAIRS})


def check_tiers(record: str, model: PriceModel, tiers: Sequence[PriceTier]) -> None:
    """Refuse tiers that do not fit `model`, that do not rise, or that mix currencies.

    Raises `InvalidRecord` naming `record`, or `CurrencyMismatch`; returns nothing.

    >>> check_tiers("Price p", PriceModel.PER_UNIT, [])
    """
    if (model in _TIERED) != bool(tiers):
        expected = "at least one tier" if model in _TIERED else f"no tier when the price is {model.value}"
        raise InvalidRecord(record, "tiers", len(tiers), expected)
    bounds = [tier.up_to for tier in tiers]
    known = [bound for bound in bounds if bound is not None]
    if None in bounds[:-1] or any(high <= low for low, high in pairwise(known)):
        raise InvalidRecord(record, "tiers", bounds, "rising bounds, at most the last without one")
    for tier in tiers[1:]:
        if tier.price.currency != tiers[0].price.currency:
            raise CurrencyMismatch(tiers[0].price.currency.code, tier.price.currency.code)


def tiered_amount(model: PriceModel, tiers: Sequence[PriceTier], quantity: Decimal) -> Money:
    """What `quantity` (zero or more) costs under a tiered `model`, rounded once to the currency.

    Raises `InvalidRecord` for a quantity beyond the last tier.

    >>> first = PriceTier(up_to=Decimal(10), price=UnitPrice(5, "EUR"))
    >>> tiers = [first, PriceTier(price=UnitPrice(4, "EUR"))]
    >>> tiered_amount(PriceModel.GRADUATED, tiers, Decimal(12))
    Money('58.00', 'EUR')
    >>> tiered_amount(PriceModel.VOLUME, tiers, Decimal(12))
    Money('48.00', 'EUR')
    """
    reached = next((tier for tier in tiers if tier.up_to is None or quantity <= tier.up_to), None)
    if reached is None:
        raise InvalidRecord("Price", "quantity", quantity, f"at most {tiers[-1].up_to}, the last tier's bound")
    if model is PriceModel.STAIRS:
        return reached.price.times(1)
    if model is PriceModel.VOLUME:
        return reached.price.times(quantity)
    exact, below = Decimal(0), Decimal(0)
    for tier in tiers:
        bound = quantity if tier.up_to is None else min(quantity, tier.up_to)
        exact += max(bound - below, Decimal(0)) * tier.price.amount
        below = max(below, bound)
    return rounded(exact, reached.price.currency)


@frozen(kw_only=True)
class Product(Record):
    """Something we sell. `family` groups products; `unit` is what one of it is ("user", "call", "hour").

    `recurs_every` is the usual rhythm of its price, None for a one-off; `term` how long it is usually sold
    for. `code` is the stock or catalogue number.
    """

    id: ProductId = attrs.field(validator=text)
    name: str = attrs.field(validator=text)
    code: str | None = attrs.field(default=None, validator=maybe(text))
    family: str | None = attrs.field(default=None, validator=maybe(text))
    description: str | None = attrs.field(default=None, validator=maybe(text))
    unit: str | None = attrs.field(default=None, validator=maybe(text))
    recurs_every: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    term: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    active: bool = attrs.field(default=True, validator=flag)


@frozen(kw_only=True)
class PriceBook(Record):
    """A list of prices; `first_day` and `last_day` (both inside) bound its validity, None where open."""

    id: PriceBookId = attrs.field(validator=text)
    name: str = attrs.field(validator=text)
    description: str | None = attrs.field(default=None, validator=maybe(text))
    currency: Currency | None = attrs.field(default=None, converter=attrs.converters.optional(currency))
    is_standard: bool = attrs.field(default=False, validator=flag)
    active: bool = attrs.field(default=True, validator=flag)
    first_day: date | None = attrs.field(default=None, validator=maybe(plain_date))
    last_day: date | None = attrs.field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        _check_span(f"PriceBook {self.id}", self.first_day, self.last_day)


@frozen(kw_only=True)
class Price(Record):
    """The price of `product` in `book`, for one currency.

    `unit_price` is for one unit (the whole amount when `model` is FLAT) and is None exactly when the model
    has tiers. `recurs_every` is the rhythm at which it falls due, None for a one-off. `minimum` is the
    least quantity sold at it (None: no minimum). `first_day` and `last_day` (both inside) bound its
    validity, None where open. Raises `InvalidRecord` for tiers that do not fit the model.

    >>> price = Price(product=ProductId("p"), unit_price=UnitPrice("9.90", "EUR"))
    >>> price.amount(Decimal(3))
    Money('29.70', 'EUR')
    """

    product: ProductId = attrs.field(validator=text)
    book: PriceBookId | None = attrs.field(default=None, validator=maybe(text))
    model: PriceModel = attrs.field(default=PriceModel.PER_UNIT, validator=member(PriceModel))
    unit_price: UnitPrice | None = attrs.field(default=None, validator=maybe(instance(UnitPrice)))
    tiers: tuple[PriceTier, ...] = attrs.field(default=(), validator=each(instance(PriceTier)))
    recurs_every: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    minimum: Decimal | None = attrs.field(default=None, validator=maybe(not_negative))
    first_day: date | None = attrs.field(default=None, validator=maybe(plain_date))
    last_day: date | None = attrs.field(default=None, validator=maybe(plain_date))
    active: bool = attrs.field(default=True, validator=flag)

    def __attrs_post_init__(self) -> None:
        name = f"Price {self.product}"
        check_tiers(name, self.model, self.tiers)
        if (self.unit_price is None) != (self.model in _TIERED):
            expected = "None beside tiers" if self.model in _TIERED else f"a price, being {self.model.value}"
            raise InvalidRecord(name, "unit_price", self.unit_price, expected)
        _check_span(name, self.first_day, self.last_day)

    def amount(self, quantity: Decimal) -> Money:
        """What `quantity` (zero or more) costs at each occurrence, rounded half up to the currency.

        Raises `InvalidRecord` for a quantity below the minimum or beyond the last tier.
        """
        if quantity < (self.minimum or 0):
            raise InvalidRecord(f"Price {self.product}", "quantity", quantity, f"at least {self.minimum or 0}")
        if self.unit_price is None:
            return tiered_amount(self.model, self.tiers, quantity)
        return self.unit_price.times(1 if self.model is PriceModel.FLAT else quantity)

    def valid_on(self, day: date) -> bool:
        """Whether the price may be used on `day`."""
        after = self.first_day is None or self.first_day <= day
        return self.active and after and (self.last_day is None or day <= self.last_day)


def _check_span(name: str, first_day: date | None, last_day: date | None) -> None:
    if first_day is not None and last_day is not None and last_day < first_day:
        raise InvalidRecord(name, "last_day", last_day, f"{first_day} or later")
