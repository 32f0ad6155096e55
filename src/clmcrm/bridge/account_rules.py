"""What an offer contradicts of the clauses agreed with the same account, prices apart.

Payment, territory, restricted products, volumes and liability; the term and the frame are in
`clmcrm.bridge.term_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from clmcrm.bridge.findings import Finding, finding, same, shown_number
from clmcrm.bridge.offers import Offer, OfferLine
from clmcrm.clm.clauses import LiabilityCap, PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import Party
from clmcrm.clm.price_clauses import VolumeCommitment
from clmcrm.clm.prices.in_force import yearly_of
from clmcrm.values.money import Money
from clmcrm.values.problems import Severity
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording
from clmcrm.values.yearly import years_in

_MONTH_LASTS: Final = (28, 31)  # days, at least and at most
_TO_MONTH_END: Final = 30  # days, from the first of a month to its end, at most


def payment(offer: Offer, contract: Contract, clause: PaymentClause) -> Iterator[Finding]:
    """Other payment terms than the agreed ones; those that may last as long as the agreed ones are a warning.

    Months last their fewest to their most days. What is agreed to run on to the end of a month lasts up to 30 days
    more, and a length of time never says the same.
    """
    within = offer.payment_within
    if within is None:
        return
    least, most = (n * within.whole_months + within.loose_days for n in _MONTH_LASTS)
    if least == most == clause.days and not clause.end_of_month:
        return
    unsure = least <= clause.days + (_TO_MONTH_END if clause.end_of_month else 0) and clause.days <= most
    differ = Wording("the payment terms are not the agreed ones", "le délai de paiement n'est pas celui convenu")
    doubtful = Wording("the payment terms may not be the agreed ones",
                       "le délai de paiement peut différer de celui convenu")  # fmt: skip
    yield finding(
        offer, contract, clause.citation,
        (
            Wording("payment terms", "délai de paiement"),
            Wording(within.words, within.said("fr")) if within.whole_months else _days(within.loose_days),
            _payable(clause),
        ),
        (
            doubtful if unsure else differ,
            Wording("Use the agreed terms, or amend the contract first.",
                    "Appliquer le délai convenu, ou conclure d'abord un avenant."),
        ),
        severity=Severity.WARNING if unsure else Severity.ERROR,
    )  # fmt: skip


def restricted_product(
    offer: Offer, contract: Contract, clause: Restriction, lines: Sequence[OfferLine]
) -> Iterator[Finding]:
    """Lines of products that this account's contract excludes."""
    if outside(offer, clause):
        return
    unsure = place_unknown(offer, clause)
    lift = Wording("Take the line out, or have the restriction lifted.",
                   "Retirer la ligne, ou faire lever la restriction.")  # fmt: skip
    for line in lines:
        yield finding(
            offer, contract, clause.citation,
            (Wording("product", "produit"), same(line.product or line.id),
             Wording("may not be supplied", "ne peut être fourni")),
            (
                Wording("the product is restricted", "le produit fait l'objet d'une restriction"),
                FIND_OUT if unsure else lift,
            ),
            severity=Severity.WARNING if unsure else Severity.ERROR,
        )  # fmt: skip


def restricted_volume(
    offer: Offer, contract: Contract, clause: Restriction, lines: Sequence[OfferLine]
) -> Iterator[Finding]:
    """A quantity outside the bounds of a clause; where it has none in numbers, somebody has to read it.

    The lines count together, per order or in each period of the clause. What is already bought under the contract
    is not known here, so an addition is held to the maximum alone.
    """
    if outside(offer, clause):
        return
    if clause.minimum is not None or clause.maximum is not None:
        yield from _beyond_bounds(offer, contract, clause, lines)
        return
    for line in lines:
        yield finding(
            offer, contract, clause.citation,
            (
                Wording(f"quantity of {line.product or line.id}", f"quantité de {line.product or line.id}"),
                same(line.quantity), Wording("a restriction of volume", "une restriction de volume"),
            ),
            (
                Wording("a restriction of volume applies", "une restriction de volume s'applique"),
                Wording("Read the clause before promising the quantity.",
                        "Lire la clause avant de promettre la quantité."),
            ),
            severity=Severity.NOTE,
        )  # fmt: skip


