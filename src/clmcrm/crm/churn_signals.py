"""Signs that a customer may leave: conditions over what is known of it, each with its reason in words.

The rule of the file: a sign is a fact that can be looked up, not a prediction; what is not known is listed as
not known. `clmcrm.analytics.anticipation` weighs signs, this module only finds them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

from clmcrm.crm.customer_facts import CustomerFacts
from clmcrm.crm.segment import Comparison, Condition, Where, is_condition
from clmcrm.crm.segment_reasons import Verdict, explained
from clmcrm.values.validators import instance, text
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class ChurnRule:
    """A sign that the customer may leave holds when `condition` does; `key` names it, `said` says it."""

    key: str = field(validator=text)
    condition: Condition = field(validator=is_condition)
    said: Wording = field(validator=instance(Wording))


@frozen(kw_only=True)
class ChurnSignal:
    """A rule that holds for a customer, and the `verdict` with the facts behind it."""

    rule: ChurnRule
    verdict: Verdict


@frozen(kw_only=True)
class ChurnSignals:
    """The signals found, in the rules' order, and the rules that could not be decided."""

    found: tuple[ChurnSignal, ...]
    undecided: tuple[ChurnRule, ...]


USUAL_SIGNS: Final = (
    ChurnRule(
        key="silence",
        condition=Where("relationship.days_since_contact", Comparison.MORE, 90),
        said=Wording("nobody has spoken with them for more than 90 days", "aucun contact depuis plus de 90 jours"),
    ),
    ChurnRule(
        key="detractor",
        condition=Where("behaviour.nps", Comparison.LESS, 7),
        said=Wording("they would not recommend us", "ils ne nous recommanderaient pas"),
    ),
    ChurnRule(
        key="dissatisfied",
        condition=Where("behaviour.csat", Comparison.LESS, 3),
        said=Wording("they are not satisfied", "ils ne sont pas satisfaits"),
    ),
    ChurnRule(
        key="late service",
        condition=Where("behaviour.late_cases", Comparison.MORE, 1),
        said=Wording(
            "several of their cases were solved late", "plusieurs de leurs demandes ont été résolues en retard"
        ),
    ),
    ChurnRule(
        key="dispute",
        condition=Where("contracts.open_disputes", Comparison.MORE, 0),
        said=Wording("a dispute is open", "un litige est ouvert"),
    ),
    ChurnRule(
        key="our breach",
        condition=Where("contracts.overdue_ours", Comparison.MORE, 0),
        said=Wording("we are late with an obligation", "nous sommes en retard sur une obligation"),
    ),
    ChurnRule(
        key="notice window",
        condition=Where("contracts.days_to_notice", Comparison.LESS, 61),
        said=Wording("they can give notice within 60 days", "ils peuvent dénoncer dans les 60 jours"),
    ),
)
"""Seven signs a house may begin with. The limits are assumptions to be replaced by a house's own experience."""


def churn_signals(facts: CustomerFacts, rules: Iterable[ChurnRule] = USUAL_SIGNS) -> ChurnSignals:
    """Which of `rules` hold for a customer, with the facts behind each.

    >>> from datetime import date
    >>> from clmcrm.crm.customer_facts import BehaviourFacts
    >>> from clmcrm.parties.accounts import Account, AccountId
    >>> facts = CustomerFacts(account=Account(id=AccountId("a"), name="D"), as_of=date(2026, 1, 1),
    ...                       behaviour=BehaviourFacts(nps=3))
    >>> [signal.verdict.said.en for signal in churn_signals(facts).found]
    ['behaviour.nps is 3; wanted: is less than 7']
    """
    verdicts = [(rule, explained(facts, rule.condition)) for rule in rules]
    return ChurnSignals(
        found=tuple(ChurnSignal(rule=rule, verdict=verdict) for rule, verdict in verdicts if verdict.answer),
        undecided=tuple(rule for rule, verdict in verdicts if verdict.answer is None),
    )
