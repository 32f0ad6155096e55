"""What an offer contradicts of promises to somebody else: exclusivity, best prices, non-compete, territory.

The rule of the file: a clause speaks here only when it binds us. Where the country of delivery is not known,
a clause that is bound to places gives a warning to look at, not silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

from clmcrm.bridge.account_rules import FIND_OUT, outside, place_unknown
from clmcrm.bridge.charged_lines import paid_per_unit
from clmcrm.bridge.findings import Finding, finding, same, shown_number
from clmcrm.bridge.offers import Offer, OfferLine
from clmcrm.clm.clauses import Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.price_clauses import PriceClause, TieredPriceClause
from clmcrm.values.ids import ProductId
from clmcrm.values.problems import Severity
from clmcrm.values.tiers import tiered_price
from clmcrm.values.wording import Wording

PaidPrice: TypeAlias = PriceClause | TieredPriceClause | ContractLine
"""What another customer pays for a product: by a clause, by tiers, or by the contract's own line."""

_PLACED: Final = {
    RestrictionKind.EXCLUSIVITY: (
        Wording("exclusive to {who} in {where}", "exclusivité de {who} : {where}"),
        Wording("the product is promised exclusively to another customer",
                "le produit est promis en exclusivité à un autre client"),
        Wording("Do not offer it there.", "Ne pas l'y proposer."),
        Severity.ERROR,
    ),
    RestrictionKind.NON_COMPETE: (
        Wording("no competition with {who} in {where}", "non-concurrence envers {who} : {where}"),
        Wording("the offer competes where we undertook not to",
                "l'offre concurrence là où nous nous sommes engagés à ne pas le faire"),
        Wording("Do not offer it there, or have the undertaking lifted.",
                "Ne pas l'y proposer, ou faire lever l'engagement."),
        Severity.ERROR,
    ),
    RestrictionKind.FIRST_REFUSAL: (
        Wording("first refusal of {who} in {where}", "droit de premier refus de {who} : {where}"),
        Wording("another has the right to be asked first", "un tiers a le droit d'être consulté d'abord"),
        Wording("Offer it to them first and keep their answer.", "Le lui proposer d'abord et conserver sa réponse."),
        Severity.WARNING,
    ),
}  # fmt: skip

PLACED_KINDS: Final = frozenset(_PLACED)
"""The restrictions towards others that are about products in places."""

RESELLING: Final = frozenset({ContractKind.PROCUREMENT, ContractKind.PARTNERSHIP})
"""The kinds of contract whose territory binds what we sell on."""


def placed(offer: Offer, contract: Contract, clause: Restriction, lines: Sequence[OfferLine]) -> Iterator[Finding]:
    """Lines that another was promised alone, or that we undertook not to sell, in the place of delivery."""
    if outside(offer, clause):
        return
    agreed, what, advice, severity = _PLACED[clause.kind]
    unsure = place_unknown(offer, clause)
    who = _who(offer, contract)
    places = ", ".join(clause.territories)
    terms = Wording(
        agreed.en.format(who=who.en, where=places or "everywhere"),
        agreed.fr.format(who=who.fr, where=places or "partout"),
    )
    for line in lines:
        named = line.product or line.id
        place = _in_country(named, offer.country)
        yield finding(
            offer, contract, clause.citation, (Wording("product", "produit"), place, terms),
            (what, FIND_OUT if unsure else advice),
            severity=Severity.WARNING if unsure else severity,
        )  # fmt: skip


def resale_territory(
    offer: Offer, contract: Contract, clause: Restriction, lines: Sequence[OfferLine]
) -> Iterator[Finding]:
    """Lines that we may resell in other territories only."""
    if contract.kind not in RESELLING or not clause.territories or offer.country in clause.territories:
        return
    unsure = offer.country is None
    extend = Wording("Take the line out, or extend the territory with the supplier.",
                     "Retirer la ligne, ou étendre le territoire avec le fournisseur.")  # fmt: skip
    allowed = ", ".join(clause.territories)
    for line in lines:
        named = line.product or line.id
        yield finding(
            offer, contract, clause.citation,
            (
                Wording("product", "produit"),
                _in_country(named, offer.country),
                Wording(f"resale only in {allowed}", f"revente seulement : {allowed}"),
            ),
            (
                Wording("we may not resell the product there", "nous ne pouvons pas y revendre le produit"),
                FIND_OUT if unsure else extend,
            ),
            severity=Severity.WARNING if unsure else Severity.ERROR,
        )  # fmt: skip


def favoured(
    offer: Offer, contract: Contract, clause: Restriction, lines: Sequence[OfferLine], day: date
) -> Iterator[Finding]:
    """Lines that undercut what a most favoured customer pays.

    A price in another currency is not compared, nor one that recurs with one that is paid once. Of several lines that
    can be compared the dearest counts: whoever pays it would be undercut.
    """
    if outside(offer, clause):
        return
    for line in lines:
        prices = prices_paid(contract, line.product, day) if line.product is not None else ()
        paid = [one for price in prices if (one := _paid_at(price, line)) is not None]
        most = max((amount for amount, unit in paid if unit == line.currency), default=None)
        if most is not None:
            yield from _undercut(offer, contract, clause, line, most)


