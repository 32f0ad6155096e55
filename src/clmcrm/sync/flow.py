"""One whole run, in the order that loses nothing: reconcile, pull, plan, apply.

A host that wants to look before it leaps calls the same four itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import evolve

from clmcrm.ports.calls import Flow, finished
from clmcrm.ports.journal import Journal
from clmcrm.ports.records import Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.applying import Clock, apply_flow
from clmcrm.sync.arbitration import decisions_in
from clmcrm.sync.ownership import Rules
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
) -> Report:
    """Run once and say what became of every step; a settled pair of systems gets no write at all.

    `yes`, `percent`, `tenant` and `quarantine` as in `apply` and `reconcile`. Raises `PlanRefused` for a plan
    beyond its guard, and what the port raises while reading; the next run goes on from there.
    """
    flow = synchronise_flow(
        systems, journal, rules, clock=clock, yes=yes, percent=percent, quarantine=quarantine, tenant=tenant
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
) -> Flow[Report]:
    """The same as `synchronise`, as a flow for a driver."""
    earlier = yield from reconcile_flow(systems, journal, clock=clock, quarantine=quarantine)
    pulled = yield from pull_flow(systems, journal, [kind.kind for kind in rules])
    todo = plan(pulled.agreed, pulled.left, pulled.right, rules, decisions_in(journal))
    report = yield from apply_flow(
        todo, systems, journal, clock=clock, yes=yes, percent=percent, hints=pulled.hints, tenant=tenant
    )
    return evolve(report, reconciled=earlier.settled, parked=earlier.parked)
