"""Where a pipeline gets stuck: each stage against its own history, and the sales that stand there too long.

The rule of the file: a stage is judged by its own past stays, never by a number from elsewhere; with too few
of them nothing is said, and the number is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Final

from attrs import field, frozen

from clmcrm.crm.opportunity import CLOSED_STAGES, Opportunity
from clmcrm.crm.pipeline import Pipeline, Stage
from clmcrm.crm.stage_conversion import conversion_by_stage
from clmcrm.crm.stage_stays import Stay, history_until, stays
from clmcrm.errors import InvalidRecord
from clmcrm.values.figures import Figure
from clmcrm.values.ids import OpportunityId, StageId
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.validators import instance, positive_count
from clmcrm.values.wording import Wording

_ALWAYS: Final = Span(date.min)


@frozen(kw_only=True)
class AgeRule:
    """When a sale has stood too long: longer than `quantile` of the past stays, of which there are `enough`.

    The quantile is by nearest rank: the smallest past stay that at least that share of stays do not exceed.
    """

    quantile: Fraction = field(default=Fraction(9, 10), validator=instance(Fraction))
    enough: int = field(default=8, validator=positive_count)

    def __attrs_post_init__(self) -> None:
        if not 0 < self.quantile <= 1:
            raise InvalidRecord("AgeRule", "quantile", str(self.quantile), "a share above 0 and up to 1")


USUAL_AGE: Final = AgeRule()
"""Nine stays in ten, of eight or more."""


@frozen(kw_only=True)
class Waiting:
    """An open sale in a stage: how many whole `days` it has stood there, and whether that is too long.

    `too_long` is None when the stage has too little history to say.
    """

    opportunity: OpportunityId
    days: int
    too_long: bool | None


@frozen(kw_only=True)
class StageAge:
    """A stage against its own history.

    `past` counts the stays that are over; `usual_days` is their median and `limit_days` the longest that is
    not too long, both `Unknown` with too few of them. `waiting` are the open sales, the longest first.
    `conversion` is the share of sales that went on from the stage.
    """

    stage: StageId
    name: str
    past: int
    usual_days: int | Unknown
    limit_days: int | Unknown
    waiting: tuple[Waiting, ...]
    conversion: Figure

    @property
    def stalled(self) -> tuple[Waiting, ...]:
        """The sales that have stood there too long."""
        return tuple(sale for sale in self.waiting if sale.too_long)


@frozen(kw_only=True)
class Bottleneck:
    """A stage that holds the pipeline up, and the reasons, the strongest first."""

    stage: StageId
    reasons: tuple[Wording, ...]


def stage_ages(
    opportunities: Iterable[Opportunity], pipeline: Pipeline, at: datetime, rule: AgeRule = USUAL_AGE
) -> tuple[StageAge, ...]:
    """Every open stage of `pipeline` at the instant `at`, in the pipeline's order.

    Changes after `at` do not exist yet. Sales of another pipeline, and stays whose stage id is not the
    pipeline's, are passed over (`clmcrm.crm.sale_problems` names them).

    >>> from clmcrm.crm.opportunity import OpportunityStage
    >>> from clmcrm.values.ids import PipelineId
    >>> plan = Pipeline(id=PipelineId("p"), name="Direct",
    ...                 stages=(Stage(id=StageId("new"), name="New", stage=OpportunityStage.QUALIFICATION),))
    >>> stage_ages([], plan, datetime.fromisoformat("2026-05-07T10:00+02:00"))[0].usual_days.reason
    'only 0 past stays, 8 are needed'
    """
    sales = [history_until(sale, at) for sale in opportunities if sale.pipeline in {None, pipeline.id}]
    found = [(sale.id, stays(sale)) for sale in sales]
    conversions = conversion_by_stage(sales, pipeline, _ALWAYS)
    return tuple(
        _stage_age(stage, found, at, rule, conversions[stage.id])
        for stage in pipeline.stages
        if stage.stage not in CLOSED_STAGES
    )


def _stage_age(
    stage: Stage,
    found: Sequence[tuple[OpportunityId, tuple[Stay, ...]]],
    at: datetime,
    rule: AgeRule,
    conversion: Figure,
) -> StageAge:
    here = [(sale, stay) for sale, all_stays in found for stay in all_stays if stay.stage_id == stage.id]
    past = sorted(stay.days(at) for _, stay in here if stay.until is not None)
    limit = nearest_rank(past, rule.quantile, rule.enough)
    waiting = [
        Waiting(
            opportunity=sale,
            days=stay.days(at),
            too_long=None if isinstance(limit, Unknown) else stay.days(at) > limit,
        )
        for sale, stay in here
        if stay.until is None
    ]
    return StageAge(
        stage=stage.id,
        name=stage.name,
        past=len(past),
        usual_days=nearest_rank(past, Fraction(1, 2), rule.enough),
        limit_days=limit,
        waiting=tuple(sorted(waiting, key=lambda w: (-w.days, w.opportunity))),
        conversion=conversion,
    )


def nearest_rank(rising: Sequence[int], quantile: Fraction, enough: int) -> int | Unknown:
    """The quantile of `rising` values by nearest rank; `Unknown` with fewer than `enough` of them.

    >>> nearest_rank([1, 2, 3, 9], Fraction(1, 2), 3), nearest_rank([1, 2, 3, 9], Fraction(9, 10), 3)
    (2, 9)
    """
    if len(rising) < enough:
        found = "1 past stay" if len(rising) == 1 else f"{len(rising)} past stays"
        return Unknown(f"only {found}, {enough} {'is' if enough == 1 else 'are'} needed")
    rank = -(-quantile.numerator * len(rising) // quantile.denominator)
    return rising[max(rank, 1) - 1]


def bottlenecks(ages: Iterable[StageAge], *, stalled_share: Fraction = Fraction(1, 2)) -> tuple[Bottleneck, ...]:
    """The stages that hold the pipeline up: where many sales stand too long, and where most are lost.

    A stage counts when at least two sales and at least `stalled_share` of those waiting in it have stood too
    long, or when its conversion is below one half and the lowest of all. The most stalled sales come first.

    >>> bottlenecks([])
    ()
    """
    stages = list(ages)
    rates = [age.conversion.number for age in stages if age.conversion.number is not None]
    lowest = min(rates, default=None)
    found: list[tuple[int, int, Bottleneck]] = []
    for place, age in enumerate(stages):
        reasons = [*_stalled_reason(age, stalled_share)]
        rate = age.conversion.number
        if rate is not None and rate == lowest and Fraction(rate) < Fraction(1, 2):
            reasons.append(
                Wording(
                    f"only {rate} of the sales that left {age.name} went on, the lowest share of all stages",
                    f"seule une part de {rate} des affaires sorties de {age.name} a continué, la plus faible de toutes",
                )
            )
        if reasons:
            found.append((-len(age.stalled), place, Bottleneck(stage=age.stage, reasons=tuple(reasons))))
    return tuple(bottleneck for _, _, bottleneck in sorted(found, key=lambda f: f[:2]))


def _stalled_reason(age: StageAge, stalled_share: Fraction) -> tuple[Wording, ...]:
    stalled, waiting = len(age.stalled), len(age.waiting)
    if stalled < 2 or Fraction(stalled, waiting) < stalled_share:  # noqa: PLR2004 - one sale is no pattern
        return ()
    en, fr = "day" if age.limit_days == 1 else "days", "jour" if age.limit_days in {0, 1} else "jours"
    return (
        Wording(
            f"{stalled} of {waiting} sales have stood in {age.name} for more than {age.limit_days} {en} "
            f"(usual: {age.usual_days})",
            f"{stalled} affaires sur {waiting} sont en {age.name} depuis plus de {age.limit_days} {fr} "
            f"(d'habitude : {age.usual_days})",
        ),
    )
