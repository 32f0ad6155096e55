"""Opportunities as HubSpot keeps them: deals, with their line items.

| canonical field | property |
| --- | --- |
| `name`, `description`, `owner` | dealname, description, hubspot_owner_id |
| `next_step`, `priority` | hs_next_step, hs_priority |
| `loss_reason`, `win_reason` | closed_lost_reason, closed_won_reason |
| `amount`, `currency` | amount, deal_currency_code (else the account's own currency) |
| `pipeline`, `stage_id`, `stage`, `stage_raw` | pipeline, dealstage; its meaning and label are read from the pipeline |
| `stage_since`, `probability` | hs_v2_date_entered_current_stage, hs_deal_stage_probability |
| `expected_close_on`, and `closed_on` once it is won or lost | closedate, the day in the account's time zone |
| `forecast_category` | hs_manual_forecast_category |
| `kind`, `kind_raw` | dealtype |
| `account` | the association to the primary company |
| `lines` | its associated line items |
| `contract` | clmcrm_contract, a property of our own: the one field that the CLM writes |
| `created_on` | createdate, the day in the account's time zone |
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import (
    EMPTY,
    Properties,
    Sent,
    Unwritable,
    amount,
    day_there,
    instant,
    noon_there,
    number,
    sent_amount,
    sent_day,
    sent_text,
    text,
)
from clmcrm.crm.opportunity import CLOSED_STAGES, ForecastCategory, OpportunityKind, OpportunityStage
from clmcrm.ports.records import Fields, Json
from clmcrm.values.exact import plain_number

OBJECT: Final = "deals"
MODIFIED: Final = "hs_lastmodifieddate"
STAGE: Final = "dealstage"
CONTRACT: Final = "clmcrm_contract"
"""The property that names the contract made from the deal; the account must have it."""

TEXTS: Final = {
    "name": "dealname",
    "description": "description",
    "owner": "hubspot_owner_id",
    "next_step": "hs_next_step",
    "priority": "hs_priority",
    "loss_reason": "closed_lost_reason",
    "win_reason": "closed_won_reason",
    "pipeline": "pipeline",
    "contract": CONTRACT,
}
KINDS: Final = {"newbusiness": OpportunityKind.NEW_BUSINESS, "existingbusiness": OpportunityKind.EXPANSION}
"""Every standard value of `dealtype`; an account's own values are kept verbatim as `kind_raw`."""

FORECASTS: Final = {
    "OMIT": ForecastCategory.OMITTED,
    "PIPELINE": ForecastCategory.PIPELINE,
    "BEST_CASE": ForecastCategory.BEST_CASE,
    "COMMIT": ForecastCategory.COMMIT,
    "CLOSED": ForecastCategory.CLOSED,
}
"""Every standard value of `hs_manual_forecast_category`; another one is shown as none, and left as it is there."""

_RAW_KINDS: Final = {kind.value: raw for raw, kind in KINDS.items()}
_RAW_FORECASTS: Final = {kind.value: raw for raw, kind in FORECASTS.items()}

MAPPED: Final = (
    *TEXTS.values(), "amount", "deal_currency_code", STAGE, "dealtype", "closedate", "createdate",
    "hs_deal_stage_probability", "hs_v2_date_entered_current_stage", "hs_manual_forecast_category",
)  # fmt: skip
CARRIED: Final = (
    "hs_tcv", "hs_acv", "hs_arr", "hs_mrr", "hs_forecast_amount", "hs_forecast_probability", "hs_campaign",
    "hs_all_collaborator_owner_ids", "hs_deal_score", "hs_exchange_rate", "amount_in_home_currency",
    "hs_projected_amount", "hs_is_closed_won", "hs_is_closed", "num_associated_contacts", "days_to_close",
    "hs_analytics_source", "hs_num_of_associated_line_items", "hs_primary_associated_company",
)  # fmt: skip
"""Standard properties without a canonical home: shown in `extras`; those HubSpot computes cannot be written."""

SHOWN: Final = frozenset(
    {
        *TEXTS, "amount", "currency", "stage", "stage_id", "stage_raw", "stage_since", "probability", "kind",
        "kind_raw", "expected_close_on", "closed_on", "forecast_category", "account", "lines", "created_on", "extras",
    }
)  # fmt: skip
WRITABLE: Final = frozenset(
    {
        *TEXTS, "amount", "currency", "stage", "stage_id", "kind", "kind_raw", "expected_close_on",
        "forecast_category", "account", "extras",
    }
)  # fmt: skip


def shown(properties: Properties, portal: Portal) -> dict[str, Json]:
    """The canonical fields, empty ones as None; raises `ValueError` for a value that nobody can read."""
    fields: dict[str, Json] = {name: text(properties, raw) for name, raw in TEXTS.items()}
    fields["name"] = fields["name"] or "(no name)"
    said, code = text(properties, "amount"), text(properties, "deal_currency_code") or portal.currency or None
    fields["currency"] = code
    fields["amount"] = None if said is None or code is None else amount(said, code)
    fields.update(_stage_shown(properties, portal))
    day = text(properties, "closedate")
    fields["expected_close_on"] = None if day is None else day_there(day, portal.zone)
    closed = fields["stage"] in _CLOSED
    fields["closed_on"] = fields["expected_close_on"] if closed else None
    raw = text(properties, "dealtype")
    fields["kind_raw"] = raw
    fields["kind"] = None if raw is None or raw not in KINDS else KINDS[raw].value
    forecast = text(properties, "hs_manual_forecast_category")
    fields["forecast_category"] = None if forecast not in FORECASTS else FORECASTS[forecast].value
    created = text(properties, "createdate")
    fields["created_on"] = None if created is None else day_there(created, portal.zone)
    return fields


