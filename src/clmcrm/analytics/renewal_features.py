"""The features that anticipate a renewal or an expansion, each with its meaning, unit and source.

The rule of the file: a feature is something a CRM or a CLM knows before the day, never something that only the
outcome tells. A fact that is not known is left out; it is never zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from clmcrm.analytics.anticipation import service_facts
from clmcrm.analytics.likelihood_model import ModelFeature
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.hindsight import as_known
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.stages import ACTIVE
from clmcrm.crm.activity import Activity
from clmcrm.crm.case import Case
from clmcrm.values.ids import AccountId
from clmcrm.values.partial import Unknown, known
from clmcrm.values.wording import Wording


def _feature(name: str, meaning: str, unit: str, french: str) -> ModelFeature:
    return ModelFeature(name=name, meaning=meaning, unit=unit, called=Wording(name, french))


FEATURES: Final = (
    _feature("usage change", "use in the last quarter against the one before, as a share", "share",
             "évolution de l'usage"),
    _feature("days since last contact", "days since the last activity with the account", "days",
             "jours depuis le dernier contact"),
    _feature("overdue cases", "cases whose promised solution is overdue", "cases", "demandes en retard"),
    _feature("open disputes", "cases that have become a dispute and are not closed", "disputes", "litiges ouverts"),
    _feature("late payments", "invoices paid late in the last twelve months", "invoices", "paiements en retard"),
    _feature("renewals so far", "how often the account's oldest contract in force has been renewed", "renewals",
             "reconductions passées"),
    _feature("price increase", "the increase announced for the next term, as a share of the price", "share",
             "hausse de prix"),
    _feature("satisfaction", "the last answer on a scale from 0 to 10", "points", "satisfaction"),
    _feature("commitment used", "what was bought of the running commitment, as a share", "share",
             "engagement consommé"),
    _feature("employees", "the account's size, in hundreds of people", "hundreds", "centaines de salariés"),
)  # fmt: skip
"""The columns of a model to begin with; a house adds its own."""


def account_facts(
    account: AccountId,
    at: datetime,
    *,
    activities: Iterable[Activity] = (),
    cases: Iterable[Case] = (),
    contracts: Iterable[Contract] = (),
) -> dict[str, Decimal]:
    """What the records say of `account` at the instant `at`, by feature name; other features are the caller's.

    >>> account_facts(AccountId("a"), datetime.fromisoformat("2026-05-07T09:00+02:00"))
    {'overdue cases': Decimal('0'), 'open disputes': Decimal('0')}
    """
    facts = service_facts(account, activities, cases, at)
    day = at.date()
    held = [c for c in contracts if counterparty_on(c, day) == account and stage_of(c, day).stage in ACTIVE]
    begun = [(known(c.effective_on), as_known(c, day)) for c in held]
    dated = [(first_day, contract) for first_day, contract in begun if first_day is not None]
    if dated:
        _, oldest = min(dated, key=lambda pair: (pair[0], pair[1].id))
        renewed = _renewals(oldest, day)
        if renewed is not None:
            facts["renewals so far"] = Decimal(renewed)
    return facts


def _renewals(contract: Contract, day: date) -> int | None:
    """How many terms came before the one that runs on `day`; None when the terms are not known."""
    plan = term_plan(contract)
    return None if isinstance(plan, Unknown) else plan.index_on(day)
