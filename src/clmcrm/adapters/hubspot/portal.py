"""What must be known of a HubSpot account before its records make sense: time zone, currency, deal stages.

Stages are the account's own: each pipeline names them, and says which are closed and how likely they are to be won.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any, Final, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from clmcrm.adapters.hubspot.properties import number
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.wire import VENDOR, rows
from clmcrm.adapters.trees import tree_in
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.errors import MalformedReply
from clmcrm.ports.calls import Flow

DETAILS: Final = "/account-info/v3/details"
PIPELINES: Final = "/crm/v3/pipelines/deals"

STANDARD: Final = {
    "appointmentscheduled": OpportunityStage.QUALIFICATION,
    "qualifiedtobuy": OpportunityStage.DISCOVERY,
    "presentationscheduled": OpportunityStage.PROPOSAL,
    "decisionmakerboughtin": OpportunityStage.NEGOTIATION,
    "contractsent": OpportunityStage.COMMITTED,
    "closedwon": OpportunityStage.WON,
    "closedlost": OpportunityStage.LOST,
}
"""The stages of the sales pipeline that every account begins with; any other open stage is OPEN."""


@frozen(kw_only=True)
class Stage:
    """One stage of one pipeline, as the account has it; `order` is where it stands in its pipeline."""

    id: str
    label: str
    pipeline: str
    order: int
    stage: OpportunityStage
    probability: Decimal | None = None


@frozen(kw_only=True)
class Portal:
    """An account: its id, time zone, home currency, and the stages of all its deal pipelines by their ids."""

    id: str = ""
    zone: tzinfo = UTC
    currency: str = ""
    stages: Mapping[str, Stage] = field(factory=dict[str, Stage])

    def stage_of(self, raw: str | None) -> OpportunityStage:
        """The canonical stage; UNKNOWN for one that no pipeline of the account has (any more)."""
        found = self.stages.get(raw or "")
        return OpportunityStage.UNKNOWN if found is None else found.stage

    def stage_for(self, stage: OpportunityStage, pipeline: str | None) -> Stage | None:
        """The first stage of a pipeline (None: the account's first) with that meaning; None when it has none."""
        wanted = pipeline or next(iter(self.stages.values())).pipeline if self.stages else pipeline
        fits = [one for one in self.stages.values() if one.pipeline == wanted and one.stage is stage]
        return min(fits, key=lambda one: one.order) if fits else None


def read_portal(session: HubSpotSession) -> Flow[Portal]:
    """What the account says of itself; raises what the session raises, and `MalformedReply` for nonsense."""
    details = yield from session.get(DETAILS)
    told = tree_in(details)
    try:
        zone: tzinfo = ZoneInfo(str(told.get("timeZone") or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MalformedReply(
            VENDOR, f"GET {DETAILS}: $.timeZone", f"{told.get('timeZone')!r} is no time zone"
        ) from None
    found = yield from session.get(PIPELINES)
    return Portal(
        id=str(told.get("portalId") or ""),
        zone=zone,
        currency=str(told.get("companyCurrency") or ""),
        stages={stage.id: stage for stage in _stages(rows(found, f"GET {PIPELINES}"))},
    )


def _stages(pipelines: list[dict[str, Any]]) -> list[Stage]:
    ordered = sorted(pipelines, key=_order)
    return [_stage(one, str(line.get("id"))) for line in ordered for one in cast("list[Any]", line.get("stages") or [])]


def _stage(told: Mapping[str, Any], pipeline: str) -> Stage:
    meta = cast("Mapping[str, Any]", told.get("metadata") or {})
    try:
        probability = number(str(meta["probability"])) if meta.get("probability") not in (None, "") else None
    except ValueError:
        probability = None
    name = str(told.get("id"))
    closed = str(meta.get("isClosed")).lower() == "true"
    return Stage(
        id=name, label=str(told.get("label") or name), pipeline=pipeline, order=_order(told),
        stage=_meaning(name, closed=closed, probability=probability), probability=probability,
    )  # fmt: skip


def _meaning(name: str, *, closed: bool, probability: Decimal | None) -> OpportunityStage:
    if closed and probability is not None:
        return OpportunityStage.WON if probability == 1 else OpportunityStage.LOST
    found = STANDARD.get(name, OpportunityStage.UNKNOWN if closed else OpportunityStage.OPEN)
    open_now = found not in (OpportunityStage.WON, OpportunityStage.LOST)
    return found if open_now or closed else OpportunityStage.OPEN


def _order(told: Mapping[str, Any]) -> int:
    found = told.get("displayOrder")
    return found if isinstance(found, int) else 0
