"""Which campaigns a won sale is credited to, and with how much of it.

The credits of a sale always sum to its amount, to the cent; a sale no campaign touched is credited to
none and stays visible as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from attrs import field, frozen

from clmcrm.crm.campaign import Campaign
from clmcrm.crm.opportunity import Opportunity
from clmcrm.values.figures import LeftOut
from clmcrm.values.ids import CampaignId, ContactId, OpportunityId
from clmcrm.values.money import Money, shared_out
from clmcrm.values.validators import instance, maybe, text


class AttributionModel(StrEnum):
    """PRIMARY: the sale's own campaign. The others: by the answers of the sale's people before it closed."""

    PRIMARY = "primary"
    FIRST = "first answer"
    LAST = "last answer"
    EVEN = "every answering campaign alike"


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
    opportunities: Iterable[Opportunity], campaigns: Iterable[Campaign], model: AttributionModel
) -> Attributed:
    """Each won sale's amount credited to campaigns by `model`; sales not won are passed over.

    An answer counts when it is dated and came no later than the sale's closing day; answers on one day
    rank by the campaign's id.

    >>> attribute_revenue([], [], AttributionModel.EVEN).credits
    ()
    """
    answers = _answers(campaigns)
    found: list[CampaignCredit] = []
    left_out: list[LeftOut] = []
    for sale in opportunities:
        if not sale.is_won:
            continue
        if sale.amount is None:
            left_out.append(LeftOut(record=f"opportunity {sale.id}", reason="no amount is stated"))
            continue
        earned = _earning(sale, answers, model) or (None,)
        parts = shared_out(sale.amount, [1] * len(earned))
        found.extend(
            CampaignCredit(opportunity=sale.id, campaign=campaign, amount=part)
            for campaign, part in zip(earned, parts, strict=True)
        )
    return Attributed(credits=tuple(found), left_out=tuple(left_out))


def _answers(campaigns: Iterable[Campaign]) -> dict[ContactId, list[tuple[date, CampaignId]]]:
    answers: dict[ContactId, list[tuple[date, CampaignId]]] = {}
    for campaign in campaigns:
        for member in campaign.members:
            if member.contact is not None and member.responded_on is not None:
                answers.setdefault(member.contact, []).append((member.responded_on, campaign.id))
    return answers


def _earning(
    sale: Opportunity, answers: dict[ContactId, list[tuple[date, CampaignId]]], model: AttributionModel
) -> Sequence[CampaignId | None]:
    if model is AttributionModel.PRIMARY:
        return (sale.campaign,)
    heard = [answer for role in sale.contacts for answer in answers.get(role.contact, [])]
    in_time = sorted((day, c) for day, c in heard if sale.closed_on is None or day <= sale.closed_on)
    if model is AttributionModel.EVEN:
        return sorted({campaign for _, campaign in in_time})
    return [in_time[0 if model is AttributionModel.FIRST else -1][1]] if in_time else []
