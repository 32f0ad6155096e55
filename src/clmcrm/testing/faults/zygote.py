"""The process that is copied for each run: it has imported everything, so a copy is quick.

One line of JSON in: what the copy is to do. Two lines out: the copy's process id, then how it ended (its exit
status, below zero the signal) and the most memory it held, in kilobytes.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Final

from clmcrm.testing.faults.broken import breaking
from clmcrm.testing.faults.errands import FELL, Errand, cycle, transport
from clmcrm.testing.faults.hostile import among_enemies, at_rest
from clmcrm.testing.faults.leased import leased

ERRANDS: Final[dict[str, Callable[[Errand], int]]] = {
    "cycle": cycle, "leased": leased, "among_enemies": among_enemies, "at_rest": at_rest,
}  # fmt: skip


def main() -> None:
    """Copy, tell, wait, tell: until there is nothing more to read."""
    for line in sys.stdin:
        errand = Errand(**json.loads(line))
        _ = transport(errand.url)
        copy = os.fork()
        if copy == 0:
            os._exit(_guarded(errand))
        _tell(copy)
        _, status, used = os.wait4(copy, 0)
        _tell(os.waitstatus_to_exitcode(status), used.ru_maxrss)


def _tell(*numbers: int) -> None:
    _ = sys.stdout.write(" ".join(map(str, numbers)) + "\n")
    _ = sys.stdout.flush()


def _guarded(errand: Errand) -> int:
    try:
        with breaking(errand.broken):
            return ERRANDS[errand.what](errand)
    except BaseException as error:  # noqa: BLE001 - the copy must not go on as the original
        _ = sys.stderr.write(f"{error!r}\n")
        return FELL


if __name__ == "__main__":
    main()
