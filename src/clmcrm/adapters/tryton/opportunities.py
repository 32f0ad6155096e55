"""Opportunities as Tryton keeps them, with the lines of the sales they were converted into.

| canonical field | in `sale.opportunity` |
| --- | --- |
| `name`, `description`, `loss_reason` | description (or number), comment, lost_reason |
| `account`, `owner` | party, employee |
| `amount`, `currency` | amount, currency; Tryton rewrites the amount when it converts |
| `stage`, `stage_raw` | state |
| `probability` | conversion_probability |
| `closed_on`, `created_on` | end_date, start_date |
| `contract` | reference: the one field that we write |
| `lines` | the lines of its sales, with their prices; before conversion its own, which have none |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

from clmcrm.adapters.tryton.versions import STAMP, stamps, version_of
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.ports.records import Fields, Json, Kind, Seen
from clmcrm.values.exact import plain_number

MODEL: Final = "sale.opportunity"
PARTS: Final[Mapping[str, str]] = {}
WATCHED: Final = {"lines": "sale.opportunity.line", "sales": "sale.sale"}
"""What belongs to an opportunity without being written by us: a change there is a change of it."""
READ: Final = (
    "number", "description", "comment", "lost_reason", "reference", "party", "employee", "amount", "currency.code",
    "state", "conversion_probability", "start_date", "end_date", "last_modified_at", STAMP,
    "lines.sequence", "lines.description", "lines.quantity", "lines.unit.symbol", "lines.product", "lines.summary",
    "sales.state", "sales.currency.code", "sales.lines.type", "sales.lines.sequence", "sales.lines.description",
    "sales.lines.quantity", "sales.lines.unit.symbol", "sales.lines.unit_price", "sales.lines.product",
    "sales.lines.summary",
)  # fmt: skip

STAGES: Final = {
    "lead": OpportunityStage.QUALIFICATION,
    "opportunity": OpportunityStage.DISCOVERY,
    "converted": OpportunityStage.PROPOSAL,
    "won": OpportunityStage.WON,
    "lost": OpportunityStage.LOST,
    "cancelled": OpportunityStage.LOST,
}
"""Every state of series 8.2; another one is UNKNOWN, and kept verbatim as `stage_raw` like all of them."""

WRITABLE: Final = frozenset({"contract"})
"""Tryton moves states by its own buttons and computes amounts: only the link to the contract is ours."""

WRITTEN: Final = frozenset({"reference"})
"""The field of an opportunity that the link is written to; all others that can be written are carried."""

SHOWN: Final = frozenset(
    {
        "name", "description", "loss_reason", "account", "owner", "amount", "currency", "stage", "stage_raw",
        "probability", "closed_on", "created_on", "contract", "lines",
    }
)  # fmt: skip
"""The canonical fields that an opportunity of Tryton has a place for."""

_DEAD_SALES: Final = frozenset({"cancelled"})

Row = Mapping[str, Any]


def shown(row: Row) -> Seen:
    """The opportunity, and its version."""
    return Seen(
        kind=Kind.OPPORTUNITY,
        key=str(row["id"]),
        fields=opportunity_fields(row),
        version=version_of(stamps(MODEL, row, PARTS)),
        changed_at=cast("datetime | None", row["last_modified_at"]),
    )


def opportunity_fields(row: Row) -> dict[str, Json]:
    """The canonical fields, empty ones as None."""
    code = _code(row)
    amount, probability = row["amount"], row["conversion_probability"]
    return {
        "name": row["description"] or f"opportunity {row['number']}",
        "description": row["comment"] or None,
        "loss_reason": row["lost_reason"] or None,
        "account": _key(row["party"]),
        "owner": _key(row["employee"]),
        "amount": None if amount is None or code is None else {"amount": f"{amount:f}", "currency": code},
        "currency": code,
        "stage": STAGES.get(row["state"], OpportunityStage.UNKNOWN).value,
        "stage_raw": row["state"],
        "probability": None if probability is None else plain_number(Decimal(probability)),
        "closed_on": _day(row["end_date"]),
        "created_on": _day(row["start_date"]),
        "contract": row["reference"] or None,
        "lines": cast("Json", _sold(row) or _wished(row)),
    }


def changed(fields: Fields) -> dict[str, Any]:
    """The values to write so that the opportunity shows `fields`."""
    return {"reference": fields["contract"]} if "contract" in fields else {}


def unwritable(fields: Fields) -> str | None:
    """Why these fields cannot be written, in words; None when they can."""
    for name, value in fields.items():
        if name not in WRITABLE:
            return f"Tryton keeps {name} of an opportunity by itself"
        if value is not None and not isinstance(value, str):
            return f"{name} is {value!r}; expected a text"
    return None


def _sold(row: Row) -> list[dict[str, Json]]:
    """The lines of the sales that stand, each with the price agreed there."""
    lines: list[dict[str, Json]] = []
    for sale in cast("Sequence[Row]", row.get("sales.") or ()):
        code = _code(sale)
        if sale["state"] in _DEAD_SALES:
            continue
        for line in _in_order(sale):
            if line["type"] == "line":
                lines.append({"id": f"{sale['id']}-{line['id']}", **_line(line, len(lines) + 1, code)})
    return lines


def _wished(row: Row) -> list[dict[str, Json]]:
    return [{"id": str(line["id"]), **_line(line, k, None)} for k, line in enumerate(_in_order(row), 1)]


def _in_order(row: Row) -> list[Row]:
    found = cast("Sequence[Row]", row.get("lines.") or ())
    return sorted(found, key=lambda line: (line["sequence"] is None, line["sequence"] or 0, line["id"]))


def _line(line: Row, position: int, code: str | None) -> dict[str, Json]:
    fields: dict[str, Json] = {"position": position, "quantity": plain_number(Decimal(line["quantity"] or 0))}
    said = line["description"] or line["summary"]
    if said:
        fields["description"] = said
    if line["product"] is not None:
        fields["product"] = str(line["product"])
    if line.get("unit."):
        fields["unit"] = line["unit."]["symbol"]
    price = line.get("unit_price")
    if price is not None and code is not None:
        fields["unit_price"] = {"amount": f"{price:f}", "currency": code}
    return fields


def _code(row: Row) -> str | None:
    currency = row.get("currency.")
    return None if currency is None else str(currency["code"])


def _key(number: int | None) -> str | None:
    return None if number is None else str(number)


def _day(day: Any) -> str | None:  # noqa: ANN401 - a date or None, as decoded
    return None if day is None else day.isoformat()
