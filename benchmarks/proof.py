"""What a log costs per entry: appended, exported, verified; beside the hashing alone, in the same run.

Figures are CPU time per entry, the median of rounds; the share of SHA-256 itself shows what is left to gain.
Run it as `python benchmarks/proof.py` with the package installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from statistics import median
from time import process_time

from clmcrm.clm.events import Approved
from clmcrm.proof.log import EventLog, append, append_all, export_log
from clmcrm.proof.verifying import Verified, verify
from clmcrm.values.ids import ContractId

ENTRIES = 2_000
ROUNDS = 5
BEGAN = datetime(2026, 1, 1, 9, tzinfo=UTC)
EVENTS = [
    Approved(BEGAN + timedelta(minutes=n), f"person {n % 7}", role="legal", note="as discussed") for n in range(ENTRIES)
]
SALTS = [sha256(str(n).encode()).digest() for n in range(ENTRIES)]
EMPTY = EventLog(contract=ContractId("C-1"))
LOG = append_all(EMPTY, EVENTS, SALTS)
DATA = export_log(LOG)


def all_at_once() -> object:
    """Append all events in one call."""
    return append_all(EMPTY, EVENTS, SALTS)


def one_at_a_time() -> object:
    """Append each event in a call of its own, to a log that grows."""
    log = EMPTY
    for event, salt in zip(EVENTS, SALTS, strict=True):
        log = append(log, event, recorded_at=event.at, salt=salt)
    return log


def exported() -> object:
    """Write the log as JSON lines."""
    return export_log(LOG)


def verified() -> object:
    """Verify the export against its head."""
    return verify(DATA, LOG.head)


def hashed() -> object:
    """Only the SHA-256 of each line and of its three parts."""
    return [[sha256(line).digest() for _ in range(4)] for line in DATA.splitlines()]


def main() -> None:
    """Time each way in turn, see that the log is whole, and print microseconds per entry."""
    if not isinstance(verified(), Verified):
        raise SystemExit("the log does not verify")
    ways: tuple[Callable[[], object], ...] = (all_at_once, one_at_a_time, exported, verified, hashed)
    print(f"{ENTRIES} entries of {len(DATA) // ENTRIES} bytes, {ROUNDS} rounds")
    for way in ways:
        times: list[float] = []
        for _ in range(ROUNDS):
            began = process_time()
            _ = way()
            times.append(process_time() - began)
        print(f"{way.__name__:<16}{median(times) / ENTRIES * 1e6:>10.1f} us per entry")


if __name__ == "__main__":
    main()
