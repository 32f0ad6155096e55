"""One occurrence walked through its chart: what happened to it day by day, and where that led.

The rule of the file: the walk is a function of the entries and of the days computed beforehand. Nothing in
it depends on when somebody looked, or on the order in which facts were recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Final

import attrs
from attrs import frozen

from clmcrm.calendars.months import add_days
from clmcrm.clm.kinds import Party
from clmcrm.clm.norms.clocks import Rest
from clmcrm.clm.norms.entries import AnyEntry, BreachNotified, Confirmed, Discharged, Dismissed, Performed
from clmcrm.clm.norms.ledger import Ignored, first_recorded
from clmcrm.clm.norms.obligation_chart import CAUSE_WORDS, STATE_WORDS, Cause, ObligationState, move_for
from clmcrm.clm.norms.obligation_clock import ObligationClock
from clmcrm.clm.obligations import Obligation
from clmcrm.values.wording import Step, Wording

_WHOLE: Final = Fraction(1)
_RANK: Final = {cause: i for i, cause in enumerate(Cause)}
_REVIEWED: Final = Wording("it had been reviewed already", "elle avait déjà été relue")
_NO_REVIEW: Final = Wording("a person wrote it: there is nothing to review", "écrite par une personne : rien à relire")
_UNCONFIRMED: Final = Wording("nobody has confirmed it yet", "personne ne l'a encore confirmée")
_DISMISSED: Final = Wording("a reviewer dismissed it", "un relecteur l'a écartée")
_NOT_CREDITOR: Final = Wording("only the creditor may give it up", "seul le créancier peut y renoncer")
_NO_AMOUNT: Final = Wording("it is not a sum of that currency", "ce n'est pas une somme dans cette monnaie")
_NO_BREACH: Final = Wording("there was no breach to notify", "il n'y avait pas de manquement à notifier")


@frozen(kw_only=True)
class Paid:
    """What counted of a performance: the `share` of the whole that was still open, on a day."""

    on: date
    share: Fraction


@frozen(kw_only=True)
class Breach:
    """A breach, kept for ever: since when, the last day that was allowed, and when it was notified.

    `uncured_from` is the first day it could no longer be cured (None: it still can, or was).
    """

    since: date
    last_allowed: date
    notified_on: date | None = None
    uncured_from: date | None = None


@frozen(kw_only=True)
class Walk:
    """Where the walk led: `state` without the suspension that may cover it, and what it met.

    `since` is the day the state was reached (None: from the start), `rests_from` the first day of the suspension
    (None: it is not suspended). `paid` are the performances that
    counted, `ended_on` the day nothing was owed any more (None: it still is).
    """

    state: ObligationState
    since: date | None = None
    rests_from: date | None = None
    paid: tuple[Paid, ...] = ()
    breach: Breach | None = None
    ended_on: date | None = None
    steps: tuple[Step, ...] = ()
    ignored: tuple[Ignored, ...] = ()

    @property
    def done(self) -> Fraction:
        """The share performed, from 0 to 1."""
        return sum((one.share for one in self.paid), Fraction(0))

    @property
    def shown(self) -> ObligationState:
        """The state with the suspension, where one covers it."""
        covered = None if self.rests_from is None else move_for(self.state, Cause.SUSPENDED)
        return covered.target or self.state if covered is not None else self.state

    @property
    def shown_since(self) -> date | None:
        """The day the state that is shown was reached (None: from the start)."""
        days = [self.since] if self.shown is self.state else [self.since, self.rests_from]
        return max((day for day in days if day is not None), default=None)

    def without_place(self, entry: AnyEntry, why: Wording) -> Walk:
        """The walk with an entry set aside."""
        return attrs.evolve(self, ignored=(*self.ignored, Ignored(entry, why)))


@frozen(kw_only=True)
class Happening:
    """Something on a day: a cause, and the entry that says so (None: it follows from the day)."""

    day: date
    cause: Cause
    entry: AnyEntry | None = None


def walked(
    obligation: Obligation,
    clock: ObligationClock,
    entries: tuple[AnyEntry, ...],
    *,
    uncured_from: date | None,
    ended_from: date | None,
    as_of: date,
) -> Walk:
    """The walk of one occurrence up to `as_of`.

    `entries` are those about it, in order; `uncured_from` the first day a breach is no longer curable (None:
    not known), `ended_from` the first day the contract was no longer in force (None: it is).
    """
    walk = _reviewed(obligation, entries)
    if walk.state is not ObligationState.PENDING:
        why = _UNCONFIRMED if walk.state is ObligationState.PROPOSED else _DISMISSED
        for entry in entries:
            walk = walk if isinstance(entry, Confirmed | Dismissed) else walk.without_place(entry, why)
        return walk
    happenings = [
        *_from_entries(clock, entries),
        *_from_days(clock, uncured_from, None if obligation.survives else ended_from),
    ]
    # Sorting keeps the entries' own order among equals.
    for happening in sorted(happenings, key=lambda one: _rank(one, clock)):
        if happening.day <= as_of:
            walk = _moved(obligation, clock, walk, happening)
    return walk


def _reviewed(obligation: Obligation, entries: tuple[AnyEntry, ...]) -> Walk:
    reviews = first_recorded(entry for entry in entries if isinstance(entry, Confirmed | Dismissed))
    if obligation.proposal is None:
        walk = Walk(state=ObligationState.PENDING)
        for entry in reviews:
            walk = walk.without_place(entry, _NO_REVIEW)
        return walk
    walk = Walk(state=ObligationState.PROPOSED)
    for entry in reviews:
        cause = Cause.CONFIRMED if isinstance(entry, Confirmed) else Cause.DISMISSED
        row = move_for(walk.state, cause)
        if row is None or row.target is None:
            walk = walk.without_place(entry, _REVIEWED)
        else:
            walk = attrs.evolve(walk, state=row.target, since=entry.known_on, steps=(Step(None, CAUSE_WORDS[cause]),))
    return walk


def _from_days(clock: ObligationClock, uncured_from: date | None, ended_from: date | None) -> Iterator[Happening]:
    days = (
        (clock.owed_from if isinstance(clock.owed_from, date) else None, Cause.ANTECEDENT_TRUE),
        (clock.lapses_from, Cause.ANTECEDENT_MISSED),
        (clock.breach_from, Cause.DEADLINE_PASSED),
        (uncured_from, Cause.CURE_EXPIRED),
        (ended_from, Cause.CONTRACT_ENDED),
    )
    yield from (Happening(day=day, cause=cause) for day, cause in days if day is not None)
    yield from _resting(clock.rests)


def _resting(rests: tuple[Rest, ...]) -> Iterator[Happening]:
    """Where suspensions begin and end; those that follow on one another are one."""
    joined = {b.span.first_day for a, b in pairwise(rests) if a.span.next_first_day == b.span.first_day}
    for rest in rests:
        if rest.span.first_day not in joined:
            yield Happening(day=rest.span.first_day, cause=Cause.SUSPENDED)
        over = rest.span.next_first_day
        if over is not None and over not in joined:
            yield Happening(day=over, cause=Cause.RESUMED)


def _from_entries(clock: ObligationClock, entries: tuple[AnyEntry, ...]) -> Iterator[Happening]:
    for entry in entries:
        match entry:
            case Performed() if isinstance(clock.owed_from, date):
                # What is done early counts from the day it is owed.
                yield Happening(day=max(entry.on, clock.owed_from), cause=Cause.PERFORMED_IN_PART, entry=entry)
            case BreachNotified():
                yield Happening(day=entry.on, cause=Cause.BREACH_NOTIFIED, entry=entry)
            case Discharged():
                yield Happening(day=entry.on, cause=Cause.DISCHARGED, entry=entry)
            case _:
                pass


def _rank(happening: Happening, clock: ObligationClock) -> tuple[date, int, bool]:
    early = isinstance(happening.entry, Performed) and happening.entry.on < happening.day
    rank = _RANK[Cause.ANTECEDENT_TRUE if early else happening.cause]
    return happening.day, rank, early and isinstance(clock.owed_from, date)


def _moved(obligation: Obligation, clock: ObligationClock, walk: Walk, happening: Happening) -> Walk:
    entry = happening.entry
    if happening.cause in (Cause.SUSPENDED, Cause.RESUMED):
        rests_from = happening.day if happening.cause is Cause.SUSPENDED else None
        return attrs.evolve(walk, rests_from=rests_from, steps=_told(walk, happening))
    if isinstance(entry, Performed):
        return _performed(obligation, walk, happening, entry)
    if isinstance(entry, Discharged) and entry.side not in (obligation.obligee, Party.BOTH):
        return walk.without_place(entry, _NOT_CREDITOR)
    row = move_for(walk.state, happening.cause)
    if row is None or row.target is None:
        if entry is None:
            return walk
        gone = _NO_BREACH if isinstance(entry, BreachNotified) and walk.breach is None else _too_late(walk)
        return walk.without_place(entry, gone)
    return attrs.evolve(_arrived(walk, happening, row.target), breach=_breach(walk, clock, happening))


def _performed(obligation: Obligation, walk: Walk, happening: Happening, entry: Performed) -> Walk:
    share, left = share_of(obligation, entry), _WHOLE - walk.done
    if share is None:
        return walk.without_place(entry, _NO_AMOUNT)
    counts = min(share, left)
    cause = Cause.PERFORMED_IN_PART if counts < left else _when_full(obligation, walk)
    row = move_for(walk.state, cause)
    if row is None or row.target is None or not counts:
        return walk.without_place(entry, _too_late(walk))
    paid = (*walk.paid, Paid(on=entry.on, share=counts))
    there = _arrived(attrs.evolve(walk, paid=paid), attrs.evolve(happening, cause=cause), row.target)
    if counts < share:
        surplus = Wording(f"only {left} of the whole was left to do", f"il ne restait que {left} du tout à exécuter")
        return there.without_place(entry, surplus)
    return there


def share_of(obligation: Obligation, entry: Performed) -> Fraction | None:
    """The share of one occurrence that an entry speaks of; None for an amount that cannot be compared."""
    if entry.share is not None:
        return Fraction(entry.share)
    owed, paid = obligation.amount, entry.amount
    if owed is None or paid is None or owed.currency != paid.currency or not owed.amount:
        return None
    return Fraction(paid.amount) / Fraction(owed.amount)


def _when_full(obligation: Obligation, walk: Walk) -> Cause:
    if walk.breach is None:
        return Cause.PERFORMED_IN_TIME
    curable = walk.state is ObligationState.BREACHED and obligation.cure is not None
    return Cause.PERFORMED_IN_CURE if curable else Cause.PERFORMED_LATE


def _arrived(walk: Walk, happening: Happening, target: ObligationState) -> Walk:
    moved = target is not walk.state
    over = move_for(target, Cause.DISCHARGED) is None
    return attrs.evolve(
        walk,
        state=target,
        since=happening.day if moved else walk.since,
        ended_on=happening.day if over else None,
        steps=_told(walk, happening),
    )


def _breach(walk: Walk, clock: ObligationClock, happening: Happening) -> Breach | None:
    """The breach once `happening` has had its say: begun, notified or past curing, and never taken away."""
    breach = walk.breach
    if happening.cause is Cause.DEADLINE_PASSED and isinstance(clock.last_allowed, date):
        return Breach(since=happening.day, last_allowed=clock.last_allowed)
    if breach is None:
        return None
    if happening.cause is Cause.BREACH_NOTIFIED and breach.notified_on is None:
        return attrs.evolve(breach, notified_on=happening.day)
    return attrs.evolve(breach, uncured_from=happening.day) if happening.cause is Cause.CURE_EXPIRED else breach


def _told(walk: Walk, happening: Happening) -> tuple[Step, ...]:
    return (*walk.steps, Step(happening.day, CAUSE_WORDS[happening.cause]))


def _too_late(walk: Walk) -> Wording:
    since = f" since {walk.since}" if walk.since else ""
    depuis = f" depuis le {walk.since}" if walk.since else ""
    said = STATE_WORDS[walk.state]
    return Wording(f"it was {said.en}{since}", f"état : {said.fr}{depuis}")


def first_notice(clock: ObligationClock, entries: tuple[AnyEntry, ...]) -> date | None:
    """The day the breach was first notified; a notice from before the breach counts for nothing."""
    breach_from = clock.breach_from
    days = [entry.on for entry in entries if isinstance(entry, BreachNotified)]
    return min((day for day in days if breach_from is not None and day >= breach_from), default=None)


def uncured_day(cure_until: date | None) -> date | None:
    """The first day on which a breach can no longer be cured; None while that is not known."""
    return None if cure_until is None else add_days(cure_until, 1)
