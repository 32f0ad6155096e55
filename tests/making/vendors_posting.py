"""Eight senders of webhooks, written apart from the library: HMAC by its definition, RSA by `cryptography`.

Each makes a genuine message from a seed, a time and a secret, and names the headers that decide. Nothing here
imports a signature of the library's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from clmcrm.adapters.webhooks.documenso import Documenso
from clmcrm.adapters.webhooks.docuseal import DocuSeal
from clmcrm.adapters.webhooks.docusign import DocuSign
from clmcrm.adapters.webhooks.dropbox_sign import DropboxSign
from clmcrm.adapters.webhooks.hubspot import HubSpot
from clmcrm.adapters.webhooks.ironclad import Ironclad
from clmcrm.adapters.webhooks.keys import Key
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.pandadoc import PandaDoc
from clmcrm.adapters.webhooks.standard import StandardWebhooks
from clmcrm.adapters.webhooks.verified import Scheme

NOW: Final = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
TARGET: Final = "https://crm.example/hooks/hubspot"


def mac(secret: bytes, signed: bytes) -> bytes:
    """HMAC-SHA256 as RFC 2104 defines it."""
    padded = (hashlib.sha256(secret).digest() if len(secret) > 64 else secret).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + signed).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def secret_of(rng: random.Random) -> str:
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=32))


@cache
def rsa_pair(number: int) -> tuple[Any, str]:
    """A private key and the public one in PEM; made once for each number."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - of the extra webhooks
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - as above

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private, public.decode()


@dataclass(frozen=True)
class Sender:
    """A system that posts. `make(rng, at, secret)` is a genuine message; `deciding` are the headers it stands on.

    `body_signed` and `time_signed` say what its scheme covers; `scheme(keys)` believes it.
    """

    name: str
    make: Callable[[random.Random, datetime, str], Message]
    scheme: Callable[[tuple[Key, ...]], Scheme]
    deciding: tuple[str, ...]
    body_signed: bool = True
    time_signed: bool = True
    secret: Callable[[random.Random], str] = secret_of
    key: Callable[[str], str] = str


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _standard(rng: random.Random, at: datetime, secret: str) -> Message:
    own, seconds = f"msg_{rng.getrandbits(64):016x}", str(int(at.timestamp()))
    body = _compact({"type": "contract.signed", "timestamp": at.isoformat(), "data": {"id": f"C-{rng.randrange(999)}"}})
    signature = b64(mac(base64.b64decode(secret.removeprefix("whsec_")), f"{own}.{seconds}.".encode() + body))
    headers = {"webhook-id": own, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}
    return Message(url="/hooks/any", headers=headers, body=body)


def _hubspot(rng: random.Random, at: datetime, secret: str) -> Message:
    millis = str(int(at.timestamp() * 1000))
    event = {
        "eventId": rng.randrange(10**9), "subscriptionId": 17, "portalId": 5, "appId": 9, "occurredAt": int(millis),
        "subscriptionType": "deal.propertyChange", "attemptNumber": 0, "objectId": rng.randrange(10**9),
        "propertyName": "amount", "propertyValue": "[1,2]", "changeSource": "CRM",
    }  # fmt: skip
    body = _compact([event])
    query = "?tenant=a%2Fb" if rng.random() < 0.5 else ""
    signed = f"POST{TARGET}{query.replace('%2F', '/')}".encode() + body + millis.encode()
    headers = {
        "X-HubSpot-Signature-v3": b64(mac(secret.encode(), signed)),
        "X-HubSpot-Request-Timestamp": millis,
        "X-HubSpot-Signature": hashlib.sha256(secret.encode() + body).hexdigest(),
        "X-HubSpot-Signature-Version": "v1",
    }
    return Message(url="http://10.0.0.7/hooks/hubspot" + query, headers=headers, body=body)


def _docusign(rng: random.Random, at: datetime, secret: str) -> Message:
    envelope = f"{rng.getrandbits(32):08x}-0000-4000-8000-{rng.getrandbits(48):012x}"
    body = _compact(
        {
            "event": "envelope-completed", "apiVersion": "v2.1", "retryCount": 0, "generatedDateTime": at.isoformat(),
            "data": {"accountId": "a", "userId": "u", "envelopeId": envelope},
        }
    )  # fmt: skip
    headers = {
        "X-Authorization-Digest": "HMACSHA256",
        "X-DocuSign-Signature-1": b64(mac(b"the key of somebody else", body)),
        "X-DocuSign-Signature-2": b64(mac(secret.encode(), body)),
    }
    return Message(url="/hooks/docusign", headers=headers, body=body)


