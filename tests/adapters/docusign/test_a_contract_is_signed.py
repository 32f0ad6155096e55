"""The main job of signing, end to end: an approved contract goes out, is signed by two, and its events come back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from docusign_desk import DOCUMENT, ORIGIN, MovableClock, desk_of, judged

import clmcrm as cc
from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.clm import events as e
from clmcrm.clm.contract import Signatory
from clmcrm.clm.documents import Document
from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import Recipient
from clmcrm.clm.signature_certificate import CompletionCertificate, completion_certificate
from clmcrm.clm.signature_events import signature_events
from clmcrm.clm.signature_sending import request_signature, sent_for_signature
from clmcrm.drivers.driver import Driver
from clmcrm.ports.records import Result
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.values.ids import DocumentId

ANN = Recipient(name="Ann", email="ann@own.example", side=Party.OWN, order=0)
BEN = Recipient(name="Ben", email="ben@other.example", side=Party.COUNTERPARTY, order=1)


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
    clock = MovableClock()
    fake = FakeDocuSign(clock)
    front = judged(fake)
    run = Driver(InProcess(front, ORIGIN), desk_of(clock), sleep=lambda _: None).run
    esign = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT))
    life = approved()
    asked = request_signature(life, "signature:C-8:1", DocumentId("D-1"), (ANN, BEN))
    key = run(esign.send(asked, DOCUMENT)).key
    life = cc.advance(life, sent_for_signature(asked, clock(), "eve"))

    cursor = None
    for person in (ANN, BEN):
        clock.advance(timedelta(hours=5))
        fake.sign(key, person.email)
        clock.advance(timedelta(minutes=2))
        more = True
        while more:
            touched = run(esign.touched(cursor))
            cursor, more = touched.cursor, touched.more
            for _ in touched.keys:
                facts = run(esign.facts(key))
                for event in signature_events(life, asked, facts, recorded_at=clock(), by="docusign"):
                    life = cc.advance(life, event)

    assert [(event.signer, event.signed_on) for event in life.events if isinstance(event, e.Signed)] == [
        ("Ann", date(2026, 1, 1)),
        ("Ben", date(2026, 1, 1)),
    ]
    assert cc.stage_of(life, date(2026, 1, 2)).stage == cc.Stage.SIGNED
    files = run(esign.files(key))
    assert files is not None
    proof = completion_certificate(
        asked, run(esign.facts(key)), system=esign.system, key=key, signed_sha256=files.sha256
    )
    assert isinstance(proof, CompletionCertificate)
    assert [act.ip for act in proof.acts] == ["192.0.2.7", "192.0.2.7"]

    # A second run: nothing is sent, nothing is told, nothing follows.
    assert run(esign.send(asked, DOCUMENT)).result is Result.BOUND
    assert len(fake.envelopes) == 1
    while True:
        again = run(esign.touched(cursor))
        assert again.keys == ()
        cursor = again.cursor
        if not again.more:
            break
    assert signature_events(life, asked, run(esign.facts(key)), recorded_at=clock(), by="docusign") == ()
    assert front.refused == []
