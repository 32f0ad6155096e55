"""PandaDoc: HMAC-SHA256 over the raw body, in hexadecimal, in the query of the address.

Source: developers.pandadoc.com, "How to verify webhook authenticity". The signature is not secret, but it lands
in access logs together with nothing else of use; no time is signed beside the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.webhooks.keys import Key, hmac_sha256, matching, some_keys
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import (
    Unread,
    body_id,
    derived_id,
    instant_of,
    items_of,
    json_of,
    key_of,
    part,
    word_of,
)
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told, unreadable

SCHEME: Final = "pandadoc"
_OBJECTS: Final = {"template": "template", "quote": "quote", "content": "content_library_item"}


@frozen(kw_only=True)
class PandaDoc:
    """Messages of PandaDoc; `keys` are the shared keys of the webhook subscription."""

    keys: tuple[Key, ...] = field(validator=some_keys)

    @property
    def name(self) -> str:
        """The scheme's name."""
        return SCHEME

    @property
    def reply(self) -> Reply:
        """Any 2xx, within 20 seconds."""
        return ACCEPTED

    def verify(self, message: Message, now: datetime) -> Verified:
        """What is known of the message; raises `WebhookRefused`."""
        signature = message.query("signature")
        if not signature:
            raise refused(SCHEME, Reason.UNSIGNED, "there is no signature in the query")

        def expected(key: Key) -> list[str]:
            return [hmac_sha256(key.secret, message.body).hex()]

        key_name = matching(self.keys, now, SCHEME, [signature], expected)
        whole = body_id(message.body)
        try:
            events = tuple(_events(json_of(message.body)))
        except Unread as why:
            return unreadable(SCHEME, key_name, whole, str(why), body=True, time=False)
        return told(SCHEME, key_name, events, events[0].id if len(events) == 1 else whole, body=True, time=False)


def _events(body: Any) -> Iterator[Event]:  # noqa: ANN401 - any JSON value
    items = items_of(body)
    if not items:
        raise Unread("there are no events")
    for item in items:
        kind = word_of(part(item, "event"), "a notification names no event")
        modified = part(item, "data", "date_modified")
        key = key_of(part(item, "data", "id"))
        status, acted = part(item, "data", "status"), part(item, "data", "action_date")
        yield Event(
            id=derived_id(kind, key, status, modified, acted),
            kind=kind,
            object=_OBJECTS.get(kind.partition("_")[0], "document"),
            key=key,
            occurred_at=instant_of(modified),
            gone=kind == "document_deleted",
        )
