"""What a quote or an opportunity offers, in the few facts that can contradict a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

import attrs
from attrs import field, frozen

from clmcrm.clm.contract import Contract
from clmcrm.crm.lines import QuoteLine, SalesLine
from clmcrm.crm.opportunity import Opportunity, OpportunityKind
from clmcrm.crm.quote import Quote
from clmcrm.crm.wanted import WantedTerms
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import less, product_of
from clmcrm.values.ids import AccountId, ContractId, LineId, OpportunityId, ProductId, QuoteId, UserId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import known
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import PriceModel, PriceTier, tiered_price
from clmcrm.values.validators import each, flag, instance, maybe, plain_date, text

Names: TypeAlias = Mapping[AccountId, str]
"""What accounts are called."""

_ONE: Final = Decimal(1)
_NONE: Final = Decimal(0)


@frozen(kw_only=True)
class Promise:
    """What is promised beside the lines of an offer, in a mail or a side letter.

    `liability` is the most we would owe (None: nothing is promised), `unlimited` that there is no such limit.
    `exclusive` promises not to supply others with `products` in `territories` (ISO 3166; empty: all of them,
    everywhere). `prices_hold_until` is the last day on which the offered prices shall not move.
    """

    liability: Money | None = field(default=None, validator=maybe(instance(Money)))
    unlimited: bool = field(default=False, validator=flag)
    exclusive: bool = field(default=False, validator=flag)
    products: tuple[ProductId, ...] = field(default=(), validator=each(text))
    territories: tuple[str, ...] = field(default=(), validator=each(text))
    prices_hold_until: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        if self.unlimited and self.liability is not None:
            raise InvalidRecord("Promise", "liability", self.liability, "None beside an unlimited liability")


NOTHING_MORE: Final = Promise()
"""Nothing is promised beside the lines."""


@frozen(kw_only=True)
class Around:
    """What an offer does not say itself: where it goes, which contract it concerns, who is called what."""

    country: str | None
    contract: ContractId | None
    names: Names
    promise: Promise = NOTHING_MORE


@frozen(kw_only=True)
class OfferLine:
    """One offered line.

    `price` is per unit before `discount` (a share), None when it has no price of its own; `tiers` then price
    it by `model`. `gross` and `net` are what one unit costs before and after every discount, exactly, at the
    offered `quantity`; None when nothing can be said (no price, or a quantity of zero or beyond the tiers).
    `currency` is the ISO code of its amounts. `every` is the rhythm at which it recurs (None: once).
    """

    id: LineId
    product: ProductId | None
    price: UnitPrice | None
    discount: Decimal
    list_price: UnitPrice | None
    quantity: Decimal
    model: PriceModel
    tiers: tuple[PriceTier, ...]
    currency: str | None
    gross: Decimal | Fraction | None
    net: Decimal | Fraction | None
    every: Tenor | None
    first_day: date | None

    def amount(self, quantity: Decimal) -> Fraction | None:
        """What `quantity` units would cost before discounts; None where the line has no price for them."""
        if self.tiers:
            last = self.tiers[-1].up_to
            if last is not None and quantity > last:
                return None
            return tiered_price(self.model, self.tiers, quantity)
        if self.price is None:
            return None
        return Fraction(self.price.amount) * (1 if self.model is PriceModel.FLAT else Fraction(quantity))


@frozen(kw_only=True)
class Offer:
    """An offer to `account`: its lines, and the wishes that a contract may contradict.

    `replaces` is the contract it would renew or replace and `under` the frame agreement it is made under
    (the same one here: a sale names a single contract); None when the sale names none. `adds` says that it
    adds to that contract and does not end it. `open_until` is the last day on which it may be accepted.
    `names` call the other accounts. `quote` is the quote it is (None: it is none), `sale` the opportunity it is or
    belongs to (None: not known).
    """

    name: str
    account: AccountId | None
    owner: UserId | None
    country: str | None
    lines: tuple[OfferLine, ...]
    starts_on: date | None
    open_until: date | None
    payment_within: Tenor | None
    replaces: ContractId | None
    under: ContractId | None
    adds: bool
    promise: Promise
    names: Names
    quote: QuoteId | None = None
    sale: OpportunityId | None = None

    def became(self, contract: Contract) -> bool:
        """Whether the contract came of this very offer: it is neither made under that one nor meant to replace it.

        A quote names the contract that came of it (`WantedTerms.contract`) in the place where it may name another.
        """
        of_quote = self.quote is not None and contract.quote == self.quote
        return of_quote or (self.sale is not None and contract.opportunity == self.sale)

    def called(self, account: AccountId | None) -> str | None:
        """The name of another account, its id where no name is known; None where there is no account."""
        return None if account is None else self.names.get(account, account)


def offer_of_quote(quote: Quote, country: str | None, names: Names, promise: Promise = NOTHING_MORE) -> Offer:
    """The offer a quote makes, optional lines left out."""
    chosen = [line for line in quote.lines if not line.is_optional]
    around = Around(country=country, contract=quote.contract, names=names, promise=promise)
    facts = (f"quote {quote.number or quote.id}", quote.account, quote.owner, quote.last_valid_day, False)
    offer = _offer(facts, quote, chosen, around)
    return attrs.evolve(offer, quote=quote.id, sale=quote.opportunity)


def offer_of_opportunity(
    opportunity: Opportunity, country: str | None, names: Names, promise: Promise = NOTHING_MORE
) -> Offer:
    """The offer an opportunity stands for."""
    around = Around(country=country, contract=opportunity.renews, names=names, promise=promise)
    name = f"opportunity {opportunity.name} ({opportunity.id})"
    adds = opportunity.kind is OpportunityKind.EXPANSION
    facts = (name, opportunity.account, opportunity.owner, None, adds)
    return attrs.evolve(_offer(facts, opportunity, opportunity.lines, around), sale=opportunity.id)


_Facts = tuple[str, AccountId | None, UserId | None, date | None, bool]


def _offer(facts: _Facts, wishes: WantedTerms, lines: Sequence[SalesLine | QuoteLine], around: Around) -> Offer:
    name, account, owner, open_until, adds = facts
    shipped_to = wishes.shipping_address.country if wishes.shipping_address else None
    return Offer(
        name=name,
        account=account,
        owner=owner,
        country=shipped_to or around.country,
        lines=tuple(_line(line) for line in lines),
        starts_on=known(wishes.start_wanted_on),
        open_until=open_until,
        payment_within=wishes.payment_within,
        replaces=around.contract,
        under=around.contract,
        adds=adds,
        promise=around.promise,
        names=around.names,
    )


def _line(line: SalesLine) -> OfferLine:
    gross, net = _unit_costs(line)
    return OfferLine(
        id=line.id,
        product=line.product,
        price=line.unit_price,
        discount=line.discount or _NONE,
        list_price=line.list_price,
        quantity=line.quantity,
        model=line.price_model,
        tiers=line.tiers,
        currency=line.unit_price.currency.code if line.unit_price else line.currency_code,
        gross=gross,
        net=net,
        every=line.recurs_every,
        first_day=line.service_first_day,
    )


_Cost: TypeAlias = Decimal | Fraction | None


def _unit_costs(line: SalesLine) -> tuple[_Cost, _Cost]:
    """What one unit costs before and after discounts, exactly."""
    kept = _ONE if line.discount is None else less(_ONE, line.discount)
    plain = line.price_model is PriceModel.PER_UNIT and not line.tiers and line.discount_amount is None
    if plain and line.unit_price is not None:
        gross = line.unit_price.amount
        return gross, (gross if line.discount is None else product_of(gross, kept))
    if not line.quantity:
        return None, None
    units = Fraction(line.quantity)
    if line.tiers:
        try:
            each_one = tiered_price(line.price_model, line.tiers, line.quantity) / units
        except InvalidRecord:  # more than the last tier has a price for
            return None, None
    elif line.unit_price is None:
        return None, None
    else:
        each_one = Fraction(line.unit_price.amount) / (units if line.price_model is PriceModel.FLAT else 1)
    off = Fraction(line.discount_amount.amount) if line.discount_amount else Fraction(0)
    return each_one, each_one * Fraction(kept) - off / units
