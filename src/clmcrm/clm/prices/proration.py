"""What a part of a period costs: the share of the period, by a policy that is data, rounded once.

The rule of the file: shares are exact `Fraction`s and spans have both ends inside. A policy says how time is
measured; `share` compares what was used with the whole; `prorated` turns that into money; `parts` splits a
period so that the parts sum to the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.day_counts import DayCount, year_fraction
from clmcrm.calendars.months import add_months, day_in_month, is_month_end, month_length, month_number
from clmcrm.errors import DateRuleError, InvalidRecord
from clmcrm.values.exact import Rounding, exact_money, whole_weights
from clmcrm.values.money import Money, shared_out
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import maybe, member

_MONTHS_IN_YEAR: Final = 12


class ProrationMethod(StrEnum):
    """How time is measured inside a period.

    PERIOD_DAYS: days used over the days of the period itself (actual/actual in the period). DAY_COUNT: a
    share of the year by a day count, so that a day costs the same in every month (under ACT/365F a full
    January is 31/365 of the yearly price, not a twelfth). MONTHS_AND_DAYS: whole months first, then the days
    that remain, over the length of the month they begin. CALENDAR_MONTHS: every calendar month weighs the
    same, and a day in it as much as the month's length allows. STARTED_MONTHS: each month begun is a month.
    """

    PERIOD_DAYS = "days of the period"
    DAY_COUNT = "day count"
    MONTHS_AND_DAYS = "whole months and days"
    CALENDAR_MONTHS = "share of calendar months"
    STARTED_MONTHS = "months begun"


@frozen(kw_only=True)
class ProrationPolicy:
    """How a contract charges for a part of a period.

    `day_count` is required by DAY_COUNT; beside MONTHS_AND_DAYS it measures the remaining days as a share of
    the year (ACT/365F: days times 12/365 of a month); the other methods take none. `rounding` is applied once
    to the amount. Raises `InvalidRecord` for a day count that is missing or has no use, and for
    ACT/365L, which asks for the dates of payment.
    """

    method: ProrationMethod = field(default=ProrationMethod.PERIOD_DAYS, validator=member(ProrationMethod))
    day_count: DayCount | None = field(default=None, validator=maybe(member(DayCount)))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=member(Rounding))

    def __attrs_post_init__(self) -> None:
        needed = self.method is ProrationMethod.DAY_COUNT
        allowed = needed or self.method is ProrationMethod.MONTHS_AND_DAYS
        if (needed and self.day_count is None) or (self.day_count is not None and not allowed):
            expected = "a day count" if needed else f"none beside {self.method.value}"
            raise InvalidRecord("ProrationPolicy", "day_count", self.day_count, expected)
        if self.day_count is DayCount.ACT_365L:
            raise InvalidRecord("ProrationPolicy", "day_count", self.day_count, "one that needs no dates of payment")


BY_DAYS: Final = ProrationPolicy()
"""Days used over days of the period: what most contracts mean by "pro rata temporis"."""


def share(period: Span, used: Span, policy: ProrationPolicy = BY_DAYS, *, per: Tenor | None = None) -> Fraction:
    """How much of what `period` costs `used` costs, exactly; 1 for the whole price.

    `used` may lie outside the period or be longer: it is then more of the same price (co-terming). `per` is
    the rhythm the price is for; a day count needs it when the period is no whole number of months, and
    without it a period counts as itself. 1/1 charges the whole for any part; ACT/ACT ICMA counts over the
    days of the payment period, which is `period` itself. Raises `DateRuleError` for a span without an end,
    or a day count on a price whose length in months cannot be told.

    >>> january = Span(date(2026, 1, 1), date(2026, 1, 31))
    >>> share(january, Span(date(2026, 1, 17), date(2026, 1, 31)))
    Fraction(15, 31)
    >>> fixed = ProrationPolicy(method=ProrationMethod.DAY_COUNT, day_count=DayCount.ACT_365F)
    >>> share(january, january, fixed)
    Fraction(372, 365)
    """
    if policy.day_count is DayCount.ONE_ONE:
        return Fraction(1)
    if policy.method is ProrationMethod.PERIOD_DAYS or policy.day_count is DayCount.ACT_ACT_ICMA:
        return Fraction(_days(used), _days(period))
    if policy.method is ProrationMethod.DAY_COUNT:
        return _years(used, policy.day_count) * _MONTHS_IN_YEAR / _nominal_months(period, per)
    months = _months(used, policy, _anchor_day(period) if used.first_day == period.first_day else used.first_day.day)
    return months / _whole(period, policy, per)


def prorated(
    amount: Money, period: Span, used: Span, policy: ProrationPolicy = BY_DAYS, *, per: Tenor | None = None
) -> Money:
    """What `used` costs when `period` costs `amount`, rounded once by the policy; see `share`.

    >>> year = Span(date(2024, 1, 1), date(2024, 12, 31))
    >>> prorated(Money(366, "EUR"), year, Span(date(2024, 2, 29), date(2024, 2, 29)))
    Money('1.00', 'EUR')
    """
    exact = Fraction(amount.amount) * share(period, used, policy, per=per)
    return exact_money(exact, amount.currency, policy.rounding)


def parts(
    amount: Money, spans: Sequence[Span], policy: ProrationPolicy = BY_DAYS, *, per: Tenor | None = None
) -> tuple[Money, ...]:
    """`amount`, the price of the whole run of `spans`, split between them: the parts sum to `amount`.

    Each span weighs what the policy counts for it, and the cents left over go by largest remainder, ties to
    the earlier span. Raises `DateRuleError` unless each span begins the day after the one before it.

    >>> thirds = [Span(date(2026, 4, d), date(2026, 4, d + 9)) for d in (1, 11, 21)]
    >>> parts(Money(100, "EUR"), thirds)
    (Money('33.34', 'EUR'), Money('33.33', 'EUR'), Money('33.33', 'EUR'))
    """
    if not spans:
        raise DateRuleError("a period cannot be split into no spans at all")
    for one, following in pairwise(spans):
        if one.next_first_day != following.first_day:
            raise DateRuleError(f"{following} does not begin on the day after {one}")
    period = Span(spans[0].first_day, spans[-1].last_day)
    return shared_out(amount, whole_weights([share(period, span, policy, per=per) for span in spans]))


def months_in(span: Span) -> int | None:
    """How many whole months `span` is, counted from either end; None when it is no whole number of them.

    >>> months_in(Span(date(2023, 2, 28), date(2023, 3, 30))), months_in(Span(date(2023, 1, 1), date(2023, 1, 30)))
    (1, None)
    """
    first_day, stop = span.first_day, _stop(span)
    count = month_number(stop) - month_number(first_day)
    whole = add_months(first_day, count) == stop or add_months(stop, -count) == first_day
    return count if count and whole else None


def _stop(span: Span) -> date:
    if span.next_first_day is None:
        raise DateRuleError(f"{span} has no end: no part of it can be priced")
    return span.next_first_day


def _days(span: Span) -> int:
    return (_stop(span) - span.first_day).days


def _years(used: Span, day_count: DayCount | None) -> Fraction:
    if day_count is None:  # the record refuses it
        raise AssertionError("a day count policy without a day count")
    return year_fraction(day_count, used.first_day, _stop(used))


def _nominal_months(period: Span, per: Tenor | None) -> int:
    if per is None:
        months = months_in(period)
        if months is None:
            raise DateRuleError(f"{period} is no whole number of months: say what rhythm the price is for (per)")
        return months
    if per.loose_days:
        raise DateRuleError(f"a day count needs a price per month or year, not per {per.words}")
    return per.whole_months


def _whole(period: Span, policy: ProrationPolicy, per: Tenor | None) -> Fraction:
    """The price's own measure in months."""
    if per is not None and not per.loose_days:
        return Fraction(per.whole_months)
    return _months(period, policy, _anchor_day(period))


