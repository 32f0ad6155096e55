"""One whole run, in the order that loses nothing: reconcile, pull, plan, apply.

A host that wants to look before it leaps calls the same four itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import evolve

from clmcrm.ports.journal import Journal
from clmcrm.ports.records import Side
from clmcrm.ports.systems import RecordSystem
from clmcrm.sync.applying import Clock, apply
from clmcrm.sync.arbitration import decisions_in
from clmcrm.sync.ownership import Rules
from clmcrm.sync.planning import plan
from clmcrm.sync.pulling import pull
from clmcrm.sync.reconciling import NO_QUARANTINE, reconcile
from clmcrm.sync.reports import Report


def synchronise(
    systems: Mapping[Side, RecordSystem],
    journal: Journal,
    rules: Rules,
    *,
    clock: Clock,
    yes: bool = False,
    percent: int | None = None,
    quarantine: timedelta = NO_QUARANTINE,
) -> Report:
    """Run once and say what became of every step; a settled pair of systems gets no write at all.

    `yes`, `percent` and `quarantine` as in `apply` and `reconcile`. Raises `PlanRefused` for a plan beyond
    its guard, and what the port raises while reading; the next run goes on from there.
    """
    earlier = reconcile(systems, journal, clock=clock, quarantine=quarantine)
    pulled = pull(systems, journal, [kind.kind for kind in rules])
    todo = plan(pulled.agreed, pulled.left, pulled.right, rules, decisions_in(journal))
    report = apply(todo, systems, journal, clock=clock, yes=yes, percent=percent, hints=pulled.hints)
    return evolve(report, reconciled=earlier.settled, parked=earlier.parked)
