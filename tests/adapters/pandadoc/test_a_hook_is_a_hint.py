"""A verified message of PandaDoc's webhook names a document whose facts are then read, and is believed no further."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from docusign_desk import ANN, asked
from pandadoc_desk import Room

from clmcrm.adapters.webhooks.keys import Key
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.pandadoc import PandaDoc
from clmcrm.clm.signature import RecipientState
from clmcrm.clm.signature_standing import signature_standing
from clmcrm.errors import WebhookRefused

SECRET = "the shared key"  # noqa: S105 - a key of this test alone
NOW = datetime(2026, 1, 2, tzinfo=UTC)
SCHEME = PandaDoc(keys=(Key("spring", SECRET),))


def posted(value: Any, secret: str = SECRET) -> Message:
    body = json.dumps(value).encode()
    signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return Message(method="POST", url=f"/hooks/pandadoc?signature={signature}", headers={}, body=body)


def test_what_a_message_says_is_read_again_and_not_believed() -> None:
    room = Room()
    key = room.sent()
    room.fake.sign(key, ANN.email)
    lie = {**room.fake.documents[key].row, "status": "document.completed"}
    (event,) = SCHEME.verify(posted([{"event": "document_state_changed", "data": lie}]), NOW).events
    assert (event.object, event.key) == ("document", key)
    assert event.key is not None
    standing = signature_standing(asked(), room.run(room.esign.facts(event.key)))
    assert [place.state for place in standing.places] == [RecipientState.COMPLETED, RecipientState.SENT]
    assert not standing.complete


def test_a_message_with_another_key_names_nothing() -> None:
    message = posted([{"event": "document_deleted", "data": {"id": "d"}}], "another key")
    with pytest.raises(WebhookRefused):
        _ = SCHEME.verify(message, NOW)
