"""DocuSign Connect: HMAC-SHA256 over the raw body, in base64, one header for each key of the account.

Source: developers.docusign.com, "HMAC security". `X-DocuSign-Signature-1` to `-100`, any of which may fit; the
key is used as the text that is shown, not decoded. No time is signed beside the body, but the body holds one.
A configuration whose message is not answered with 2xx holds back all that follows.
"""

from __future__ import annotations

import base64
import re
from datetime import datetime
from typing import Final

from attrs import field, frozen

from clmcrm.adapters.webhooks.keys import Key, hmac_sha256, matching, some_keys
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
    word_of,
)
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told, unreadable

SCHEME: Final = "docusign-connect"
MOST_KEYS: Final = 100
"""Keys that an account may have, and so signatures in a message."""

_DIGEST: Final = "HMACSHA256"
_ENVELOPE: Final = re.compile(rb"<EnvelopeID>([0-9A-Za-z-]{1,64})</EnvelopeID>")
# Each recipient has a Status as well, and theirs come first; the envelope's own stands behind its id.
_STATUS: Final = re.compile(rb"</EnvelopeID>.{0,4096}?<Status>([A-Za-z]{1,32})</Status>", re.DOTALL)
_GENERATED: Final = re.compile(rb"<TimeGenerated>([0-9T:.Z+-]{10,40})</TimeGenerated>")


@frozen(kw_only=True)
class DocuSign:
    """Messages of DocuSign Connect; `keys` are the HMAC keys of the account, exactly as they are shown."""

    keys: tuple[Key, ...] = field(validator=some_keys)

    @property
    def name(self) -> str:
        """The scheme's name."""
        return SCHEME

    @property
    def reply(self) -> Reply:
        """Any 2xx, within 100 seconds."""
        return ACCEPTED

    def verify(self, message: Message, now: datetime) -> Verified:
        """What is known of the message; raises `WebhookRefused`."""
        digest = message.header("x-authorization-digest")
        if digest is not None and digest != _DIGEST:
            raise refused(SCHEME, Reason.ALGORITHM, f"x-authorization-digest is not {_DIGEST}")
        names = (f"x-docusign-signature-{number}" for number in range(1, MOST_KEYS + 1))
        given = [signature for name in names if (signature := message.header(name))]
        if not given:
            raise refused(SCHEME, Reason.UNSIGNED, "there is no header x-docusign-signature-1")

        def expected(key: Key) -> list[str]:
            return [base64.b64encode(hmac_sha256(key.secret, message.body)).decode()]

        key_name = matching(self.keys, now, SCHEME, given, expected)
        try:
            event = _event(message.body)
        except Unread as why:
            return unreadable(SCHEME, key_name, body_id(message.body), str(why), body=True, time=False)
        return told(SCHEME, key_name, (event,), event.id, body=True, time=False)


def _event(body: bytes) -> Event:
    if body.lstrip().startswith(b"<"):
        return _of_xml(body)
    value = json_of(body)
    kind = word_of(part(value, "event"), "there is no event")
    generated = part(value, "generatedDateTime")
    key = key_of(part(value, "data", "envelopeId"))
    recipient = part(value, "data", "recipientId")
    # "envelope-deleted" is no end: the envelope was moved to somebody's bin, and stays readable.
    return Event(
        id=derived_id(kind, key, recipient, generated),
        kind=kind,
        object="envelope" if key is not None else object_of(kind, "-"),
        key=key,
        occurred_at=instant_of(generated),
    )


def _of_xml(body: bytes) -> Event:
    """The event of the older form; three values are looked for and nothing is parsed, so no entity is read."""
    envelope, status, generated = (pattern.search(body) for pattern in (_ENVELOPE, _STATUS, _GENERATED))
    if envelope is None:
        raise Unread("the XML names no EnvelopeID")
    key = envelope.group(1).decode()
    kind = "envelope-" + (status.group(1).decode().lower() if status else "changed")
    at = generated.group(1).decode() if generated else ""
    # TimeGenerated bears no zone in this form: it is part of the id, and no instant.
    return Event(id=derived_id(kind, key, at), kind=kind, object="envelope", key=key, occurred_at=instant_of(at))
