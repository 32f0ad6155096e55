"""An employment under German law: `python examples/life_of_an_employment.py` tells it and checks what it tells.

We are the employer. It runs without an end. Notice is by statute (BGB, section 622 (2)): one month to the end of a
month once it has lasted two years, two months once it has lasted five, in writing (section 623). The contract lets the
employee's notice follow the same periods, which section 622 (6) allows.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations

import attrs

import clmcrm as cc
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm import events as e
from clmcrm.clm.amendment_preview import preview
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.negotiation import Redline
from clmcrm.clm.negotiation_entries import Conceded, Negotiation, RedlineAccepted, RedlineProposed
from clmcrm.clm.negotiation_standing import negotiation_standing
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.entries import BreachNotified, Performed
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.recording import record
from clmcrm.clm.pen import turn_passed, written
from clmcrm.clm.playbook import Playbook, Position, Topic
from clmcrm.clm.positions import ClauseAnswers
from clmcrm.clm.remedies import CureStart
from clmcrm.clm.signature import Recipient, RecipientFact, RecipientState, SignatureFact
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_sending import request_signature, sent_for_signature
from clmcrm.values.ids import AmendmentId, DocumentId

OWN, OTHER = cc.Party.OWN, cc.Party.COUNTERPARTY


def at(day: str, hour: int = 9) -> datetime:
    """An hour of a day, in UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


def approved(life: cc.Contract, day: str) -> cc.Contract:
    """Put to the works council and the head of department on `day`; both agree."""
    life = cc.advance(life, cc.SubmittedForApproval(at(day), "hanna"))
    life = cc.advance(life, cc.Approved(at(day, 14), "jo", role="head of department"))
    return cc.advance(life, cc.Approved(at(day, 15), "kim", role="works council"))


def statutory(months: int) -> cc.NoticeClause:
    """So many months to the end of a month."""
    return cc.NoticeClause(
        length=cc.Tenor(months=months),
        reference=cc.NoticeReference.END_OF_MONTH,
        effect=cc.NoticeEffect.RECEIPT,
        form="in writing (BGB, section 623)",
        citation="BGB, section 622 (2)",
    )


# 1. The request and the two approvals.
wage = cc.Obligation(
    id=cc.ObligationId("wage"),
    kind=cc.ObligationKind.PAYMENT,
    title="monthly wage",
    obligor=OWN,
    obligee=OTHER,
    due=cc.DueEvery(first_on=date(2024, 1, 31), every=cc.Tenor(months=1)),
    convention=cc.Convention.PRECEDING,
    amount=cc.Money("4200.00", "EUR"),
    cure=cc.Tenor(days=10),
    cure_from=CureStart.NOTICE,
    citation="section 4",
)
life = cc.Contract(
    id=cc.ContractId("EMP-1"),
    title="technician",
    kind=cc.ContractKind.EMPLOYMENT,
    counterparty=cc.AccountId("A-LENA"),
    effective_on=date(2024, 1, 1),
    governing_place="DE",
    term=cc.TermClause(ends_on=cc.Perpetual(), citation="section 1"),
    renewal=cc.RenewalClause(kind=cc.RenewalKind.INDEFINITE, citation="section 1"),
    notice=statutory(1),
    approvals_needed=("head of department", "works council"),
    lines=(
        cc.ContractLine(
            id=cc.LineId("hours"), description="hours a week", quantity=Decimal(40),
            price=cc.UnitPrice("105.00", "EUR"), recurrence=cc.Tenor(months=1),
        ),
    ),
    obligations=(wage,),
    signatories=(cc.Signatory(side=OWN, name="Hanna"), cc.Signatory(side=OTHER, name="Lena")),
    documents=(cc.Document(id=DocumentId("D-1"), name="vertrag.pdf", sha256="3c" * 32),),
)  # fmt: skip
life = cc.advance(life, cc.Requested(at("2023-10-02"), "hanna"))
life = approved(life, "2023-10-04")
print(f"approved by both: {cc.stage_of(life, date(2023, 10, 4))}")

