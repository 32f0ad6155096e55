"""A document that goes back to draft loses its signatures and keeps its trail: what was cleared is not signed.

Source: PandaDoc/pandadoc-openapi-specification 8.8.0, move document to draft.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from docusign_desk import ANN, BEN, DOCUMENT, asked
from pandadoc_desk import Room

from clmcrm.clm.signature import RecipientFact, RecipientState, RequestState
from clmcrm.clm.signature_findings import SignatureIssue, signature_findings
from clmcrm.clm.signature_standing import SignatureStanding, signature_standing
from clmcrm.values.partial import Unknown


def standing(room: Room, key: str) -> SignatureStanding:
    return signature_standing(asked(), room.run(room.another().facts(key)))


def taken_up_after_ann(room: Room) -> str:
    key = room.sent()
    room.fake.sign(key, ANN.email)
    room.settle()
    room.fake.documents[key].take_up()
    room.settle()
    return key


def test_who_signed_what_was_taken_up_again_has_to_sign_anew() -> None:
    room = Room()
    key = taken_up_after_ann(room)
    document = room.fake.documents[key]
    document.send({})
    room.settle()
    document.recipients[0]["signing_order"], document.recipients[1]["signing_order"] = 2, 1  # Ben is first now
    room.fake.sign(key, BEN.email)
    room.settle()
    told = standing(room, key)
    assert told.state is RequestState.SENT
    assert {place.recipient.email: place.state for place in told.places} == {
        ANN.email: RecipientState.VIEWED, BEN.email: RecipientState.COMPLETED,
    }  # fmt: skip
    (cleared,) = (fact for fact in told.unread if isinstance(fact, RecipientFact))
    assert (cleared.email, cleared.raw) == (ANN.email, "audit: 9 completed")
    assert SignatureIssue.UNKNOWN_WORD in {finding.issue for finding in signature_findings(told)}
    room.fake.sign(key, ANN.email)
    room.settle()
    assert standing(room, key).complete


def test_nobody_has_signed_a_draft() -> None:
    room = Room()
    assert not any(place.state is RecipientState.COMPLETED for place in standing(room, taken_up_after_ann(room)).places)


def test_a_second_signature_is_dated_by_itself() -> None:
    room = Room()
    key = taken_up_after_ann(room)
    room.fake.documents[key].send({})
    room.clock.advance(timedelta(days=3))
    room.fake.sign(key, ANN.email)
    room.settle()
    place = standing(room, key).places[0]
    assert place.state is RecipientState.COMPLETED
    assert place.since is not None
    assert room.clock() - place.since < timedelta(days=1)


def test_the_signature_of_who_is_no_recipient_any_more_is_none() -> None:
    room = Room()
    key = taken_up_after_ann(room)
    document = room.fake.documents[key]
    document.recipients[0] |= {"email": "zoe@example.org", "first_name": "Zoe"}
    document.send({})
    room.fake.sign(key, "zoe@example.org")
    room.settle()
    assert standing(room, key).places[0].state is not RecipientState.COMPLETED


@pytest.mark.parametrize(("first", "second"), list(product([False, True], repeat=2)))
def test_the_level_and_the_address_of_a_cleared_act_are_not_those_of_the_new_one(first: bool, second: bool) -> None:
    room = Room()
    key = room.sent()
    document = room.fake.documents[key]
    document.sign(ANN.email, qualified=first)
    document.take_up()
    document.send({})
    room.clock.advance(timedelta(days=1))
    document.sign(ANN.email, qualified=second)
    room.settle()
    place = standing(room, key).places[0]
    assert (place.level is not None) is second
    assert sum(isinstance(getattr(fact, "state", None), Unknown) for fact in standing(room, key).unread) == 1


def test_an_untouched_document_has_nothing_unread() -> None:
    room = Room()
    key = room.run(room.esign.send(asked(), DOCUMENT)).key
    for person in (ANN, BEN):
        room.settle()
        room.fake.sign(key, person.email)
    room.settle()
    told = standing(room, key)
    assert told.complete
    assert told.unread == ()
    assert all(place.ip for place in told.places)
