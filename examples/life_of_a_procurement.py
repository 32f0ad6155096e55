"""A purchase of parts: `python examples/life_of_a_procurement.py` tells it and checks what it tells.

We buy. The supplier delivers every quarter under the law of New York; we may leave at three months' notice, and for
cause once a breach was not cured.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import attrs

import clmcrm as cc
from clmcrm.clm import events as e
from clmcrm.clm.amendment_preview import preview
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.negotiation import Redline
from clmcrm.clm.negotiation_entries import (
    Conceded,
    Negotiation,
    RedlineAccepted,
    RedlineCountered,
    RedlineProposed,
    redlines,
)
from clmcrm.clm.negotiation_standing import negotiation_standing
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.entries import BreachNotified, Performed
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.recording import record
from clmcrm.clm.pen import turn_passed, written
from clmcrm.clm.playbook import Playbook, Position, Topic
from clmcrm.clm.positions import LiabilityWithin
from clmcrm.clm.prices.in_force import annual_recurring_value
from clmcrm.clm.redline_words import clause_redlines, redline_words
from clmcrm.clm.remedies import CureStart, FixedFee, Remedy, RemedyId, RemedyTrigger
from clmcrm.clm.signature import Recipient, RecipientFact, RecipientState, RequestFact, RequestState, SignatureFact
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_sending import request_signature, sent_for_signature
from clmcrm.clm.versions import amended
from clmcrm.values.ids import AmendmentId, DocumentId

OWN, OTHER = cc.Party.OWN, cc.Party.COUNTERPARTY
QUARTER, YEAR = cc.Tenor(months=3), cc.Tenor(years=1)


def at(day: str, hour: int = 9) -> datetime:
    """An hour of a day, in UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


def approved(life: cc.Contract, day: str) -> cc.Contract:
    """Put to the budget's owner on `day`, who approves the same afternoon."""
    life = cc.advance(life, cc.SubmittedForApproval(at(day), "pia"))
    return cc.advance(life, cc.Approved(at(day, 15), "quinn", role="budget owner"))


# 1. The request. Nobody approves their own text.
parts = cc.Obligation(
    id=cc.ObligationId("delivery"),
    kind=cc.ObligationKind.DELIVERY,
    title="quarterly delivery of 1,000 valves",
    obligor=OTHER,
    obligee=OWN,
    due=cc.DueEvery(first_on=date(2027, 3, 31), every=QUARTER),
    cure=cc.Tenor(days=20),
    cure_from=CureStart.NOTICE,
    remedies=(
        Remedy(
            id=RemedyId("fee"),
            title="agreed sum for late delivery",
            consequence=FixedFee(amount=cc.Money("1500.00", "USD")),
            fires=RemedyTrigger.BREACH,
        ),
    ),
    citation="section 4.1",
)
life = cc.Contract(
    id=cc.ContractId("BUY-1"),
    title="valves",
    kind=cc.ContractKind.PROCUREMENT,
    counterparty=cc.AccountId("A-VALVE"),
    effective_on=date(2027, 1, 1),
    governing_place="US-NY",
    term=cc.TermClause(initial=cc.Tenor(years=2), citation="section 9.1"),
    renewal=cc.RenewalClause(kind=cc.RenewalKind.TACIT, length=YEAR, times=1, citation="section 9.2"),
    notice=cc.NoticeClause(
        length=cc.Tenor(days=90), reference=cc.NoticeReference.END_OF_TERM, effect=cc.NoticeEffect.RECEIPT,
        citation="section 9.2",
    ),
    clauses=(
        cc.TerminationRight(by=OWN, notice=QUARTER, citation="section 10.1"),
        cc.TerminationRight(by=OWN, for_cause=True, cure=cc.Tenor(days=20), citation="section 10.2"),
    ),
    lines=(
        cc.ContractLine(
            id=cc.LineId("valves"), description="valves", quantity=Decimal(1000), price=cc.UnitPrice("12.50", "USD"),
            recurrence=QUARTER,
        ),
    ),
    obligations=(parts,),
    signatories=(cc.Signatory(side=OWN, name="Pia"), cc.Signatory(side=OTHER, name="Vic")),
    documents=(cc.Document(id=DocumentId("D-1"), name="supply.pdf", sha256="5e" * 32),),
)  # fmt: skip
life = cc.advance(life, cc.Requested(at("2026-09-01"), "pia"))
life = approved(life, "2026-09-03")
print(f"approved: {cc.stage_of(life, date(2026, 9, 3))}")

