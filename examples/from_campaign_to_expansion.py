"""One customer's whole path: campaign, lead, sale, contract, duties, dispute, anticipated renewal, expansion.

At every step the same records are looked at again: the view of the account, and the figures. What is asserted is what
the step changed.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import attrs

import clmcrm as cc
from clmcrm.analytics.evaluation import calibration_error, judged, ranking, split
from clmcrm.analytics.likelihood_model import Target, fitted, forecast, what_if
from clmcrm.analytics.renewal_features import FEATURES, account_facts
from clmcrm.bridge.account_view import AccountRecords
from clmcrm.bridge.contract_card import card_note, contract_card
from clmcrm.bridge.initiation import linked_back
from clmcrm.clm.disputes import DisputeOutcome
from clmcrm.clm.kpis import cycle_time, dispute_count
from clmcrm.clm.obligations import DueOn, Obligation, ObligationKind
from clmcrm.clm.price_clauses import PriceClause, VolumeCommitment
from clmcrm.clm.prices.windows import Purchase
from clmcrm.crm.activity import Activity, ActivityKind
from clmcrm.crm.campaign import Campaign, CampaignMember, CostItem
from clmcrm.crm.case import Case, CaseStatus
from clmcrm.crm.kpis import conversion_rate, win_rate
from clmcrm.crm.lead import Lead, LeadStatus
from clmcrm.crm.opportunity import OpportunityKind
from clmcrm.crm.satisfaction import Survey, SurveyAnswer
from clmcrm.report.account_page import AccountPage
from clmcrm.sample.simulated_book import simulated_book
from clmcrm.values.ids import ActivityId, CampaignId, CaseId, DisputeId, LeadId

YEAR_OF_SALE = cc.Span(date(2026, 1, 1), date(2026, 12, 31))


def at(day: str) -> datetime:
    """Noon of a day."""
    return datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)


def told(step: str, view: cc.AccountView) -> None:
    """What the account looks like after a step."""
    print(f"{step:<26}{view}")


# 1. A campaign reaches a lead, and the lead answers.
lead = Lead(id=LeadId("L-1"), company_name="Durand", status=LeadStatus.QUALIFIED, created_on=date(2026, 2, 2))
campaign = Campaign(
    id=CampaignId("M-1"), name="Cold chain 2026", currency="EUR",
    spend=(CostItem(label="fair", amount=cc.Money(2000, "EUR"), on=date(2026, 1, 20)),),
    members=(CampaignMember(lead=lead.id, has_responded=True, responded_on=date(2026, 2, 2)),),
)  # fmt: skip
assert campaign.spent == cc.Money(2000, "EUR")

# 2. The lead becomes an account, a person and a sale.
durand = cc.Account(
    id=cc.AccountId("A-1"), name="Durand", legal_name="Durand SAS", country="FR",
    billing_address=cc.Address(city="Paris", country="FR"),
)  # fmt: skip
ada = cc.Contact(id=cc.ContactId("K-1"), account=durand.id, name="Ada Byron", job_title="director")
line = cc.OpportunityLine(
    id=cc.LineId("1"), product=cc.ProductId("sensor"), description="sensors", quantity=Decimal(100),
    unit_price=cc.UnitPrice(10, "EUR"), recurs_every=cc.Tenor(months=1),
)  # fmt: skip
sale = cc.Opportunity(
    id=cc.OpportunityId("O-1"), name="Sensors for Durand", account=durand.id, lead=lead.id, campaign=campaign.id,
    stage=cc.OpportunityStage.PROPOSAL, amount=cc.Money(24_000, "EUR"), created_on=date(2026, 2, 10),
    start_wanted_on=date(2026, 6, 1), initial_term=cc.Tenor(years=2), renewal_wanted="tacit",
    renewal_term=cc.Tenor(years=1), notice_wanted=cc.Tenor(months=3), payment_within=cc.Tenor(days=30), lines=(line,),
    contacts=(cc.PersonRole(contact=ada.id, role=cc.PersonRoleKind.SIGNATORY),),
    expected_close_on=date(2026, 4, 30),
)  # fmt: skip
lead = attrs.evolve(
    lead, status=LeadStatus.CONVERTED, converted_on=date(2026, 2, 10), converted_account=durand.id,
    converted_contact=ada.id, converted_opportunity=sale.id,
)  # fmt: skip
records = AccountRecords(accounts=(durand,), contacts=(ada,), opportunities=(sale,))
view = cc.account_view(durand, date(2026, 3, 1), records=records)
told("a sale is open", view)
assert view.sums.pipeline == (cc.Money(24_000, "EUR"),)
assert conversion_rate([lead], YEAR_OF_SALE).value == Decimal(1)

# 3. It is won, and the draft of the contract is made of it; what is missing is named with who can say it.
sale = attrs.evolve(sale, stage=cc.OpportunityStage.WON, stage_since=at("2026-04-20"), closed_on=date(2026, 4, 20))
draft = cc.initiate(sale, at("2026-04-20"), "the CRM", account=durand, contacts=[ada])
assert draft.contract == cc.initiate(sale, at("2026-04-20"), "the CRM", account=durand, contacts=[ada]).contract
assert {(m.field, m.owner) for m in draft.missing} == {("governing_place", "legal"), ("signatories", "legal")}
assert win_rate([sale], YEAR_OF_SALE).value == Decimal(1)

# 4. Legal adds what was missing, and what was negotiated: prices, a commitment, a duty. Then it is signed.
own = cc.Signatory(side=cc.Party.OWN, name="Grace Hopper")
contract = attrs.evolve(
    draft.contract, governing_place="FR", signatories=(own, *draft.contract.signatories),
    clauses=(
        *draft.contract.clauses,
        PriceClause(product=cc.ProductId("sensor"), price=cc.UnitPrice(10, "EUR"), citation="annex 1"),
        VolumeCommitment(
            per=cc.Tenor(years=1), quantity=Decimal(1200), unit="sensors", product=cc.ProductId("sensor"),
            citation="art. 3",
        ),
    ),
    obligations=(
        Obligation(
            id=cc.ObligationId("B-1"), kind=ObligationKind.REPORT, title="temperature report", obligor=cc.Party.OWN,
            obligee=cc.Party.COUNTERPARTY, due=DueOn(day=date(2026, 12, 1)), citation="art. 7",
        ),
    ),
)  # fmt: skip
for event in (
    cc.SubmittedForApproval(at("2026-04-22"), "sales"),
    cc.Approved(at("2026-04-28"), "head of legal", role="legal"),
    cc.SentForSignature(at("2026-05-04"), "the CLM"),
    cc.Signed(at("2026-05-06"), "sign service", side=cc.Party.COUNTERPARTY, signer="Ada Byron"),
    cc.Signed(at("2026-05-08"), "sign service", side=cc.Party.OWN, signer="Grace Hopper"),
    cc.Activated(at("2026-06-01"), "the CLM", effective_on=date(2026, 6, 1)),
):
    contract = cc.advance(contract, event)
sale = linked_back(sale, contract)
assert sale.contract == contract.id
records = attrs.evolve(records, opportunities=(sale,), contracts=(contract,))
view = cc.account_view(durand, date(2026, 11, 23), records=records)
told("the contract runs", view)
assert view.sums.annual_value == (cc.Money(12_000, "EUR"),)
assert view.contracts[0].notice_by == date(2028, 2, 29)
print(f"{'':<26}{cycle_time([contract])}")
exposed = cc.exposure([contract], date(2026, 11, 23), cc.RateTable([]), "EUR")
assert exposed.whole.value == cc.Money(12_000, "EUR")

# 5. The duty falls due and is not done; the customer complains, and the case becomes a dispute.
case = Case(
    id=CaseId("S-1"), subject="no temperature report", account=durand.id, contract=contract.id,
    status=CaseStatus.ESCALATED, opened_at=at("2026-12-10"), dispute=DisputeId("D-1"),
)  # fmt: skip
dispute = cc.Dispute(
    id=DisputeId("D-1"), contract=contract.id, subject="temperature report", raised_by=cc.Party.COUNTERPARTY,
    opened_on=date(2026, 12, 20), obligation=cc.ObligationId("B-1"), citation="art. 7", case=case.id,
)  # fmt: skip
records = attrs.evolve(records, cases=(case,), disputes=(dispute,))
view = cc.account_view(durand, date(2027, 1, 4), records=records)
told("a dispute is open", view)
(duty,) = view.duties
assert (duty.overdue, duty.disputed) == (True, True)
assert dispute_count([dispute], date(2027, 1, 4)).value == Decimal(1)

# 6. It is settled; a year later the renewal is anticipated, by a model that was judged before it is believed.
dispute = attrs.evolve(dispute, closed_on=date(2027, 2, 1), outcome=DisputeOutcome.SETTLED)
closed = attrs.evolve(case, status=CaseStatus.CLOSED, closed_at=at("2027-02-01"))
call = Activity(
    id=ActivityId("T-1"), kind=ActivityKind.CALL, subject="how is it going", account=durand.id,
    started_at=at("2027-12-20"),
)  # fmt: skip
bought = tuple(
    Purchase(on=date(2027, month, 1), quantity=Decimal(190), product=cc.ProductId("sensor")) for month in range(6, 13)
)
answer = SurveyAnswer(account=durand.id, survey=Survey.NPS, score=9, on=date(2027, 12, 20))
records = attrs.evolve(
    records, cases=(closed,), disputes=(dispute,), activities=(call,), satisfaction=(answer,),
    purchases={contract.id: bought},
)  # fmt: skip
today = date(2028, 1, 10)
view = cc.account_view(durand, today, records=records)
told("the renewal comes near", view)
used = view.commitments[0].share
assert used == Decimal("1.1083")

book = simulated_book(seed=20261129, accounts=3000)  # in place of one's own past
learn, judge = split(book.examples, Decimal("0.3"))
model = fitted(Target.RENEWAL, FEATURES, learn)
outcomes = judged(model, judge)
print(f"{'':<26}{ranking(outcomes)}\n{'':<26}{calibration_error(outcomes)}")
facts = account_facts(durand.id, at("2028-01-10"), activities=[call], cases=[closed], contracts=[contract])
facts |= {"satisfaction": Decimal(answer.score), "commitment used": used, "price increase": Decimal("0.08")}
renewal = forecast(model, durand.id, facts)
gentler = what_if(model, durand.id, facts, {"price increase": Decimal("0.02")})
print(f"{'':<26}renewal {renewal.chance}, with an increase of 2 % {gentler.then.chance}; because:")
for reason in renewal.reasons[:3]:
    print(f"{'':<28}{reason.wording.en}")
assert gentler.gain > 0
assert "price increase" in [reason.feature for reason in renewal.reasons[:3]]

# 7. They use more than they committed to: an expansion, held against the contract before it is promised.
more = attrs.evolve(line, quantity=Decimal(80), unit_price=cc.UnitPrice(9, "EUR"))
expansion = cc.Opportunity(
    id=cc.OpportunityId("O-2"), name="80 more sensors", account=durand.id, kind=OpportunityKind.EXPANSION,
    renews=contract.id, stage=cc.OpportunityStage.PROPOSAL, amount=cc.Money(8_640, "EUR"), lines=(more,),
    expected_close_on=date(2028, 2, 15),
)  # fmt: skip
records = attrs.evolve(records, opportunities=(sale, expansion))
view = cc.account_view(durand, today, records=records)
told("an expansion is offered", view)
(contradiction,) = view.findings
print(f"{'':<26}{contradiction}")
assert contradiction.what.en == "the price is below the agreed one"
expansion = attrs.evolve(expansion, lines=(attrs.evolve(more, unit_price=cc.UnitPrice(10, "EUR")),))
records = attrs.evolve(records, opportunities=(sale, expansion))
view = cc.account_view(durand, today, records=records)
assert view.findings == ()
assert view.sums.pipeline == (cc.Money(8_640, "EUR"),)
told("at the agreed price", view)

print()
print(card_note(contract_card(contract, today, purchases=bought), today))
page = AccountPage(view=view, language="fr")
assert "Durand" in page.html()
