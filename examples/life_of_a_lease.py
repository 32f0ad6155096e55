"""A shop's lease under French law: `python examples/life_of_a_lease.py` tells it and checks what it tells.

We are the tenant. The lease runs nine years. If nobody does anything it goes on without an end; notice is then given
six months ahead and for the last day of a calendar quarter (code de commerce, art. L145-9), through a bailiff.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import attrs

import clmcrm as cc
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm import events as e
from clmcrm.clm.amendment_preview import preview
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.negotiation import Redline
from clmcrm.clm.negotiation_entries import (
    Commented,
    Negotiation,
    RedlineAccepted,
    RedlineCountered,
    RedlineProposed,
    seen_by,
)
from clmcrm.clm.negotiation_standing import negotiation_standing
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.entries import Performed
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.recording import record
from clmcrm.clm.pen import turn_passed, written
from clmcrm.clm.redline_words import redline_words
from clmcrm.clm.signature import Recipient, RecipientFact, RecipientState, RequestFact, RequestState, SignatureFact
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_sending import request_signature, sent_for_signature
from clmcrm.values.ids import AmendmentId, DocumentId

OWN, OTHER = cc.Party.OWN, cc.Party.COUNTERPARTY


def at(day: str, hour: int = 9) -> datetime:
    """An hour of a day, in UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


def approved(life: cc.Contract, day: str) -> cc.Contract:
    """Put to those who approve on `day`, and approved the same afternoon."""
    life = cc.advance(life, cc.SubmittedForApproval(at(day), "ines"))
    return cc.advance(life, cc.Approved(at(day, 15), "marc", role="finance"))


# 1. The request: what one of this kind must state is asked for before anybody approves it.
rent = cc.Obligation(
    id=cc.ObligationId("rent"),
    kind=cc.ObligationKind.PAYMENT,
    title="quarterly rent",
    obligor=OWN,
    obligee=OTHER,
    due=cc.DueEvery(first_on=date(2018, 1, 1), every=cc.Tenor(months=3)),
    convention=cc.Convention.FOLLOWING,
    amount=cc.Money("9000.00", "EUR"),
    cure=cc.Tenor(months=1),  # a resolutive clause works one month after a demand that stayed without effect: L145-41
    citation="art. 6",
)
draft = cc.Contract(
    id=cc.ContractId("LEASE-1"),
    title="shop, rue Vide",
    kind=cc.ContractKind.LEASE,
    counterparty=cc.AccountId("A-OWNER"),
    effective_on=date(2018, 1, 1),
    governing_place="FR",
    lines=(
        cc.ContractLine(
            id=cc.LineId("shop"), description="shop", price=cc.UnitPrice("9000.00", "EUR"),
            recurrence=cc.Tenor(months=3),
        ),
    ),
    obligations=(rent,),
    signatories=(cc.Signatory(side=OWN, name="Ines"), cc.Signatory(side=OTHER, name="Owner")),
    documents=(cc.Document(id=DocumentId("D-1"), name="bail.pdf", sha256="2b" * 32),),
)  # fmt: skip
life = cc.advance(draft, cc.Requested(at("2017-09-04"), "ines"))
refused = ""
try:
    life = approved(life, "2017-09-05")
except cc.TransitionNotAllowed as refusal:
    refused = refusal.why[0]
print(f"not yet: {refused}")
assert refused == "a contract of the kind lease needs: term"

# 2. Approval, once the term, what comes after it and the notice are stated.
life = attrs.evolve(
    life,
    term=cc.TermClause(initial=cc.Tenor(years=9), citation="art. 3"),
    renewal=cc.RenewalClause(kind=cc.RenewalKind.INDEFINITE, citation="L145-9"),
    notice=cc.NoticeClause(
        length=cc.Tenor(months=6), reference=cc.NoticeReference.END_OF_QUARTER, effect=cc.NoticeEffect.RECEIPT,
        form="acte extrajudiciaire", citation="L145-9",
    ),
)  # fmt: skip
life = approved(life, "2017-09-06")

# 3. Negotiation: the owner wants a larger deposit, we answer with a smaller one; our remarks stay inside.
talks = Negotiation(contract=life.id)
life = turn_passed(life, at("2017-09-07"), "ines", side=OWN)
three = Redline(citation="art. 7", before="a deposit of one month", after="a deposit of three months")
two = Redline(citation="art. 7", before="a deposit of one month", after="a deposit of two months")
talks = written(talks, life, RedlineProposed(at=at("2017-09-12"), by="owner", side=OTHER, redline="R1", change=three))
life = turn_passed(life, at("2017-09-13"), "owner", side=OTHER)
remark = Commented(at=at("2017-09-14"), by="marc", side=OWN, words="three would still do", citation="art. 7")
answer = RedlineCountered(at=at("2017-09-15"), by="ines", side=OWN, redline="R1", counter="R2", change=two)
talks = written(written(talks, life, remark), life, answer)
life = turn_passed(life, at("2017-09-15", 10), "ines", side=OWN)
talks = written(talks, life, RedlineAccepted(at=at("2017-09-18"), by="owner", side=OTHER, redline="R2"))
standing = negotiation_standing(talks, life, at("2017-09-18"))
print(f"settled in {standing.rounds} rounds: {redline_words(two).en}; {redline_words(two).fr}")
assert standing.open_by_clause == {}
assert remark not in seen_by(talks, OTHER).entries

