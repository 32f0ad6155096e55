"""Measurement windows: the periods in which purchases count together, anchored on the contract, not the year.

The rule of the file: windows tile from an anchor, are cut to the contract's own days, and say how much of a
whole window is left, so that a short first or last one is never measured as if it were whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from clmcrm.calendars.months import tile
from clmcrm.clm.prices.periods import period_index
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.currencies import Currency
from clmcrm.values.ids import ProductId
from clmcrm.values.money import Money
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import exact, instance, maybe, plain_date, text


@frozen(kw_only=True)
class Purchase:
    """What was bought on a day: a `quantity`, an `amount`, or both; below zero for a return.

    Which day and which figure count (ordered, delivered, invoiced) is the caller's choice, by the contract.
    """

    on: date = field(validator=plain_date)
    quantity: Decimal | None = field(default=None, validator=maybe(exact))
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    product: ProductId | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class Window:
    """Window number `index` (from 0) of a contract: its days, and which `share` of a whole window they are."""

    index: int
    span: Span
    share: Fraction


def windows(
    per: Tenor, anchor_on: date, life: Span, as_of: date, *, from_day: date | None = None
) -> tuple[Window, ...]:
    """The windows of `life` that have begun by `as_of`, in order, each `per` long and counted from `anchor_on`.

    The first is short when the anchor is not the first day of `life`, the last when `life` ends inside it.
    `life` may have no end. What is measured may come into force later than `life` begins, on `from_day` (None:
    with it): there are no windows before, and none at all where `life` is over by then.

    >>> life = Span(date(2026, 3, 1), date(2028, 6, 30))
    >>> found = windows(Tenor(years=1), date(2026, 7, 1), life, date(2028, 1, 1))
    >>> [(str(window.span), str(window.share)) for window in found]
    [('2026-03-01/2026-06-30', '122/365'), ('2026-07-01/2027-06-30', '1'), ('2027-07-01/2028-06-30', '1')]
    """
    begins = life.first_day if from_day is None else max(life.first_day, from_day)
    if as_of < begins or (life.last_day is not None and life.last_day < begins):
        return ()
    life = Span(begins, life.last_day)
    k = period_index(anchor_on, per, life.first_day)
    found: list[Window] = []
    while (whole := tile(anchor_on, per, k)).first_day <= min(as_of, life.last_day or as_of):
        found.append(_cut(len(found), whole, life))
        k += 1
    return tuple(found)


def measured(
    purchases: Iterable[Purchase], span: Span, as_of: date, product: ProductId | None, unit: Currency | None
) -> Fraction:
    """What was bought in `span` up to `as_of`: amounts in the currency `unit`, or units when it is None.

    `product` None counts every product. Raises `CurrencyMismatch` for another currency, and `InvalidRecord`
    for a purchase that does not state what is counted: it is never taken for zero.
    """
    counted = [p for p in purchases if p.on in span and p.on <= as_of and product in (None, p.product)]
    return sum((_figure(purchase, unit) for purchase in counted), Fraction(0))


def _figure(purchase: Purchase, unit: Currency | None) -> Fraction:
    if unit is None:
        if purchase.quantity is None:
            raise InvalidRecord(f"Purchase on {purchase.on}", "quantity", None, "a quantity: units are counted")
        return Fraction(purchase.quantity)
    if purchase.amount is None:
        raise InvalidRecord(f"Purchase on {purchase.on}", "amount", None, f"an amount in {unit}: turnover is counted")
    if purchase.amount.currency != unit:
        raise CurrencyMismatch(unit.code, purchase.amount.currency.code)
    return Fraction(purchase.amount.amount)


def _cut(index: int, whole: Span, life: Span) -> Window:
    first_day = max(whole.first_day, life.first_day)
    last_day = min(whole.last_day or date.max, life.last_day or date.max)
    span = Span(first_day, last_day)
    return Window(index=index, span=span, share=Fraction(span.days or 0, whole.days or 1))
