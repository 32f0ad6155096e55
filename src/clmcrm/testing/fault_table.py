"""The page of what was run of the fault rig, from its record: the figures, and the release figures aimed at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from clmcrm.testing.faults.record import SAME, Ran, totals
from clmcrm.testing.faults.tally import COLUMNS, Tally

AIMED_AT: Final[Mapping[str, int]] = {
    "simulated": 1_000_000, "sockets": 10_000, "killed": 2_000, "syscalls": 1_000, "power": 1_000, "lost": 2_000,
    "workers": 500,
}  # fmt: skip
"""How many seeds of each tier a release is to be tried with; two workers on either database."""
WORKERS: Final = ("workers", "workers-postgres")


def fault_page(runs: Iterable[Ran]) -> str:
    """The page of reference, in Markdown: a table for each engine of the record, the latest first.

    >>> ran = Ran(engine="0123456789ab", start=7, tally=Tally(tier="simulated", seeds=2000, faults=9000))
    >>> print(fault_page([ran]).splitlines()[-1])
    | simulated | 2,000 | 1,000,000 | 9,000 | 0 | 0 | 0 | 0 | 0 | 0 | 0.15 % |
    """
    lines = [
        "# What was run of the fault rig", "",
        "Each line of the record is a run, as `python -m clmcrm.testing.faults --record FILE` writes it; this page",
        "is made from it by `docs/generate.py`. What the columns count: [](../explanation/faults.md).", "",
        "Figures add up as long as they are of one engine. It is named by a check sum of all sources that a history",
        "passes through, without comments and docstrings; `--recorded FILE` says which lines of a record are of the",
        "engine at hand. With no violation in n trials the rate of violations is below 3/n at 95 % (rule of three):",
        "the last column.",
        *(line for engine in dict.fromkeys(SAME.values()) for line in _said_same(engine)),
    ]  # fmt: skip
    for engine, tallies in totals(runs).items():
        lines += ["", f"## Engine {engine}", "", *_table(tallies)]
    return "\n".join([*lines, ""])


def _said_same(engine: str) -> Iterator[str]:
    counted = ", ".join(one for one, other in SAME.items() if other == engine)
    yield ""
    yield f"Runs without a violation of {counted} count as runs of {engine}:"
    yield "what changed lies where no clean history goes, or in words: every clean one is the same call by call."


def _table(tallies: Sequence[Tally]) -> list[str]:
    both = sum(tally.seeds for tally in tallies if tally.tier in WORKERS)
    titles = (COLUMNS[0], COLUMNS[1], "aimed at", *COLUMNS[2:], "rate below")
    return [_line(titles), _line(["---"] * len(titles)), *(_row(tally, both) for tally in _in_order(tallies))]


def _in_order(tallies: Sequence[Tally]) -> list[Tally]:
    tiers = list(AIMED_AT)
    return sorted(tallies, key=lambda tally: tiers.index(tally.tier) if tally.tier in tiers else len(tiers))


def _row(tally: Tally, workers: int) -> str:
    """The figures of a tier; for two workers the aim is one for both databases, of which `workers` were run."""
    aim = AIMED_AT.get(tally.tier)
    aimed = f"{aim:,}" if aim else "with the line above" if tally.tier in WORKERS else ""
    if tally.tier == "workers" and workers > tally.seeds:
        aimed = f"{aimed} on both databases"
    figures = (tally.faults, tally.kills, tally.duplicates, tally.lost, tally.divergent, tally.idle, tally.told)
    rate = "" if tally.violations else f"{300 / tally.seeds:.2g} %"
    return _line([tally.tier, f"{tally.seeds:,}", aimed, *(f"{figure:,}" for figure in figures), rate])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
