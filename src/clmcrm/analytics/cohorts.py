"""How many of those who came together are still there: retention by cohort, year after year.

A cohort is the accounts that began in the same year, by their first day; one that left and came back is one account. A
share counts only accounts whose anniversary has been
reached by the day, so that a young cohort is not taken for a faithful one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Final, TypeAlias

from attrs import field, frozen

from clmcrm.calendars.months import nth
from clmcrm.errors import InvalidRecord
from clmcrm.values.days import check_days
from clmcrm.values.exact import round_to
from clmcrm.values.figures import Figure
from clmcrm.values.ids import AccountId
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import maybe, plain_date, text

_PLACES: Final = 4
_YEAR: Final = Tenor(years=1)


@frozen(kw_only=True)
class Membership:
    """An account that has been a customer from `first_day` to `last_day`, both inside (None: still is).

    An account that left and came back has one for each time.
    """

    account: AccountId = field(validator=text)
    first_day: date = field(validator=plain_date)
    last_day: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if self.last_day is not None and self.last_day < self.first_day:
            raise InvalidRecord(f"Membership {self.account}", "last_day", self.last_day, f"{self.first_day} or later")

    def there_on(self, day: date) -> bool:
        """Whether it is a customer on `day`; raises `InvalidRecord` for what is no day."""
        check_days("Membership.there_on", day=day)
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@frozen(kw_only=True)
class Cohort:
    """The accounts that began in `year`: how many, and the share still there after 1, 2, ... whole years."""

    year: int
    size: int
    retention: tuple[Figure, ...]


def cohorts(members: Iterable[Membership], as_of: date) -> tuple[Cohort, ...]:
    """The cohorts of the accounts of `members` that had begun by `as_of`, oldest first.

    An account is in the cohort of its first day, and is there on an anniversary that lies in any of its times. A
    member who ends later than `as_of` is still there on it. Raises `InvalidRecord` for an `as_of` that is no day.

    >>> member = Membership(account=AccountId("a"), first_day=date(2024, 3, 1), last_day=date(2025, 12, 31))
    >>> [str(figure.value) for figure in cohorts([member], date(2026, 6, 1))[0].retention]
    ['1.0000', '0.0000']
    """
    check_days("cohorts", as_of=as_of)
    by_account: dict[AccountId, list[Membership]] = {}
    for member in members:
        if member.first_day <= as_of:
            by_account.setdefault(member.account, []).append(member)
    by_year: dict[int, list[_Times]] = {}
    for times in by_account.values():
        by_year.setdefault(_began(times).year, []).append(times)
    return tuple(
        Cohort(year=year, size=len(mine), retention=tuple(_retention(year, mine, as_of)))
        for year, mine in sorted(by_year.items())
    )


_Times: TypeAlias = Sequence[Membership]
"""The times one account has been a customer."""


def _began(times: _Times) -> date:
    return min(member.first_day for member in times)


def _retention(year: int, accounts: Sequence[_Times], as_of: date) -> Iterable[Figure]:
    for age in range(1, as_of.year - year + 1):
        reached = [(times, nth(_began(times), _YEAR, age)) for times in accounts]
        counted = [(times, day) for times, day in reached if day <= as_of]
        if not counted:
            return
        still = sum(any(member.there_on(day) for member in times) for times, day in counted)
        yield Figure(
            name=f"retention of {year} after {age} years",
            value=round_to(Fraction(still, len(counted)), _PLACES),
            unit="share",
            formula="accounts still there on their anniversary / accounts whose anniversary has come",
            population=len(counted),
        )