def _anchor_day(period: Span) -> int:
    """The day of the month that months are counted from: 31 for 28 February to 30 March, billed on the 31st."""
    first_day, stop = period.first_day, _stop(period)
    clipped = is_month_end(first_day) and stop.day > first_day.day and months_in(period) is not None
    return stop.day if clipped else first_day.day


def _months(span: Span, policy: ProrationPolicy, anchor_day: int) -> Fraction:
    if policy.method is ProrationMethod.CALENDAR_MONTHS:
        return _calendar_months(span)
    month, stop = month_number(span.first_day), _stop(span)
    whole = month_number(stop) - month
    if whole and day_in_month(month + whole, anchor_day) > stop:
        whole -= 1
    edge = day_in_month(month + whole, anchor_day) if whole else span.first_day
    if policy.method is ProrationMethod.STARTED_MONTHS:
        return Fraction(whole + (edge < stop))
    if policy.day_count is not None and edge < stop:
        return whole + _MONTHS_IN_YEAR * _years(Span(edge, span.last_day), policy.day_count)
    begun = day_in_month(month + whole + 1, anchor_day) - edge
    return whole + Fraction((stop - edge).days, begun.days)


def _calendar_months(span: Span) -> Fraction:
    stop = _stop(span)
    total, edge = Fraction(0), span.first_day
    while edge < stop:
        month = month_number(edge)
        following = min(stop, day_in_month(month + 1, 1))
        total += Fraction((following - edge).days, month_length(month))
        edge = following
    return total