# 4. Signature: the owner opens, then signs; the service tells it backwards.
ines = Recipient(name="Ines", email="ines@own.example", side=OWN)
owner = Recipient(name="Owner", email="owner@sci.example", side=OTHER)
asked = request_signature(life, "R-1", DocumentId("D-1"), (ines, owner))
life = cc.advance(life, sent_for_signature(asked, at("2017-10-02"), "ines"))
told: tuple[SignatureFact, ...] = (
    RequestFact(state=RequestState.SENT, at=at("2017-10-02")),
    RecipientFact(email=owner.email, state=RecipientState.VIEWED, at=at("2017-10-03")),
    RecipientFact(email=ines.email, state=RecipientState.COMPLETED, at=at("2017-10-04")),
    RecipientFact(email=owner.email, state=RecipientState.COMPLETED, at=at("2017-10-05")),
)
for number in range(1, len(told) + 1):
    for event in signature_events(life, asked, told[-number:], recorded_at=at("2017-10-06", number), by="esign"):
        life = cc.advance(life, event)
print(f"before it begins: {cc.stage_of(life, date(2017, 12, 31))}; then: {cc.stage_of(life, date(2018, 1, 1))}")
assert cc.stage_of(life, date(2017, 12, 31)).stage is cc.Stage.SIGNED
assert cc.stage_of(life, date(2018, 1, 1)).stage is cc.Stage.IN_EFFECT

# 5. Performance: 1 January and 1 April 2018 are no business days in France; the second rent comes late.
french = BUILT_IN.calendar_for("FR")
ledger = NormLedger(contract=life.id)
for of, paid in ((date(2018, 1, 1), "2018-01-02"), (date(2018, 4, 1), "2018-04-20")):
    payment = Performed(at=at(paid), by="bank", norm="rent", on=date.fromisoformat(paid), of=of, amount=rent.amount)
    ledger = record(ledger, payment, life, calendar=french)
first, second = norms_of(life, ledger, date(2018, 5, 1), calendar=french).obligations[:2]
for one in (first, second):
    print(f"rent of {one.agreed_on}, due on {one.due_on}: {one.state.value}, {one.late_days} days late")
assert (first.due_on, first.state.value) == (date(2018, 1, 2), "fulfilled")
assert (second.due_on, second.state.value, second.late_days) == (date(2018, 4, 3), "cured", 17)

# 6. An amendment: the rent rises from 2021, agreed at the end of 2020.
rise = Amendment(
    id=AmendmentId("LEASE-1/A1"), title="triennial revision (L145-38)", base_version=0, effective_on=date(2021, 1, 1),
    line_changes=(cc.LineChange(line=cc.LineId("shop"), price=cc.UnitPrice("9450.00", "EUR")),),
)  # fmt: skip
print("amendment:", "; ".join(change.wording.fr for change in preview(life, rise).changes))
life = attrs.evolve(life, amendments=(rise,))
accepted = cc.AmendmentAccepted(
    at("2020-12-10"), "ines", amendment=rise.id, base_version=0, effective_on=rise.effective_on
)
life = cc.advance(life, accepted)
assert cc.as_amended(life, date(2020, 12, 31)).lines[0].price == cc.UnitPrice("9000.00", "EUR")
assert cc.as_amended(life, date(2021, 1, 1)).lines[0].price == cc.UnitPrice("9450.00", "EUR")

# 7. Nine years pass and nobody writes: the lease goes on without an end.
spans = cc.terms(life, date(2027, 6, 1))
assert not isinstance(spans, cc.Unknown)
print("terms:", ", then ".join(f"{term.kind.value} {term.span}" for term in spans))
assert cc.last_day_in_force(life, date(2027, 6, 1)) is None

# 8. Notice: from September 2027 on the first quarter's end that can be reached is that of March 2028.
deadline = cc.next_notice_deadline(life, date(2027, 9, 1), BUILT_IN)
assert isinstance(deadline, cc.Deadline)
print(f"notice by {deadline.last_day} ends it on {deadline.ends_on} ({deadline.rule.source.citation}):")
for step in deadline.steps:
    print(f"  {step.day or 'by law'!s:<10}  {step.what}")
assert (deadline.last_day, deadline.ends_on) == (date(2027, 9, 30), date(2028, 3, 31))
too_late = cc.end_after_notice(life, date(2027, 10, 1), BUILT_IN)
print(f"a day later it would run until {too_late}")
assert too_late == date(2028, 6, 30)
notice = cc.NonRenewalNotified(
    at("2027-09-28"), "ines", side=OWN, served_on=date(2027, 9, 27), received_on=date(2027, 9, 27)
)
life = cc.advance(life, notice)

# 9. The end and the archive; a hold for a dispute about the deposit keeps it from being put away.
ended = cc.stage_of(life, date(2028, 4, 1))
print(f"on 2028-04-01: {ended}")
assert cc.stage_of(life, date(2028, 3, 31)).stage is cc.Stage.IN_EFFECT
assert ended.stage is cc.Stage.EXPIRED
life = cc.advance(life, e.HoldPlaced(at("2028-04-10"), "legal", hold="deposit", note="the owner keeps the deposit"))
held = ""
try:
    life = cc.advance(life, cc.Archived(at("2028-05-02"), "records"))
except cc.TransitionNotAllowed as refusal:
    held = refusal.why[0]
print(f"not yet: {held}")
assert held == "under legal hold: deposit"
life = cc.advance(life, e.HoldReleased(at("2028-07-03"), "legal", hold="deposit", note="paid back"))
life = cc.advance(life, cc.Archived(at("2028-07-04"), "records"))
print(f"at last: {cc.stage_of(life, date(2028, 7, 4))}")
assert cc.stage_of(life, date(2028, 7, 4)).stage is cc.Stage.ARCHIVED
