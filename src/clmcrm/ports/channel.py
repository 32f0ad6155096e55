"""What journeys ask of a channel: to send what is to be sent, once, and to say what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from clmcrm.crm.journey_run import JourneyAction
from clmcrm.values.validators import member, text


class DeliveryState(StrEnum):
    """What became of an action: SENT now, KNOWN (sent before under this key), or REFUSED for good."""

    SENT = "sent"
    KNOWN = "known"
    REFUSED = "refused"


@frozen(kw_only=True)
class Delivery:
    """What became of the action `key`; `why` when it was refused."""

    key: str = field(validator=text)
    state: DeliveryState = field(validator=member(DeliveryState))
    why: str = ""


@runtime_checkable
class OutboundChannel(Protocol):
    """Whatever carries messages and errands out: a mail service, a telephone list, the embedded outbox.

    `send` may raise `TransientError` (nothing was sent, try again) or `AmbiguousError`; an action that was
    carried out before under the same key is never carried out again.
    """

    def send(self, actions: Sequence[JourneyAction]) -> tuple[Delivery, ...]:
        """One delivery per action, in the same order."""
        ...
