"""What a quote or an opportunity offers, in the few facts that can contradict a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from attrs import frozen

from clmcrm.crm.lines import QuoteLine, SalesLine
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote
from clmcrm.crm.wanted import WantedTerms
from clmcrm.values.ids import AccountId, ContractId, LineId, ProductId
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import known

Names: TypeAlias = Mapping[AccountId, str]
"""What accounts are called."""


@frozen(kw_only=True)
class Around:
    """What an offer does not say itself: where it goes, which contract it concerns, who is called what."""

    country: str | None
    contract: ContractId | None
    names: Names


@frozen(kw_only=True)
class OfferLine:
    """One offered line; `price` is per unit before `discount` (a share); None when it has no price."""

    id: LineId
    product: ProductId | None
    price: UnitPrice | None
    discount: Decimal

    @property
    def net_price(self) -> Decimal | None:
        """The price of one unit after the discount, exact; None when it has no price."""
        return None if self.price is None else self.price.amount * (1 - self.discount)


@frozen(kw_only=True)
class Offer:
    """An offer to `account`: its lines, and the wishes that a contract may contradict.

    `replaces` is the contract it would renew or replace and `under` the frame agreement it is made under
    (the same one here: a sale names a single contract); None when the sale names none. `names` call the
    other accounts.
    """

    name: str
    account: AccountId | None
    country: str | None
    lines: tuple[OfferLine, ...]
    starts_on: date | None
    payment_days: int | None
    replaces: ContractId | None
    under: ContractId | None
    names: Names

    def called(self, account: AccountId | None) -> str:
        """The name of another account, its id where no name is known."""
        return "another customer" if account is None else self.names.get(account, account)


def offer_of_quote(quote: Quote, country: str | None, names: Names) -> Offer:
    """The offer a quote makes, optional lines left out."""
    chosen = [line for line in quote.lines if not line.is_optional]
    name = f"quote {quote.number or quote.id}"
    return _offer(name, quote, quote.account, chosen, Around(country=country, contract=quote.contract, names=names))


def offer_of_opportunity(opportunity: Opportunity, country: str | None, names: Names) -> Offer:
    """The offer an opportunity stands for."""
    name = f"opportunity {opportunity.name} ({opportunity.id})"
    around = Around(country=country, contract=opportunity.renews, names=names)
    return _offer(name, opportunity, opportunity.account, opportunity.lines, around)


def _offer(
    name: str,
    wishes: WantedTerms,
    account: AccountId | None,
    lines: Sequence[SalesLine | QuoteLine],
    around: Around,
) -> Offer:
    within = wishes.payment_within
    shipped_to = wishes.shipping_address.country if wishes.shipping_address else None
    return Offer(
        name=name,
        account=account,
        country=shipped_to or around.country,
        lines=tuple(
            OfferLine(id=line.id, product=line.product, price=line.unit_price, discount=line.discount or Decimal(0))
            for line in lines
        ),
        starts_on=known(wishes.start_wanted_on),
        payment_days=within.loose_days if within is not None and not within.whole_months else None,
        replaces=around.contract,
        under=around.contract,
        names=around.names,
    )
