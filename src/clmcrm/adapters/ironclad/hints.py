"""What a webhook of Ironclad's is about, in the keys of this adapter: for `hand_over`, before each pull.

The signature is checked by `clmcrm.adapters.webhooks.ironclad`. A workflow's key here has its prefix; an event of an
obligation names the obligation and not its contract, so that it asks for a pull of the contracts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve

from clmcrm.adapters.ironclad.objects import WORKFLOW
from clmcrm.adapters.webhooks.inbox import Arrival, Inbox
from clmcrm.adapters.webhooks.verified import Event
from clmcrm.ports.records import Kind

KINDS: Final[Mapping[str, str]] = {
    "record": Kind.CONTRACT.value,
    "workflow": Kind.CONTRACT.value,
    "obligation": Kind.CONTRACT.value,
    "entity": Kind.ACCOUNT.value,
}
"""Which kind each of Ironclad's objects is, for `hand_over`."""

_CANCELLED: Final = "workflow_cancelled"


class KeyedInbox:
    """An inbox whose arrivals from Ironclad name their objects by the keys of this adapter.

    >>> from clmcrm.adapters.webhooks.inbox import MemoryInbox
    >>> list(KeyedInbox(MemoryInbox()).waiting())
    []
    """

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def take(self, system: str, events: Sequence[Event], seen_at: datetime) -> int:
        """Keep the events that are new; how many were."""
        return self._inbox.take(system, events, seen_at)

    def waiting(self) -> Iterator[Arrival]:
        """The arrivals not yet settled, oldest first."""
        for arrival in self._inbox.waiting():
            yield evolve(arrival, event=keyed(arrival.event))

    def settle(self, numbers: Sequence[int]) -> None:
        """Forget these arrivals."""
        self._inbox.settle(numbers)

    def forget(self, before: datetime) -> int:
        """Forget the ids of settled events that came before this instant; how many."""
        return self._inbox.forget(before)


def keyed(event: Event) -> Event:
    """The event with the key that this adapter has for its object.

    >>> keyed(Event(id="1", kind="workflow_updated", object="workflow", key="w7")).key
    'workflow:w7'
    """
    if event.object == "workflow" and event.key is not None:
        return evolve(event, key=WORKFLOW + event.key, gone=event.gone or event.kind == _CANCELLED)
    return evolve(event, key=None) if event.object == "obligation" else event
