"""What becomes of the record rather than of the contract: holds, reviews, ties to the CRM, corrections."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from clmcrm.clm.events.base import Event
from clmcrm.values.validators import each, instance, maybe, plain_date, text


@frozen
class Archived(Event):
    """Put away under the retention policy."""


@frozen
class HoldPlaced(Event):
    """Nothing of the contract may be destroyed while the hold named `hold` lasts (`note` says why)."""

    hold: str = field(validator=text, kw_only=True)


@frozen
class HoldReleased(Event):
    """The hold named `hold` is over."""

    hold: str = field(validator=text, kw_only=True)


@frozen
class DataReviewed(Event):
    """`by` compared the record with the document and vouches for it."""


@frozen
class LinkedToCrm(Event):
    """The contract was tied to its record in the CRM: the `key` that `system` has for it."""

    system: str = field(validator=text, kw_only=True)
    key: str = field(validator=text, kw_only=True)


@frozen
class UnlinkedFromCrm(Event):
    """The tie to the record in the CRM was cut, or that record is gone (`note`)."""


@frozen
class CrmConflictFound(Event):
    """The CRM and the contract say different things about `what`, and a person must decide."""

    what: str = field(validator=text, kw_only=True)


@frozen
class CrmConflictSettled(Event):
    """What holds about `what` was decided (`note`)."""

    what: str = field(validator=text, kw_only=True)


@frozen
class HostEvent(Event):
    """Something that only the host's own chart knows, by its `name`; `facts` are named texts of the host's.

    `from_day` is the day from which it counts (None: the day it was recorded on).
    """

    name: str = field(validator=text, kw_only=True)
    facts: tuple[tuple[str, str], ...] = field(default=(), validator=each(each(instance(str))), kw_only=True)
    from_day: date | None = field(default=None, validator=maybe(plain_date), kw_only=True)

    @property
    def happened_on(self) -> date:
        """The day from which it counts."""
        return self.from_day or self.at.date()


@frozen
class Undone(Event):
    """An event was a mistake and is taken back: `what`, or the last event still standing (None)."""

    what: Event | None = field(default=None, validator=maybe(instance(Event)), kw_only=True)
