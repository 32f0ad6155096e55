"""What does not hang together in a sale: findings that name the record, the field and what would be right.

The rule of the file: a finding never changes a sale and never hides it; figures that cannot use it say so
themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby, pairwise

from attrs import frozen

from clmcrm.crm.opportunity import CLOSED_STAGES, OPEN_STAGES, Opportunity, OpportunityStage, SplitKind
from clmcrm.crm.pipeline import Pipeline, history_problems
from clmcrm.crm.recurring import lines_recurring
from clmcrm.values.days import check_days
from clmcrm.values.exact import sum_of
from clmcrm.values.money import Money
from clmcrm.values.problems import Problem, Severity
from clmcrm.values.yearly import per_year


@frozen(kw_only=True)
class Reopening:
    """A sale that was won or lost (`from_stage`, at `closed_at`) and was opened again at `reopened_at`."""

    from_stage: OpportunityStage
    closed_at: datetime
    reopened_at: datetime
    actor: str | None


def reopenings(opportunity: Opportunity) -> tuple[Reopening, ...]:
    """Every time the sale was opened again after it had been won or lost, in time order.

    >>> from clmcrm.values.ids import OpportunityId
    >>> reopenings(Opportunity(id=OpportunityId("o"), name="S"))
    ()
    """
    found: list[Reopening] = []
    # Through a stage of which nothing is known a sale is opened again, too.
    known = [change for change in opportunity.stage_history if change.stage is not OpportunityStage.UNKNOWN]
    # A change that leaves it won or lost (its amount was corrected) does not close it again: the first one did.
    firsts = [next(alike) for _, alike in groupby(known, key=lambda change: change.stage)]
    for before, after in pairwise(firsts):
        if before.stage in CLOSED_STAGES and after.stage in OPEN_STAGES:
            found.append(
                Reopening(from_stage=before.stage, closed_at=before.at, reopened_at=after.at, actor=after.actor)
            )
    return tuple(found)


def sale_problems(
    opportunities: Iterable[Opportunity], as_of: date, pipelines: Iterable[Pipeline] = ()
) -> tuple[Problem, ...]:
    """What is wrong with each sale as it stands on `as_of`, in the order given; empty when all is well.

    A note is worth a look, a warning makes a figure leave the sale out, an error contradicts itself.
    `pipelines` are looked at for stages they do not have and moves they do not allow.

    >>> from clmcrm.values.ids import OpportunityId
    >>> sale = Opportunity(id=OpportunityId("o"), name="S", stage=OpportunityStage.WON, amount=Money(-5, "EUR"))
    >>> [problem.field for problem in sale_problems([sale], date(2026, 1, 1))]
    ['amount', 'closed_on']
    """
    check_days("sale_problems", as_of=as_of)
    known = {pipeline.id: pipeline for pipeline in pipelines}
    found: list[Problem] = []
    for sale in opportunities:
        found.extend(_amount_problems(sale))
        found.extend(_day_problems(sale, as_of))
        found.extend(_line_problems(sale))
        found.extend(_history_findings(sale))
        pipeline = None if sale.pipeline is None else known.get(sale.pipeline)
        if pipeline is not None:
            found.extend(_pipeline_problems(sale, pipeline))
        elif known and sale.pipeline is not None:
            among = ", ".join(sorted(known))
            found.append(_problem(sale, "pipeline", sale.pipeline, "is not among the pipelines given", expected=among))
    return tuple(found)


def _problem(
    sale: Opportunity, name: str, value: object, what: str, *, expected: str = "", severity: Severity = Severity.WARNING
) -> Problem:
    where = f"opportunity {sale.id}"
    return Problem(where=where, field=name, value=str(value), what=what, expected=expected, severity=severity)


def _amount_problems(sale: Opportunity) -> Iterator[Problem]:
    if sale.amount is None and sale.stage is not OpportunityStage.LOST:
        yield _problem(
            sale, "amount", "", "is not stated", severity=Severity.NOTE if sale.is_open else Severity.WARNING
        )
    elif sale.amount is not None and sale.amount.amount < 0:
        yield _problem(sale, "amount", sale.amount, "is below zero", expected="zero or more", severity=Severity.ERROR)
    elif sale.amount is not None and not sale.amount.amount:
        yield _problem(
            sale, "amount", sale.amount, "is zero: it counts as a sale that brings nothing", severity=Severity.NOTE
        )
    credited = sum_of(split.portion for split in sale.splits if split.kind is SplitKind.REVENUE)
    if credited and credited < 1:
        yield _problem(sale, "splits", credited, "leave a part that nobody is credited with", severity=Severity.NOTE)


def _day_problems(sale: Opportunity, as_of: date) -> Iterator[Problem]:
    if sale.is_closed and sale.closed_on is None:
        yield _problem(sale, "closed_on", "", f"is not stated, and the sale is {sale.stage.value}")
    if sale.is_open and sale.expected_close_on is not None and sale.expected_close_on < as_of:
        yield _problem(
            sale, "expected_close_on", sale.expected_close_on, f"has passed on {as_of}, and the sale is open"
        )
    if sale.created_on is not None and sale.closed_on is not None and sale.closed_on < sale.created_on:
        yield _problem(
            sale,
            "closed_on",
            sale.closed_on,
            "lies before its creation",
            expected=f"{sale.created_on} or later",
            severity=Severity.ERROR,
        )
    if sale.stage is OpportunityStage.UNKNOWN:
        yield _problem(sale, "stage", sale.stage_raw or "", "is not known: every figure leaves the sale out")


def _line_problems(sale: Opportunity) -> Iterator[Problem]:
    codes = sorted({line.currency_code for line in sale.lines if line.currency_code is not None})
    own = None if sale.currency is None else sale.currency.code
    if len(codes) > 1 or (codes and own is not None and codes != [own]):
        yield _problem(
            sale,
            "lines",
            ", ".join(codes),
            "are not in the sale's one currency",
            expected=own or "one currency",
            severity=Severity.ERROR,
        )
        return
    if sale.recurring_amount is None or sale.recurring_every is None:
        return
    recurring = lines_recurring(sale)
    stated = per_year(sale.recurring_amount, sale.recurring_every)
    if isinstance(recurring, Money) and recurring != stated:
        yield _problem(
            sale, "recurring_amount", stated, "is not what the recurring lines bring in a year", expected=str(recurring)
        )


def _history_findings(sale: Opportunity) -> Iterator[Problem]:
    for again in reopenings(sale):
        what = f"was {again.from_stage.value} at {again.closed_at.isoformat()} and reopened"
        yield _problem(sale, "stage_history", again.reopened_at.isoformat(), what, severity=Severity.NOTE)
    last = sale.stage_history[-1].stage if sale.stage_history else sale.stage
    # A change of which nobody knows what it means contradicts nothing.
    if last not in {sale.stage, OpportunityStage.UNKNOWN}:
        yield _problem(
            sale,
            "stage",
            sale.stage.value,
            "is not where its history ends",
            expected=last.value,
            severity=Severity.ERROR,
        )


def _pipeline_problems(sale: Opportunity, pipeline: Pipeline) -> Iterator[Problem]:
    names = ", ".join(stage.id for stage in pipeline.stages)
    stage = pipeline.find(sale.stage_id)
    if sale.stage_id is not None and stage is None:
        yield _problem(sale, "stage_id", sale.stage_id, f"is not in the pipeline {pipeline.name}", expected=names)
    elif stage is not None and stage.stage is not sale.stage:
        yield _problem(
            sale,
            "stage",
            sale.stage.value,
            f"is not what {stage.name} stands for",
            expected=stage.stage.value,
            severity=Severity.ERROR,
        )
    if pipeline.currency is not None and sale.currency not in {None, pipeline.currency}:
        yield _problem(
            sale, "currency", sale.currency, f"is not the pipeline's, {pipeline.name}", expected=pipeline.currency.code
        )
    yield from history_problems(pipeline, sale)
