"""Documenso: the shared secret itself in a header, and nothing signed.

Source: docs.documenso.com, "Webhook verification". Whoever sees one message can send any other. So it is taken
for a ping: something changed, look for yourself. What the body says is not read at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import attrs
from attrs import field, frozen

from clmcrm.adapters.webhooks.keys import Key, matching, some_keys
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import body_id
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told
from clmcrm.errors import InvalidRecord

SCHEME: Final = "documenso"
_SPACE, _LAST = 0x20, 0x7E


def _in_a_header(inst: object, attribute: attrs.Attribute[Any], value: tuple[Key, ...]) -> None:
    some_keys(inst, attribute, value)
    for key in value:
        if not all(_SPACE <= byte <= _LAST for byte in key.secret) or key.secret != key.secret.strip():
            expected = "printable ASCII without blanks around it, as a header carries it"
            raise InvalidRecord(f"Key {key.name}", "secret", "(hidden)", expected)


@frozen(kw_only=True)
class Documenso:
    """Messages of Documenso; `keys` are the secrets of the webhook. An empty secret is no key here.

    Raises `InvalidRecord` for a secret that no header carries: every message would be refused.
    """

    keys: tuple[Key, ...] = field(validator=_in_a_header)

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
