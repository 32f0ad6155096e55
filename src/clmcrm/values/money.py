"""Money: an exact amount in one currency. Never a float, never two currencies in one sum.

`Money` has at most the decimals of its currency; a price per unit may be finer (0.0035 EUR a call) and
is a `UnitPrice`, which becomes `Money` only when it is multiplied by a quantity and rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_05UP,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)
from typing import Final

from attrs import field, frozen

from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.validators import exact, not_negative

# Enough digits for any amount a contract states; more is a mistake in the input, not a fortune.
MAX_DIGITS: Final = 28
_ROUNDINGS: Final = (
    ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_05UP, ROUND_UP,
)  # fmt: skip
EXACT: Final = Context(prec=4 * MAX_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""What amounts are reckoned in, whatever the host's own decimal context: their sums and products have fewer digits,
so that nothing is rounded before it is asked for, and what is far too much is refused by name and overflows nothing."""


def decimal_of(value: Decimal | int | str) -> Decimal:
    """The exact Decimal of a Decimal, an int or a text; a float or a NaN raises `InvalidRecord`.

    A text is a number in the digits 0 to 9: what Python reads as one besides (`1_000`, the digits of other scripts) is
    refused, since nobody else reads it so.

    >>> decimal_of("12.30")
    Decimal('12.30')
    """
    # bool is an int, and a float has already lost the digits the contract stated.
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise InvalidRecord("Money", "amount", value, "a Decimal, an int or a text (never a float)")
    try:
        number = Decimal(_plain(value) if isinstance(value, str) else value)
    except InvalidOperation:
        raise InvalidRecord("Money", "amount", value, "a number such as 1250.00") from None
    if not number.is_finite() or _digits(number) > MAX_DIGITS:
        raise InvalidRecord("Money", "amount", value, f"a finite number of at most {MAX_DIGITS} digits")
    return number


def _plain(text: str) -> str:
    """The text, or one that is no number in the place of a number that only Python reads."""
    return text if text.isascii() and "_" not in text else ""


def _digits(number: Decimal, decimals: int = 0) -> int:
    """How many digits it takes to write the number out, without an exponent and with so many decimals at least."""
    return max(number.adjusted() + 1, 0) + max(-int(number.as_tuple().exponent), decimals)


def _check_length(record: str, amount: Decimal, unit: Currency) -> None:
    """Refuse what is too long once it has its currency's decimals: it is written with them, and read again."""
    if _digits(amount, unit.decimals) > MAX_DIGITS:
        expected = f"a finite number of at most {MAX_DIGITS} digits, the {unit.decimals} decimals of {unit} among them"
        raise InvalidRecord(record, "amount", amount, expected)


