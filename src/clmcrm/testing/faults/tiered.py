"""Broken rules that show only where something is real: each with the tier that catches it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from attrs import frozen

from clmcrm.testing.faults.broken import breaking
from clmcrm.testing.faults.history import Told
from clmcrm.testing.faults.hostile import hostile_trial
from clmcrm.testing.faults.killed import killed_trial
from clmcrm.testing.faults.power import power_trial
from clmcrm.testing.faults.rotating import rotating_trial
from clmcrm.testing.faults.sockets import lost_trial, statement_trial
from clmcrm.testing.faults.syscalls import syscall_trial
from clmcrm.testing.faults.workers import workers_there_trial, workers_trial

Trial = Callable[[str], Told]


@frozen(kw_only=True)
class TierVariant:
    """A broken rule: its `name`, the `rule`, the `tier` that catches it, a seed's trial with it `broken` or `whole`."""

    name: str
    rule: str
    tier: str
    broken: Trial
    whole: Trial

    def first_caught(self, seeds: Iterable[str]) -> Told | None:
        """The first trial in which the broken rule shows; None when none of these does."""
        return next((told for told in map(self.broken, seeds) if not told.verdict.clean), None)


def _here(trial: Trial, name: str) -> Trial:
    """The trial with a rule of this process broken."""

    def told(seed: str) -> Told:
        with breaking((name,)):
            return trial(seed)

    return told


TIERED: Final = (
    TierVariant(
        name="no synchronisation", rule="an acknowledged save is on the disk", tier="power",
        broken=partial(power_trial, broken=("no synchronisation",)), whole=power_trial,
    ),
    TierVariant(
        name="no lock", rule="one worker at a time, under a lease", tier="workers",
        broken=partial(workers_trial, leased=False), whole=workers_trial,
    ),
    TierVariant(
        name="no lock there", rule="the same, on PostgreSQL", tier="workers-postgres",
        broken=partial(workers_there_trial, leased=False), whole=workers_there_trial,
    ),
    TierVariant(
        name="foreign links followed", rule="nothing leaves for another origin", tier="hostile",
        broken=partial(hostile_trial, broken=("foreign links followed",)), whole=hostile_trial,
    ),
    TierVariant(
        name="replies unpacked", rule="a compressed reply is refused", tier="hostile",
        broken=partial(hostile_trial, broken=("replies unpacked",)), whole=hostile_trial,
    ),
    TierVariant(
        name="replies of any size", rule="what a reply would take is bounded", tier="hostile",
        broken=partial(hostile_trial, broken=("replies of any size",)), whole=hostile_trial,
    ),
    TierVariant(
        name="refreshed per call", rule="one refresh for all workers", tier="sockets",
        broken=_here(rotating_trial, "refreshed per call"), whole=rotating_trial,
    ),
    TierVariant(
        name="rotation lost", rule="the new refresh token is kept", tier="sockets",
        broken=_here(rotating_trial, "rotation lost"), whole=rotating_trial,
    ),
    TierVariant(
        name="failed saves pass", rule="what the disk did not take stops the run", tier="syscalls",
        broken=partial(syscall_trial, broken=("failed saves pass",)), whole=syscall_trial,
    ),
    TierVariant(
        name="failed statements pass", rule="the same, statement by statement", tier="statements",
        broken=_here(statement_trial, "failed saves pass"), whole=statement_trial,
    ),
    TierVariant(
        name="no open step, killed", rule="a step is recorded before it is sent", tier="killed",
        broken=partial(killed_trial, broken=("no open step",)), whole=killed_trial,
    ),
    TierVariant(
        name="random mark, journal lost", rule="marks are derived", tier="lost",
        broken=_here(lost_trial, "random mark"), whole=lost_trial,
    ),
)  # fmt: skip
"""Those that the other tiers catch."""
