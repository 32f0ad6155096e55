"""Standard Webhooks: id, time and body signed together, by HMAC-SHA256 (`v1`) or ed25519 (`v1a`).

Source: the specification in github.com/standard-webhooks/standard-webhooks. Signed is `id.time.body`; the id
holds no full stop, so that the three cannot be told apart in two ways. The header lists several signatures
while a key is being replaced.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final

from attrs import Factory, field, frozen

from clmcrm.adapters.webhooks.asymmetric import Check, canonical_base64, ed25519, unprefixed
from clmcrm.adapters.webhooks.keys import (
    FIVE_MINUTES,
    SHORTEST_SECRET,
    Key,
    Window,
    hmac_sha256,
    in_use,
    keys_in,
    matching,
    named_apart,
)  # fmt: skip
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import Unread, instant_of, json_of, key_of, object_of, part, signed_time, word_of
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told, unreadable
from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import instance, text

SCHEME: Final = "standard-webhooks"
MOST_SIGNATURES: Final = 32
"""Signatures in one header beyond which a message is refused."""


def secret_bytes(key: Key) -> bytes:
    """The bytes a `whsec_` secret stands for; `InvalidRecord` when it is not base64, or shorter than 8 bytes."""
    found = unprefixed(key, "whsec_")
    if len(found) < SHORTEST_SECRET:
        raise InvalidRecord(f"Key {key.name}", "secret", "(hidden)", "whsec_ followed by base64 of 8 bytes or more")
    return found


def signature_v1(key: Key, message_id: str, seconds: int, body: bytes) -> str:
    """The signature of a message in the form of the header: `v1,` and base64.

    >>> key = Key("published", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    >>> signature_v1(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    mac = hmac_sha256(secret_bytes(key), f"{message_id}.{seconds}.".encode(), body)
    return "v1," + base64.b64encode(mac).decode()


def _secrets(keys: tuple[Key, ...]) -> dict[str, bytes]:
    return {key.name: secret_bytes(key) for key in keys_in("StandardWebhooks", "keys", keys)}


def _checks(keys: tuple[Key, ...]) -> dict[str, Check]:
    return {key.name: ed25519(key) for key in keys_in("StandardWebhooks", "public_keys", keys)}


@frozen(kw_only=True)
class StandardWebhooks:
    """Messages after Standard Webhooks.

    `keys` are the `whsec_` secrets, `public_keys` the `whpk_` keys of ed25519 (they need the extra `webhooks`);
    one of either at least. `prefix` is the start of the three header names ("svix" at some senders), in upper
    or lower case.
    """

    keys: tuple[Key, ...] = ()
    public_keys: tuple[Key, ...] = ()
    window: Window = field(default=FIVE_MINUTES, validator=instance(Window))
    prefix: str = field(default="webhook", validator=text)
    secrets: dict[str, bytes] = field(
        init=False, repr=False, eq=False, default=Factory(lambda self: _secrets(self.keys), takes_self=True)
    )
    checks: dict[str, Check] = field(
        init=False, repr=False, eq=False, default=Factory(lambda self: _checks(self.public_keys), takes_self=True)
    )

    def __attrs_post_init__(self) -> None:
        named_apart("StandardWebhooks", "keys", self.keys + self.public_keys)

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
        found, seconds, listed = (self._header(message, part) for part in ("id", "timestamp", "signature"))
        if "." in found:
            raise refused(SCHEME, Reason.MALFORMED, f"{self.prefix}-id holds a full stop")
        signed_at = signed_time(SCHEME, seconds)
        signed = f"{found}.{seconds}.".encode() + message.body
        key_name = self._fitting(listed.split(" "), signed, now)
        self.window.admit(SCHEME, signed_at, now)
        try:
            event = event_of(found, json_of(message.body))
        except Unread as why:
            return unreadable(SCHEME, key_name, found, str(why), body=True, time=True)
        return told(SCHEME, key_name, (event,), found, body=True, time=True)

    def _header(self, message: Message, name: str) -> str:
        value = message.header(f"{self.prefix}-{name}".lower())
        if not value or value.isspace():
            raise refused(SCHEME, Reason.UNSIGNED, f"there is no header {self.prefix}-{name}")
        return value

    def _fitting(self, signatures: list[str], signed: bytes, now: datetime) -> str:
        if len(signatures) > MOST_SIGNATURES or not all(signatures):
            what = f"the signatures are not 1 to {MOST_SIGNATURES} with one space between them"
            raise refused(SCHEME, Reason.MALFORMED, what)
        given = [signature for signature in signatures if signature.startswith("v1,")]
        for key in in_use(self.public_keys, now):
            for signature in signatures:
                raw = canonical_base64(signature.removeprefix("v1a,")) if signature.startswith("v1a,") else None
                if raw is not None and self.checks[key.name](raw, signed):
                    return key.name
        return matching(self.keys, now, SCHEME, given, lambda key: [_v1(self.secrets[key.name], signed)])


def _v1(secret: bytes, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac_sha256(secret, signed)).decode()


def event_of(event_id: str, body: object) -> Event:
    """The event of a body with `type`, `timestamp` and `data`, or of a CloudEvent; raises `Unread`.

    The object is the type up to its first full stop ("contract" of "contract.signed"), the key the `subject`
    of a CloudEvent or the `id` in the data; None when there is neither.
    """
    kind = word_of(part(body, "type"), "there is no type")
    at = instant_of(part(body, "timestamp")) or instant_of(part(body, "time"))
    key = key_of(part(body, "subject")) or key_of(part(body, "data", "id"))
    return Event(id=event_id, kind=kind, object=object_of(kind, "."), key=key, occurred_at=at)