@frozen(order=False)
class Money:
    """An amount in a currency, with at most that currency's decimals; may be negative.

    Raises `InvalidRecord` for a float, for too many decimals and where it meets what is no Money, and
    `CurrencyMismatch` where two currencies meet.

    >>> Money("10.50", "EUR") + Money(2, "EUR")
    Money('12.50', 'EUR')
    >>> str(Money(1000, "JPY"))
    '1000 JPY'
    """

    amount: Decimal = field(converter=decimal_of, validator=exact)
    currency: Currency = field(converter=currency)

    def __attrs_post_init__(self) -> None:
        step = Decimal(1).scaleb(-self.currency.decimals)
        quantized = self.amount.quantize(step, context=EXACT)
        if quantized != self.amount:
            expected = f"at most {self.currency.decimals} decimals in {self.currency}"
            raise InvalidRecord("Money", "amount", str(self.amount), expected)
        _check_length("Money", self.amount, self.currency)
        # Equal amounts must print and encode alike: 5 EUR and 5.00 EUR are one value, and so are 0 and -0.
        object.__setattr__(self, "amount", EXACT.plus(quantized))

    def _same(self, other: Money) -> Decimal:
        # A price for one unit has an amount and a currency too, and is no amount of money.
        if not isinstance(other, Money):
            raise InvalidRecord("Money", "amount", other, f"Money in {self.currency}")
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency.code, other.currency.code)
        return other.amount

    def __add__(self, other: Money) -> Money:
        """The sum, in the same currency."""
        return Money(EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Money) -> Money:
        """The difference, in the same currency."""
        return Money(EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __neg__(self) -> Money:
        """The opposite amount."""
        return Money(EXACT.minus(self.amount), self.currency)

    def __lt__(self, other: Money) -> bool:
        """Whether this is less than `other`, in the same currency."""
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        """Whether this is at most `other`, in the same currency."""
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        """Whether this is more than `other`, in the same currency."""
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        """Whether this is at least `other`, in the same currency."""
        return self.amount >= self._same(other)

    def times(self, factor: Decimal | int | str, rounding: str = ROUND_HALF_UP) -> Money:
        """This amount times an exact factor, rounded once to the currency's decimals.

        >>> Money("10.00", "EUR").times("0.333")
        Money('3.33', 'EUR')
        """
        return rounded(EXACT.multiply(self.amount, decimal_of(factor)), self.currency, rounding)

    def __repr__(self) -> str:
        """The call that builds it."""
        return f"Money('{self.amount}', '{self.currency}')"

    def __str__(self) -> str:
        """Amount and code, as a person reads it."""
        return f"{self.amount} {self.currency}"


@frozen
class UnitPrice:
    """A price for one unit, zero or more, with as many decimals as the parties agreed.

    >>> UnitPrice("0.0035", "EUR").times(1000)
    Money('3.50', 'EUR')
    """

    amount: Decimal = field(converter=decimal_of, validator=not_negative)
    currency: Currency = field(converter=currency)

    def __attrs_post_init__(self) -> None:
        _check_length("UnitPrice", self.amount, self.currency)

    def times(self, quantity: Decimal | int | str) -> Money:
        """The price of `quantity` units, rounded half up to the currency's decimals."""
        return rounded(EXACT.multiply(self.amount, decimal_of(quantity)), self.currency)

    def __repr__(self) -> str:
        """The call that builds it."""
        return f"UnitPrice('{self._written()}', '{self.currency}')"

    def __str__(self) -> str:
        """Amount and code, as a person reads it."""
        return f"{self._written()} {self.currency}"

    def _written(self) -> str:
        # A seventh decimal is no reason to write a price as 1E-7; and no price is -0.
        return format(self.amount.copy_abs(), "f")


def rounded(amount: Decimal, code: str | Currency, rounding: str = ROUND_HALF_UP) -> Money:
    """`amount` rounded to the currency's decimals; `rounding` is one of the `decimal` module's modes.

    Raises `InvalidRecord` for what is no finite Decimal, or has more digits than `Money` holds, and for another mode.

    >>> rounded(Decimal("2.345"), "EUR")
    Money('2.35', 'EUR')
    """
    unit, given = currency(code), _bounded(amount)
    if rounding not in _ROUNDINGS:
        raise InvalidRecord("Money", "rounding", rounding, f"{', '.join(_ROUNDINGS[:-1])} or {_ROUNDINGS[-1]}")
    return Money(given.quantize(Decimal(1).scaleb(-unit.decimals), rounding=rounding, context=EXACT), unit)


def _bounded(amount: object) -> Decimal:
    """A number that `EXACT` can round: a product of two amounts is no longer than this."""
    if not isinstance(amount, Decimal):
        raise InvalidRecord("Money", "amount", amount, "a Decimal (never a float)")
    if not amount.is_finite() or amount.adjusted() > 2 * MAX_DIGITS:
        raise InvalidRecord("Money", "amount", amount, f"a finite number of at most {MAX_DIGITS} digits")
    return amount


def _is_exact(weight: object) -> bool:
    return isinstance(weight, int) or (isinstance(weight, Decimal) and weight.is_finite())


def total(amounts: Iterable[Money], code: str | Currency) -> Money:
    """The sum of `amounts`, all in the currency `code`; zero of that currency when there are none.

    >>> total([], "EUR")
    Money('0.00', 'EUR')
    """
    result = Money(0, currency(code))
    for amount in amounts:
        result += amount
    return result


def shared_out(whole: Money, weights: Sequence[Decimal | int]) -> tuple[Money, ...]:
    """`whole` split by `weights` (at least one above zero), by largest remainder: the parts sum to the whole.

    Ties go to the earlier part. Raises `InvalidRecord` for no weight at all, for a negative one and for a float, a
    NaN or an infinity.

    >>> shared_out(Money(100, "EUR"), [1, 1, 1])
    (Money('33.34', 'EUR'), Money('33.33', 'EUR'), Money('33.33', 'EUR'))
    """
    from fractions import Fraction  # noqa: PLC0415 - only this rare function needs it (light import)

    exacts = [Fraction(weight) for weight in weights if _is_exact(weight)]
    if len(exacts) < len(weights) or any(weight < 0 for weight in exacts) or not sum(exacts):
        expected = "exact weights of zero or more, not all zero (never a float)"
        raise InvalidRecord("Money", "weights", list(weights), expected)
    scale = 10**whole.currency.decimals
    cents = int(Fraction(whole.amount) * scale)
    ideal = [abs(cents) * weight / sum(exacts) for weight in exacts]
    parts = [int(share) for share in ideal]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - ideal[i], i))
    for i in by_remainder[: abs(cents) - sum(parts)]:
        parts[i] += 1
    sign = -1 if cents < 0 else 1
    return tuple(Money(EXACT.divide(Decimal(sign * part), Decimal(scale)), whole.currency) for part in parts)
