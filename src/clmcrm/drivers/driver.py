"""The two drivers: the same flow run by one thread after another, or by one loop. All else is sans-IO.

They send, wait and run flows side by side; what to send, how often and after how long was decided before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any, TypeAlias, TypeVar, cast

from clmcrm.drivers.attempts import Desk, Doing, Send, Steadied, steadied
from clmcrm.drivers.tokens import Pause
from clmcrm.ports.calls import AsyncTransport, Flow, Transport, each_finished

T = TypeVar("T")

Sleep: TypeAlias = "Callable[[float], object]"
AsyncSleep: TypeAlias = "Callable[[float], Awaitable[object]]"


class Driver:
    """Runs flows in the calling thread; flows that may go side by side use at most `at_once` threads.

    `transport` sends, `sleep` waits some seconds. Raises what the flow raises.
    """

    def __init__(self, transport: Transport, desk: Desk, *, sleep: Sleep, at_once: int = 20) -> None:
        self.desk = desk
        self._transport, self._sleep, self._at_once = transport, sleep, at_once
        self._slots = BoundedSemaphore(at_once)

    def run(self, flow: Flow[T]) -> T:
        """The result of the flow."""
        work: Steadied[T] = steadied(flow, self.desk)
        reply: Any = None
        failure: Exception | None = None
        try:
            while True:
                doing = work.send(reply) if failure is None else work.throw(failure)
                reply, failure = None, None
                try:
                    reply = self._done(doing)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is the flow's own to treat
                    failure = error
        except StopIteration as end:
            return cast("T", end.value)
        finally:
            work.close()

    def _done(self, doing: Doing) -> Any:  # noqa: ANN401 - a reply, a tuple of results, or nothing
        if isinstance(doing, Send):
            with self._slots:
                return self._transport.send(doing.call, doing.timeout)
        if isinstance(doing, Pause):
            return self._sleep(doing.length.total_seconds())
        threads = min(self._at_once, len(doing.flows))
        if threads <= 1:
            return each_finished([lambda flow=flow: self.run(flow) for flow in doing.flows])
        with ThreadPoolExecutor(threads) as pool:
            started = [pool.submit(self.run, flow) for flow in doing.flows]
            return each_finished([future.result for future in started])


class AsyncDriver:
    """Runs flows in the running loop, at most `at_once` sends at a time. Raises what the flow raises.

    When it is cancelled the flow is closed: a write that was under way stays an open step in the journal.
    """

    def __init__(self, transport: AsyncTransport, desk: Desk, *, sleep: AsyncSleep, at_once: int = 20) -> None:
        from asyncio import Semaphore  # noqa: PLC0415 - only those who run a loop pay for it

        self.desk = desk
        self._transport, self._sleep = transport, sleep
        self._slots = Semaphore(at_once)

    async def run(self, flow: Flow[T]) -> T:
        """The result of the flow."""
        work: Steadied[T] = steadied(flow, self.desk)
        reply: Any = None
        failure: Exception | None = None
        try:
            while True:
                doing = work.send(reply) if failure is None else work.throw(failure)
                reply, failure = None, None
                try:
                    reply = await self._done(doing)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is the flow's own to treat
                    failure = error
        except StopIteration as end:
            return cast("T", end.value)
        finally:
            work.close()

    async def _done(self, doing: Doing) -> Any:  # noqa: ANN401 - a reply, a tuple of results, or nothing
        from asyncio import gather  # noqa: PLC0415 - as above

        if isinstance(doing, Send):
            async with self._slots:
                return await self._transport.send(doing.call, doing.timeout)
        if isinstance(doing, Pause):
            return await self._sleep(doing.length.total_seconds())
        results = await gather(*(self.run(flow) for flow in doing.flows), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return tuple(results)
