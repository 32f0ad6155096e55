"""Who has to approve a contract before it goes out, and why: policies as data.

A rule asks for a role's approval when its condition holds. Rules are tried all; every role asked for must
approve, and each says which rule asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attrs import field, frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind
from clmcrm.values.money import Money
from clmcrm.values.validators import instance, maybe, share, text


@frozen(kw_only=True)
class ApprovalRule:
    """`role` must approve when every stated condition holds; a condition that is None is not looked at.

    `above` compares with the contract's total value in the same currency only; `discount_above` with the
    largest discount of a line.
    """

    role: str = field(validator=text)
    why: str = field(validator=text)
    kinds: frozenset[ContractKind] | None = None
    above: Money | None = field(default=None, validator=maybe(instance(Money)))
    discount_above: Decimal | None = field(default=None, validator=maybe(share))
    places: frozenset[str] | None = None


@frozen(kw_only=True)
class ApprovalNeeded:
    """A role that must approve, and the reason of the rule that asks for it."""

    role: str
    why: str


def approvals_needed(contract: Contract, policy: Iterable[ApprovalRule]) -> tuple[ApprovalNeeded, ...]:
    """Who would have to approve this contract as it stands, and why; each role once, in the policy's order.

    A value in another currency than the rule's, or none at all, asks for the approval: what cannot be
    compared is not waved through.
    """
    needed: dict[str, ApprovalNeeded] = {}
    for rule in policy:
        if rule.role not in needed and _applies(rule, contract):
            needed[rule.role] = ApprovalNeeded(role=rule.role, why=rule.why)
    return tuple(needed.values())


def _applies(rule: ApprovalRule, contract: Contract) -> bool:
    return (
        (rule.kinds is None or contract.kind in rule.kinds)
        and (rule.places is None or contract.governing_place in rule.places)
        and (rule.above is None or _exceeds(contract.total_value, rule.above))
        and (rule.discount_above is None or _largest_discount(contract) > rule.discount_above)
    )


def _exceeds(value: Money | None, limit: Money) -> bool:
    return value is None or value.currency != limit.currency or value > limit


def _largest_discount(contract: Contract) -> Decimal:
    return max((line.discount for line in contract.lines), default=Decimal(0))
