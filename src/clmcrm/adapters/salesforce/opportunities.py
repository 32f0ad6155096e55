"""Opportunities as Salesforce keeps them: the object Opportunity, its lines and the people's parts in it.

| canonical field | in `Opportunity` |
| --- | --- |
| `name`, `description`, `next_step` | Name, Description, NextStep |
| `account`, `owner`, `campaign`, `price_book`, `source` | AccountId, OwnerId, CampaignId, Pricebook2Id, LeadSource |
| `amount`, `currency` | Amount, CurrencyIsoCode (or the org's currency); with lines Salesforce computes the amount |
| `stage`, `stage_raw` | StageName with IsClosed and IsWon: whatever an org calls its stages, won and lost are known |
| `stage_since` | LastStageChangeDate |
| `probability`, `forecast_category` | Probability (per cent), ForecastCategory: kept by Salesforce |
| `kind`, `kind_raw` | Type |
| `expected_close_on`, `closed_on` | CloseDate; the second once IsClosed |
| `contract` | our text field: the contract's key in the CLM |
| `lines` | OpportunityLineItem: read |
| `contacts` | OpportunityContactRole: read |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import number, sent_value, shown_value
from clmcrm.adapters.salesforce.amounts import MoneyPart, code_of
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.parts import Column, Part, PartOf, kept_by_itself
from clmcrm.adapters.salesforce.soql import Query
from clmcrm.adapters.trees import is_tree
from clmcrm.crm.opportunity import ForecastCategory, OpportunityKind, OpportunityStage
from clmcrm.parties.contacts import PersonRoleKind
from clmcrm.ports.records import Fields, Json
from clmcrm.values.exact import plain_number

OBJECT: Final = "Opportunity"
LINES: Final = "OpportunityLineItem"
PEOPLE: Final = "OpportunityContactRole"
STAGES: Final = {
    "Prospecting": OpportunityStage.QUALIFICATION.value,
    "Qualification": OpportunityStage.QUALIFICATION.value,
    "Needs Analysis": OpportunityStage.DISCOVERY.value,
    "Value Proposition": OpportunityStage.DISCOVERY.value,
    "Id. Decision Makers": OpportunityStage.DISCOVERY.value,
    "Perception Analysis": OpportunityStage.DISCOVERY.value,
    "Proposal/Price Quote": OpportunityStage.PROPOSAL.value,
    "Negotiation/Review": OpportunityStage.NEGOTIATION.value,
    "Closed Won": OpportunityStage.WON.value,
    "Closed Lost": OpportunityStage.LOST.value,
}
"""The stages of a new org; an open stage of another name is OPEN, and every name is kept as `stage_raw`."""
TYPES: Final = {
    "New Customer": OpportunityKind.NEW_BUSINESS.value,
    "New Business": OpportunityKind.NEW_BUSINESS.value,
    "Existing Customer - Upgrade": OpportunityKind.EXPANSION.value,
    "Existing Customer - Replacement": OpportunityKind.REPLACEMENT.value,
    "Existing Customer - Renewal": OpportunityKind.RENEWAL.value,
}
"""The words of Type with a canonical kind; of others ("Existing Customer - Downgrade") only the word is kept."""
FORECASTS: Final = {
    "Omitted": ForecastCategory.OMITTED.value,
    "Pipeline": ForecastCategory.PIPELINE.value,
    "BestCase": ForecastCategory.BEST_CASE.value,
    "MostLikely": ForecastCategory.BEST_CASE.value,
    "Forecast": ForecastCategory.COMMIT.value,
    "Closed": ForecastCategory.CLOSED.value,
}
ROLES: Final = {
    "Decision Maker": PersonRoleKind.DECISION_MAKER.value,
    "Economic Decision Maker": PersonRoleKind.ECONOMIC_BUYER.value,
    "Economic Buyer": PersonRoleKind.ECONOMIC_BUYER.value,
    "Executive Sponsor": PersonRoleKind.INFLUENCER.value,
    "Influencer": PersonRoleKind.INFLUENCER.value,
    "Evaluator": PersonRoleKind.EVALUATOR.value,
    "Business User": PersonRoleKind.USER.value,
    "Technical Buyer": PersonRoleKind.TECHNICAL.value,
    "Other": PersonRoleKind.OTHER.value,
}
Row = Mapping[str, Any]


def opportunity_parts(org: OrgSettings) -> tuple[Part, ...]:
    """The parts of an opportunity in that org."""
    named = () if org.contract_field is None else (Column(name="contract", at=org.contract_field),)
    return (
        Column(name="name", at="Name"),
        Column(name="account", at="AccountId", form="key"),
        Column(name="kind", at="Type", raw="kind_raw", words=TYPES),
        Column(name="description", at="Description", form="long"),
        Column(name="owner", at="OwnerId", form="key"),
        Column(name="next_step", at="NextStep"),
        Column(name="source", at="LeadSource"),
        Column(name="campaign", at="CampaignId", form="key"),
        Column(name="price_book", at="Pricebook2Id", form="key"),
        Column(name="probability", at="Probability", form="share"),
        Column(name="created_on", at="CreatedDate", form="day", written=False),
        Column(name="stage_since", at="LastStageChangeDate", form="instant", written=False),
        PartOf(
            names=("forecast_category",),
            reads=("ForecastCategory",),
            show=_forecast,
            send=kept_by_itself("forecast_category"),
        ),
        MoneyPart(amounts={"amount": "Amount"}, currency=True, multi=org.multi_currency),
        PartOf(names=("stage", "stage_raw"), reads=("StageName", "IsClosed", "IsWon"), show=_stage, send=_stage_sent),
        PartOf(names=("expected_close_on", "closed_on"), reads=("CloseDate",), show=_closing, send=_closing_sent),
        PartOf(names=("lines",), reads=(), show=_lines, send=kept_by_itself("lines"), children=(_line_query(),)),
        PartOf(
            names=("contacts",),
            reads=(),
            show=_contacts,
            send=kept_by_itself("contacts"),
            children=(Query(fields=("ContactId", "Role", "IsPrimary"), of="OpportunityContactRoles", order=("Id",)),),
        ),
        *named,
    )


def _line_query() -> Query:
    fields = (
        "Id", "Product2Id", "Product2.Name", "Description", "Quantity", "UnitPrice", "ListPrice", "Discount",
        "ServiceDate",
    )  # fmt: skip
    return Query(fields=fields, of="OpportunityLineItems", order=("SortOrder", "Id"))


def _forecast(row: Row, org: OrgSettings) -> dict[str, Json]:
    del org
    word = shown_value("ForecastCategory", "text", row.get("ForecastCategory"))
    return {"forecast_category": FORECASTS.get(str(word))}


def _stage(row: Row, org: OrgSettings) -> dict[str, Json]:
    word = shown_value("StageName", "text", row.get("StageName"))
    if row.get("IsWon") is True:
        stage = OpportunityStage.WON.value
    elif row.get("IsClosed") is True:
        stage = OpportunityStage.LOST.value
    else:
        known = {**STAGES, **org.stages}.get(str(word), OpportunityStage.OPEN.value)
        closed = known in (OpportunityStage.WON.value, OpportunityStage.LOST.value)
        stage = OpportunityStage.OPEN.value if closed else known
    return {"stage": OpportunityStage.UNKNOWN.value if word is None else stage, "stage_raw": word}


def _stage_sent(fields: Fields, org: OrgSettings) -> dict[str, Any]:
    raw = fields.get("stage_raw")
    if raw is not None:
        return {"StageName": sent_value("stage_raw", "text", raw)}
    wanted = fields.get("stage")
    # The org's own names first, and of a name that means something else to it only what it means.
    for word, stage in {**org.stages, **STAGES, **org.stages}.items():
        if stage == wanted:
            return {"StageName": word}
    raise Misfit("stage", f"{wanted!r} is no stage that the org has a name for")


def _closing(row: Row, org: OrgSettings) -> dict[str, Json]:
    del org
    day = shown_value("CloseDate", "date", row.get("CloseDate"))
    return {"expected_close_on": day, "closed_on": day if row.get("IsClosed") is True else None}


def _closing_sent(fields: Fields, org: OrgSettings) -> dict[str, Any]:
    del org
    days = {name: fields[name] for name in ("expected_close_on", "closed_on") if name in fields}
    stated = {name: day for name, day in days.items() if day is not None}
    if len(set(map(str, stated.values()))) > 1:
        raise Misfit("closed_on", "differs from expected_close_on; Salesforce has one day for both")
    name, day = next(iter(stated.items()), ("expected_close_on", None))
    return {"CloseDate": sent_value(name, "date", day)}


def _children(row: Row, name: str) -> Iterable[Row]:
    found = row.get(name)
    return cast("list[Row]", found["records"]) if is_tree(found) else ()


def _lines(row: Row, org: OrgSettings) -> dict[str, Json]:
    code = code_of(row, org)
    found = [_line(one, position, code) for position, one in enumerate(_children(row, "OpportunityLineItems"), 1)]
    return {"lines": cast("Json", found)}


def _line(line: Row, position: int, code: str) -> dict[str, Json]:
    product = line.get("Product2")
    said = line.get("Description") or (product.get("Name") if is_tree(product) else None)
    made: dict[str, Json] = {"id": str(line["Id"]), "position": position}
    try:
        made["quantity"] = plain_number(number(line.get("Quantity")))
        for name, at in (("unit_price", "UnitPrice"), ("list_price", "ListPrice")):
            if line.get(at) is not None:
                made[name] = {"amount": plain_number(number(line[at])), "currency": code}
    except (ValueError, ArithmeticError) as problem:
        raise Misfit(f"OpportunityLineItems {line['Id']}", str(problem)[:200]) from None
    discount = shown_value("Discount", "share", line.get("Discount"))
    day = shown_value("ServiceDate", "date", line.get("ServiceDate"))
    stated: dict[str, Json] = {
        "description": said, "product": line.get("Product2Id"), "discount": discount, "service_first_day": day
    }  # fmt: skip
    return {**made, **{name: value for name, value in stated.items() if value is not None}}


def _contacts(row: Row, org: OrgSettings) -> dict[str, Json]:
    del org
    found: list[Json] = []
    for one in _children(row, "OpportunityContactRoles"):
        word = one.get("Role")
        role: dict[str, Json] = {
            "contact": str(one["ContactId"]), "role": ROLES.get(str(word), PersonRoleKind.OTHER.value)
        }  # fmt: skip
        if word:
            role["role_raw"] = str(word)
        if one.get("IsPrimary") is True:
            role["is_primary"] = True
        found.append(role)
    return {"contacts": found}
