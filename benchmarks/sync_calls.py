"""Twenty calls in flight against a vendor that takes 40 ms: wall time beside the floor that latency alone sets.

Both drivers run the same flows; the answers must be equal. The second table is what a driver adds to one call.
Run it as `python benchmarks/sync_calls.py` with the package installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budget, Budgets
from clmcrm.drivers.driver import AsyncDriver, Driver
from clmcrm.ports.calls import Call, Effect, Flow, Reply, together

CALLS = 400
AT_ONCE = 20
LATENCY = 0.04
FLOOR = CALLS / AT_ONCE * LATENCY
REPLY = Reply(status=200, body=b"[]")


def flow(number: int) -> Flow[int]:
    """One call, and its number back."""
    reply = yield Call(method="GET", url=f"https://crm.example/{number}", vendor="crm", effect=Effect.NONE)
    return number * int(reply.status)


def flows(count: int) -> Flow[tuple[int, ...]]:
    """So many calls side by side."""
    return together([flow(number) for number in range(count)])


def desk(*budgets: Budget) -> Desk:
    """A desk that reads the clock of this machine."""
    return Desk(clock=lambda: datetime.now(UTC), budgets=Budgets(budgets))


class Slow:
    """A vendor in a thread, after its latency."""

    def __init__(self, latency: float) -> None:
        self._latency = latency

    def send(self, call: Call, within: timedelta) -> Reply:
        """The reply, in time."""
        if self._latency:
            time.sleep(min(self._latency, within.total_seconds()))
        return REPLY if call.vendor else Reply(status=404)


class SlowAsync:
    """The same, awaited."""

    async def send(self, call: Call, within: timedelta) -> Reply:
        """The reply, in time."""
        await asyncio.sleep(min(LATENCY, within.total_seconds()))
        return REPLY if call.vendor else Reply(status=404)


async def awaited() -> tuple[int, ...]:
    """All calls through the awaited driver."""
    return await AsyncDriver(SlowAsync(), desk(), sleep=asyncio.sleep, at_once=AT_ONCE).run(flows(CALLS))


def main() -> None:
    """Print both tables."""
    print(f"{CALLS} calls of {LATENCY * 1000:.0f} ms, {AT_ONCE} in flight   wall s   x floor of {FLOOR:.2f} s   sum")
    ways: tuple[tuple[str, Callable[[], tuple[int, ...]]], ...] = (
        ("Driver", lambda: Driver(Slow(LATENCY), desk(), sleep=time.sleep, at_once=AT_ONCE).run(flows(CALLS))),
        ("AsyncDriver", lambda: asyncio.run(awaited())),
    )
    for name, work in ways:
        began = time.perf_counter()
        total = sum(work())
        took = time.perf_counter() - began
        print(f"  {name:<34} {took:6.2f} {took / FLOOR:12.2f} {total:18d}")
    print("\none call at a time, no latency          CPU us/call")
    budget = Budget(vendor="crm", size=10**6, per=timedelta(seconds=1))
    for name, given in (("no budget", desk()), ("a budget", desk(budget))):
        driver = Driver(Slow(0), given, sleep=time.sleep)
        began = time.process_time()
        _ = [driver.run(flow(number)) for number in range(5_000)]
        print(f"  {name:<36} {(time.process_time() - began) / 5_000 * 1e6:10.1f}")


if __name__ == "__main__":
    main()
