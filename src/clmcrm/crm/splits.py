"""Who is credited with how much of a sale.

Revenue credits and what is left over always sum to the amount, to the cent; overlay credits stand on top
of it and are never added to it.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from clmcrm.crm.opportunity import Opportunity, SplitKind
from clmcrm.values.exact import less, product_in
from clmcrm.values.ids import UserId
from clmcrm.values.money import Money, shared_out
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import instance, member, text


@frozen(kw_only=True)
class Credit:
    """`owner` is credited with `amount`, inside the sale's amount (REVENUE) or on top of it (OVERLAY)."""

    owner: UserId = field(validator=text)
    amount: Money = field(validator=instance(Money))
    kind: SplitKind = field(validator=member(SplitKind))


@frozen(kw_only=True)
class CreditedAmounts:
    """The `credits` of a sale in the order of its splits, and what of its amount nobody is credited with."""

    credits: tuple[Credit, ...]
    uncredited: Money


def credited_amounts(opportunity: Opportunity) -> CreditedAmounts | Unknown:
    """The sale's amount shared out by its splits; unknown when it has no amount.

    Without revenue splits the owner is credited with all of it; without an owner nobody is.

    >>> from clmcrm.values.ids import OpportunityId
    >>> sale = Opportunity(id=OpportunityId("o"), name="S", owner=UserId("u"), amount=Money(9, "EUR"))
    >>> credited_amounts(sale).credits[0].amount
    Money('9.00', 'EUR')
    """
    amount = opportunity.amount
    if amount is None:
        return Unknown("the sale states no amount")
    splits = [(s.owner, s.portion) for s in opportunity.splits if s.kind is SplitKind.REVENUE]
    if not splits and opportunity.owner is not None:
        splits = [(opportunity.owner, Decimal(1))]
    rest = less(Decimal(1), *(portion for _, portion in splits))
    *parts, uncredited = shared_out(amount, [*(portion for _, portion in splits), rest])
    revenue = [
        Credit(owner=owner, amount=part, kind=SplitKind.REVENUE) for (owner, _), part in zip(splits, parts, strict=True)
    ]
    overlay = [
        Credit(
            owner=s.owner,
            amount=product_in(amount.amount, s.portion, amount.currency),
            kind=SplitKind.OVERLAY,
        )
        for s in opportunity.splits
        if s.kind is SplitKind.OVERLAY
    ]
    return CreditedAmounts(credits=(*revenue, *overlay), uncredited=uncredited)
