"""Which campaigns a won sale is credited to, and with how much of it.

The credits of a sale always sum to its amount, to the cent; a sale no campaign touched is credited to
none and stays visible as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.crm.campaign import Campaign
from clmcrm.crm.opportunity import Opportunity
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import product_of, sum_of
from clmcrm.values.figures import LeftOut
from clmcrm.values.ids import CampaignId, ContactId, LeadId, OpportunityId
from clmcrm.values.money import Money, shared_out
from clmcrm.values.validators import instance, maybe, text

HALF_LIFE_DAYS: Final = 7
"""After how many days an answer counts half, unless the caller says otherwise."""

_ENDS: Final = Decimal("0.4")
_MIDDLE: Final = Decimal("0.2")
_EXACT: Final = Context(prec=28)


class AttributionModel(StrEnum):
    """PRIMARY: the sale's own campaign. The others: by the answers of the sale's people before it closed.

    POSITION gives 40 % to the first answer, 40 % to the last and shares 20 % among those between (with two
    answers, half each). TIME_DECAY halves the weight of an answer with every half-life before the closing day.
    """

    PRIMARY = "primary"
    FIRST = "first answer"
    LAST = "last answer"
    EVEN = "every answering campaign alike"
    LINEAR = "every answer alike"
    POSITION = "first and last answer most"
    TIME_DECAY = "late answers most"


@frozen(kw_only=True)
class CampaignCredit:
    """`campaign` is credited with `amount` of the sale; `campaign` None is what no campaign earned."""

    opportunity: OpportunityId = field(validator=text)
    campaign: CampaignId | None = field(validator=maybe(text))
    amount: Money = field(validator=instance(Money))


@frozen(kw_only=True)
class Attributed:
    """The credits, by sale, and the won sales without an amount."""

    credits: tuple[CampaignCredit, ...]
    left_out: tuple[LeftOut, ...]


def attribute_revenue(
    opportunities: Iterable[Opportunity],
    campaigns: Iterable[Campaign],
    model: AttributionModel,
    *,
    half_life_days: int = HALF_LIFE_DAYS,
) -> Attributed:
    """Each won sale's amount credited to campaigns by `model`; sales not won are passed over.

    An answer counts when it is dated, comes from one of the sale's people or from the lead it began as, and
    came no later than the sale's closing day; answers on one day rank by the campaign's id. Amounts are
    shared out by largest remainder. Raises `InvalidRecord` for what is no model, and for a half-life that is no whole
    number of days from one on.

    >>> attribute_revenue([], [], AttributionModel.EVEN).credits
    ()
    """
    _check(model, half_life_days)
    answers = _answers(campaigns)
    found: list[CampaignCredit] = []
    left_out: list[LeftOut] = []
    for sale in opportunities:
        if not sale.is_won:
            continue
        if sale.amount is None:
            left_out.append(LeftOut(record=f"opportunity {sale.id}", reason="no amount is stated"))
            continue
        weights = _weights(sale, answers, model, half_life_days)
        parts = shared_out(sale.amount, list(weights.values()))
        found.extend(
            CampaignCredit(opportunity=sale.id, campaign=campaign, amount=part)
            for campaign, part in zip(weights, parts, strict=True)
        )
    return Attributed(credits=tuple(found), left_out=tuple(left_out))


def _check(model: object, half_life_days: object) -> None:
    # A text equals its member and is none: the weights would fall through to those of the last model.
    if not isinstance(model, AttributionModel):
        names = ", ".join(f"AttributionModel.{one.name}" for one in AttributionModel)
        raise InvalidRecord("attribution", "model", model, f"one of {names}")
    if not isinstance(half_life_days, int) or isinstance(half_life_days, bool) or half_life_days < 1:
        raise InvalidRecord("attribution", "half_life_days", half_life_days, "a whole number of one day or more")


_Answer = tuple[date, CampaignId]
_Person = tuple[ContactId | None, LeadId | None]
"""A contact or a lead: systems count each kind by itself, so one id may name one of each."""
_Answers = Mapping[_Person, Sequence[_Answer]]


def _answers(campaigns: Iterable[Campaign]) -> _Answers:
    answers: dict[_Person, list[_Answer]] = {}
    for campaign in campaigns:
        for member in campaign.members:
            if member.responded_on is not None:
                answers.setdefault((member.contact, member.lead), []).append((member.responded_on, campaign.id))
    return answers


def _weights(
    sale: Opportunity, answers: _Answers, model: AttributionModel, half_life_days: int
) -> dict[CampaignId | None, Decimal]:
    """The weight of each campaign, in the order of its first answer; all of it for None without any."""
    one = Decimal(1)
    if model is AttributionModel.PRIMARY:
        return {sale.campaign: one}
    people: list[_Person] = [(role.contact, None) for role in sale.contacts]
    people += [] if sale.lead is None else [(None, sale.lead)]
    heard = [answer for who in dict.fromkeys(people) for answer in answers.get(who, [])]
    in_time = sorted((day, c) for day, c in heard if sale.closed_on is None or day <= sale.closed_on)
    if not in_time:
        return {None: one}
    if model is AttributionModel.EVEN:
        return dict.fromkeys(sorted({campaign for _, campaign in in_time}), one)
    weights: dict[CampaignId | None, Decimal] = {}
    for (_, campaign), weight in zip(in_time, _each(in_time, sale.closed_on, model, half_life_days), strict=True):
        if weight:
            weights[campaign] = sum_of([weights.get(campaign, Decimal(0)), weight])
    return weights


def _each(
    in_time: Sequence[_Answer], closed_on: date | None, model: AttributionModel, half_life_days: int
) -> list[Decimal]:
    """The weight of each answer, the earliest first."""
    last = len(in_time) - 1
    if model is AttributionModel.FIRST:
        return [Decimal(place == 0) for place in range(last + 1)]
    if model is AttributionModel.LAST:
        return [Decimal(place == last) for place in range(last + 1)]
    if model is AttributionModel.TIME_DECAY:
        until = closed_on or in_time[-1][0]
        return [_decayed((until - day).days, half_life_days) for day, _ in in_time]
    if model is AttributionModel.POSITION and last > 1:
        # Counted in as many parts as lie between, so that nothing is divided.
        between = last - 1
        return [product_of(_ENDS, Decimal(between)), *[_MIDDLE] * between, product_of(_ENDS, Decimal(between))]
    return [Decimal(1)] * (last + 1)


def _decayed(days: int, half_life_days: int) -> Decimal:
    """One half for every half-life, with 28 digits: the same on every machine, and never quite zero."""
    return _EXACT.power(Decimal("0.5"), _EXACT.divide(Decimal(days), Decimal(half_life_days)))
