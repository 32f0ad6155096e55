"""One run of the main job, in two halves: `preview` looks, `carry_out` acts.

A preview writes nothing to either system. Carrying out goes round until both sides are settled: a second
round is needed because a contract that was just created has terms to bring back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final, TypeAlias

from attrs import frozen

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.liaison.derived import DerivingSystem
from clmcrm.liaison.doubles import likely_doubles_flow, without
from clmcrm.liaison.house_rules import fitted, main_job_rules
from clmcrm.liaison.partings import Partings
from clmcrm.liaison.views import clm_view, crm_view
from clmcrm.ports.calls import Flow, finished
from clmcrm.ports.journal import Journal
from clmcrm.ports.records import Kind, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.applying import apply_flow
from clmcrm.sync.arbitration import decisions_in
from clmcrm.sync.ownership import OnDelete, Rules
from clmcrm.sync.planning import plan
from clmcrm.sync.pulling import Pulled, pull_flow
from clmcrm.sync.reconciling import reconcile_flow
from clmcrm.sync.reports import Report
from clmcrm.sync.steps import Plan
from clmcrm.values.problems import Problem

Clock: TypeAlias = Callable[[], datetime]

MOST_ROUNDS: Final = 4
"""Creating, bringing terms back, and what those lead to; a run that needs more has not settled."""


@frozen(kw_only=True)
class Joined:
    """A CRM and a CLM, each with what follows from its records, on the day `as_of`."""

    crm: DerivingSystem
    clm: DerivingSystem
    journal: Journal
    rules: Rules

    @property
    def sides(self) -> dict[Side, AnySystem]:
        """Both by side, as the engine wants them."""
        return {Side.CRM: self.crm, Side.CLM: self.clm}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be understood or derived on either side, each once."""
        return (*self.crm.problems, *self.clm.problems)


@frozen(kw_only=True)
class Preview:
    """What a run would do: the plan, whose problems name what could not be understood, and what else is left alone."""

    plan: Plan
    problems: tuple[Problem, ...]
    pulled: Pulled


@frozen(kw_only=True)
class Run:
    """What a run did: the report of each round, in order, and the problems left."""

    reports: tuple[Report, ...]
    problems: tuple[Problem, ...]

    @property
    def written(self) -> int:
        """How many records were written in either system, over all rounds."""
        return sum(report.written for report in self.reports)

    @property
    def settled(self) -> bool:
        """Whether the last round found nothing more to write."""
        return self.reports[-1].plan.idle


def join(
    crm: AnySystem,
    clm: AnySystem,
    journal: Journal,
    as_of: date,
    *,
    calendars: CalendarSource | None = None,
    rules: Rules | None = None,
) -> Joined:
    """The two systems put together for runs on the day `as_of`; `rules` None means the house's own.

    Rules are fitted to what both systems hold (see `fitted`).
    """
    wanted = rules or main_job_rules()
    takes_along = [kind for kind in wanted if kind.kind == Kind.CONTRACT and kind.on_delete is not OnDelete.UNLINK]
    partings = Partings(journal, ends=not takes_along)
    views = {Side.CRM: crm_view(crm, partings), Side.CLM: clm_view(clm, partings, as_of, calendars)}
    able = {side: view.capabilities for side, view in views.items()}
    return Joined(
        crm=views[Side.CRM],
        clm=views[Side.CLM],
        journal=journal,
        rules=fitted(wanted, able),
    )


def preview(joined: Joined) -> Preview:
    """The plan of the next run. Reads both systems and writes to neither; the journal keeps what was pulled."""
    return finished(preview_flow(joined))


def preview_flow(joined: Joined) -> Flow[Preview]:
    """The same as `preview`, as a flow for a driver."""
    pulled = yield from pull_flow(
        joined.sides, joined.journal, [kind.kind for kind in joined.rules], rules=joined.rules
    )
    decisions = decisions_in(joined.journal)
    todo = plan(
        pulled.agreed, pulled.left, pulled.right, joined.rules, decisions, known=pulled.known, problems=pulled.problems
    )
    doubles = yield from likely_doubles_flow(todo, joined.sides, decisions)
    if doubles:
        pulled = without(pulled, doubles)
        todo = plan(
            pulled.agreed,
            pulled.left,
            pulled.right,
            joined.rules,
            decisions,
            known=pulled.known,
            problems=pulled.problems,
        )
    return Preview(plan=todo, problems=(*joined.problems, *doubles.values()), pulled=pulled)


def carry_out(
    joined: Joined,
    *,
    clock: Clock,
    yes: bool = False,
    percent: int | None = None,
    on_round: Callable[[int, Plan], None] | None = None,
) -> Run:
    """Run until nothing is left to write, and say what became of every step.

    `clock` tells the instants for the journal. Raises `PlanRefused` when a plan exceeds its guard and `yes`
    is not given; rounds already done stay done. `on_round` is told each round's number (from 1) and plan.
    """
    return finished(carry_out_flow(joined, clock=clock, yes=yes, percent=percent, on_round=on_round))


def carry_out_flow(
    joined: Joined,
    *,
    clock: Clock,
    yes: bool = False,
    percent: int | None = None,
    on_round: Callable[[int, Plan], None] | None = None,
) -> Flow[Run]:
    """The same as `carry_out`, as a flow for a driver."""
    reports: list[Report] = []
    problems: tuple[Problem, ...] = ()
    for number in range(1, MOST_ROUNDS + 1):
        _ = yield from reconcile_flow(joined.sides, joined.journal, clock=clock)
        shown = yield from preview_flow(joined)
        problems = shown.problems
        if on_round is not None:
            on_round(number, shown.plan)
        reports.append(
            (yield from apply_flow(
                shown.plan, joined.sides, joined.journal,
                clock=clock, yes=yes, percent=percent, hints=shown.pulled.hints,
            ))
        )  # fmt: skip
        if shown.plan.idle:
            break
    return Run(reports=tuple(reports), problems=problems)