# 2. Negotiation: Lena asks for two days at home; the head of department may concede that, recruiting may not.
one_day, two_days = (
    Position(
        words=cc.Wording(f"{days} at home", f"{days} en télétravail"),
        condition=ClauseAnswers(category="Remote work", answers=frozenset({days})),
        conceded_by=roles,
    )
    for days, roles in (("1 day", ()), ("2 days", ("head of department",)))
)
remote = Topic(name="remote work", preferred=one_day, fallbacks=(two_days,), walk_away=cc.Wording("more", "plus"))
playbook = Playbook(id="hr", title="hiring playbook", topics=(remote,))
hats = {"hanna": ("recruiting",), "jo": ("head of department",)}
talks = Negotiation(contract=life.id)
wish = Redline(citation="section 6", before="one day at home", after="two days at home", topic="remote work")
life = turn_passed(life, at("2023-10-05"), "hanna", side=OWN)
talks = written(talks, life, RedlineProposed(at=at("2023-10-09"), by="lena", side=OTHER, redline="R1", change=wish))
life = turn_passed(life, at("2023-10-09", 10), "lena", side=OTHER)
yes = RedlineAccepted(at=at("2023-10-11", 10), by="hanna", side=OWN, redline="R1")
refused = ""
try:
    talks = written(talks, life, yes, playbook=playbook, hats=hats)
except cc.TransitionNotAllowed as refusal:
    refused = refusal.why[0]
print(f"refused: {refused}")
assert "a Conceded entry" in refused
conceded = Conceded(at=at("2023-10-11"), by="jo", side=OWN, topic="remote work", position=1, redline="R1")
talks = written(talks, life, conceded, playbook=playbook, hats=hats)
talks = written(talks, life, yes, playbook=playbook, hats=hats)
assert negotiation_standing(talks, life, at("2023-10-12")).open_by_clause == {}

# 3. Signature: the first mail to Lena bounces, she signs all the same; all orders of three messages give one result.
hanna = Recipient(name="Hanna", email="hanna@own.example", side=OWN, order=1)
lena = Recipient(name="Lena", email="lena@mail.example", side=OTHER, order=0)
asked = request_signature(life, "R-1", DocumentId("D-1"), (lena, hanna))
life = cc.advance(life, sent_for_signature(asked, at("2023-10-16"), "hanna"))
messages: tuple[SignatureFact, ...] = (
    RecipientFact(email=lena.email, state=RecipientState.BOUNCED, at=at("2023-10-16")),
    RecipientFact(email=lena.email, state=RecipientState.COMPLETED, at=at("2023-10-18")),
    RecipientFact(email=hanna.email, state=RecipientState.COMPLETED, at=at("2023-10-19")),
)
outcomes: set[tuple[tuple[str, date | None], ...]] = set()
for order in permutations(messages):
    told = life
    for number in range(len(order)):
        arrived = order[: number + 1]
        for event in signature_events(told, asked, arrived, recorded_at=at("2023-10-20", 9 + number), by="esign"):
            told = cc.advance(told, event)
    signed = [(event.signer, event.signed_on) for event in told.events if isinstance(event, cc.Signed)]
    outcomes.add(tuple(sorted(signed)))
life = told
print("six orders of arrival, one result:", [f"{name} on {day}" for name, day in outcomes.copy().pop()])
assert outcomes == {(("Hanna", date(2023, 10, 19)), ("Lena", date(2023, 10, 18)))}
assert cc.stage_of(life, date(2024, 1, 1)).stage is cc.Stage.IN_EFFECT

# 4. Performance: 31 March 2024 is Easter Sunday, so the wage is due before it; it comes late and is cured.
german = BUILT_IN.calendar_for("DE")
ledger = NormLedger(contract=life.id)
march = date(2024, 3, 31)
for of, paid in ((date(2024, 1, 31), "2024-01-31"), (date(2024, 2, 29), "2024-02-29")):
    payment = Performed(at=at(paid), by="bank", norm="wage", on=date.fromisoformat(paid), of=of, amount=wage.amount)
    ledger = record(ledger, payment, life, calendar=german)
