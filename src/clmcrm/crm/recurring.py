"""What a sale brings every year, apart from what it brings once.

Only rhythms of whole months have an exact yearly amount; a weekly or daily one has none that everybody
would reckon alike, and the answer says so instead of choosing.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from clmcrm.crm.lines import SalesLine
from clmcrm.crm.opportunity import Opportunity
from clmcrm.values.money import Money, rounded, total
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor


def yearly(amount: Money, every: Tenor) -> Money | Unknown:
    """What `amount` every `every` makes in a year of twelve months, rounded half up; else why not.

    >>> yearly(Money(100, "EUR"), Tenor(months=1)), yearly(Money(600, "EUR"), Tenor(years=2))
    (Money('1200.00', 'EUR'), Money('300.00', 'EUR'))
    """
    if every.loose_days:
        return Unknown(f"every {every.words} has no exact yearly amount")
    times = Fraction(12, every.whole_months)
    return rounded(amount.amount * times.numerator / Decimal(times.denominator), amount.currency)


def yearly_recurring(opportunity: Opportunity) -> Money | Unknown:
    """What a sale brings every year: as stated, else the sum of its recurring lines, else why not known.

    A sale whose lines are all one-off brings zero a year; one that states neither is unknown.
    """
    if opportunity.recurring_amount is not None and opportunity.recurring_every is not None:
        return yearly(opportunity.recurring_amount, opportunity.recurring_every)
    if not opportunity.lines:
        return Unknown("neither a recurring amount nor lines are stated")
    found = [_line_yearly(line) for line in opportunity.lines if line.is_recurring]
    for amount in found:
        if isinstance(amount, Unknown):
            return amount
    amounts = [amount for amount in found if isinstance(amount, Money)]
    codes = sorted({amount.currency.code for amount in amounts})
    if len(codes) > 1:
        return Unknown(f"its recurring lines mix {' and '.join(codes)}")
    code = codes[0] if codes else _code(opportunity)
    return Unknown("no currency is stated") if code is None else total(amounts, code)


def _line_yearly(line: SalesLine) -> Money | Unknown:
    amount = line.net_amount
    if amount is None or line.recurs_every is None:
        return Unknown(f"line {line.id} has no price")
    return yearly(amount, line.recurs_every)


def _code(opportunity: Opportunity) -> str | None:
    if opportunity.currency is not None:
        return opportunity.currency.code
    return next((line.currency_code for line in opportunity.lines if line.currency_code), None)
