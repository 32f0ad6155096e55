"""The lines of a contract: what is delivered or rented, how much of it, at which price and rhythm."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import less, product_of
from clmcrm.values.ids import LineId, ProductId
from clmcrm.values.money import Money, UnitPrice, rounded
from clmcrm.values.record import Record
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import instance, maybe, member, not_negative, plain_date, share, text

_WHOLE: Final = Decimal(1)


class BillingTiming(StrEnum):
    """Whether a period is billed at its start or after its end."""

    ADVANCE = "advance"
    ARREARS = "arrears"


@frozen(kw_only=True)
class ContractLine(Record):
    """One line: `quantity` units at `price` each, less `discount` (a share), once or every `recurrence`.

    `discount_amount` comes off each charge besides (None: nothing does); `tax` is a share of the net amount
    and not part of it (None: not stated). `recurrence` None means one-off. `first_day` and `last_day` are
    both inside (None: with the contract's own). `anchor_on` is the day billing periods are counted from
    (None: the first day), `billed_until` the last day already billed. `ramp` groups the steps of one price
    ramp; `parent` is the line this one belongs under. Raises `InvalidRecord` for a discount in another currency than
    the price.
    """

    id: LineId = field(validator=text)
    description: str = field(validator=text)
    product: ProductId | None = None
    quantity: Decimal = field(default=_WHOLE, validator=not_negative)
    unit: str = ""
    price: UnitPrice = field(validator=instance(UnitPrice))
    list_price: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))
    discount: Decimal = field(default=Decimal(0), validator=share)
    discount_amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    tax: Decimal | None = field(default=None, validator=maybe(share))
    recurrence: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    timing: BillingTiming = field(default=BillingTiming.ADVANCE, validator=member(BillingTiming))
    first_day: date | None = field(default=None, validator=maybe(plain_date))
    last_day: date | None = field(default=None, validator=maybe(plain_date))
    anchor_on: date | None = field(default=None, validator=maybe(plain_date))
    billed_until: date | None = field(default=None, validator=maybe(plain_date))
    ramp: str = ""
    parent: LineId | None = None

    def __attrs_post_init__(self) -> None:
        taken, priced = self.discount_amount, self.price.currency
        if taken is not None and taken.currency != priced:
            expected = f"an amount in {priced}, the price's currency"
            raise InvalidRecord(f"ContractLine {self.id}", "discount_amount", taken, expected)

    @property
    def amount(self) -> Money:
        """What one period (or the one delivery) costs before tax: price less the discounts, rounded once.

        >>> line = ContractLine(id=LineId("1"), description="seats", quantity=Decimal(3),
        ...                     price=UnitPrice("9.99", "EUR"), discount=Decimal("0.1"))
        >>> line.amount
        Money('26.97', 'EUR')
        """
        # The factors together may have more digits than an amount holds; what is rounded has them all.
        exact = product_of(self.price.amount, self.quantity, less(_WHOLE, self.discount))
        net = rounded(exact, self.price.currency)
        return net if self.discount_amount is None else net - self.discount_amount

    def charged_on(self, day: date) -> bool:
        """Whether `day` lies inside the line's own days; a line without days of its own is always charged."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)
