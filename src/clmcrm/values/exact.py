"""From exact fractions to the digits people are charged: one rounding, at the end, by a named rule.

A third of 100 EUR is a `Fraction` until somebody has to pay it. Nothing here goes through a Decimal that
cannot hold the value, so no amount is ever rounded twice; and nothing asks the host's decimal context, which may
keep six digits or round down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Final

from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.money import EXACT, MAX_DIGITS, Money

_TOO_MUCH: Final = 10**MAX_DIGITS


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
    # One more digit says whether anything follows: enough for every rule to decide exactly. It never becomes a text:
    # Python writes no whole number of more than 4,300 digits.
    whole = Decimal(10 * digits + (1 if rest else 0))
    context = Context(prec=whole.adjusted() + 3, Emax=MAX_EMAX, Emin=MIN_EMIN)
    longer = whole.scaleb(-(decimals + 2), context=context)
    signed, step = longer.copy_negate() if value < 0 else longer, Decimal((0, (1,), -decimals))
    # What rounds to nothing is 0, never -0: a share of "-0.0000" would read as a loss.
    return context.plus(signed.quantize(step, rounding=rounding.value, context=context))


def exact_money(value: Fraction, code: str | Currency, rounding: Rounding = Rounding.HALF_UP) -> Money:
    """`value` units of the currency as `Money`, rounded once to the currency's decimals.

    Raises `InvalidRecord` for what has more digits than `Money` holds.

    >>> exact_money(Fraction(100, 3), "EUR"), exact_money(Fraction(100, 3), "JPY")
    (Money('33.33', 'EUR'), Money('33', 'JPY'))
    """
    unit = currency(code)
    if abs(value) >= _TOO_MUCH:
        raise InvalidRecord("Money", "amount", int(value), f"a finite number of at most {MAX_DIGITS} digits")
    return Money(round_to(value, unit.decimals, rounding), unit)


def product_in(amount: Decimal, factor: Decimal, code: str | Currency) -> Money:
    """`amount` (as `Money` or a `UnitPrice` holds it) times `factor` in the currency, rounded half up, once.

    The factor may have any number of digits: a source that keeps 0.2 as a double states 55 of them. Raises
    `InvalidRecord` for what has more digits than `Money` holds.

    >>> product_in(Decimal(1000), Decimal("0.200000000000000011102230246251565"), "EUR")
    Money('200.00', 'EUR')
    """
    size = amount.adjusted() + factor.adjusted()
    # A power of ten nobody meant must not be written out: it has as many digits as it says.
    if not amount or not factor or size < -2 * MAX_DIGITS:
        return Money(0, currency(code))
    if size > 2 * MAX_DIGITS:
        raise InvalidRecord("Money", "amount", factor, f"a finite number of at most {MAX_DIGITS} digits")
    return exact_money(Fraction(amount) * Fraction(factor), code)


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


def sum_of(numbers: Iterable[Decimal]) -> Decimal:
    """The sum, exact, with as many decimals as the longest; 0 of nothing.

    >>> sum_of([Decimal("0.10"), Decimal("0.025")])
    Decimal('0.125')
    """
    return reduce(EXACT.add, numbers, Decimal(0))


def less(number: Decimal, *others: Decimal) -> Decimal:
    """The number less all others, exact.

    >>> less(Decimal(1), Decimal("0.125"))
    Decimal('0.875')
    """
    return reduce(EXACT.subtract, others, number)


def product_of(*numbers: Decimal) -> Decimal:
    """The product, exact; 1 of nothing.

    >>> product_of(Decimal("9.90"), Decimal("0.5"))
    Decimal('4.950')
    """
    return reduce(EXACT.multiply, numbers, Decimal(1))


def shifted(number: Decimal, places: int) -> Decimal:
    """The number with its point moved to the right by so many places, to the left where they are below 0; exact.

    >>> shifted(Decimal("0.125"), 2), shifted(Decimal(7), -2)
    (Decimal('12.5'), Decimal('0.07'))
    """
    return number.scaleb(places, context=EXACT)


def plain_number(number: Decimal) -> str:
    """The number in digits: without an exponent, and without zeros at its end that say nothing; exact.

    >>> plain_number(Decimal("1.50E+3")), plain_number(Decimal("0.10")), plain_number(Decimal("-0.0"))
    ('1500', '0.1', '0')
    """
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
