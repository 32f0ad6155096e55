"""What the bridge and the model hand out can be written down and comes back the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest
from one_account import DAY, DURAND, FRAME, RECORDS

from clmcrm.analytics.clm_return import assumed, clm_return
from clmcrm.analytics.cohorts import Membership
from clmcrm.analytics.likelihood_model import LikelihoodModel, Target, fitted, forecast
from clmcrm.analytics.renewal_features import FEATURES
from clmcrm.bridge.account_view import account_view
from clmcrm.bridge.authority import DiscountAuthority
from clmcrm.bridge.contract_card import contract_card
from clmcrm.bridge.offers import Promise
from clmcrm.codec.records import from_json, to_json
from clmcrm.sample.simulated_book import simulated_book
from clmcrm.values.ids import AccountId, ProductId, UserId
from clmcrm.values.money import Money
from clmcrm.values.span import Span

VIEW: Final = account_view(DURAND, DAY, records=RECORDS)
MODEL: Final = fitted(Target.RENEWAL, FEATURES, simulated_book(1, 200).examples)
RECORDS_HANDED_OUT: Final[tuple[Any, ...]] = (
    Promise(liability=Money(5, "EUR"), exclusive=True, products=(ProductId("p"),), prices_hold_until=date(2027, 1, 1)),
    DiscountAuthority(most=Decimal("0.1"), holder=UserId("u"), valid=Span(date(2026, 1, 1)), citation="rule"),
    Membership(account=AccountId("a"), first_day=date(2024, 1, 1)),
    clm_return([assumed("licence a year", "EUR", ("1", "2", "3"), by="an offer")], 3, "EUR").model,
    MODEL,
    forecast(MODEL, AccountId("a"), {"open disputes": Decimal(1)}),
    contract_card(FRAME, DAY),
    *VIEW.findings,
    *VIEW.invoices,
    *VIEW.satisfaction,
    *VIEW.days,
    *VIEW.duties,
    *VIEW.commitments,
    VIEW.sums,
    VIEW.family,
)


@pytest.mark.parametrize("record", RECORDS_HANDED_OUT, ids=lambda record: type(record).__name__)
def test_it_comes_back_as_it_was(record: Any) -> None:
    assert from_json(type(record), to_json(record)) == record


def test_a_model_that_was_written_down_answers_as_it_did() -> None:
    again: LikelihoodModel = from_json(LikelihoodModel, to_json(MODEL))
    facts = {"usage change": Decimal("-0.2"), "open disputes": Decimal(1)}
    assert forecast(again, AccountId("a"), facts) == forecast(MODEL, AccountId("a"), facts)
