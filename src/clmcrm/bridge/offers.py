"""What a quote or an opportunity offers, in the few facts that can contradict a contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from attrs import frozen

from clmcrm.crm.lines import QuoteLine, SalesLine
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote
from clmcrm.crm.wanted import WantedTerms
from clmcrm.values.ids import AccountId, ContractId, LineId, ProductId
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import known


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
    (the same one here: a sale names a single contract); None when the sale names none.
    """

    name: str
    account: AccountId | None
    country: str | None
    lines: tuple[OfferLine, ...]
    starts_on: date | None
    payment_days: int | None
    replaces: ContractId | None
    under: ContractId | None


def offer_of_quote(quote: Quote, country: str | None) -> Offer:
    """The offer a quote makes, optional lines left out."""
    chosen = [line for line in quote.lines if not line.is_optional]
    return _offer(
        f"quote {quote.number or quote.id}", quote, quote.account, chosen, country=country, contract=quote.contract
    )


def offer_of_opportunity(opportunity: Opportunity, country: str | None) -> Offer:
    """The offer an opportunity stands for."""
    name = f"opportunity {opportunity.name} ({opportunity.id})"
    return _offer(
        name, opportunity, opportunity.account, opportunity.lines, country=country, contract=opportunity.renews
    )


def _offer(
    name: str,
    wishes: WantedTerms,
    account: AccountId | None,
    lines: Sequence[SalesLine | QuoteLine],
    *,
    country: str | None,
    contract: ContractId | None,
) -> Offer:
    within = wishes.payment_within
    shipped_to = wishes.shipping_address.country if wishes.shipping_address else None
    return Offer(
        name=name,
        account=account,
        country=shipped_to or country,
        lines=tuple(
            OfferLine(id=line.id, product=line.product, price=line.unit_price, discount=line.discount or Decimal(0))
            for line in lines
        ),
        starts_on=known(wishes.start_wanted_on),
        payment_days=within.loose_days if within is not None and not within.whole_months else None,
        replaces=contract,
        under=contract,
    )
