"""Was the forecast right? What it would have said on a past day, against what became of those sales.

The rule of the file: the past is read from the stage histories alone. A sale that is still open when one
looks back proves nothing either way; it is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from attrs import field, frozen

from clmcrm.crm.closed_sales import sale_name
from clmcrm.crm.opportunity import CLOSED_STAGES, Opportunity, OpportunityStage, StageChange
from clmcrm.crm.pipeline import Pipeline
from clmcrm.crm.stage_stays import history_until
from clmcrm.errors import InvalidRecord
from clmcrm.values.conversion import DatedAmount, in_one_currency
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.exact import exact_money, round_to
from clmcrm.values.figures import LeftOut
from clmcrm.values.ids import StageId
from clmcrm.values.instants import in_utc
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate, RateTable

_PLACES: Final = 4


class Forecasted(StrEnum):
    """Which amount of a sale a forecast was about: its whole amount, or what it brings every year."""

    AMOUNT = "amount"
    YEARLY = "yearly recurring amount"


@frozen(kw_only=True)
class StageTest:
    """One stage: how many decided `sales` stood in it, its `probability`, and the share that was won.

    Both are shares from 0 to 1; `won_share` has four decimals.
    """

    stage: StageId
    sales: int
    probability: Decimal
    won_share: Decimal


@frozen(kw_only=True)
class BackTest:
    """A past forecast against what came of it, for the sales decided by `until`.

    `of` says which amounts these are. `predicted` is what their stages' probabilities promised at `at`, `won`
    what was won of them, by the amounts they then had. `error` is (predicted - won) / won with four decimals,
    above zero when too much was promised; `Unknown` when nothing was won. `undecided` are the sales still open,
    with their amount.
    """

    of: Forecasted = Forecasted.AMOUNT
    at: datetime
    until: datetime
    predicted: Money
    won: Money
    error: Decimal | Unknown
    decided: int
    undecided: int
    undecided_amount: Money
    by_stage: tuple[StageTest, ...]
    left_out: tuple[LeftOut, ...] = ()
    rates: tuple[Rate, ...] = ()


@frozen(kw_only=True)
class _Asked:
    """What is asked of each sale."""

    of: Forecasted
    pipeline: Pipeline
    at: datetime
    until: datetime
    unit: Currency
    rates: RateTable | None


@frozen(kw_only=True)
class _Then:
    """A sale as it stood: its amount in one currency, its stage's probability, and how it ended (None: not)."""

    stage: StageId
    probability: Decimal
    amount: Money
    won: bool | None = field(default=None)


def backtest(
    opportunities: Iterable[Opportunity],
    pipeline: Pipeline,
    at: datetime,
    until: datetime,
    *,
    code: str | Currency,
    rates: RateTable | None = None,
    of: Forecasted = Forecasted.AMOUNT,
) -> BackTest:
    """The forecast of `pipeline` at the instant `at`, judged at `until`, in the currency `code`.

    A sale counts when its history says that it was open at `at` in a stage with a probability, and what its
    amount was: the whole one, or with `of` YEARLY what it brought every year. Amounts are converted at the
    rates of the day of `at`. Sales of other pipelines, not yet begun or already closed at `at`, are no part of
    the forecast; one of whose stage nothing is known at `at` or at `until` is left out. Raises `InvalidRecord`
    for `until` before `at`, and for an `of` that is no `Forecasted`.

    >>> from clmcrm.crm.pipeline import Stage
    >>> from clmcrm.values.ids import PipelineId
    >>> stage = Stage(id=StageId("new"), name="New", stage=OpportunityStage.QUALIFICATION, probability=Decimal("0.1"))
    >>> plan = Pipeline(id=PipelineId("p"), name="Direct", stages=(stage,))
    >>> then = datetime.fromisoformat("2026-01-01T00:00+00:00")
    >>> backtest([], plan, then, then, code="EUR").predicted
    Money('0.00', 'EUR')
    """
    given: object = of  # a text would be neither amount, and taken for the yearly one
    if not isinstance(given, Forecasted):
        raise InvalidRecord("BackTest", "of", given, "Forecasted.AMOUNT or Forecasted.YEARLY")
    if in_utc(until, "until") < in_utc(at):
        raise InvalidRecord("BackTest", "until", until, f"{at} or later")
    asked = _Asked(of=of, pipeline=pipeline, at=at, until=until, unit=currency(code), rates=rates)
    found: list[_Then] = []
    left_out: list[LeftOut] = []
    used: list[Rate] = []
    for sale in opportunities:
        if sale.pipeline not in {None, pipeline.id}:
            continue
        then = _as_it_stood(sale, asked)
        if isinstance(then, LeftOut):
            left_out.append(then)
        elif then is not None:
            found.append(then[0])
            used.extend(then[1])
    return _judged(found, asked, left_out, used)


