"""Approvals of moves in a pipeline: who let which sale enter which stage, and for which amount.

The rule of the file: an approval holds for the amount it was given for. A sale that changed since must be
approved again, and nobody approves their own sale.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import field, frozen

from clmcrm.crm.opportunity import Opportunity
from clmcrm.values.ids import OpportunityId, StageId, UserId
from clmcrm.values.money import Money
from clmcrm.values.record import Record
from clmcrm.values.validators import instance, instant, maybe, text


@frozen(kw_only=True)
class StageApproval(Record):
    """`by`, in the `role`, let `opportunity` enter `stage` at `at`, with the `amount` it then had.

    `amount` None is a sale that stated none.
    """

    opportunity: OpportunityId = field(validator=text)
    stage: StageId = field(validator=text)
    role: str = field(validator=text)
    by: UserId = field(validator=text)
    at: datetime = field(validator=instant)
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))


def why_not_approved(
    opportunity: Opportunity, stage: StageId, role: str, approvals: Iterable[StageApproval]
) -> str | None:
    """Why the sale lacks the approval of `role` for `stage`, in words; None when it has one that holds.

    >>> sale = Opportunity(id=OpportunityId("o"), name="S")
    >>> why_not_approved(sale, StageId("won"), "sales director", [])
    'needs the approval of sales director'
    """
    about = [a for a in approvals if (a.opportunity, a.stage, a.role) == (opportunity.id, stage, role)]
    if not about:
        return f"needs the approval of {role}"
    others = [a for a in about if a.by != opportunity.owner]
    if not others:
        return f"is approved by its owner {opportunity.owner}; {role} must be somebody else"
    if all(a.amount != opportunity.amount for a in others):
        given = ", ".join(sorted({str(a.amount) for a in others}))
        return f"was approved by {role} for {given} and is now {opportunity.amount}"
    return None
