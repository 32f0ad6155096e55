"""How a negotiation stands: what is open on which clause, who holds the pen, and how long each side has had it.

The rule of the file: the clocks run between instants. Days are counted by the dates of one zone that the caller
names, the day a turn begins not counted and the day it ends counted, so that the turns add up to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from attrs import frozen

from clmcrm.calendars.adjustments import count_business_days
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.negotiation import NegotiationRound, negotiation_rounds
from clmcrm.clm.negotiation_entries import (
    Commented,
    Conceded,
    DraftSent,
    Negotiation,
    RedlineStanding,
    RedlineState,
    redlines,
)
from clmcrm.errors import InvalidRecord, OutsideCoverage
from clmcrm.values.partial import Unknown

_NO_CALENDAR = Unknown("no calendar was given")


@frozen(kw_only=True)
class SideClock:
    """How long a side held the pen: exactly (`held`), in days of the zone, and in business days.

    `business_days` is `Unknown` without a calendar, or where the calendar does not reach so far.
    """

    side: Party
    turns: int
    held: timedelta
    calendar_days: int
    business_days: int | Unknown


@frozen(kw_only=True)
class NegotiationStanding:
    """Where a negotiation stands at an instant.

    `pen` is who holds the draft, since `pen_since` (both None: nobody yet, or it has gone for signature). `rounds`
    counts the turns so far, the running one included. `open_by_clause` holds the redlines that wait for an answer,
    by citation, in the order in which clauses were first touched; `concessions` who gave way on what.
    """

    pen: Party | None
    pen_since: datetime | None
    rounds: int
    clocks: Mapping[Party, SideClock]
    open_by_clause: Mapping[str, tuple[RedlineStanding, ...]]
    concessions: tuple[Conceded, ...]
    comments: tuple[Commented, ...]
    last_draft: DraftSent | None

    def shared_comments(self) -> tuple[Commented, ...]:
        """The remarks the other side may see."""
        return tuple(comment for comment in self.comments if comment.shared)


def negotiation_standing(
    negotiation: Negotiation,
    contract: Contract,
    as_of: datetime,
    *,
    zone: tzinfo = UTC,
    calendar: HolidayCalendar | None = None,
) -> NegotiationStanding:
    """How the negotiation stands at `as_of`, by what was recorded until then.

    `zone` says in which place's dates days are counted. Raises `InvalidRecord` for another contract's negotiation.
    """
    if negotiation.contract != contract.id:
        raise InvalidRecord("Negotiation", "contract", negotiation.contract, contract.id)
    now = as_of.astimezone(UTC)
    events = [event for event in contract.events if event.at.astimezone(UTC) <= now]
    turns = negotiation_rounds(not_undone(events))
    entries = tuple(entry for entry in negotiation.entries if entry.at.astimezone(UTC) <= now)
    so_far = Negotiation(contract=negotiation.contract, entries=entries)
    running = turns[-1] if turns and turns[-1].closed_at is None else None
    by_clause: dict[str, tuple[RedlineStanding, ...]] = {}
    for redline in redlines(so_far):
        if redline.state is RedlineState.OPEN:
            citation = redline.change.citation
            by_clause[citation] = (*by_clause.get(citation, ()), redline)
    return NegotiationStanding(
        pen=running.side if running else None,
        pen_since=running.opened_at if running else None,
        rounds=len(turns),
        clocks=_clocks(turns, as_of, zone, calendar),
        open_by_clause=by_clause,
        concessions=tuple(entry for entry in entries if isinstance(entry, Conceded)),
        comments=tuple(entry for entry in entries if isinstance(entry, Commented)),
        last_draft=next((entry for entry in reversed(entries) if isinstance(entry, DraftSent)), None),
    )


def _clocks(
    turns: tuple[NegotiationRound, ...], as_of: datetime, zone: tzinfo, calendar: HolidayCalendar | None
) -> dict[Party, SideClock]:
    sides = dict.fromkeys(turn.side for turn in turns)
    return {side: _clock([turn for turn in turns if turn.side is side], as_of, zone, calendar) for side in sides}


def _clock(turns: list[NegotiationRound], as_of: datetime, zone: tzinfo, calendar: HolidayCalendar | None) -> SideClock:
    days = [
        (turn.opened_at.astimezone(zone).date(), (turn.closed_at or as_of).astimezone(zone).date()) for turn in turns
    ]
    business: int | Unknown = _NO_CALENDAR
    if calendar is not None:
        try:
            business = sum(count_business_days(opened, closed, calendar) for opened, closed in days)
        except OutsideCoverage as outside:
            business = Unknown(str(outside))
    return SideClock(
        side=turns[0].side,
        turns=len(turns),
        held=sum((turn.held_for(as_of) for turn in turns), timedelta()),
        calendar_days=sum((closed - opened).days for opened, closed in days),
        business_days=business,
    )
