"""What is sold and for how much: products, price books, and prices with their model.

A price knows how it counts: per unit, flat, by volume, graduated or in stairs. Quantities beyond the
last tier have no price; nothing is extrapolated.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
from attrs import frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.exact import product_in
from clmcrm.values.ids import PriceBookId, ProductId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.record import Record
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import TIERED_MODELS, PriceModel, PriceTier, check_tiers, tiered_amount
from clmcrm.values.validators import each, flag, instance, maybe, member, not_negative, plain_date, text


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
        if (self.unit_price is None) != (self.model in TIERED_MODELS):
            expected = "None beside tiers" if self.model in TIERED_MODELS else f"a price, being {self.model.value}"
            raise InvalidRecord(name, "unit_price", self.unit_price, expected)
        _check_span(name, self.first_day, self.last_day)

    def amount(self, quantity: Decimal) -> Money:
        """What `quantity` (zero or more) costs at each occurrence, rounded half up to the currency.

        Raises `InvalidRecord` for a quantity that is no number, below the minimum or beyond the last tier.
        """
        check_quantity(f"Price {self.product}", quantity)
        if quantity < (self.minimum or 0):
            raise InvalidRecord(f"Price {self.product}", "quantity", quantity, f"at least {self.minimum or 0}")
        if self.unit_price is None:
            return tiered_amount(self.model, self.tiers, quantity)
        units = Decimal(1 if self.model is PriceModel.FLAT else quantity)
        return product_in(self.unit_price.amount, units, self.unit_price.currency)

    def valid_on(self, day: date) -> bool:
        """Whether the price may be used on `day`."""
        after = self.first_day is None or self.first_day <= day
        return self.active and after and (self.last_day is None or day <= self.last_day)


def check_quantity(record: str, quantity: Decimal) -> None:
    """Refuse a quantity that is no finite number, which nothing can be compared with; returns nothing.

    Raises `InvalidRecord` naming `record`.

    >>> check_quantity("Price p", Decimal(3))
    """
    given: object = quantity
    if isinstance(given, bool) or not isinstance(given, int | Decimal) or not Decimal(given).is_finite():
        raise InvalidRecord(record, "quantity", quantity, "a finite Decimal")


def _check_span(name: str, first_day: date | None, last_day: date | None) -> None:
    if first_day is not None and last_day is not None and last_day < first_day:
        raise InvalidRecord(name, "last_day", last_day, f"{first_day} or later")
