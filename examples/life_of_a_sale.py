"""A sale, from the request to the archive: `python examples/life_of_a_sale.py` tells it and checks what it tells.

A supplier rents out and monitors cold rooms for two years, renewed by the year unless somebody objects.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import attrs

import clmcrm as cc
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm.amendment_preview import preview
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.negotiation import Redline
from clmcrm.clm.negotiation_entries import Conceded, Negotiation, RedlineAccepted, RedlineProposed
from clmcrm.clm.negotiation_standing import negotiation_standing
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.entries import AnyEntry, BreachNotified, Performed
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.recording import record
from clmcrm.clm.pen import turn_passed, written
from clmcrm.clm.playbook import Playbook, Position, Topic
from clmcrm.clm.positions import PaymentWithin
from clmcrm.clm.redline_words import redline_words
from clmcrm.clm.remedies import CureStart, LateInterest, RatePer, Remedy, RemedyId, RemedyTrigger
from clmcrm.clm.signature import Recipient, RecipientFact, RecipientState, RequestFact, RequestState
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_sending import request_signature, sent_for_signature
from clmcrm.clm.versions import as_amended
from clmcrm.errors import BeyondAuthority
from clmcrm.values.ids import AmendmentId, DocumentId

OWN, OTHER = cc.Party.OWN, cc.Party.COUNTERPARTY
MONTH, YEAR = cc.Tenor(months=1), cc.Tenor(years=1)


def at(day: str, hour: int = 9) -> datetime:
    """An hour of a day, in UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


def approved(life: cc.Contract, day: str) -> cc.Contract:
    """Put to the sales director on `day`, who says yes the same afternoon."""
    life = cc.advance(life, cc.SubmittedForApproval(at(day), "ann"))
    return cc.advance(life, cc.Approved(at(day, 15), "eve", role="sales director"))


# 1. The request.
rent = cc.Obligation(
    id=cc.ObligationId("rent"),
    kind=cc.ObligationKind.PAYMENT,
    title="monthly rent",
    obligor=OTHER,
    obligee=OWN,
    due=cc.DueEvery(first_on=date(2026, 12, 31), every=MONTH),
    amount=cc.Money("2400.00", "EUR"),
    cure=cc.Tenor(days=15),
    cure_from=CureStart.NOTICE,
    remedies=(
        Remedy(
            id=RemedyId("interest"),
            title="interest on late payment",
            consequence=LateInterest(rate=Decimal("0.10"), per=RatePer.YEAR),
            fires=RemedyTrigger.BREACH,
        ),
    ),
    citation="art. 5",
)
life = cc.Contract(
    id=cc.ContractId("SALE-1"),
    title="Cold rooms for Durand",
    kind=cc.ContractKind.SALES,
    counterparty=cc.AccountId("A-DURAND"),
    effective_on=date(2026, 12, 1),
    governing_place="FR",
    term=cc.TermClause(initial=cc.Tenor(years=2), citation="art. 8"),
    renewal=cc.RenewalClause(kind=cc.RenewalKind.TACIT, length=YEAR, citation="art. 9.1"),
    notice=cc.NoticeClause(
        length=cc.Tenor(months=3), reference=cc.NoticeReference.END_OF_TERM, effect=cc.NoticeEffect.RECEIPT,
        citation="art. 9.2",
    ),
    clauses=(cc.PaymentClause(days=30, citation="art. 5"),),
    lines=(
        cc.ContractLine(
            id=cc.LineId("1"), description="cold rooms", quantity=Decimal(4), price=cc.UnitPrice("600.00", "EUR"),
            recurrence=MONTH,
        ),
    ),
    obligations=(rent,),
    signatories=(cc.Signatory(side=OWN, name="Ann Own"), cc.Signatory(side=OTHER, name="Ben Durand")),
    documents=(cc.Document(id=DocumentId("D-1"), name="sale.pdf", sha256="1a" * 32),),
)  # fmt: skip
life = cc.advance(life, cc.Requested(at("2026-09-01"), "ann"))
print(f"{life}: {cc.stage_of(life, date(2026, 9, 1))}")

