"""The power goes: what the journal wrote and did not synchronise is lost, in part, out of order, torn at sectors.

Each run is traced, and what it did to the folder is done again on a `Disk`. Between the runs the folder is never
opened by anybody else, so the disk knows everything that happened to it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final, cast

from attrs import define, evolve, field

from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.reports import Report
from clmcrm.testing.faults.copies import Ended
from clmcrm.testing.faults.disk import Disk
from clmcrm.testing.faults.errands import Errand
from clmcrm.testing.faults.history import Told
from clmcrm.testing.faults.killed import FEW, KilledHistory, counted
from clmcrm.testing.faults.memory import RigJournal
from clmcrm.testing.faults.sockets import FailingDb, lived
from clmcrm.testing.faults.syscalls import drawn_call
from clmcrm.testing.faults.tracing import NAMING, WRITING, Injection, Traced, Unavailable, missing

DYING: Final = 0.8
"""How often the power goes when a run was cut short; it goes after every fourth of the others."""


@define(eq=False, kw_only=True)
class PowerHistory(KilledHistory):
    """A history in which the power goes."""

    disk: Disk = field(init=False)
    _open: bool = False

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.disk = Disk(self.place.parent)

    @property
    def place(self) -> Path:
        """The journal's file, in a folder of its own."""
        return self.folder.resolve() / "disk" / "journal.sqlite"

    def open(self) -> None:
        """While the power may go, nobody but a run touches the folder: what stands in its place is empty."""
        if self._open:
            super().open()
            return
        self.place.parent.mkdir(exist_ok=True)
        self.db = sqlite3.connect(":memory:", isolation_level=None, factory=FailingDb, check_same_thread=False)
        self.journal = cast("RigJournal", SqliteJournal(self.db))

    def cycle(self) -> Report | None:
        """A run, after which the power may go; once nothing breaks any more the journal is opened here."""
        if self.world.faulty:
            ended = self.run()
            if self.world.dice.random() < (DYING if ended.status < 0 else 0.25):
                self.cut()
            return None
        if not self._open:
            self._opened()
        return super().cycle()

    def cut(self) -> None:
        """The power goes and comes back."""
        self.world.counts["fault"] += 1
        self.world.tell("the power goes")
        self.disk.cut(self.world.dice)

    def lose(self) -> None:
        """As ever; somebody opens the journal before, to keep what it tells."""
        self._opened()
        super().lose()

    def begin_anew(self) -> None:
        """The journal's files are gone."""
        self.db.close()
        for file in self.place.parent.iterdir():
            file.unlink()
        self.disk.empty()
        self._open = False
        self.open()

    def _opened(self) -> None:
        self.db.close()
        self._open = True
        self.open()

    def errand(self) -> Errand:
        """As over any process; it waits to be traced."""
        return evolve(super().errand(), traced=True)

    def run(self) -> Ended:
        """One process, whose every write is listed; it dies at a request, at a system call, or not at all."""
        dice = self.world.dice
        roll = dice.random()
        self._requests, self.kill_at = 0, dice.randrange(1, FEW) if roll < 0.4 else 0
        injection = Injection((*WRITING, *NAMING), drawn_call(dice)) if roll > 0.6 else None
        pid = self.copies.start(self.errand())
        traced = Traced(pid, self.place, self.folder / "calls", injection, listed=(*WRITING, *NAMING))
        ended = self.copies.ended()
        self.disk.follow(traced.lines())
        counted(self.world, ended)
        return ended


def power_trial(seed: str, *, broken: tuple[str, ...] = ()) -> Told:
    """A history in which the power goes."""
    if missing():
        raise Unavailable(missing())
    return lived(PowerHistory(seed=seed, broken=broken))
