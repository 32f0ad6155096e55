"""The schedule of payments that a counted period belongs to, as far as a day count asks for it."""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import flag, instance, plain_date

_MONTHS_IN_YEAR: Final = 12


@frozen(kw_only=True)
class PaymentPeriods:
    """What a few conventions need to know of the schedule a period belongs to.

    `next_payment_on` ends the payment period that the counted days lie in, `last_payment_on` ends the whole
    schedule, `frequency` is the regular period (months or years), `month_end` says that payments fall on
    month ends when the first one does. Raises `InvalidRecord` for a frequency that does not divide a year, and for a
    schedule that ends before its next payment.
    """

    next_payment_on: date = field(validator=plain_date)
    last_payment_on: date = field(validator=plain_date)
    frequency: Tenor = field(validator=instance(Tenor))
    month_end: bool = field(default=False, validator=flag)

    def __attrs_post_init__(self) -> None:
        months = self.frequency.whole_months
        if self.frequency.loose_days or _MONTHS_IN_YEAR % months:
            raise InvalidRecord("PaymentPeriods", "frequency", str(self.frequency), "whole months that divide a year")
        if self.last_payment_on < self.next_payment_on:
            expected = f"{self.next_payment_on} or later"
            raise InvalidRecord("PaymentPeriods", "last_payment_on", self.last_payment_on, expected)

    @property
    def per_year(self) -> int:
        """How many regular periods a year has."""
        return _MONTHS_IN_YEAR // self.frequency.whole_months
