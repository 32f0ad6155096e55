"""Pipelines: their stages in order, and whether a sale's moves through them follow the rules.

Rules are findings, not walls: a move that breaks one is reported with the rule it breaks, because the
CRM may already have made it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import field, frozen

from clmcrm.crm.opportunity import ForecastCategory, Opportunity, OpportunityStage, StageChange
from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.ids import PipelineId, StageId
from clmcrm.values.problems import Problem, Severity
from clmcrm.values.record import Record
from clmcrm.values.validators import each, flag, instance, maybe, member, share, text


@frozen(kw_only=True)
class Stage(Record):
    """One stage of a pipeline and the canonical stage it stands for.

    `probability` (0 to 1) and `forecast_category` are what a sale in it is held to have; None when the
    pipeline sets none. `required` names the opportunity's fields that must be stated to enter it.
    `may_start` says whether a sale may be created in it.
    """

    id: StageId = field(validator=text)
    name: str = field(validator=text)
    stage: OpportunityStage = field(validator=member(OpportunityStage))
    probability: Decimal | None = field(default=None, validator=maybe(share))
    forecast_category: ForecastCategory | None = field(
        default=None, validator=maybe(member(ForecastCategory))
    )
    required: tuple[str, ...] = field(default=(), validator=each(text))
    may_start: bool = field(default=True, validator=flag)


@frozen(kw_only=True)
class Pipeline(Record):
    """A sales pipeline: its `stages` in order, and which moves it allows.

    `allows_skipping` and `allows_backward` say whether an open stage may be passed over, or an earlier one
    returned to; winning and losing are always possible, and leaving a closed stage is `allows_reopening`.
    `currency` is None when the pipeline does not fix one.

    Raises `InvalidRecord` for no stage, two stages with one id, or a required field no opportunity has.
    """

    id: PipelineId = field(validator=text)
    name: str = field(validator=text)
    stages: tuple[Stage, ...] = field(validator=each(instance(Stage)))
    currency: Currency | None = field(default=None, converter=lambda c: None if c is None else currency(c))
    allows_skipping: bool = field(default=True, validator=flag)
    allows_backward: bool = field(default=True, validator=flag)
    allows_reopening: bool = field(default=True, validator=flag)
    active: bool = field(default=True, validator=flag)

    def __attrs_post_init__(self) -> None:
        name = f"Pipeline {self.id}"
        ids = [stage.id for stage in self.stages]
        if not ids or len(set(ids)) < len(ids):
            raise InvalidRecord(name, "stages", ids, "at least one stage, each with its own id")
