"""Where a power stands on a day: asleep, open in its window, used, expired, and what its use asks for.

The rule of the file: a use counts when it lies in the window, by the holder, as often as agreed. It yields a
command for the host and changes nothing by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import count, pairwise
from typing import Final

import attrs
from attrs import frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import add_days, nth
from clmcrm.clm.day_expressions import Facts, OnFact
from clmcrm.clm.days_found import day_of
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.norms.clocks import Rest, disjoint, run_out
from clmcrm.clm.norms.commands import Command, command_for, lacking
from clmcrm.clm.norms.contract_life import ContractLife
from clmcrm.clm.norms.dispute_region import contested, open_on
from clmcrm.clm.norms.entries import AnyEntry, Discharged, PowerExercised
from clmcrm.clm.norms.ledger import Ignored, NormLedger, seen
from clmcrm.clm.norms.power_chart import POWER_STATE_WORDS, POWER_WORDS, PowerCause, PowerState, power_move_for
from clmcrm.clm.norms.suspensions import norm_rests
from clmcrm.clm.powers import Power
from clmcrm.clm.remedies import PowerId
from clmcrm.values.ids import DisputeId
from clmcrm.values.partial import DayFact, Unknown
from clmcrm.values.wording import Step, Wording

OPENS: Final = "opens"
"""The fact by which a power's `closes` speaks of the day it opened."""

_RANK: Final = {cause: i for i, cause in enumerate(PowerCause)}
_NOT_HOLDER: Final = Wording("only its holder may do that", "seul son titulaire le peut")


@frozen(kw_only=True)
class PowerStanding:
    """A power on a day.

    `first_day` and `last_day` bound its window, both inside, after suspensions: a day or why it is not
    known (`last_day` None: as long as the contract). `uses` are those that counted, `left` how many are
    left now (None: no limit). `commands` are what the uses ask the host to do, one for each.
    """

    power: PowerId
    state: PowerState
    since: date | None
    first_day: date | Unknown
    last_day: date | Unknown | None
    uses: tuple[PowerExercised, ...]
    left: int | None
    commands: tuple[Command, ...]
    disputes: tuple[DisputeId, ...]
    why: Wording
    steps: tuple[Step, ...]
    ignored: tuple[Ignored, ...]


@frozen(kw_only=True)
class _Walk:
    state: PowerState = PowerState.DORMANT
    since: date | None = None
    rests_from: date | None = None
    uses: tuple[PowerExercised, ...] = ()
    steps: tuple[Step, ...] = ()
    ignored: tuple[Ignored, ...] = ()

    @property
    def shown(self) -> PowerState:
        covered = None if self.rests_from is None else power_move_for(self.state, PowerCause.SUSPENDED)
        return covered.target or self.state if covered is not None else self.state

    @property
    def shown_since(self) -> date | None:
        days = [self.since] if self.shown is self.state else [self.since, self.rests_from]
        return max((day for day in days if day is not None), default=None)


@frozen(kw_only=True)
class _Happening:
    day: date
    cause: PowerCause
    entry: PowerExercised | Discharged | None = None


def power_standing(
    power: Power,
    ledger: NormLedger,
    as_of: date,
    known_on: date | None = None,
    *,
    life: ContractLife,
    facts: Facts | None = None,
    by_remedy: bool = False,
    disputes: Iterable[Dispute] = (),
    calendar: HolidayCalendar | None = None,
) -> PowerStanding:
    """Where the power stands on `as_of`, by what was recorded by `known_on` (None: by `as_of`).

    `facts` are the named days its window speaks of. A power without a trigger opens with the contract or,
    `by_remedy`, on the day of the fact "opened:ID".
    """
    known_then = known_on or as_of
    told = seen(ledger, as_of, known_then)
    named = facts or Facts()
    own, idle = norm_rests(power.id, told)
    rests = disjoint(own)
    first_day = _opens(power, life, named, by_remedy=by_remedy, calendar=calendar)
    last_day = _closes(power, first_day, rests, named, calendar)
    walk = _Walk()
    happenings = [
        *_from_days(power, first_day, last_day, life, as_of),
        *_resting(rests),
        *_from_entries(power, told),
    ]
    for happening in sorted(happenings, key=lambda one: (one.day, _RANK[one.cause])):
        if happening.day <= as_of:
            walk = _moved(power, first_day, walk, happening)
    cases, unopened = contested(power.id, None, told, disputes, min(as_of, known_then))
    so_far = Counter[date]()
    commands = (command_for(ledger.contract, power, used, _counted(so_far, used.on)) for used in walk.uses)
    return PowerStanding(
        power=power.id,
        state=walk.shown,
        since=walk.shown_since,
        first_day=first_day,
        last_day=last_day,
        uses=walk.uses,
        left=_left(power, first_day, walk.uses, as_of),
        commands=tuple(command for command in commands if command is not None),
        disputes=open_on(cases, as_of),
        why=_why(walk, first_day),
        steps=walk.steps,
        ignored=(*walk.ignored, *idle, *unopened),
    )


def _counted(so_far: Counter[date], day: date) -> int:
    """Which use of its day it is: two of one day are two, and the host must not take them for one."""
    so_far[day] += 1
    return so_far[day]


def _opens(
    power: Power, life: ContractLife, facts: Facts, *, by_remedy: bool, calendar: HolidayCalendar | None
) -> date | Unknown:
    stated = [day for day in (power.trigger, power.antecedent) if day is not None]
    if by_remedy and power.trigger is None:
        stated.append(OnFact(name=f"opened:{power.id}"))
    days: list[date] = []
    for expression in stated:
        found = day_of(expression, facts, calendar)
        if isinstance(found, Unknown):
            return found
        days.append(found.day)
    if isinstance(life.from_day, Unknown):
        return life.from_day
    return max(life.from_day, *days) if days else life.from_day


