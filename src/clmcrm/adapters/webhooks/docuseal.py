"""DocuSeal: HMAC-SHA256 over time and body, in hexadecimal, with the time in the same header.

Source: docuseal.com/resources/use-webhooks. `X-Docuseal-Signature: time.signature`, signed is `time.body`. The
secret looks like one of Standard Webhooks (`whsec_`), but is used as the text it is, prefix and all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import field, frozen

from clmcrm.adapters.webhooks.keys import FIVE_MINUTES, Key, Window, hmac_sha256, matching, some_keys
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import (
    Unread,
    body_id,
    derived_id,
    instant_of,
    json_of,
    key_of,
    object_of,
    part,
    signed_time,
    word_of,
)
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told, unreadable
from clmcrm.values.validators import instance

SCHEME: Final = "docuseal"
_OBJECTS: Final = {"form": "submitter", "submission": "submission", "template": "template"}


@frozen(kw_only=True)
class DocuSeal:
    """Messages of DocuSeal; `keys` are the HMAC secrets as they are shown, `whsec_` included."""

    keys: tuple[Key, ...] = field(validator=some_keys)
    window: Window = field(default=FIVE_MINUTES, validator=instance(Window))

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
        header = message.header("x-docuseal-signature")
        if not header:
            raise refused(SCHEME, Reason.UNSIGNED, "there is no header x-docuseal-signature")
        seconds, stop, signature = header.partition(".")
        signed_at = signed_time(SCHEME, seconds)

        def expected(key: Key) -> list[str]:
            return [hmac_sha256(key.secret, f"{seconds}.".encode(), message.body).hex()]

        key_name = matching(self.keys, now, SCHEME, [signature if stop else ""], expected)
        self.window.admit(SCHEME, signed_at, now)
        try:
            event = _event(json_of(message.body))
        except Unread as why:
            return unreadable(SCHEME, key_name, body_id(message.body), str(why), body=True, time=True)
        return told(SCHEME, key_name, (event,), event.id, body=True, time=True)


def _event(body: object) -> Event:
    kind = word_of(part(body, "event_type"), "there is no event_type")
    what = object_of(kind, ".")
    told_at = part(body, "timestamp")
    key = key_of(part(body, "data", "id"))
    return Event(
        id=derived_id(kind, key, told_at), kind=kind, object=_OBJECTS.get(what, what), key=key,
        occurred_at=instant_of(told_at),
    )  # fmt: skip
