"""Questions about prices and norms that take a day refuse an instant, a text and nothing, and name themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from making_norms import duty

from clmcrm.clm.due_days import Occurrence
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.fulfilment import fulfilment_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.performance import performance_of
from clmcrm.clm.price_clauses import PriceRevisionClause, RebateClause, RebateTier, VolumeCommitment
from clmcrm.clm.prices.commitments import commitments
from clmcrm.clm.prices.in_force import came_into_force, spells
from clmcrm.clm.prices.indexation import revision_days, revisions
from clmcrm.clm.prices.ledger import Ledger, PriceFrom, billed_on
from clmcrm.clm.prices.line_ledger import line_ledger
from clmcrm.clm.prices.rebates import rebates
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ContractId, LineId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from making import YEAR, contract

DAY = date(2026, 1, 1)
HELD = contract()
EMPTY = NormLedger(contract=ContractId("C-1"))
MINIMUM = VolumeCommitment(per=YEAR, quantity=Decimal(1))
BACK = RebateClause(per=YEAR, currency="EUR", tiers=(RebateTier(threshold=Decimal(0), rate=Decimal(0)),))
RISES = PriceRevisionClause(every=YEAR, percent=Decimal(2))
MONTHLY = Ledger(anchor_on=DAY, every=Tenor(months=1), prices=(PriceFrom(DAY, Money(30, "EUR")),))
DUE = Occurrence(
    obligation=duty().id, title="fee", agreed_on=DAY, due_on=DAY, late_after=DAY, amount=None, steps=()
)  # fmt: skip


@pytest.mark.parametrize("given", [datetime(2026, 5, 7, 12, tzinfo=UTC), "2026-05-07", None])
@pytest.mark.parametrize(
    ("name", "argument", "asked"),
    [
        ("commitments", "as_of", lambda day: commitments(MINIMUM, [], Span(DAY), day)),
        ("rebates", "as_of", lambda day: rebates(BACK, [], Span(DAY), day)),
        ("revisions", "as_of", lambda day: revisions(RISES, UnitPrice(1, "EUR"), first_day=DAY, as_of=day)),
        ("revisions", "first_day", lambda day: revisions(RISES, UnitPrice(1, "EUR"), first_day=day, as_of=DAY)),
        ("revision_days", "as_of", lambda day: revision_days(RISES, DAY, day)),
        ("line_ledger", "as_of", lambda day: line_ledger(HELD, LineId("none"), day)),
        ("billed_on", "day", lambda day: billed_on(MONTHLY, day)),
        ("spells", "day", lambda day: spells(HELD, VolumeCommitment, day)),
        ("came_into_force", "day", lambda day: came_into_force(HELD, MINIMUM, day)),
        ("performance_of", "as_of", lambda day: performance_of(duty(), DUE, day)),
        ("norms_of", "as_of", lambda day: norms_of(HELD, EMPTY, day)),
        ("fulfilment_of", "as_of", lambda day: fulfilment_of(HELD, EMPTY, day)),
    ],
)
def test_what_is_no_day_is_refused_at_the_door(
    name: str, argument: str, asked: Callable[[Any], object], given: object
) -> None:
    with pytest.raises(InvalidRecord, match="without a time") as refused:
        _ = asked(given)
    assert (refused.value.record, refused.value.field) == (name, argument)
