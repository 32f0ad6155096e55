"""The life of a contract in force: it takes effect, is suspended, amended and renewed, and its parties change."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from attrs import field, frozen

from clmcrm.clm.events.base import Event
from clmcrm.clm.kinds import Party
from clmcrm.values.ids import AccountId, AmendmentId
from clmcrm.values.partial import NOT_STATED, DayFact, PartialDate, Unknown, known
from clmcrm.values.validators import count, instance, maybe, member, plain_date, text


@frozen
class Activated(Event):
    """The contract took effect on `effective_on` (the effective date it states, when not given)."""

    effective_on: DayFact = field(default=NOT_STATED, validator=instance(date, PartialDate, Unknown), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day it took effect, where the event says so."""
        return known(self.effective_on) or self.at.date()


@frozen
class ConditionMet(Event):
    """One of the contract's conditions precedent was met on `on`; `condition` is its text in the contract."""

    condition: str = field(validator=text, kw_only=True)
    on: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day it was met."""
        return self.on


class ClockEffect(StrEnum):
    """What a suspension does to the dates that were running."""

    SHIFT = "shift"
    FREEZE = "freeze"
    NONE = "none"


@frozen
class Suspended(Event):
    """Performance was suspended from `from_day`, with a declared effect on running dates."""

    from_day: date = field(validator=plain_date, kw_only=True)
    clocks: ClockEffect = field(default=ClockEffect.NONE, validator=member(ClockEffect), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The first day of it."""
        return self.from_day


@frozen
class Resumed(Event):
    """Performance was taken up again on `from_day`."""

    from_day: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The first day of it."""
        return self.from_day


@frozen
class PartyLeft(Event):
    """A party left without a successor yet."""

    side: Party = field(default=Party.COUNTERPARTY, validator=member(Party), kw_only=True)


@frozen
class PartyAssigned(Event):
    """The place of a party was taken by the account `to`."""

    to: AccountId = field(validator=text, kw_only=True)


@frozen
class AmendmentAccepted(Event):
    """An amendment, written against version `base_version`, took effect on `effective_on`."""

    amendment: AmendmentId = field(validator=text, kw_only=True)
    base_version: int = field(validator=count, kw_only=True)
    effective_on: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day from which the amended text holds."""
        return self.effective_on


@frozen
class NonRenewalNotified(Event):
    """`side` gave notice that the contract shall not be renewed.

    `served_on` is the day it was sent; `received_on` the day it arrived (None: not known to have arrived).
    """

    side: Party = field(validator=member(Party), kw_only=True)
    served_on: date = field(validator=plain_date, kw_only=True)
    received_on: date | None = field(default=None, validator=maybe(plain_date), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day it arrived, or was sent where its arrival is not known."""
        return self.received_on or self.served_on


@frozen
class RenewalAgreed(Event):
    """A renewal that does not come by itself was agreed, or an option used: one further term begins.

    `served_on` is the day the one who may renew said so.
    """

    side: Party = field(validator=member(Party), kw_only=True)
    served_on: date = field(validator=plain_date, kw_only=True)


@frozen
class CureDemanded(Event):
    """`side` told the other of a breach (`note`) on `served_on` and asked for it to be cured."""

    side: Party = field(validator=member(Party), kw_only=True)
    served_on: date = field(validator=plain_date, kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day it was served."""
        return self.served_on