def prices_paid(contract: Contract, product: ProductId, day: date) -> tuple[PaidPrice, ...]:
    """What the contract charges for `product` on `day`: by a price clause, by tiers, or else by its own lines.

    A clause beside the lines wins, because it says what was agreed; the last of several does. Empty when the
    contract has no price for it.
    """
    clauses = [
        c for c in contract.clauses if isinstance(c, PriceClause | TieredPriceClause) and c.product == product
    ]  # fmt: skip
    holding = [c for c in clauses if c.valid is None or day in c.valid]
    if holding:
        return (holding[-1],)
    return tuple(one for one in contract.lines if one.product == product and one.charged_on(day))


def _undercut(
    offer: Offer, contract: Contract, clause: Restriction, line: OfferLine, paid: Decimal | Fraction
) -> Iterator[Finding]:
    if line.net is None or not line.net < paid:
        return
    who = _who(offer, contract)
    values = (
        Wording(f"price of {line.product}", f"prix de {line.product}"),
        same(f"{shown_number(line.net)} {line.currency} net"),
        same(f"{shown_number(paid)} {line.currency}"),
    )
    unsure = place_unknown(offer, clause)
    better = Wording("Raise the price, or grant it there too.", "Relever le prix, ou l'accorder aussi à ce client.")
    yield finding(
        offer, contract, clause.citation, values,
        (
            Wording(f"the price undercuts {who.en}, who was promised the best one",
                    f"le prix est inférieur à celui de {who.fr}, à qui le meilleur prix est promis"),
            FIND_OUT if unsure else better,
        ),
        severity=Severity.WARNING if unsure else Severity.ERROR,
    )  # fmt: skip


def _paid_at(price: PaidPrice, line: OfferLine) -> tuple[Decimal | Fraction, str] | None:
    """What one unit costs the other customer at the line's quantity and rhythm, and in which currency."""
    if isinstance(price, ContractLine):
        paid = paid_per_unit(price, line.every)
        return None if paid is None else (paid, price.price.currency.code)
    if isinstance(price, PriceClause):
        return price.price.amount, price.price.currency.code
    last, quantity = price.tiers[-1].up_to, line.quantity
    if not quantity or (last is not None and quantity > last):
        return None
    whole = tiered_price(price.model, price.tiers, quantity)
    return whole / Fraction(quantity), price.tiers[0].price.currency.code


def products_of(contract: Contract) -> tuple[ProductId, ...]:
    """The products the contract has a price or a line for, each once, in the contract's order."""
    priced = [c.product for c in contract.clauses if isinstance(c, PriceClause | TieredPriceClause)]
    return tuple(dict.fromkeys([*priced, *(line.product for line in contract.lines if line.product is not None)]))


def supplied_from(contract: Contract, day: date) -> tuple[ProductId, ...]:
    """The products the contract supplies on `day` or will; none where it is we who buy."""
    if contract.kind is ContractKind.PROCUREMENT:
        return ()
    clauses = [c for c in contract.clauses if isinstance(c, PriceClause | TieredPriceClause)]
    priced = [c.product for c in clauses if c.valid is None or c.valid.last_day is None or day <= c.valid.last_day]
    lines = [line for line in contract.lines if line.last_day is None or day <= line.last_day]
    return tuple(dict.fromkeys([*priced, *(line.product for line in lines if line.product is not None)]))


def supplied(offer: Offer, contract: Contract, products: Sequence[ProductId]) -> Iterator[Finding]:
    """A promise of exclusivity while another customer is already supplied with the product."""
    promise = offer.promise
    address = contract.service_address or contract.billing_address
    country = address.country if address else None
    if promise.territories and country is not None and country not in promise.territories:
        return
    unsure = bool(promise.territories) and country is None
    who = _who(offer, contract)
    for product in products:
        where = ", ".join(promise.territories)
        yield finding(
            offer, contract, "",
            (
                Wording("exclusivity", "exclusivité"),
                Wording(f"{product} in {where or 'every country'}", f"{product}, {where or 'tous pays'}"),
                Wording(f"supplied to {who.en} in {country or 'an unknown country'}",
                        f"fourni à {who.fr}, {country or 'pays inconnu'}"),
            ),
            (
                Wording("exclusivity is promised for what another customer already has",
                        "l'exclusivité est promise pour ce qu'un autre client a déjà"),
                Wording("Do not promise it, or leave out what is already supplied.",
                        "Ne pas la promettre, ou en exclure ce qui est déjà fourni."),
            ),
            severity=Severity.WARNING if unsure else Severity.ERROR,
        )  # fmt: skip


def binds_us(clause: Restriction) -> bool:
    """Whether it is we who may not."""
    return clause.binds in (Party.OWN, Party.BOTH)


def _in_country(named: str, country: str | None) -> Wording:
    return Wording(f"{named} in {country or 'an unknown country'}", f"{named}, {country or 'pays inconnu'}")


def _who(offer: Offer, contract: Contract) -> Wording:
    named = offer.called(contract.counterparty)
    return Wording("another customer", "un autre client") if named is None else same(named)
