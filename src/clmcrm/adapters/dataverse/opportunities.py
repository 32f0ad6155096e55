"""Opportunities as Dataverse keeps them: the table opportunity, and its lines in opportunityproduct.

| canonical field | in `opportunity` |
| --- | --- |
| `name`, `description` | name, description |
| `account`, `owner` | parentaccountid, ownerid |
| `campaign`, `price_book`, `lead` | campaignid, pricelevelid, originatingleadid |
| `amount`, `currency` | estimatedvalue, transactioncurrencyid; computed from the lines where the sale says so |
| `stage`, `stage_raw` | statecode, statuscode and salesstage: "state/status/stage" beside the canonical word |
| `probability` | closeprobability (per cent, whole) |
| `expected_close_on`, `closed_on` | estimatedclosedate, actualclosedate |
| `contacts` | parentcontactid: one person |
| `contract` | our text column: the contract's key in the CLM |
| `created_on` | the day of createdon in UTC: kept by Dataverse |
| `lines` | opportunityproduct: read |
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, cast

from clmcrm.adapters.dataverse.amounts import MoneyPart, code_of
from clmcrm.adapters.dataverse.ground import Ground
from clmcrm.adapters.dataverse.lookups import Lookup, address, lookup_key, owner
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.parts import Column, Part, PartOf, kept_by_itself, option_of, whole
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import money_shown, number, shown_value
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.parties.contacts import PersonRoleKind
from clmcrm.ports.records import Fields, Json
from clmcrm.values.exact import plain_number, product_of

TABLE: Final = "opportunity"
LINES: Final = "opportunityproducts"
LINE_OF: Final = "_opportunityid_value"
LINE_COLUMNS: Final = (
    "opportunityproductid", LINE_OF, "productname", "productdescription", "description", "quantity", "priceperunit",
    "manualdiscountamount", "_productid_value", "sequencenumber", "lineitemnumber",
)  # fmt: skip
UNDER: Final = "@lines"
"""Where a row keeps its lines; no property of Dataverse's has such a name."""
STAGES: Final = {
    0: OpportunityStage.QUALIFICATION.value,
    1: OpportunityStage.DISCOVERY.value,
    2: OpportunityStage.PROPOSAL.value,
    3: OpportunityStage.NEGOTIATION.value,
}
"""The options of salesstage (Qualify, Develop, Propose, Close); an open sale without one of them is OPEN."""
_OPEN, _WON, _LOST, _HELD = 0, 1, 2, 2
_STATES: Final[Mapping[str, Mapping[str, int]]] = {
    OpportunityStage.WON.value: {"statecode": _WON, "statuscode": 3},
    OpportunityStage.LOST.value: {"statecode": _LOST, "statuscode": 4},
    OpportunityStage.ON_HOLD.value: {"statecode": _OPEN, "statuscode": _HELD},
    OpportunityStage.OPEN.value: {"statecode": _OPEN, "statuscode": 1},
    **{word: {"statecode": _OPEN, "statuscode": 1, "salesstage": option} for option, word in STAGES.items()},
}
_STAGE: Final = ("statecode", "statuscode", "salesstage")
_PERCENT: Final = Decimal(100)
Row = Mapping[str, Any]


def opportunity_parts(org: OrgSettings) -> tuple[Part, ...]:
    """The parts of an opportunity in that environment."""
    return (
        Column(name="name", at="name"),
        Column(name="description", at="description", form="long"),
        Lookup(name="account", at="parentaccountid", to="account"),
        Lookup(name="campaign", at="campaignid", to="campaign"),
        Lookup(name="price_book", at="pricelevelid", to="pricelevel"),
        Lookup(name="lead", at="originatingleadid", to="lead"),
        MoneyPart(amounts={"amount": "estimatedvalue"}),
        Column(name="expected_close_on", at="estimatedclosedate", form="date"),
        Column(name="closed_on", at="actualclosedate", form="date"),
        Column(name="created_on", at="createdon", form="day", written=False),
        Column(name="contract", at=org.contract),
        PartOf(names=("stage", "stage_raw"), columns=_STAGE, show=_stage, send=_stage_sent),
        PartOf(names=("probability",), columns=("closeprobability",), show=_probability, send=_probability_sent),
        PartOf(names=("contacts",), columns=("parentcontactid",), show=_contacts, send=_contacts_sent),
        PartOf(names=("lines",), columns=(), show=_lines, send=kept_by_itself("lines")),
        owner(),
    )


