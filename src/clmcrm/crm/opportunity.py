"""An opportunity: a sale that may be won, from its first stage to WON or LOST.

The stage is kept twice: the canonical one, which every system's stages are mapped to, and the source's
own word. Amounts keep their currency, and recurring money stands apart from the whole.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs
from attrs import field, frozen

from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.wanted import WantedTerms
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.exact import sum_of
from clmcrm.values.ids import (
    AccountId,
    CampaignId,
    ContractId,
    LeadId,
    OpportunityId,
    OrgUnitId,
    PipelineId,
    PriceBookId,
    QuoteId,
    StageId,
    UserId,
)
from clmcrm.values.instants import in_utc
from clmcrm.values.money import Money
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import each, instance, instant, maybe, member, plain_date, share, text


class OpportunityStage(StrEnum):
    """Where a sale stands, whatever its pipeline calls it.

    OPEN is a sale known to be open whose stage has no canonical counterpart; UNKNOWN one of which not
    even that is known, which every figure leaves out and says so.
    """

    QUALIFICATION = "qualification"
    DISCOVERY = "discovery"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    COMMITTED = "committed"
    ON_HOLD = "on hold"
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    UNKNOWN = "unknown"


CLOSED_STAGES: Final = frozenset({OpportunityStage.WON, OpportunityStage.LOST})
OPEN_STAGES: Final = frozenset(OpportunityStage) - CLOSED_STAGES - {OpportunityStage.UNKNOWN}


class ForecastCategory(StrEnum):
    """How firmly the salesperson counts on the sale, weakest first."""

    OMITTED = "omitted"
    PIPELINE = "pipeline"
    BEST_CASE = "best case"
    COMMIT = "commit"
    CLOSED = "closed"


class OpportunityKind(StrEnum):
    """What the sale brings."""

    NEW_BUSINESS = "new business"
    EXPANSION = "expansion"
    RENEWAL = "renewal"
    REPLACEMENT = "replacement"


class SplitKind(StrEnum):
    """REVENUE splits share out the amount itself; OVERLAY splits credit others on top of it."""

    REVENUE = "revenue"
    OVERLAY = "overlay"


@frozen(kw_only=True)
class StageChange:
    """The sale entered `stage` at `at`; `stage_raw` is the source's word, `actor` who moved it.

    `amount` is the sale's amount as it then stood, `yearly` what it then was to bring every year
    (`clmcrm.crm.recurring`); None when the source keeps no history of it.
    """

    at: datetime = field(validator=instant)
    stage: OpportunityStage = field(validator=member(OpportunityStage))
    stage_id: StageId | None = field(default=None, validator=maybe(text))
    stage_raw: str | None = field(default=None, validator=maybe(text))
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    yearly: Money | None = field(default=None, validator=maybe(instance(Money)))
    actor: str | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class Split:
    """`owner` is credited with `portion` (0 to 1) of the sale."""

    owner: UserId = field(validator=text)
    portion: Decimal = field(validator=share)
    kind: SplitKind = field(default=SplitKind.REVENUE, validator=member(SplitKind))


@frozen(kw_only=True)
class Opportunity(WantedTerms):
    """A sale, as the union of what CRM systems know of it; its contract wishes come from `WantedTerms`.

    `amount` is the whole value in its own currency; `recurring_amount` what recurs every
    `recurring_every` (given together or not at all). `currency` is filled from the amounts when they are
    all that states it. `stage_id` and `stage_raw` are the pipeline's own stage, `stage_since` the instant
    it was entered, `stage_history` every change in time order. `probability` runs from 0 to 1.
    `expected_close_on` is when the salesperson expects the end, `closed_on` when it came. `unit` is the
    selling unit or team, `renews` the contract the sale would renew, `quote` the quote that counts.
    `created_on` is the day the source first recorded it. None always means that it is not stated.

    Raises `InvalidRecord` for a recurring amount without its rhythm, a history out of order, or revenue
    splits above the whole, and `CurrencyMismatch` where its own amounts differ in currency.

    >>> sale = Opportunity(id=OpportunityId("o1"), account=AccountId("a1"), name="Licences",
    ...                    amount=Money(1200, "EUR"), stage=OpportunityStage.WON)
    >>> sale.is_won, str(sale.currency)
    (True, 'EUR')
    """

    id: OpportunityId = field(validator=text)
    name: str = field(validator=text)
    account: AccountId | None = field(default=None, validator=maybe(text))
    kind: OpportunityKind | None = field(default=None, validator=maybe(member(OpportunityKind)))
    kind_raw: str | None = field(default=None, validator=maybe(text))
    description: str | None = field(default=None, validator=maybe(text))
    owner: UserId | None = field(default=None, validator=maybe(text))
    unit: OrgUnitId | None = field(default=None, validator=maybe(text))
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    recurring_amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    recurring_every: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    currency: Currency | None = field(default=None, converter=attrs.converters.optional(currency))
    pipeline: PipelineId | None = field(default=None, validator=maybe(text))
    stage: OpportunityStage = field(default=OpportunityStage.UNKNOWN, validator=member(OpportunityStage))
    stage_id: StageId | None = field(default=None, validator=maybe(text))
    stage_raw: str | None = field(default=None, validator=maybe(text))
    stage_since: datetime | None = field(default=None, validator=maybe(instant))
    stage_history: tuple[StageChange, ...] = field(default=(), validator=each(instance(StageChange)))
    probability: Decimal | None = field(default=None, validator=maybe(share))
    forecast_category: ForecastCategory | None = field(default=None, validator=maybe(member(ForecastCategory)))
    expected_close_on: date | None = field(default=None, validator=maybe(plain_date))
    closed_on: date | None = field(default=None, validator=maybe(plain_date))
    loss_reason: str | None = field(default=None, validator=maybe(text))
    win_reason: str | None = field(default=None, validator=maybe(text))
    source: str | None = field(default=None, validator=maybe(text))
    medium: str | None = field(default=None, validator=maybe(text))
    campaign: CampaignId | None = field(default=None, validator=maybe(text))
    lead: LeadId | None = field(default=None, validator=maybe(text))
    price_book: PriceBookId | None = field(default=None, validator=maybe(text))
    quote: QuoteId | None = field(default=None, validator=maybe(text))
    renews: ContractId | None = field(default=None, validator=maybe(text))
    next_step: str | None = field(default=None, validator=maybe(text))
    priority: str | None = field(default=None, validator=maybe(text))
    tags: tuple[str, ...] = field(default=(), validator=each(text))
    splits: tuple[Split, ...] = field(default=(), validator=each(instance(Split)))
    lines: tuple[OpportunityLine, ...] = field(default=(), validator=each(instance(OpportunityLine)))
    created_on: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        name = f"Opportunity {self.id}"
        if (self.recurring_amount is None) != (self.recurring_every is None):
            raise InvalidRecord(name, "recurring_every", self.recurring_every, "given with recurring_amount")
        moments = [in_utc(change.at) for change in self.stage_history]
        if moments != sorted(moments):
            raise InvalidRecord(name, "stage_history", moments, "changes in time order")
        credited = sum_of(s.portion for s in self.splits if s.kind is SplitKind.REVENUE)
        if credited > 1:
            raise InvalidRecord(name, "splits", credited, "revenue portions of at most 1 together")
        self._agree_on_currency()

    def _agree_on_currency(self) -> None:
        for amount in (self.amount, self.recurring_amount):
            if amount is None:
                continue
            if self.currency is None:
                object.__setattr__(self, "currency", amount.currency)
            elif self.currency != amount.currency:
                raise CurrencyMismatch(self.currency.code, amount.currency.code, f"Opportunity {self.id}")

    @property
    def is_won(self) -> bool:
        """Whether the sale was won."""
        return self.stage is OpportunityStage.WON

    @property
    def is_closed(self) -> bool:
        """Whether the sale was won or lost."""
        return self.stage in CLOSED_STAGES

    @property
    def is_open(self) -> bool:
        """Whether the sale may still be won; False for a stage of which nothing is known."""
        return self.stage in OPEN_STAGES
