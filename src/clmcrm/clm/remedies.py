"""What follows when a duty is not met: interest, a fee, a power that opens, a further duty.

The rule of the file: a remedy is agreed data. Whether it has fired, and what it comes to, is computed from
the ledger and a day (`clmcrm.clm.norms.remedy_standings`); nothing fires by being looked at.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType, TypeAlias

from attrs import field, frozen

from clmcrm.calendars.day_counts import BY_PAYMENT_PERIODS, DayCount
from clmcrm.errors import InvalidRecord
from clmcrm.values.money import Money
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import exact, flag, instance, maybe, member, text

PowerId = NewType("PowerId", str)
"""The id of a power."""
RemedyId = NewType("RemedyId", str)
"""The id of a remedy."""

_WITHOUT_DAYS: Final = BY_PAYMENT_PERIODS | {DayCount.ONE_ONE}


class CureStart(StrEnum):
    """What a cure period is counted from: the last day allowed, or the day the breach was notified.

    Of what fell due before it bound, the day it binds is the first day counted. A notice from before the breach counts
    for nothing.
    """

    BREACH = "breach"
    NOTICE = "notice"


class RemedyTrigger(StrEnum):
    """When a remedy fires: at the breach, whatever is cured later, or once the breach is uncured."""

    BREACH = "breach"
    UNCURED = "uncured"


class RatePer(StrEnum):
    """The period a rate is stated for."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@frozen(kw_only=True)
class FixedFee:
    """A fixed sum, once."""

    amount: Money = field(validator=instance(Money))


@frozen(kw_only=True)
class LateInterest:
    """`rate` (a share: 0.01 is 1 %) `per` period on what is outstanding, by a named day count.

    Counted from the day after the last one allowed, or after the due day where the grace does not spare it
    (`from_due_day`). `cap` is the most it comes to (None: no cap). Raises `InvalidRecord` for a day count
    that does not count days alone: 1/1, ACT/ACT ICMA and ACT/365L.
    """

    rate: Decimal = field(validator=exact)
    per: RatePer = field(validator=member(RatePer))
    day_count: DayCount = field(default=DayCount.ACT_365F, validator=member(DayCount))
    cap: Money | None = field(default=None, validator=maybe(instance(Money)))
    from_due_day: bool = field(default=False, validator=flag)

    def __attrs_post_init__(self) -> None:
        if self.rate <= 0:
            raise InvalidRecord("LateInterest", "rate", self.rate, "a share above 0")
        if self.day_count in _WITHOUT_DAYS:
            raise InvalidRecord("LateInterest", "day_count", self.day_count.value, "a convention that counts days")


@frozen(kw_only=True)
class OpensPower:
    """The power `power` of the same contract can be exercised from then on."""

    power: PowerId = field(validator=text)


@frozen(kw_only=True)
class NewDuty:
    """A further duty of the one in breach, due `within` after it arises; `amount` None: no payment."""

    title: str = field(validator=text)
    within: Tenor = field(validator=instance(Tenor))
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))


RemedyConsequence: TypeAlias = FixedFee | LateInterest | OpensPower | NewDuty


@frozen(kw_only=True)
class Remedy:
    """What the creditor has when the duty is not met.

    `fires` says when; `held_by_dispute` that it does not fire while the duty is disputed. `citation` is its
    place in the contract (empty: not known).
    """

    id: RemedyId = field(validator=text)
    title: str = field(validator=text)
    consequence: RemedyConsequence = field(validator=instance(FixedFee, LateInterest, OpensPower, NewDuty))
    fires: RemedyTrigger = field(default=RemedyTrigger.UNCURED, validator=member(RemedyTrigger))
    held_by_dispute: bool = field(default=True, validator=flag)
    citation: str = ""
