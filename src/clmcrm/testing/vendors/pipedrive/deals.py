"""What is special about deals: stages, statuses and what follows from them, products, currencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from clmcrm.testing.vendors.pipedrive.fields import FREQUENCIES, STATUSES
from clmcrm.testing.vendors.pipedrive.records import Record, Records, stamp
from clmcrm.testing.vendors.pipedrive.refusals import invalid, not_found

PIPELINES: Final[Sequence[Mapping[str, Any]]] = (
    {"id": 1, "name": "Sales", "order_nr": 1, "is_deleted": False, "is_deal_probability_enabled": True},
    {"id": 2, "name": "Renewals", "order_nr": 2, "is_deleted": False, "is_deal_probability_enabled": False},
)
_NAMES: Final = {
    1: ("Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started"), 2: ("To call", "Offer")
}  # fmt: skip


def _stages() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for pipeline, names in _NAMES.items():
        for place, name in enumerate(names, 1):
            made.append(
                {
                    "id": pipeline * 10 + place, "order_nr": place, "name": name, "is_deleted": False,
                    "deal_probability": 20 * place - 10, "pipeline_id": pipeline, "is_deal_rot_enabled": False,
                    "days_to_rotten": None, "add_time": "2026-01-01T00:00:00Z", "update_time": None,
                }
            )  # fmt: skip
    return made


STAGES: Final[Sequence[Mapping[str, Any]]] = tuple(_stages())
_BY_ID: Final = {int(one["id"]): one for one in STAGES}


def checked(values: dict[str, Any], record: Record | None, currencies: Sequence[str]) -> None:
    """Fill in and check what belongs together in a deal; raises `Refused`."""
    old: Mapping[str, Any] = {} if record is None else record.values
    if "currency" in values and values["currency"] not in currencies:
        raise invalid(f"currency: Unknown value '{values['currency']}'")
    _stage(values, old)
    status = values.get("status", old.get("status", "open"))
    if status not in STATUSES:
        raise invalid(f"status: Unknown value '{status}'")
    if values.get("lost_reason") is not None and status != "lost":
        raise invalid("lost_reason can only be set if deal status is lost")
    for name, which in (("won_time", "won"), ("lost_time", "lost")):
        if values.get(name) is not None and status != which:
            raise invalid(f"{name} can only be set if deal status is {which}")
    if values.get("close_time") is not None and status == "open":
        raise invalid("close_time can only be set if deal status is won or lost")
    chance = values.get("probability")
    if chance is not None and not 0 <= chance <= 100:  # noqa: PLR2004 - of a hundred
        raise invalid("probability: must be between 0 and 100")


def followed(records: Records, values: dict[str, Any], record: Record | None, currency: str) -> None:
    """What Pipedrive sets by itself beside these values."""
    old: Mapping[str, Any] = {} if record is None else record.values
    now = stamp(records.clock.now)
    if record is None:
        defaults: dict[str, Any] = {
            "status": "open", "currency": currency, "value": 0, "owner_id": 7, "creator_user_id": 7,
            "is_archived": False, "origin": "API", "visible_to": 3, "label_ids": [],
        }  # fmt: skip
        values.update({name: value for name, value in defaults.items() if name not in values})
    if values.get("stage_id", old.get("stage_id")) != old.get("stage_id"):
        values["stage_change_time"] = now
    if values.get("is_archived") is True:
        _ = values.setdefault("archive_time", now)
    if "status" in values and values["status"] != old.get("status"):
        _closed(values, now)


def _closed(values: dict[str, Any], now: str) -> None:
    status = values["status"]
    at = values.get(f"{status}_time") or values.get("close_time") or now
    for name in ("won", "lost"):
        values[f"{name}_time"] = at if status == name else None
        values[f"local_{name}_date"] = at[:10] if status == name else None
    values["close_time"] = None if status == "open" else at
    values["local_close_date"] = None if status == "open" else at[:10]
    if status != "lost":
        values["lost_reason"] = None


def _stage(values: dict[str, Any], old: Mapping[str, Any]) -> None:
    stage, pipeline = values.get("stage_id"), values.get("pipeline_id")
    if stage is not None:
        if stage not in _BY_ID:
            raise not_found("Stage")
        if pipeline is not None and _BY_ID[stage]["pipeline_id"] != pipeline:
            raise invalid("stage_id: the stage is of another pipeline")
        values["pipeline_id"] = _BY_ID[stage]["pipeline_id"]
    elif pipeline is not None and pipeline != old.get("pipeline_id"):
        firsts = [one for one in STAGES if one["pipeline_id"] == pipeline]
        if not firsts:
            raise not_found("Pipeline")
        values["stage_id"] = firsts[0]["id"]
    elif not old:
        values["stage_id"], values["pipeline_id"] = STAGES[0]["id"], STAGES[0]["pipeline_id"]


def attach(record: Record, number: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """A product attached to a deal by hand."""
    made: dict[str, Any] = {
        "id": number, "deal_id": record.id, "product_id": number, "product_variation_id": None, "name": "Licence",
        "quantity": 1, "item_price": 0, "currency": record.values.get("currency"), "discount": 0,
        "discount_type": "percentage", "tax": 0, "tax_method": "none", "comments": None, "is_enabled": True,
        "billing_frequency": "one-time", "billing_frequency_cycles": None, "billing_start_date": None,
        "sum": 0, **values,
    }  # fmt: skip
    if made["billing_frequency"] not in FREQUENCIES:
        raise invalid(f"billing_frequency: Unknown value '{made['billing_frequency']}'")
    record.products.append(made)
    return made
