"""What of a contract's own life bears on its norms: when it is in effect, when it ended, when it rested.

Two days are asked: `as_of`, the day it is about, and `known_on`, the day up to which events are known. A
termination recorded late is seen by whoever asks after it was recorded, for the days it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

import attrs
from attrs import frozen

from clmcrm.clm.clauses import ForceMajeureClause
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import Activated, Canceled, Completed, ConditionMet, Rescinded, Resumed, Suspended
from clmcrm.clm.hindsight import standing_events
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.norms.clocks import Rest
from clmcrm.clm.notice import last_day_in_force
from clmcrm.clm.stages import PRE_ACTIVE, Stage
from clmcrm.clm.versions import accepted, as_amended
from clmcrm.values.instants import in_utc
from clmcrm.values.partial import DayFact, Unknown, known, why_not
from clmcrm.values.span import Span
from clmcrm.values.wording import Wording

_ONE_DAY: Final = timedelta(days=1)
_NOT_YET: Final = PRE_ACTIVE | {Stage.NEW, Stage.CANCELED}
_SUSPENDED: Final = Wording("the contract is suspended", "le contrat est suspendu")


@frozen(kw_only=True)
class ContractLife:
    """The contract's days as its norms see them.

    `from_day` is the first day in effect, or why it is not known; `signed_on` the day of the last signature
    (None: not known). `last_day` is the last day in force as far as it is known (None: no end in sight),
    `ended_from` the first day it was no longer in force (None: it has not ended). `rests` are the days its
    performance was suspended as a whole, `force_majeure` what was agreed about events beyond control from which day
    on (None: nothing), in order; see `force_majeure_on`.
    """

    from_day: date | Unknown
    signed_on: date | None = None
    last_day: DayFact | None = None
    ended_from: date | None = None
    rests: tuple[Rest, ...] = ()
    force_majeure: tuple[tuple[date, ForceMajeureClause | None], ...] = ()

    def binds_from(self, due_on: date | Unknown) -> date | Unknown:
        """The day from which a duty due on `due_on` binds: what is due before effect binds from signature."""
        early = isinstance(self.from_day, date) and isinstance(due_on, date) and due_on < self.from_day
        return self.signed_on if early and self.signed_on is not None else self.from_day

    def force_majeure_on(self, day: date) -> ForceMajeureClause | None:
        """What was agreed on `day` about events beyond control, amendments applied; None: nothing."""
        return next((clause for since, clause in reversed(self.force_majeure) if since <= day), None)


def known_by(contract: Contract, known_on: date) -> Contract:
    """The contract with the events recorded by `known_on` only, none of them taken back by then."""
    events = standing_events(contract, known_on)
    return contract if len(events) == len(contract.events) else attrs.evolve(contract, events=events)


def contract_life(contract: Contract, as_of: date, known_on: date | None = None) -> ContractLife:
    """The contract's days on `as_of`, by what had been recorded by `known_on` (None: by `as_of`)."""
    then = known_by(contract, known_on or as_of)
    day = max(as_of, known_on or as_of)
    last_day = last_day_in_force(then, day)
    ended = [event.at.date() for event in then.events if isinstance(event, Rescinded | Completed | Canceled)]
    if isinstance(last_day, date) and last_day < day:
        ended.append(last_day + _ONE_DAY)
    return ContractLife(
        from_day=_from_day(then, day),
        signed_on=known(then.executed_on),
        last_day=last_day,
        ended_from=min(ended, default=None),
        rests=_rests(then, as_of),
        force_majeure=_force_majeure(then),
    )


def paired(
    began: Iterable[tuple[date, datetime]], ended: Iterable[tuple[date, datetime]]
) -> tuple[list[date | None], list[int]]:
    """For each beginning (a day, and the instant that breaks a tie) the first day it was over, None while it lasts.

    An end closes whatever is running; the second list are the numbers of the ends that closed nothing.
    """
    begins, ends = ([(day, in_utc(at, "at")) for day, at in each] for each in (began, ended))
    steps = sorted(
        [*((key, False, i) for i, key in enumerate(begins)), *((key, True, i) for i, key in enumerate(ends))]
    )
    over: list[date | None] = [None] * len(begins)
    running: list[int] = []
    idle: list[int] = []
    for (day, _), is_end, i in steps:
        if not is_end:
            running.append(i)
        elif running:
            for one in running:
                over[one] = day
            running = []
        else:
            idle.append(i)
    return over, idle


def rest_between(first_day: date, over: date | None, effect: Rest) -> Rest | None:
    """The rest from `first_day` to the day before `over` (None: still), like `effect`; None if it is empty."""
    if over is not None and over <= first_day:
        return None
    last_day = None if over is None else over - _ONE_DAY
    return attrs.evolve(effect, span=Span(first_day, last_day))


def _from_day(contract: Contract, day: date) -> date | Unknown:
    found = stage_of(contract, day)
    if found.stage in _NOT_YET or any(isinstance(event, Canceled) for event in contract.events):
        return Unknown(f"the contract is not in effect: it is {found.stage.value} ({found.why})")
    if found.stage is Stage.UNKNOWN or (found.stage is Stage.SIGNED and contract.conditions_precedent):
        return Unknown(found.why)
    said = [known(event.effective_on) or event.at.date() for event in contract.events if isinstance(event, Activated)]
    met = {event.condition for event in contract.events if isinstance(event, ConditionMet)}
    if not said and not met.issuperset(contract.conditions_precedent):
        return Unknown(f"it never took effect: {found.why}")
    first_day = said[0] if said else known(contract.effective_on)
    if first_day is not None and not said:
        first_day = max([first_day, *(event.on for event in contract.events if isinstance(event, ConditionMet))])
    return first_day or Unknown(f"the effective date is not known: {why_not(contract.effective_on)}")


def _force_majeure(contract: Contract) -> tuple[tuple[date, ForceMajeureClause | None], ...]:
    """The clause about events beyond control from each day on which there may be another one."""
    days = [date.min, *(amendment.effective_on for amendment in accepted(contract))]
    texts = {day: as_amended(contract, day) for day in days}
    begun = {c.first_day for text in texts.values() for c in text.clauses if isinstance(c, ForceMajeureClause)}
    return tuple(
        (day, _clause_on(contract, day)) for day in sorted({*days, *(day for day in begun if day is not None)})
    )


def _clause_on(contract: Contract, day: date) -> ForceMajeureClause | None:
    clauses = (clause for clause in as_amended(contract, day).clauses if isinstance(clause, ForceMajeureClause))
    return next((clause for clause in clauses if clause.begun_by(day)), None)


def _rests(contract: Contract, as_of: date) -> tuple[Rest, ...]:
    began = [e for e in contract.events if isinstance(e, Suspended) and e.from_day <= as_of]
    ended = [e for e in contract.events if isinstance(e, Resumed) and e.from_day <= as_of]
    over, _ = paired([(e.from_day, e.at) for e in began], [(e.from_day, e.at) for e in ended])
    found = (
        rest_between(e.from_day, day, Rest(span=Span(e.from_day), clocks=e.clocks, why=_SUSPENDED))
        for e, day in zip(began, over, strict=True)
    )
    return tuple(rest for rest in found if rest is not None)
