"""Conversion looked at more closely: by stage of a pipeline, by month of creation, by owner.

The rule of the file: the parts of a partition never overlap, so their populations sum to the population of
the whole; their shares do not sum to anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import Final, TypeVar

from clmcrm.crm.closed_sales import sale_name
from clmcrm.crm.figure_definitions import STAGE_CONVERSION
from clmcrm.crm.kpis import conversion_rate
from clmcrm.crm.lead import Lead
from clmcrm.crm.opportunity import CLOSED_STAGES, Opportunity, OpportunityStage, StageChange
from clmcrm.crm.pipeline import Pipeline, Stage
from clmcrm.values.exact import round_to
from clmcrm.values.figures import Figure, FigureValue, LeftOut
from clmcrm.values.ids import StageId, UserId
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span

_SHARE_PLACES: Final = 4
K = TypeVar("K")


def conversion_by_owner(leads: Iterable[Lead], period: Span) -> dict[UserId | None, Figure]:
    """The conversion rate of each owner's leads, by owner; None for the leads nobody owns.

    A lead is counted once, with its present owner.

    >>> conversion_by_owner([], Span(date(2026, 1, 1)))
    {}
    """
    return _parted(leads, period, lambda lead: lead.owner)


def conversion_by_cohort(leads: Iterable[Lead], period: Span) -> dict[date | None, Figure]:
    """The conversion rate of the leads of each month, by the month's first day.

    The key None holds the leads whose day of creation is not stated: none of them is counted, all are named.

    >>> conversion_by_cohort([], Span(date(2026, 1, 1)))
    {}
    """
    return _parted(leads, period, _month)


def _month(lead: Lead) -> date | None:
    return None if lead.created_on is None else lead.created_on.replace(day=1)


def _parted(leads: Iterable[Lead], period: Span, key: Callable[[Lead], K]) -> dict[K, Figure]:
    parts: dict[K, list[Lead]] = {}
    for lead in leads:
        if lead.created_on is None or lead.created_on in period:
            parts.setdefault(key(lead), []).append(lead)
    ordered = sorted(parts, key=lambda part: (part is None, str(part)))
    return {part: conversion_rate(parts[part], period) for part in ordered}


def conversion_by_stage(
    opportunities: Iterable[Opportunity], pipeline: Pipeline, period: Span
) -> dict[StageId, Figure]:
    """For each open stage of `pipeline`, the share (0 to 1) of the sales that went on from it.

    A sale counts in a stage when it first entered it in `period` and has since gone on to a later stage, or
    was lost. Sales of another pipeline are passed over; a stage that was skipped does not count. A change of unknown
    meaning means what its stage does in `pipeline`.

    >>> stages = (Stage(id=StageId("new"), name="New", stage=OpportunityStage.QUALIFICATION),)
    >>> from clmcrm.values.ids import PipelineId
    >>> plan = Pipeline(id=PipelineId("p"), name="Direct", stages=stages)
    >>> conversion_by_stage([], plan, Span(date(2026, 1, 1)))["new"].population
    0
    """
    sales = [sale for sale in opportunities if sale.pipeline in {None, pipeline.id}]
    open_stages = [stage for stage in pipeline.stages if stage.stage not in CLOSED_STAGES]
    return {stage.id: _one_stage(sales, pipeline, stage, period) for stage in open_stages}


def _one_stage(sales: Iterable[Opportunity], pipeline: Pipeline, stage: Stage, period: Span) -> Figure:
    went_on = counted = 0
    left_out: list[LeftOut] = []
    for sale in sales:
        answer = _fate(sale, pipeline, stage, period)
        if isinstance(answer, str):
            left_out.append(LeftOut(record=sale_name(sale), reason=answer))
        elif answer is not None:
            counted += 1
            went_on += answer
    value: FigureValue = Unknown(f"no sale went on from {stage.name} or was lost there")
    if counted:
        value = round_to(Fraction(went_on, counted), _SHARE_PLACES)
    return STAGE_CONVERSION.result(value, "share", counted, left_out)


def _fate(sale: Opportunity, pipeline: Pipeline, stage: Stage, period: Span) -> bool | str | None:
    """True: it went on; False: it was lost; a text: why it is left out; None: it is not of the population."""
    if not sale.stage_history:
        return "no history of its stages is kept"
    places = [_place(change, pipeline) for change in sale.stage_history]
    here = pipeline.stages.index(stage)
    if here not in places:
        return None
    entered = places.index(here)
    if sale.stage_history[entered].at.date() not in period:
        return None
    meanings = [_meaning(change, place, pipeline) for change, place in zip(sale.stage_history, places, strict=True)]
    later = zip(places[entered + 1 :], meanings[entered + 1 :], strict=True)
    if any(_is_further(place, meaning, here) for place, meaning in later):
        return True
    if meanings[-1] is OpportunityStage.LOST:
        return False
    return _why_undecided(sale.stage_history[-1], places[-1], here)


def _why_undecided(last: StageChange, place: int | None, here: int) -> str:
    """Why a sale that neither went on nor was lost cannot be counted yet."""
    if place is None:
        return f"its stage {last.stage_id} is not in the pipeline"
    return "it is still in the stage" if place == here else "it has gone back from the stage"


def _is_further(place: int | None, meaning: OpportunityStage, here: int) -> bool:
    if meaning is OpportunityStage.WON:
        return True
    return place is not None and place > here and meaning is not OpportunityStage.LOST


def _meaning(change: StageChange, place: int | None, pipeline: Pipeline) -> OpportunityStage:
    """What a change means: its own canonical stage; where that is not known, the one of its place in the pipeline."""
    if change.stage is OpportunityStage.UNKNOWN and place is not None:
        return pipeline.stages[place].stage
    return change.stage


def _place(change: StageChange, pipeline: Pipeline) -> int | None:
    """The place of a change's stage in the pipeline: by its id, else by its meaning where only one has it."""
    for place, stage in enumerate(pipeline.stages):
        if stage.id == change.stage_id:
            return place
    alike = [place for place, stage in enumerate(pipeline.stages) if stage.stage is change.stage]
    return alike[0] if change.stage_id is None and len(alike) == 1 else None
