"""A yardstick for processor time: what one `date + relativedelta(months=3)` takes on this machine, just now.

Absolute times of shared machines vary by more than a factor of two; a multiple of the yardstick taken in the
same run says more. The bars of this library were set where it takes 4.9 us, so a bar of 40 us is 8.2 of it.
Run it as `python benchmarks/yardstick.py` with the package installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its finding

from __future__ import annotations

from datetime import date
from statistics import median
from time import process_time

from dateutil.relativedelta import relativedelta

REFERENCE = 4.9
"""Microseconds of one addition where the bars were set."""
ADDITIONS = 2_000
ROUNDS = 7
DAY = date(2026, 1, 31)


def round_() -> float:
    """CPU microseconds of one addition, in one round."""
    began = process_time()
    for _ in range(ADDITIONS):
        _day = DAY + relativedelta(months=3)
    return (process_time() - began) / ADDITIONS * 1e6


def yardstick() -> float:
    """CPU microseconds of one addition: the median of some rounds."""
    return median(round_() for _ in range(ROUNDS))


def against(bar: float, took: float, stick: float) -> str:
    """What `took` microseconds are in yardsticks and on the machine of the bars, beside the `bar` there."""
    there = took / stick * REFERENCE
    return f"{took / stick:6.2f} yardsticks = {there:6.1f} us where the yardstick is {REFERENCE} us; bar {bar:g}"


if __name__ == "__main__":
    print(f"yardstick: {yardstick():.2f} us per addition of three months; {REFERENCE} us where the bars were set")
