"""What the contracts of a portfolio promise, arranged once by what an offer would meet.

A quote of hundreds of lines is then checked in about the time it takes to read it, on every edit. The answer
is that of `clmcrm.bridge.checks`, finding by finding and in the same order; a test and a benchmark hold both
together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, TypeAlias

from attrs import frozen

from clmcrm.bridge.authority import DiscountAuthority, beyond_authority
from clmcrm.bridge.findings import Finding
from clmcrm.bridge.matching import (
    Held,
    after_clauses,
    before_clauses,
    exclusively_promised,
    head_of,
    held_on,
    needs_lines,
    products_about,
    speaks_to_account,
    speaks_to_others,
    with_account,
    with_others,
)
from clmcrm.bridge.offers import (
    NOTHING_MORE,
    Names,
    Offer,
    OfferLine,
    Promise,
    offer_of_opportunity,
    offer_of_quote,
)
from clmcrm.bridge.other_rules import products_of, supplied
from clmcrm.clm.clauses import AnyClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote
from clmcrm.values.ids import AccountId, ContractId, ProductId

Place: TypeAlias = tuple[int, int]
"""Where a clause stands: its contract's place in the portfolio, its own place in the contract."""

_FIRST: Final = -1
_LAST: Final = 1 << 30


@frozen(kw_only=True)
class Bound:
    """One clause of a contract in force, and where it stands."""

    held: Held
    clause: AnyClause
    place: Place


_Key: TypeAlias = tuple[ProductId | None, str | None]


