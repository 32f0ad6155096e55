"""How a quantity becomes an amount: per unit, flat, by volume, graduated or in stairs.

Both wings price by these models: what was offered and what was agreed must not differ by the arithmetic.
Quantities beyond the last tier have no price; nothing is extrapolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final

from attrs import field, frozen

from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.exact import exact_money
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.validators import instance, maybe, not_negative


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

    up_to: Decimal | None = field(default=None, validator=maybe(not_negative))
    price: UnitPrice = field(validator=instance(UnitPrice))


TIERED_MODELS: Final = frozenset({PriceModel.VOLUME, PriceModel.GRADUATED, PriceModel.STAIRS})
"""The models whose price depends on the quantity by steps."""


def check_tiers(record: str, model: PriceModel, tiers: Sequence[PriceTier]) -> None:
    """Refuse tiers that do not fit `model`, that do not rise, or that mix currencies.

    Raises `InvalidRecord` naming `record`, or `CurrencyMismatch`; returns nothing.

    >>> check_tiers("Price p", PriceModel.PER_UNIT, [])
    """
    if (model in TIERED_MODELS) != bool(tiers):
        expected = "at least one tier" if model in TIERED_MODELS else f"no tier when the price is {model.value}"
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

    Raises `InvalidRecord` for a quantity below zero or beyond the last tier.

    >>> first = PriceTier(up_to=Decimal(10), price=UnitPrice(5, "EUR"))
    >>> tiers = [first, PriceTier(price=UnitPrice(4, "EUR"))]
    >>> tiered_amount(PriceModel.GRADUATED, tiers, Decimal(12))
    Money('58.00', 'EUR')
    >>> tiered_amount(PriceModel.VOLUME, tiers, Decimal(12))
    Money('48.00', 'EUR')
    """
    return exact_money(tiered_price(model, tiers, quantity), tiers[0].price.currency)


def tiered_price(model: PriceModel, tiers: Sequence[PriceTier], quantity: Decimal) -> Fraction:
    """As `tiered_amount`, before it is rounded.

    >>> tiered_price(PriceModel.STAIRS, [PriceTier(price=UnitPrice("0.125", "EUR"))], Decimal(3))
    Fraction(1, 8)
    """
    given: object = quantity
    if not isinstance(given, Decimal) or not given.is_finite() or given < 0:
        raise InvalidRecord("Price", "quantity", quantity, "a Decimal of zero or more")
    reached = next((tier for tier in tiers if tier.up_to is None or quantity <= tier.up_to), None)
    if reached is None:
        raise InvalidRecord("Price", "quantity", quantity, f"at most {tiers[-1].up_to}, the last tier's bound")
    price, units = Fraction(reached.price.amount), Fraction(quantity)
    if model is PriceModel.STAIRS:
        return price
    return price * units if model is PriceModel.VOLUME else _graduated(tiers, units)


def _graduated(tiers: Sequence[PriceTier], units: Fraction) -> Fraction:
    amount, below = Fraction(0), Fraction(0)
    for tier in tiers:
        bound = units if tier.up_to is None else min(units, Fraction(tier.up_to))
        amount += (bound - below) * Fraction(tier.price.amount)
        below = bound
    return amount
