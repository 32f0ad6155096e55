"""A campaign: what it was to cost and did cost, who was reached, and who answered.

Budget and spend are lists of dated items, so that the cost of any period can be summed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import attrs
from attrs import field, frozen

from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.ids import CampaignId, ContactId, LeadId, UserId
from clmcrm.values.money import Money, total
from clmcrm.values.record import Record
from clmcrm.values.span import Span
from clmcrm.values.validators import count, each, flag, instance, maybe, member, plain_date, text


class CampaignStatus(StrEnum):
    """Where a campaign stands, as its source says; UNKNOWN keeps a foreign word beside it."""

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    ABORTED = "aborted"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class CostItem:
    """One `amount` of a budget or of spending, for `label`; `on` is its day, None when not stated."""

    label: str = field(validator=text)
    amount: Money = field(validator=instance(Money))
    on: date | None = field(default=None, validator=maybe(plain_date))


@frozen(kw_only=True)
class CampaignMember(Record):
    """A lead or a contact (exactly one of the two) whom the campaign reached.

    `responded_on` is the day of the answer; it is None while `has_responded` is False, and may be when the
    source does not say.
    """

    lead: LeadId | None = field(default=None, validator=maybe(text))
    contact: ContactId | None = field(default=None, validator=maybe(text))
    status_raw: str | None = field(default=None, validator=maybe(text))
    added_on: date | None = field(default=None, validator=maybe(plain_date))
    has_responded: bool = field(default=False, validator=flag)
    responded_on: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if (self.lead is None) == (self.contact is None):
            raise InvalidRecord("CampaignMember", "lead", self.lead, "either a lead or a contact")
        if self.responded_on is not None and not self.has_responded:
            raise InvalidRecord("CampaignMember", "responded_on", self.responded_on, "None without an answer")


@frozen(kw_only=True)
class Campaign(Record):
    """A campaign. `budget` and `spend` are in `currency`; `parent` is the campaign it is part of.

    `first_day` and `last_day` are both inside; `utm` is the code its links carry; `sent` how many were
    sent. `expected_revenue` is what it is hoped to bring. None always means that it is not stated.

    Raises `InvalidRecord` for days out of order or its own parent, `CurrencyMismatch` for a foreign item.
    """

    id: CampaignId = field(validator=text)
    name: str = field(validator=text)
    kind: str | None = field(default=None, validator=maybe(text))
    status: CampaignStatus = field(default=CampaignStatus.UNKNOWN, validator=member(CampaignStatus))
    status_raw: str | None = field(default=None, validator=maybe(text))
    description: str | None = field(default=None, validator=maybe(text))
    parent: CampaignId | None = field(default=None, validator=maybe(text))
    owner: UserId | None = field(default=None, validator=maybe(text))
    first_day: date | None = field(default=None, validator=maybe(plain_date))
    last_day: date | None = field(default=None, validator=maybe(plain_date))
    utm: str | None = field(default=None, validator=maybe(text))
    sent: int | None = field(default=None, validator=maybe(count))
    currency: Currency | None = field(default=None, converter=attrs.converters.optional(currency))
    budget: tuple[CostItem, ...] = field(default=(), validator=each(instance(CostItem)))
    spend: tuple[CostItem, ...] = field(default=(), validator=each(instance(CostItem)))
    expected_revenue: Money | None = field(default=None, validator=maybe(instance(Money)))
    members: tuple[CampaignMember, ...] = field(default=(), validator=each(instance(CampaignMember)))

    def __attrs_post_init__(self) -> None:
        name = f"Campaign {self.id}"
        first, last = self.first_day, self.last_day
        if first is not None and last is not None and last < first:
            raise InvalidRecord(name, "last_day", last, f"{first} or later")
        if self.parent == self.id:
            raise InvalidRecord(name, "parent", self.parent, "another campaign")
        for item in (*self.budget, *self.spend):
            if self.currency is None:
                raise InvalidRecord(name, "currency", None, f"the currency of {item.label}")
            if item.amount.currency != self.currency:
                raise CurrencyMismatch(self.currency.code, item.amount.currency.code)

    @property
    def budgeted(self) -> Money | None:
        """The sum of the budget; None when no item is stated, which is not a budget of zero."""
        return _sum(self.budget)

    @property
    def spent(self) -> Money | None:
        """The sum of the spending; None when no item is stated."""
        return _sum(self.spend)

    @property
    def budget_left(self) -> Money | None:
        """Budget less spending, below zero when it is overspent; None when no budget is stated."""
        budgeted, spent = self.budgeted, self.spent
        return budgeted if budgeted is None or spent is None else budgeted - spent

    def spent_in(self, period: Span) -> tuple[CostItem, ...]:
        """The items of spending dated inside `period`; an item without a day is in none."""
        return tuple(item for item in self.spend if item.on is not None and item.on in period)


def _sum(items: Iterable[CostItem]) -> Money | None:
    amounts = [item.amount for item in items]
    return total(amounts, amounts[0].currency) if amounts else None
