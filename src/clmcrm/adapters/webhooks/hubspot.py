"""HubSpot, signature version 3: HMAC-SHA256 over method, URI, body and time, in base64.

Source: developers.hubspot.com, "Validating requests". The signatures of versions 1 and 2 are still sent beside it;
they sign no time, and a message with only those is refused. HubSpot signs the address it called: behind a proxy
that is not the address seen here, so `target` names it, and no forwarding header is believed.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import attrs
from attrs import field, frozen

from clmcrm.adapters.webhooks.keys import FIVE_MINUTES, Key, Window, hmac_sha256, matching, some_keys
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import (
    derived_id,
    instant_of,
    items_of,
    key_of,
    object_of,
    part,
    signed_time,
    word_of,
)
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told_of_each
from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import instance, text

SCHEME: Final = "hubspot-v3"
_OLDER: Final = ("x-hubspot-signature", "x-hubspot-signature-version")
_DECODED: Final = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
_ENDS_ADDRESS: Final = frozenset("?# \t\r\n")
_PATH_OPENS_BODY: Final = frozenset('[]{}" ')


def _whole_address(inst: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if not value.startswith(("https://", "http://")) or not _ENDS_ADDRESS.isdisjoint(value) or not value.isascii():
        expected = "the whole address as HubSpot has it, https://host/path without a query"
        raise InvalidRecord(type(inst).__name__, attribute.name, value.partition("?")[0], expected)


@frozen(kw_only=True)
class HubSpot:
    """Messages of a HubSpot app.

    `keys` are client secrets of the app. `target` is the address as it stands in the app's settings, without a
    query: "https://crm.example/hooks/hubspot". Raises `InvalidRecord` for another form, under which no message of
    HubSpot's would ever be believed.
    """

    keys: tuple[Key, ...] = field(validator=some_keys)
    target: str = field(validator=[text, _whole_address])
    window: Window = field(default=FIVE_MINUTES, validator=instance(Window))

    @property
    def name(self) -> str:
        """The scheme's name."""
        return SCHEME

    @property
    def reply(self) -> Reply:
        """Any 2xx within five seconds."""
        return ACCEPTED

    def verify(self, message: Message, now: datetime) -> Verified:
        """What is known of the message; raises `WebhookRefused`."""
        signature, millis = self._signature(message)
        signed_at = signed_time(SCHEME, millis, milliseconds=True)
        uri = self.target + (f"?{message.query_text}" if message.query_text else "")
        _told_apart(uri, message.body)
        given = [signature]

        def expected(key: Key) -> list[str]:
            return [_signed(key.secret, message.method, way, message.body, millis) for way in _spellings(uri)]

        key_name = matching(self.keys, now, SCHEME, given, expected)
        self.window.admit(SCHEME, signed_at, now)
        return told_of_each(SCHEME, key_name, message.body, _events, time=True)

    def _signature(self, message: Message) -> tuple[str, str]:
        signature = message.header("x-hubspot-signature-v3")
        if not signature and any(message.all_of(name) for name in _OLDER):
            raise refused(SCHEME, Reason.DOWNGRADE, "only a signature of version 1 or 2 is there; expected version 3")
        millis = message.header("x-hubspot-request-timestamp")
        if not signature or not millis:
            raise refused(SCHEME, Reason.UNSIGNED, "the signature of version 3 or its time is not there")
        return signature, millis


def _told_apart(uri: str, body: bytes) -> None:
    """Nothing stands between URI, body and time: their first and last bracket must say where each ends."""
    if not body.startswith((b"[", b"{")) or not body.endswith((b"]", b"}")):
        raise refused(SCHEME, Reason.MALFORMED, "the body is no JSON array or object")
    if not _PATH_OPENS_BODY.isdisjoint(uri) or not uri.isascii():
        raise refused(SCHEME, Reason.MALFORMED, "the query holds a bracket, a quote or a space that is not encoded")


def _spellings(uri: str) -> list[str]:
    """The URI as received, and with the twelve characters decoded that HubSpot decodes before it signs."""
    decoded = _DECODED.sub(lambda found: chr(int(found.group(1), 16)), uri)
    return [uri] if decoded == uri else [uri, decoded]


def _signed(secret: bytes, method: str, uri: str, body: bytes, millis: str) -> str:
    return base64.b64encode(hmac_sha256(secret, method.encode(), uri.encode(), body, millis.encode())).decode()


def _events(item: Any) -> Iterator[Event]:  # noqa: ANN401 - any JSON value
    """One event, or for a merge one for each record that went and one for the record that stays."""
    kind = word_of(part(item, "subscriptionType"), "an event has no subscriptionType")
    what, deed = object_of(kind, "."), kind.partition(".")[2]
    if what == "object":  # the generic subscriptions name the type by number: "0-3" is a deal
        what = key_of(part(item, "objectTypeId")) or what
    at = instant_of(part(item, "occurredAt"))
    key = key_of(part(item, "objectId")) or key_of(part(item, "fromObjectId"))
    # HubSpot does not promise that eventId is unique; with these beside it it is.
    own = (part(item, "portalId"), part(item, "eventId"), part(item, "subscriptionId"), kind, key, at)
    if deed == "merge":
        stays = key_of(part(item, "newObjectId")) or key_of(part(item, "primaryObjectId")) or key
        lost = part(item, "mergedObjectIds")
        for each in items_of(lost):
            gone = key_of(each)
            if gone is not None and gone != stays:
                yield Event(
                    id=derived_id(*own, gone), kind=kind, object=what, key=gone, occurred_at=at, merged_into=stays
                )
        key = stays
    ended = deed in ("deletion", "privacyDeletion")
    yield Event(id=derived_id(*own), kind=kind, object=what, key=key, occurred_at=at, gone=ended)
