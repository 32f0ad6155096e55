"""Killed in the middle of a push of 1,000 accounts and resumed: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from serving_tryton import running
from tryton_desk import TrytonDesk

from clmcrm.adapters.embedded import EmbeddedClm
from clmcrm.ports.records import Kind

pytestmark = [pytest.mark.servers, pytest.mark.slow]

ROWS = 1_000
PROGRAM = Path(__file__).parents[1] / "serving" / "push_to_tryton.py"


def test_a_killed_push_is_resumed(tmp_path: Path) -> None:
    seed = random.randrange(10**6)  # noqa: S311 - when to kill
    chance = random.Random(seed)  # noqa: S311 - when to kill
    print(f"seed {seed}")  # noqa: T201 - repeats the trial
    file = tmp_path / "clm.sqlite"
    clm = EmbeddedClm(file)
    for number in range(ROWS):
        _ = clm.add(Kind.ACCOUNT, {"name": f"pushed {number:04}"})
    clm.close()
    where = tmp_path / "tryton"
    where.mkdir()
    with running(where) as server:
        desk = TrytonDesk(server)
        asked = [sys.executable, str(PROGRAM), server.url, server.password, str(desk.company), str(file)]

        def there() -> int:
            return int(desk.do("party.party", "search_count", [["name", "like", "pushed %"]]))

        kills = 0
        for share in sorted(chance.sample(range(50, ROWS - 100), 3)):
            with subprocess.Popen(asked, stdout=subprocess.PIPE) as program:
                while program.poll() is None and there() < share:
                    time.sleep(0.3)
                if program.poll() is None:
                    program.send_signal(signal.SIGKILL)
                    kills += 1
        assert kills >= 2
        assert 0 < there() < ROWS
        time.sleep(3)  # what a killed run had sent may still be carried out: the quarantine
        for _ in range(4):
            said = subprocess.run(asked, capture_output=True, text=True, check=True)
            time.sleep(3)
        assert said.stdout.split() == ["0", "True"], said.stdout
        rows = desk.do("party.party", "search_read", [["name", "like", "pushed %"]], 0, None, None, ["name"])
        counted = Counter(row["name"] for row in rows)
        assert len(counted) == ROWS
        assert set(counted.values()) == {1}
