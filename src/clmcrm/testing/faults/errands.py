"""What a copied process is sent to do: one run of the engine, over its own socket and its own journal.

A run is described by `Errand`; how it ended is an exit status.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.transports import HttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.errors import ClmcrmError
from clmcrm.ports.calls import Transport
from clmcrm.ports.journal import Journal
from clmcrm.ports.records import SIDES, Side
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.flow import synchronise_flow
from clmcrm.testing.faults.mixes import Mix, mix_of
from clmcrm.testing.faults.service import HttpRemote
from clmcrm.testing.faults.world import FIRST, dice_of

DONE: Final = 0
FELL: Final = 1
REFUSED: Final = 3
TRACED_WITHIN: Final = 10.0
"""Seconds until a process that is to be traced is."""


@frozen(kw_only=True)
class Errand:
    """One run: the history's `seed`, the `url` of its systems, `now` in its milliseconds, the journal's `place`.

    `what` is to be done, by name, with `more` to know about it, `broken` the rules that are broken, by name. With
    `traced` the process waits until somebody traces it.
    """

    seed: str
    url: str
    now: int
    place: str
    what: str = "cycle"
    traced: bool = False
    broken: tuple[str, ...] = ()
    more: dict[str, Any] = field(factory=dict[str, Any])

    @property
    def mix(self) -> Mix:
        """The history's mix."""
        return mix_of(dice_of(self.seed))

    @property
    def at(self) -> datetime:
        """The instant at which the run begins."""
        return FIRST + timedelta(milliseconds=self.now)


@cache
def transport(url: str) -> HttpTransport:
    """The transport of this process to the systems at `url`; making one takes longer than a run."""
    return HttpTransport({f"fake-{side.value}": url for side in SIDES})


def driver(
    sent_over: Transport, clock: Callable[[], datetime], *, stop: Callable[[], bool] | None = None, within: int = 30
) -> Driver:
    """A driver that waits for nothing but a reply, and so many seconds for that: a run is to be quick."""
    policy = Policy(tries=2, first_wait=timedelta(0), timeout=timedelta(seconds=within))
    desk = Desk(clock=clock, policy=policy, stop=stop)
    return Driver(sent_over, desk, sleep=lambda _: None, at_once=1)


def synchronised(errand: Errand, systems: Mapping[Side, HttpRemote], journal: Journal, run: Driver) -> int:
    """One run; the exit status says how it ended."""
    mix = errand.mix
    try:
        _ = run.run(synchronise_flow(
            systems, journal, mix.rules, clock=run.desk.clock, yes=True, tenant="rig", at_most=mix.at_most,
        ))  # fmt: skip
    except ClmcrmError:
        return REFUSED
    return DONE


def cycle(errand: Errand) -> int:
    """One run of the engine with its journal in SQLite."""
    if errand.traced:
        until_traced()
    try:
        journal = SqliteJournal(errand.place, clock=lambda: errand.at)
    except ClmcrmError:
        return REFUSED
    able = errand.mix.able
    systems = {side: HttpRemote(side, able[side], errand.url) for side in SIDES}
    return synchronised(errand, systems, journal, driver(transport(errand.url), lambda: errand.at))


def until_traced() -> None:
    """Wait until this process is traced; raises `TimeoutError` when it never is."""
    latest = time.monotonic() + TRACED_WITHIN
    while "TracerPid:\t0\n" in Path("/proc/self/status").read_text(encoding="ascii", errors="replace"):
        if time.monotonic() > latest:
            raise TimeoutError("nobody traces this process")
        time.sleep(0.002)
    time.sleep(0.005)  # the tracer is at its work a moment after it is there
