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
from clmcrm.values.problems import Problem, Severity
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


class MarketingChannel(StrEnum):
    """Through what a campaign reaches people."""

    EMAIL = "email"
    PHONE = "phone"
    SMS = "sms"
    POST = "post"
    EVENT = "event"
    SEARCH = "search"
    SOCIAL = "social"
    DISPLAY = "display"
    WEBSITE = "website"
    PARTNER = "partner"
    PRESS = "press"
    OTHER = "other"


@frozen(kw_only=True)
class CostItem:
    """One `amount` of a budget or of spending, for `label`, on a `channel`; `on` is its day.

    Day and channel are None when not stated.
    """

    label: str = field(validator=text)
    amount: Money = field(validator=instance(Money))
    on: date | None = field(default=None, validator=maybe(plain_date))
    channel: MarketingChannel | None = field(default=None, validator=maybe(member(MarketingChannel)))


@frozen(kw_only=True)
class CampaignMember(Record):
    """A lead or a contact (exactly one of the two) whom the campaign reached.

    `responded_on` is the day of the answer; it is None while `has_responded` is False, and may be when the
    source does not say. `channel` is the one the answer came through.
    """

    lead: LeadId | None = field(default=None, validator=maybe(text))
    contact: ContactId | None = field(default=None, validator=maybe(text))
    status_raw: str | None = field(default=None, validator=maybe(text))
    added_on: date | None = field(default=None, validator=maybe(plain_date))
    has_responded: bool = field(default=False, validator=flag)
    responded_on: date | None = field(default=None, validator=maybe(plain_date))
    channel: MarketingChannel | None = field(default=None, validator=maybe(member(MarketingChannel)))

    def __attrs_post_init__(self) -> None:
        if (self.lead is None) == (self.contact is None):
            raise InvalidRecord("CampaignMember", "lead", self.lead, "either a lead or a contact")
        if self.responded_on is not None and not self.has_responded:
            raise InvalidRecord("CampaignMember", "responded_on", self.responded_on, "None without an answer")


@frozen(kw_only=True)
class Campaign(Record):
    """A campaign. `budget` and `spend` are in `currency`; `parent` is the campaign it is part of.

    `first_day` and `last_day` are both inside; `utm` is the code its links carry; `sent` how many were
    sent. `channels` are those it runs on, `expected_revenue` is what it is hoped to bring. None always means
    that it is not stated.

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
    channels: tuple[MarketingChannel, ...] = field(default=(), validator=each(member(MarketingChannel)))
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
                raise CurrencyMismatch(self.currency.code, item.amount.currency.code, f"Campaign {self.id}")

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

    def by_channel(self) -> dict[MarketingChannel | None, ChannelCost]:
        """Budget and spending of each channel that has an item, in the channels' order; None: not stated."""
        stated = {item.channel for item in (*self.budget, *self.spend)}
        found = [channel for channel in MarketingChannel if channel in stated]
        keys: list[MarketingChannel | None] = [*found, None] if None in stated else [*found]
        return {
            key: ChannelCost(
                budgeted=_sum(item for item in self.budget if item.channel is key),
                spent=_sum(item for item in self.spend if item.channel is key),
            )
            for key in keys
        }


@frozen(kw_only=True)
class ChannelCost:
    """What was `budgeted` for a channel and `spent` on it; None when no item is stated."""

    budgeted: Money | None
    spent: Money | None


def campaign_problems(campaign: Campaign) -> tuple[Problem, ...]:
    """What does not hang together in `campaign`: overspent, cost outside its days or channels, negative cost.

    >>> campaign_problems(Campaign(id=CampaignId("m"), name="Fair"))
    ()
    """
    where = f"campaign {campaign.id}"
    found: list[Problem] = []
    left = campaign.budget_left
    if left is not None and left.amount < 0:
        what = f"is more than the budget, {campaign.budgeted}"
        found.append(Problem(where=where, field="spend", value=str(campaign.spent), what=what))
    for item in campaign.spend:
        outside = item.on is not None and not _inside(campaign, item.on)
        if outside:
            what = f"of {item.on} lies outside the campaign's days"
            found.append(Problem(where=where, field="spend", value=item.label, what=what, severity=Severity.NOTE))
        if item.channel is not None and campaign.channels and item.channel not in campaign.channels:
            names = ", ".join(channel.value for channel in campaign.channels)
            what = f"is on {item.channel.value}, which the campaign does not run on"
            found.append(Problem(where=where, field="spend", value=item.label, what=what, expected=names))
    for item in (*campaign.budget, *campaign.spend):
        if item.amount.amount < 0:
            what = f"is below zero: {item.amount}"
            found.append(Problem(where=where, field="amount", value=item.label, what=what, expected="zero or more"))
    return tuple(found)


def _inside(campaign: Campaign, day: date) -> bool:
    return (campaign.first_day or date.min) <= day <= (campaign.last_day or date.max)


def _sum(items: Iterable[CostItem]) -> Money | None:
    amounts = [item.amount for item in items]
    return total(amounts, amounts[0].currency) if amounts else None