def _stage(row: Row, ground: Ground) -> dict[str, Json]:
    del ground
    state, status, stage = (shown_value(at, "whole", row.get(at)) for at in _STAGE)
    if state is None:
        return {"stage": OpportunityStage.UNKNOWN.value, "stage_raw": None}
    if state == _OPEN:
        held = status == _HELD
        open_as = STAGES.get(cast("int", stage), OpportunityStage.OPEN.value)
        word = OpportunityStage.ON_HOLD.value if held else open_as
    else:
        word = {_WON: OpportunityStage.WON, _LOST: OpportunityStage.LOST}.get(
            cast("int", state), OpportunityStage.UNKNOWN
        ).value
    return {"stage": word, "stage_raw": "/".join("" if one is None else str(one) for one in (state, status, stage))}


def _stage_sent(fields: Fields, ground: Ground) -> dict[str, Any]:
    del ground
    raw = fields.get("stage_raw")
    if raw is not None:
        told = str(raw).split("/")
        if len(told) != len(_STAGE):
            raise Misfit("stage_raw", f"{raw!r} is no state/status/stage"[:200])
        return {at: option_of("stage_raw", one) if one else None for at, one in zip(_STAGE, told, strict=True)}
    wanted = fields.get("stage")
    if not isinstance(wanted, str) or wanted not in _STATES:
        raise Misfit("stage", f"{wanted!r} has no state in Dataverse; known are {', '.join(_STATES)}"[:300])
    return dict(_STATES[wanted])


def _probability(row: Row, ground: Ground) -> dict[str, Json]:
    del ground
    value = shown_value("closeprobability", "share", row.get("closeprobability"))
    return {"probability": value}


def _probability_sent(fields: Fields, ground: Ground) -> dict[str, Any]:
    del ground
    told = fields["probability"]
    if told is None:
        return {"closeprobability": None}
    try:
        share = product_of(number(told), _PERCENT)
    except (ValueError, ArithmeticError) as problem:
        raise Misfit("probability", str(problem)[:200]) from None
    return {"closeprobability": whole("probability", plain_number(share))}


def _contacts(row: Row, ground: Ground) -> dict[str, Json]:
    del ground
    key = lookup_key(row, "parentcontactid")
    one: Json = {"contact": key, "role": PersonRoleKind.OTHER.value, "is_primary": True}
    return {"contacts": [] if key is None else [one]}


def _contacts_sent(fields: Fields, ground: Ground) -> dict[str, Any]:
    given = fields["contacts"] or []
    first = given[0] if isinstance(given, list) and len(given) == 1 else None
    plain = {"contact", "role", "is_primary"}
    odd = isinstance(first, dict) and (first.keys() - plain or first.get("role") not in (None, "other"))
    if given and (not isinstance(first, dict) or odd):
        raise Misfit("contacts", "have no place: an opportunity of Dataverse names one person, without a role")
    key = first.get("contact") if isinstance(first, dict) else None
    return {"parentcontactid@odata.bind": address("contacts", key, "contact", ground)}


def _lines(row: Row, ground: Ground) -> dict[str, Json]:
    code = code_of(row, ground)
    ordered = sorted(cast("list[Row]", row.get(UNDER) or ()), key=_place)
    return {"lines": [_line(one, position, code) for position, one in enumerate(ordered, 1)]}


def _place(line: Row) -> tuple[int, str]:
    for at in ("sequencenumber", "lineitemnumber"):
        if isinstance(line.get(at), int):
            return int(line[at]), str(line.get("opportunityproductid"))
    return 1 << 31, str(line.get("opportunityproductid"))


def _line(line: Row, position: int, code: str) -> Json:
    key = str(line["opportunityproductid"])
    said = next((line[at] for at in ("description", "productname", "productdescription") if line.get(at)), None)
    made: dict[str, Json] = {"id": key, "position": position}
    try:
        made["quantity"] = plain_number(number(line.get("quantity")))
        if line.get("priceperunit") is not None:
            made["unit_price"] = {"amount": plain_number(number(line["priceperunit"])), "currency": code}
        less = line.get("manualdiscountamount")
        if less is not None and number(less) != 0:
            made["discount_amount"] = money_shown("manualdiscountamount", less, code)
    except (ValueError, ArithmeticError) as problem:
        raise Misfit(f"opportunityproduct {key}", str(problem)[:200]) from None
    product = lookup_key(line, "productid")
    stated: dict[str, Json] = {"description": said, "product": product}
    return {**made, **{name: value for name, value in stated.items() if value is not None}}
