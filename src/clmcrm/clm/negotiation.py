"""The back and forth over a draft: who holds the pen since when, and how long each side took.

The pen passes by the contract's own events (`TurnPassed`, `Redrafted`, `SentForSignature`). Every length of time
here is one between instants, so that a change of the clocks neither adds nor takes an hour.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from attrs import field, frozen

from clmcrm.clm.events import Event, Redrafted, Requested, SentForSignature, TurnPassed
from clmcrm.clm.kinds import Party
from clmcrm.values.validators import instant, maybe, member, positive_count, text


@frozen(kw_only=True)
class Redline:
    """A change one side asks for: the clause `citation`, the words `before` and `after`, and `why`."""

    citation: str = field(validator=text)
    before: str = ""
    after: str = ""
    why: str = ""


@frozen(kw_only=True)
class NegotiationRound:
    """One turn: `side` held the draft from `opened_at` to `closed_at` (None: still does)."""

    number: int = field(validator=positive_count)
    side: Party = field(validator=member(Party))
    opened_at: datetime = field(validator=instant)
    closed_at: datetime | None = field(default=None, validator=maybe(instant))
    redlines: tuple[Redline, ...] = ()

    def held_for(self, until: datetime) -> timedelta:
        """How long the side has held the draft, at most until `until`."""
        # In one zone, Python subtracts what the clocks show; in UTC, it subtracts instants.
        opened_at, until = self.opened_at.astimezone(UTC), until.astimezone(UTC)
        closed_at = until if self.closed_at is None else min(self.closed_at.astimezone(UTC), until)
        return max(closed_at - opened_at, timedelta())


def negotiation_rounds(events: Iterable[Event]) -> tuple[NegotiationRound, ...]:
    """The rounds told by a contract's events: our side begins with the first draft, each turn passes it on.

    Sending for signature closes the last round; a redraft brings the pen back to us.
    """
    rounds: list[NegotiationRound] = []
    for event in events:
        side = _taker(event, started=bool(rounds))
        if rounds and rounds[-1].closed_at is None and (side is not None or isinstance(event, SentForSignature)):
            last = rounds.pop()
            rounds.append(
                NegotiationRound(number=last.number, side=last.side, opened_at=last.opened_at, closed_at=event.at)
            )
        if side is not None:
            rounds.append(NegotiationRound(number=len(rounds) + 1, side=side, opened_at=event.at))
    return tuple(rounds)


def days_per_side(events: Iterable[Event], as_of: date) -> dict[Party, int]:
    """Whole days each side held the draft up to the end of `as_of`; a side that never held it is left out."""
    totals: dict[Party, timedelta] = {}
    for turn in negotiation_rounds(events):
        until = datetime.combine(as_of, time.max, turn.opened_at.tzinfo)
        if until.astimezone(UTC) > turn.opened_at.astimezone(UTC):
            totals[turn.side] = totals.get(turn.side, timedelta()) + turn.held_for(until)
    return {side: spent.days for side, spent in totals.items()}


def _taker(event: Event, *, started: bool) -> Party | None:
    """The side that takes the draft with this event; None when nobody does."""
    if isinstance(event, TurnPassed):
        return event.to
    if isinstance(event, Redrafted):
        return Party.OWN
    return Party.OWN if not started and isinstance(event, Requested) else None
