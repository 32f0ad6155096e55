"""The back and forth over a draft: who holds the pen since when, and how long each side took.

The pen passes by the contract's own events (`TurnPassed`, `Redrafted`, `SentForSignature`). Every length of time
here is one between instants, so that a change of the clocks neither adds nor takes an hour, and each turn has one
beginning and one end, so that looking often changes no total.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import attrs
from attrs import field, frozen

from clmcrm.calendars.months import add_days
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.events import (
    AnyEvent,
    Canceled,
    Redrafted,
    Requested,
    SentForSignature,
    SignatureWithdrawn,
    TurnPassed,
)
from clmcrm.clm.kinds import Party
from clmcrm.values.instants import in_utc
from clmcrm.values.validators import instant, maybe, member, positive_count, text


@frozen(kw_only=True)
class Redline:
    """A change one side asks for: the clause `citation`, the words `before` and `after`, and `why`.

    `before` empty is a clause that is new, `after` empty one that goes. `topic` is the playbook's topic it is about
    (empty: none, or not said).
    """

    citation: str = field(validator=text)
    before: str = ""
    after: str = ""
    why: str = ""
    topic: str = ""


@frozen(kw_only=True)
class NegotiationRound:
    """One turn: `side` held the draft from `opened_at` to `closed_at` (None: still does); `number` counts turns."""

    number: int = field(validator=positive_count)
    side: Party = field(validator=member(Party))
    opened_at: datetime = field(validator=instant)
    closed_at: datetime | None = field(default=None, validator=maybe(instant))

    def held_for(self, until: datetime) -> timedelta:
        """How long the side has held the draft, at most until `until`."""
        opened_at, until = in_utc(self.opened_at, "opened_at"), in_utc(until, "until")
        closed_at = until if self.closed_at is None else min(in_utc(self.closed_at, "closed_at"), until)
        return max(closed_at - opened_at, timedelta())


def negotiation_rounds(events: Iterable[AnyEvent]) -> tuple[NegotiationRound, ...]:
    """The turns told by a contract's events, those taken back left out: our side begins with the first draft.

    Sending for signature and giving up end the running turn. A redraft brings the pen back to us, a request for
    signature that is withdrawn to the side that had it. A side that takes what it holds already goes on with its
    turn.

    >>> first = datetime(2026, 5, 4, 9, tzinfo=UTC)
    >>> told = (Requested(first, "ann"), TurnPassed(first + timedelta(days=3), "ann", to=Party.COUNTERPARTY))
    >>> [(turn.number, turn.side.value, turn.closed_at is None) for turn in negotiation_rounds(told)]
    [(1, 'own', False), (2, 'counterparty', True)]
    """
    turns: list[NegotiationRound] = []
    for event in not_undone(events):
        running = turns[-1] if turns and turns[-1].closed_at is None else None
        side = _taker(event, turns)
        if side is not None and running is not None and running.side is side:
            continue
        if running is not None and (side is not None or isinstance(event, SentForSignature | Canceled)):
            turns[-1] = attrs.evolve(running, closed_at=event.at)
        if side is not None:
            turns.append(NegotiationRound(number=len(turns) + 1, side=side, opened_at=event.at))
    return tuple(turns)


def days_per_side(events: Iterable[AnyEvent], as_of: date, *, zone: tzinfo = UTC) -> dict[Party, int]:
    """Whole days of 24 hours each side held the draft up to the end of `as_of` in `zone`.

    A side that never held it is left out. The hours of a side's turns are added up before they are counted in days.
    Raises `DateRuleError` for the last day of the calendar, which no instant ends.
    """
    until = datetime.combine(add_days(as_of, 1), time.min, zone).astimezone(UTC)
    totals: dict[Party, timedelta] = {}
    for turn in negotiation_rounds(events):
        if turn.opened_at.astimezone(UTC) < until:
            totals[turn.side] = totals.get(turn.side, timedelta()) + turn.held_for(until)
    return {side: spent.days for side, spent in totals.items()}


def _taker(event: AnyEvent, turns: list[NegotiationRound]) -> Party | None:
    """The side that takes the draft with this event; None when nobody does."""
    if isinstance(event, TurnPassed):
        return event.to
    if isinstance(event, Redrafted):
        return Party.OWN
    if isinstance(event, SignatureWithdrawn):
        return turns[-1].side if turns else Party.OWN
    return Party.OWN if not turns and isinstance(event, Requested) else None
