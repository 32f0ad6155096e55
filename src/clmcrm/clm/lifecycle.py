"""The life of a contract: what stage it is in on a day, and what may happen next.

`advance` adds one event or refuses it, saying what is possible; `stage_of` computes the stage from the
events and a date. Nothing here reads a clock: the caller says which day it is, and on which day what was
recorded until then is to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import attrs
from attrs import frozen

from clmcrm.clm.approval_desk import ApprovalDesk
from clmcrm.clm.charts import Chart, Charts, name_of
from clmcrm.clm.chronicle import ENDINGS, Dated, chronicle, dated, day_of_pair, not_undone, recorded_until
from clmcrm.clm.contract import Contract
from clmcrm.clm.disorder import disorder
from clmcrm.clm.events import (
    AmendmentAccepted,
    AnyEvent,
    Undone,
)
from clmcrm.clm.folding import Folding, added
from clmcrm.clm.mandates import Mandate
from clmcrm.clm.refusals import check_base, house_refuses, no_mandate, possible_in, refusals, waiting_for
from clmcrm.clm.running import Running, end_follows_events
from clmcrm.clm.stages import AnyStage, Phase, Stage
from clmcrm.clm.standing import Standing
from clmcrm.clm.transitions import CHARTS
from clmcrm.errors import TransitionNotAllowed
from clmcrm.values.days import check_days
from clmcrm.values.partial import Unknown, known


@frozen(kw_only=True)
class StageOn:
    """A contract's stage on a day.

    `since` is the day it was reached (None for a contract to which nothing has happened, and where the day
    is not known); `why` says in words what led there; `ends_on` is the last day in force as far as it is
    known (None: no end in sight, or not known). `ignored` lists recorded events that had no place when
    they came: they change nothing, and somebody should look at them.
    """

    stage: AnyStage
    since: date | None
    why: str
    ends_on: date | None = None
    ignored: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The stage, and since when."""
        return f"{self.stage.value} since {self.since}" if self.since else self.stage.value


def stage_of(contract: Contract, as_of: date, *, known_on: date | None = None, charts: Charts = CHARTS) -> StageOn:
    """The stage on `as_of`, by the events recorded on or before `known_on` (None: on or before `as_of`).

    `Stage.UNKNOWN` with a reason where a date that decides it is missing. The day of an event is the day it
    speaks of, or that of its instant in the zone it was recorded in. `charts` are the lifecycles by kind of
    contract.
    """
    check_days("stage_of", as_of=as_of)
    if known_on is not None:
        check_days("stage_of", known_on=known_on)
    run, _ = _folded(contract, as_of, known_on, charts, None)
    return _stage_on(run, as_of)


def standing_of(
    contract: Contract,
    as_of: date,
    *,
    known_on: date | None = None,
    charts: Charts = CHARTS,
    begun: Standing | None = None,
) -> Standing:
    """What the events that count on `as_of` add up to, what the date brings about included.

    `begun` is an earlier standing of the same contract (None: from the start): only the events recorded
    since then are added, so that following a long history costs no more than what is new. It is left aside
    where a new event counts from before its day, or takes one back; where less was known on `known_on`; and
    where the contract's end follows from its events. It has to come from the same `charts`.
    """
    check_days("standing_of", as_of=as_of)
    if known_on is not None:
        check_days("standing_of", known_on=known_on)
    run, waiting = _folded(contract, as_of, known_on, charts, begun)
    return run.standing(waiting=tuple(waiting), day=as_of)


def advance(
    contract: Contract,
    event: AnyEvent,
    *,
    charts: Charts = CHARTS,
    now: datetime | None = None,
    mandates: Iterable[Mandate] | None = None,
    desk: ApprovalDesk | None = None,
) -> Contract:
    """The contract with `event` added; the one passed in is unchanged.

    `now` is the caller's instant, after which nothing can have been recorded (None: not looked at);
    `mandates` say who may do what, `desk` who has to approve what (None each: not looked at). Raises
    `TransitionNotAllowed` when the stage has no such move, a guard refuses it, the event is recorded already,
    comes out of order or from the future, contradicts itself, or its author has no mandate; `StaleBase` for
    an amendment written against an earlier version.
    """
    chart = _chart(contract, charts)
    day = dated(contract, [*not_undone(contract.events), event])[-1][0]
    standing = standing_of(contract, day, known_on=date.max, charts=charts)
    if isinstance(event, AmendmentAccepted) and chart.row_for(standing.stage, event) is not None:
        check_base(contract, event)
    why = disorder(contract, event, now) + no_mandate(contract, event, mandates)
    refused = refusals(contract, chart, standing, event)
    if refused is None:
        why += house_refuses(contract, standing, event, desk)
    if not why and refused is None:
        why = _later_ones_displaced(contract, event, day, charts)
    if why or refused is not None:
        raise TransitionNotAllowed(
            f"contract {contract.number or contract.id}",
            name_of(event),
            standing.stage.value,
            possible_in(contract, chart, standing),
            (*why, *(refused or ())) or waiting_for(contract, standing),
        )
    return attrs.evolve(contract, events=(*contract.events, event))


