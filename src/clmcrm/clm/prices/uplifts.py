"""Fixed uplifts: a percentage on the list price, on the last price, or compounded, between two bounds.

The rule of the file: every uplift is counted from exact amounts, and only the price that results is rounded;
a bound limits each single uplift, not their sum.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from attrs import field, frozen

from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.exact import Rounding, decimals_of, round_to
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import exact, instance, maybe, member

_HUNDRED: Final = 100


class UpliftBasis(StrEnum):
    """What the percentage is taken of.

    LIST: the list price, each time the same amount. LAST: the last price agreed before the uplifts began,
    each time the same amount. COMPOUNDED: the price the uplift before it made.
    """

    LIST = "simple on list"
    LAST = "simple on last"
    COMPOUNDED = "compounded"


@frozen(kw_only=True)
class Uplift:
    """An agreed rise of `percent` ("3" is 3 %; below zero for a fall), of at least `minimum`, at most `maximum`.

    The bounds are amounts per unit for one uplift (None: no bound). Raises `InvalidRecord` for a minimum
    above the maximum and `CurrencyMismatch` for bounds in two currencies.
    """

    percent: Decimal = field(validator=exact)
    basis: UpliftBasis = field(default=UpliftBasis.COMPOUNDED, validator=member(UpliftBasis))
    minimum: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))
    maximum: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=member(Rounding))

    def __attrs_post_init__(self) -> None:
        if self.minimum is None or self.maximum is None:
            return
        _same_currency(self.minimum, self.maximum)
        if self.minimum.amount > self.maximum.amount:
            raise InvalidRecord("Uplift", "minimum", str(self.minimum), f"at most the maximum, {self.maximum}")


def uplifted(
    price: UnitPrice, uplift: Uplift, times: int = 1, *, list_price: UnitPrice | None = None
) -> UnitPrice | Unknown:
    """`price` after `times` uplifts (0 or more), rounded once to its own decimals and at least the currency's.

    `list_price` is what a rise on LIST is taken of; without one the result is `Unknown`. A price never falls
    below zero. Raises `CurrencyMismatch` where two currencies meet.

    >>> three = Uplift(percent=Decimal(3))
    >>> uplifted(UnitPrice(100, "EUR"), three, 2)
    UnitPrice('106.09', 'EUR')
    >>> on_list = Uplift(percent=Decimal(3), basis=UpliftBasis.LIST)
    >>> uplifted(UnitPrice(80, "EUR"), on_list, 2, list_price=UnitPrice(100, "EUR"))
    UnitPrice('86.00', 'EUR')
    """
    if times < 0:
        raise InvalidRecord("Uplift", "times", times, "zero or more")
    basis = list_price if uplift.basis is UpliftBasis.LIST else price
    if basis is None:
        return Unknown("the uplift is on the list price, and no list price is stated")
    for other in (basis, uplift.minimum, uplift.maximum):
        if other is not None:
            _same_currency(price, other)
    result = Fraction(price.amount)
    for _ in range(times):
        on = result if uplift.basis is UpliftBasis.COMPOUNDED else Fraction(basis.amount)
        result = max(result + _bounded(on * Fraction(uplift.percent) / _HUNDRED, uplift), Fraction(0))
    decimals = max(price.currency.decimals, decimals_of(price.amount))
    return UnitPrice(round_to(result, decimals, uplift.rounding), price.currency)


def _bounded(rise: Fraction, uplift: Uplift) -> Fraction:
    if uplift.minimum is not None:
        rise = max(rise, Fraction(uplift.minimum.amount))
    if uplift.maximum is not None:
        rise = min(rise, Fraction(uplift.maximum.amount))
    return rise


def _same_currency(one: UnitPrice, other: UnitPrice) -> None:
    if one.currency != other.currency:
        raise CurrencyMismatch(one.currency.code, other.currency.code)
