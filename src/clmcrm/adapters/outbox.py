"""The embedded outbox: keeps what journeys want to send, once each, until somebody carries it out.

It is the channel of a house that has none, and of every test.
"""

from __future__ import annotations

from collections.abc import Sequence

from clmcrm.crm.journey_run import JourneyAction
from clmcrm.ports.channel import Delivery, DeliveryState


class Outbox:
    """Actions by their key, in the order they came.

    >>> Outbox().actions
    ()
    """

    def __init__(self) -> None:
        self._by_key: dict[str, JourneyAction] = {}

    @property
    def actions(self) -> tuple[JourneyAction, ...]:
        """Everything sent so far, the oldest first."""
        return tuple(self._by_key.values())

    def send(self, actions: Sequence[JourneyAction]) -> tuple[Delivery, ...]:
        """One delivery per action: SENT the first time, KNOWN again, REFUSED for another action under its key."""
        return tuple(self._one(action) for action in actions)

    def _one(self, action: JourneyAction) -> Delivery:
        before = self._by_key.get(action.key)
        if before is None:
            self._by_key[action.key] = action
            return Delivery(key=action.key, state=DeliveryState.SENT)
        if (before.node, before.traveller, before.content) == (action.node, action.traveller, action.content):
            return Delivery(key=action.key, state=DeliveryState.KNOWN)
        why = f"{before.node} for {before.traveller} was sent under this key"
        return Delivery(key=action.key, state=DeliveryState.REFUSED, why=why)