# 2. Negotiation: the supplier wants a lower cap on its liability. Buying may go down to 250,000, not below.
high, middle = (
    Position(
        words=cc.Wording(f"a cap of {amount}", f"un plafond de {amount}"),
        condition=LiabilityWithin(of=OTHER, at_least=amount),
        conceded_by=roles,
    )
    for amount, roles in ((cc.Money(500_000, "USD"), ()), (cc.Money(250_000, "USD"), ("buying",)))
)
liability = Topic(
    name="liability", preferred=high, fallbacks=(middle,), walk_away=cc.Wording("a lower cap", "un plafond plus bas"),
    beyond_by=("general counsel",),
)  # fmt: skip
playbook = Playbook(id="buying", title="buying playbook", topics=(liability,))
hats = {"pia": ("buying",)}
ours = {"section 8": "Liability is capped at 500,000 USD."}
theirs = {"section 8": "Liability is capped at 100,000 USD."}
(wish,) = clause_redlines(ours, theirs)
print(f"the supplier asks: {redline_words(wish).en}")
talks = Negotiation(contract=life.id)
life = turn_passed(life, at("2026-09-04"), "pia", side=OWN)
first = RedlineProposed(
    at=at("2026-09-10"), by="vic", side=OTHER, redline="R1", change=attrs.evolve(wish, topic="liability")
)
talks = written(talks, life, first)
life = turn_passed(life, at("2026-09-10", 10), "vic", side=OTHER)
too_much = Conceded(at=at("2026-09-11"), by="pia", side=OWN, topic="liability", position=None, redline="R1")
refused = ""
try:
    talks = written(talks, life, too_much, playbook=playbook, hats=hats)
except PermissionError as refusal:
    refused = str(refusal)
print(f"refused: {refused}")
assert "pia may concede at most: a cap of 250000.00 USD; general counsel may" in refused
hers = attrs.evolve(too_much, position=1)
talks = written(talks, life, hers, playbook=playbook, hats=hats)
half = Redline(
    citation="section 8", before=ours["section 8"], after="Liability is capped at 250,000 USD.", topic="liability"
)
counter = RedlineCountered(at=at("2026-09-11", 10), by="pia", side=OWN, redline="R1", counter="R2", change=half)
talks = written(talks, life, counter, playbook=playbook, hats=hats)
life = turn_passed(life, at("2026-09-11", 11), "pia", side=OWN)
talks = written(talks, life, RedlineAccepted(at=at("2026-09-14"), by="vic", side=OTHER, redline="R2"))
print("redlines:", ", ".join(f"{one.key} {one.state.value}" for one in redlines(talks)))
standing = negotiation_standing(talks, life, at("2026-09-14"))
held = {side.value: str(clock.held) for side, clock in standing.clocks.items()}
print(f"time held: {held}")
assert standing.clocks[OTHER].held == timedelta(days=8, hours=23)  # 6 days 1 hour, then 2 days 22 hours
assert standing.open_by_clause == {}

# 3. The agreed cap is written in, approved, and sent; the supplier declines over a typing error.
cap = cc.LiabilityCap(of=OTHER, amount=cc.Money(250_000, "USD"), citation="section 8")
life = cc.advance(life, cc.Redrafted(at("2026-09-15"), "pia"))
life = approved(attrs.evolve(life, clauses=(*life.clauses, cap)), "2026-09-15")
pia = Recipient(name="Pia", email="pia@own.example", side=OWN, order=1)
vic = Recipient(name="Vic", email="vic@valve.example", side=OTHER, order=0)
first_request = request_signature(life, "R-1", DocumentId("D-1"), (vic, pia))
life = cc.advance(life, sent_for_signature(first_request, at("2026-09-16"), "pia"))
no = RecipientFact(email=vic.email, state=RecipientState.DECLINED, at=at("2026-09-17"), reason="wrong address")
for event in signature_events(life, first_request, (no,), recorded_at=at("2026-09-17", 12), by="esign"):
    life = cc.advance(life, event)
print(f"{life.events[-1].note}: {cc.stage_of(life, date(2026, 9, 17))}")
life = cc.advance(life, cc.Redrafted(at("2026-09-18"), "pia"))
corrected = cc.Document(id=DocumentId("D-2"), name="supply-2.pdf", version=2, sha256="6f" * 32)
life = approved(attrs.evolve(life, documents=(*life.documents, corrected)), "2026-09-18")
second_request = request_signature(life, "R-2", DocumentId("D-2"), (vic, pia), approved_sha256="6f" * 32)
life = cc.advance(life, sent_for_signature(second_request, at("2026-09-21"), "pia"))

# The messages come in backwards, and a last one about the first request comes late: it leads to nothing.
assert signature_events(life, first_request, (no,), recorded_at=at("2026-09-22"), by="esign") == ()
told: tuple[SignatureFact, ...] = (
    RequestFact(state=RequestState.SENT, at=at("2026-09-21")),
    RecipientFact(email=vic.email, state=RecipientState.VIEWED, at=at("2026-09-22")),
    RecipientFact(email=vic.email, state=RecipientState.COMPLETED, at=at("2026-09-23")),
    RecipientFact(email=pia.email, state=RecipientState.COMPLETED, at=at("2026-09-24")),
)
for number in range(1, len(told) + 1):
    arrived = told[-number:]
    for event in signature_events(life, second_request, arrived, recorded_at=at("2026-09-25", number), by="esign"):
        life = cc.advance(life, event)
