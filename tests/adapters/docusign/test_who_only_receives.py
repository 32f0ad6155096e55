"""Who gets a copy, looks at it or passes it on has not signed, though the same address is asked to sign as well."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from docusign_desk import ANN, BEN, DOCUMENT, ORIGIN, MovableClock, asked, desk_of

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.clm.signature import Recipient, RecipientRole, RecipientState, SignatureRequest
from clmcrm.clm.signature_findings import SignatureIssue, signature_findings
from clmcrm.clm.signature_standing import SignatureStanding, signature_standing
from clmcrm.drivers.driver import Driver
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.values.problems import Severity


class Room:
    """An envelope that was sent, and how it stands."""

    def __init__(self, request: SignatureRequest) -> None:
        clock = MovableClock()
        self.fake, self.request = FakeDocuSign(clock, lag=timedelta(0)), request
        self.run = Driver(InProcess(self.fake, ORIGIN), desk_of(clock, calls=10**6), sleep=lambda _: None).run
        self.esign = DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT))
        self.key = self.run(self.esign.send(request, DOCUMENT)).key

    def put(self, group: str, **more: Any) -> None:
        """Somebody, or a template, puts Ben into another list of the envelope, where he is done already."""
        number, at = "00000000-0000-4000-8000-000000000009", "2026-01-01T00:00:05.0000000Z"
        told = {
            "recipientId": "9", "recipientIdGuid": number, "userId": number, "name": BEN.name, "email": BEN.email,
            "routingOrder": "1", "status": "completed", "sentDateTime": at, **more,
        }  # fmt: skip
        self.fake.envelopes[self.key].shown["recipients"].setdefault(group, []).append(told)

    def standing(self) -> SignatureStanding:
        return signature_standing(self.request, self.run(self.esign.facts(self.key)))


def of(standing: SignatureStanding, recipient: Recipient) -> RecipientState:
    return next(place.state for place in standing.places if place.recipient.email == recipient.email)


@pytest.mark.parametrize(
    "group", ["carbonCopies", "certifiedDeliveries", "agents", "editors", "intermediaries", "participants"]
)
@pytest.mark.parametrize("shown", [{}, {"deliveredDateTime": "2026-01-01T00:00:06.0000000Z"}], ids=["sent", "opened"])
@pytest.mark.parametrize("address", [BEN.email, BEN.email.upper()])
def test_a_second_place_of_a_signers_address_is_no_signature(group: str, shown: dict[str, str], address: str) -> None:
    room = Room(asked())
    room.put(group, email=address, **shown)
    room.fake.sign(room.key, ANN.email)
    standing = room.standing()
    assert not standing.complete
    assert of(standing, BEN) in (RecipientState.SENT, RecipientState.VIEWED)
    assert standing.waiting_for == (BEN,)


@pytest.mark.parametrize("group", ["carbonCopies", "certifiedDeliveries"])
def test_who_was_to_sign_and_only_gets_it_now_has_not_signed(group: str) -> None:
    room = Room(asked())
    (ben,) = (one for one in room.fake.envelopes[room.key].people(("signers",)) if one["email"] == BEN.email)
    ben.update(name="Zoe", email="zoe@example.org")  # corrected in DocuSign: Zoe signs, Ben is to know of it
    room.put(group)
    room.fake.sign(room.key, ANN.email)
    assert not room.standing().complete


@pytest.mark.parametrize("own_id", ["", "ben"])
def test_a_signer_who_was_taken_out_of_the_envelope_has_not_signed(own_id: str) -> None:
    room = Room(asked("R-1", ANN, evolve(BEN, id=own_id)))
    signers = room.fake.envelopes[room.key].shown["recipients"]["signers"]
    signers[:] = [one for one in signers if one["email"] != BEN.email]
    room.fake.sign(room.key, ANN.email)
    assert room.fake.envelopes[room.key].shown["status"] == "completed"
    standing = room.standing()
    assert not standing.complete
    assert [(f.issue, f.severity) for f in signature_findings(standing)] == [(SignatureIssue.LEFT_OUT, Severity.ERROR)]


def test_who_signs_in_anothers_stead_was_not_asked_to() -> None:
    """Corrected in DocuSign from Ben to Zoe, without a word that the place was handed on."""
    room = Room(asked())
    (ben,) = (one for one in room.fake.envelopes[room.key].people(("signers",)) if one["email"] == BEN.email)
    ben.update(name="Zoe", email="zoe@example.org")
    for address in (ANN.email, "zoe@example.org"):
        room.fake.sign(room.key, address)
    standing = room.standing()
    assert not standing.complete
    assert SignatureIssue.LEFT_OUT in {found.issue for found in signature_findings(standing)}


@pytest.mark.parametrize(("own_id", "state"), [("", RecipientState.VIEWED), ("view", RecipientState.COMPLETED)])
def test_a_viewer_of_ours_is_told_to_have_looked_at_it(own_id: str, state: RecipientState) -> None:
    viewer = evolve(BEN, id=own_id, email="view@example.org", role=RecipientRole.VIEWER)
    room = Room(asked("R-1", ANN, viewer))
    room.fake.sign(room.key, ANN.email)
    room.fake.view(room.key, viewer.email)
    standing = room.standing()
    assert standing.complete
    assert of(standing, viewer) is state


def test_a_viewer_who_signs_as_well_is_told_apart_by_our_own_ids() -> None:
    signer, viewer = evolve(BEN, id="signs"), evolve(BEN, id="views", role=RecipientRole.VIEWER)
    room = Room(asked("R-1", ANN, signer, viewer))
    (shown,) = room.fake.envelopes[room.key].people(("certifiedDeliveries",))
    shown.update(status="completed", deliveredDateTime="2026-01-01T00:00:06.0000000Z")
    room.fake.sign(room.key, ANN.email)
    places = {place.recipient.id: place.state for place in room.standing().places}
    assert places == {"": RecipientState.COMPLETED, "signs": RecipientState.SENT, "views": RecipientState.COMPLETED}
