"""What has been added up of a contract so far, and what the date alone brings about next.

The rule of the file: what the date brings about is looked at only on the day from which it can have brought
something about; that day is worked out again only after an event that may have moved it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import attrs
from attrs import frozen

from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.approval_round import Round
from clmcrm.clm.charts import Chart, name_of
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.stages import AnyStage, Phase, Stage
from clmcrm.clm.standing import Standing, unsubmitted
from clmcrm.clm.term_clauses import TermClause
from clmcrm.clm.versions import amended
from clmcrm.values.ids import AccountId, AmendmentId
from clmcrm.values.partial import Unknown, known, why_not

_ONE_DAY: Final = timedelta(days=1)
_NOT_YET: Final = date.min
_FIELDS: Final = tuple(part.name for part in attrs.fields(Standing))


@frozen
class Turn:
    """What the date brings about on `day`: the contract reaches `stage`, and why."""

    day: date
    stage: Stage
    why: str


class _Unasked:
    """Not asked yet: None is an answer."""


_UNASKED: Final = _Unasked()


class Running:
    """A standing that is being added to; `standing` gives it back as a value.

    The attributes are those of `Standing`, by the same names.
    """

    # Declared by Standing and set from there, name by name.
    stage: AnyStage
    since: date | None
    author: str
    authors: tuple[str, ...]
    round: Round | None
    rounds: int
    approvals: tuple[tuple[str, str], ...]
    signed: tuple[tuple[Party, str], ...]
    pen: Party
    version: int
    ending: e.Terminated | None
    assigned_to: AccountId | None
    conditions_met: tuple[tuple[str, date], ...]
    holds: frozenset[str]
    cures_demanded: tuple[e.CureDemanded, ...]
    continued_from: date | None
    last: e.Event | None
    why: str
    end: date | None
    unsure: Unknown | None
    replaced: tuple[e.Superseded | e.Novated, ...]
    renewed: tuple[e.RenewalAgreed, ...]
    amended: tuple[AmendmentId, ...]
    day: date
    known_on: date
    floor: date
    counted: int
    ignored: tuple[str, ...]

    def __init__(self, contract: Contract, chart: Chart, begun: Standing) -> None:
        self.contract = contract
        self._rows = chart.by_stage
        for name in _FIELDS:
            setattr(self, name, getattr(begun, name))
        self._next = _NOT_YET
        self._last_day: date | Unknown | _Unasked | None = _UNASKED
        self._seen: Contract | None = None
        # The events so far, kept only where the end is counted from them.
        self._told: list[e.AnyEvent] | None = [] if end_follows_events(contract) else None

    def standing(self, **also: Any) -> Standing:  # noqa: ANN401 - the values of Standing's own fields
        """What has been added up so far, with the fields `also` set."""
        return Standing(**{**{name: getattr(self, name) for name in _FIELDS}, **also})

    def ignore(self, event: e.AnyEvent, why: str = "") -> None:
        """Keep in mind that `event` had no place, and why where the stage alone does not tell."""
        told = f"{name_of(event)} of {event.at.isoformat()} in stage {self.stage.value}"
        self.ignored = (*self.ignored, f"{told}: {why}" if why else told)

    def approval_round(self) -> Round:
        """The present round of approval."""
        return self.round or unsubmitted(self.contract, self.authors, self.day)

    def move(self, stage: AnyStage, since: date, why: str = "") -> None:
        """Reach `stage`; what the date brings about next has to be looked at anew in another phase."""
        if stage.phase is not Phase.ACTIVE or self.stage.phase is not Phase.ACTIVE:
            self._next = _NOT_YET  # while it is in force, only what moves its end moves that day
        self.stage, self.since, self.why = stage, since, why

    def reconsider(self) -> None:
        """An event may have moved the end, and with it the day on which the date brings something about."""
        self._next, self._last_day, self._seen = _NOT_YET, _UNASKED, None

    def pass_time(self, day: date) -> None:
        """Bring about whatever the date alone brings about up to and on `day`."""
        while (turn := self.next_turn()) is not None:
            if turn.day > day:
                self._next = turn.day
                return
            self.move(turn.stage, turn.day, turn.why)
        self._next = date.max

    def next_turn(self) -> Turn | None:
        """What the date brings about next, however far off; None when nothing will by itself."""
        phase = self.stage.phase
        if phase is Phase.SIGNED:
            return self._before_effect()
        if phase is Phase.ACTIVE:
            ends_on = self.last_day()
            return self._ended(ends_on + _ONE_DAY) if isinstance(ends_on, date) and ends_on < date.max else None
        if self.stage is Stage.EXPIRED and self.replaced:
            event = self.replaced[-1]
            return _replacement(event, max(self.since or date.min, event.from_day))
        return None

    def last_day(self) -> date | Unknown | None:
        """The last day in force by the events so far; None while no end is in sight."""
        if isinstance(self._last_day, _Unasked):
            self._last_day = self._found_last_day()
        return self._last_day

    def _found_last_day(self) -> date | Unknown | None:
        plan = term_plan(self.seen())
        if isinstance(plan, Unknown):
            return self.end or plan
        unsure = self.unsure or plan.unsure
        if self.end is None and unsure is not None:
            return unsure
        final = None if plan.unsure is not None else plan.final_day
        ends = [day for day in (self.end, final) if day is not None]
        return min(ends) if ends else None

    def seen(self) -> Contract:
        """The contract as far as its end goes: amended, with the renewals that were agreed so far."""
        if self._seen is None:
            view = attrs.evolve(self.contract, events=self.renewed if self._told is None else tuple(self._told))
            for name in self.amended:
                found = amendment_of(view, name)
                view = view if found is None else amended(view, found)
            self._seen = view
        return self._seen

    def add_end(self, last_day: date) -> None:
        """An event brings the contract to an end on `last_day`; the earliest such day counts."""
        self.end = last_day if self.end is None else min(self.end, last_day)
        self.reconsider()

    def _before_effect(self) -> Turn | None:
        """It takes effect, unless it was terminated for a day before that."""
        effect = self._taking_effect()
        if self.ending is None or self.ending.last_day == date.max:
            return effect
        over_from = max(self.ending.last_day + _ONE_DAY, self.since or date.min)
        if effect is not None and effect.day < over_from:
            return effect
        return Turn(over_from, Stage.TERMINATED, f"terminated ({self.ending.ground.value}) before it took effect")

    def _taking_effect(self) -> Turn | None:
        first_day = known(self.contract.effective_on)
        met = dict(self.conditions_met)
        if any(condition not in met for condition in self.contract.conditions_precedent):
            return None
        if first_day is None:
            why = f"signed, but the effective date is not known: {why_not(self.contract.effective_on)}"
            return Turn(self.since or date.min, Stage.UNKNOWN, why)
        return Turn(max((first_day, *met.values())), Stage.IN_EFFECT, "")

    def _ended(self, over_from: date) -> Turn:
        """The stage it ends in when `over_from` is the first day it is no longer in force."""
        for event in reversed(self.replaced):
            if event.from_day <= over_from:
                return _replacement(event, over_from)
        if self.ending is not None and self.ending.last_day < over_from:
            return Turn(over_from, Stage.TERMINATED, f"terminated ({self.ending.ground.value})")
        return Turn(over_from, Stage.EXPIRED, "its last term ended")


def _replacement(event: e.Superseded | e.Novated, since: date) -> Turn:
    if isinstance(event, e.Superseded):
        return Turn(since, Stage.SUPERSEDED, f"replaced by {event.successor}")
    return Turn(since, Stage.NOVATED, f"novated into {event.successor}")


def amendment_of(contract: Contract, name: AmendmentId) -> Amendment | None:
    """The contract's amendment of that id, or None."""
    return next((one for one in contract.amendments if one.id == name), None)


def end_follows_events(contract: Contract) -> bool:
    """Whether a term of the contract, or of one of its amendments, ends by a rule that may name events."""
    terms = [contract.term, *(one.term for one in contract.amendments)]
    terms += [one.restated.term for one in contract.amendments if one.restated is not None]
    return any(isinstance(term, TermClause) and term.until is not None for term in terms)
