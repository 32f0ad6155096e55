"""The ways an adapter is tried: as it is when it answers at once, through both drivers when its methods are flows.

Which it is stands in the annotations, so that it is known before anything is built: the fixture `adapter` says
what it returns, and that class's `changes` whether it returns a page or a flow that leads to one.
"""

from __future__ import annotations

import asyncio
import inspect
import typing
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from time import sleep
from typing import Any, Final

import pytest

from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Blocking, Run
from clmcrm.drivers.driver import AsyncDriver, Driver
from clmcrm.errors import SyncError
from clmcrm.ports.calls import AsyncTransport, Call, Flow, Reply, Transport, answered
from clmcrm.ports.systems import AnySystem, Past, RecordSystem

LONGEST_WAIT: Final = timedelta(seconds=5)
"""How long a check really waits; for more, a fixture `wait` that moves the system's own clock is needed."""


class Way(StrEnum):
    """How the adapter's methods are run."""

    DIRECT = "direct"
    BLOCKING = "blocking"
    LOOP = "loop"


def ways_of(suite: type) -> tuple[Way, ...]:
    """The ways to try what the suite's fixture `adapter` returns; both drivers where it does not say what."""
    given = _given(getattr(suite, "adapter", None))
    return (Way.DIRECT,) if given is not None and answers_at_once(given) else (Way.BLOCKING, Way.LOOP)


def answers_at_once(system: type) -> bool:
    """Whether the class's methods return their results, and not flows that lead to them; False if they do not say so.

    >>> from clmcrm.adapters.memory import MemoryCrm
    >>> answers_at_once(MemoryCrm)
    True
    """
    for name in ("changes", "send"):
        method = getattr(system, name, None)
        if method is not None:
            said = str(getattr(method, "__annotations__", {}).get("return", ""))
            return bool(said) and not (inspect.isgeneratorfunction(method) or any(word in said for word in _FLOWS))
    return False


_FLOWS: Final = ("Flow", "Answer", "Generator")


def _given(fixture: object) -> type | None:
    """The class that a fixture says it returns; None when it does not say."""
    function = getattr(fixture, "__wrapped__", fixture)
    try:
        said = typing.get_type_hints(function).get("return")
    except (AttributeError, NameError, TypeError):
        said = None
    if typing.get_origin(said) in (Iterator, Generator):
        said = typing.get_args(said)[0]
    return said if isinstance(said, type) else None


class NoNetwork:
    """The transport of an adapter that needs none: any call it makes fails."""

    def send(self, call: Call, within: timedelta) -> Reply:
        """Raises `SyncError`, which names the call."""
        raise SyncError(f"{call.vendor}: {call.where} within {within} needs a fixture `transport`")


class Awaited:
    """A transport that blocks, for a loop: others get their turn before each call."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, call: Call, within: timedelta) -> Reply:
        """The reply."""
        await asyncio.sleep(0)
        return self._transport.send(call, within)


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


@contextmanager
def driven(way: Way, transport: Transport, awaited: AsyncTransport, desk: Desk) -> Generator[Run, None, None]:
    """What runs a flow to its end that way."""
    if way is not Way.LOOP:
        yield Driver(transport, desk, sleep=sleep).run
        return
    with asyncio.Runner() as runner:
        driver: list[AsyncDriver] = []

        def run(flow: Flow[Any]) -> Any:  # noqa: ANN401 - whatever the flow leads to
            if not driver:
                driver.append(AsyncDriver(awaited, desk, sleep=asyncio.sleep))
            return runner.run(driver[0].run(flow))

        yield run


class Waited(Blocking):
    """A flow system, each answer waited for; `unwaited` is the system itself, for what goes side by side."""

    def __init__(self, adapter: AnySystem, run: Run) -> None:
        super().__init__(adapter, run)
        self.unwaited, self._runs = adapter, run


class Telling(Waited):
    """One that tells the past as well."""

    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        """The values of these records' fields, oldest first."""
        asked: Any = self.unwaited
        found: tuple[Past, ...] = self._runs(answered(asked.past(kind, keys)))
        return found


def waited_for(adapter: Any, way: Way, run: Run) -> RecordSystem:  # noqa: ANN401 - either way of writing a system
    """The adapter as a system that answers at once; skips the second way for one that always did."""
    given: object = adapter
    if answers_at_once(type(given)):
        if way is Way.LOOP:
            pytest.skip("the adapter answers at once: there is no flow to run in a loop")
        system: RecordSystem = adapter
        return system
    return Telling(adapter, run) if hasattr(adapter, "past") else Waited(adapter, run)


def patiently(length: timedelta) -> None:
    """Really wait; skips the check when that would take too long."""
    if length > LONGEST_WAIT:
        pytest.skip(f"a wait of {length}: give a fixture `wait` that moves the system's clock")
    sleep(length.total_seconds())


Wait = Callable[[timedelta], object]
"""Lets some time pass for the system under trial."""
