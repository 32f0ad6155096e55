"""From a contract to a request and back: what may go out, which events follow, and the evidence that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta, timezone

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing import ANN, BEN, PRINT, awaiting, fact, hours, request, whole

from clmcrm.clm.contract import Contract, Signatory
from clmcrm.clm.documents import Document
from clmcrm.clm.events import Redrafted, SignatureDeclined, SignatureWithdrawn, Signed, Undone
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.signature import (
    Authentication,
    Recipient,
    RecipientFact,
    RecipientRole,
    RecipientState,
    RequestState,
    SignatureFact,
    SignatureLevel,
    SignatureRequest,
)
from clmcrm.clm.signature_certificate import CompletionCertificate, completion_certificate
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_sending import request_signature, sent_for_signature, signing_problems
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ContractId, DocumentId
from clmcrm.values.partial import Unknown
from making import contract

R, W = RecipientState, RequestState
LATER = hours(100)
BOTH = (fact(ANN, R.COMPLETED, 1), fact(BEN, R.COMPLETED, 2))


def follow(life: Contract, facts: Sequence[SignatureFact], asked: SignatureRequest | None = None) -> Contract:
    for event in signature_events(life, asked or request(), facts, recorded_at=LATER, by="esign"):
        life = advance(life, event)
    return life


def stage(life: Contract) -> str:
    return stage_of(life, LATER.date()).stage.value


def test_a_request_is_bound_to_the_fingerprint_of_the_contracts_document() -> None:
    made = request_signature(awaiting(), "R-9", DocumentId("D-1"), (ANN, BEN), approved_sha256=PRINT)
    assert (made.sha256, made.contract, made.document) == (PRINT, "C-1", "D-1")


def test_a_request_that_does_not_fit_is_refused_with_everything_wrong_in_one_go() -> None:
    with pytest.raises(InvalidRecord) as refused:
        _ = request_signature(
            awaiting(), "R-9", DocumentId("D-1"), (ANN,), approved_sha256="cd" * 32, least_level=SignatureLevel.ADVANCED
        )
    said = str(refused.value)
    for part in ("signs as Ben", "counterparty", "was approved", "too low for Ann"):
        assert part in said


@pytest.mark.parametrize("documents", [(), (Document(id=DocumentId("D-1"), name="draft.docx"),)])
def test_a_document_without_a_fingerprint_cannot_go_out(documents: tuple[Document, ...]) -> None:
    with pytest.raises(InvalidRecord, match="with a fingerprint: none"):
        _ = request_signature(contract(documents=documents), "R-9", DocumentId("D-1"), (ANN, BEN))


def test_a_signatory_counts_only_on_its_own_side_and_only_when_required() -> None:
    wrong_side = Recipient(name="Ben", email="b@x.example", side=Party.OWN)
    optional = Recipient(name="Ben", email="c@x.example", side=Party.COUNTERPARTY, required=False)
    for other in (wrong_side, optional):
        problems = signing_problems(awaiting(), request(ANN, other))
        assert any(problem.value == "Ben" and "must sign" in problem.what for problem in problems)
    deputy = Recipient(name="Cat", email="c@x.example", side=Party.COUNTERPARTY, signatory="Ben")
    assert signing_problems(awaiting(), request(ANN, deputy)) == ()


def test_a_signer_nobody_named_and_another_contract_are_found() -> None:
    cat = Recipient(name="Cat", email="c@x.example", side=Party.OWN)
    (found,) = signing_problems(awaiting(), request(ANN, BEN, cat))
    assert (found.value, found.severity.value) == ("Cat", "warning")
    other = request(contract=ContractId("C-2"))
    assert "another contract" in str(signing_problems(awaiting(), other)[0])


def test_each_signature_becomes_an_event_once_with_the_day_in_its_own_zone() -> None:
    late_at_night = fact(ANN, R.COMPLETED, 14.5)  # 23:30 in UTC on 4 May, 5 May in Paris
    paris = fact(BEN, R.COMPLETED, 14.5)
    facts = [late_at_night, type(paris)(email=BEN.email, state=R.COMPLETED, at=paris.at.astimezone(
        timezone(timedelta(hours=2))))]  # fmt: skip
    life = follow(awaiting(), facts)
    signed = [event for event in life.events if isinstance(event, Signed)]
    assert [(e.signer, str(e.signed_on), e.at) for e in signed] == [
        ("Ann", "2026-05-04", LATER),
        ("Ben", "2026-05-05", LATER),
    ]
    assert stage(life) == "signed"
    assert signature_events(life, request(), facts, recorded_at=LATER, by="esign") == ()


def test_the_signature_that_concludes_waits_for_the_approver() -> None:
    vet = Recipient(name="Vet", email="v@x.example", side=Party.OWN, role=RecipientRole.APPROVER, order=2)
    asked = request(ANN, BEN, vet)
    half = follow(awaiting(asked), list(BOTH), asked)
    assert stage(half) == "awaiting_signature"
    refused = follow(half, [*BOTH, fact(vet, R.DECLINED, 3, reason="wrong annex")], asked)
    assert stage(refused) == "signature_declined"
    assert refused.events[-1].note == "declined by Vet: wrong annex"
    assert stage(follow(half, [*BOTH, fact(vet, R.COMPLETED, 3)], asked)) == "signed"


def test_an_end_before_completion_withdraws_and_one_after_it_changes_nothing() -> None:
    ended = follow(awaiting(), [BOTH[0], whole(W.EXPIRED, 3)])
    assert isinstance(ended.events[-1], SignatureWithdrawn)
    assert ended.events[-1].note == "expired: no reason given"
    assert stage(follow(awaiting(), [*BOTH, whole(W.VOIDED, 3)])) == "signed"


def test_facts_of_an_earlier_sending_lead_to_no_event() -> None:
    first = request()
    again = request(id="R-2")
    life = follow(awaiting(first), [whole(W.VOIDED, 1)], first)
    life = advance(life, sent_for_signature(again, LATER, "eve"))
    assert signature_events(life, first, [whole(W.VOIDED, 1), *BOTH], recorded_at=LATER, by="esign") == ()
    assert stage(follow(life, list(BOTH), again)) == "signed"
    elsewhere = request(contract=ContractId("C-2"))
    assert signature_events(life, elsewhere, BOTH, recorded_at=LATER, by="esign") == ()
    assert signature_events(contract(), first, BOTH, recorded_at=LATER, by="esign") == ()


def test_a_signature_taken_back_as_a_mistake_follows_again() -> None:
    once = follow(awaiting(), [BOTH[0]])
    undone = advance(once, Undone(LATER, "eve"))
    assert len(signature_events(undone, request(), [BOTH[0]], recorded_at=LATER, by="esign")) == 1


def test_a_level_stated_too_low_is_no_signature_and_a_lost_message_has_no_day() -> None:
    asked = request(level=SignatureLevel.QUALIFIED)
    low = fact(ANN, R.COMPLETED, 1, level=SignatureLevel.SIMPLE)
    assert signature_events(awaiting(asked), asked, [low], recorded_at=LATER, by="esign") == ()
    inferred = follow(awaiting(), [whole(W.COMPLETED, 3)])
    assert [e.signed_on for e in inferred.events if isinstance(e, Signed)] == [None, None]


def test_a_signature_is_of_the_day_it_was_placed_not_of_the_day_it_was_concluded() -> None:
    placed = [fact(ANN, R.SIGNED, 1), fact(BEN, R.SIGNED, 2)]
    for concluded in ([fact(ANN, R.COMPLETED, 60), fact(BEN, R.COMPLETED, 60)], [whole(W.COMPLETED, 60)]):
        life = follow(awaiting(), [*placed, *concluded])
        signed = [(event.signer, str(event.signed_on)) for event in life.events if isinstance(event, Signed)]
        assert signed == [("Ann", "2026-05-04"), ("Ben", "2026-05-04")]
        found = completion_certificate(request(), [*placed, *concluded], system="acme", key="E-77")
        assert isinstance(found, CompletionCertificate)
        assert ([act.acted_at for act in found.acts], found.completed_at) == ([hours(1), hours(2)], hours(60))


@pytest.mark.parametrize(
    "refusal",
    [
        [fact(ANN, R.DECLINED, 1), fact(ANN, R.DECLINED, 2, reason="too dear")],
        [fact(ANN, R.DECLINED, 1), whole(W.DECLINED, 1, reason="too dear")],
    ],
)
def test_the_reason_of_a_refusal_is_kept_whichever_fact_gives_it(refusal: list[SignatureFact]) -> None:
    assert follow(awaiting(), refusal).events[-1].note == "declined by Ann: too dear"


def test_events_follow_alike_whatever_zone_the_log_and_the_facts_are_written_in() -> None:
    east = timezone(timedelta(hours=12))
    life = awaiting()
    sent = attrs.evolve(life.events[-1], at=hours(6).astimezone(east))  # 3:00 on 5 May there, still 4 May in UTC
    life = attrs.evolve(life, events=(*life.events[:-1], sent))
    (signed,) = signature_events(life, request(), [fact(ANN, R.COMPLETED, 7)], recorded_at=hours(8), by="esign")
    assert isinstance(signed, Signed)
    vet = Recipient(name="Vet", email="v@x.example", side=Party.OWN, role=RecipientRole.APPROVER, order=2)
    asked = request(ANN, BEN, vet)
    tomorrow = RecipientFact(email=BEN.email, state=R.COMPLETED, at=hours(4).astimezone(east))
    early = signature_events(awaiting(asked), asked, [BOTH[0], tomorrow], recorded_at=hours(5), by="esign")
    assert [event.signer for event in early if isinstance(event, Signed)] == ["Ann"]


def test_facts_cannot_be_recorded_before_what_is_on_record() -> None:
    with pytest.raises(InvalidRecord, match="the contract's last event, or later"):
        _ = signature_events(awaiting(), request(), BOTH, recorded_at=hours(-1), by="esign")


def test_a_delegates_name_stands_in_the_note() -> None:
    handed = [fact(BEN, R.DELEGATED, 1, delegate="cat@x.example"), fact("cat@x.example", R.COMPLETED, 2, name="Cat")]
    life = follow(awaiting(), [BOTH[0], *handed])
    assert [(e.signer, e.note) for e in life.events if isinstance(e, Signed)] == [("Ann", ""), ("Ben", "signed by Cat")]


def test_a_declined_request_is_declined_once_and_a_redraft_ends_the_story() -> None:
    declined = [fact(ANN, R.DECLINED, 1)]
    life = follow(follow(awaiting(), declined), declined)
    assert sum(isinstance(event, SignatureDeclined) for event in life.events) == 1
    redrafted = advance(life, Redrafted(LATER, "eve"))
    assert follow(redrafted, [*declined, *BOTH]) == redrafted


@given(st.permutations([*BOTH, whole(W.COMPLETED, 3), fact(ANN, R.VIEWED, 0.5)]), st.integers(0, 4))
def test_events_follow_alike_whether_facts_arrive_at_once_or_one_by_one(order: list[SignatureFact], cut: int) -> None:
    at_once = follow(awaiting(), order)
    one_by_one = follow(follow(awaiting(), order[:cut]), order)
    assert stage(at_once) == stage(one_by_one) == "signed"
    assert {event.signer for event in one_by_one.events if isinstance(event, Signed)} == {"Ann", "Ben"}
    assert len(at_once.events) == len(one_by_one.events)


def test_the_certificate_holds_what_was_stated_and_names_what_was_not() -> None:
    facts = [
        fact(ANN, R.SENT, 0),
        fact(ANN, R.VIEWED, 0.5),
        fact(ANN, R.COMPLETED, 1, ip="192.0.2.7", level=SignatureLevel.ADVANCED,
             authenticated_by=Authentication.SMS_CODE),
        fact(BEN, R.COMPLETED, 2),
    ]  # fmt: skip
    found = completion_certificate(request(), [*facts, facts[0]], system="acme", key="E-77", signed_sha256="cd" * 32)
    assert isinstance(found, CompletionCertificate)
    ann = found.acts[0]
    assert (ann.ip, ann.level, ann.viewed_at, ann.acted_at) == (
        "192.0.2.7", SignatureLevel.ADVANCED, hours(0.5), hours(1),
    )  # fmt: skip
    assert found.completed_at == hours(2)
    assert found.history == tuple(facts)
    assert found.missing == ("Ben: sent_at", "Ben: viewed_at", "Ben: level", "Ben: authenticated_by", "Ben: ip")


def test_there_is_no_certificate_of_what_is_not_complete() -> None:
    found = completion_certificate(request(), [BOTH[0]], system="acme", key="E-77")
    assert isinstance(found, Unknown)
    assert found.reason.endswith("not completed by: Ben")


def test_contracts_without_named_signatories_need_one_signature_for_each_side() -> None:
    life = awaiting()
    nameless = Contract(
        id=life.id, title=life.title, kind=life.kind, counterparty=life.counterparty, events=life.events,
        effective_on=life.effective_on,
    )  # fmt: skip
    assert stage(follow(nameless, list(BOTH))) == "signed"
    assert Signatory(side=Party.OWN, name="Ann").required
