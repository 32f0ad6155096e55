"""Disputes: what is contested, how much of it, and whether it still is."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from attrs import field, frozen

from clmcrm.clm.kinds import Party
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import CaseId, ContractId, DisputeId, ObligationId
from clmcrm.values.money import Money
from clmcrm.values.record import Record
from clmcrm.values.validators import instance, maybe, member, plain_date, text


class DisputeOutcome(StrEnum):
    """How a dispute ended."""

    SETTLED = "settled"
    WON = "won"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


@frozen(kw_only=True)
class Dispute(Record):
    """A disagreement over `contract`, raised by `raised_by`.

    `citation` is the clause and `obligation` the duty it is about (None or empty: the contract as a whole);
    `amount` what is at stake (None: not a sum of money); `closed_on` the day it ended (None: it is open).
    """

    id: DisputeId = field(validator=text)
    contract: ContractId = field(validator=text)
    subject: str = field(validator=text)
    raised_by: Party = field(validator=member(Party))
    opened_on: date = field(validator=plain_date)
    closed_on: date | None = field(default=None, validator=maybe(plain_date))
    outcome: DisputeOutcome | None = field(default=None, validator=maybe(member(DisputeOutcome)))
    citation: str = ""
    obligation: ObligationId | None = None
    case: CaseId | None = None
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))

    def __attrs_post_init__(self) -> None:
        if (self.closed_on is None) != (self.outcome is None):
            raise InvalidRecord(f"Dispute {self.id}", "outcome", self.outcome, "an outcome exactly when closed")
        if self.closed_on is not None and self.closed_on < self.opened_on:
            raise InvalidRecord(f"Dispute {self.id}", "closed_on", self.closed_on, f"{self.opened_on} or later")

    def open_on(self, day: date) -> bool:
        """Whether it is open on `day`: from the day it was raised to the day before it was closed."""
        return self.opened_on <= day and (self.closed_on is None or day < self.closed_on)
