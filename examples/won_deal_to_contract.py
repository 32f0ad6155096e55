"""A won deal becomes a draft contract; what nobody has said yet is named, with who can say it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import clmcrm as cc

sale = cc.Opportunity(
    id=cc.OpportunityId("O-9"),
    name="Cold rooms for Durand",
    account=cc.AccountId("A-1"),
    stage=cc.OpportunityStage.WON,
    start_wanted_on=date(2026, 12, 1),
    initial_term=cc.Tenor(years=2),
    renewal_wanted="tacit",
    renewal_term=cc.Tenor(years=1),
    notice_wanted=cc.Tenor(months=3),
    lines=(
        cc.OpportunityLine(
            id=cc.LineId("1"),
            description="monitoring",
            unit_price=cc.UnitPrice("120.00", "EUR"),
            recurs_every=cc.Tenor(months=1),
        ),
    ),
)

draft = cc.initiate(sale, datetime(2026, 11, 2, tzinfo=UTC), "the CRM")
print(draft.contract, "-", cc.stage_of(draft.contract, date(2026, 11, 2)))
for trace in draft.contract.provenance[:3]:
    print(f"  {trace.field} came from {trace.source}, {trace.span}")
for missing in draft.missing:
    print(f"  missing: {missing.field} ({missing.why}), to be said by {missing.owner}")

try:
    cc.advance(draft.contract, cc.Activated(datetime(2026, 12, 1, tzinfo=UTC), "the CLM"))
except cc.TransitionNotAllowed as refusal:
    print(refusal)
