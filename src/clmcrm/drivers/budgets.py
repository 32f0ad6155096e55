"""What a vendor allows per span of time, kept so exactly that no window ever holds more than that.

One budget serves all workers of a process; a vendor that says "wait" holds back its whole bucket.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from attrs import define, field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.ports.calls import Call
from clmcrm.values.validators import count, instance, text

NO_WAIT: Final = timedelta(0)

_LATE: Final = timedelta(seconds=1)
"""So much earlier a worker's instant may be than that of one that asked before; beyond that the clock was set back."""


@frozen(kw_only=True)
class Budget:
    """At most `size` units in any span of the length `per`, for the calls of `vendor` that draw on `bucket`."""

    vendor: str = field(validator=text)
    bucket: str = ""
    size: int = field(validator=count)
    per: timedelta = field(validator=instance(timedelta))

    def __attrs_post_init__(self) -> None:
        if self.size < 1 or self.per <= NO_WAIT:
            raise InvalidRecord(f"Budget {self.vendor}", "size, per", (self.size, self.per), "more than zero of both")


@define
class _Window:
    """The units drawn within the last span, reservations for later included."""

    budget: Budget
    drawn: deque[tuple[datetime, int]] = field(factory=deque[tuple[datetime, int]])
    total: int = 0

    def earliest(self, at: datetime, cost: int) -> datetime:
        """The first instant from `at` on at which `cost` more units fit."""
        self.forget(at)
        free, place = self.budget.size - self.total, 0
        while free < cost:
            at, units = self.drawn[place]
            at, free, place = at + self.budget.per, free + units, place + 1
        return at

    def forget(self, at: datetime) -> None:
        while self.drawn and self.drawn[0][0] + self.budget.per <= at:
            self.total -= self.drawn.popleft()[1]

    def draw(self, at: datetime, cost: int) -> None:
        self.drawn.append((at, cost))
        self.total += cost


class Budgets:
    """The budgets of all vendors; several for one bucket all hold.

    >>> from datetime import UTC
    >>> budgets = Budgets([Budget(vendor="crm", size=2, per=timedelta(seconds=10))])
    >>> call, noon = Call(method="GET", url="https://x/y", vendor="crm"), datetime(2026, 5, 7, 12, tzinfo=UTC)
    >>> [budgets.claim(call, noon).total_seconds() for _ in range(5)]
    [0.0, 0.0, 10.0, 10.0, 20.0]
    """

    def __init__(self, budgets: Iterable[Budget] = ()) -> None:
        self._windows: dict[tuple[str, str], list[_Window]] = {}
        self._closed: dict[tuple[str, str], datetime] = {}
        self._last: dict[tuple[str, str], datetime] = {}
        self._seen: datetime | None = None
        self._set_back = NO_WAIT
        self._lock = Lock()
        for budget in budgets:
            self._windows.setdefault((budget.vendor, budget.bucket), []).append(_Window(budget))

    def claim(self, call: Call, now: datetime) -> timedelta:
        """Reserve what the call costs, and return how long it must wait first.

        Raises `InvalidRecord` for a call that costs more than its bucket ever holds.
        """
        place = (call.vendor, call.bucket)
        with self._lock:
            now = self._passed(now)
            windows = self._windows.get(place, ())
            at = max(now, self._closed.get(place, now))
            if not windows or not call.cost:
                return at - now
            smallest = min(window.budget.size for window in windows)
            if call.cost > smallest:
                raise InvalidRecord(
                    f"Call {call.where}", "cost", call.cost, f"at most {smallest}, all its bucket holds"
                )
            at = max(at, self._last.get(place, at))
            # Waiting for one window may let another fill: look again until all agree on the instant.
            while (later := max(window.earliest(at, call.cost) for window in windows)) > at:
                at = later
            for window in windows:
                window.draw(at, call.cost)
            self._last[place] = at
            return at - now

    def close_until(self, call: Call, at: datetime, now: datetime) -> None:
        """Let no call of this bucket go before `at`, `now` being the present: the vendor said so."""
        place = (call.vendor, call.bucket)
        with self._lock:
            at = self._passed(now) + (at - now)
            self._closed[place] = max(at, self._closed.get(place, at))

    def _passed(self, now: datetime) -> datetime:
        """The present on a clock that never goes back: one that is set back goes on here from where it was.

        Or all that was drawn before would lie ahead, and every call wait until the clock is there again.
        """
        passed = now + self._set_back
        if self._seen is None or passed >= self._seen:
            self._seen = passed
        elif self._seen - passed > _LATE:
            self._set_back += self._seen - passed
        return self._seen