def possible_events(contract: Contract, as_of: date, *, charts: Charts = CHARTS) -> tuple[str, ...]:
    """The names of the events that the contract's stage on `as_of` has room for.

    `SentForSignature` is not among them while an approval is missing, or the content has changed since.
    """
    check_days("possible_events", as_of=as_of)
    standing = standing_of(contract, as_of, charts=charts)
    return possible_in(contract, _chart(contract, charts), standing)


def _chart(contract: Contract, charts: Charts) -> Chart:
    return charts.chart_of(contract.kind, contract.kind_detail)


def _folded(
    contract: Contract, as_of: date, known_on: date | None, charts: Charts, begun: Standing | None
) -> tuple[Running, list[Dated]]:
    """The running standing on `as_of`, and the events that count only later."""
    knowledge = as_of if known_on is None else known_on
    new = None if begun is None else _new_since(contract, as_of, knowledge, begun)
    counted = recorded_until(contract, knowledge, 0 if begun is None or new is None else begun.counted)
    if begun is None or new is None:
        begun = Standing()
        new = chronicle(contract, not_undone(contract.events[:counted]))
    run = Folding(contract, _chart(contract, charts), begun)
    waiting = added(run, new, as_of)
    run.counted = counted
    run.known_on = knowledge
    run.pass_time(as_of)
    return run, waiting


def _new_since(contract: Contract, as_of: date, knowledge: date, begun: Standing) -> list[Dated] | None:
    """What is to be added to `begun`; None where it has to be worked out from the start."""
    if begun.counted > len(contract.events) or as_of < begun.day or knowledge < begun.known_on:
        return None
    new = contract.events[begun.counted : recorded_until(contract, knowledge, begun.counted)]
    if end_follows_events(contract) or any(type(event) is Undone for event in new):
        return None
    pairs = chronicle(contract, new, begun.floor)
    if any(day < begun.day for day, _ in pairs):
        return None
    return sorted((*begun.waiting, *pairs), key=day_of_pair) if begun.waiting else pairs


def _later_ones_displaced(contract: Contract, event: AnyEvent, day: date, charts: Charts) -> tuple[str, ...]:
    """The recorded events that would lose their place if `event` counted from `day`, which is before theirs."""
    told = dated(contract, not_undone(contract.events))
    if isinstance(event, Undone) or all(known_day <= day for known_day, _ in told):
        return ()
    if isinstance(event, ENDINGS):
        # What was announced for a day still to come is overtaken by an end that comes first.
        told = [(known_day, each) for known_day, each in told if known_day <= event.at.date()]
    events = tuple(each for _, each in told)
    before = standing_of(attrs.evolve(contract, events=events), date.max, charts=charts).ignored
    after = standing_of(attrs.evolve(contract, events=(*events, event)), date.max, charts=charts).ignored
    return tuple(f"it would leave no place for {name}" for name in after if name not in before)


def _stage_on(run: Running, as_of: date) -> StageOn:
    """What the running standing says about `as_of`, in words."""
    stage, since, why = run.stage, run.since, run.why
    phase = stage.phase
    ends_on: date | None = None
    if phase is Phase.SIGNED:
        why = _signed(run, as_of)
    elif phase is Phase.UNKNOWN:
        since = None
    elif phase is Phase.ACTIVE or (phase is Phase.ENDED and not why.startswith("by ")):
        found = run.last_day()
        ends_on = found if isinstance(found, date) else None
        why = _how_long(found) if phase is Phase.ACTIVE else f"{why}; its last day was {ends_on}"
    return StageOn(stage=stage, since=since, why=why, ends_on=ends_on, ignored=run.ignored)


def _signed(run: Running, as_of: date) -> str:
    coming = run.next_turn()
    if coming is not None and coming.stage is Stage.TERMINATED:
        return f"{coming.why}: it ends from {coming.day}"
    met = dict(run.conditions_met)
    open_points = [condition for condition in run.contract.conditions_precedent if condition not in met]
    if open_points:
        return f"conditions to be met first: {', '.join(open_points)}"
    return f"takes effect on {max((known(run.contract.effective_on) or as_of, *met.values()))}"


def _how_long(ends_on: date | Unknown | None) -> str:
    if isinstance(ends_on, Unknown):
        # In effect is what the events say; only its end is open.
        return f"its end is not known: {ends_on.reason}"
    return "no end in sight" if ends_on is None else f"runs until {ends_on}"
