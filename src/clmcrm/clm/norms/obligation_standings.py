"""Where an occurrence of an obligation stands on a day, by what was known on a day, and why.

The rule of the file: everything is computed from the record, the ledger and two days. A breach is kept for
ever; what is not known is `Unknown` with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from enum import StrEnum
from fractions import Fraction

from attrs import frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.clm.day_expressions import Facts
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.due_days import Occurrence, performances_for
from clmcrm.clm.norms.contract_life import ContractLife
from clmcrm.clm.norms.dispute_region import contested, open_on
from clmcrm.clm.norms.entries import AnyEntry, Discharged, DisputeOpened, OccurrenceEntry, Performed
from clmcrm.clm.norms.lateness import lateness
from clmcrm.clm.norms.ledger import Ignored, NormLedger, seen
from clmcrm.clm.norms.obligation_chart import OPEN, ObligationState
from clmcrm.clm.norms.obligation_clock import ObligationClock, cure_until, obligation_clock
from clmcrm.clm.norms.obligation_walk import Breach, Walk, first_notice, uncured_day, walked
from clmcrm.clm.norms.remedy_standings import RemedyStanding, remedy_standings
from clmcrm.clm.norms.suspensions import obligation_rests
from clmcrm.clm.obligations import DueEvery, Obligation
from clmcrm.values.exact import exact_money
from clmcrm.values.ids import DisputeId, ObligationId
from clmcrm.values.money import Money
from clmcrm.values.partial import DayFact, Unknown
from clmcrm.values.wording import Step, Wording


class Phase(StrEnum):
    """Where the day lies against the due day, while the obligation is open."""

    UPCOMING = "upcoming"
    DUE_TODAY = "due today"
    IN_GRACE = "in grace"
    OVERDUE = "overdue"


@frozen(kw_only=True)
class ObligationStanding:
    """One occurrence on a day.

    `agreed_on` is its agreed day (None: not known); `due_on`, `last_allowed` (grace included) and
    `cure_until` are after suspensions (`cure_until` None: no cure, or its period has not begun). `since` is
    the day the state was reached (None: from the start, or by review). `done` is the share performed;
    `outstanding` what is left of the amount (None: no money). `late_days` are calendar days after the last
    one allowed on which it bound, frozen ones left out; `overdue` the business days of them while it is open; both
    stay known after late performance as far as they go. `escalated` is the level reached, days in dispute left out.
    `overdue` and `escalated` are `Unknown` without a calendar. `phase` is None when nothing is owed, after the due
    day of what does not bind yet, and when the day is not known. `ignored` are entries that had no place.
    """

    obligation: ObligationId
    agreed_on: date | None
    state: ObligationState
    since: date | None
    phase: Phase | None
    due_on: date | Unknown
    last_allowed: date | Unknown
    cure_until: date | Unknown | None
    done: Fraction
    done_on: date | None
    outstanding: Money | None
    breach: Breach | None
    late_days: int
    overdue: int | Unknown
    escalated: int | Unknown
    disputes: tuple[DisputeId, ...]
    remedies: tuple[RemedyStanding, ...]
    evidence: tuple[Performed, ...]
    why: Wording
    steps: tuple[Step, ...]
    ignored: tuple[Ignored, ...]

    @property
    def open(self) -> bool:
        """Whether something may still be owed: not when it is done, given up, lapsed or dismissed."""
        return self.state in OPEN or self.state is ObligationState.PROPOSED


def obligation_standing(
    obligation: Obligation,
    occurrence: Occurrence | Unknown,
    ledger: NormLedger,
    as_of: date,
    known_on: date | None = None,
    *,
    life: ContractLife,
    facts: Facts | None = None,
    disputes: Iterable[Dispute] = (),
    calendar: HolidayCalendar | None = None,
) -> ObligationStanding:
    """Where `occurrence` (or why it has no day) stands on `as_of`, by what was recorded by `known_on`.

    `known_on` None: by `as_of`. `life` is the contract's own (`contract_life`), `facts` what a condition
    speaks of. `calendar` counts overdue business days, and adjusts what a suspension moved; none is assumed.
    """
    known_then = known_on or as_of
    told = seen(ledger, as_of, known_then)
    of = None if isinstance(occurrence, Unknown) else occurrence.agreed_on
    own = own_performances(obligation, occurrence, min(as_of, known_then), life.last_day)
    mine = (*own, *_about(obligation, of, told))
    rests, idle = obligation_rests(obligation, life, told)
    clock = obligation_clock(obligation, occurrence, life, rests=rests, facts=facts, calendar=calendar)
    cure = cure_until(obligation, clock, first_notice(clock, mine))
    ended_from = life.ended_from
    walk = walked(
        obligation,
        clock,
        mine,
        uncured_from=uncured_day(cure) if isinstance(cure, date) else None,
        ended_from=ended_from,
        as_of=as_of,
    )
    cases, unopened = contested(obligation.id, of, told, disputes, min(as_of, known_then))
    remedies, strange = remedy_standings(
        ledger.contract, obligation, of, walk, clock, entries=mine, disputes=cases, as_of=as_of
    )
    over = walk.ended_on or as_of
    late = lateness(walk.breach, over, clock.rests, calendar)
    shown = walk.shown
    full = walk.done == 1
    return ObligationStanding(
        obligation=obligation.id,
        agreed_on=of,
        state=shown,
        since=walk.shown_since,
        phase=_phase(clock, shown, as_of),
        due_on=clock.due_on,
        last_allowed=clock.last_allowed,
        cure_until=cure,
        done=walk.done,
        done_on=walk.paid[-1].on if full else None,
        outstanding=_outstanding(obligation, walk),
        breach=walk.breach,
        late_days=len(late.days),
        overdue=late.overdue,
        escalated=late.level(obligation.escalate_after, cases),
        disputes=open_on(cases, as_of),
        remedies=remedies,
        evidence=tuple(e for e in mine if isinstance(e, Performed)),
        why=_why(walk, clock),
        steps=_steps(occurrence, clock, walk),
        ignored=(*walk.ignored, *idle, *unopened, *strange),
    )


def _about(obligation: Obligation, of: date | None, told: tuple[AnyEntry, ...]) -> Iterator[AnyEntry]:
    """The entries about the occurrence agreed for `of`, in order."""
    for entry in told:
        if obligation.id not in entry.touches:
            continue
        if (
            not isinstance(entry, OccurrenceEntry)
            or entry.of == of
            or (entry.of is None and not vague(obligation, entry))
        ):
            yield entry


def vague(obligation: Obligation, entry: AnyEntry) -> bool:
    """Whether an entry must say which occurrence it is about, and does not."""
    if isinstance(entry, Discharged | DisputeOpened) or not isinstance(obligation.due, DueEvery):
        return False
    return isinstance(entry, OccurrenceEntry) and entry.of is None


def own_performances(
    obligation: Obligation, occurrence: Occurrence | Unknown, until: date, last_day: DayFact | None = None
) -> tuple[Performed, ...]:
    """The performances that the record itself carries, as entries recorded on the day of performance.

    `last_day` is the contract's (None: no end in sight).
    """
    told = () if isinstance(occurrence, Unknown) else performances_for(obligation, occurrence, last_day)
    mine = [p for p in told if p.on <= until]
    return tuple(
        Performed(
            at=datetime.combine(p.on, time(12), UTC),
            by="the record",
            norm=obligation.id,
            on=p.on,
            of=None if isinstance(occurrence, Unknown) else occurrence.agreed_on,
            share=p.share,
            evidence=p.evidence,
        )
        for p in sorted(mine, key=lambda one: one.on)
    )


def _phase(clock: ObligationClock, state: ObligationState, as_of: date) -> Phase | None:
    if state not in OPEN or isinstance(clock.due_on, Unknown):
        return None
    if as_of <= clock.due_on:
        return Phase.DUE_TODAY if as_of == clock.due_on else Phase.UPCOMING
    if state is ObligationState.PENDING:
        return None  # what does not bind yet is not late
    allowed = isinstance(clock.last_allowed, Unknown) or as_of <= clock.last_allowed
    return Phase.IN_GRACE if allowed else Phase.OVERDUE


def _outstanding(obligation: Obligation, walk: Walk) -> Money | None:
    amount = obligation.amount
    return None if amount is None else exact_money(Fraction(amount.amount) * (1 - walk.done), amount.currency)


def _why(walk: Walk, clock: ObligationClock) -> Wording:
    if walk.rests_from is not None and walk.shown is ObligationState.SUSPENDED:
        return clock.rests[-1].why
    if walk.state is ObligationState.PROPOSED:
        return Wording("a reader proposed it; nobody has confirmed it", "proposée par un lecteur, à confirmer")
    if walk.state is ObligationState.PENDING:
        owed = clock.owed_from
        if isinstance(owed, Unknown):
            return Wording(owed.reason, f"elle n'est pas encore due : {owed.reason}")
        return Wording(f"it takes effect on {owed}", f"elle prend effet le {owed}")
    return walk.steps[-1].wording


def _steps(occurrence: Occurrence | Unknown, clock: ObligationClock, walk: Walk) -> tuple[Step, ...]:
    if isinstance(occurrence, Unknown):
        reason = occurrence.reason
        return (Step(None, Wording(f"its due day: {reason}", f"son échéance : {reason}")), *walk.steps)
    moved: tuple[Step, ...] = ()
    due_on = clock.due_on
    if isinstance(due_on, Unknown):
        moved = (Step(None, Wording(due_on.reason, f"échéance en suspens : {due_on.reason}")),)
    elif due_on != occurrence.due_on:
        said = Wording("due on this day after suspensions", "échéance après suspensions")
        moved = (Step(due_on, said),)
    return (*occurrence.steps, *moved, *walk.steps)