signed = sorted((event.signer, str(event.signed_on)) for event in life.events if isinstance(event, cc.Signed))
print(f"signed: {signed}; {cc.stage_of(life, date(2026, 9, 25))}")
assert signed == [("Pia", "2026-09-24"), ("Vic", "2026-09-23")]
assert cc.stage_of(life, date(2027, 1, 1)).stage is cc.Stage.IN_EFFECT

# 4. Performance: the first delivery is late and cured, the agreed sum is due all the same.
ledger = NormLedger(contract=life.id)
march = date(2027, 3, 31)
ledger = record(
    ledger, BreachNotified(at=at("2027-04-05"), by="pia", norm="delivery", on=date(2027, 4, 5), of=march), life
)
for arrived_on, share in ((date(2027, 4, 7), "0.4"), (date(2027, 4, 20), "0.6")):
    lot = Performed(
        at=at(arrived_on.isoformat()), by="warehouse", norm="delivery", on=arrived_on, of=march, share=Decimal(share)
    )
    ledger = record(ledger, lot, life)
    (now, *_) = norms_of(life, ledger, arrived_on).obligations
    print(f"delivery of {march} on {arrived_on}: {now.state.value}, {now.done} done")
(late,) = [one for one in norms_of(life, ledger, date(2027, 5, 3)).obligations if one.agreed_on == march]
assert (late.state.value, late.late_days, late.cure_until) == ("cured", 20, date(2027, 4, 25))
assert late.remedies[0].amount == cc.Money("1500.00", "USD")

# 5. An amendment: fewer valves, dearer each; what it changes in money is known before it is accepted.
fewer = Amendment(
    id=AmendmentId("BUY-1/A1"), title="fewer valves", base_version=0, effective_on=date(2028, 1, 1),
    line_changes=(cc.LineChange(line=cc.LineId("valves"), quantity=Decimal(800), price=cc.UnitPrice("13.00", "USD")),),
)  # fmt: skip
print("amendment:", "; ".join(str(change) for change in preview(life, fewer).changes))
(before,), (after,) = (annual_recurring_value(text, fewer.effective_on) for text in (life, amended(life, fewer)))
print(f"a year: {before} to {after}, a change of {after - before}")
assert after - before == cc.Money("-8400.00", "USD")
life = attrs.evolve(life, amendments=(fewer,))
accepted = cc.AmendmentAccepted(
    at("2027-11-08"), "pia", amendment=fewer.id, base_version=0, effective_on=fewer.effective_on
)
life = cc.advance(life, accepted)

# 6. The notice for the end of the term passes unused, and the contract is renewed once.
deadline = cc.next_notice_deadline(life, date(2028, 6, 1))
assert isinstance(deadline, cc.Deadline)
print(f"notice by {deadline.last_day} for {deadline.ends_on} ({deadline.rule.source.citation}):")
for step in deadline.steps:
    print(f"  {step.day or 'by law'!s:<10}  {step.what}")
assert (deadline.last_day, deadline.ends_on) == (date(2028, 10, 2), date(2028, 12, 31))
assert cc.last_day_in_force(life, date(2029, 1, 1)) == date(2029, 12, 31)
print(f"nothing more to watch for: {cc.next_notice_deadline(life, date(2029, 1, 1))}")

# 7. Termination: three months are owed to the supplier, and one day less is refused.
leaving = cc.Terminated(
    at("2029-03-12"), "pia", ground=cc.Ground.CONVENIENCE, side=OWN, last_day=date(2029, 6, 11), note="made in house"
)
refused = ""
try:
    life = cc.advance(life, leaving)
except cc.TransitionNotAllowed as refusal:
    refused = refusal.why[0]
print(f"refused: {refused}")
assert refused == "the notice agreed runs until 2029-06-12, later than 2029-06-11"
life = cc.advance(life, attrs.evolve(leaving, last_day=date(2029, 6, 12)))
assert cc.stage_of(life, date(2029, 6, 12)).stage is cc.Stage.IN_EFFECT
print(f"on 2029-06-13: {cc.stage_of(life, date(2029, 6, 13))}")
assert cc.stage_of(life, date(2029, 6, 13)).stage is cc.Stage.TERMINATED
life = cc.advance(life, e.Archived(at("2029-07-02"), "records"))
print(f"at last: {cc.stage_of(life, date(2029, 7, 2))}")
assert cc.stage_of(life, date(2029, 7, 2)).stage is cc.Stage.ARCHIVED
