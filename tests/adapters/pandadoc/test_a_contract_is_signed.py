"""The main job of signing, end to end: an approved contract goes out, is signed by two, and its events come back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from docusign_desk import DOCUMENT
from pandadoc_desk import Room

import clmcrm as cc
from clmcrm.clm import events as e
from clmcrm.clm.contract import Signatory
from clmcrm.clm.documents import Document
from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import Recipient
from clmcrm.clm.signature_certificate import CompletionCertificate, completion_certificate
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_sending import request_signature, sent_for_signature
from clmcrm.ports.records import Result
from clmcrm.values.ids import DocumentId

ANN = Recipient(name="Ann Own", email="ann@own.example", side=Party.OWN, signatory="Ann", order=0)
BEN = Recipient(name="Ben Other", email="ben@other.example", side=Party.COUNTERPARTY, signatory="Ben", order=1)


def approved() -> cc.Contract:
    life = cc.Contract(
        id=cc.ContractId("C-8"), title="maintenance", kind=cc.ContractKind.SALES, counterparty=cc.AccountId("A-1"),
        effective_on=date(2026, 7, 1),
        signatories=(Signatory(side=Party.OWN, name="Ann"), Signatory(side=Party.COUNTERPARTY, name="Ben")),
        documents=(Document(id=DocumentId("D-1"), name="contract.pdf", sha256=sha256(DOCUMENT).hexdigest()),),
    )  # fmt: skip
    at = datetime(2025, 12, 1, tzinfo=UTC)
    for event in (e.Requested(at, "eve"), e.SubmittedForApproval(at, "eve"), e.Approved(at, "legal")):
        life = cc.advance(life, event)
    return life


def test_an_approved_contract_is_sent_signed_and_recorded_and_a_second_run_does_nothing() -> None:
    room = Room()
    run, esign = room.run, room.esign
    life = approved()
    asked = request_signature(life, "signature:C-8:1", DocumentId("D-1"), (ANN, BEN))
    key = run(esign.send(asked, DOCUMENT)).key
    life = cc.advance(life, sent_for_signature(asked, room.clock(), "eve"))

    cursor: str | None = None
    for person in (ANN, BEN):
        room.clock.advance(timedelta(hours=5))
        room.fake.sign(key, person.email)
        room.settle()
        told, cursor = room.drained(cursor)
        assert told == [key]
        facts = run(esign.facts(key))
        for event in signature_events(life, asked, facts, recorded_at=room.clock(), by="pandadoc"):
            life = cc.advance(life, event)

    assert [(event.signer, event.signed_on) for event in life.events if isinstance(event, e.Signed)] == [
        ("Ann", date(2026, 1, 1)),
        ("Ben", date(2026, 1, 1)),
    ]
    assert cc.stage_of(life, date(2026, 1, 2)).stage == cc.Stage.SIGNED
    files = run(esign.files(key))
    assert files is not None
    facts = run(esign.facts(key))
    proof = completion_certificate(asked, facts, system=esign.system, key=key, signed_sha256=files.sha256)
    assert isinstance(proof, CompletionCertificate)
    assert [(act.email, act.ip) for act in proof.acts] == [
        ("ann@own.example", "203.0.113.7"),
        ("ben@other.example", "203.0.113.7"),
    ]

    # A second run, after a restart: nothing is sent, nothing is told, nothing follows.
    writes = sum(not path.startswith("GET") for path in room.asked)
    assert run(room.another().send(asked, DOCUMENT)).result is Result.BOUND
    assert room.drained(cursor)[0] == []
    assert signature_events(life, asked, run(esign.facts(key)), recorded_at=room.clock(), by="pandadoc") == ()
    assert sum(not path.startswith("GET") for path in room.asked) == writes
    assert len(room.fake.documents) == 1
    assert room.front.refused == []
