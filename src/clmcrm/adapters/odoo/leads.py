"""Opportunities as Odoo keeps them: `crm.lead` of type "opportunity", with the lines of its quotations and orders.

| canonical field | in `crm.lead` |
| --- | --- |
| `name`, `loss_reason`, `owner` | name, lost_reason_id, user_id |
| `account` | the company of partner_id (its commercial entity) |
| `amount`, `currency` | expected_revenue in the company's currency; zero is Odoo's way of stating none |
| `recurring_amount`, `recurring_every` | recurring_revenue, recurring_plan |
| `stage`, `stage_id`, `stage_raw`, `stage_since` | won_status and stage_id; its name; date_last_stage_update |
| `probability`, `priority`, `tags` | the fields of that name |
| `expected_close_on`, `closed_on` | date_deadline, date_closed |
| `source`, `medium`, `campaign` | those of that name |
| `contract` | the text field that was named for it |
| `lines` | the lines of its confirmed orders, or of its quotations while none is confirmed |

A lost opportunity is archived by Odoo itself: it is lost, not gone. We write the link to the contract, and the
stages won and lost by Odoo's own actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final, cast

from clmcrm.adapters.odoo.feed import moment_of
from clmcrm.adapters.odoo.plain import (
    Row,
    amount,
    in_order,
    inner,
    key,
    named,
    number,
    parts,
    price,
    said,
)
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.ports.records import Fields, Json
from clmcrm.values.exact import plain_number, shifted

MODEL: Final = "crm.lead"
DOMAIN: Final = (["type", "=", "opportunity"],)
WATCHED: Final = ("order_ids", "order_ids.order_line")
_LINE: Final[Mapping[str, Any]] = {
    "sequence": {}, "display_type": {}, "name": {}, "product_id": {}, "product_uom_qty": {},
    "product_uom_id": {"fields": {"name": {}}}, "product_uom": {"fields": {"name": {}}}, "price_unit": {},
    "discount": {}, "is_downpayment": {}, "write_date": {},
}  # fmt: skip
SPEC: Final[Mapping[str, Any]] = {
    "name": {}, "active": {}, "won_status": {}, "probability": {}, "expected_revenue": {}, "recurring_revenue": {},
    "recurring_plan": {"fields": {"number_of_months": {}}}, "company_currency": {"fields": {"name": {}}},
    "stage_id": {"fields": {"name": {}, "is_won": {}}}, "date_deadline": {}, "date_closed": {},
    "date_last_stage_update": {}, "lost_reason_id": {"fields": {"name": {}}}, "priority": {},
    "partner_id": {"fields": {"commercial_partner_id": {}}}, "user_id": {},
    "source_id": {"fields": {"name": {}}}, "medium_id": {"fields": {"name": {}}}, "campaign_id": {},
    "tag_ids": {"fields": {"name": {}}}, "create_date": {}, "write_date": {},
    "order_ids": {"fields": {
        "state": {}, "currency_id": {"fields": {"name": {}}}, "write_date": {}, "order_line": {"fields": _LINE},
    }},
}  # fmt: skip

STAGES: Final[Mapping[str, OpportunityStage]] = {
    "New": OpportunityStage.QUALIFICATION,
    "Qualified": OpportunityStage.DISCOVERY,
    "Proposition": OpportunityStage.PROPOSAL,
}
"""The open stages that Odoo comes with, by name; another open one is OPEN, and kept verbatim as `stage_raw`."""

SHOWN: Final = frozenset(
    {
        "name", "loss_reason", "account", "owner", "amount", "currency", "recurring_amount",
        "recurring_every", "stage", "stage_id", "stage_raw", "stage_since", "probability", "priority", "tags",
        "expected_close_on", "closed_on", "source", "medium", "campaign", "lines", "created_on",
    }
)  # fmt: skip
"""The canonical fields that an opportunity of Odoo has a place for, apart from the link to the contract."""

WRITTEN: Final = frozenset({"active", "order_ids"})
"""Fields that are not carried as they are, for Odoo's own actions write them; the link to the contract is another."""

_CONFIRMED: Final = frozenset({"sale", "done"})
_OPEN: Final = frozenset({"draft", "sent"})
_ALWAYS: Final = 100
_MOVED: Final = {OpportunityStage.WON.value: "action_set_won", OpportunityStage.LOST.value: "action_set_lost"}


def is_won(row: Row) -> bool:
    """Whether Odoo counts it as won; up to series 17 by the rule behind that field."""
    if "won_status" in row:
        return bool(row["won_status"] == "won")
    stage = inner(row, "stage_id")
    return stage is not None and bool(stage.get("is_won")) and row.get("probability") == _ALWAYS


def is_lost(row: Row) -> bool:
    """Whether Odoo counts it as lost."""
    if "won_status" in row:
        return bool(row["won_status"] == "lost")
    return row.get("active") is False and not row.get("probability")


def is_gone(row: Row) -> bool:
    """Whether it is archived without being lost."""
    return row.get("active") is False and not is_lost(row)


