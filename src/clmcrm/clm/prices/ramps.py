"""Price ramps: one product whose price or quantity steps from segment to segment, agreed in advance.

The rule of the file: the segments of a ramp follow one another without gap or overlap, and what a renewal
starts from is said (the first or the last segment), because both are usual and they differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

from attrs import field, frozen

from clmcrm.clm.lines import ContractLine
from clmcrm.clm.prices.ledger import PriceFrom
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.exact import less, product_of
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.validators import each, instance, not_negative

_WHOLE: Final = Decimal(1)


@frozen(kw_only=True)
class RampSegment:
    """In `span` (only the last segment may have no end) `quantity` units cost `price` each, every period."""

    span: Span = field(validator=instance(Span))
    price: UnitPrice = field(validator=instance(UnitPrice))
    quantity: Decimal = field(default=Decimal(1), validator=not_negative)

    @property
    def amount(self) -> Money:
        """What one period costs in this segment, rounded once."""
        return self.price.times(self.quantity)


@frozen
class Ramp:
    """The segments in order. Raises `InvalidRecord` for a gap or an overlap, `CurrencyMismatch` for a mix."""

    segments: tuple[RampSegment, ...] = field(validator=each(instance(RampSegment)))

    def __attrs_post_init__(self) -> None:
        if not self.segments:
            raise InvalidRecord("Ramp", "segments", 0, "at least one segment")
        for one, following in pairwise(self.segments):
            if one.span.next_first_day != following.span.first_day:
                expected = f"a segment that begins the day after {one.span}"
                raise InvalidRecord("Ramp", "segments", str(following.span), expected)
            if one.price.currency != following.price.currency:
                raise CurrencyMismatch(one.price.currency.code, following.price.currency.code)

    def on(self, day: date) -> RampSegment | None:
        """The segment `day` lies in; None before the first and after the last."""
        return next((segment for segment in self.segments if day in segment.span), None)

    @property
    def prices(self) -> tuple[PriceFrom, ...]:
        """The steps as a ledger wants them: what a period costs from which day on, zero after the last."""
        steps = [PriceFrom(segment.span.first_day, segment.amount) for segment in self.segments]
        after = self.segments[-1].span.next_first_day
        if after is not None:
            steps.append(PriceFrom(after, Money(0, self.segments[-1].price.currency)))
        return tuple(steps)


class RampBasis(StrEnum):
    """Which segment a renewal starts from."""

    FIRST = "first segment"
    LAST = "last segment"


def renewal_basis(ramp: Ramp, basis: RampBasis) -> UnitPrice:
    """The unit price that a renewal, and any uplift on it, starts from.

    >>> year = lambda y, p: RampSegment(span=Span(date(y, 1, 1), date(y, 12, 31)), price=UnitPrice(p, "EUR"))
    >>> ramp = Ramp((year(2026, 80), year(2027, 100)))
    >>> renewal_basis(ramp, RampBasis.FIRST), renewal_basis(ramp, RampBasis.LAST)
    (UnitPrice('80', 'EUR'), UnitPrice('100', 'EUR'))
    """
    return ramp.segments[0 if basis is RampBasis.FIRST else -1].price


def ramp_of(lines: Iterable[ContractLine], key: str) -> Ramp | Unknown:
    """The ramp that the lines marked `key` make together, whatever their order.

    The price of a segment is the line's less its discount. `Unknown` when no line has the mark, when one has no first
    day or an amount taken off each charge, which is no price of a unit, or costs a unit that has more digits than a
    price holds, and when they do not recur alike. Raises as `Ramp` does.
    """
    marked = [line for line in lines if line.ramp == key and key]
    segments: list[RampSegment] = []
    for line in marked:
        if line.first_day is None:
            return Unknown(f"line {line.id} of ramp {key} has no first day")
        if line.discount_amount is not None:
            return Unknown(f"line {line.id} of ramp {key} has {line.discount_amount} taken off each charge")
        if _rhythm(line) != _rhythm(marked[0]):
            return Unknown(f"lines {marked[0].id} and {line.id} of ramp {key} do not recur alike")
        try:
            price = UnitPrice(product_of(line.price.amount, less(_WHOLE, line.discount)), line.price.currency)
        except InvalidRecord:
            return Unknown(f"line {line.id} of ramp {key} costs {line.price} less its discount: too many digits")
        segments.append(RampSegment(span=Span(line.first_day, line.last_day), price=price, quantity=line.quantity))
    if not segments:
        return Unknown(f"no line belongs to a ramp {key!r}")
    return Ramp(tuple(sorted(segments, key=lambda segment: segment.span.first_day)))


def _rhythm(line: ContractLine) -> tuple[int, int] | None:
    # A year and twelve months are one rhythm, however a line writes it.
    return None if line.recurrence is None else line.recurrence.adds
