"""What support a contract promises: how soon a case is answered and solved, and in which working hours.

The rule of the file: minutes are working minutes of the promised hours. A clause without hours promises
support round the clock, every day of the year.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from clmcrm.clm.clause import Clause
from clmcrm.clm.kinds import Party
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ProductId
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import (
    count,
    each,
    exact,
    instance,
    maybe,
    member,
    plain_date,
    positive_count,
    share,
    text,
)

_DAY_MINUTES: Final = 24 * 60
_WEEK: Final = frozenset(range(7))


@frozen(kw_only=True)
class SupportHours:
    """From minute `opens` to `closes` of the local day (540 is 9:00, 1440 the end of the day) on `weekdays`.

    0 is Monday; `closes` itself is outside.
    """

    weekdays: tuple[int, ...] = field(default=(0, 1, 2, 3, 4), validator=each(count))
    opens: int = field(default=0, validator=count)
    closes: int = field(default=_DAY_MINUTES, validator=positive_count)

    def __attrs_post_init__(self) -> None:
        if not self.weekdays or set(self.weekdays) - _WEEK or len(set(self.weekdays)) != len(self.weekdays):
            raise InvalidRecord("SupportHours", "weekdays", self.weekdays, "days from 0 (Monday) to 6, each once")
        if not self.opens < self.closes <= _DAY_MINUTES:
            raise InvalidRecord("SupportHours", "closes", self.closes, f"{self.opens + 1} to {_DAY_MINUTES}")


@frozen(kw_only=True)
class SupportClause(Clause):
    """The support that `by` owes: times for the first answer and the solution, in working minutes.

    `product` is what it is for (None: everything under the contract). `hours` count in `zone`
    ("Europe/Paris"), the holidays of `holidays_of` ("FR"; empty: none) being closed; no hours means round the
    clock. `cases` is how many may be opened over the contract's life (None: as many as come). A time that is
    None is not promised.

    >>> gold = SupportClause(citation="annex 4", response_minutes=60, zone="Europe/Paris",
    ...                      hours=(SupportHours(opens=540, closes=1020),))
    >>> gold.resolution_minutes is None, gold.hours[0].weekdays
    (True, (0, 1, 2, 3, 4))
    """

    product: ProductId | None = field(default=None, validator=maybe(text))
    response_minutes: int | None = field(default=None, validator=maybe(positive_count))
    resolution_minutes: int | None = field(default=None, validator=maybe(positive_count))
    hours: tuple[SupportHours, ...] = field(default=(), validator=each(instance(SupportHours)))
    zone: str = ""
    holidays_of: str = ""
    cases: int | None = field(default=None, validator=maybe(count))
    by: Party = field(default=Party.OWN, validator=member(Party))

    def __attrs_post_init__(self) -> None:
        if self.response_minutes is None and self.resolution_minutes is None and self.cases is None:
            raise InvalidRecord("SupportClause", "response_minutes", None, "a time or a number of cases")
        if self.zone:
            try:
                _ = ZoneInfo(self.zone)
            except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
                raise InvalidRecord("SupportClause", "zone", self.zone, "a zone such as Europe/Paris") from unknown
        elif self.hours:
            raise InvalidRecord("SupportClause", "hours", self.hours, "a zone beside them, such as Europe/Paris")
        spans = sorted((day, one.opens, one.closes) for one in self.hours for day in one.weekdays)
        for (day, _, closes), (next_day, opens, _) in pairwise(spans):
            if day == next_day and opens < closes:
                raise InvalidRecord("SupportClause", "hours", self.hours, "hours that do not overlap")


@frozen(kw_only=True)
class CreditTier:
    """Below `below` percent of service, `credit` (a share of the period's fee, 0 to 1) is owed."""

    below: Decimal = field(validator=exact)
    credit: Decimal = field(validator=share)


@frozen(kw_only=True)
class ServiceLevel(Clause):
    """A promised level of service, measured over each `per` from `first_on`.

    `tiers` begin with the highest `below`, each later one lower and worth more. `cap` is the most that all
    credits of one period may come to, as a share of its fee (None: no cap). `claim_within` is how long
    after the period's last day a credit may be claimed (None: it need not be claimed).
    """

    metric: str = field(validator=text)
    per: Tenor = field(validator=instance(Tenor))
    first_on: date = field(validator=plain_date)
    tiers: tuple[CreditTier, ...] = field(validator=each(instance(CreditTier)))
    cap: Decimal | None = field(default=None, validator=maybe(share))
    claim_within: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))

    def __attrs_post_init__(self) -> None:
        if not self.tiers:
            raise InvalidRecord("ServiceLevel", "tiers", self.tiers, "one tier or more")
        for upper, lower in pairwise(self.tiers):
            if lower.below >= upper.below or lower.credit <= upper.credit:
                raise InvalidRecord("ServiceLevel", "tiers", lower, f"a level below {upper.below} and a higher credit")
