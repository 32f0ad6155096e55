"""What is wrong with an event before anybody asks whether the contract has room for it.

The rule of the file: an event is recorded once, after those before it, not before it can have happened, and
it does not contradict itself. What may be announced ahead (a suspension, an end, a new text) is no mistake.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from clmcrm.clm import events as e
from clmcrm.clm.charts import name_of
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.values.instants import in_utc

_HAPPENED: Final = (
    (e.Signed, "signed_on"),
    (e.ConditionMet, "on"),
    (e.NonRenewalNotified, "served_on"),
    (e.NonRenewalNotified, "received_on"),
    (e.RenewalAgreed, "served_on"),
    (e.CureDemanded, "served_on"),
    (e.PerformanceContinued, "from_day"),
)
"""The days that lie behind whoever records them."""


def disorder(contract: Contract, event: e.AnyEvent, now: datetime | None) -> tuple[str, ...]:
    """Why the event cannot stand at its place in the contract's log, in words; empty when it can.

    `now` is the caller's instant (None: not looked at).
    """
    return (*_at_its_instant(contract, event, now), *_premature(event), *_contradictory(contract, event))


def _at_its_instant(contract: Contract, event: e.AnyEvent, now: datetime | None) -> list[str]:
    why: list[str] = []
    last = contract.events[-1].at if contract.events else None
    # What was taken back may happen after all; taking back is not itself taken back.
    known = contract.events if isinstance(event, e.Undone) else not_undone(contract.events)
    if event in known:
        why.append(f"this {name_of(event)} of {event.at.isoformat()} is recorded already")
    elif last is not None and in_utc(event.at, "at") < in_utc(last, "at"):
        why.append(f"it is recorded at {event.at.isoformat()}, before the last event, {last.isoformat()}")
    if now is not None and in_utc(event.at, "at") > in_utc(now, "now"):
        why.append(f"it is recorded at {event.at.isoformat()}, but it is only {now.isoformat()}")
    return why


def _premature(event: e.AnyEvent) -> list[str]:
    """The days that lie after the record; one day is allowed, since it may be another one elsewhere."""
    latest = event.at.toordinal() + 1
    days = [(name, getattr(event, name)) for kind, name in _HAPPENED if isinstance(event, kind)]
    return [
        f"{name} is {day}, but it was recorded on {event.at.date()}"
        for name, day in days
        if day and day.toordinal() > latest
    ]


def _contradictory(contract: Contract, event: e.AnyEvent) -> list[str]:
    if isinstance(event, e.NonRenewalNotified) and event.received_on and event.received_on < event.served_on:
        return [f"received_on, {event.received_on}, is before served_on, {event.served_on}"]
    if isinstance(event, e.AmendmentAccepted):
        agreed = [one.effective_on for one in contract.amendments if one.id == event.amendment]
        said = f"effective_on is {event.effective_on}, but {event.amendment} takes effect on"
        return [f"{said} {day}" for day in agreed if day != event.effective_on]
    if isinstance(event, e.Undone) and event.what is not None:
        standing = not_undone(contract.events)
        if standing and standing[-1] != event.what:
            last = standing[-1]
            told = f"{name_of(event.what)} of {event.what.at.isoformat()}"
            return [f"it takes back {told}, but the last event is {name_of(last)} of {last.at.isoformat()}"]
    return []
