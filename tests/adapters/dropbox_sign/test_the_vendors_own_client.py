"""Dropbox Sign's own Python client drives our Dropbox Sign, so that our fake is what its client understands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from docusign_desk import DOCUMENT, MovableClock

from clmcrm.testing.vendors.dropbox_sign import KEY, FakeDropboxSign
from clmcrm.testing.vendors.serving import serving

dropbox_sign: Any = pytest.importorskip("dropbox_sign", reason="dropbox-sign is in the group vendors")


class Room:
    def __init__(self, origin: str, fake: FakeDropboxSign, clock: MovableClock) -> None:
        self.fake, self.clock = fake, clock
        settings = dropbox_sign.Configuration(username=KEY, host=f"{origin}/v3")
        self.requests = dropbox_sign.apis.SignatureRequestApi(dropbox_sign.ApiClient(settings))

    def made(self) -> Any:
        models = dropbox_sign.models
        signers = [
            models.SubSignatureRequestSigner(name=name, email_address=f"{name.lower()}@example.org", order=order)
            for order, name in enumerate(("Ann", "Ben"))
        ]
        asked = models.SignatureRequestSendRequest(
            title="C-1", subject="Please sign", signers=signers, files=[DOCUMENT], metadata={"deal": "D7"},
            test_mode=True,
        )  # fmt: skip
        return self.requests.signature_request_send(asked).signature_request


@pytest.fixture
def room() -> Iterator[Room]:
    clock = MovableClock()
    fake = FakeDropboxSign(clock)
    # Not judged: the client sends fields that are newer than the description.
    with serving(fake) as origin:
        yield Room(origin, fake, clock)


def test_the_client_sends_follows_and_fetches_a_request(room: Room) -> None:
    made = room.made()
    key = made.signature_request_id
    assert [one.status_code for one in made.signatures] == ["awaiting_signature", "awaiting_signature"]
    room.clock.advance(timedelta(minutes=1))
    listed = room.requests.signature_request_list(query="metadata:D7", page_size=20)
    assert [one.signature_request_id for one in listed.signature_requests] == [key]
    assert listed.list_info.num_results == 1
    for person in ("ann@example.org", "ben@example.org"):
        room.fake.sign(key, person)
    done = room.requests.signature_request_get(key).signature_request
    assert (done.is_complete, [one.status_code for one in done.signatures]) == (True, ["signed", "signed"])
    files = room.requests.signature_request_files(key, file_type="pdf")
    assert files.read().startswith(b"%PDF-1.7\n% signed")


def test_the_client_reads_its_errors(room: Room) -> None:
    with pytest.raises(dropbox_sign.ApiException) as missing:
        _ = room.requests.signature_request_get("a" * 40)
    assert (missing.value.status, missing.value.data.error.error_name) == (404, "not_found")
    key = room.made().signature_request_id
    with pytest.raises(dropbox_sign.ApiException) as early:
        _ = room.requests.signature_request_files(key, file_type="pdf")
    assert early.value.status == 409