# 2. Approval.
life = approved(life, "2026-09-03")
print(f"approved: {cc.stage_of(life, date(2026, 9, 3))}")

# 3. Negotiation: the buyer wants sixty days to pay.
thirty, sixty = (
    Position(words=cc.Wording(f"{days} days", f"{days} jours"), condition=PaymentWithin(days=days), conceded_by=roles)
    for days, roles in ((30, ()), (60, ("finance",)))
)
payment = Topic(name="payment", preferred=thirty, fallbacks=(sixty,), walk_away=cc.Wording("later", "plus tard"))
playbook = Playbook(id="sales", title="sales playbook", topics=(payment,))
hats = {"ann": ("sales",), "fay": ("finance",)}
talks = Negotiation(contract=life.id)
wish = Redline(citation="art. 5", before="within 30 days", after="within 60 days", topic="payment")
life = turn_passed(life, at("2026-09-04"), "ann", side=OWN)
talks = written(talks, life, RedlineProposed(at=at("2026-09-09"), by="ben", side=OTHER, redline="R1", change=wish))
life = turn_passed(life, at("2026-09-10"), "ben", side=OTHER)
print(f"the buyer asks: {redline_words(wish).en}")
giving_way = Conceded(
    at=at("2026-09-11"), by="ann", side=OWN, topic="payment", position=1, citation="art. 5", redline="R1"
)
refused = ""
try:
    talks = written(talks, life, giving_way, playbook=playbook, hats=hats)
except BeyondAuthority as refusal:
    refused = str(refusal)
print(f"refused: {refused}")
assert "ann may concede nothing on this topic; finance may" in refused
by_finance = attrs.evolve(giving_way, by="fay")
talks = written(talks, life, by_finance, playbook=playbook, hats=hats)
yes = RedlineAccepted(at=at("2026-09-11", 10), by="ann", side=OWN, redline="R1")
talks = written(talks, life, yes, playbook=playbook, hats=hats)
clocks = negotiation_standing(talks, life, at("2026-09-12")).clocks
print("days each side held the draft:", {side.value: clock.calendar_days for side, clock in clocks.items()})
assert {side: clock.calendar_days for side, clock in clocks.items()} == {OWN: 5, OTHER: 6}

# 4. The agreed text is another one: it is redrafted, approved again and goes out for signature.
life = cc.advance(life, cc.Redrafted(at("2026-09-12"), "ann"))
life = attrs.evolve(life, clauses=(cc.PaymentClause(days=60, citation="art. 5"),))
life = approved(life, "2026-09-14")
ann = Recipient(name="Ann Own", email="ann@own.example", side=OWN, order=0)
ben = Recipient(name="Ben Durand", email="ben@durand.example", side=OTHER, order=1)
asked = request_signature(life, "R-1", DocumentId("D-1"), (ann, ben))
life = cc.advance(life, sent_for_signature(asked, at("2026-09-15"), "ann"))
arrived = [  # the buyer's message is here first, and twice; ours comes a day late
    RecipientFact(email=ben.email, state=RecipientState.COMPLETED, at=at("2026-09-17")),
    RecipientFact(email=ben.email, state=RecipientState.COMPLETED, at=at("2026-09-17")),
    RecipientFact(email=ann.email, state=RecipientState.COMPLETED, at=at("2026-09-16")),
    RequestFact(state=RequestState.COMPLETED, at=at("2026-09-17")),
]
for number in range(len(arrived)):
    known = arrived[: number + 1]
    for event in signature_events(life, asked, known, recorded_at=at("2026-09-18", 9 + number), by="esign"):
        life = cc.advance(life, event)
signed = {event.signer: event.signed_on for event in life.events if isinstance(event, cc.Signed)}
print("signed:", {name: str(day) for name, day in signed.items()})
assert signed == {"Ben Durand": date(2026, 9, 17), "Ann Own": date(2026, 9, 16)}
assert cc.stage_of(life, date(2026, 11, 30)).stage is cc.Stage.SIGNED
assert cc.stage_of(life, date(2026, 12, 1)).stage is cc.Stage.IN_EFFECT

