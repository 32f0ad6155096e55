"""A distribution partnership: `python examples/life_of_a_partnership.py` tells it and checks what it tells.

We make the product. The partner sells it in Denmark and Sweden, alone, and nobody gets a better price. It lasts two
years and is renewed only if both agree.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import attrs

import clmcrm as cc
from clmcrm.clm import events as e
from clmcrm.clm.amendment_preview import preview
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.negotiation import Redline
from clmcrm.clm.negotiation_entries import Conceded, DraftSent, Negotiation, RedlineAccepted, RedlineProposed
from clmcrm.clm.negotiation_standing import negotiation_standing
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.entries import BreachNotified, Performed
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.recording import record
from clmcrm.clm.pen import turn_passed, written
from clmcrm.clm.playbook import Playbook, Position, Topic, deviations
from clmcrm.clm.positions import NoRestriction
from clmcrm.clm.remedies import CureStart
from clmcrm.clm.signature import Recipient, RecipientFact, RecipientState, RequestFact, RequestState, SignatureFact
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_findings import signature_findings
from clmcrm.clm.signature_sending import request_signature, sent_for_signature
from clmcrm.clm.signature_standing import signature_standing
from clmcrm.errors import BeyondAuthority
from clmcrm.values.ids import AmendmentId, DocumentId, ProductId

OWN, OTHER = cc.Party.OWN, cc.Party.COUNTERPARTY
PUMP = ProductId("pump")
YEAR = cc.Tenor(years=1)


def at(day: str, hour: int = 9) -> datetime:
    """An hour of a day, in UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


def approved(life: cc.Contract, day: str) -> cc.Contract:
    """Put to the management on `day`, who approve the same afternoon."""
    life = cc.advance(life, cc.SubmittedForApproval(at(day), "ole"))
    return cc.advance(life, cc.Approved(at(day, 15), "maya", role="management"))


# 1. The request and the approval.
report = cc.Obligation(
    id=cc.ObligationId("report"),
    kind=cc.ObligationKind.REPORT,
    title="half-yearly sales report",
    obligor=OTHER,
    obligee=OWN,
    due=cc.DueEvery(first_on=date(2027, 7, 15), every=cc.Tenor(months=6)),
    grace=cc.Tenor(days=5),
    cure=cc.Tenor(days=30),
    cure_from=CureStart.NOTICE,
    citation="art. 11",
)
no_assignment = cc.Restriction(kind=cc.RestrictionKind.NO_ASSIGNMENT, binds=cc.Party.BOTH, citation="art. 14")
favoured = cc.Restriction(kind=cc.RestrictionKind.MOST_FAVOURED_CUSTOMER, products=(PUMP,), citation="art. 6")
life = cc.Contract(
    id=cc.ContractId("PART-1"),
    title="Nordic distribution",
    kind=cc.ContractKind.PARTNERSHIP,
    counterparty=cc.AccountId("A-NORD"),
    effective_on=date(2027, 1, 1),
    term=cc.TermClause(initial=cc.Tenor(years=2), citation="art. 12"),
    renewal=cc.RenewalClause(kind=cc.RenewalKind.MUTUAL, length=YEAR, times=2, citation="art. 12.2"),
    clauses=(
        cc.PriceClause(product=PUMP, price=cc.UnitPrice("90.00", "EUR"), citation="art. 5"),
        favoured,
        no_assignment,
    ),
    obligations=(report,),
    signatories=(cc.Signatory(side=OWN, name="Ole"), cc.Signatory(side=OTHER, name="Nora")),
    documents=(cc.Document(id=DocumentId("D-1"), name="partner.pdf", sha256="4d" * 32),),
)
life = approved(cc.advance(life, cc.Requested(at("2026-09-07"), "ole")), "2026-09-08")

# 2. Negotiation: the partner wants to be the only one in Denmark and Sweden.
open_market = Position(
    words=cc.Wording("no exclusivity", "pas d'exclusivité"),
    condition=NoRestriction(kind=cc.RestrictionKind.EXCLUSIVITY),
)
exclusivity = Topic(
    name="exclusivity",
    preferred=open_market,
    walk_away=cc.Wording("we may not sell to others", "nous ne pouvons vendre à d'autres"),
    beyond_by=("management",),
)
playbook = Playbook(id="partners", title="partner playbook", topics=(exclusivity,))
hats = {"ole": ("sales",), "maya": ("management",)}
talks = Negotiation(contract=life.id)
draft = DraftSent(at=at("2026-09-09"), by="ole", side=OWN, version=1, sha256="4d" * 32)
talks = written(talks, life, draft)
life = turn_passed(life, at("2026-09-09", 10), "ole", side=OWN)
wish = Redline(citation="art. 3", after="The partner alone sells in Denmark and Sweden.", topic="exclusivity")
stale = RedlineProposed(at=at("2026-09-14"), by="nora", side=OTHER, redline="R1", change=wish, version=0)
try:
    talks = written(talks, life, stale)
