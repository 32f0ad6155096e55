"""What an offer's prices contradict of the prices agreed with the same account: units, tiers, floors, validity.

The rule of the file: what counts is what the customer would pay. A higher price with a discount that brings
it to the agreed one contradicts nothing. Where the offered service begins later, the price agreed for that day counts,
if there is one; else the price in force on the day of the check.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from clmcrm.bridge.charged_lines import charged_for, paid_per_unit
from clmcrm.bridge.findings import Finding, finding, percent, same, shown_number
from clmcrm.bridge.offers import Offer, OfferLine
from clmcrm.clm.contract import Contract
from clmcrm.clm.price_clauses import PriceClause, PriceRevisionClause, TieredPriceClause
from clmcrm.clm.prices.indexation import revision_days
from clmcrm.values.exact import exact_money, sum_of
from clmcrm.values.partial import known
from clmcrm.values.problems import Severity
from clmcrm.values.tiers import PriceTier
from clmcrm.values.wording import Wording

_AMEND = Wording(
    "Use the agreed price, or amend the contract first.",
    "Appliquer le prix convenu, ou conclure d'abord un avenant.",
)


def unit_price(
    offer: Offer, contract: Contract, clause: PriceClause, lines: Sequence[OfferLine], day: date
) -> Iterator[Finding]:
    """Lines of the clause's product against its price, floor, greatest discount and validity."""
    for line in lines:
        counted = _priced_on(offer, contract, clause, line, day)
        if clause.valid is not None and counted not in clause.valid:
            yield from _lapsed(offer, contract, clause, line, counted)
            continue
        if line.currency is not None and line.currency != clause.price.currency.code:
            yield _currency(offer, contract, clause.citation, line, same(clause.price))
            continue
        yield from _price(offer, contract, clause, line)
        yield from _floor(offer, contract, clause, line)
        yield from _discount(offer, contract, clause, line)
        yield from _validity(offer, contract, clause, line)


def tiered_price(
    offer: Offer, contract: Contract, clause: TieredPriceClause, lines: Sequence[OfferLine], day: date
) -> Iterator[Finding]:
    """Lines of the clause's product against its tiers: at the offered quantity and at every bound of both."""
    for line in lines:
        if clause.valid is not None and _priced_on(offer, contract, clause, line, day) not in clause.valid:
            continue
        unit = clause.tiers[0].price.currency
        if line.currency is not None and line.currency != unit.code:
            yield _currency(offer, contract, clause.citation, line, same(clause.tiers[0].price))
            continue
        last = clause.tiers[-1].up_to
        if last is not None and line.quantity > last:
            yield finding(
                offer, contract, clause.citation,
                (
                    _quantity_of(line),
                    same(line.quantity),
                    Wording(f"a price for at most {last}", f"un prix jusqu'à {last}"),
                ),
                (
                    Wording("no price is agreed for so many", "aucun prix n'est convenu pour cette quantité"),
                    Wording("Agree on a further tier first.", "Convenir d'abord d'une tranche supplémentaire."),
                ),
                severity=Severity.WARNING,
            )  # fmt: skip
            continue
        for quantity in _quantities(line, clause.tiers):
            offered, agreed = _net_at(line, quantity), Fraction(clause.amount(quantity).amount)
            if offered is not None and exact_money(offered, unit).amount != agreed:
                yield finding(
                    offer, contract, clause.citation,
                    (
                        Wording(f"price of {quantity} {line.product}", f"prix de {quantity} {line.product}"),
                        same(exact_money(offered, unit)),
                        same(clause.amount(quantity)),
                    ),
                    (_above_or_below(offered > agreed), _AMEND),
                )  # fmt: skip
                break


def price_hold(offer: Offer, contract: Contract, clause: PriceRevisionClause, day: date) -> Iterator[Finding]:
    """A promise that prices hold beyond the next day on which the contract revises them.

    That is the next one after the offered start, or after `day` where the offer states none.
    """
    until = offer.promise.prices_hold_until
    first = clause.anchor_on or known(contract.effective_on)
    if until is None or first is None:
        return
    starts = offer.starts_on or day
    revised = next((one for one in revision_days(clause, first, until) if one > starts), None)
    if revised is not None:
        yield finding(
            offer, contract, clause.citation,
            (
                Wording("prices hold until", "prix fermes jusqu'au"), same(until),
                Wording(f"revised on {revised}", f"révisés le {revised}"),
            ),
            (
                Wording("prices are promised beyond their next revision",
                        "les prix sont promis au-delà de leur prochaine révision"),
                Wording("Promise them up to the revision, or waive it in an amendment.",
                        "Les promettre jusqu'à la révision, ou y renoncer par avenant."),
            ),
        )  # fmt: skip


