"""What is recorded about the norms of a contract, as facts that are added and never changed.

Every entry has two days: the one it is about (`about`), and that on which it was recorded (`at`). A question
about a day sees what was about that day or earlier and known when asked. `norm` is the id of an obligation
or a power; `of` the agreed day of the occurrence meant (None: the obligation as a whole, or the only one).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from attrs import field, frozen

from clmcrm.clm.events import ClockEffect
from clmcrm.clm.kinds import Party
from clmcrm.clm.remedies import RemedyId
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId, DisputeId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.validators import each, exact, instance, instant, maybe, member, plain_date, text


@frozen(kw_only=True)
class Entry:
    """A fact: recorded at `at`, vouched for by `by`; `evidence` says where the proof is."""

    at: datetime = field(validator=instant)
    by: str = field(validator=text)
    note: str = ""
    evidence: str = ""

    @property
    def known_on(self) -> date:
        """The day it was recorded, in the zone it was recorded in."""
        return self.at.date()

    @property
    def about(self) -> date | None:
        """The day the fact is about; None for a review, which is about no day."""
        return None

    @property
    def touches(self) -> frozenset[str]:
        """The ids of the norms it names; empty for a fact about the whole contract."""
        return frozenset()


@frozen(kw_only=True)
class NormEntry(Entry):
    """A fact about one norm."""

    norm: str = field(validator=text)

    @property
    def touches(self) -> frozenset[str]:
        """The one norm."""
        return frozenset({self.norm})


@frozen(kw_only=True)
class DatedEntry(NormEntry):
    """A fact about one norm on a day of its own, `on`."""

    on: date = field(validator=plain_date)

    @property
    def about(self) -> date:
        """That day."""
        return self.on


@frozen(kw_only=True)
class OccurrenceEntry(DatedEntry):
    """A fact about one occurrence of an obligation, named by its agreed day (None: see above)."""

    of: date | None = field(default=None, validator=maybe(plain_date))


@frozen(kw_only=True)
class Confirmed(NormEntry):
    """A reviewer (`by`) confirmed what a reader proposed, at the place `span` of the text."""

    span: str = ""


@frozen(kw_only=True)
class Dismissed(NormEntry):
    """A reviewer (`by`) found that there is no such obligation."""


@frozen(kw_only=True)
class Happened(Entry):
    """The named `fact` came true on `on`: what triggers and antecedents speak of."""

    fact: str = field(validator=text)
    on: date = field(validator=plain_date)

    @property
    def about(self) -> date:
        """The day it came true."""
        return self.on


@frozen(kw_only=True)
class Performed(OccurrenceEntry):
    """A `share` (above 0, up to 1) of what was owed was done, or an `amount` of it paid: one of the two."""

    share: Decimal | None = field(default=None, validator=maybe(exact))
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))

    def __attrs_post_init__(self) -> None:
        if (self.share is None) == (self.amount is None):
            raise InvalidRecord("Performed", "share", self.share, "a share or an amount, one of the two")
        if self.share is not None and not 0 < self.share <= 1:
            raise InvalidRecord("Performed", "share", self.share, "a share above 0 and up to 1")
        if self.amount is not None and self.amount.amount <= 0:
            raise InvalidRecord("Performed", "amount", self.amount, "an amount above 0")


@frozen(kw_only=True)
class BreachNotified(OccurrenceEntry):
    """The debtor was told of the breach; `on` is the day the notice arrived."""


class Discharge(StrEnum):
    """How a norm was given up for good."""

    WAIVED = "waived"
    RELEASED = "released"
    SET_OFF = "set_off"
    FORCE_MAJEURE = "force_majeure"


@frozen(kw_only=True)
class Discharged(OccurrenceEntry):
    """`side`, to whom it was owed (or who held the power), gave it up; `how` says in which way."""

    side: Party = field(validator=member(Party))
    how: Discharge = field(validator=member(Discharge))


@frozen(kw_only=True)
class NormSuspended(NormEntry):
    """The norm rests from `from_day` on, with a declared effect on running days."""

    from_day: date = field(validator=plain_date)
    clocks: ClockEffect = field(validator=member(ClockEffect))

    @property
    def about(self) -> date:
        """The first day it rests."""
        return self.from_day


@frozen(kw_only=True)
class NormResumed(NormEntry):
    """The norm no longer rests from `from_day` on."""

    from_day: date = field(validator=plain_date)

    @property
    def about(self) -> date:
        """The first day it no longer rests."""
        return self.from_day


@frozen(kw_only=True)
class ForceMajeureInvoked(Entry):
    """`side` cannot perform because of `event` from `from_day` on, and said so on `notified_on`.

    `norms` are the obligations it prevents (empty: all of that side).
    """

    event: str = field(validator=text)
    side: Party = field(validator=member(Party))
    from_day: date = field(validator=plain_date)
    notified_on: date = field(validator=plain_date)
    norms: tuple[str, ...] = field(default=(), validator=each(text))

    def __attrs_post_init__(self) -> None:
        if self.notified_on < self.from_day:
            raise InvalidRecord("ForceMajeureInvoked", "notified_on", self.notified_on, f"{self.from_day} or later")

    @property
    def about(self) -> date:
        """The day of the notice: before it nothing was invoked."""
        return self.notified_on

    @property
    def touches(self) -> frozenset[str]:
        """The obligations it names."""
        return frozenset(self.norms)


@frozen(kw_only=True)
class ForceMajeureEnded(Entry):
    """`event` no longer prevents performance from `from_day` on."""

    event: str = field(validator=text)
    from_day: date = field(validator=plain_date)

    @property
    def about(self) -> date:
        """The first day it no longer prevents."""
        return self.from_day


@frozen(kw_only=True)
class PowerExercised(DatedEntry):
    """`side` used a power: for an assignment, in favour of `to`; for a reset, at the new `price`."""

    side: Party = field(validator=member(Party))
    to: AccountId | None = field(default=None, validator=maybe(text))
    price: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))


@frozen(kw_only=True)
class RemedyWaived(OccurrenceEntry):
    """The creditor will not use one remedy for a breach."""

    remedy: RemedyId = field(validator=text)


@frozen(kw_only=True)
class AmountClaimed(OccurrenceEntry):
    """The creditor asked for `amount` under a remedy."""

    remedy: RemedyId = field(validator=text)
    amount: Money = field(validator=instance(Money))


@frozen(kw_only=True)
class DisputeOpened(OccurrenceEntry):
    """The norm is contested in `dispute` from `on` on."""

    dispute: DisputeId = field(validator=text)


@frozen(kw_only=True)
class DisputeSettled(DatedEntry):
    """`dispute` no longer contests the norm from `on` on."""

    dispute: DisputeId = field(validator=text)


AnyEntry: TypeAlias = (
    Confirmed | Dismissed | Happened | Performed | BreachNotified | Discharged | NormSuspended | NormResumed
    | ForceMajeureInvoked | ForceMajeureEnded | PowerExercised | RemedyWaived | AmountClaimed
    | DisputeOpened | DisputeSettled
)  # fmt: skip
"""Every entry a ledger can hold."""
