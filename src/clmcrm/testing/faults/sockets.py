"""Tier 2: real sockets and a real journal in SQLite, in one process; disks that fail and power that goes."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, cast

from attrs import define, field

from clmcrm.adapters.transports import HttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.errors import AdapterError, JournalUnavailable
from clmcrm.ports.calls import Call, Reply
from clmcrm.ports.records import SIDES, Side
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.flow import synchronise_flow
from clmcrm.sync.reports import Report
from clmcrm.testing.faults.history import TENANT, History, Told, fallen
from clmcrm.testing.faults.memory import RigJournal
from clmcrm.testing.faults.mixes import SLOWEST, mix_of
from clmcrm.testing.faults.service import Answer, HttpRemote, Service, answered_by
from clmcrm.testing.faults.world import SECOND, PowerCutError, World, dice_of

BUSY: Final = 429
BROKEN: Final = 500
LATEST: Final = SLOWEST // 2
"""A late write behind a socket is half as late as the systems declare: the sender's clock may lag behind."""


@cache
def service() -> Service:
    """The server of this process."""
    return Service()


@cache
def transport() -> HttpTransport:
    """The transport of this process."""
    return HttpTransport({f"fake-{side.value}": service().url for side in SIDES})


@define
class Cut:
    """A transport in front of which, and behind which, the process may die."""

    world: World

    def send(self, call: Call, within: timedelta) -> Reply:
        """As any transport."""
        self.world.point(f"before {call.where}")
        reply = transport().send(call, within)
        self.world.point(f"after {call.where}")
        return reply


class FailingDb(sqlite3.Connection):
    """Fails at its k-th statement, as SQLite does on a full or broken disk; `left` None: never."""

    left: int | None = None
    code = sqlite3.SQLITE_FULL

    def execute(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as the original
        """As the original, unless it is the k-th."""
        self._count(str(arguments[0]))
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as the original
        """As the original, unless it is the k-th."""
        self._count(str(arguments[0]))
        return super().executemany(*arguments)

    def _count(self, sql: str) -> None:
        if self.left is None or sql.startswith("ROLLBACK"):
            return
        self.left -= 1
        if self.left <= 0:
            self.left = None
            if self.code == sqlite3.SQLITE_IOERR and self.in_transaction:
                _ = super().execute("ROLLBACK")  # SQLite itself may have rolled back by then
            error = sqlite3.OperationalError("the disk failed on purpose")
            error.sqlite_errorcode = self.code
            raise error


@define(eq=False, kw_only=True)
class SocketHistory(History):
    """A history whose calls cross a socket and whose journal is a file."""

    failing: bool = False
    folder: Path = field(init=False)
    driver: Driver = field(init=False)
    systems: dict[Side, HttpRemote] = field(init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.folder = Path(mkdtemp(prefix="clmcrm-rig-"))
        self.begin()

    def begin(self) -> None:
        """The server answers for this history; the journal is opened."""
        service().answering = self.answer
        self.systems = {s: HttpRemote(s, self.mix.able[s], service().url) for s in SIDES}
        policy = Policy(tries=2, first_wait=timedelta(seconds=1))
        desk = Desk(clock=self.world.clock, policy=policy)
        self.driver = Driver(Cut(self.world), desk, sleep=lambda s: self.world.wait(int(s * SECOND)), at_once=1)
        self.open()

    @property
    def place(self) -> Path:
        """The journal's file."""
        return self.folder / "journal.sqlite"

    def open(self) -> None:
        """What a new process does."""
        db = sqlite3.connect(self.place, isolation_level=None, factory=FailingDb, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            _ = db.execute(f"PRAGMA {pragma}").fetchall()
        self.db = db
        self.journal = cast("RigJournal", SqliteJournal(db))

    db: FailingDb = field(init=False)

    def cycle(self) -> Report | None:
        """One run over the socket; None when it died or could not read."""
        flow = synchronise_flow(
            self.systems, self.journal, self.mix.rules, clock=self.world.clock, yes=True, tenant=TENANT,
            at_most=self.mix.at_most,
        )  # fmt: skip
        dice = self.world.dice
        if self.failing and self.world.faulty and dice.random() < 0.5:
            self.db.left = dice.randrange(1, 150)
            self.db.code = dice.choice((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY))
        try:
            report = self.driver.run(flow)
        except PowerCutError:
            self.reopen()
            return None
        except JournalUnavailable:
            self.world.counts["fault"] += 1
            self.reopen()
            return None
        except AdapterError:
            return None
        finally:
            self.db.left = None
        self.note(report)
        return report

    def reopen(self) -> None:
        """The process is dead; another one begins."""
        self.db.close()
        self.open()

    def begin_anew(self) -> None:
        """The journal's files are gone."""
        self.db.close()
        for file in self.folder.iterdir():
            file.unlink()
        self.open()

    def answer(self, side: Side, what: str, said: dict[str, Any]) -> Answer:
        """What the server does with a request."""
        world, remote, rates = self.world, self.remotes[side], self.mix.rates
        world.wait(world.dice.randrange(SECOND))
        if world.chance(self.mix.edit_rate):
            self.people.act()
        fault = next((kind for kind in rates if world.chance(rates[kind])), "")
        if fault:
            world.counts["fault"] += 1
        if fault in ("busy", "down"):
            return Answer(status=BUSY)
        if fault == "before":
            return Answer(silent=True)
        if fault == "late" and what == "write":
            due = world.now + world.dice.randrange(1, LATEST)
            world.landings.append((due, lambda: answered_by(remote, what, said)))
            return Answer(silent=True)
        body = answered_by(remote, what, said)
        if fault == "after":
            return Answer(status=BROKEN)
        return Answer(body=body, torn=fault in ("torn", "partial"), silent=fault == "short")

    def close(self) -> None:
        """Nothing is left behind."""
        self.db.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def lived(history: SocketHistory) -> Told:
    """The history's verdict; its folder is removed. An engine, or a rig, that falls over is a violation like others."""
    try:
        return history.told()
    except Exception as error:  # noqa: BLE001 - whatever it is, the seed is to be told
        return fallen(history, error)
    finally:
        history.close()


def statement_trial(seed: str) -> Told:
    """A history over sockets; half of its runs meet a statement of the journal that fails: full disk, error, lock."""
    return lived(SocketHistory(seed=seed, failing=True))


def with_losses(seed: str) -> str:
    """A seed, derived from this one, in whose history the journal is lost."""
    for number in range(1000):
        derived = f"{seed}/{number}"
        if mix_of(dice_of(derived)).losses:
            return derived
    raise AssertionError(f"no loss within 1000 seeds derived from {seed}")


def lost_trial(seed: str) -> Told:
    """A history over sockets in which the journal's files are removed."""
    return lived(SocketHistory(seed=with_losses(seed)))
