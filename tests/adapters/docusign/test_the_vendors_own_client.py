"""DocuSign's own Python client drives our DocuSign, so that what we test against is what its client understands."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from docusign_desk import DOCUMENT, MovableClock, asked, desk_of, judged

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.adapters.docusign_wire import VENDOR
from clmcrm.adapters.transports import HttpTransport
from clmcrm.drivers.driver import Driver
from clmcrm.testing.vendors.docusign.service import ACCOUNT, TOKEN, FakeDocuSign
from clmcrm.testing.vendors.serving import Judged, serving

docusign: Any = pytest.importorskip("docusign_esign", reason="docusign-esign is in the group vendors")


class Room:
    def __init__(self, origin: str, fake: FakeDocuSign, clock: MovableClock, front: Judged) -> None:
        self.origin, self.fake, self.clock, self.front = origin, fake, clock, front
        client = docusign.ApiClient()
        client.host = f"{origin}/restapi"
        client.set_default_header("Authorization", f"Bearer {TOKEN}")
        self.envelopes = docusign.EnvelopesApi(client)
        self.templates = docusign.TemplatesApi(client)

    def settle(self) -> None:
        self.clock.advance(timedelta(minutes=1))

    def made(self) -> Any:
        document = docusign.Document(
            document_base64=base64.b64encode(DOCUMENT).decode(), name="C-1", file_extension="pdf", document_id="1"
        )
        ann = docusign.Signer(email="ann@example.org", name="Ann", recipient_id="1", routing_order="1")
        ben = docusign.Signer(email="ben@example.org", name="Ben", recipient_id="2", routing_order="2")
        field = docusign.TextCustomField(name="deal", value="D-7", show="true", required="false")
        definition = docusign.EnvelopeDefinition(
            email_subject="Please sign", documents=[document], status="sent", transaction_id="tx-1",
            recipients=docusign.Recipients(signers=[ann, ben]),
            custom_fields=docusign.CustomFields(text_custom_fields=[field]),
        )  # fmt: skip
        return self.envelopes.create_envelope(ACCOUNT, envelope_definition=definition)


@pytest.fixture
def room() -> Iterator[Room]:
    clock = MovableClock()
    fake = FakeDocuSign(clock)
    front = judged(fake)
    with serving(front) as origin:
        yield Room(origin, fake, clock, front)
    assert front.refused == []


def test_the_client_sends_follows_and_fetches_an_envelope(room: Room) -> None:
    made = room.made()
    key = made.envelope_id
    assert made.status == "sent"
    room.settle()
    listed = room.envelopes.list_status_changes(ACCOUNT, from_date="2025-12-01", include="recipients,custom_fields")
    (row,) = listed.envelopes
    assert (row.envelope_id, row.status, row.recipients.signers[1].status) == (key, "sent", "created")
    found = room.envelopes.list_status_changes(ACCOUNT, transaction_ids="tx-1")
    assert [one.envelope_id for one in found.envelope_transaction_statuses] == [key]
    by_field = room.envelopes.list_status_changes(ACCOUNT, from_date="2025-12-01", custom_field="deal=D-7")
    assert (by_field.total_set_size, by_field.envelopes[0].envelope_id) == ("1", key)
    for person in ("ann@example.org", "ben@example.org"):
        room.fake.sign(key, person)
    assert room.envelopes.get_envelope(ACCOUNT, key).status == "completed"
    people = room.envelopes.list_recipients(ACCOUNT, key)
    assert [one.status for one in people.signers] == ["completed", "completed"]
    assert room.envelopes.list_custom_fields(ACCOUNT, key).text_custom_fields[0].value == "D-7"
    trail = room.envelopes.list_audit_events(ACCOUNT, key).audit_events
    actions = [field.value for event in trail for field in event.event_fields if field.name == "Action"]
    assert actions.count("Signed") == 2
    assert room.envelopes.get_document(ACCOUNT, "combined", key).startswith(b"%PDF-1.7\n% signed")


def test_the_client_voids_an_envelope_and_reads_docusigns_errors(room: Room) -> None:
    key = room.made().envelope_id
    voided = docusign.Envelope(status="voided", voided_reason="wrong price")
    assert room.envelopes.update(ACCOUNT, key, envelope=voided).envelope_id == key
    assert room.envelopes.get_envelope(ACCOUNT, key).voided_reason == "wrong price"
    with pytest.raises(docusign.client.api_exception.ApiException) as refused:
        _ = room.envelopes.update(ACCOUNT, key, envelope=voided)
    assert refused.value.status == 400
    assert b"ENVELOPE_CANNOT_VOID_INVALID_STATE" in refused.value.body
    with pytest.raises(docusign.client.api_exception.ApiException) as missing:
        _ = room.envelopes.get_envelope(ACCOUNT, "5c9f7a1e-0000-4000-8000-00000000ffff")
    assert missing.value.status == 404


def test_the_client_lists_templates(room: Room) -> None:
    (template,) = room.templates.list_templates(ACCOUNT).envelope_templates
    assert template.name == "Framework agreement"


def test_the_client_and_the_adapter_see_the_same_envelope(room: Room) -> None:
    with HttpTransport({VENDOR: room.origin}) as transport:
        driver = Driver(transport, desk_of(room.clock), sleep=sleep)
        esign = DocuSignEsign(DocuSignSession(room.origin, ACCOUNT))
        outcome = driver.run(esign.send(asked(), DOCUMENT))
        seen = room.envelopes.get_envelope(ACCOUNT, outcome.key, include="recipients,custom_fields")
        assert [one.email for one in seen.recipients.signers] == ["ann@example.org", "ben@example.org"]
        assert seen.custom_fields.text_custom_fields[0].value == "R-1"
        made = room.made()
        room.settle()
        facts = driver.run(esign.facts(made.envelope_id))
        assert {fact.raw for fact in facts} >= {"created", "sent"}
        assert driver.run(esign.touched(None)).keys == (outcome.key,)  # the client's own is somebody else's