except cc.StaleBase as refusal:
    print(f"refused: {refusal}")
assert talks.entries == (draft,)
talks = written(talks, life, attrs.evolve(stale, version=1))
life = turn_passed(life, at("2026-09-14", 10), "nora", side=OTHER)
sole = cc.Restriction(
    kind=cc.RestrictionKind.EXCLUSIVITY, territories=("DK", "SE"), products=(PUMP,), citation="art. 3"
)
as_asked = attrs.evolve(life, clauses=(*life.clauses, sole))
(deviation,) = deviations(as_asked, playbook)
print(f"against the playbook: {deviation.citation}, {deviation.why.en}; may be conceded by {deviation.conceded_by}")
giving = Conceded(
    at=at("2026-09-15"), by="ole", side=OWN, topic="exclusivity", position=None, citation="art. 3", redline="R1"
)
try:
    talks = written(talks, life, giving, playbook=playbook, hats=hats)
except BeyondAuthority as refusal:
    print(f"refused: {refusal}")
talks = written(talks, life, attrs.evolve(giving, by="maya"), playbook=playbook, hats=hats)
yes = RedlineAccepted(at=at("2026-09-15", 10), by="ole", side=OWN, redline="R1")
talks = written(talks, life, yes, playbook=playbook, hats=hats)
assert [one.by for one in negotiation_standing(talks, life, at("2026-09-16")).concessions] == ["maya"]

# 3. The text has changed: redrafted, approved anew, signed. The partner's own message is lost.
life = cc.advance(life, cc.Redrafted(at("2026-09-16"), "ole"))
life = approved(attrs.evolve(life, clauses=as_asked.clauses), "2026-09-17")
ole = Recipient(name="Ole", email="ole@own.example", side=OWN, order=0)
nora = Recipient(name="Nora", email="nora@nord.example", side=OTHER, order=1)
asked = request_signature(life, "R-1", DocumentId("D-1"), (ole, nora))
life = cc.advance(life, sent_for_signature(asked, at("2026-09-18"), "ole"))
facts: tuple[SignatureFact, ...] = (
    RequestFact(state=RequestState.COMPLETED, at=at("2026-09-22")),
    RecipientFact(email=ole.email, state=RecipientState.COMPLETED, at=at("2026-09-19")),
    RequestFact(state=RequestState.VOIDED, at=at("2026-09-23"), reason="sent twice"),
)
for event in signature_events(life, asked, facts, recorded_at=at("2026-09-24"), by="esign"):
    life = cc.advance(life, event)
for finding in signature_findings(signature_standing(asked, facts)):
    print(f"signature, {finding.severity.value}: {finding}")
assert cc.stage_of(life, date(2026, 9, 24)).stage is cc.Stage.SIGNED
assert cc.stage_of(life, date(2027, 1, 1)).stage is cc.Stage.IN_EFFECT


# 4. In force: what a salesperson offers to others is held against what was promised to the partner.
def offer(price: str) -> cc.Opportunity:
    """Ten pumps for somebody else, at that price."""
    line = cc.OpportunityLine(
        id=cc.LineId("1"),
        description="pumps",
        product=PUMP,
        quantity=Decimal(10),
        unit_price=cc.UnitPrice(price, "EUR"),
    )
    return cc.Opportunity(
        id=cc.OpportunityId("O-77"), name="pumps", account=cc.AccountId("A-ELSE"), stage=cc.OpportunityStage.PROPOSAL,
        lines=(line,),
    )  # fmt: skip


day = date(2027, 3, 1)
in_sweden = cc.check_opportunity(offer("95.00"), (life,), day, country="SE")
too_cheap = cc.check_opportunity(offer("85.00"), (life,), day, country="DE")
for found in (*in_sweden, *too_cheap):
    print(f"offer: {found}")
assert [found.citation for found in in_sweden] == ["art. 3"]
assert [found.citation for found in too_cheap] == ["art. 6"]
assert cc.check_opportunity(offer("95.00"), (life,), day, country="DE") == ()

