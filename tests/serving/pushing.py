"""Programs that bring the accounts of a CLM file into a server; a test kills them in the middle, and resumes.

A program calls `push` and prints how many records it wrote, once settled.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import sleep

from clmcrm.adapters.embedded import EmbeddedClm
from clmcrm.adapters.transports import HttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.liaison.main_job import carry_out_flow, join
from clmcrm.ports.records import Kind
from clmcrm.ports.systems import AnySystem
from clmcrm.store.sqlite import SqliteJournal

BRIEF = timedelta(seconds=2)
ROWS = 1_000
KILLS = 3


def now() -> datetime:
    return datetime.now(UTC)


def push(vendor: str, url: str, crm: AnySystem, file: str) -> None:
    """One whole run of the main job against the CLM in `file`, with a journal beside it."""
    driver = Driver(HttpTransport({vendor: url}), Desk(clock=now), sleep=sleep)
    with closing(SqliteJournal(Path(file).with_suffix(".journal"))) as journal:
        joined = join(crm, EmbeddedClm(file), journal, date(2026, 12, 1))
        run = driver.run(carry_out_flow(joined, clock=now, yes=True))
        print(run.written, run.settled, flush=True)  # noqa: T201 - what a program says


def filled(file: Path) -> None:
    """A CLM with the accounts to push."""
    clm = EmbeddedClm(file)
    for number in range(ROWS):
        _ = clm.add(Kind.ACCOUNT, {"name": f"pushed {number:04}"})
    clm.close()


def killed_and_resumed(program: Path, told: Sequence[str], there: Callable[[], int]) -> None:
    """Kill the program again and again in the middle of its push, then let it end; raises unless it settles.

    `there` says how many of the records stand in the server.
    """
    seed = random.randrange(10**6)  # noqa: S311 - when to kill
    chance = random.Random(seed)  # noqa: S311 - when to kill
    print(f"seed {seed}")  # noqa: T201 - repeats the trial
    asked = [sys.executable, str(program), *told]
    kills = 0
    for share in sorted(chance.sample(range(50, ROWS - 200), KILLS)):
        with subprocess.Popen(asked, stdout=subprocess.PIPE) as running:
            while running.poll() is None and there() < share:
                time.sleep(0.1)
            if running.poll() is None:
                running.send_signal(signal.SIGKILL)
                kills += 1
    assert kills >= KILLS - 1
    assert 0 < there() < ROWS
    time.sleep(3)  # what a killed run had sent may still be carried out: the quarantine
    for _ in range(4):
        said = subprocess.run(asked, capture_output=True, text=True, check=True)
        time.sleep(3)
    assert said.stdout.split() == ["0", "True"], said.stdout


def all_there_once(names: Sequence[str]) -> None:
    """Raises unless every pushed record stands there, and none twice."""
    counted = Counter(names)
    assert len(counted) == ROWS
    assert set(counted.values()) == {1}
