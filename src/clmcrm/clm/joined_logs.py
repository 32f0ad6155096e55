"""One log out of several: the events that two holders recorded about the same contract, put together.

The rule of the file: the result depends on the events alone, never on which holder is named first, how often
a log is joined, or in which steps. Each event is in it once, and what one holder took back stays taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, get_args

import attrs

from clmcrm.clm import events as e
from clmcrm.clm.chronicle import taken_back
from clmcrm.errors import InvalidRecord

_RANKS: Final[dict[type[e.Event], int]] = {kind: rank for rank, kind in enumerate(get_args(e.AnyEvent))}


def merged(*logs: Iterable[e.AnyEvent]) -> tuple[e.AnyEvent, ...]:
    """Every event of the logs once, by the instant it was recorded; the logs are left as they are.

    Commutative, associative and idempotent. Events of one instant stand as a life passes them (`AnyEvent`),
    then by their content; the same instant written in two zones is one event. Where a log takes back "the
    last event still standing", the result names that event, because another one may stand last here.
    Raises `InvalidRecord` for a log that takes back an event when none is standing.

    >>> from datetime import UTC
    >>> asked = e.Requested(datetime(2026, 1, 5, 9, tzinfo=UTC), "ann")
    >>> sent = e.SubmittedForApproval(datetime(2026, 1, 6, 9, tzinfo=UTC), "ann")
    >>> merged([sent], [asked, sent]) == (asked, sent)
    True
    """
    told = sorted((event for log in logs for event in _explicit(log)), key=repr)
    # Of the ways in which one instant is written, the first stands for all, in what is taken back as well.
    chosen: dict[e.Event, e.AnyEvent] = {_in_utc(event): event for event in reversed(told)}
    found = {_naming(event, chosen) for event in chosen.values()}
    return tuple(sorted(found, key=_place))


def _in_utc(event: e.Event) -> e.Event:
    """The event as it is compared with others: in an hour that comes twice, Python calls nothing equal across zones."""
    alike = attrs.evolve(event, at=event.at.astimezone(UTC))
    return alike if type(alike) is not e.Undone or alike.what is None else attrs.evolve(alike, what=_in_utc(alike.what))


def _naming(event: e.AnyEvent, chosen: Mapping[e.Event, e.AnyEvent]) -> e.AnyEvent:
    """The event, an `Undone` with what it takes back as it stands in the result."""
    if type(event) is not e.Undone or event.what is None:
        return event
    return attrs.evolve(event, what=chosen.get(_in_utc(event.what), event.what))


def _explicit(log: Iterable[e.AnyEvent]) -> Iterator[e.AnyEvent]:
    """The log with each event taken back named."""
    kept: list[e.AnyEvent] = []
    for event in log:
        if type(event) is not e.Undone:
            kept.append(event)
            yield event
            continue
        place = taken_back(kept, event)
        if place is None and event.what is None:
            raise InvalidRecord("log", "Undone", event.at.isoformat(), "an event that is still standing before it")
        gone = None if place is None else kept.pop(place)
        yield event if event.what is not None else attrs.evolve(event, what=gone)


def _place(event: e.AnyEvent) -> tuple[datetime, int, str]:
    """Where an event stands; a clock that went back never puts an `Undone` ahead of what it takes back."""
    at = event.at.astimezone(UTC)
    if type(event) is e.Undone and event.what is not None:
        at = max(at, event.what.at.astimezone(UTC))
    return at, _RANKS.get(type(event), len(_RANKS)), repr(event)
