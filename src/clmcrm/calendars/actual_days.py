"""Shares of a year in days of the calendar, where the year's length depends on which days they are.

The rule of the file: a period runs from `first_day`, which counts, to `next_first_day`, which does not, and results are
exact. Sources: ISDA 2006 Definitions, section 4.16, and the ISDA memorandum of 1999 on ACT/ACT; for AFB the French
bankers' master agreement (AFB 1994, FBF 2004), as its text counts, without what the memorandum adds for 28 February;
for the others the FpML day count schemes and the ICMA rule book.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Final

from clmcrm.calendars.months import is_month_end, month_end, nth
from clmcrm.calendars.payment_periods import PaymentPeriods
from clmcrm.values.tenor import Tenor

_YEAR: Final = Tenor(years=1)
_PLAIN, _LEAP = 365, 366


def act_act_isda(first_day: date, next_first_day: date) -> Fraction:
    """Days in leap years over 366 plus the other days over 365."""
    years = next_first_day.year - first_day.year
    return years + _days_since_new_year(next_first_day) - _days_since_new_year(first_day)


def act_act_icma(first_day: date, next_first_day: date, periods: PaymentPeriods) -> Fraction:
    """Days over the days of each notional payment period they fall in, times the periods in a year.

    Notional periods run back from the payment that ends the period; in the last one, which may be a stub,
    they run on from its beginning.
    """
    final = periods.next_payment_on == periods.last_payment_on
    base, step = (first_day, 1) if final else (periods.next_payment_on, -1)
    to_month_end = periods.month_end and is_month_end(base)
    total, k, edge = Fraction(0), 0, base
    while (edge < next_first_day) if final else (edge > first_day):
        k += step
        following = nth(base, periods.frequency, k)
        following = month_end(following) if to_month_end else following
        one, other = (edge, following) if final else (following, edge)
        inside = (min(other, next_first_day) - max(one, first_day)).days
        total += Fraction(max(0, inside), (other - one).days * periods.per_year)
        edge = following
    return total


def act_act_afb(first_day: date, next_first_day: date) -> Fraction:
    """Whole years counted back from the end, and the days before them over 366 if a 29 February is among them.

    >>> act_act_afb(date(2004, 2, 29), date(2005, 2, 28)), act_act_afb(date(2003, 2, 28), date(2008, 2, 28))
    (Fraction(365, 366), Fraction(5, 1))
    """
    years = next_first_day.year - first_day.year
    years -= nth(next_first_day, _YEAR, -years) < first_day
    rest = nth(next_first_day, _YEAR, -years)
    leap = _leap_days_before(rest) > _leap_days_before(first_day)
    return years + Fraction((rest - first_day).days, _LEAP if leap else _PLAIN)


def act_act_year(first_day: date, next_first_day: date) -> Fraction:
    """Whole years counted from the beginning, and the days after them over those of the year that they begin.

    >>> act_act_year(date(2012, 2, 29), date(2016, 3, 2))
    Fraction(1462, 365)
    """
    years = next_first_day.year - first_day.year
    years -= nth(first_day, _YEAR, years) > next_first_day
    begun = nth(first_day, _YEAR, years)
    return years + Fraction((next_first_day - begun).days, (nth(first_day, _YEAR, years + 1) - begun).days)


def act_365_actual(first_day: date, next_first_day: date) -> Fraction:
    """Days over 366 if a 29 February lies after `first_day` and not after `next_first_day`, else over 365."""
    leap = leap_days_passed(first_day, next_first_day)
    return Fraction((next_first_day - first_day).days, _LEAP if leap else _PLAIN)


def act_365l(first_day: date, next_first_day: date, periods: PaymentPeriods) -> Fraction:
    """Days over 366 if the payment that ends the period falls in a leap year, else over 365.

    Where payments are yearly it is 366 if a 29 February lies after `first_day` and not after that payment. Also known
    as ISMA-Year.
    """
    end = periods.next_payment_on
    leap = leap_days_passed(first_day, end) if periods.per_year == 1 else _is_leap(end.year)
    return Fraction((next_first_day - first_day).days, _LEAP if leap else _PLAIN)


def leap_days_passed(first_day: date, next_first_day: date) -> int:
    """How many 29 Februaries lie after `first_day` and not after `next_first_day`.

    >>> leap_days_passed(date(2012, 2, 28), date(2016, 2, 29)), leap_days_passed(date(2012, 2, 29), date(2016, 2, 28))
    (2, 0)
    """
    return _leap_days_before(next_first_day, counted=True) - _leap_days_before(first_day, counted=True)


def _leap_days_before(day: date, *, counted: bool = False) -> int:
    """How many 29 Februaries the calendar has before `day`; `counted`: and on it."""
    past = (day.month, day.day) > (2, 29) or (counted and (day.month, day.day) == (2, 29))
    years = day.year if past else day.year - 1
    return years // 4 - years // 100 + years // 400


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days_since_new_year(day: date) -> Fraction:
    """The share of its own year that lies before `day`."""
    return Fraction((day - date(day.year, 1, 1)).days, _LEAP if _is_leap(day.year) else _PLAIN)
