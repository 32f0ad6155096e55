"""A network that does as it is told, a clock that moves only when somebody sleeps, and both drivers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import AsyncDriver, Driver
from clmcrm.ports.calls import Call, Reply

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)

Told = Reply | Exception


class Network:
    """Answers every call with the next thing it was told, or the last one again; keeps what was sent."""

    def __init__(self, told: Iterable[Told] | Callable[[Call], Reply] = ()) -> None:
        self.told = told if callable(told) else list(told)
        self.sent: list[tuple[Call, timedelta]] = []
        self.waits: list[float] = []
        self.now = NOON
        self.traced: list[Any] = []

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)

    async def doze(self, seconds: float) -> None:
        self.sleep(seconds)
        await asyncio.sleep(0)

    def answer(self, call: Call, timeout: timedelta) -> Reply:
        self.sent.append((call, timeout))
        if callable(self.told):
            return self.told(call)
        told = self.told.pop(0) if len(self.told) > 1 else self.told[0]
        if isinstance(told, Exception):
            raise told
        return told

    def desk(self, **options: Any) -> Desk:
        return Desk(**{"clock": self.clock, "hooks": (self.traced.append,), **options})

    def run(self, flow: Any, how: str, **options: Any) -> Any:
        """The result of the flow, run by the driver named."""
        desk = self.desk(**options)
        if how == "sync":
            return Driver(SimpleNamespace(send=self.answer), desk, sleep=self.sleep).run(flow)

        async def send(call: Call, within: timedelta) -> Reply:
            await asyncio.sleep(0)
            return self.answer(call, within)

        async def whole() -> Any:
            return await AsyncDriver(SimpleNamespace(send=send), desk, sleep=self.doze).run(flow)

        return asyncio.run(whole())


@pytest.fixture(scope="session")
def network() -> type[Network]:
    return Network


@pytest.fixture(params=["sync", "async"])
def how(request: pytest.FixtureRequest) -> str:
    """Everything is promised of both drivers."""
    return str(request.param)
