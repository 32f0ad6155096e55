"""Which rule a clause calls for, and which lines of an offer it is about.

Both ways of checking (clause by clause, and through an index) end in the functions of this file, so that an
index can only be faster, never of another opinion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import attrs
from attrs import frozen

from clmcrm.bridge import account_rules, other_rules, price_rules, term_rules
from clmcrm.bridge.findings import Finding
from clmcrm.bridge.later_prices import prices_to_come
from clmcrm.bridge.offers import Offer, OfferLine
from clmcrm.clm.clauses import AnyClause, LiabilityCap, PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.hindsight import as_recorded
from clmcrm.clm.lifecycle import StageOn, stage_of
from clmcrm.clm.price_clauses import PriceClause, PriceRevisionClause, TieredPriceClause, VolumeCommitment
from clmcrm.clm.stages import ACTIVE
from clmcrm.clm.versions import as_amended
from clmcrm.values.ids import AccountId, ProductId


@frozen(kw_only=True)
class Held:
    """A contract as it reads on the day, its stage, and the head of the group its counterparty belongs to.

    `recorded` is its first text with what was recorded by the day: what it was when a notice was given counts for the
    end, and an amended text does not tell that any more.
    """

    contract: Contract
    recorded: Contract
    stage: StageOn
    head: AccountId | None

    @property
    def binds(self) -> bool:
        """Whether it is in force."""
        return self.stage.stage in ACTIVE


def held_on(contract: Contract, day: date, heads: Mapping[AccountId, AccountId]) -> Held:
    """The contract as it stands on `day` by what was recorded until then.

    Clauses that begin later are not in it, except the prices that are agreed for later days (`prices_to_come`).
    """
    head = head_of(counterparty_on(contract, day), heads)
    recorded = as_recorded(contract, day)
    text = as_amended(recorded, day)
    clauses = prices_to_come(recorded, text, day)
    text = text if clauses == text.clauses else attrs.evolve(text, clauses=clauses)
    return Held(contract=text, recorded=recorded, stage=stage_of(contract, day), head=head)


def head_of(account: AccountId | None, heads: Mapping[AccountId, AccountId]) -> AccountId | None:
    """The head of the account's group; the account itself where no group is known."""
    return None if account is None else heads.get(account, account)


def is_own(offer: Offer, held: Held, heads: Mapping[AccountId, AccountId]) -> bool:
    """Whether the contract is with the offer's account, or with its group."""
    return held.head is not None and held.head == head_of(offer.account, heads)


_OWN_LINES: Final = (RestrictionKind.PRODUCT, RestrictionKind.VOLUME, RestrictionKind.PRICE)


def speaks_to_account(clause: AnyClause) -> bool:
    """Whether an offer to the contract's own account can contradict the clause."""
    if isinstance(clause, Restriction):
        return clause.kind in account_rules.ACCOUNT_KINDS
    kinds = (PriceClause, TieredPriceClause, PriceRevisionClause, PaymentClause, VolumeCommitment, LiabilityCap)
    return isinstance(clause, kinds)


def speaks_to_others(contract: Contract, clause: AnyClause) -> bool:
    """Whether an offer to anybody else can contradict the clause."""
    if not isinstance(clause, Restriction) or not other_rules.binds_us(clause):
        return False
    if clause.kind is RestrictionKind.TERRITORY:
        return contract.kind in other_rules.RESELLING
    return clause.kind in other_rules.PLACED_KINDS or clause.kind is RestrictionKind.MOST_FAVOURED_CUSTOMER


def products_about(clause: AnyClause) -> tuple[ProductId, ...]:
    """The products the clause speaks of; empty when it speaks of all of them, or of none in particular."""
    if isinstance(clause, Restriction):
        return clause.products
    product = getattr(clause, "product", None)
    return () if product is None else (product,)


def needs_lines(clause: AnyClause) -> bool:
    """Whether the clause says nothing about an offer without a line of its products."""
    if isinstance(clause, Restriction):
        return clause.kind is not RestrictionKind.TERRITORY
    return isinstance(clause, PriceClause | TieredPriceClause)


def lines_about(offer: Offer, clause: AnyClause) -> Sequence[OfferLine]:
    """The lines of the offer that the clause speaks of, in their order."""
    products = products_about(clause)
    return [line for line in offer.lines if line.product in products] if products else offer.lines


def with_account(
    offer: Offer, contract: Contract, clause: AnyClause, lines: Sequence[OfferLine], day: date
) -> Iterator[Finding]:
    """What an offer to the contract's own account contradicts in one clause."""
    if isinstance(clause, PriceClause):
        yield from price_rules.unit_price(offer, contract, clause, lines, day)
    elif isinstance(clause, TieredPriceClause):
        yield from price_rules.tiered_price(offer, contract, clause, lines, day)
    elif isinstance(clause, PriceRevisionClause):
        yield from price_rules.price_hold(offer, contract, clause, day)
    elif isinstance(clause, PaymentClause):
        yield from account_rules.payment(offer, contract, clause)
    elif isinstance(clause, VolumeCommitment):
        yield from account_rules.commitment(offer, contract, clause, lines)
    elif isinstance(clause, LiabilityCap):
        yield from account_rules.liability(offer, contract, clause, day)
    elif isinstance(clause, Restriction) and clause.holds_on(day):
        yield from _restricted(offer, contract, clause, lines, day)


def _restricted(
    offer: Offer, contract: Contract, clause: Restriction, lines: Sequence[OfferLine], day: date
) -> Iterator[Finding]:
    if clause.kind is RestrictionKind.TERRITORY:
        yield from account_rules.territory(offer, contract, clause)
    elif clause.kind is RestrictionKind.PRODUCT:
        yield from account_rules.restricted_product(offer, contract, clause, lines)
    elif clause.kind is RestrictionKind.VOLUME:
        yield from account_rules.restricted_volume(offer, contract, clause, lines)
    elif clause.kind is RestrictionKind.PRICE and other_rules.binds_us(clause):
        yield from price_rules.held_price(offer, contract, clause.citation, lines, day)


def with_others(
    offer: Offer, contract: Contract, clause: AnyClause, lines: Sequence[OfferLine], day: date
) -> Iterator[Finding]:
    """What an offer to somebody else contradicts in one clause that binds us."""
    if not isinstance(clause, Restriction) or not clause.holds_on(day):
        return
    if clause.kind is RestrictionKind.MOST_FAVOURED_CUSTOMER:
        yield from other_rules.favoured(offer, contract, clause, lines, day)
    elif clause.kind is RestrictionKind.TERRITORY:
        yield from other_rules.resale_territory(offer, contract, clause, lines)
    else:
        yield from other_rules.placed(offer, contract, clause, lines)


def before_clauses(offer: Offer, held: Held) -> Iterator[Finding]:
    """What the contract as a whole has against an offer made under it."""
    yield from term_rules.frame(offer, held.contract, held.stage)


def after_clauses(offer: Offer, held: Held, day: date) -> Iterator[Finding]:
    """What the running term has against an offer that replaces the contract or adds to it."""
    citation = term_rules.cited(held.contract)
    yield from term_rules.renewal_lock(offer, held.recorded, citation, day)
    yield from term_rules.frame_ends(offer, held.recorded, citation, day)


def exclusively_promised(offer: Offer, contract: Contract, day: date) -> tuple[ProductId, ...]:
    """The products the contract supplies, on `day` or later, that the offer promises to its account alone."""
    promise = offer.promise
    if not promise.exclusive:
        return ()
    products = other_rules.supplied_from(contract, day)
    return tuple(p for p in products if not promise.products or p in promise.products)