_CLOSED: Final = frozenset(stage.value for stage in CLOSED_STAGES)


def _stage_shown(properties: Properties, portal: Portal) -> dict[str, Json]:
    raw = text(properties, STAGE)
    known = portal.stages.get(raw or "")
    since, chance = text(properties, "hs_v2_date_entered_current_stage"), text(properties, "hs_deal_stage_probability")
    probability = known.probability if chance is None and known else None if chance is None else number(chance)
    return {
        "stage": portal.stage_of(raw).value,
        "stage_id": raw,
        "stage_raw": raw if known is None else known.label,
        "stage_since": None if since is None else instant(since).isoformat(),
        "probability": None if probability is None else plain_number(_share(probability)),
    }


def _share(probability: Decimal) -> Decimal:
    """A probability from 0 to 1; raises `ValueError` for any other number."""
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no probability from 0 to 1")
    return probability


def changed(fields: Fields, portal: Portal) -> Sent:
    """The properties to write so that the deal shows `fields`; raises `Unwritable` for what it cannot."""
    sent: Sent = {}
    for name, value in _without_no_pipeline(fields).items():
        raw = TEXTS.get(name)
        if raw is not None:
            sent[raw] = value if type(value) is str and value.isascii() else sent_text(value, name)
        elif name == "amount":
            sent["amount"], code = sent_amount(value, name)
            if code is not None:
                sent["deal_currency_code"] = _one_currency(fields, code)
        elif name == "currency" and fields.get("amount") is None:
            sent["deal_currency_code"] = sent_text(value, name)
        elif name == "expected_close_on":
            day = sent_day(value, name)
            sent["closedate"] = EMPTY if day is None else noon_there(day, portal.zone)
        elif name in ("kind", "kind_raw"):
            sent["dealtype"] = _kind(fields)
        elif name == "forecast_category":
            sent["hs_manual_forecast_category"] = _known(value, _RAW_FORECASTS, name)
        elif name in ("stage", "stage_id"):
            sent.update(_stage_sent(fields, portal))
    return sent


def _without_no_pipeline(fields: Fields) -> Fields:
    """A deal always has a pipeline: where none is said, it is that of its stage."""
    if fields.get("pipeline", EMPTY) is not None:
        return fields
    return {name: value for name, value in fields.items() if name != "pipeline"}


def check_update(fields: Fields, portal: Portal) -> None:
    """Raise `Unwritable` for a change of stage that does not say in which pipeline, where the account has several.

    Several stages mean "won" there; the first one would move the deal out of its pipeline.
    """
    said = fields.get("stage") is not None and not fields.get("stage_id") and not fields.get("pipeline")
    pipelines = sorted({stage.pipeline for stage in portal.stages.values()})
    if said and len(pipelines) > 1:
        raise Unwritable(f"stage needs a pipeline or a stage_id beside it: the account has {', '.join(pipelines)}")


def _one_currency(fields: Fields, code: str) -> str:
    told = fields.get("currency")
    if told is not None and told != code:
        raise Unwritable(f"amount is in {code}, and currency is {told!r}; a deal has one currency")
    return code


def _kind(fields: Fields) -> str:
    """The type to write: the verbatim word where the record brings one along, else the one for the canonical kind."""
    if fields.get("kind_raw"):
        return sent_text(fields["kind_raw"], "kind_raw")
    return _known(fields.get("kind"), _RAW_KINDS, "kind")


def _known(value: Json, words: dict[str, str], name: str) -> str:
    """HubSpot's own word for a canonical one; empty for none."""
    said = sent_text(value, name)
    if not said:
        return said
    if said not in words:
        raise Unwritable(f"{name} is {said!r}; HubSpot has {', '.join(sorted(words))}")
    return words[said]


def _stage_sent(fields: Fields, portal: Portal) -> Sent:
    """The stage to write: by its own id where that is given, else the first of its pipeline with that meaning."""
    own = fields.get("stage_id")
    if own is not None:
        raw = sent_text(own, "stage_id")
        if raw not in portal.stages:
            raise Unwritable(f"stage_id is {raw!r}; the account has {', '.join(portal.stages)}")
        its = portal.stages[raw].pipeline
        if fields.get("pipeline") not in (None, its):
            raise Unwritable(f"stage_id {raw} is of pipeline {its}, and pipeline is {fields['pipeline']!r}")
        return {STAGE: raw, "pipeline": its}
    said = fields.get("stage")
    if said is None:
        raise Unwritable("stage is empty; a deal always has one")
    pipeline = fields.get("pipeline")
    meant = next((stage for stage in OpportunityStage if stage.value == said), None)
    found = None if meant is None else portal.stage_for(meant, pipeline if isinstance(pipeline, str) else None)
    if found is None:
        raise Unwritable(f"stage is {said!r}; no stage of pipeline {pipeline or 'of the account'} means that")
    return {STAGE: found.id, "pipeline": found.pipeline}
