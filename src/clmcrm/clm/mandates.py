"""Who may do what to a contract: mandates as data, checked when an event is recorded.

The rule of the file: without a mandate nobody may do anything. The one who asks is told who could.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import field, frozen

from clmcrm.clm.charts import name_of
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import AmendmentAccepted, Event
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.versions import amended, as_amended
from clmcrm.values.money import Money
from clmcrm.values.record import Record
from clmcrm.values.sets import set_of
from clmcrm.values.validators import instance, maybe, member, plain_date, text


@frozen(kw_only=True)
class Mandate(Record):
    """`holder` (a person or a system) may record the events named in `events` for contracts that fit.

    `events` None is every event, `kinds` None every kind. `up_to` bounds the contract's total value, amendments
    in force applied, in its own currency: a contract in another one, or without a value, is beyond it (None: no
    bound). Whoever accepts an amendment is bound by what it makes of that value, too. It holds from `first_day` to
    `last_day`, both inside (None: no bound). `granted_by` says who gave it.
    """

    holder: str = field(validator=text)
    granted_by: str = field(validator=text)
    events: frozenset[str] | None = field(default=None, validator=maybe(set_of(text)))
    kinds: frozenset[ContractKind] | None = field(default=None, validator=maybe(set_of(member(ContractKind))))
    up_to: Money | None = field(default=None, validator=maybe(instance(Money)))
    first_day: date | None = field(default=None, validator=maybe(plain_date))
    last_day: date | None = field(default=None, validator=maybe(plain_date))

    def covers(self, contract: Contract, event: Event) -> bool:
        """Whether it lets its holder record `event` about `contract` on the day of the event's instant."""
        day = event.at.date()
        return (
            (self.events is None or name_of(event) in self.events)
            and (self.kinds is None or contract.kind in self.kinds)
            and (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
            and (self.up_to is None or all(_within(value, self.up_to) for value in _values(contract, event, day)))
        )


def not_entitled(mandates: Iterable[Mandate], contract: Contract, event: Event) -> str:
    """Why the event's author may not record it, naming who could; an empty text when a mandate covers it.

    >>> from datetime import UTC, datetime
    >>> from clmcrm.clm.events import Archived
    >>> from clmcrm.values.ids import ContractId
    >>> nda = Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA)
    >>> bob = Mandate(holder="bob", granted_by="the board", events=frozenset({"Archived"}))
    >>> not_entitled([bob], nda, Archived(datetime(2026, 1, 5, tzinfo=UTC), "ann"))
    'ann has no mandate for Archived on 2026-01-05; those who have: bob'
    """
    covering = [mandate.holder for mandate in mandates if mandate.covers(contract, event)]
    if event.by in covering:
        return ""
    others = ", ".join(dict.fromkeys(covering)) or "nobody"
    return f"{event.by} has no mandate for {name_of(event)} on {event.at.date()}; those who have: {others}"


def _values(contract: Contract, event: Event, day: date) -> list[Money | None]:
    """The contract's total value on `day`, and the one that an amendment makes of it once `event` accepts it."""
    found = [as_amended(contract, day).total_value]
    if isinstance(event, AmendmentAccepted):
        then = as_amended(contract, max(day, event.effective_on))
        found += [amended(then, one).total_value for one in contract.amendments if one.id == event.amendment]
    return found


def _within(value: Money | None, bound: Money) -> bool:
    return value is not None and value.currency == bound.currency and value <= bound
