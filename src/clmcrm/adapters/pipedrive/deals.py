"""Opportunities as Pipedrive keeps them: deals, with the products attached to them.

| canonical field | field |
| --- | --- |
| `name`, `owner`, `account` | title, owner_id, org_id |
| `amount`, `currency` | value, currency |
| `stage` | status where it is won or lost, else the meaning of the stage |
| `pipeline`, `stage_id`, `stage_raw` | pipeline_id, stage_id, the stage's name (a status that is none of Pipedrive's) |
| `stage_since`, `probability` | stage_change_time, probability (of a hundred) |
| `loss_reason` | lost_reason, which only a lost deal may have |
| `expected_close_on` | expected_close_date |
| `closed_on` | local_close_date, or the day of close_time in the time zone of the user who asks |
| `lines` | the products attached to it |
| `contract` | the custom field "clmcrm contract": the one field that the CLM writes |
| `created_on` | add_time, the day in the time zone of the user who asks |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from clmcrm.adapters.pipedrive.company import Company
from clmcrm.adapters.pipedrive.plain import (
    Body,
    Row,
    Unwritable,
    amount,
    day,
    day_there,
    held,
    instant,
    key_of,
    number,
    sent_amount,
    sent_day,
    sent_key,
    sent_text,
    text,
)
from clmcrm.crm.opportunity import CLOSED_STAGES, OpportunityStage
from clmcrm.ports.records import Fields, Json
from clmcrm.values.exact import plain_number, product_of, shifted

OBJECT: Final = "deals"
CONTRACT: Final = "clmcrm contract"
"""The custom field that names the contract made from the deal; the company must have it."""

STATUSES: Final = {"open": None, "won": OpportunityStage.WON, "lost": OpportunityStage.LOST}
"""Every status of a deal that is there; an open one stands where its stage says."""

MAPPED: Final = (
    "title", "owner_id", "org_id", "value", "currency", "status", "stage_id", "pipeline_id", "stage_change_time",
    "probability", "lost_reason", "expected_close_date", "close_time", "local_close_date", "add_time",
)  # fmt: skip
CARRIED: Final = (
    "person_id", "label_ids", "visible_to", "is_archived", "archive_time", "won_time", "lost_time", "close_time",
    "origin", "origin_id", "channel", "channel_id", "creator_user_id", "source_lead_id", "acv", "arr", "mrr",
    "local_won_date", "local_lost_date", "local_close_date",
)  # fmt: skip
"""Standard fields without a canonical home: shown in `extras`, written back from there but for what is computed."""

SHOWN: Final = frozenset(
    {
        "name", "owner", "account", "amount", "currency", "stage", "pipeline", "stage_id", "stage_raw", "stage_since",
        "probability", "loss_reason", "expected_close_on", "closed_on", "lines", "contract", "created_on", "extras",
    }
)  # fmt: skip
WRITABLE: Final = SHOWN - {"stage_raw", "stage_since", "closed_on", "lines", "created_on"}

_CLOSED: Final = frozenset(stage.value for stage in CLOSED_STAGES)
_STAGES: Final = {stage.value: stage for stage in OpportunityStage}


def shown(row: Row, company: Company) -> dict[str, Json]:
    """The canonical fields but for the lines, empty ones as None; raises `ValueError` for what nobody can read."""
    value, code = row.get("value"), text(row, "currency") or company.currency or None
    since, chance, created = text(row, "stage_change_time"), row.get("probability"), text(row, "add_time")
    expected = text(row, "expected_close_date")
    stage, status = _stage(row, company), text(row, "status")
    own = company.stages.get(str(row.get("stage_id")))
    return {
        "name": text(row, "title") or "(no name)",
        "owner": key_of(row.get("owner_id")),
        "account": key_of(row.get("org_id")),
        "amount": None if value is None or code is None else amount(value, code),
        "currency": code,
        "stage": stage.value,
        "pipeline": key_of(row.get("pipeline_id")),
        "stage_id": key_of(row.get("stage_id")),
        "stage_raw": own.name if own is not None and status in STATUSES else status,
        "stage_since": None if since is None else instant(since).isoformat(),
        "probability": _share(chance) if chance is not None else _stage_chance(stage, company, row),
        "loss_reason": text(row, "lost_reason"),
        "expected_close_on": None if expected is None else day(expected),
        "closed_on": _closed_on(row, company) if stage.value in _CLOSED else None,
        "created_on": None if created is None else day_there(created, company.zone),
    }


def _stage(row: Row, company: Company) -> OpportunityStage:
    """The canonical stage; UNKNOWN for a status that is none of Pipedrive's."""
    status = text(row, "status")
    if status not in STATUSES:
        return OpportunityStage.UNKNOWN
    found = STATUSES[status]
    if found is not None:
        return found
    own = company.stages.get(str(row.get("stage_id")))
    return OpportunityStage.OPEN if own is None else own.meaning


def _stage_chance(stage: OpportunityStage, company: Company, row: Row) -> str | None:
    own = company.stages.get(str(row.get("stage_id")))
    if own is None or own.probability is None or stage in CLOSED_STAGES:
        return None
    return plain_number(own.probability)


