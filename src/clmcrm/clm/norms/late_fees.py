"""What being late costs: interest on what is outstanding, day by day, exact until one rounding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from clmcrm.calendars.day_counts import counted_days, year_fraction
from clmcrm.clm.norms.clocks import Rest, counted
from clmcrm.clm.norms.obligation_walk import Paid
from clmcrm.clm.remedies import LateInterest, RatePer
from clmcrm.values.exact import exact_money
from clmcrm.values.money import Money
from clmcrm.values.span import Span

_ONE_DAY: Final = timedelta(days=1)
_MONTHS: Final = 12


def late_interest(
    agreed: LateInterest,
    amount: Money,
    *,
    after: date,
    until: date,
    paid: Iterable[Paid] = (),
    rests: Iterable[Rest] = (),
) -> Money:
    """The interest on `amount` for the days after `after` up to and with `until`, up to the cap.

    What was paid on a day still bears interest for that day. Days that are frozen bear none. Rounded once,
    half up, to the currency's decimals. Raises `CurrencyMismatch` for a cap in another currency.

    >>> from decimal import Decimal
    >>> yearly = LateInterest(rate=Decimal("0.0365"), per=RatePer.YEAR)
    >>> late_interest(yearly, Money(1000, "EUR"), after=date(2026, 3, 10), until=date(2026, 3, 20))
    Money('1.00', 'EUR')
    """
    payments = list(paid)
    total = Fraction(0)
    for run in counted(after, until, rests):
        for part in _unchanged(run, payments):
            open_share = 1 - sum((one.share for one in payments if one.on < part.first_day), Fraction(0))
            total += open_share * _periods(agreed, part)
    found = exact_money(Fraction(amount.amount) * Fraction(agreed.rate) * total, amount.currency)
    return found if agreed.cap is None else min(found, agreed.cap)


def _unchanged(run: Span, payments: list[Paid]) -> Iterator[Span]:
    """The run cut after each payment, so that the same is outstanding on all days of a part."""
    last_day = run.last_day or run.first_day
    cuts = sorted({one.on for one in payments if run.first_day <= one.on < last_day})
    begin = run.first_day
    for cut in cuts:
        yield Span(begin, cut)
        begin = cut + _ONE_DAY
    yield Span(begin, last_day)


def _periods(agreed: LateInterest, part: Span) -> Fraction:
    """How many of the rate's periods the days of the part are."""
    day_before, last_day = part.first_day - _ONE_DAY, part.last_day or part.first_day
    if agreed.per is RatePer.DAY:
        return Fraction(counted_days(agreed.day_count, day_before, last_day))
    years = year_fraction(agreed.day_count, day_before, last_day)
    return years * _MONTHS if agreed.per is RatePer.MONTH else years
