"""Pipelines: their stages in order, and whether a sale's moves through them follow the rules.

Rules are findings, not walls: a move that breaks one is reported with the rule it breaks, because the
CRM may already have made it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import attrs
from attrs import evolve, field, frozen

from clmcrm.crm.opportunity import (
    CLOSED_STAGES,
    ForecastCategory,
    Opportunity,
    OpportunityStage,
    StageChange,
)
from clmcrm.crm.recurring import yearly_recurring
from clmcrm.crm.stage_approvals import StageApproval, why_not_approved
from clmcrm.crm.stage_stays import changes_before
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.ids import PipelineId, StageId
from clmcrm.values.instants import in_utc
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Problem
from clmcrm.values.record import Record
from clmcrm.values.validators import each, flag, instance, maybe, member, share, text


@frozen(kw_only=True)
class Stage(Record):
    """One stage of a pipeline and the canonical stage it stands for.

    `probability` (0 to 1) and `forecast_category` are what a sale in it is held to have; None when the
    pipeline sets none. `required` names the opportunity's fields that must be stated to enter it.
    `may_start` says whether a sale may be created in it. `approver` is the role that must approve a sale
    before it enters (None: nobody), and `approval_above` the amount above which it must: every sale when None, and
    always one whose amount is not stated or in another currency.

    Raises `InvalidRecord` for an amount without an approver.
    """

    id: StageId = field(validator=text)
    name: str = field(validator=text)
    stage: OpportunityStage = field(validator=member(OpportunityStage))
    probability: Decimal | None = field(default=None, validator=maybe(share))
    forecast_category: ForecastCategory | None = field(default=None, validator=maybe(member(ForecastCategory)))
    required: tuple[str, ...] = field(default=(), validator=each(text))
    may_start: bool = field(default=True, validator=flag)
    approver: str | None = field(default=None, validator=maybe(text))
    approval_above: Money | None = field(default=None, validator=maybe(instance(Money)))

    def __attrs_post_init__(self) -> None:
        if self.approval_above is not None and self.approver is None:
            raise InvalidRecord(f"Stage {self.id}", "approver", None, "the role that approves above the amount")

    def asks_approval(self, opportunity: Opportunity) -> str | None:
        """The role that must approve `opportunity` before it enters; None when nobody must."""
        limit, amount = self.approval_above, opportunity.amount
        if limit is None or amount is None or amount.currency != limit.currency or amount > limit:
            return self.approver
        return None


@frozen(kw_only=True)
class Pipeline(Record):
    """A sales pipeline: its `stages` in order, and which moves it allows.

    `allows_skipping` and `allows_backward` say whether an open stage may be passed over, or an earlier one
    returned to; winning and losing are always possible, and leaving a closed stage is `allows_reopening`.
    `currency` is None when the pipeline does not fix one.

    Raises `InvalidRecord` for no stage, two stages with one id, or a required field that no opportunity
    has.
    """

    id: PipelineId = field(validator=text)
    name: str = field(validator=text)
    stages: tuple[Stage, ...] = field(validator=each(instance(Stage)))
    currency: Currency | None = field(default=None, converter=attrs.converters.optional(currency))
    allows_skipping: bool = field(default=True, validator=flag)
    allows_backward: bool = field(default=True, validator=flag)
    allows_reopening: bool = field(default=True, validator=flag)
    active: bool = field(default=True, validator=flag)

    def __attrs_post_init__(self) -> None:
        name = f"Pipeline {self.id}"
        ids = [stage.id for stage in self.stages]
        if not ids or len(set(ids)) < len(ids):
            raise InvalidRecord(name, "stages", ids, "at least one stage, each with its own id")
        known = attrs.fields_dict(Opportunity)
        for stage in self.stages:
            for required in stage.required:
                if required not in known:
                    raise InvalidRecord(f"Stage {stage.id}", "required", required, "a field of Opportunity")

    def find(self, stage: StageId | None) -> Stage | None:
        """The stage with that id; None when the pipeline has none such."""
        return next((s for s in self.stages if s.id == stage), None)


def move_problems(
    pipeline: Pipeline,
    before: StageId | None,
    after: StageId,
    opportunity: Opportunity,
    approvals: Iterable[StageApproval] = (),
) -> tuple[Problem, ...]:
    """Which rules of `pipeline` the move of `opportunity` from `before` to `after` breaks; empty for none.

    `before` None is the sale's creation; so is a stage of another pipeline, which says nothing here. The
    fields `after` requires are looked for on `opportunity` as it is given, and so is the amount an approval
    was given for.

    >>> from clmcrm.values.ids import OpportunityId
    >>> stages = (Stage(id=StageId("new"), name="New", stage=OpportunityStage.QUALIFICATION),
    ...           Stage(id=StageId("won"), name="Won", stage=OpportunityStage.WON, required=("amount",)))
    >>> plan = Pipeline(id=PipelineId("p"), name="Direct", stages=stages)
    >>> sale = Opportunity(id=OpportunityId("o"), name="S", stage_id=StageId("new"))
    >>> print(move_problems(plan, StageId("new"), StageId("won"), sale)[0])
    opportunity o: amount '' is required in stage Won
    """
    where = f"opportunity {opportunity.id}"
    to = pipeline.find(after)
    if to is None:
        names = ", ".join(stage.id for stage in pipeline.stages)
        problem = Problem(where=where, field="stage_id", value=after, what="is not in the pipeline", expected=names)
        return (problem,)
    said = [] if before == after else _broken_rules(pipeline, pipeline.find(before), to)
    role = None if before == after else to.asks_approval(opportunity)
    lacking = None if role is None else why_not_approved(opportunity, to.id, role, approvals)
    said += [] if lacking is None else [lacking]
    rules = [Problem(where=where, field="stage_id", value=after, what=what) for what in said]
    missing = [
        Problem(where=where, field=name, what=f"is required in stage {to.name}")
        for name in to.required
        if _is_unstated(getattr(opportunity, name))
    ]
    return (*rules, *missing)


def _broken_rules(pipeline: Pipeline, start: Stage | None, to: Stage) -> list[str]:
    if start is None:
        return [] if to.may_start else [f"{to.name} is no stage to start in"]
    if start.stage in CLOSED_STAGES:
        return [] if pipeline.allows_reopening else [f"{start.name} is closed and may not be left"]
    if to.stage in CLOSED_STAGES:
        return []
    order = [stage.id for stage in pipeline.stages if stage.stage not in CLOSED_STAGES]
    here, there = order.index(start.id), order.index(to.id)
    if there < here and not pipeline.allows_backward:
        return [f"goes back from {start.name} to {to.name}"]
    if there > here + 1 and not pipeline.allows_skipping:
        passed = [stage.name for stage in pipeline.stages if stage.id in order[here + 1 : there]]
        return [f"skips {', '.join(passed)}"]
    return []


def _is_unstated(value: object) -> bool:
    return value is None or value == () or isinstance(value, Unknown)


def history_problems(pipeline: Pipeline, opportunity: Opportunity) -> tuple[Problem, ...]:
    """Which rules of `pipeline` the recorded history of `opportunity` breaks, in time order.

    Required fields and approvals are not looked for: the history does not say what they were. Changes that do not name
    the pipeline's stage are passed over, and those to a stage it does not have: a change does not say of which pipeline
    it was, and the sale may have stood in another one then. A history that begins after the day the sale was created,
    or with a change that does not name its stage, does not say where it began: no change of it is the beginning.

    >>> from clmcrm.values.ids import OpportunityId
    >>> stages = (Stage(id=StageId("new"), name="New", stage=OpportunityStage.QUALIFICATION),
    ...           Stage(id=StageId("won"), name="Won", stage=OpportunityStage.WON, required=("amount",)))
    >>> plan = Pipeline(id=PipelineId("p"), name="Direct", stages=stages)
    >>> sale = Opportunity(id=OpportunityId("o"), name="S", stage_id=StageId("new"))
    >>> history_problems(plan, sale)
    ()
    """
    changes, created_on = opportunity.stage_history, opportunity.created_on
    is_whole = bool(changes) and (created_on is None or changes[0].at.date() <= created_on)
    begin: list[StageId | None] = [None] if is_whole and changes[0].stage_id is not None else []
    ids = [*begin, *(c.stage_id for c in changes if c.stage_id is not None)]
    lenient = evolve(
        pipeline,
        stages=tuple(evolve(stage, required=(), approver=None, approval_above=None) for stage in pipeline.stages),
    )
    found = (
        move_problems(lenient, before, after, opportunity)
        for before, after in pairwise(ids)
        if after is not None and pipeline.find(after) is not None
    )
    return tuple(problem for problems in found for problem in problems)


def moved(
    opportunity: Opportunity,
    pipeline: Pipeline,
    to: StageId,
    at: datetime,
    actor: str | None = None,
    *,
    approvals: Iterable[StageApproval] = (),
) -> Opportunity:
    """`opportunity` in the stage `to`, entered at `at`, with the change added to its history.

    A closed stage sets `closed_on` to the day of `at` in its own time zone; a reopened sale loses it. A sale that
    stands in the stage already keeps the instant it entered it and the day it was closed.
    Probability and forecast category become the stage's where it sets them, and else stay as they were; those of a
    closed stage do not outlast it. `approvals` are those given so far; only those given by `at` count.

    Raises `TransitionNotAllowed` naming every rule the move would break, `InvalidRecord` for a move before
    the last one.

    >>> from clmcrm.values.ids import OpportunityId
    >>> stages = (Stage(id=StageId("new"), name="New", stage=OpportunityStage.QUALIFICATION),
    ...           Stage(id=StageId("won"), name="Won", stage=OpportunityStage.WON))
    >>> plan = Pipeline(id=PipelineId("p"), name="Direct", stages=stages)
    >>> sale = Opportunity(id=OpportunityId("o"), name="S", stage_id=StageId("new"))
    >>> won = moved(sale, plan, StageId("won"), datetime.fromisoformat("2026-05-07T10:00+02:00"))
    >>> won.stage.value, won.closed_on.isoformat()
    ('won', '2026-05-07')
    """
    given = tuple(approval for approval in approvals if in_utc(approval.at) <= in_utc(at))
    here = _here(pipeline, opportunity)
    problems = move_problems(pipeline, here, to, opportunity, given)
    stage = pipeline.find(to)
    if problems or stage is None:
        why = [f"{p.field} {p.what}" if p.field != "stage_id" else p.what for p in problems]
        start = opportunity.stage_id or "none"
        name = f"opportunity {opportunity.id}"
        raise TransitionNotAllowed(name, f"move to {to}", start, open_moves(pipeline, opportunity, given), why)
    before_it = changes_before(opportunity, at)
    every_year = yearly_recurring(opportunity)
    change = StageChange(
        at=at,
        stage=stage.stage,
        stage_id=to,
        stage_raw=stage.name,
        amount=opportunity.amount,
        yearly=None if isinstance(every_year, Unknown) else every_year,
        actor=actor,
    )
    leaves_closed = opportunity.stage in CLOSED_STAGES and here != to
    before = evolve(opportunity, probability=None, forecast_category=None) if leaves_closed else opportunity
    since = (opportunity.stage_since if here == to else None) or at
    closed_on = (opportunity.closed_on if here == to else None) or at.date()
    return evolve(
        opportunity,
        pipeline=pipeline.id,
        stage=stage.stage,
        stage_id=to,
        stage_raw=stage.name,
        stage_since=since,
        stage_history=(*before_it, change),
        closed_on=closed_on if stage.stage in CLOSED_STAGES else None,
        probability=before.probability if stage.probability is None else stage.probability,
        forecast_category=stage.forecast_category or before.forecast_category,
    )


def _here(pipeline: Pipeline, opportunity: Opportunity) -> StageId | None:
    """The stage the sale stands in; None when that is another pipeline's, which says nothing here."""
    return opportunity.stage_id if opportunity.pipeline in {None, pipeline.id} else None


def open_moves(
    pipeline: Pipeline, opportunity: Opportunity, approvals: Iterable[StageApproval] = ()
) -> tuple[StageId, ...]:
    """The stages `opportunity` may move to now without breaking a rule, in the pipeline's order.

    >>> from clmcrm.values.ids import OpportunityId
    >>> stages = (Stage(id=StageId("new"), name="New", stage=OpportunityStage.QUALIFICATION),
    ...           Stage(id=StageId("won"), name="Won", stage=OpportunityStage.WON, required=("amount",)))
    >>> plan = Pipeline(id=PipelineId("p"), name="Direct", stages=stages)
    >>> sale = Opportunity(id=OpportunityId("o"), name="S", stage_id=StageId("new"))
    >>> open_moves(plan, sale)
    ()
    """
    here = _here(pipeline, opportunity)
    given = tuple(approvals)
    return tuple(
        stage.id
        for stage in pipeline.stages
        if stage.id != here and not move_problems(pipeline, here, stage.id, opportunity, given)
    )