class PromiseIndex:
    """The promises of `contracts` in force on `as_of`, to check many offers against.

    Built once for a day; contracts that change need a new one. `authorities` and `heads` are those of
    `check_quote`.

    >>> index = PromiseIndex([], date(2026, 1, 1))
    >>> index.check_quote(Quote(id="Q-1", currency="EUR"))
    ()
    """

    def __init__(
        self,
        contracts: Iterable[Contract],
        as_of: date,
        *,
        authorities: Iterable[DiscountAuthority] = (),
        heads: Mapping[AccountId, AccountId] | None = None,
    ) -> None:
        self._day = as_of
        self._heads = {} if heads is None else dict(heads)
        self._authorities = tuple(authorities)
        self._by_id: dict[ContractId, list[tuple[int, Held]]] = {}
        self._own: dict[tuple[AccountId, ProductId], list[Bound]] = {}
        self._own_whole: dict[AccountId, list[Bound]] = {}
        self._others: dict[_Key, list[Bound]] = {}
        self._anywhere: dict[ProductId | None, list[Bound]] = {}
        self._supplied: dict[ProductId, list[tuple[int, Held]]] = {}
        for place, contract in enumerate(contracts):
            self._add(place, held_on(contract, as_of, self._heads))

    def check_quote(
        self, quote: Quote, *, country: str | None = None, names: Names | None = None, promise: Promise = NOTHING_MORE
    ) -> tuple[Finding, ...]:
        """What `clmcrm.bridge.checks.check_quote` finds, from the index."""
        return self.check_offer(offer_of_quote(quote, country, names or {}, promise))

    def check_opportunity(
        self,
        opportunity: Opportunity,
        *,
        country: str | None = None,
        names: Names | None = None,
        promise: Promise = NOTHING_MORE,
    ) -> tuple[Finding, ...]:
        """What `clmcrm.bridge.checks.check_opportunity` finds, from the index."""
        return self.check_offer(offer_of_opportunity(opportunity, country, names or {}, promise))

    def check_offer(self, offer: Offer) -> tuple[Finding, ...]:
        """What `clmcrm.bridge.checks.check_offer` finds, from the index."""
        head = head_of(offer.account, self._heads)
        found: list[tuple[Place, list[Finding]]] = []
        for bound, lines in self._met(offer, head):
            own = head is not None and bound.held.head == head
            rule = with_account if own else with_others
            findings = list(rule(offer, bound.held.contract, bound.clause, lines, self._day))
            if findings:
                found.append((bound.place, findings))
        found.extend(self._about_contracts(offer, head))
        found.extend(self._about_exclusivity(offer, head))
        found.sort(key=lambda one: one[0])
        listed = [finding for _, findings in found for finding in findings]
        return (*listed, *beyond_authority(offer, self._authorities, self._day))

    def _add(self, place: int, held: Held) -> None:
        self._by_id.setdefault(held.contract.id, []).append((place, held))
        if not held.binds:
            return
        for number, clause in enumerate(held.contract.clauses):
            bound = Bound(held=held, clause=clause, place=(place, number))
            if speaks_to_account(clause) and held.head is not None:
                self._add_own(held.head, bound)
            if speaks_to_others(held.contract, clause):
                self._add_for_others(bound)
        for product in products_of(held.contract):
            self._supplied.setdefault(product, []).append((place, held))

    def _add_own(self, head: AccountId, bound: Bound) -> None:
        products = products_about(bound.clause)
        if not products or not needs_lines(bound.clause):
            self._own_whole.setdefault(head, []).append(bound)
            return
        for product in dict.fromkeys(products):
            self._own.setdefault((head, product), []).append(bound)

    def _add_for_others(self, bound: Bound) -> None:
        clause = bound.clause
        assert isinstance(clause, Restriction)  # noqa: S101 - only restrictions speak to others
        products: tuple[ProductId | None, ...] = clause.products or (None,)
        if clause.kind is RestrictionKind.MOST_FAVOURED_CUSTOMER:
            priced = products_of(bound.held.contract)
            products = tuple(p for p in priced if not clause.products or p in clause.products)
        places: tuple[str | None, ...] = clause.territories or (None,)
        if clause.kind is RestrictionKind.TERRITORY:
            places = (None,)  # it speaks of every other country
        for product in dict.fromkeys(products):
            self._anywhere.setdefault(product, []).append(bound)
            for where in dict.fromkeys(places):
                self._others.setdefault((product, where), []).append(bound)

    def _met(self, offer: Offer, head: AccountId | None) -> Iterable[tuple[Bound, list[OfferLine]]]:
        """The clauses the offer meets, each with its lines in their order."""
        met: dict[Place, tuple[Bound, list[OfferLine]]] = {}
        for line in offer.lines:
            if line.product is None:
                continue
            for bound in self._candidates(line.product, offer.country, head):
                met.setdefault(bound.place, (bound, []))[1].append(line)
        for bound in self._wherever(offer, head):
            products = products_about(bound.clause)
            lines = [line for line in offer.lines if not products or line.product in products]
            if lines or not needs_lines(bound.clause):
                met[bound.place] = (bound, lines)
        return met.values()

    def _candidates(self, product: ProductId, country: str | None, head: AccountId | None) -> Iterator[Bound]:
        if head is not None:
            yield from self._own.get((head, product), ())
        if country is None:
            others = self._anywhere.get(product, ())
            yield from (bound for bound in others if bound.held.head is None or bound.held.head != head)
            return
        for key in ((product, country), (product, None)):
            others = self._others.get(key, ())
            yield from (bound for bound in others if bound.held.head is None or bound.held.head != head)

    def _wherever(self, offer: Offer, head: AccountId | None) -> Iterator[Bound]:
        """The clauses that speak of every product, or of the offer as a whole."""
        if head is not None:
            yield from self._own_whole.get(head, ())
        keys: tuple[_Key, ...] = ((None, offer.country), (None, None))
        others = (
            self._anywhere.get(None, ())
            if offer.country is None
            else (bound for key in keys for bound in self._others.get(key, ()))
        )
        yield from (bound for bound in others if bound.held.head is None or bound.held.head != head)

    def _about_contracts(self, offer: Offer, head: AccountId | None) -> Iterator[tuple[Place, list[Finding]]]:
        if head is None:
            return
        named = dict.fromkeys(one for one in (offer.under, offer.replaces) if one is not None)
        for place, held in (found for one in named for found in self._by_id.get(one, ())):
            if held.head == head:
                yield (place, _FIRST), list(before_clauses(offer, held))
                if held.binds:
                    yield (place, _LAST), list(after_clauses(offer, held, self._day))

    def _about_exclusivity(self, offer: Offer, head: AccountId | None) -> Iterator[tuple[Place, list[Finding]]]:
        promise = offer.promise
        if not promise.exclusive:
            return
        wanted = promise.products or tuple(self._supplied)
        met = {place: held for product in wanted for place, held in self._supplied.get(product, ())}
        for place, held in met.items():
            if held.head is None or held.head != head:
                products = exclusively_promised(offer, held.contract, self._day)
                yield (place, _LAST), list(supplied(offer, held.contract, products))