def opportunity_fields(
    row: Row, stages: Mapping[str, OpportunityStage], link: str | None, zone: tzinfo
) -> dict[str, Json]:
    """The canonical fields, empty ones as None; `link` is the field that names the contract."""
    code = named(row, "company_currency")
    chance, since = number(row.get("probability")), moment_of(row.get("date_last_stage_update"))
    closed = moment_of(row.get("date_closed")) if is_won(row) or is_lost(row) else None
    created = moment_of(row.get("create_date"))
    customer = inner(row, "partner_id")
    fields: dict[str, Json] = {
        "name": said(row.get("name")) or f"opportunity {row['id']}",
        "loss_reason": named(row, "lost_reason_id"),
        "account": None if customer is None else key(customer.get("commercial_partner_id")) or key(customer),
        "owner": key(row.get("user_id")),
        "amount": amount(row.get("expected_revenue"), code),
        "currency": code,
        **_recurring(row, code),
        "stage": _stage(row, stages).value,
        "stage_id": key(row.get("stage_id")),
        "stage_raw": named(row, "stage_id"),
        "stage_since": None if since is None else since.isoformat(),
        "probability": None if chance is None else plain_number(shifted(chance, -2)),
        "priority": said(row.get("priority")),
        "tags": cast("Json", sorted(name for one in parts(row, "tag_ids") if (name := said(one.get("name"))))),
        "expected_close_on": said(row.get("date_deadline")),
        "closed_on": None if closed is None else closed.astimezone(zone).date().isoformat(),
        "source": named(row, "source_id"),
        "medium": named(row, "medium_id"),
        "campaign": key(row.get("campaign_id")),
        "created_on": None if created is None else created.astimezone(zone).date().isoformat(),
        "lines": cast("Json", _lines(row)),
    }
    if link is not None:
        fields["contract"] = said(row.get(link))
    return fields


def _stage(row: Row, stages: Mapping[str, OpportunityStage]) -> OpportunityStage:
    if is_won(row):
        return OpportunityStage.WON
    if is_lost(row):
        return OpportunityStage.LOST
    return stages.get(named(row, "stage_id") or "", OpportunityStage.OPEN)


def _recurring(row: Row, code: str | None) -> dict[str, Json]:
    plan = inner(row, "recurring_plan")
    months = None if plan is None else number(plan.get("number_of_months"))
    told = amount(row.get("recurring_revenue"), code)
    if told is None or not months or months <= 0:
        return {"recurring_amount": None, "recurring_every": None}
    return {"recurring_amount": told, "recurring_every": f"P{int(months)}M"}


def _lines(row: Row) -> list[dict[str, Json]]:
    orders = parts(row, "order_ids")
    firm = [one for one in orders if one.get("state") in _CONFIRMED]
    chosen = firm or [one for one in orders if one.get("state") in _OPEN]
    lines: list[dict[str, Json]] = []
    for order in sorted(chosen, key=lambda one: int(one["id"])):
        code = named(order, "currency_id")
        for line in in_order(parts(order, "order_line")):
            if not line.get("display_type") and not line.get("is_downpayment"):
                lines.append(_line(line, len(lines) + 1, code))
    return lines


def _line(line: Row, position: int, code: str | None) -> dict[str, Json]:
    discount = number(line.get("discount"))
    told: dict[str, Json] = {
        "id": str(line["id"]),
        "position": position,
        "quantity": plain_number(number(line.get("product_uom_qty")) or number(0) or _no_number()),
        "description": said(line.get("name")),
        "product": key(line.get("product_id")),
        "unit": named(line, "product_uom_id") or named(line, "product_uom"),
        "unit_price": price(line.get("price_unit"), code),
        "discount": plain_number(shifted(discount, -2)) if discount else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def changed(fields: Fields, link: str | None) -> dict[str, Any]:
    """The values to write so that the opportunity shows `fields`; stages are moved by `moves`."""
    return {link: fields["contract"] or False} if link is not None and "contract" in fields else {}


def move(fields: Fields) -> str | None:
    """Odoo's action that brings an opportunity into the stage wanted; None when none is."""
    return _MOVED.get(str(fields.get("stage")))


def unwritable(row: Row | None, fields: Fields, link: str | None) -> str | None:
    """Why these fields cannot be written, in words; None when they can."""
    if row is None:
        return "opportunities are made in Odoo itself"
    for name, value in fields.items():
        if name == "stage" and isinstance(value, str) and value in _MOVED:
            continue
        if name != "contract" or link is None:
            return f"Odoo keeps {name} of an opportunity by itself"
        if value is not None and not isinstance(value, str):
            return f"contract is {value!r}; expected a text"
    return None


def _no_number() -> Any:  # noqa: ANN401 - never returns
    raise AssertionError


def ids_by_move(moves: Mapping[int, str | None]) -> dict[str, Sequence[int]]:
    """The opportunities to move, by the action that moves them."""
    actions = sorted({action for action in moves.values() if action is not None})
    return {action: [one for one, own in moves.items() if own == action] for action in actions}
