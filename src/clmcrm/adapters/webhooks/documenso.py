"""Documenso: the shared secret itself in a header, and nothing signed.

Source: docs.documenso.com, "Webhook verification". Whoever sees one message can send any other. So it is taken
for a ping: something changed, look for yourself. What the body says is not read at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import field, frozen

from clmcrm.adapters.webhooks.keys import Key, matching, some_keys
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import body_id
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told

SCHEME: Final = "documenso"


@frozen(kw_only=True)
class Documenso:
    """Messages of Documenso; `keys` are the secrets of the webhook. An empty secret is no key here."""

    keys: tuple[Key, ...] = field(validator=some_keys)

    @property
    def name(self) -> str:
        """The scheme's name."""
        return SCHEME

    @property
    def reply(self) -> Reply:
        """Any 2xx will do."""
        return ACCEPTED

    def verify(self, message: Message, now: datetime) -> Verified:
        """What is known of the message; raises `WebhookRefused`."""
        secret = message.header("x-documenso-secret")
        if not secret:
            raise refused(SCHEME, Reason.UNSIGNED, "there is no header x-documenso-secret, or it is empty")
        key_name = matching(self.keys, now, SCHEME, [secret], lambda key: [key.secret.decode("utf-8", "replace")])
        event = Event(id=body_id(message.body), kind="ping", object="document")
        return told(SCHEME, key_name, (event,), event.id, body=False, time=False)
