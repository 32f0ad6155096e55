"""How a contract ends: early, by another in its place, undone from the start, or with everything done."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import attrs
from attrs import field, frozen

from clmcrm.clm.events.base import Event
from clmcrm.clm.kinds import Party
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ContractId
from clmcrm.values.validators import member, plain_date, text


def _after_a_day(event: object, part: attrs.Attribute[date], value: date) -> None:
    """A day that has a day before it, on which the contract that it replaces ends."""
    plain_date(event, part, value)
    if value == date.min:
        raise InvalidRecord(type(event).__name__, part.name, value, "a day after 0001-01-01")


class Ground(StrEnum):
    """Why a contract is ended early."""

    CONVENIENCE = "convenience"
    CAUSE = "cause"
    MUTUAL = "mutual"


@frozen
class Terminated(Event):
    """The contract ends early: `last_day` is its last day in force."""

    ground: Ground = field(validator=member(Ground), kw_only=True)
    last_day: date = field(validator=plain_date, kw_only=True)
    side: Party = field(default=Party.EITHER, validator=member(Party), kw_only=True)


@frozen
class Rescinded(Event):
    """The contract was undone from the start on a legal ground (`note`)."""


@frozen
class Superseded(Event):
    """The contract was replaced by `successor` from `from_day` on."""

    successor: ContractId = field(validator=text, kw_only=True)
    from_day: date = field(validator=_after_a_day, kw_only=True)


@frozen
class Novated(Event):
    """The contract was extinguished by `successor`, with other parties, from `from_day` on."""

    successor: ContractId = field(validator=text, kw_only=True)
    from_day: date = field(validator=_after_a_day, kw_only=True)


@frozen
class PerformanceContinued(Event):
    """The parties went on after the end, from `from_day` on, without a new agreement."""

    from_day: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The first day of it."""
        return self.from_day


@frozen
class Completed(Event):
    """Everything owed has been done."""
