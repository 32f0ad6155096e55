"""Exchange rates with their dates: a conversion always says which day's rate it used."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from clmcrm.errors import InvalidRecord, RateMissing
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.days import check_days
from clmcrm.values.exact import exact_money
from clmcrm.values.money import Money, decimal_of
from clmcrm.values.validators import exact, plain_date, text


def _factor(value: Decimal | int | str) -> Decimal:
    try:
        return decimal_of(value)
    except InvalidRecord as refused:
        raise InvalidRecord("Rate", "factor", value, refused.expected) from None


@frozen(kw_only=True)
class Rate:
    """One unit of `source` is worth `factor` units of `target` from `on` on; `by` says who published it.

    Raises `InvalidRecord` for a factor that is not above zero: no currency is worth nothing, and an amount brought to
    zero or below by its rate would be lost in silence.
    """

    source: Currency = field(converter=currency)
    target: Currency = field(converter=currency)
    on: date = field(validator=plain_date)
    factor: Decimal = field(converter=_factor, validator=exact)
    by: str = field(validator=text)

    def __attrs_post_init__(self) -> None:
        if self.factor <= 0:
            raise InvalidRecord(f"Rate {self.source} to {self.target}", "factor", self.factor, "a number above zero")


@frozen
class Converted:
    """A conversion and the rate it used; `rate` is None when nothing had to be converted."""

    money: Money
    rate: Rate | None


class RateTable:
    """Dated rates; a pair is used as it stands or inverted, whichever is later, never through a third currency.

    Raises `InvalidRecord` for two factors of one pair and day: which of them counts is nobody's guess.

    >>> rate = Rate(source="USD", target="EUR", on=date(2026, 1, 2), factor="0.90", by="ECB")
    >>> table = RateTable([rate])
    >>> table.convert(Money(100, "USD"), "EUR", date(2026, 2, 1)).money
    Money('90.00', 'EUR')
    """

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._by_pair: dict[tuple[str, str], list[Rate]] = {}
        for rate in sorted(rates, key=lambda r: r.on):
            known = self._by_pair.setdefault((rate.source.code, rate.target.code), [])
            if known and known[-1].on == rate.on and known[-1].factor != rate.factor:
                name, both = f"RateTable {rate.source.code} to {rate.target.code}", (known[-1].factor, rate.factor)
                raise InvalidRecord(name, "factor", tuple(map(str, both)), f"one factor on {rate.on}")
            known.append(rate)

    def _latest(self, source: str, target: str, on: date) -> Rate | None:
        history = self._by_pair.get((source, target), [])
        at = bisect_right([rate.on for rate in history], on)
        return history[at - 1] if at else None

    def convert(self, money: Money, code: str | Currency, on: date) -> Converted:
        """`money` in the currency `code` at the latest rate on or before `on`, rounded half up.

        The rate may be the pair's or its inverse's; of one day, the pair's own counts. Raises `RateMissing` when
        neither has a rate by that day, and `InvalidRecord` for an `on` that is no day.
        """
        check_days("RateTable.convert", on=on)
        target = currency(code)
        if money.currency == target:
            return Converted(money, None)
        rate = self._latest(money.currency.code, target.code, on)
        inverse = self._latest(target.code, money.currency.code, on)
        if rate is not None and (inverse is None or inverse.on <= rate.on):
            return Converted(exact_money(Fraction(money.amount) * Fraction(rate.factor), target), rate)
        if inverse is None:
            raise RateMissing(money.currency.code, target.code, on)
        return Converted(exact_money(Fraction(money.amount) / Fraction(inverse.factor), target), inverse)