def _share(value: object) -> str:
    """A probability from 0 to 1; raises `ValueError` for any other number."""
    chance = shifted(number(value), -2)
    if not 0 <= chance <= 1:
        raise ValueError(f"probability {value} is none of a hundred")
    return plain_number(chance)


def _closed_on(row: Row, company: Company) -> str | None:
    told = text(row, "local_close_date")
    if told is not None:
        return day(told)
    moment = text(row, "close_time") or text(row, "won_time") or text(row, "lost_time")
    return None if moment is None else day_there(moment, company.zone)


def changed(fields: Fields, company: Company, present: Row) -> Body:
    """The body that makes the deal show `fields`; raises `Unwritable` for what it cannot."""
    del present
    sent: Body = {}
    for name, value in fields.items():
        if name in _SIMPLE:
            raw, read = _SIMPLE[name]
            sent[raw] = read(value, name)
        elif name == "amount":
            sent.update(_amount_sent(fields, value))
        elif name in ("currency", "pipeline") and value is not None:
            _ = sent.setdefault(*_AND_NOT_EMPTIED[name](value, name))
        elif name in ("stage", "stage_id"):
            sent.update(_stage_sent(fields, company))
    if "title" in sent and sent["title"] is None:
        raise Unwritable("name is empty; a deal always has a title")
    return sent


_SIMPLE: Final[Mapping[str, tuple[str, Callable[[Json, str], object]]]] = {
    "name": ("title", sent_text),
    "owner": ("owner_id", lambda value, name: sent_key(value, name, "users")),
    "account": ("org_id", lambda value, name: sent_key(value, name, "organizations")),
    "expected_close_on": ("expected_close_date", sent_day),
    "loss_reason": ("lost_reason", sent_text),
    "probability": ("probability", lambda value, _: None if value is None else _of_a_hundred(value)),
}
"""Canonical fields that are one field each, with what reads their values."""

_AND_NOT_EMPTIED: Final[Mapping[str, Callable[[Json, str], tuple[str, object]]]] = {
    "currency": lambda value, name: ("currency", sent_text(value, name)),
    "pipeline": lambda value, name: ("pipeline_id", sent_key(value, name, "pipelines")),
}
"""Fields that a deal always has; an amount and a stage say theirs as well."""


def _amount_sent(fields: Fields, value: Json) -> Body:
    said, code = sent_amount(value, "amount")
    return {"value": said} if code is None else {"value": said, "currency": _one_currency(fields, code)}


def check_update(fields: Fields, company: Company) -> None:
    """Raise `Unwritable` for a stage that does not say in which pipeline, where the company has several.

    The first stage of that meaning would move the deal out of its pipeline. Won, lost and open say nothing of a stage.
    """
    said = fields.get("stage")
    by_status = said == OpportunityStage.OPEN.value or (isinstance(said, str) and said in _CLOSED)
    if said is None or by_status or fields.get("stage_id") or fields.get("pipeline"):
        return
    pipelines = sorted({stage.pipeline for stage in company.stages.values()})
    if len(pipelines) > 1:
        raise Unwritable(f"stage needs a pipeline or a stage_id beside it: the company has {', '.join(pipelines)}")


def _one_currency(fields: Fields, code: str) -> str:
    told = fields.get("currency")
    if told is not None and told != code:
        raise Unwritable(f"amount is in {code}, and currency is {told!r}; a deal has one currency")
    return code


def _of_a_hundred(value: Json) -> object:
    try:
        chance = product_of(number(value), Decimal(100))
    except ValueError as problem:
        raise Unwritable(f"probability: {problem}") from None
    if not 0 <= chance <= 100:  # noqa: PLR2004 - of a hundred
        raise Unwritable(f"probability is {value!r}; expected a share from 0 to 1")
    return held(Decimal(plain_number(chance)), "probability")


def _stage_sent(fields: Fields, company: Company) -> Body:
    """The status to write, and the stage: by its own id where that is given, else the first that means it."""
    own, said = fields.get("stage_id"), fields.get("stage")
    sent: Body = {}
    if own is not None:
        raw = str(own)
        if raw not in company.stages:
            raise Unwritable(f"stage_id is {own!r}; the company has {', '.join(company.stages)}")
        its = company.stages[raw].pipeline
        if fields.get("pipeline") not in (None, its):
            raise Unwritable(f"stage_id {raw} is of pipeline {its}, and pipeline is {fields['pipeline']!r}")
        sent = {"stage_id": int(raw), "pipeline_id": sent_key(its, "pipeline", "pipelines")}
    if "stage" not in fields:
        return sent
    meant = _STAGES.get(said) if isinstance(said, str) else None
    if meant is None or meant is OpportunityStage.UNKNOWN:
        raise Unwritable(f"stage is {said!r}; a deal is open, won or lost")
    if meant in CLOSED_STAGES:
        return {**sent, "status": meant.value}
    if own is not None or meant is OpportunityStage.OPEN:
        return {**sent, "status": "open"}
    pipeline = fields.get("pipeline")
    found = company.stage_for(meant, pipeline if isinstance(pipeline, str) else None)
    if found is None:
        raise Unwritable(f"stage is {said!r}; no stage of pipeline {pipeline or 'of the company'} means that")
    return {"status": "open", "stage_id": int(found.id), "pipeline_id": int(found.pipeline)}