def _as_it_stood(sale: Opportunity, asked: _Asked) -> tuple[_Then, tuple[Rate, ...]] | LeftOut | None:
    if not sale.stage_history:
        return LeftOut(record=sale_name(sale), reason="no history of its stages is kept")
    before = history_until(sale, asked.at).stage_history
    after = history_until(sale, asked.until).stage_history
    if not before or before[-1].stage in CLOSED_STAGES:
        return None
    if OpportunityStage.UNKNOWN in {before[-1].stage, after[-1].stage}:
        return LeftOut(record=sale_name(sale), reason="nothing is known of its stage")
    return _counted(sale, asked, before, won=_ended(after))


def _counted(
    sale: Opportunity, asked: _Asked, before: tuple[StageChange, ...], *, won: bool | None
) -> tuple[_Then, tuple[Rate, ...]] | LeftOut:
    stage = asked.pipeline.find(before[-1].stage_id)
    if stage is None or stage.probability is None:
        lacking = "its stage then is not in the pipeline" if stage is None else f"{stage.name} has no probability"
        return LeftOut(record=sale_name(sale), reason=lacking)
    stood = [change.amount if asked.of is Forecasted.AMOUNT else change.yearly for change in before]
    amount = next((one for one in reversed(stood) if one is not None), None)
    if amount is None:
        return LeftOut(record=sale_name(sale), reason=f"its history does not say its {asked.of.value}")
    item = DatedAmount(record=sale_name(sale), amount=amount, on=asked.at.date())
    converted = in_one_currency([item], asked.unit, asked.rates)
    if converted.left_out:
        return converted.left_out[0]
    then = _Then(stage=stage.id, probability=stage.probability, amount=converted.amounts[0][1], won=won)
    return then, converted.rates


def _ended(changes: tuple[StageChange, ...]) -> bool | None:
    last = changes[-1].stage
    return last is OpportunityStage.WON if last in {OpportunityStage.WON, OpportunityStage.LOST} else None


def _judged(found: list[_Then], asked: _Asked, left_out: list[LeftOut], used: list[Rate]) -> BackTest:
    decided = [then for then in found if then.won is not None]
    still_open = [then for then in found if then.won is None]
    predicted = _sum([Fraction(then.amount.amount) * Fraction(then.probability) for then in decided])
    won = _sum([Fraction(then.amount.amount) for then in decided if then.won])
    error: Decimal | Unknown = Unknown("nothing was won of the sales that were decided")
    if won:
        error = round_to((predicted - won) / won, _PLACES)
    return BackTest(
        of=asked.of,
        at=asked.at,
        until=asked.until,
        predicted=exact_money(predicted, asked.unit),
        won=exact_money(won, asked.unit),
        error=error,
        decided=len(decided),
        undecided=len(still_open),
        undecided_amount=exact_money(_sum([Fraction(then.amount.amount) for then in still_open]), asked.unit),
        by_stage=_by_stage(decided),
        left_out=tuple(left_out),
        rates=tuple(dict.fromkeys(used)),
    )


def _sum(amounts: list[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))


def _by_stage(decided: list[_Then]) -> tuple[StageTest, ...]:
    stages: dict[StageId, list[_Then]] = {}
    for then in decided:
        stages.setdefault(then.stage, []).append(then)
    return tuple(
        StageTest(
            stage=stage,
            sales=len(mine),
            probability=mine[0].probability,
            won_share=round_to(Fraction(sum(then.won is True for then in mine), len(mine)), _PLACES),
        )
        for stage, mine in sorted(stages.items())
    )
