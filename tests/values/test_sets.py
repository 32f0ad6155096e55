from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from clmcrm.clm.approval_policy import ApprovalRule
from clmcrm.clm.approval_steps import ApprovalStep
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import Approved
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.mandates import Mandate
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ContractId, LineId
from clmcrm.values.money import Money, UnitPrice

STEP = ApprovalStep(name="legal", roles=("legal",))


@pytest.mark.parametrize(
    "given", [{"events": "NotApproved"}, {"events": {"Approved"}}, {"events": ("Approved",)},
              {"events": frozenset({1})}, {"kinds": "nda"}, {"kinds": frozenset({"nda"})}],
)  # fmt: skip
def test_a_mandate_takes_sets_alone(given: Any) -> None:
    with pytest.raises(InvalidRecord, match=f"Mandate: {next(iter(given))} is "):
        _ = Mandate(holder="bob", granted_by="the board", **given)


@pytest.mark.parametrize(
    "given", [{"places": "US"}, {"places": frozenset({None})}, {"kinds": ["nda"]}, {"currencies": frozenset({"EUR"})},
              {"currencies": "EUR"}, {"deviates_on": "liability"}],
)  # fmt: skip
def test_a_rule_of_approval_takes_sets_alone(given: Any) -> None:
    with pytest.raises(InvalidRecord, match=f"ApprovalRule: {next(iter(given))} is "):
        _ = ApprovalRule(step=STEP, why="", **given)


def test_what_a_mandate_names_it_covers() -> None:

    nda = Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA)
    event = Approved(datetime(2026, 1, 5, tzinfo=UTC), "bob")
    names = ({"Approved"}, {"NotApproved"}, set[str]())
    mandates = [Mandate(holder="bob", granted_by="the board", events=frozenset(each)) for each in names]
    assert [mandate.covers(nda, event) for mandate in mandates] == [True, False, False]


def test_a_discount_is_in_the_currency_of_the_price() -> None:
    with pytest.raises(InvalidRecord, match=r"ContractLine 1: discount_amount is .*; expected an amount in EUR"):
        _ = ContractLine(
            id=LineId("1"), description="seats", price=UnitPrice(Decimal(100), "EUR"), discount_amount=Money(1, "USD")
        )
