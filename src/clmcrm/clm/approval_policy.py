"""Who has to approve a contract before it goes out: a policy as data, and what it asks of one contract.

The rules of the file:

- A rule asks for its step when each condition that it states holds. A condition that cannot be told (a value in
  another currency without a rate, a risk nobody assessed) counts as met, and the answer says so: what cannot be
  compared is not waved through.
- All rules are tried. Two rules that ask for the same step ask for it once, with both reasons.
- A role that the contract itself names is asked for too, unless a rule's step requires it already.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

import attrs
from attrs import field, frozen

from clmcrm.clm.approval_steps import ApprovalStep, Approver, People
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.playbook import Deviation
from clmcrm.errors import InvalidRecord, RateMissing
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.days import check_days
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable
from clmcrm.values.record import Record
from clmcrm.values.sets import set_of
from clmcrm.values.validators import each, instance, maybe, member, share, text
from clmcrm.values.wording import Wording


class Risk(StrEnum):
    """How risky somebody judged a contract to be, from the lowest."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


_GRADES: Final = tuple(Risk)


@frozen(kw_only=True)
class ApprovalRule:
    """`step` is asked for, because of `why`, when every stated condition holds; None is not looked at.

    `above` is compared with the contract's total value, in the rule's currency; `currencies` with the currency
    of that value; `discount_above` with the largest share taken off a line, what is taken off in money included.
    `deviates_on` names topics of the playbook (empty: any topic), `risk_from` the lowest risk, `places` the law
    that governs ("US" takes in "US-NY").
    """

    step: ApprovalStep = field(validator=instance(ApprovalStep))
    why: Wording | str = field(validator=instance(Wording, str))
    kinds: frozenset[ContractKind] | None = field(default=None, validator=maybe(set_of(member(ContractKind))))
    above: Money | None = field(default=None, validator=maybe(instance(Money)))
    currencies: frozenset[Currency] | None = field(default=None, validator=maybe(set_of(instance(Currency))))
    discount_above: Decimal | None = field(default=None, validator=maybe(share))
    deviates_on: frozenset[str] | None = field(default=None, validator=maybe(set_of(text)))
    risk_from: Risk | None = field(default=None, validator=maybe(member(Risk)))
    places: frozenset[str] | None = field(default=None, validator=maybe(set_of(text)))

    @property
    def reason(self) -> Wording:
        """Why, in both languages where it was worded in both."""
        return self.why if isinstance(self.why, Wording) else Wording(self.why or "-", self.why or "-")


@frozen(kw_only=True)
class ApprovalPolicy(Record):
    """The rules of a house and the register of those who may approve.

    Raises `InvalidRecord` for two rules with different steps of one name, and for an account of two people.
    """

    name: str = field(validator=text)
    rules: tuple[ApprovalRule, ...] = field(default=(), validator=each(instance(ApprovalRule)))
    approvers: tuple[Approver, ...] = field(default=(), validator=each(instance(Approver)))

    def __attrs_post_init__(self) -> None:
        _ = People(self.approvers)
        steps: dict[str, ApprovalStep] = {}
        for rule in self.rules:
            if steps.setdefault(rule.step.name, rule.step) != rule.step:
                one = f"one step of the name {rule.step.name}"
                raise InvalidRecord(f"ApprovalPolicy {self.name}", "rules", rule.step.name, one)


@frozen(kw_only=True)
class ApprovalFacts:
    """What a policy has to know besides the contract: exchange rates, deviations from the playbook, the risk.

    None means that it was not looked into; a rule that needs it then counts as met.
    """

    rates: RateTable | None = None
    deviations: tuple[Deviation, ...] | None = None
    risk: Risk | None = None


NO_FACTS: Final = ApprovalFacts()
"""Nothing was looked into."""


@frozen(kw_only=True)
class ApprovalNeeded:
    """A step that is asked for, and each reason; `unknown` are the reasons that it could not be told."""

    step: ApprovalStep
    reasons: tuple[Wording, ...]
    unknown: tuple[str, ...] = ()


