"""Where believed messages are kept until the engine reads what they are about, and how a second copy is known.

Keeping an event and remembering its id is one step: a process that dies between two instructions has done both
or neither. The memory outlasts the vendor's retries; what came again later than that costs one needless read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from clmcrm.adapters.webhooks.verified import Event
from clmcrm.values.validators import count, instance, instant, text


@frozen(kw_only=True)
class Arrival:
    """An event that was kept: from which `system` (a name of the host's), when it came, and its `number` here."""

    system: str = field(validator=text)
    event: Event = field(validator=instance(Event))
    seen_at: datetime = field(validator=instant)
    number: int = field(default=0, validator=count)


@runtime_checkable
class Inbox(Protocol):
    """Keeps arrivals and remembers the ids of events."""

    def take(self, system: str, events: Sequence[Event], seen_at: datetime) -> int:
        """Keep the events whose id is not remembered for `system`, and remember them; how many were new.

        All or nothing: when it raises, none was kept.
        """
        ...

    def waiting(self) -> Iterator[Arrival]:
        """The arrivals not yet settled, oldest first."""
        ...

    def settle(self, numbers: Sequence[int]) -> None:
        """Forget these arrivals; the ids of their events stay remembered."""
        ...

    def forget(self, before: datetime) -> int:
        """Forget the ids of events that came before this instant and are settled; how many."""
        ...


class MemoryInbox:
    """An `Inbox` that lives as long as its process: for tests, and where a lost hint is found by the next pull.

    >>> from datetime import UTC
    >>> inbox, at = MemoryInbox(), datetime(2026, 1, 15, tzinfo=UTC)
    >>> event = Event(id="e1", kind="deal.creation", object="deal", key="7")
    >>> inbox.take("hubspot", [event], at), inbox.take("hubspot", [event], at)
    (1, 0)
    >>> [arrival.event.key for arrival in inbox.waiting()]
    ['7']
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], datetime] = {}
        self._waiting: dict[int, Arrival] = {}
        self._last = 0

    def take(self, system: str, events: Sequence[Event], seen_at: datetime) -> int:
        """Keep the events that are new; how many were."""
        fresh: dict[str, Event] = {}
        for event in events:
            if (system, event.id) not in self._seen:
                _ = fresh.setdefault(event.id, event)  # of two under one id the first, as SQLite keeps it
        for event in fresh.values():
            self._last += 1
            arrival = Arrival(system=system, event=event, seen_at=seen_at, number=self._last)
            self._waiting[arrival.number] = arrival
            self._seen[system, event.id] = seen_at
        return len(fresh)

    def waiting(self) -> Iterator[Arrival]:
        """The arrivals not yet settled, oldest first."""
        yield from tuple(self._waiting.values())

    def settle(self, numbers: Sequence[int]) -> None:
        """Forget these arrivals."""
        for number in numbers:
            _ = self._waiting.pop(number, None)

    def forget(self, before: datetime) -> int:
        """Forget the ids of settled events that came before this instant; how many."""
        open_ids = {(arrival.system, arrival.event.id) for arrival in self._waiting.values()}
        old = [own for own, at in self._seen.items() if at < before and own not in open_ids]
        for own in old:
            del self._seen[own]
        return len(old)