# 5. Performance: the first report is late; told of it, the partner sends it within the time to cure.
ledger = NormLedger(contract=life.id)
first = date(2027, 7, 15)
ledger = record(
    ledger, BreachNotified(at=at("2027-07-26"), by="ole", norm="report", on=date(2027, 7, 26), of=first), life
)
sent = Performed(at=at("2027-08-09"), by="nora", norm="report", on=date(2027, 8, 9), of=first, share=Decimal(1))
ledger = record(ledger, sent, life)
(standing, *_) = norms_of(life, ledger, date(2027, 9, 1)).obligations
print(f"report of {standing.agreed_on}: {standing.state.value}, {standing.late_days} days late")
assert (standing.state.value, standing.last_allowed, standing.cure_until) == (
    "cured", date(2027, 7, 20), date(2027, 8, 25),
)  # fmt: skip

# 6. An amendment: Norway is added; two amendments on one base cannot both be accepted.
wider = attrs.evolve(sole, territories=("DK", "NO", "SE"))
norway = Amendment(
    id=AmendmentId("PART-1/A1"), title="Norway", base_version=0, effective_on=date(2028, 1, 1),
    drops_citations=("art. 3",), adds=(wider,),
)  # fmt: skip
dearer = Amendment(
    id=AmendmentId("PART-1/A2"), title="price", base_version=0, effective_on=date(2028, 1, 1),
    drops_citations=("art. 5",),
    adds=(cc.PriceClause(product=PUMP, price=cc.UnitPrice("92.00", "EUR"), citation="art. 5"),),
)  # fmt: skip
print("amendment:", "; ".join(str(change) for change in preview(life, norway).changes))


def accepted(contract: cc.Contract, amendment: Amendment, on: str) -> cc.Contract:
    """The contract with the amendment on file and accepted."""
    event = cc.AmendmentAccepted(
        at(on), "ole", amendment=amendment.id, base_version=amendment.base_version, effective_on=amendment.effective_on
    )
    return cc.advance(attrs.evolve(contract, amendments=(*contract.amendments, amendment)), event)


life = accepted(life, norway, "2027-11-03")
try:
    life = accepted(life, dearer, "2027-11-05")
except cc.StaleBase as refusal:
    print(f"refused: {refusal}")
assert [amendment.title for amendment in life.amendments] == ["Norway"]
in_norway = [
    cc.check_opportunity(offer("95.00"), (life,), on, country="NO") for on in (date(2027, 12, 31), date(2028, 1, 1))
]
assert [len(found) for found in in_norway] == [0, 1]

# 7. The partner's business passes to another: only with our consent.
refused = ""
try:
    life = cc.advance(life, cc.PartyAssigned(at("2028-05-02"), "nora", to=cc.AccountId("A-NORD-2")))
except cc.TransitionNotAllowed as refusal:
    refused = refusal.why[0]
print(f"refused: {refused}")
assert refused.startswith("assignment needs consent")
life = cc.advance(
    life, cc.PartyAssigned(at("2028-05-20"), "nora", to=cc.AccountId("A-NORD-2"), note="consent of 2028-05-19")
)

# 8. Renewal: the contract states no time by which to speak, and the library makes none up; silence ends it.
by_when = cc.next_notice_deadline(life, date(2028, 6, 1))
print(f"by when to speak: {by_when}")
assert isinstance(by_when, cc.Unknown)
assert cc.last_day_in_force(life, date(2028, 6, 1)) == date(2028, 12, 31)
both = cc.RenewalAgreed(at("2028-11-06"), "ole", side=cc.Party.BOTH, served_on=date(2028, 11, 6))
life = cc.advance(life, both)
print(f"renewed by agreement, until {cc.last_day_in_force(life, date(2028, 11, 6))}")
assert cc.last_day_in_force(life, date(2028, 11, 6)) == date(2029, 12, 31)

# 9. The partners part by agreement, and the file is closed.
life = cc.advance(
    life,
    cc.Terminated(at("2029-06-04"), "ole", ground=cc.Ground.MUTUAL, last_day=date(2029, 9, 30), note="new strategy"),
)
assert cc.stage_of(life, date(2029, 9, 30)).stage is cc.Stage.IN_EFFECT
print(f"on 2029-10-01: {cc.stage_of(life, date(2029, 10, 1))}")
assert cc.stage_of(life, date(2029, 10, 1)).stage is cc.Stage.TERMINATED
assert cc.check_opportunity(offer("85.00"), (life,), date(2029, 10, 1), country="SE") == ()
life = cc.advance(life, e.Archived(at("2029-12-03"), "records"))
print(f"at last: {cc.stage_of(life, date(2029, 12, 3))}")
assert cc.stage_of(life, date(2029, 12, 3)).stage is cc.Stage.ARCHIVED
