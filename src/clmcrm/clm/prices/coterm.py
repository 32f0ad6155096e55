"""Co-terming: a line brought to another end keeps its price per day.

The rule of the file: new days over old days, both ends counted on both sides, times the uplift, rounded once;
several lines are rounded as one total and split by largest remainder, so that the lines sum to the total.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from attrs import frozen

from clmcrm.clm.prices.proration import BY_DAYS, ProrationPolicy, share
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import exact_money, shifted, sum_of, whole_weights
from clmcrm.values.money import Money, shared_out, total
from clmcrm.values.span import Span
from clmcrm.values.wording import Step, Wording

_HUNDRED: Final = 100


@frozen(kw_only=True)
class Cotermed:
    """The amounts of the lines for the new days, in the order given, their sum, and how it was reckoned.

    `factor` is what every old amount is multiplied by: the ratio of days and the uplift together.
    """

    amounts: tuple[Money, ...]
    whole: Money
    factor: Fraction
    step: Step


def cotermed(
    amounts: Sequence[Money],
    old: Span,
    new: Span,
    *,
    uplift: Decimal = Decimal(0),
    policy: ProrationPolicy = BY_DAYS,
) -> Cotermed:
    """What lines that cost `amounts` for the days `old` cost for the days `new`, with `uplift` percent on top.

    `new` usually runs from the day the line joins to the last day of the contract it joins. Raises
    `InvalidRecord` for no amount or one below zero, `CurrencyMismatch` for two currencies, and
    `DateRuleError` for a span without an end.

    >>> from datetime import date
    >>> old, new = Span(date(2004, 9, 1), date(2005, 2, 28)), Span(date(2005, 3, 1), date(2005, 12, 31))
    >>> cotermed([Money(6000, "USD")], old, new, uplift=Decimal(10)).whole
    Money('11158.01', 'USD')
    """
    if not amounts or any(amount.amount < 0 for amount in amounts):
        raise InvalidRecord("Cotermed", "amounts", [str(amount) for amount in amounts], "amounts of zero or more")
    before = total(amounts, amounts[0].currency)
    ratio = share(old, new, policy)
    factor = ratio * (1 + Fraction(uplift) / _HUNDRED)
    whole = exact_money(Fraction(before.amount) * factor, before.currency, policy.rounding)
    weights = whole_weights([Fraction(amount.amount) for amount in amounts])
    return Cotermed(
        amounts=shared_out(whole, weights) if before.amount else tuple(amounts),
        whole=whole,
        factor=factor,
        step=Step(new.last_day, _words(before, whole, old, new, uplift)),
    )


def _words(before: Money, whole: Money, old: Span, new: Span, uplift: Decimal) -> Wording:
    more = f" x {sum_of([Decimal(1), shifted(uplift, -2)])}" if uplift else ""
    days = f"{new.days}/{old.days}"
    return Wording(f"{before}{more} x {days} days = {whole}", f"{before}{more} x {days} jours = {whole}")
