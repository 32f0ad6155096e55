"""How much may be asked of the fake: windows of two seconds, and the tokens of the day, by what each call costs."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from attrs import define, field

from clmcrm.testing.vendors.pipedrive.refusals import Refused

_TWO_SECONDS: Final = timedelta(seconds=2)


@define
class Windows:
    """Rate windows of two seconds, of requests and of searches, and the tokens of the day; None: no end."""

    calls: int | None = None
    searches: int | None = None
    tokens: int | None = None
    seen: deque[datetime] = field(factory=deque[datetime])
    searched: deque[datetime] = field(factory=deque[datetime])
    spent: int = 0

    def admit(self, now: datetime, cost: int, *, search: bool) -> None:
        """Count a request; raises `Refused` for one too many."""
        for most, seen, counts in ((self.calls, self.seen, True), (self.searches, self.searched, search)):
            while seen and seen[0] <= now - _TWO_SECONDS:
                _ = seen.popleft()
            if most is not None and counts:
                if len(seen) >= most:
                    raise Refused(429, "request over limit", headers={"x-ratelimit-reset": "2", "Retry-After": "2"})
                seen.append(now)
        if self.tokens is not None and self.spent + cost > self.tokens:
            raise Refused(429, "daily request limit exceeded", headers={"x-daily-ratelimit-token-remaining": "0"})
        self.spent += cost


def cost_of(method: str, version: str, rest: list[str]) -> int:
    """How many tokens a call costs, as the reference states it at each endpoint."""
    if version == "v1":
        return 2 if rest[0] == "users" else 40 if rest[-1] == "merge" else 20
    if rest[0] == "itemSearch" or rest in (["deals", "products"], ["deals", "archived"]):
        return 20
    if rest[0] in ("pipelines", "stages"):
        return 5
    if method == "GET":
        return 10 if len(rest) == 1 else 1
    return 3 if method == "DELETE" else 5
