"""A cron-style loop: one sync every quarter of an hour, never two at once, and a journal that survives anything.

    python sync_loop.py company.sqlite journal.sqlite --every 900

The two systems are the embedded ones here; put your own in `systems`. `--times 1` makes one run and ends, for
cron or a systemd timer. Exit codes: 0 done, 3 something waits for a person, 75 try again later (another worker
has the partition, or the disk is full for now), 1 somebody must look.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clmcrm.adapters.embedded import open_embedded
from clmcrm.errors import ClmcrmError, JournalUnavailable, LeaseHeld, LeaseLost
from clmcrm.liaison.main_job import Run, carry_out, join
from clmcrm.ports.systems import RecordSystem
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.steps import Plan

LASTING = timedelta(minutes=10)
"""How long a round may take; every round extends the lease by as much."""

DONE, ATTENTION, LATER, FAILED = 0, 3, 75, 1


@contextmanager
def systems(file: Path) -> Iterator[tuple[RecordSystem, RecordSystem]]:
    """The CRM and the CLM: yours, in your own program."""
    with open_embedded(file) as both:
        yield both.crm, both.clm


def one_run(file: Path, place: Path, holder: str) -> Run:
    """One sync under the lease of its partition; the lease is given up at the end, also when it fails."""
    journal = SqliteJournal(place)
    try:
        _ = journal.take(holder, LASTING)
        with systems(file) as (crm, clm):
            today = datetime.now().astimezone().date()
            joined = join(crm, clm, journal, today)
            return carry_out(joined, clock=lambda: datetime.now(UTC), on_round=held(journal))
    finally:
        release(journal)


def held(journal: SqliteJournal) -> Callable[[int, Plan], None]:
    """What extends the lease as each round begins."""

    def extend(_number: int, _todo: Plan) -> None:
        _ = journal.extend(LASTING)

    return extend


def release(journal: SqliteJournal) -> None:
    """Give the lease up; a journal that cannot be written to lets it run out instead."""
    try:
        journal.release()
    except ClmcrmError as error:
        print(f"the lease runs out by itself: {error}", file=sys.stderr)
    finally:
        journal.close()


def tell(file: Path, place: Path, holder: str) -> int:
    """One run and its exit code, with a line for the log."""
    try:
        done = one_run(file, place, holder)
    except (LeaseHeld, LeaseLost) as error:
        print(f"later: {error}")
        return LATER
    except JournalUnavailable as error:
        print(f"{'later' if error.retryable else 'stopped'}: {error}", file=sys.stderr)
        return LATER if error.retryable else FAILED
    except ClmcrmError as error:
        print(f"stopped: {error}", file=sys.stderr)
        return FAILED
    last = done.reports[-1].plan
    waits = len(last.conflicts) + len(last.problems) + len(done.problems)
    print(f"{done.written} records written, {waits} wait for a person")
    return ATTENTION if waits or not done.settled else DONE


def main() -> int:
    """Run as often as was asked; returns the last run's exit code."""
    parser = argparse.ArgumentParser(description="Synchronise every so often.")
    _ = parser.add_argument("file", type=Path)
    _ = parser.add_argument("journal", type=Path)
    _ = parser.add_argument("--every", type=int, default=900, help="seconds between the starts of two runs")
    _ = parser.add_argument("--times", type=int, default=0, help="how many runs; 0: for ever")
    options = parser.parse_args()
    holder = f"{socket.gethostname()}:{os.getpid()}"
    number, code, began = 0, DONE, time.monotonic()
    while not options.times or number < options.times:
        if number:
            time.sleep(max(0.0, began + options.every - time.monotonic()))
        began = time.monotonic()
        code = tell(options.file, options.journal, holder)
        number += 1
    return code


if __name__ == "__main__":
    sys.exit(main())
