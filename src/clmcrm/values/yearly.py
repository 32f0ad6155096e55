"""What a recurring amount adds up to in a year: the one rule that sales and contracts both use.

Twelve months make a year, and so do 365 days, whatever the calendar says (the fixed year of ACT/365F, ISDA
2006 Definitions, section 4.16(d)): a weekly charge counts 365/7 times. A yearly figure compares charges of
different rhythms; what is really billed in a given year is another question.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from clmcrm.values.exact import exact_money
from clmcrm.values.money import Money
from clmcrm.values.tenor import Tenor

_MONTHS: Final = 12
_DAYS: Final = 365


def per_year(amount: Money, every: Tenor) -> Money:
    """What `amount` charged every `every` adds up to in a year, rounded half up, once.

    A rhythm of months and days lasts the sum of both shares of a year.

    >>> per_year(Money(100, "EUR"), Tenor(months=3)), per_year(Money(7, "EUR"), Tenor(weeks=1))
    (Money('400.00', 'EUR'), Money('365.00', 'EUR'))
    """
    return exact_money(Fraction(amount.amount) / years_in(every), amount.currency)


def years_in(length: Tenor) -> Fraction:
    """How many years a length is, exactly: its months in twelfths and its days in 365ths.

    >>> years_in(Tenor(months=3)), years_in(Tenor(weeks=1))
    (Fraction(1, 4), Fraction(7, 365))
    """
    return Fraction(length.whole_months, _MONTHS) + Fraction(length.loose_days, _DAYS)