_WITHIN_BOUNDS: Final = Wording(
    "Offer a quantity within the bounds, or have the restriction lifted.",
    "Offrir une quantité dans les limites, ou faire lever la restriction.",
)


def _beyond_bounds(
    offer: Offer, contract: Contract, clause: Restriction, lines: Sequence[OfferLine]
) -> Iterator[Finding]:
    counted = sum((_quantity(line, clause.per) for line in lines), Fraction(0))
    least = None if offer.adds else clause.minimum
    low = least is not None and counted < least
    if not low and (clause.maximum is None or counted <= clause.maximum):
        return
    bound = clause.minimum if low else clause.maximum
    unsure = place_unknown(offer, clause)
    what, french = clause.unit or "units", clause.unit or "unités"
    about = ", ".join(clause.products or dict.fromkeys(line.product or line.id for line in lines))
    per = clause.per
    yield finding(
        offer, contract, clause.citation,
        (
            Wording(f"quantity of {about}" + ("" if per is None else f" per {per.said('en')}"),
                    f"quantité de {about}" + ("" if per is None else f" par période ({per.said('fr')})")),
            Wording(f"{shown_number(counted)} {what}", f"{shown_number(counted)} {french}"),
            Wording(f"at {'least' if low else 'most'} {bound} {what}",
                    f"au {'moins' if low else 'plus'} {bound} {french}"),
        ),
        (
            Wording("the quantity is below the agreed minimum", "la quantité est inférieure au minimum convenu")
            if low
            else Wording("the quantity is above the agreed maximum", "la quantité est supérieure au maximum convenu"),
            FIND_OUT if unsure else _WITHIN_BOUNDS,
        ),
        severity=Severity.WARNING if unsure else Severity.ERROR,
    )  # fmt: skip


def _quantity(line: OfferLine, per: Tenor | None) -> Fraction:
    return Fraction(line.quantity) if per is None else _per_period(line, per, in_money=False)


def territory(offer: Offer, contract: Contract, clause: Restriction) -> Iterator[Finding]:
    """A delivery outside the territory the contract keeps us to, or to a country that is not known."""
    if not clause.territories or offer.country in clause.territories:
        return
    allowed = ", ".join(clause.territories)
    unsure = place_unknown(offer, clause)
    beyond = Wording("the country is outside the agreed territory", "le pays est hors du territoire convenu")
    doubtful = Wording("the country may be outside the agreed territory",
                       "le pays peut être hors du territoire convenu")  # fmt: skip
    yield finding(
        offer, contract, clause.citation,
        (
            Wording("country", "pays"),
            same(offer.country) if offer.country is not None else Wording("not known", "inconnu"),
            Wording(f"only {allowed}", f"seulement {allowed}"),
        ),
        (
            doubtful if unsure else beyond,
            FIND_OUT if unsure else Wording("Extend the territory first.", "Étendre d'abord le territoire."),
        ),
        severity=Severity.WARNING if unsure else Severity.ERROR,
    )  # fmt: skip


def commitment(
    offer: Offer, contract: Contract, clause: VolumeCommitment, lines: Sequence[OfferLine]
) -> Iterator[Finding]:
    """A replacement of the contract that buys less per period than the account has committed to."""
    if offer.replaces != contract.id or offer.adds or clause.by is Party.OWN or offer.became(contract):
        return
    unit = None if clause.amount is None else clause.amount.currency.code
    if unit is not None and any(line.currency not in (unit, None) for line in lines):
        return
    least = clause.quantity if clause.amount is None else clause.amount.amount
    offered = sum((_per_period(line, clause.per, in_money=unit is not None) for line in lines), Fraction(0))
    if least is None or offered >= least:
        return
    what = unit or clause.unit or "units"
    french = unit or clause.unit or "unités"
    yield finding(
        offer, contract, clause.citation,
        (
            Wording(f"volume per {clause.per.said('en')}", f"volume par période ({clause.per.said('fr')})"),
            Wording(f"{shown_number(offered)} {what}", f"{shown_number(offered)} {french}"),
            Wording(f"at least {least} {what}", f"au moins {least} {french}"),
        ),
        (
            Wording("the offered volume stays below the agreed minimum",
                    "le volume offert reste inférieur au minimum convenu"),
            Wording("Offer the committed volume, or release the commitment in an amendment.",
                    "Offrir le volume engagé, ou libérer l'engagement par avenant."),
        ),
        severity=Severity.WARNING,
    )  # fmt: skip


