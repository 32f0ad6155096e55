"""What a contract's stage does not say and a person wants to know: what is near, open, missed or unsaid.

The rule of the file: situations are worked out from the stage, the deadlines and a date, are never stored,
and each comes with the day it turns on and the words for it. A contract may be in several at once.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.calendars.months import forward
from clmcrm.clm.charts import Charts
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, Purpose
from clmcrm.clm.hindsight import as_known
from clmcrm.clm.lifecycle import StageOn, stage_of, standing_of
from clmcrm.clm.notice import next_notice_deadline, notice_case
from clmcrm.clm.notice_case import NoticeCase
from clmcrm.clm.stages import Phase, Stage
from clmcrm.clm.standing import Standing
from clmcrm.clm.transitions import CHARTS
from clmcrm.errors import OutsideCoverage
from clmcrm.values.days import check_days
from clmcrm.values.partial import Unknown, known
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import instance
from clmcrm.values.wording import Wording

_ONE_DAY: Final = timedelta(days=1)


class Situation(StrEnum):
    """What may be true of a contract beside its stage."""

    UPCOMING = "upcoming"
    NOTICE_WINDOW_OPEN = "notice window open"
    NOTICE_WINDOW_CLOSING = "notice window closing"
    NOTICE_MISSED = "notice missed"
    RENEWAL_BLOCKED = "renewal blocked"
    ENDING = "ending"
    EXPIRING = "expiring"
    EVERGREEN = "evergreen"
    HOLDOVER = "holdover"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class SituationOn:
    """A situation a contract is in: the day it turns on (None: on none), and why, in words."""

    situation: Situation
    day: date | None
    why: Wording


@frozen(kw_only=True)
class Horizon:
    """From when on something counts as near: before the end, and before the last day for a notice.

    >>> Horizon().expiring.words
    '3 months'
    """

    expiring: Tenor = field(default=Tenor(months=3), validator=instance(Tenor))
    closing: Tenor = field(default=Tenor(months=1), validator=instance(Tenor))


def situations_of(
    contract: Contract,
    as_of: date,
    *,
    known_on: date | None = None,
    horizon: Horizon | None = None,
    calendars: CalendarSource | None = None,
    charts: Charts = CHARTS,
) -> tuple[SituationOn, ...]:
    """Every situation the contract is in on `as_of`, by what was recorded until `known_on` (None: `as_of`).

    The order is that of `Situation`. Whatever cannot be said is `Situation.UNKNOWN` with its reason, never
    left out.
    """
    check_days("situations_of", as_of=as_of)
    if known_on is not None:
        check_days("situations_of", known_on=known_on)
    near = horizon or Horizon()
    stage = stage_of(contract, as_of, known_on=known_on, charts=charts)
    standing = standing_of(contract, as_of, known_on=known_on, charts=charts)
    found: list[SituationOn] = []
    if stage.stage.phase is Phase.UNKNOWN:
        found.append(_unknown(stage.why))
    elif stage.stage.phase is Phase.SIGNED:
        found += _before_effect(contract, stage, standing)
    elif stage.stage.phase is Phase.ACTIVE:
        found += _about_the_end(contract, as_of, known_on, (stage, standing), near)
        found += _about_notice(contract, as_of, known_on, near, calendars)
    elif standing.continued_from is not None and stage.stage is Stage.EXPIRED:
        found.append(_holdover(standing.continued_from))
    order = list(Situation)
    return tuple(sorted(found, key=lambda one: order.index(one.situation)))


def _before_effect(contract: Contract, stage: StageOn, standing: Standing) -> list[SituationOn]:
    if standing.ending is not None and stage.why.startswith("terminated"):
        return [_ending(standing.ending.last_day)]
    day = known(contract.effective_on)
    why = Wording(f"signed: {stage.why}", f"signé ; prise d'effet : {day or 'conditions à remplir'}")
    return [SituationOn(situation=Situation.UPCOMING, day=day, why=why)]


def _about_the_end(
    contract: Contract, as_of: date, known_on: date | None, found_on: tuple[StageOn, Standing], near: Horizon
) -> list[SituationOn]:
    stage, standing = found_on
    ends_on = stage.ends_on
    if ends_on is None:
        if stage.why.startswith("its end is not known"):
            return [_unknown(stage.why)]
        if _without_end(contract, as_of, known_on):
            why = Wording("it runs until somebody gives notice", "il court jusqu'à dénonciation")
            return [SituationOn(situation=Situation.EVERGREEN, day=None, why=why)]
        return []
    found: list[SituationOn] = []
    if standing.ending is not None and standing.ending.last_day == ends_on:
        found.append(_ending(ends_on))
    elif standing.end == ends_on and not standing.replaced:
        why = Wording(
            f"notice was given: it is not renewed and ends on {ends_on}",
            f"dénoncé : il n'est pas reconduit et prend fin le {ends_on}",
        )
        found.append(SituationOn(situation=Situation.RENEWAL_BLOCKED, day=ends_on, why=why))
    if forward(as_of, near.expiring) >= ends_on:
        why = Wording(
            f"its last day, {ends_on}, is within {near.expiring.words}",
            f"son dernier jour, le {ends_on}, tombe sous {near.expiring.said('fr')}",
        )
        found.append(SituationOn(situation=Situation.EXPIRING, day=ends_on, why=why))
    return found


def _ending(last_day: date) -> SituationOn:
    why = Wording(f"terminated: its last day is {last_day}", f"résilié : son dernier jour est le {last_day}")
    return SituationOn(situation=Situation.ENDING, day=last_day, why=why)


def _without_end(contract: Contract, as_of: date, known_on: date | None) -> bool:
    case = notice_case(as_known(contract, as_of, known_on))
    return isinstance(case, NoticeCase) and (case.plan.indefinite or case.plan.initial_last_day is None)


def _about_notice(
    contract: Contract, as_of: date, known_on: date | None, near: Horizon, calendars: CalendarSource | None
) -> list[SituationOn]:
    deadline = next_notice_deadline(contract, as_of, calendars, known_on=known_on)
    if isinstance(deadline, Unknown):
        return [_unknown(deadline.reason)]
    found = _missed(as_known(contract, as_of, known_on), as_of, calendars)
    if not isinstance(deadline, Deadline) or (deadline.opens_on is not None and deadline.opens_on > as_of):
        return found
    last_day = deadline.last_day
    what = _WHAT[deadline.purpose]
    closing = forward(as_of, near.closing) >= last_day
    situation = Situation.NOTICE_WINDOW_CLOSING if closing else Situation.NOTICE_WINDOW_OPEN
    why = Wording(f"{what.en} is possible until {last_day}", f"{what.fr} est possible jusqu'au {last_day}")
    return [*found, SituationOn(situation=situation, day=last_day, why=why)]


_WHAT: Final = {
    Purpose.STOP_RENEWAL: Wording("a notice against the renewal", "une dénonciation"),
    Purpose.RENEW: Wording("a notice to renew", "une demande de reconduction"),
    Purpose.LEAVE: Wording("a notice to leave", "une résiliation"),
}


def _missed(contract: Contract, as_of: date, calendars: CalendarSource | None) -> list[SituationOn]:
    """The running term's own last day for a notice has passed, and nobody gave one."""
    case = notice_case(contract, calendars)
    if not isinstance(case, NoticeCase) or case.open_ended:
        return []
    index = case.plan.index_on(as_of)
    ends_on = None if index is None else case.plan.end_of(index)
    if ends_on is None or ends_on < as_of or ends_on == date.max:
        return []  # after 31 December 9999, which stands for "no end", there is nothing to renew
    try:
        last_day = case.last_day(ends_on)
    except OutsideCoverage:
        return []  # the next deadline's own Unknown says so
    if last_day >= as_of or (case.begins is not None and last_day < case.begins):
        return []
    if contract.events and standing_of(contract, as_of, known_on=date.max).end is not None:
        return []
    on = ends_on + _ONE_DAY
    why = (
        Wording(
            f"the right to renew ran out on {last_day}: it ends on {ends_on}",
            f"le droit de reconduire a expiré le {last_day} : il prend fin le {ends_on}",
        )
        if case.by_consent
        else Wording(
            f"the last day for a notice, {last_day}, has passed: it renews on {on}",
            f"le dernier jour pour dénoncer, le {last_day}, est passé : il sera reconduit le {on}",
        )
    )
    return [SituationOn(situation=Situation.NOTICE_MISSED, day=last_day, why=why)]


def _holdover(from_day: date) -> SituationOn:
    why = Wording(
        f"it has ended, and the parties have gone on since {from_day}",
        f"il a pris fin, et les parties ont continué depuis le {from_day}",
    )
    return SituationOn(situation=Situation.HOLDOVER, day=from_day, why=why)


def _unknown(reason: str) -> SituationOn:
    return SituationOn(situation=Situation.UNKNOWN, day=None, why=Wording(reason, f"inconnu : {reason}"))
