"""What an account's view takes in beside the records of the two wings: invoices.

The rule of the file: these are only read here. Whoever keeps the invoices hands over what is needed.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.money import Money
from clmcrm.values.validators import instance, maybe, plain_date, text


class InvoiceState(StrEnum):
    """Where an invoice stands on a day."""

    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    PAID_LATE = "paid late"


@frozen(kw_only=True)
class InvoiceSeen:
    """An invoice of `account`: its `amount`, when it was issued, due and paid (None: not stated, not paid)."""

    id: str = field(validator=text)
    account: AccountId = field(validator=text)
    contract: ContractId | None = field(default=None, validator=maybe(text))
    amount: Money = field(validator=instance(Money))
    issued_on: date = field(validator=plain_date)
    due_on: date | None = field(default=None, validator=maybe(plain_date))
    paid_on: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if self.due_on is not None and self.due_on < self.issued_on:
            raise InvalidRecord(f"InvoiceSeen {self.id}", "due_on", self.due_on, f"{self.issued_on} or later")

    def state_on(self, day: date) -> InvoiceState:
        """Where it stands on `day`; an invoice without a due day is never overdue."""
        if self.paid_on is not None and self.paid_on <= day:
            late = self.due_on is not None and self.paid_on > self.due_on
            return InvoiceState.PAID_LATE if late else InvoiceState.PAID
        return InvoiceState.OVERDUE if self.due_on is not None and self.due_on < day else InvoiceState.OPEN
