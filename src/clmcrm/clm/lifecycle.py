"""The life of a contract: what stage it is in on a day, and what may happen next.

`advance` adds one event or refuses it, saying what is possible; `stage_of` computes the stage from the
events and a date. Nothing here reads a clock: the caller says which day it is.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import attrs
from attrs import frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.events import (
    AmendmentAccepted,
    AnyEvent,
    Approved,
    Event,
    Novated,
    Signed,
    Superseded,
    Undone,
)
from clmcrm.clm.notice import last_day_in_force
from clmcrm.clm.standing import ACTIVE, Stage, Standing, unapproved, unsigned
from clmcrm.clm.transitions import possible_from, transition_for
from clmcrm.errors import InvalidRecord, StaleBase, TransitionNotAllowed
from clmcrm.values.partial import Unknown, known, why_not

_ONE_DAY: Final = timedelta(days=1)


@frozen(kw_only=True)
class StageOn:
    """A contract's stage on a day.

    `since` is the day it was reached (None for a contract to which nothing has happened, and where the day
    is not known); `why` says in words what led there; `ends_on` is the last day in force as far as it is
    known (None: no end in sight, or not known). `ignored` lists recorded events that had no place when
    they came: they change nothing, and somebody should look at them.
    """

    stage: Stage
    since: date | None
    why: str
    ends_on: date | None = None
    ignored: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The stage, and since when."""
        return f"{self.stage.value} since {self.since}" if self.since else self.stage.value


def stage_of(contract: Contract, as_of: date) -> StageOn:
    """The stage on `as_of`, by the events recorded until then.

    `Stage.UNKNOWN` with a reason where a date that decides it is missing. The day of an event is the day of
    its instant in the zone it was recorded in.
    """
    standing, ignored = _fold(contract, as_of)
    found = _by_the_clock(contract, standing, as_of)
    return attrs.evolve(found, ignored=ignored)


def standing_of(contract: Contract, as_of: date) -> Standing:
    """What the events recorded on or before `as_of` add up to, before the clock is looked at."""
    return _fold(contract, as_of)[0]


def advance(contract: Contract, event: AnyEvent) -> Contract:
    """The contract with `event` added; the one passed in is unchanged.

    Raises `TransitionNotAllowed` when the stage has no such move, a guard refuses it or the event is older
    than the last one; `StaleBase` for an amendment written against an earlier version.
    """
    as_of = event.at.date()
    if contract.events and event.at < contract.events[-1].at:
        last = contract.events[-1]
        raise InvalidRecord(str(contract), "events", event.at.isoformat(), f"{last.at.isoformat()} or later")
    standing = _standing_now(contract, as_of)
    if isinstance(event, AmendmentAccepted):
        _check_base(contract, standing, event)
    why = _refusals(contract, standing, event)
    if why is not None:
        raise TransitionNotAllowed(
            f"contract {contract.number or contract.id}",
            type(event).__name__,
            standing.stage.value,
            _possible(contract, standing),
            why or _waiting_for(contract, standing),
        )
    return attrs.evolve(contract, events=(*contract.events, event))


def possible_events(contract: Contract, as_of: date) -> tuple[str, ...]:
    """The names of the events that the contract's stage on `as_of` has room for."""
    return _possible(contract, _standing_now(contract, as_of))


def _standing_now(contract: Contract, as_of: date) -> Standing:
    """The standing with the stage the clock has brought it to."""
    standing, _ = _fold(contract, as_of)
    return attrs.evolve(standing, stage=_by_the_clock(contract, standing, as_of).stage)


def _possible(contract: Contract, standing: Standing) -> tuple[str, ...]:
    undo = ("Undone",) if contract.events and standing.stage is not Stage.ARCHIVED else ()
    return possible_from(standing.stage) + undo


def _refusals(contract: Contract, standing: Standing, event: Event) -> tuple[str, ...] | None:
    """None when the event is allowed; otherwise why not (empty when the stage has no such move at all)."""
    if isinstance(event, Undone):
        return None if "Undone" in _possible(contract, standing) else ()
    row = transition_for(standing.stage, event)
    if row is None:
        return ()
    why = tuple(reason for guard in row.guards if (reason := guard(contract, standing, event)))
    return why or None


def _waiting_for(contract: Contract, standing: Standing) -> tuple[str, ...]:
    """What the present stage is waiting for, where that explains a refusal."""
    if standing.stage is Stage.AWAITING_SIGNATURE:
        return (f"unsigned: {', '.join(unsigned(contract, standing))}",)
    if standing.stage is Stage.IN_APPROVAL:
        return (f"not approved by: {', '.join(unapproved(contract, standing))}",)
    if standing.stage is Stage.UNKNOWN:
        return (f"the effective date is not known: {why_not(contract.effective_on)}",)
    return ()


