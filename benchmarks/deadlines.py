"""How fast the next notice deadline is, beside what a user would write otherwise, in one run.

Every way computes the same days, which a checksum proves; figures are CPU time, the median of interleaved
rounds, as ratios to ours: absolute times vary with the machine, ratios hardly. Run it as
`python benchmarks/deadlines.py` with the package and python-dateutil installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from statistics import median
from time import process_time
from timeit import repeat

from dateutil.relativedelta import relativedelta

from clmcrm.calendars.months import forward
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.notice import next_notice_deadline
from clmcrm.clm.notice_kernel import compiled, fast_deadlines, fast_next_deadline
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.values.ids import ContractId
from clmcrm.values.tenor import Tenor

ROUNDS = 5
YARDSTICK_THERE = 4.9
"""Microseconds of the yardstick where the targets (2 us fast, 50 us explained) were measured."""
ONE_DAY = timedelta(days=1)
STARTS = [date(2004, 1, 1) + 61 * n * ONE_DAY for n in range(40)]
TERMS = (12, 36)
NOTICES = (1, 3, 6)
DAYS = [date(2024, 1, 1) + 37 * n * ONE_DAY for n in range(10)]


def contract(start: date, months: int, notice: int) -> Contract:
    """A contract that renews each year without end, old enough to have renewed some twenty times."""
    return Contract(
        id=ContractId(f"{start}-{months}-{notice}"),
        title="maintenance",
        kind=ContractKind.SALES,
        effective_on=start,
        term=TermClause(initial=Tenor(months=months)),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1)),
        notice=NoticeClause(length=Tenor(months=notice), reference=NoticeReference.END_OF_TERM),
    )


CASES = list(product(STARTS, TERMS, NOTICES))
CONTRACTS = [contract(*case) for case in CASES]
COMPILED = [compiled(one) for one in CONTRACTS]


def ours_fast() -> list[date | None]:
    """The kernel, one question at a time."""
    return [fast_next_deadline(one, day) for one in COMPILED for day in DAYS]


def ours_portfolio() -> list[date | None]:
    """The kernel, a whole portfolio for each day."""
    by_day = [fast_deadlines(COMPILED, day) for day in DAYS]
    return [found[k] for k in range(len(COMPILED)) for found in by_day]


def ours_explained() -> list[date | None]:
    """The answer with its readings and its steps, put into words when they are read."""
    answers = (next_notice_deadline(one, day) for one in CONTRACTS for day in DAYS)
    return [answer.last_day if isinstance(answer, Deadline) else None for answer in answers]


def ours_read_aloud() -> list[date | None]:
    """The same, and every step is read in English."""
    found: list[date | None] = []
    for one in CONTRACTS:
        for day in DAYS:
            answer = next_notice_deadline(one, day)
            said = [step.what for step in answer.steps] if isinstance(answer, Deadline) else []
            found.append(answer.last_day if isinstance(answer, Deadline) and all(said) else None)
    return found


def legal_end(start: date, months: int) -> date:
    """The last day of a term, its first day counted, by relativedelta."""
    moved = start + relativedelta(months=months)
    return moved if moved.day < start.day else moved - ONE_DAY


def inverse(end: date, months: int) -> date:
    """The latest day whose period still ends by `end`: plain subtraction, then forward while it still fits."""
    day = end - relativedelta(months=months)
    while day + ONE_DAY + relativedelta(months=months) <= end:
        day += ONE_DAY
    return day


def closed_form_relativedelta() -> list[date | None]:
    """The careful user: the running term in closed form, every date by relativedelta."""
    found: list[date | None] = []
    for (start, term, notice), day in product(CASES, DAYS):
        years = max(0, day.year - start.year - term // 12 - 1)
        last = inverse(legal_end(start, term + 12 * years), notice)
        while last < day:
            years += 1
            last = inverse(legal_end(start, term + 12 * years), notice)
        found.append(last)
    return found


def looping_relativedelta() -> list[date | None]:
    """The plain user: renewal after renewal from the start."""
    found: list[date | None] = []
    for (start, term, notice), day in product(CASES, DAYS):
        months = term
        while (last := inverse(legal_end(start, months), notice)) < day:
            months += 12
        found.append(last)
    return found


def brute_force() -> list[date | None]:
    """The definition: term after term, and the latest day that is in time, day after day."""
    found: list[date | None] = []
    for (start, term, notice), asked in product(CASES[:24], DAYS[:5]):
        months, last = term, date.min
        while last < asked:
            end = last = legal_end(start, months)
            while forward(last, Tenor(months=notice)) > end:
                last -= ONE_DAY
            months += 12
        found.append(last)
    return found


def checksum(days: list[date | None]) -> int:
    """One number for a list of days, in its order."""
    return zlib.crc32("".join(str(day) for day in days).encode())


def timed(way: Callable[[], list[date | None]]) -> tuple[float, int, int]:
    """CPU seconds, how many answers, and their checksum."""
    began = process_time()
    found = way()
    return process_time() - began, len(found), checksum(found)


def yardstick() -> float:
    """Microseconds of one `date + relativedelta(months=3)`: how fast this machine is just now."""
    day = DAYS[0]
    return min(repeat(lambda: day + relativedelta(months=3), number=5_000, repeat=7)) / 5_000 * 1e6


def main() -> None:
    """Time every way in turn, prove the answers equal, and print the ratios."""
    length = yardstick()
    ways = (
        ours_fast, ours_portfolio, ours_explained, ours_read_aloud, closed_form_relativedelta, looping_relativedelta,
    )  # fmt: skip
    rounds = [[timed(way) for way in ways] for _ in range(ROUNDS)]
    sums = {result[2] for one in rounds for result in one}
    if len(sums) != 1:
        raise SystemExit(f"the answers differ: {sums}")
    defined = brute_force()
    sample = [fast_next_deadline(one, day) for one in COMPILED[:24] for day in DAYS[:5]]
    if checksum(defined) != checksum(sample):
        raise SystemExit("the answers differ from the definition")
    micro = [median(one[k][0] / one[k][1] for one in rounds) * 1e6 for k in range(len(ways))]
    print(f"{len(CASES)} contracts x {len(DAYS)} days, {ROUNDS} rounds; every checksum {sums.pop():08x}")
    print(f"{'way':<28}{'us per answer':>14}{'ratio':>8}{'yardsticks':>12}{'us there':>10}")
    for way, cost in zip(ways, micro, strict=True):
        rods = cost / length
        print(f"{way.__name__:<28}{cost:>14.2f}{cost / micro[0]:>8.1f}{rods:>12.2f}{rods * YARDSTICK_THERE:>10.2f}")
    print(
        f"yardstick, date + relativedelta(months=3): {length:.2f} us; {YARDSTICK_THERE} us where the targets come from,"
    )
    print("where each way would take what the last column says")
    print(f"equal to the definition, day by day, in {len(defined)} cases")


if __name__ == "__main__":
    main()