def held_price(
    offer: Offer, contract: Contract, citation: str, lines: Sequence[OfferLine], day: date
) -> Iterator[Finding]:
    """A price above what the contract's own lines charge, where a clause forbids raising prices.

    What is charged when the offered service begins counts, else what is charged on `day`.
    """
    for line in lines:
        if line.product is None or line.net is None:
            continue
        days = [one for one in (line.first_day or offer.starts_on, day) if one is not None]
        charged = charged_for(contract.lines, line.product, days)
        paid = [paid_per_unit(own, line.every) for own in charged if own.price.currency.code == line.currency]
        most = max((one for one in paid if one is not None), default=None)
        if most is not None and Fraction(line.net) > most:
            yield finding(
                offer, contract, citation,
                (_price_of(line), _net(line), same(f"{shown_number(most)} {line.currency}")),
                (
                    Wording("the price is raised though the contract holds it",
                            "le prix augmente alors que le contrat le bloque"),
                    Wording("Keep the price in force.", "Conserver le prix en vigueur."),
                ),
            )  # fmt: skip


def _lapsed(offer: Offer, contract: Contract, clause: PriceClause, line: OfferLine, day: date) -> Iterator[Finding]:
    valid = clause.valid
    if valid is None or valid.last_day is None or valid.last_day >= day or line.price != clause.price:
        return
    if _agreed_on(contract, clause, day):
        return  # what is agreed now is held against the offer by its own clause
    yield finding(
        offer, contract, clause.citation,
        (
            _price_of(line), same(line.price),
            Wording(f"{clause.price} until {valid.last_day}", f"{clause.price} jusqu'au {valid.last_day}"),
        ),
        (
            Wording("the agreed price is no longer valid", "le prix convenu n'est plus valable"),
            Wording("Use a current price or have the clause extended.",
                    "Appliquer un prix en cours ou faire prolonger la clause."),
        ),
    )  # fmt: skip


def _currency(offer: Offer, contract: Contract, citation: str, line: OfferLine, agreed: Wording) -> Finding:
    offered = same(line.price if line.price is not None else line.currency)
    return finding(
        offer, contract, citation, (_price_of(line), offered, agreed),
        (
            Wording("the currency is not the agreed one", "la devise n'est pas celle convenue"),
            Wording("Quote in the contract's currency.", "Établir l'offre dans la devise du contrat."),
        ),
    )  # fmt: skip


def _price(offer: Offer, contract: Contract, clause: PriceClause, line: OfferLine) -> Iterator[Finding]:
    agreed = clause.price.amount
    if line.gross is None or line.net is None or agreed in (line.gross, line.net):
        return
    # With a discount, what is left of the price is what the customer would pay.
    offered = _gross(line) if line.net == line.gross else _net(line)
    yield finding(
        offer, contract, clause.citation, (_price_of(line), offered, same(clause.price)),
        (_above_or_below(line.net > agreed), _AMEND),
    )  # fmt: skip


def _floor(offer: Offer, contract: Contract, clause: PriceClause, line: OfferLine) -> Iterator[Finding]:
    if clause.floor is None or line.net is None or line.net >= clause.floor.amount:
        return
    yield finding(
        offer, contract, clause.citation, (_price_of(line), _net(line), same(clause.floor)),
        (
            Wording("the price after discount is under the agreed floor",
                    "le prix après remise est inférieur au plancher convenu"),
            Wording("Lower the discount.", "Réduire la remise."),
        ),
    )  # fmt: skip


def _discount(offer: Offer, contract: Contract, clause: PriceClause, line: OfferLine) -> Iterator[Finding]:
    most, given = clause.max_discount, discount_given(line)
    if most is None or given <= most or line.net == clause.price.amount:
        return
    yield finding(
        offer, contract, clause.citation,
        (
            Wording(f"discount on {line.product}", f"remise sur {line.product}"),
            percent(given),
            Wording(f"at most {percent(most).en}", f"au plus {percent(most).fr}"),
        ),
        (
            Wording("the discount is above the agreed one", "la remise dépasse celle convenue"),
            Wording("Lower the discount, or amend the contract first.",
                    "Réduire la remise, ou conclure d'abord un avenant."),
        ),
    )  # fmt: skip


