"""PandaDoc's own Python client drives our PandaDoc, so that our fake is what its client understands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from docusign_desk import MovableClock

from clmcrm.testing.vendors.pandadoc.service import KEY, FakePandaDoc
from clmcrm.testing.vendors.serving import serving

pandadoc_client: Any = pytest.importorskip("pandadoc_client", reason="pandadoc-python-client is in the group vendors")


def part(name: str) -> Any:
    """A module of the client."""
    return import_module(f"pandadoc_client.{name}")


def model(name: str) -> Any:
    """A model of the client, each of which has a module of its own."""
    module = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
    return getattr(part(f"model.{module}"), name)


PAGE = "https://example.org/contract.pdf"
PEOPLE = (("Ann", "ann@example.org", "signer1"), ("Ben", "ben@example.org", "signer2"))


class Room:
    def __init__(self, origin: str, fake: FakePandaDoc, clock: MovableClock) -> None:
        self.fake, self.clock = fake, clock
        settings = pandadoc_client.Configuration(host=origin, api_key={"apiKey": f"API-Key {KEY}"})
        client = pandadoc_client.ApiClient(settings)
        self.documents = part("api.documents_api").DocumentsApi(client)
        self.members = part("api.members_api").MembersApi(client)

    def made(self) -> str:
        people = [
            model("DocumentCreateRequestRecipients")(email=email, first_name=name, role=role, signing_order=place)
            for place, (name, email, role) in enumerate(PEOPLE, start=1)
        ]
        asked = model("DocumentCreateRequest")(
            name="C-1", url=PAGE, recipients=people, metadata={"deal": "D7"}, parse_form_fields=False
        )
        made: str = self.documents.create_document(document_create_request=asked).id
        return made


@pytest.fixture
def room() -> Iterator[Room]:
    clock = MovableClock()
    fake = FakePandaDoc(clock)
    fake.pages[PAGE] = b"%PDF-1.7\n{signature:signer1____}{signature:signer2____}\n%%EOF\n"
    # Not judged: the client asks for what newer descriptions name otherwise.
    with serving(fake) as origin:
        yield Room(origin, fake, clock)


def sent(room: Room) -> str:
    key = room.made()
    room.clock.advance(timedelta(seconds=5))
    assert room.documents.status_document(key).status == "document.draft"
    told = room.documents.send_document(
        key, document_send_request=model("DocumentSendRequest")(subject="Please sign", silent=True)
    )
    assert told.status == "document.sent"
    room.clock.advance(timedelta(minutes=1))
    return key


def test_the_client_sends_follows_and_fetches_a_document(room: Room) -> None:
    key = sent(room)
    listed = room.documents.list_documents(metadata=["metadata_deal=D7"], count=20, order_by="date_modified")
    assert [one.id for one in listed.results] == [key]
    assert room.documents.list_documents(metadata=["metadata_deal=D8"]).results == []
    for _, person, _ in PEOPLE:
        room.fake.sign(key, person)
    # Unchecked: the client takes no null for an address to go to, which the description allows.
    done = room.documents.details_document(key, _check_return_type=False)
    assert (done.status, [one["has_completed"] for one in done.recipients]) == ("document.completed", [True, True])
    assert done.metadata["deal"] == "D7"
    with room.documents.download_protected_document(key) as file:
        assert file.read().startswith(b"%PDF-1.7\n% signed")


def test_the_client_is_told_that_a_document_is_still_being_made(room: Room) -> None:
    key = room.made()
    with pytest.raises(pandadoc_client.ApiException) as early:
        _ = room.documents.status_document(key)
    assert early.value.status == 404
    room.clock.advance(timedelta(seconds=2))
    assert room.documents.status_document(key).status == "document.uploaded"
    with pytest.raises(pandadoc_client.ApiException) as early:
        _ = room.documents.details_document(key)
    assert early.value.status == 409


def test_the_client_voids_a_document_and_reads_its_errors(room: Room) -> None:
    key = sent(room)
    body = model("DocumentStatusChangeRequest")(status=model("DocumentStatusRequestEnum")(11), note="wrong price")
    room.documents.change_document_status(key, document_status_change_request=body)
    assert room.documents.status_document(key).status == "document.voided"
    with pytest.raises(pandadoc_client.ApiException) as twice:
        room.documents.change_document_status(key, document_status_change_request=body)
    assert twice.value.status == 409
    with pytest.raises(pandadoc_client.ApiException) as missing:
        _ = room.documents.status_document("a" * 22)
    assert (missing.value.status, "Not found" in str(missing.value.body)) == (404, True)


def test_the_client_links_a_document_to_a_deal_once_and_deletes_it(room: Room) -> None:
    key = sent(room)
    asked = model("LinkedObjectCreateRequest")(provider="hubspot", entity_type="deal", entity_id="42")
    linked = room.documents.create_linked_object(key, linked_object_create_request=asked)
    assert (linked.provider, linked.entity_id) == ("hubspot", "42")
    with pytest.raises(pandadoc_client.ApiException) as twice:
        _ = room.documents.create_linked_object(key, linked_object_create_request=asked)
    assert twice.value.status == 400
    room.documents.delete_document(key)
    room.clock.advance(timedelta(minutes=1))
    assert room.documents.list_documents(metadata=["metadata_deal=D7"]).results == []
    deleted = room.documents.list_documents(deleted=True, id=key)
    assert [one.id for one in deleted.results] == [key]


def test_the_client_is_told_who_it_is(room: Room) -> None:
    assert room.members.details_current_member().email == "sync@example.org"