def approvals_needed(
    contract: Contract, policy: ApprovalPolicy | Iterable[ApprovalRule], as_of: date, facts: ApprovalFacts = NO_FACTS
) -> tuple[ApprovalNeeded, ...]:
    """The steps that a policy asks for `contract` as it stands, by order and then as the policy lists them.

    `as_of` is the day whose exchange rates count. Empty when no rule asks for anything, and neither does the
    contract. Raises `InvalidRecord` for two rules with different steps of one name.

    >>> from clmcrm.values.ids import ContractId
    >>> rule = ApprovalRule(
    ...     step=ApprovalStep(name="finance", roles=("finance",)), why="above 50 000 EUR", above=Money(50000, "EUR"))
    >>> deal = Contract(id=ContractId("C"), title="t", kind=ContractKind.SALES, total_value=Money(60000, "USD"))
    >>> approvals_needed(deal, [rule], date(2026, 1, 5))[0].unknown
    ('no rate from USD to EUR on or before 2026-01-05; add one to the rate table',)
    """
    check_days("approvals_needed", as_of=as_of)
    house = policy if isinstance(policy, ApprovalPolicy) else ApprovalPolicy(name="of these rules", rules=tuple(policy))
    found: dict[str, ApprovalNeeded] = {}
    for rule in house.rules:
        answers = tuple(_answers(rule, contract, as_of, facts))
        if False in answers:
            continue
        unknown = tuple(answer.reason for answer in answers if isinstance(answer, Unknown))
        before = found.get(rule.step.name) or ApprovalNeeded(step=rule.step, reasons=())
        found[rule.step.name] = attrs.evolve(
            before, reasons=(*before.reasons, rule.reason), unknown=tuple(dict.fromkeys((*before.unknown, *unknown)))
        )
    asked = [*found.values(), *_named_by_contract(contract, found)]
    return tuple(sorted(asked, key=lambda one: one.step.order))


def _named_by_contract(contract: Contract, found: dict[str, ApprovalNeeded]) -> Iterable[ApprovalNeeded]:
    why = Wording("the contract itself asks for it", "le contrat lui-même le demande")
    for role in dict.fromkeys(contract.approvals_needed):
        if not any(one.step.requires(role) for one in found.values()):
            name = role if role not in found else f"{role} (contract)"
            yield ApprovalNeeded(step=ApprovalStep(name=name, roles=(role,)), reasons=(why,))


def _answers(rule: ApprovalRule, contract: Contract, as_of: date, facts: ApprovalFacts) -> Iterable[bool | Unknown]:
    """Whether each condition that the rule states holds."""
    if rule.kinds is not None:
        yield contract.kind in rule.kinds
    if rule.places is not None:
        place = contract.governing_place
        yield Unknown("the contract states no governing law") if place is None else _in_place(place, rule.places)
    if rule.currencies is not None:
        yield _in_currency(contract.total_value, rule.currencies)
    if rule.above is not None:
        yield _exceeds(contract.total_value, rule.above, as_of, facts.rates)
    if rule.discount_above is not None:
        yield _discounted(contract.lines, rule.discount_above)
    if rule.deviates_on is not None:
        yield _deviates(facts.deviations, rule.deviates_on)
    if rule.risk_from is not None:
        risk = facts.risk
        unassessed = Unknown("nobody has assessed the risk")
        yield unassessed if risk is None else _GRADES.index(risk) >= _GRADES.index(rule.risk_from)


def _in_place(place: str, places: Iterable[str]) -> bool:
    """Whether a place is one of `places` or a subdivision of one; a code is the same in small letters."""
    code = place.strip().casefold()
    return not {each.strip().casefold() for each in places}.isdisjoint((code, code.partition("-")[0]))


def _in_currency(value: Money | None, currencies: frozenset[Currency]) -> bool | Unknown:
    return Unknown("the contract states no total value") if value is None else currency(value.currency) in currencies


def _exceeds(value: Money | None, limit: Money, on: date, rates: RateTable | None) -> bool | Unknown:
    if value is None:
        return Unknown("the contract states no total value")
    if value.currency == limit.currency:
        return value > limit
    try:
        return (rates or RateTable(())).convert(value, limit.currency, on).money > limit
    except RateMissing as missing:
        return Unknown(str(missing))


def _discounted(lines: Iterable[ContractLine], limit: Decimal) -> bool | Unknown:
    discounts = [_discount(line) for line in lines]
    if any(isinstance(taken, Fraction) and taken > limit for taken in discounts):
        return True
    return next((taken for taken in discounts if isinstance(taken, Unknown)), False)


def _discount(line: ContractLine) -> Fraction | Unknown:
    """The share of the price that is taken off in all, as a share and in money."""
    taken, gross = line.discount_amount, Fraction(line.price.amount) * Fraction(line.quantity)
    if taken is None or not taken.amount:
        return Fraction(line.discount)
    if not gross:
        return Unknown(f"line {line.id} takes {taken} off a price of nothing: no share tells how much that is")
    return Fraction(line.discount) + Fraction(taken.amount) / gross


def _deviates(deviations: tuple[Deviation, ...] | None, topics: frozenset[str]) -> bool | Unknown:
    if deviations is None:
        return Unknown("the contract was not compared with the playbook")
    return any(not topics or deviation.topic in topics for deviation in deviations)
