"""A vendor that repeats what it was given, in its own words: the secret stands in no error."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import pytest

from clmcrm.adapters.dataverse import tokens as dataverse
from clmcrm.adapters.docusign.grant import JwtGrant, RefreshGrant
from clmcrm.adapters.dropbox_sign.wire import DropboxSignSession
from clmcrm.adapters.hubspot import oauth as hubspot
from clmcrm.adapters.ironclad import oauth as ironclad
from clmcrm.adapters.pandadoc.wire import PandaDocSession
from clmcrm.adapters.pipedrive import oauth as pipedrive
from clmcrm.adapters.salesforce import tokens as salesforce
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import MemoryTokenShelf, Token
from clmcrm.errors import AdapterError
from clmcrm.ports.calls import Call, Flow, Reply

KEY, REFRESH = Secret("canary-of-the-key-1"), Secret("canary-of-the-refresh-2")
OLD = Token(access=Secret("none"), refresh=REFRESH)
NOW = datetime(2026, 1, 15, tzinfo=UTC)


def clock() -> datetime:
    return NOW


FLOWS: dict[str, Callable[[], Flow[Any]]] = {
    "pandadoc": lambda: PandaDocSession(KEY).get("v1/documents"),
    "pandadoc bearer": lambda: PandaDocSession(KEY, bearer=True).change("POST", "v1/documents/a/send", {}),
    "dropbox sign": lambda: DropboxSignSession(KEY).get("account"),
    "dropbox sign sending": lambda: DropboxSignSession(KEY).send("signature_request/send", [], {}),
    "docusign": lambda: RefreshGrant(client="app", secret=KEY, clock=clock).renew(OLD),
    "salesforce app": lambda: salesforce.client_credentials(
        "https://login.example", client_id="app", client_secret=KEY, instance="https://acme.example"
    ).renew(OLD),
    "salesforce refresh": lambda: salesforce.refresh_token(
        "https://login.example", client_id="app", refresh=REFRESH, instance="https://acme.example", client_secret=KEY
    ).renew(OLD),
    "dataverse": lambda: dataverse.client_credentials(
        "https://acme.example", tenant="acme", client_id="app", client_secret=KEY
    ).renew(OLD),
    "hubspot": lambda: hubspot.authority(
        MemoryTokenShelf(OLD), client_id="app", client_secret=KEY, clock=clock
    ).renew(OLD),
    "pipedrive": lambda: pipedrive.authority(
        MemoryTokenShelf(OLD), client_id="app", client_secret=KEY, clock=clock
    ).renew(OLD),
    "ironclad": lambda: ironclad.authority(
        client_id="app", client_secret=KEY, scopes=["public.records"], clock=clock
    ).renew(OLD),
}  # fmt: skip


def told(flow: Flow[Any], status: int, body: Callable[[str], object]) -> str:
    """What the error says when the vendor repeats the whole call."""
    call = next(flow)
    assert isinstance(call, Call)
    body_sent = unquote_plus((call.body or b"").decode())
    repeated = f"{KEY.reveal()} {dict(call.headers)} {body_sent}"
    # PandaDoc's and Dropbox Sign's own exceptions tell what their callers treat.
    with pytest.raises(Exception, match=r"\*\*\*") as refused:
        flow.send(Reply(status=status, body=json.dumps(body(repeated)).encode()))
    return str(refused.value)


BODIES: dict[str, Callable[[str], object]] = {
    "oauth": lambda said: {"error": "invalid_client", "error_description": said, "message": said},
    "pandadoc": lambda said: {"type": "authentication_error", "detail": said},
    "pandadoc 2": lambda said: {"code": "authentication_error", "details": [said]},
    "dropbox sign": lambda said: {"error": {"error_name": "unauthorized", "error_msg": said}},
    "ironclad": lambda said: {"error": "invalid_client", "message": said},
}  # fmt: skip


@pytest.mark.parametrize("status", [400, 401, 404, 409, 423])
@pytest.mark.parametrize(
    ("who", "body"),
    [(who, who.partition(" ")[0] if "pandadoc" in who else "oauth") for who in FLOWS if "dropbox" not in who]
    + [("pandadoc", "pandadoc 2"), ("dropbox sign", "dropbox sign"), ("dropbox sign sending", "dropbox sign")],
)
def test_what_a_vendor_repeats_of_a_secret_is_hidden(who: str, body: str, status: int) -> None:
    if "dropbox" in who and status == 404:
        pytest.skip("it is told by the error's name alone")
    said = told(FLOWS[who](), status, BODIES[body])
    assert "canary" not in said
    assert not any(base64.b64encode(name + b":canary").decode()[:8] in said for name in (b"app", b""))


def test_an_assertion_of_docusign_is_not_shown_either() -> None:
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    flow = JwtGrant(client="app", user="u", key=Secret(pem), clock=clock).renew(OLD)
    call = next(flow)
    assert isinstance(call, Call)
    assertion = (call.body or b"").decode().partition("assertion=")[2]
    with pytest.raises(AdapterError) as refused:
        flow.send(
            Reply(status=400, body=json.dumps({"error": "invalid_grant", "error_description": assertion}).encode())
        )
    assert assertion[-20:] not in str(refused.value)
