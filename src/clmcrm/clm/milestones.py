"""Milestones: what must be reached by when, what counts as reached, and when waiting ends for good.

The rule of the file: a status is computed from what was achieved and a day, never stored; reaching a
milestone late does not erase that it was late. Statuses are those of the Open Contracting Data Standard
(`milestoneStatus.csv`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType

from attrs import field, frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.regimes.known import BUILT_IN_REGIMES, Regimes
from clmcrm.clm.day_expressions import DayExpression, Expression, Facts, names_in
from clmcrm.clm.days_found import DayFound, day_of
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import sum_of
from clmcrm.values.partial import DayFact, Unknown
from clmcrm.values.record import Record
from clmcrm.values.validators import each, exact, instance, maybe, plain_date, text
from clmcrm.values.wording import Step, Wording

MilestoneId = NewType("MilestoneId", str)
"""The id of a milestone."""

_WHOLE: Final = Decimal(1)


class MilestoneStatus(StrEnum):
    """Where a milestone stands, in the words of the Open Contracting Data Standard."""

    SCHEDULED = "scheduled"
    MET = "met"
    NOT_MET = "notMet"
    PARTIALLY_MET = "partiallyMet"


@frozen(kw_only=True)
class Achievement:
    """A `share` (above 0, up to 1) of a milestone reached on `on`; `evidence` says where the proof is."""

    on: date = field(validator=plain_date)
    share: Decimal = field(default=_WHOLE, validator=exact)
    evidence: str = ""

    def __attrs_post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InvalidRecord("Achievement", "share", self.share, "a share above 0 and up to 1")


@frozen(kw_only=True)
class Milestone(Record):
    """Something to be reached by the day `due` comes to.

    `long_stop` is the day after which waiting ends, whatever the reason for the delay, and `consequence`
    what may then be done (None and empty: nothing is agreed). Both may be counted from other milestones:
    "met:ID" is the day one was reached in full, "due:ID" the day it is due.
    """

    id: MilestoneId = field(validator=text)
    title: str = field(validator=text)
    due: DayExpression = field(validator=instance(Expression))
    long_stop: DayExpression | None = field(default=None, validator=maybe(instance(Expression)))
    consequence: str = ""
    citation: str = ""
    achievements: tuple[Achievement, ...] = field(default=(), validator=each(instance(Achievement)))


@frozen(kw_only=True)
class MilestoneStanding:
    """Where a milestone stands on a day.

    `due_on` and `long_stop_on` are days or the reason why they are not known (`long_stop_on` None: none is
    agreed). `met_on` is the day it was reached in full (None: not yet), `done` the share reached.
    `late` says that it was or is reached after `due_on`, `stopped` that the long-stop date passed before it
    was reached: both None while the day is not known.
    """

    milestone: MilestoneId
    status: MilestoneStatus
    done: Decimal
    met_on: date | None
    due_on: date | Unknown
    long_stop_on: date | Unknown | None
    late: bool | None
    stopped: bool | None
    steps: tuple[Step, ...]


def met_on(milestone: Milestone, as_of: date) -> date | None:
    """The day on which the milestone was reached in full, on or before `as_of`; None when it was not."""
    done = Decimal(0)
    for achievement in sorted(milestone.achievements, key=lambda one: one.on):
        done = sum_of([done, achievement.share])
        if done >= _WHOLE:
            return achievement.on if achievement.on <= as_of else None
    return None


def milestone_standing(
    milestone: Milestone,
    as_of: date,
    facts: Facts,
    *,
    others: Iterable[Milestone] = (),
    calendar: HolidayCalendar | None = None,
    regimes: Regimes = BUILT_IN_REGIMES,
) -> MilestoneStanding:
    """Where the milestone stands on `as_of`, by what was achieved until then.

    `facts` are the contract's named days (`contract_facts`), `others` the milestones it may be counted
    from, `regimes` those that expressions may name. One that is counted from itself, however far round,
    has an unknown day with that reason.

    >>> from clmcrm.clm.day_expressions import OnDay
    >>> go_live = Milestone(id=MilestoneId("M-1"), title="go-live", due=OnDay(day=date(2026, 6, 30)))
    >>> milestone_standing(go_live, date(2026, 7, 1), Facts()).status.value
    'notMet'
    """
    plan = _Plan({one.id: one for one in (*others, milestone)}, as_of, facts, (calendar, regimes))
    due = plan.found(milestone.due, (milestone.id,))
    stop = None if milestone.long_stop is None else plan.found(milestone.long_stop, (milestone.id,))
    reached = met_on(milestone, as_of)
    done = min(_WHOLE, sum_of(a.share for a in milestone.achievements if a.on <= as_of))
    # What has not been reached is late from the day after.
    compared = reached or as_of
    late = compared > due.day if isinstance(due, DayFound) else None
    stopped = compared > stop.day if isinstance(stop, DayFound) else None if stop is not None else False
    return MilestoneStanding(
        milestone=milestone.id,
        status=_status(reached, done, late=bool(late)),
        done=done,
        met_on=reached,
        due_on=due.day if isinstance(due, DayFound) else due,
        long_stop_on=stop.day if isinstance(stop, DayFound) else stop,
        late=late,
        stopped=stopped,
        steps=_steps(milestone, due, stop, reached, stopped=bool(stopped)),
    )


class _Plan:
    """The milestones among which days are looked up, as they stand on a day."""

    def __init__(
        self,
        milestones: dict[MilestoneId, Milestone],
        as_of: date,
        facts: Facts,
        counted_with: tuple[HolidayCalendar | None, Regimes],
    ) -> None:
        self._milestones = milestones
        self._as_of = as_of
        self._facts = facts
        self._calendar, self._regimes = counted_with

    def found(self, expression: DayExpression, path: tuple[MilestoneId, ...]) -> DayFound | Unknown:
        """The day of an expression; `path` are the milestones that led to it."""
        named = Facts({name: self._fact(name, path) for name in names_in(expression)})
        return day_of(expression, named, self._calendar, regimes=self._regimes)

    def _fact(self, name: str, path: tuple[MilestoneId, ...]) -> DayFact:
        kind, _, key = name.partition(":")
        other = self._milestones.get(MilestoneId(key))
        if other is None or kind not in ("met", "due"):
            return self._facts[name]
        if kind == "met":
            return met_on(other, self._as_of) or Unknown(f"{other.id} ({other.title}) has not been reached")
        if other.id in path:
            return Unknown(f"{' counted from '.join((*path, other.id))}: a circle has no day")
        found = self.found(other.due, (*path, other.id))
        return found.day if isinstance(found, DayFound) else found


def _status(reached: date | None, done: Decimal, *, late: bool) -> MilestoneStatus:
    if reached is not None:
        return MilestoneStatus.MET
    if done > 0:
        return MilestoneStatus.PARTIALLY_MET
    return MilestoneStatus.NOT_MET if late else MilestoneStatus.SCHEDULED


def _steps(
    milestone: Milestone,
    due: DayFound | Unknown,
    stop: DayFound | Unknown | None,
    reached: date | None,
    *,
    stopped: bool,
) -> tuple[Step, ...]:
    steps = list(due.steps) if isinstance(due, DayFound) else [_not_known(due, "due day", "l'échéance")]
    if isinstance(due, DayFound):
        steps.append(Step(due.day, Wording(f"{milestone.title} is due", f"échéance de : {milestone.title}")))
    if reached is not None:
        steps.append(Step(reached, Wording(f"{milestone.title} was reached", f"atteint : {milestone.title}")))
    if isinstance(stop, Unknown):
        steps.append(_not_known(stop, "long-stop date", "la date butoir"))
    elif stop is not None:
        then = milestone.consequence or "waiting ends"
        state = "passed" if stopped else "stands"
        steps.append(
            Step(
                stop.day,
                Wording(
                    f"the long-stop date {state}: after it, {then}",
                    f"date butoir {'dépassée' if stopped else 'à respecter'} ; ensuite : {then}",
                ),
            )
        )
    return tuple(steps)


def _not_known(why: Unknown, en: str, fr: str) -> Step:
    return Step(None, Wording(f"the {en} is not known: {why.reason}", f"{fr} n'est pas connue : {why.reason}"))
