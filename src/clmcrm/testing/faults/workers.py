"""Two workers on one journal: one is killed or stopped in the middle, and goes on when the other has taken over."""

from __future__ import annotations

import signal
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache, partial
from threading import RLock
from time import monotonic
from typing import Any, Final, cast
from uuid import uuid4

from attrs import define, evolve, field

from clmcrm.ports.records import Side
from clmcrm.store.postgres import PostgresJournal
from clmcrm.sync.reports import Report
from clmcrm.testing.faults.copies import Copier, Ended, copier
from clmcrm.testing.faults.errands import Errand
from clmcrm.testing.faults.history import Told
from clmcrm.testing.faults.killed import FEW, counted
from clmcrm.testing.faults.leased import FENCED, SharedClock
from clmcrm.testing.faults.memory import RigJournal
from clmcrm.testing.faults.postgres import running
from clmcrm.testing.faults.service import Answer, Service
from clmcrm.testing.faults.sockets import FailingDb, SocketHistory, lived
from clmcrm.testing.faults.world import SECOND

WORKERS: Final = (1, 2)
LASTING: Final = 120 * SECOND
"""How long a lease lasts by the history's clock; by PostgreSQL's own it is `LASTING_THERE`, in milliseconds."""
LASTING_THERE: Final = 600
QUIET: Final = 0.06
"""After so many seconds without a request the history's clock goes on by itself."""
LONGEST_PAUSE: Final = 4.0


@cache
def services() -> dict[int, Service]:
    """Each worker has a server of its own, by which it is known."""
    return {worker: Service() for worker in WORKERS}


@define(eq=False, kw_only=True)
class WorkersHistory(SocketHistory):
    """A history with two workers; without `leased` neither takes the lease. `there` names a PostgreSQL server."""

    leased: bool = True
    there: str = ""
    copies: dict[int, Copier] = field(init=False)
    clock: SharedClock = field(init=False)
    partition: str = field(factory=lambda: uuid4().hex)
    lock: RLock = field(factory=RLock)
    requests: dict[int, int] = field(factory=dict[int, int])
    kill_at: dict[int, int] = field(factory=dict[int, int])
    pause_at: dict[int, int] = field(factory=dict[int, int])
    paused: int = 0
    resume_at: int = 0

    def begin(self) -> None:
        """As over any sockets, and a server for each worker."""
        self.copies = {worker: copier(worker) for worker in WORKERS}
        self.clock = SharedClock(self.folder / "clock")
        for worker in WORKERS:
            services()[worker].answering = partial(self.answer_to, worker)
        super().begin()

    def open(self) -> None:
        """The rig's own view of the journal, which takes no lease."""
        if not self.there:
            super().open()
            return
        self.db = sqlite3.connect(":memory:", isolation_level=None, factory=FailingDb, check_same_thread=False)
        self.journal = cast("RigJournal", PostgresJournal(self.there, partition=self.partition))

    def shut(self) -> None:
        """Leave the journal to the workers."""
        self.db.close()
        if self.there:
            cast("PostgresJournal", self.journal).close()

    def close(self) -> None:
        """Nothing is left behind."""
        self.shut()
        self.clock.close()
        super().close()

    def cycle(self) -> Report | None:
        """While anything may break, both workers at once; then a run here, which reports."""
        if not self.world.faulty:
            return super().cycle()
        self.shut()
        self.both()
        self.open()
        return None

    def begin_anew(self) -> None:
        """The journal is gone: of PostgreSQL's the partition."""
        if not self.there:
            super().begin_anew()
            self.clock = SharedClock(self.folder / "clock")
            return
        self.shut()
        self.partition = uuid4().hex
        self.open()

    def both(self) -> None:
        """Both workers from their birth to their end."""
        dice = self.world.dice
        self.requests = dict.fromkeys(WORKERS, 0)
        self.kill_at = {w: dice.randrange(1, FEW) if dice.random() < 0.25 else 0 for w in WORKERS}
        who = dice.choice(WORKERS)
        self.pause_at = {who: dice.randrange(1, FEW // 2) if dice.random() < 0.5 else 0}
        self.paused, self.resume_at = 0, dice.choice((3, 8, 10**9))
        self.clock.set(self.world.now)
        for worker in WORKERS:
            _ = self.copies[worker].start(self.errand(worker))
        with ThreadPoolExecutor(len(WORKERS)) as pool:
            ends = {worker: pool.submit(self.copies[worker].ended) for worker in WORKERS}
            self.watch(ends)
        for ended in (each.result() for each in ends.values()):
            counted(self.world, ended)
            self.world.counts["fenced"] += ended.status == FENCED

    def errand(self, worker: int) -> Errand:
        """What a worker is to do."""
        errand = Errand(seed=self.seed, url=services()[worker].url, now=self.world.now, place=str(self.place))
        more = {
            "clock": str(self.clock.place), "holder": f"worker {worker}", "leased": self.leased, "runs": 2,
            "lasting": LASTING_THERE if self.there else LASTING, "postgres": self.there, "partition": self.partition,
        }  # fmt: skip
        return evolve(errand, what="leased", more=more)

    def watch(self, ends: dict[int, Future[Ended]]) -> None:
        """Let time pass where nothing happens, and the stopped worker go on in the end."""
        known, stopped_at = 0, 0.0
        while not all(each.done() for each in ends.values()):
            _ = wait(ends.values(), QUIET)
            with self.lock:
                if self.paused and not stopped_at:
                    stopped_at = monotonic()
                others = [each.done() for worker, each in ends.items() if worker != self.paused]
                if self.paused and (all(others) or monotonic() - stopped_at > LONGEST_PAUSE):
                    self.resume()
                if sum(self.requests.values()) == known:
                    self.world.wait(20 * SECOND)
                    self.clock.set(self.world.now)
                known = sum(self.requests.values())

    def resume(self) -> None:
        """The stopped worker goes on as if nothing had happened."""
        worker, self.paused = self.paused, 0
        _ = self.copies[worker].signal(signal.SIGCONT)

    def answer_to(self, worker: int, side: Side, what: str, said: dict[str, Any]) -> Answer:
        """As to anybody; at its request the worker may die, or stop before it reads the answer."""
        with self.lock:
            self.requests[worker] += 1
            number = self.requests[worker]
            dies, stops = number == self.kill_at[worker], number == self.pause_at.get(worker)
            if dies and self.world.dice.random() < 0.5:
                _ = self.copies[worker].signal(signal.SIGKILL)
                return Answer(silent=True)
            answer = self.answer(side, what, said)
            self.clock.set(self.world.now)
            if dies:
                _ = self.copies[worker].signal(signal.SIGKILL)
            elif stops and self.copies[worker].signal(signal.SIGSTOP):
                self.paused, self.resume_at = worker, self.resume_at + sum(self.requests.values())
                self.world.counts["fault"] += 1
            elif self.paused and sum(self.requests.values()) >= self.resume_at:
                self.resume()
            return answer


def workers_trial(seed: str, *, leased: bool = True) -> Told:
    """A history with two workers on one SQLite file."""
    return lived(WorkersHistory(seed=seed, leased=leased))


def workers_there_trial(seed: str, *, leased: bool = True) -> Told:
    """The same on one PostgreSQL journal; raises `Unavailable` where there is none."""
    return lived(WorkersHistory(seed=seed, leased=leased, there=running()))
