"""A negotiation told by somebody who keeps a list and counts every minute, to compare the library with.

It knows nothing of turns or events: each minute of the day has an owner, each redline a word on a slip of paper.
"""

from __future__ import annotations

from attrs import Factory, define


@define
class NaiveNegotiation:
    """Minutes held by each side, the slips of the redlines, and who may write now."""

    owner: str | None = "own"
    minutes: dict[str, int] = Factory(lambda: {"own": 0, "counterparty": 0})
    slips: dict[str, list[str]] = Factory(dict[str, list[str]])
    given: set[str] = Factory(set[str])
    last_owner: str = "own"
    draft: int | None = None

    def pass_time(self, minutes: int) -> None:
        for _ in range(minutes):
            if self.owner is not None:
                self.minutes[self.owner] += 1

    def may_write(self, side: str) -> bool:
        return self.owner == side

    def open_to(self, side: str, key: str) -> bool:
        """Whether `side` may answer that slip: it is there, waits, and somebody else wrote it."""
        return key in self.slips and self.slips[key][1] == "open" and self.slips[key][0] != side
