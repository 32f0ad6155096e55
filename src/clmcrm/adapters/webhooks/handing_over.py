"""From the inbox to the engine: what the vendor calls a deal becomes a hint at an opportunity of one side.

The journal is written first and the inbox settled after it: a process that dies in between hands over the same
hints again, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen

from clmcrm.adapters.webhooks.inbox import Arrival, Inbox
from clmcrm.ports.kept import Hint
from clmcrm.ports.records import Side
from clmcrm.values.validators import each, instance


class TakesHints(Protocol):
    """The one thing that is asked of a journal here."""

    def save_hints(self, hints: tuple[Hint, ...]) -> None:
        """Remember these records as changed."""
        ...


@frozen(kw_only=True)
class HandedOver:
    """What was handed over: the `hints` saved, the `pulls` that a ping asks for, and what is `left`.

    `pulls` are kinds of which something changed, it is not said what: pull them. `left` are events of objects
    that no kind stands for; they were settled too.
    """

    hints: tuple[Hint, ...] = field(validator=each(instance(Hint)))
    pulls: frozenset[str]
    left: tuple[Arrival, ...] = field(validator=each(instance(Arrival)))


def hand_over(inbox: Inbox, journal: TakesHints, system: str, side: Side, kinds: Mapping[str, str]) -> HandedOver:
    """Save a hint for each arrival of `system` and settle it; `kinds` maps its objects to our kinds.

    `{"deal": "opportunity", "company": "account"}`, for one. Whatever the journal raises comes through, and
    nothing is settled then.
    """
    arrivals = [arrival for arrival in inbox.waiting() if arrival.system == system]
    known = [arrival for arrival in arrivals if arrival.event.object in kinds]
    hints = tuple(
        Hint(
            kind=kinds[arrival.event.object], side=side, key=arrival.event.key,
            gone=arrival.event.gone, merged_into=arrival.event.merged_into,
        )
        for arrival in known
        if arrival.event.key is not None
    )  # fmt: skip
    journal.save_hints(hints)
    inbox.settle([arrival.number for arrival in arrivals])
    return HandedOver(
        hints=hints,
        pulls=frozenset(kinds[arrival.event.object] for arrival in known if arrival.event.key is None),
        left=tuple(arrival for arrival in arrivals if arrival.event.object not in kinds),
    )
