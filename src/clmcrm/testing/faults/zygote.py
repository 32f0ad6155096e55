"""The process that is copied for each trial of the third tier: it has imported everything, so a copy is quick.

One line of JSON in: what the copy is to do. Two lines out: the copy's process id, then how it ended.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from typing import Any, Final

from clmcrm.adapters.transports import HttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.errors import ClmcrmError
from clmcrm.ports.records import SIDES
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.flow import synchronise_flow
from clmcrm.testing.faults.mixes import mix_of
from clmcrm.testing.faults.service import HttpRemote
from clmcrm.testing.faults.world import FIRST, dice_of

DONE: Final = 0
REFUSED: Final = 3


def cycle(said: dict[str, Any]) -> int:
    """One run of the engine; the exit status says how it ended."""
    mix = mix_of(dice_of(said["seed"]))
    url = said["url"]
    now = FIRST + timedelta(milliseconds=said["now"])
    systems = {side: HttpRemote(side, mix.able[side], url) for side in SIDES}
    transport = HttpTransport({system.system: url for system in systems.values()})
    desk = Desk(clock=lambda: now, policy=Policy(tries=2, first_wait=timedelta(0)))
    driver = Driver(transport, desk, sleep=lambda _: None, at_once=1)
    journal = SqliteJournal(said["place"], clock=lambda: now)
    try:
        _ = driver.run(synchronise_flow(
            systems, journal, mix.rules, clock=lambda: now, yes=True, tenant="rig", at_most=mix.at_most,
        ))  # fmt: skip
    except ClmcrmError:
        return REFUSED
    return DONE


def main() -> None:
    """Copy, tell, wait, tell: until there is nothing more to read."""
    for line in sys.stdin:
        said = json.loads(line)
        copy = os.fork()
        if copy == 0:
            os._exit(_guarded(said))
        _ = sys.stdout.write(f"{copy}\n")
        _ = sys.stdout.flush()
        _, status = os.waitpid(copy, 0)
        _ = sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        _ = sys.stdout.flush()


def _guarded(said: dict[str, Any]) -> int:
    try:
        return cycle(said)
    except BaseException as error:  # noqa: BLE001 - the copy must not go on as the original
        _ = sys.stderr.write(f"{error!r}\n")
        return 1


if __name__ == "__main__":
    main()