# 5. Performance: January's rent is late, the buyer is told, pays within the cure; the breach stays on record.
entries: tuple[AnyEntry, ...] = (
    Performed(
        at=at("2026-12-30"), by="bank", norm="rent", on=date(2026, 12, 30), of=date(2026, 12, 31), amount=rent.amount
    ),
    BreachNotified(at=at("2027-02-03"), by="ann", norm="rent", on=date(2027, 2, 3), of=date(2027, 1, 31)),
    Performed(
        at=at("2027-02-10"), by="bank", norm="rent", on=date(2027, 2, 10), of=date(2027, 1, 31), amount=rent.amount
    ),
)
ledger = NormLedger(contract=life.id)
for entry in entries:
    ledger = record(ledger, entry, life)
december, january = norms_of(life, ledger, date(2027, 2, 15)).obligations[:2]
for standing in (december, january):
    print(f"rent of {standing.agreed_on}: {standing.state.value}, {standing.late_days} days late")
interest = january.remedies[0].amount
print(f"cured by {january.cure_until}, yet the breach stays on record, and interest is due: {interest}")
assert (december.state.value, january.state.value, january.late_days) == ("fulfilled", "cured", 10)
assert january.breach is not None
assert interest == cc.Money("6.58", "EUR")  # 2,400.00 at 10 % for 10 of 365 days

# 6. An amendment: one more cold room from July.
more = Amendment(
    id=AmendmentId("SALE-1/A1"), title="a fifth room", base_version=0, effective_on=date(2027, 7, 1),
    line_changes=(cc.LineChange(line=cc.LineId("1"), quantity=Decimal(5)),),
)  # fmt: skip
shown = preview(life, more)
print("amendment:", "; ".join(str(change) for change in shown.changes))
assert shown.acceptable
life = attrs.evolve(life, amendments=(more,))
life = cc.advance(
    life,
    cc.AmendmentAccepted(at("2027-06-15"), "ann", amendment=more.id, base_version=0, effective_on=more.effective_on),
)
for day, quantity in ((date(2027, 6, 30), 4), (date(2027, 7, 1), 5)):
    assert as_amended(life, day).lines[0].quantity == quantity

# 7. Notice: the last day, explained; the buyer's letter comes a day later, so one more year runs.
deadline = cc.next_notice_deadline(life, date(2028, 1, 15), BUILT_IN)
assert isinstance(deadline, cc.Deadline)
print(f"notice by {deadline.last_day}, to end on {deadline.ends_on}; by {deadline.rule.source.citation}:")
for step in deadline.steps:
    print(f"  {step.day or 'by law'!s:<10}  {step.what}")
assert (deadline.last_day, deadline.ends_on) == (date(2028, 8, 31), date(2028, 11, 30))
letter = cc.NonRenewalNotified(
    at("2028-09-01"), "ann", side=OTHER, served_on=date(2028, 8, 30), received_on=date(2028, 9, 1)
)
life = cc.advance(life, letter)
print(f"the letter came on {letter.received_on}: in force until {cc.last_day_in_force(life, date(2028, 9, 2))}")
assert cc.last_day_in_force(life, date(2028, 9, 2)) == date(2029, 11, 30)

# 8. The end, and the archive.
assert cc.stage_of(life, date(2029, 11, 30)).stage is cc.Stage.IN_EFFECT
ended = cc.stage_of(life, date(2029, 12, 1))
print(f"on 2029-12-01: {ended}")
assert ended.stage is cc.Stage.EXPIRED
life = cc.advance(life, cc.Archived(at("2029-12-20"), "records"))
print(f"at last: {cc.stage_of(life, date(2029, 12, 20))}")
assert cc.stage_of(life, date(2029, 12, 20)).stage is cc.Stage.ARCHIVED