def _closes(
    power: Power, first_day: date | Unknown, rests: tuple[Rest, ...], facts: Facts, calendar: HolidayCalendar | None
) -> date | Unknown | None:
    if power.closes is None:
        return None
    days: dict[str, DayFact] = {**facts.days, OPENS: first_day}
    found = day_of(power.closes, Facts(days), calendar)
    if isinstance(found, Unknown) or isinstance(first_day, Unknown):
        return found if isinstance(found, Unknown) else found.day
    # The day it opens is a day of the window: the clock runs from the eve.
    return run_out(add_days(first_day, -1), found.day, rests)


def _from_days(
    power: Power, first_day: date | Unknown, last_day: date | Unknown | None, life: ContractLife, as_of: date
) -> Iterator[_Happening]:
    if isinstance(first_day, date):
        yield _Happening(day=first_day, cause=PowerCause.OPENED)
        for k in count(1) if power.per is not None else ():
            begins = nth(first_day, power.per, k) if power.per is not None else first_day
            if begins > as_of:
                break
            yield _Happening(day=begins, cause=PowerCause.PERIOD_BEGAN)
    if isinstance(last_day, date):
        yield _Happening(day=add_days(last_day, 1), cause=PowerCause.CLOSED)
    if life.ended_from is not None and not power.survives:
        yield _Happening(day=life.ended_from, cause=PowerCause.CONTRACT_ENDED)


def _resting(rests: tuple[Rest, ...]) -> Iterator[_Happening]:
    joined = {b.span.first_day for a, b in pairwise(rests) if a.span.next_first_day == b.span.first_day}
    for rest in rests:
        if rest.span.first_day not in joined:
            yield _Happening(day=rest.span.first_day, cause=PowerCause.SUSPENDED)
        over = rest.span.next_first_day
        if over is not None and over not in joined:
            yield _Happening(day=over, cause=PowerCause.RESUMED)


def _from_entries(power: Power, told: tuple[AnyEntry, ...]) -> Iterator[_Happening]:
    for entry in told:
        if power.id in entry.touches and isinstance(entry, PowerExercised):
            yield _Happening(day=entry.on, cause=PowerCause.USED, entry=entry)
        elif power.id in entry.touches and isinstance(entry, Discharged):
            yield _Happening(day=entry.on, cause=PowerCause.RELEASED, entry=entry)


def _moved(power: Power, first_day: date | Unknown, walk: _Walk, happening: _Happening) -> _Walk:
    entry, cause = happening.entry, happening.cause
    if cause in (PowerCause.SUSPENDED, PowerCause.RESUMED):
        step = Step(happening.day, POWER_WORDS[cause])
        rests_from = happening.day if cause is PowerCause.SUSPENDED else None
        return attrs.evolve(walk, rests_from=rests_from, steps=(*walk.steps, step))
    if entry is not None and not power.held_by(entry.side):
        return _without_place(walk, entry, _NOT_HOLDER)
    uses = walk.uses
    if isinstance(entry, PowerExercised):
        missing = lacking(power, entry)
        if missing:
            return _without_place(walk, entry, Wording(f"it does not say {missing}", f"il manque : {missing}"))
        uses = (*uses, entry)
        cause = _cause_of_use(power, first_day, uses, entry.on)
    state = walk.shown if isinstance(entry, PowerExercised) else walk.state
    row = power_move_for(state, cause)
    if row is None or row.target is None:
        return walk if entry is None else _without_place(walk, entry, _was(walk))
    since = happening.day if row.target is not walk.state else walk.since
    steps = (*walk.steps, Step(happening.day, POWER_WORDS[cause]))
    return attrs.evolve(walk, state=row.target, since=since, uses=uses, steps=steps)


def _cause_of_use(power: Power, first_day: date | Unknown, uses: tuple[PowerExercised, ...], on: date) -> PowerCause:
    left = _left(power, first_day, uses, on)
    if left is None or left > 0:
        return PowerCause.USED
    return PowerCause.USED_UP if power.per is None else PowerCause.USED_FOR_PERIOD


def _left(power: Power, first_day: date | Unknown, uses: tuple[PowerExercised, ...], day: date) -> int | None:
    """How many uses are left on `day`: in all, or in the period it lies in."""
    if power.times is None:
        return None
    if power.per is None or isinstance(first_day, Unknown) or day < first_day:
        return power.times - len(uses)
    number = next(k for k in count(1) if nth(first_day, power.per, k) > day)
    begins = nth(first_day, power.per, number - 1)
    return power.times - sum(begins <= used.on for used in uses)


def _without_place(walk: _Walk, entry: AnyEntry, why: Wording) -> _Walk:
    return attrs.evolve(walk, ignored=(*walk.ignored, Ignored(entry, why)))


def _was(walk: _Walk) -> Wording:
    since = f" since {walk.shown_since}" if walk.shown_since else ""
    depuis = f" depuis le {walk.shown_since}" if walk.shown_since else ""
    said = POWER_STATE_WORDS[walk.shown]
    return Wording(f"it was {said.en}{since}", f"état : {said.fr}{depuis}")


def _why(walk: _Walk, first_day: date | Unknown) -> Wording:
    if walk.rests_from is not None and walk.shown is PowerState.SUSPENDED:
        return POWER_WORDS[PowerCause.SUSPENDED]
    if walk.steps:
        return walk.steps[-1].wording
    if isinstance(first_day, Unknown):
        return Wording(first_day.reason, f"pas encore ouvert : {first_day.reason}")
    return Wording(f"it opens on {first_day}", f"il s'ouvre le {first_day}")
