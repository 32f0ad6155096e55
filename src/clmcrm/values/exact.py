"""From exact fractions to the digits people are charged: one rounding, at the end, by a named rule.

A third of 100 EUR is a `Fraction` until somebody has to pay it. Nothing here goes through a Decimal that
cannot hold the value, so no amount is ever rounded twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm

from clmcrm.values.currencies import Currency, currency
from clmcrm.values.money import Money


class Rounding(StrEnum):
    """Where a value goes that lies between two steps; the values are the `decimal` module's own names.

    HALF_UP is the merchant's rule and the default everywhere. UP and DOWN go away from and towards zero,
    CEILING and FLOOR towards plus and minus infinity.
    """

    HALF_UP = "ROUND_HALF_UP"
    HALF_EVEN = "ROUND_HALF_EVEN"
    HALF_DOWN = "ROUND_HALF_DOWN"
    UP = "ROUND_UP"
    DOWN = "ROUND_DOWN"
    CEILING = "ROUND_CEILING"
    FLOOR = "ROUND_FLOOR"


def round_to(value: Fraction, decimals: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """`value` with `decimals` digits after the point (0 or more), rounded once however long it is.

    >>> round_to(Fraction(2, 3), 4), round_to(Fraction(-1, 8), 2), round_to(Fraction(1, 8), 2, Rounding.DOWN)
    (Decimal('0.6667'), Decimal('-0.13'), Decimal('0.12'))
    """
    digits, rest = divmod(abs(value.numerator) * 10 ** (decimals + 1), value.denominator)
    # One more digit says whether anything follows: enough for every rule to decide exactly.
    text = f"{digits}{1 if rest else 0}"
    longer = Decimal((1 if value < 0 else 0, tuple(map(int, text)), -(decimals + 2)))
    step = Decimal(1).scaleb(-decimals)
    return longer.quantize(step, rounding=rounding.value, context=Context(prec=len(text) + 2))


def exact_money(value: Fraction, code: str | Currency, rounding: Rounding = Rounding.HALF_UP) -> Money:
    """`value` units of the currency as `Money`, rounded once to the currency's decimals.

    >>> exact_money(Fraction(100, 3), "EUR"), exact_money(Fraction(100, 3), "JPY")
    (Money('33.33', 'EUR'), Money('33', 'JPY'))
    """
    unit = currency(code)
    return Money(round_to(value, unit.decimals, rounding), unit)


def whole_weights(shares: Sequence[Fraction]) -> list[int]:
    """Whole numbers in the same proportion as `shares`, for `clmcrm.values.money.shared_out`.

    >>> whole_weights([Fraction(1, 2), Fraction(1, 3)])
    [3, 2]
    """
    common = lcm(*(share.denominator for share in shares))
    return [int(share * common) for share in shares]


def decimals_of(amount: Decimal) -> int:
    """How many decimals `amount` is written with, 0 for a whole number.

    >>> decimals_of(Decimal("0.0035")), decimals_of(Decimal("1E+2"))
    (4, 0)
    """
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
