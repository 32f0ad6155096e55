"""Transports that judge each call by a closed description before it goes to the real server."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from clmcrm.ports.calls import AsyncTransport, Call, Reply, Transport
from clmcrm.testing import vendors
from clmcrm.testing.closed.description import load_description
from clmcrm.testing.closed.validator import ClosedValidator, Request


def described(vendor: str) -> ClosedValidator:
    """What we may ask of a vendor, by the description of our own."""
    return ClosedValidator(load_description(Path(vendors.__file__).parent / "descriptions" / f"{vendor}.json"))


class Judge:
    """Counts the calls, and writes down what the description refuses; it never stops a call."""

    def __init__(self, vendor: str) -> None:
        self.calls, self.refused = 0, list[str]()
        self._validator, self._lock = described(vendor), threading.Lock()

    def look_at(self, call: Call) -> None:
        parts = urlsplit(call.url)
        request = Request(method=call.method, path=parts.path, headers=dict(call.headers), body=call.body or b"")
        with self._lock:
            self.calls += 1
            self.refused += [f"{call.where}: {problem}" for problem in self._validator.problems(request)]


class Judging:
    """A transport whose calls a judge looks at."""

    def __init__(self, inner: Transport, judge: Judge) -> None:
        self._inner, self._judge = inner, judge

    def send(self, call: Call, within: timedelta) -> Reply:
        self._judge.look_at(call)
        return self._inner.send(call, within)


class JudgingInLoop:
    """The same, for the driver that runs in a loop."""

    def __init__(self, inner: AsyncTransport, judge: Judge) -> None:
        self._inner, self._judge = inner, judge

    async def send(self, call: Call, within: timedelta) -> Reply:
        self._judge.look_at(call)
        return await self._inner.send(call, within)
