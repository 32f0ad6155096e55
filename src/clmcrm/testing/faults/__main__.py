"""The rig from the command line: `python -m clmcrm.testing.faults --seeds N --start S`."""

from __future__ import annotations

import argparse
import gc
import secrets
import sys
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from math import inf
from pathlib import Path
from typing import Final

from clmcrm.testing.faults.history import Told, history
from clmcrm.testing.faults.hostile import hostile_trial
from clmcrm.testing.faults.killed import killed_trial
from clmcrm.testing.faults.postgres import share
from clmcrm.testing.faults.power import power_trial
from clmcrm.testing.faults.record import engine_now, keep, kept, totals
from clmcrm.testing.faults.rotating import socket_trial
from clmcrm.testing.faults.sockets import lost_trial, statement_trial
from clmcrm.testing.faults.syscalls import syscall_trial
from clmcrm.testing.faults.tally import WORST, Tally, table
from clmcrm.testing.faults.tiered import TIERED
from clmcrm.testing.faults.tracing import Unavailable
from clmcrm.testing.faults.variants import SIMULATED, first_caught
from clmcrm.testing.faults.workers import workers_there_trial, workers_trial

Trial = Callable[[str], Told]

THERE: Final = "workers-postgres"
TIERS: Final[dict[str, Trial]] = {
    "simulated": history,
    "sockets": socket_trial,
    "killed": killed_trial,
    "statements": statement_trial,
    "syscalls": syscall_trial,
    "power": power_trial,
    "hostile": hostile_trial,
    "workers": workers_trial,
    THERE: workers_there_trial,
    "lost": lost_trial,
}
"""Each tier's trial: from a seed to what it came to."""

COLLECT_EVERY: Final = 50_000
"""How many more objects there must be before garbage is looked for."""
CHUNK: Final = 50
"""How many seeds a process takes at a time at most; fewer where that spreads them better."""


def trials(tier: str, first: int, count: int) -> Tally:
    """The trials of these seeds, counted."""
    tally = Tally(tier=tier)
    with _rarely_collected():
        for seed in range(first, first + count):
            tally.add(TIERS[tier](str(seed)))
    return tally


@contextmanager
def _rarely_collected() -> Generator[None, None, None]:
    """A history leaves little garbage: to look for it as often as usual takes 6 % of the time."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_EVERY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def run(tier: str, first: int, count: int, jobs: int, minutes: float | None = None) -> Tally:
    """The same, with `jobs` processes side by side.

    After `minutes` (None: there is no limit) no more seeds are begun: those that were are counted, and no others.
    """
    if tier == THERE and jobs > 1:
        share()
    total = Tally(tier=tier)
    ends = inf if minutes is None else time.monotonic() + 60 * minutes
    size = max(1, min(CHUNK, count // (4 * jobs)))
    parts = [(start, min(size, first + count - start)) for start in range(first, first + count, size)]
    if jobs < 2:
        for start, several in parts:
            if time.monotonic() < ends:
                total.merge(trials(tier, start, several))
        return total
    with ProcessPoolExecutor(jobs) as pool:
        running = [pool.submit(trials, tier, *part) for part in parts]
        for each in running:
            if time.monotonic() >= ends:
                _ = [later.cancel() for later in running]  # all at once: while one is waited for, the next begins
            if not each.cancelled():
                total.merge(each.result())
    return total


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rig; 0 when everything was clean, 1 when anything was not."""
    options = _parser().parse_args(arguments)
    if options.recorded:
        return _recorded(options.recorded)
    start = secrets.randbelow(10**9) if options.start is None else options.start
    _say(f"start {start}")
    if options.variants:
        return _variants(options.tier or ["simulated"], start, options.seeds)
    # Now: a run takes hours, and somebody may edit the sources meanwhile.
    engine = engine_now() if options.record else ""
    tallies: list[Tally] = []
    for tier in options.tier or ["simulated"]:
        began = time.monotonic()
        try:
            tallies.append(run(tier, start, options.seeds, options.jobs, options.minutes))
        except Unavailable as reason:
            _say(f"{tier}: left out: {reason}")
            continue
        left_out = options.seeds - tallies[-1].seeds
        cut = f", {left_out} left out: {options.minutes:g} minutes were over" if left_out else ""
        _say(f"{tier}: {tallies[-1].seeds} seeds in {time.monotonic() - began:.1f} s{cut}")
        if options.record:
            keep(options.record, engine, start, tallies[-1])
    if tallies:
        _say(table(tallies))
    violations = [f"{tally.tier}: {each}" for tally in tallies for each in tally.violations]
    for each in violations[:WORST]:
        _say(each)
    if violations:
        _say("repeat one with --tier TIER --seeds 1 --start SEED")
    return 1 if violations else 0


def _recorded(file: Path) -> int:
    """Print what a record adds up to, engine by engine; 1 when a trial of the engine at hand was not clean."""
    engine = engine_now()
    found = totals(kept(file))
    for name, tallies in found.items():
        _say(f"engine {name}{' (the one at hand)' if name == engine else ''}")
        _say(table(tallies))
    if engine not in found:
        _say(f"nothing of the engine at hand, {engine}")
    return int(any(tally.violations for tally in found.get(engine, ())))


def _variants(tiers: Sequence[str], start: int, seeds: int) -> int:
    """Which broken variants these tiers catch, and by which seed; 1 when one is not."""
    missed = 0
    numbers = [str(seed) for seed in range(start, start + seeds)]
    simulated = SIMULATED if "simulated" in tiers else ()
    tries: list[tuple[str, Callable[[], Told | None]]] = [
        *((variant.name, partial(first_caught, variant, numbers)) for variant in simulated),
        *((variant.name, partial(variant.first_caught, numbers)) for variant in TIERED if variant.tier in tiers),
    ]
    for name, tried in tries:
        try:
            told = tried()
        except Unavailable as reason:
            _say(f"{name:28} left out: {reason}")
            continue
        missed += told is None
        how = "not caught" if told is None else f"caught by seed {told.seed}: {', '.join(_signs(told))}"
        _say(f"{name:28} {how}")
    return 1 if missed else 0


def _signs(told: Told) -> list[str]:
    verdict = told.verdict
    signs = {
        "duplicates": verdict.duplicates, "lost edits": verdict.lost,
        "divergent pairs": verdict.divergent, "idle writes": verdict.idle,
    }  # fmt: skip
    return [name for name, found in signs.items() if found]


def _say(line: str) -> None:
    _ = sys.stdout.write(line + "\n")
    _ = sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m clmcrm.testing.faults", description=__doc__)
    _ = parser.add_argument("--seeds", type=int, default=100, help="how many seeds of each tier")
    _ = parser.add_argument("--start", type=int, help="the first seed; drawn and printed when it is not given")
    _ = parser.add_argument("--tier", action="append", choices=sorted(TIERS), help="which tier; may be repeated")
    _ = parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    _ = parser.add_argument("--minutes", type=float, help="begin no more seeds of a tier after so many minutes")
    _ = parser.add_argument("--variants", action="store_true", help="try the broken variants of these tiers instead")
    _ = parser.add_argument("--record", type=Path, metavar="FILE", help="append what was run to this record")
    _ = parser.add_argument("--recorded", type=Path, metavar="FILE", help="print what a record adds up to, and end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