def _ironclad(rng: random.Random, at: datetime, secret: str) -> Message:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - of the extra webhooks
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - as above

    own, nonce = f"{rng.getrandbits(96):024x}", f"{rng.getrandbits(64):016x}"
    payload = {"event": "workflow_completed", "templateID": "t", "workflowID": f"{rng.getrandbits(96):024x}"}
    body = _compact({"companyID": "c", "payload": payload, "timestamp": at.isoformat(), "webhookID": "w"})
    private, _ = rsa_pair(int(secret))
    signature = private.sign(own.encode() + body + nonce.encode(), padding.PKCS1v15(), hashes.SHA256())
    proof = {"nonce": nonce, "signAlgorithm": "sha256", "signature": b64(signature), "encoding": "base64"}
    headers = {"X-Ironclad-Webhook-Event-Id": own, "X-Ironclad-Webhook-Verification": json.dumps(proof)}
    return Message(url="/hooks/ironclad", headers=headers, body=body)


def _pandadoc(rng: random.Random, at: datetime, secret: str) -> Message:
    data = {"id": f"{rng.getrandbits(80):020x}", "status": "document.completed", "date_modified": at.isoformat()}
    body = _compact([{"event": "document_state_changed", "data": data}])
    return Message(url=f"/hooks/pandadoc?signature={mac(secret.encode(), body).hex()}", headers={}, body=body)


def _dropbox(rng: random.Random, at: datetime, secret: str) -> Message:
    seconds, kind = str(int(at.timestamp())), "signature_request_signed"
    event = {
        "event": {
            "event_time": seconds, "event_type": kind,
            "event_hash": mac(secret.encode(), (seconds + kind).encode()).hex(),
            "event_metadata": {"related_signature_id": None},
        },
        "signature_request": {"signature_request_id": f"{rng.getrandbits(80):020x}"},
    }  # fmt: skip
    return form_of(json.dumps(event).encode())


def form_of(payload: bytes) -> Message:
    """The JSON as the one part of a multipart form."""
    body = b'--Xx7\r\nContent-Disposition: form-data; name="json"\r\n\r\n' + payload + b"\r\n--Xx7--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=Xx7"}
    return Message(url="/hooks/dropbox", headers=headers, body=body)


def _docuseal(rng: random.Random, at: datetime, secret: str) -> Message:
    seconds = str(int(at.timestamp()))
    body = _compact(
        {"event_type": "submission.completed", "timestamp": at.isoformat(), "data": {"id": rng.randrange(10**6)}}
    )
    signature = mac(secret.encode(), f"{seconds}.".encode() + body).hex()
    return Message(url="/hooks/docuseal", headers={"X-Docuseal-Signature": f"{seconds}.{signature}"}, body=body)


def _documenso(rng: random.Random, at: datetime, secret: str) -> Message:
    payload = {"id": rng.randrange(10**6), "status": "COMPLETED"}
    body = _compact({"event": "DOCUMENT_COMPLETED", "payload": payload, "createdAt": at.isoformat()})
    return Message(url="/hooks/documenso", headers={"X-Documenso-Secret": secret}, body=body)


def _pem(number: str) -> str:
    return rsa_pair(int(number))[1]


SENDERS: Final = (
    Sender(
        "standard-webhooks", _standard, lambda keys: StandardWebhooks(keys=keys),
        ("webhook-signature", "webhook-timestamp", "webhook-id"),
        secret=lambda rng: "whsec_" + b64(rng.randbytes(24)),
    ),
    Sender(
        "hubspot-v3", _hubspot, lambda keys: HubSpot(keys=keys, target=TARGET),
        ("x-hubspot-signature-v3", "x-hubspot-request-timestamp"),
    ),
    Sender(
        "docusign-connect", _docusign, lambda keys: DocuSign(keys=keys), ("x-docusign-signature-2",),
        time_signed=False,
    ),
    Sender(
        "ironclad-rsa", _ironclad, lambda keys: Ironclad(keys=keys),
        ("x-ironclad-webhook-verification", "x-ironclad-webhook-event-id"),
        time_signed=False, secret=lambda rng: str(rng.randrange(3)), key=_pem,
    ),
    Sender("pandadoc", _pandadoc, lambda keys: PandaDoc(keys=keys), (), time_signed=False),
    Sender("dropbox-sign", _dropbox, lambda keys: DropboxSign(keys=keys), (), body_signed=False),
    Sender("docuseal", _docuseal, lambda keys: DocuSeal(keys=keys), ("x-docuseal-signature",)),
    Sender(
        "documenso", _documenso, lambda keys: Documenso(keys=keys), ("x-documenso-secret",),
        body_signed=False, time_signed=False,
    ),
)  # fmt: skip
"""Every system whose messages are believed."""

LONG_AGO: Final = timedelta(days=20)
"""Longer ago than any window or any vendor's retries."""
