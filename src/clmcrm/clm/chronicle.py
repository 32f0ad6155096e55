"""The events of a contract in the order in which they count, on both axes of time.

Two days matter for every event: the one it was recorded on, which says what could be known, and the one
it happened on, which says what was true. The rule of the file: a question about a day never sees what was
recorded after the day of knowledge, nor what happened after the day itself. A log only grows at its end, so
no event is known before one that stands ahead of it, whatever the zones their instants were written in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from operator import itemgetter
from typing import Final, TypeAlias

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.values.partial import known

STEPS_TO_SIGNATURE: Final = frozenset(
    {
        e.Requested, e.RecordedAsExecuted, e.SubmittedForApproval, e.Approved, e.Rejected, e.Recalled,
        e.ApprovalDelegated, e.DelegationRevoked, e.ApprovalEscalated, e.Redrafted, e.TurnPassed,
        e.SentForSignature, e.Signed, e.SignatureDeclined, e.SignatureWithdrawn,
    }
)  # fmt: skip
"""They build on one another: none counts from an earlier day than the one before it."""
ENDINGS: Final = (
    e.Archived, e.Completed, e.NonRenewalNotified, e.Novated, e.Rescinded, e.Superseded, e.Terminated,
)  # fmt: skip
"""They end a contract, at once or from a day on: what was announced for a later day has no place after them."""


def not_undone(events: Iterable[e.AnyEvent], known_on: date = date.max) -> list[e.AnyEvent]:
    """The events recorded on or before `known_on` that were not taken back by then, in recorded order."""
    log = tuple(events)
    if known_on == date.max and e.Undone not in set(map(type, log)):
        return list(log)
    kept: list[e.AnyEvent] = []
    for event in log:
        if event.at.date() > known_on:
            break
        if type(event) is not e.Undone:
            kept.append(event)
        elif (place := taken_back(kept, event)) is not None:
            del kept[place]
    return kept


def taken_back(kept: Sequence[e.AnyEvent], undone: e.Undone) -> int | None:
    """The place in `kept`, the events still standing, of the one that `undone` takes back; None: of none."""
    last = len(kept) - 1
    if undone.what is None:
        return last if kept else None
    return next((place for place in range(last, -1, -1) if kept[place] == undone.what), None)


Dated: TypeAlias = tuple[date, e.AnyEvent]
"""An event with the day from which it counts."""

day_of_pair: Final = itemgetter(0)
"""The day of a dated event."""


def dated(contract: Contract, events: Sequence[e.AnyEvent], floor: date = date.min) -> list[Dated]:
    """Each event with the day from which it counts, in recorded order.

    An event counts from the day it happened on, but never before the contract had been signed (or sent,
    or approved) as the events before it say: what was agreed to hold from last January could be suspended
    only once it was agreed. `floor` is the day to which the steps before these events had come.
    """
    found: list[Dated] = []
    for event in events:
        kind = type(event)
        day = _executed_on(contract, event) if kind is e.RecordedAsExecuted else event.happened_on
        day = max(day, floor)
        if kind in STEPS_TO_SIGNATURE:
            floor = day
        found.append((day, event))
    return found


def chronicle(contract: Contract, events: Sequence[e.AnyEvent], floor: date = date.min) -> list[Dated]:
    """The events by the day from which they count; those of one day stay in recorded order."""
    return sorted(dated(contract, events, floor), key=day_of_pair)


def recorded_until(contract: Contract, known_on: date, begin: int = 0) -> int:
    """How many events were recorded on or before `known_on`, given that the first `begin` were."""
    for place in range(begin, len(contract.events)):
        if contract.events[place].at.date() > known_on:
            return place
    return max(begin, len(contract.events))


def _executed_on(contract: Contract, event: e.Event) -> date:
    """The day a contract that came in already executed began: as it states, at the latest when recorded."""
    stated = known(contract.executed_on) or known(contract.effective_on)
    return event.at.date() if stated is None else min(stated, event.at.date())
