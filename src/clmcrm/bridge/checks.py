"""Does what is offered contradict what was promised? Each finding names the clause and both values.

Two kinds of contract matter to an offer: those with the same account (prices, discounts, volumes, payment
terms, liability, renewals that cannot be left), and those with others that bind us (exclusivity, most
favoured customer, non-compete, first refusal, resale territory). Only contracts in force on the day count;
silence means that nothing contradicts. Here every clause is held against every line; for many offers
against one portfolio, `clmcrm.bridge.promise_index.PromiseIndex` finds the same by looking up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from clmcrm.bridge.authority import DiscountAuthority, beyond_authority
from clmcrm.bridge.findings import Finding
from clmcrm.bridge.matching import (
    Held,
    after_clauses,
    before_clauses,
    exclusively_promised,
    held_on,
    is_own,
    lines_about,
    needs_lines,
    speaks_to_account,
    speaks_to_others,
    with_account,
    with_others,
)
from clmcrm.bridge.offers import NOTHING_MORE, Names, Offer, Promise, offer_of_opportunity, offer_of_quote
from clmcrm.bridge.other_rules import supplied
from clmcrm.clm.contract import Contract
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote
from clmcrm.values.days import check_days
from clmcrm.values.ids import AccountId

_NO_GROUPS: Final[Mapping[AccountId, AccountId]] = {}


def check_quote(
    quote: Quote,
    contracts: Iterable[Contract],
    as_of: date,
    *,
    country: str | None = None,
    names: Names | None = None,
    promise: Promise = NOTHING_MORE,
    authorities: Iterable[DiscountAuthority] = (),
    heads: Mapping[AccountId, AccountId] = _NO_GROUPS,
) -> tuple[Finding, ...]:
    """Every contradiction between `quote` and the contracts in force on `as_of`.

    `country` is where the offer is delivered (ISO 3166; None: not known, and then a restriction to a
    territory is reported as one to look at); `names` call the other customers in what is found. `promise` is
    what was promised beside the lines, `authorities` the house's rules on discounts, and `heads` the head of
    each account's group: a contract with another member of the group counts as one with the account.

    >>> check_quote(Quote(id="Q-1", currency="EUR"), [], date(2026, 1, 1))
    ()
    """
    check_days("check_quote", as_of=as_of)
    offer = offer_of_quote(quote, country, names or {}, promise)
    return check_offer(offer, contracts, as_of, authorities=authorities, heads=heads)


def check_opportunity(
    opportunity: Opportunity,
    contracts: Iterable[Contract],
    as_of: date,
    *,
    country: str | None = None,
    names: Names | None = None,
    promise: Promise = NOTHING_MORE,
    authorities: Iterable[DiscountAuthority] = (),
    heads: Mapping[AccountId, AccountId] = _NO_GROUPS,
) -> tuple[Finding, ...]:
    """Every contradiction between an opportunity's lines and wishes and the contracts in force on `as_of`.

    The other arguments are those of `check_quote`.
    """
    check_days("check_opportunity", as_of=as_of)
    offer = offer_of_opportunity(opportunity, country, names or {}, promise)
    return check_offer(offer, contracts, as_of, authorities=authorities, heads=heads)


def check_offer(
    offer: Offer,
    contracts: Iterable[Contract],
    as_of: date,
    *,
    authorities: Iterable[DiscountAuthority] = (),
    heads: Mapping[AccountId, AccountId] = _NO_GROUPS,
) -> tuple[Finding, ...]:
    """The same for an offer: contract by contract, clause by clause, then the house's own rules."""
    found: list[Finding] = []
    for contract in contracts:
        held = held_on(contract, as_of, heads)
        found.extend(_own(offer, held, as_of) if is_own(offer, held, heads) else _others(offer, held, as_of))
    found.extend(beyond_authority(offer, authorities, as_of))
    return tuple(found)


def _own(offer: Offer, held: Held, day: date) -> Iterator[Finding]:
    yield from before_clauses(offer, held)
    if not held.binds:
        return
    for clause in held.contract.clauses:
        if speaks_to_account(clause):
            lines = lines_about(offer, clause)
            if lines or not needs_lines(clause):
                yield from with_account(offer, held.contract, clause, lines, day)
    yield from after_clauses(offer, held, day)


def _others(offer: Offer, held: Held, day: date) -> Iterator[Finding]:
    if not held.binds:
        return
    for clause in held.contract.clauses:
        if speaks_to_others(held.contract, clause):
            yield from with_others(offer, held.contract, clause, lines_about(offer, clause), day)
    products = exclusively_promised(offer, held.contract, day)
    if products:
        yield from supplied(offer, held.contract, products)
