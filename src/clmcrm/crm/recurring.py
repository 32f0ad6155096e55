"""What a sale brings every year, apart from what it brings once.

The year is the one of `clmcrm.values.yearly`, the same as on the contract's side, so that a sale and the
contract it becomes show one figure.
"""

from __future__ import annotations

from clmcrm.crm.lines import SalesLine
from clmcrm.crm.opportunity import Opportunity
from clmcrm.values.money import Money, total
from clmcrm.values.partial import Unknown
from clmcrm.values.yearly import per_year


def yearly_recurring(opportunity: Opportunity) -> Money | Unknown:
    """What a sale brings every year: as stated, else the sum of its recurring lines, else why not known.

    A sale whose lines are all one-off brings zero a year; one that states neither is unknown.
    """
    if opportunity.recurring_amount is not None and opportunity.recurring_every is not None:
        return per_year(opportunity.recurring_amount, opportunity.recurring_every)
    if not opportunity.lines:
        return Unknown("neither a recurring amount nor lines are stated")
    return lines_recurring(opportunity)


def lines_recurring(opportunity: Opportunity) -> Money | Unknown:
    """What the recurring lines alone bring every year; zero when all lines are one-off, unknown without lines.

    >>> from clmcrm.values.ids import OpportunityId
    >>> print(lines_recurring(Opportunity(id=OpportunityId("o"), name="S")))
    unknown: it has no lines
    """
    if not opportunity.lines:
        return Unknown("it has no lines")
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
        return Unknown(f"line {line.id} has no price" + (f" for {line.quantity}" if line.tiers else ""))
    return per_year(amount, line.recurs_every)


def _code(opportunity: Opportunity) -> str | None:
    if opportunity.currency is not None:
        return opportunity.currency.code
    return next((line.currency_code for line in opportunity.lines if line.currency_code), None)
