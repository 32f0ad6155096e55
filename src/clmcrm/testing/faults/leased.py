"""A worker beside others: it runs under the lease of the journal's partition, and steps back where another has it."""

from __future__ import annotations

import mmap
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from attrs import define, field

from clmcrm.errors import ClmcrmError, LeaseHeld, LeaseLost
from clmcrm.ports.journal import LeasedJournal
from clmcrm.ports.records import SIDES
from clmcrm.store.postgres import PostgresJournal
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.flow import synchronise_flow
from clmcrm.testing.faults.errands import DONE, REFUSED, Errand, driver, transport
from clmcrm.testing.faults.service import HttpRemote
from clmcrm.testing.faults.world import FIRST

FENCED: Final = 4
HELD: Final = 5
PATIENCE: Final = 3.0
"""Seconds for which a worker waits for the lease of another."""
_SIZE: Final = 8


@define(eq=False)
class SharedClock:
    """The history's clock, which several processes read: its milliseconds stand in the file `place`."""

    place: Path
    _bytes: mmap.mmap = field(init=False)

    def __attrs_post_init__(self) -> None:
        if not self.place.exists():
            _ = self.place.write_bytes(bytes(_SIZE))
        with self.place.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), _SIZE)

    def set(self, now: int) -> None:
        """It is now so many milliseconds after the beginning."""
        self._bytes[:] = now.to_bytes(_SIZE, "little")

    def __call__(self) -> datetime:
        """The present instant."""
        return FIRST + timedelta(milliseconds=int.from_bytes(self._bytes[:], "little"))

    def close(self) -> None:
        """Let the file go."""
        self._bytes.close()


def leased(errand: Errand) -> int:
    """Some runs, each under the lease; how the last of them ended."""
    told = errand.more
    clock = SharedClock(Path(told["clock"]))
    status = HELD
    latest = time.monotonic() + PATIENCE
    try:
        journal = _journal(errand, clock)
        for _ in range(told["runs"]):
            while (status := _one(errand, journal, clock)) == HELD and time.monotonic() < latest:
                time.sleep(0.004)
            if status not in (DONE, REFUSED):
                break
    except ClmcrmError:
        return REFUSED
    return status


def _journal(errand: Errand, clock: Callable[[], datetime]) -> LeasedJournal:
    if errand.more["postgres"]:
        return PostgresJournal(errand.more["postgres"], partition=errand.more["partition"])
    return SqliteJournal(errand.place, clock=clock)


def _one(errand: Errand, journal: LeasedJournal, clock: Callable[[], datetime]) -> int:
    lasting = timedelta(milliseconds=errand.more["lasting"])
    mix, began = errand.mix, time.monotonic()
    stop: Callable[[], bool] | None = None
    if errand.more["leased"]:
        try:
            lease = journal.take(errand.more["holder"], lasting)
        except LeaseHeld:
            return HELD
        if errand.more["postgres"]:  # where leases run out by the server's clock, a worker counts from before it asked
            stop = lambda: time.monotonic() - began >= lasting.total_seconds()  # noqa: E731 - one of two
        else:
            stop = lambda: clock() >= lease.until  # noqa: E731 - the other
    systems = {side: HttpRemote(side, mix.able[side], errand.url) for side in SIDES}
    run = driver(transport(errand.url), clock, stop=stop)
    try:
        _ = run.run(synchronise_flow(
            systems, journal, mix.rules, clock=clock, yes=True, tenant="rig", at_most=mix.at_most,
        ))  # fmt: skip
    except LeaseLost:
        return FENCED
    except ClmcrmError:
        return _released(journal, REFUSED)
    return _released(journal, DONE)


def _released(journal: LeasedJournal, status: int) -> int:
    """Give the lease up, if it is still ours."""
    try:
        journal.release()
    except LeaseLost:
        return FENCED
    return status
