"""A loyalty programme: points earned, spent and lapsed, and the tier they lead to.

The balance is folded from the entries up to a day; spending uses the points that lapse first. Points
spent that nobody had are reported, and the balance never falls below zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.days import check_days
from clmcrm.values.ids import AccountId, ContactId, OpportunityId
from clmcrm.values.problems import Problem, Severity
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, instance, maybe, plain_date, text


@frozen(kw_only=True)
class LoyaltyTier:
    """A tier, reached with `points` or more."""

    name: str = field(validator=text)
    points: int = field(validator=count)


@frozen(kw_only=True)
class LoyaltyProgram(Record):
    """A programme and its `tiers` from the lowest to the highest."""

    name: str = field(validator=text)
    tiers: tuple[LoyaltyTier, ...] = field(default=(), validator=each(instance(LoyaltyTier)))

    def __attrs_post_init__(self) -> None:
        needed = [tier.points for tier in self.tiers]
        if needed != sorted(set(needed)):
            raise InvalidRecord(f"LoyaltyProgram {self.name}", "tiers", needed, "rising points")

    def tier(self, points: int) -> LoyaltyTier | None:
        """The highest tier `points` reach; None below the first."""
        return next((tier for tier in reversed(self.tiers) if tier.points <= points), None)


@frozen(kw_only=True)
class LoyaltyEntry(Record):
    """`points` of an account or a contact on the day `on`: earned when above zero, spent when below.

    `last_day` is the last day on which earned points may be spent (inside), None when they do not lapse.
    `opportunity` is the sale they come from, where there is one.
    """

    account: AccountId | None = field(default=None, validator=maybe(text))
    contact: ContactId | None = field(default=None, validator=maybe(text))
    points: int = field(validator=instance(int))
    on: date = field(validator=plain_date)
    last_day: date | None = field(default=None, validator=maybe(plain_date))
    reason: str = field(validator=text)
    opportunity: OpportunityId | None = field(default=None, validator=maybe(text))

    def __attrs_post_init__(self) -> None:
        if isinstance(self.points, bool) or not self.points:
            raise InvalidRecord("LoyaltyEntry", "points", self.points, "a whole number other than zero")
        if (self.account is None) == (self.contact is None):
            raise InvalidRecord("LoyaltyEntry", "account", self.account, "either an account or a contact")
        if self.last_day is not None and (self.points < 0 or self.last_day < self.on):
            raise InvalidRecord("LoyaltyEntry", "last_day", self.last_day, "earned points, a day from then on")


@frozen(kw_only=True)
class Balance:
    """The points one may spend, those that have lapsed, and what did not add up."""

    points: int = field(validator=count)
    lapsed: int = field(validator=count)
    problems: tuple[Problem, ...] = ()


def balance(entries: Iterable[LoyaltyEntry], as_of: date) -> Balance:
    """The balance of one member's `entries` at the end of the day `as_of`; later entries do not count.

    On one day earning comes before spending; the order in which the entries come makes no difference.

    >>> earned = LoyaltyEntry(account=AccountId("a"), points=100, on=date(2026, 1, 1), reason="order",
    ...                       last_day=date(2026, 12, 31))
    >>> balance([earned], date(2026, 6, 1)).points, balance([earned], date(2027, 1, 1)).lapsed
    (100, 100)
    """
    check_days("balance", as_of=as_of)
    lots: list[tuple[date, int]] = []
    lapsed = 0
    problems: list[Problem] = []
    for entry in sorted((e for e in entries if e.on <= as_of), key=lambda e: (e.on, -e.points)):
        if entry.points > 0:
            lots.append((date.max if entry.last_day is None else entry.last_day, entry.points))
            continue
        gone, lots = _lapse(lots, entry.on)
        lapsed += gone
        lacking, lots = _spend(lots, -entry.points)
        if lacking:
            problems.append(_overspent(entry, lacking))
    gone, lots = _lapse(lots, as_of)
    return Balance(points=sum(n for _, n in lots), lapsed=lapsed + gone, problems=tuple(problems))


@frozen(kw_only=True)
class MemberStanding:
    """A member's `balance`, the `tier` it reaches (None: none yet), and how many points lack for the next.

    `to_next` is None in the highest tier.
    """

    balance: Balance
    tier: LoyaltyTier | None
    to_next: int | None


def member_standing(program: LoyaltyProgram, entries: Iterable[LoyaltyEntry], as_of: date) -> MemberStanding:
    """Where one member stands in `program` at the end of the day `as_of`.

    >>> club = LoyaltyProgram(name="Club", tiers=(LoyaltyTier(name="silver", points=50),))
    >>> member_standing(club, [], date(2026, 1, 1)).to_next
    50
    """
    found = balance(entries, as_of)
    above = next((tier for tier in program.tiers if tier.points > found.points), None)
    return MemberStanding(
        balance=found,
        tier=program.tier(found.points),
        to_next=None if above is None else above.points - found.points,
    )


def _lapse(lots: list[tuple[date, int]], day: date) -> tuple[int, list[tuple[date, int]]]:
    gone = sum(points for last_day, points in lots if last_day < day)
    return gone, [lot for lot in lots if lot[0] >= day]


def _spend(lots: list[tuple[date, int]], points: int) -> tuple[int, list[tuple[date, int]]]:
    kept: list[tuple[date, int]] = []
    for last_day, held in sorted(lots):
        used = min(held, points)
        points -= used
        if held > used:
            kept.append((last_day, held - used))
    return points, kept


def _overspent(entry: LoyaltyEntry, lacking: int) -> Problem:
    return Problem(
        where=f"loyalty of {entry.account or entry.contact}",
        field="points",
        value=str(entry.points),
        what=f"spends {lacking} {'point' if lacking == 1 else 'points'} more than there were on {entry.on}",
        severity=Severity.ERROR,
    )