def _check_base(contract: Contract, standing: Standing, event: AmendmentAccepted) -> None:
    amendment = next((a for a in contract.amendments if a.id == event.amendment), None)
    if amendment is None:
        ids = ", ".join(a.id for a in contract.amendments) or "none"
        raise InvalidRecord(str(contract), "amendment", event.amendment, f"one of the contract's amendments: {ids}")
    current = contract.version + standing.version
    if event.base_version != current or amendment.base_version != current:
        raise StaleBase(str(contract), min(event.base_version, amendment.base_version), current)


def _fold(contract: Contract, as_of: date) -> tuple[Standing, tuple[str, ...]]:
    """Add up the events recorded on or before `as_of`, an undone one left out."""
    standing = Standing()
    ignored: list[str] = []
    for event in _standing_events(contract, as_of):
        standing = _clocked(contract, standing, event.at.date())
        row = transition_for(standing.stage, event)
        if row is None:
            ignored.append(f"{type(event).__name__} of {event.at.isoformat()} in stage {standing.stage.value}")
            continue
        standing = _concluded(contract, standing.after(event, row.target or standing.stage), event)
    return standing, tuple(ignored)


def _clocked(contract: Contract, standing: Standing, day: date) -> Standing:
    """The standing on `day`, once the date itself has had its say."""
    if standing.last is None:
        return standing
    found = _by_the_clock(contract, standing, day)
    if found.stage in (standing.stage, Stage.UNKNOWN) and standing.stage is not Stage.SIGNED:
        return standing
    return attrs.evolve(standing, stage=found.stage, since=found.since)


def _concluded(contract: Contract, standing: Standing, event: Event) -> Standing:
    """The standing once the last approval or the last signature has had its consequence."""
    if isinstance(event, Approved) and not unapproved(contract, standing):
        return attrs.evolve(standing, stage=Stage.NEGOTIATING, since=event.at.date())
    if isinstance(event, Signed) and not unsigned(contract, standing):
        return attrs.evolve(standing, stage=Stage.SIGNED, since=event.at.date())
    return standing


def _standing_events(contract: Contract, as_of: date) -> list[Event]:
    kept: list[Event] = []
    for event in contract.events:
        if event.at.date() > as_of:
            continue
        if isinstance(event, Undone):
            if kept:
                _ = kept.pop()
        else:
            kept.append(event)
    return kept


def _by_the_clock(contract: Contract, standing: Standing, as_of: date) -> StageOn:
    """The stage once the date itself has had its say."""
    if standing.stage is Stage.SIGNED:
        return _signed(contract, standing, as_of)
    if standing.stage in ACTIVE or standing.stage is Stage.EXPIRED:
        return _active(contract, standing, as_of, standing.since)
    why = "nothing has happened yet" if standing.last is None else f"by {type(standing.last).__name__}"
    return StageOn(stage=standing.stage, since=standing.since, why=why)


def _signed(contract: Contract, standing: Standing, as_of: date) -> StageOn:
    if contract.conditions_precedent:
        open_points = ", ".join(contract.conditions_precedent)
        return StageOn(stage=Stage.SIGNED, since=standing.since, why=f"conditions to be met first: {open_points}")
    first_day = known(contract.effective_on)
    if first_day is None:
        reason = f"signed, but the effective date is not known: {why_not(contract.effective_on)}"
        return StageOn(stage=Stage.UNKNOWN, since=None, why=reason)
    if as_of < first_day:
        return StageOn(stage=Stage.SIGNED, since=standing.since, why=f"takes effect on {first_day}")
    return _active(contract, attrs.evolve(standing, stage=Stage.IN_EFFECT), as_of, first_day)


def _active(contract: Contract, standing: Standing, as_of: date, since: date | None) -> StageOn:
    ends_on = last_day_in_force(contract, as_of)
    if isinstance(ends_on, Unknown):
        # In effect is what the events say; only its end is open.
        return StageOn(stage=standing.stage, since=since, why=f"its end is not known: {ends_on.reason}")
    if ends_on is not None and ends_on < as_of:
        stage, why, since = _how_it_ended(contract, standing, as_of, ends_on + _ONE_DAY)
        return StageOn(stage=stage, since=since, why=f"{why}; its last day was {ends_on}", ends_on=ends_on)
    why = "no end in sight" if ends_on is None else f"runs until {ends_on}"
    return StageOn(stage=standing.stage, since=since, why=why, ends_on=ends_on)


def _how_it_ended(contract: Contract, standing: Standing, as_of: date, over_from: date) -> tuple[Stage, str, date]:
    """The stage it ended in, why, and since when; `over_from` is the first day it was no longer in force."""
    for event in reversed(_standing_events(contract, as_of)):
        if isinstance(event, Superseded) and event.from_day <= as_of:
            return Stage.SUPERSEDED, f"replaced by {event.successor}", max(over_from, event.from_day)
        if isinstance(event, Novated) and event.from_day <= as_of:
            return Stage.NOVATED, f"novated into {event.successor}", max(over_from, event.from_day)
    if standing.ending is not None and standing.ending.last_day < as_of:
        return Stage.TERMINATED, f"terminated ({standing.ending.ground.value})", over_from
    return Stage.EXPIRED, "its last term ended", over_from
