"""Who looks after which lead, account or sale: by territory and by capacity, with the reasons.

The rule of the file: the same records, sellers and loads always give the same answer, whatever the order
they come in; and every answer says why, for those who were passed over, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeVar

from attrs import field, frozen

from clmcrm.crm.lead import Lead
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.segment import Condition, fulfils, is_condition
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.values.ids import TerritoryId, UserId
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, flag, text
from clmcrm.values.wording import Wording

R = TypeVar("R", Lead, Opportunity, Account)


@frozen(kw_only=True)
class Territory(Record):
    """A part of the market: the records that fulfil `condition`, of whichever kind has its fields.

    Of several territories that take a record in, the first in their order counts.
    """

    id: TerritoryId = field(validator=text)
    name: str = field(validator=text)
    condition: Condition = field(validator=is_condition)


@frozen(kw_only=True)
class Seller(Record):
    """One who may be given records: up to `capacity` at a time, in these `territories`.

    `available` is False for one who is away; they keep what they have.
    """

    user: UserId = field(validator=text)
    capacity: int = field(validator=count)
    territories: tuple[TerritoryId, ...] = field(default=(), validator=each(text))
    available: bool = field(default=True, validator=flag)


@frozen(kw_only=True)
class PassedOver:
    """A seller who was not chosen, and why."""

    user: UserId
    why: Wording


@frozen(kw_only=True)
class Allocation:
    """The record (by its id) given to `owner`, or to nobody (None), in which `territory`, and why."""

    record: str
    owner: UserId | None
    territory: TerritoryId | None
    why: Wording
    passed_over: tuple[PassedOver, ...] = ()


_AWAY: Final = Wording("is away", "est absent")


def allocate(
    records: Iterable[R],
    sellers: Iterable[Seller],
    territories: Sequence[Territory],
    held: Mapping[UserId, int] | None = None,
) -> tuple[Allocation, ...]:
    """Who gets each of `records`, by the records' ids; `held` is how many each seller has already.

    Within a territory the seller with the smallest load (held / capacity) is chosen, then the one with more
    room, then the smaller id; each record given counts for the next. A record that no territory takes in, or
    whose territory has no seller with room, is given to nobody.

    Raises `InvalidRecord` for a record, a seller or a territory named twice, a seller of a territory that is not given,
    and a number held that is no whole number of zero or more.

    >>> allocate([], [], [])
    ()
    """
    team = sorted(sellers, key=lambda seller: seller.user)
    given = sorted(records, key=lambda r: r.id)
    _check(given, team, territories)
    load = {seller.user: _held(seller.user, (held or {}).get(seller.user, 0)) for seller in team}
    found: list[Allocation] = []
    for record in given:
        found.append(_allocated(record, team, territories, load))
        owner = found[-1].owner
        if owner is not None:
            load[owner] += 1
    return tuple(found)


def _check(
    records: Sequence[Lead | Opportunity | Account], team: Sequence[Seller], territories: Sequence[Territory]
) -> None:
    # A record that is listed twice would be given twice, to two sellers perhaps.
    named = (
        ("record", "id", [f"{type(record).__name__} {record.id}" for record in records]),
        ("seller", "user", [seller.user for seller in team]),
        ("territory", "id", [territory.id for territory in territories]),
    )
    for what, field_name, keys in named:
        twice = sorted(key for key, times in Counter(keys).items() if times > 1)
        if twice:
            raise InvalidRecord(what.title(), field_name, twice, f"each {what} once")
    known = {territory.id for territory in territories}
    for seller in team:
        for territory in seller.territories:
            if territory not in known:
                raise InvalidRecord(f"Seller {seller.user}", "territories", territory, "a territory that is given")


def _held(user: UserId, number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise InvalidRecord(f"Seller {user}", "held", number, "a whole number of zero or more")
    return number


def _allocated(
    record: Lead | Opportunity | Account,
    team: Sequence[Seller],
    territories: Sequence[Territory],
    load: Mapping[UserId, int],
) -> Allocation:
    answers = [(territory, fulfils(record, territory.condition)) for territory in territories]
    territory = next((territory for territory, answer in answers if answer), None)
    if territory is None:
        undecided = ", ".join(territory.name for territory, answer in answers if answer is None)
        why = Wording("no territory takes it in", "aucun territoire ne le couvre")
        if undecided:
            why = Wording(
                f"it cannot be said whether it belongs to {undecided}", f"on ne peut dire s'il relève de {undecided}"
            )
        return Allocation(record=record.id, owner=None, territory=None, why=why)
    mine = [seller for seller in team if territory.id in seller.territories]
    able = [seller for seller in mine if seller.available and load[seller.user] < seller.capacity]
    if not able:
        why = Wording(f"nobody in {territory.name} has room", f"personne n'a de place en {territory.name}")
        passed = tuple(_passed(seller, load, None) for seller in mine)
        return Allocation(record=record.id, owner=None, territory=territory.id, why=why, passed_over=passed)
    best = min(able, key=lambda s: (_load(s, load), load[s.user] - s.capacity, s.user))
    why = Wording(
        f"{territory.name}, with the smallest load: {load[best.user]} of {best.capacity}",
        f"{territory.name}, charge la plus faible : {load[best.user]} sur {best.capacity}",
    )
    passed = tuple(_passed(seller, load, best) for seller in mine if seller is not best)
    return Allocation(record=record.id, owner=best.user, territory=territory.id, why=why, passed_over=passed)


def _load(seller: Seller, load: Mapping[UserId, int]) -> Fraction:
    return Fraction(load[seller.user], seller.capacity)


def _passed(seller: Seller, load: Mapping[UserId, int], best: Seller | None) -> PassedOver:
    now = load[seller.user]
    if not seller.available:
        why = _AWAY
    elif now >= seller.capacity:
        why = Wording(f"is full: {now} of {seller.capacity}", f"est complet : {now} sur {seller.capacity}")
    elif best is not None and _load(seller, load) == _load(best, load):
        why = Wording(f"is as loaded as {best.user}", f"a la même charge que {best.user}")
    else:
        why = Wording(f"is more loaded: {now} of {seller.capacity}", f"est plus chargé : {now} sur {seller.capacity}")
    return PassedOver(user=seller.user, why=why)
