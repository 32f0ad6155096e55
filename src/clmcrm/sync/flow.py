"""One whole run, in the order that loses nothing: reconcile, pull, plan, apply.

A host that wants to look before it leaps calls the same four itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import islice

from attrs import evolve

from clmcrm.ports.calls import Flow, finished
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Hint
from clmcrm.ports.records import Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.applying import apply_flow
from clmcrm.sync.arbitration import decisions_in
from clmcrm.sync.harm import HarmSoFar
from clmcrm.sync.keeping import Clock
from clmcrm.sync.ownership import Rules
from clmcrm.sync.parts import check_part
from clmcrm.sync.planning import plan
from clmcrm.sync.pulling import pull_flow
from clmcrm.sync.reconciling import NO_QUARANTINE, reconcile_flow
from clmcrm.sync.reports import Report


def synchronise(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    rules: Rules,
    *,
    clock: Clock,
    yes: bool = False,
    percent: int | None = None,
    quarantine: timedelta = NO_QUARANTINE,
    tenant: str = "",
    at_most: int | None = None,
) -> Report:
    """Run once and say what became of every step; a settled pair of systems gets no write at all.

    `yes`, `percent`, `tenant` and `quarantine` as in `apply` and `reconcile`; `at_most` as in `pull`: a first
    run over a large portfolio goes in parts, while `Report.more` says that something is left. Its guard judges the
    parts together, until nothing is left or `yes` is given.

    Raises `PlanRefused` for a plan beyond its guard, `InvalidRecord` for an `at_most` below one, and what the port
    raises while reading; the next run goes on from there.
    """
    flow = synchronise_flow(
        systems,
        journal,
        rules,
        clock=clock,
        yes=yes,
        percent=percent,
        quarantine=quarantine,
        tenant=tenant,
        at_most=at_most,
    )
    return finished(flow)


def synchronise_flow(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    rules: Rules,
    *,
    clock: Clock,
    yes: bool = False,
    percent: int | None = None,
    quarantine: timedelta = NO_QUARANTINE,
    tenant: str = "",
    at_most: int | None = None,
) -> Flow[Report]:
    """The same as `synchronise`, as a flow for a driver."""
    check_part(at_most)
    earlier = yield from reconcile_flow(systems, journal, clock=clock, quarantine=quarantine)
    pulled = yield from pull_flow(systems, journal, [kind.kind for kind in rules], rules=rules, at_most=at_most)
    front = _front(journal, rules, at_most) if pulled.more else []
    todo = plan(
        pulled.agreed,
        pulled.left,
        pulled.right,
        rules,
        decisions_in(journal),
        known=pulled.known,
        problems=pulled.problems,
    )
    so_far = HarmSoFar.of(journal, rules)
    todo = so_far.judging(todo, pulled.coming)
    adds_up = pulled.more and not yes
    if adds_up and todo.refusal(percent) is None:
        so_far.begin(todo)
    report = yield from apply_flow(
        todo, systems, journal, clock=clock, yes=yes, percent=percent, hints=pulled.hints, tenant=tenant
    )
    if pulled.more:
        _to_the_back(journal, (*front, *pulled.hints))
    if adds_up:
        so_far.end(report)
    else:
        so_far.forget()
    return evolve(report, reconciled=earlier.settled, parked=earlier.parked, more=pulled.more)


def _front(journal: Journal, rules: Rules, at_most: int | None) -> list[Hint]:
    """The hints that were next, also at records that cannot be read or must rest: these are in no plan."""
    return [hint for kind in rules for hint in islice(journal.hints(kind.kind), at_most)]


def _to_the_back(journal: Journal, hints: Iterable[Hint]) -> None:
    """Let what still waits stand behind what was not looked at yet: the latter may be what it waits for."""
    taken = {(hint.kind, hint.side, hint.key): hint for hint in hints}
    with journal.transaction():
        for kind in sorted({hint.kind for hint in taken.values()}):
            journal.save_hints([hint for hint in journal.hints(kind) if (hint.kind, hint.side, hint.key) in taken])
