"""What a contract's own line charges for one unit, so that an offered price can be held against it.

The rule of the file: a price counts after every discount, and per the same rhythm; what recurs and what is paid
once are never compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from clmcrm.clm.lines import ContractLine
from clmcrm.values.ids import ProductId
from clmcrm.values.tenor import Tenor
from clmcrm.values.yearly import years_in


def paid_per_unit(line: ContractLine, every: Tenor | None) -> Fraction | None:
    """What one unit of `line` costs after its discounts, in the rhythm `every` (None: once), exactly.

    None where that cannot be said: the line recurs and `every` does not or the other way round, or its discount in
    money comes off a quantity of zero.

    >>> from clmcrm.values.ids import LineId
    >>> from clmcrm.values.money import UnitPrice
    >>> ten, month = UnitPrice(10, "EUR"), Tenor(months=1)
    >>> seats = ContractLine(id=LineId("1"), description="seats", price=ten, recurrence=month)
    >>> paid_per_unit(seats, Tenor(years=1)), paid_per_unit(seats, None)
    (Fraction(120, 1), None)
    """
    if (line.recurrence is None) != (every is None):
        return None
    paid = Fraction(line.price.amount) * (1 - Fraction(line.discount))
    if line.discount_amount is not None:
        if not line.quantity:
            return None
        paid -= Fraction(line.discount_amount.amount) / Fraction(line.quantity)
    return paid if every is None or line.recurrence is None else paid * years_in(every) / years_in(line.recurrence)


def charged_for(lines: Iterable[ContractLine], product: ProductId, days: Sequence[date]) -> list[ContractLine]:
    """The lines of `product` charged on the first of `days` on which any is; none where none is.

    >>> charged_for([], ProductId("seat"), [date(2026, 1, 1)])
    []
    """
    of_product = [line for line in lines if line.product == product]
    for day in days:
        charged = [line for line in of_product if line.charged_on(day)]
        if charged:
            return charged
    return []