def liability(offer: Offer, contract: Contract, clause: LiabilityCap, day: date) -> Iterator[Finding]:
    """A promise to owe more than the agreed cap."""
    promised = offer.promise.liability
    if clause.of is Party.COUNTERPARTY or (promised is None and not offer.promise.unlimited):
        return
    cap = _cap(contract, clause, day)
    comparable = promised is None or (cap is not None and cap.currency == promised.currency)
    if comparable and promised is not None and cap is not None and promised <= cap:
        return
    unsure = not comparable
    agreed = _cap_words(clause, cap)
    offered = Wording("without limit", "sans limite") if promised is None else same(promised)
    certain = Wording(
        "more liability is promised than the agreed cap", "la responsabilité promise dépasse le plafond convenu"
    )
    doubtful = Wording("the promised liability cannot be compared with the agreed cap",
                       "la responsabilité promise ne peut être comparée au plafond convenu")  # fmt: skip
    yield finding(
        offer, contract, clause.citation, (Wording("liability", "responsabilité"), offered, agreed),
        (
            doubtful if unsure else certain,
            Wording("Keep to the cap; a higher one needs an amendment that legal approves.",
                    "S'en tenir au plafond ; un plafond supérieur exige un avenant approuvé par le juridique."),
        ),
        severity=Severity.WARNING if unsure else Severity.ERROR,
    )  # fmt: skip


def outside(offer: Offer, clause: Restriction) -> bool:
    """Whether the offer is known to go where the restriction does not reach."""
    return bool(clause.territories) and offer.country is not None and offer.country not in clause.territories


def place_unknown(offer: Offer, clause: Restriction) -> bool:
    """Whether the restriction is bound to places and it is not known where the offer goes."""
    return bool(clause.territories) and offer.country is None


FIND_OUT: Final = Wording("Find out the country first.", "Déterminer d'abord le pays.")
"""What to do where a clause is bound to places and the place is not known."""


ACCOUNT_KINDS: Final = frozenset(
    {RestrictionKind.TERRITORY, RestrictionKind.PRODUCT, RestrictionKind.VOLUME, RestrictionKind.PRICE}
)
"""The restrictions that an offer to the very account they were agreed with can contradict."""


def _per_period(line: OfferLine, per: Tenor, *, in_money: bool) -> Fraction:
    """What a line brings in one period: once, or as often as it recurs in it."""
    one = Fraction(line.quantity)
    if in_money:
        one = Fraction(0) if line.net is None else Fraction(line.net) * one
    return one if line.every is None else one * years_in(per) / years_in(line.every)


def _cap(contract: Contract, clause: LiabilityCap, day: date) -> Money | None:
    """The cap in money; None where it is a multiple of fees that are not known."""
    if clause.amount is not None:
        return clause.amount
    # The contract is read as amended already: amending it again would count the lines that were added twice.
    yearly = yearly_of(line for line in contract.lines if line.charged_on(day))
    if clause.multiple is None or len(yearly) != 1 or (clause.per is not None and years_in(clause.per) != 1):
        return None
    return yearly[0].times(clause.multiple)


def _cap_words(clause: LiabilityCap, cap: Money | None) -> Wording:
    if clause.amount is not None:
        return same(clause.amount)
    known = "" if cap is None else f" ({cap})"
    per = clause.per or Tenor(years=1)
    return Wording(
        f"{clause.multiple} times the fees of {per.said('en')}{known}",
        f"{clause.multiple} fois les redevances de {per.said('fr')}{known}",
    )


def _payable(clause: PaymentClause) -> Wording:
    days = _days(clause.days)
    return Wording(f"{days.en}, end of month", f"{days.fr}, fin de mois") if clause.end_of_month else days


def _days(days: int) -> Wording:
    return Wording(f"{days} days", f"{days} jours")
