"""Ironclad: an RSA signature over event id, body and nonce.

Source: developer.ironcladapp.com, "Webhook verification". `X-Ironclad-Webhook-Event-Id`, and
`X-Ironclad-Webhook-Verification` as JSON with `nonce`, `signAlgorithm`, `signature`, `encoding`. The header names
the algorithm; it is pinned here all the same, since a sender that may choose chooses the weakest. The public key
comes from GET /webhooks/verification-key: keep it, and fetch it once more when a message is refused as forged.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import Factory, field, frozen

from clmcrm.adapters.webhooks.asymmetric import Check, canonical_base64, rsa_sha256
from clmcrm.adapters.webhooks.keys import Key, in_use, keys_in, some_keys
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import Unread, instant_of, json_of, key_of, object_of, part, word_of
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told, unreadable

SCHEME: Final = "ironclad-rsa"
ALGORITHMS: Final = frozenset({"sha256", "SHA256", "RSA-SHA256"})
"""The names under which SHA-256 with RSA is accepted; no other algorithm is."""

_OBJECTS: Final = {"workflow": "workflowID", "record": "recordID", "entity": "entityID", "obligation": "obligationID"}


def _checks(keys: tuple[Key, ...]) -> dict[str, Check]:
    return {key.name: rsa_sha256(key) for key in keys_in("Ironclad", "keys", keys)}


@frozen(kw_only=True)
class Ironclad:
    """Messages of Ironclad; `keys` hold its public key in PEM (they need the extra `webhooks`)."""

    keys: tuple[Key, ...] = field(validator=some_keys)
    checks: dict[str, Check] = field(
        init=False, repr=False, eq=False, default=Factory(lambda self: _checks(self.keys), takes_self=True)
    )

    @property
    def name(self) -> str:
        """The scheme's name."""
        return SCHEME

    @property
    def reply(self) -> Reply:
        """Any 2xx; a 410 would make Ironclad delete the webhook."""
        return ACCEPTED

    def verify(self, message: Message, now: datetime) -> Verified:
        """What is known of the message; raises `WebhookRefused`."""
        event_id, proof = (message.header(f"x-ironclad-webhook-{name}") for name in ("event-id", "verification"))
        if not event_id or not proof:
            raise refused(SCHEME, Reason.UNSIGNED, "the event id or the verification header is not there")
        nonce, signature = _proof(proof)
        _told_apart(event_id, message.body, nonce)
        signed = event_id.encode() + message.body + nonce.encode()
        key_name = ""
        for key in in_use(self.keys, now):
            if self.checks[key.name](signature, signed):
                key_name = key_name or key.name
        if not key_name:
            raise refused(SCHEME, Reason.FORGED, "no key in use gives this signature; fetch the public key once more")
        try:
            event = _event(event_id, json_of(message.body))
        except Unread as why:
            return unreadable(SCHEME, key_name, event_id, str(why), body=True, time=False)
        return told(SCHEME, key_name, (event,), event_id, body=True, time=False)


def _proof(header: str) -> tuple[str, bytes]:
    """Nonce and signature of the verification header, with algorithm and encoding as they are pinned."""
    try:
        found = json_of(header.encode())
    except Unread:
        found = None
    nonce, algorithm, text, encoding = (
        part(found, name) for name in ("nonce", "signAlgorithm", "signature", "encoding")
    )
    if not isinstance(nonce, str) or not isinstance(text, str):
        raise refused(SCHEME, Reason.MALFORMED, "the verification header is no JSON object with nonce and signature")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or encoding != "base64":
        raise refused(SCHEME, Reason.ALGORITHM, "signAlgorithm is not sha256, or encoding is not base64")
    signature = canonical_base64(text)
    if signature is None:
        raise refused(SCHEME, Reason.MALFORMED, "the signature is not base64")
    return nonce, signature


def _told_apart(event_id: str, body: bytes, nonce: str) -> None:
    """Nothing stands between the three signed parts: the body's own brackets must say where it begins and ends."""
    if not body.startswith(b"{") or not body.endswith(b"}") or "{" in event_id or "}" in nonce or not nonce.isascii():
        raise refused(SCHEME, Reason.MALFORMED, "the body is no JSON object, or the id or the nonce holds a bracket")


def _event(event_id: str, body: object) -> Event:
    kind = word_of(part(body, "payload", "event"), "the payload names no event")
    at = instant_of(part(body, "timestamp"))
    for name, field_name in _OBJECTS.items():
        key = key_of(part(body, "payload", field_name))
        if key is not None:
            ended = kind in (f"{name}_deleted", f"{name}_archived")
            return Event(id=event_id, kind=kind, object=name, key=key, occurred_at=at, gone=ended)
    return Event(id=event_id, kind=kind, object=object_of(kind, "_"), occurred_at=at)
