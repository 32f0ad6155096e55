"""Campaigns: what they cost, and which sales they are credited with, to the cent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.attribution import AttributionModel, attribute_revenue
from clmcrm.crm.campaign import Campaign, CampaignMember, CostItem
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.parties.contacts import PersonRole
from clmcrm.values.ids import CampaignId, ContactId, OpportunityId
from clmcrm.values.money import Money, total
from clmcrm.values.span import Span


def item(amount: int, on: date | None = None) -> CostItem:
    return CostItem(label="stand", amount=Money(amount, "EUR"), on=on)


def test_budget_spend_and_what_is_left() -> None:
    campaign = Campaign(
        id=CampaignId("m"),
        name="Fair",
        currency="EUR",
        budget=(item(100), item(50)),
        spend=(item(120, date(2026, 1, 31)), item(60, date(2026, 2, 1)), item(1)),
    )
    assert (campaign.budgeted, campaign.spent) == (Money(150, "EUR"), Money(181, "EUR"))
    assert campaign.budget_left == Money(-31, "EUR")
    january = Span(date(2026, 1, 1), date(2026, 1, 31))
    assert [str(i.amount) for i in campaign.spent_in(january)] == ["120.00 EUR"]


def test_no_stated_budget_is_not_a_budget_of_zero() -> None:
    campaign = Campaign(id=CampaignId("m"), name="Fair")
    assert campaign.budgeted is campaign.spent is campaign.budget_left is None


def campaign(key: str, **answers: date | None) -> Campaign:
    members = tuple(
        CampaignMember(contact=ContactId(who), has_responded=True, responded_on=on) for who, on in answers.items()
    )
    return Campaign(id=CampaignId(key), name=key, members=members)


FAIR = campaign("fair", ada=date(2026, 1, 1))
MAIL = campaign("mail", ada=date(2026, 2, 1), bob=date(2026, 1, 15))
LATE = campaign("late", ada=date(2026, 6, 1))
UNDATED = campaign("undated", ada=None)
CAMPAIGNS = (LATE, MAIL, UNDATED, FAIR)


def sale(**facts: Any) -> Opportunity:
    usual: dict[str, Any] = {
        "stage": OpportunityStage.WON,
        "amount": Money("100.01", "EUR"),
        "closed_on": date(2026, 3, 1),
        "campaign": CampaignId("own"),
        "contacts": (PersonRole(contact=ContactId("ada")), PersonRole(contact=ContactId("bob"))),
    }
    return Opportunity(id=OpportunityId("o"), name="S", **{**usual, **facts})


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (AttributionModel.PRIMARY, [("own", "100.01")]),
        (AttributionModel.FIRST, [("fair", "100.01")]),
        (AttributionModel.LAST, [("mail", "100.01")]),
        (AttributionModel.EVEN, [("fair", "50.01"), ("mail", "50.00")]),
    ],
)
def test_each_model_credits_as_worked_by_hand(model: AttributionModel, expected: list[tuple[str, str]]) -> None:
    found = attribute_revenue([sale()], CAMPAIGNS, model)
    assert [(c.campaign, str(c.amount.amount)) for c in found.credits] == expected


@pytest.mark.parametrize("model", list(AttributionModel))
def test_a_sale_no_campaign_touched_stays_visible(model: AttributionModel) -> None:
    (credit,) = attribute_revenue([sale(contacts=(), campaign=None)], CAMPAIGNS, model).credits
    assert credit.campaign is None
    assert credit.amount == Money("100.01", "EUR")


def test_only_won_sales_count_and_one_without_an_amount_is_named() -> None:
    found = attribute_revenue([sale(stage=OpportunityStage.LOST), sale(amount=None)], CAMPAIGNS, AttributionModel.EVEN)
    assert found.credits == ()
    assert [str(left) for left in found.left_out] == ["opportunity o: no amount is stated"]


@given(st.integers(0, 10**7), st.lists(st.dates(date(2026, 1, 1), date(2026, 4, 1)), max_size=6))
def test_credits_always_sum_to_the_amount(cents: int, answers: list[date]) -> None:
    amount = Money(cents, "JPY")
    campaigns = [campaign(str(i), ada=day) for i, day in enumerate(answers)]
    for model in AttributionModel:
        found = attribute_revenue([sale(amount=amount)], campaigns, model)
        assert total((c.amount for c in found.credits), "JPY") == amount
