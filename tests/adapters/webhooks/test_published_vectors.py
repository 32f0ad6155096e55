"""What vendors published: a secret, a message and the signature that belongs to it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from vendors_posting import b64, form_of

from clmcrm.adapters.webhooks.dropbox_sign import DropboxSign
from clmcrm.adapters.webhooks.hubspot import HubSpot
from clmcrm.adapters.webhooks.keys import Key
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.standard import StandardWebhooks, signature_v1
from clmcrm.errors import WebhookRefused

# standard-webhooks/standard-webhooks: libraries/javascript/src/webhook.test.ts ("sign function works") and
# libraries/go/webhook_asymmetric_test.go (TestAsymmetricWebhookSign); both of 2021-02-25 15:02:10 UTC.
STANDARD_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
STANDARD_AT = datetime(2021, 2, 25, 15, 2, 10, tzinfo=UTC)
STANDARD_BODY = b'{"test": 2432232314}'
STANDARD_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
STANDARD_V1A_SEED = "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
STANDARD_V1A = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="


def standard(signature: str, prefix: str = "webhook") -> Message:
    seconds = str(int(STANDARD_AT.timestamp()))
    headers = {f"{prefix}-id": STANDARD_ID, f"{prefix}-timestamp": seconds, f"{prefix}-signature": signature}
    return Message(headers=headers, body=STANDARD_BODY)


def public_key() -> str:
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519", reason="the extra webhooks")
    seed = base64.b64decode(STANDARD_V1A_SEED)
    return "whpk_" + b64(ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def test_standard_webhooks_v1() -> None:
    assert signature_v1(Key("k", STANDARD_KEY), STANDARD_ID, int(STANDARD_AT.timestamp()), STANDARD_BODY) == STANDARD_V1
    verified = StandardWebhooks(keys=(Key("k", STANDARD_KEY),)).verify(standard(STANDARD_V1), STANDARD_AT)
    assert (verified.event_id, verified.covers_body, verified.covers_time) == (STANDARD_ID, True, True)
    assert verified.unread == "there is no type"


def test_standard_webhooks_v1_without_its_prefix_and_under_other_header_names() -> None:
    scheme = StandardWebhooks(keys=(Key("k", STANDARD_KEY.removeprefix("whsec_")),), prefix="svix")
    assert scheme.verify(standard(STANDARD_V1, "svix"), STANDARD_AT).event_id == STANDARD_ID


def test_standard_webhooks_under_header_names_configured_in_upper_case() -> None:
    scheme = StandardWebhooks(keys=(Key("k", STANDARD_KEY),), prefix="Svix")
    assert scheme.verify(standard(STANDARD_V1, "svix"), STANDARD_AT).event_id == STANDARD_ID


def test_standard_webhooks_v1a_by_ed25519() -> None:
    scheme = StandardWebhooks(public_keys=(Key("public", public_key()),))
    assert scheme.verify(standard(STANDARD_V1A), STANDARD_AT).key_name == "public"


@pytest.mark.parametrize("listed", [f"{STANDARD_V1A} {STANDARD_V1}", f"v1,AAAA {STANDARD_V1}", f"v2,x {STANDARD_V1A}"])
def test_standard_webhooks_takes_the_one_that_fits_of_several(listed: str) -> None:
    scheme = StandardWebhooks(keys=(Key("secret", STANDARD_KEY),), public_keys=(Key("public", public_key()),))
    assert scheme.verify(standard(listed), STANDARD_AT).key_name in ("secret", "public")


def test_an_ed25519_signature_is_not_taken_for_an_hmac_or_the_other_way_round() -> None:
    scheme = StandardWebhooks(keys=(Key("secret", STANDARD_KEY),), public_keys=(Key("public", public_key()),))
    for signature in (STANDARD_V1.replace("v1,", "v1a,"), STANDARD_V1A.replace("v1a,", "v1,")):
        with pytest.raises(WebhookRefused, match="no key in use"):
            _ = scheme.verify(standard(signature), STANDARD_AT)


# HubSpot/hubspot-api-python: tests/spec/utils/test_signature.py (test_get_signature__v3).
HUBSPOT_AT = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=15_000_000)
HUBSPOT_V3 = "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw="


def test_hubspot_v3() -> None:
    scheme = HubSpot(
        keys=(Key("k", "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"),), target="https://www.example.com/webhook_uri"
    )
    headers = {"X-HubSpot-Signature-v3": HUBSPOT_V3, "X-HubSpot-Request-Timestamp": "15000000"}
    message = Message(headers=headers, body=b"{'example_field':'example_value'}")
    verified = scheme.verify(message, HUBSPOT_AT)
    assert (verified.covers_body, verified.covers_time) == (True, True)
    assert verified.unread == "not JSON in UTF-8"  # the published body is no JSON, and still genuine


# hellosign/hellosign-python-sdk and its siblings: examples/EventCallback.
DROPBOX_KEY = "324e3b0840f065eb51f3fd63231d0d33daa35d4ed10d27718839e81737065782"
DROPBOX_EVENT = {
    "event_type": "account_confirmed",
    "event_time": "1669926463",
    "event_hash": "ff8b03439122f9160500c3fb855bdee5a9ccba5fff27d3b258745d8f3074832f",
    "event_metadata": {"reported_for_account_id": "6421d70b9bd45059fa207d03ab8d1b96515b472c"},
}


def test_dropbox_sign() -> None:
    message = form_of(json.dumps({"event": DROPBOX_EVENT}).encode())
    verified = DropboxSign(keys=(Key("k", DROPBOX_KEY),)).verify(message, datetime(2022, 12, 1, 21, tzinfo=UTC))
    assert (verified.kind, verified.covers_body, verified.covers_time) == ("account_confirmed", False, True)
    assert verified.occurred_at == datetime(2022, 12, 1, 20, 27, 43, tzinfo=UTC)


def test_our_signature_is_that_of_the_package_standardwebhooks() -> None:
    package = pytest.importorskip("standardwebhooks.webhooks", reason="standardwebhooks is in the group tests")
    for number in range(50):
        body = json.dumps({"type": "contract.signed", "data": {"id": str(number), "name": "é" * number}}).encode()
        theirs = package.Webhook(STANDARD_KEY).sign(f"msg_{number}", STANDARD_AT, body.decode())
        ours = signature_v1(Key("k", STANDARD_KEY), f"msg_{number}", int(STANDARD_AT.timestamp()), body)
        assert theirs == ours
