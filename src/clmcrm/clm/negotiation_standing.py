"""How a negotiation stands: what is open on which clause, who holds the pen, and how long each side has had it.

The rule of the file: the clocks run between instants. Days are counted by the dates of one zone that the caller
names, the day a turn begins not counted and the day it ends counted, so that the turns add up to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

import attrs
from attrs import frozen

from clmcrm.calendars.adjustments import count_business_days
from clmcrm.calendars.calendar import HolidayCalendar
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
    last_draft,
    redlines,
    seen_by,
)
from clmcrm.errors import InvalidRecord, OutsideCoverage
from clmcrm.values.instants import in_utc
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

    `pen` is who holds the draft, since `pen_since` (both None: nobody yet, or it has gone for signature). `turns`
    counts how often a side took the draft, `rounds` how often ours did, the running one included: a round is there
    and back. `open_by_clause` holds the redlines that wait for an answer,
    by citation, in the order in which clauses were first touched; `concessions` who gave way on what.
    """

    pen: Party | None
    pen_since: datetime | None
    turns: int
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
    known_at: datetime | None = None,
    zone: tzinfo = UTC,
    calendar: HolidayCalendar | None = None,
    seen_from: Party | None = None,
) -> NegotiationStanding:
    """How the negotiation stood at `as_of`, by what was recorded up to `known_at` (None: everything on record).

    A turn that was taken back after `known_at` still counts for that question. `zone` says in which place's dates
    days are counted. `seen_from` is the side it is shown to (None: all entries). Raises `InvalidRecord` for another
    contract's negotiation and for a naive instant.
    """
    if negotiation.contract != contract.id:
        raise InvalidRecord("Negotiation", "contract", negotiation.contract, contract.id)
    if seen_from is not None:
        negotiation = seen_by(negotiation, seen_from)
    as_of = in_utc(as_of, "as_of")
    known_at = None if known_at is None else in_utc(known_at, "known_at")
    turns = _turns(contract, as_of, known_at)
    last = as_of if known_at is None else min(as_of, known_at)
    entries = tuple(entry for entry in negotiation.entries if _by(entry.at, last))
    so_far = Negotiation(contract=negotiation.contract, entries=entries)
    running = turns[-1] if turns and turns[-1].closed_at is None else None
    return NegotiationStanding(
        pen=running.side if running else None,
        pen_since=running.opened_at if running else None,
        turns=len(turns),
        rounds=sum(turn.side is Party.OWN for turn in turns),
        clocks=_clocks(turns, as_of, zone, calendar),
        open_by_clause=_open_by_clause(so_far),
        concessions=tuple(entry for entry in entries if isinstance(entry, Conceded)),
        comments=tuple(entry for entry in entries if isinstance(entry, Commented)),
        last_draft=last_draft(so_far),
    )


def _turns(contract: Contract, as_of: datetime, known_at: datetime | None) -> tuple[NegotiationRound, ...]:
    """The turns up to `as_of`; one that ended later is open."""
    known = [event for event in contract.events if known_at is None or _by(event.at, known_at)]
    turns = [turn for turn in negotiation_rounds(known) if _by(turn.opened_at, as_of)]
    if turns and turns[-1].closed_at is not None and not _by(turns[-1].closed_at, as_of):
        turns[-1] = attrs.evolve(turns[-1], closed_at=None)
    return tuple(turns)


def _by(at: datetime, last: datetime) -> bool:
    return at.astimezone(UTC) <= last.astimezone(UTC)


def _open_by_clause(negotiation: Negotiation) -> dict[str, tuple[RedlineStanding, ...]]:
    found: dict[str, list[RedlineStanding]] = {}
    for redline in redlines(negotiation):
        touched = found.setdefault(redline.change.citation, [])
        if redline.state is RedlineState.OPEN:
            touched.append(redline)
    return {citation: tuple(waiting) for citation, waiting in found.items() if waiting}


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
