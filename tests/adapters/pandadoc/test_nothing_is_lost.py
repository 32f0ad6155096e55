"""Every field that PandaDoc's description declares, and every field of a request of ours, has a place in the tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import evolve
from docusign_desk import ANN, BEN, DOCUMENT, SPECS, asked, needs_descriptions
from losing import shown_whole
from pandadoc_desk import SPEC, Room

from clmcrm.adapters.pandadoc.definition import OWN_ID
from clmcrm.adapters.pandadoc.losses import ASKED_OF, ENTRY, RECIPIENT, REQUEST, loss_table
from clmcrm.adapters.pandadoc.losses import DOCUMENT as TOLD
from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import Recipient, RecipientRole, SignatureRequest
from clmcrm.ports.records import Result
from clmcrm.values.ids import ContractId, DocumentId

KEY = "A" * 22
PAGE = Path(__file__).parents[3] / "docs" / "howto" / "connect_pandadoc.md"


def description() -> Any:
    return json.loads((SPECS / SPEC).read_text(encoding="utf-8"))


def described(*names: str) -> Iterator[Any]:
    schemas = description()["components"]["schemas"]
    for name in names:
        waiting = [schemas[name]]
        while waiting:
            one = waiting.pop()
            if "$ref" in one:
                one = schemas[one["$ref"].rpartition("/")[2]]
            yield from one.get("properties", {})
            waiting += one.get("allOf", [])


@needs_descriptions
@pytest.mark.parametrize(
    ("schemas", "table"),
    [
        (("DocumentDetailsResponse",), TOLD),
        (("DocumentDetailsRecipient", "DocumentDetailsRecipientGroup"), RECIPIENT),
    ],
    ids=["document", "recipient"],
)
def test_every_field_of_the_description_has_its_place(schemas: tuple[str, ...], table: dict[str, str]) -> None:
    declared = set(described(*schemas))
    for name in declared - set(table):  # a later description declares more
        assert_shown_whole(name, whole=table is TOLD)
    if description()["info"]["version"] == "8.8.0":  # of which the tables were made
        assert set(table) - declared == set()


def assert_shown_whole(name: str, *, whole: bool) -> None:
    recipient = {"email": "ann@example.org", **({} if whole else {name: "kept"})}
    document = {"id": KEY, "recipients": [recipient], **({name: "kept"} if whole else {})}
    assert shown_whole(Room().esign.document(KEY), document) == document


@pytest.mark.parametrize("whole", [True, False], ids=["document", "recipient"])
def test_what_no_table_knows_is_shown_as_pandadoc_has_it(whole: bool) -> None:
    assert_shown_whole("declared_next_year", whole=whole)


@needs_descriptions
def test_every_field_of_a_trails_entry_has_its_place() -> None:
    told = description()["paths"]["/public/v2/documents/{document_id}/audit-trail"]["get"]["responses"]["200"][
        "content"
    ]
    text = json.dumps(told["application/json"])
    assert set(ENTRY) == {"id", "user", "action", "reason", "date_created", "ip_address"}
    assert all(f'"{name}"' in text for name in ENTRY)


@pytest.mark.parametrize(
    ("cls", "table"), [(SignatureRequest, REQUEST), (Recipient, ASKED_OF)], ids=["request", "recipient"]
)
def test_every_field_of_ours_has_its_place(cls: Any, table: dict[str, str]) -> None:
    assert {part.name for part in attrs.fields(cls)} == set(table)


def test_the_page_holds_the_table() -> None:
    assert loss_table() in PAGE.read_text(encoding="utf-8")


def test_what_is_kept_as_shown_is_shown_as_pandadoc_has_it() -> None:
    room = Room()
    key = room.sent()
    assert room.run(room.esign.document(key)) == room.fake.documents[key].details
    assert set(room.fake.documents[key].details) == set(TOLD)


def test_a_request_is_read_back_from_what_pandadoc_holds() -> None:
    room = Room()
    people = (
        evolve(ANN, name="Zoé Łukasz Durand"), BEN, evolve(BEN, email="copy@example.org", role=RecipientRole.COPY),
    )  # fmt: skip
    request = asked("signature:C-1:é", *people, expires_at=room.clock() + timedelta(days=9), remind_after=4,
                    document=DocumentId("D-9"))  # fmt: skip
    shown = room.fake.documents[room.sent(request)]
    held = shown.details
    assert (held["metadata"][OWN_ID], held["name"], shown.content) == (request.id, request.document, DOCUMENT)
    assert [f"{one['first_name']} {one['last_name']}".strip() for one in held["recipients"]] == [p.name for p in people]
    assert [one["email"] for one in held["recipients"]] == [person.email for person in people]
    assert [one["signing_order"] for one in held["recipients"]] == [1, 2, None]
    assert shown.ends is not None
    assert request.expires_at is not None
    assert timedelta(days=-1) < shown.ends - request.expires_at < timedelta(hours=1)
    assert shown.reminders["initial_delay_days"] == request.remind_after


OTHERS: dict[str, Any] = {
    "contract": ContractId("C-2"), "document": DocumentId("D-2"), "recipients": (BEN,), "remind_after": 5,
    "remind_every": 6,
}  # fmt: skip
OTHER_PEOPLE: dict[str, Any] = {
    "name": "Anna", "email": "anna@example.org", "side": Party.COUNTERPARTY, "id": "1", "signatory": "A. Own",
    "order": 3,
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_another_value_of_any_field_is_another_request(name: str) -> None:
    room = Room()
    _ = room.sent()
    other = evolve(asked(), **{name: OTHERS[name]})
    assert room.run(room.another().send(other, DOCUMENT)).result is Result.REUSED


@pytest.mark.parametrize("name", OTHER_PEOPLE)
def test_another_value_of_any_field_of_a_recipient_is_another_request(name: str) -> None:
    room = Room()
    _ = room.sent()
    other = asked("R-1", evolve(ANN, **{name: OTHER_PEOPLE[name]}), BEN)
    assert room.run(room.another().send(other, DOCUMENT)).result is Result.REUSED


def test_nothing_is_written_to_a_document_once_it_is_sent_but_its_status() -> None:
    room = Room()
    key = room.sent()
    room.asked.clear()
    for flow in (room.esign.facts(key), room.esign.touched(None), room.esign.send(asked(), DOCUMENT)):
        _ = room.run(flow)
    assert room.run(room.esign.cancel(key, "because")).result is Result.DONE
    writes = [path for path in room.asked if not path.startswith("GET")]
    assert writes == [f"PATCH /public/v1/documents/{key}/status"]