def _validity(offer: Offer, contract: Contract, clause: PriceClause, line: OfferLine) -> Iterator[Finding]:
    """An offer that may be accepted, or a service that begins, after the agreed price has ended."""
    last = None if clause.valid is None else clause.valid.last_day
    days = [day for day in (offer.open_until, line.first_day or offer.starts_on) if day is not None]
    days += [offer.promise.prices_hold_until] if offer.promise.prices_hold_until else []
    if last is None or not days or max(days) <= last:
        return
    if any(isinstance(c, PriceClause) and c.price == clause.price for c in _agreed_on(contract, clause, max(days))):
        return
    yield finding(
        offer, contract, clause.citation,
        (
            _price_of(line),
            Wording(f"{line.price} up to {max(days)}", f"{line.price} jusqu'au {max(days)}"),
            Wording(f"{clause.price} until {last}", f"{clause.price} jusqu'au {last}"),
        ),
        (
            Wording("the offer reaches beyond the days the agreed price holds",
                    "l'offre va au-delà de la période de validité du prix convenu"),
            Wording("Let the offer end earlier, or have the clause extended.",
                    "Écourter l'offre, ou faire prolonger la clause."),
        ),
        severity=Severity.WARNING,
    )  # fmt: skip


def _priced_on(
    offer: Offer, contract: Contract, clause: PriceClause | TieredPriceClause, line: OfferLine, day: date
) -> date:
    """The day whose agreed price counts for the line."""
    starts = line.first_day or offer.starts_on
    return day if starts is None or starts <= day or not _agreed_on(contract, clause, starts) else starts


def _agreed_on(
    contract: Contract, clause: PriceClause | TieredPriceClause, day: date
) -> list[PriceClause | TieredPriceClause]:
    """The contract's prices for the clause's product that hold on `day`."""
    priced = [c for c in contract.clauses if isinstance(c, PriceClause | TieredPriceClause)]
    return [c for c in priced if c.product == clause.product and (c.valid is None or day in c.valid)]


def discount_given(line: OfferLine) -> Decimal | Fraction:
    """The share of the price that is taken off in all, 0 without a price.

    A line whose only discount is a share gives just that share.
    """
    if isinstance(line.net, Decimal) or line.gross is None or line.net is None or not line.gross:
        return line.discount
    return 1 - Fraction(line.net) / Fraction(line.gross)


def _quantities(line: OfferLine, tiers: Sequence[PriceTier]) -> list[Decimal]:
    bounds = {tier.up_to for tier in (*tiers, *line.tiers) if tier.up_to is not None}
    last = tiers[-1].up_to
    further = {sum_of([bound, Decimal(1)]) for bound in bounds}
    asked = (bounds | further) if line.tiers else set[Decimal]()
    return [line.quantity, *sorted(q for q in asked - {line.quantity} if last is None or q <= last)]


def _net_at(line: OfferLine, quantity: Decimal) -> Fraction | None:
    """What `quantity` would cost after the line's discounts."""
    if quantity == line.quantity:
        return None if line.net is None else Fraction(line.net) * Fraction(quantity)
    whole = line.amount(quantity)
    return None if whole is None else whole * (1 - Fraction(line.discount))


def _above_or_below(above: bool) -> Wording:  # noqa: FBT001 - one of two sentences
    if above:
        return Wording("the price is above the agreed one", "le prix est supérieur à celui convenu")
    return Wording("the price is below the agreed one", "le prix est inférieur à celui convenu")


def _price_of(line: OfferLine) -> Wording:
    return Wording(f"price of {line.product}", f"prix de {line.product}")


def _quantity_of(line: OfferLine) -> Wording:
    return Wording(f"quantity of {line.product}", f"quantité de {line.product}")


def _gross(line: OfferLine) -> Wording:
    return same(
        line.price if isinstance(line.gross, Decimal) else f"{shown_number(line.gross or Fraction(0))} {line.currency}"
    )


def _net(line: OfferLine) -> Wording:
    number = shown_number(line.net) if line.net is not None else ""
    return Wording(f"{number} {line.currency} net", f"{number} {line.currency} net")