warned = BreachNotified(at=at("2024-04-03"), by="lena", norm="wage", on=date(2024, 4, 3), of=march)
paid_late = Performed(at=at("2024-04-05"), by="bank", norm="wage", on=date(2024, 4, 5), of=march, amount=wage.amount)
ledger = record(record(ledger, warned, life, calendar=german), paid_late, life, calendar=german)
easter = norms_of(life, ledger, date(2024, 4, 10), calendar=german).obligations[2]
print(f"wage of {easter.agreed_on}, due on {easter.due_on}: {easter.state.value}, {easter.late_days} days late")
assert (easter.due_on, easter.state.value, easter.late_days) == (date(2024, 3, 28), "cured", 8)
assert easter.breach is not None

# 5. Nobody takes Lena's place: work is owed in person.
refused = ""
try:
    life = cc.advance(life, cc.PartyAssigned(at("2025-01-07"), "hanna", to=cc.AccountId("A-ELSE")))
except cc.TransitionNotAllowed as refusal:
    refused = str(refusal)
print(f"refused: {refused.partition(';')[0]}")
assert "PartyAssigned is not possible in stage in_effect" in refused

# 6. An amendment: 30 hours from October 2028. From 2029 on, the statute's longer notice is put on record too.
fewer = Amendment(
    id=AmendmentId("EMP-1/A1"), title="part time", base_version=0, effective_on=date(2028, 10, 1),
    line_changes=(cc.LineChange(line=cc.LineId("hours"), quantity=Decimal(30)),),
)  # fmt: skip
longer = Amendment(
    id=AmendmentId("EMP-1/A2"), title="five years of service", base_version=1, effective_on=date(2029, 1, 1),
    notice=statutory(2),
)  # fmt: skip
for amendment, day in ((fewer, "2028-09-12"), (longer, "2028-12-20")):
    shown = preview(life, amendment)
    print(f"{amendment.title}: {'; '.join(str(change) for change in shown.changes)}")
    assert shown.acceptable
    life = attrs.evolve(life, amendments=(*life.amendments, amendment))
    accepted = cc.AmendmentAccepted(
        at(day), "hanna", amendment=amendment.id, base_version=amendment.base_version,
        effective_on=amendment.effective_on,
    )  # fmt: skip
    life = cc.advance(life, accepted)
assert cc.as_amended(life, date(2028, 9, 30)).lines[0].quantity == Decimal(40)
assert cc.as_amended(life, date(2028, 10, 1)).lines[0].quantity == Decimal(30)

# 7. Notice by law: what the last day is for the end of a month, before and after five years.
for as_of, last_day, ends_on in (
    (date(2028, 3, 1), date(2028, 3, 31), date(2028, 4, 30)),
    (date(2029, 3, 1), date(2029, 3, 31), date(2029, 5, 31)),
):
    deadline = cc.next_notice_deadline(life, as_of, BUILT_IN)
    assert isinstance(deadline, cc.Deadline)
    print(f"asked on {as_of}: notice by {deadline.last_day} ends it on {deadline.ends_on}")
    for step in deadline.steps:
        print(f"  {step.day or 'by law'!s:<10}  {step.what}")
    assert (deadline.last_day, deadline.ends_on) == (last_day, ends_on)

# 8. Lena's letter of 12 April 2029 arrives on the 16th; she works until the end of June.
letter = cc.NonRenewalNotified(
    at("2029-04-16"), "hanna", side=OTHER, served_on=date(2029, 4, 12), received_on=date(2029, 4, 16)
)
life = cc.advance(life, letter)
her_last_day = cc.last_day_in_force(life, date(2029, 4, 16), BUILT_IN)
print(f"her last day is {her_last_day}")
assert her_last_day == date(2029, 6, 30)
assert cc.stage_of(life, date(2029, 6, 30)).stage is cc.Stage.IN_EFFECT
ended = cc.stage_of(life, date(2029, 7, 1))
print(f"on 2029-07-01: {ended}")
life = cc.advance(life, e.Archived(at("2029-07-09"), "records"))
print(f"at last: {cc.stage_of(life, date(2029, 7, 9))}")
assert cc.stage_of(life, date(2029, 7, 9)).stage is cc.Stage.ARCHIVED
