"""How much a salesperson may take off a price without asking: the house's own rule, as data.

The rule of the file: where no authority speaks of a line, nothing is said about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from clmcrm.bridge.findings import Finding, finding, percent
from clmcrm.bridge.offers import Offer, OfferLine
from clmcrm.bridge.price_rules import discount_given
from clmcrm.values.ids import ProductId, UserId
from clmcrm.values.problems import Severity
from clmcrm.values.span import Span
from clmcrm.values.tiers import PriceModel
from clmcrm.values.validators import each, instance, maybe, share, text
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class DiscountAuthority:
    """`holder` may take at most `most` (a share) off the list price of `products`.

    `holder` None speaks of everyone, no products of all of them; what names the holder goes before what
    speaks of everyone, then what names the product, and of equals the greatest counts. `asks` is who may
    grant more (empty: not said), `citation` where the rule stands. `valid` None: always.
    """

    most: Decimal = field(validator=share)
    holder: UserId | None = field(default=None, validator=maybe(text))
    products: tuple[ProductId, ...] = field(default=(), validator=each(text))
    asks: str = ""
    citation: str = ""
    valid: Span | None = field(default=None, validator=maybe(instance(Span)))


def beyond_authority(offer: Offer, authorities: Iterable[DiscountAuthority], day: date) -> Iterator[Finding]:
    """Lines with a discount above what the offer's owner may grant on `day`, off the list price where known."""
    applying = [
        a for a in authorities if a.holder in (None, offer.owner) and (a.valid is None or day in a.valid)
    ]  # fmt: skip
    if not applying:
        return
    for line in offer.lines:
        given = _off_list(line)
        if not given:
            continue
        rule = max((a for a in applying if not a.products or line.product in a.products), key=_rank, default=None)
        if rule is not None and given > rule.most:
            yield _beyond(offer, line, given, rule)


def _rank(authority: DiscountAuthority) -> tuple[bool, bool, Decimal]:
    return (authority.holder is not None, bool(authority.products), authority.most)


def _off_list(line: OfferLine) -> Decimal | Fraction:
    """The share taken off the list price, or off the line's own price where no list price is stated."""
    listed = line.list_price
    if listed is None or line.net is None or not listed.amount or listed.currency.code != line.currency:
        return discount_given(line)
    # A flat price is listed for all units together; `net` is what one of them costs.
    units = Fraction(line.quantity) if line.model is PriceModel.FLAT else 1
    return max(1 - Fraction(line.net) * units / Fraction(listed.amount), Fraction(0))


def _beyond(offer: Offer, line: OfferLine, given: Decimal | Fraction, rule: DiscountAuthority) -> Finding:
    most, said = percent(rule.most), percent(given)
    named = line.product or line.id
    asks = rule.asks or "a superior"
    french = rule.asks or "la hiérarchie"
    return finding(
        offer, None, rule.citation,
        (
            Wording(f"discount on {named}", f"remise sur {named}"), said,
            Wording(f"at most {most.en}", f"au plus {most.fr}"),
        ),
        (
            Wording("the discount is above what its owner may grant",
                    "la remise dépasse ce que son auteur peut accorder"),
            Wording(f"Lower the discount, or have it approved by {asks}.",
                    f"Réduire la remise, ou la faire approuver par {french}."),
        ),
        severity=Severity.WARNING,
    )  # fmt: skip
