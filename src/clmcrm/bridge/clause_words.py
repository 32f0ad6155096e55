"""A contract's renewal, prices, commitments and restrictions as a salesperson reads them, in one line each.

The rule of the file: every line ends with the place in the contract it was taken from, as far as that is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from clmcrm.bridge.findings import percent, shown_number
from clmcrm.clm.clauses import Restriction
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.price_clauses import TieredPriceClause, VolumeCommitment
from clmcrm.clm.prices.in_force import agreed_prices
from clmcrm.clm.said_values import value_words
from clmcrm.clm.term_clauses import RenewalClause
from clmcrm.clm.versions import as_amended
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.tiers import PriceModel, PriceTier
from clmcrm.values.wording import Wording

_BUYER: Final = {
    Party.OWN: Wording("we buy", "nous achetons"),
    Party.COUNTERPARTY: Wording("they buy", "ils achètent"),
    Party.EITHER: Wording("either side buys", "chaque partie achète"),
    Party.BOTH: Wording("both sides buy", "les deux parties achètent"),
}
_BOUND: Final = {
    Party.OWN: Wording("binds us", "nous oblige"),
    Party.COUNTERPARTY: Wording("binds them", "oblige le cocontractant"),
    Party.EITHER: Wording("binds either side", "oblige chaque partie"),
    Party.BOTH: Wording("binds both sides", "oblige les deux parties"),
}
_MODEL_FR: Final = {
    PriceModel.PER_UNIT: "à l'unité",
    PriceModel.FLAT: "forfait",
    PriceModel.VOLUME: "au volume",
    PriceModel.GRADUATED: "par tranches",
    PriceModel.STAIRS: "par paliers",
}


def renewal_words(renewal: RenewalClause | Unknown) -> Wording:
    """How the contract goes on after a term.

    >>> from clmcrm.clm.term_clauses import RenewalKind
    >>> from clmcrm.values.tenor import Tenor
    >>> renewal_words(RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1), times=2)).en
    'tacit by 1 year, at most 2 times'
    """
    if isinstance(renewal, Unknown):
        return Wording(f"not known: {renewal.reason}", f"inconnu : {renewal.reason}")
    kind, length, times = value_words(renewal.kind), renewal.length, renewal.times
    return Wording(
        kind.en + (f" by {length.words}" if length else "") + ("" if times is None else f", at most {times} times"),
        kind.fr
        + (f", par périodes de {length.said('fr')}" if length else "")
        + ("" if times is None else f", au plus {times} fois"),
    )


def price_words(contract: Contract, as_of: date) -> Iterator[Wording]:
    """The prices agreed for products on `as_of`: single ones, then those by tiers."""
    for agreed in agreed_prices(contract, as_of):
        clause = agreed.clause
        until = clause.valid.last_day if clause.valid else None
        most = None if clause.max_discount is None else percent(clause.max_discount)
        yield Wording(
            f"{agreed.product}: {clause.price}"
            + ("" if until is None else f" until {until}")
            + ("" if most is None else f", at most {most.en} off")
            + _cited(clause.citation),
            f"{agreed.product} : {_comma(clause.price)}"
            + ("" if until is None else f" jusqu'au {until}")
            + ("" if most is None else f", remise d'au plus {most.fr}")
            + _cited(clause.citation),
        )
    for tiered in as_amended(contract, as_of).clauses:
        if (
            isinstance(tiered, TieredPriceClause)
            and tiered.begun_by(as_of)
            and (tiered.valid is None or as_of in tiered.valid)
        ):
            tiers = [_tier_words(tier) for tier in tiered.tiers]
            model = tiered.model.value
            yield Wording(
                f"{tiered.product}: {model}, {', '.join(tier.en for tier in tiers)}{_cited(tiered.citation)}",
                f"{tiered.product} : {_MODEL_FR[tiered.model]}, {', '.join(tier.fr for tier in tiers)}"
                f"{_cited(tiered.citation)}",
            )


def commitment_words(clause: VolumeCommitment) -> Wording:
    """Who buys at least what in each period.

    >>> from decimal import Decimal
    >>> from clmcrm.values.tenor import Tenor
    >>> commitment_words(VolumeCommitment(per=Tenor(years=1), quantity=Decimal(500), unit="seats")).fr
    'ils achètent au moins 500 seats par période de 1 an'
    """
    who, least = _BUYER[clause.by], Wording(str(clause.amount), str(clause.amount))
    if clause.quantity is not None:
        number = shown_number(clause.quantity)
        least = Wording(f"{number} {clause.unit or 'units'}", f"{number} {clause.unit or 'unités'}")
    cited = _cited(clause.citation)
    return Wording(
        f"{who.en} at least {least.en} per {clause.per.words}{cited}",
        f"{who.fr} au moins {least.fr} par période de {clause.per.said('fr')}{cited}",
    )


def restriction_words(clause: Restriction) -> Wording:
    """What the restriction is, whom it binds, where, for what, and within which bounds.

    >>> from clmcrm.clm.clauses import RestrictionKind
    >>> restriction_words(Restriction(kind=RestrictionKind.EXCLUSIVITY, territories=("FR",), citation="art. 4")).en
    'exclusivity binds us in FR (art. 4)'
    """
    kind, who = value_words(clause.kind), _BOUND[clause.binds]
    places, products = ", ".join(clause.territories), ", ".join(clause.products)
    bounds_en, bounds_fr = _bounds(clause)
    return Wording(
        f"{kind.en} {who.en}"
        + (f" in {places}" if places else "")
        + (f" for {products}" if products else "")
        + bounds_en
        + _cited(clause.citation),
        f"{kind.fr}, {who.fr}"
        + (f", territoires : {places}" if places else "")
        + (f", produits : {products}" if products else "")
        + bounds_fr
        + _cited(clause.citation),
    )


def _bounds(clause: Restriction) -> tuple[str, str]:
    en, fr = "", ""
    for bound, least, moins in ((clause.minimum, "at least", "au moins"), (clause.maximum, "at most", "au plus")):
        if bound is not None:
            en += f", {least} {shown_number(bound)} {clause.unit or 'units'}"
            fr += f", {moins} {shown_number(bound)} {clause.unit or 'unités'}"
    if en and clause.per is not None:
        return f"{en} per {clause.per.words}", f"{fr} par période de {clause.per.said('fr')}"
    return en, fr


def _tier_words(tier: PriceTier) -> Wording:
    price, comma = tier.price, _comma(tier.price)
    if tier.up_to is None:
        return Wording(f"{price} beyond", f"{comma} au-delà")
    return Wording(f"{price} up to {tier.up_to}", f"{comma} jusqu'à {tier.up_to}")


def _comma(price: UnitPrice | None) -> str:
    return str(price).replace(".", ",")


def _cited(citation: str) -> str:
    return f" ({citation})" if citation else ""
