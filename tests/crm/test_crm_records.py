"""The records of the sale refuse what they cannot hold, and say what would be right."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from clmcrm.crm.activity import Activity
from clmcrm.crm.campaign import Campaign, CampaignMember, CostItem
from clmcrm.crm.case import Case, Entitlement
from clmcrm.crm.journey import Travel
from clmcrm.crm.lead import Lead, LeadStatus
from clmcrm.crm.loyalty import LoyaltyEntry
from clmcrm.crm.opportunity import (
    CLOSED_STAGES,
    OPEN_STAGES,
    Opportunity,
    OpportunityStage,
    Split,
    SplitKind,
    StageChange,
)
from clmcrm.crm.order import Asset, Order, OrderLine, OrderStatus
from clmcrm.crm.pipeline import Pipeline, Stage
from clmcrm.crm.product import PriceBook, Product
from clmcrm.crm.quote import Quote
from clmcrm.crm.segment import Both, Segment
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.parties.contacts import PersonRole, PersonRoleKind
from clmcrm.values.ids import ContactId, LineId, OpportunityId, OrderId, UserId
from clmcrm.values.money import Money
from clmcrm.values.partial import NOT_STATED, PartialDate
from clmcrm.values.tenor import Tenor

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
EARLIER = NOON - timedelta(days=1)
EUR5 = Money(5, "EUR")

OPPORTUNITY: dict[str, Any] = {"id": "o1", "name": "Licences"}
LEAD: dict[str, Any] = {"id": "l1", "name": "Ada"}
QUOTE: dict[str, Any] = {"id": "q1", "currency": "EUR"}
CAMPAIGN: dict[str, Any] = {"id": "m1", "name": "Fair", "currency": "EUR"}
CASE: dict[str, Any] = {"id": "k1"}
ACTIVITY: dict[str, Any] = {"id": "t1"}
ORDER: dict[str, Any] = {"id": "r1", "currency": "EUR"}
ENTITLEMENT: dict[str, Any] = {"id": "e1", "name": "Gold", "account": "a1"}


def half(kind: SplitKind = SplitKind.REVENUE) -> Split:
    return Split(owner=UserId("u"), portion=Decimal("0.6"), kind=kind)


@pytest.mark.parametrize(
    ("record", "good", "field", "bad"),
    [
        (Opportunity, OPPORTUNITY, "id", None),
        (Opportunity, OPPORTUNITY, "name", ""),
        (Opportunity, OPPORTUNITY, "stage", "won"),
        (Opportunity, OPPORTUNITY, "amount", Decimal(5)),
        (Opportunity, OPPORTUNITY, "recurring_every", Tenor(months=1)),
        (Opportunity, OPPORTUNITY, "probability", Decimal(50)),
        (Opportunity, OPPORTUNITY, "probability", 1),
        (Opportunity, OPPORTUNITY, "stage_since", datetime(2026, 1, 1)),  # noqa: DTZ001 - a naive instant is the bad value
        (Opportunity, OPPORTUNITY, "expected_close_on", NOON),
        (Opportunity, OPPORTUNITY, "closed_on", "2026-01-01"),
        (Opportunity, OPPORTUNITY, "splits", (half(), half())),
        (Opportunity, OPPORTUNITY, "start_wanted_on", None),
        (Opportunity, OPPORTUNITY, "start_wanted_on", NOON),
        (Opportunity, OPPORTUNITY, "initial_term", 12),
        (Opportunity, OPPORTUNITY, "max_renewals", -1),
        (Opportunity, OPPORTUNITY, "contract_kind_wanted", ""),
        (Opportunity, OPPORTUNITY, "contacts", ("c1",)),
        (
            Opportunity,
            OPPORTUNITY,
            "stage_history",
            (
                StageChange(at=NOON, stage=OpportunityStage.OPEN),
                StageChange(at=EARLIER, stage=OpportunityStage.WON),
            ),
        ),
        (Lead, LEAD, "name", None),
        (Lead, LEAD, "converted_on", date(2026, 1, 1)),
        (Lead, LEAD, "converted_opportunity", "o1"),
        (Lead, LEAD, "score", -1),
        (Quote, QUOTE, "version", 0),
        (Quote, QUOTE, "lines", (1,)),
        (Campaign, CAMPAIGN, "parent", "m1"),
        (Campaign, CAMPAIGN, "members", (1,)),
        (Case, CASE, "parent", "k1"),
        (Case, CASE, "opened_at", date(2026, 1, 1)),
        (Activity, ACTIVITY, "contacts", ("",)),
        (Order, ORDER, "status", "draft"),
        (Entitlement, ENTITLEMENT, "cases_left", -1),
    ],
)
def test_a_bad_value_is_refused(record: type, good: dict[str, Any], field: str, bad: object) -> None:
    assert record(**good)
    with pytest.raises(InvalidRecord) as refusal:
        record(**{**good, field: bad})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("record", "values", "field"),
    [
        (
            Quote,
            {**QUOTE, "issued_on": date(2026, 2, 1), "last_valid_day": date(2026, 1, 1)},
            "last_valid_day",
        ),
        (Quote, {**QUOTE, "signers_required": 1, "signers_completed": 2}, "signers_completed"),
        (Campaign, {**CAMPAIGN, "first_day": date(2026, 2, 1), "last_day": date(2026, 1, 1)}, "last_day"),
        (Case, {**CASE, "opened_at": NOON, "closed_at": EARLIER}, "closed_at"),
        (Activity, {**ACTIVITY, "started_at": NOON, "finished_at": EARLIER}, "finished_at"),
        (Order, {**ORDER, "first_day": date(2026, 2, 1), "last_day": date(2026, 1, 1)}, "last_day"),
        (PriceBook, {"id": "b", "name": "B", "first_day": date.max, "last_day": date.min}, "last_day"),
        (Opportunity, {**OPPORTUNITY, "recurring_amount": EUR5}, "recurring_every"),
        (Order, {**ORDER, "is_reduction": True}, "original"),
        (CampaignMember, {}, "lead"),
        (CampaignMember, {"lead": "l", "contact": "c"}, "lead"),
        (CampaignMember, {"lead": "l", "responded_on": date(2026, 1, 1)}, "responded_on"),
    ],
)
def test_two_facts_that_exclude_each_other_are_refused(record: type, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        record(**values)
    assert refusal.value.field == field


def test_an_opportunity_takes_its_currency_from_its_amounts() -> None:
    assert str(Opportunity(**OPPORTUNITY, amount=EUR5).currency) == "EUR"
    assert Opportunity(**OPPORTUNITY).currency is None


@pytest.mark.parametrize(
    "amounts",
    [
        {"amount": EUR5, "currency": "USD"},
        {"amount": EUR5, "recurring_amount": Money(1, "USD"), "recurring_every": Tenor(months=1)},
    ],
)
def test_an_opportunity_in_two_currencies_is_refused(amounts: dict[str, Any]) -> None:
    with pytest.raises(CurrencyMismatch):
        Opportunity(**OPPORTUNITY, **amounts)


def test_overlay_splits_may_exceed_the_whole() -> None:
    overlay = (half(), half(SplitKind.OVERLAY))
    assert Opportunity(**OPPORTUNITY, splits=overlay).splits == overlay


def test_every_stage_is_open_closed_or_unknown() -> None:
    for stage in OpportunityStage:
        sale = Opportunity(**OPPORTUNITY, stage=stage)
        assert sale.is_open + sale.is_closed + (stage is OpportunityStage.UNKNOWN) == 1
    assert OPEN_STAGES | CLOSED_STAGES | {OpportunityStage.UNKNOWN} == set(OpportunityStage)


def test_what_the_salesperson_half_knows_stays_half_known() -> None:
    sale = Opportunity(**OPPORTUNITY, start_wanted_on=PartialDate(year=2026, month=9), notice_wanted=Tenor(months=3))
    assert str(sale.start_wanted_on) == "2026-09-.."
    assert str(sale.notice_wanted) == "P3M"
    assert sale.signature_expected_on is NOT_STATED


def test_signatories_are_named_by_their_role() -> None:
    signatory = PersonRole(contact=ContactId("c"), role=PersonRoleKind.SIGNATORY, is_primary=True)
    assert Opportunity(**OPPORTUNITY, contacts=(signatory,)).contacts[0].role is PersonRoleKind.SIGNATORY


def test_a_campaign_item_needs_the_campaigns_currency() -> None:
    item = CostItem(label="stand", amount=EUR5)
    with pytest.raises(InvalidRecord, match="the currency of stand"):
        Campaign(id=CAMPAIGN["id"], name="Fair", spend=(item,))
    with pytest.raises(CurrencyMismatch):
        Campaign(id=CAMPAIGN["id"], name="Fair", currency="USD", spend=(item,))


def test_a_converted_lead_keeps_what_it_became() -> None:
    lead = Lead(**LEAD, status=LeadStatus.CONVERTED, converted_opportunity=OpportunityId("o1"))
    assert lead.is_converted
    assert lead.converted_opportunity == "o1"


def test_a_reduction_names_the_order_it_reduces() -> None:
    reduction = Order(
        **ORDER,
        original=OrderId("r0"),
        is_reduction=True,
        status=OrderStatus.CONFIRMED,
        lines=(OrderLine(id=LineId("x"), contract_line=LineId("y")),),
    )
    assert reduction.original == "r0"


@pytest.mark.parametrize(
    "record",
    [
        *(Opportunity, Split, StageChange, Quote, Lead, Product, PriceBook, Campaign, CampaignMember, Case),
        *(
            Activity,
            Order,
            OrderLine,
            Asset,
            Entitlement,
            Segment,
            Both,
            Pipeline,
            Stage,
            Travel,
            LoyaltyEntry,
        ),
    ],
)
def test_annotations_can_be_read_at_run_time(record: type[attrs.AttrsInstance]) -> None:
    assert attrs.resolve_types(record) is record
    assert not any(isinstance(attribute.type, str) for attribute in attrs.fields(record))
